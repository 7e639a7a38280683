/** Where the time comes from. Tests pass a clock of their own, so that any failure can be replayed. */
export interface Clock {
  /** Milliseconds since 1970. May jump when the machine's clock is set. */
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
