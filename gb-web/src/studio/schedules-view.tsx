import type { BotDetail, BotSchedule, BotTrigger } from 'gb-protocol';
import { CalendarClock, Copy, Pause, Play, Zap } from 'lucide-react';
import { useClient } from '../app/client-context.tsx';
import { showToast } from '../app/toasts.tsx';
import { useLoaded } from '../app/use-loaded.ts';
import { useTask } from '../app/use-task.ts';
import { Button, IconButton } from '../design/button.tsx';
import { useDates } from '../i18n/dates.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { StudioPage, useRefresh } from './studio-page.tsx';
import { type StudioKey, useT } from './words/index.ts';

/** What starts scripts without anybody talking: the clock, and what happens elsewhere. */
export function SchedulesView({ bot, onShow }: { bot: BotDetail; onShow: (file: string, line: number) => void }) {
  const t = useT();
  const client = useClient();
  const loaded = useLoaded(`${bot.id}:${bot.publishedVersion}`, async () => {
    const [{ schedules }, { triggers }] = await Promise.all([client.rest.botSchedules(bot.id), client.rest.botTriggers(bot.id)]);
    return { schedules, triggers };
  });
  useRefresh(loaded.reload);
  const acting = useTask(async (schedule: BotSchedule, what: 'pause' | 'resume' | 'run') => {
    if (what === 'pause') await client.rest.pauseBotSchedule(bot.id, schedule.id);
    else if (what === 'resume') await client.rest.resumeBotSchedule(bot.id, schedule.id);
    else {
      await client.rest.runBotSchedule(bot.id, schedule.id);
      showToast(t('schedules.wasRun', { script: schedule.script }));
    }
    loaded.reload();
  });
  return (
    <StudioPage
      loaded={loaded}
      isEmpty={({ schedules, triggers }) => schedules.length === 0 && triggers.length === 0}
      empty={{
        icon: <CalendarClock size={24} />,
        title: t('schedules.emptyTitle'),
        text: (
          <>
            {t('schedules.emptyText')}
            <code className="empty-code">SET SCHEDULE "{t('schedules.example')}"</code>
          </>
        ),
      }}
      problem={acting.problem}
    >
      {({ schedules, triggers }) => (
        <>
          {schedules.length > 0 ? (
            <section>
              <h3 className="section-title">{t('studio.tabSchedules')}</h3>
              <ul className="list-card">
                {schedules.map((schedule) => (
                  <Schedule
                    key={schedule.id}
                    schedule={schedule}
                    isBusy={acting.isRunning}
                    onAct={(what) => void acting.run(schedule, what)}
                    onShow={onShow}
                  />
                ))}
              </ul>
            </section>
          ) : null}
          {triggers.length > 0 ? (
            <section>
              <h3 className="section-title">{t('triggers.title')}</h3>
              <ul className="list-card">
                {triggers.map((trigger) => (
                  <Trigger
                    key={JSON.stringify([trigger.kind, trigger.name, trigger.script, trigger.details])}
                    trigger={trigger}
                    onShow={onShow}
                  />
                ))}
              </ul>
            </section>
          ) : null}
        </>
      )}
    </StudioPage>
  );
}

function Schedule({
  schedule,
  isBusy,
  onAct,
  onShow,
}: {
  schedule: BotSchedule;
  isBusy: boolean;
  onAct: (what: 'pause' | 'resume' | 'run') => void;
  onShow: (file: string, line: number) => void;
}) {
  const t = useT();
  const dates = useDates();
  const { says, script, wakeAt, lastAt, isPaused, timeZone, label } = schedule;
  const name = withoutReordering(label || script);
  return (
    <li className="list-row studio-row">
      <CalendarClock size={20} aria-hidden />
      <span className="list-row-text">
        <span className="list-row-title">
          {withoutReordering(says)} {isPaused ? <span className="tag">{t('schedules.paused')}</span> : null}
        </span>
        <span className="soft person-handle">
          <button type="button" className="link-button" onClick={() => onShow(script, 1)}>
            {name}
          </button>{' '}
          ·{' '}
          {isPaused
            ? t('schedules.isPaused')
            : wakeAt === null
              ? t('schedules.over')
              : t('schedules.next', { when: dates.full(wakeAt), until: dates.until(wakeAt) })}
          {lastAt === null ? '' : ` · ${t('schedules.last', { ago: dates.ago(lastAt) })}`}
          {` · ${timeZone}`}
        </span>
      </span>
      <span className="studio-row-actions">
        <Button
          size="small"
          tone="quiet"
          icon={isPaused ? <Play size={14} aria-hidden /> : <Pause size={14} aria-hidden />}
          isDisabled={isBusy}
          aria-label={t(isPaused ? 'schedules.resumeOf' : 'schedules.pauseOf', { name })}
          onPress={() => onAct(isPaused ? 'resume' : 'pause')}
        >
          {t(isPaused ? 'schedules.resume' : 'schedules.pause')}
        </Button>
        <Button size="small" isDisabled={isBusy} aria-label={t('schedules.runOf', { name })} onPress={() => onAct('run')}>
          {t('schedules.run')}
        </Button>
      </span>
    </li>
  );
}

const triggerWords: Readonly<Record<string, StudioKey>> = {
  webhook: 'triggers.webhook',
  insert: 'triggers.insert',
  update: 'triggers.update',
  delete: 'triggers.delete',
  email: 'triggers.email',
  change: 'triggers.change',
  form: 'triggers.form',
  event: 'triggers.event',
  session: 'triggers.session',
  login: 'triggers.login',
  transfer: 'triggers.transfer',
};

/** How who calls has to prove that they may: without a secret, and with one. */
const proofWords: Readonly<Record<'webhook' | 'email', readonly [StudioKey, StudioKey]>> = {
  webhook: ['triggers.noProof', 'triggers.proof'],
  email: ['triggers.mailClosed', 'triggers.mailProof'],
};

/** Which mail of that address it is about. */
function wantedOf({ kind, details }: BotTrigger, t: ReturnType<typeof useT>): string {
  if (kind !== 'email') return '';
  const [from, subject] = [details['from'], details['subject']];
  return [
    ...(typeof from === 'string' ? [t('triggers.emailFrom', { text: withoutReordering(from) })] : []),
    ...(typeof subject === 'string' ? [t('triggers.emailSubject', { text: withoutReordering(subject) })] : []),
  ]
    .map((text) => ` ${text}`)
    .join('');
}

function Trigger({ trigger, onShow }: { trigger: BotTrigger; onShow: (file: string, line: number) => void }) {
  const t = useT();
  const { kind, name, script, path, hasSecret } = trigger;
  const word = kind === 'email' && name === '*' ? 'triggers.emailAny' : triggerWords[kind];
  const address = path === undefined ? null : new URL(path, window.location.origin).href;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(address!);
      showToast(t('triggers.copied'));
    } catch {
      // Without a secure page, or when the person said no.
      showToast(t('problem.clipboard'), { tone: 'danger' });
    }
  };
  return (
    <li className="list-row studio-row">
      <Zap size={20} aria-hidden />
      <span className="list-row-text">
        <span className="list-row-title">
          {word ? t(word, { name: withoutReordering(name) }) : `${kind} ${name}`}
          {wantedOf(trigger, t)}
        </span>
        <span className="soft person-handle">
          <button type="button" className="link-button" onClick={() => onShow(script, 1)}>
            {withoutReordering(script)}
          </button>
          {address ? <code className="studio-address"> {address}</code> : null}
        </span>
        {address ? (
          <span className="soft person-handle">{t(proofWords[kind === 'email' ? 'email' : 'webhook'][hasSecret ? 1 : 0])}</span>
        ) : null}
      </span>
      {address ? (
        <IconButton label={t('triggers.copy')} onPress={() => void copy()}>
          <Copy size={16} aria-hidden />
        </IconButton>
      ) : null}
    </li>
  );
}
