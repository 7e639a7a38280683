import type { FormValues, PreviewReply } from 'gb-protocol';
import { SendHorizontal } from 'lucide-react';
import { type FormEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { MarkdownView } from '../channel/markdown-view.tsx';
import { answeringOnly, MessageActionsContext } from '../channel/message-actions.ts';
import { IconButton } from '../design/button.tsx';
import { withoutReordering } from '../lib/safe-text.ts';
import { Attachments } from '../parts/attachments.tsx';
import { CardView } from '../parts/card-view.tsx';
import { TalkForm } from './talk-form.tsx';
import { useT } from './words/index.ts';

export type TalkLine =
  | { readonly key: string | number; readonly from: 'me'; readonly text: string }
  | { readonly key: string | number; readonly from: 'bot'; readonly reply: PreviewReply };

/** A conversation that is being tried: nobody else sees it, and nothing of it is kept. */
export function Talk({
  label,
  lines,
  suggestions,
  canAnswer,
  isSecret = false,
  onAnswer,
  beginning,
  children,
}: {
  label: string;
  lines: readonly TalkLine[];
  suggestions: readonly string[];
  canAnswer: boolean;
  /** It waits for a password. */
  isSecret?: boolean;
  onAnswer: (text: string, form?: FormValues) => void;
  /** What stands above the first line. */
  beginning?: ReactNode;
  /** What stands below the last line: how it ended, what went wrong. */
  children?: ReactNode;
}) {
  const t = useT();
  const [text, setText] = useState('');
  const log = useRef<HTMLDivElement>(null);
  const latest = useRef(onAnswer);
  latest.current = onAnswer;
  const actions = useMemo(() => answeringOnly((said) => latest.current(said), canAnswer), [canAnswer]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: what was said last is kept in sight
  useEffect(() => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [lines, suggestions, children]);

  const answer = (said: string, form?: FormValues): void => {
    if (!canAnswer || said.trim() === '') return;
    setText('');
    onAnswer(said, form);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    answer(text);
  };
  const lastForm = lines.findLastIndex((line) => line.from === 'bot' && line.reply.form !== undefined);
  return (
    <MessageActionsContext value={actions}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long conversation is scrolled with the keys */}
      <div className="talk-log" ref={log} role="log" aria-live="off" aria-label={label} tabIndex={0}>
        {beginning}
        {lines.map((line, index) =>
          line.from === 'me' ? (
            <div key={line.key} className="bubble bubble-me">
              {withoutReordering(line.text)}
            </div>
          ) : (
            <Reply
              key={line.key}
              reply={line.reply}
              onForm={canAnswer && index === lastForm && !lines.slice(index).some(({ from }) => from === 'me') ? answer : null}
            />
          ),
        )}
        {suggestions.length > 0 && canAnswer ? (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset has a form's look and meaning; this is a row of buttons
          <div className="suggestions" role="group" aria-label={t('message.suggestions')}>
            {suggestions.map((suggestion) => (
              <button key={suggestion} type="button" className="suggestion" onClick={() => answer(suggestion)}>
                {withoutReordering(suggestion)}
              </button>
            ))}
          </div>
        ) : null}
        {children}
      </div>
      <form className="talk-form" onSubmit={submit}>
        <input
          type={isSecret ? 'password' : 'text'}
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder={t('studio.answer')}
          aria-label={t('studio.answer')}
          readOnly={!canAnswer}
        />
        <IconButton type="submit" label={t('composer.send')} isDisabled={!canAnswer || text.trim() === ''}>
          <SendHorizontal size={18} aria-hidden />
        </IconButton>
      </form>
    </MessageActionsContext>
  );
}

/** One message of the bot. Without `onForm` a form is shown as one that is over. */
export function Reply({ reply, onForm }: { reply: PreviewReply; onForm: ((text: string, form: FormValues) => void) | null }) {
  const { text, card, form, attachments = [] } = reply;
  const files = attachments.filter(({ id }) => id !== card?.imageId);
  return (
    <>
      {text === '' ? null : (
        <div className="bubble bubble-bot">
          <div className="md">
            <MarkdownView text={text} />
          </div>
        </div>
      )}
      {card ? <CardView card={card} attachments={attachments} /> : null}
      {files.length > 0 ? <Attachments files={files} /> : null}
      {form ? <TalkForm form={form} onSend={onForm} /> : null}
    </>
  );
}
