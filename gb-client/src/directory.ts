import type { Bot, BotId, Instance, Me, PresenceStatus, Snapshot, User, UserId } from 'gb-protocol';
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

  /** News of some; `isWhole` when it is all there is to know (a new connection). */
  setPresence(users: Readonly<Record<string, PresenceStatus>>, isWhole = false): void {
    const presence = new Map(isWhole ? [] : this.#presence);
    for (const [id, status] of Object.entries(users)) {
      if (status === 'offline') presence.delete(id as UserId);
      else presence.set(id as UserId, status);
    }
    this.#presence = presence;
    this.#store.changed('presence');
  }
}
