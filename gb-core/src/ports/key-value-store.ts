import type { CustomerId } from 'gb-protocol';
import { assert, GbError, isUuid } from 'gb-utils';

/**
 * Values by key, in the order of the keys' bytes: what is much, read seldom and never changed in place, like old history.
 * A resolved write is on disk and on as many machines as the engine is told. A write that fails with `unavailable`
 * (retryable) may have been stored or not: whoever writes says the same again. Nothing else is atomic: of a batch some may
 * be stored when it fails.
 *
 * A key starts with the id of its customer (`customerKey`), so that the wall between customers holds here too: an engine
 * that has one compares. What is no such key, or a value of no bytes, is refused with `malformed`.
 */
export interface KeyValueStore {
  get(key: Uint8Array): Promise<Uint8Array | null>;
  /** In the order of the keys; null for what is not there. */
  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | null)[]>;
  put(key: Uint8Array, value: Uint8Array): Promise<void>;
  /** Of several values for one key the last is stored. */
  putMany(entries: readonly KeyValue[]): Promise<void>;
  delete(keys: readonly Uint8Array[]): Promise<void>;
  /** From `start`, included, to `end`, not included, both keys of one customer. */
  scan(start: Uint8Array, end: Uint8Array, limit: number): Promise<readonly KeyValue[]>;
  /**
   * Puts `value` where `expected` is, null for nothing. False, and changes nothing, when something else is there. When it
   * fails with `unavailable` it is not known which: read again.
   */
  compareAndPut(key: Uint8Array, expected: Uint8Array | null, value: Uint8Array): Promise<boolean>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface KeyValue {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Bytes. Larger ones are refused with `too_large`: an engine keeps its regions small. */
export const keyBytesMax = 1_024;
export const valueBytesMax = 1_048_576;
/** Bytes of a batch in one request. */
export const batchBytesMax = 4_194_304;

const customerBytes = 16;

/** The id of the customer, and after it whatever bytes the caller orders its keys by. */
export function customerKey(customerId: CustomerId, rest: Uint8Array): Uint8Array {
  assert(isUuid(customerId), 'a key belongs to a customer');
  const key = new Uint8Array(customerBytes + rest.byteLength);
  key.set(Buffer.from(customerId.replaceAll('-', ''), 'hex'));
  key.set(rest, customerBytes);
  return key;
}

/** Whose key it is; refuses what is none. */
export function customerOfKey(key: Uint8Array): CustomerId {
  if (key.byteLength <= customerBytes)
    throw new GbError('malformed', 'A key is the id of a customer and at least one byte after it');
  if (key.byteLength > keyBytesMax) throw new GbError('too_large', `A key has at most ${keyBytesMax} bytes`);
  const hex = Buffer.from(key.subarray(0, customerBytes)).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') as CustomerId;
}

/** Refuses what no engine stores. */
export function checkValue(value: Uint8Array): void {
  if (value.byteLength === 0) throw new GbError('malformed', 'A value has at least one byte');
  if (value.byteLength > valueBytesMax) throw new GbError('too_large', `A value has at most ${valueBytesMax} bytes`);
}
