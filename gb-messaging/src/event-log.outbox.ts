import type { EventLog, Outbox, OutboxEntry } from 'gb-core';
import { assert, backoffMs, type Logger, sleep } from 'gb-utils';
import { GroupConsumer } from './group-consumer.ts';

export interface OutboxEventLogOptions {
  readonly outbox: Outbox;
  readonly log: Logger;
  /** How often a handler may fail on one entry before the entry is parked. */
  readonly attemptsMax?: number;
  /** The pause after the first failure; it doubles up to `retryMsMax`. */
  readonly retryMsMin?: number;
  readonly retryMsMax?: number;
  /** Channels one group works on at a time. */
  readonly channelsMax?: number;
  /** How soon entries of other processes are noticed; those of this one are announced. */
  readonly pollMs?: number;
  readonly random?: () => number;
}

/** Entries handed out and not yet finished: above this, nothing more is taken. */
const inFlightMax = 5_000;
const takeMax = 500;

/**
 * The event log on the Store's outbox. An entry leaves the outbox when every group has handled or parked it; whatever is
 * still there when a process dies is handed out again by the next relay, so handlers see entries at least once.
 */
export function createOutboxEventLog(options: OutboxEventLogOptions): EventLog {
  return new OutboxEventLog(options);
}

class OutboxEventLog implements EventLog {
  readonly #outbox: Outbox;
  readonly #log: Logger;
  readonly #pollMs: number;
  readonly #random: () => number;
  readonly #consumerOptions: Omit<ConstructorParameters<typeof GroupConsumer>[0], 'group' | 'handler'>;
  readonly #groups = new Map<string, GroupConsumer>();
  /** Taken and not yet gone from the outbox, by id. */
  readonly #inFlight = new Set<string>();
  /** Settle when every group is through with an entry, or has given it up because we close. */
  readonly #handing = new Set<Promise<void>>();
  #finished: string[] = [];
  #drains: Drain[] = [];
  #loop: Promise<void> | null = null;
  #isWoken = false;
  #wake: () => void = () => {};
  #forget: () => void = () => {};
  readonly #closing = new AbortController();

  constructor(options: OutboxEventLogOptions) {
    this.#outbox = options.outbox;
    this.#log = options.log;
    this.#pollMs = options.pollMs ?? 1_000;
    this.#random = options.random ?? Math.random;
    this.#consumerOptions = {
      park: (entry, group, reason) => options.outbox.park(entry, group, reason),
      log: options.log,
      attemptsMax: options.attemptsMax ?? 8,
      retryMsMin: options.retryMsMin ?? 100,
      retryMsMax: options.retryMsMax ?? 30_000,
      channelsMax: options.channelsMax ?? 32,
      random: this.#random,
      signal: this.#closing.signal,
    };
  }

  consume(group: string, handler: (entry: OutboxEntry) => Promise<void>): void {
    assert(this.#loop === null, 'groups are named before the start, or they would miss entries');
    assert(!this.#groups.has(group), `one consumer a group: ${group}`);
    this.#groups.set(group, new GroupConsumer({ ...this.#consumerOptions, group, handler }));
  }

  start(): void {
    if (this.#loop || this.#closing.signal.aborted) return;
    this.#forget = this.#outbox.onCommitted(() => this.#wakeUp());
    this.#loop = this.#run();
  }

  async drained(): Promise<void> {
    assert(this.#loop !== null, 'the event log is started before it drains');
    if (this.#closing.signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#drains.push({ waitsFor: null, resolve });
      this.#wakeUp();
    });
  }

  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) {
      this.#closing.abort();
      this.#forget();
      this.#wakeUp();
    }
    await this.#loop;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#closing.signal.aborted) {
      this.#isWoken = false;
      try {
        const isEmpty = await this.#takeSome();
        await this.#settleFinished();
        failures = 0;
        if (isEmpty && !this.#isWoken) await this.#sleepUntilWoken();
      } catch (error) {
        failures += 1;
        if (failures === 1) this.#log.warn({ err: error }, 'The outbox does not answer; trying again');
        await sleep(50 + backoffMs(failures, { baseMs: 50, maxMs: this.#pollMs, random: this.#random }), this.#closing.signal);
      }
    }
    // Handlers that have begun finish; what they finished leaves the outbox, so that nobody gets it again for nothing.
    await Promise.all(this.#handing);
    await this.#settleFinished().catch((error: unknown) => {
      this.#log.warn({ err: error }, 'Finished entries stay in the outbox and will be handed out again');
    });
    for (const drain of this.#drains) drain.resolve();
    this.#drains = [];
  }

  /** true when there is nothing more to take for now. */
  async #takeSome(): Promise<boolean> {
    // The oldest rows come first, those in flight among them: ask for as many more.
    const room = Math.min(takeMax, inFlightMax - this.#inFlight.size);
    if (room <= 0) return true;
    const limit = this.#inFlight.size + room;
    const drains = this.#drains.filter((drain) => drain.waitsFor === null);
    const rows = await this.#outbox.take(limit);
    for (const row of rows) {
      if (!this.#inFlight.has(row.id)) this.#handOut(row);
    }
    const isAll = rows.length < limit;
    // Whoever asked before this look at the outbox waits for what is in flight now, and for no later entry.
    if (isAll) for (const drain of drains) drain.waitsFor = new Set(this.#inFlight);
    this.#settleDrains();
    return isAll;
  }

  #handOut(entry: OutboxEntry): void {
    this.#inFlight.add(entry.id);
    const handing = Promise.all([...this.#groups.values()].map((group) => group.handle(entry))).then((results) => {
      this.#handing.delete(handing);
      // Not handled, because we are closing: it stays in the outbox for the next relay.
      if (results.includes(false)) return;
      this.#finished.push(entry.id);
      this.#wakeUp();
    });
    this.#handing.add(handing);
  }

  async #settleFinished(): Promise<void> {
    if (this.#finished.length === 0) return;
    const ids = this.#finished;
    this.#finished = [];
    try {
      await this.#outbox.done(ids);
    } catch (error) {
      this.#finished.push(...ids);
      throw error;
    }
    // Only now: an entry still in the outbox would be taken, and handled, once more.
    for (const id of ids) this.#inFlight.delete(id);
    this.#settleDrains();
  }

  #settleDrains(): void {
    this.#drains = this.#drains.filter((drain) => {
      if (drain.waitsFor === null) return true;
      for (const id of drain.waitsFor) if (!this.#inFlight.has(id)) drain.waitsFor.delete(id);
      if (drain.waitsFor.size > 0) return true;
      drain.resolve();
      return false;
    });
  }

  #wakeUp(): void {
    this.#isWoken = true;
    this.#wake();
  }

  #sleepUntilWoken(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake(), this.#pollMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve();
      };
    });
  }
}

interface Drain {
  /** Entries it waits for; null until the outbox was looked at once after the call. */
  waitsFor: Set<string> | null;
  readonly resolve: () => void;
}
