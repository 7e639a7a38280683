import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert, GbError, type Logger } from 'gb-utils';
import type { ClientConfig } from 'pg';
import pg from 'pg';
import { connectionConfig, Sql } from './connection.ts';
import { translateError } from './database-errors.ts';

export const migrationsDir: string = fileURLToPath(new URL('../../migrations', import.meta.url));

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

/** Two servers that start at once: the second waits and then finds nothing to do. */
const lockKey = 4_762_001;

/**
 * Brings a database to the state this program needs, forward only, each file in a transaction of its own. Refuses a
 * database that is newer than the program, and files that changed after they were applied. Gives the names applied.
 */
export async function migrate(owner: ClientConfig, options: { log: Logger; directory?: string }): Promise<readonly string[]> {
  const migrations = readMigrations(options.directory ?? migrationsDir);
  const client = new pg.Client(connectionConfig(owner, { search_path: 'pg_catalog', statement_timeout: '0' }));
  client.on('error', () => {}); // Whatever statement is running fails with it.
  try {
    await client.connect();
    const sql = new Sql(client);
    await sql.rows('select pg_advisory_lock($1::bigint)', [lockKey]);
    await client.query(`create schema if not exists control;
      create table if not exists control.migrations (
        number int primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now()
      )`);
    const applied = await sql.rows<{ number: number; name: string; sha256: string }>(
      'select number, name, sha256 from control.migrations order by number',
    );
    check(migrations, applied);
    const pending = migrations.slice(applied.length);
    for (const migration of pending) {
      const startedAt = performance.now();
      await apply(client, migration);
      options.log.info({ migration: migration.name, tookMs: Math.round(performance.now() - startedAt) }, 'Migration applied');
    }
    return pending.map((migration) => migration.name);
  } catch (error) {
    throw translateError(error);
  } finally {
    await client.end(); // Also lets go of the lock.
  }
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query('begin');
    await client.query(migration.sql);
    await client.query('insert into control.migrations (number, name, sha256) values ($1, $2, $3)', [
      migration.number,
      migration.name,
      migration.sha256,
    ]);
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback').catch(() => {}); // The connection is gone: then so is the transaction.
    throw new Error(`Migration ${migration.name} failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function check(migrations: readonly Migration[], applied: readonly { number: number; name: string; sha256: string }[]): void {
  for (const [index, row] of applied.entries()) {
    const migration = migrations[index];
    if (migration === undefined) {
      throw new GbError(
        'unavailable',
        `The database is newer than this program: it has the migration ${row.name}, which this program does not know.`,
      );
    }
    if (migration.number !== row.number || migration.name !== row.name || migration.sha256 !== row.sha256) {
      throw new GbError(
        'unavailable',
        `The migration ${migration.name} is not the one this database was made with (${row.name}). Applied files never change; add a new one.`,
      );
    }
  }
}

/** Files like `0001_foundation.sql`, numbered without holes. */
export function readMigrations(directory: string): readonly Migration[] {
  const names = readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name, index) => {
    const number = Number(/^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1]);
    assert(number === index + 1, `migrations are numbered without holes, like 0001_name.sql: ${name}`);
    const sql = readFileSync(join(directory, name), 'utf8');
    return { number, name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
  });
}
