import type { ClientId, Posted } from 'gb-protocol';
import type { OutgoingMessage } from './types.ts';

/** What the outbox remembers of a message. Whether one is being sent right now is not worth remembering. */
export type StoredMessage = Omit<OutgoingMessage, 'state'> & { readonly state: 'pending' | 'failed' };

/** News from another owner of the same storage (a second tab). `changed`: load again. */
export type OutboxNews =
  | { readonly kind: 'changed' }
  | { readonly kind: 'posted'; readonly posted: Posted }
  | { readonly kind: 'discarded'; readonly clientId: ClientId };

/**
 * Where unsent messages wait. `load` gives them in the order they were added; `put` of a known `clientId` keeps its
 * place. A resolved write survives whatever the engine promises to survive: memory nothing, IndexedDB a reload.
 */
export interface OutboxStorage {
  /** Others may put messages too, so only `load` knows the order. */
  readonly isShared: boolean;
  load(): Promise<readonly StoredMessage[]>;
  put(message: StoredMessage): Promise<void>;
  remove(clientId: ClientId): Promise<void>;
  /** Tells the other owners; never the caller itself. */
  tell(news: OutboxNews): void;
  onNews(listener: (news: OutboxNews) => void): () => void;
  close(): Promise<void>;
}

/** Whoever holds the lock sends. Two senders of one queue could overtake each other. */
export interface OutboxLock {
  /** Calls `onAcquired` when the lock is ours, perhaps never. The function given back lets go, or stops waiting. */
  acquire(onAcquired: () => void): () => void;
}

export const ownLock: OutboxLock = {
  acquire(onAcquired) {
    onAcquired();
    return () => {};
  },
};

/** For programs: what is unsent when the process ends is gone, unless the same storage is handed to the next client. */
export function createMemoryOutbox(): OutboxStorage {
  const messages = new Map<ClientId, StoredMessage>();
  return {
    isShared: false,
    load: async () => [...messages.values()],
    put: async (message) => void messages.set(message.clientId, message),
    remove: async (clientId) => void messages.delete(clientId),
    tell() {},
    onNews: () => () => {},
    close: async () => {},
  };
}
