import type { JsonObject, JsonValue, VariableChange } from 'gb-protocol';
import type { Mode } from 'gb-vm/debug';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useLocale } from '../../i18n/index.ts';
import type { Answers, FromWorker, Handle, Outcome, Question, Source, State, ToWorker, Variable } from './protocol.ts';
import { startingState } from './protocol.ts';

export interface DebuggerControl {
  /** null while nothing is debugged. */
  readonly state: State | null;
  /** What was changed in a real conversation where it stands: up to now in the copy only. */
  readonly changes: readonly VariableChange[];
  start(source: Source, stopsAtEntry: boolean): void;
  stop(): void;
  run(mode: Mode): void;
  pause(): void;
  answer(text: string, form?: JsonObject): void;
  give(value: JsonValue): void;
  /** Where breakpoints really stand: at the next line on which something begins. */
  setBreakpoints(file: string, lines: readonly number[]): Promise<Answers['breakpoints']>;
  variables(frame: number): Promise<readonly Variable[]>;
  inside(handle: Handle, from: number, count: number): Promise<readonly Variable[]>;
  evaluate(frame: number, text: string): Promise<Outcome>;
  set(frame: number, target: string, text: string): Promise<Outcome>;
  setInside(handle: Handle, name: string, frame: number, text: string): Promise<Outcome>;
}

/**
 * A debugger in a thread of its own: a program that never ends keeps nothing of the page waiting, and stopping it for
 * good is ending the thread. Questions to one that was ended are never answered; whoever asked is gone as well.
 */
export function useDebugger(): DebuggerControl {
  const locale = useLocale();
  const [state, setState] = useState<State | null>(null);
  const [changes, setChanges] = useState<readonly VariableChange[]>([]);
  const worker = useRef<Worker | null>(null);
  const waiting = useRef(new Map<number, (answer: Answers[keyof Answers]) => void>());
  const latestId = useRef(0);

  const stop = useCallback(() => {
    worker.current?.terminate();
    worker.current = null;
    waiting.current.clear();
    setState(null);
    setChanges([]);
  }, []);
  useEffect(() => stop, [stop]);

  const post = useCallback((message: ToWorker) => worker.current?.postMessage(message), []);

  const start = useCallback(
    (source: Source, stopsAtEntry: boolean) => {
      // Always a fresh thread: the one before may be in the middle of something endless.
      worker.current?.terminate();
      waiting.current.clear();
      const started = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'debugger' });
      started.onmessage = ({ data }: MessageEvent<FromWorker>) => {
        if (data.type === 'state') return setState(data.state);
        if (data.type === 'changes') return setChanges(data.changes);
        waiting.current.get(data.id)?.(data.answer);
        waiting.current.delete(data.id);
      };
      worker.current = started;
      setState(startingState);
      setChanges([]);
      post({ type: 'command', command: { kind: 'start', source, locale, stopsAtEntry } });
    },
    [locale, post],
  );

  return useMemo(() => {
    const ask = <Kind extends Question['kind']>(question: Extract<Question, { kind: Kind }>) =>
      new Promise<Answers[Kind]>((resolve) => {
        const id = ++latestId.current;
        waiting.current.set(id, resolve as (answer: Answers[keyof Answers]) => void);
        post({ type: 'question', id, question });
      });
    return {
      state,
      changes,
      start,
      stop,
      run: (mode) => post({ type: 'command', command: { kind: 'run', mode } }),
      pause: () => post({ type: 'command', command: { kind: 'pause' } }),
      answer: (text, form) => post({ type: 'command', command: { kind: 'answer', text, ...(form ? { form } : {}) } }),
      give: (value) => post({ type: 'command', command: { kind: 'result', value } }),
      setBreakpoints: (file, lines) => ask({ kind: 'breakpoints', file, lines: lines.map((line) => ({ line })) }),
      variables: (frame) => ask({ kind: 'variables', frame }),
      inside: (handle, from, count) => ask({ kind: 'inside', handle, from, count }),
      evaluate: (frame, text) => ask({ kind: 'evaluate', frame, text }),
      set: (frame, target, text) => ask({ kind: 'set', frame, target, text }),
      setInside: (handle, name, frame, text) => ask({ kind: 'setInside', handle, name, frame, text }),
    };
  }, [state, changes, start, stop, post]);
}
