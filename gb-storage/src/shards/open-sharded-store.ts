import type { KeyValueStore, Store } from 'gb-core';
import { backoffMs, type Clock, GbError, type Logger, sleep, systemClock } from 'gb-utils';
import type { PoolConfig } from 'pg';
import { translateError } from '../database-errors.ts';
import { migrate } from '../migrate.ts';
import { createPostgresStore } from '../postgres-store.ts';
import type { Fence } from './bucket.ts';
import { prepareShards } from './prepare-shards.ts';
import { ShardMap } from './shard-map.ts';
import { ShardedStore } from './sharded-store.ts';

/** How to reach one database of several: as who may change it, as the application, and as the relay. */
export interface ShardLogins {
  readonly owner: PoolConfig;
  readonly app: PoolConfig;
  readonly relay: PoolConfig;
  /** It has a copy in another region, and is written under a lease: regions/. */
  readonly hasLease?: boolean;
  readonly isNear?: () => boolean;
  /** Its streaming standbys, as the application. */
  readonly replicas?: readonly PoolConfig[];
}

export interface ShardedStoreOptions {
  /** By name; the first is the control database, which has the map. */
  readonly shards: ReadonlyMap<string, ShardLogins>;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Where old texts of the customers of one database are. Whoever made it closes it, after the store. */
  readonly coldHistoryOf?: (name: string, fence: Fence) => KeyValueStore;
}

/** The databases as more than a Store: for what keeps rows of its own in them. */
export interface OpenedShards {
  readonly store: ShardedStore;
  readonly map: ShardMap;
  /** Of one database, by its name. */
  fenceOf(name: string): Fence;
}

export async function openShardedStore(options: ShardedStoreOptions): Promise<Store> {
  return (await openShards(options)).store;
}

/**
 * The Store over several databases, each migrated. The control database has to be there; another that is away at the start
 * is migrated when it answers, and until then its customers are told to come back later.
 */
export async function openShards(options: ShardedStoreOptions): Promise<OpenedShards> {
  const { shards, log, clock = systemClock, coldHistoryOf } = options;
  const ending = new AbortController();
  const names = [...shards.keys()];
  const ready = new Set<string>();
  const bringUp = async (name: string) => {
    await migrate(shards.get(name)!.owner, { log });
    ready.add(name);
  };
  await bringUp(names[0]!);
  const late = (await Promise.all(names.slice(1).map((name) => isAway(bringUp(name), name, log)))).flatMap((name) => name ?? []);
  const owners = (wanted: ReadonlySet<string>) => new Map([...shards].filter(([name]) => wanted.has(name)).map(ownerOf));
  await prepareShards(names, owners(ready));
  const map = new ShardMap({ control: shards.get(names[0]!)!.app, log, clock });
  try {
    await map.refresh();
  } catch (error) {
    await map.close();
    throw error;
  }
  const fenceOf = (name: string): Fence => ({
    epochOf: (customerId) => {
      if (!ready.has(name)) throw new GbError('unavailable', 'The database of this customer was away', { retryable: true });
      return map.place(customerId).epoch;
    },
    isSplit: (customerId) => map.partsOf(customerId).length > 0,
    hasLease: shards.get(name)?.hasLease === true,
    isNear: shards.get(name)?.isNear ?? (() => true),
  });
  const stores = [...shards].map(([name, { app, relay, replicas = [] }]) => {
    const fence = fenceOf(name);
    const cold = coldHistoryOf ? { coldHistory: coldHistoryOf(name, fence) } : {};
    return [name, createPostgresStore({ app, relay, log, clock, fence, replicas, ...cold })] as const;
  });
  const comeLater = Promise.all(
    late.map(async (name) => {
      for (let attempt = 0; !ending.signal.aborted && !ready.has(name); attempt++) {
        await sleep(backoffMs(attempt, { baseMs: 500, maxMs: 10_000 }), ending.signal);
        if (ending.signal.aborted || (await isAway(bringUp(name), name, log)) !== null) continue;
        await prepareShards(names, owners(ready));
      }
    }),
  );
  const store = new ShardedStore({ map, shards: new Map(stores), log, clock });
  const close = store.close.bind(store);
  store.close = async () => {
    ending.abort();
    await comeLater;
    await close();
  };
  return { store, map, fenceOf };
}

const ownerOf = ([name, { owner }]: readonly [string, ShardLogins]) => [name, owner] as const;

/** The name, when the work failed because the database is away; whatever else goes wrong is nobody's patience. */
async function isAway(work: Promise<void>, name: string, log: Logger): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    const translated = translateError(error);
    if (!(translated instanceof GbError) || translated.code !== 'unavailable') throw error;
    log.warn({ err: error, shard: name }, 'A database is away; its customers have to wait');
    return name;
  }
}
