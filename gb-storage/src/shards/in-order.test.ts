import type { CustomerId } from 'gb-protocol';
import { expect, test } from 'vitest';
import { BucketMoved } from './bucket.ts';
import { InOrder } from './in-order.ts';

const customerIn = (bucket: number) => `01890000-0000-7000-8000-000000000${bucket.toString(16).padStart(3, '0')}` as CustomerId;
const moved = () => new BucketMoved(null);
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('what is refused is made again before what came later, in the order of the calls', async () => {
  let isThere = false;
  const stored: number[] = [];
  const inOrder = new InOrder({
    placeOf: () => 'here',
    learn: async () => {
      await turn();
      isThere = true;
    },
    triedMsMax: 1_000,
  });
  // Answers come in any order, as from batches; those that were under way are refused one after the other.
  const call = (n: number) =>
    inOrder.run(customerIn(7), async () => {
      const isHere = isThere;
      for (let i = 0; i < (n * 7) % 5; i++) await turn();
      if (!isHere) throw moved();
      stored.push(n);
      return n;
    });
  const calls: Promise<number>[] = [];
  for (let n = 0; n < 20; n++) {
    calls.push(call(n));
    if (n % 3 === 0) await turn();
  }
  // They finish as they finish; they were begun in order.
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 20 }, (_, n) => n));
  expect(stored).toHaveLength(20);
});

test('calls are begun anew in order, round after round, and other buckets do not wait', async () => {
  let refusals = 0;
  const begun: number[][] = [];
  const inOrder = new InOrder({ placeOf: () => 'here', learn: async () => void begun.push([]), triedMsMax: 60_000 });
  const calls = Array.from({ length: 10 }, (_, n) =>
    inOrder.run(customerIn(7), async () => {
      begun.at(-1)?.push(n);
      await turn();
      if (refusals++ < 35) throw moved();
    }),
  );
  expect(await inOrder.run(customerIn(8), async () => 'at once')).toBe('at once');
  await Promise.all(calls);
  for (const round of begun) expect(round).toEqual(round.toSorted((a, b) => a - b));
  expect(begun[0]).toHaveLength(10);
});

test('a call that is refused for too long fails so that it may be made again, and its lane is free', async () => {
  const inOrder = new InOrder({ placeOf: () => 'here', learn: async () => {}, triedMsMax: 30 });
  const failing = inOrder.run(customerIn(1), () => Promise.reject(moved()));
  await expect(failing).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  expect(await inOrder.run(customerIn(1), async () => 'here')).toBe('here');
});

test('whatever else goes wrong is told at once', async () => {
  const inOrder = new InOrder({ placeOf: () => 'here', learn: () => Promise.reject(new RangeError('no map')), triedMsMax: 30 });
  await expect(inOrder.run(customerIn(1), () => Promise.reject(new TypeError('broken')))).rejects.toThrow('broken');
  await expect(inOrder.run(customerIn(1), () => Promise.reject(moved()))).rejects.toThrow('no map');
  expect(await inOrder.run(customerIn(1), async () => 'here')).toBe('here');
});

test('nobody gets ahead of what is on its way to where the bucket was, when others know already where it is', async () => {
  let place = 'old';
  const stored: string[] = [];
  const inOrder = new InOrder({ placeOf: () => place, learn: turn, triedMsMax: 1_000 });
  const send = (text: string) =>
    inOrder.run(customerIn(7), async () => {
      const there = place;
      // The old place is slow with its answer.
      for (let i = 0; i < (there === 'old' ? 5 : 0); i++) await turn();
      if (there === 'old') throw moved();
      stored.push(text);
    });
  const first = send('first');
  place = 'new';
  await Promise.all([first, send('second')]);
  expect(stored).toEqual(['first', 'second']);
});

test('a place nobody knows fails the calls for it, and those after them find the lane free', async () => {
  let isKnown = true;
  const inOrder = new InOrder({
    placeOf: () => {
      if (!isKnown) throw new RangeError('no such place');
      return 'here';
    },
    learn: async () => {
      isKnown = false;
    },
    triedMsMax: 1_000,
  });
  const calls = [1, 2].map(() => inOrder.run(customerIn(1), () => Promise.reject(moved())));
  for (const call of calls) await expect(call).rejects.toThrow('no such place');
  await expect(inOrder.run(customerIn(1), async () => 'never')).rejects.toThrow('no such place');
  isKnown = true;
  expect(await inOrder.run(customerIn(1), async () => 'here')).toBe('here');
});
