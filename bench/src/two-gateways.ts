import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type SpawnedServer, spawnServer } from 'gb-cli/testing';
import { createHttp, createRest } from 'gb-client';
import { redisProgram, TestRedis } from 'gb-messaging/testing';
import { type Cursor, protocolVersion } from 'gb-protocol';
import { startTestDatabase } from 'gb-storage/testing';
import { uuidv7 } from 'gb-utils';
import { WebSocket } from 'ws';
import { type ManyPeople, manyPeople } from './load/many-people.ts';
import { cpuSeconds, median } from './load/processes.ts';

/** Members who listen, half of them elsewhere where there are two processes, and those who write. */
const listeners = 20;
const senders = 4;
const rounds = 3;
const roundMs = 3_000;

interface Cell {
  /** From sending to hearing, milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of all processes of ours, microseconds for a message stored and delivered to everybody. */
  readonly cpuUs: number;
}

/**
 * What the second process costs: a channel whose members are at one process, beside the same members shared out over two
 * that tell each other over Redis. Everything else is the same - one database, one Redis, the whole product - and both runs
 * take turns. At a sixteenth, a quarter, and all of the rate.
 */
export async function benchTwoGateways(rate = 800): Promise<void> {
  process.stdout.write('One process and two, over Redis\n');
  const program = await redisProgram();
  if (!program) return;
  const [database, redis] = await Promise.all([startTestDatabase(), TestRedis.start(program)]);
  const servers: SpawnedServer[] = [];
  try {
    await database.asSuperuser('grant gb_app, gb_relay to gb_owner');
    const { host, port, user, password, database: name } = database.postgres.owner;
    const query = new URLSearchParams({ host, port: String(port) });
    const env = {
      DATABASE_URL: `postgres://${user}:${encodeURIComponent(password)}@/${name}?${query}`,
      REDIS_URL: redis.url,
      GB_RATE_FACTOR: '1000000',
      GB_BOT_WORKERS: '1',
    };
    // The first one brings the database up to date. Each has a data directory of its own, so they are strangers on one machine.
    servers.push(await spawnServer({ env }));
    const people = await manyPeople(servers[0]!.url, await database.openStore(), listeners + senders, 1);
    const [channelId] = people.channels;
    for (const token of people.tokens)
      await createRest(createHttp({ baseUrl: servers[0]!.url, fetch, token: () => token, timeoutMs: 20_000 })).joinChannel(
        channelId!,
      );
    for (const perSecond of [rate / 16, rate / 4, rate]) {
      const cells: Record<'one' | 'two', Cell[]> = { one: [], two: [] };
      for (let round = 0; round <= rounds; round++)
        for (const kind of ['one', 'two'] as const) {
          if (kind === 'two') servers.push(await spawnServer({ env }));
          const cell = await measure(servers, people, perSecond);
          // Only one of them is there while one is measured: another would hear, too.
          if (kind === 'two') await servers.pop()!.dispose();
          if (round > 0) cells[kind].push(cell);
        }
      const of = (kind: 'one' | 'two', key: keyof Cell) => median(cells[kind].map((cell) => cell[key]));
      const share = of('two', 'cpuUs') / of('one', 'cpuUs') - 1;
      process.stdout.write(
        `  ${String(perSecond).padStart(4)} messages/s to ${listeners}: p50 ${of('one', 'p50Ms').toFixed(1)} and ${of('two', 'p50Ms').toFixed(1)} ms, ` +
          `p99 ${of('one', 'p99Ms').toFixed(0)} and ${of('two', 'p99Ms').toFixed(0)} ms, ` +
          `CPU ${of('one', 'cpuUs').toFixed(0)} and ${of('two', 'cpuUs').toFixed(0)} us a message (${share < 0 ? '' : '+'}${(share * 100).toFixed(0)} %; load ${loadavg()[0]!.toFixed(1)})\n`,
      );
    }
  } finally {
    await Promise.all(servers.map((server) => server.dispose()));
    await redis.close();
    await database.close();
  }
}

async function measure(servers: readonly SpawnedServer[], people: ManyPeople, perSecond: number): Promise<Cell> {
  const channelId = people.channels[0]!;
  const waits: number[] = [];
  const { channels } = await people.owner.snapshot();
  const { epoch, head } = channels.find(({ channel }) => channel.id === channelId)!;
  const sockets = await Promise.all(
    Array.from({ length: listeners + senders }, (_, n) => {
      // Who writes is at the first, and listeners are shared out.
      const server = servers[n < listeners ? n % servers.length : 0]!;
      return comeIn(
        server,
        people.tokens[n]!,
        n < listeners ? [{ channelId, epoch, seq: head }] : [],
        n < listeners ? (sentMs) => waits.push(performance.now() - sentMs) : null,
      );
    }),
  );
  const refused: string[] = [];
  for (const socket of sockets)
    socket.on('message', (data) => {
      if (String(data).includes('"type":"error"')) refused.push(String(data));
    });
  let sent = 0;
  const load = async (ms: number) => {
    const startedMs = performance.now();
    const first = sent;
    for (let nowMs = startedMs; nowMs - startedMs < ms; nowMs = performance.now()) {
      for (const due = first + ((nowMs - startedMs) / 1_000) * perSecond; sent < due; sent++)
        sockets[listeners + (sent % senders)]!.send(
          JSON.stringify({ type: 'send', id: sent + 1, channelId, clientId: uuidv7(), text: `at ${performance.now()} ` }),
        );
      await delay(4);
    }
  };
  await load(1_500);
  await delay(300);
  waits.length = 0;
  const [from, before] = [sent, cpuOf(servers)];
  await load(roundMs);
  await delay(500);
  const cpuUs = ((cpuOf(servers) - before) * 1e6) / (sent - from);
  for (const socket of sockets) socket.terminate();
  const wanted = (sent - from) * listeners;
  if (refused.length > 0) throw new Error(`${refused.length} were refused: ${refused[0]}`);
  if (waits.length !== wanted) throw new Error(`Everybody hears everything: ${waits.length} of ${wanted}`);
  waits.sort((a, b) => a - b);
  return { p50Ms: waits[waits.length >> 1]!, p99Ms: waits[Math.floor(waits.length * 0.99)]!, cpuUs };
}

function cpuOf(servers: readonly SpawnedServer[]): number {
  return servers.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
}

function comeIn(
  { url }: SpawnedServer,
  token: string,
  channels: readonly Cursor[],
  onSent: ((sentMs: number) => void) | null,
): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
    socket.on('error', reject);
    socket.on('open', () =>
      socket.send(
        JSON.stringify({
          type: 'hello',
          version: protocolVersion,
          token,
          ...(onSent ? { channels } : {}),
        }),
      ),
    );
    socket.on('message', (data) => {
      const text = String(data);
      if (text.includes(onSent ? '"type":"subscribed"' : '"type":"welcome"')) resolve(socket);
      if (text.includes('"type":"error"')) reject(new Error(text));
      if (onSent && text.includes('"type":"event"')) for (const [, ms] of text.matchAll(/at (\d+\.?\d*) /g)) onSent(Number(ms));
    });
  });
}
