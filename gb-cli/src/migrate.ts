import { migrate } from 'gb-storage';
import { GbError } from 'gb-utils';
import type { Config } from './config.ts';
import { createLogger } from './logger.ts';

/** `gb migrate`: for operators who bring the database up to date before the servers. */
export async function migrateOnly(config: Config): Promise<void> {
  const addresses = config.databaseUrl === null ? [...config.databaseShards.values()] : [config.databaseUrl];
  if (addresses.length === 0)
    throw new GbError(
      'malformed',
      'Set DATABASE_URL or DATABASE_SHARDS. The embedded database is brought up to date at each start.',
    );
  const log = createLogger(config.logLevel);
  for (const connectionString of addresses) await migrate({ connectionString }, { log });
  process.stdout.write(
    addresses.length === 1 ? 'The database is up to date.\n' : `${addresses.length} databases are up to date.\n`,
  );
}
