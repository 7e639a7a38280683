import type { Bot, BotId, ChannelId, Instance, Me, PresenceStatus, ServerFrame, Snapshot, User, UserId } from 'gb-protocol';
import { assert } from 'gb-utils';
import type { Store } from './store.ts';

/** People, bots and who is there: what the instance's log and the presence frames tell. */
export class Directory {
  readonly #store: Store;
  #me: Me | null = null;
  #instance: Instance | null = null;
  #organizationName = '';
  #users: ReadonlyMap<UserId, User> = new Map();
  #bots: readonly Bot[] = [];
  #presence: ReadonlyMap<UserId, PresenceStatus> = new Map();
  /** What was told of each watched channel, and under null of everybody. */
  readonly #presenceIn = new Map<ChannelId | null, Map<UserId, PresenceStatus>>();
  #ownPresence: PresenceStatus = 'offline';

  constructor(store: Store) {
    this.#store = store;
  }

  get isReady(): boolean {
    return this.#me !== null;
  }

  me(): Me {
    assert(this.#me, 'the client has started');
    return this.#me;
  }

  instance(): Instance {
    assert(this.#instance, 'the client has started');
    return this.#instance;
  }

  organizationName(): string {
    assert(this.#me, 'the client has started');
    return this.#organizationName;
  }

  users(): ReadonlyMap<UserId, User> {
    return this.#users;
  }

  bots(): readonly Bot[] {
    return this.#bots;
  }

  presence(): ReadonlyMap<UserId, PresenceStatus> {
    return this.#presence;
  }

  put(snapshot: Snapshot): void {
    this.#me = snapshot.me;
    this.#instance = snapshot.instance;
    this.#organizationName = snapshot.organizationName;
    this.#users = new Map(snapshot.users.map((user) => [user.id, user]));
    this.#bots = snapshot.bots;
    for (const key of ['me', 'instance', 'users', 'bots'] as const) this.#store.changed(key);
  }

  updateMe(me: Me): void {
    this.#me = me;
    this.#store.changed('me');
  }

  updateUser(user: User): void {
    this.#users = new Map(this.#users).set(user.id, user);
    this.#store.changed('users');
    if (this.#me?.id === user.id) this.updateMe({ ...this.#me, ...user });
  }

  updateBot(bot: Bot): void {
    const isKnown = this.#bots.some((other) => other.id === bot.id);
    this.#bots = isKnown ? this.#bots.map((other) => (other.id === bot.id ? bot : other)) : [...this.#bots, bot];
    this.#store.changed('bots');
  }

  removeBot(id: BotId): void {
    this.#bots = this.#bots.filter((bot) => bot.id !== id);
    this.#store.changed('bots');
  }

  /** News of some, or with `isAll` all there is to know, of a channel or of everybody. */
  setPresence({ users, channelId, isAll = false }: PresenceNews): void {
    const where = channelId ?? null;
    const known = this.#presenceIn.get(where) ?? new Map<UserId, PresenceStatus>();
    const changed = new Set(Object.keys(users) as UserId[]);
    if (isAll) {
      for (const id of known.keys()) changed.add(id);
      known.clear();
      // Who is told of everybody is told of channels no more.
      if (channelId === null && changed.size > 0)
        for (const id of this.#forgetAllBut(new Set<ChannelId | null>([null]))) changed.add(id);
    }
    for (const [id, status] of Object.entries(users) as [UserId, PresenceStatus][]) {
      if (status === 'offline') known.delete(id);
      else known.set(id, status);
    }
    this.#presenceIn.set(where, known);
    this.#mergePresence(changed);
  }

  /** Of channels that are watched no more nothing is told: what is known of them grows old. */
  keepPresenceOf(channelIds: ReadonlySet<ChannelId>): void {
    this.#mergePresence(this.#forgetAllBut(new Set([null, ...channelIds])));
  }

  /** A new connection begins anew. */
  forgetPresence(): void {
    this.#mergePresence(this.#forgetAllBut(new Set()));
  }

  /** I know of myself without being told. */
  setOwnPresence(status: PresenceStatus): void {
    this.#ownPresence = status;
    if (this.#me) this.#mergePresence([this.#me.id]);
  }

  #forgetAllBut(kept: ReadonlySet<ChannelId | null>): Set<UserId> {
    const changed = new Set<UserId>();
    for (const [channelId, known] of this.#presenceIn) {
      if (kept.has(channelId)) continue;
      this.#presenceIn.delete(channelId);
      for (const id of known.keys()) changed.add(id);
    }
    return changed;
  }

  /** Whoever is online anywhere is online. */
  #mergePresence(changed: Iterable<UserId>): void {
    const presence = new Map(this.#presence);
    for (const id of changed) {
      let status: PresenceStatus = id === this.#me?.id ? this.#ownPresence : 'offline';
      for (const known of this.#presenceIn.values()) {
        if (status === 'online') break;
        status = known.get(id) ?? status;
      }
      if (status === 'offline') presence.delete(id);
      else presence.set(id, status);
    }
    this.#presence = presence;
    this.#store.changed('presence');
  }
}

type PresenceNews = Pick<Extract<ServerFrame, { type: 'presence' }>, 'users' | 'channelId' | 'isAll'>;
