import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { MoveReport } from 'gb-storage';
import { type MoveWorld, startMoveWorld } from 'gb-storage/testing';
import { assert } from 'gb-utils';
import { cpuSeconds, cpuSecondsOfTree, median } from './load/processes.ts';

const channelCount = 50;
/** Messages of people, all over the channels of the bucket, while it moves and before. */
const sentPerSecond = 100;
const calmMs = 8_000;
const repository = fileURLToPath(new URL('../..', import.meta.url));

export interface MoveCell {
  readonly messages: number;
  readonly perSecond: number;
  /** What the database took when it made the messages itself, by one statement after the other: the yardstick of this run. */
  readonly filledPerSecond: number;
  readonly pauseMs: number;
  readonly longestSendMs: number;
  /** p99 of sending while it moves, beside p99 before. */
  readonly p99: { readonly calmMs: number; readonly movingMs: number };
  /** Microseconds of a processor for a message: of the mover, and of both databases with the senders' work in them. */
  readonly cpuUs: { readonly mover: number; readonly databases: number };
  readonly load: number;
}

/**
 * Moves a bucket of so many messages from one database to another, with `gb shard move`, while people write in it: how many
 * a second, how long writers wait at the end, and what sending one takes meanwhile compared with before. What is at the
 * target is counted, and every message that was acknowledged is looked for.
 */
export async function benchShardMove({ sizes = [62_500, 250_000, 1_000_000], rounds = 1 } = {}): Promise<readonly MoveCell[]> {
  const cells: MoveCell[] = [];
  for (const messages of sizes) {
    const world = await startMoveWorld();
    try {
      const own: MoveCell[] = [];
      for (let turn = 0; turn < rounds; turn++) own.push(await run(world, messages, 2 * turn + 2));
      cells.push(medianOf(own));
    } finally {
      await world.close();
    }
  }
  return cells;
}

export function shardMoveReport(cells: readonly MoveCell[]): string {
  const last = cells.at(-1);
  const smallest = cells[0];
  assert(last && smallest, 'there is a cell');
  const lines = cells.map(
    ({ messages, perSecond, filledPerSecond, pauseMs, longestSendMs, p99, cpuUs, load }) =>
      `${String(messages).padStart(9)} messages  ${perSecond.toFixed(0).padStart(7)}/s, ${(perSecond / filledPerSecond).toFixed(2)} of what the database makes by itself   writers wait ${pauseMs.toFixed(0).padStart(4)} ms, ` +
      `longest send ${longestSendMs.toFixed(0).padStart(5)} ms   p99 ${p99.calmMs.toFixed(1)} -> ${p99.movingMs.toFixed(1)} ms (${(p99.movingMs / p99.calmMs).toFixed(1)}x)   ` +
      `CPU a message: ${cpuUs.mover.toFixed(0)} µs mover, ${cpuUs.databases.toFixed(0)} µs databases   load ${load.toFixed(1)}`,
  );
  const worst = Math.max(...cells.map(({ pauseMs }) => pauseMs));
  lines.push(
    `${last.perSecond >= 20_000 ? 'ok  ' : 'MISS'} ${last.perSecond.toFixed(0)} messages/s of the largest (aim: 20,000)`,
    `${worst <= 1_000 ? 'ok  ' : 'MISS'} writers wait ${worst.toFixed(0)} ms at most (aim: 1,000)`,
    `${last.p99.movingMs <= 3 * last.p99.calmMs ? 'ok  ' : 'MISS'} p99 of sending ${(last.p99.movingMs / last.p99.calmMs).toFixed(1)} times (aim: 3)`,
    `     a message of the largest takes ${(smallest.perSecond / last.perSecond).toFixed(2)} times what one of the smallest takes`,
  );
  return lines.join('\n');
}

async function run(world: MoveWorld, messages: number, bucket: number): Promise<MoveCell> {
  const w = await world.customerIn(bucket);
  const channels: string[] = [];
  for (let n = 0; n < channelCount; n++) channels.push(await w.channel(`channel ${n}`));
  const filledFromMs = performance.now();
  await fill(world, w.customerId, w.owner, channels, messages / channelCount);
  const filledPerSecond = (messages / (performance.now() - filledFromMs)) * 1_000;
  const people = new People(world, w, channels);
  try {
    return await measure(world, w.customerId, people, { messages, bucket, filledPerSecond });
  } finally {
    await people.stop();
  }
}

async function measure(
  world: MoveWorld,
  customerId: Customer['customerId'],
  people: People,
  { messages, bucket, filledPerSecond }: { messages: number; bucket: number; filledPerSecond: number },
): Promise<MoveCell> {
  people.start();
  await pause(2_000); // Plans, caches and compilers are warm.
  people.takeLatencies();
  await pause(calmMs);
  const calm = people.takeLatencies();
  const before = databaseCpu(world);
  const { report, cpuUs: moverUs } = await move(world, bucket);
  const databasesUs = databaseCpu(world) - before;
  const moving = people.takeLatencies();
  await pause(500);
  await people.stop();
  const [counted] = await world.ask<{ n: number }>(
    'two',
    'select count(*)::int as n from gb.messages where customer_id = $1',
    [customerId],
    customerId,
  );
  assert(
    counted?.n === messages + people.acknowledged,
    `${messages + people.acknowledged} messages are at the target: ${counted?.n}`,
  );
  return {
    messages,
    perSecond: messages / (report.openedAfterMs / 1_000),
    filledPerSecond,
    pauseMs: report.pauseMs ?? Number.NaN,
    longestSendMs: Math.max(...moving),
    p99: { calmMs: percentile(calm, 99), movingMs: percentile(moving, 99) },
    cpuUs: { mover: moverUs / messages, databases: databasesUs / messages },
    load: loadavg()[0]!,
  };
}

/** Old messages, as they would lie there; put in by the database itself. */
async function fill(
  world: MoveWorld,
  customerId: string,
  owner: string,
  channels: readonly string[],
  each: number,
): Promise<void> {
  for (let from = 0; from < channels.length; from += 5)
    await world.ask(
      'one',
      `insert into gb.messages (customer_id, channel_id, seq, count, author_id, client_id, text, at)
       select $1, c, n, n, $2, gen_random_uuid(), 'A sentence as people write it, of about eighty letters, the ' || n || 'th of them all.', now()
       from unnest($3::uuid[]) c cross join generate_series(1, $4::int) n`,
      [customerId, owner, channels.slice(from, from + 5), each],
      customerId as never,
    );
  await world.ask(
    'one',
    'update gb.channel_heads set head = $2, count = $2 where customer_id = $1 and channel_id = any ($3::uuid[])',
    [customerId, each, channels],
    customerId as never,
  );
  await world.ask('one', 'analyze');
}

type Customer = Awaited<ReturnType<MoveWorld['customerIn']>>;

/** Sends at a steady rate, whether answers come or not, and notes how long each took. */
class People {
  readonly #world: MoveWorld;
  readonly #customer: Customer;
  readonly #channels: readonly string[];
  #latencies: number[] = [];
  #timer: NodeJS.Timeout | null = null;
  readonly #underWay = new Set<Promise<void>>();
  #sent = 0;
  #isOver = false;
  #relaying: Promise<void> = Promise.resolve();
  acknowledged = 0;

  constructor(world: MoveWorld, customer: Customer, channels: readonly string[]) {
    this.#world = world;
    this.#customer = customer;
    this.#channels = channels;
  }

  start(): void {
    this.#relaying = this.#relay();
    const startedMs = performance.now();
    this.#timer = setInterval(() => {
      // What should have been sent by now: a timer that comes late makes up for it.
      while (this.#sent < ((performance.now() - startedMs) / 1_000) * sentPerSecond) this.#send();
    }, 5);
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await Promise.all(this.#underWay);
    this.#isOver = true;
    await this.#relaying;
  }

  /** Somebody hands out what is written, as in every installation. */
  async #relay(): Promise<void> {
    const { outbox } = this.#world.store;
    while (!this.#isOver) {
      const entries = await outbox.take(1_000);
      await outbox.done(entries.map(({ id }) => id));
      if (entries.length < 1_000) await pause(100);
    }
  }

  takeLatencies(): number[] {
    const taken = this.#latencies;
    this.#latencies = [];
    return taken;
  }

  #send(): void {
    const channelId = this.#channels[this.#sent++ % this.#channels.length]!;
    const startedMs = performance.now();
    const sending = this.#world.store
      .appendMessage(this.#customer.customerId, this.#customer.message(channelId as never, { text: 'now' }))
      .then(() => {
        this.acknowledged += 1;
        this.#latencies.push(performance.now() - startedMs);
      })
      .finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }
}

/** As an operator does it, in a process of its own. */
async function move(world: MoveWorld, bucket: number): Promise<{ report: MoveReport; cpuUs: number }> {
  const shards = [...world.owners].map(([name, owner]) => {
    const { host, port, user, password, database } = owner as Record<string, string>;
    const query = new URLSearchParams({ host: host!, port: String(port) });
    return `${name}=postgres://${encodeURIComponent(user!)}:${encodeURIComponent(password!)}@/${database}?${query}`;
  });
  const child = spawn(process.execPath, ['gb-cli/src/main.ts', 'shard', 'move', String(bucket), '--to', 'two', '--json'], {
    cwd: repository,
    env: { ...process.env, DATABASE_SHARDS: shards.join(' ') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [said, complaint, cpuUs] = ['', '', 0];
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    complaint += data.toString();
  });
  // The last figure before it ends, to a quarter of a second.
  const watch = setInterval(() => {
    if (child.exitCode === null && child.pid !== undefined) cpuUs = cpuSeconds(child.pid) * 1e6;
  }, 250);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(watch);
  assert(code === 0, `the bucket moved: ${complaint}`);
  return { report: JSON.parse(said) as MoveReport, cpuUs };
}

function databaseCpu(world: MoveWorld): number {
  return [...world.shards.databases.values()].reduce((sum, { dataDir }) => {
    const postmaster = Number(readFileSync(`${dataDir}/postgres/postmaster.pid`, 'utf8').split('\n')[0]);
    return sum + cpuSecondsOfTree(postmaster) * 1e6;
  }, 0);
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}

/** Of each figure by itself; of waiting the worst. */
function medianOf(cells: readonly MoveCell[]): MoveCell {
  const usual = (of: (cell: MoveCell) => number) => median(cells.map(of));
  return {
    messages: cells[0]!.messages,
    perSecond: usual(({ perSecond }) => perSecond),
    filledPerSecond: usual((cell) => cell.filledPerSecond),
    pauseMs: Math.max(...cells.map(({ pauseMs }) => pauseMs)),
    longestSendMs: Math.max(...cells.map(({ longestSendMs }) => longestSendMs)),
    p99: { calmMs: usual(({ p99 }) => p99.calmMs), movingMs: usual(({ p99 }) => p99.movingMs) },
    cpuUs: { mover: usual(({ cpuUs }) => cpuUs.mover), databases: usual(({ cpuUs }) => cpuUs.databases) },
    load: usual(({ load }) => load),
  };
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
