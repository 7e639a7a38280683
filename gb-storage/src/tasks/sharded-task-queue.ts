import type { DeadTasks, TaskFigures, TaskHandling, TaskQueue } from 'gb-core';
import type { CustomerId } from 'gb-protocol';
import type { Routing } from '../shards/bucket.ts';

/**
 * A queue in each of several databases: a task lies where its customer does, and moves along. What was being handled while
 * it moved is handled again there.
 */
export function createShardedTaskQueue(queues: ReadonlyMap<string, TaskQueue>, route: Routing): TaskQueue {
  const all = [...queues.values()];
  const at = <T>(customerId: CustomerId, call: (queue: TaskQueue) => Promise<T>) =>
    route(customerId, (name) => call(queues.get(name)!));
  return {
    put: (task) => at(task.customerId, (queue) => queue.put(task)),
    handle(kind, handling, handler) {
      // What one process may do at a time is dealt out, so that more databases are not more work at once.
      const dealt: TaskHandling = { ...handling, concurrency: Math.max(1, Math.ceil(handling.concurrency / all.length)) };
      for (const queue of all) queue.handle(kind, dealt, handler);
    },
    start() {
      for (const queue of all) queue.start();
    },
    async figures(customerId) {
      if (customerId) return at(customerId, (queue) => queue.figures(customerId));
      return sum(await Promise.all(all.map((queue) => queue.figures())));
    },
    dead: (query) => at(query.customerId, (queue) => queue.dead(query)),
    revive: (customerId, id) => at(customerId, (queue) => queue.revive(customerId, id)),
    async drained() {
      await Promise.all(all.map((queue) => queue.drained()));
    },
    async close() {
      await Promise.all(all.map((queue) => queue.close()));
    },
  };
}

/** The dead tasks of a broker's queue, each in its customer's database. */
export function createShardedDeadTasks(shards: ReadonlyMap<string, DeadTasks>, route: Routing): DeadTasks {
  const at = <T>(customerId: CustomerId, call: (dead: DeadTasks) => Promise<T>) =>
    route(customerId, (name) => call(shards.get(name)!));
  return {
    bury: (task) => at(task.customerId, (dead) => dead.bury(task)),
    list: (query) => at(query.customerId, (dead) => dead.list(query)),
    get: (customerId, id) => at(customerId, (dead) => dead.get(customerId, id)),
    remove: (customerId, id) => at(customerId, (dead) => dead.remove(customerId, id)),
    async count(customerId) {
      if (customerId) return at(customerId, (dead) => dead.count(customerId));
      const counts = new Map<string, number>();
      for (const one of await Promise.all([...shards.values()].map((dead) => dead.count())))
        for (const [kind, count] of one) counts.set(kind, (counts.get(kind) ?? 0) + count);
      return counts;
    },
  };
}

function sum(figures: readonly (readonly TaskFigures[])[]): readonly TaskFigures[] {
  const kinds = Map.groupBy(figures.flat(), ({ kind }) => kind);
  return [...kinds].map(([kind, own]) => {
    const total = (of: (one: TaskFigures) => number | null) => own.reduce((before, one) => before + (of(one) ?? 0), 0);
    return {
      kind,
      ready: total((one) => one.ready),
      delayed: total((one) => one.delayed),
      running: total((one) => one.running),
      dead: total((one) => one.dead),
    };
  });
}
