import type { Store } from 'gb-core';
import { type World, world } from 'gb-core/contract';
import type { ChannelId } from 'gb-protocol';
import { ColdMover, openPostgresKeyValueStore } from 'gb-storage';
import { startTestDatabase } from 'gb-storage/testing';
import { assert, silentLogger } from 'gb-utils';
import { cpuSecondsOfTree, median } from './load/processes.ts';

/** A page as the client asks for it, and how many readers ask at a time. */
const pageSize = 50;
const readers = 4;
const words =
  'the quick brown fox tells everybody about what was decided in the meeting of last week and who does what until when'.split(
    ' ',
  );

export interface ColdCell {
  readonly messages: number;
  /** Microseconds of processor for a page, ours and the database's, medians of the rounds; and milliseconds for one. */
  readonly hot: Reading;
  /** Each page from a segment that nobody read lately. */
  readonly cold: Reading;
  /** Page after page, as somebody scrolls. */
  readonly scrolled: Reading;
}

interface Reading {
  readonly p50Ms: number;
  readonly cpuUs: number;
}

/**
 * What a page of old history costs when its texts are packed away in the key-value store, beside the same page with its
 * texts in the rows: the same channel before and after it was moved, at 1, 4 and 16 times its length.
 */
export async function benchCold({ messages = 5_000, rounds = 5, pages = 200 } = {}): Promise<readonly ColdCell[]> {
  const database = await startTestDatabase();
  const { app } = database.postgres;
  const keyValues = await openPostgresKeyValueStore({ app, log: silentLogger });
  const mover = new ColdMover({ app, keyValues, log: silentLogger, policy: { ageMsMin: -1_000, messagesMin: 1 } });
  const cells: ColdCell[] = [];
  try {
    for (const times of [1, 4, 16]) {
      const store = await database.openStore({ coldHistory: keyValues });
      const w = await world(store);
      const channelId = await w.channel('general');
      const length = messages * times;
      await fill(store, w, channelId, length);
      await database.asSuperuser('vacuum analyze gb.messages');
      const measure = async (store: Store, isScrolled: boolean): Promise<Reading> => {
        const found: Reading[] = [];
        for (let round = 0; round <= rounds; round++) {
          const reading = await read({ store, w, channelId, length, pages, isScrolled, pid: database.postgres.pid! });
          if (round > 0) found.push(reading); // The first round warms up plans and caches.
        }
        return { p50Ms: median(found.map((one) => one.p50Ms)), cpuUs: median(found.map((one) => one.cpuUs)) };
      };
      const hot = await measure(store, false);
      await mover.runFor(w.customerId);
      // Or the measurement would be of the cleaning up after the move, which the database does by itself within a minute.
      await database.asSuperuser('vacuum analyze gb.messages, gb.key_values');
      // Stores of their own, so that nothing is kept from before.
      const cold = await measure(await database.openStore({ coldHistory: keyValues }), false);
      const scrolled = await measure(await database.openStore({ coldHistory: keyValues }), true);
      cells.push({ messages: length, hot, cold, scrolled });
    }
  } finally {
    await mover.close();
    await database.close();
    await keyValues.close();
  }
  return cells;
}

export function coldReport(cells: readonly ColdCell[]): string {
  const lines = cells.map(({ messages, hot, cold, scrolled }) => {
    const beside = ({ p50Ms, cpuUs }: Reading) =>
      `${p50Ms.toFixed(2)} ms (${(p50Ms / hot.p50Ms).toFixed(2)}x), ${cpuUs.toFixed(0)} us of processor (${(cpuUs / hot.cpuUs).toFixed(2)}x)`;
    return `${String(messages).padStart(7)} messages   hot ${beside(hot)}   cold, anywhere ${beside(cold)}   cold, scrolling ${beside(scrolled)}`;
  });
  const worst = Math.max(...cells.map(({ hot, scrolled }) => scrolled.p50Ms / hot.p50Ms));
  lines.push(
    `${worst <= 2 ? 'ok  ' : 'MISS'} a page of cold history costs ${worst.toFixed(2)}x a hot one at most, as people read (aim: 2x)`,
  );
  return lines.join('\n');
}

async function fill(store: Store, w: World, channelId: ChannelId, count: number): Promise<void> {
  const textOf = (n: number) => Array.from({ length: 24 }, (_, i) => words[(n * 7 + i * (1 + (n % 5))) % words.length]).join(' ');
  for (let from = 0; from < count; from += 1_000) {
    const some = Array.from({ length: Math.min(1_000, count - from) }, (_, i) =>
      store.appendMessage(w.customerId, w.message(channelId, { text: `${from + i}: ${textOf(from + i)}` })),
    );
    await Promise.all(some);
  }
}

interface Task {
  readonly store: Store;
  readonly w: World;
  readonly channelId: ChannelId;
  readonly length: number;
  readonly pages: number;
  readonly isScrolled: boolean;
  readonly pid: number;
}

/** Somewhere in the channel each time, far from the last, or on from where the reader was. */
async function read({ store, w, channelId, length, pages, isScrolled, pid }: Task): Promise<Reading> {
  const times: number[] = [];
  let turn = 0;
  const before = cpuSecondsOfTree(pid);
  const own = process.cpuUsage();
  const reader = async (number: number) => {
    let beforeSeq = isScrolled ? Math.floor((length * (number + 1)) / readers) : 0;
    while (turn < pages) {
      turn += 1;
      // A step that shares no factor with the length comes everywhere, and near the last place only late.
      if (!isScrolled) beforeSeq = pageSize + 1 + ((turn * 7_919) % (length - pageSize));
      const startedMs = performance.now();
      const { messages } = await store.read(w.customerId, (tx) =>
        tx.messages.page(channelId, { before: beforeSeq, limit: pageSize }),
      );
      times.push(performance.now() - startedMs);
      assert(messages.length > 0 && messages.every(({ text }) => text.length > 20), 'a page has its texts');
      if (isScrolled) beforeSeq = messages[0]!.seq > pageSize ? messages[0]!.seq : length;
    }
  };
  await Promise.all(Array.from({ length: readers }, (_, number) => reader(number)));
  const { user, system } = process.cpuUsage(own);
  const cpuUs = (user + system + (cpuSecondsOfTree(pid) - before) * 1e6) / pages;
  return { p50Ms: median(times), cpuUs };
}
