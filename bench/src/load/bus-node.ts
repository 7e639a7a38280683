import type { EventBus } from 'gb-core';
import { createInProcessEventBus, createRedisEventBus } from 'gb-messaging';
import type { ChannelId, ClientId, CustomerId, UserId } from 'gb-protocol';
import { silentLogger, uuidv7 } from 'gb-utils';

/** What the benchmark asks of a process with a bus. */
export type BusOrder =
  /** As many buses as said, as if each were a process; without an address, one within this process. */
  | { readonly order: 'open'; readonly url: string | null; readonly buses: number }
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

async function open(url: string | null, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const bus = url === null ? createInProcessEventBus({ log: silentLogger }) : createRedisEventBus({ url, log: silentLogger });
    bus.onEvent(({ event }) => {
      heard += 1;
      if (heard % 16 === 0) hopsMs.push(nowMs() - event.at);
    });
    buses.push(bus);
    if ('connected' in bus && !(await (bus as ReturnType<typeof createRedisEventBus>).connected(10_000)))
      throw new Error('The bus found no Redis.');
  }
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
  const batches = buses.reduce((sum, bus) => {
    if (!('figures' in bus)) return sum;
    const { batchesSent, batchesReceived } = (bus as ReturnType<typeof createRedisEventBus>).figures();
    return sum + batchesSent + batchesReceived;
  }, 0);
  const taken = { cpuUs: user + system, heard, batches, hopsMs };
  hopsMs = [];
  return taken;
}

process.on('message', (order: BusOrder) => {
  const work =
    order.order === 'open'
      ? open(order.url, order.buses)
      : order.order === 'load'
        ? load(order.perSecond, order.seconds)
        : Promise.resolve(figures());
  void work.then((answer) => process.send!(answer ?? null));
});
process.on('disconnect', () => process.exit(0));
