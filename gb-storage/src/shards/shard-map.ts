import type { CustomerId } from 'gb-protocol';
import { assert, type Clock, GbError, type Logger } from 'gb-utils';
import type { PoolConfig } from 'pg';
import pg from 'pg';
import { connectionConfig } from '../connection.ts';
import { translateError } from '../database-errors.ts';
import { bucketCount, bucketOf } from './bucket.ts';
import type { PartId } from './split/part.ts';

export interface Place {
  readonly shard: string;
  readonly epoch: number;
}

/** How old the map may grow while nobody is refused: so soon a shard that got buckets is known. */
const ageMsMax = 30_000;

/**
 * Which database has which bucket, as the control database says. Held in memory, so that finding a customer costs nothing;
 * being out of date does no harm, since every database refuses what is not its own.
 */
export class ShardMap {
  readonly #client: pg.Pool;
  readonly #log: Logger;
  readonly #clock: Clock;
  #places: readonly Place[] = [];
  #parts: ReadonlyMap<CustomerId, readonly PartId[]> = new Map();
  #customers: ReadonlyMap<PartId, CustomerId> = new Map();
  #readAtMs = 0;
  #reading: Promise<void> | null = null;

  constructor({ control, log, clock }: { control: PoolConfig; log: Logger; clock: Clock }) {
    this.#client = new pg.Pool({ ...connectionConfig(control), max: 1 });
    this.#client.on('error', (error) => log.warn({ err: error }, 'The connection for the shard map was lost'));
    this.#log = log;
    this.#clock = clock;
  }

  /** Fails with `unavailable` before the map was read. */
  place(customerId: CustomerId): Place {
    const ageMs = this.#clock.nowMs() - this.#readAtMs;
    if (ageMs > ageMsMax || ageMs < 0)
      this.refresh().catch((error: unknown) => this.#log.warn({ err: error }, 'The shard map could not be read again'));
    const place = this.#places[bucketOf(customerId)];
    if (!place) throw new GbError('unavailable', 'It is not known yet where customers are', { retryable: true });
    return place;
  }

  /** Where the logs of a customer's channels are, besides at home; nothing for nearly all. */
  partsOf(customerId: CustomerId): readonly PartId[] {
    return this.#parts.get(customerId) ?? [];
  }

  /** Whose part it is; null when this map does not know it. */
  customerOf(part: PartId): CustomerId | null {
    return this.#customers.get(part) ?? null;
  }

  get splitCustomers(): readonly CustomerId[] {
    return [...this.#parts.keys()];
  }

  /** Asks the control database; calls at the same time ask once. */
  refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    let rows: readonly { bucket: number; shard: string; epoch: number }[];
    let parts: readonly { customer_id: CustomerId; part_id: PartId }[];
    try {
      ({ rows } = await this.#client.query('select bucket, shard, epoch from control.read_bucket_map()'));
      // Afterwards: whoever knows the epoch in which a customer was split knows the parts.
      ({ rows: parts } = await this.#client.query('select customer_id, part_id from control.read_parts()'));
    } catch (error) {
      throw translateError(error);
    }
    assert(rows.length === bucketCount, `the map has ${bucketCount} buckets, not ${rows.length}`);
    const places: Place[] = [];
    for (const { bucket, shard, epoch } of rows) places[bucket] = { shard, epoch };
    this.#places = places;
    this.#parts = new Map(
      [...Map.groupBy(parts, (row) => row.customer_id)].map(([customerId, own]) => [customerId, own.map((row) => row.part_id)]),
    );
    this.#customers = new Map(parts.map((row) => [row.part_id, row.customer_id]));
    this.#readAtMs = this.#clock.nowMs();
  }

  async close(): Promise<void> {
    await this.#client.end();
  }
}
