import type { TaskPriority } from 'gb-core';
import { expect, test } from 'vitest';
import { FairHand } from './fair-hand.ts';

const task = (customerId: string, key: string, priority: TaskPriority = 'normal') => ({ customerId, key, priority });
const keys = (tasks: readonly { key: string }[]) => tasks.map(({ key }) => key);
const takeAll = (hand: FairHand<ReturnType<typeof task>>) => {
  const taken: ReturnType<typeof task>[] = [];
  for (let next = hand.next(); next; next = hand.next()) taken.push(next);
  return taken;
};

test('customers take turns, whoever came first', () => {
  const hand = new FairHand<ReturnType<typeof task>>(10);
  for (const key of ['a1', 'a2', 'a3']) hand.add(task('a', key));
  hand.add(task('b', 'b1'));
  hand.add(task('c', 'c1'));
  expect(keys(takeAll(hand))).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
});

test('nobody has more than their share under way, and what ends makes room', () => {
  const hand = new FairHand<ReturnType<typeof task>>(2);
  for (const key of ['a1', 'a2', 'a3']) hand.add(task('a', key));
  const taken = takeAll(hand);
  expect(keys(taken)).toEqual(['a1', 'a2']);
  expect([hand.waiting, hand.running]).toEqual([1, 2]);
  hand.end(taken[0]!);
  expect(keys(takeAll(hand))).toEqual(['a3']);
});

test('two of one key are one task, also while it is under way; another customer’s is another', () => {
  const hand = new FairHand<ReturnType<typeof task>>(4);
  expect(hand.add(task('a', 'k'))).toBe(true);
  expect(hand.add(task('b', 'k'))).toBe(true);
  const [first] = takeAll(hand);
  const twin = task('a', 'k');
  expect(hand.add(twin)).toBe(false);
  expect(hand.next()).toBeNull();
  expect(hand.end(first!)).toEqual([twin]);
  expect(hand.add(task('a', 'k'))).toBe(true);
});

test('what is less urgent makes way for what is more, and takes its twins along', () => {
  const hand = new FairHand<ReturnType<typeof task>>(4);
  hand.add(task('a', 'n'));
  hand.add(task('a', 'l', 'low'));
  hand.add(task('a', 'l', 'low'));
  expect(hand.takeLessUrgent(task('a', 'x', 'low'))).toBeNull();
  expect(hand.takeLessUrgent(task('b', 'x', 'high'))).toBeNull();
  const less = hand.takeLessUrgent(task('a', 'x'));
  expect(less?.task.key).toBe('l');
  expect(keys(less!.twins)).toEqual(['l']);
  expect(hand.takeLessUrgent(task('a', 'x'))).toBeNull();
  expect(hand.takeLessUrgent(task('a', 'x', 'high'))?.task.key).toBe('n');
  expect(hand.waiting).toBe(0);
  expect(hand.next()).toBeNull();
});

test('letting go leaves what is under way, and its key', () => {
  const hand = new FairHand<ReturnType<typeof task>>(1);
  for (const key of ['a1', 'a2', 'a1']) hand.add(task('a', key));
  const [running] = takeAll(hand);
  hand.add(task('a', 'a1'));
  expect(keys(hand.letGo()).sort()).toEqual(['a1', 'a1', 'a2']);
  expect([hand.waiting, hand.running]).toEqual([0, 1]);
  expect(hand.has(task('a', 'a1'))).toBe(true);
  expect(hand.end(running!)).toEqual([]);
  expect(hand.has(task('a', 'a1'))).toBe(false);
});
