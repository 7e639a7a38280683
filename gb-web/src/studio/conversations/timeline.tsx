import type { BotTurn } from 'gb-protocol';
import { Bell, CircleDot, CircleX, Clock, MessageSquare, Play } from 'lucide-react';
import type { ReactNode } from 'react';
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
  selected,
  hasOlder,
  isLoading,
  onOlder,
  onSelect,
}: {
  turns: readonly BotTurn[];
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
          <li key={turn.turn}>
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
