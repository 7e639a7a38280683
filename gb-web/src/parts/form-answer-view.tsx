import type { Attachment, FormAnswer } from 'gb-protocol';
import { ClipboardCheck } from 'lucide-react';
import { useMessages } from '../app/client-context.tsx';
import { MarkdownView } from '../channel/markdown-view.tsx';
import { useLocale, useT } from '../i18n/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { Facts } from './card-view.tsx';
import { answerFacts } from './form-facts.ts';

/** An answer to a form as names and values. Where the form is not at hand, the words the server made of it say the same. */
export function FormAnswerView({
  channelId,
  threadSeq,
  answer,
  text,
  attachments,
}: {
  channelId: Parameters<typeof useMessages>[0];
  threadSeq: Parameters<typeof useMessages>[1];
  answer: FormAnswer;
  text: string;
  attachments: readonly Attachment[];
}) {
  const t = useT();
  const locale = useLocale();
  const { messages } = useMessages(channelId, threadSeq);
  const form = messages.find((message) => message.seq === answer.seq)?.form;
  return (
    <div className="form-answer">
      <div className="soft form-answer-title">
        <ClipboardCheck size={14} aria-hidden />
        {form ? t('form.answerTo', { title: withoutReordering(form.title ?? form.name) }) : t('form.answer')}
      </div>
      {form ? (
        <Facts facts={answerFacts(form, answer.values, attachments, locale)} />
      ) : (
        <div className="md form-answer-text">
          <MarkdownView text={text} />
        </div>
      )}
    </div>
  );
}
