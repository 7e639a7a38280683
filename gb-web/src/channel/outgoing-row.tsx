import type { OutgoingMessage } from 'gb-client';
import { CircleAlert } from 'lucide-react';
import { useClient, useMe } from '../app/client-context.tsx';
import { explainCode } from '../app/problem.ts';
import { Avatar } from '../design/avatar.tsx';
import { useDates } from '../i18n/dates.ts';
import { useT } from '../i18n/index.ts';
import { spokenText } from '../lib/message-text.ts';
import { Attachments } from '../parts/attachments.tsx';
import { FormAnswerView } from '../parts/form-answer-view.tsx';
import { Fold } from './fold.tsx';
import { HiddenWords } from './hidden-words.tsx';
import { MarkdownView } from './markdown-view.tsx';

/** A message of mine on its way out: a quiet tint while it goes, a sentence and two choices when it was refused. */
export function OutgoingRow({ outgoing, isFirst, isActive }: { outgoing: OutgoingMessage; isFirst: boolean; isActive: boolean }) {
  const t = useT();
  const dates = useDates();
  const client = useClient();
  const me = useMe();
  const isFailed = outgoing.state === 'failed';
  return (
    <article
      className={`message is-outgoing${isFirst ? ' is-first' : ''}${isFailed ? ' is-failed' : ''}${isActive ? ' is-active' : ''}`}
      data-active={isActive}
      data-state={outgoing.state}
      tabIndex={-1}
      aria-label={t(isFailed ? 'message.failedLabel' : 'message.sendingLabel', { text: spokenText(outgoing, t).slice(0, 200) })}
    >
      <div className="message-side">{isFirst ? <Avatar user={me} /> : null}</div>
      <div className="message-body">
        {isFirst ? (
          <header className="message-head">
            <span className="message-author truncate">{me.name}</span>
            <time className="message-time" dateTime={new Date(outgoing.at).toISOString()}>
              {dates.time(outgoing.at)}
            </time>
          </header>
        ) : null}
        {outgoing.formAnswer ? (
          <FormAnswerView
            channelId={outgoing.channelId}
            threadSeq={outgoing.threadSeq}
            answer={outgoing.formAnswer}
            text={outgoing.text}
            attachments={outgoing.attachments ?? []}
          />
        ) : outgoing.isSecret ? (
          <HiddenWords />
        ) : outgoing.text === '' ? null : (
          <Fold text={outgoing.text} id={outgoing.clientId}>
            <div className="md">
              <MarkdownView text={outgoing.text} />
            </div>
          </Fold>
        )}
        {outgoing.attachments ? <Attachments files={outgoing.attachments} /> : null}
        {isFailed ? (
          <div className="message-failure" role="alert">
            <CircleAlert size={16} aria-hidden />
            <span>
              {t('message.notSent')} {explainCode(outgoing.reason?.code ?? '', t)}
            </span>
            <button type="button" className="link-button" onClick={() => client.retry(outgoing.clientId)}>
              {t('common.tryAgain')}
            </button>
            <button type="button" className="link-button" onClick={() => client.discard(outgoing.clientId)}>
              {t('message.discard')}
            </button>
          </div>
        ) : null}
      </div>
    </article>
  );
}
