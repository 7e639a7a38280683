import type { CustomerId } from 'gb-protocol';
import type { ShardMap } from '../../shard-map.ts';
import type { ShardedStore } from '../../sharded-store.ts';
import { startTestShards, type TestShards } from '../../testing.ts';
import { makeParts } from '../make-parts.ts';
import type { PartId } from '../part.ts';

/** Databases that can have parts. */
export function startSplittableShards(names?: readonly string[]): Promise<TestShards> {
  return startTestShards(names, { max_prepared_transactions: '32', max_connections: '100' });
}

export function makeTestParts(
  { databases }: TestShards,
  { store, map }: { store: ShardedStore; map: ShardMap },
  customerId: CustomerId,
  count: number,
): Promise<readonly PartId[]> {
  const owners = new Map([...databases].map(([name, { postgres }]) => [name, postgres.owner]));
  return makeParts(customerId, count, { owners, begin: store.databases.begin, refresh: () => map.refresh() });
}
