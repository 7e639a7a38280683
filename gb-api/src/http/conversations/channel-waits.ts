import type { EventBus } from 'gb-core';
import type { ChannelId, CustomerId } from 'gb-protocol';

/** Requests of this process that wait for a message, and of one key among them. One more is answered at once, and asks again. */
const waitingMax = 5_000;
const waitingPerKeyMax = 1_000;

/** Lets requests wait until a message comes to a channel. What the bus loses is found when the time is over. */
export class ChannelWaits {
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #ofKey = new Map<string, number>();
  #count = 0;

  constructor(bus: EventBus) {
    bus.onEvent(({ customerId, event }) => {
      if (event.kind !== 'message.posted') return;
      for (const wake of this.#waiting.get(placeOf(customerId, event.channelId)) ?? []) wake();
    });
  }

  /**
   * Begins to listen at once, so that what comes between a look into the log and the wait is not missed. `over` resolves
   * when a message came, the time is over, or `signal` aborts; `end` is to be called in any case.
   */
  listen(
    place: { readonly customerId: CustomerId; readonly channelId: ChannelId; readonly keyId: string },
    waitMs: number,
    signal: AbortSignal,
  ): { readonly over: Promise<void>; end(): void } {
    const { customerId, channelId, keyId } = place;
    const isFull = this.#count >= waitingMax || (this.#ofKey.get(keyId) ?? 0) >= waitingPerKeyMax;
    if (waitMs <= 0 || isFull) return { over: Promise.resolve(), end: () => {} };
    const name = placeOf(customerId, channelId);
    const { promise, resolve: wake } = Promise.withResolvers<void>();
    const timer = setTimeout(wake, waitMs);
    const listeners = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, listeners.add(wake));
    this.#ofKey.set(keyId, (this.#ofKey.get(keyId) ?? 0) + 1);
    this.#count += 1;
    signal.addEventListener('abort', () => wake(), { once: true });
    let isOpen = true;
    const end = () => {
      if (!isOpen) return;
      isOpen = false;
      clearTimeout(timer);
      listeners.delete(wake);
      if (listeners.size === 0 && this.#waiting.get(name) === listeners) this.#waiting.delete(name);
      const left = (this.#ofKey.get(keyId) ?? 1) - 1;
      if (left === 0) this.#ofKey.delete(keyId);
      else this.#ofKey.set(keyId, left);
      this.#count -= 1;
    };
    return { over: promise, end };
  }
}

function placeOf(customerId: CustomerId, channelId: ChannelId): string {
  return `${customerId}/${channelId}`;
}
