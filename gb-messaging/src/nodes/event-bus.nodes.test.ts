import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Published, Signal } from 'gb-core';
import { eventBusContract } from 'gb-core/contract';
import type { ChannelId, CustomerId, LogEvent, UserId } from 'gb-protocol';
import { silentLogger, uuidv7 } from 'gb-utils';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRedisEventBus, type RedisEventBus } from '../redis/event-bus.redis.ts';
import { redisProgram, TestRedis, Wire } from '../redis/testing/servers.ts';
import { createNodeEventBus, type NodeEventBus } from './event-bus.nodes.ts';
import { Links } from './links.ts';
import { openSocketPlace, type SocketPlace, socketPlaces } from './socket-place.ts';

const program = await redisProgram();
const key = Buffer.alloc(32, 7);
const lookMs = 100;
let redis: TestRedis;
const dirs: string[] = [];
const nodes: TestNode[] = [];
const wires: Wire[] = [];

beforeAll(async () => {
  if (program) redis = await TestRedis.start(program);
});
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()));
  await Promise.all(wires.splice(0).map((wire) => wire.close()));
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});
afterAll(() => redis?.close());

/** What makes processes believe to be on one host. */
function newHost(): SocketPlace {
  const dir = mkdtempSync(join(tmpdir(), 'gb-bus-'));
  dirs.push(dir);
  return openSocketPlace(socketPlaces(dir)[0]!);
}

interface TestNode {
  readonly links: Links;
  readonly bus: NodeEventBus;
  readonly far: RedisEventBus | undefined;
  readonly place: SocketPlace;
  close(): Promise<void>;
}

/** Living nodes, as heartbeats would tell everybody. */
function tellAll(): void {
  for (const { links, place } of nodes) {
    const near = nodes.filter((one) => one.place === place);
    links.setPeers(near.map((one) => ({ id: one.links.node, address: one.links.address })));
  }
}

async function start(place: SocketPlace, redisUrl: string | null = null): Promise<TestNode> {
  const node = uuidv7();
  const log = silentLogger;
  const links = await Links.open({ node, place, key, log });
  const near = {
    reaches: (id: string) => links.isReached(id) || links.isGone(id),
    hears: (id: string) => links.isHeard(id),
  };
  const far = redisUrl === null ? undefined : createRedisEventBus({ url: redisUrl, log, node, near, beatMs: 100 });
  const others = () => nodes.filter((one) => one.links !== links).map((one) => one.links.node);
  const bus = createNodeEventBus({ links, others, log, lookMs, ...(far ? { far } : {}) });
  const started: TestNode = {
    links,
    bus,
    far,
    place,
    async close() {
      await bus.close();
      await far?.close();
      await links.close();
    },
  };
  nodes.push(started);
  tellAll();
  if (far) expect(await far.connected(10_000)).toBe(true);
  return started;
}

async function linked(...all: TestNode[]): Promise<void> {
  await expect
    .poll(
      () => all.every((a) => all.every((b) => a === b || (a.links.isReached(b.links.node) && a.links.isHeard(b.links.node)))),
      {
        timeout: 20_000,
      },
    )
    .toBe(true);
}

const customerId = uuidv7() as CustomerId;
const general = uuidv7() as ChannelId;
const event = (seq: number): Published => ({
  customerId,
  event: {
    kind: 'message.deleted',
    target: 1,
    channelId: general,
    epoch: 1,
    seq,
    actorId: uuidv7() as UserId,
    at: 0,
  } satisfies LogEvent,
});
function listen({ bus }: TestNode) {
  const heard = { seqs: [] as number[], signals: [] as Signal[], gaps: 0 };
  bus.onEvent(({ event: { seq } }) => heard.seqs.push(seq));
  bus.onSignal((signal) => heard.signals.push(signal));
  bus.onGap(() => {
    heard.gaps += 1;
  });
  return heard;
}
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const ended: Signal = { type: 'session.ended', customerId, sessionId: 's' };

eventBusContract('links, alone', async () => (await start(newHost())).bus);
eventBusContract('links, with a peer', async () => {
  const place = newHost();
  const [one, two] = [await start(place), await start(place)];
  await linked(one, two);
  return one.bus;
});

test('processes of one host hear each other in order, each thing once, in a batch for each turn of the loop', async () => {
  const place = newHost();
  const all = [await start(place), await start(place), await start(place)];
  await linked(...all);
  const heard = all.map(listen);
  for (const seq of numbers(1, 500)) {
    all[0]!.bus.publish(event(seq));
    if (seq % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  all[0]!.bus.signal(ended);
  await expect.poll(() => heard.map(({ signals }) => signals)).toEqual([[ended], [ended], [ended]]);
  for (const { seqs, gaps } of heard) expect({ seqs, gaps }).toEqual({ seqs: numbers(1, 500), gaps: 0 });
  expect(all[0]!.links.figures().told).toBeLessThan(50);
  expect(all[1]!.bus.figures()).toEqual({ published: 0, received: 501, gaps: 0, unreadable: 0 });
});

test('a process that comes is told to look when others spoke before, and nobody looks because of one that is new', async () => {
  const place = newHost();
  const one = await start(place);
  one.bus.publish(event(1));
  const atOne = listen(one);
  const two = await start(place);
  const atTwo = listen(two);
  await linked(one, two);
  await expect.poll(() => atTwo.gaps).toBeGreaterThan(0);
  two.bus.publish(event(2));
  await expect.poll(() => atOne.seqs).toEqual([2]);
});

test('while a living node is not heard, everybody is told to look, again and again; then no more', async () => {
  const place = newHost();
  const one = await start(place);
  const atOne = listen(one);
  const elsewhere = await start(newHost());
  await expect.poll(() => atOne.gaps).toBeGreaterThan(3);
  nodes.splice(nodes.indexOf(elsewhere), 1);
  await elsewhere.close();
  const { gaps } = atOne;
  await new Promise((resolve) => setTimeout(resolve, lookMs * 5));
  expect(atOne.gaps).toBeLessThanOrEqual(gaps + 1);
});

test('what cannot be read is counted, makes everybody look, and hurts nobody', async () => {
  const place = newHost();
  const [one, two] = [await start(place), await start(place)];
  await linked(one, two);
  const atTwo = listen(two);
  for (const body of ['', 'no json', '{}', '[null]', '[{"e":{}}]', '[{"s":{"type":1}}]']) one.links.tell(body);
  await expect.poll(() => two.bus.figures().unreadable).toBe(6);
  expect(atTwo.gaps).toBeGreaterThan(0);
  one.bus.publish(event(1));
  await expect.poll(() => atTwo.seqs).toEqual([1]);
});

// Skipped where Redis cannot be had; `redisProgram` has said why.
describe.skipIf(program === null)('with Redis for other hosts', () => {
  eventBusContract('links and Redis', async () => (await start(newHost(), redis.url)).bus);

  test('each node hears everything once: by links on its host, by Redis from elsewhere', async () => {
    const [here, there] = [newHost(), newHost()];
    const all = [await start(here, redis.url), await start(here, redis.url), await start(there, redis.url)];
    await linked(all[0]!, all[1]!);
    await expect.poll(() => all.every(({ far }) => far!.figures().nodes === 3)).toBe(true);
    const heard = all.map(listen);
    for (const [n, one] of all.entries()) for (const seq of numbers(1, 50)) one.bus.publish(event(n * 100 + seq));
    const wanted = [0, 1, 2].flatMap((n) => numbers(n * 100 + 1, n * 100 + 50));
    await expect.poll(() => heard.map(({ seqs }) => [...seqs].sort((a, b) => a - b))).toEqual([wanted, wanted, wanted]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(heard.map(({ seqs }) => seqs.length)).toEqual([150, 150, 150]);
  });

  test('while all are on one host nothing is said to Redis; one that comes elsewhere misses nothing without knowing', async () => {
    const here = newHost();
    const [one, two] = [await start(here, redis.url), await start(here, redis.url)];
    await linked(one, two);
    await expect.poll(() => one.far!.figures().nodes).toBe(2);
    const before = one.far!.figures().published;
    const atTwo = listen(two);
    for (const seq of numbers(1, 100)) one.bus.publish(event(seq));
    await expect.poll(() => atTwo.seqs).toEqual(numbers(1, 100));
    expect(one.far!.figures().published).toBe(before);

    // It hears, or it is told to look, at the latest when it is known to the one who speaks.
    let seq = 100;
    const talk = setInterval(() => one.bus.publish(event(++seq)), 1);
    try {
      const late = await start(newHost(), redis.url);
      const atLate = listen(late);
      await expect.poll(() => atLate.seqs.length, { timeout: 20_000 }).toBeGreaterThan(20);
      expect(late.far!.figures().gaps).toBeGreaterThan(0);
      const [first] = atLate.seqs;
      expect(atLate.seqs).toEqual(numbers(first!, first! + atLate.seqs.length - 1));
    } finally {
      clearInterval(talk);
    }
  });

  test('a link that is not there is replaced by Redis', async () => {
    const [one, two] = [await start(newHost(), redis.url), await start(newHost(), redis.url)];
    await expect.poll(() => [one, two].every(({ far }) => far!.figures().nodes === 2)).toBe(true);
    const atTwo = listen(two);
    one.bus.publish(event(1));
    await expect.poll(() => atTwo.seqs).toEqual([1]);
  });

  test('without Redis those of one host go on as before', async () => {
    const wire = await Wire.to(redis.port);
    wires.push(wire);
    const here = newHost();
    const [one, two] = [await start(here, wire.url), await start(here, wire.url)];
    await linked(one, two);
    const atTwo = listen(two);
    wire.cut();
    for (const seq of numbers(1, 100)) one.bus.publish(event(seq));
    await expect.poll(() => atTwo.seqs).toEqual(numbers(1, 100));
  });
});
