import type { BotConversationEdit, BotTurn } from 'gb-protocol';
import { Bell, CircleDot, CircleX, Clock, MessageSquare, PenLine, Play } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import { useUsers } from '../../app/client-context.tsx';
import { Button } from '../../design/button.tsx';
import { useDates } from '../../i18n/dates.ts';
import { plainText } from '../../lib/markdown.ts';
import { withoutReordering } from '../../lib/safe-text.ts';
import { type StudioTranslate, useT } from '../words/index.ts';

const icons: Readonly<Record<BotTurn['cause'], ReactNode>> = {
  start: <Play size={14} aria-hidden />,
  answer: <MessageSquare size={14} aria-hidden />,
  result: <Bell size={14} aria-hidden />,
  timeout: <Clock size={14} aria-hidden />,
};

/** The turns of a conversation, oldest first, and where it stands now. */
export function Timeline({
  turns,
  edits,
  selected,
  hasOlder,
  isLoading,
  onOlder,
  onSelect,
}: {
  turns: readonly BotTurn[];
  /** What people changed by hand, each after a turn. */
  edits: readonly BotConversationEdit[];
  /** null: where it stands now. */
  selected: number | null;
  hasOlder: boolean;
  isLoading: boolean;
  onOlder: () => void;
  onSelect: (turn: number | null) => void;
}) {
  const t = useT();
  const dates = useDates();
  return (
    <nav className="timeline" aria-label={t('journal.title')}>
      {hasOlder ? (
        <Button size="small" tone="quiet" isPending={isLoading} onPress={onOlder}>
          {t('journal.older')}
        </Button>
      ) : null}
      <ol>
        {turns.map((turn) => (
          <Fragment key={turn.turn}>
            <li>
              <button
                type="button"
                className={`timeline-turn${turn.output.error ? ' has-failed' : ''}`}
                aria-current={turn.turn === selected ? 'step' : undefined}
                onClick={() => onSelect(turn.turn)}
              >
                <span className="timeline-mark">
                  {turn.output.error ? <CircleX size={14} aria-label={t('journal.failed')} role="img" /> : icons[turn.cause]}
                </span>
                <span className="grow">
                  <span className="timeline-what truncate">{causeWords(turn, t)}</span>
                  <span className="soft timeline-said truncate">{saidIn(turn)}</span>
                </span>
                <time className="soft" dateTime={new Date(turn.at).toISOString()} title={dates.full(turn.at)}>
                  {dates.time(turn.at)}
                </time>
              </button>
            </li>
            {edits
              .filter((edit) => edit.turn === turn.turn)
              .map((edit) => (
                <Edit key={edit.id} edit={edit} />
              ))}
          </Fragment>
        ))}
        <li>
          <button
            type="button"
            className="timeline-turn"
            aria-current={selected === null ? 'step' : undefined}
            onClick={() => onSelect(null)}
          >
            <span className="timeline-mark">
              <CircleDot size={14} aria-hidden />
            </span>
            <span className="grow timeline-what">{t('journal.now')}</span>
          </button>
        </li>
      </ol>
    </nav>
  );
}

/** What was there before and since, for each variable. */
function Edit({ edit }: { edit: BotConversationEdit }) {
  const t = useT();
  const dates = useDates();
  const users = useUsers();
  const name = withoutReordering(users.get(edit.userId)?.name ?? '…');
  return (
    <li className="timeline-turn timeline-edit">
      <span className="timeline-mark">
        <PenLine size={14} aria-hidden />
      </span>
      <span className="grow">
        <span className="timeline-what truncate">{t('journal.edited', { name })}</span>
        {edit.changes.map(({ target, before, after }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: what was changed does not change
          <span key={index} className="soft timeline-said">
            {withoutReordering(t('journal.edit', { target, before, after }))}
          </span>
        ))}
      </span>
      <time className="soft" dateTime={new Date(edit.at).toISOString()} title={dates.full(edit.at)}>
        {dates.time(edit.at)}
      </time>
    </li>
  );
}

export function causeWords({ cause, input }: BotTurn, t: StudioTranslate): string {
  switch (cause) {
    case 'start':
      return t('journal.began');
    case 'answer':
      return input.answer ? withoutReordering(input.answer) : t('journal.answered');
    case 'result':
      return t('journal.resulted');
    case 'timeout':
      return t('journal.timedOut');
  }
}

const saidIn = ({ output }: BotTurn): string =>
  withoutReordering(
    output.replies
      .map(({ text }) => plainText(text))
      .join(' ')
      .slice(0, 200),
  );
