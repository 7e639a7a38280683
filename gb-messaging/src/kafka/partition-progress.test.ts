import { expect, test } from 'vitest';
import { PartitionProgress } from './partition-progress.ts';

test('committed is what has nothing unfinished before it, in whatever order entries end', () => {
  const progress = new PartitionProgress(10n);
  expect(progress.isCommitDue).toBe(false);
  for (const offset of [10n, 11n, 13n]) progress.begin(offset);
  progress.reach(14n);
  expect([progress.next, progress.commitable, progress.ahead]).toEqual([14n, 10n, 4]);
  progress.finish(13n);
  progress.finish(11n);
  expect([progress.commitable, progress.isCommitDue, progress.unfinished]).toEqual([10n, false, 1]);
  progress.finish(10n);
  expect([progress.commitable, progress.isCommitDue, progress.ahead]).toEqual([14n, true, 0]);
  progress.committed(14n);
  expect(progress.isCommitDue).toBe(false);
});

test('a jump back to what the broker still has is committed too', () => {
  const progress = new PartitionProgress(500n);
  progress.jump(0n);
  expect([progress.next, progress.isCommitDue]).toEqual([0n, true]);
  progress.committed(0n);
  progress.begin(0n);
  progress.reach(1n);
  expect(progress.isCommitDue).toBe(false);
  progress.finish(0n);
  expect(progress.commitable).toBe(1n);
});
