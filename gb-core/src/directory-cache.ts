import type { ChannelId, CustomerId, InstanceId, User, UserId } from 'gb-protocol';
import { type Clock, LruMap } from 'gb-utils';
import type { EventBus, Store } from './ports/index.ts';

interface Directory {
  readonly byHandle: ReadonlyMap<string, UserId>;
  readonly byId: ReadonlyMap<UserId, User>;
  readonly logChannelId: ChannelId;
  readonly instanceId: InstanceId;
  readonly atMs: number;
}

/** The people and bots of each customer, by handle and by id; reloaded when one of them changes, or the bus may have missed that. */
export class DirectoryCache {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #ageMsMax: number;
  readonly #directories = new LruMap<CustomerId, Promise<Directory>>(2_000);
  /** Of accounts that no directory lists: contacts of bots. What an account is never changes. */
  readonly #kinds = new LruMap<string, User['kind']>(50_000);

  constructor(options: { store: Store; bus: EventBus; clock: Clock; ageMsMax?: number }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#ageMsMax = options.ageMsMax ?? 30_000;
    options.bus.onEvent(({ customerId, event }) => {
      if (event.kind === 'user.updated') this.#directories.delete(customerId);
    });
    options.bus.onGap(() => this.#directories.clear());
  }

  async get(customerId: CustomerId): Promise<Directory> {
    const known = this.#directories.get(customerId);
    if (known) {
      const directory = await known;
      const ageMs = this.#clock.nowMs() - directory.atMs;
      if (ageMs >= 0 && ageMs < this.#ageMsMax) return directory;
    }
    const loading = this.#load(customerId);
    this.#directories.set(customerId, loading);
    // A failed load must not be remembered as the directory.
    loading.catch(() => this.#directories.delete(customerId));
    return loading;
  }

  /** Whether an account is a person's: of those in the directory, and of contacts, which are in none. */
  async isPerson(customerId: CustomerId, userId: UserId): Promise<boolean> {
    const listed = (await this.get(customerId)).byId.get(userId);
    if (listed) return listed.kind === 'person';
    const key = `${customerId}:${userId}`;
    const known = this.#kinds.get(key);
    if (known) return known === 'person';
    const user = await this.#store.read(customerId, (tx) => tx.users.get(userId));
    if (user) this.#kinds.set(key, user.kind);
    return user?.kind === 'person';
  }

  async #load(customerId: CustomerId): Promise<Directory> {
    const { users, instance } = await this.#store.read(customerId, async (tx) => ({
      users: await tx.users.list(),
      instance: await tx.instance.get(),
    }));
    return {
      byHandle: new Map(users.filter((user) => user.isActive).map((user) => [user.handle, user.id])),
      byId: new Map(users.map((user) => [user.id, user])),
      logChannelId: instance.logChannelId,
      instanceId: instance.id,
      atMs: this.#clock.nowMs(),
    };
  }
}
