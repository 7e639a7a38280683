import type { BotTurn, JsonValue } from 'gb-protocol';
import { Bug, ChevronLeft, ChevronRight } from 'lucide-react';
import { useMemo } from 'react';
import { answeringOnly, MessageActionsContext } from '../../channel/message-actions.ts';
import { Button, IconButton } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { useDates } from '../../i18n/dates.ts';
import { withoutReordering } from '../../lib/safe-text.ts';
import { Reply } from '../talk.tsx';
import { useT } from '../words/index.ts';
import { causeWords } from './timeline.tsx';

/** One turn: what came in, what was asked of the world, what was said, and how it ended. */
export function TurnDetails({
  turn,
  before,
  after,
  isBusy,
  onSelect,
  onStep,
  onShow,
}: {
  turn: BotTurn;
  before: number | null;
  after: number | null;
  isBusy: boolean;
  onSelect: (turn: number | null) => void;
  onStep: () => void;
  onShow: (file: string, line: number) => void;
}) {
  const t = useT();
  const dates = useDates();
  const actions = useMemo(() => answeringOnly(() => undefined, false), []);
  const { input, output } = turn;
  return (
    <section className="stack journal-turn" aria-label={t('journal.turn', { turn: turn.turn })}>
      <div className="row">
        <IconButton
          size="small"
          label={t('journal.previous')}
          isDisabled={before === null}
          onPress={() => before !== null && onSelect(before)}
        >
          <ChevronLeft size={16} aria-hidden />
        </IconButton>
        <IconButton size="small" label={t('journal.next')} onPress={() => onSelect(after)}>
          <ChevronRight size={16} aria-hidden />
        </IconButton>
        <h4 className="grow">{t('journal.turn', { turn: turn.turn })}</h4>
        <Button size="small" icon={<Bug size={14} aria-hidden />} isPending={isBusy} onPress={onStep}>
          {t('journal.step')}
        </Button>
      </div>
      <p className="soft">
        {dates.full(turn.at)} · {t('journal.fuel', { count: turn.fuel })}
      </p>
      <div className="talk-lines">
        {turn.cause === 'answer' && input.answer ? (
          <div className="bubble bubble-me">{withoutReordering(input.answer)}</div>
        ) : (
          <p className="soft">{causeWords(turn, t)}</p>
        )}
        {turn.cause === 'result' ? <Json value={input.result} /> : null}
        {input.results === null ? (
          <p className="soft">{t('journal.tooMuch')}</p>
        ) : (
          input.results.map((one, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a turn that is over does not change
            <details key={index} className="studio-details">
              <summary>{t('journal.operation', { name: one.name })}</summary>
              <Json value={one.result} />
            </details>
          ))
        )}
        <MessageActionsContext value={actions}>
          {output.replies.map(({ files, ...reply }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a turn that is over does not change
            <div key={index} className="journal-reply">
              <Reply reply={reply} onForm={null} />
              {reply.suggestions && reply.suggestions.length > 0 ? (
                <p className="soft">{t('journal.offered', { choices: dates.list(reply.suggestions) })}</p>
              ) : null}
              {files && files.length > 0 ? <p className="soft">{t('journal.files', { count: files.length })}</p> : null}
            </div>
          ))}
        </MessageActionsContext>
        {output.request ? <p className="soft">{t('journal.asks', { name: output.request.name })}</p> : null}
        {output.error ? (
          <Notice
            tone="danger"
            action={
              <button
                type="button"
                className="link-button"
                onClick={() => output.error && onShow(output.error.file, output.error.line)}
              >
                {withoutReordering(output.error.file)}:{output.error.line}
              </button>
            }
          >
            {withoutReordering(output.error.message)}
          </Notice>
        ) : null}
        {output.status === 'finished' ? <p className="soft">{t('studio.finished')}</p> : null}
      </div>
    </section>
  );
}

function Json({ value }: { value: JsonValue }) {
  return <pre className="debug-json">{withoutReordering(JSON.stringify(value, null, 2))}</pre>;
}
