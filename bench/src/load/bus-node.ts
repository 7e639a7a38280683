import type { EventBus } from 'gb-core';
import { createInProcessEventBus, createNodeEventBus, Links, openSocketPlace, type Peer } from 'gb-messaging';
import { createRedisEventBus } from 'gb-messaging/redis';
import type { ChannelId, ClientId, CustomerId, UserId } from 'gb-protocol';
import { silentLogger, uuidv7 } from 'gb-utils';

/** What the benchmark asks of a process with a bus. */
export type BusOrder =
  /**
   * As many buses as said, as if each were a process: over Redis, or over the sockets of a directory (`links:/directory`);
   * without an address, one within this process. Gives those who have to be linked.
   */
  | { readonly order: 'open'; readonly url: string | null; readonly buses: number }
  | { readonly order: 'link'; readonly peers: readonly Peer[] }
  | { readonly order: 'load'; readonly perSecond: number; readonly seconds: number }
  | { readonly order: 'figures' };

export interface BusFigures {
  readonly cpuUs: number;
  readonly heard: number;
  readonly batches: number;
  /** From publishing to hearing, in milliseconds of the machine's one monotonic clock. */
  readonly hopsMs: readonly number[];
}

const customerId = uuidv7() as CustomerId;
const channelId = uuidv7() as ChannelId;
const buses: EventBus[] = [];
const perTickMax = 500;
let heard = 0;
let hopsMs: number[] = [];
const nowMs = () => Number(process.hrtime.bigint() / 1_000n) / 1_000;

const links: Links[] = [];
const log = silentLogger;

async function openBus(url: string | null): Promise<EventBus> {
  if (url === null) return createInProcessEventBus({ log });
  if (!url.startsWith('links:')) return createRedisEventBus({ url, log });
  const place = openSocketPlace(url.slice('links:'.length));
  const one = await Links.open({ node: uuidv7(), place, key: new Uint8Array(32), log });
  links.push(one);
  return createNodeEventBus({ links: one, others: () => [], log });
}

async function link(peers: readonly Peer[]): Promise<void> {
  for (const one of links) one.setPeers(peers);
  const areLinked = () =>
    links.every((one) => peers.every(({ id }) => id === one.node || (one.isReached(id) && one.isHeard(id))));
  while (!areLinked()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function open(url: string | null, count: number): Promise<Peer[]> {
  for (let n = 0; n < count; n++) {
    const bus = await openBus(url);
    bus.onEvent(({ event }) => {
      heard += 1;
      if (heard % 16 === 0) hopsMs.push(nowMs() - event.at);
    });
    buses.push(bus);
    if ('connected' in bus && !(await (bus as ReturnType<typeof createRedisEventBus>).connected(10_000)))
      throw new Error('The bus found no Redis.');
  }
  return links.map((one) => ({ id: one.node, address: one.address }));
}

/** Publishes what is due every millisecond, as messages of a busy server come. */
async function load(perSecond: number, seconds: number): Promise<number> {
  const [bus] = buses;
  const text = 'lorem ipsum dolor sit amet '.repeat(6).slice(0, 150);
  const startMs = performance.now();
  let published = 0;
  while (performance.now() - startMs < seconds * 1_000) {
    // What a busy machine kept it from publishing comes later, not all at once: no server does that.
    const due = Math.min(published + perTickMax, Math.floor(((performance.now() - startMs) * perSecond) / 1_000));
    for (; published < due; published++) {
      const message = {
        seq: published,
        clientId: uuidv7() as ClientId,
        authorId: uuidv7() as UserId,
        text,
        threadSeq: null,
        mentions: [],
        mentionsChannel: false,
      };
      const event = { kind: 'message.posted', message, count: published, channelId, epoch: 1, seq: published + 1 };
      bus!.publish({ customerId, event: { ...event, actorId: message.authorId, at: nowMs() } } as never);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return published;
}

function figures(): BusFigures {
  const { user, system } = process.cpuUsage();
  let batches = links.reduce((sum, one) => sum + one.figures().told + one.figures().received, 0);
  for (const bus of links.length > 0 ? [] : buses) {
    if (!('figures' in bus)) continue;
    const { batchesSent, batchesReceived } = (bus as ReturnType<typeof createRedisEventBus>).figures();
    batches += batchesSent + batchesReceived;
  }
  const taken = { cpuUs: user + system, heard, batches, hopsMs };
  hopsMs = [];
  return taken;
}

process.on('message', (order: BusOrder) => {
  const work: Promise<unknown> =
    order.order === 'open'
      ? open(order.url, order.buses)
      : order.order === 'link'
        ? link(order.peers)
        : order.order === 'load'
          ? load(order.perSecond, order.seconds)
          : Promise.resolve(figures());
  void work.then((answer) => process.send!(answer ?? null));
});
process.on('disconnect', () => process.exit(0));
