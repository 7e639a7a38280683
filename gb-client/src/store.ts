import type { ChannelId, Seq } from 'gb-protocol';
import { callListener } from './emitter.ts';

/**
 * What a view can watch. `channels` is the list (who is in it, names); `channel:<id>` one row with its counters;
 * `channel:*` any of the rows; `unread` the totals; `messages:<id>` the window of a channel, `messages:<id>:<seq>` that
 * of a thread. Make the compound ones with `keys`.
 */
export type StoreKey =
  | 'status'
  | 'me'
  | 'instance'
  | 'users'
  | 'bots'
  | 'presence'
  | 'channels'
  | 'channel:*'
  | 'unread'
  | 'outbox'
  | `channel:${string}`
  | `messages:${string}`
  | `typing:${string}`
  | `streaming:${string}`
  | `draft:${string}`;

export const keys = {
  channel: (channelId: ChannelId): StoreKey => `channel:${channelId}`,
  messages: (channelId: ChannelId, threadSeq: Seq | null = null): StoreKey => `messages:${place(channelId, threadSeq)}`,
  typing: (channelId: ChannelId, threadSeq: Seq | null = null): StoreKey => `typing:${place(channelId, threadSeq)}`,
  streaming: (channelId: ChannelId, threadSeq: Seq | null = null): StoreKey => `streaming:${place(channelId, threadSeq)}`,
  draft: (channelId: ChannelId, threadSeq: Seq | null = null): StoreKey => `draft:${place(channelId, threadSeq)}`,
};

/** A channel, or one thread of it. */
export type Place = string;

export function place(channelId: ChannelId, threadSeq: Seq | null): Place {
  return threadSeq === null ? channelId : `${channelId}:${threadSeq}`;
}

/** Runs `flush` soon: after this turn, or with the next frame the browser paints. */
export type Scheduler = (flush: () => void) => void;

/**
 * Who watches what. Changes are collected and announced together, so a burst of a hundred events costs each watcher one
 * call. What a watcher then reads may be newer than the change it was told of, never older.
 */
export class Store {
  readonly #listeners = new Map<StoreKey, Set<() => void>>();
  readonly #changed = new Set<StoreKey>();
  readonly #schedule: Scheduler;
  #isScheduled = false;
  /** Told when somebody begins to watch a key that nobody watched, and when the last one stops. */
  onWatched: ((key: StoreKey) => void) | null = null;

  constructor(schedule: Scheduler) {
    this.#schedule = schedule;
  }

  subscribe(key: StoreKey, listener: () => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    const isFirst = !this.#listeners.has(key);
    this.#listeners.set(key, listeners);
    listeners.add(listener);
    if (isFirst) this.onWatched?.(key);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0 || this.#listeners.get(key) !== listeners) return;
      this.#listeners.delete(key);
      this.onWatched?.(key);
    };
  }

  watchedKeys(): Iterable<StoreKey> {
    return this.#listeners.keys();
  }

  isWatched(key: StoreKey): boolean {
    return this.#listeners.has(key);
  }

  changed(key: StoreKey): void {
    if (!this.#listeners.has(key)) return;
    this.#changed.add(key);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#schedule(this.flush);
  }

  /** Announces now: for what the person just did, which must not wait for the next frame. */
  readonly flush = (): void => {
    this.#isScheduled = false;
    if (this.#changed.size === 0) return;
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const key of changed) {
      const listeners = this.#listeners.get(key);
      if (listeners) for (const listener of [...listeners]) callListener(listener);
    }
  };

  clear(): void {
    this.#listeners.clear();
    this.#changed.clear();
  }
}
