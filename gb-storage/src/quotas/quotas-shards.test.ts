import type { ChannelId, CustomerId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ShardedStore } from '../shards/sharded-store.ts';
import { startTestShards, type TestShards } from '../shards/testing.ts';
import { QuotaAdmin } from './quota-admin.ts';

let shards: TestShards;
let store: ShardedStore;
let admin: QuotaAdmin;

beforeAll(async () => {
  shards = await startTestShards();
  store = (await shards.openStore()).store;
  admin = new QuotaAdmin([...shards.databases.values()].map(({ postgres }) => postgres.owner));
}, 120_000);
afterAll(() => shards?.close(), 60_000);

async function customer() {
  const name = `Acme ${uuidv7()}`;
  const made = await store.createCustomer({
    organizationName: name,
    userName: 'Ana',
    handle: 'ana',
    email: `${uuidv7()}@example.org`,
    passwordHash: 'x',
    locale: 'en',
  });
  const channel = () =>
    store.transaction(made.customerId, (tx) => {
      const id = uuidv7() as ChannelId;
      return tx.channels.insert({ id, kind: 'public', name: id, topic: '', directKey: null, createdBy: made.userId });
    });
  const database = async () => {
    for (const [at, { postgres }] of shards.databases)
      if ((await new QuotaAdmin([postgres.owner]).find(made.customerId)).length > 0) return at;
    throw new Error('the customer is nowhere');
  };
  return { ...made, name, channel, database };
}

test('a quota is set in the database that has the customer, and kept there', async () => {
  const all = await Promise.all(Array.from({ length: 12 }, customer));
  expect(new Set(await Promise.all(all.map((one) => one.database())))).toEqual(new Set(['one', 'two']));
  const found = (await admin.find()).map(({ customerId }) => customerId);
  expect(all.every(({ customerId }) => found.includes(customerId))).toBe(true);
  for (const one of all) {
    await admin.set(one.customerId, new Map([['channels', 1]]));
    expect(await admin.find(one.name)).toEqual([{ customerId: one.customerId, organizationName: one.name }]);
    await one.channel();
    await expect(one.channel()).rejects.toMatchObject({ facts: { name: 'channels', used: 1, most: 1 } });
    expect((await admin.read(one.customerId)).quotas.find(({ name }) => name === 'channels')).toMatchObject({ used: 1, most: 1 });
  }
  await expect(admin.read(uuidv7() as CustomerId)).rejects.toMatchObject({ code: 'not_found' });
});

test('while one database is away the customers of the other are found, and those of neither are not said to be none', async () => {
  const [first] = shards.databases.values();
  const away = { ...first!.postgres.owner, host: '/nowhere' };
  const all = await Promise.all(Array.from({ length: 12 }, customer));
  const places = await Promise.all(all.map(async (one) => ({ one, at: await one.database() })));
  const here = places.find(({ at }) => at === 'two')!.one;
  const gone = places.find(({ at }) => at === 'one')!.one;
  const half = new QuotaAdmin([away, shards.databases.get('two')!.postgres.owner]);
  await half.set(here.customerId, new Map([['members', 5]]));
  expect((await half.read(here.customerId)).quotas.find(({ name }) => name === 'members')?.most).toBe(5);
  await expect(half.set(gone.customerId, new Map([['members', 5]]))).rejects.toMatchObject({ code: 'unavailable' });
});

test('a customer on its way to another database is changed there, or not now', async () => {
  const one = await customer();
  const at = shards.databases.get(await one.database())!;
  const bucket = `control.bucket_of('${one.customerId}')`;
  await at.asSuperuser(`update control.buckets set state = 'closed' where bucket = ${bucket}`);
  await expect(admin.set(one.customerId, new Map([['members', 5]]))).rejects.toMatchObject({ code: 'not_found' });
  await at.asSuperuser(`update control.buckets set state = 'open' where bucket = ${bucket}`);
  await admin.set(one.customerId, new Map([['members', 5]]));
});
