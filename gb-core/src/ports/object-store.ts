import type { Readable } from 'node:stream';
import type { CustomerId, FileId } from 'gb-protocol';

/** `<customer>/<file>`: a key names its customer, so that no engine can mix two of them up. */
export type ObjectKey = string & { readonly __id: 'ObjectKey' };

export const objectKey = (customerId: CustomerId, fileId: FileId): ObjectKey => `${customerId}/${fileId}` as ObjectKey;

/** Both ends count: the first 100 bytes are `{start: 0, end: 99}`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface ObjectStat {
  readonly size: number;
}

/**
 * Bytes by key, for what is too big for rows. An object is all there or not at all: it appears when `put` resolved, and
 * is on stable storage then; a `put` that fails or dies with its process leaves nothing that `get` could find. Putting a
 * key again replaces the object as a whole; who is reading the old one reads it to its end.
 * Fails with `unavailable` (retryable) when the engine is away or has no room left, with `malformed` for a key that is none.
 */
export interface ObjectStore {
  /** Takes the bytes as they come and gives their number. When the source fails, so does this, with the source's error. */
  put(key: ObjectKey, body: AsyncIterable<Uint8Array> | Uint8Array): Promise<ObjectStat>;
  /** null when there is no such object. A range beyond the end is cut there. The stream is read to its end or destroyed. */
  get(key: ObjectKey, range?: ByteRange): Promise<Readable | null>;
  stat(key: ObjectKey): Promise<ObjectStat | null>;
  /** Twice is once. */
  delete(key: ObjectKey): Promise<void>;
  close(): Promise<void>;
}
