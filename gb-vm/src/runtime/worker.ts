import { parentPort, workerData } from 'node:worker_threads';
import { createTurnEngine, type LoadedProgram, ProgramInvalid, type Turn } from './engine.ts';
import { sentence } from './errors.ts';
import type { FromWorker, ToWorker, WorkerSetup } from './worker-protocol.ts';

/**
 * One worker: an engine and a queue of turns. Each turn gets one slice and goes to the end of the queue, so that a
 * program that runs long costs the others a slice's time and no more. Between rounds the thread listens for messages.
 */
const setup = workerData as WorkerSetup;
const engine = createTurnEngine({ sliceFuel: setup.sliceFuel, programsMax: setup.programsMax });
const port = parentPort!;
/** How long turns are run before the port is looked at again. */
const roundMs = 4;

interface Queued {
  readonly id: number;
  readonly turn: Turn;
}

const queue: Queued[] = [];
const waiting = new Map<string, (ToWorker & { kind: 'turn' })[]>();
let outbox: FromWorker[] = [];
let isScheduled = false;

port.on('message', (messages: readonly ToWorker[]) => {
  for (const message of messages) {
    if (message.kind === 'turn') accept(message);
    else receive(message);
  }
  schedule();
});

function accept(message: ToWorker & { kind: 'turn' }): void {
  const program = engine.loaded(message.hash);
  if (program) {
    enqueue(message, program);
    return;
  }
  const others = waiting.get(message.hash);
  if (others) others.push(message);
  else {
    waiting.set(message.hash, [message]);
    outbox.push({ kind: 'need', hash: message.hash });
  }
}

function receive({ hash, program }: ToWorker & { kind: 'program' }): void {
  const turns = waiting.get(hash) ?? [];
  waiting.delete(hash);
  if (!program) return;
  setup.pulse[1] = turns[0]?.id ?? 0;
  try {
    const loaded = engine.load(program);
    for (const turn of turns) enqueue(turn, loaded);
  } catch (error) {
    if (!(error instanceof ProgramInvalid)) throw error;
    for (const { id, input } of turns) {
      const failure = {
        code: error.code,
        message: sentence('program_invalid', input.locale, [error.message]),
        file: '',
        line: 0,
        column: 0,
      };
      outbox.push({ kind: 'done', id, output: { status: 'failed', snapshot: null, replies: [], error: failure, fuelUsed: 0 } });
    }
  } finally {
    setup.pulse[1] = 0;
  }
}

function enqueue({ id, input }: ToWorker & { kind: 'turn' }, program: LoadedProgram): void {
  queue.push({ id, turn: engine.begin(program, input) });
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(round);
}

function round(): void {
  isScheduled = false;
  const end = performance.now() + roundMs;
  for (let queued = queue.shift(); queued; queued = queue.shift()) {
    Atomics.store(setup.pulse, 1, queued.id);
    engine.step(queued.turn);
    Atomics.store(setup.pulse, 1, 0);
    Atomics.add(setup.pulse, 0, 1);
    if (queued.turn.output) outbox.push({ kind: 'done', id: queued.id, output: queued.turn.output });
    else queue.push(queued);
    if (performance.now() > end) break;
  }
  if (outbox.length > 0) {
    port.postMessage(outbox);
    outbox = [];
  }
  if (queue.length > 0) schedule();
}
