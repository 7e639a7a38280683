import { type Attachment, type FormField, type FormValue, limits } from 'gb-protocol';
import { Check, Paperclip, X } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { Checkbox } from 'react-aria-components';
import { useClient } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { Button, IconButton } from '../design/button.tsx';
import { SelectChoice } from '../design/choice.tsx';
import { Field } from '../design/field.tsx';
import { useLocale, useT } from '../i18n/index.ts';
import { fileSize } from '../lib/file-size.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { FileIcon } from './file-chip.tsx';

interface Props {
  readonly field: FormField;
  readonly value: FormValue | Attachment;
  readonly onChange: (value: FormValue | Attachment) => void;
  readonly onUploading: (isUploading: boolean) => void;
  readonly error: string | null;
}

const inputTypes = {
  text: 'text',
  number: 'text',
  date: 'date',
  time: 'time',
  email: 'email',
  phone: 'tel',
  url: 'url',
} as const;

export function FormFieldView(props: Props) {
  const { field, value, onChange, error } = props;
  const t = useT();
  const label = withoutReordering(field.label);
  const common = { label: field.isRequired ? t('form.requiredLabel', { label }) : label, error };
  if (field.type === 'boolean') return <BooleanField {...common} value={value === true} onChange={onChange} />;
  if (field.type === 'file') return <FileField {...props} label={common.label} />;
  if (field.type === 'choice') {
    const options = (field.choices ?? []).map((choice) => ({ id: choice, label: withoutReordering(choice) }));
    return (
      <>
        <SelectChoice
          label={common.label}
          options={options}
          value={typeof value === 'string' ? value : ''}
          onChange={onChange}
          placeholder={t('form.choose')}
        />
        {error ? <div className="field-error">{error}</div> : null}
      </>
    );
  }
  const isLong = field.type === 'longText';
  return (
    <Field
      {...common}
      value={typeof value === 'string' || typeof value === 'number' ? String(value) : ''}
      onChange={onChange}
      maxLength={limits.formValueMax}
      type={isLong ? 'text' : inputTypes[field.type]}
      {...(isLong ? { rows: 4 } : {})}
      {...(field.type === 'number' ? { inputMode: 'decimal' as const } : {})}
      {...(field.type === 'email' ? { autoComplete: 'email' } : {})}
      {...(field.type === 'phone' ? { autoComplete: 'tel' } : {})}
      {...(field.example ? { placeholder: withoutReordering(field.example) } : {})}
    />
  );
}

function BooleanField({
  label,
  value,
  onChange,
  error,
}: {
  label: string;
  value: boolean;
  onChange: (value: boolean) => void;
  error: string | null;
}) {
  return (
    <>
      <Checkbox className="checkbox" isSelected={value} onChange={onChange} isInvalid={error !== null}>
        <span className="checkbox-box" aria-hidden>
          <Check size={14} />
        </span>
        <span>{label}</span>
      </Checkbox>
      {error ? <div className="field-error">{error}</div> : null}
    </>
  );
}

function FileField({ value, onChange, onUploading, error, label }: Props & { label: string }) {
  const t = useT();
  const locale = useLocale();
  const client = useClient();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [progress, setProgress] = useState<number | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [controller, setController] = useState<AbortController | null>(null);
  const file = value !== null && typeof value === 'object' ? value : null;

  useEffect(() => () => controller?.abort(), [controller]);

  const take = async (picked: File): Promise<void> => {
    if (picked.size > limits.fileBytesMax) {
      setProblem(t('file.tooLarge', { name: picked.name, max: fileSize(limits.fileBytesMax, locale) }));
      return;
    }
    const next = new AbortController();
    setController(next);
    setProblem(null);
    setProgress(0);
    onUploading(true);
    try {
      onChange(
        await client.upload(
          { name: picked.name, type: picked.type, body: picked },
          { signal: next.signal, onProgress: setProgress },
        ),
      );
    } catch (cause) {
      if (!next.signal.aborted) setProblem(explain(cause, t));
    } finally {
      setProgress(null);
      onUploading(false);
    }
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: one field of a form, not a group of them
    <div className="field" role="group" aria-labelledby={id}>
      <span className="field-name" id={id}>
        {label}
      </span>
      <input
        ref={input}
        type="file"
        hidden
        onChange={(event) => {
          const picked = event.target.files?.[0];
          event.target.value = '';
          if (picked) void take(picked);
        }}
      />
      {file ? (
        <div className="tray-item">
          <FileIcon type={file.type} />
          <span className="tray-text">
            <span className="truncate">{withoutReordering(file.name)}</span>
            <span className="soft">{fileSize(file.size, locale)}</span>
          </span>
          <IconButton
            size="small"
            label={t('file.remove', { name: withoutReordering(file.name) })}
            onPress={() => onChange(null)}
          >
            <X size={16} aria-hidden />
          </IconButton>
        </div>
      ) : (
        <div>
          <Button
            icon={<Paperclip size={16} aria-hidden />}
            isDisabled={progress !== null}
            onPress={() => input.current?.click()}
          >
            {progress === null ? t('form.pickFile') : t('file.sending', { percent: Math.round(progress * 100) })}
          </Button>
        </div>
      )}
      {(problem ?? error) ? (
        <div className="field-error" role="alert">
          {problem ?? error}
        </div>
      ) : null}
    </div>
  );
}
