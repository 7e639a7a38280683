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
    return (await this.channels(customerId, [channelId], userId)).get(channelId) ?? null;
  }

  /** Many channels with at most one question to the store: what a client that comes back follows at once. */
  async channels(
    customerId: CustomerId,
    channelIds: readonly ChannelId[],
    userId: UserId,
  ): Promise<ReadonlyMap<ChannelId, ChannelAccess | null>> {
    const answers = new Map<ChannelId, ChannelAccess | null>();
    // The version is taken before the query: a change that comes meanwhile makes this answer stale at once.
    const missing = new Map<ChannelId, number>();
    for (const channelId of channelIds) {
      const version = this.#versions.get(channelId) ?? 0;
      const known = this.#access.get(`${customerId}:${channelId}:${userId}`);
      if (known && known.version === version && this.#isFresh(known.atMs)) answers.set(channelId, known.value);
      else missing.set(channelId, version);
    }
    if (missing.size === 0) return answers;
    const found = await this.#store.read(customerId, (tx) => tx.channels.accessMany([...missing.keys()], userId));
    const atMs = this.#clock.nowMs();
    for (const [channelId, version] of missing) {
      const value = found.get(channelId) ?? null;
      this.#access.set(`${customerId}:${channelId}:${userId}`, { value, version, atMs });
      answers.set(channelId, value);
    }
    return answers;
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
