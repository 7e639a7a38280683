import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppendedMessage, Store } from 'gb-core';
import { storeAppendContract, type World, world } from 'gb-core/contract';
import type { ChannelId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { GbError, silentLogger, sleep, uuidv7 } from 'gb-utils';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { answerAppends, ChannelAffinity, type ChannelAffinityOptions } from './channel-affinity.ts';
import { Links } from './links.ts';
import { rendezvous } from './rendezvous.ts';
import { openSocketPlace, type SocketPlace, socketPlaces } from './socket-place.ts';

const key = Buffer.alloc(32, 7);
const log = silentLogger;
const waits = { timeout: 30_000 };

/** What makes every channel hot, and an answer that does not come a short wait. */
const always: Partial<ChannelAffinityOptions> = { hotPerSecond: 0, answerMsMax: 20_000 };

interface TestNode {
  readonly links: Links;
  readonly affinity: ChannelAffinity;
  /** Clients say their messages here. */
  readonly append: Store['appendMessage'];
  /** Texts that this node wrote for others. */
  readonly written: string[];
  close(): Promise<void>;
}

class Neighbourhood {
  readonly place: SocketPlace;
  readonly nodes: TestNode[] = [];
  readonly children: ChildProcess[] = [];
  readonly #dir = mkdtempSync(join(tmpdir(), 'gb-affinity-'));
  readonly writers: string[] = [];

  constructor() {
    this.place = openSocketPlace(socketPlaces(this.#dir)[0]!);
  }

  /** `serve` is what it does for others in place of writing. */
  async node(store: Store, more: Partial<ChannelAffinityOptions> & { serve?: Store['appendMessage'] } = {}): Promise<TestNode> {
    const { serve, ...options } = more;
    const links = await Links.open({ node: uuidv7(), place: this.place, key, log });
    const append = store.appendMessage.bind(store);
    const written: string[] = [];
    answerAppends(links, async (customerId, message) => {
      written.push(message.text);
      return (serve ?? append)(customerId, message);
    });
    const affinity = new ChannelAffinity({ append, links, writers: () => this.writers, log, ...always, ...options });
    const node: TestNode = {
      links,
      affinity,
      append: (customerId, message) => affinity.append(customerId, message),
      written,
      async close() {
        affinity.close();
        await links.close();
      },
    };
    this.nodes.push(node);
    this.writers.push(links.node);
    return node;
  }

  /** All know all, those in processes of their own too. */
  async link(...more: { id: string; address: string }[]): Promise<void> {
    const peers = [...this.nodes.map(({ links }) => ({ id: links.node, address: links.address })), ...more];
    for (const { links } of this.nodes) links.setPeers(peers);
    const are = () =>
      this.nodes.every(({ links }) => peers.every(({ id }) => id === links.node || (links.isReached(id) && links.isHeard(id))));
    for (const deadlineMs = performance.now() + 30_000; !are(); await sleep(5))
      if (performance.now() > deadlineMs) throw new Error('The nodes did not find each other');
  }

  async close(): Promise<void> {
    for (const child of this.children) child.kill('SIGKILL');
    await Promise.all(this.nodes.splice(0).map((node) => node.close()));
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

let database: TestDatabase;
let store: Store;
let here: Neighbourhood;
beforeAll(async () => {
  database = await startTestDatabase();
  store = await database.openStore();
});
afterEach(() => here?.close());
afterAll(() => database?.close());

/** A channel whose messages this node is to write. */
async function channelOf(w: World, node: string): Promise<ChannelId> {
  for (let n = 0; ; n++) {
    const channelId = await w.channel(`c${n}-${uuidv7().slice(-6)}`);
    if (rendezvous(channelId, here.writers) === node) return channelId;
  }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const seqs = (answers: readonly AppendedMessage[]) => answers.map(({ seq }) => seq);

/** What the log of a channel has, in its order. */
async function textsIn(w: World, channelId: ChannelId): Promise<string[]> {
  const events = await store.read(w.customerId, (tx) => tx.log.read(channelId, 0, 100_000));
  return events.flatMap((event) => (event.kind === 'message.posted' ? [event.message.text] : []));
}

const say = (node: TestNode, w: World, channelId: ChannelId, count: number, from = 1) =>
  Promise.all(numbers(from, from + count - 1).map((n) => node.append(w.customerId, w.message(channelId, { text: `m${n}` }))));
const texts = (from: number, to: number) => numbers(from, to).map((n) => `m${n}`);

describe('two processes', () => {
  test('messages of a hot channel are written by its writer, whoever took them, in the order in which they came', async () => {
    here = new Neighbourhood();
    const [one, two] = [await here.node(store), await here.node(await database.openStore())];
    await here.link();
    const w = await world(store);
    const channelId = await channelOf(w, two.links.node);
    const answers = await say(one, w, channelId, 700);
    expect(seqs(answers)).toEqual(numbers(1, 700));
    expect(answers.some(({ isDuplicate }) => isDuplicate)).toBe(false);
    expect(await textsIn(w, channelId)).toEqual(texts(1, 700));
    expect(two.written).toEqual(texts(1, 700));
    expect(one.affinity.figures()).toMatchObject({ forwarded: 700, fallenBack: 0, failures: 0, hot: 1 });
    await say(two, w, channelId, 5, 701);
    expect(one.written).toEqual([]);
  });

  test('messages of a calm channel stay where they are', async () => {
    here = new Neighbourhood();
    const [one, two] = [await here.node(store, { hotPerSecond: 1_000 }), await here.node(store)];
    await here.link();
    const w = await world(store);
    const channelId = await channelOf(w, two.links.node);
    expect(seqs(await say(one, w, channelId, 50))).toEqual(numbers(1, 50));
    expect(two.written).toEqual([]);
  });

  test('what comes while a channel becomes hot keeps its order', async () => {
    here = new Neighbourhood();
    const [one, two] = [await here.node(store, { hotPerSecond: 20 }), await here.node(store)];
    await here.link();
    const w = await world(store);
    const channelId = await channelOf(w, two.links.node);
    let count = 0;
    // At once, as a rule; when the machine is so busy that a second passes in between, the channel is calm again.
    for (; two.written.length === 0; count += 100)
      expect(seqs(await say(one, w, channelId, 100, count + 1))).toEqual(numbers(count + 1, count + 100));
    expect(await textsIn(w, channelId)).toEqual(texts(1, count));
    expect(two.written).toEqual(texts(count - two.written.length + 1, count));
  });

  test('the first result of a message is the same whichever way it comes again', async () => {
    here = new Neighbourhood();
    const [one, two] = [await here.node(store), await here.node(store)];
    await here.link();
    const w = await world(store);
    const message = w.message(await channelOf(w, two.links.node));
    const first = await one.append(w.customerId, message);
    expect(first).toMatchObject({ seq: 1, isDuplicate: false });
    for (const node of [one, two]) expect(await node.append(w.customerId, message)).toEqual({ ...first, isDuplicate: true });
    await expect(one.append(w.customerId, { ...message, text: 'other' })).rejects.toMatchObject({ code: 'duplicate_client_id' });
  });

  test('what the writer refuses is refused, and only that', async () => {
    here = new Neighbourhood();
    const [one, two] = [await here.node(store), await here.node(store)];
    await here.link();
    const w = await world(store);
    const channelId = await channelOf(w, two.links.node);
    const answers = await Promise.allSettled([
      one.append(w.customerId, w.message(channelId, { text: 'm1' })),
      one.append(w.customerId, w.message(channelId, { text: 'x'.repeat(1_000_000) })),
      one.append(w.customerId, w.message(channelId, { text: 'm2' })),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await textsIn(w, channelId)).toEqual(texts(1, 2));
  });
});

describe('a writer that fails', () => {
  test('and never answers, having written all of it: nothing is doubled, all get their numbers, in order', async () => {
    here = new Neighbourhood();
    const one = await here.node(store, { answerMsMax: 300 });
    const two = await here.node(store, {
      serve: async (...append) => {
        await store.appendMessage(...append);
        return new Promise(() => {});
      },
    });
    await here.link();
    const w = await world(store);
    const channelId = await channelOf(w, two.links.node);
    const answers = await say(one, w, channelId, 300);
    expect(seqs(answers)).toEqual(numbers(1, 300));
    // Nobody else was told of them, so whoever sent them tells it.
    expect(answers.some(({ isDuplicate }) => isDuplicate)).toBe(false);
    expect(await textsIn(w, channelId)).toEqual(texts(1, 300));
    expect(one.affinity.figures()).toMatchObject({ forwarded: 0, fallenBack: 300, failures: 1 });
    // It is left alone for a while.
    await say(one, w, channelId, 10, 301);
    expect(two.written).toHaveLength(300);
  });

  test('and writes much later: what it writes is there already', async () => {
    here = new Neighbourhood();
    const one = await here.node(store, { answerMsMax: 50 });
    const late: Promise<unknown>[] = [];
    const two = await here.node(store, {
      serve: (...append) => {
        const written = sleep(700).then(() => store.appendMessage(...append));
        late.push(written);
        return written;
      },
    });
    await here.link();
    const w = await world(store);
    const channelId = await channelOf(w, two.links.node);
    expect(seqs(await say(one, w, channelId, 200))).toEqual(numbers(1, 200));
    await Promise.all(late);
    expect(await textsIn(w, channelId)).toEqual(texts(1, 200));
  });

  test('and says that it cannot now, or something that makes no sense: this process writes', async () => {
    for (const serve of [
      async () => Promise.reject(new GbError('overloaded', 'Too much', { retryable: true })),
      async () => Promise.reject(new TypeError('on purpose')),
      async () => ({ epoch: 1, seq: 0, count: 0, at: 0, isDuplicate: false }),
      async () => null as never,
    ] as Store['appendMessage'][]) {
      here = new Neighbourhood();
      const [one, two] = [await here.node(store), await here.node(store, { serve })];
      await here.link();
      const w = await world(store);
      const channelId = await channelOf(w, two.links.node);
      expect(seqs(await say(one, w, channelId, 20)).sort((a, b) => a - b)).toEqual(numbers(1, 20));
      expect((await textsIn(w, channelId)).length).toBe(20);
      await here.close();
    }
    here = new Neighbourhood();
  });

  test('a writer that is ending is not asked any more; nor one whose link is gone', async () => {
    here = new Neighbourhood();
    const [one, two] = [await here.node(store), await here.node(store)];
    await here.link();
    const w = await world(store);
    const channelId = await channelOf(w, two.links.node);
    await say(one, w, channelId, 10);
    two.links.retire();
    await expect.poll(() => one.links.isRetiring(two.links.node), waits).toBe(true);
    await say(one, w, channelId, 10, 11);
    expect(two.written).toEqual(texts(1, 10));
    await two.close();
    expect(seqs(await say(one, w, channelId, 10, 21))).toEqual(numbers(21, 30));
  });

  test('closing writes here what is at others and not answered', async () => {
    here = new Neighbourhood();
    const [one, two] = [await here.node(store), await here.node(store, { serve: () => new Promise(() => {}) })];
    await here.link();
    const w = await world(store);
    const channelId = await channelOf(w, two.links.node);
    const said = say(one, w, channelId, 50);
    await expect.poll(() => two.written.length, waits).toBe(50);
    one.affinity.close();
    expect(seqs(await said)).toEqual(numbers(1, 50));
    expect(seqs(await say(one, w, channelId, 5, 51))).toEqual(numbers(51, 55));
  });

  test('what waits for others is bounded', async () => {
    here = new Neighbourhood();
    const [one, two] = [await here.node(store), await here.node(store, { serve: () => new Promise(() => {}) })];
    await here.link();
    const w = await world(store);
    const channelId = await channelOf(w, two.links.node);
    const message = w.message(channelId, { text: 'x'.repeat(8_000) });
    const said = Array.from({ length: 4_200 }, () =>
      one.append(w.customerId, { ...message, clientId: uuidv7() as never }).then(
        () => 'stored',
        (error: GbError) => error.code,
      ),
    );
    expect(await Promise.race(said)).toBe('overloaded');
    one.affinity.close();
    const became = await Promise.all(said);
    const refused = became.filter((one) => one === 'overloaded').length;
    expect(refused).toBeGreaterThan(0);
    expect(await textsIn(w, channelId)).toHaveLength(4_200 - refused);
    await say(one, w, channelId, 1);
  });

  // In a process of its own: it is killed when its commit is done and its answer is not on the way.
  test('and dies between its commit and its answer: no double, and the right numbers, at once', async () => {
    here = new Neighbourhood();
    const one = await here.node(store, { answerMsMax: 600_000 });
    const two = uuidv7();
    const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
    const source = `
      const { Links } = await import(${url('./links.ts')});
      const { answerAppends } = await import(${url('./channel-affinity.ts')});
      const { openPostgresStore } = await import(${url('../../../gb-storage/src/index.ts')});
      const { silentLogger: log } = await import(${url('../../../gb-utils/src/index.ts')});
      const { app, relay, place, node, peer } = JSON.parse(process.argv[1]);
      const store = await openPostgresStore({ app, relay, log });
      const links = await Links.open({ node, place, key: Buffer.alloc(32, 7), log });
      answerAppends(links, async (customerId, message) => {
        const appended = await store.appendMessage(customerId, message);
        if (message.text === 'm150') process.kill(process.pid, 'SIGKILL');
        return appended;
      });
      links.setPeers([peer]);
      process.stdout.write(links.address);`;
    const { app, relay } = database.postgres;
    const peer = { id: one.links.node, address: one.links.address };
    const args = ['--input-type=module', '-e', source, '--', JSON.stringify({ app, relay, place: here.place, node: two, peer })];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    here.children.push(child);
    const address = await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
    here.writers.push(two);
    await here.link({ id: two, address });
    const w = await world(store);
    const channelId = await channelOf(w, two);
    const answers = await say(one, w, channelId, 200);
    expect(seqs(answers)).toEqual(numbers(1, 200));
    expect(answers.some(({ isDuplicate }) => isDuplicate)).toBe(false);
    expect(await textsIn(w, channelId)).toEqual(texts(1, 200));
    expect(one.affinity.figures().fallenBack).toBeGreaterThan(0);
    expect(child.signalCode).toBe('SIGKILL');
  });

  test('under load, with links that come and go and a writer that stands still at times: order and numbers are right', async () => {
    here = new Neighbourhood();
    let appends = 0;
    let queue: Promise<unknown> = Promise.resolve();
    const one = await here.node(store, { answerMsMax: 100 });
    const own = await database.openStore();
    const two = await here.node(own, {
      // It writes in order, as all do, and stands still now and then.
      serve: (...append) => {
        const written = queue
          .then(() => (++appends % 97 === 0 ? sleep(300) : undefined))
          .then(() => own.appendMessage(...append));
        queue = written.catch(() => {});
        return written;
      },
    });
    const three = await here.node(await database.openStore());
    await here.link();
    const w = await world(store);
    const channels = [
      await channelOf(w, two.links.node),
      await channelOf(w, three.links.node),
      await channelOf(w, one.links.node),
    ];
    const peers = here.nodes.map(({ links }) => ({ id: links.node, address: links.address }));
    let isDone = false;
    const trouble = (async () => {
      for (let n = 0; !isDone; n++) {
        one.links.setPeers(peers.filter((_, i) => i !== n % 3));
        await sleep(30);
      }
    })();
    const all = await Promise.all(
      channels.map(async (channelId) => {
        const said: Promise<AppendedMessage>[] = [];
        for (const n of numbers(1, 1_500)) {
          said.push(one.append(w.customerId, w.message(channelId, { text: `m${n}` })));
          if (n % 25 === 0) await sleep(3);
        }
        return seqs(await Promise.all(said));
      }),
    );
    isDone = true;
    await trouble;
    await queue;
    for (const each of all) expect(each).toEqual(numbers(1, 1_500));
    for (const channelId of channels) expect(await textsIn(w, channelId)).toEqual(texts(1, 1_500));
    expect(one.affinity.figures().failures).toBeGreaterThan(0);
  });
});

describe('all that a store promises of appends, while a neighbour stores them', () => {
  const neighbourhood = new Neighbourhood();
  const opened: Store[] = [];
  const openStore = async () => {
    const one = await database.openStore();
    opened.push(one);
    return one;
  };
  let routed: Store;
  let first: TestNode;
  beforeAll(async () => {
    routed = await openStore();
    first = await neighbourhood.node(routed);
    await neighbourhood.node(await openStore());
    await neighbourhood.link();
    neighbourhood.writers.splice(0, 1);
    routed.appendMessage = first.append;
  });
  afterAll(async () => {
    expect(first.affinity.figures().forwarded).toBeGreaterThan(1_000);
    await neighbourhood.close();
    await Promise.all(opened.map((one) => one.close()));
  });
  storeAppendContract(() => routed, openStore);
});

test('a key finds the same candidate everywhere, keys are spread, and a departure moves only its own', () => {
  const nodes = numbers(1, 5).map(() => uuidv7());
  const keys = numbers(1, 5_000).map(() => uuidv7());
  const before = new Map(keys.map((one) => [one, rendezvous(one, nodes)]));
  expect(keys.every((one) => rendezvous(one, [...nodes].reverse()) === before.get(one))).toBe(true);
  for (const node of nodes) {
    const share = keys.filter((one) => before.get(one) === node).length;
    expect(share).toBeGreaterThan(800);
    expect(share).toBeLessThan(1_200);
  }
  const [gone, ...left] = nodes;
  expect(keys.every((one) => before.get(one) === gone || rendezvous(one, left) === before.get(one))).toBe(true);
  expect(rendezvous('x', [])).toBe(null);
});
