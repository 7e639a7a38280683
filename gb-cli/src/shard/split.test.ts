import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createHttp, createRest } from 'gb-client';
import type { ChannelId, ClientId, CustomerId } from 'gb-protocol';
import type { ConnectionConfig } from 'gb-storage';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runEnvironment } from '../testing/environment.ts';
import { type SpawnedServer, spawnServer } from '../testing/server.ts';

const databases: TestDatabase[] = [];
let server: SpawnedServer;
let shards: string;
beforeAll(async () => {
  const settings = { max_prepared_transactions: '32', max_connections: '100' };
  databases.push(await startTestDatabase({ settings }), await startTestDatabase({ settings }));
  // An operated database has one login that takes the other roles; of the embedded one each has its own.
  for (const database of databases) await database.asSuperuser('grant gb_app, gb_relay to gb_owner');
  const [main, east] = databases.map(({ postgres }) => addressOf(postgres.owner));
  shards = `main=${main} east=${east}`;
  server = await spawnServer({ env: { DATABASE_SHARDS: shards, GB_OPEN_SIGNUP: 'true', GB_RATE_FACTOR: '1000' } });
}, 120_000);
afterAll(async () => {
  await server?.dispose();
  await Promise.all(databases.map((database) => database.close()));
}, 60_000);

function addressOf({ host, port, user, password, database }: ConnectionConfig): string {
  const query = new URLSearchParams({ host, port: String(port) });
  return `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@/${database}?${query}`;
}

const rest = (token?: string) => createRest(createHttp({ baseUrl: server.url, fetch, token: () => token, timeoutMs: 60_000 }));

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

function gbShard(...args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const program = join(import.meta.dirname, '../main.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, 'shard', ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...runEnvironment(), DATABASE_SHARDS: shards },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (errors += data));
  return { child, ended: new Promise((resolve) => child.once('exit', (code) => resolve({ code, output, errors }))) };
}

test('an organization is split while its people write, also when the command is killed in the middle', async () => {
  const { token } = await rest().signUp({
    organization: 'Large',
    name: 'Ana',
    email: 'ana@example.com',
    password: 'a rather long one, 17',
    locale: 'en',
  });
  const api = rest(token!);
  const channels: ChannelId[] = [];
  for (let n = 0; n < 8; n++) channels.push((await api.createChannel({ kind: 'public', name: `channel-${n}` })).state.channel.id);
  const said = new Map<ChannelId, string[]>(channels.map((id) => [id, []]));
  let isOver = false;
  const failures: unknown[] = [];
  const writing = channels.map(async (channelId) => {
    for (let n = 0; !isOver; n++) {
      const text = `number ${n}`;
      try {
        await api.postMessage(channelId, { clientId: uuidv7() as ClientId, text });
        said.get(channelId)!.push(text);
      } catch (error) {
        failures.push(error);
        return;
      }
    }
  });
  const count = () => [...said.values()].reduce((sum, own) => sum + own.length, 0);
  await expect.poll(count, { timeout: 60_000 }).toBeGreaterThan(200);
  const customerId = await customerOf();
  const first = gbShard('split', customerId, '--parts', '2', '--rest', '5');
  // Killed when some channels are in their parts and others are not.
  first.child.stderr!.on('data', (data: Buffer) => {
    if (/^[1-4] of/m.test(data.toString())) first.child.kill('SIGKILL');
  });
  expect((await first.ended).code).toBeNull();
  const before = count();
  await expect.poll(count, { timeout: 60_000 }).toBeGreaterThan(before + 50);
  const second = await gbShard('split', customerId, '--parts', '2', '--rest', '5').ended;
  expect(second.errors).not.toMatch(/^gb:/m);
  expect(second).toMatchObject({ code: 0, output: expect.stringMatching(/channels with .* entries went to their parts/) });
  const after = count();
  await expect.poll(count, { timeout: 60_000 }).toBeGreaterThan(after + 50);
  isOver = true;
  await Promise.all(writing);
  expect(failures).toEqual([]);
  for (const [channelId, texts] of said) {
    const found: string[] = [];
    for (let cursor = 0; ; ) {
      const page = await api.log(channelId, { epoch: 1, after: cursor });
      if (page.kind !== 'events') throw new Error('the log goes on');
      for (const event of page.events) {
        expect(event.seq).toBe(++cursor);
        if (event.kind === 'message.posted') found.push(event.message.text);
      }
      if (!page.hasMore) break;
    }
    expect(found).toEqual(texts);
  }
  const snapshot = await api.snapshot();
  expect(snapshot.channels.find(({ channel }) => channel.id === channels[0])).toMatchObject({
    count: said.get(channels[0]!)!.length,
  });
}, 240_000);

async function customerOf(): Promise<CustomerId> {
  const store = await databases[0]!.openStore();
  const other = await databases[1]!.openStore();
  const all = [...(await store.listCustomers()), ...(await other.listCustomers())];
  // To one database alone a part is a customer, with an id of another version.
  return all.find((customerId) => customerId[14] === '7')!;
}

test('what is wrong with the command is said in a sentence', async () => {
  const wrong = await gbShard('split', 'nobody', '--parts', '2').ended;
  expect(wrong).toMatchObject({ code: 2, errors: expect.stringContaining('id of an organization') });
  const nobody = await gbShard('split', uuidv7(), '--parts', '2').ended;
  expect(nobody).toMatchObject({ code: 1, errors: expect.stringContaining('There is no organization') });
  const many = await gbShard('split', await customerOf(), '--parts', '3', '--locale', 'pt-BR').ended;
  expect(many).toMatchObject({ code: 1, errors: expect.stringContaining('já tem 2 partes') });
}, 120_000);
