import type { Locale, QuotaUse } from 'gb-protocol';
import { useClient } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { useLoaded } from '../app/use-loaded.ts';
import { Notice } from '../design/notice.tsx';
import { useLocale, useT } from '../i18n/index.ts';
import { fileSize } from '../lib/file-size.ts';

/** From here on a bar is drawn as a warning; the server tells administrators at the same mark. */
const nearFrom = 80;

/** What the organization uses of what it may have. */
export function UsageSection() {
  const t = useT();
  const locale = useLocale();
  const client = useClient();
  const usage = useLoaded('usage', () => client.rest.usage());
  const quotas = usage.value?.quotas ?? [];
  const full = quotas.filter((quota) => percentOf(quota) >= 100);
  const near = quotas.filter((quota) => percentOf(quota) >= nearFrom && percentOf(quota) < 100);
  const names = (list: readonly QuotaUse[]) => new Intl.ListFormat(locale).format(list.map(({ name }) => t(`usage.${name}`)));
  return (
    <div className="stack">
      <p className="soft">{t('usage.text')}</p>
      {usage.error ? <Notice tone="danger">{explain(usage.error, t)}</Notice> : null}
      {full.length > 0 ? <Notice tone="danger">{t('usage.full', { what: names(full) })}</Notice> : null}
      {near.length > 0 ? <Notice tone="warning">{t('usage.near', { what: names(near) })}</Notice> : null}
      <ul className="list-card">
        {quotas.map((quota) => (
          <li key={quota.name} className="list-row">
            <UsageRow quota={quota} dayEndsAt={usage.value!.dayEndsAt} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function UsageRow({ quota, dayEndsAt }: { quota: QuotaUse; dayEndsAt: number }) {
  const t = useT();
  const locale = useLocale();
  const { name, used, most } = quota;
  const percent = percentOf(quota);
  const amount = amountText(quota, locale, t);
  const tone = percent >= 100 ? ' is-full' : percent >= nearFrom ? ' is-near' : '';
  const until = new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(dayEndsAt);
  return (
    <div className="usage-row">
      <span className="list-row-title">{t(`usage.${name}`)}</span>
      <span className="usage-amount">{amount}</span>
      {used !== null && most !== null ? (
        <meter
          className={`usage-bar${tone}`}
          aria-label={t(`usage.${name}`)}
          aria-valuetext={amount}
          min={0}
          max={Math.max(1, most)}
          value={most === 0 && used > 0 ? 1 : used}
        />
      ) : null}
      {name === 'messages' ? <span className="soft usage-note">{t('usage.messagesText', { until })}</span> : null}
      {name === 'calls' ? <span className="soft usage-note">{t('usage.callsText')}</span> : null}
    </div>
  );
}

function amountText({ name, used, most }: QuotaUse, locale: Locale, t: ReturnType<typeof useT>): string {
  const format = (value: number) => (name === 'storage' ? fileSize(value, locale) : new Intl.NumberFormat(locale).format(value));
  if (used === null) return most === null ? t('usage.byPlan') : t('usage.atMost', { most: format(most) });
  return most === null ? format(used) : t('usage.of', { used: format(used), most: format(most) });
}

function percentOf({ used, most }: QuotaUse): number {
  if (used === null || most === null) return 0;
  return most === 0 ? (used > 0 ? 100 : 0) : (used / most) * 100;
}
