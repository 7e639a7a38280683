import { batchBytesMax, checkValue, customerOfKey, type KeyValue, type KeyValueStore } from 'gb-core';
import { GbError, type Logger } from 'gb-utils';
import { inRequests, lastOfEach } from '../key-value/batches.ts';
import { Cluster } from './cluster.ts';
import { isBefore } from './region-cache.ts';
import type { TlsOptions } from './wire.ts';

export interface TikvOptions {
  /** `TIKV_PD`: addresses of placement drivers, `host:port`. */
  readonly pd: readonly string[];
  readonly tls?: TlsOptions;
  readonly log: Logger;
  /** Milliseconds one operation has with all its attempts; 15,000 when not given. */
  readonly operationMsMax?: number;
  /** Milliseconds for one answer; 4,000 when not given. */
  readonly callMsMax?: number;
  readonly random?: () => number;
}

/** Keys of one question; when the answer is too large for a message, the question is halved. */
const keysMax = 64;
/** Entries of one answer of a scan: begins small, since values may be large, and doubles while they are not. */
const scanEntriesMin = 8;
const scanEntriesMax = 512;
const scanBytesSmall = 1_048_576;
const pingKey: Uint8Array = new TextEncoder().encode(`${'\0'.repeat(16)}ping`);

/**
 * The KeyValueStore on TiKV's raw keys. They share nothing with transactional keys: a cluster used for both wants separate
 * ranges. Writes name themselves `for_cas`, since a store takes them past a compare-and-swap of the same key otherwise.
 *
 * A write whose answer is lost is said again until it is acknowledged, so it may be done twice, the second time later. Where
 * a value is written once, as history is, that is the same; who changes values in place does it by `compareAndPut`.
 */
export async function openTikvKeyValueStore(options: TikvOptions): Promise<KeyValueStore> {
  const store = new TikvKeyValueStore(options);
  try {
    await store.ping();
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

class TikvKeyValueStore implements KeyValueStore {
  readonly #cluster: Cluster;

  constructor({ pd, tls, log, operationMsMax = 15_000, callMsMax = 4_000, random = Math.random }: TikvOptions) {
    this.#cluster = new Cluster({ addresses: pd, tls: tls ?? null, log, operationMsMax, callMsMax, random });
  }

  async get(key: Uint8Array): Promise<Uint8Array | null> {
    customerOfKey(key);
    return this.#read(key);
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | null)[]> {
    for (const key of keys) customerOfKey(key);
    const found = new Map<string, Uint8Array>();
    const wanted = [...new Map(keys.map((key) => [name(key), key])).values()];
    await this.#cluster.operation((budget) =>
      this.#cluster.perform(wanted, (key) => key, budget, {
        itemsMax: keysMax,
        call: 'RawBatchGet',
        question: (asked) => ({ keys: asked }),
        onAnswer: ({ pairs }) => {
          for (const pair of pairs) {
            if (pair.error) throw new GbError('unavailable', 'A store could not read a key', { retryable: true });
            found.set(name(pair.key), bytes(pair.value));
          }
        },
      }),
    );
    return keys.map((key) => found.get(name(key)) ?? null);
  }

  async put(key: Uint8Array, value: Uint8Array): Promise<void> {
    customerOfKey(key);
    checkValue(value);
    await this.#cluster.operation((budget) =>
      this.#cluster.perform([key], (one) => one, budget, {
        itemsMax: 1,
        call: 'RawPut',
        question: () => ({ key, value, for_cas: true }),
        onAnswer: () => {},
      }),
    );
  }

  async putMany(entries: readonly KeyValue[]): Promise<void> {
    for (const { key, value } of entries) {
      customerOfKey(key);
      checkValue(value);
    }
    await this.#cluster.operation(async (budget) => {
      for (const request of inRequests(lastOfEach(entries), batchBytesMax)) {
        await this.#cluster.perform(request, (entry) => entry.key, budget, {
          itemsMax: Number.POSITIVE_INFINITY,
          call: 'RawBatchPut',
          question: (pairs) => ({ pairs: pairs.map(({ key, value }) => ({ key, value })), for_cas: true }),
          onAnswer: () => {},
        });
      }
    });
  }

  async delete(keys: readonly Uint8Array[]): Promise<void> {
    for (const key of keys) customerOfKey(key);
    await this.#cluster.operation((budget) =>
      this.#cluster.perform(keys, (key) => key, budget, {
        itemsMax: 512,
        call: 'RawBatchDelete',
        question: (gone) => ({ keys: gone, for_cas: true }),
        onAnswer: () => {},
      }),
    );
  }

  async scan(start: Uint8Array, end: Uint8Array, limit: number): Promise<readonly KeyValue[]> {
    if (customerOfKey(start) !== customerOfKey(end)) throw new GbError('malformed', 'A scan stays within one customer');
    const found: KeyValue[] = [];
    await this.#cluster.operation(async (budget) => {
      let from = start;
      let entriesMax = scanEntriesMin;
      while (found.length < limit && Buffer.compare(from, end) < 0) {
        const wanted = Math.min(limit - found.length, entriesMax);
        const part = await this.#cluster.scan(from, end, wanted, budget);
        if (part === 'smaller') {
          if (entriesMax === 1) throw new GbError('too_large', 'An entry is too large to be read');
          entriesMax = Math.ceil(entriesMax / 2);
          continue;
        }
        let size = 0;
        for (const { key, value } of part.entries) {
          found.push({ key: bytes(key), value: bytes(value) });
          size += key.byteLength + value.byteLength;
        }
        if (part.entries.length >= wanted) {
          from = after(part.entries.at(-1)!.key);
          if (size * 2 < scanBytesSmall) entriesMax = Math.min(entriesMax * 2, scanEntriesMax);
        } else {
          // Nothing more in this region.
          if (part.regionEnd.byteLength === 0 || !isBefore(part.regionEnd, end)) break;
          from = part.regionEnd;
        }
      }
    });
    return found;
  }

  async compareAndPut(key: Uint8Array, expected: Uint8Array | null, value: Uint8Array): Promise<boolean> {
    customerOfKey(key);
    checkValue(value);
    let isDone = false;
    await this.#cluster.operation((budget) =>
      this.#cluster.perform([key], (one) => one, budget, {
        itemsMax: 1,
        call: 'RawCompareAndSwap',
        // Said again it could meet its own value, and would deny what it did.
        isOnce: true,
        question: () => ({
          key,
          value,
          previous_not_exist: expected === null,
          previous_value: expected ?? new Uint8Array(),
        }),
        onAnswer: ({ succeed }) => {
          isDone = succeed;
        },
      }),
    );
    return isDone;
  }

  async ping(): Promise<void> {
    await this.#read(pingKey);
  }

  async close(): Promise<void> {
    this.#cluster.close();
  }

  async #read(key: Uint8Array): Promise<Uint8Array | null> {
    let found: Uint8Array | null = null;
    await this.#cluster.operation((budget) =>
      this.#cluster.perform([key], (one) => one, budget, {
        itemsMax: 1,
        call: 'RawGet',
        question: () => ({ key }),
        onAnswer: (answer) => {
          found = answer.not_found ? null : bytes(answer.value);
        },
      }),
    );
    return found;
  }
}

function name(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}

/** A plain Uint8Array, as all engines give it, that keeps no message alive. */
function bytes(value: Uint8Array): Uint8Array {
  return new Uint8Array(value);
}

/** The first key after one. */
function after(key: Uint8Array): Uint8Array {
  return Buffer.concat([key, new Uint8Array(1)]);
}
