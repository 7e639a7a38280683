import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { deleteLater, finishAll, takeBack, undoMs } from './pending-deletes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  finishAll();
  vi.useRealTimers();
});

test('a deletion happens after the time to take it back', () => {
  const run = vi.fn();
  deleteLater('a', run);
  vi.advanceTimersByTime(undoMs - 1);
  expect(run).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(run).toHaveBeenCalledTimes(1);
});

test('taken back, it never happens', () => {
  const run = vi.fn();
  deleteLater('b', run);
  takeBack('b');
  vi.advanceTimersByTime(undoMs * 2);
  expect(run).not.toHaveBeenCalled();
});

test('leaving finishes what was asked for, once', () => {
  const run = vi.fn();
  deleteLater('c', run);
  deleteLater('c', run);
  finishAll();
  vi.advanceTimersByTime(undoMs * 2);
  expect(run).toHaveBeenCalledTimes(1);
});
