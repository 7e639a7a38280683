import type { CompiledProgram, TurnOutput } from 'gb-core';
import { createTurnEngine, type EngineInput, type LoadedProgram, type TurnEngine } from 'gb-vm/in-process';

export interface SessionOptions {
  readonly computingMsMax: number;
  readonly memoryBytesMax: number;
  readonly seed: number;
  readonly locale: EngineInput['locale'];
  readonly variables: EngineInput['variables'];
  readonly nowMs: () => number;
  readonly utcOffsetMinutes?: number;
  /** With it the program writes as it runs; without, what it says comes with each turn. */
  readonly console?: EngineInput['console'];
  readonly operations?: EngineInput['operations'];
  /** Between two stretches of computing, some milliseconds apart. */
  readonly onPause?: () => void;
}

/** No number of loop rounds is too many for a program somebody started by hand; the clock decides. */
const fuelMax = Number.MAX_SAFE_INTEGER;
const messagesMax = 1_000_000;

/** One program from its start to its end, in this thread. Its time is the time it computes: waiting for answers is free. */
export class Session {
  readonly #engine: TurnEngine;
  readonly #program: LoadedProgram;
  readonly #options: SessionOptions;
  #snapshot: Uint8Array | null = null;
  #computedMs = 0;

  constructor(program: CompiledProgram, options: SessionOptions) {
    this.#options = options;
    this.#engine = createTurnEngine({ programsMax: 1, sliceMsMax: options.computingMsMax });
    this.#program = this.#engine.load(program);
  }

  /** Starts, or goes on with the answer. */
  turn(answer: string | null): TurnOutput {
    const options = this.#options;
    const turn = this.#engine.begin(this.#program, {
      customerId: 'console',
      snapshot: this.#snapshot,
      answer,
      nowMs: options.nowMs(),
      seed: options.seed,
      locale: options.locale,
      variables: options.variables,
      limits: {
        fuelMax,
        wallMsMax: Math.max(1, options.computingMsMax - this.#computedMs),
        memoryBytesMax: options.memoryBytesMax,
        snapshotBytesMax: options.memoryBytesMax,
        messagesMax,
      },
      ...(options.utcOffsetMinutes === undefined ? {} : { utcOffsetMinutes: options.utcOffsetMinutes }),
      ...(options.console ? { console: options.console } : {}),
      ...(options.operations ? { operations: options.operations } : {}),
    });
    const begunMs = performance.now();
    while (!turn.output) {
      this.#engine.step(turn);
      options.onPause?.();
    }
    this.#computedMs += performance.now() - begunMs;
    this.#snapshot = turn.output.snapshot;
    return turn.output;
  }
}
