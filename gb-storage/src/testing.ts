import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyValueStore, Store } from 'gb-core';
import type { CustomerId } from 'gb-protocol';
import { type Clock, type Logger, silentLogger } from 'gb-utils';
import pg from 'pg';
import { type ConnectionConfig, type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { migrate } from './migrate.ts';
import { openPostgresStore } from './postgres-store.ts';
import { copyRunDatabase, stopAtOnce } from './testing/run-database.ts';
import { makeTestDir } from './testing/test-dir.ts';

export { openDeadTasks } from './tasks/task-queue.postgres.ts';
export { copyRunDatabase } from './testing/run-database.ts';
export { makeTestDir } from './testing/test-dir.ts';

export interface TestDatabase {
  readonly postgres: EmbeddedPostgres;
  readonly dataDir: string;
  /** Another store on the same database, like another process would have. */
  openStore(options?: { clock?: Clock; log?: Logger; coldHistory?: KeyValueStore }): Promise<Store>;
  /**
   * The tables in which a customer has these words, in any column: as text, or as the bytes of it that the memory of a
   * program would hold.
   */
  tablesWith(customerId: CustomerId, text: string): Promise<readonly string[]>;
  /** One statement as the server's own superuser. */
  asSuperuser(text: string): Promise<void>;
  /** Closes the stores, stops the server, removes every trace. */
  close(): Promise<void>;
}

/**
 * A PostgreSQL of its own for a test file, migrated: the same engine as on a laptop, in a temporary directory. Takes
 * up to two seconds, so start one a file (`beforeAll`) and give each test a customer of its own (`createCustomer`):
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
    if (postgres) await stopAtOnce(postgres);
    remove();
    process.off('exit', remove);
  };
  try {
    await copyRunDatabase(dataDir);
    // Tests open as many stores as a cluster has processes.
    postgres = await startEmbeddedPostgres({ dataDir, log, settings: { max_connections: '150', ...options.settings } });
    await migrate(postgres.owner, { log });
  } catch (error) {
    await close();
    throw error;
  }
  const { app, relay } = postgres;
  return {
    postgres,
    dataDir,
    async openStore({ clock, log: storeLog = log, coldHistory } = {}) {
      const store = await openPostgresStore({
        app,
        relay,
        log: storeLog,
        ...(clock ? { clock } : {}),
        ...(coldHistory ? { coldHistory } : {}),
      });
      stores.push(store);
      return store;
    },
    async asSuperuser(text) {
      const { superuser } = JSON.parse(readFileSync(join(dataDir, 'postgres-secrets.json'), 'utf8')) as { superuser: string };
      const client = new pg.Client({ ...postgres.owner, user: 'postgres', password: superuser });
      await client.connect();
      try {
        await client.query(text);
      } finally {
        await client.end();
      }
    },
    tablesWith: (customerId, text) => tablesWith(postgres.owner, customerId, text),
    close,
  };
}

async function tablesWith(owner: ConnectionConfig, customerId: CustomerId, text: string): Promise<readonly string[]> {
  const needles = [text, ...(['utf8', 'latin1', 'utf16le'] as const).map((kind) => Buffer.from(text, kind).toString('hex'))];
  const client = new pg.Client(owner);
  await client.connect();
  try {
    await client.query("select set_config('gb.customer', $1, false)", [customerId]);
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^(pg_|information_schema)' order by 1`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query(
        `select 1 from ${name} t where exists (select from unnest($1::text[]) n where position(n in t::text) > 0) limit 1`,
        [needles],
      );
      if (rows.length > 0) found.push(name);
    }
    return found;
  } finally {
    await client.end();
  }
}
