import type { BotId, ChannelId, CustomerId, UserId } from 'gb-protocol';
import { type Clock, LruMap } from 'gb-utils';
import type { ChannelAccess, EventBus, Store } from './ports/index.ts';

/**
 * Who may do what where, remembered for a moment so that a hot channel does not ask the database for every message.
 * Membership and channel changes are heard on the bus and forgotten at once; `ageMsMax` bounds how long a change that
 * another node made, and whose event was lost, can stay unseen here. When the bus says that it missed something, nothing
 * known before counts any more.
 */
export class AccessCache {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #ageMsMax: number;
  readonly #access = new LruMap<string, { value: ChannelAccess | null; version: number; atMs: number }>(50_000);
  readonly #bots = new LruMap<string, { value: readonly { botId: BotId; userId: UserId }[]; version: number; atMs: number }>(
    20_000,
  );
  readonly #asking = new Map<string, { version: number; found: Promise<ReadonlyMap<ChannelId, ChannelAccess>> }>();
  readonly #versions = new LruMap<string, number>(100_000);
  #nextVersion = 1;
  /** Of every channel whose own version is older. */
  #versionMin = 0;

  constructor(options: { store: Store; bus: EventBus; clock: Clock; ageMsMax?: number }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#ageMsMax = options.ageMsMax ?? 5_000;
    options.bus.onEvent(({ event }) => {
      if (event.kind === 'member.joined' || event.kind === 'member.left' || event.kind === 'channel.updated') {
        this.forget(event.kind === 'channel.updated' ? event.channel.id : event.channelId);
      }
    });
    options.bus.onGap(() => this.forgetAll());
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
    const missing: ChannelId[] = [];
    const asked: Promise<void>[] = [];
    const key = (channelId: ChannelId) => `${customerId}:${channelId}:${userId}`;
    for (const channelId of channelIds) {
      const known = this.#access.get(key(channelId));
      const underWay = this.#asking.get(key(channelId));
      if (known && known.version === this.#version(channelId) && this.#isFresh(known.atMs)) answers.set(channelId, known.value);
      // A burst into a channel nobody knew yet asks once: the others wait for the same answer.
      else if (underWay && underWay.version === this.#version(channelId))
        asked.push(underWay.found.then((found) => void answers.set(channelId, found.get(channelId) ?? null)));
      else missing.push(channelId);
    }
    if (missing.length > 0)
      asked.push(
        this.#ask(customerId, missing, userId).then((found) =>
          missing.forEach((id) => void answers.set(id, found.get(id) ?? null)),
        ),
      );
    await Promise.all(asked);
    return answers;
  }

  async #ask(
    customerId: CustomerId,
    channelIds: readonly ChannelId[],
    userId: UserId,
  ): Promise<ReadonlyMap<ChannelId, ChannelAccess>> {
    // The version is taken before the query: a change that comes meanwhile makes this answer stale at once.
    const versions = new Map(channelIds.map((channelId) => [channelId, this.#version(channelId)]));
    const found = this.#store.read(customerId, (tx) => tx.channels.accessMany(channelIds, userId));
    const keys = channelIds.map((channelId) => `${customerId}:${channelId}:${userId}`);
    const asking = keys.map((key, i) => [key, { version: versions.get(channelIds[i]!)!, found }] as const);
    for (const [key, question] of asking) this.#asking.set(key, question);
    try {
      const answer = await found;
      const atMs = this.#clock.nowMs();
      for (const [i, channelId] of channelIds.entries()) {
        this.#access.set(keys[i]!, { value: answer.get(channelId) ?? null, version: versions.get(channelId)!, atMs });
      }
      return answer;
    } finally {
      for (const [key, question] of asking) if (this.#asking.get(key) === question) this.#asking.delete(key);
    }
  }

  #version(channelId: ChannelId): number {
    return Math.max(this.#versions.get(channelId) ?? 0, this.#versionMin);
  }

  async botsIn(customerId: CustomerId, channelId: ChannelId): Promise<readonly { botId: BotId; userId: UserId }[]> {
    const key = `${customerId}:${channelId}`;
    const version = this.#version(channelId);
    const known = this.#bots.get(key);
    if (known && known.version === version && this.#isFresh(known.atMs)) return known.value;
    const value = await this.#store.read(customerId, (tx) => tx.channels.botsIn(channelId));
    this.#bots.set(key, { value, version, atMs: this.#clock.nowMs() });
    return value;
  }

  forget(channelId: ChannelId): void {
    this.#versions.set(channelId, this.#nextVersion++);
  }

  forgetAll(): void {
    // A question under way keeps the version it was asked at, so its answer counts no more than what is forgotten here.
    this.#versionMin = this.#nextVersion++;
    this.#versions.clear();
    this.#access.clear();
    this.#bots.clear();
  }

  #isFresh(atMs: number): boolean {
    const ageMs = this.#clock.nowMs() - atMs;
    return ageMs >= 0 && ageMs < this.#ageMsMax;
  }
}
