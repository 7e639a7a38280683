import { migrate } from 'gb-storage';
import { GbError } from 'gb-utils';
import type { Config } from './config.ts';
import { createLogger } from './logger.ts';

/** `gb migrate`: for operators who bring the database up to date before the servers. */
export async function migrateOnly(config: Config): Promise<void> {
  if (config.databaseUrl === null)
    throw new GbError('malformed', 'Set DATABASE_URL. The embedded database is brought up to date at each start.');
  const log = createLogger(config.logLevel);
  await migrate({ connectionString: config.databaseUrl }, { log });
  process.stdout.write('The database is up to date.\n');
}
