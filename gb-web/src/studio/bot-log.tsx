import { type BotDetail, type BotLogLine, limits } from 'gb-protocol';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useId, useState } from 'react';
import { useClient, useUsers } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { useLoaded } from '../app/use-loaded.ts';
import { useDates } from '../i18n/dates.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { useRefresh } from './studio-page.tsx';
import { useT } from './words/index.ts';

/** What happened to the bot where people talk to it: failures with their places, versions. Asked for only while open. */
export function BotLog({ bot, onShow }: { bot: BotDetail; onShow: (file: string, line: number) => void }) {
  const t = useT();
  const [isOpen, setOpen] = useState(false);
  const listId = useId();
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <section className="problems" aria-label={t('studio.log')}>
      <button
        type="button"
        className="problems-header log-toggle"
        aria-expanded={isOpen}
        aria-controls={isOpen ? listId : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        <Chevron size={16} aria-hidden />
        {t('studio.log')}
      </button>
      {isOpen ? (
        <div id={listId}>
          {/* Publishing writes a line: asked again at once. */}
          <Lines key={bot.publishedVersion} bot={bot} onShow={onShow} />
        </div>
      ) : null}
    </section>
  );
}

function Lines({ bot, onShow }: { bot: BotDetail; onShow: (file: string, line: number) => void }) {
  const t = useT();
  const client = useClient();
  const { value, error, reload } = useLoaded(bot.id, () => client.rest.botLog(bot.id));

  useRefresh(reload);

  // What was read stays in sight while the server is away for a moment.
  if (!value) return error ? <p className="log-empty soft">{explain(error, t)}</p> : null;
  if (value.lines.length === 0) return <p className="log-empty soft">{t('studio.logEmpty', { days: limits.botLogDaysMax })}</p>;
  return (
    <ul className="problem-list">
      {[...value.lines].reverse().map((line) => (
        <li key={line.number}>
          <Line line={line} isOld={line.version !== bot.publishedVersion} onShow={onShow} />
        </li>
      ))}
    </ul>
  );
}

function Line({ line, isOld, onShow }: { line: BotLogLine; isOld: boolean; onShow: (file: string, line: number) => void }) {
  const t = useT();
  const dates = useDates();
  const users = useUsers();
  const { file, line: row, version } = line;
  const name = (line.userId && users.get(line.userId)?.name) ?? '…';
  const text =
    version !== null && line.code === 'published'
      ? t('studio.logPublished', { version, name })
      : version !== null && line.code === 'rolled_back'
        ? t('studio.logRolledBack', { version, name })
        : line.message;
  const content = (
    <>
      <time className="problem-place" dateTime={new Date(line.at).toISOString()} title={dates.full(line.at)}>
        {dates.ago(line.at)}
      </time>
      {file !== null ? (
        <span className="problem-place">
          {withoutReordering(file)}:{row}
        </span>
      ) : null}
      <span>
        {withoutReordering(text)}
        {/* The lines of an older version may be others than those in the editor. */}
        {isOld && file !== null && version !== null ? <span className="soft"> {t('studio.version', { version })}</span> : null}
      </span>
    </>
  );
  if (file === null || row === null) return <div className="problem log-note">{content}</div>;
  return (
    <button type="button" className="problem" onClick={() => onShow(file, row)}>
      {content}
    </button>
  );
}
