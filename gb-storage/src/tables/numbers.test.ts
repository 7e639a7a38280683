import type { ManifestTable, Store } from 'gb-core';
import type { BotId, CustomerId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../testing.ts';

let database: TestDatabase;
let store: Store;
let owner: pg.Client;
let customerId: CustomerId;
const botId = uuidv7() as BotId;

const orders: ManifestTable = {
  name: 'orders',
  connection: null,
  readBy: [],
  writeBy: [],
  columns: [
    { name: 'id', type: 'integer', isKey: true, isRequired: true, isUnique: false },
    { name: 'ticket', type: 'integer', isKey: false, isRequired: false, isUnique: false, default: { made: 'next' } },
  ],
  uniques: [],
  indexes: [],
};

beforeAll(async () => {
  database = await startTestDatabase();
  store = await database.openStore();
  owner = new pg.Client(database.postgres.owner);
  await owner.connect();
  const person = { userName: 'Ana', handle: 'ana', email: 'ana@example.org', passwordHash: 'x', locale: 'en' } as const;
  ({ customerId } = await store.createCustomer({ organizationName: 'Shop', ...person }));
  await store.transaction(customerId, async (tx) => {
    const bot = { kind: 'bot', name: 'Bot', handle: 'bot', role: 'bot', email: null, passwordHash: null, locale: 'en' } as const;
    const { id: userId } = await tx.users.insert({ id: uuidv7() as never, ...bot });
    await tx.bots.insert({ id: botId, userId, description: '', origin: 'editor', files: [{ name: 'start.bas', text: '' }] });
    await tx.tables.declare(botId, [orders]);
  });
});

afterAll(async () => {
  await owner?.end();
  await database?.close();
});

const insert = (...rows: readonly Record<string, number>[]) =>
  store.transaction(customerId, async (tx) => tx.tables.insert((await tx.tables.get(botId, 'orders'))!, rows));

test('a table of before there were sequences counts on from its highest number, once it is published again', async () => {
  await insert({ id: 41, ticket: 7 });
  await owner.query("select set_config('gb.customer', $1, false)", [customerId]);
  const { rows } = await owner.query<{ name: string }>(
    "select c.oid::regclass::text as name from pg_class c where c.relkind = 'S' and c.relname ~ '^t_[0-9a-f]{32}_n'",
  );
  expect(rows).toHaveLength(2);
  for (const { name } of rows) await owner.query(`drop sequence ${name}`);
  await store.transaction(customerId, (tx) => tx.tables.declare(botId, [orders]));
  expect(await insert({}, {})).toEqual([
    { id: 42, ticket: 8 },
    { id: 43, ticket: 9 },
  ]);
});

test('a statement that is stopped while it waits for its turn keeps nobody else waiting', async () => {
  const app = new pg.Client(database.postgres.app);
  await app.connect();
  try {
    const [{ table_id: tableId }] = (await owner.query<{ table_id: string }>('select table_id from gb.bot_tables')).rows as [
      never,
    ];
    const key = "hashtextextended('numbers ' || 'gb.t_' || replace($1::uuid::text, '-', '') || 'c_id', 0)";
    await owner.query(`select pg_advisory_lock(${key})`, [tableId]);
    await app.query("select set_config('gb.customer', $1, false)", [customerId]);
    await app.query('set statement_timeout = 100');
    await expect(app.query("select control.next_numbers($1, 'c_id', 1)", [tableId])).rejects.toMatchObject({ code: '57014' });
    await expect(app.query("select control.number_taken($1, 'c_id', 999)", [tableId])).rejects.toMatchObject({ code: '57014' });
    await owner.query(`select pg_advisory_unlock(${key})`, [tableId]);
    const { rows } = await owner.query(
      "select 1 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database()) and pid = $1",
      [(app as unknown as { processID: number }).processID],
    );
    expect(rows).toEqual([]);
    expect(await insert({})).toMatchObject([{ ticket: 10 }]);
  } finally {
    await app.end();
  }
});
