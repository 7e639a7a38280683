import type { FigureSource } from 'gb-api';
import type { Cache, EventBus, EventLog, Outbox, RateLimits, TaskQueue } from 'gb-core';
import {
  createInProcessCache,
  createInProcessRateLimits,
  createNodeEventBus,
  createOutboxEventLog,
  type NodeEventBus,
} from 'gb-messaging';
import type { Databases } from 'gb-storage';
import { type Logger, systemClock } from 'gb-utils';
import type { Neighbours } from './compose-nodes.ts';
import type { Config } from './config.ts';
import { counts } from './figures.ts';

/** What processes tell each other by: embedded, or the servers that the settings name. */
export interface Engines {
  readonly bus: NodeEventBus;
  readonly cache: Cache;
  readonly limits: RateLimits;
  readonly tasks: TaskQueue;
  readonly eventLog: EventLog;
  /** For /metrics. */
  readonly figures: readonly FigureSource[];
}

export async function composeEngines(
  config: Config,
  log: Logger,
  databases: Databases,
  neighbours: Neighbours,
  closers: (() => Promise<void>)[],
): Promise<Engines> {
  const figures: FigureSource[] = [];
  const { redisUrl, rabbitUrl, kafka } = config;
  // The client of a server is loaded by who has the server.
  const redis =
    redisUrl === null
      ? null
      : await (await import('./compose-redis.ts')).composeRedis(redisUrl, log, neighbours, closers, figures);
  const clock = systemClock;
  const cache = redis?.cache ?? createInProcessCache({ clock });
  const limits = redis?.limits ?? createInProcessRateLimits({ clock });
  const far = redis?.far;
  const { links, others } = neighbours;
  const bus = createNodeEventBus({ links, others, log, ...(far ? { far } : {}) });
  closers.push(() => bus.close());
  figures.push(
    counts('near_bus_events_total', 'Events and signals of and for processes of this host', () => ({ ...bus.figures() })),
  );
  if (config.databaseReplicas.size > 0) figures.push(...replicaFigures(databases));
  const tasks =
    rabbitUrl === null
      ? databases.openTaskQueue()
      : (await import('./compose-rabbit.ts')).composeRabbit(rabbitUrl, log, databases, closers, figures);
  closers.push(() => tasks.close());
  figures.push(taskFigures(tasks));
  const { store } = databases;
  const outbox = heardOnBus(store.outbox, bus);
  const read = store.read.bind(store);
  const isRelay = config.roles.has('relay');
  const eventLog = kafka
    ? (await import('./compose-kafka.ts')).composeKafka(kafka, log, { outbox, read }, isRelay, figures)
    : createOutboxEventLog({ outbox, log });
  closers.push(() => eventLog.close());
  return { bus, cache, limits, tasks, eventLog, figures };
}

function replicaFigures(databases: Databases): FigureSource[] {
  const all = () => [...databases.replicaFigures()].flatMap(([database, own]) => own.map((one, nth) => ({ database, nth, one })));
  const outcomes = ['answered', 'behind', 'failed', 'unfit'] as const;
  return [
    {
      name: 'replica_reads',
      help: 'Readings that a replica of a database answered, or could not',
      labels: ['database', 'replica', 'outcome'],
      read: async () =>
        all().flatMap(({ database, nth, one }) =>
          outcomes.map((outcome) => ({ value: one[outcome], labels: { database, replica: String(nth), outcome } })),
        ),
    },
    {
      name: 'replica_lag_bytes',
      help: 'How far a replica of a database was behind when it was last asked',
      labels: ['database', 'replica'],
      read: async () =>
        all().map(({ database, nth, one }) => ({ value: one.lagBytes, labels: { database, replica: String(nth) } })),
    },
  ];
}

function taskFigures(tasks: TaskQueue): FigureSource {
  return {
    name: 'tasks',
    help: 'Tasks in the queue, by kind and state',
    labels: ['kind', 'state'],
    read: async () =>
      (await tasks.figures()).flatMap(({ kind, ...states }) =>
        Object.entries(states).flatMap(([state, value]) => (value === null ? [] : [{ value, labels: { kind, state } }])),
      ),
  };
}

/** What other processes committed is known as soon as they say so, and not only when it is looked for. */
function heardOnBus(outbox: Outbox, bus: EventBus): Outbox {
  return {
    take: (limit) => outbox.take(limit),
    done: (ids) => outbox.done(ids),
    park: (...entry) => outbox.park(...entry),
    onCommitted(listener) {
      const stop = [outbox.onCommitted(listener), bus.onEvent(() => listener())];
      return () => {
        for (const one of stop) one();
      };
    },
  };
}
