import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from 'gb-core';
import { type Clock, type Logger, silentLogger } from 'gb-utils';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { migrate } from './migrate.ts';
import { openPostgresStore } from './postgres-store.ts';

export interface TestDatabase {
  readonly postgres: EmbeddedPostgres;
  readonly dataDir: string;
  /** Another store on the same database, like another process would have. */
  openStore(options?: { clock?: Clock; log?: Logger }): Promise<Store>;
  /** Closes the stores, stops the server, removes every trace. */
  close(): Promise<void>;
}

/**
 * A PostgreSQL of its own for a test file, migrated: the same engine as on a laptop, in a temporary directory. Takes
 * about two seconds, so start one a file (`beforeAll`) and give each test a customer of its own (`createCustomer`):
 * the wall between customers keeps tests apart, too.
 */
export async function startTestDatabase(
  options: { log?: Logger; settings?: Readonly<Record<string, string>> } = {},
): Promise<TestDatabase> {
  const log = options.log ?? silentLogger;
  const dataDir = makeTestDir();
  const remove = () => rmSync(dataDir, { recursive: true, force: true });
  process.once('exit', remove);
  const stores: Store[] = [];
  let postgres: EmbeddedPostgres | undefined;
  const close = async () => {
    await Promise.all(stores.map((store) => store.close()));
    await postgres?.stop();
    remove();
    process.off('exit', remove);
  };
  try {
    postgres = await startEmbeddedPostgres({ dataDir, log, ...(options.settings ? { settings: options.settings } : {}) });
    await migrate(postgres.owner, { log });
  } catch (error) {
    await close();
    throw error;
  }
  const { app, relay } = postgres;
  return {
    postgres,
    dataDir,
    async openStore({ clock, log: storeLog = log } = {}) {
      const store = await openPostgresStore({ app, relay, log: storeLog, ...(clock ? { clock } : {}) });
      stores.push(store);
      return store;
    },
    close,
  };
}

/** A temporary directory that PostgreSQL may enter also when the tests run as root and it does not. */
export function makeTestDir(): string {
  const directory = mkdtempSync(join(tmpdir(), 'gb-test-'));
  chmodSync(directory, 0o711);
  return directory;
}
