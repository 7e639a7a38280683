import { GbError } from 'gb-utils';

export interface SemaphoreLimits {
  readonly places: number;
  /** Of them, the last few that are only for who holds none. */
  readonly placesForNewcomers: number;
  readonly waitingMax: number;
  /** Of one owner; beyond it they are refused at once, and nobody else is. */
  readonly waitingPerOwnerMax: number;
}

/**
 * Lets so many work at once. The others wait: those of one owner in order, and owners take turns. Who holds places already
 * never gets the last ones, so whoever has much to do delays only themselves.
 */
export class Semaphore {
  readonly #limits: SemaphoreLimits;
  /** By owner; the one that waits longest for a turn stands first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  readonly #held = new Map<string, number>();
  #waitingCount = 0;
  #free: number;

  constructor(limits: SemaphoreLimits) {
    this.#limits = limits;
    this.#free = limits.places;
  }

  /** Fails with `overloaded`, which may be retried, when too many wait. */
  async use<T>(owner: string, work: () => Promise<T>): Promise<T> {
    if (this.#fits(owner)) this.#count(owner, 1);
    else await this.#turn(owner);
    try {
      return await work();
    } finally {
      this.#count(owner, -1);
      this.#admit();
    }
  }

  #turn(owner: string): Promise<void> {
    const queue = this.#waiting.get(owner) ?? [];
    const { waitingMax, waitingPerOwnerMax } = this.#limits;
    if (this.#waitingCount >= waitingMax || queue.length >= waitingPerOwnerMax)
      throw new GbError('overloaded', 'Too many bot turns are waiting for the database', { retryable: true });
    this.#waiting.set(owner, queue);
    this.#waitingCount += 1;
    return new Promise((resolve) => queue.push(resolve));
  }

  #fits(owner: string): boolean {
    return this.#free > (this.#held.has(owner) ? this.#limits.placesForNewcomers : 0);
  }

  #count(owner: string, change: 1 | -1): void {
    this.#free -= change;
    const held = (this.#held.get(owner) ?? 0) + change;
    if (held === 0) this.#held.delete(owner);
    else this.#held.set(owner, held);
  }

  /** Whoever is let in has its place at once, so that nobody slips in between. */
  #admit(): void {
    for (const [owner, queue] of this.#waiting) {
      if (this.#free === 0) return;
      if (!this.#fits(owner)) continue;
      const go = queue.shift()!;
      this.#waitingCount -= 1;
      this.#waiting.delete(owner);
      if (queue.length > 0) this.#waiting.set(owner, queue);
      this.#count(owner, 1);
      go();
    }
  }
}
