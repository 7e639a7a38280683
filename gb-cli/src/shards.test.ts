import { createHttp, createRest } from 'gb-client';
import type { ChannelId, ClientId, CustomerId } from 'gb-protocol';
import { type ConnectionConfig, openShardedStore } from 'gb-storage';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { silentLogger, uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SpawnedServer, spawnServer } from './testing/server.ts';

const databases: TestDatabase[] = [];
let server: SpawnedServer;
beforeAll(async () => {
  databases.push(await startTestDatabase(), await startTestDatabase());
  // An operated database has one login that takes the other roles; of the embedded one each has its own.
  for (const database of databases) await database.asSuperuser('grant gb_app, gb_relay to gb_owner');
  const [main, east] = databases.map(({ postgres }) => addressOf(postgres.owner));
  server = await spawnServer({
    env: { DATABASE_SHARDS: `main=${main} east=${east}`, GB_OPEN_SIGNUP: 'true', GB_RATE_FACTOR: '1000' },
  });
});
afterAll(async () => {
  await server?.dispose();
  await Promise.all(databases.map((database) => database.close()));
});

function addressOf({ host, port, user, password, database }: ConnectionConfig): string {
  const query = new URLSearchParams({ host, port: String(port) });
  return `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@/${database}?${query}`;
}

const rest = (token?: string) => createRest(createHttp({ baseUrl: server.url, fetch, token: () => token, timeoutMs: 20_000 }));
const password = 'a rather long one, 17';

interface Organization {
  readonly email: string;
  readonly token: string;
  readonly general: ChannelId;
}

async function organization(number: number): Promise<Organization> {
  const email = `owner${number}@example.com`;
  const { token } = await rest().signUp({ organization: `Org ${number}`, name: 'Ana', email, password, locale: 'en' });
  const { channels } = await rest(token!).snapshot();
  return { email, token: token!, general: channels.find(({ channel }) => channel.name === 'general')!.channel.id };
}

const say = ({ token, general }: Organization, text: string) =>
  rest(token).postMessage(general, { clientId: uuidv7() as ClientId, text });

async function texts({ token, general }: Organization): Promise<string[]> {
  const { messages } = await rest(token).messages(general, { limit: 50 });
  return messages.map(({ text }) => text).filter((text) => text.startsWith('said'));
}

test('organizations lie in two databases, and work as in one, also after the server was killed', async () => {
  const all: Organization[] = [];
  for (let number = 1; number <= 8; number++) all.push(await organization(number));
  await Promise.all(all.flatMap((one) => [1, 2, 3].map((n) => say(one, `said ${n}`))));
  const counts = await Promise.all(databases.map(async (database) => (await customersOf(database)).length));
  expect(counts.reduce((sum, count) => sum + count)).toBe(8);
  expect(Math.min(...counts)).toBeGreaterThan(0);

  await server.kill();
  server = await server.restart();
  for (const one of all) {
    const { token } = await rest().logIn({ email: one.email, password });
    expect((await texts({ ...one, token: token! })).sort()).toEqual(['said 1', 'said 2', 'said 3']);
    await say({ ...one, token: token! }, 'said again');
    expect(await texts({ ...one, token: token! })).toHaveLength(4);
  }
});

async function customersOf(database: TestDatabase): Promise<readonly CustomerId[]> {
  const store = await database.openStore();
  return store.listCustomers();
}

test('a second process sees the same', async () => {
  const shards = new Map(
    databases.map(({ postgres: { owner, app, relay } }, i) => [['main', 'east'][i]!, { owner, app, relay }]),
  );
  const store = await openShardedStore({ shards, log: silentLogger });
  expect(await store.listCustomers()).toHaveLength(8);
  await store.close();
});
