import { type BotDetail, limits } from 'gb-protocol';
import { Bug, Play, RotateCcw, Square } from 'lucide-react';
import { type ReactNode, type Ref, useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState } from 'react';
import { useMe } from '../app/client-context.tsx';
import { modifierKey } from '../app/keys.ts';
import { Button, IconButton } from '../design/button.tsx';
import type { LanguageHelp } from './basic-help.ts';
import { BotLog } from './bot-log.tsx';
import { CodeEditor, type EditorHandle } from './code-editor.tsx';
import { DebugPanel, stepKeys } from './debug/debug-panel.tsx';
import { useDebugger } from './debug/use-debugger.ts';
import { FileTabs } from './file-tabs.tsx';
import { Preview } from './preview.tsx';
import { Problems } from './problems.tsx';
import { isSettings, settingsOf, variablesOf } from './settings-file.ts';
import { useBreakpoints } from './use-breakpoints.ts';
import type { Draft } from './use-draft.ts';
import type { useLanguage } from './use-language.ts';
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
  const [fileName, setFileName] = useState(() => firstOf(scripts.map(({ name }) => name)));
  const [shows, setShows] = useState<'code' | 'preview'>('code');
  const [frame, setFrame] = useState(0);
  const [watches, setWatches] = useState<readonly string[]>([]);
  const editor = useRef<EditorHandle>(null);
  const debug = useDebugger();
  const breakpoints = useBreakpoints(debug);
  const { diagnostics, canRun, ask } = language;
  const text = scripts.find(({ name }) => name === fileName)?.text ?? '';
  const { state } = debug;

  // One came to write. On a phone that would open the keyboard over what one came to read.
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

  const show = (file: string, offset: number): void => {
    setShows('code');
    setFileName(file);
    requestAnimationFrame(() => requestAnimationFrame(() => editor.current?.show(offset)));
  };
  const showLine = (file: string, line: number): void =>
    show(file, offsetOfLine(scripts.find(({ name }) => name === file)?.text ?? '', line));
  useImperativeHandle(handle, () => ({ showLine }));

  const startDebug = (): void => {
    const settings = settingsOf(files.find(({ name }) => isSettings(name))?.text ?? '');
    const { name, handle: handleName, role, locale } = me;
    const variables = { ...variablesOf(settings), username: name, handle: handleName, role, locale, channel: 'preview' };
    const entry = entryOf(scripts.map((file) => file.name));
    const stopsAtEntry = [...breakpoints.lines.values()].every((lines) => lines.length === 0);
    debug.start({ kind: 'draft', files: scripts, entry, settings, variables }, stopsAtEntry);
    breakpoints.sendAll();
    setShows('preview');
  };

  const stopDebug = (): void => {
    debug.stop();
    editor.current?.focus();
  };

  // Where the program stands is shown: its file, and the call that runs.
  const top = state?.frames[0];
  const isStanding = state?.phase === 'stopped';
  useEffect(() => {
    setFrame(0);
    if (isStanding && top && scripts.some(({ name }) => name === top.file)) setFileName(top.file);
  }, [top, isStanding, scripts]);
  const looked = state?.frames[frame] ?? top;
  const stoppedLine = looked?.file === fileName ? looked.line : null;

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys of the debugger work wherever the focus is in here
    <div className="code-view" onKeyDown={(event) => stepKeys(debug, event)}>
      <div className="workbench-switch" role="tablist" aria-label={t('studio.tabCode')}>
        {(['code', 'preview'] as const).map((id) => (
          <button key={id} type="button" role="tab" aria-selected={shows === id} onClick={() => setShows(id)}>
            {t(id === 'code' ? 'studio.tabCode' : state ? 'debug.title' : 'studio.tabPreview')}
          </button>
        ))}
      </div>
      <div className={`workbench-columns shows-${shows}`}>
        <div className="workbench-code">
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
            text={text}
            isReadOnly={isReadOnly}
            diagnostics={diagnostics}
            languageHelp={languageHelp}
            breakpoints={breakpoints.in(fileName)}
            stoppedLine={stoppedLine}
            onBreakpoints={breakpoints.change}
            onChange={edit}
            onSave={onSave}
            onRun={state ? startDebug : onRun}
            handle={editor}
          />
          <Problems diagnostics={diagnostics} onShow={show} />
          {isReadOnly ? null : <BotLog bot={bot} onShow={showLine} />}
        </div>
        {state ? (
          <DebugPanel
            title={t('debug.title')}
            control={debug}
            state={state}
            frame={frame}
            onFrame={setFrame}
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
      </div>
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

function offsetOfLine(text: string, line: number): number {
  let at = 0;
  for (let i = 1; i < line; i++) {
    const next = text.indexOf('\n', at);
    if (next < 0) break;
    at = next + 1;
  }
  return at;
}
