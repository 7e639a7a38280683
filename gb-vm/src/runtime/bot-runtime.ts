import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { BotRuntime, TurnInput, TurnOutput } from 'gb-core';
import type { ErrorCode } from 'gb-protocol';
import { GbError } from 'gb-utils';
import { sentence } from './errors.ts';
import type { FromWorker, ToWorker, WorkerSetup } from './worker-protocol.ts';

export interface BotRuntimeOptions {
  /** Threads; one per processor when not given. */
  readonly workers?: number;
  readonly sliceFuel?: number;
  /** Loop iterations and calls that a procedure without a HEAR may run in one go, for all others wait meanwhile. */
  readonly plainFuelMax?: number;
  /** Compiled programs each worker keeps ready. */
  readonly programsMax?: number;
  /** A worker silent for longer than this in the middle of a turn is replaced. */
  readonly silenceMsMax?: number;
  /** Turns accepted and not yet answered; beyond it `runTurn` rejects at once with `RuntimeOverloaded`. */
  readonly queueMax?: number;
}

/** The runtime was closed while this turn waited, or before it came. */
export class RuntimeClosed extends GbError {
  constructor() {
    super('unavailable' satisfies ErrorCode, 'the bot runtime is closed');
  }
}

/** More turns wait than the runtime holds; the same turn may be tried again later. */
export class RuntimeOverloaded extends GbError {
  constructor() {
    super('overloaded' satisfies ErrorCode, 'too many bot turns are waiting', { retryable: true });
  }
}

export function createBotRuntime(options: BotRuntimeOptions = {}): BotRuntime {
  return new WorkerPool(options);
}

interface Pending {
  readonly id: number;
  readonly input: TurnInput;
  readonly resolve: (output: TurnOutput) => void;
  readonly reject: (reason: unknown) => void;
  readonly givenAt: number;
  /** Times it was given to a worker that did not survive, though another turn was to blame. */
  retries: number;
}

interface Thread {
  readonly worker: Worker;
  readonly pulse: Int32Array;
  readonly turns: Map<number, Pending>;
  readonly outbox: ToWorker[];
  lastPulse: number;
  lastId: number;
  changedAt: number;
  isGone: boolean;
}

/** At the slowest kind of round we know, 25 ns each, a quarter of a second. */
const defaultPlainFuelMax = 10_000_000;
const watchMs = 100;
const retriesMax = 3;
/** A turn that is not over after this is one that runs long, unless everything waits. */
const longMs = 25;
/** The oldest turns of a thread, among which those that run long are. */
const oldestLookedAt = 16;

class WorkerPool implements BotRuntime {
  readonly #setup: Omit<WorkerSetup, 'pulse'>;
  readonly #silenceMsMax: number;
  readonly #queueMax: number;
  readonly #threads: Thread[] = [];
  readonly #watch: NodeJS.Timeout;
  #turnCount = 0;
  #nextId = 1;
  #isClosed = false;

  constructor(options: BotRuntimeOptions) {
    this.#setup = {
      sliceFuel: options.sliceFuel ?? 1_000_000,
      plainFuelMax: options.plainFuelMax ?? defaultPlainFuelMax,
      programsMax: options.programsMax ?? 2000,
    };
    this.#silenceMsMax = options.silenceMsMax ?? 1000;
    this.#queueMax = options.queueMax ?? 100_000;
    const count = Math.max(1, options.workers ?? availableParallelism());
    for (let index = 0; index < count; index++) this.#threads.push(this.#start());
    this.#watch = setInterval(() => this.#lookAtPulses(), watchMs);
    this.#watch.unref();
  }

  runTurn(input: TurnInput): Promise<TurnOutput> {
    if (this.#isClosed) return Promise.reject(new RuntimeClosed());
    if (this.#turnCount >= this.#queueMax) return Promise.reject(new RuntimeOverloaded());
    return new Promise((resolve, reject) => {
      const id = this.#nextId;
      this.#nextId = id === 0x7fffffff ? 1 : id + 1;
      this.#turnCount++;
      this.#give({ id, input, resolve, reject, givenAt: performance.now(), retries: 0 });
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#watch);
    const threads = this.#threads.splice(0);
    for (const thread of threads) {
      thread.isGone = true;
      for (const turn of thread.turns.values()) turn.reject(new RuntimeClosed());
      thread.turns.clear();
    }
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  /**
   * To the thread with the fewest turns; but a customer whose programs run long keeps to the thread they run on, so that
   * however many there are they leave the other processors to the others, and to the database.
   */
  #give(turn: Pending): void {
    const { customerId } = turn.input;
    const since = performance.now() - longMs;
    const thread =
      this.#threads.find((one) => runsLong(one, customerId, since)) ??
      this.#threads.reduce((best, one) => (one.turns.size < best.turns.size ? one : best));
    if (thread.turns.size === 0) thread.worker.ref();
    thread.turns.set(turn.id, turn);
    const { program, snapshot, ...rest } = turn.input;
    // A view into a larger buffer would drag all of it through the clone.
    const own = snapshot && snapshot.byteLength !== snapshot.buffer.byteLength ? new Uint8Array(snapshot) : snapshot;
    this.#post(thread, { kind: 'turn', id: turn.id, hash: program.hash, input: { ...rest, snapshot: own } });
  }

  /** Messages of one tick of the event loop travel together. */
  #post(thread: Thread, message: ToWorker): void {
    thread.outbox.push(message);
    if (thread.outbox.length > 1) return;
    queueMicrotask(() => {
      const messages = thread.outbox.splice(0);
      if (!thread.isGone) this.#send(thread, messages);
    });
  }

  /** What cannot be cloned - a value nested too deeply for it - is refused alone, and takes neither others nor the process along. */
  #send(thread: Thread, messages: readonly ToWorker[]): void {
    try {
      thread.worker.postMessage(messages);
    } catch (error) {
      if (messages.length > 1) for (const message of messages) this.#send(thread, [message]);
      else if (messages[0]?.kind === 'turn') this.#take(thread, messages[0].id)?.reject(error);
      else throw error;
    }
  }

  #start(): Thread {
    const pulse = new Int32Array(new SharedArrayBuffer(8));
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: { ...this.#setup, pulse } satisfies WorkerSetup,
    });
    const thread: Thread = { worker, pulse, turns: new Map(), outbox: [], lastPulse: 0, lastId: 0, changedAt: 0, isGone: false };
    worker.on('message', (messages: readonly FromWorker[]) => {
      // Under `node --watch` Node's own words about loaded files come this way too.
      if (!Array.isArray(messages)) return;
      for (const message of messages) this.#onMessage(thread, message);
    });
    worker.on('error', (error) => this.#replace(thread, error));
    worker.on('exit', () => this.#replace(thread, null));
    worker.unref();
    return thread;
  }

  #onMessage(thread: Thread, message: FromWorker): void {
    if (message.kind === 'need') {
      void this.#fetch(thread, message.hash);
      return;
    }
    const turn = this.#take(thread, message.id);
    turn?.resolve(message.output);
  }

  #take(thread: Thread, id: number): Pending | undefined {
    const turn = thread.turns.get(id);
    if (!turn) return undefined;
    thread.turns.delete(id);
    this.#turnCount--;
    if (thread.turns.size === 0 && !thread.isGone) thread.worker.unref();
    return turn;
  }

  /** Loads a program for a worker. When it cannot be loaded, the turns that need it are rejected: nothing was run. */
  async #fetch(thread: Thread, hash: string): Promise<void> {
    const wanting = [...thread.turns.values()].filter(({ input }) => input.program.hash === hash);
    const first = wanting[0];
    if (!first) return;
    try {
      const program = await first.input.program.load();
      this.#post(thread, {
        kind: 'program',
        hash,
        program: { hash, wasm: new Uint8Array(program.wasm), debugMap: program.debugMap },
      });
    } catch (error) {
      for (const turn of [...thread.turns.values()].filter(({ input }) => input.program.hash === hash))
        this.#take(thread, turn.id)?.reject(error);
      this.#post(thread, { kind: 'program', hash, program: null });
    }
  }

  /** Fuel ends every program; a worker that goes silent all the same has met a fault of ours, and must not take others with it. */
  #lookAtPulses(): void {
    const now = performance.now();
    for (const thread of [...this.#threads]) {
      const pulse = Atomics.load(thread.pulse, 0);
      const id = Atomics.load(thread.pulse, 1);
      if (id === 0 || pulse !== thread.lastPulse || id !== thread.lastId) {
        thread.lastPulse = pulse;
        thread.lastId = id;
        thread.changedAt = now;
      } else if (now - thread.changedAt > this.#silenceMsMax) this.#replace(thread, null);
    }
  }

  /** Ends a worker and starts another. The turn it was running fails; the others are given to the living. */
  #replace(thread: Thread, error: Error | null): void {
    if (thread.isGone || this.#isClosed) return;
    thread.isGone = true;
    const culprit = Atomics.load(thread.pulse, 1);
    void thread.worker.terminate();
    this.#threads[this.#threads.indexOf(thread)] = this.#start();
    const turns = [...thread.turns.values()];
    thread.turns.clear();
    for (const turn of turns) {
      if (turn.id === culprit || ++turn.retries > retriesMax) {
        this.#turnCount--;
        turn.resolve(stuck(turn.input, error));
      } else this.#give(turn);
    }
  }
}

function runsLong({ turns }: Thread, customerId: string, since: number): boolean {
  let looked = 0;
  for (const { input, givenAt } of turns.values()) {
    if (givenAt > since || ++looked > oldestLookedAt) return false;
    if (input.customerId === customerId) return true;
  }
  return false;
}

function stuck(input: TurnInput, error: Error | null): TurnOutput {
  const message = sentence('worker_stuck', input.locale) + (error ? ` (${error.message})` : '');
  return {
    status: 'failed',
    snapshot: null,
    replies: [],
    error: { code: 'worker_stuck', message, file: '', line: 0, column: 0 },
    fuelUsed: 0,
  };
}
