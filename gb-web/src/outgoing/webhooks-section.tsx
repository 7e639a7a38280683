import type { Webhook } from 'gb-protocol';
import { Copy, Webhook as WebhookIcon } from 'lucide-react';
import { useState } from 'react';
import { useClient } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { showToast } from '../app/toasts.tsx';
import { useLoaded } from '../app/use-loaded.ts';
import { Button, IconButton } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { Notice } from '../design/notice.tsx';
import { withoutReordering } from '../lib/safe-text.ts';
import './outgoing.css';
import { useRefresh } from './use-refresh.ts';
import { WebhookDetail } from './webhook-detail.tsx';
import { WebhookForm } from './webhook-form.tsx';
import { useT } from './words/index.ts';

/** Other systems that hear of what happens here. A secret is shown once, when it is made. */
export function WebhooksSection() {
  const t = useT();
  const client = useClient();
  const loaded = useLoaded('webhooks', async () => (await client.rest.webhooks()).webhooks);
  const [isAdding, setAdding] = useState(false);
  const [openId, setOpenId] = useState<string | null>(null);
  const [secret, setSecret] = useState<{ readonly name: string; readonly text: string } | null>(null);
  useRefresh(loaded.reload);
  const webhooks = loaded.value ?? [];
  const add = (
    <Button tone="primary" icon={<WebhookIcon size={16} aria-hidden />} onPress={() => setAdding(true)}>
      {t('hooks.add')}
    </Button>
  );
  return (
    <div className="stack outgoing">
      {loaded.error ? <Notice tone="danger">{explain(loaded.error, t)}</Notice> : null}
      {secret ? <SecretNotice name={secret.name} secret={secret.text} /> : null}
      {isAdding ? (
        <WebhookForm
          onCancel={() => setAdding(false)}
          onSave={async (given) => {
            const made = await client.rest.createWebhook(given);
            setAdding(false);
            setSecret({ name: made.webhook.name, text: made.secret });
            setOpenId(made.webhook.id);
            loaded.reload();
          }}
        />
      ) : null}
      {loaded.value && webhooks.length === 0 && !isAdding ? (
        <Empty icon={<WebhookIcon size={24} />} title={t('hooks.emptyTitle')} action={add}>
          {t('hooks.intro')}
        </Empty>
      ) : null}
      {webhooks.length > 0 ? (
        <>
          <p className="soft">{t('hooks.intro')}</p>
          {isAdding ? null : <div className="row">{add}</div>}
          <ul className="list-card">
            {webhooks.map((webhook) => (
              <li key={webhook.id}>
                <button
                  type="button"
                  className="list-row"
                  aria-expanded={openId === webhook.id}
                  onClick={() => setOpenId(openId === webhook.id ? null : webhook.id)}
                >
                  <WebhookLine webhook={webhook} />
                </button>
                {openId === webhook.id ? (
                  <WebhookDetail
                    webhook={webhook}
                    onChanged={loaded.reload}
                    onSecret={(text) => setSecret({ name: webhook.name, text })}
                  />
                ) : null}
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </div>
  );
}

function WebhookLine({ webhook }: { webhook: Webhook }) {
  const t = useT();
  const { offReason, failures, kinds, channels } = webhook;
  const where = channels === null ? t('hooks.whereAll') : t('hooks.whereSome', { count: channels.length });
  const isIll = offReason !== null && offReason !== 'person';
  return (
    <>
      <WebhookIcon size={20} aria-hidden />
      <span className="list-row-text">
        <span className="list-row-title">{withoutReordering(webhook.name)}</span>
        <span className="soft person-handle">{hostOf(webhook.address)}</span>
        <span className="soft person-handle">
          {t('hooks.line', { count: kinds.length, where })}
          {offReason === null && failures > 0 ? ` · ${t('hooks.failing', { count: failures })}` : ''}
        </span>
      </span>
      <span className={`tag${isIll || failures > 0 ? ' is-danger' : ''}`}>
        {t(offReason === null ? 'hooks.on' : `hooks.off.${offReason}`)}
      </span>
    </>
  );
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : withoutReordering(address);
}

function SecretNotice({ name, secret }: { name: string; secret: string }) {
  const t = useT();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(secret);
      showToast(t('hooks.copied'));
    } catch {
      // Without a secure page, or when the person said no.
      showToast(t('problem.clipboard'), { tone: 'danger' });
    }
  };
  return (
    <Notice
      tone="warning"
      action={
        <IconButton label={t('hooks.copy')} onPress={() => void copy()}>
          <Copy size={16} aria-hidden />
        </IconButton>
      }
    >
      {t('hooks.secretOnce', { name: withoutReordering(name) })}
      <input className="hook-secret" value={secret} readOnly aria-label={t('hooks.secret')} onFocus={(e) => e.target.select()} />
    </Notice>
  );
}
