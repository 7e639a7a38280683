import type { CompiledProgram, OperationRequest, OperationResult, TurnOutput } from 'gb-core';
import type { DebugMap } from '../compiler/layout.ts';
import { createTurnEngine, type EngineInput, type LoadedProgram, type Turn, type TurnEngine } from '../runtime/engine.ts';
import { Heap } from '../runtime/heap.ts';
import { type Breakpoint, Breakpoints, type PlacedBreakpoint } from './breakpoints.ts';
import { depthOf, type Frame, stopPosition } from './frames.ts';
import { type Evaluated, Inspector } from './inspector.ts';
import { StopTable } from './program.ts';
import type { Inside, Named } from './values.ts';
import { Watches } from './watch.ts';

export type Mode = 'continue' | 'over' | 'into' | 'out';

export type Progress =
  /** Before a statement. `error`: the statement the program stands at has failed, and nothing will catch it. */
  | { readonly kind: 'stopped'; readonly reason: 'entry' | 'step' | 'breakpoint' | 'pause' }
  | { readonly kind: 'stopped'; readonly reason: 'error'; readonly message: string }
  /** What it was allowed to run is used up; run again. */
  | { readonly kind: 'running' }
  | { readonly kind: 'ended'; readonly output: TurnOutput };

export interface DebuggerOptions {
  readonly locale?: 'en' | 'pt-BR';
  /**
   * Does what the program asks of its host, when the input says `takesRequests`. Null ends the turn as it would end in a
   * server: waiting, with the request in its output.
   */
  readonly host?: (request: OperationRequest) => OperationResult | null;
}

/** How many slices `run` takes before it gives the thread back. */
const slicesMax = 20_000;

/**
 * Runs turns of a stepping program (`prepareStepping`) under a person's hand, in this thread: stops before statements,
 * shows calls and variables, changes them, goes on. `run` never takes long: after some thousand statements it gives back
 * `running`, so that whoever called it can look whether somebody wants to stop. Nothing of Node, so it runs in a browser.
 */
export class Debugger {
  readonly #engine: TurnEngine = createTurnEngine({ programsMax: 1 });
  readonly #program: LoadedProgram;
  readonly #table: StopTable;
  readonly #breakpoints: Breakpoints;
  readonly #heap: Heap;
  readonly #inspector: Inspector;
  readonly #host: NonNullable<DebuggerOptions['host']>;
  #input: EngineInput | null = null;
  #turn: Turn | null = null;
  /** Of the turns before this one of the same input, which ended in requests. */
  #said: TurnOutput['replies'] = [];
  #isEntered = false;
  #isPauseWanted = false;
  /** The failure has been shown. */
  #isFailureTold = false;
  /** Only a program that stands before a statement has something to show. */
  #isStanding = false;
  #mode: { readonly mode: Mode; readonly depth: number } | null = null;

  constructor(program: CompiledProgram, options: DebuggerOptions = {}) {
    const locale = options.locale ?? 'en';
    this.#program = this.#engine.load(program);
    this.#table = new StopTable(JSON.parse(program.debugMap) as DebugMap);
    this.#breakpoints = new Breakpoints(this.#table);
    this.#heap = new Heap(this.#engine.memory);
    this.#inspector = new Inspector(this.#heap, this.#table, new Watches(locale), locale);
    this.#host = options.host ?? (() => null);
  }

  setBreakpoints(file: string, wanted: readonly Breakpoint[]): PlacedBreakpoint[] {
    return this.#breakpoints.set(file, wanted);
  }

  /** The lines of a script on which a breakpoint can stand. */
  lines(file: string): readonly number[] {
    return [...new Set(this.#table.inFile(file).map(({ line }) => line))];
  }

  /** A turn to be run: a start, or an answer to a snapshot of this very build; see `migrateSnapshot` for those of another. */
  begin(input: EngineInput): void {
    this.#input = input;
    this.#turn = this.#engine.begin(this.#program, input);
    this.#said = [];
    this.#isEntered = false;
    this.#isFailureTold = false;
    this.#isStanding = false;
    this.#isPauseWanted = false;
    this.#mode = null;
  }

  /** Stops before the next statement, if it is still running by then. */
  pause(): void {
    this.#isPauseWanted = true;
  }

  /** Goes on. After `running`, call it with the same mode. */
  run(mode: Mode): Progress {
    if (!this.#turn) throw new Error('there is no turn; begin one');
    if (!this.#mode || this.#mode.mode !== mode || this.#isStanding) this.#mode = { mode, depth: this.#depth() };
    for (let slices = 0; slices < slicesMax; slices++) {
      const end = this.#end();
      if (end) return end;
      this.#isStanding = false;
      this.#engine.step(this.#turn);
      if (this.#heap.u8.buffer !== this.#engine.memory.buffer) this.#heap.refresh();
      if (this.#turn.output) continue;
      const stopped = this.#stop(this.#mode);
      if (stopped) return stopped;
    }
    return { kind: 'running' };
  }

  /** What the turn came to, once `run` has said `ended`. */
  get output(): TurnOutput | null {
    const output = this.#turn?.output ?? null;
    return output && this.#said.length > 0 ? { ...output, replies: [...this.#said, ...output.replies] } : output;
  }

  get isStopped(): boolean {
    return this.#isStanding;
  }

  // While it stands

  frames(): Frame[] {
    return this.#isStanding ? this.#inspector.frames() : [];
  }

  variables(frameIndex: number): Named[] {
    return this.#isStanding ? this.#inspector.variables(frameIndex) : [];
  }

  globals(): Named[] {
    return this.#isStanding ? this.#inspector.globals() : [];
  }

  inside(what: Inside, from?: number, count?: number): Named[] {
    return this.#isStanding ? this.#inspector.inside(what, from, count) : [];
  }

  evaluate(frameIndex: number, text: string): Evaluated {
    return this.#isStanding ? this.#inspector.evaluate(frameIndex, text) : notStopped;
  }

  set(frameIndex: number, target: string, text: string): Evaluated {
    return this.#isStanding && !this.#turn?.output ? this.#inspector.set(frameIndex, target, text) : notStopped;
  }

  /** The turn is over, or goes on with what the host gave. */
  #end(): Progress | null {
    const output = this.#turn!.output;
    if (!output) return null;
    if (output.request) {
      const result = this.#host(output.request);
      if (result) {
        this.#said = [...this.#said, ...output.replies];
        this.#input = { ...this.#input!, snapshot: output.snapshot, answer: null, result };
        this.#turn = this.#engine.begin(this.#program, this.#input);
        return null;
      }
    }
    if (output.error && !this.#isFailureTold) {
      // The memory is as the statement that failed found it; it stays until another turn begins.
      this.#isFailureTold = true;
      this.#standStill();
      return { kind: 'stopped', reason: 'error', message: output.error.message };
    }
    this.#isStanding = false;
    return { kind: 'ended', output: this.output! };
  }

  #stop({ mode, depth }: { readonly mode: Mode; readonly depth: number }): Progress | null {
    const position = stopPosition(this.#heap, this.#table);
    if (position === null) return null;
    const isEntry = !this.#isEntered;
    this.#isEntered = true;
    const condition = this.#breakpoints.at(position);
    let reason: 'entry' | 'step' | 'breakpoint' | 'pause' | null = null;
    if (this.#isPauseWanted) reason = 'pause';
    else if (condition !== undefined && (condition === null || this.#holds(condition))) reason = 'breakpoint';
    else if (mode === 'into') reason = isEntry ? 'entry' : 'step';
    else if (mode !== 'continue' && (mode === 'over' ? this.#depth() <= depth : this.#depth() < depth)) reason = 'step';
    if (!reason) return null;
    this.#isPauseWanted = false;
    this.#standStill();
    return { kind: 'stopped', reason };
  }

  #standStill(): void {
    this.#isStanding = true;
    this.#inspector.moved();
  }

  /** A condition that cannot be computed stops: better once too often than never. */
  #holds(condition: string): boolean {
    this.#inspector.moved();
    const computed = this.#inspector.compute(0, condition);
    return 'problem' in computed || (Array.isArray(computed.value) ? computed.value.length > 0 : Boolean(computed.value));
  }

  /** Before the first statement nothing is deep: whatever comes is a step. */
  #depth(): number {
    return this.#isEntered ? depthOf(this.#heap, this.#table.map) : Number.POSITIVE_INFINITY;
  }
}

const notStopped: Evaluated = { problem: 'The program is not stopped. · O programa não está parado.' };
