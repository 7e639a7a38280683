import { readFileSync } from 'node:fs';
import type { EventLog, OutboxEntry, Store } from 'gb-core';
import { world } from 'gb-core/contract';
import { createOutboxEventLog, readKafkaConnection } from 'gb-messaging';
import { createKafkaEventLog } from 'gb-messaging/kafka';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { assert, silentLogger } from 'gb-utils';
import { type StartedService, startService } from 'tools/services';

type ChannelId = OutboxEntry['channelId'];

export interface EventLogCell {
  readonly engine: 'none' | 'outbox' | 'kafka';
  readonly wantedPerSecond: number;
  readonly perSecond: number;
  /** From the acknowledgement of a message to its handler. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Microseconds of a processor for one message: in this process, in PostgreSQL, in the broker. */
  readonly cpuUs: { readonly own: number; readonly database: number; readonly broker: number };
}

const allRates: readonly number[] = [312, 1_250, 5_000];
const channelsMax = 200;
const tickMs = 10;

/**
 * How long after its commit a message is with a consumer, and what that costs, beside the outbox engine and beside
 * writing with no consumer at all: at a sixteenth and a quarter of 5,000 messages a second, and at that. What was said
 * is compared with what was handled.
 */
export async function benchEventLog({ cellMs = 6_000, rounds = 3, rates = allRates } = {}): Promise<readonly EventLogCell[]> {
  const kafka = await startService('kafka');
  const database = await startTestDatabase();
  const cells: EventLogCell[] = [];
  try {
    const engines = ['none', 'outbox', ...(kafka ? ['kafka' as const] : [])] as const;
    let runs = 0;
    for (let round = 0; round <= rounds; round++)
      for (const rate of rates)
        for (const engine of engines) {
          const cell = await run({
            engine,
            rate,
            cellMs: round === 0 ? 2_000 : cellMs,
            name: `bench${runs++}.`,
            database,
            kafka,
          });
          if (round > 0) cells.push(cell); // The first round warms up plans, caches and compilers.
        }
  } finally {
    await database.close();
    await kafka?.close();
  }
  return medians(cells);
}

export function eventLogReport(cells: readonly EventLogCell[]): { text: string; isGood: boolean } {
  const number = (value: number, digits: number, width: number) => value.toFixed(digits).padStart(width);
  const lines = cells.map(
    ({ engine, wantedPerSecond, perSecond, p50Ms, p99Ms, cpuUs }) =>
      `${engine.padEnd(7)}${String(wantedPerSecond).padStart(6)}/s wanted ${number(perSecond, 0, 6)}/s   ` +
      `p50 ${number(p50Ms, 1, 7)} ms   p99 ${number(p99Ms, 1, 7)} ms   ` +
      `CPU a message: ${number(cpuUs.own, 0, 5)} µs own, ${number(cpuUs.database, 0, 5)} database, ${number(cpuUs.broker, 0, 5)} broker`,
  );
  const top = cells.find((cell) => cell.engine === 'kafka' && cell.wantedPerSecond === allRates.at(-1));
  const isGood = top !== undefined && top.p99Ms < 150 && top.perSecond > 0.95 * top.wantedPerSecond;
  lines.push(
    top
      ? `${isGood ? 'ok  ' : 'MISS'} outbox to Kafka consumer: p99 ${top.p99Ms.toFixed(1)} ms at ${Math.round(top.perSecond)}/s (aim: under 150 ms at 5,000/s)`
      : 'MISS there is no Kafka here',
  );
  return { text: lines.join('\n'), isGood };
}

interface Run {
  readonly engine: EventLogCell['engine'];
  readonly rate: number;
  readonly cellMs: number;
  readonly name: string;
  readonly database: TestDatabase;
  readonly kafka: StartedService | null;
}

async function run({ engine, rate, cellMs, name, database, kafka }: Run): Promise<EventLogCell> {
  const store = await database.openStore();
  try {
    const w = await world(store);
    const channels: ChannelId[] = [];
    for (let i = 0; i < channelsMax; i++) channels.push(await w.channel(`c${i}`));
    await clear(store);
    const log = open(engine, name, store, kafka);
    const handled = new Map<string, number>();
    log?.consume('bench', async ({ channelId, seq }) => void handled.set(`${channelId} ${seq}`, performance.now()));
    log?.start();
    await log?.drained();

    const said = new Map<string, number>();
    const before = cpu(database, kafka);
    const beganAt = performance.now();
    const sending: Promise<void>[] = [];
    for (let count = 0; performance.now() - beganAt < cellMs; await new Promise((resolve) => setTimeout(resolve, tickMs))) {
      const due = Math.floor(((performance.now() - beganAt) / 1_000) * rate);
      for (; count < due; count++) {
        const channelId = channels[count % channels.length]!;
        sending.push(
          store
            .appendMessage(w.customerId, w.message(channelId, { text: 'm'.repeat(200) }))
            .then(({ seq }) => void said.set(`${channelId} ${seq}`, performance.now())),
        );
      }
    }
    await Promise.all(sending);
    await log?.drained();
    const seconds = (performance.now() - beganAt) / 1_000;
    const after = cpu(database, kafka);
    if (log)
      assert(
        [...said.keys()].every((key) => handled.has(key)),
        'everything that was said was handled',
      );
    await log?.close();
    await clear(store);
    const late = [...said].map(([key, at]) => Math.max(0, (handled.get(key) ?? at) - at)).sort((a, b) => a - b);
    const each = (part: keyof EventLogCell['cpuUs']) => (after[part] - before[part]) / said.size;
    return {
      engine,
      wantedPerSecond: rate,
      perSecond: said.size / seconds,
      p50Ms: late[Math.floor(late.length * 0.5)]!,
      p99Ms: late[Math.floor(late.length * 0.99)]!,
      cpuUs: { own: each('own'), database: each('database'), broker: each('broker') },
    };
  } finally {
    await store.close();
  }
}

function open(engine: EventLogCell['engine'], prefix: string, store: Store, kafka: StartedService | null): EventLog | null {
  if (engine === 'none') return null;
  if (engine === 'outbox') return createOutboxEventLog({ outbox: store.outbox, log: silentLogger });
  const connection = readKafkaConnection(kafka!.env['KAFKA_BROKERS']!);
  return createKafkaEventLog({ connection, store, log: silentLogger, prefix });
}

async function clear(store: Store): Promise<void> {
  for (;;) {
    const left = await store.outbox.take(20_000);
    if (left.length === 0) return;
    await store.outbox.done(left.map((entry) => entry.id));
  }
}

/** Microseconds so far. */
function cpu(database: TestDatabase, kafka: StartedService | null): EventLogCell['cpuUs'] {
  const { user, system } = process.cpuUsage();
  const postmaster = Number(readFileSync(`${database.dataDir}/postgres/postmaster.pid`, 'utf8').split('\n')[0]);
  return {
    own: user + system,
    database: cpuOfGroup(postmaster),
    broker: (kafka?.pids() ?? []).reduce((sum, pid) => sum + cpuOf(pid).us, 0),
  };
}

/** Of a server and the processes it started, those that ended included (proc(5)). */
function cpuOfGroup(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  const own = cpuOf(pid);
  return children.reduce((sum, child) => sum + cpuOf(Number(child)).us, own.us + own.childrenUs);
}

function cpuOf(pid: number): { us: number; childrenUs: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const us = (first: number) => (Number(fields[first]) + Number(fields[first + 1])) * 10_000;
  return { us: us(11), childrenUs: us(13) };
}

function medians(cells: readonly EventLogCell[]): EventLogCell[] {
  const groups = Map.groupBy(cells, (cell) => `${cell.engine} ${cell.wantedPerSecond}`);
  return [...groups.values()].map((group) => group.toSorted((a, b) => a.p99Ms - b.p99Ms)[group.length >> 1]!);
}
