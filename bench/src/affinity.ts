import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSocketPlace, type Peer, socketPlaces } from 'gb-messaging';
import type { ChannelId } from 'gb-protocol';
import { startTestDatabase } from 'gb-storage/testing';
import { uuidv7 } from 'gb-utils';
import type { AffinityLoad, AffinityOrder } from './load/affinity-node.ts';
import { cpuSecondsOfTree, median } from './load/processes.ts';

class Node {
  readonly #child: ChildProcess = fork(join(import.meta.dirname, 'load/affinity-node.ts'), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });

  readonly #gone = once(this.#child, 'exit');

  async ask<T>(order: AffinityOrder): Promise<T> {
    this.#child.send(order);
    const asked = new AbortController();
    const [answer] = await Promise.race([
      once(this.#child, 'message', { signal: asked.signal }),
      this.#gone.then(([code]) => {
        asked.abort();
        throw new Error(`A process of the benchmark ended with ${code}.`);
      }),
    ]);
    return answer as T;
  }

  async close(): Promise<void> {
    this.#child.disconnect();
    await this.#gone;
  }
}

interface Cell {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Microseconds of CPU for a message: of our processes, and of the database. */
  readonly ourUs: number;
  readonly databaseUs: number;
}

/** What it is worth that one process of a host stores the messages of a hot channel for all, and from what rate on. */
export async function benchAffinity({ rounds = 3, seconds = 1 } = {}): Promise<void> {
  const database = await startTestDatabase({ settings: { max_connections: '400' } });
  const dir = mkdtempSync(join(tmpdir(), 'gb-affinity-'));
  const place = openSocketPlace(socketPlaces(dir)[0]!);
  process.stdout.write(`Channel affinity (load of the machine ${loadavg()[0]!.toFixed(1)})\n`);
  try {
    const store = await database.openStore();
    const { customerId, userId: authorId } = await store.createCustomer({
      organizationName: 'Bench',
      userName: 'Ana',
      handle: 'ana',
      email: `${uuidv7()}@example.org`,
      passwordHash: 'x',
      locale: 'en',
    });
    const newChannel = () =>
      store.transaction(customerId, async (tx) => {
        const id = uuidv7() as ChannelId;
        await tx.channels.insert({ id, kind: 'public', name: id, topic: '', directKey: null, createdBy: authorId });
        return id;
      });
    for (const count of [1, 4, 16]) {
      const nodes = Array.from({ length: count }, () => new Node());
      try {
        const { app, relay } = database.postgres;
        const peers: Peer[] = [];
        for (const node of nodes) peers.push(await node.ask<Peer>({ order: 'open', app, relay, place, customerId, authorId }));
        await Promise.all(nodes.map((node) => node.ask({ order: 'link', peers })));
        const channel = await newChannel();
        const cell = async (isAffine: boolean, more: { perSecond?: number; senders?: number }): Promise<Cell> => {
          const before = cpuSecondsOfTree(database.postgres.pid!);
          const order = { order: 'load', isAffine, channels: [channel], seconds, ...more } as const;
          const startMs = performance.now();
          const loads = await Promise.all(nodes.map((node) => node.ask<AffinityLoad>(order)));
          const tookMs = performance.now() - startMs;
          const databaseUs = (cpuSecondsOfTree(database.postgres.pid!) - before) * 1e6;
          const stored = loads.reduce((sum, one) => sum + one.stored, 0);
          const waits = loads.flatMap((one) => one.waitsMs).sort((a, b) => a - b);
          return {
            perSecond: (stored * 1_000) / tookMs,
            p50Ms: waits[waits.length >> 1]!,
            p99Ms: waits[Math.floor(waits.length * 0.99)]!,
            ourUs: loads.reduce((sum, one) => sum + one.cpuUs, 0) / stored,
            databaseUs: databaseUs / stored,
          };
        };
        for (const perSecond of count === 1 ? [0] : [50, 1_000, 4_000, 0]) {
          const more = perSecond === 0 ? { senders: Math.ceil(256 / count) } : { perSecond: perSecond / count };
          const cells: Record<'apart' | 'affine', Cell[]> = { apart: [], affine: [] };
          await cell(true, more); // Warms up.
          for (let round = 0; round < rounds; round++) {
            cells.apart.push(await cell(false, more));
            if (count > 1) cells.affine.push(await cell(true, more));
          }
          const of = (all: readonly Cell[], name: keyof Cell) => median(all.map((one) => one[name]));
          const told = (all: readonly Cell[]) =>
            `${of(all, 'perSecond').toFixed(0)}/s  p50 ${of(all, 'p50Ms').toFixed(1)}  p99 ${of(all, 'p99Ms').toFixed(1)} ms  CPU us ${of(all, 'ourUs').toFixed(0)} + ${of(all, 'databaseUs').toFixed(0)}`;
          const title = `${count} processes, ${perSecond === 0 ? '256 senders' : `${perSecond} messages/s`}`;
          process.stdout.write(`  ${title.padEnd(32)} each its own  ${told(cells.apart)}\n`);
          if (count > 1) process.stdout.write(`  ${''.padEnd(32)} one writer    ${told(cells.affine)}\n`);
        }
      } finally {
        await Promise.all(nodes.map((node) => node.close()));
      }
    }
  } finally {
    await database.close();
    rmSync(dir, { recursive: true, force: true });
  }
}
