import { useCallback, useEffect, useRef, useState } from 'react';
import { explain } from '../app/problem.ts';
import { dismissToast, showToast } from '../app/toasts.tsx';
import { useT } from './words/index.ts';

const undoMs = 5_000;

interface Waiting {
  readonly timer: ReturnType<typeof setTimeout>;
  readonly run: () => void;
}

/**
 * For what cannot be taken back once the server did it: it is shown as done, and done when the person has had five seconds
 * to change their mind, or leaves the page. `gone` holds what is on its way.
 */
export function useUndo(): {
  readonly gone: ReadonlySet<string>;
  readonly later: (id: string, said: string, work: () => Promise<unknown>, onDone: () => void) => void;
} {
  const t = useT();
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const waiting = useRef(new Map<string, Waiting>());

  const back = useCallback((id: string) => setGone((before) => new Set([...before].filter((other) => other !== id))), []);

  const later = useCallback(
    (id: string, said: string, work: () => Promise<unknown>, onDone: () => void) => {
      if (waiting.current.has(id)) return;
      setGone((before) => new Set(before).add(id));
      const toast = showToast(said, {
        forMs: undoMs,
        action: {
          label: t('common.undo'),
          run: () => {
            clearTimeout(waiting.current.get(id)?.timer);
            waiting.current.delete(id);
            back(id);
          },
        },
      });
      const run = (): void => {
        waiting.current.delete(id);
        dismissToast(toast);
        work().then(onDone, (error: unknown) => {
          back(id);
          showToast(explain(error, t), { tone: 'danger' });
        });
      };
      waiting.current.set(id, { timer: setTimeout(run, undoMs), run });
    },
    [t, back],
  );

  useEffect(() => {
    const left = waiting.current;
    return () => {
      for (const { timer, run } of left.values()) {
        clearTimeout(timer);
        run();
      }
    };
  }, []);

  return { gone, later };
}
