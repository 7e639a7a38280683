import type { Message } from 'gb-protocol';
import { lazy, type PointerEvent, Suspense, useEffect, useRef, useState } from 'react';
import { useBotLook } from '../app/bot-theme.ts';
import { useUser } from '../app/client-context.tsx';
import { Avatar } from '../design/avatar.tsx';
import { useDates } from '../i18n/dates.ts';
import { useT } from '../i18n/index.ts';
import { spokenText } from '../lib/message-text.ts';
import { useIsBeingDeleted } from '../lib/pending-deletes.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { Attachments } from '../parts/attachments.tsx';
import { CardView } from '../parts/card-view.tsx';
import { FormAnswerView } from '../parts/form-answer-view.tsx';
import { FormView } from '../parts/form-view.tsx';
import { EditedMark } from './edited-mark.tsx';
import { Fold } from './fold.tsx';
import { HiddenWords } from './hidden-words.tsx';
import { MarkdownView } from './markdown-view.tsx';
import { deletionKey, useMessageActions } from './message-actions.ts';
import { MessageToolbar } from './message-toolbar.tsx';
import { Reactions } from './reactions.tsx';
import { ThreadSummaryLine } from './thread-summary.tsx';
import { reactEvent } from './use-list-keys.ts';

const MessageEditor = lazy(() => import('../composer/message-editor.tsx').then((m) => ({ default: m.MessageEditor })));

const canHover = window.matchMedia('(hover: hover)');

export interface MessageRowProps {
  readonly message: Message;
  readonly itemKey: string;
  readonly isFirst: boolean;
  readonly isActive: boolean;
  readonly isHighlighted: boolean;
  readonly isEditing: boolean;
  readonly isAnswerable: boolean;
  readonly onActivate: (key: string) => void;
}

export function MessageRow(props: MessageRowProps) {
  const { message, isFirst, isActive, isHighlighted, isEditing, isAnswerable } = props;
  const t = useT();
  const dates = useDates();
  const actions = useMessageActions();
  const author = useUser(message.authorId);
  const look = useBotLook(message.authorId);
  const isBeingDeleted = useIsBeingDeleted(deletionKey(message));
  const [isHovered, setHovered] = useState(false);
  const [isMenuOpen, setMenuOpen] = useState(false);
  const [isPicking, setPicking] = useState(false);
  const ref = useRef<HTMLElement>(null);
  const name = withoutReordering(author.name);
  const isGone = message.deletedAt !== null || isBeingDeleted;

  useEffect(() => {
    const element = ref.current;
    const pick = (): void => setPicking(true);
    element?.addEventListener(reactEvent, pick);
    return () => element?.removeEventListener(reactEvent, pick);
  }, []);

  // A finger that rests or scrolls asks for nothing: where nothing hovers, a tap gives the row the focus.
  const onPoint = (event: PointerEvent): void => {
    if (event.pointerType !== 'touch' && canHover.matches) setHovered(true);
  };

  const showsToolbar = !isGone && !isEditing && (isHovered || isActive || isMenuOpen || isPicking);
  return (
    <article
      ref={ref}
      {...look}
      className={`message${isFirst ? ' is-first' : ''}${isHighlighted ? ' is-highlighted' : ''}${isActive ? ' is-active' : ''}`}
      data-active={isActive}
      data-seq={message.seq}
      tabIndex={-1}
      aria-label={t('message.label', {
        name,
        time: dates.time(message.at),
        text: isGone ? t('message.stub') : spokenText(message, t),
      })}
      // Also on moving: a row that took another's place under a resting pointer is not entered.
      onPointerMove={onPoint}
      onPointerEnter={onPoint}
      onPointerLeave={() => setHovered(false)}
      onFocus={(event) => {
        if (event.target === event.currentTarget && !isActive) props.onActivate(props.itemKey);
      }}
    >
      <div className="message-side">
        {isFirst ? (
          <button
            type="button"
            className="message-face"
            tabIndex={-1}
            onClick={() => actions.showPerson(author.id)}
            aria-label={t('message.person', { name })}
          >
            <Avatar user={author} />
          </button>
        ) : (
          <time className="message-hover-time" dateTime={new Date(message.at).toISOString()}>
            {dates.time(message.at)}
          </time>
        )}
      </div>
      <div className="message-body">
        {isFirst ? (
          <header className="message-head">
            <button type="button" className="message-author truncate" tabIndex={-1} onClick={() => actions.showPerson(author.id)}>
              {name}
            </button>
            {author.kind === 'bot' ? <span className="tag">{t('message.bot')}</span> : null}
            <time className="message-time" dateTime={new Date(message.at).toISOString()} title={dates.full(message.at)}>
              {dates.time(message.at)}
            </time>
          </header>
        ) : null}
        {isGone ? (
          <p className="message-stub">
            {t('message.stub')}
            {isBeingDeleted ? (
              <button type="button" className="link-button" onClick={() => actions.takeBackRemoval(message)}>
                {t('common.undo')}
              </button>
            ) : null}
          </p>
        ) : isEditing ? (
          <Suspense fallback={null}>
            <MessageEditor message={message} onSave={(text) => actions.saveEdit(message, text)} onCancel={actions.stopEdit} />
          </Suspense>
        ) : message.formAnswer ? (
          <FormAnswerView
            channelId={message.channelId}
            threadSeq={message.threadSeq}
            answer={message.formAnswer}
            text={message.text}
            attachments={message.attachments ?? []}
          />
        ) : message.isSecret ? (
          <HiddenWords />
        ) : message.text === '' && message.editedAt === null ? null : (
          <Fold text={message.text} id={`${message.channelId}:${message.seq}`}>
            <div className="md">
              <MarkdownView text={message.text} />
              {message.editedAt === null ? null : <EditedMark message={message} />}
            </div>
          </Fold>
        )}
        {isGone ? null : <Parts message={message} />}
        {isAnswerable && !isGone && actions.canPost ? (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset has a form's look and meaning; this is a row of buttons
          <div className="suggestions" role="group" aria-label={t('message.suggestions')}>
            {message.suggestions.map((text) => (
              <button key={text} type="button" className="suggestion" onClick={() => actions.answer(text)}>
                {withoutReordering(text)}
              </button>
            ))}
          </div>
        ) : null}
        {message.reactions.length > 0 && !isGone ? <Reactions message={message} /> : null}
        {message.thread && !actions.isThread ? <ThreadSummaryLine seq={message.seq} thread={message.thread} /> : null}
      </div>
      {showsToolbar ? (
        <MessageToolbar message={message} isPicking={isPicking} onPicking={setPicking} onMenu={setMenuOpen} />
      ) : null}
    </article>
  );
}

/** What a message carries besides its text. */
function Parts({ message }: { message: Message }) {
  const { card, form } = message;
  const attachments = message.attachments ?? [];
  const files = attachments.filter(({ id }) => id !== card?.imageId);
  return (
    <>
      {card ? <CardView card={card} attachments={attachments} /> : null}
      {files.length > 0 ? <Attachments files={files} /> : null}
      {form ? <FormView message={message} form={form} /> : null}
    </>
  );
}
