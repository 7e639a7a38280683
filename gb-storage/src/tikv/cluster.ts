import { assert, GbError, type Logger } from 'gb-utils';
import { Budget } from './budget.ts';
import type { KvPair, RegionContext, TikvCalls } from './messages.ts';
import { PlacementDriver } from './placement-driver.ts';
import { peerToAsk, type Region, RegionCache, toRegion } from './region-cache.ts';
import { kindOf, type Verdict, verdictOf } from './region-errors.ts';
import { CallFailed, type Connection, connectTikv, type TlsOptions } from './wire.ts';

export interface ClusterOptions {
  readonly addresses: readonly string[];
  readonly tls: TlsOptions | null;
  readonly log: Logger;
  readonly operationMsMax: number;
  readonly callMsMax: number;
  readonly random: () => number;
}

/** Operations under way; the next one is refused with `overloaded`. */
const operationsMax = 1_000;
/** Requests of one operation at a time, each to another region or with other keys. */
const requestsAtOnce = 8;
/** Regions learned at a time. */
const regionsAsked = 32;

/** What is done with items that lie in one region. */
export interface Step<Item, Name extends keyof TikvCalls> {
  readonly call: Name;
  /** Items of one request. */
  readonly itemsMax: number;
  /** After an answer that leaves it open whether it was done, it fails with `unavailable` instead of being said again. */
  readonly isOnce?: boolean;
  question(items: readonly Item[]): Omit<TikvCalls[Name][0], 'context'>;
  onAnswer(answer: TikvCalls[Name][1]): void;
}

/** What one request came to. */
type Attempt<Answer> = { kind: 'done'; answer: Answer } | { kind: 'failed'; verdict: Verdict; reason: Error };

/**
 * A TiKV cluster seen from a client. Keys live in regions, ranges that split, merge and move between stores while one
 * looks; what is known of them here is a guess that the stores correct. So a request names the region and the state it
 * believes it to be in, and a store that knows better refuses it and says why; the items of a refused request are sorted
 * into regions anew and sent again, until all are acknowledged or the time of the operation is over.
 */
export class Cluster {
  readonly #options: ClusterOptions;
  readonly #driver: PlacementDriver;
  readonly #regions = new RegionCache();
  readonly #stores = new Map<string, Connection<TikvCalls>>();
  readonly #closing = new AbortController();
  #asking: Promise<void> | null = null;
  #operations = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#driver = new PlacementDriver(options);
  }

  /** One operation of a caller, with its time. */
  async operation<T>(work: (budget: Budget) => Promise<T>): Promise<T> {
    if (this.#operations >= operationsMax)
      throw new GbError('overloaded', 'Too many operations of the key-value store are under way', { retryable: true });
    const budget = new Budget(this.#options.operationMsMax, this.#closing.signal, this.#options.random);
    budget.checkOpen();
    this.#operations++;
    try {
      return await work(budget);
    } catch (error) {
      budget.checkOpen(); // Being closed explains whatever went wrong.
      throw error;
    } finally {
      this.#operations--;
    }
  }

  /** Does something with every item in the region of its key. When it fails, some of it may be done. */
  async perform<Item, Name extends keyof TikvCalls>(
    items: readonly Item[],
    keyOf: (item: Item) => Uint8Array,
    budget: Budget,
    step: Step<Item, Name>,
    attempt = 0,
  ): Promise<void> {
    const requests = await this.#sort(items, keyOf, budget, step.itemsMax);
    await inTurns(requests, requestsAtOnce, async ({ region, items: these }) => {
      const outcome = await this.#try(step.call, region, step.question(these), budget, attempt);
      if (outcome.kind === 'done') return step.onAnswer(outcome.answer);
      const { verdict, reason } = outcome;
      if (verdict.kind === 'fail') throw verdict.error;
      if (verdict.kind === 'smaller') {
        if (these.length === 1) throw new GbError('too_large', `An entry is too large for the cluster: ${reason.message}`);
        const half = Math.ceil(these.length / 2);
        await this.perform(these.slice(0, half), keyOf, budget, step, attempt);
        return this.perform(these.slice(half), keyOf, budget, step, attempt);
      }
      if (step.isOnce && verdict.isUnknown) throw undetermined(reason);
      if (verdict.waitMs !== null || attempt > 2) await budget.pause(attempt, reason, verdict.waitMs ?? 0);
      return this.perform(these, keyOf, budget, step, attempt + 1);
    });
  }

  /** Up to `limit` entries from `start` on, of the one region `start` is in. */
  async scan(
    start: Uint8Array,
    end: Uint8Array,
    limit: number,
    budget: Budget,
  ): Promise<{ entries: readonly KvPair[]; regionEnd: Uint8Array } | 'smaller'> {
    for (let attempt = 0; ; attempt++) {
      const region = await this.#locate(start, budget);
      const outcome = await this.#try('RawScan', region, { start_key: start, end_key: end, limit }, budget, attempt);
      if (outcome.kind === 'done') return { entries: outcome.answer.kvs, regionEnd: region.end };
      const { verdict, reason } = outcome;
      if (verdict.kind === 'fail') throw verdict.error;
      if (verdict.kind === 'smaller') return 'smaller';
      if (verdict.waitMs !== null || attempt > 2) await budget.pause(attempt, reason, verdict.waitMs ?? 0);
    }
  }

  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#driver.close();
    for (const connection of this.#stores.values()) connection.close();
    this.#stores.clear();
  }

  /** One request to one region; what its failure teaches is in the cache afterwards. */
  async #try<Name extends keyof TikvCalls>(
    name: Name,
    region: Region,
    question: Omit<TikvCalls[Name][0], 'context'>,
    budget: Budget,
    attempt: number,
  ): Promise<Attempt<TikvCalls[Name][1]>> {
    const peer = peerToAsk(region);
    const timeoutMs = Math.max(1, Math.min(this.#options.callMsMax, budget.leftMs));
    const context: RegionContext = {
      region_id: region.id,
      region_epoch: region.epoch,
      peer,
      // A store that comes to it later leaves it alone.
      max_execution_duration_ms: Math.ceil(timeoutMs),
      is_retry_request: attempt > 0,
    };
    const store = await this.#store(peer.store_id, budget);
    if (store === null) {
      this.#regions.drop(region);
      return failed({ cache: 'drop' }, new Error(`store ${peer.store_id} is gone`));
    }
    try {
      const answer = await store.call(name, { ...question, context } as TikvCalls[Name][0], timeoutMs);
      region.misses = 0;
      if (answer.region_error) {
        const verdict = verdictOf(answer.region_error);
        this.#learn(region, peer.store_id, verdict);
        const reason = new Error(`${kindOf(answer.region_error)} from ${store.address}: ${answer.region_error.message}`);
        this.#options.log.debug({ err: reason, region: region.id }, 'A region refused a request');
        return { kind: 'failed', verdict, reason };
      }
      if (answer.error) {
        throw new GbError('unavailable', `A store failed: ${answer.error}`, { retryable: true });
      }
      return { kind: 'done', answer };
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      if (error.isTooLarge) return { kind: 'failed', verdict: { kind: 'smaller' }, reason: error };
      this.#options.log.debug({ err: error, region: region.id }, 'A store did not answer');
      // Perhaps it is somewhere else now, perhaps another of its peers leads; when all were asked, the driver is.
      this.#forgetStore(peer.store_id, store);
      region.turn++;
      region.misses++;
      if (region.misses >= region.peers.length) this.#regions.drop(region);
      return failed({ cache: 'keep', isUnknown: !error.isUnsent }, error);
    }
  }

  #learn(region: Region, storeId: string, verdict: Verdict): void {
    if (verdict.kind !== 'again') return;
    if (verdict.isStoreWrong) this.#forgetStore(storeId, this.#stores.get(storeId));
    if (verdict.cache === 'keep') return;
    if (verdict.cache === 'drop') return this.#regions.drop(region);
    if ('leader' in verdict.cache) {
      const { leader } = verdict.cache;
      const turn = region.peers.findIndex((peer) => peer.store_id === leader.store_id);
      // A leader that was no peer when we looked: the region has changed.
      if (turn < 0) this.#regions.drop(region);
      else region.turn = turn;
      return;
    }
    this.#regions.drop(region);
    for (const meta of verdict.cache.regions) {
      // Whoever said so probably leads these too.
      const known = toRegion(meta, { store_id: storeId });
      if (known) this.#regions.put(known);
    }
  }

  /** By the region of their keys, in the order of the keys. */
  async #sort<Item>(
    items: readonly Item[],
    keyOf: (item: Item) => Uint8Array,
    budget: Budget,
    itemsMax: number,
  ): Promise<readonly { region: Region; items: readonly Item[] }[]> {
    const requests: { region: Region; items: Item[] }[] = [];
    for (const item of items.toSorted((a, b) => Buffer.compare(keyOf(a), keyOf(b)))) {
      const region = await this.#locate(keyOf(item), budget);
      const last = requests.at(-1);
      if (last?.region === region && last.items.length < itemsMax) last.items.push(item);
      else requests.push({ region, items: [item] });
    }
    return requests;
  }

  async #locate(key: Uint8Array, budget: Budget): Promise<Region> {
    for (let attempt = 0; ; attempt++) {
      budget.checkOpen();
      const known = this.#regions.find(key);
      if (known) return known;
      if (this.#asking) {
        // Many look for the same regions at once, after a start or a split: one asks for all.
        await this.#asking;
        continue;
      }
      if (attempt > 3) await budget.pause(attempt, new Error('the regions change faster than they can be learned'));
      const asking = (async () => {
        for (const region of await this.#driver.regionsFrom(key, budget, regionsAsked)) this.#regions.put(region);
      })();
      // Whoever only waited asks for itself, in its own time.
      this.#asking = asking
        .catch(() => {})
        .finally(() => {
          this.#asking = null;
        });
      await asking;
    }
  }

  async #store(storeId: string, budget: Budget): Promise<Connection<TikvCalls> | null> {
    const known = this.#stores.get(storeId);
    if (known) return known;
    const address = await this.#driver.addressOf(storeId, budget);
    if (address === null) return null;
    const meanwhile = this.#stores.get(storeId);
    if (meanwhile) return meanwhile;
    budget.checkOpen();
    const connection = connectTikv(address, this.#options.tls);
    this.#stores.set(storeId, connection);
    return connection;
  }

  #forgetStore(storeId: string, connection: Connection<TikvCalls> | undefined): void {
    if (!connection || this.#stores.get(storeId) !== connection) return;
    this.#stores.delete(storeId);
    connection.close();
  }
}

function failed(verdict: { cache: 'keep' | 'drop'; isUnknown?: boolean }, reason: Error): Attempt<never> {
  return { kind: 'failed', verdict: { kind: 'again', waitMs: 0, isStoreWrong: false, isUnknown: false, ...verdict }, reason };
}

function undetermined(reason: Error): GbError {
  return new GbError('unavailable', `It is not known whether the value was put: ${reason.message}`, {
    retryable: true,
    cause: reason,
  });
}

/** So many at a time. The first failure is told when those under way have ended: nothing goes on behind the caller's back. */
async function inTurns<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  let failure: { error: unknown } | null = null;
  const worker = async () => {
    for (let item = left.shift(); item !== undefined && !failure; item = left.shift()) {
      try {
        await work(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  assert(failure || left.length === 0, 'every item had its turn');
  if (failure) throw (failure as { error: unknown }).error;
}
