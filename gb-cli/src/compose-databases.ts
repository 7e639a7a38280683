import { type Databases, openDatabases, openTikvKeyValueStore, type ShardLogins, startEmbeddedPostgres } from 'gb-storage';
import type { Logger } from 'gb-utils';
import type { Config } from './config.ts';

/** The databases that the settings name, or our own; and TiKV for old texts where there is one. */
export async function composeDatabases(config: Config, log: Logger, closers: (() => Promise<void>)[]): Promise<Databases> {
  const databases = await loginsOf(config, log, closers);
  const coldValues = config.tikv && (await openTikv(config.tikv, log));
  if (coldValues) closers.push(() => coldValues.close());
  const opened = await openDatabases({ databases, coldValues, log });
  closers.push(() => opened.close());
  return opened;
}

async function loginsOf(
  { databaseShards, databaseUrl, databaseAppUrl, databaseReplicas, dataDir }: Config,
  log: Logger,
  closers: (() => Promise<void>)[],
): Promise<ShardLogins | ReadonlyMap<string, ShardLogins>> {
  const replicasOf = (name: string) => ({ replicas: (databaseReplicas.get(name) ?? []).map((address) => oneLogin(address).app) });
  if (databaseShards.size > 0)
    return new Map([...databaseShards].map(([name, address]) => [name, { ...oneLogin(address), ...replicasOf(name) }] as const));
  if (databaseUrl === null) {
    const postgres = await startEmbeddedPostgres({ dataDir, log });
    closers.push(() => postgres.stop());
    return { owner: postgres.owner, app: postgres.app, relay: postgres.relay };
  }
  const logins = { ...oneLogin(databaseUrl), ...replicasOf('main') };
  return databaseAppUrl === null ? logins : { ...logins, app: { connectionString: databaseAppUrl } };
}

/** One login in three roles. */
function oneLogin(connectionString: string): ShardLogins {
  const as = (role: string) => ({ connectionString, options: `-c role=${role}` });
  return { owner: { connectionString }, app: as('gb_app'), relay: as('gb_relay') };
}

function openTikv({ pd, tls }: NonNullable<Config['tikv']>, log: Logger) {
  const pems = tls && Object.fromEntries(Object.entries(tls).map(([name, pem]) => [name, Buffer.from(pem)]));
  return openTikvKeyValueStore({ pd, log, ...(pems ? { tls: pems } : {}) });
}
