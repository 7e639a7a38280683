import { customerKey, type KeyValueStore } from 'gb-core';
import type { ChannelId, CustomerId, MessageParts, Seq } from 'gb-protocol';
import { assert, type Clock, GbError, type Logger, systemClock, uuidv7 } from 'gb-utils';
import type { PoolConfig } from 'pg';
import { type Sql, time } from '../connection.ts';
import { BucketMoved, type Fence } from '../shards/bucket.ts';
import { WalledPool } from '../walled-pool.ts';
import { bytesOf, type ColdBody, decodeSegment, encodeSegment, segmentBytesMax, segmentMessagesMax } from './segment.ts';

export interface ColdMoverOptions {
  readonly app: PoolConfig;
  readonly keyValues: KeyValueStore;
  readonly log: Logger;
  readonly clock?: Clock;
  readonly policy?: ColdPolicy;
  /** Of a database that is one of several. */
  readonly fence?: Fence | undefined;
  /** Told after each step of moving one segment: tests end there. */
  readonly onStep?: (step: ColdStep) => void | Promise<void>;
}

/** When messages go to cold history. */
export interface ColdPolicy {
  /** Milliseconds since they were sent; 180 days when not given. */
  readonly ageMsMin?: number;
  /** Messages of a channel that are worth a segment; 200 when not given. */
  readonly messagesMin?: number;
}

export type ColdStep = 'noted' | 'stored' | 'compared' | 'committed';

export interface ColdFigures {
  /** Messages. */
  readonly moved: number;
  /** Segments written anew, or taken away, because messages of them were edited or deleted. */
  readonly cleaned: number;
  /** Values that no segment named. */
  readonly swept: number;
}

const dayMs = 86_400_000;
const roundMs = 3_600_000;
const connectionsMax = 2;
const channelsAtOnce = 200;
const cleanedAtOnce = 50;
const sweptAtOnce = 100;
/** Minutes within which a value that was stored must be named by a segment, and after which one that is not is deleted. */
const namedWithin = 5;
const sweptAfter = 10;

/**
 * Moves the texts of old messages from the database to the key-value store, and cleans up behind edits and deletions.
 *
 * One segment moves in four steps, and a crash after any of them loses nothing and leaves nothing for ever: 1. the key is
 * noted as a leftover; 2. the value is stored under it; 3. it is read back, unfolded and compared; 4. one transaction names
 * the segment, takes the texts out of the rows, if they are still the same, and strikes the key off the leftovers. What is
 * on the list for ten minutes is deleted, and nobody names a key that has been there for five. Every value has a key of its
 * own that is never used again, so that a write which arrives late harms nobody.
 *
 * Who edits or deletes a message brings its text back, or drops it, and marks the segment as stale; it is then written anew
 * without those texts. Any number of movers may run at once: the rows decide.
 */
export class ColdMover {
  readonly #options: ColdMoverOptions;
  readonly #clock: Clock;
  readonly #pool: WalledPool;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<unknown> | null = null;

  constructor(options: ColdMoverOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#pool = new WalledPool(options.app, { connectionsMax, log: options.log, fence: options.fence });
  }

  /** Once an hour. A round that fails is told to the log and made again an hour later. */
  start(): void {
    const round = () => {
      this.#running ??= this.runOnce()
        .then((figures) => this.#options.log.info(figures, 'Cold history: a round is done'))
        .catch((error: unknown) => {
          if (!this.#pool.isClosed) this.#options.log.warn({ err: error }, 'Cold history: a round was given up');
        })
        .finally(() => {
          this.#running = null;
        });
    };
    this.#timer ??= setInterval(round, roundMs).unref();
  }

  /** All that is due, of all customers. */
  async runOnce(): Promise<ColdFigures> {
    const customers = await this.#pool.outside<{ id: CustomerId }>('select l.id from control.list_customers() l (id)');
    let [moved, cleaned, swept] = [0, 0, 0];
    for (const { id } of customers) {
      try {
        const figures = await this.runFor(id);
        swept += figures.swept;
        moved += figures.moved;
        cleaned += figures.cleaned;
      } catch (error) {
        // What is left here of a customer who lives in another database now is not this one's affair.
        if (error instanceof BucketMoved) continue;
        // Of an engine that is away all others would hear the same; what is wrong with one customer is not the others' affair.
        if (error instanceof GbError && error.code === 'unavailable') throw error;
        this.#options.log.error({ err: error, customerId: id }, 'Cold history: a customer was left out');
      }
    }
    return { moved, cleaned, swept };
  }

  /** What is due of one customer. */
  async runFor(customerId: CustomerId): Promise<ColdFigures> {
    const swept = await untilLess(sweptAtOnce, () => this.#sweep(customerId));
    const moved = await this.#moveAll(customerId);
    return { moved, cleaned: await untilLess(cleanedAtOnce, () => this.#clean(customerId)), swept };
  }

  async close(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    await this.#pool.close();
    await this.#running;
  }

  async #moveAll(customerId: CustomerId): Promise<number> {
    let moved = 0;
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const channels = await this.#pool.run(customerId, (sql) =>
        sql.rows<{ channel_id: ChannelId; moved_to: Seq; head: Seq }>(
          `select h.channel_id, h.head, coalesce(
             (select max(s.last_seq) from cold_segments s where s.customer_id = $1 and s.channel_id = h.channel_id), 0) as moved_to
           from channel_heads h where h.customer_id = $1 and h.channel_id > $2 order by h.channel_id limit ${channelsAtOnce}`,
          [customerId, after],
        ),
      );
      for (const { channel_id, moved_to, head } of channels) {
        if (head - moved_to < this.#messagesMin) continue;
        for (let count = -1, from = moved_to; count !== 0; moved += count) {
          const part = await this.#moveNext(customerId, channel_id, from).catch((error: unknown) => {
            if (error instanceof ChangedMeanwhile) return null;
            throw error;
          });
          count = part?.count ?? 0;
          from = part?.lastSeq ?? from;
        }
      }
      const last = channels.at(-1);
      if (!last || channels.length < channelsAtOnce) return moved;
      after = last.channel_id;
    }
  }

  get #messagesMin(): number {
    return this.#options.policy?.messagesMin ?? 200;
  }

  /** The next segment of a channel; null when it is not old or not large enough yet. */
  async #moveNext(customerId: CustomerId, channelId: ChannelId, after: Seq): Promise<{ count: number; lastSeq: Seq } | null> {
    const before = this.#clock.nowMs() - (this.#options.policy?.ageMsMin ?? 180 * dayMs);
    const rows = await this.#pool.run(customerId, async (sql) => {
      // Every hour every channel is asked: most are told by one row that it is too early.
      const last = await sql.row<{ at: number }>(
        `select at from messages
         where customer_id = $1 and channel_id = $2 and seq > $3 and cold is null and deleted_at is null
         order by seq offset $4 limit 1`,
        [customerId, channelId, after, this.#messagesMin - 1],
      );
      if (!last || last.at >= before) return [];
      return sql.rows<HotRow>(
        `select seq, text, suggestions, parts, at from messages
         where customer_id = $1 and channel_id = $2 and seq > $3 and cold is null and deleted_at is null
         order by seq limit ${segmentMessagesMax}`,
        [customerId, channelId, after],
      );
    });
    const bodies = oldOnes(rows, before);
    if (bodies.length === 0) return null;
    const [first, last] = [bodies[0]!, bodies.at(-1)!];
    const { key, size } = await this.#store(customerId, channelId, first.seq, bodies);
    await this.#pool.run(customerId, async (sql) => {
      await this.#strike(sql, customerId, key);
      const inserted = await sql.change(
        `insert into cold_segments (customer_id, channel_id, first_seq, last_seq, key, bytes, made_at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
        [customerId, channelId, first.seq, last.seq, Buffer.from(key), size, time(this.#clock.nowMs())],
      );
      const changed = await sql.change(
        `update messages x set text = '', suggestions = null, parts = null, cold = $3,
           cold_text_hash = content_hash(x.text), cold_parts_hash = content_hash(x.parts::text)
         from unnest($4::bigint[], $5::text[]) u (seq, text)
         where x.customer_id = $1 and x.channel_id = $2 and x.seq = u.seq and x.text = u.text
           and x.cold is null and x.deleted_at is null`,
        [customerId, channelId, first.seq, bodies.map((body) => body.seq), bodies.map((body) => body.text)],
      );
      if (inserted !== 1 || changed !== bodies.length) throw new ChangedMeanwhile();
    });
    await this.#options.onStep?.('committed');
    return { count: bodies.length, lastSeq: last.seq };
  }

  /** Steps 1 to 3. Whoever names the key strikes it off the leftovers in the same transaction. */
  async #store(customerId: CustomerId, channelId: ChannelId, firstSeq: Seq, bodies: readonly ColdBody[]) {
    const { keyValues, onStep } = this.#options;
    const key = segmentKey(customerId, channelId, firstSeq);
    const value = await encodeSegment(bodies);
    await this.#pool.run(customerId, (sql) => leave(sql, customerId, key));
    await onStep?.('noted');
    await keyValues.put(key, value);
    await onStep?.('stored');
    const readBack = await keyValues.get(key);
    assert(readBack && Buffer.compare(readBack, value) === 0, 'a value comes back as it was put');
    const unfolded = await decodeSegment(readBack);
    for (const body of bodies)
      assert(JSON.stringify(unfolded.get(body.seq)) === JSON.stringify(plainBody(body)), 'a segment unfolds to what was folded');
    await onStep?.('compared');
    return { key, size: value.byteLength };
  }

  /** Fails when it took so long that the value may be gone by now. */
  async #strike(sql: Sql, customerId: CustomerId, key: Uint8Array): Promise<void> {
    const struck = await sql.change(
      `delete from cold_leftovers where customer_id = $1 and key = $2 and at > clock_timestamp() - interval '${namedWithin} minutes'`,
      [customerId, Buffer.from(key)],
    );
    if (struck !== 1) throw new GbError('unavailable', 'Storing a piece of old history took too long', { retryable: true });
  }

  /** Segments of which messages were edited or deleted: their old texts leave. */
  async #clean(customerId: CustomerId): Promise<number> {
    const stale = await this.#pool.run(customerId, (sql) =>
      sql.rows<{ channel_id: ChannelId; first_seq: Seq; key: Uint8Array }>(
        `select channel_id, first_seq, key from cold_segments where customer_id = $1 and is_stale limit ${cleanedAtOnce}`,
        [customerId],
      ),
    );
    let cleaned = 0;
    for (const { channel_id, first_seq, key } of stale) {
      const value = await this.#options.keyValues.get(key);
      if (value === null) throw new GbError('internal', 'The key-value store has lost a piece of old history');
      const bodies = await decodeSegment(value);
      const seqs = await this.#pool.run(customerId, (sql) => stillIn(sql, customerId, channel_id, first_seq));
      const kept = seqs.map((seq) => {
        const body = bodies.get(seq);
        assert(body, 'a message is in its segment');
        return body;
      });
      const stored = kept.length > 0 ? await this.#store(customerId, channel_id, first_seq, kept) : null;
      cleaned += await this.#pool.run(customerId, async (sql) => {
        const present = await sql.row<{ key: Uint8Array }>(
          'select key from cold_segments where customer_id = $1 and channel_id = $2 and first_seq = $3 for update',
          [customerId, channel_id, first_seq],
        );
        const now = await stillIn(sql, customerId, channel_id, first_seq);
        // It changed again, or another mover was faster: the new value stays a leftover.
        if (!present || Buffer.compare(present.key, key) !== 0 || now.length !== seqs.length) return 0;
        if (stored) {
          await this.#strike(sql, customerId, stored.key);
          await sql.change(
            `update cold_segments set key = $4, bytes = $5, is_stale = false
             where customer_id = $1 and channel_id = $2 and first_seq = $3`,
            [customerId, channel_id, first_seq, Buffer.from(stored.key), stored.size],
          );
        } else {
          await sql.change('delete from cold_segments where customer_id = $1 and channel_id = $2 and first_seq = $3', [
            customerId,
            channel_id,
            first_seq,
          ]);
        }
        // Readers that began before may still want the old value: it leaves later.
        await leave(sql, customerId, key);
        return 1;
      });
    }
    return cleaned;
  }

  /** Values that nobody names and nobody will. */
  #sweep(customerId: CustomerId): Promise<number> {
    return this.#pool.run(customerId, async (sql) => {
      const rows = await sql.rows<{ key: Uint8Array }>(
        `select key from cold_leftovers where customer_id = $1 and at < clock_timestamp() - interval '${sweptAfter} minutes'
         limit ${sweptAtOnce} for update skip locked`,
        [customerId],
      );
      if (rows.length === 0) return 0;
      const keys = rows.map((row) => row.key);
      await this.#options.keyValues.delete(keys);
      await sql.change('delete from cold_leftovers where customer_id = $1 and key = any ($2::bytea[])', [
        customerId,
        keys.map((key) => Buffer.from(key)),
      ]);
      return rows.length;
    });
  }
}

/** Somebody edited or deleted one of the messages, or another mover was faster: nothing happened, and the next round looks again. */
class ChangedMeanwhile extends Error {}

interface HotRow {
  seq: Seq;
  text: string;
  suggestions: string[] | null;
  parts: MessageParts | null;
  at: number;
}

/** Again as long as a part is full; one that is not may also mean that somebody was faster, and the next round sees to it. */
async function untilLess(full: number, work: () => Promise<number>): Promise<number> {
  for (let sum = 0; ; ) {
    const count = await work();
    sum += count;
    if (count < full) return sum;
  }
}

/** The first ones, as long as they are old and fit one segment. */
function oldOnes(rows: readonly HotRow[], before: number): readonly ColdBody[] {
  const bodies: ColdBody[] = [];
  let bytes = 0;
  for (const { at, ...body } of rows) {
    bytes += bytesOf(body);
    if (at >= before || (bytes > segmentBytesMax && bodies.length > 0)) break;
    bodies.push(body);
  }
  return bodies;
}

function plainBody({ seq, text, suggestions, parts }: ColdBody): ColdBody {
  return { seq, text, suggestions, parts };
}

/** Customer, `m`, channel, first number, and an id that is never used again. */
function segmentKey(customerId: CustomerId, channelId: ChannelId, firstSeq: Seq): Uint8Array {
  const seq = Buffer.alloc(8);
  seq.writeBigUInt64BE(BigInt(firstSeq));
  const id = (uuid: string) => Buffer.from(uuid.replaceAll('-', ''), 'hex');
  return customerKey(customerId, Buffer.concat([Buffer.from('m'), id(channelId), seq, id(uuidv7())]));
}

/** By the clock of the database: movers on several machines compare. */
async function leave(sql: Sql, customerId: CustomerId, key: Uint8Array): Promise<void> {
  await sql.change('insert into cold_leftovers (customer_id, key, at) values ($1, $2, clock_timestamp())', [
    customerId,
    Buffer.from(key),
  ]);
}

async function stillIn(sql: Sql, customerId: CustomerId, channelId: ChannelId, firstSeq: Seq): Promise<readonly Seq[]> {
  const rows = await sql.rows<{ seq: Seq }>(
    `select x.seq from messages x join cold_segments s
       on s.customer_id = x.customer_id and s.channel_id = x.channel_id and s.first_seq = $3
     where x.customer_id = $1 and x.channel_id = $2 and x.seq between s.first_seq and s.last_seq and x.cold = s.first_seq order by x.seq`,
    [customerId, channelId, firstSeq],
  );
  return rows.map((row) => row.seq);
}
