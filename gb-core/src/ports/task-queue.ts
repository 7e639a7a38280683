import type { CustomerId } from 'gb-protocol';
import type { PlainValue } from './bot-runtime.ts';

/** Work for whoever has time, now or later: a webhook to be called, a mail to be handed over, an export to be made. */
export interface NewTask {
  /** Like `webhook`: what its handlers are registered under. */
  readonly kind: string;
  readonly customerId: CustomerId;
  /**
   * The same key again, of the same kind and customer and while the queue still knows it, is the same task. The database
   * knows it until it is done or dead; of a broker each process knows what it holds, so there it may be handled once more.
   */
  readonly key: string;
  /** At most `taskBytesMax` as JSON. What is larger lies elsewhere, and this says where. */
  readonly payload: PlainValue;
  /** Within a customer's share; no customer gets ahead of another by it. `normal` when not given. */
  readonly priority?: TaskPriority;
  /** Not before so many milliseconds from now. */
  readonly delayMs?: number;
}

export type TaskPriority = 'high' | 'normal' | 'low';

export const taskBytesMax = 65_536;
export const taskKeyLengthMax = 200;

export interface Task extends Omit<NewTask, 'delayMs'> {
  /** 1 the first time. What ended without an answer, as by a crash, counts. */
  readonly attempt: number;
}

/** What no more attempts are made at. */
export interface DeadTask {
  readonly id: string;
  readonly kind: string;
  readonly customerId: CustomerId;
  readonly key: string;
  readonly attempts: number;
  /** Of the last failure: a sentence, without what the payload holds. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly diedAt: number;
}

/** `null` is what an engine cannot tell: a broker counts its queues, and no queue is one customer's. */
export interface TaskFigures {
  readonly kind: string;
  readonly ready: number | null;
  readonly delayed: number | null;
  /** At a broker only those of this process. */
  readonly running: number | null;
  readonly dead: number;
}

/** A dead task with all it takes to try it again. */
export interface BuriedTask extends DeadTask {
  readonly payload: PlainValue;
  readonly priority: TaskPriority;
}

/** Where dead tasks lie: by customer, behind the wall. An engine that cannot be searched by customer keeps its own here. */
export interface DeadTasks {
  /** Resolves when it is on disk. The same id again is the same task. */
  bury(task: BuriedTask): Promise<void>;
  /** The newest first. */
  list(query: { customerId: CustomerId; kind?: string; limit: number }): Promise<readonly DeadTask[]>;
  get(customerId: CustomerId, id: string): Promise<BuriedTask | null>;
  remove(customerId: CustomerId, id: string): Promise<void>;
  /** By kind. */
  count(customerId?: CustomerId): Promise<ReadonlyMap<string, number>>;
}

export interface TaskHandling {
  /** Tasks of this kind at a time in this process. */
  readonly concurrency: number;
  /** Attempts before a task is dead; 8 when not given. */
  readonly attemptsMax?: number;
  /** The pause after the first failure; it doubles up to `retryMsMax`. */
  readonly retryMsMin?: number;
  readonly retryMsMax?: number;
}

/**
 * A queue of work, on disk, for all customers. A task whose `put` resolved is handled at least once, by one process at a
 * time, until a handler resolves or `attemptsMax` is met; then it is dead, kept with its reason, and can be revived. It may
 * be handled again after it succeeded, when a process dies at the wrong moment: handlers are idempotent by its key.
 * Customers take turns: a hundred thousand tasks of one delay the single one of another by no more than what is under way.
 */
export interface TaskQueue {
  /** Resolves when it is on disk. Fails with `unavailable` or `overloaded` (both retryable): then it may have been stored all the same. */
  put(task: NewTask): Promise<void>;
  /** Before `start`. A handler that throws a `GbError` that is not retryable ends the task at once. */
  handle(kind: string, handling: TaskHandling, handler: (task: Task, signal: AbortSignal) => Promise<void>): void;
  start(): void;
  /** Of one customer, or of all. Figures may be some seconds old. */
  figures(customerId?: CustomerId): Promise<readonly TaskFigures[]>;
  /** The newest first. */
  dead(query: { customerId: CustomerId; kind?: string; limit: number }): Promise<readonly DeadTask[]>;
  /** Tries once more from the beginning. False when it is not dead, or not this customer's. */
  revive(customerId: CustomerId, id: string): Promise<boolean>;
  /** Resolves when nothing is ready or running here; what is delayed stays. For tests and for ending. */
  drained(): Promise<void>;
  /** Handlers are told by their signal and get some seconds; what they do not finish is handled again elsewhere. */
  close(): Promise<void>;
}
