import type { ChannelId, Seq, UserId } from 'gb-protocol';
import { keys, type Place, place, type Store } from './store.ts';

/** Who types where. A mark goes when its time is up, or when what was typed arrives. */
export class Typing {
  readonly #store: Store;
  readonly #expiryMs: number;
  readonly #timers = new Map<Place, Map<UserId, ReturnType<typeof setTimeout>>>();
  readonly #views = new Map<Place, readonly UserId[]>();

  constructor(store: Store, expiryMs: number) {
    this.#store = store;
    this.#expiryMs = expiryMs;
  }

  in(channelId: ChannelId, threadSeq: Seq | null): readonly UserId[] {
    return this.#views.get(place(channelId, threadSeq)) ?? nobody;
  }

  note(channelId: ChannelId, threadSeq: Seq | null, userId: UserId): void {
    const where = place(channelId, threadSeq);
    const timers = this.#timers.get(where) ?? new Map<UserId, ReturnType<typeof setTimeout>>();
    this.#timers.set(where, timers);
    const isNew = !timers.has(userId);
    clearTimeout(timers.get(userId));
    timers.set(
      userId,
      setTimeout(() => this.end(channelId, threadSeq, userId), this.#expiryMs),
    );
    if (isNew) this.#changed(channelId, threadSeq, timers);
  }

  end(channelId: ChannelId, threadSeq: Seq | null, userId: UserId): void {
    const timers = this.#timers.get(place(channelId, threadSeq));
    if (!timers?.has(userId)) return;
    clearTimeout(timers.get(userId));
    timers.delete(userId);
    this.#changed(channelId, threadSeq, timers);
  }

  clear(): void {
    for (const [where, timers] of this.#timers) {
      for (const timer of timers.values()) clearTimeout(timer);
      this.#views.delete(where);
      this.#store.changed(`typing:${where}`);
    }
    this.#timers.clear();
  }

  #changed(channelId: ChannelId, threadSeq: Seq | null, timers: ReadonlyMap<UserId, unknown>): void {
    const where = place(channelId, threadSeq);
    if (timers.size > 0) this.#views.set(where, [...timers.keys()]);
    else {
      this.#views.delete(where);
      this.#timers.delete(where);
    }
    this.#store.changed(keys.typing(channelId, threadSeq));
  }
}

const nobody: readonly UserId[] = [];
