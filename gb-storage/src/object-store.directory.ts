import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { ByteRange, ObjectKey, ObjectStat, ObjectStore } from 'gb-core';
import { GbError, isUuid, type Logger, uuidv7 } from 'gb-utils';

export interface DirectoryObjectStoreOptions {
  readonly dir: string;
  readonly log: Logger;
}

/** What a process that died left half written goes when it is this old; a living one writes for a shorter time. */
const partialMsMax = 24 * 3600_000;

/**
 * Objects as files: `<dir>/<customer>/<shard>/<file>`, 256 shards a customer so that no folder grows without end. Bytes
 * are written to `<dir>/partial`, brought to the disk and then renamed, and the folder that holds the new name is brought
 * to the disk too: after a crash there is the whole object or none.
 */
export async function createDirectoryObjectStore(options: DirectoryObjectStoreOptions): Promise<ObjectStore> {
  const store = new DirectoryObjectStore(options);
  await store.begin();
  return store;
}

class DirectoryObjectStore implements ObjectStore {
  readonly #dir: string;
  readonly #partialDir: string;
  readonly #log: Logger;
  /** Folders known to be there and on the disk. */
  readonly #folders = new Set<string>();

  constructor({ dir, log }: DirectoryObjectStoreOptions) {
    this.#dir = dir;
    this.#partialDir = join(dir, 'partial');
    this.#log = log;
  }

  async begin(): Promise<void> {
    await translated(() => mkdir(this.#partialDir, { recursive: true, mode: 0o700 }));
    for (const name of await readdir(this.#partialDir)) {
      const path = join(this.#partialDir, name);
      const found = await statOrNull(path);
      // Another process on the same folder may be writing now.
      if (found && Date.now() - found.mtimeMs > partialMsMax) {
        await rm(path, { force: true });
        this.#log.info({ name }, 'An object that was never finished was removed');
      }
    }
  }

  async put(key: ObjectKey, body: AsyncIterable<Uint8Array> | Uint8Array): Promise<ObjectStat> {
    const path = this.#pathOf(key);
    const partial = join(this.#partialDir, uuidv7());
    try {
      const size = await this.#write(partial, body);
      await translated(async () => {
        await this.#makeFolder(dirname(path));
        await rename(partial, path);
        await syncFolder(dirname(path));
      });
      return { size };
    } catch (error) {
      // Somebody may have removed it since: the next try makes it again.
      this.#folders.delete(dirname(path));
      await rm(partial, { force: true }).catch((cause: unknown) =>
        this.#log.warn({ err: cause }, 'What was written of an object could not be removed; a later start will'),
      );
      throw error;
    }
  }

  async get(key: ObjectKey, range?: ByteRange): Promise<Readable | null> {
    const path = this.#pathOf(key);
    let file: FileHandle;
    try {
      file = await open(path, 'r');
    } catch (error) {
      if (isMissing(error)) return null;
      throw translate(error);
    }
    if (range && range.end < range.start) {
      await file.close();
      return Readable.from([]);
    }
    // Opened here, so that the reader has this object whatever becomes of the name; closed with the stream.
    return createReadStream(path, { fd: file, ...range, highWaterMark: 256 * 1024 });
  }

  async stat(key: ObjectKey): Promise<ObjectStat | null> {
    const found = await statOrNull(this.#pathOf(key));
    return found && { size: found.size };
  }

  async delete(key: ObjectKey): Promise<void> {
    await translated(() => rm(this.#pathOf(key), { force: true }));
  }

  async close(): Promise<void> {}

  /** Only ids ever become names, so there is no way out of the folder. */
  #pathOf(key: ObjectKey): string {
    const [customerId, fileId, ...rest] = key.split('/');
    if (!isUuid(customerId) || !isUuid(fileId) || rest.length > 0)
      throw new GbError('malformed', 'The key of an object is two ids with a slash between');
    // The end of an id is random; its beginning is the time.
    return join(this.#dir, customerId, fileId.slice(-2), fileId);
  }

  async #write(path: string, body: AsyncIterable<Uint8Array> | Uint8Array): Promise<number> {
    const file = await translated(() => open(path, 'wx', 0o600));
    try {
      let size = 0;
      const chunks = body instanceof Uint8Array ? [body] : body;
      for await (const chunk of chunks) {
        await translated(() => writeAll(file, chunk));
        size += chunk.byteLength;
      }
      await translated(() => file.sync());
      return size;
    } finally {
      await file.close();
    }
  }

  async #makeFolder(path: string): Promise<void> {
    if (this.#folders.has(path)) return;
    await mkdir(path, { recursive: true, mode: 0o700 });
    await syncFolder(dirname(path));
    await syncFolder(this.#dir);
    // A few bytes each; what is forgotten is only made again.
    if (this.#folders.size > 50_000) this.#folders.clear();
    this.#folders.add(path);
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.byteLength - at);
    at += bytesWritten;
  }
}

/** A new name is on the disk when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function statOrNull(path: string): Promise<{ size: number; mtimeMs: number } | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw translate(error);
  }
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translate(error);
  }
}

function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;

function translate(error: unknown): unknown {
  const code = codeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG')
    return new GbError('unavailable', 'There is no room left for files', { retryable: true, cause: error });
  if (code === 'EMFILE' || code === 'ENFILE')
    return new GbError('overloaded', 'Too many files are open', { retryable: true, cause: error });
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM' || code === 'EIO' || code === 'ENOENT')
    return new GbError('unavailable', 'The folder for files cannot be used', { retryable: true, cause: error });
  return error;
}
