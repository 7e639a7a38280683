import { type Attachment, type Form, type FormProblem, type FormValue, type FormValues, formProblems } from 'gb-protocol';
import { type FormEvent, useId, useRef, useState } from 'react';
import { Button } from '../design/button.tsx';
import { useLocale } from '../i18n/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { answerFacts } from '../parts/form-facts.ts';
import { FormFieldView } from '../parts/form-field.tsx';
import { type Entries, entriesOf, readNumber } from '../parts/form-values.ts';
import { useT } from './words/index.ts';

/** A form as somebody in a channel would fill it in. The answer is said in words, as the server says it. */
export function TalkForm({ form, onSend }: { form: Form; onSend: ((text: string, values: FormValues) => void) | null }) {
  const t = useT();
  const locale = useLocale();
  const id = useId();
  const fields = useFormEntries(form);
  const title = withoutReordering(form.title ?? form.name);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const read = fields.read();
    if (!read) return;
    const facts = answerFacts(form, read.values, read.files, locale);
    onSend?.(facts.map(({ name, value }) => `${name}: ${value}`).join('\n') || title, read.values);
  };
  return (
    <form ref={fields.element} className="card form" aria-labelledby={id} noValidate onSubmit={submit}>
      <div className="card-body">
        <div className="card-title" id={id}>
          {title}
        </div>
        {onSend ? (
          <>
            <FormFields form={form} fields={fields} />
            <div className="form-end">
              <Button type="submit" tone="primary" isDisabled={fields.isUploading}>
                {form.submitLabel ? withoutReordering(form.submitLabel) : t('form.send')}
              </Button>
            </div>
          </>
        ) : (
          <div className="soft">{t('form.answered')}</div>
        )}
      </div>
    </form>
  );
}

/** What stands in the fields of a form, and what is wrong with it once somebody tried to send it. */
export function useFormEntries(form: Form) {
  const locale = useLocale();
  const element = useRef<HTMLFormElement>(null);
  const [entries, setEntries] = useState<Entries>(() => entriesOf(form));
  const [problems, setProblems] = useState<ReadonlyMap<string, FormProblem>>(new Map());
  const [isUploading, setUploading] = useState(false);
  return {
    element,
    entries,
    problems,
    isUploading,
    setUploading,
    change(name: string, value: FormValue | Attachment): void {
      setEntries({ ...entries, [name]: value });
      if (problems.has(name)) setProblems(new Map([...problems].filter(([other]) => other !== name)));
    },
    /** null when something is wrong: the first field it is wrong with gets the focus. */
    read(): { readonly values: FormValues; readonly files: readonly Attachment[] } | null {
      const values: Record<string, FormValue> = {};
      const files: Attachment[] = [];
      for (const field of form.fields) {
        const entry = entries[field.name] ?? null;
        if (entry !== null && typeof entry === 'object') {
          files.push(entry);
          values[field.name] = entry.id;
        } else if (field.type === 'number' && typeof entry === 'string') values[field.name] = readNumber(entry, locale);
        else values[field.name] = typeof entry === 'string' && field.type !== 'longText' ? entry.trim() : entry;
      }
      const found = formProblems(form, values);
      setProblems(found);
      if (found.size === 0) return { values, files };
      const first = form.fields.findIndex(({ name }) => found.has(name));
      element.current?.querySelector<HTMLElement>(`[data-field="${first}"] :is(input, textarea, button)`)?.focus();
      return null;
    },
  };
}

export function FormFields({ form, fields }: { form: Form; fields: ReturnType<typeof useFormEntries> }) {
  const t = useT();
  return form.fields.map((field, index) => {
    const problem = fields.problems.get(field.name);
    return (
      <div key={field.name} data-field={index} className="form-field">
        <FormFieldView
          field={field}
          value={fields.entries[field.name] ?? null}
          onChange={(value) => fields.change(field.name, value)}
          onUploading={fields.setUploading}
          error={problem ? t(problem === 'required' ? 'form.required' : 'studio.valueWrong') : null}
        />
      </div>
    );
  });
}
