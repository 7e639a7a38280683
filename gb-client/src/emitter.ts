/**
 * Typed listeners. A listener that throws does not keep the others from hearing, nor the client from doing its work:
 * its error surfaces on its own, as an uncaught one.
 */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(value: never) => void>>();

  /** Gives the function that stops listening; calling it twice does no harm. */
  on<K extends keyof Events>(kind: K, listener: (value: Events[K]) => void): () => void {
    const listeners = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, listeners);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  emit<K extends keyof Events>(kind: K, value: Events[K]): void {
    const listeners = this.#listeners.get(kind);
    if (!listeners) return;
    for (const listener of [...listeners]) callListener(() => (listener as (value: Events[K]) => void)(value));
  }

  clear(): void {
    this.#listeners.clear();
  }
}

export function callListener(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
