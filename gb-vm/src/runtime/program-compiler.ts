import { Worker } from 'node:worker_threads';
import type { CompileOutcome, ProgramCompiler } from 'gb-core';
import type { ErrorCode } from 'gb-protocol';
import { GbError } from 'gb-utils';

export interface CompileJob {
  readonly id: number;
  readonly files: readonly { readonly name: string; readonly text: string }[];
  readonly locale: 'en' | 'pt-BR';
}

export interface CompileAnswer {
  readonly id: number;
  readonly outcome: CompileOutcome;
}

export interface ProgramCompilerOptions {
  /** A compilation that takes longer is given up. Ours take milliseconds, a script of a megabyte a few seconds. */
  readonly compileMsMax?: number;
  /** Compilations that may wait; beyond it `compile` rejects at once with `overloaded`. */
  readonly queueMax?: number;
}

interface Waiting {
  readonly job: CompileJob;
  resolve(outcome: CompileOutcome): void;
  reject(error: unknown): void;
}

/**
 * Compiles in a thread of its own: scripts come from strangers, and one made to hurt must cost neither the time nor the
 * memory of everybody else. Fails with `too_large` for a script that takes too much of either.
 */
export function createProgramCompiler(options: ProgramCompilerOptions = {}): ProgramCompiler & { close(): Promise<void> } {
  const { compileMsMax = 5_000, queueMax = 50 } = options;
  const waiting: Waiting[] = [];
  let worker: Worker | null = null;
  let running: { one: Waiting; timer: NodeJS.Timeout } | null = null;
  let nextId = 1;
  let isClosed = false;

  const settle = (use: (one: Waiting) => void): void => {
    if (!running) return;
    const { one, timer } = running;
    clearTimeout(timer);
    running = null;
    use(one);
    next();
  };
  const giveUp = (from: Worker): void => {
    if (worker !== from) return;
    worker = null;
    void from.terminate();
    settle((one) => one.reject(new GbError('too_large' satisfies ErrorCode, 'The scripts take too long to compile.')));
  };
  const start = (): Worker => {
    const thread = new Worker(new URL('./compile-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: 512 },
    });
    thread.unref();
    thread.on('message', ({ id, outcome }: CompileAnswer) => {
      if (running?.one.job.id === id) settle((one) => one.resolve(outcome));
    });
    thread.on('error', () => giveUp(thread));
    thread.on('exit', () => giveUp(thread));
    return thread;
  };
  const next = (): void => {
    if (running || isClosed) return;
    const one = waiting.shift();
    if (!one) {
      worker?.unref();
      return;
    }
    worker ??= start();
    worker.ref();
    const thread = worker;
    running = { one, timer: setTimeout(() => giveUp(thread), compileMsMax) };
    thread.postMessage(one.job);
  };

  return {
    compile: (files, locale) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(new GbError('unavailable' satisfies ErrorCode, 'the compiler is closed'));
        if (waiting.length >= queueMax)
          return reject(
            new GbError('overloaded' satisfies ErrorCode, 'Too many scripts wait to be compiled.', { retryAfterMs: 2_000 }),
          );
        waiting.push({ job: { id: nextId++, files, locale }, resolve, reject });
        next();
      }),
    async close() {
      if (isClosed) return;
      isClosed = true;
      const closed = new GbError('unavailable' satisfies ErrorCode, 'the compiler is closed');
      settle((one) => one.reject(closed));
      for (const one of waiting.splice(0)) one.reject(closed);
      await worker?.terminate();
    },
  };
}
