import type { Webhook, WebhookDelivery } from 'gb-protocol';
import { useState } from 'react';
import { useClient } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { showToast } from '../app/toasts.tsx';
import { useLoaded } from '../app/use-loaded.ts';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { useDates } from '../i18n/dates.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { useUndo } from '../studio/use-undo.ts';
import { reasonText } from './reason.ts';
import { useRefresh } from './use-refresh.ts';
import { WebhookForm } from './webhook-form.tsx';
import { useT } from './words/index.ts';

const pageSize = 20;

/** What can be done with a webhook, and what was sent to it. */
export function WebhookDetail({
  webhook,
  onChanged,
  onSecret,
}: {
  webhook: Webhook;
  onChanged: () => void;
  onSecret: (secret: string) => void;
}) {
  const t = useT();
  const client = useClient();
  const { gone, later } = useUndo();
  const [limit, setLimit] = useState(pageSize);
  const loaded = useLoaded(`${webhook.id}:${limit}`, () => client.rest.webhookDeliveries(webhook.id, { limit }));
  useRefresh(loaded.reload);
  const doing = useTask(async (work: () => Promise<unknown>, said?: string) => {
    await work();
    if (said !== undefined) showToast(said);
    loaded.reload();
    onChanged();
  });
  const [isChanging, setChanging] = useState(false);
  const { id } = webhook;
  const isOn = webhook.offReason === null;
  const problem = doing.problem ?? (loaded.error ? explain(loaded.error, t) : null);
  const deliveries = loaded.value?.deliveries ?? [];
  if (gone.has(id)) return null;
  return (
    <div className="hook-detail">
      {problem ? <Notice tone="danger">{problem}</Notice> : null}
      <p className="soft person-handle">{withoutReordering(webhook.address)}</p>
      <div className="hook-actions">
        <Button onPress={() => void doing.run(() => client.rest.testWebhook(id), t('hooks.tested'))}>{t('hooks.test')}</Button>
        <Button onPress={() => void doing.run(() => client.rest.updateWebhook(id, { isOn: !isOn }))}>
          {t(isOn ? 'hooks.switchOff' : 'hooks.switchOn')}
        </Button>
        <Button onPress={() => setChanging(!isChanging)}>{t('hooks.change')}</Button>
        <Button
          onPress={() =>
            void doing.run(async () => onSecret((await client.rest.replaceWebhookSecret(id)).secret), t('hooks.newSecretSaid'))
          }
        >
          {t('hooks.newSecret')}
        </Button>
        <Button
          tone="danger"
          onPress={() =>
            later(
              id,
              t('hooks.deleted', { name: withoutReordering(webhook.name) }),
              () => client.rest.deleteWebhook(id),
              onChanged,
            )
          }
        >
          {t('hooks.delete')}
        </Button>
      </div>
      {isChanging ? (
        <WebhookForm
          webhook={webhook}
          onCancel={() => setChanging(false)}
          onSave={async ({ channelIds = null, ...given }) => {
            await client.rest.updateWebhook(id, { ...given, channelIds });
            setChanging(false);
            showToast(t('common.saved'));
            onChanged();
          }}
        />
      ) : null}
      <h3>{t('hooks.deliveries')}</h3>
      {loaded.value && deliveries.length === 0 ? <p className="soft">{t('hooks.noDeliveries')}</p> : null}
      {deliveries.length > 0 ? (
        <ul className="list-card" aria-label={t('hooks.show', { name: withoutReordering(webhook.name) })}>
          {deliveries.map((delivery) => (
            <DeliveryRow
              key={delivery.id}
              delivery={delivery}
              onAgain={() => void doing.run(() => client.rest.repeatWebhookDelivery(id, delivery.id), t('hooks.sentAgain'))}
            />
          ))}
        </ul>
      ) : null}
      {loaded.value?.hasMore && limit < 200 ? (
        <div className="row">
          <Button onPress={() => setLimit(Math.min(200, limit + 3 * pageSize))}>{t('hooks.more')}</Button>
        </div>
      ) : null}
    </div>
  );
}

function DeliveryRow({ delivery, onAgain }: { delivery: WebhookDelivery; onAgain: () => void }) {
  const t = useT();
  const dates = useDates();
  const { status, kind, httpStatus, durationMs, attempts, createdAt, answer, reason } = delivery;
  const facts = [
    dates.ago(createdAt),
    ...(httpStatus === null ? [] : [String(httpStatus)]),
    ...(durationMs === null ? [] : [t('hooks.took', { ms: durationMs })]),
    ...(attempts > 0 ? [t('hooks.attempts', { count: attempts })] : []),
  ];
  return (
    <li className="list-row">
      <span className="list-row-text">
        <span className="list-row-title">
          {t(`kind.${kind}`)} <span className={`tag${status === 'dead' ? ' is-danger' : ''}`}>{t(`hooks.status.${status}`)}</span>
        </span>
        <span className="soft person-handle">{facts.join(' · ')}</span>
        {reason ? <span className="soft person-handle">{reasonText(reason, t)}</span> : null}
        {answer ? (
          <details className="hook-answer">
            <summary className="soft">{t('hooks.answer')}</summary>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard */}
            <pre tabIndex={0}>{withoutReordering(answer)}</pre>
          </details>
        ) : null}
      </span>
      <Button size="small" onPress={onAgain}>
        {t('hooks.again')}
      </Button>
    </li>
  );
}
