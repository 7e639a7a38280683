import type { ServerFrame } from 'gb-protocol';
import { closeCodes } from 'gb-protocol';
import { expect, test } from 'vitest';
import type { Connection } from './connection.ts';
import { drain, returnsPerSecond, spacing } from './drain.ts';

/** Connections that note what they are told, and are gone when they are closed. */
function crowd(count: number, inFlight = 0) {
  const here = new Set<Connection>();
  const told: number[] = [];
  const closed: number[] = [];
  for (let n = 0; n < count; n++) {
    const connection = {
      inFlight,
      isClosing: false,
      send: (frame: ServerFrame) => frame.type === 'drain' && told.push(frame.reconnectAfterMs),
      close: (code: number) => {
        closed.push(code);
        here.delete(connection as unknown as Connection);
      },
    };
    here.add(connection as unknown as Connection);
  }
  return { here, told, closed };
}

test('each is told a moment of its own, evenly at the rate, and all are closed with a code that means come back', async () => {
  const { here, told, closed } = crowd(1_200);
  await drain(here, { deadlineMs: 0 });
  expect(told.length).toBe(1_200);
  expect(told).toEqual([...told].sort((a, b) => a - b));
  for (let from = 0; from + returnsPerSecond < told.length; from += 100)
    expect(told[from + returnsPerSecond]! - told[from]!).toBeGreaterThanOrEqual(999);
  expect(closed).toEqual(Array(1_200).fill(closeCodes.goingAway));
});

test('very many within a deadline are closer together, and still spread over most of it', () => {
  expect(spacing(100, 20_000)).toBe(1_000 / returnsPerSecond);
  const close = spacing(60_000, 20_000);
  expect(close * 60_000).toBeLessThanOrEqual(20_000);
  expect(close * 60_000).toBeGreaterThan(10_000);
});

test('who leaves by themselves ends it at once, long before the deadline', async () => {
  const { here, closed } = crowd(50);
  const drained = drain(here, { deadlineMs: 3_600_000 });
  setTimeout(() => here.clear(), 50);
  await drained;
  expect(closed).toEqual([]);
});

test('what was asked is answered before the connection is closed', async () => {
  const { here, closed } = crowd(1, 1);
  const [connection] = here;
  const drained = drain(here, { deadlineMs: 0 });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(closed).toEqual([]);
  connection!.inFlight = 0;
  await drained;
  expect(closed).toEqual([closeCodes.goingAway]);
});
