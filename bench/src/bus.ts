import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

import { setTimeout as delay } from 'node:timers/promises';
import { type Peer, socketPlaces } from 'gb-messaging';
import { redisProgram, TestRedis } from 'gb-messaging/testing';
import type { BusFigures, BusOrder } from './load/bus-node.ts';
import { median } from './load/processes.ts';

interface Cell {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Microseconds of CPU for a message, in the process that publishes it. */
  readonly publishUs: number;
  /** The same for one process that hears it. */
  readonly hearUs: number;
  readonly perBatch: number;
}

class Node {
  readonly #child: ChildProcess = fork(join(import.meta.dirname, 'load/bus-node.ts'), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });

  async ask<T>(order: BusOrder): Promise<T> {
    this.#child.send(order);
    const [answer] = await Promise.race([
      once(this.#child, 'message'),
      once(this.#child, 'exit').then(([code]) => Promise.reject(new Error(`A process of the benchmark ended with ${code}.`))),
    ]);
    return answer as T;
  }

  figures(): Promise<BusFigures> {
    return this.ask({ order: 'figures' });
  }

  async close(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
  }
}

/** Loads one process, and counts in another what arrives at `listeners` buses; without an address all is in one process. */
async function cell(url: string | null, perSecond: number, listeners: number, seconds: number): Promise<Cell> {
  const publisher = new Node();
  const hearer = url === null ? publisher : new Node();
  try {
    const peers = await publisher.ask<Peer[]>({ order: 'open', url, buses: 1 });
    if (hearer !== publisher) peers.push(...(await hearer.ask<Peer[]>({ order: 'open', url, buses: listeners })));
    for (const node of new Set([publisher, hearer])) await node.ask({ order: 'link', peers });
    await publisher.ask({ order: 'load', perSecond, seconds: 1 }); // Warms up.
    await delay(500);
    const both = async () => {
      const one = await publisher.figures();
      return [one, hearer === publisher ? one : await hearer.figures()] as const;
    };
    const before = await both();
    const published = await publisher.ask<number>({ order: 'load', perSecond, seconds });
    await delay(500);
    const after = await both();
    const heard = after[1].heard - before[1].heard;
    const buses = hearer === publisher ? 1 : listeners;
    if (heard !== published * buses) throw new Error(`${heard} of ${published * buses} arrived.`);
    const hops = [...after[1].hopsMs].sort((a, b) => a - b);
    return {
      p50Ms: hops[Math.floor(hops.length / 2)]!,
      p99Ms: hops[Math.floor(hops.length * 0.99)]!,
      publishUs: (after[0].cpuUs - before[0].cpuUs) / published,
      hearUs: (after[1].cpuUs - before[1].cpuUs) / heard,
      perBatch: url === null ? 1 : heard / Math.max(1, after[1].batches - before[1].batches),
    };
  } finally {
    await publisher.close();
    if (hearer !== publisher) await hearer.close();
  }
}

/** What it costs that a message is heard in another process, over links or Redis, compared with the one it was published in. */
export async function benchBus(options: { rounds?: number; seconds?: number } = {}): Promise<void> {
  const { rounds = 3, seconds = 1 } = options;
  const program = await redisProgram();
  process.stdout.write(`Event bus between processes (load of the machine ${loadavg()[0]!.toFixed(1)})\n`);
  if (!program) return;
  const redis = await TestRedis.start(program);
  const dir = mkdtempSync(join(tmpdir(), 'gb-bus-'));
  const linksUrl = `links:${socketPlaces(dir)[0]}`;
  try {
    const measure = async (title: string, url: string | null, perSecond: number, listeners: number) => {
      const cells: Cell[] = [];
      for (let round = 0; round < rounds; round++) cells.push(await cell(url, perSecond, listeners, seconds));
      const of = (name: keyof Cell) => median(cells.map((one) => one[name]));
      const [p50, p99, publish, hear, batch] = [of('p50Ms'), of('p99Ms'), of('publishUs'), of('hearUs'), of('perBatch')];
      process.stdout.write(
        `  ${title.padEnd(44)} p50 ${p50.toFixed(2)} ms  p99 ${p99.toFixed(2)} ms  CPU us a message: publish ${publish.toFixed(1)}, hear ${hear.toFixed(1)}  ${batch.toFixed(1)} in a batch\n`,
      );
      return { p50, publish, hear };
    };
    for (const perSecond of [1_000, 5_000, 20_000]) {
      const alone = await measure(`one process, ${perSecond} messages/s`, null, perSecond, 1);
      for (const [name, url] of [
        ['Redis', redis.url],
        ['links', linksUrl],
      ] as const) {
        const apart = await measure(`two processes, ${name}, ${perSecond} messages/s`, url, perSecond, 1);
        process.stdout.write(
          `    over one process: p50 +${(apart.p50 - alone.p50).toFixed(2)} ms (wanted < 2), CPU +${(apart.publish - alone.publish + apart.hear).toFixed(1)} us a message\n`,
        );
      }
    }
    // Listeners share one process here, so that three cells of one machine compare; each has connections of its own.
    for (const listeners of [1, 4, 16]) {
      await measure(`${listeners} listeners, Redis, 1,000 messages/s`, redis.url, 1_000, listeners);
      await measure(`${listeners} listeners, links, 1,000 messages/s`, linksUrl, 1_000, listeners);
    }
  } finally {
    await redis.close();
    rmSync(dir, { recursive: true, force: true });
  }
}
