import { type Clock, silentLogger, systemClock } from 'gb-utils';
import { createPostgresStore } from '../postgres-store.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { prepareShards } from './prepare-shards.ts';
import { ShardMap } from './shard-map.ts';
import { ShardedStore } from './sharded-store.ts';

export interface TestShards {
  readonly databases: ReadonlyMap<string, TestDatabase>;
  /** A store over all of them, as another process would have. */
  openStore(options?: { clock?: Clock }): Promise<{ store: ShardedStore; map: ShardMap }>;
  close(): Promise<void>;
}

/** Real databases, a server each, with the buckets dealt evenly. */
export async function startTestShards(names: readonly string[] = ['one', 'two']): Promise<TestShards> {
  const databases = new Map<string, TestDatabase>();
  const stores: ShardedStore[] = [];
  const close = async () => {
    await Promise.all(stores.map((store) => store.close()));
    await Promise.all([...databases.values()].map((database) => database.close()));
  };
  try {
    for (const name of names) databases.set(name, await startTestDatabase());
    const owners = new Map([...databases].map(([name, { postgres }]) => [name, postgres.owner]));
    await prepareShards(names, owners);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    databases,
    async openStore({ clock = systemClock } = {}) {
      const log = silentLogger;
      const map = new ShardMap({ control: databases.get(names[0]!)!.postgres.app, log, clock });
      await map.refresh();
      const fence = { epochOf: (customerId: Parameters<ShardMap['place']>[0]) => map.place(customerId).epoch };
      const shards = [...databases].map(
        ([
          name,
          {
            postgres: { app, relay },
          },
        ]) => {
          return [name, createPostgresStore({ app, relay, log, clock, fence })] as const;
        },
      );
      const store = new ShardedStore({ map, shards: new Map(shards), log });
      stores.push(store);
      return { store, map };
    },
    close,
  };
}
