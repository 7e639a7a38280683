import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Client, createHttp, createRest } from 'gb-client';
import { createNodeClient } from 'gb-client/node';
import { redisProgram, TestRedis } from 'gb-messaging/testing';
import type { ChannelId, LogEvent } from 'gb-protocol';
import type { ConnectionConfig } from 'gb-storage';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SpawnedServer, spawnServer } from './testing/server.ts';

// Two real processes behind a front that sends each connection to one that takes it, restarted one after the other while
// people write all the time.

const program = await redisProgram();
const waits = { timeout: 60_000, interval: 50 };

let database: TestDatabase;
let redis: TestRedis;
let front: Front;
let nodes: SpawnedServer[] = [];
const clients: Client[] = [];

/** What stands before several processes: takes connections in turn to them, and to the next when one does not accept. */
class Front {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #ports: readonly number[] = [];
  #turn = 0;

  private constructor() {
    this.#server = createServer((socket) => void this.#onConnection(socket));
  }

  static async start(): Promise<Front> {
    const front = new Front();
    await new Promise<void>((resolve) => front.#server.listen(0, '127.0.0.1', resolve));
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  leadTo(servers: readonly SpawnedServer[]): void {
    this.#ports = servers.map(({ url }) => Number(new URL(url).port));
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  async #onConnection(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => this.#sockets.delete(socket));
    const turn = this.#turn++;
    for (let i = 0; i < this.#ports.length; i++) {
      const there = await reach(this.#ports[(turn + i) % this.#ports.length]!);
      if (!there) continue;
      there.on('error', () => socket.destroy()).on('close', () => socket.destroy());
      socket.on('close', () => there.destroy());
      socket.pipe(there).pipe(socket);
      return;
    }
    socket.destroy();
  }
}

function reach(port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', () => resolve(null));
  });
}

function addressOf({ host, port, user, password, database: name }: ConnectionConfig): string {
  const query = new URLSearchParams({ host, port: String(port) });
  return `postgres://${encodeURIComponent(user)}:${encodeURIComponent(password)}@/${name}?${query}`;
}

beforeAll(async () => {
  if (!program) return;
  [database, redis, front] = await Promise.all([startTestDatabase(), TestRedis.start(program), Front.start()]);
  await database.asSuperuser('grant gb_app, gb_relay to gb_owner');
  const env = {
    DATABASE_URL: addressOf(database.postgres.owner),
    REDIS_URL: redis.url,
    GB_OPEN_SIGNUP: 'true',
    GB_RATE_FACTOR: '1000',
    GB_BOT_WORKERS: '1',
    // Nobody is closed on who has not gone over yet, however slow the machine: who can go does so at once.
    GB_DRAIN_SECONDS: '400',
  };
  nodes = [await spawnServer({ env }), await spawnServer({ env })];
  front.leadTo(nodes);
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  front?.close();
  await Promise.all(nodes.map((node) => node.dispose()));
  await redis?.close();
  await database?.close();
});

/** Somebody who writes one message after the other, and notes what they hear and whether they were ever cut off. */
class Writer {
  readonly client: Client;
  readonly channelId: ChannelId;
  readonly heard: LogEvent[] = [];
  readonly acked = new Map<string, number>();
  readonly cuts: string[] = [];
  readonly #name: string;
  #isWriting = true;
  #writing: Promise<void> = Promise.resolve();

  constructor(client: Client, channelId: ChannelId, name: string) {
    this.client = client;
    this.channelId = channelId;
    this.#name = name;
  }

  async start(): Promise<void> {
    const { client, channelId } = this;
    await client.start();
    await client.live();
    client.on('event', (event) => event.channelId === channelId && this.heard.push(event));
    client.subscribe('status', () => client.status().phase !== 'live' && this.cuts.push(client.status().phase));
    this.#writing = this.#write();
  }

  async #write(): Promise<void> {
    for (let n = 0; this.#isWriting; n++) {
      const text = `${this.#name} ${n}`;
      const { seq } = await this.client.sendAndWait(this.channelId, text);
      this.acked.set(text, seq);
    }
  }

  async stop(): Promise<void> {
    this.#isWriting = false;
    await this.#writing;
  }

  async writeMore(count: number): Promise<void> {
    const from = this.acked.size;
    await expect.poll(() => this.acked.size, waits).toBeGreaterThanOrEqual(from + count);
  }
}

async function writers(count: number): Promise<Writer[]> {
  const rest = (token?: string) => createRest(createHttp({ baseUrl: front.url, fetch, token: () => token, timeoutMs: 20_000 }));
  const password = 'three unrelated long words';
  const email = `ana.${Date.now()}@example.org`;
  const made = await rest().signUp({ organization: 'Acme', name: 'Ana', email, password, locale: 'en' });
  const token = made.token!;
  const { channels } = await rest(token).snapshot();
  const channelId = channels.find(({ channel }) => channel.name === 'general')!.channel.id;
  const all = Array.from({ length: count }, (_, n) => {
    const client = createNodeClient({ baseUrl: front.url, token });
    clients.push(client);
    return new Writer(client, channelId, `writer${n}`);
  });
  await Promise.all(all.map((writer) => writer.start()));
  return all;
}

/** Everything that was acknowledged is in the log once, and everybody heard all of it once and in order. */
async function expectNothingLost(all: readonly Writer[]): Promise<void> {
  await Promise.all(all.map((writer) => writer.stop()));
  const acked = new Map(all.flatMap((writer) => [...writer.acked]));
  const last = Math.max(...acked.values());
  for (const { heard } of all) {
    await expect.poll(() => heard.at(-1)?.seq ?? 0, waits).toBeGreaterThanOrEqual(last);
    const seqs = heard.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, i) => seqs[0]! + i));
    const texts = new Map<string, number>();
    for (const event of heard) {
      if (event.kind !== 'message.posted') continue;
      expect(texts.has(event.message.text), `${event.message.text} came twice`).toBe(false);
      texts.set(event.message.text, event.seq);
    }
    for (const [text, seq] of acked) if (seq >= seqs[0]!) expect(texts.get(text), text).toBe(seq);
  }
}

async function restart(index: number, how: 'stop' | 'kill'): Promise<void> {
  if (how === 'stop') expect(await nodes[index]!.stop()).toBe(0);
  else await nodes[index]!.kill();
  nodes[index] = await nodes[index]!.restart();
  front.leadTo(nodes);
}

// Skipped where Redis cannot be had; `redisProgram` has said why.
describe.skipIf(program === null)('a rolling restart', () => {
  test('interrupts nobody and loses nothing', { timeout: 240_000 }, async () => {
    const all = await writers(12);
    await Promise.all(all.map((writer) => writer.writeMore(5)));
    for (const index of [0, 1, 0]) {
      await restart(index, 'stop');
      await Promise.all(all.map((writer) => writer.writeMore(5)));
    }
    await expectNothingLost(all);
    expect(all.flatMap((writer) => writer.cuts)).toEqual([]);
  });

  test('loses nothing either when a process that drains is killed', { timeout: 240_000 }, async () => {
    const all = await writers(12);
    await Promise.all(all.map((writer) => writer.writeMore(5)));
    for (const index of [1, 0]) {
      const stopped = nodes[index]!.stop();
      await restart(index, 'kill');
      await stopped;
      await Promise.all(all.map((writer) => writer.writeMore(5)));
    }
    await expectNothingLost(all);
  });
});
