import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from 'gb-utils';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { catalogDefects } from './catalog-check.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { migrate, migrationsDir, readMigrations } from './migrate.ts';
import { openPostgresStore } from './postgres-store.ts';
import { makeTestDir } from './testing.ts';

const log = silentLogger;
let dataDir: string;
let postgres: EmbeddedPostgres;
let superuser: pg.Client;
let directory: string;
let databases = 0;

beforeAll(async () => {
  dataDir = makeTestDir();
  postgres = await startEmbeddedPostgres({ dataDir, log });
  const { superuser: password } = JSON.parse(readFileSync(join(dataDir, 'postgres-secrets.json'), 'utf8'));
  superuser = new pg.Client({ ...postgres.owner, user: 'postgres', password });
  await superuser.connect();
}, 60_000);
afterAll(async () => {
  await superuser?.end();
  await postgres?.stop();
  rmSync(dataDir, { recursive: true, force: true });
}, 60_000);
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gb-migrations-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** An empty database on the same server. */
async function fresh(): Promise<EmbeddedPostgres['owner']> {
  const database = `test_${++databases}`;
  await superuser.query(`create database ${database} owner gb_owner`);
  return { ...postgres.owner, database };
}

const write = (name: string, sql: string) => writeFileSync(join(directory, name), sql);

async function ask(owner: EmbeddedPostgres['owner'], sql: string): Promise<unknown[]> {
  const client = new pg.Client(owner);
  await client.connect();
  const { rows } = await client.query({ text: sql, rowMode: 'array' });
  await client.end();
  return rows.map((row: unknown[]) => row[0]);
}

test('migrations are applied once, in order, and new ones later', async () => {
  const owner = await fresh();
  write('0001_one.sql', 'create table public.t (n int); insert into public.t values (1);');
  write('0002_two.sql', 'insert into public.t select n + 1 from public.t;');
  expect(await migrate(owner, { log, directory })).toEqual(['0001_one.sql', '0002_two.sql']);
  expect(await migrate(owner, { log, directory })).toEqual([]);
  write('0003_three.sql', 'insert into public.t values (3);');
  expect(await migrate(owner, { log, directory })).toEqual(['0003_three.sql']);
  expect(await ask(owner, 'select n from public.t order by n')).toEqual([1, 2, 3]);
});

test('a migration that fails leaves nothing of itself, and all before it', async () => {
  const owner = await fresh();
  write('0001_one.sql', 'create table public.t (n int);');
  write('0002_two.sql', 'insert into public.t values (1); create table public.u (n int); select 1 / 0;');
  await expect(migrate(owner, { log, directory })).rejects.toThrow('Migration 0002_two.sql failed: division by zero');
  expect(await ask(owner, 'select count(*)::int from public.t')).toEqual([0]);
  expect(await ask(owner, "select to_regclass('public.u')::text")).toEqual([null]);
  write('0002_two.sql', 'insert into public.t values (2);');
  expect(await migrate(owner, { log, directory })).toEqual(['0002_two.sql']);
});

test('a database newer than the program is refused, untouched', async () => {
  const owner = await fresh();
  write('0001_one.sql', 'select 1;');
  write('0002_two.sql', 'select 1;');
  await migrate(owner, { log, directory });
  rmSync(join(directory, '0002_two.sql'));
  await expect(migrate(owner, { log, directory })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('newer than this program: it has the migration 0002_two.sql'),
  });
});

test('a file that changed after it was applied is refused', async () => {
  const owner = await fresh();
  write('0001_one.sql', 'select 1;');
  await migrate(owner, { log, directory });
  write('0001_one.sql', 'select 2;');
  write('0002_two.sql', 'create table public.never (n int);');
  await expect(migrate(owner, { log, directory })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('Applied files never change'),
  });
  expect(await ask(owner, "select to_regclass('public.never')::text")).toEqual([null]);
});

test('two servers that start at once migrate once', async () => {
  const owner = await fresh();
  write('0001_one.sql', 'create table public.t (n int); select pg_sleep(0.2);');
  const applied = await Promise.all([migrate(owner, { log, directory }), migrate(owner, { log, directory })]);
  expect(applied.flat()).toEqual(['0001_one.sql']);
});

test('files are numbered without holes', () => {
  write('0001_one.sql', '');
  write('0003_three.sql', '');
  expect(() => readMigrations(directory)).toThrow('without holes');
  expect(readMigrations(migrationsDir).length).toBeGreaterThanOrEqual(4);
});

test('our own migrations run as an owner that is no superuser, and one log-in can own the tables and serve behind the wall', async () => {
  // As with a database of somebody else's: the log-in may make roles, and is otherwise nothing special.
  await superuser.query("create role customer_dba login createrole password 'x'");
  await superuser.query('create database theirs owner customer_dba');
  const owner = { ...postgres.owner, database: 'theirs', user: 'customer_dba', password: 'x' };
  await superuser.query('grant gb_app, gb_relay to customer_dba'); // The roles are here already, so somebody has to.
  await migrate(owner, { log });
  const client = new pg.Client(owner);
  await client.connect();
  expect(await catalogDefects(client)).toEqual([]);
  await client.end();
  const store = await openPostgresStore({
    app: { ...owner, options: '-c role=gb_app' },
    relay: { ...owner, options: '-c role=gb_relay' },
    log,
  });
  const { customerId, userId } = await store.createCustomer({
    organizationName: 'A',
    userName: 'A',
    handle: 'a',
    email: 'a@b.c',
    passwordHash: '',
    locale: 'en',
  });
  expect(await store.findLogins('A@b.c')).toEqual([{ customerId, userId, organizationName: 'A' }]);
  expect(await store.outbox.take(1)).toEqual([]);
  await store.close();
});
