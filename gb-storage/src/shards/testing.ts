import { silentLogger, systemClock } from 'gb-utils';
import { createPostgresStore } from '../postgres-store.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import type { Fence } from './bucket.ts';
import type { ShardLogins } from './open-sharded-store.ts';
import { prepareShards } from './prepare-shards.ts';
import { ShardMap } from './shard-map.ts';
import { ShardedStore, type ShardedStoreOptions } from './sharded-store.ts';

export interface TestShards {
  readonly databases: ReadonlyMap<string, TestDatabase>;
  /** A store over all of them, as another process would have. */
  openStore(options?: Pick<ShardedStoreOptions, 'clock' | 'onCommitStep'>): Promise<{ store: ShardedStore; map: ShardMap }>;
  close(): Promise<void>;
}

/** Real databases, a server each, with the buckets dealt evenly. */
export async function startTestShards(
  names: readonly string[] = ['one', 'two'],
  settings: Readonly<Record<string, string>> = {},
): Promise<TestShards> {
  const databases = new Map<string, TestDatabase>();
  const stores: ShardedStore[] = [];
  const close = async () => {
    await Promise.all(stores.map((store) => store.close()));
    await Promise.all([...databases.values()].map((database) => database.close()));
  };
  try {
    for (const name of names) databases.set(name, await startTestDatabase({ settings }));
    const owners = new Map([...databases].map(([name, { postgres }]) => [name, postgres.owner]));
    await prepareShards(names, owners);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    databases,
    async openStore(options) {
      const logins = new Map([...databases].map(([name, { postgres }]) => [name, postgres]));
      const opened = await openTestShardedStore(logins, options);
      stores.push(opened.store);
      return opened;
    },
    close,
  };
}

/** A store over databases that are there and prepared, in this process or in another one. */
export async function openTestShardedStore(
  logins: ReadonlyMap<string, Pick<ShardLogins, 'app' | 'relay'>>,
  { clock = systemClock, onCommitStep }: Pick<ShardedStoreOptions, 'clock' | 'onCommitStep'> = {},
): Promise<{ store: ShardedStore; map: ShardMap }> {
  const log = silentLogger;
  const map = new ShardMap({ control: logins.values().next().value!.app, log, clock });
  await map.refresh();
  const fence: Fence = {
    epochOf: (customerId) => map.place(customerId).epoch,
    isSplit: (customerId) => map.partsOf(customerId).length > 0,
  };
  const shards = [...logins].map(([name, { app, relay }]) => {
    return [name, createPostgresStore({ app, relay, log, clock, fence })] as const;
  });
  const store = new ShardedStore({ map, shards: new Map(shards), log, clock, ...(onCommitStep ? { onCommitStep } : {}) });
  return { store, map };
}
