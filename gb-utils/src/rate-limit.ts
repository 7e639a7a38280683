/**
 * GCRA, the generic cell rate algorithm (ITU-T I.371): one number per
 * key, the "theoretical arrival time". Exact retry-after, no refill timer.
 */
export interface RateLimit {
  /** How many actions may come at once. */
  readonly burst: number;
  /** How many actions per second may follow for ever. */
  readonly perSecond: number;
}

export class RateLimiter {
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  readonly #arrivals = new Map<string, number>();
  #sweptAtMs = 0;

  constructor(limit: RateLimit) {
    this.#intervalMs = 1000 / limit.perSecond;
    this.#toleranceMs = this.#intervalMs * limit.burst;
  }

  /** 0 when the action may happen now (and is counted), else milliseconds until it may. */
  take(key: string, nowMs: number, cost = 1): number {
    this.#sweep(nowMs);
    const waitMs = this.wait(key, nowMs, cost);
    if (waitMs === 0) this.#arrivals.set(key, this.#arrival(key, nowMs) + this.#intervalMs * cost);
    return waitMs;
  }

  /** What `take` would say; nothing is counted. */
  wait(key: string, nowMs: number, cost = 1): number {
    return Math.max(0, Math.ceil(this.#arrival(key, nowMs) + this.#intervalMs * cost - nowMs - this.#toleranceMs));
  }

  /** How many actions may happen now. */
  left(key: string, nowMs: number): number {
    return Math.floor((nowMs + this.#toleranceMs - this.#arrival(key, nowMs)) / this.#intervalMs + 1e-9);
  }

  reset(key: string): void {
    this.#arrivals.delete(key);
  }

  /** An arrival further ahead than the burst allows is from before the clock went back: it says nothing now. */
  #arrival(key: string, nowMs: number): number {
    const known = this.#arrivals.get(key) ?? 0;
    return known > nowMs + this.#toleranceMs ? nowMs : Math.max(known, nowMs);
  }

  /** Keys whose time has passed say nothing any more; forgetting them bounds the map by the keys active in a minute. */
  #sweep(nowMs: number): void {
    if (nowMs - this.#sweptAtMs < 60_000 && nowMs >= this.#sweptAtMs) return;
    this.#sweptAtMs = nowMs;
    for (const [key, arrival] of this.#arrivals) if (arrival <= nowMs) this.#arrivals.delete(key);
  }
}
