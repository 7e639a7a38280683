import { useSyncExternalStore } from 'react';

/** One polite live region for the whole page. What is said twice at once is said once; a burst says its last. */
let text = '';
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();
const calmMs = 700;

export function announce(sentence: string): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    // The same sentence again is not a change to the page and would not be read: a no-break space makes it one.
    text = sentence === text ? `${sentence}\u00a0` : sentence;
    for (const listener of listeners) listener();
  }, calmMs);
}

export function Announcer() {
  const said = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => text,
  );
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {said}
    </div>
  );
}
