import type { FigureSource } from 'gb-api';
import type { Cache, EventBus, EventLog, Outbox, RateLimits, TaskQueue } from 'gb-core';
import {
  createInProcessCache,
  createInProcessRateLimits,
  createKafkaEventLog,
  createNodeEventBus,
  createOutboxEventLog,
  createRabbitTaskQueue,
  createRedisCache,
  createRedisEventBus,
  createRedisRateLimits,
  type NodeEventBus,
  type RedisEventBus,
} from 'gb-messaging';
import type { Databases } from 'gb-storage';
import { type Logger, systemClock } from 'gb-utils';
import type { Neighbours } from './compose-nodes.ts';
import type { Config } from './config.ts';

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

/** How long a start waits for servers that work goes on without. */
const connectMsMax = 3_000;

export async function composeEngines(
  config: Config,
  log: Logger,
  databases: Databases,
  neighbours: Neighbours,
  closers: (() => Promise<void>)[],
): Promise<Engines> {
  const figures: FigureSource[] = [];
  const { far, cache, limits } = await composeRedis(config, log, neighbours, closers, figures);
  const { links, others } = neighbours;
  const bus = createNodeEventBus({ links, others, log, ...(far ? { far } : {}) });
  closers.push(() => bus.close());
  figures.push(
    counts('near_bus_events_total', 'Events and signals of and for processes of this host', () => ({ ...bus.figures() })),
  );
  if (config.databaseReplicas.size > 0) figures.push(...replicaFigures(databases));
  const tasks = composeTasks(config, log, databases, closers, figures);
  const eventLog = composeEventLog(config, log, databases, bus, figures);
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

async function composeRedis(
  { redisUrl: url }: Config,
  log: Logger,
  { links, near }: Neighbours,
  closers: (() => Promise<void>)[],
  figures: FigureSource[],
): Promise<Pick<Engines, 'cache' | 'limits'> & { far: RedisEventBus | null }> {
  const clock = systemClock;
  if (url === null) return { far: null, cache: createInProcessCache({ clock }), limits: createInProcessRateLimits({ clock }) };
  const bus = createRedisEventBus({ url, log, node: links.node, near });
  closers.push(() => bus.close());
  const limits = createRedisRateLimits({ url, clock, log });
  closers.push(() => limits.close());
  const cache = createRedisCache({ url, log });
  closers.push(() => cache.close());
  const answers = await Promise.all([bus, limits, cache].map((engine) => engine.connected(connectMsMax)));
  if (answers.includes(false))
    log.warn({}, 'Redis does not answer: other processes are heard of by way of the database until it does');
  figures.push(
    one('bus_connected', 'Whether the bus of all processes is heard (1) or not (0)', async () =>
      Number(bus.figures().isConnected),
    ),
    one('bus_nodes', 'Other processes heard lately on the bus', async () => bus.figures().nodes),
    one('bus_hop_seconds', 'From handing a batch to the bus to hearing it', async () => bus.figures().hopMs / 1_000),
    {
      name: 'bus_events_total',
      help: 'Events and signals on the bus of all processes, by what became of them',
      labels: ['what'],
      read: async () => {
        const { published, received, dropped, unreadable, gaps } = bus.figures();
        return Object.entries({ published, received, dropped, unreadable, gaps }).map(([what, value]) => ({
          value,
          labels: { what },
        }));
      },
    },
    {
      name: 'cache_total',
      help: 'Questions to the cache of all processes, by answer',
      labels: ['answer'],
      read: async () => Object.entries(cache.figures()).map(([answer, value]) => ({ value, labels: { answer } })),
    },
    {
      name: 'rate_limits_total',
      help: 'Questions to the rate limits, by whether all processes were counted together',
      labels: ['where'],
      read: async () => {
        const { shared, alone } = limits.figures();
        return [
          { value: shared, labels: { where: 'shared' } },
          { value: alone, labels: { where: 'alone' } },
        ];
      },
    },
  );
  return { far: bus, cache, limits };
}

function composeTasks(
  { rabbitUrl: url }: Config,
  log: Logger,
  databases: Databases,
  closers: (() => Promise<void>)[],
  figures: FigureSource[],
): TaskQueue {
  let tasks: TaskQueue;
  if (url === null) tasks = databases.openTaskQueue();
  else {
    const dead = databases.openDeadTasks();
    closers.push(() => dead.close());
    const rabbit = createRabbitTaskQueue({ url, dead, log });
    figures.push(
      one('tasks_unconfirmed', 'Tasks that the broker has not confirmed yet', async () => rabbit.brokerFigures().unconfirmed),
      one('tasks_foreign_total', 'Messages in our queues that were no tasks', async () => rabbit.brokerFigures().parked),
    );
    tasks = rabbit;
  }
  closers.push(() => tasks.close());
  figures.push({
    name: 'tasks',
    help: 'Tasks in the queue, by kind and state',
    labels: ['kind', 'state'],
    read: async () =>
      (await tasks.figures()).flatMap(({ kind, ...states }) =>
        Object.entries(states).flatMap(([state, value]) => (value === null ? [] : [{ value, labels: { kind, state } }])),
      ),
  });
  return tasks;
}

function composeEventLog(
  { kafka, roles }: Config,
  log: Logger,
  { store }: Databases,
  bus: EventBus,
  figures: FigureSource[],
): EventLog {
  const outbox = heardOnBus(store.outbox, bus);
  if (!kafka) return createOutboxEventLog({ outbox, log });
  const { replicas, ...settings } = kafka;
  const read = store.read.bind(store);
  const isRelay = roles.has('relay');
  const eventLog = createKafkaEventLog({
    ...settings,
    ...(replicas === null ? {} : { replicas }),
    store: { outbox, read },
    isRelay,
    log,
  });
  const now = recent(() => eventLog.figures());
  figures.push(
    one('log_sent_total', 'Entries this process brought from the outbox to Kafka', async () => (await now()).sent),
    one('log_relay_failing', 'Whether entries do not get into Kafka at present', async () =>
      Number((await now()).relayFailure !== null),
    ),
    one('log_dead_letters', 'Entries that were given up, of all processes', async () => (await now()).deadLetters),
    {
      name: 'log_lag',
      help: 'Entries in Kafka that a group has not finished, by partition',
      labels: ['group', 'partition'],
      read: async () =>
        (await now()).lags
          .filter(({ isHere }) => isHere)
          .map(({ group, partition, lag }) => ({ value: lag, labels: { group, partition: String(partition) } })),
    },
    {
      name: 'log_parked_total',
      help: 'Entries that this process gave up, by group and cause',
      labels: ['group', 'cause'],
      read: async () => (await now()).parked.map(({ group, cause, count }) => ({ value: count, labels: { group, cause } })),
    },
  );
  return eventLog;
}

/** Several figures of one look: the brokers are asked once. */
function recent<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  return () => {
    answer ??= ask().finally(() => {
      answer = null;
    });
    return answer;
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

function counts(name: string, help: string, read: () => Readonly<Record<string, number>>): FigureSource {
  return {
    name,
    help,
    labels: ['what'],
    read: async () => Object.entries(read()).map(([what, value]) => ({ value, labels: { what } })),
  };
}

function one(name: string, help: string, read: () => Promise<number>): FigureSource {
  return { name, help, read: async () => [{ value: await read() }] };
}
