/**
 * Values by key, in the order of the keys' bytes: what is much, read seldom and never changed in place, like old history.
 * A resolved write is on disk and on as many machines as the engine is told. A write that fails with `unavailable`
 * (retryable) may have been stored or not: whoever writes says the same again. Nothing else is atomic: of a batch some may
 * be stored when it fails.
 */
export interface KeyValueStore {
  get(key: Uint8Array): Promise<Uint8Array | null>;
  /** In the order of the keys; null for what is not there. */
  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | null)[]>;
  put(key: Uint8Array, value: Uint8Array): Promise<void>;
  putMany(entries: readonly KeyValue[]): Promise<void>;
  delete(keys: readonly Uint8Array[]): Promise<void>;
  /** From `start`, included, to `end`, not included. */
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
