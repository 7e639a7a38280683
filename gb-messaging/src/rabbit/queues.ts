import type { Options } from 'amqplib';

/** A queue of the broker and how it is made. Made the same way by everybody: the broker refuses another. */
export interface Queue {
  readonly name: string;
  readonly options: Options.AssertQueue;
}

/** Levels of those whose customer has much to do: the more, the further down. */
export const asideLevels: readonly number[] = [1, 2, 3];

/** How long the queues of those that wait keep them. Each is four times the last, up to four and a half hours. */
const waitStepsMs: readonly number[] = Array.from({ length: 10 }, (_, i) => 64 * 4 ** i);

/** Tasks of one kind that are ready; the next one is refused. */
const readyMax = 1_000_000;

/** Brokers from 4.0 on throw away what was delivered twenty times; how often a task is tried is ours to say. */
const deliveriesMax = 1_000_000;

/**
 * The queues of one kind of task. Their names say nothing of any customer.
 *
 *     gb.tasks.1.webhook                what is ready, and what is new
 *     gb.tasks.1.webhook.aside.1 .. 3   what of that was put aside, because its customer has much of it
 *     gb.tasks.1.webhook.wait.64 ...    what waits: each for so many milliseconds, so that who is in front leaves first
 *     gb.tasks.1.parked                 what nobody can read
 */
export class KindQueues {
  readonly entry: Queue;
  readonly asides: readonly Queue[];
  readonly waits: readonly Queue[];

  constructor(prefix: string, kind: string) {
    const name = `${prefix}.${kind}`;
    this.entry = quorum(name, { 'x-overflow': 'reject-publish', 'x-max-length': readyMax });
    this.asides = asideLevels.map((level) => quorum(`${name}.aside.${level}`));
    this.waits = waitStepsMs.map((ms) => quorum(`${name}.wait.${ms}`));
  }

  /** The longest wait that is not much longer, and its time. What is not over then goes around once more. */
  waitFor(ms: number): { queue: Queue; stepMs: number } {
    let step = 0;
    while (step + 1 < waitStepsMs.length && waitStepsMs[step + 1]! <= ms * 1.25) step += 1;
    return { queue: this.waits[step]!, stepMs: waitStepsMs[step]! };
  }
}

export function parkedQueue(prefix: string): Queue {
  return quorum(`${prefix}.parked`, { 'x-max-length': 100_000, 'x-overflow': 'reject-publish' });
}

function quorum(name: string, args: Record<string, unknown> = {}): Queue {
  return {
    name,
    options: { durable: true, arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': deliveriesMax, ...args } },
  };
}
