import type { ScriptFile } from 'gb-protocol';
import type { Diagnostic } from 'gb-vm/compiler';
import { FilePlus2, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { showToast } from '../app/toasts.tsx';
import { Button, IconButton } from '../design/button.tsx';
import { Field } from '../design/field.tsx';
import { useT } from './words/index.ts';

/** `menu` becomes `menu.bas`. Null: not a name a script can have. */
export function scriptNameOf(text: string): string | null {
  const name = text
    .trim()
    .toLowerCase()
    .replace(/\.bas$/, '');
  return /^[\p{L}\p{N}][\p{L}\p{N}_-]{0,59}$/u.test(name) ? `${name}.bas` : null;
}

export function FileTabs({
  files,
  current,
  isReadOnly,
  isFull,
  diagnostics,
  onSelect,
  onChange,
}: {
  files: readonly ScriptFile[];
  current: string;
  isReadOnly: boolean;
  /** No more files fit. */
  isFull: boolean;
  diagnostics: readonly Diagnostic[];
  onSelect: (name: string) => void;
  onChange: (files: readonly ScriptFile[]) => void;
}) {
  const t = useT();
  const open = files.find(({ name }) => name === current);
  const remove = (file: ScriptFile): void => {
    const rest = files.filter(({ name }) => name !== file.name);
    onChange(rest);
    if (current === file.name) onSelect(rest[0]?.name ?? '');
    showToast(t('studio.fileRemoved', { name: file.name }), { action: { label: t('common.undo'), run: () => onChange(files) } });
  };
  return (
    <div className="file-tabs">
      <div className="file-tab-list" role="tablist" aria-label={t('studio.files')}>
        {files.map((file) => (
          <span key={file.name} className={`file-tab${file.name === current ? ' is-current' : ''}`} role="presentation">
            <button type="button" role="tab" aria-selected={file.name === current} onClick={() => onSelect(file.name)}>
              {file.name}
              {diagnostics.some((diagnostic) => diagnostic.file === file.name && diagnostic.severity === 'error') ? (
                <span className="file-dot" aria-label={t('studio.hasErrors')} role="img" />
              ) : null}
            </button>
          </span>
        ))}
      </div>
      {isReadOnly || files.length < 2 || !open ? null : (
        <IconButton size="small" label={t('studio.removeFile', { name: open.name })} onPress={() => remove(open)}>
          <X size={16} aria-hidden />
        </IconButton>
      )}
      {isReadOnly || isFull ? null : (
        <DialogTrigger>
          <IconButton size="small" label={t('studio.addFile')}>
            <FilePlus2 size={16} aria-hidden />
          </IconButton>
          <Popover className="popover">
            <Dialog className="small-dialog" aria-label={t('studio.addFile')}>
              {({ close }) => (
                <NewFile
                  taken={files.map(({ name }) => name)}
                  onAdd={(name) => {
                    onChange([...files, { name, text: '' }]);
                    onSelect(name);
                    close();
                  }}
                />
              )}
            </Dialog>
          </Popover>
        </DialogTrigger>
      )}
    </div>
  );
}

function NewFile({ taken, onAdd }: { taken: readonly string[]; onAdd: (name: string) => void }) {
  const t = useT();
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const name = scriptNameOf(text);
    if (!name) setWrong(t('studio.fileNameWrong'));
    else if (taken.includes(name)) setWrong(t('problem.nameTaken'));
    else onAdd(name);
  };
  return (
    <form className="stack" onSubmit={submit}>
      <Field
        label={t('studio.fileName')}
        value={text}
        onChange={setText}
        error={wrong}
        placeholder="menu.bas"
        hint={t('studio.fileHint')}
        hasFocus
      />
      <Button type="submit" tone="primary">
        {t('studio.addFile')}
      </Button>
    </form>
  );
}
