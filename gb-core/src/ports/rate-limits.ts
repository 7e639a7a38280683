import type { RateLimit } from 'gb-utils';

/** A limit and its name. One name has one limit: who asks with another counts in the same place by other rules. */
export interface RateRule extends RateLimit {
  readonly name: string;
}

export interface RateAsk {
  readonly rule: RateRule;
  readonly key: string;
  /** 1 when nothing is said. */
  readonly cost?: number;
}

/**
 * How often something may happen, counted by GCRA over all processes that share an engine.
 * `take` always answers, and soon: an engine that cannot be reached is replaced by counting in this process, so that for
 * that time each process allows a limit's worth. Nobody is refused because a server is away, and nobody is let through
 * unlimited. Keys say whom the count is for, the customer included.
 */
export interface RateLimits {
  /** 0 when it may happen now (and is counted), else milliseconds until it may. A refusal costs nothing. */
  take(rule: RateRule, key: string, cost?: number): Promise<number>;
  /**
   * The same for what several limits are for: 0 when all of them let it pass, and all count it; else the longest wait, and
   * none counts it. Over several servers that cannot do so in one step, they are asked in turn up to the first that
   * refuses, and those before it have counted: put the narrowest first.
   */
  takeAll(asks: readonly RateAsk[]): Promise<number>;
  /** Forgets what was counted for a key. */
  reset(rule: RateRule, key: string): Promise<void>;
  close(): Promise<void>;
}
