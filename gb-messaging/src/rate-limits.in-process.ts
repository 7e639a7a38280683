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
    async takeAll(asks) {
      const nowMs = clock.nowMs();
      const waitMs = asks.reduce((most, { rule, key, cost }) => Math.max(most, limiterOf(rule).wait(key, nowMs, cost)), 0);
      if (waitMs === 0) for (const { rule, key, cost } of asks) limiterOf(rule).take(key, nowMs, cost);
      return waitMs;
    },
    reset: async (rule, key) => limiterOf(rule).reset(key),
    close: async () => {},
  };
}
