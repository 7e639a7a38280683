import type { BotDetail, ScriptFile } from 'gb-protocol';
import { Play, Save } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useClient } from '../app/client-context.tsx';
import { modifierKey } from '../app/keys.ts';
import { navigate } from '../app/router.ts';
import { showToast } from '../app/toasts.tsx';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { Pane } from '../design/pane.tsx';
import { useT } from './words/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import type { LanguageHelp } from './basic-help.ts';
import { BotLog } from './bot-log.tsx';
import { ChannelsMenu } from './channels-menu.tsx';
import { CodeEditor, type EditorHandle } from './code-editor.tsx';
import { FileTabs } from './file-tabs.tsx';
import { Preview } from './preview.tsx';
import { Problems } from './problems.tsx';
import { PublishMenu } from './publish-menu.tsx';
import { useLanguage } from './use-language.ts';

/** One bot: its files left, a running conversation right, problems below. */
export function Workbench({ bot, onChange }: { bot: BotDetail; onChange: (bot: BotDetail) => void }) {
  const t = useT();
  const client = useClient();
  const [files, setFiles] = useState<readonly ScriptFile[]>(bot.files);
  const [fileName, setFileName] = useState(
    bot.files.find(({ name }) => name === 'start.bas')?.name ?? bot.files[0]?.name ?? 'start.bas',
  );
  const [shows, setShows] = useState<'code' | 'preview'>('code');
  const [run, setRun] = useState(1);
  const editor = useRef<EditorHandle>(null);
  const { diagnostics, canRun, ask } = useLanguage(files);
  const isReadOnly = bot.origin === 'package';
  const isDirty = useMemo(() => !sameFiles(files, bot.files), [files, bot.files]);
  const hasErrors = !canRun;
  const text = files.find(({ name }) => name === fileName)?.text ?? '';

  const saving = useTask(async () => {
    if (!isReadOnly && isDirty) onChange(await client.rest.updateBot(bot.id, { files }));
  });
  const restart = useCallback(() => setRun((n) => n + 1), []);
  const save = useCallback(async () => {
    const isSaved = await saving.run();
    if (isSaved) restart();
    return isSaved;
  }, [saving.run, restart]);

  // One came to write. On a phone that would open the keyboard over what one came to read.
  useEffect(() => {
    if (window.matchMedia('(pointer: fine)').matches) editor.current?.focus();
  }, []);

  // Code is not a draft the client keeps: leaving with unsaved code asks first.
  useEffect(() => {
    if (!isDirty) return;
    const onBeforeUnload = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', onBeforeUnload);
    return () => window.removeEventListener('beforeunload', onBeforeUnload);
  }, [isDirty]);

  // Going elsewhere inside the application saves: nothing written is lost by a click.
  const leaving = useRef({ isDirty, files });
  leaving.current = { isDirty: isDirty && !isReadOnly, files };
  useEffect(
    () => () => {
      const { isDirty: isUnsaved, files: unsaved } = leaving.current;
      if (isUnsaved)
        client.rest
          .updateBot(bot.id, { files: unsaved })
          .then(onChange, () => showToast(t('studio.notSaved', { name: bot.name }), { tone: 'danger' }));
    },
    [client, bot.id, bot.name, onChange, t],
  );

  const edit = useCallback(
    (next: string) =>
      setFiles((before) => before.map((file) => (file.name === fileName && file.text !== next ? { ...file, text: next } : file))),
    [fileName],
  );

  const languageHelp = useMemo((): LanguageHelp => {
    // The editor is ahead of what was last drawn.
    const now = (written: string) => files.map((file) => (file.name === fileName ? { ...file, text: written } : file));
    return {
      completions: (written, offset) => ask(now(written), { kind: 'completions', file: fileName, offset }),
      hover: (written, offset) => ask(now(written), { kind: 'hover', file: fileName, offset }),
      format: (written) => ask(now(written), { kind: 'format', file: fileName }),
    };
  }, [files, fileName, ask]);

  const show = (file: string, offset: number): void => {
    setShows('code');
    setFileName(file);
    requestAnimationFrame(() => requestAnimationFrame(() => editor.current?.show(offset)));
  };

  const showLine = (file: string, line: number): void => show(file, offsetOfLine(files, file, line));

  return (
    <Pane
      title={withoutReordering(bot.name)}
      label={t('studio.title', { name: bot.name })}
      subtitle={
        <span role="status">
          @{bot.handle} ·{' '}
          {isReadOnly
            ? t('studio.readOnly')
            : saving.isRunning
              ? t('studio.saving')
              : isDirty
                ? t('studio.unsaved')
                : t('studio.saved')}
        </span>
      }
      onClose={() => navigate({ screen: 'studio', botId: null })}
      takesFocus={false}
      className="workbench"
      actions={
        <div className="workbench-actions">
          <ChannelsMenu bot={bot} onChange={onChange} />
          {isReadOnly ? null : (
            <Button
              size="small"
              icon={<Save size={16} aria-hidden />}
              isDisabled={!isDirty}
              isPending={saving.isRunning}
              onPress={() => void save()}
            >
              {t('common.save')}
            </Button>
          )}
          <PublishMenu bot={bot} hasErrors={hasErrors} onSave={save} onChange={onChange} />
        </div>
      }
    >
      {saving.problem ? <Notice tone="danger">{saving.problem}</Notice> : null}
      <div className="workbench-switch" role="tablist" aria-label={t('rail.studio')}>
        {(['code', 'preview'] as const).map((id) => (
          <button key={id} type="button" role="tab" aria-selected={shows === id} onClick={() => setShows(id)}>
            {t(id === 'code' ? 'studio.tabCode' : 'studio.tabPreview')}
          </button>
        ))}
      </div>
      <div className={`workbench-columns shows-${shows}`}>
        <div className="workbench-code">
          <FileTabs
            files={files}
            current={fileName}
            isReadOnly={isReadOnly}
            onSelect={setFileName}
            onChange={setFiles}
            diagnostics={diagnostics}
          />
          <CodeEditor
            fileName={fileName}
            text={text}
            isReadOnly={isReadOnly}
            diagnostics={diagnostics}
            languageHelp={languageHelp}
            onChange={edit}
            onSave={() => void save()}
            onRun={restart}
            handle={editor}
          />
          <Problems diagnostics={diagnostics} onShow={show} />
          {isReadOnly ? null : <BotLog bot={bot} onShow={showLine} />}
        </div>
        <Preview
          files={files}
          run={run}
          hasErrors={hasErrors}
          onShow={showLine}
          restart={
            <Button
              size="small"
              icon={<Play size={14} aria-hidden />}
              onPress={restart}
              aria-label={`${t('studio.restart')} (${modifierKey}Enter)`}
            >
              {t('studio.restart')}
            </Button>
          }
        />
      </div>
    </Pane>
  );
}

function sameFiles(a: readonly ScriptFile[], b: readonly ScriptFile[]): boolean {
  return a.length === b.length && a.every((file, index) => file.name === b[index]!.name && file.text === b[index]!.text);
}

function offsetOfLine(files: readonly ScriptFile[], name: string, line: number): number {
  const text = files.find((file) => file.name === name)?.text ?? '';
  let at = 0;
  for (let i = 1; i < line; i++) {
    const next = text.indexOf('\n', at);
    if (next < 0) break;
    at = next + 1;
  }
  return at;
}
