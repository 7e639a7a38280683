import { Wrench } from 'lucide-react';
import { useClient } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { showToast } from '../app/toasts.tsx';
import { useLoaded } from '../app/use-loaded.ts';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { Notice } from '../design/notice.tsx';
import { useDates } from '../i18n/dates.ts';
import './outgoing.css';
import { reasonText } from './reason.ts';
import { useRefresh } from './use-refresh.ts';
import { type OutgoingTranslate, useT } from './words/index.ts';

const columns = ['ready', 'delayed', 'running', 'dead'] as const;

/** Work that waits, and work that failed for good. */
export function JobsSection() {
  const t = useT();
  const dates = useDates();
  const client = useClient();
  const loaded = useLoaded('jobs', async () => {
    const [counts, dead] = await Promise.all([client.rest.tasks(), client.rest.deadTasks({ limit: 100 })]);
    return { counts: counts.tasks, dead: dead.tasks };
  });
  useRefresh(loaded.reload);
  const retrying = useTask(async (id: string) => {
    await client.rest.retryDeadTask(id);
    showToast(t('jobs.retried'));
    loaded.reload();
  });
  const problem = retrying.problem ?? (loaded.error ? explain(loaded.error, t) : null);
  const { counts = [], dead = [] } = loaded.value ?? {};
  return (
    <div className="stack outgoing">
      {problem ? <Notice tone="danger">{problem}</Notice> : null}
      <p className="soft">{t('jobs.intro')}</p>
      {loaded.value && counts.length === 0 ? <Empty icon={<Wrench size={24} />} title={t('jobs.none')} /> : null}
      {counts.length > 0 ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
        <section className="jobs-scroll" aria-label={t('jobs.table')} tabIndex={0}>
          <table className="jobs-table">
            <thead>
              <tr>
                <th scope="col">{t('jobs.kind')}</th>
                {columns.map((column) => (
                  <th key={column} scope="col">
                    {t(`jobs.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {counts.map((count) => (
                <tr key={count.kind}>
                  <th scope="row">{kindName(count.kind, t)}</th>
                  {columns.map((column) => (
                    <td key={column}>{count[column] === null ? t('jobs.unknown') : dates.number(count[column])}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ) : null}
      {dead.length > 0 ? (
        <>
          <h3>{t('jobs.failed')}</h3>
          <ul className="list-card">
            {dead.map((task) => (
              <li key={task.id} className="list-row">
                <span className="list-row-text">
                  <span className="list-row-title">{reasonText(task.reason, t)}</span>
                  <span className="soft person-handle">
                    {t('jobs.failedLine', { kind: kindName(task.kind, t), count: task.attempts, ago: dates.ago(task.diedAt) })}
                  </span>
                </span>
                <Button size="small" isPending={retrying.isRunning} onPress={() => void retrying.run(task.id)}>
                  {t('jobs.retry')}
                </Button>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </div>
  );
}

function kindName(kind: string, t: OutgoingTranslate): string {
  return kind === 'webhook' || kind === 'export' ? t(`jobs.name.${kind}`) : kind;
}
