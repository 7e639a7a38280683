import type { CustomerId } from 'gb-protocol';

/** Whose it is and what: the same name with another customer is something else. */
export interface CacheKey {
  readonly customerId: CustomerId;
  /** Begins with what kind of thing it is: `vector:...`. */
  readonly name: string;
}

/** Larger values are not kept. */
export const cacheValueBytesMax = 262_144;

/**
 * What can be had again, kept near for a while, by one process or by all of them.
 * It may forget anything at any time, and never fails and never keeps anybody waiting for long: an engine that is away is
 * one that has forgotten. A value that was replaced or deleted may come back when the engine was away at that moment, so
 * only what stays true is put here, under a name that says all it depends on.
 */
export interface Cache {
  get(key: CacheKey): Promise<Uint8Array | null>;
  /** For so many milliseconds at most. */
  set(key: CacheKey, value: Uint8Array, ttlMs: number): Promise<void>;
  delete(key: CacheKey): Promise<void>;
  close(): Promise<void>;
}
