import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OutboxEntry, Signal, Store } from 'gb-core';
import { type World, world } from 'gb-core/contract';
import { createNodeEventBus, Links, type NodeEventBus, openSocketPlace, socketPlaces } from 'gb-messaging';
import type { ChannelId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { silentLogger as log, uuidv7 } from 'gb-utils';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { hearLiveOffers, LiveOffers } from './live-offers.ts';

let database: TestDatabase;
let store: Store;
let w: World;
let channelId: ChannelId;
const dir = mkdtempSync(join(tmpdir(), 'gb-live-'));
const opened: { bus: NodeEventBus; links: Links }[] = [];

beforeAll(async () => {
  database = await startTestDatabase();
  store = await database.openStore();
  w = await world(store);
});
beforeEach(async () => {
  channelId = await w.channel(`c${uuidv7().slice(-6)}`);
});
afterEach(async () => {
  for (const { bus, links } of opened.splice(0)) {
    await bus.close();
    await links.close();
  }
});
afterAll(async () => {
  await database?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** A process with people who follow the channel. */
async function gateway() {
  const links = await Links.open({
    node: uuidv7(),
    place: openSocketPlace(socketPlaces(dir)[0]!),
    key: new Uint8Array(32),
    log,
  });
  const bus = createNodeEventBus({ links, others: () => [], log });
  opened.push({ bus, links });
  for (const one of opened) one.links.setPeers(opened.map(({ links: { node, address } }) => ({ id: node, address })));
  const told: number[] = [];
  const signals: Signal[] = [];
  const reads = { count: 0 };
  bus.onEvent(({ event }) => told.push(event.seq));
  bus.onSignal((signal) => signals.push(signal));
  const read: Store['read'] = (...args) => {
    reads.count += 1;
    return store.read(...args);
  };
  const misses = (id: ChannelId, seq: number) => id === channelId && !told.includes(seq);
  hearLiveOffers({ bus, store: { read }, misses, log });
  return { bus, links, told, signals, reads };
}

const entry = (seq: number): OutboxEntry => ({
  id: String(seq),
  customerId: w.customerId,
  channelId,
  seq,
  kind: 'message.posted',
});
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('what nobody published is told to followers at every process, once, and to nobody who has it', async () => {
  const [one, two] = [await gateway(), await gateway()];
  await expect.poll(() => two.links.isHeard(one.links.node), { timeout: 20_000 }).toBe(true);
  for (const n of numbers(1, 10)) await w.say(channelId, `m${n}`);
  const events = await store.read(w.customerId, (tx) => tx.log.read(channelId, 0, 10));
  // The process that wrote these told its own people, and died.
  for (const event of events.slice(0, 6)) two.bus.publishHere({ customerId: w.customerId, event });
  const offers = new LiveOffers(one.bus);
  for (const n of numbers(1, 10)) offers.handle(entry(n));
  await expect.poll(() => [one.told, two.told], { timeout: 20_000 }).toEqual([numbers(1, 10), numbers(1, 10)]);
  expect([one.reads.count, two.reads.count]).toEqual([1, 1]);
});

test('while everything arrives offers cost a signal for each channel and moment, and no question to the database', async () => {
  const one = await gateway();
  const offers = new LiveOffers(one.bus);
  for (const n of numbers(1, 500)) {
    one.told.push(n);
    offers.handle(entry(n));
  }
  await expect
    .poll(() => one.signals, { timeout: 20_000 })
    .toEqual([{ type: 'offered', customerId: w.customerId, channelId, from: 1, to: 500 }]);
  offers.handle(entry(501));
  one.told.push(501);
  offers.flush();
  expect(one.signals).toHaveLength(2);
  offers.flush();
  expect(one.signals).toHaveLength(2);
  expect(one.reads.count).toBe(0);
});

test('an entry that the process itself publishes a moment later is not read', async () => {
  const one = await gateway();
  await w.say(channelId, 'hi');
  const offers = new LiveOffers(one.bus);
  offers.handle(entry(1));
  offers.flush();
  const [event] = await store.read(w.customerId, (tx) => tx.log.read(channelId, 0, 1));
  one.bus.publish({ customerId: w.customerId, event: event! });
  offers.handle(entry(1));
  offers.flush();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(one.told).toEqual([1]);
});
