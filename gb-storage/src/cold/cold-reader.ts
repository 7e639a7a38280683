import type { KeyValueStore } from 'gb-core';
import type { ChannelId, CustomerId, MessageParts, Seq } from 'gb-protocol';
import { GbError, LruMap } from 'gb-utils';
import type { Sql } from '../connection.ts';
import type { Scope } from '../scope.ts';
import { type ColdBody, damaged, decodeSegment } from './segment.ts';

/** Readers that fetch at a time: they hold connections of the store, and half of those stay for everybody else. */
const readersMax = 8;
/** Milliseconds until whoever reads is told that old history is away. */
const readMsMax = 3_000;
/** Segments kept unfolded, of at most 0.7 MB each. */
const keptMax = 48;

/** A row of a message whose text may be elsewhere. */
export interface ColdRow {
  readonly channel_id: ChannelId;
  readonly seq: Seq;
  readonly cold: Seq | null;
  text: string;
  suggestions: string[] | null;
  parts: MessageParts | null;
}

/** Rows as they were before their texts went to cold history. */
export async function withTexts<Row extends ColdRow>(
  { sql, customerId, cold }: Pick<Scope, 'sql' | 'customerId' | 'cold'>,
  rows: Row[],
): Promise<Row[]> {
  if (rows.every((row) => row.cold === null)) return rows;
  if (!cold) throw new GbError('unavailable', 'Old history is in a key-value store that this server was not told of');
  await cold.fill(sql, customerId, rows);
  return rows;
}

/** Brings the texts of old messages to their rows, from the segments they lie in. */
export class ColdReader {
  readonly #keyValues: KeyValueStore;
  readonly #kept = new LruMap<string, ReadonlyMap<Seq, ColdBody>>(keptMax);
  #readers = 0;

  constructor(keyValues: KeyValueStore) {
    this.#keyValues = keyValues;
  }

  /** In the transaction that read the rows: the segments are those of the same instant. */
  async fill(sql: Sql, customerId: CustomerId, rows: readonly ColdRow[]): Promise<void> {
    const cold = rows.filter((row) => row.cold !== null);
    if (cold.length === 0) return;
    const places = new Map(cold.map((row) => [`${row.channel_id}:${row.cold}`, row]));
    const segments = await sql.rows<{ channel_id: ChannelId; first_seq: Seq; key: Uint8Array }>(
      `select s.channel_id, s.first_seq, s.key from unnest($2::uuid[], $3::bigint[]) u (channel_id, first_seq)
       join cold_segments s on s.customer_id = $1 and s.channel_id = u.channel_id and s.first_seq = u.first_seq`,
      [customerId, [...places.values()].map((row) => row.channel_id), [...places.values()].map((row) => row.cold)],
    );
    const bodies = await this.#segments(segments.map((segment) => segment.key));
    const byPlace = new Map(segments.map((segment, i) => [`${segment.channel_id}:${segment.first_seq}`, bodies[i]!]));
    for (const row of cold) {
      const body = byPlace.get(`${row.channel_id}:${row.cold}`)?.get(row.seq);
      if (!body) throw damaged(`message ${row.seq} is not in its segment`);
      row.text = body.text;
      row.suggestions = body.suggestions && [...body.suggestions];
      row.parts = body.parts;
    }
  }

  async #segments(keys: readonly Uint8Array[]): Promise<readonly ReadonlyMap<Seq, ColdBody>[]> {
    const names = keys.map((key) => Buffer.from(key).toString('latin1'));
    const missing = keys.filter((_, i) => !this.#kept.get(names[i]!));
    const fresh = new Map<string, ReadonlyMap<Seq, ColdBody>>();
    if (missing.length > 0) {
      const values = await this.#fetch(missing);
      for (const [i, value] of values.entries()) {
        if (value === null) throw damaged('the key-value store has lost it');
        const name = Buffer.from(missing[i]!).toString('latin1');
        const bodies = await decodeSegment(value);
        fresh.set(name, bodies);
        this.#kept.set(name, bodies);
      }
    }
    return names.map((name) => fresh.get(name) ?? this.#kept.get(name)!);
  }

  async #fetch(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | null)[]> {
    if (this.#readers >= readersMax)
      throw new GbError('overloaded', 'Too many people read old history at once', { retryable: true, retryAfterMs: 1_000 });
    this.#readers++;
    const reading = this.#keyValues.getMany(keys).finally(() => {
      this.#readers--;
    });
    reading.catch(() => {}); // Told by the race, or nobody waits any more.
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new GbError('unavailable', 'Old history is away just now', { retryable: true });
      timer = setTimeout(() => reject(error), readMsMax);
    });
    try {
      return await Promise.race([reading, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
