import type { BotId, CustomerId } from 'gb-protocol';
import { expect, test } from 'vitest';
import { ReadingPlaces } from './places.ts';

const ids = (customer: string, bot: string) => [customer as CustomerId, bot as BotId] as const;
const moment = () => new Promise((resolve) => setImmediate(resolve));

/** Readings of so many documents each, which say what they read. */
function readings(counts: Readonly<Record<string, number>>, sliceMsMax: number) {
  const read: string[] = [];
  const now = new Set<string>();
  const together = { most: 0 };
  const places = new ReadingPlaces(async (customerId, botId, breathe) => {
    for (let n = 1; n <= counts[botId]!; n++) {
      now.delete(customerId);
      await breathe();
      now.add(customerId);
      together.most = Math.max(together.most, now.size);
      read.push(`${botId}${n}`);
      await moment();
    }
    now.delete(customerId);
  }, sliceMsMax);
  return { places, read, together };
}

test('two customers with very much to read let a third one through', async () => {
  const { places, read, together } = readings({ huge: 50, vast: 50, small: 2 }, 0);
  places.ask(...ids('one', 'huge'));
  places.ask(...ids('two', 'vast'));
  await moment();
  places.ask(...ids('three', 'small'));
  await places.settled();
  expect(read).toHaveLength(102);
  expect(read.indexOf('small2')).toBeLessThan(20);
  expect(together.most).toBe(2);
});

test('customers with very many bots take turns with one that has a single bot', async () => {
  const names = Array.from({ length: 50 }, (_, n) => n);
  const counts = Object.fromEntries([...names.flatMap((n) => [`a${n}-`, `b${n}-`]), 'small'].map((name) => [name, 1]));
  const { places, read } = readings(counts, 20_000);
  for (const n of names) {
    places.ask(...ids('one', `a${n}-`));
    places.ask(...ids('two', `b${n}-`));
  }
  places.ask(...ids('three', 'small'));
  await places.settled();
  expect(read).toHaveLength(101);
  expect(read.indexOf('small1')).toBeLessThan(5);
  expect(read.filter((one) => one.startsWith('a'))).toEqual(names.map((n) => `a${n}-1`));
});

test('thousands of bots of one customer leave room in the queue', async () => {
  const counts = Object.fromEntries(['small', ...Array.from({ length: 12_000 }, (_, n) => `a${n}-`)].map((name) => [name, 0]));
  let isRead = false;
  const places = new ReadingPlaces(async (_, botId) => {
    isRead ||= botId === 'small';
    await moment();
  });
  for (const name of Object.keys(counts).slice(1)) places.ask(...ids('one', name));
  places.ask(...ids('two', 'small'));
  await moment();
  expect(isRead).toBe(true);
  await places.close();
});

test('one customer has one place, whatever waits of theirs', async () => {
  const { places, read, together } = readings({ first: 3, second: 3 }, 0);
  places.ask(...ids('one', 'first'));
  places.ask(...ids('one', 'second'));
  await places.settled();
  expect(together.most).toBe(1);
  expect(read).toEqual(['first1', 'first2', 'first3', 'second1', 'second2', 'second3']);
});

test('nobody gives up a place before their time is over, or when nobody waits for it', async () => {
  const { places, read } = readings({ a: 3, b: 3, c: 1 }, 60_000);
  for (const name of ['a', 'b', 'c']) places.ask(...ids(name, name));
  await places.settled();
  expect(read.at(-1)).toBe('c1');
});

test('what rests when all is closed notices it', async () => {
  let isClosed = false;
  const places: ReadingPlaces = new ReadingPlaces(async (_, __, breathe) => {
    while (!isClosed) {
      await breathe();
      await moment();
    }
  }, 0);
  for (const name of ['a', 'b', 'c']) places.ask(...ids(name, name));
  await moment();
  isClosed = true;
  await places.close();
  await expect(places.settled()).resolves.toBeUndefined();
});
