import {
  type Databases,
  openDatabases,
  openRegionalLogins,
  primaryOf,
  type ShardLogins,
  startEmbeddedPostgres,
  storeQuotaDefaults,
} from 'gb-storage';
import { GbError, type Logger } from 'gb-utils';
import type { Config } from './config.ts';

/** The databases that the settings name, or our own; and TiKV for old texts where there is one. */
export async function composeDatabases(config: Config, log: Logger, closers: (() => Promise<void>)[]): Promise<Databases> {
  const databases = await loginsOf(config, log, closers);
  const coldValues = config.tikv && (await openTikv(config.tikv, log));
  if (coldValues) closers.push(() => coldValues.close());
  const opened = await openDatabases({ databases, coldValues, log });
  closers.push(() => opened.close());
  const all = 'owner' in databases ? [databases] : [...databases.values()];
  for (const { owner } of all) await keepQuotaDefaults(owner, config, log);
  return opened;
}

async function keepQuotaDefaults(owner: ShardLogins['owner'], { quotas }: Config, log: Logger): Promise<void> {
  try {
    await storeQuotaDefaults(owner, quotas);
  } catch (error) {
    // One of several may be away at the start, or not to be written to yet; what it had last is still there when it is back.
    if (!(error instanceof GbError) || !error.retryable) throw error;
    log.warn({ err: error }, 'The defaults of quotas could not be stored in a database that takes nothing now');
  }
}

async function loginsOf(
  { databaseShards, databaseSites, region, databaseUrl, databaseAppUrl, databaseReplicas, startedDatabase, dataDir }: Config,
  log: Logger,
  closers: (() => Promise<void>)[],
): Promise<ShardLogins | ReadonlyMap<string, ShardLogins>> {
  const followed = async (name: string, own: ReadonlyMap<string, string>): Promise<ShardLogins> => {
    const sites = new Map([...own].map(([at, address]) => [at, oneLogin(address)]));
    const { logins, watch } = await openRegionalLogins({ name, sites, region, log });
    closers.push(() => watch.close());
    return logins;
  };
  const replicasOf = (name: string) => ({ replicas: (databaseReplicas.get(name) ?? []).map((address) => oneLogin(address).app) });
  if (databaseShards.size > 0) {
    const all = new Map<string, ShardLogins>();
    for (const [name, address] of databaseShards) {
      const own = databaseSites.get(name);
      all.set(name, { ...(own ? await followed(name, own) : oneLogin(address)), ...replicasOf(name) });
    }
    return all;
  }
  if (databaseUrl === null) {
    if (startedDatabase) return startedDatabase;
    const postgres = await startEmbeddedPostgres({ dataDir, log });
    closers.push(() => postgres.stop());
    return { owner: postgres.owner, app: postgres.app, relay: postgres.relay };
  }
  const logins = { ...oneLogin(databaseUrl), ...replicasOf('main') };
  return databaseAppUrl === null ? logins : { ...logins, app: { connectionString: databaseAppUrl } };
}

/** The same settings, with the address of each database where it may be written now: for commands, which follow nothing. */
export async function atPrimaries(config: Config): Promise<Config> {
  const databaseShards = new Map(config.databaseShards);
  for (const [name, own] of config.databaseSites) {
    const sites = new Map([...own].map(([at, connectionString]) => [at, { connectionString }]));
    try {
      const { region } = await primaryOf({ name, sites });
      databaseShards.set(name, own.get(region)!);
    } catch (error) {
      // None answers: the command says so in its own words, with the address it has.
      if (!(error instanceof GbError) || error.code !== 'unavailable') throw error;
    }
  }
  return { ...config, databaseShards };
}

/** One login in three roles. */
function oneLogin(connectionString: string): ShardLogins {
  const as = (role: string) => ({ connectionString, options: `-c role=${role}` });
  return { owner: { connectionString }, app: as('gb_app'), relay: as('gb_relay') };
}

async function openTikv({ pd, tls }: NonNullable<Config['tikv']>, log: Logger) {
  const pems = tls && Object.fromEntries(Object.entries(tls).map(([name, pem]) => [name, Buffer.from(pem)]));
  // The gRPC client is loaded by who has a TiKV.
  const { openTikvKeyValueStore } = await import('gb-storage/tikv');
  return openTikvKeyValueStore({ pd, log, ...(pems ? { tls: pems } : {}) });
}
