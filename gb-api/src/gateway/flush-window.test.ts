import { expect, test } from 'vitest';
import { gatherMs } from './flush-window.ts';

test('a room gathers longer the longer its flush takes, so that it never has more than a fifth of the process, up to 50 ms', () => {
  expect([0, 0.1, 1, 5, 12, 13, 100].map((ms) => gatherMs(ms, 0))).toEqual([0, 0.4, 4, 20, 48, 50, 50]);
});

test('when the process is late with everything, small rooms gather as well, and all of them longer', () => {
  expect(gatherMs(0.1, 49)).toBeCloseTo(0.4);
  expect([gatherMs(0.1, 50), gatherMs(40, 100)]).toEqual([50, 50]);
  expect([gatherMs(0.1, 250), gatherMs(40, 2_000)]).toEqual([150, 150]);
});
