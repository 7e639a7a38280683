import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type QuotaExceeded, readQuotaDefaults, type Store } from 'gb-core';
import type { BotId, ChannelId, CustomerId, FileId, QuotaName, UserId } from 'gb-protocol';
import { silentLogger, uuidv7 } from 'gb-utils';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate, migrationsDir } from '../migrate.ts';
import { openPostgresStore } from '../postgres-store.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { QuotaAdmin, storeQuotaDefaults } from './quota-admin.ts';

let database: TestDatabase;
/** Two processes. */
let one: Store;
let two: Store;
let admin: QuotaAdmin;

beforeAll(async () => {
  database = await startTestDatabase();
  [one, two] = [await database.openStore(), await database.openStore()];
  admin = new QuotaAdmin([database.postgres.owner]);
}, 60_000);
afterAll(() => database?.close(), 60_000);

async function customer(): Promise<{ customerId: CustomerId; userId: UserId }> {
  return one.createCustomer({
    organizationName: `Acme ${uuidv7()}`,
    userName: 'Ana',
    handle: 'ana',
    email: `${uuidv7()}@example.org`,
    passwordHash: 'x',
    locale: 'en',
  });
}

const set = (customerId: CustomerId, name: QuotaName, most: number | null | 'default') =>
  admin.set(customerId, new Map([[name, most]]));
const used = async (customerId: CustomerId, name: QuotaName) =>
  (await one.read(customerId, (tx) => tx.quotas.list())).find((quota) => quota.name === name)?.used;

const person = (store: Store, customerId: CustomerId) =>
  store.transaction(customerId, async (tx) => {
    const id = uuidv7() as UserId;
    await tx.users.insert({
      id,
      kind: 'person',
      name: 'P',
      handle: `p${id.slice(-12)}`,
      role: 'member',
      email: `${id}@example.org`,
      passwordHash: 'x',
      locale: 'en',
    });
    return id;
  });
const channel = (store: Store, customerId: CustomerId, createdBy: UserId, kind: 'public' | 'group' | 'direct' = 'public') =>
  store.transaction(customerId, async (tx) => {
    const id = uuidv7() as ChannelId;
    const directKey = kind === 'public' ? null : id;
    await tx.channels.insert({ id, kind, name: kind === 'public' ? `c-${id}` : '', topic: '', directKey, createdBy });
    return id;
  });
const bot = (store: Store, customerId: CustomerId, origin: 'editor' | 'package') =>
  store.transaction(customerId, async (tx) => {
    const [id, userId] = [uuidv7() as BotId, uuidv7() as UserId];
    const account = { name: 'B', handle: `b${id.slice(-12)}`, role: 'bot', email: null, passwordHash: null } as const;
    await tx.users.insert({ id: userId, kind: 'bot', ...account, locale: 'en' });
    await tx.bots.insert({ id, userId, description: '', origin, files: [] });
    return id;
  });
const room = (store: Store, customerId: CustomerId, ownerId: UserId, size: number) =>
  store.transaction(customerId, async (tx) => {
    const id = uuidv7() as FileId;
    const most = (await tx.quotas.most('storage')) ?? Number.MAX_SAFE_INTEGER;
    await tx.files.reserve({ id, ownerId, botId: null, size, leavingAt: Date.now() + 60_000 }, most);
    return id;
  });

test('members are the people who may sign in', async () => {
  const { customerId } = await customer();
  expect(await used(customerId, 'members')).toBe(1);
  const id = await person(one, customerId);
  const maker = await bot(one, customerId, 'editor');
  await one.transaction(customerId, (tx) =>
    tx.botContacts.insert({ userId: uuidv7() as UserId, botId: maker, key: 'c', name: 'C', handle: 'c', locale: 'en' }),
  );
  expect(await used(customerId, 'members')).toBe(2);
  await one.transaction(customerId, (tx) => tx.users.update(id, { isActive: false }));
  await one.transaction(customerId, (tx) => tx.users.update(id, { isActive: false, name: 'again' }));
  expect(await used(customerId, 'members')).toBe(1);
  // There is no way back in when somebody else took the room.
  await set(customerId, 'members', 1);
  const back = one.transaction(customerId, (tx) => tx.users.update(id, { isActive: true }));
  await expect(back).rejects.toMatchObject({ code: 'quota_exceeded', facts: { name: 'members', used: 1, most: 1 } });
  expect(await used(customerId, 'members')).toBe(1);
});

test('channels that are archived, and those of two people, do not count', async () => {
  const { customerId, userId } = await customer();
  const id = await channel(one, customerId, userId);
  await channel(one, customerId, userId, 'group');
  await channel(one, customerId, userId, 'direct');
  expect(await used(customerId, 'channels')).toBe(2);
  await one.transaction(customerId, (tx) => tx.channels.update(id, { isArchived: true }));
  expect(await used(customerId, 'channels')).toBe(1);
  await set(customerId, 'channels', 1);
  await channel(one, customerId, userId, 'direct');
  await expect(channel(one, customerId, userId)).rejects.toMatchObject({ code: 'quota_exceeded' });
  await expect(one.transaction(customerId, (tx) => tx.channels.update(id, { isArchived: false }))).rejects.toMatchObject({
    code: 'quota_exceeded',
  });
  // What is refused before the insert leaves the transaction as it was.
  await one.transaction(customerId, async (tx) => {
    await expect(tx.quotas.requireRoom('channels')).rejects.toMatchObject({ facts: { name: 'channels', used: 1, most: 1 } });
    await tx.channels.update(id, { topic: 'archived still' });
  });
  await set(customerId, 'channels', 2);
  await one.transaction(customerId, (tx) => tx.quotas.requireRoom('channels'));
  await channel(one, customerId, userId);
});

test('bots of the program are nobody\u2019s doing', async () => {
  const { customerId } = await customer();
  await set(customerId, 'bots', 1);
  await bot(one, customerId, 'package');
  await bot(one, customerId, 'editor');
  await bot(one, customerId, 'package');
  expect(await used(customerId, 'bots')).toBe(1);
  await expect(bot(one, customerId, 'editor')).rejects.toMatchObject({ facts: { name: 'bots', used: 1, most: 1 } });
});

test('of many at once, at two processes, as many pass as there is room, and the rest leaves nothing', async () => {
  const { customerId, userId } = await customer();
  await admin.set(
    customerId,
    new Map([
      ['members', 6],
      ['channels', 5],
      ['bots', 5],
      ['storage', 500],
    ]),
  );
  const makers = [
    (store: Store) => person(store, customerId),
    (store: Store) => channel(store, customerId, userId),
    (store: Store) => bot(store, customerId, 'editor'),
    (store: Store) => room(store, customerId, userId, 100),
  ];
  for (const make of makers) {
    const all = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => make(n % 2 ? one : two)));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    for (const settled of all)
      if (settled.status === 'rejected') expect((settled.reason as QuotaExceeded).code).toBe('quota_exceeded');
  }
  expect(await used(customerId, 'members')).toBe(6);
  expect(await used(customerId, 'channels')).toBe(5);
  expect(await used(customerId, 'bots')).toBe(5);
  expect(await used(customerId, 'storage')).toBe(500);
  expect(await one.read(customerId, (tx) => tx.users.list())).toHaveLength(11);
});

test('what an operator set goes before the tier, the tier before everybody', async () => {
  const { customerId } = await customer();
  const most = (name: QuotaName) => two.read(customerId, (tx) => tx.quotas.most(name));
  try {
    await storeQuotaDefaults(database.postgres.owner, readQuotaDefaults('members=7 pro:members=70 pro:storage=unlimited'));
    expect(await most('members')).toBe(7);
    expect(await most('calls')).toBeNull();
    await database.asSuperuser(`update gb.customers set subscription_tier = 'pro' where customer_id = '${customerId}'`);
    expect([await most('members'), await most('storage')]).toEqual([70, null]);
    expect(await most('channels')).toBe(100_000);
    await set(customerId, 'members', 3);
    await set(customerId, 'channels', null);
    expect([await most('members'), await most('channels')]).toEqual([3, null]);
    const shown = await admin.read(customerId);
    expect(shown.tier).toBe('pro');
    expect(shown.quotas.filter(({ isOwn }) => isOwn).map(({ name }) => name)).toEqual(['members', 'channels']);
    await set(customerId, 'members', 'default');
    expect(await most('members')).toBe(70);
    // A second start with other settings leaves nothing of the first.
    await storeQuotaDefaults(database.postgres.owner, readQuotaDefaults(''));
    expect(await most('members')).toBe(100_000);
  } finally {
    await storeQuotaDefaults(database.postgres.owner, new Map());
  }
});

test('a quota below what is used stops what comes and takes nothing away', async () => {
  const { customerId } = await customer();
  const id = await person(one, customerId);
  await set(customerId, 'members', 1);
  expect(await used(customerId, 'members')).toBe(2);
  await one.transaction(customerId, (tx) => tx.users.update(id, { name: 'still here' }));
  await one.transaction(customerId, (tx) => tx.users.update(id, { isActive: false }));
  expect(await used(customerId, 'members')).toBe(1);
});

test('messages of a day are added up over processes', async () => {
  const { customerId } = await customer();
  await set(customerId, 'messages', 100);
  const count = (store: Store, n: number) => store.transaction(customerId, (tx) => tx.quotas.countMessages(n));
  expect(await one.read(customerId, (tx) => tx.quotas.countMessages(0))).toMatchObject({ used: 0, most: 100 });
  await Promise.all(Array.from({ length: 10 }, (_, n) => count(n % 2 ? one : two, n)));
  const day = await two.read(customerId, (tx) => tx.quotas.countMessages(0));
  expect(day.used).toBe(45);
  expect(day.endsInMs).toBeGreaterThan(0);
  expect(day.endsInMs).toBeLessThanOrEqual(86_400_000);
  expect(await used(customerId, 'messages')).toBe(45);
  await database.asSuperuser(`update gb.daily_messages set day = day - 1 where customer_id = '${customerId}'`);
  expect(await used(customerId, 'messages')).toBe(0);
  expect((await count(one, 3)).used).toBe(3);
  // Of long ago nothing is kept, from the first message of a day on.
  await database.asSuperuser(`update gb.daily_messages set day = day - 101 where customer_id = '${customerId}'`);
  expect((await count(two, 5)).used).toBe(5);
  const app = new pg.Client(database.postgres.app);
  await app.connect();
  await app.query("select set_config('gb.customer', $1, false)", [customerId]);
  expect((await app.query('select messages::int from gb.daily_messages')).rows).toEqual([{ messages: 5 }]);
  await app.end();
});

test('the application cannot give itself more, nor see what others have', async () => {
  const [ours, theirs] = [await customer(), await customer()];
  await set(theirs.customerId, 'members', 5);
  const app = new pg.Client(database.postgres.app);
  await app.connect();
  try {
    await app.query("select set_config('gb.customer', $1, false)", [ours.customerId]);
    for (const text of [
      `insert into gb.quotas (customer_id, quota, most) values ('${ours.customerId}', 'members', 1000)`,
      'update gb.quotas set most = 1000',
      'delete from gb.quotas',
      "update control.quota_defaults set most = 1000 where quota = 'members'",
      'select * from control.quota_defaults',
    ])
      await expect(app.query(text)).rejects.toMatchObject({ code: '42501' });
    expect((await app.query('select * from gb.quotas')).rows).toEqual([]);
    expect((await app.query('select * from gb.quota_usage where customer_id = $1', [theirs.customerId])).rows).toEqual([]);
  } finally {
    await app.end();
  }
});

test('customers are found by id and name, and somebody else is told that there is none', async () => {
  const { customerId } = await customer();
  const [found] = await admin.find(customerId);
  expect(found?.organizationName).toMatch(/^Acme /);
  expect(await admin.find(found?.organizationName.toUpperCase())).toEqual([found]);
  expect(await admin.find('nobody of this name')).toEqual([]);
  await expect(admin.read(uuidv7() as CustomerId)).rejects.toMatchObject({ code: 'not_found' });
  await expect(admin.set('x' as CustomerId, new Map())).rejects.toMatchObject({ code: 'not_found' });
});

test('who was there before the migration is counted, and counted on from there', async () => {
  await database.asSuperuser('create database before_quotas owner gb_owner');
  const at = (login: pg.ClientConfig) => ({ ...login, database: 'before_quotas' });
  const { owner, app, relay } = database.postgres;
  const directory = mkdtempSync(join(tmpdir(), 'gb-migrations-'));
  const client = new pg.Client(at(owner));
  try {
    for (const name of readdirSync(migrationsDir))
      if (name < '0023') copyFileSync(join(migrationsDir, name), join(directory, name));
    await migrate(at(owner), { log: silentLogger, directory });
    await client.connect();
    const ids = { customer: uuidv7(), instance: uuidv7(), bot: uuidv7() };
    await client.query("select set_config('gb.customer', $1, false)", [ids.customer]);
    await client.query('insert into gb.customers (customer_id, name, created_at) values ($1, $2, now())', [ids.customer, 'Old']);
    await client.query(
      `with o as (
         insert into gb.organizations (customer_id, organization_id, name, created_at) values ($1, $2, 'Old', now()) returning 1
       ) insert into gb.instances (customer_id, instance_id, organization_id, name, created_at)
         select $1, $2, $2, 'Old', now() from o`,
      [ids.customer, ids.instance],
    );
    const user = (kind: string, isActive: boolean, contactOf: string | null = null) =>
      client
        .query(
          `insert into gb.users (customer_id, user_id, kind, name, handle, role, is_active, locale, created_at, contact_bot_id, contact_key)
           values ($1, $2::uuid, $3, 'U', $2::uuid::text, $4, $5, 'en', now(), $6, $7) returning user_id`,
          [
            ids.customer,
            uuidv7(),
            kind,
            contactOf ? 'guest' : kind === 'bot' ? 'bot' : 'member',
            isActive,
            contactOf,
            contactOf && 'key',
          ],
        )
        .then(({ rows }) => rows[0].user_id as string);
    const account = await user('bot', true);
    await client.query(
      `insert into gb.bots (customer_id, bot_id, user_id, description, origin, files, updated_at)
       values ($1, $2, $3, '', 'editor', '[]', now())`,
      [ids.customer, ids.bot, account],
    );
    for (const isActive of [true, true, false]) await user('person', isActive);
    await user('person', true, ids.bot);
    for (const [kind, isArchived] of [
      ['public', false],
      ['public', true],
      ['private', false],
      ['direct', false],
    ])
      await client.query(
        `insert into gb.channels (customer_id, channel_id, instance_id, kind, name, topic, is_archived, created_at)
         values ($1, $2::uuid, $3, $4, $2::uuid::text, '', $5, now())`,
        [ids.customer, uuidv7(), ids.instance, kind, isArchived],
      );
    await migrate(at(owner), { log: silentLogger });
    const store = await openPostgresStore({ app: at(app), relay: at(relay), log: silentLogger });
    try {
      const read = () => store.read(ids.customer as CustomerId, (tx) => tx.quotas.list());
      expect(await read()).toMatchObject([
        { name: 'messages', used: 0 },
        { name: 'storage', used: 0 },
        { name: 'members', used: 2 },
        { name: 'channels', used: 2 },
        { name: 'bots', used: 1 },
        { name: 'webhooks', used: 0 },
        { name: 'connections', used: null },
        { name: 'calls', used: null },
      ]);
      await person(store, ids.customer as CustomerId);
      expect((await read()).find(({ name }) => name === 'members')?.used).toBe(3);
    } finally {
      await store.close();
    }
  } finally {
    await client.end();
    rmSync(directory, { recursive: true, force: true });
  }
});
