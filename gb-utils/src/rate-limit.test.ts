import { expect, test } from 'vitest';
import { RateLimiter } from './rate-limit.ts';

test('a burst passes, then one at the pace, and the wait is exact', () => {
  const limiter = new RateLimiter({ burst: 3, perSecond: 2 });
  const nowMs = 1_000_000;
  expect([1, 2, 3].map(() => limiter.take('a', nowMs))).toEqual([0, 0, 0]);
  expect(limiter.take('a', nowMs)).toBe(500);
  expect(limiter.take('a', nowMs + 499)).toBe(1);
  expect(limiter.take('a', nowMs + 500)).toBe(0);
  expect(limiter.take('a', nowMs + 500)).toBe(500);
});

test('keys do not touch each other, and a refusal costs nothing', () => {
  const limiter = new RateLimiter({ burst: 1, perSecond: 1 });
  expect(limiter.take('a', 0)).toBe(0);
  for (let n = 0; n < 10; n++) expect(limiter.take('a', 0)).toBe(1_000);
  expect(limiter.take('b', 0)).toBe(0);
  expect(limiter.take('a', 1_000)).toBe(0);
});

test('a clock that jumps back locks nobody out for longer than the burst takes', () => {
  const limiter = new RateLimiter({ burst: 2, perSecond: 1 });
  expect(limiter.take('a', 10_000_000)).toBe(0);
  expect(limiter.take('a', 5_000_000)).toBe(0);
});
