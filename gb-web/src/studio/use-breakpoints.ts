import { useCallback, useEffect, useRef, useState } from 'react';
import { announce } from '../app/announcer.tsx';
import type { DebuggerControl } from './debug/use-debugger.ts';
import { useT } from './words/index.ts';

export interface Breakpoints {
  /** By the name of the script. */
  readonly lines: ReadonlyMap<string, readonly number[]>;
  in(file: string): readonly number[];
  /** To a debugger that was just started. */
  sendAll(): void;
  change(file: string, lines: readonly number[], toggled?: number | null): void;
}

/** Where programs are to stop, in all scripts. A debugger that runs hears of every change and puts them in their places. */
export function useBreakpoints(debug: DebuggerControl): Breakpoints {
  const t = useT();
  const [lines, setLines] = useState<ReadonlyMap<string, readonly number[]>>(new Map());
  const latest = useRef({ debug, lines });
  latest.current = { debug, lines };

  const change = useCallback(
    (file: string, wanted: readonly number[], toggled: number | null = null) => {
      setLines((before) => new Map(before).set(file, wanted));
      if (toggled !== null)
        announce(t(wanted.includes(toggled) ? 'debug.breakpointSet' : 'debug.breakpointTaken', { line: toggled }));
      if (latest.current.debug.state)
        void latest.current.debug.setBreakpoints(file, wanted).then((placed) => {
          const real = [...new Set(placed.map(({ line }) => line))].sort((a, b) => a - b);
          if (placed.length > 0) setLines((before) => (before.get(file) === wanted ? new Map(before).set(file, real) : before));
        });
    },
    [t],
  );
  const sendAll = useCallback(() => {
    for (const [file, wanted] of latest.current.lines) void latest.current.debug.setBreakpoints(file, wanted);
  }, []);

  // They were told before the program was compiled; now it is known where they stand.
  const isCompiled = debug.state !== null && debug.state.phase !== 'starting';
  useEffect(() => {
    if (isCompiled) for (const [file, wanted] of latest.current.lines) change(file, wanted);
  }, [isCompiled, change]);

  return { lines, sendAll, in: (file) => lines.get(file) ?? none, change };
}

const none: readonly number[] = [];
