import { type Cache, type CacheKey, cacheValueBytesMax } from 'gb-core';
import type { Clock } from 'gb-utils';

interface Entry {
  readonly value: Uint8Array;
  readonly untilMs: number;
  readonly bytes: number;
}

const bytesMaxDefault = 32 * 1024 * 1024;
/** What an entry costs beside its value: its place in the map. */
const entryBytes = 200;

/** In the memory of this process, bounded by bytes: what was not used for longest goes first. */
export function createInProcessCache({ clock, bytesMax = bytesMaxDefault }: { clock: Clock; bytesMax?: number }): Cache {
  const entries = new Map<string, Entry>();
  let bytes = 0;
  let isClosed = false;
  const forget = (id: string) => {
    const entry = entries.get(id);
    if (!entry) return;
    entries.delete(id);
    bytes -= entry.bytes;
  };
  return {
    async get(key) {
      const id = idOf(key);
      const entry = entries.get(id);
      if (!entry) return null;
      entries.delete(id);
      if (entry.untilMs <= clock.nowMs()) {
        bytes -= entry.bytes;
        return null;
      }
      // A Map iterates in insertion order: moving an entry to the end makes the first one the oldest.
      entries.set(id, entry);
      return entry.value.slice();
    },
    async set(key, value, ttlMs) {
      const id = idOf(key);
      forget(id);
      if (isClosed || ttlMs <= 0 || value.length > cacheValueBytesMax) return;
      const entry = {
        value: value.slice(),
        untilMs: clock.nowMs() + ttlMs,
        bytes: value.length + id.length * 2 + entryBytes,
      };
      entries.set(id, entry);
      bytes += entry.bytes;
      for (const oldest of entries.keys()) {
        if (bytes <= bytesMax) break;
        forget(oldest);
      }
    },
    async delete(key) {
      forget(idOf(key));
    },
    async close() {
      isClosed = true;
      entries.clear();
      bytes = 0;
    },
  };
}

function idOf({ customerId, name }: CacheKey): string {
  return `${customerId}:${name}`;
}
