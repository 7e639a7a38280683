import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

test('the ceiling doubles with each attempt up to the maximum, and the delay is drawn evenly below it', () => {
  const ceiling = (attempt: number) => backoffMs(attempt, { baseMs: 100, maxMs: 5_000, random: () => 0.999_999 });
  expect([0, 1, 2, 3].map(ceiling)).toEqual([99, 199, 399, 799]);
  expect(ceiling(50)).toBe(4_999);
  expect(backoffMs(5, { baseMs: 100, maxMs: 5_000, random: () => 0 })).toBe(0);
});
