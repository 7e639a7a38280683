import { backoffMs } from 'gb-utils';

const failuresMax = 3;

/**
 * Spares callers the wait for something that failed several times in a row: for a while nobody tries, then one does, and
 * what it finds decides for the others.
 */
export class Breaker {
  readonly #nowMs: () => number;
  #failures = 0;
  #openUntilMs = 0;
  #isProbing = false;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  get isOpen(): boolean {
    return this.#failures >= failuresMax;
  }

  /** Whether to try now. Whoever gets true says how it ended. */
  mayTry(): boolean {
    if (!this.isOpen) return true;
    if (this.#isProbing || this.#nowMs() < this.#openUntilMs) return false;
    this.#isProbing = true;
    return true;
  }

  /** It was not tried after all. */
  left(): void {
    this.#isProbing = false;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#isProbing = false;
  }

  failed(): void {
    this.#isProbing = false;
    this.#failures += 1;
    if (this.isOpen) this.#openUntilMs = this.#nowMs() + backoffMs(this.#failures - failuresMax, { baseMs: 500, maxMs: 15_000 });
  }
}
