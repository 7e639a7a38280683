import { readlinkSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { createTurnEngine, type LoadedProgram, ProgramInvalid, type Turn } from './engine.ts';
import { sentence } from './errors.ts';
import type { FromWorker, ToWorker, WorkerSetup } from './worker-protocol.ts';

/**
 * One worker: an engine and its turns. Nearly every turn is over in its first slice; those that are not run on behind the
 * fresh ones, a slice at a time, the customers taking turns. So a program that runs long costs the others a slice's time
 * and no more, however many such programs its customer has. Between rounds the thread listens for messages.
 */
const setup = workerData as WorkerSetup;
stepBehind();
const engine = createTurnEngine({
  sliceFuel: setup.sliceFuel,
  programsMax: setup.programsMax,
  sliceMs: 4,
  sliceMsMax: 250,
  plainFuelMax: setup.plainFuelMax,
  // Time on the processor: what a busy machine takes away is not held against the program that happens to run.
  clockMs: () => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  },
});
const port = parentPort!;
/** How long fresh turns are run before one that runs long has a slice, and the port is looked at again. */
const roundMs = 4;

interface Queued {
  readonly id: number;
  readonly customerId: string;
  readonly turn: Turn;
}

const fresh: Queued[] = [];
/** Those that outlived their first slice, by customer; the customer that has waited longest is first. */
const long = new Map<string, Queued[]>();
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
  fresh.push({ id, customerId: input.customerId, turn: engine.begin(program, input) });
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(round);
}

function round(): void {
  isScheduled = false;
  const end = performance.now() + roundMs;
  for (let queued = fresh.shift(); queued; queued = performance.now() < end ? fresh.shift() : undefined) runSlice(queued);
  const waited = nextLong();
  if (waited) runSlice(waited);
  if (outbox.length > 0) {
    port.postMessage(outbox);
    outbox = [];
  }
  if (fresh.length > 0 || long.size > 0) schedule();
}

function nextLong(): Queued | undefined {
  for (const [customerId, turns] of long) {
    const first = turns.shift();
    long.delete(customerId);
    if (turns.length > 0) long.set(customerId, turns);
    return first;
  }
  return undefined;
}

function runSlice(queued: Queued): void {
  const { id, customerId, turn } = queued;
  Atomics.store(setup.pulse, 1, id);
  engine.step(turn);
  Atomics.store(setup.pulse, 1, 0);
  Atomics.add(setup.pulse, 0, 1);
  if (turn.output) {
    outbox.push({ kind: 'done', id, output: turn.output });
    return;
  }
  const others = long.get(customerId);
  if (others) others.push(queued);
  else long.set(customerId, [queued]);
}

/**
 * Programs have what the processors can spare: people's messages, and the database that stores them, go first. Linux gives
 * every thread a priority of its own, by its own number; elsewhere all stay equal. Five steps are a third of the share of
 * the others while all would run, and nothing while nobody else would. (Measured on two processors beside a program
 * without end: the slowest of a hundred turns of another bot took 3 times as long as on a calm machine, and so 1.2 times.)
 */
function stepBehind(): void {
  if (process.platform !== 'linux') return;
  const threadId = Number(/\d+$/.exec(readlinkSync('/proc/thread-self'))?.[0]);
  setPriority(threadId, Math.min(getPriority() + 5, constants.priority.PRIORITY_LOW));
}
