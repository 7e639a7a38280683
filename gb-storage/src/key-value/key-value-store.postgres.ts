import { batchBytesMax, checkValue, customerOfKey, type KeyValue, type KeyValueStore } from 'gb-core';
import type { CustomerId } from 'gb-protocol';
import { backoffMs, GbError, type Logger, sleep } from 'gb-utils';
import type { PoolConfig } from 'pg';
import type { Sql } from '../connection.ts';
import { isConflict, isConnectionError } from '../database-errors.ts';
import type { Fence } from '../shards/bucket.ts';
import { WalledPool } from '../walled-pool.ts';
import { inRequests, lastOfEach } from './batches.ts';

export interface PostgresKeyValueStoreOptions {
  /** Log-in of the application role: the wall between customers compares the keys. `max` bounds the connections. */
  readonly app: PoolConfig;
  readonly log: Logger;
  /** Of a database that is one of several. */
  readonly fence?: Fence | undefined;
}

const poolConnectionsMax = 4;
/** With the waits between them, about a second: a server that restarts is back by then. */
const attemptsMax = 6;
/** Entries read at a time: with the largest values, 16 MiB. */
const readEntriesMax = 16;

/** The KeyValueStore where there is no other engine: a table of the database that is there anyway. */
export async function openPostgresKeyValueStore(options: PostgresKeyValueStoreOptions): Promise<KeyValueStore> {
  const store = createPostgresKeyValueStore(options);
  try {
    await store.ping();
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

/** The same, whether the database answers or not. */
export function createPostgresKeyValueStore(options: PostgresKeyValueStoreOptions): KeyValueStore {
  return new PostgresKeyValueStore(options);
}

class PostgresKeyValueStore implements KeyValueStore {
  readonly #pool: WalledPool;

  constructor({ app, log, fence }: PostgresKeyValueStoreOptions) {
    this.#pool = new WalledPool(app, { connectionsMax: poolConnectionsMax, log, fence });
  }

  async get(key: Uint8Array): Promise<Uint8Array | null> {
    return (await this.getMany([key]))[0] ?? null;
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | null)[]> {
    const byCustomer = Map.groupBy(new Map(keys.map((key) => [hex(key), key])).values(), customerOfKey);
    const found = new Map<string, Uint8Array>();
    for (const [customerId, theirs] of byCustomer) {
      for (let from = 0; from < theirs.length; from += readEntriesMax) {
        const rows = await this.#readAgain(customerId, (sql) =>
          sql.rows<KeyValue>('select key, value from key_values where customer_id = $1 and key = any ($2::bytea[])', [
            customerId,
            theirs.slice(from, from + readEntriesMax).map(buffer),
          ]),
        );
        for (const row of rows) found.set(hex(row.key), row.value);
      }
    }
    return keys.map((key) => found.get(hex(key)) ?? null);
  }

  put(key: Uint8Array, value: Uint8Array): Promise<void> {
    return this.putMany([{ key, value }]);
  }

  async putMany(entries: readonly KeyValue[]): Promise<void> {
    for (const entry of entries) checkValue(entry.value);
    const byCustomer = Map.groupBy(lastOfEach(entries), (entry) => customerOfKey(entry.key));
    for (const [customerId, theirs] of byCustomer) {
      for (const request of inRequests(theirs, batchBytesMax)) {
        // In the order of the keys, so that two batches never wait for each other.
        const sorted = request.toSorted((a, b) => Buffer.compare(a.key, b.key));
        await this.#again(customerId, (sql) =>
          sql.change(
            `insert into key_values (customer_id, key, value)
             select $1, u.key, u.value from unnest($2::bytea[], $3::bytea[]) u (key, value)
             on conflict (customer_id, key) do update set value = excluded.value`,
            [customerId, sorted.map((entry) => buffer(entry.key)), sorted.map((entry) => buffer(entry.value))],
          ),
        );
      }
    }
  }

  async delete(keys: readonly Uint8Array[]): Promise<void> {
    for (const [customerId, theirs] of Map.groupBy(keys, customerOfKey)) {
      await this.#again(customerId, (sql) =>
        sql.change('delete from key_values where customer_id = $1 and key = any ($2::bytea[])', [customerId, theirs.map(buffer)]),
      );
    }
  }

  async scan(start: Uint8Array, end: Uint8Array, limit: number): Promise<readonly KeyValue[]> {
    const customerId = customerOfKey(start);
    if (customerOfKey(end) !== customerId) throw new GbError('malformed', 'A scan stays within one customer');
    const found: KeyValue[] = [];
    let isStartIncluded = true;
    while (found.length < limit) {
      const wanted = Math.min(limit - found.length, readEntriesMax);
      const rows = await this.#readAgain(customerId, (sql) =>
        sql.rows<KeyValue>(
          `select key, value from key_values where customer_id = $1 and key ${isStartIncluded ? '>=' : '>'} $2 and key < $3
           order by key limit $4`,
          [customerId, buffer(isStartIncluded ? start : found.at(-1)!.key), buffer(end), wanted],
        ),
      );
      found.push(...rows);
      if (rows.length < wanted) break;
      isStartIncluded = false;
    }
    return found;
  }

  async compareAndPut(key: Uint8Array, expected: Uint8Array | null, value: Uint8Array): Promise<boolean> {
    checkValue(value);
    const customerId = customerOfKey(key);
    // Made once: after a lost connection a second attempt could meet the value of the first and call it somebody else's.
    const changed = await this.#pool.run(customerId, (sql) =>
      expected === null
        ? sql.change('insert into key_values (customer_id, key, value) values ($1, $2, $3) on conflict do nothing', [
            customerId,
            buffer(key),
            buffer(value),
          ])
        : sql.change('update key_values set value = $4 where customer_id = $1 and key = $2 and value = $3', [
            customerId,
            buffer(key),
            buffer(expected),
            buffer(value),
          ]),
    );
    return changed > 0;
  }

  async ping(): Promise<void> {
    await this.#pool.outside('select 1');
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #again<T>(customerId: CustomerId, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#untilDone(() => this.#pool.run(customerId, work));
  }

  /** Not in a transaction that writes: a reading within one of the store's would wait for who moves the customer, and so would that one. */
  #readAgain<T>(customerId: CustomerId, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#untilDone(() => this.#pool.read(customerId, work));
  }

  /** For what may be said twice. */
  async #untilDone<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        const isWorthIt = isConflict(error) || isConnectionError(error);
        if (!isWorthIt || attempt === attemptsMax || this.#pool.isClosed) throw asUnavailable(error);
        await sleep(backoffMs(attempt, { baseMs: 50, maxMs: 400 }));
      }
    }
  }
}

function asUnavailable(error: unknown): unknown {
  if (!isConflict(error)) return error;
  return new GbError('unavailable', 'Too many changes to the same keys at once', { retryable: true, cause: error });
}

/** The driver sends a Buffer as bytes; another Uint8Array it would send as JSON. */
function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function hex(key: Uint8Array): string {
  return buffer(key).toString('hex');
}
