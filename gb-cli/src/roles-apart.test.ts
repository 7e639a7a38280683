import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChannelId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { metricsOf } from './testing/processes.ts';
import { type SpawnedServer, spawnServer } from './testing/server.ts';
import { restOf, Traffic } from './testing/traffic.ts';

// Every role in a process of its own, or nearly, over one database and the links of one host.

const waits = { timeout: 120_000 };
const names = ['front', 'writer', 'bots', 'jobs'] as const;
type Name = (typeof names)[number];
const rolesOf: Readonly<Record<Name, string>> = { front: 'api,gateway', writer: 'writer', bots: 'relay,bots', jobs: 'jobs' };

let database: TestDatabase;
let dataDir: string;
let traffic: Traffic | undefined;
const servers = new Map<Name, SpawnedServer>();
const front = () => servers.get('front')!;

beforeAll(async () => {
  database = await startTestDatabase();
  // An operated database has one login that takes the other roles; of the embedded one each has its own.
  await database.asSuperuser('grant gb_app, gb_relay to gb_owner');
  dataDir = mkdtempSync(join(tmpdir(), 'gb-roles-'));
  const { host, port, user, password, database: name } = database.postgres.owner;
  const query = new URLSearchParams({ host, port: String(port) });
  const address = `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@/${name}?${query}`;
  const env = { DATABASE_URL: address, GB_RATE_FACTOR: '1000', GB_BOT_WORKERS: '1', GB_DRAIN_SECONDS: '1' };
  for (const one of names) servers.set(one, await spawnServer({ dataDir, env: { ...env, GB_ROLES: rolesOf[one] } }));
}, 300_000);
afterAll(async () => {
  await traffic?.close();
  await Promise.all([...servers.values()].map((server) => server.stop()));
  await database?.close();
  if (dataDir) rmSync(dataDir, { recursive: true, force: true });
}, 120_000);

/** Killed without a farewell, and started again at the same address. */
async function killAndRestart(name: Name, meanwhile: () => Promise<void> = async () => {}): Promise<void> {
  const server = servers.get(name)!;
  await server.kill();
  await meanwhile();
  servers.set(name, await server.restart());
}

async function guideOf(token: string): Promise<ChannelId> {
  const { channels } = await restOf(front().url, token).snapshot();
  return channels.find(({ channel }) => channel.kind === 'direct')!.channel.id;
}

const countIn = async (token: string, channelId: ChannelId) =>
  (await restOf(front().url, token).messages(channelId, { limit: 50 })).messages.length;

test('a process answers for its roles, tells how it is whatever they are, and says where else to ask', async () => {
  for (const [name, { url }] of servers) {
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    expect((await metricsOf(url)).get('gb_nodes{role="writer"}')).toBe(1);
    const isFront = name === 'front';
    for (const path of ['/api/me', '/', '/api/nothing']) {
      const response = await fetch(`${url}${path}`);
      if (isFront) expect(response.status).not.toBe(503);
      else expect([response.status, await response.json()]).toMatchObject([503, { code: 'unavailable', retryable: true }]);
    }
    const ws = new WebSocket(`${url.replace('http', 'ws')}/ws`);
    const status = await new Promise<number>((resolve) => {
      ws.on('open', () => resolve(101));
      ws.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
      ws.on('error', () => {}); // Told above.
    });
    ws.terminate();
    expect(status).toBe(isFront ? 101 : 503);
  }
});

test('messages are written by the writer once there are many, and bots answer from where they are', async () => {
  traffic = await Traffic.start(front().url, 8);
  const [token] = traffic.tokens;
  const guide = await guideOf(token!);
  // The greeting of a program that ran in another process than the one that is asked.
  await expect.poll(() => countIn(token!, guide), waits).toBeGreaterThan(0);
  const flood = async () => {
    const rest = restOf(front().url, token);
    const texts = Array.from({ length: 40 }, (_, n) => `flood ${n}`);
    await Promise.all(
      texts.map((text) => rest.postMessage(traffic!.channelId, { clientId: crypto.randomUUID() as never, text })),
    );
  };
  const forwarded = async () => (await metricsOf(front().url)).get('gb_appends_total{what="forwarded"}') ?? 0;
  for (let n = 0; n < 60 && (await forwarded()) === 0; n++) await Promise.all([flood(), flood(), flood(), flood()]);
  expect(await forwarded()).toBeGreaterThan(0);
}, 300_000);

test('each of them is killed under traffic, and nothing is lost, doubled or out of order', async () => {
  const [token] = traffic!.tokens;
  for (const name of ['writer', 'jobs'] as const) await killAndRestart(name, () => traffic!.goOn(50));
  // Without bots nobody answers; what was said to them meanwhile is answered afterwards.
  const guide = await guideOf(token!);
  const before = await countIn(token!, guide);
  await killAndRestart('bots', async () => {
    await restOf(front().url, token).postMessage(guide, { clientId: crypto.randomUUID() as never, text: 'help' });
    await traffic!.goOn(50);
  });
  await expect.poll(() => countIn(token!, guide), waits).toBeGreaterThan(before + 1);
  await killAndRestart('front');
  await traffic!.goOn(50);
  await traffic!.check();
}, 600_000);
