import type { BotDetail, ScriptFile } from 'gb-protocol';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useClient } from '../app/client-context.tsx';
import { showToast } from '../app/toasts.tsx';
import { useTask } from '../app/use-task.ts';
import { useT } from './words/index.ts';

export interface Draft {
  readonly files: readonly ScriptFile[];
  setFiles(change: (before: readonly ScriptFile[]) => readonly ScriptFile[]): void;
  readonly isReadOnly: boolean;
  readonly isDirty: boolean;
  readonly isSaving: boolean;
  readonly problem: string | null;
  save(): Promise<boolean>;
}

/** The files as they stand in the editor. Nothing written is lost by a click elsewhere in the application. */
export function useDraft(bot: BotDetail, onChange: (bot: BotDetail) => void): Draft {
  const t = useT();
  const client = useClient();
  const [files, setFiles] = useState<readonly ScriptFile[]>(bot.files);
  const isReadOnly = bot.origin === 'package';
  const isDirty = useMemo(() => !sameFiles(files, bot.files), [files, bot.files]);
  const saving = useTask(async () => {
    if (!isReadOnly && isDirty) onChange(await client.rest.updateBot(bot.id, { files }));
  });

  // Code is not a draft the client keeps: leaving with unsaved code asks first.
  useEffect(() => {
    if (!isDirty) return;
    const onBeforeUnload = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', onBeforeUnload);
    return () => window.removeEventListener('beforeunload', onBeforeUnload);
  }, [isDirty]);

  // Going elsewhere inside the application saves.
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

  return {
    files,
    setFiles: useCallback((change) => setFiles(change), []),
    isReadOnly,
    isDirty,
    isSaving: saving.isRunning,
    problem: saving.problem,
    save: saving.run,
  };
}

function sameFiles(a: readonly ScriptFile[], b: readonly ScriptFile[]): boolean {
  return a.length === b.length && a.every((file, index) => file.name === b[index]!.name && file.text === b[index]!.text);
}
