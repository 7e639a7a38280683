import type { CustomerId } from 'gb-protocol';
import { backoffMs, GbError, sleep } from 'gb-utils';
import { BucketMoved, bucketOf } from './bucket.ts';

export interface InOrderOptions {
  /** Where calls for a customer go at present; may fail. */
  readonly placeOf: (customerId: CustomerId) => string;
  /** Between two attempts: what can be learned about where the bucket is. */
  readonly learn: () => Promise<void>;
  /** How long a call is tried again. */
  readonly triedMsMax: number;
  /** Calls of the same lane are kept in order; by default those of one bucket. */
  readonly laneOf?: (customerId: CustomerId) => number | string;
}

/** Calls for one bucket that may wait for it; as many as the writer of a database takes. */
const waitingMax = 20_000;

interface Call {
  /** Counted on with every call: the order they were made in. */
  readonly number: number;
  readonly customerId: CustomerId;
  readonly startedMs: number;
  attempt(): Promise<void>;
  fail(error: unknown): void;
}

interface Lane {
  underWay: number;
  /** Where those that are under way went. */
  place: string | null;
  /** Not empty, or being made again: whoever comes now waits behind them. */
  refused: Call[];
  isDetour: boolean;
  onIdle: (() => void) | null;
}

/**
 * Makes calls for buckets, again when a bucket turns out to have moved, and then in the order they were made in: what
 * somebody sends first is stored first, whatever happens in between. While nothing moves it is a count up and down.
 *
 * From the first refusal on, or when others have found out that the bucket is elsewhere, every call for it waits. When all
 * that were under way have an answer, those refused are made once more, the oldest first, and then those that came meanwhile.
 */
export class InOrder {
  readonly #lanes = new Map<number | string, Lane>();
  readonly #options: InOrderOptions;
  #calls = 0;

  constructor(options: InOrderOptions) {
    this.#options = options;
  }

  run<T>(customerId: CustomerId, call: () => Promise<T>): Promise<T> {
    const bucket = (this.#options.laneOf ?? bucketOf)(customerId);
    let lane = this.#lanes.get(bucket);
    if (!lane) {
      lane = { underWay: 0, place: null, refused: [], isDetour: false, onIdle: null };
      this.#lanes.set(bucket, lane);
    }
    const own = lane;
    return new Promise<T>((resolve, reject) => {
      const one: Call = {
        number: this.#calls++,
        customerId,
        startedMs: performance.now(),
        attempt: () => call().then(resolve),
        fail: reject,
      };
      if (own.isDetour && own.refused.length >= waitingMax)
        reject(new GbError('overloaded', 'Too much waits for data that is being moved', { retryable: true }));
      else if (own.isDetour || this.#isElsewhere(own, customerId)) this.#wait(bucket, own, one);
      else this.#attempt(bucket, own, one);
    });
  }

  /** Behind those that are under way to where the bucket was. */
  #isElsewhere({ underWay, place }: Lane, customerId: CustomerId): boolean {
    return underWay > 0 && place !== this.#options.placeOf(customerId);
  }

  #wait(bucket: number | string, lane: Lane, one: Call): void {
    lane.refused.push(one);
    if (!lane.isDetour) void this.#detour(bucket, lane);
  }

  #attempt(bucket: number | string, lane: Lane, one: Call): void {
    try {
      if (lane.underWay === 0) lane.place = this.#options.placeOf(one.customerId);
    } catch (error) {
      return one.fail(error);
    }
    lane.underWay += 1;
    one
      .attempt()
      .catch((error: unknown) => {
        if (!(error instanceof BucketMoved)) return one.fail(error);
        if (performance.now() - one.startedMs > this.#options.triedMsMax)
          return one.fail(
            new GbError('unavailable', 'The data of this customer is being moved', { retryable: true, cause: error }),
          );
        this.#wait(bucket, lane, one);
      })
      .finally(() => {
        lane.underWay -= 1;
        if (lane.underWay > 0) return;
        lane.onIdle?.();
        if (!lane.isDetour) this.#lanes.delete(bucket);
      });
  }

  async #detour(bucket: number | string, lane: Lane): Promise<void> {
    lane.isDetour = true;
    for (let attempt = 0; lane.refused.length > 0; attempt++) {
      await idle(lane);
      await sleep(attempt === 0 ? 0 : backoffMs(attempt, { baseMs: 10, maxMs: 100 }));
      try {
        await this.#options.learn();
      } catch (error) {
        for (const one of lane.refused.splice(0)) one.fail(error);
        break;
      }
      const again = lane.refused.splice(0).sort((a, b) => a.number - b.number);
      for (const one of again) this.#attempt(bucket, lane, one);
      await idle(lane);
    }
    lane.isDetour = false;
    if (lane.underWay === 0) this.#lanes.delete(bucket);
  }
}

function idle(lane: Lane): Promise<void> {
  if (lane.underWay === 0) return Promise.resolve();
  return new Promise((resolve) => {
    lane.onIdle = () => {
      lane.onIdle = null;
      resolve();
    };
  });
}
