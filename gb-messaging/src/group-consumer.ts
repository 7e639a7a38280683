import type { OutboxEntry } from 'gb-core';
import { backoffMs, GbError, type Logger, sleep } from 'gb-utils';

/**
 * An engine that is away says nothing about the entry: it is tried again for so long without counting as an attempt. Not for
 * ever, because in Kafka entries of other customers wait behind it.
 */
const awayMsMaxDefault = 10 * 60_000;

export interface GroupConsumerOptions {
  readonly group: string;
  readonly handler: (entry: OutboxEntry) => Promise<void>;
  readonly park: (entry: OutboxEntry, group: string, reason: string) => Promise<void>;
  readonly log: Logger;
  readonly attemptsMax: number;
  readonly awayMsMax?: number;
  readonly retryMsMin: number;
  readonly retryMsMax: number;
  readonly channelsMax: number;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

interface Waiting {
  readonly entry: OutboxEntry;
  attempts: number;
  /** When an engine was away first, and how often since. */
  away: { readonly sinceMs: number; times: number } | null;
  isRunning: boolean;
  readonly resolve: (isHandled: boolean) => void;
}

/**
 * Gives entries to the handler of one group: those of one channel one after the other, several channels at a time. A
 * channel whose entry failed pauses and leaves its place to another one meanwhile.
 */
export class GroupConsumer {
  readonly #options: GroupConsumerOptions;
  /** By channel. The first one is being handled, or waits for its next attempt. */
  readonly #lanes = new Map<string, Waiting[]>();
  /** Channels whose next entry may be handled, by customer; the customer that waits longest stands first. */
  readonly #ready = new Map<string, string[]>();
  readonly #runningOf = new Map<string, number>();
  #running = 0;

  constructor(options: GroupConsumerOptions) {
    this.#options = options;
    options.signal.addEventListener('abort', () => this.#abandon(), { once: true });
  }

  /** true when the entry was handled or parked; false when the log was closed before. Never rejects. */
  handle(entry: OutboxEntry): Promise<boolean> {
    if (this.#options.signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const key = `${entry.customerId} ${entry.channelId}`;
      const waiting = { entry, attempts: 0, away: null, isRunning: false, resolve };
      const lane = this.#lanes.get(key);
      if (lane) {
        lane.push(waiting);
        return;
      }
      this.#lanes.set(key, [waiting]);
      this.#makeReady(entry.customerId, key);
      this.#pump();
    });
  }

  #makeReady(customerId: string, key: string): void {
    const keys = this.#ready.get(customerId);
    if (keys) keys.push(key);
    else this.#ready.set(customerId, [key]);
  }

  #pump(): void {
    while (this.#running < this.#options.channelsMax) {
      const next = this.#next();
      if (next === null) return;
      const [customerId, key] = next;
      this.#count(customerId, 1);
      void this.#attempt(key).then(() => {
        this.#count(customerId, -1);
        this.#pump();
      });
    }
  }

  #count(customerId: string, change: 1 | -1): void {
    this.#running += change;
    const running = (this.#runningOf.get(customerId) ?? 0) + change;
    if (running === 0) this.#runningOf.delete(customerId);
    else this.#runningOf.set(customerId, running);
  }

  /** Customers take turns, and none has more than half of the places: whoever has much to do delays only themselves. */
  #next(): [customerId: string, key: string] | null {
    const share = Math.max(1, this.#options.channelsMax >> 1);
    for (const [customerId, keys] of this.#ready) {
      if ((this.#runningOf.get(customerId) ?? 0) >= share) continue;
      const key = keys.shift()!;
      this.#ready.delete(customerId);
      if (keys.length > 0) this.#ready.set(customerId, keys);
      return [customerId, key];
    }
    return null;
  }

  async #attempt(key: string): Promise<void> {
    const waiting = this.#lanes.get(key)?.[0];
    if (!waiting) return;
    const { group, handler, park, log, attemptsMax } = this.#options;
    const { entry } = waiting;
    const facts = { group, customerId: entry.customerId, channelId: entry.channelId, seq: entry.seq, kind: entry.kind };
    waiting.isRunning = true;
    try {
      await handler(entry);
    } catch (error) {
      if (error instanceof GbError && error.code === 'unavailable' && error.retryable) {
        waiting.away ??= { sinceMs: performance.now(), times: 0 };
        waiting.away.times += 1;
        if (performance.now() - waiting.away.sinceMs < (this.#options.awayMsMax ?? awayMsMaxDefault)) {
          if (waiting.away.times === 1) log.warn({ ...facts, err: error }, 'A consumer waits for an engine that is away');
          this.#again(key, waiting, waiting.away.times);
          return;
        }
      }
      waiting.attempts += 1;
      if (waiting.attempts < attemptsMax) {
        log.warn({ ...facts, err: error, attempts: waiting.attempts }, 'A consumer failed; it gets the entry again');
        this.#again(key, waiting, waiting.attempts);
        return;
      }
      try {
        await park(entry, group, error instanceof Error ? `${error.name}: ${error.message}` : String(error));
        log.error({ ...facts, err: error, attempts: waiting.attempts }, 'A consumer failed for good; the entry is parked');
      } catch (parkError) {
        // Nowhere to put it. The entry keeps its place, and gets one more try before it is parked again.
        log.warn({ ...facts, err: parkError }, 'An entry could not be parked; trying again');
        waiting.attempts -= 1;
        this.#again(key, waiting, attemptsMax);
        return;
      }
    }
    this.#finish(key, waiting);
  }

  #finish(key: string, waiting: Waiting): void {
    waiting.resolve(true);
    const lane = this.#lanes.get(key);
    lane?.shift();
    if (!lane || lane.length === 0) this.#lanes.delete(key);
    else this.#makeReady(waiting.entry.customerId, key);
  }

  #again(key: string, waiting: Waiting, attempts: number): void {
    const { retryMsMin, retryMsMax, random, signal } = this.#options;
    waiting.isRunning = false;
    if (signal.aborted) {
      waiting.resolve(false);
      return;
    }
    // Half of it is fixed: a pause drawn from zero on could use up all attempts at once.
    const ceiling = Math.min(retryMsMax, retryMsMin * 2 ** Math.min(attempts - 1, 20));
    const pauseMs = ceiling / 2 + backoffMs(0, { baseMs: ceiling / 2, maxMs: ceiling / 2, random });
    void sleep(pauseMs, signal).then(() => {
      if (signal.aborted) return;
      this.#makeReady(waiting.entry.customerId, key);
      this.#pump();
    });
  }

  /** Those being handled end as they end; the others go back to where they came from. */
  #abandon(): void {
    this.#ready.clear();
    for (const lane of this.#lanes.values()) for (const waiting of lane) if (!waiting.isRunning) waiting.resolve(false);
    this.#lanes.clear();
  }
}
