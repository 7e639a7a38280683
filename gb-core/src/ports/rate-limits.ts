import type { RateLimit } from 'gb-utils';

/** A limit and its name. One name has one limit: who asks with another counts in the same place by other rules. */
export interface RateRule extends RateLimit {
  readonly name: string;
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
  /** Forgets what was counted for a key. */
  reset(rule: RateRule, key: string): Promise<void>;
  close(): Promise<void>;
}
