import { keyValueStoreContract } from 'gb-core/contract';
import type { CustomerId } from 'gb-protocol';
import { silentLogger } from 'gb-utils';
import { afterAll, beforeAll } from 'vitest';
import { startTestShards, type TestShards } from '../shards/testing.ts';
import { openPostgresKeyValueStore } from './key-value-store.postgres.ts';
import { createShardedKeyValueStore } from './sharded-key-value-store.ts';

let shards: TestShards;
beforeAll(async () => {
  shards = await startTestShards();
});
afterAll(() => shards?.close());

keyValueStoreContract('two databases', async () => {
  const { store, map } = await shards.openStore();
  const fence = { epochOf: (customerId: CustomerId) => map.place(customerId).epoch };
  const stores = new Map<string, Awaited<ReturnType<typeof openPostgresKeyValueStore>>>();
  for (const [name, { postgres }] of shards.databases)
    stores.set(name, await openPostgresKeyValueStore({ app: postgres.app, log: silentLogger, fence }));
  return createShardedKeyValueStore(stores, store.at.bind(store));
});
