import {
  type Attachment,
  type Form,
  type FormField,
  type FormProblem,
  type FormValue,
  formProblems,
  type Message,
  type Seq,
} from 'gb-protocol';
import { CircleCheck } from 'lucide-react';
import { type FormEvent, useId, useRef, useState } from 'react';
import { useClient, useMe, useMessages } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { useMessageActions } from '../channel/message-actions.ts';
import { Button } from '../design/button.tsx';
import { type MessageKey, useLocale, useT } from '../i18n/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { FormFieldView } from './form-field.tsx';
import { type Entries, entriesOf, readNumber } from './form-values.ts';

/** What was filled in and not sent yet: rows leave the page while scrolling, what somebody typed must not. */
const drafts = new Map<string, Entries>();
const draftsMax = 50;

const problemSentences: Record<FormProblem, MessageKey> = {
  required: 'form.required',
  unknown: 'problem.other',
  too_long: 'form.tooLong',
  text: 'form.wrongText',
  longText: 'form.wrongText',
  number: 'form.wrongNumber',
  date: 'form.wrongDate',
  time: 'form.wrongTime',
  email: 'check.emailWrong',
  phone: 'form.wrongPhone',
  url: 'form.wrongUrl',
  boolean: 'form.required',
  choice: 'form.wrongChoice',
  file: 'form.wrongFile',
};

/** A form a bot asks to fill in. Once it was answered it says so; the answers are in the message that brought them. */
export function FormView({ message, form }: { message: Message; form: Form }) {
  const t = useT();
  const me = useMe();
  const actions = useMessageActions();
  // Where the answer goes: beside the form, or into the thread that the form begins.
  const threadSeq = message.threadSeq ?? (actions.isThread ? message.seq : null);
  const messages = useMessages(message.channelId, threadSeq);
  const answer =
    messages.outgoing.findLast((one) => one.formAnswer?.seq === message.seq && one.state !== 'failed') ??
    messages.messages.findLast((one) => one.formAnswer?.seq === message.seq && one.authorId === me.id);
  const title = withoutReordering(form.title ?? form.name);
  if (answer?.formAnswer) {
    return (
      // biome-ignore lint/a11y/useSemanticElements: there is nothing left to fill in
      <div className="card form is-answered" role="group" aria-label={title}>
        <div className="card-body">
          <div className="card-title">{title}</div>
          <div className="form-sent" role="status">
            <CircleCheck size={16} aria-hidden />
            {t('form.answered')}
          </div>
        </div>
      </div>
    );
  }
  if (!actions.canPost) {
    return (
      // biome-ignore lint/a11y/useSemanticElements: it cannot be filled in here
      <div className="card form" role="group" aria-label={title}>
        <div className="card-body">
          <div className="card-title">{title}</div>
          <div className="soft">{t('form.closed')}</div>
        </div>
      </div>
    );
  }
  return <OpenForm key={message.seq} message={message} form={form} title={title} threadSeq={threadSeq} />;
}

function OpenForm({ message, form, title, threadSeq }: { message: Message; form: Form; title: string; threadSeq: Seq | null }) {
  const t = useT();
  const locale = useLocale();
  const client = useClient();
  const id = useId();
  const element = useRef<HTMLFormElement>(null);
  const draftKey = `${message.channelId}:${message.seq}`;
  const [entries, setEntries] = useState<Entries>(() => drafts.get(draftKey) ?? entriesOf(form));
  const [problems, setProblems] = useState<ReadonlyMap<string, FormProblem>>(new Map());
  const [failure, setFailure] = useState<string | null>(null);
  const [isUploading, setUploading] = useState(false);

  const change = (field: FormField, value: FormValue | Attachment): void => {
    const next = { ...entries, [field.name]: value };
    setEntries(next);
    drafts.delete(draftKey);
    if (drafts.size >= draftsMax) drafts.delete(drafts.keys().next().value!);
    drafts.set(draftKey, next);
    // What was wrong and is being put right is no longer complained about.
    if (problems.has(field.name)) setProblems(new Map([...problems].filter(([name]) => name !== field.name)));
  };

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const values: Record<string, FormValue> = {};
    const attachments: Attachment[] = [];
    for (const field of form.fields) {
      const entry = entries[field.name] ?? null;
      if (entry !== null && typeof entry === 'object') {
        attachments.push(entry);
        values[field.name] = entry.id;
      } else if (field.type === 'number' && typeof entry === 'string') values[field.name] = readNumber(entry, locale);
      else values[field.name] = typeof entry === 'string' && field.type !== 'longText' ? entry.trim() : entry;
    }
    const found = formProblems(form, values);
    setProblems(found);
    if (found.size > 0) {
      // The sentences make the form longer, and the list then follows its end: the field is shown after that.
      const first = form.fields.findIndex((field) => found.has(field.name));
      const field = element.current?.querySelector<HTMLElement>(`[data-field="${first}"]`);
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          field?.querySelector<HTMLElement>('input, textarea, button')?.focus({ preventScroll: true });
          field?.scrollIntoView({ block: 'nearest' });
        }),
      );
      return;
    }
    try {
      client.send(message.channelId, '', { threadSeq, attachments, formAnswer: { seq: message.seq, values } });
      drafts.delete(draftKey);
    } catch (error) {
      setFailure(explain(error, t));
    }
  };

  return (
    <form ref={element} className="card form" aria-labelledby={id} noValidate onSubmit={submit}>
      <div className="card-body">
        <div className="card-title" id={id}>
          {title}
        </div>
        {form.fields.map((field, index) => {
          const problem = problems.get(field.name);
          return (
            <div key={field.name} data-field={index} className="form-field">
              <FormFieldView
                field={field}
                value={entries[field.name] ?? null}
                onChange={(value) => change(field, value)}
                onUploading={setUploading}
                error={problem ? t(problemSentences[problem]) : null}
              />
            </div>
          );
        })}
        {failure ? (
          <div className="field-error" role="alert">
            {failure}
          </div>
        ) : null}
        <div className="form-end">
          <Button type="submit" tone="primary" isDisabled={isUploading}>
            {form.submitLabel ? withoutReordering(form.submitLabel) : t('form.send')}
          </Button>
          {form.fields.some((field) => field.isRequired) ? <span className="soft form-legend">{t('form.legend')}</span> : null}
        </div>
      </div>
    </form>
  );
}
