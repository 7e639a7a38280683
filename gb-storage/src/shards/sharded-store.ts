import type {
  AppendedMessage,
  CustomerCreated,
  DueTimer,
  NewCustomer,
  NewMessage,
  Outbox,
  OutboxEntry,
  ReadOptions,
  Store,
  Timers,
  Tx,
} from 'gb-core';
import type { CustomerId } from 'gb-protocol';
import { assert, backoffMs, type Clock, GbError, isUuid, type Logger, sleep, systemClock, uuidv7 } from 'gb-utils';
import type { ReplicaFigures } from '../replicas/replicas.ts';
import { BucketMoved } from './bucket.ts';
import { InOrder } from './in-order.ts';
import type { ShardMap } from './shard-map.ts';
import { ChannelElsewhere, isPart, type PartId } from './split/part.ts';
import type { Participant, ParticipantOptions, Prepared } from './split/participant.ts';
import { Recovery } from './split/recovery.ts';
import { SplitCustomers } from './split/split-customers.ts';
import type { CommitStep, Databases } from './split/two-phase.ts';

export interface ShardedStoreOptions {
  readonly map: ShardMap;
  readonly shards: ReadonlyMap<string, Shard>;
  readonly log: Logger;
  readonly clock?: Clock;
  /** For tests, which die in the middle. */
  readonly onCommitStep?: (step: CommitStep) => void | Promise<void>;
}

/** A database of several. A customer's id is given, so that it is made where its bucket is. */
export interface Shard extends Store {
  createCustomer(input: NewCustomer, customerId?: CustomerId): Promise<CustomerCreated>;
  /** Of each of its replicas, in the order they were given. */
  replicaFigures(): readonly ReplicaFigures[];
  /** A transaction that ends when somebody says so: for customers in several databases. */
  begin(customerId: CustomerId, options: ParticipantOptions): Promise<Participant>;
  /** What is prepared here and waits to be resolved. */
  listPrepared(): Promise<readonly Prepared[]>;
  /** Ends a prepared transaction. One that is not there was resolved by somebody else, which is no error. */
  resolve(name: string, isCommit: boolean): Promise<void>;
}

/** A bucket that moves is closed for less than a second. */
const movingMsMax = 5_000;

/**
 * Customers over several databases. Every call goes to the database that the map says; one that is refused, because the
 * bucket has moved since, is made again where it is now: nothing was done, so that is safe, and the caller notices no more
 * than a pause. A database that is away fails the calls of its own customers with `unavailable`, and those of nobody else.
 */
export class ShardedStore implements Store {
  readonly outbox: Outbox;
  readonly timers: Timers;
  /** Customers whose logs are in parts. */
  readonly split: SplitCustomers;
  readonly recovery: Recovery;
  /** Transactions of customers and parts, wherever these are. */
  readonly databases: Databases;
  readonly #map: ShardMap;
  readonly #shards: ReadonlyMap<string, Shard>;
  readonly #log: Logger;
  /** What one person sends is stored in the order it was sent in, also when the bucket moves in between. */
  readonly #inOrder: InOrder;
  #closed: Promise<void> | null = null;

  constructor({ map, shards, log, clock = systemClock, onCommitStep }: ShardedStoreOptions) {
    this.#map = map;
    this.#shards = shards;
    this.#log = log;
    this.#inOrder = new InOrder({
      placeOf: (customerId) => this.#shardOf(customerId),
      learn: () => map.refresh(),
      triedMsMax: movingMsMax,
    });
    this.outbox = new ShardedOutbox({ map, shards, log });
    this.timers = this.#timers();
    this.databases = {
      begin: (customerId: CustomerId, options: ParticipantOptions) =>
        this.#at(customerId, (shard) => shard.begin(customerId, options)),
      resolve: (part: PartId, name: string, isCommit: boolean) => this.#at(part, (shard) => shard.resolve(name, isCommit)),
    };
    this.split = new SplitCustomers({
      databases: this.databases,
      append: (customerId, message) => this.#append(customerId, (shard) => shard.appendMessage(customerId, message)),
      partsOf: (customerId) => map.partsOf(customerId),
      clock,
      log,
      onStep: onCommitStep,
    });
    this.recovery = new Recovery({ databases: this.databases, shards, splitCustomers: () => map.splitCustomers, log });
    this.recovery.start();
  }

  appendMessage(customerId: CustomerId, message: NewMessage): Promise<AppendedMessage> {
    // Also of a customer that is split by now: behind what was sent when that was not known yet.
    const appended = this.#append<AppendedMessage | null>(customerId, async (shard) => {
      if (this.#map.partsOf(customerId).length > 0) return null;
      return shard.appendMessage(customerId, message).catch((error: unknown) => {
        // It was split while the message waited for its batch.
        if (error instanceof ChannelElsewhere) return null;
        throw error;
      });
    });
    return appended.then((one) => one ?? this.split.appendMessage(customerId, message));
  }

  transaction<T>(customerId: CustomerId, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#whole(
      customerId,
      (split) => split.transaction(customerId, work),
      (shard) => shard.transaction(customerId, work),
    );
  }

  read<T>(customerId: CustomerId, work: (tx: Tx) => Promise<T>, options?: ReadOptions): Promise<T> {
    return this.#whole(
      customerId,
      (split) => split.read(customerId, work),
      (shard) => shard.read(customerId, work, options),
    );
  }

  createCustomer(input: NewCustomer): Promise<CustomerCreated> {
    const customerId = uuidv7() as CustomerId;
    return this.#at(customerId, (shard) => shard.createCustomer(input, customerId));
  }

  async findLogins(email: string): Promise<readonly { customerId: CustomerId; userId: never; organizationName: string }[]> {
    const { found, failure } = await this.#everywhere(
      (shard) => shard.findLogins(email),
      ({ customerId }) => customerId,
    );
    // Nobody of this name where we could look: with a database away that is no answer.
    if (found.length === 0 && failure) throw failure;
    return found.sort((a, b) => (a.customerId < b.customerId ? -1 : 1)) as never;
  }

  async listCustomers(): Promise<readonly CustomerId[]> {
    const { found, failure } = await this.#everywhere(
      (shard) => shard.listCustomers(),
      (customerId) => customerId,
    );
    if (failure) throw failure;
    return found.filter((customerId) => !isPart(customerId));
  }

  /** Whether anybody can be served. */
  async ping(): Promise<void> {
    await Promise.any([...this.#shards.values()].map((shard) => shard.ping())).catch((error: AggregateError) => {
      throw error.errors[0];
    });
  }

  replicaFigures(): ReadonlyMap<string, readonly ReplicaFigures[]> {
    return new Map([...this.#shards].map(([name, shard]) => [name, shard.replicaFigures()]));
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      await this.recovery.close();
      await Promise.all([...this.#shards.values()].map((shard) => shard.close()));
      await this.#map.close();
    })();
    return this.#closed;
  }

  #at<T>(customerId: CustomerId, call: (shard: Shard) => Promise<T>): Promise<T> {
    return this.at(customerId, (name) => call(this.#shards.get(name)!));
  }

  #append<T>(customerId: CustomerId, call: (shard: Shard) => Promise<T>): Promise<T> {
    if (!isUuid(customerId)) return call(this.#shards.values().next().value!);
    return this.#inOrder.run(customerId, async () => call(this.#shards.get(this.#shardOf(customerId))!));
  }

  /** A map that is out of date takes a split customer for a whole one. Its home refuses that, so both are tried in turn. */
  #whole<T>(
    customerId: CustomerId,
    ofSplit: (split: SplitCustomers) => Promise<T>,
    ofWhole: (shard: Shard) => Promise<T>,
  ): Promise<T> {
    if (this.#map.partsOf(customerId).length > 0) return ofSplit(this.split);
    return this.#at(customerId, (shard) => (this.#map.partsOf(customerId).length > 0 ? ofSplit(this.split) : ofWhole(shard)));
  }

  /** Calls with the name of the customer's database, and again elsewhere when the bucket has moved since. */
  async at<T>(customerId: CustomerId, call: (name: string) => Promise<T>): Promise<T> {
    // Other texts have no bucket; any database has the words for that.
    if (!isUuid(customerId)) return call(this.#shards.keys().next().value!);
    const startedMs = performance.now();
    for (let attempt = 0; ; attempt++) {
      const name = this.#shardOf(customerId);
      try {
        return await call(name);
      } catch (error) {
        if (!(error instanceof BucketMoved)) throw error;
        if (performance.now() - startedMs > movingMsMax)
          throw new GbError('unavailable', 'The data of this customer is being moved', { retryable: true, cause: error });
        await sleep(attempt === 0 ? 0 : backoffMs(attempt, { baseMs: 10, maxMs: 200 }));
        await this.#map.refresh();
      }
    }
  }

  #shardOf(customerId: CustomerId): string {
    const { shard: name } = this.#map.place(customerId);
    if (this.#shards.has(name)) return name;
    throw new GbError('unavailable', 'This process does not know the database of this customer', { retryable: true });
  }

  /** Asks every database, and leaves out what it says about customers that live elsewhere now. */
  async #everywhere<T>(
    ask: (shard: Shard) => Promise<readonly T[]>,
    whose: (one: T) => CustomerId,
  ): Promise<{ found: T[]; failure: unknown }> {
    const asked = [...this.#shards].map(async ([name, shard]) =>
      (await ask(shard)).filter((one) => this.#map.place(whose(one)).shard === name),
    );
    const answers = await Promise.allSettled(asked);
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const failed = answers.find((answer) => answer.status === 'rejected');
    return { found, failure: failed?.reason };
  }

  #timers(): Timers {
    let turn = 0;
    return {
      take: async (query) => {
        // Each is the first in its turn, so that one with much to do does not keep the others from being asked.
        const shards = [...this.#shards];
        const first = turn++ % shards.length;
        const taken: DueTimer[] = [];
        for (const [name, shard] of [...shards.slice(first), ...shards.slice(0, first)]) {
          if (taken.length >= query.limit) break;
          try {
            taken.push(...(await shard.timers.take({ ...query, limit: query.limit - taken.length })));
          } catch (error) {
            if (!isAway(error)) throw error;
            this.#log.warn({ err: error, shard: name }, 'A database does not say what is due');
          }
        }
        return taken;
      },
      keep: async (timers, untilMs) => {
        const byShard = Map.groupBy(timers, ({ customerId }) => this.#map.place(customerId).shard);
        await Promise.all([...byShard].map(([name, own]) => this.#shards.get(name)?.timers.keep(own, untilMs)));
      },
    };
  }
}

function isAway(error: unknown): boolean {
  return error instanceof GbError && error.code === 'unavailable';
}

/** The outboxes of all databases as one. Entries of a channel are in one of them, so their order is kept. */
class ShardedOutbox implements Outbox {
  readonly #map: ShardMap;
  readonly #shards: ReadonlyMap<string, Shard>;
  readonly #log: Logger;
  readonly #away = new Set<string>();

  constructor({ map, shards, log }: Pick<ShardedStoreOptions, 'map' | 'shards' | 'log'>) {
    this.#map = map;
    this.#shards = shards;
    this.#log = log;
  }

  async take(limit: number): Promise<readonly OutboxEntry[]> {
    const answers = await Promise.all([...this.#shards].map(([name, { outbox }]) => this.#takeFrom(name, outbox, limit)));
    if (this.#away.size === this.#shards.size) throw new GbError('unavailable', 'No database answers', { retryable: true });
    // By turns: a database with much in it must not keep the others waiting.
    const entries: OutboxEntry[] = [];
    for (let place = 0; entries.length < limit && answers.some((answer) => answer.length > place); place++)
      for (const answer of answers) if (place < answer.length && entries.length < limit) entries.push(answer[place]!);
    return entries;
  }

  async #takeFrom(name: string, outbox: Outbox, limit: number): Promise<readonly OutboxEntry[]> {
    try {
      const entries = await outbox.take(limit);
      this.#away.delete(name);
      const isUnknown = (entry: OutboxEntry) => isPart(entry.customerId) && this.#map.customerOf(entry.customerId) === null;
      if (entries.some(isUnknown)) await this.#map.refresh();
      return entries.map((entry) => this.#named(name, entry));
    } catch (error) {
      if (!isAway(error)) throw error;
      if (!this.#away.has(name)) this.#log.warn({ err: error, shard: name }, 'A database does not hand out its entries');
      this.#away.add(name);
      return [];
    }
  }

  /** Entries of a part are those of its customer; the id says where they lie. */
  #named(name: string, entry: OutboxEntry): OutboxEntry {
    if (!isPart(entry.customerId)) return { ...entry, id: `${name}:${entry.id}` };
    const customerId = this.#map.customerOf(entry.customerId);
    assert(customerId, 'a part is on the map before anything is in it');
    return { ...entry, customerId, id: `${name}:${entry.customerId}:${entry.id}` };
  }

  async done(ids: readonly string[]): Promise<void> {
    const byShard = Map.groupBy(ids, (id) => placeOf(id).name);
    await Promise.all([...byShard].map(([name, own]) => this.#shards.get(name)?.outbox.done(own.map((id) => placeOf(id).id))));
  }

  onCommitted(listener: () => void): () => void {
    const forget = [...this.#shards.values()].map(({ outbox }) => outbox.onCommitted(listener));
    return () => {
      for (const one of forget) one();
    };
  }

  async park(entry: OutboxEntry, group: string, reason: string): Promise<void> {
    const { name, part, id } = placeOf(entry.id);
    const { customerId } = entry;
    await this.#shards.get(name)?.outbox.park({ ...entry, customerId: part ?? customerId, id }, group, reason);
  }
}

/** Of an entry's id: the database, the part where it is of one, and the id there. */
function placeOf(id: string): { name: string; part: PartId | null; id: string } {
  const words = id.split(':');
  return { name: words[0]!, part: words.length === 3 ? (words[1]! as PartId) : null, id: words.at(-1)! };
}
