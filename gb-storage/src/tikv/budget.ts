import { GbError, sleep } from 'gb-utils';

/** Attempts of one operation: a cluster that answers at once and always wrongly is not asked for the whole time. */
const attemptsMax = 100;
const pauseMsMin = 5;
const pauseMsMax = 1_000;

/** The time one operation has, shared by everything that is done for it. */
export class Budget {
  readonly #endsAt: number;
  readonly #closing: AbortSignal;
  readonly #random: () => number;
  #attempts = 0;

  constructor(ms: number, closing: AbortSignal, random: () => number) {
    this.#endsAt = performance.now() + ms;
    this.#closing = closing;
    this.#random = random;
  }

  get leftMs(): number {
    return this.#endsAt - performance.now();
  }

  /** Waits before the next attempt, longer each time, or fails for the reason given when there is to be none. */
  async pause(attempt: number, reason: Error, waitMs = 0): Promise<void> {
    const growing = Math.min(pauseMsMin * 2 ** Math.min(attempt, 20), pauseMsMax);
    // Between half and all of it, so that a thousand who met the same do not come back together.
    const ms = Math.max(waitMs, growing * (0.5 + this.#random() / 2));
    this.#attempts++;
    if (this.#attempts >= attemptsMax || ms >= this.leftMs) {
      throw new GbError('unavailable', `The key-value store did not answer in time: ${reason.message}`, {
        retryable: true,
        cause: reason,
      });
    }
    await sleep(ms, this.#closing);
    this.checkOpen();
  }

  checkOpen(): void {
    if (this.#closing.aborted) throw new GbError('unavailable', 'The key-value store is closed');
  }
}
