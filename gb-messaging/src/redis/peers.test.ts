import { expect, test } from 'vitest';
import { Peers } from './peers.ts';

const beatMs = 1_000;
const say = (node: string, counter: number, marks: { isInDoubt?: boolean; isLast?: boolean } = {}) => ({
  node,
  counter,
  isInDoubt: false,
  isLast: false,
  ...marks,
});
const news = { isNews: true, isGap: false };
const gap = { isNews: true, isGap: true };
const old = { isNews: false, isGap: false };

test('numbers in a row are news, one that was skipped is a gap, one that comes again is old', () => {
  const peers = new Peers(beatMs);
  peers.onSubscribed(0);
  expect([1, 2, 4, 4, 3, 5].map((counter) => peers.hear(say('a', counter), 10))).toEqual([news, news, gap, old, old, news]);
});

test('whom we hear first right after subscribing was not missed, unless it says that something was lost', () => {
  const peers = new Peers(beatMs);
  peers.onSubscribed(0);
  expect(peers.hear(say('a', 70), 900)).toEqual(news);
  expect(peers.hear(say('b', 70, { isInDoubt: true }), 900)).toEqual(gap);
  // Nobody we should have known for a while.
  expect(peers.hear(say('c', 70), 3_001)).toEqual(gap);
  expect(peers.hear(say('d', 1), 3_001)).toEqual(news);
});

test('who falls silent is missed, at growing intervals, and in the end forgotten; who said farewell is not', () => {
  const peers = new Peers(beatMs);
  peers.onSubscribed(0);
  peers.hear(say('a', 1), 0);
  peers.hear(say('b', 1), 0);
  peers.hear(say('b', 2, { isLast: true }), 10);
  const missed: number[] = [];
  for (let nowMs = 0; nowMs < 2_000_000; nowMs += beatMs) if (peers.isAnyMissed(nowMs)) missed.push(nowMs / 1_000);
  expect(missed).toEqual([3, 6, 12, 24, 48, 96, 192, 384, 768]);
  expect(peers.size).toBe(0);
});

test('one that falls silent in the moment we subscribe anew is missed too', () => {
  const peers = new Peers(beatMs);
  peers.onSubscribed(0);
  peers.hear(say('a', 5), 500);
  peers.onSubscribed(60_000);
  expect(peers.isAnyMissed(62_000)).toBe(false);
  expect(peers.isAnyMissed(63_000)).toBe(true);
  expect(peers.hear(say('a', 9), 64_000)).toEqual(gap);
});

test('after subscribing anew everybody says where counting stands', () => {
  const peers = new Peers(beatMs);
  peers.onSubscribed(0);
  peers.hear(say('a', 5), 500);
  peers.onSubscribed(60_000);
  expect(peers.hear(say('a', 90), 60_500)).toEqual(news);
  expect(peers.hear(say('a', 92), 60_600)).toEqual(gap);
});

test('more nodes than any cluster of ours has fill no memory', () => {
  const peers = new Peers(beatMs);
  peers.onSubscribed(0);
  for (let n = 0; n < 5_000; n++) peers.hear(say(`node-${n}`, 1), 1);
  expect(peers.size).toBe(1_024);
});
