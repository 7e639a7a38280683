import { useSyncExternalStore } from 'react';

/**
 * Deletions wait five seconds in which they can be taken back. Leaving the page does not cancel them: what the person
 * asked for happens, only sooner.
 */
export const undoMs = 5_000;

interface Waiting {
  readonly run: () => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

const waiting = new Map<string, Waiting>();
const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) listener();
}

function finish(key: string): void {
  const entry = waiting.get(key);
  if (!entry) return;
  clearTimeout(entry.timer);
  waiting.delete(key);
  entry.run();
  changed();
}

export function deleteLater(key: string, run: () => void): void {
  if (waiting.has(key)) return;
  waiting.set(key, { run, timer: setTimeout(() => finish(key), undoMs) });
  changed();
}

export function takeBack(key: string): void {
  const entry = waiting.get(key);
  if (!entry) return;
  clearTimeout(entry.timer);
  waiting.delete(key);
  changed();
}

export function finishAll(): void {
  for (const key of [...waiting.keys()]) finish(key);
}

export function useIsBeingDeleted(key: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      if (listeners.size === 0) window.addEventListener('pagehide', finishAll);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    () => waiting.has(key),
  );
}
