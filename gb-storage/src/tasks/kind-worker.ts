import { isFinalFailure, reasonOf, retryPauseMs, type Task, type TaskHandling, taskAttemptsMax } from 'gb-core';
import type { CustomerId } from 'gb-protocol';
import { backoffMs, type Logger, sleep } from 'gb-utils';
import type { WalledPool } from '../walled-pool.ts';
import { priorityOf } from './priorities.ts';

export type TaskHandler = (task: Task, signal: AbortSignal) => Promise<void>;

export interface KindWorkerOptions {
  readonly kind: string;
  readonly handling: TaskHandling;
  readonly handler: TaskHandler;
  readonly database: WalledPool;
  /** Whom tasks are held by. */
  readonly holder: string;
  readonly holdMs: number;
  readonly pollMs: number;
  readonly log: Logger;
  readonly random: () => number;
}

export interface UnderWay {
  readonly id: string;
  readonly customerId: CustomerId;
  readonly attempt: number;
  readonly abort: AbortController;
  /** When it was last known to be ours, on the machine's own steady clock. */
  keptAt: number;
}

/** The longest a timer takes. */
const alarmMsMax = 2 ** 31 - 1;
const beforeAnyId = '00000000-0000-0000-0000-000000000000';

/** Takes tasks of one kind and handles as many at a time as it may, no customer more than half of them. */
export class KindWorker {
  readonly #options: KindWorkerOptions;
  readonly #share: number;
  readonly #underWay = new Map<string, UnderWay>();
  readonly #ending = new Set<Promise<void>>();
  /** The customer that was served last. */
  #after: string = beforeAnyId;
  #loop: Promise<void> | null = null;
  #isWoken = false;
  #alarm: NodeJS.Timeout | undefined;
  #alarmAt = Number.POSITIVE_INFINITY;
  #wake: () => void = () => {};
  /** Who waits until there is nothing ready and nothing under way; they look at the database at least once more. */
  #drains: (() => void)[] = [];
  readonly #closing = new AbortController();

  constructor(options: KindWorkerOptions) {
    this.#options = options;
    this.#share = Math.max(1, Math.ceil(options.handling.concurrency / 2));
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  wake(): void {
    this.#isWoken = true;
    this.#wake();
  }

  /** Something will be ready then. Only the next of such times is kept; the others are found by looking. */
  wakeIn(ms: number): void {
    const at = performance.now() + ms + 1;
    if (at >= this.#alarmAt) return;
    clearTimeout(this.#alarm);
    this.#alarmAt = at;
    this.#alarm = setTimeout(
      () => {
        this.#alarmAt = Number.POSITIVE_INFINITY;
        this.wake();
      },
      Math.min(ms + 1, alarmMsMax),
    );
    this.#alarm.unref();
  }

  drained(): Promise<void> {
    if (this.#loop === null || this.#closing.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drains.push(resolve);
      this.wake();
    });
  }

  underWay(): readonly UnderWay[] {
    return [...this.#underWay.values()];
  }

  /** Somebody else has it by now: the handler is told, and how it ends no longer counts. */
  lose(id: string): void {
    const task = this.#underWay.get(id);
    if (!task) return;
    this.#options.log.warn({ kind: this.#options.kind, taskId: id }, 'A task was held too long and went to somebody else');
    task.abort.abort();
  }

  /** Takes no more, tells the handlers, and waits for them as long as the caller allows. */
  async close(graceMs: number): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#alarm);
    this.wake();
    await this.#loop;
    for (const { abort } of this.#underWay.values()) abort.abort();
    await Promise.race([Promise.all(this.#ending), sleep(graceMs)]);
    // What still runs is somebody else's from now on.
    await Promise.all([...this.#underWay.values()].map((task) => this.#putBack(task, 0)));
    for (const resolve of this.#drains.splice(0)) resolve();
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#closing.signal.aborted) {
      this.#isWoken = false;
      const drains = this.#drains.length;
      try {
        const isEmpty = await this.#takeSome();
        failures = 0;
        if (isEmpty && this.#underWay.size === 0) for (const resolve of this.#drains.splice(0, drains)) resolve();
        const isFull = this.#underWay.size >= this.#options.handling.concurrency;
        if ((isEmpty || isFull) && !this.#isWoken) await this.#sleepUntilWoken();
      } catch (error) {
        failures += 1;
        const { log, kind, random } = this.#options;
        if (failures === 1) log.warn({ err: error, kind }, 'The task queue does not answer; trying again');
        await sleep(50 + backoffMs(failures, { baseMs: 50, maxMs: 2_000, random }), this.#closing.signal);
      }
    }
  }

  /** true when there is nothing more that we may take. */
  async #takeSome(): Promise<boolean> {
    const { kind, database, holder, holdMs, handling } = this.#options;
    const room = handling.concurrency - this.#underWay.size;
    if (room <= 0) return false;
    const running = new Map<string, number>();
    for (const { customerId } of this.#underWay.values()) running.set(customerId, (running.get(customerId) ?? 0) + 1);
    const askedAt = performance.now();
    const rows = await database.outside<{ customer_id: CustomerId; task_id: string; attempt: number }>(
      'select customer_id, task_id, attempt from control.take_tasks($1, $2, $3, $4, 1, $5, $6, $7::uuid[], $8::int[])',
      [kind, holder, holdMs, room, this.#share, this.#after, [...running.keys()], [...running.values()]],
    );
    for (const row of rows) {
      this.#after = row.customer_id;
      this.#begin({
        id: row.task_id,
        customerId: row.customer_id,
        attempt: row.attempt,
        abort: new AbortController(),
        keptAt: askedAt,
      });
    }
    return rows.length === 0;
  }

  #begin(task: UnderWay): void {
    this.#underWay.set(task.id, task);
    const ending = this.#handle(task)
      .catch((error: unknown) => {
        // It stays held until its time is over, and then is taken again.
        const { log, kind } = this.#options;
        log.warn({ err: error, kind, taskId: task.id }, 'How a task ended could not be written down; it will be handled again');
      })
      .finally(() => {
        this.#underWay.delete(task.id);
        this.#ending.delete(ending);
        this.wake();
      });
    this.#ending.add(ending);
  }

  async #handle(task: UnderWay): Promise<void> {
    const { database, handler, handling, kind, log, random } = this.#options;
    const read = await this.#read(task);
    if (!read) return; // Done by another meanwhile.
    const max = handling.attemptsMax ?? taskAttemptsMax;
    // Its last attempt ended without an answer.
    if (task.attempt > max) return this.#die(task, max, 'Every attempt ended without an answer');
    try {
      await handler(read, task.abort.signal);
    } catch (error) {
      if (task.abort.signal.aborted) return this.#putBack(task, 0);
      const facts = { err: error, kind, customerId: task.customerId, taskId: task.id, attempt: task.attempt };
      if (isFinalFailure(error) || task.attempt >= max) {
        await this.#die(task, task.attempt, reasonOf(error));
        log.error(facts, 'A task failed for good');
        return;
      }
      log.warn(facts, 'A task failed and is tried again');
      const pauseMs = retryPauseMs(task.attempt, handling, random);
      await this.#putBack(task, pauseMs);
      this.wakeIn(pauseMs);
      return;
    }
    await database.run(task.customerId, (sql) =>
      sql.change('delete from queued_tasks where customer_id = $1 and task_id = $2 and died_at is null', [
        task.customerId,
        task.id,
      ]),
    );
  }

  async #read({ id, customerId, attempt }: UnderWay): Promise<Task | null> {
    const [row] = await this.#options.database.run(customerId, (sql) =>
      sql.rows<{ key: string; payload: Task['payload']; priority: number }>(
        'select key, payload, priority from queued_tasks where customer_id = $1 and task_id = $2 and died_at is null',
        [customerId, id],
      ),
    );
    if (!row) return null;
    return {
      kind: this.#options.kind,
      customerId,
      key: row.key,
      payload: row.payload,
      priority: priorityOf(row.priority),
      attempt,
    };
  }

  async #die(task: UnderWay, attempts: number, reason: string): Promise<void> {
    const { database, holder } = this.#options;
    await database.run(task.customerId, async (sql) => {
      // Only its holder may end it: nobody else can take it before the end of this transaction.
      const held = await sql.rows('select from control.keep_tasks($1, 60000, $2::uuid[], $3::uuid[])', [
        holder,
        [task.customerId],
        [task.id],
      ]);
      if (held.length === 0) return;
      await sql.change(
        `update queued_tasks set died_at = clock_timestamp(), attempts = $3, reason = $4 where customer_id = $1 and task_id = $2`,
        [task.customerId, task.id, attempts, reason],
      );
    });
  }

  async #putBack(task: UnderWay, pauseMs: number): Promise<void> {
    const { database, holder } = this.#options;
    await database.outside('select control.put_back_task($1, $2, $3, $4)', [holder, task.customerId, task.id, pauseMs]);
  }

  #sleepUntilWoken(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake(), this.#options.pollMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve();
      };
    });
  }
}
