import type { BotId, CustomerId } from 'gb-protocol';

/** Bots read at once, of different customers; each keeps a process that unpacks documents, and a model that makes vectors, busy. */
const readingMax = 2;
const waitingMax = 10_000;
/** Of one customer: whoever has thousands of bots takes nobody else's place in the queue. */
const waitingPerCustomerMax = 2_000;
/** How long one reads on while another customer waits. */
const sliceMsMaxDefault = 20_000;

/** Between two documents: resolves when this reading has its turn again. */
type Breathe = () => Promise<void>;

/** A bot that has not begun, or a reading that has and rests. */
type Waiting = { readonly customerId: CustomerId; readonly botId: BotId } | { readonly customerId: CustomerId; go(): void };

/**
 * Whose bots are read now. A customer has one place at most; and while another waits, it gives its place up after a while
 * and comes back behind them. So whoever has much to read delays only themselves, however many they are.
 */
export class ReadingPlaces {
  readonly #read: (customerId: CustomerId, botId: BotId, breathe: Breathe) => Promise<void>;
  readonly #sliceMsMax: number;
  /** In the order in which they have their turn. */
  readonly #waiting = new Map<string, Waiting>();
  /** By customer, those that rest among them. */
  readonly #begun = new Map<CustomerId, Promise<void>>();
  readonly #places = new Set<CustomerId>();
  #isClosed = false;

  /** `read` reads one bot, and never rejects. */
  constructor(
    read: (customerId: CustomerId, botId: BotId, breathe: Breathe) => Promise<void>,
    sliceMsMax: number = sliceMsMaxDefault,
  ) {
    this.#read = read;
    this.#sliceMsMax = sliceMsMax;
  }

  ask(customerId: CustomerId, botId: BotId): void {
    if (this.#waiting.size >= waitingMax || this.#waitingOf(customerId) >= waitingPerCustomerMax) return;
    this.#waiting.set(`${customerId}/${botId}`, { customerId, botId });
    this.#pump();
  }

  #waitingOf(customerId: CustomerId): number {
    let count = 0;
    for (const one of this.#waiting.values()) if (one.customerId === customerId) count += 1;
    return count;
  }

  /** Nothing is read and nothing waits. */
  async settled(): Promise<void> {
    while (this.#begun.size > 0 || (this.#waiting.size > 0 && !this.#isClosed)) await Promise.all(this.#begun.values());
  }

  /** Nothing more begins; what rests goes on, to notice that it is over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const one of this.#waiting.values()) if ('go' in one) one.go();
    await Promise.all(this.#begun.values());
  }

  #pump(): void {
    while (this.#places.size < readingMax && !this.#isClosed) {
      const next = [...this.#waiting].find(([, one]) => this.#mayGo(one));
      if (!next) return;
      const [key, one] = next;
      this.#waiting.delete(key);
      this.#places.add(one.customerId);
      if ('go' in one) one.go();
      else this.#begin(one.customerId, one.botId);
    }
  }

  #mayGo(one: Waiting): boolean {
    return 'go' in one || !this.#begun.has(one.customerId);
  }

  #begin(customerId: CustomerId, botId: BotId): void {
    let sinceMs = performance.now();
    const breathe = async (): Promise<void> => {
      if (this.#isClosed || performance.now() - sinceMs < this.#sliceMsMax) return;
      if (![...this.#waiting.values()].some((one) => this.#mayGo(one))) return;
      await this.#rest(customerId);
      sinceMs = performance.now();
    };
    const done = this.#read(customerId, botId, breathe).then(() => {
      this.#places.delete(customerId);
      this.#begun.delete(customerId);
      this.#goBehind(customerId);
      this.#pump();
    });
    this.#begun.set(customerId, done);
  }

  /** Customers take turns: whoever had theirs comes behind all others, with every bot that waits. */
  #goBehind(customerId: CustomerId): void {
    const own = [...this.#waiting].filter(([, one]) => one.customerId === customerId);
    for (const [key] of own) this.#waiting.delete(key);
    for (const [key, one] of own) this.#waiting.set(key, one);
  }

  #rest(customerId: CustomerId): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(`resting/${customerId}`, { customerId, go: resolve });
      this.#places.delete(customerId);
      this.#pump();
    });
  }
}
