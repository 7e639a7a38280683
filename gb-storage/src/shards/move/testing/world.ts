import type { Store } from 'gb-core';
import { type World, world } from 'gb-core/contract';
import type { CustomerId } from 'gb-protocol';
import { silentLogger, uuidv7 } from 'gb-utils';
import type { ClientConfig } from 'pg';
import pg from 'pg';
import { createPostgresStore } from '../../../postgres-store.ts';
import type { TestDatabase } from '../../../testing.ts';
import { bucketOf } from '../../bucket.ts';
import type { Shard, ShardedStore } from '../../sharded-store.ts';
import { startTestShards, type TestShards } from '../../testing.ts';

export interface MoveWorld {
  readonly shards: TestShards;
  /** Of owners, by name, as the mover takes them. */
  readonly owners: ReadonlyMap<string, ClientConfig>;
  /** A store over all, as another process has. */
  readonly store: ShardedStore;
  /** Who is in this bucket; made there, wherever it is. */
  customerIn(bucket: number): Promise<World>;
  /** As the owner of one of the databases, for a customer where one is given. */
  ask<Row extends pg.QueryResultRow>(
    shard: string,
    text: string,
    values?: readonly unknown[],
    customerId?: CustomerId,
  ): Promise<Row[]>;
  close(): Promise<void>;
}

/** Databases between which buckets may move. */
export async function startMoveWorld(names: readonly string[] = ['one', 'two']): Promise<MoveWorld> {
  const shards = await startTestShards(names);
  try {
    for (const database of shards.databases.values()) await allowMoves(database);
    const { store, map } = await shards.openStore();
    const owners = new Map([...shards.databases].map(([name, { postgres }]) => [name, postgres.owner]));
    return {
      shards,
      owners,
      store,
      async customerIn(bucket) {
        const customerId = idIn(bucket);
        await map.refresh();
        const { app, relay } = shards.databases.get(map.place(customerId).shard)!.postgres;
        const fence = { epochOf: (id: CustomerId) => map.place(id).epoch };
        const shard: Shard = createPostgresStore({ app, relay, log: silentLogger, fence });
        try {
          return await world(madeAs(store, (input) => shard.createCustomer(input, customerId)));
        } finally {
          await shard.close();
        }
      },
      async ask(shard, text, values = [], customerId) {
        const client = new pg.Client(owners.get(shard)!);
        await client.connect();
        try {
          if (customerId) await client.query("select set_config('gb.customer', $1, false)", [customerId]);
          return (await client.query(text, [...values])).rows;
        } finally {
          await client.end();
        }
      },
      close: () => shards.close(),
    };
  } catch (error) {
    await shards.close();
    throw error;
  }
}

/** What an operator does once on each server. */
export async function allowMoves(database: TestDatabase): Promise<void> {
  await database.asSuperuser(`grant set on parameter session_replication_role to ${database.postgres.owner.user}`);
}

/** The store, with customers made by `make`. */
function madeAs(store: ShardedStore, make: Store['createCustomer']): Store {
  return new Proxy<Store>(store, {
    get(target, name) {
      if (name === 'createCustomer') return make;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

export function idIn(bucket: number): CustomerId {
  for (;;) {
    const id = uuidv7() as CustomerId;
    if (bucketOf(id) === bucket) return id;
  }
}
