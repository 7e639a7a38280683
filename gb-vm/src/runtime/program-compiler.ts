import { Worker } from 'node:worker_threads';
import type { BotPackageFiles, CompileOutcome, ProgramCompiler, PublishOptions, PublishOutcome } from 'gb-core';
import type { ErrorCode, ScriptFile } from 'gb-protocol';
import { GbError } from 'gb-utils';
import { Problems } from '../package/problem.ts';
import { readSettings } from '../package/settings.ts';

/** Of a config.csv; a script may have as many. */
const settingsCharactersMax = 262_144;

export interface CompileJob {
  readonly id: number;
  readonly task: CompileTask | PublishTask | OpenTask;
}

interface CompileTask {
  readonly kind: 'compile';
  readonly files: readonly ScriptFile[];
  readonly locale: 'en' | 'pt-BR';
}

interface PublishTask {
  readonly kind: 'publish';
  readonly files: readonly ScriptFile[];
  readonly settings: Readonly<Record<string, string>>;
  readonly options: PublishOptions;
}

interface OpenTask {
  readonly kind: 'open';
  readonly zip: Uint8Array;
  readonly locale: 'en' | 'pt-BR';
}

type Outcome = CompileOutcome | PublishOutcome | BotPackageFiles;

export interface CompileAnswer {
  readonly id: number;
  readonly outcome: Outcome;
}

export interface ProgramCompilerOptions {
  /** A compilation that takes longer is given up. Ours take milliseconds, a script of a megabyte a few seconds. */
  readonly compileMsMax?: number;
  /** The same for all scripts of a bot, which are many programs. */
  readonly publishMsMax?: number;
  /** Compilations that may wait; beyond it `compile` rejects at once with `overloaded`. */
  readonly queueMax?: number;
}

interface Waiting {
  readonly job: CompileJob;
  readonly msMax: number;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

/**
 * Compiles in a thread of its own: scripts come from strangers, and one made to hurt must cost neither the time nor the
 * memory of everybody else. Fails with `too_large` for a script that takes too much of either.
 */
export function createProgramCompiler(options: ProgramCompilerOptions = {}): ProgramCompiler & { close(): Promise<void> } {
  const { compileMsMax = 5_000, publishMsMax = 20_000, queueMax = 50 } = options;
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
    running = { one, timer: setTimeout(() => giveUp(thread), one.msMax) };
    thread.postMessage(one.job);
  };

  const ask = <Answer extends Outcome>(task: CompileJob['task'], msMax: number): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (isClosed) return reject(new GbError('unavailable' satisfies ErrorCode, 'the compiler is closed'));
      if (waiting.length >= queueMax)
        return reject(
          new GbError('overloaded' satisfies ErrorCode, 'Too many scripts wait to be compiled.', { retryAfterMs: 2_000 }),
        );
      // The worker answers each kind of task with its own kind of outcome.
      waiting.push({ job: { id: nextId++, task }, msMax, resolve: (outcome) => resolve(outcome as Answer), reject });
      next();
    });

  return {
    settings(text, locale) {
      const problems = new Problems(locale);
      const settings = readSettings(text.slice(0, settingsCharactersMax), 'config.csv', problems);
      return {
        settings: Object.fromEntries([...settings].map(([name, { value }]) => [name, value])),
        diagnostics: problems.list,
      };
    },
    compile: (files, locale) => ask<CompileOutcome>({ kind: 'compile', files, locale }, compileMsMax),
    publish: (files, settings, options) => ask<PublishOutcome>({ kind: 'publish', files, settings, options }, publishMsMax),
    openPackage: (zip, locale) => ask<BotPackageFiles>({ kind: 'open', zip, locale }, compileMsMax),
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
