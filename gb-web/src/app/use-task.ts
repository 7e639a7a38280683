import { useCallback, useRef, useState } from 'react';
import { useT } from '../i18n/index.ts';
import { explain } from './problem.ts';

export interface Task<A extends readonly unknown[]> {
  readonly run: (...args: A) => Promise<boolean>;
  readonly isRunning: boolean;
  /** Why the last run failed, in the reader's words. */
  readonly problem: string | null;
  readonly clear: () => void;
}

/** Something a button does that may fail: runs once at a time and keeps the reason for the screen to show. */
export function useTask<A extends readonly unknown[]>(
  work: (...args: A) => Promise<unknown>,
  onFailed?: (error: unknown) => boolean,
): Task<A> {
  const t = useT();
  const [isRunning, setRunning] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const busy = useRef(false);
  const latest = useRef({ work, onFailed });
  latest.current = { work, onFailed };

  const run = useCallback(
    async (...args: A): Promise<boolean> => {
      if (busy.current) return false;
      busy.current = true;
      setRunning(true);
      setProblem(null);
      try {
        await latest.current.work(...args);
        return true;
      } catch (error) {
        if (!latest.current.onFailed?.(error)) setProblem(explain(error, t));
        return false;
      } finally {
        busy.current = false;
        setRunning(false);
      }
    },
    [t],
  );
  return { run, isRunning, problem, clear: () => setProblem(null) };
}
