import {
  type DeadTask,
  type DeadTasks,
  type NewTask,
  type TaskFigures,
  type TaskHandling,
  type TaskQueue,
  taskPayload,
} from 'gb-core';
import type { CustomerId } from 'gb-protocol';
import { assert, type Logger, sleep, uuidv7 } from 'gb-utils';
import { KindConsumer, type TaskHandler } from './kind-consumer.ts';
import { Publisher } from './publisher.ts';
import { KindQueues } from './queues.ts';
import { RabbitLink } from './rabbit-link.ts';
import { encodeTask, type TaskMessage, toWait } from './task-message.ts';

export interface RabbitTaskQueueOptions {
  /** `amqp://` or `amqps://`, with the virtual host as its path; several nodes of one cluster with commas between them. */
  readonly url: string;
  /** Where tasks lie that are dead: a broker cannot be asked for those of one customer. */
  readonly dead: DeadTasks;
  readonly log: Logger;
  /** What the names of all queues begin with: two installations on one virtual host have two. */
  readonly prefix?: string;
  /** How long `put` waits for the broker's word. */
  readonly confirmMsMax?: number;
  /** How long handlers have to end when the queue closes. */
  readonly graceMs?: number;
  readonly random?: () => number;
}

/** For metrics. */
export interface RabbitTaskFigures {
  /** How often each of the two connections was made: 1 when nothing ever happened. */
  readonly connects: { readonly put: number; readonly take: number };
  /** Published and not yet confirmed. */
  readonly unconfirmed: number;
  /** Messages that were no tasks, since the start. */
  readonly parked: number;
}

export interface RabbitTaskQueue extends TaskQueue {
  brokerFigures(): RabbitTaskFigures;
}

const drainPollMs = 25;

/**
 * The queue on a RabbitMQ from 3.10 on. Tasks lie in quorum queues, which answer when most of their nodes have it on disk.
 * There are two connections, because a broker short of memory stops reading from those that publish, and answers for what
 * is done have to get through all the same.
 */
export function createRabbitTaskQueue(options: RabbitTaskQueueOptions): RabbitTaskQueue {
  return new RabbitEngine(options);
}

class RabbitEngine implements RabbitTaskQueue {
  readonly #options: RabbitTaskQueueOptions;
  readonly #prefix: string;
  readonly #publisher: Publisher;
  readonly #link: RabbitLink;
  readonly #queues = new Map<string, KindQueues>();
  readonly #consumers = new Map<string, KindConsumer>();
  readonly #random: () => number;
  #isStarted = false;
  #closed: Promise<void> | null = null;

  constructor(options: RabbitTaskQueueOptions) {
    this.#options = options;
    this.#prefix = options.prefix ?? 'gb.tasks.1';
    this.#random = options.random ?? Math.random;
    const { url, log, confirmMsMax = 10_000 } = options;
    this.#publisher = new Publisher({
      url,
      prefix: this.#prefix,
      log,
      confirmMsMax,
      random: this.#random,
      // The broker does not always tell those that take from it.
      onQueueGone: () => {
        for (const consumer of this.#consumers.values()) consumer.renew();
      },
    });
    this.#link = new RabbitLink({
      url,
      name: 'general-bots tasks: take',
      log,
      random: this.#random,
      serve: async (model, lost) => {
        for (const consumer of this.#consumers.values()) await consumer.serve(model, lost);
      },
    });
  }

  async put(task: NewTask): Promise<void> {
    taskPayload(task);
    const delayMs = task.delayMs ?? 0;
    const queues = this.#queuesOf(task.kind);
    const message: TaskMessage = {
      id: uuidv7(),
      kind: task.kind,
      customerId: task.customerId,
      key: task.key,
      payload: task.payload,
      priority: task.priority ?? 'normal',
      failures: 0,
      lost: 0,
      notBeforeMs: delayMs > 0 ? Date.now() + Math.ceil(delayMs) : 0,
      leaveMs: 0,
    };
    const goes = delayMs > 0 ? toWait(message, queues) : { message, queue: queues.entry };
    const { content, options } = encodeTask(goes.message);
    await this.#publisher.publish(goes.queue, content, options);
  }

  handle(kind: string, handling: TaskHandling, handler: TaskHandler): void {
    assert(!this.#isStarted, 'kinds of tasks are named before the start');
    assert(!this.#consumers.has(kind), `one handler a kind of task: ${kind}`);
    const { log, dead } = this.#options;
    this.#consumers.set(
      kind,
      new KindConsumer({
        kind,
        prefix: this.#prefix,
        queues: this.#queuesOf(kind),
        handling,
        handler,
        publisher: this.#publisher,
        dead,
        log,
        random: this.#random,
      }),
    );
  }

  start(): void {
    if (this.#isStarted || this.#closed) return;
    this.#isStarted = true;
    if (this.#consumers.size > 0) this.#link.start();
  }

  async figures(customerId?: CustomerId): Promise<readonly TaskFigures[]> {
    const dead = await this.#options.dead.count(customerId);
    const kinds = [...new Set([...this.#queues.keys(), ...dead.keys()])].sort();
    return Promise.all(
      kinds.map(async (kind) => ({
        kind,
        ...(customerId === undefined ? await this.#countOf(kind) : { ready: null, delayed: null, running: null }),
        dead: dead.get(kind) ?? 0,
      })),
    );
  }

  dead(query: { customerId: CustomerId; kind?: string; limit: number }): Promise<readonly DeadTask[]> {
    return this.#options.dead.list(query);
  }

  async revive(customerId: CustomerId, id: string): Promise<boolean> {
    const task = await this.#options.dead.get(customerId, id);
    if (!task) return false;
    const { kind, key, payload, priority } = task;
    // First there, then away from here: who dies in between leaves it alive, and still among the dead.
    await this.put({ kind, customerId, key, payload, priority });
    await this.#options.dead.remove(customerId, id);
    return true;
  }

  async drained(): Promise<void> {
    // Twice in a row: between two queues a task is in neither's count for a moment.
    for (let quiet = 0; quiet < 2 && !this.#closed; await sleep(drainPollMs)) quiet = (await this.#isQuiet()) ? quiet + 1 : 0;
  }

  brokerFigures(): RabbitTaskFigures {
    return {
      connects: { put: this.#publisher.connects, take: this.#link.connects },
      unconfirmed: this.#publisher.pending,
      parked: [...this.#consumers.values()].reduce((sum, consumer) => sum + consumer.parked, 0),
    };
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      const graceMs = this.#options.graceMs ?? 5_000;
      await Promise.all([...this.#consumers.values()].map((consumer) => consumer.close(graceMs)));
      await this.#link.close();
      await this.#publisher.close();
    })();
    return this.#closed;
  }

  async #isQuiet(): Promise<boolean> {
    for (const [kind, consumer] of this.#consumers) {
      if (!consumer.isIdle) return false;
      try {
        if ((await this.#countOf(kind)).ready > 0) return false;
      } catch {
        return false; // The broker is away: nobody knows.
      }
    }
    return this.#publisher.pending === 0;
  }

  async #countOf(kind: string): Promise<{ ready: number; delayed: number; running: number }> {
    const { entry, asides, waits } = this.#queuesOf(kind);
    const consumer = this.#consumers.get(kind);
    const sum = async (queues: readonly Parameters<Publisher['ready']>[0][]) =>
      (await Promise.all(queues.map((queue) => this.#publisher.ready(queue)))).reduce((a, b) => a + b, 0);
    return {
      ready: (await sum([entry, ...asides])) + (consumer?.inHand ?? 0),
      delayed: (await sum(waits)) + (consumer?.held ?? 0),
      running: consumer?.running ?? 0,
    };
  }

  #queuesOf(kind: string): KindQueues {
    let queues = this.#queues.get(kind);
    if (!queues) {
      queues = new KindQueues(this.#prefix, kind);
      this.#queues.set(kind, queues);
    }
    return queues;
  }
}
