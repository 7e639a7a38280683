import { type BotDetail, limits } from 'gb-protocol';
import { Bug, Play, RotateCcw, Square } from 'lucide-react';
import { type ReactNode, type Ref, useCallback, useEffect, useImperativeHandle, useMemo, useState } from 'react';
import { useMe } from '../app/client-context.tsx';
import { modifierKey } from '../app/keys.ts';
import { Button, IconButton } from '../design/button.tsx';
import type { LanguageHelp } from './basic-help.ts';
import { BotLog } from './bot-log.tsx';
import { CodeEditor } from './code-editor.tsx';
import { DebugPanel, stepKeys } from './debug/debug-panel.tsx';
import { useDebugger } from './debug/use-debugger.ts';
import { FileTabs } from './file-tabs.tsx';
import { Preview } from './preview.tsx';
import { Problems } from './problems.tsx';
import { isSettings, settingsOf, variablesOf } from './settings-file.ts';
import { TwoSides } from './two-sides.tsx';
import { useBreakpoints } from './use-breakpoints.ts';
import type { Draft } from './use-draft.ts';
import type { useLanguage } from './use-language.ts';
import { useShownScript } from './use-shown-script.ts';
import { useT } from './words/index.ts';

export interface CodeHandle {
  showLine(file: string, line: number): void;
}

/** The scripts left, the draft running right - as people would have it, or step by step - and what is wrong below. */
export function CodeView({
  bot,
  draft,
  language,
  run,
  onRun,
  onSave,
  handle,
}: {
  bot: BotDetail;
  draft: Draft;
  language: ReturnType<typeof useLanguage>;
  /** A new number starts the preview over. */
  run: number;
  onRun: () => void;
  onSave: () => void;
  handle: Ref<CodeHandle>;
}) {
  const t = useT();
  const me = useMe();
  const { files, setFiles, isReadOnly } = draft;
  const scripts = useMemo(() => files.filter(({ name }) => !isSettings(name)), [files]);
  const [watches, setWatches] = useState<readonly string[]>([]);
  const debug = useDebugger();
  const breakpoints = useBreakpoints(debug);
  const { diagnostics, canRun, ask } = language;
  const { state } = debug;
  const shown = useShownScript(scripts, {
    first: firstOf(scripts.map(({ name }) => name)),
    side: 'code',
    state,
    followed: state?.phase === 'stopped' ? state : null,
  });
  const { fileName, setFileName, editor, showLine } = shown;

  // One came to write. On a phone that would open the keyboard over what one came to read.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it opens
  useEffect(() => {
    if (window.matchMedia('(pointer: fine)').matches) editor.current?.focus();
  }, []);

  const edit = useCallback(
    (next: string) =>
      setFiles((before) => before.map((file) => (file.name === fileName && file.text !== next ? { ...file, text: next } : file))),
    [fileName, setFiles],
  );

  const languageHelp = useMemo((): LanguageHelp => {
    // The editor is ahead of what was last drawn.
    const now = (written: string) => scripts.map((file) => (file.name === fileName ? { ...file, text: written } : file));
    return {
      completions: (written, offset) => ask(now(written), { kind: 'completions', file: fileName, offset }),
      hover: (written, offset) => ask(now(written), { kind: 'hover', file: fileName, offset }),
      format: (written) => ask(now(written), { kind: 'format', file: fileName }),
    };
  }, [scripts, fileName, ask]);

  useImperativeHandle(handle, () => ({ showLine }));

  const startDebug = (): void => {
    const settings = settingsOf(files.find(({ name }) => isSettings(name))?.text ?? '');
    const { name, handle: handleName, role, locale } = me;
    const variables = { ...variablesOf(settings), username: name, handle: handleName, role, locale, channel: 'preview' };
    const entry = entryOf(scripts.map((file) => file.name));
    const stopsAtEntry = [...breakpoints.lines.values()].every((lines) => lines.length === 0);
    debug.start({ kind: 'draft', files: scripts, entry, settings, variables }, stopsAtEntry);
    breakpoints.sendAll();
    shown.setShows('preview');
  };

  const stopDebug = (): void => {
    debug.stop();
    editor.current?.focus();
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys of the debugger work wherever the focus is in here
    <div className="code-view" onKeyDown={(event) => stepKeys(debug, event)}>
      <TwoSides
        label={t('studio.tabCode')}
        running={t(state ? 'debug.title' : 'studio.tabPreview')}
        shows={shown.shows}
        onShows={shown.setShows}
        code={
          <>
            <FileTabs
              files={scripts}
              current={fileName}
              isReadOnly={isReadOnly}
              isFull={files.length >= limits.scriptsPerBotMax}
              onSelect={setFileName}
              onChange={(changed) => setFiles((before) => [...changed, ...before.filter(({ name }) => isSettings(name))])}
              diagnostics={diagnostics}
            />
            <CodeEditor
              fileName={fileName}
              text={shown.text}
              isReadOnly={isReadOnly}
              diagnostics={diagnostics}
              languageHelp={languageHelp}
              breakpoints={breakpoints.in(fileName)}
              stoppedLine={shown.stoppedLine}
              onBreakpoints={breakpoints.change}
              onChange={edit}
              onSave={onSave}
              onRun={state ? startDebug : onRun}
              handle={editor}
            />
            <Problems diagnostics={diagnostics} onShow={shown.show} />
            {isReadOnly ? null : <BotLog bot={bot} onShow={showLine} />}
          </>
        }
      >
        {state ? (
          <DebugPanel
            title={t('debug.title')}
            control={debug}
            state={state}
            frame={shown.frame}
            onFrame={shown.setFrame}
            breakpoints={breakpoints}
            watches={watches}
            onWatches={setWatches}
            onShow={showLine}
            actions={
              <>
                <IconButton size="small" label={t('studio.restart')} shortcut={`${modifierKey}Enter`} onPress={startDebug}>
                  <RotateCcw size={16} aria-hidden />
                </IconButton>
                <IconButton size="small" label={t('debug.stop')} onPress={stopDebug}>
                  <Square size={16} aria-hidden />
                </IconButton>
              </>
            }
          />
        ) : (
          <Preview
            botId={bot.id}
            files={files}
            run={run}
            hasErrors={!canRun}
            onShow={showLine}
            actions={<PreviewActions canDebug={canRun} onDebug={startDebug} onRestart={onRun} />}
          />
        )}
      </TwoSides>
    </div>
  );
}

function PreviewActions({
  canDebug,
  onDebug,
  onRestart,
}: {
  canDebug: boolean;
  onDebug: () => void;
  onRestart: () => void;
}): ReactNode {
  const t = useT();
  return (
    <>
      <Button size="small" tone="quiet" icon={<Bug size={14} aria-hidden />} isDisabled={!canDebug} onPress={onDebug}>
        {t('debug.start')}
      </Button>
      <Button
        size="small"
        icon={<Play size={14} aria-hidden />}
        onPress={onRestart}
        aria-label={`${t('studio.restart')} (${modifierKey}Enter)`}
      >
        {t('studio.restart')}
      </Button>
    </>
  );
}

const entryOf = (names: readonly string[]): string => names.find((name) => name.toLowerCase() === 'start.bas') ?? names[0] ?? '';

const firstOf = (names: readonly string[]): string => entryOf(names) || 'start.bas';
