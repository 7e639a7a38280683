import type { EventBus, Published, Signal } from 'gb-core';
import type { Logger } from 'gb-utils';

/**
 * The bus of one process: listeners are called before `publish` returns, in the order of publishing. What a listener
 * publishes itself waits its turn, so that every listener sees the same order.
 */
export function createInProcessEventBus({ log }: { log: Logger }): EventBus {
  const events = new Set<(published: Published) => void>();
  const signals = new Set<(signal: Signal) => void>();
  const waiting: (() => void)[] = [];
  let isDelivering = false;
  let isClosed = false;

  function deliver<T>(listeners: ReadonlySet<(value: T) => void>, value: T): void {
    if (isClosed) return;
    waiting.push(() => {
      for (const listener of listeners) {
        try {
          listener(value);
        } catch (error) {
          // The publisher has committed and has nothing to do with it; the other listeners still want to hear.
          log.error({ err: error }, 'A listener of the event bus failed');
        }
      }
    });
    if (isDelivering) return;
    isDelivering = true;
    try {
      for (let next = waiting.shift(); next; next = waiting.shift()) next();
    } finally {
      isDelivering = false;
    }
  }

  function listen<T>(listeners: Set<(value: T) => void>, listener: (value: T) => void): () => void {
    // The same function may listen twice; each has its own way out.
    const own = (value: T) => listener(value);
    if (!isClosed) listeners.add(own);
    return () => {
      listeners.delete(own);
    };
  }

  return {
    publish: (published) => deliver(events, published),
    signal: (signal) => deliver(signals, signal),
    onEvent: (listener) => listen(events, listener),
    onSignal: (listener) => listen(signals, listener),
    onGap: () => () => {},
    async close() {
      isClosed = true;
      events.clear();
      signals.clear();
      waiting.length = 0;
    },
  };
}
