import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type SpawnedServer, spawnServer } from 'gb-cli/testing';
import { redisProgram, TestRedis } from 'gb-messaging/testing';
import { startTestDatabase } from 'gb-storage/testing';
import { uuidv7 } from 'gb-utils';
import type { ClientsFigures, ClientsOrder } from './load/idle-clients.ts';
import { type ManyPeople, manyPeople } from './load/many-people.ts';
import { cpuSeconds, median, residentBytes } from './load/processes.ts';
import { openSubscriber } from './load/raw-subscriber.ts';

const gateways = 4;
const teams = 50;
/** Enough that the workspace is a large one. */
const peopleCount = 2_500;
/** People who turn away or back in a second, all together. */
const churnPerSecond = 500;
const measureMs = 8_000;

class Clients {
  readonly #child: ChildProcess = fork(join(import.meta.dirname, 'load/idle-clients.ts'), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });

  #answer: ((figures: ClientsFigures) => void) | null = null;
  #fail: ((error: Error) => void) | null = null;

  constructor() {
    this.#child.on('message', (figures) => this.#answer?.(figures as ClientsFigures));
    this.#child.once('exit', (code) => this.#fail?.(new Error(`Clients of the benchmark ended with ${code}.`)));
  }

  ask(order: ClientsOrder): Promise<ClientsFigures> {
    return new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#fail = reject;
      this.#child.send(order);
    });
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    await gone;
  }
}

async function presenceSeconds(server: SpawnedServer): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^gb_presence_seconds_total (\S+)$/m.exec(text)![1]);
}

/** What a message costs in time while all that goes on: from sending it to its acknowledgement. */
async function ackMs(server: SpawnedServer, { ownerToken, channels }: ManyPeople): Promise<number> {
  const hello = { type: 'hello', version: 1, token: ownerToken, channels: [{ channelId: channels[0], epoch: 1, seq: 0 }] };
  const socket = await openSubscriber(Number(new URL(server.url).port), '/ws', { events: 0 }, JSON.stringify(hello));
  const heard = (what: string) =>
    new Promise<void>((resolve, reject) => {
      socket.onText = (text) => {
        if (text.includes(`"type":"${what}"`)) resolve();
        else if (text.includes('"type":"error"')) reject(new Error(text));
      };
    });
  await heard('subscribed');
  const waits: number[] = [];
  for (let id = 1; id <= 40; id++) {
    const startedMs = performance.now();
    const acked = heard('ack');
    socket.send(JSON.stringify({ type: 'send', id, channelId: channels[0], clientId: uuidv7(), text: `probe ${id}` }));
    await acked;
    waits.push(performance.now() - startedMs);
    await delay(50);
  }
  socket.socket.destroy();
  return median(waits);
}

interface Cell {
  /** Of a gateway, in milliseconds of CPU in a second. */
  readonly cpu: number;
  readonly presence: number;
  readonly frames: number;
  readonly ack: number;
}

async function measure(servers: readonly SpawnedServer[], clients: readonly Clients[], people: ManyPeople): Promise<Cell> {
  const figures = async () => {
    const counts = await Promise.all(clients.map((one) => one.ask({ order: 'figures' })));
    return {
      cpu: servers.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0),
      presence: (await Promise.all(servers.map(presenceSeconds))).reduce((sum, one) => sum + one, 0),
      frames: counts.reduce((sum, one) => sum + one.presenceFrames, 0),
      atMs: performance.now(),
    };
  };
  const before = await figures();
  const [ack] = await Promise.all([ackMs(servers[0]!, people), delay(measureMs)]);
  const after = await figures();
  const seconds = (after.atMs - before.atMs) / 1_000;
  const each = (key: 'cpu' | 'presence') => ((after[key] - before[key]) * 1_000) / seconds / servers.length;
  return { cpu: each('cpu'), presence: each('presence'), frames: (after.frames - before.frames) / seconds, ack };
}

/**
 * Tens of thousands of connections over several processes on one database and one Redis, each looking at one of fifty
 * channels: what they hold, and what it costs that some turn away and back all the time, at 1x, 4x and 16x.
 */
export async function benchPresence(options: { connections?: number } = {}): Promise<void> {
  const { connections = 50_000 } = options;
  const program = await redisProgram();
  process.stdout.write('Presence over four processes\n');
  if (!program) return;
  const [database, redis] = await Promise.all([
    startTestDatabase({ settings: { max_connections: '400' } }),
    TestRedis.start(program),
  ]);
  const servers: SpawnedServer[] = [];
  const clients: Clients[] = [];
  try {
    await database.asSuperuser('grant gb_app, gb_relay to gb_owner');
    const { host, port, user, password, database: name } = database.postgres.owner;
    const query = new URLSearchParams({ host, port: String(port) });
    const env = {
      DATABASE_URL: `postgres://${user}:${encodeURIComponent(password)}@/${name}?${query}`,
      REDIS_URL: redis.url,
      GB_RATE_FACTOR: '1000000',
      GB_QUOTAS: 'connections=unlimited members=unlimited messages=unlimited',
      GB_BOT_WORKERS: '1',
    };
    // The first one brings the database up to date.
    servers.push(await spawnServer({ env }));
    const [people] = await Promise.all([
      manyPeople(servers[0]!.url, await database.openStore(), peopleCount, teams),
      ...Array.from({ length: gateways - 1 }, async () => servers.push(await spawnServer({ env }))),
    ]);
    const bytesBefore = servers.reduce((sum, { pid }) => sum + residentBytes(pid), 0);
    clients.push(...servers.map(() => new Clients()));
    let opened = 0;
    for (const target of [connections / 16, connections / 4, connections]) {
      const each = Math.ceil((target - opened) / gateways);
      await Promise.all(
        clients.map((one, n) =>
          one.ask({
            order: 'open',
            port: Number(new URL(servers[n]!.url).port),
            tokens: Array.from({ length: each }, (_, i) => people.tokens[(opened + n * each + i) % people.tokens.length]!),
            channels: people.channels,
            watches: true,
          }),
        ),
      );
      opened += each * gateways;
      await delay(3_000);
      const quiet = await measure(servers, clients, people);
      await Promise.all(clients.map((one) => one.ask({ order: 'churn', perSecond: churnPerSecond / gateways })));
      const busy = await measure(servers, clients, people);
      await Promise.all(clients.map((one) => one.ask({ order: 'churn', perSecond: 0 })));
      const held = servers.reduce((sum, { pid }) => sum + residentBytes(pid), 0);
      const line = ({ cpu, presence, frames, ack }: Cell) =>
        `${cpu.toFixed(0)} ms of CPU a second and process, presence by the clock ${presence.toFixed(1)}; ${frames.toFixed(0)} frames/s; ack p50 ${ack.toFixed(1)} ms`;
      const before = bytesBefore / gateways / 1024 / 1024;
      process.stdout.write(
        `  ${opened} connections: ${(held / gateways / 1024 / 1024).toFixed(0)} MB a process, ${before.toFixed(0)} without any (load ${loadavg()[0]!.toFixed(1)})\n`,
      );
      process.stdout.write(`    nobody moves:              ${line(quiet)}\n`);
      process.stdout.write(`    ${churnPerSecond} a second turn around: ${line(busy)}\n`);
    }
  } finally {
    await Promise.all(clients.map((one) => one.close()));
    await Promise.all(servers.map((server) => server.dispose()));
    await redis.close();
    await database.close();
  }
}
