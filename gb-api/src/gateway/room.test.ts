import type { ChannelId, CustomerId } from 'gb-protocol';
import { expect, test } from 'vitest';
import { Room } from './room.ts';

const room = () => new Room('acme' as CustomerId, 'general' as ChannelId, { epoch: 1, head: 10, isOpen: true, mayRest: true });

test('what comes in order is sure, and what crossed on the way becomes so', () => {
  const one = room();
  for (const seq of [11, 13, 14, 12, 12, 11]) one.note(1, seq);
  expect([one.head, one.sure]).toEqual([14, 14]);
  expect(one.has(14)).toBe(true);
  expect(one.has(15)).toBe(false);
});

test('a hole is remembered however far the head goes', () => {
  const one = room();
  for (let seq = 12; seq <= 2_000; seq++) one.note(1, seq);
  expect([one.head, one.sure, one.has(11), one.has(12)]).toEqual([2_000, 10, false, true]);
  one.note(1, 11);
  expect(one.sure).toBeLessThan(2_000);
  for (let seq = one.sure + 1; seq <= 2_000; seq++) one.note(1, seq);
  expect([one.head, one.sure]).toEqual([2_000, 2_000]);
});

test('another epoch begins anew', () => {
  const one = room();
  one.note(1, 20);
  one.note(2, 3);
  expect([one.epoch, one.head, one.sure, one.has(20)]).toEqual([2, 3, 3, false]);
});
