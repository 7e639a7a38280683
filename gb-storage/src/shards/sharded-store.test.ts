import type { Store } from 'gb-core';
import { storeContract, world } from 'gb-core/contract';
import type { CustomerId } from 'gb-protocol';
import { silentLogger } from 'gb-utils';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { bucketOf } from './bucket.ts';
import { openShardedStore } from './open-sharded-store.ts';
import type { ShardMap } from './shard-map.ts';
import { startTestShards, type TestShards } from './testing.ts';

storeContract('two databases', async () => {
  const shards = await startTestShards();
  const { store } = await shards.openStore();
  return { store, openAnother: async (options) => (await shards.openStore(options)).store, close: () => shards.close() };
});

let shards: TestShards;
let store: Store;
let map: ShardMap;
beforeAll(async () => {
  shards = await startTestShards();
  ({ store, map } = await shards.openStore());
});
afterAll(async () => {
  await shards?.close();
});

/** As its owner, in one of the databases. */
async function owner(name: string, text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(shards.databases.get(name)!.postgres.owner);
  await client.connect();
  try {
    return (await client.query(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

/** A customer of this database. */
async function customerOf(name: string) {
  for (;;) {
    const w = await world(store);
    if (map.place(w.customerId).shard === name) return w;
  }
}

test('the bucket of a customer is the same here and in the database', async () => {
  const ids = Array.from({ length: 300 }, () => crypto.randomUUID() as CustomerId);
  const rows = await owner('one', 'select control.bucket_of(i) as bucket from unnest($1::uuid[]) i', [ids]);
  expect(rows.map(({ bucket }) => bucket)).toEqual(ids.map(bucketOf));
});

test('customers lie where the map says, and nowhere else', async () => {
  const there = await customerOf('two');
  const count = 'select count(*)::int as n from control.customers where customer_id = $1';
  expect(await owner('two', count, [there.customerId])).toEqual([{ n: 1 }]);
  expect(await owner('one', count, [there.customerId])).toEqual([{ n: 0 }]);
});

test('a map that is out of date is refused, read again, and nobody notices', async () => {
  const w = await customerOf('one');
  const channelId = await w.channel('general');
  await w.say(channelId, 'before');
  const bucket = bucketOf(w.customerId);
  const before = map.place(w.customerId);
  // As after a bucket went away and came back: the same place, in a later epoch.
  await owner('one', 'update control.buckets set epoch = epoch + 1 where bucket = $1', [bucket]);
  await owner('one', 'update control.bucket_map set epoch = epoch + 1 where bucket = $1', [bucket]);
  expect(map.place(w.customerId)).toEqual(before);
  // By the writer, in one batch with a customer who is where they were; then by a transaction, and by a reading.
  const other = await customerOf('one');
  const elsewhere = await other.channel('general');
  const said = await Promise.all([w.say(channelId, 'after'), other.say(elsewhere, 'hello')]);
  expect(said).toEqual([2, 1]);
  expect(map.place(w.customerId)).toEqual({ shard: 'one', epoch: before.epoch + 1 });
  const later = async () => {
    for (const table of ['buckets', 'bucket_map'])
      await owner('one', `update control.${table} set epoch = epoch + 1 where bucket = $1`, [bucket]);
  };
  await later();
  await store.transaction(w.customerId, (tx) => tx.users.update(w.owner, { name: 'Ann' }));
  await later();
  expect((await store.read(w.customerId, (tx) => tx.users.get(w.owner)))?.name).toBe('Ann');
});

test('a closed bucket keeps its customers waiting, and fails them in the end with an error that may be retried', async () => {
  const [w, other] = [await customerOf('two'), await customerOf('two')];
  const channelId = await w.channel('general');
  const state = (wanted: string) =>
    owner('two', 'update control.buckets set state = $2 where bucket = $1', [bucketOf(w.customerId), wanted]);
  await state('closed');
  const waiting = w.say(channelId, 'meanwhile');
  expect(await store.read(other.customerId, (tx) => tx.users.get(other.owner))).toMatchObject({ id: other.owner });
  await state('open');
  expect(await waiting).toBe(1);
  await state('closed');
  await expect(w.say(channelId, 'never')).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  await state('open');
  expect(await w.say(channelId, 'again')).toBe(2);
});

test('a database with customers stays where it is when others come beside it', async () => {
  const [old, fresh] = [await startTestDatabase(), await startTestDatabase()];
  let opened: Store | undefined;
  try {
    const w = await world(await old.openStore());
    const logins = ({ postgres: { owner, app, relay } }: TestDatabase) => ({ owner, app, relay });
    const shards = new Map([
      ['old', logins(old)],
      ['fresh', logins(fresh)],
    ]);
    // Twice at once, as two processes start.
    const [one, two] = await Promise.all([
      openShardedStore({ shards, log: silentLogger }),
      openShardedStore({ shards, log: silentLogger }),
    ]);
    opened = one;
    await two.close();
    expect((await one.read(w.customerId, (tx) => tx.users.get(w.owner)))?.name).toBe('Ana');
    expect(await one.listCustomers()).toEqual([w.customerId]);
    const later = await world(one);
    expect(await (await old.openStore()).listCustomers()).toContain(later.customerId);
  } finally {
    await opened?.close();
    await old.close();
    await fresh.close();
  }
});

test('a database that is away at the start is migrated when it comes, and its customers wait', async () => {
  const [near, far] = [await startTestDatabase(), await startTestDatabase()];
  const away = { ...far.postgres.owner, host: '127.0.0.1', port: 1 };
  let opened: Store | undefined;
  try {
    const own = ({ postgres: { owner, app, relay } }: TestDatabase) => ({ owner, app, relay });
    const farLogins = { owner: away, app: far.postgres.app, relay: far.postgres.relay };
    const shards = new Map([
      ['near', own(near)],
      ['far', farLogins],
    ]);
    opened = await openShardedStore({ shards, log: silentLogger });
    const store = opened;
    const made = async () =>
      (await Promise.allSettled(Array.from({ length: 12 }, () => world(store)))).map(({ status }) => status);
    expect(new Set(await made())).toEqual(new Set(['fulfilled', 'rejected']));
    Object.assign(farLogins, { owner: far.postgres.owner });
    await expect.poll(async () => (await made()).includes('rejected'), { timeout: 30_000 }).toBe(false);
  } finally {
    await opened?.close();
    await near.close();
    await far.close();
  }
});

test('a database that is away fails its own customers and nobody else', async () => {
  const own = await startTestShards(['near', 'far']);
  try {
    const { store, map } = await own.openStore();
    const worlds = new Map<string, Awaited<ReturnType<typeof world>>>();
    while (worlds.size < 2) {
      const w = await world(store);
      worlds.set(map.place(w.customerId).shard, w);
    }
    const [near, far] = [worlds.get('near')!, worlds.get('far')!];
    const channelId = await near.channel('general');
    await own.databases.get('far')!.postgres.stop();
    await expect(store.transaction(far.customerId, (tx) => tx.users.get(far.owner))).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
    });
    expect(await near.say(channelId, 'hello')).toBe(1);
    expect((await store.outbox.take(1_000)).filter((entry) => entry.channelId === channelId)).toHaveLength(1);
    await store.ping();
    const timers = await store.timers.take({ nowMs: Date.now(), untilMs: Date.now() + 1_000, limit: 10, busy: [] });
    expect(timers).toEqual([]);
    await expect(store.findLogins('nobody@example.org')).rejects.toMatchObject({ code: 'unavailable' });
  } finally {
    await own.close();
  }
});
