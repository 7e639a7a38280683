import type { EventBus, Published } from 'gb-core';
import type { Logger } from 'gb-utils';
import { createInProcessEventBus } from '../event-bus.in-process.ts';
import { readItems, writeEvent, writeSignal } from '../redis/bus-batch.ts';
import type { Links } from './links.ts';

/** One frame: a peer reads others in between. */
const batchCharsMax = 256 * 1024;
/** Calls of `onGap` come at most this often. */
const gapRestMs = 250;
const lookMsDefault = 1_000;

export interface NodeEventBusOptions {
  readonly links: Links;
  /** Ids of all other nodes that live, on whatever host. */
  readonly others: () => readonly string[];
  /** The bus to other hosts, which tells those near us nothing: see `near` of its options. Closed by whoever opened it. */
  readonly far?: EventBus & { figures(): { readonly isConnected: boolean } };
  readonly log: Logger;
  readonly lookMs?: number;
}

/** Since the bus was made. */
export interface NodeBusFigures {
  /** Events and signals handed to the links. */
  readonly published: number;
  readonly received: number;
  /** Times something was missed, or may have been. */
  readonly gaps: number;
  /** Batches that could not be read: of another version, or corrupted. */
  readonly unreadable: number;
}

export interface NodeEventBus extends EventBus {
  /** To listeners of this process alone: the others have it, or get it by themselves. */
  publishHere(published: Published): void;
  figures(): NodeBusFigures;
}

/**
 * The bus of many processes. Those of one host tell each other over links, in one batch for each turn of the loop; with
 * Redis, those of other hosts are told over it. A listener here is called at once, whatever the others do.
 *
 * A node that lives and is heard neither way may say anything at any time. So as long as there is one, listeners are told at
 * every look, a second apart, that something may have been missed: what it writes is then found in the log.
 */
export function createNodeEventBus(options: NodeEventBusOptions): NodeEventBus {
  return new NodeBus(options);
}

class NodeBus implements NodeEventBus {
  readonly #links: Links;
  readonly #others: () => readonly string[];
  readonly #far: NodeEventBusOptions['far'];
  readonly #local: EventBus;
  readonly #log: Logger;
  readonly #gapListeners = new Set<{ readonly call: () => void }>();
  readonly #look: NodeJS.Timeout;
  readonly #stop: (() => void)[] = [];
  readonly #figures = { published: 0, received: 0, gaps: 0, unreadable: 0 };
  #items: string[] = [];
  #gapAtMs = Number.NEGATIVE_INFINITY;
  #gapTimer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor({ links, others, far, log, lookMs = lookMsDefault }: NodeEventBusOptions) {
    this.#links = links;
    this.#others = others;
    this.#far = far;
    this.#log = log;
    this.#local = createInProcessEventBus({ log });
    this.#stop.push(
      links.onTold((body) => this.#onBatch(body)),
      links.onGap(() => this.#gap()),
    );
    if (far)
      this.#stop.push(
        far.onEvent((published) => this.#local.publish(published)),
        far.onSignal((signal) => this.#local.signal(signal)),
        far.onGap(() => this.#gap()),
      );
    this.#look = setInterval(() => {
      if (this.#isAnyUnheard()) this.#gap();
    }, lookMs).unref();
  }

  publish(...[published]: Parameters<EventBus['publish']>): void {
    if (this.#isClosed) return;
    // First for the others: what listeners here publish in answer comes after it for them too.
    if (this.#links.hasPeers) this.#add(writeEvent(published));
    else this.#links.noteSaid(1);
    (this.#far ?? this.#local).publish(published);
  }

  signal(...[signal]: Parameters<EventBus['signal']>): void {
    if (this.#isClosed) return;
    if (this.#links.hasPeers) this.#add(writeSignal(signal));
    else this.#links.noteSaid(1);
    (this.#far ?? this.#local).signal(signal);
  }

  publishHere(published: Published): void {
    this.#local.publish(published);
  }

  onEvent(...[listener]: Parameters<EventBus['onEvent']>): () => void {
    return this.#local.onEvent(listener);
  }

  onSignal(...[listener]: Parameters<EventBus['onSignal']>): () => void {
    return this.#local.onSignal(listener);
  }

  onGap(listener: () => void): () => void {
    const own = { call: listener };
    if (!this.#isClosed) this.#gapListeners.add(own);
    return () => {
      this.#gapListeners.delete(own);
    };
  }

  figures(): NodeBusFigures {
    return { ...this.#figures };
  }

  /** What was published is handed to the links, which are closed by whoever opened them, after this. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#flush();
    this.#isClosed = true;
    clearInterval(this.#look);
    if (this.#gapTimer) clearTimeout(this.#gapTimer);
    for (const stop of this.#stop) stop();
    this.#gapListeners.clear();
    await this.#local.close();
  }

  #add(item: string): void {
    this.#items.push(item);
    if (this.#items.length === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const items = this.#items;
    this.#items = [];
    for (let from = 0; from < items.length; ) {
      let chars = 0;
      let to = from;
      while (to < items.length && (to === from || chars + items[to]!.length <= batchCharsMax)) chars += items[to++]!.length;
      this.#links.tell(`[${(from === 0 && to === items.length ? items : items.slice(from, to)).join(',')}]`);
      from = to;
    }
    this.#figures.published += items.length;
  }

  #onBatch(body: Buffer): void {
    const items = readItems(body, 0);
    if (items === null) {
      this.#figures.unreadable += 1;
      return this.#gap();
    }
    this.#figures.received += items.length;
    for (const item of items) {
      if ('e' in item) this.#local.publish(item.e);
      else this.#local.signal(item.s);
    }
  }

  /** The far bus knows by itself whom it misses, while it is connected and when it is not. */
  #isAnyUnheard(): boolean {
    if (this.#far?.figures().isConnected) return false;
    return this.#others().some((node) => !this.#links.isHeard(node));
  }

  /** Told at once, and then at most every quarter of a second: those who are told have work to do. */
  #gap(): void {
    this.#figures.gaps += 1;
    if (this.#gapTimer || this.#isClosed) return;
    const waitMs = this.#gapAtMs + gapRestMs - performance.now();
    if (waitMs <= 0) return this.#tellGap();
    this.#gapTimer = setTimeout(() => {
      this.#gapTimer = null;
      this.#tellGap();
    }, waitMs).unref();
  }

  #tellGap(): void {
    this.#gapAtMs = performance.now();
    for (const { call } of this.#gapListeners) {
      try {
        call();
      } catch (error) {
        // The others still have to look.
        this.#log.error({ err: error }, 'A listener of the event bus failed');
      }
    }
  }
}
