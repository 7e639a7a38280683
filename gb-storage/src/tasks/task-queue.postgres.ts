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
import { assert, isUuid, type Logger, uuidv7 } from 'gb-utils';
import type { PoolConfig } from 'pg';
import type { Fence } from '../shards/bucket.ts';
import { WalledPool } from '../walled-pool.ts';
import { createDeadTasks } from './dead-tasks.ts';
import { KindWorker, type TaskHandler } from './kind-worker.ts';
import { priorityNumber } from './priorities.ts';

const connectionsMax = 4;
/** Tasks that may wait to be stored; the next one is refused. */
const waitingMax = 2_000;

export interface PostgresTaskQueueOptions {
  /** Log-in of the application role. */
  readonly app: PoolConfig;
  readonly log: Logger;
  /** Of a database that is one of several. */
  readonly fence?: Fence | undefined;
  /** How soon tasks of other processes are noticed; those of this one are at once. */
  readonly pollMs?: number;
  /** After so long without a word, who took a task is believed dead. */
  readonly holdMs?: number;
  /** How long handlers have to end when the queue closes. */
  readonly graceMs?: number;
  readonly random?: () => number;
}

/**
 * The queue on rows of the database. A task is taken by writing down who has it and until when; while its handler runs,
 * the time is moved on; when that stops, by a crash or a lost connection, another takes it.
 */
export function createPostgresTaskQueue(options: PostgresTaskQueueOptions): TaskQueue {
  return new PostgresTaskQueue(options);
}

export type DeadTasksOptions = Pick<PostgresTaskQueueOptions, 'app' | 'log' | 'fence'>;

/** The dead tasks of a queue that another engine keeps. */
export function openDeadTasks(options: DeadTasksOptions): DeadTasks & { close(): Promise<void> } {
  const database = openPool(options);
  return { ...createDeadTasks(database), close: () => database.close() };
}

/** Connections of their own for tasks: work that waits takes none from people who do. */
function openPool({ app, log, fence }: DeadTasksOptions): WalledPool {
  return new WalledPool(app, { connectionsMax, waitingMax, log, fence });
}

class PostgresTaskQueue implements TaskQueue {
  readonly #database: WalledPool;
  readonly #dead: DeadTasks;
  readonly #workers = new Map<string, KindWorker>();
  readonly #log: Logger;
  readonly #holder = uuidv7();
  readonly #holdMs: number;
  readonly #pollMs: number;
  readonly #graceMs: number;
  readonly #random: () => number;
  #keeping: NodeJS.Timeout | null = null;
  #isStarted = false;
  #closed: Promise<void> | null = null;

  constructor({
    app,
    log,
    fence,
    pollMs = 1_000,
    holdMs = 30_000,
    graceMs = 5_000,
    random = Math.random,
  }: PostgresTaskQueueOptions) {
    this.#database = openPool({ app, log, fence });
    this.#dead = createDeadTasks(this.#database);
    this.#log = log;
    this.#pollMs = pollMs;
    this.#holdMs = holdMs;
    this.#graceMs = graceMs;
    this.#random = random;
  }

  async put(task: NewTask): Promise<void> {
    const payload = taskPayload(task);
    const delayMs = task.delayMs ?? 0;
    await this.#database.run(task.customerId, (sql) =>
      sql.change(
        `insert into queued_tasks (customer_id, task_id, kind, key, payload, priority, not_before)
         values ($1, $2, $3, $4, $5, $6, clock_timestamp() + $7::bigint * interval '1 millisecond') on conflict do nothing`,
        [task.customerId, uuidv7(), task.kind, task.key, payload, priorityNumber(task.priority ?? 'normal'), Math.ceil(delayMs)],
      ),
    );
    const worker = this.#workers.get(task.kind);
    if (!worker) return;
    if (delayMs === 0) worker.wake();
    else worker.wakeIn(delayMs);
  }

  handle(kind: string, handling: TaskHandling, handler: TaskHandler): void {
    assert(!this.#isStarted, 'kinds of tasks are named before the start');
    assert(!this.#workers.has(kind), `one handler a kind of task: ${kind}`);
    this.#workers.set(
      kind,
      new KindWorker({
        kind,
        handling,
        handler,
        database: this.#database,
        holder: this.#holder,
        holdMs: this.#holdMs,
        pollMs: this.#pollMs,
        log: this.#log,
        random: this.#random,
      }),
    );
  }

  start(): void {
    if (this.#isStarted || this.#closed) return;
    this.#isStarted = true;
    for (const worker of this.#workers.values()) worker.start();
    this.#keeping = setInterval(() => void this.#keep(), this.#holdMs / 3);
  }

  async figures(customerId?: CustomerId): Promise<readonly TaskFigures[]> {
    return this.#database.outside<TaskFigures & { kind: string }>(
      'select kind, ready, delayed, running, dead from control.task_figures($1)',
      [customerId ?? null],
    );
  }

  dead(query: { customerId: CustomerId; kind?: string; limit: number }): Promise<readonly DeadTask[]> {
    return this.#dead.list(query);
  }

  async revive(customerId: CustomerId, id: string): Promise<boolean> {
    if (!isUuid(id)) return false;
    const rows = await this.#database.run(customerId, async (sql) => {
      // The same may have been put again meanwhile: then that one is what lives, and this one is over.
      const again = await sql.rows<{ kind: string }>(
        `delete from queued_tasks d where d.customer_id = $1 and d.task_id = $2 and d.died_at is not null and exists (
           select from queued_tasks l
           where l.customer_id = $1 and l.kind = d.kind and l.key = d.key and l.died_at is null) returning d.kind`,
        [customerId, id],
      );
      if (again.length > 0) return again;
      return sql.rows<{ kind: string }>(
        `update queued_tasks set died_at = null, reason = null, attempts = 0, not_before = clock_timestamp()
         where customer_id = $1 and task_id = $2 and died_at is not null returning kind`,
        [customerId, id],
      );
    });
    for (const { kind } of rows) this.#workers.get(kind)?.wake();
    return rows.length > 0;
  }

  async drained(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.drained()));
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      const results = await Promise.allSettled([...this.#workers.values()].map((worker) => worker.close(this.#graceMs)));
      for (const result of results)
        if (result.status === 'rejected')
          this.#log.warn({ err: result.reason }, 'Tasks under way could not be put back; they are handled again later');
      if (this.#keeping) clearInterval(this.#keeping);
      await this.#database.close();
    })();
    return this.#closed;
  }

  async #keep(): Promise<void> {
    const tasks = [...this.#workers.values()].flatMap((worker) => worker.underWay().map((task) => ({ worker, task })));
    if (tasks.length === 0) return;
    const askedAt = performance.now();
    try {
      const rows = await this.#database.outside<{ task_id: string }>(
        'select task_id from control.keep_tasks($1, $2, $3::uuid[], $4::uuid[])',
        [this.#holder, this.#holdMs, tasks.map(({ task }) => task.customerId), tasks.map(({ task }) => task.id)],
      );
      const kept = new Set(rows.map((row) => row.task_id));
      for (const { worker, task } of tasks) {
        if (kept.has(task.id)) task.keptAt = askedAt;
        else worker.lose(task.id);
      }
    } catch (error) {
      this.#log.warn({ err: error }, 'The time of tasks under way could not be moved on');
      // Their time is nearly over, and then somebody else begins: ours have to end before that.
      for (const { worker, task } of tasks) if (askedAt - task.keptAt > this.#holdMs * 0.6) worker.lose(task.id);
    }
  }
}
