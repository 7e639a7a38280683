import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readQuota } from 'gb-core';
import type { QuotaName, QuotaUse } from 'gb-protocol';
import { type CustomerQuotas, type FoundCustomer, migrate, ownerOfRunning, QuotaAdmin, startEmbeddedPostgres } from 'gb-storage';
import { GbError, type Logger } from 'gb-utils';
import type { Config } from './config.ts';
import { createLogger } from './logger.ts';

const help = `gb quota: what organizations may have

  gb quota show                        the organizations that use 80 % or more of something
  gb quota show <organization>         everything of one
  gb quota set <organization> <name>=<amount> ...

An organization is named by its name or its id. Amounts are like storage=50GB, messages=2M, members=200, bots=unlimited;
<name>=default goes back to what everybody has (GB_QUOTAS). Names: messages (a day), storage, members, channels, bots,
webhooks, connections, calls (of a bot to the outside, since the last answer).
`;

/** `gb quota`: works on the databases of the settings, whether servers run on them or not. Gives the exit code. */
export async function quota(
  args: readonly string[],
  config: Config,
  say: (text: string) => void = (text) => void process.stdout.write(text),
): Promise<number> {
  const [verb, name, ...changes] = args;
  if (verb === 'show' && changes.length === 0)
    return withAdmin(config, async (admin) => {
      if (name === undefined) say(await everybody(admin));
      else say(page(await admin.read((await one(admin, name)).customerId)));
      return 0;
    });
  if (verb === 'set' && name !== undefined && changes.length > 0) {
    const read = new Map(changes.map(readChange));
    return withAdmin(config, async (admin) => {
      const { customerId } = await one(admin, name);
      await admin.set(customerId, read);
      say(page(await admin.read(customerId)));
      return 0;
    });
  }
  say(help);
  return verb === undefined || verb === 'help' || verb === '--help' ? 0 : 2;
}

async function withAdmin<T>(config: Config, work: (admin: QuotaAdmin) => Promise<T>): Promise<T> {
  const log = createLogger('warn');
  const addresses = config.databaseUrl === null ? [...config.databaseShards.values()] : [config.databaseUrl];
  if (addresses.length > 0) return work(new QuotaAdmin(addresses.map((connectionString) => ({ connectionString }))));
  const running = ownerOfRunning(config.dataDir);
  return running ? work(new QuotaAdmin([running])) : withOwnDatabase(config, log, work);
}

/** No server runs on the embedded database: it is started for as long as this takes. */
async function withOwnDatabase<T>({ dataDir }: Config, log: Logger, work: (admin: QuotaAdmin) => Promise<T>): Promise<T> {
  if (!existsSync(join(dataDir, 'postgres')))
    throw new GbError('not_found', `There is no database in ${dataDir}. Set GB_DATA_DIR or DATABASE_URL as for the server.`);
  const postgres = await startEmbeddedPostgres({ dataDir, log });
  try {
    await migrate(postgres.owner, { log });
    return await work(new QuotaAdmin([postgres.owner]));
  } finally {
    await postgres.stop();
  }
}

function readChange(text: string): readonly [QuotaName, number | null | 'default'] {
  const [, name = ''] = /^([a-z]+)=default$/i.exec(text) ?? [];
  // Checked like an amount, so that a name that does not exist is told the same way.
  const { name: known, most } = readQuota(name === '' ? text : `${name}=0`);
  return [known, name === '' ? most : 'default'];
}

async function one(admin: QuotaAdmin, text: string): Promise<FoundCustomer> {
  const [found, another] = await admin.find(text);
  if (!found) throw new GbError('not_found', `There is no organization called "${text}".`);
  if (!another) return found;
  const ids = (await admin.find(text)).map(({ customerId }) => `  ${customerId}`).join('\n');
  throw new GbError('malformed', `More than one organization is called "${text}". Name one by its id:\n${ids}`);
}

async function everybody(admin: QuotaAdmin): Promise<string> {
  const customers = await admin.find();
  const pages: string[] = [];
  for (const { customerId } of customers) {
    const all = await admin.read(customerId);
    const near = all.quotas.filter((quota) => percentOf(quota) >= 80);
    if (near.length > 0) pages.push(page({ ...all, quotas: near }));
  }
  if (pages.length > 0) return pages.join('\n');
  return `None of ${customers.length} organizations uses 80 % of anything. gb quota show <organization> shows one.\n`;
}

function page({ organizationName, customerId, tier, quotas }: CustomerQuotas): string {
  const rows = quotas.map((quota) => {
    const used = quota.used === null ? '' : `${amount(quota.name, quota.used)} of `;
    const most =
      quota.most === null ? (quota.name === 'calls' ? 'what the plan says' : 'unlimited') : amount(quota.name, quota.most);
    const percent = quota.used === null || quota.most === null ? '' : `${Math.floor(percentOf(quota))} %`;
    const notes = [quota.isOwn ? 'set for this organization' : '', notesOf[quota.name] ?? ''].filter(Boolean).join('; ');
    return `  ${quota.name.padEnd(12)}${`${used}${most}`.padStart(34)}${percent.padStart(7)}   ${notes}`.trimEnd();
  });
  return `${organizationName}  (${customerId}, ${tier})\n${rows.join('\n')}\n`;
}

const notesOf: Readonly<Partial<Record<QuotaName, string>>> = {
  messages: 'today, UTC',
  connections: 'how many there are, the servers know',
};

function percentOf({ used, most }: Pick<QuotaUse, 'used' | 'most'>): number {
  if (used === null || most === null) return 0;
  return most === 0 ? (used > 0 ? 100 : 0) : (used / most) * 100;
}

function amount(name: QuotaName, value: number): string {
  const format = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
  if (name !== 'storage') return format.format(value);
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
  return `${format.format(value / 1000 ** power)} ${units[power]}`;
}
