import { customerOfKey, type KeyValue, type KeyValueStore } from 'gb-core';
import type { Routing } from '../shards/bucket.ts';

/** Values in several databases, each beside its customer, and moving along. */
export function createShardedKeyValueStore(stores: ReadonlyMap<string, KeyValueStore>, route: Routing): KeyValueStore {
  const at = async <T>(key: Uint8Array, call: (store: KeyValueStore) => Promise<T>): Promise<T> =>
    route(customerOfKey(key), (name) => call(stores.get(name)!));
  return {
    get: (key) => at(key, (store) => store.get(key)),
    async getMany(keys) {
      const found: (Uint8Array | null)[] = new Array(keys.length).fill(null);
      const places = Map.groupBy(keys.keys(), (place) => customerOfKey(keys[place]!));
      for (const own of places.values()) {
        const theirs = own.map((place) => keys[place]!);
        const values = await at(theirs[0]!, (store) => store.getMany(theirs));
        for (const [i, place] of own.entries()) found[place] = values[i]!;
      }
      return found;
    },
    put: (key, value) => at(key, (store) => store.put(key, value)),
    async putMany(entries) {
      const byCustomer = Map.groupBy(entries, (entry: KeyValue) => customerOfKey(entry.key));
      for (const theirs of byCustomer.values()) await at(theirs[0]!.key, (store) => store.putMany(theirs));
    },
    async delete(keys) {
      for (const theirs of Map.groupBy(keys, customerOfKey).values()) await at(theirs[0]!, (store) => store.delete(theirs));
    },
    scan: (start, end, limit) => at(start, (store) => store.scan(start, end, limit)),
    compareAndPut: (key, expected, value) => at(key, (store) => store.compareAndPut(key, expected, value)),
    async ping() {
      await Promise.all([...stores.values()].map((store) => store.ping()));
    },
    async close() {
      await Promise.all([...stores.values()].map((store) => store.close()));
    },
  };
}
