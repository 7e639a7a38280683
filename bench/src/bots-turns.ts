import { loadavg } from 'node:os';
import type { Store } from 'gb-core';
import { ConversationRunner } from 'gb-core';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { sleep } from 'gb-utils';
import pg from 'pg';
import { type BenchBots, openBenchBots, percentile, type Talk, talksWith } from './bots-world.ts';
import { cpuSeconds, cpuSecondsOfTree, median } from './load/processes.ts';

const table = `TABLE orders
  id integer key
  customer string(40)*
  total decimal(10,2)
END TABLE
`;
const programs: Readonly<Record<string, string>> = {
  plain: 'DO\n  HEAR x\n  TALK "you said ${x}"\nLOOP',
  memory: 'DO\n  HEAR x\n  SET BOT MEMORY "k" + id, x\n  TALK GET BOT MEMORY("k" + id)\nLOOP',
  data: `${table}who = username\nDO\n  HEAR x\n  SAVE "orders", {customer: who, total: 12.5}\n  l = FIND "orders", "customer=" + who, 5\n  TALK "you have " + LEN(l)\nLOOP`,
};
const talkers = 32;

interface Cell {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly mainMs: number;
  readonly databaseMs: number;
}

/** Turns with everything stored, closed loop, subjects in turns: what data costs, and what the journal. */
export async function benchBotTurns(options: { rounds?: number; cellMs?: number } = {}): Promise<void> {
  const { rounds = 5, cellMs = 2_500 } = options;
  process.stdout.write(`Bot turns with everything stored (load ${loadavg()[0]!.toFixed(1)})\n`);
  const database = await startTestDatabase();
  const bots = await openBenchBots(database);
  try {
    const subjects: Record<string, Talk[]> = {};
    for (const [name, source] of Object.entries(programs))
      subjects[name] = await talksWith(bots.runner, bots.world, source, talkers);
    const silent = new ConversationRunner({ ...bots.ctx, store: withoutJournal(bots.ctx.store) }, () => {});
    subjects['plain, no journal'] = await talksWith(silent, bots.world, programs['plain']!, talkers);
    for (const talks of Object.values(subjects)) await Promise.all(talks.map((talk) => talk.say('hello')));
    const cells: Record<string, Cell[]> = {};
    for (let round = 0; round < rounds + 1; round++) {
      for (const [name, talks] of Object.entries(subjects)) {
        for (const atOnce of [1, 16]) {
          const cell = await closedLoop(database, talks.slice(0, atOnce), cellMs);
          if (round > 0) (cells[`${name}, ${atOnce} at once`] ??= []).push(cell);
        }
      }
    }
    const base = medianOf(cells['plain, 1 at once']!, 'mainMs') + medianOf(cells['plain, 1 at once']!, 'databaseMs');
    for (const [name, list] of Object.entries(cells)) {
      const m = (key: keyof Cell) => medianOf(list, key);
      process.stdout.write(
        `  ${name.padEnd(30)}${m('perSecond').toFixed(0).padStart(6)}/s   p50 ${m('p50').toFixed(1).padStart(6)} ms   p99 ${m('p99').toFixed(1).padStart(6)} ms   processor: ours ${m('mainMs').toFixed(2)} ms, database ${m('databaseMs').toFixed(2)} ms   ${((m('mainMs') + m('databaseMs')) / base).toFixed(2)} of plain\n`,
      );
    }
    for (const [name, talks] of Object.entries(subjects)) await whatItTakes(bots, name, talks);
  } finally {
    await bots.close();
    await database.close();
  }
}

async function closedLoop(database: TestDatabase, talks: readonly Talk[], ms: number): Promise<Cell> {
  const times: number[] = [];
  const main = cpuSeconds(process.pid);
  const server = cpuSecondsOfTree(database.postgres.pid!);
  const startMs = performance.now();
  await Promise.all(
    talks.map(async (talk) => {
      while (performance.now() - startMs < ms) {
        const from = performance.now();
        await talk.say('tea');
        times.push(performance.now() - from);
      }
    }),
  );
  const seconds = (performance.now() - startMs) / 1000;
  return {
    perSecond: times.length / seconds,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    mainMs: ((cpuSeconds(process.pid) - main) * 1000) / times.length,
    databaseMs: ((cpuSecondsOfTree(database.postgres.pid!) - server) * 1000) / times.length,
  };
}

/** Statements, transactions and log bytes of one turn, counted. */
async function whatItTakes({ owner }: BenchBots, name: string, talks: readonly Talk[]): Promise<void> {
  const turns = 200;
  const texts = new Map<string, number>();
  const original = pg.Client.prototype.query;
  const position = async () => (await owner.query('select pg_current_wal_insert_lsn() as at')).rows[0]!.at as string;
  await sleep(300);
  const before = await position();
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const text = typeof args[0] === 'string' ? args[0] : (args[0] as { text?: string }).text;
    if (text && (this as unknown) !== owner) texts.set(text, (texts.get(text) ?? 0) + 1);
    return Reflect.apply(original, this, args);
  } as typeof original;
  try {
    for (let n = 0; n < turns; n++) await talks[n % talks.length]!.say('tea');
  } finally {
    pg.Client.prototype.query = original;
  }
  const { rows } = await owner.query('select pg_wal_lsn_diff($1, $2) as bytes', [await position(), before]);
  const all = [...texts.values()].reduce((sum, count) => sum + count, 0);
  const writing = texts.get('begin') ?? 0;
  const reading = [...texts].filter(([text]) => text.startsWith('begin iso')).reduce((sum, [, count]) => sum + count, 0);
  process.stdout.write(
    `  ${name}: ${(all / turns).toFixed(1)} statements in ${(writing / turns).toFixed(2)} writing and ${(reading / turns).toFixed(2)} reading transactions, ${(Number(rows[0]!.bytes) / turns).toFixed(0)} bytes of log a turn\n`,
  );
  if (process.argv.includes('--statements'))
    for (const [text, count] of [...texts].sort((a, b) => b[1] - a[1]))
      process.stdout.write(`      ${(count / turns).toFixed(2)}  ${text.replace(/\s+/g, ' ').slice(0, 140)}\n`);
}

function withoutJournal(store: Store): Store {
  return {
    outbox: store.outbox,
    timers: store.timers,
    appendMessage: (...args) => store.appendMessage(...args),
    read: (customerId, work) => store.read(customerId, work),
    transaction: (customerId, work) =>
      store.transaction(customerId, (tx) => work({ ...tx, journal: { ...tx.journal, write: async () => {} } })),
    createCustomer: (input) => store.createCustomer(input),
    findLogins: (email) => store.findLogins(email),
    listCustomers: () => store.listCustomers(),
    ping: () => store.ping(),
    close: () => store.close(),
  };
}

function medianOf(cells: readonly Cell[], key: keyof Cell): number {
  return median(cells.map((cell) => cell[key]));
}
