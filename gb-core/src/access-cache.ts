import type { BotId, ChannelId, CustomerId, UserId } from 'gb-protocol';
import { type Clock, LruMap } from 'gb-utils';
import type { ChannelAccess, EventBus, Store } from './ports/index.ts';

/**
 * Who may do what where, remembered for a moment so that a hot channel does not ask the database for every message.
 * Membership and channel changes are heard on the bus and forgotten at once; `ageMsMax` bounds how long a change that
 * another node made, and whose event was lost, can stay unseen here.
 */
export class AccessCache {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #ageMsMax: number;
  readonly #access = new LruMap<string, { value: ChannelAccess | null; version: number; atMs: number }>(50_000);
  readonly #bots = new LruMap<string, { value: readonly { botId: BotId; userId: UserId }[]; version: number; atMs: number }>(
    20_000,
  );
  readonly #versions = new LruMap<string, number>(100_000);
  #nextVersion = 1;

  constructor(options: { store: Store; bus: EventBus; clock: Clock; ageMsMax?: number }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#ageMsMax = options.ageMsMax ?? 5_000;
    options.bus.onEvent(({ event }) => {
      if (event.kind === 'member.joined' || event.kind === 'member.left' || event.kind === 'channel.updated') {
        this.forget(event.kind === 'channel.updated' ? event.channel.id : event.channelId);
      }
    });
  }

  /** null when there is no such channel for this customer. */
  async channel(customerId: CustomerId, channelId: ChannelId, userId: UserId): Promise<ChannelAccess | null> {
    const key = `${customerId}:${channelId}:${userId}`;
    const version = this.#versions.get(channelId) ?? 0;
    const known = this.#access.get(key);
    if (known && known.version === version && this.#isFresh(known.atMs)) return known.value;
    const value = await this.#store.read(customerId, (tx) => tx.channels.access(channelId, userId));
    // The version was read before the query: a change that came meanwhile makes this answer stale at once.
    this.#access.set(key, { value, version, atMs: this.#clock.nowMs() });
    return value;
  }

  async botsIn(customerId: CustomerId, channelId: ChannelId): Promise<readonly { botId: BotId; userId: UserId }[]> {
    const key = `${customerId}:${channelId}`;
    const version = this.#versions.get(channelId) ?? 0;
    const known = this.#bots.get(key);
    if (known && known.version === version && this.#isFresh(known.atMs)) return known.value;
    const value = await this.#store.read(customerId, (tx) => tx.channels.botsIn(channelId));
    this.#bots.set(key, { value, version, atMs: this.#clock.nowMs() });
    return value;
  }

  forget(channelId: ChannelId): void {
    this.#versions.set(channelId, this.#nextVersion++);
  }

  #isFresh(atMs: number): boolean {
    const ageMs = this.#clock.nowMs() - atMs;
    return ageMs >= 0 && ageMs < this.#ageMsMax;
  }
}
