import type { EventBus, OutboxEntry, Store } from 'gb-core';
import type { NodeEventBus } from 'gb-messaging';
import type { ChannelId, CustomerId } from 'gb-protocol';
import { type Logger, sleep } from 'gb-utils';

/**
 * The sure path. The event log hands every committed entry to one process, which offers it to all on the bus; a gateway
 * that has followers and has not seen it reads it from the log. So what nobody published, because its process died between
 * the commit and the publishing, or did not learn that it had committed, is told a moment later all the same.
 *
 * Offers say no more than which numbers of a channel there are, and those of a quarter of a second go together: when
 * nothing is wrong they cost little, and a message of a hot channel costs next to nothing.
 */
const gatherMs = 250;
const channelsMax = 5_000;
/** The event log may see a commit before the process that made it hears of it: that one gets a moment to publish. */
const graceMs = 100;
/** Entries of a channel looked at for one offer; clients fetch what is more by themselves. */
const entriesMax = 200;

interface Offer {
  readonly customerId: CustomerId;
  from: number;
  to: number;
}

/** What the event log tells is offered. If this process dies first, the others look at the log because of that. */
export class LiveOffers {
  readonly #bus: Pick<EventBus, 'signal'>;
  readonly #offers = new Map<ChannelId, Offer>();
  #timer: NodeJS.Timeout | null = null;

  constructor(bus: Pick<EventBus, 'signal'>) {
    this.#bus = bus;
  }

  handle({ customerId, channelId, seq }: OutboxEntry): void {
    const offer = this.#offers.get(channelId);
    if (offer) {
      offer.from = Math.min(offer.from, seq);
      offer.to = Math.max(offer.to, seq);
    } else this.#offers.set(channelId, { customerId, from: seq, to: seq });
    if (this.#offers.size >= channelsMax) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), gatherMs);
  }

  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    for (const [channelId, offer] of this.#offers) this.#bus.signal({ type: 'offered', channelId, ...offer });
    this.#offers.clear();
  }
}

export interface Followers {
  readonly bus: NodeEventBus;
  readonly store: Pick<Store, 'read'>;
  /** Whether somebody here follows the channel and has not been told this entry. */
  readonly misses: (channelId: ChannelId, seq: number) => boolean;
  readonly log: Logger;
}

/** Tells followers of this process what was offered and is missing here. Gives the way to stop. */
export function hearLiveOffers({ bus, store, misses, log }: Followers): () => void {
  const missing = (channelId: ChannelId, { from, to }: Offer): number[] => {
    const seqs: number[] = [];
    for (let seq = Math.max(from, to - entriesMax + 1); seq <= to; seq++) if (misses(channelId, seq)) seqs.push(seq);
    return seqs;
  };
  return bus.onSignal((signal) => {
    if (signal.type !== 'offered' || missing(signal.channelId, signal).length === 0) return;
    const { customerId, channelId } = signal;
    sleep(graceMs)
      .then(async () => {
        const [first] = missing(channelId, signal);
        if (first === undefined) return;
        const events = await store.read(customerId, (tx) => tx.log.read(channelId, first - 1, signal.to - first + 1));
        for (const event of events) if (misses(channelId, event.seq)) bus.publishHere({ customerId, event });
      })
      .catch((error: unknown) => log.warn({ err: error, customerId, channelId }, 'Missing entries could not be read'));
  });
}
