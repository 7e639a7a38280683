import type { SessionId } from 'gb-protocol';
import { Monitor, Smartphone, Terminal } from 'lucide-react';
import { useClient } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { useLoaded } from '../app/use-loaded.ts';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { useDates } from '../i18n/dates.ts';
import { useT } from '../i18n/index.ts';
import { deviceOf } from '../lib/user-agent.ts';

export function SessionsSection() {
  const t = useT();
  const dates = useDates();
  const client = useClient();
  const sessions = useLoaded('sessions', () => client.rest.sessions());
  const ending = useTask(async (id: SessionId) => {
    await client.rest.endSession(id);
    sessions.reload();
  });
  const problem = ending.problem ?? (sessions.error ? explain(sessions.error, t) : null);
  return (
    <div className="stack">
      <p className="soft">{t('settings.sessionsText')}</p>
      {problem ? <Notice tone="danger">{problem}</Notice> : null}
      <ul className="list-card">
        {(sessions.value?.sessions ?? []).map((session) => {
          const device = deviceOf(session.userAgent);
          const Icon = device.kind === 'phone' ? Smartphone : device.kind === 'program' ? Terminal : Monitor;
          return (
            <li key={session.id} className="list-row">
              <Icon size={20} aria-hidden />
              <span className="list-row-text">
                <span className="list-row-title truncate">
                  {device.name} {session.isCurrent ? <span className="tag">{t('settings.thisSession')}</span> : null}
                </span>
                <span className="soft person-handle">{t('settings.lastSeen', { ago: dates.ago(session.lastSeenAt) })}</span>
              </span>
              {session.isCurrent ? null : (
                <Button
                  size="small"
                  tone="danger"
                  isPending={ending.isRunning}
                  aria-label={`${t('settings.endSession')}: ${device.name}`}
                  onPress={() => void ending.run(session.id)}
                >
                  {t('settings.endSession')}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
