import type { ClientId, UserId } from 'gb-protocol';
import { type DBSchema, openDB } from 'idb';
import type { OutboxLock, OutboxNews, OutboxStorage, StoredMessage } from './outbox-storage.ts';

interface OutboxSchema extends DBSchema {
  messages: {
    /** Numbered as they are added: the order of sending, over all tabs. */
    key: number;
    value: StoredMessage & { readonly order?: number };
    indexes: { clientId: ClientId };
  };
}

/**
 * Survives a reload and is shared by all tabs of one person on one server; the tabs tell each other over a
 * BroadcastChannel. A write has resolved when the transaction completed.
 */
export async function openIndexedDbOutbox(name: string): Promise<OutboxStorage> {
  const db = await openDB<OutboxSchema>(name, 1, {
    upgrade(database) {
      const messages = database.createObjectStore('messages', { keyPath: 'order', autoIncrement: true });
      messages.createIndex('clientId', 'clientId', { unique: true });
    },
    // A newer version of the page in another tab wants to upgrade: give way. Writes then fail and are told.
    blocking: () => db.close(),
  });
  const news = new BroadcastChannel(name);
  const listeners = new Set<(news: OutboxNews) => void>();
  news.onmessage = (event: MessageEvent<OutboxNews>) => {
    for (const listener of [...listeners]) listener(event.data);
  };

  return {
    isShared: true,
    async load() {
      const rows = await db.getAll('messages');
      return rows.map(({ order: _, ...message }) => message);
    },
    async put(message) {
      const tx = db.transaction('messages', 'readwrite');
      const order = await tx.store.index('clientId').getKey(message.clientId);
      await tx.store.put(order === undefined ? message : { ...message, order });
      await tx.done;
    },
    async remove(clientId) {
      const tx = db.transaction('messages', 'readwrite');
      const order = await tx.store.index('clientId').getKey(clientId);
      if (order !== undefined) await tx.store.delete(order);
      await tx.done;
    },
    tell: (told) => news.postMessage(told),
    onNews(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      listeners.clear();
      news.close();
      db.close();
    },
  };
}

export function outboxName(baseUrl: string, userId: UserId): string {
  return `gb-outbox:${baseUrl}:${userId}`;
}

/** One tab at a time; when it closes or crashes, the browser hands the lock to the next. */
export function createTabLock(name: string, locks: LockManager): OutboxLock {
  return {
    acquire(onAcquired) {
      const waiting = new AbortController();
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      locks
        .request(name, { signal: waiting.signal }, () => {
          onAcquired();
          return held;
        })
        .catch((error: unknown) => {
          // Given up before our turn came.
          if (!waiting.signal.aborted) throw error;
        });
      return () => {
        waiting.abort();
        release();
      };
    },
  };
}
