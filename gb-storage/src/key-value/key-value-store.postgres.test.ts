import { customerKey } from 'gb-core';
import { keyValueStoreContract } from 'gb-core/contract';
import type { CustomerId } from 'gb-protocol';
import { silentLogger, uuidv7 } from 'gb-utils';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { openPostgresKeyValueStore } from './key-value-store.postgres.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
}, 60_000);
afterAll(() => database?.close());

const open = () => openPostgresKeyValueStore({ app: database.postgres.app, log: silentLogger });
const bytes = (text: string) => new TextEncoder().encode(text);

keyValueStoreContract('postgres', open);

test('the database itself keeps customers apart: the log-in sees no key without saying whose', async () => {
  const store = await open();
  const [ours, theirs] = [uuidv7() as CustomerId, uuidv7() as CustomerId];
  await store.put(customerKey(ours, bytes('x')), bytes('secret'));
  const client = new pg.Client(database.postgres.app);
  await client.connect();
  try {
    expect((await client.query('select 1 from gb.key_values')).rows).toEqual([]);
    await client.query("select set_config('gb.customer', $1, false)", [theirs]);
    expect((await client.query('select 1 from gb.key_values')).rows).toEqual([]);
    // Under a name that says one customer, the key of another.
    await expect(
      client.query('insert into gb.key_values (customer_id, key, value) values ($1, $2, $3)', [
        theirs,
        Buffer.from(customerKey(ours, bytes('y'))),
        Buffer.from('planted'),
      ]),
    ).rejects.toMatchObject({ code: '23514' });
  } finally {
    await client.end();
    await store.close();
  }
});

test('connections that the server ends are made again, and what was acknowledged is there', async () => {
  const store = await open();
  const killer = new pg.Client(database.postgres.app);
  await killer.connect();
  const customerId = uuidv7() as CustomerId;
  const acknowledged: string[] = [];
  let isRunning = true;
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let i = 0; isRunning; i++) {
      const name = `${writer}:${i}`;
      try {
        await store.put(customerKey(customerId, bytes(name)), bytes(name));
        acknowledged.push(name);
      } catch (error) {
        expect(error).toMatchObject({ code: 'unavailable', retryable: true });
      }
    }
  });
  try {
    for (let round = 0; round < 10; round++) {
      await new Promise((resolve) => setTimeout(resolve, 30));
      await killer.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'gb_app' and pid <> pg_backend_pid()",
      );
    }
    isRunning = false;
    await Promise.all(writers);
    expect(acknowledged.length).toBeGreaterThan(10);
    const found = await store.getMany(acknowledged.map((name) => customerKey(customerId, bytes(name))));
    expect(found.map((value) => value && new TextDecoder().decode(value))).toEqual(acknowledged);
  } finally {
    isRunning = false;
    await Promise.all(writers);
    await killer.end();
    await store.close();
  }
}, 30_000);
