import { limits, type QuotaName, quotaNames } from 'gb-protocol';
import { GbError } from 'gb-utils';

/** null: as much as they like. What is not named is as it was. */
export type QuotaTable = Readonly<Partial<Record<QuotaName, number | null>>>;

/**
 * What every organization may have where nobody says otherwise. High: these are for what runs away, not for selling. Of
 * `calls` the plans of bots say how many.
 */
export const defaultQuotas = {
  messages: 10_000_000,
  storage: limits.filesBytesPerCustomerMax,
  members: 100_000,
  channels: 100_000,
  bots: 10_000,
  webhooks: limits.webhooksMax,
  connections: 100_000,
} as const satisfies QuotaTable;

/** From this part of a quota on its administrators are told. */
export const warnedFrom = 0.8;

/** What defaults a tier of subscription has; '*' is for all of them. */
export type QuotaDefaults = ReadonlyMap<string, QuotaTable>;

/** `storage=50GB members=200 pro:storage=unlimited`: with a tier in front, of that tier alone. */
export function readQuotaDefaults(text: string): QuotaDefaults {
  const tables = new Map<string, Record<string, number | null>>([['*', { ...defaultQuotas }]]);
  for (const word of text.split(/[\s,]+/).filter(Boolean)) {
    const [, tier = '*', change = ''] = /^(?:([a-z0-9_-]{1,40}):)?(.*)$/i.exec(word) ?? [];
    const { name, most } = readQuota(change);
    tables.set(tier, { ...tables.get(tier), [name]: most });
  }
  return tables;
}

/** One of them: `storage=50GB`, `messages=2M`, `bots=unlimited`. Fails with `malformed` and what would be right. */
export function readQuota(text: string): { readonly name: QuotaName; readonly most: number | null } {
  const [, word = '', amount = ''] = /^([a-z]+)=(.+)$/i.exec(text) ?? [];
  const name = quotaNames.find((one) => one === word.toLowerCase());
  if (!name) throw new GbError('malformed', `"${text}" has to be like storage=50GB; there are ${quotaNames.join(', ')}.`);
  if (amount.toLowerCase() === 'unlimited') {
    if (name === 'calls') throw new GbError('malformed', 'calls needs a number: what a program asks of the outside has an end.');
    return { name, most: null };
  }
  const [, digits, unit = ''] = /^(\d{1,15}(?:\.\d{1,6})?) ?([a-z]*)$/i.exec(amount) ?? [];
  const factor = (name === 'storage' ? byteUnits : units)[unit.toLowerCase()];
  const most = Math.floor(Number(digits) * (factor ?? Number.NaN));
  if (!Number.isSafeInteger(most)) {
    const example = name === 'storage' ? '500MB, 50GB or 1.5TiB' : '200, 10k or 2M';
    throw new GbError('malformed', `"${amount}" is no amount of ${name}: write it like ${example}, or unlimited.`);
  }
  return { name, most };
}

const units: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6 };
const byteUnits: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};
