import { expect, test } from 'vitest';
import { Semaphore } from './semaphore.ts';

const limits = { places: 4, placesForNewcomers: 1, waitingMax: 100, waitingPerOwnerMax: 10 };

/** Works that end when they are told, and who has begun, in order. */
function works(semaphore: Semaphore) {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  return {
    begun,
    begin: (owner: string) =>
      semaphore.use(owner, async () => {
        begun.push(owner);
        await new Promise<void>((resolve) => ends.push(resolve));
      }),
    async end(): Promise<void> {
      ends.shift()!();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('who has much to do never holds the last place', async () => {
  const { begun, begin } = works(new Semaphore(limits));
  for (let n = 0; n < 8; n++) void begin('greedy');
  expect(begun).toEqual(['greedy', 'greedy', 'greedy']);
  void begin('small');
  expect(begun).toEqual(['greedy', 'greedy', 'greedy', 'small']);
});

test('owners who wait take turns, and nobody is forgotten', async () => {
  const { begun, begin, end } = works(new Semaphore(limits));
  for (let n = 0; n < 6; n++) void begin('a');
  void begin('b');
  for (let n = 0; n < 2; n++) void begin('c');
  expect(begun).toEqual(['a', 'a', 'a', 'b']);
  for (let n = 0; n < 9; n++) await end();
  expect(begun).toEqual(['a', 'a', 'a', 'b', 'c', 'a', 'c', 'a', 'a']);
});

test('one owner’s queue has an end, and the others still get in', async () => {
  const semaphore = new Semaphore({ ...limits, placesForNewcomers: 0 });
  const { begun, begin, end } = works(semaphore);
  for (let n = 0; n < 14; n++) void begin('greedy');
  await expect(begin('greedy')).rejects.toMatchObject({ code: 'overloaded', retryable: true });
  void begin('small');
  await end();
  await end();
  expect(begun).toContain('small');
});

test('a work that fails gives its place back', async () => {
  const semaphore = new Semaphore({ places: 1, placesForNewcomers: 0, waitingMax: 1, waitingPerOwnerMax: 1 });
  await expect(semaphore.use('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await semaphore.use('a', async () => 'yes')).toBe('yes');
});
