import type { CustomerId, QuotaFacts, QuotaName, QuotaUse } from 'gb-protocol';
import { type Logger, LruMap } from 'gb-utils';
import type { EventBus, Store } from '../ports/index.ts';
import { ConnectionMeter } from './connection-meter.ts';
import { MessageMeter } from './message-meter.ts';
import { QuotaExceeded } from './quota-exceeded.ts';
import { warnedFrom } from './quota-table.ts';

/** How long what was read of a customer is believed; what an operator changes is heard of after that. */
const believedMs = 10_000;
/** Changes of a customer's counts within this are looked at once. */
const lookMs = 2_000;

/** A quota is used up, or nearly. */
export interface QuotaReached {
  readonly customerId: CustomerId;
  readonly facts: QuotaFacts;
  readonly percent: 80 | 100;
}

/**
 * What organizations may have, and what they have of it. What the database can count exactly it counts and refuses by
 * itself (`QuotaRepository`); messages and connections are counted here, near enough, because exactly would cost every
 * message or connection a row that all the others wait for. Whoever listens hears when a quota is nearly used up.
 */
export class Quotas {
  readonly messages: MessageMeter;
  readonly #connections: ConnectionMeter;
  readonly #store: Store;
  readonly #log: Logger;
  readonly #nowMs: () => number;
  readonly #listeners = new Set<(reached: QuotaReached) => void>();
  readonly #told = new LruMap<string, QuotaReached['percent']>(20_000);
  readonly #known = new LruMap<CustomerId, { readonly atMs: number; readonly list: Promise<readonly QuotaUse[]> }>(20_000);
  readonly #looking = new Map<CustomerId, NodeJS.Timeout>();
  #isClosed = false;

  constructor(options: { store: Store; bus: EventBus; log: Logger; nowMs?: () => number }) {
    this.#store = options.store;
    this.#log = options.log;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    const { store, bus, log } = options;
    const clock = options.nowMs ? { nowMs: options.nowMs } : {};
    const note = (name: QuotaName) => (customerId: CustomerId, used: number, most: number) =>
      this.#note(customerId, { name, used, most });
    this.messages = new MessageMeter({ store, log, onCounted: note('messages'), ...clock });
    this.#connections = new ConnectionMeter({ bus, onCounted: note('connections'), ...clock });
  }

  /** Counts a connection; the function it gives is to be called when it ends. Fails with `quota_exceeded`. */
  async openConnection(customerId: CustomerId): Promise<() => void> {
    const { most } = (await this.#list(customerId)).find(({ name }) => name === 'connections') ?? { most: null };
    return this.#connections.open(customerId, most);
  }

  /** All of them, as they are now. */
  async usage(customerId: CustomerId): Promise<readonly QuotaUse[]> {
    const list = await this.#read(customerId);
    return list.map((one) => {
      if (one.name === 'connections') return { ...one, used: this.#connections.of(customerId) };
      return one.name === 'messages' ? { ...one, used: (one.used ?? 0) + this.messages.pendingOf(customerId) } : one;
    });
  }

  /** Something that counts may have come: looks soon whether those who look after it have to be told. Never fails. */
  look(customerId: CustomerId): void {
    if (this.#isClosed || this.#looking.has(customerId)) return;
    const timer = setTimeout(() => {
      this.#looking.delete(customerId);
      this.usage(customerId).then(
        (list) => {
          for (const { name, used, most } of list)
            if (used !== null && most !== null) this.#note(customerId, { name, used, most });
        },
        (error: unknown) => this.#log.debug({ err: error, customerId }, 'What a customer uses could not be looked at'),
      );
    }, lookMs).unref();
    this.#looking.set(customerId, timer);
  }

  /** The same promise; when it fails because a quota is used up, those who look after the customer are told. */
  async watch<T>(customerId: CustomerId, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (error instanceof QuotaExceeded) this.#tell(customerId, error.facts, 100);
      throw error;
    }
  }

  /** Nobody could be told: whoever notices it next tells it again. */
  forget({ customerId, facts }: QuotaReached): void {
    this.#told.delete(`${customerId}:${facts.name}`);
  }

  /** Hears once when a quota reaches 80 and 100 per cent, and again when it was below meanwhile; in each process. */
  onReached(listener: (reached: QuotaReached) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const timer of this.#looking.values()) clearTimeout(timer);
    this.#connections.close();
    await this.messages.close();
  }

  #note(customerId: CustomerId, facts: QuotaFacts): void {
    const { used, most } = facts;
    // Of what somebody may have none there is nothing to warn of.
    if (most === 0) return;
    if (used >= most) this.#tell(customerId, facts, 100);
    else if (used >= warnedFrom * most) this.#tell(customerId, facts, 80);
    else this.#told.delete(`${customerId}:${facts.name}`);
  }

  #tell(customerId: CustomerId, facts: QuotaFacts, percent: QuotaReached['percent']): void {
    const key = `${customerId}:${facts.name}`;
    if ((this.#told.get(key) ?? 0) >= percent) return;
    this.#told.set(key, percent);
    for (const listener of this.#listeners) listener({ customerId, facts, percent });
  }

  #list(customerId: CustomerId): Promise<readonly QuotaUse[]> {
    const known = this.#known.get(customerId);
    if (known && this.#nowMs() - known.atMs < believedMs) return known.list;
    const list = this.#read(customerId);
    this.#known.set(customerId, { atMs: this.#nowMs(), list });
    // A failure must not be remembered.
    list.catch(() => this.#known.delete(customerId));
    return list;
  }

  async #read(customerId: CustomerId): Promise<readonly QuotaUse[]> {
    const list = await this.#store.read(customerId, (tx) => tx.quotas.list());
    this.messages.learn(customerId, list.find(({ name }) => name === 'messages')?.most ?? null);
    return list;
  }
}
