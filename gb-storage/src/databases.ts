import type { DeadTasks, KeyValueStore, NodeFacts, Store, TaskQueue } from 'gb-core';
import type { Logger } from 'gb-utils';
import type { PoolConfig } from 'pg';
import { ColdMover, type ColdPolicy } from './cold/cold-mover.ts';
import { createPostgresKeyValueStore } from './key-value/key-value-store.postgres.ts';
import { createShardedKeyValueStore } from './key-value/sharded-key-value-store.ts';
import { migrate } from './migrate.ts';
import { createPostgresNodes, type PostgresNodes } from './nodes/nodes.postgres.ts';
import { openPostgresStore } from './postgres-store.ts';
import type { ReplicaFigures } from './replicas/replicas.ts';
import type { Fence } from './shards/bucket.ts';
import { openShards, type ShardLogins } from './shards/open-sharded-store.ts';
import { createShardedDeadTasks, createShardedTaskQueue } from './tasks/sharded-task-queue.ts';
import { createPostgresTaskQueue, openDeadTasks } from './tasks/task-queue.postgres.ts';

export interface DatabasesOptions {
  /** One database, or several by name, of which the first has the map. Each is brought up to date before it is used. */
  readonly databases: ShardLogins | ReadonlyMap<string, ShardLogins>;
  /** Where old texts are kept, when it is not the database of their customer. Whoever opened it closes it, afterwards. */
  readonly coldValues: KeyValueStore | null;
  readonly log: Logger;
}

/** What an installation keeps in PostgreSQL, whether that is one database or many. */
export interface Databases {
  readonly store: Store;
  /** Of everybody: in these databases, or in the engine for old texts. */
  readonly keyValues: KeyValueStore;
  /** The queue on their rows. Closed by whoever opened it, before these; so are the others. */
  openTaskQueue(): TaskQueue;
  /** For a queue that another engine keeps. */
  openDeadTasks(): DeadTasks & { close(): Promise<void> };
  openColdMovers(policy: ColdPolicy): Pick<ColdMover, 'start' | 'close'>;
  /** This process among the others, of which the control database knows. Left by whoever opened it, before these close. */
  openNodes(self: NodeFacts): PostgresNodes;
  /** What became of readings that replicas could have answered, by the name of the database; the only one is `main`. */
  replicaFigures(): ReadonlyMap<string, readonly ReplicaFigures[]>;
  close(): Promise<void>;
}

interface One {
  readonly app: PoolConfig;
  readonly fence?: Fence;
}

export async function openDatabases({ databases, coldValues, log }: DatabasesOptions): Promise<Databases> {
  const values: KeyValueStore[] = [];
  const valuesOf = (app: PoolConfig, fence?: Fence) => {
    if (coldValues) return coldValues;
    const own = createPostgresKeyValueStore({ app, log, fence });
    values.push(own);
    return own;
  };
  const closeValues = async () => {
    await Promise.all(values.map((one) => one.close()));
  };
  if (!isMap(databases)) {
    const { owner, app, relay, replicas = [] } = databases;
    await migrate(owner, { log });
    const coldHistory = valuesOf(app);
    const store = await openPostgresStore({ app, relay, log, coldHistory, replicas }).catch(async (error: unknown) => {
      await closeValues();
      throw error;
    });
    return {
      store,
      keyValues: coldHistory,
      openTaskQueue: () => createPostgresTaskQueue({ app, log }),
      openDeadTasks: () => openDeadTasks({ app, log }),
      openNodes: (self) => createPostgresNodes({ app, self, log }),
      replicaFigures: () => new Map([['main', store.replicaFigures()]]),
      openColdMovers: (policy) => new ColdMover({ app, keyValues: coldHistory, log, policy }),
      async close() {
        await store.close();
        await closeValues();
      },
    };
  }
  const keyValues = new Map<string, KeyValueStore>();
  const coldHistoryOf = (name: string, fence: Fence) => {
    const own = valuesOf(databases.get(name)!.app, fence);
    keyValues.set(name, own);
    return own;
  };
  const { store, fenceOf } = await openShards({ shards: databases, log, coldHistoryOf }).catch(async (error: unknown) => {
    await closeValues();
    throw error;
  });
  const each = <T>(make: (one: One, name: string) => T): ReadonlyMap<string, T> =>
    new Map([...databases].map(([name, { app }]) => [name, make({ app, fence: fenceOf(name) }, name)]));
  const route = store.at.bind(store);
  return {
    store,
    keyValues: coldValues ?? createShardedKeyValueStore(keyValues, route),
    replicaFigures: () => store.replicaFigures(),
    openNodes: (self) => createPostgresNodes({ app: databases.values().next().value!.app, self, log }),
    openTaskQueue: () =>
      createShardedTaskQueue(
        each(({ app, fence }) => createPostgresTaskQueue({ app, log, fence })),
        route,
      ),
    openDeadTasks() {
      const opened = each(({ app, fence }) => openDeadTasks({ app, log, fence }));
      const close = async () => {
        await Promise.all([...opened.values()].map((one) => one.close()));
      };
      return { ...createShardedDeadTasks(opened, route), close };
    },
    openColdMovers(policy) {
      const movers = each(({ app, fence }, name) => new ColdMover({ app, keyValues: keyValues.get(name)!, log, policy, fence }));
      return {
        start() {
          for (const mover of movers.values()) mover.start();
        },
        async close() {
          await Promise.all([...movers.values()].map((mover) => mover.close()));
        },
      };
    },
    async close() {
      await store.close();
      await closeValues();
    },
  };
}

function isMap(databases: DatabasesOptions['databases']): databases is ReadonlyMap<string, ShardLogins> {
  return databases instanceof Map;
}
