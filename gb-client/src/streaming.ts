import type { ChannelId, Seq, UserId } from 'gb-protocol';
import { keys, type Place, place, type Store } from './store.ts';
import type { GrowingText } from './types.ts';

interface Growing {
  readonly shown: GrowingText;
  readonly timer: ReturnType<typeof setTimeout>;
}

/**
 * What bots are about to say, where. Nothing of it is kept: it goes when the message comes, when nothing was heard of it
 * for a while, and with the connection.
 */
export class Streaming {
  readonly #store: Store;
  readonly #expiryMs: number;
  readonly #nowMs: () => number;
  readonly #growing = new Map<Place, Map<UserId, Growing>>();
  readonly #views = new Map<Place, readonly GrowingText[]>();

  constructor(store: Store, { expiryMs, nowMs }: { expiryMs: number; nowMs: () => number }) {
    this.#store = store;
    this.#expiryMs = expiryMs;
    this.#nowMs = nowMs;
  }

  in(channelId: ChannelId, threadSeq: Seq | null): readonly GrowingText[] {
    return this.#views.get(place(channelId, threadSeq)) ?? nothing;
  }

  /** An empty text takes it away. */
  note(channelId: ChannelId, threadSeq: Seq | null, userId: UserId, text: string): void {
    if (text === '') return this.end(channelId, threadSeq, userId);
    const where = place(channelId, threadSeq);
    const here = this.#growing.get(where) ?? new Map<UserId, Growing>();
    this.#growing.set(where, here);
    const before = here.get(userId);
    clearTimeout(before?.timer);
    here.set(userId, {
      shown: { userId, text, at: before?.shown.at ?? this.#nowMs() },
      timer: setTimeout(() => this.end(channelId, threadSeq, userId), this.#expiryMs),
    });
    this.#changed(channelId, threadSeq, here);
  }

  end(channelId: ChannelId, threadSeq: Seq | null, userId: UserId): void {
    const here = this.#growing.get(place(channelId, threadSeq));
    const before = here?.get(userId);
    if (!here || !before) return;
    clearTimeout(before.timer);
    here.delete(userId);
    this.#changed(channelId, threadSeq, here);
  }

  clear(): void {
    for (const [where, here] of this.#growing) {
      for (const { timer } of here.values()) clearTimeout(timer);
      this.#views.delete(where);
      this.#store.changed(`streaming:${where}`);
    }
    this.#growing.clear();
  }

  #changed(channelId: ChannelId, threadSeq: Seq | null, here: ReadonlyMap<UserId, Growing>): void {
    const where = place(channelId, threadSeq);
    if (here.size > 0)
      this.#views.set(
        where,
        [...here.values()].map(({ shown }) => shown),
      );
    else {
      this.#views.delete(where);
      this.#growing.delete(where);
    }
    this.#store.changed(keys.streaming(channelId, threadSeq));
  }
}

const nothing: readonly GrowingText[] = [];
