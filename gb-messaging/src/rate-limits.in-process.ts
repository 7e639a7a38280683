import type { RateLimits, RateRule } from 'gb-core';
import { type Clock, RateLimiter } from 'gb-utils';

/** Counts in this process alone: right for one process, and the stand-in where a shared engine is away. */
export function createInProcessRateLimits({ clock }: { clock: Clock }): RateLimits {
  const limiters = new Map<string, RateLimiter>();
  const limiterOf = (rule: RateRule) => {
    let limiter = limiters.get(rule.name);
    if (!limiter) {
      limiter = new RateLimiter(rule);
      limiters.set(rule.name, limiter);
    }
    return limiter;
  };
  return {
    take: async (rule, key, cost = 1) => limiterOf(rule).take(key, clock.nowMs(), cost),
    reset: async (rule, key) => limiterOf(rule).reset(key),
    close: async () => {},
  };
}
