import { createHttp, createRest } from 'gb-client';
import type { ClientId } from 'gb-protocol';
import type { ConnectionConfig } from 'gb-storage';
import { startTestReplication, type TestReplication, type TestStandby } from 'gb-storage/testing';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { type SpawnedServer, spawnServer } from './testing/server.ts';

let replication: TestReplication;
let standby: TestStandby;
let server: SpawnedServer;
beforeAll(async () => {
  replication = await startTestReplication();
  // An operated database has one login that takes the other roles; of the embedded one each has its own.
  await replication.primary.asSuperuser('grant gb_app, gb_relay to gb_owner');
  standby = await replication.addStandby();
  const env = {
    DATABASE_URL: addressOf(replication.primary.postgres.owner),
    DATABASE_REPLICAS: `main=${addressOf(standby.postgres.owner)}`,
    GB_OPEN_SIGNUP: 'true',
    GB_RATE_FACTOR: '1000',
  };
  server = await spawnServer({ env });
}, 120_000);
afterAll(async () => {
  await server?.dispose();
  await replication?.close();
}, 60_000);

function addressOf({ host, port, user, password, database }: ConnectionConfig): string {
  const query = new URLSearchParams({ host, port: String(port) });
  return `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@/${database}?${query}`;
}

const rest = (token?: string) => createRest(createHttp({ baseUrl: server.url, fetch, token: () => token, timeoutMs: 20_000 }));

async function reads(outcome: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const line = text.split('\n').find((one) => one.startsWith('gb_replica_reads') && one.includes(`outcome="${outcome}"`));
  return Number(line?.split(' ').at(-1) ?? Number.NaN);
}

test('pages come from the replica, with all that was said before, also while it is away and after', async () => {
  const { token } = await rest().signUp({
    organization: 'Org',
    name: 'Ana',
    email: 'ana@example.com',
    password: 'a rather long one, 17',
    locale: 'en',
  });
  const api = rest(token!);
  const general = (await api.snapshot()).channels.find(({ channel }) => channel.name === 'general')!.channel.id;
  let said = 0;
  const sayAndRead = async () => {
    said += 1;
    const text = `number ${said}`;
    const { seq } = await api.postMessage(general, { clientId: uuidv7() as ClientId, text });
    const page = await api.messages(general, { limit: 5 });
    expect(page.messages.at(-1)).toMatchObject({ text, seq });
    expect(page.head).toBeGreaterThanOrEqual(seq);
    const log = await api.log(general, { epoch: page.epoch, after: seq - 1 });
    expect(log).toMatchObject({ kind: 'events', events: [expect.objectContaining({ seq })] });
  };
  const readUntil = (isEnough: () => Promise<boolean>) =>
    expect
      .poll(
        async () => {
          await sayAndRead();
          return isEnough();
        },
        { timeout: 60_000 },
      )
      .toBe(true);
  await readUntil(async () => (await reads('answered')) > 0);
  process.kill(standby.postgres.pid!, 'SIGKILL');
  await readUntil(async () => (await reads('failed')) > 0);
  const answered = await reads('answered');
  await readUntil(async () => (await reads('answered')) > answered);
}, 180_000);

test('DATABASE_REPLICAS names databases there are, each as often as it has replicas', () => {
  const two = readConfig({
    DATABASE_SHARDS: 'main=postgres://a/x east=postgres://b/x',
    DATABASE_REPLICAS: 'east=postgres://c/x?a=1,2 east=postgresql://d/x',
  });
  expect(two.databaseReplicas).toEqual(new Map([['east', ['postgres://c/x?a=1,2', 'postgresql://d/x']]]));
  const one = readConfig({ DATABASE_URL: 'postgres://a/x', DATABASE_REPLICAS: 'main=postgres://b/x' });
  expect(one.databaseReplicas).toEqual(new Map([['main', ['postgres://b/x']]]));
  expect(readConfig({}).databaseReplicas.size).toBe(0);
  const wrong = (env: Readonly<Record<string, string>>) => () => readConfig(env);
  expect(wrong({ DATABASE_URL: 'postgres://a/x', DATABASE_REPLICAS: 'east=postgres://b/x' })).toThrow('names east');
  expect(wrong({ DATABASE_REPLICAS: 'main=postgres://b/x' })).toThrow('names main');
  // Nothing of an address is repeated: there is a password in it.
  expect(wrong({ DATABASE_URL: 'postgres://a/x', DATABASE_REPLICAS: 'postgres://u:secret@b/x' })).toThrow(
    /^(?!.*secret).*must be like/,
  );
});
