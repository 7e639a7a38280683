import type { ChannelId, CustomerId } from 'gb-protocol';
import { isConnectionError } from '../../database-errors.ts';
import { ChannelElsewhere, channelKey, elsewhere, type PartId, partOf } from './part.ts';
import type { Participant } from './participant.ts';
import { commitTogether, outcomeUnknown, type TwoPhaseOptions } from './two-phase.ts';

const beginAttemptsMax = 3;

export interface SplitTransactionOptions extends TwoPhaseOptions {
  readonly customerId: CustomerId;
  readonly parts: readonly PartId[];
  readonly isReadOnly: boolean;
  readonly isRepeated: boolean;
  readonly nowMs: number;
  /** Channels known to be in parts, by `channelKey`, for all transactions of the process: once there, they stay. */
  readonly known: Set<string>;
}

/**
 * One transaction over the databases of a split customer. It is begun in each when it is first needed there; what is read
 * is of one instant in each database, and of different instants in different ones. Ends in one commit when one of them was
 * written to, and in two phases when several were.
 */
export class SplitTransaction {
  readonly customerId: CustomerId;
  readonly nowMs: number;
  readonly parts: readonly PartId[];
  readonly #options: SplitTransactionOptions;
  readonly #begun = new Map<CustomerId, Promise<Participant>>();
  /** As this transaction found them. */
  readonly #places = new Map<ChannelId, CustomerId | null>();
  readonly #made: ChannelId[] = [];
  /** Heads that were seen in parts. */
  readonly #seen = new Set<ChannelId>();

  constructor(options: SplitTransactionOptions) {
    this.#options = options;
    this.customerId = options.customerId;
    this.nowMs = options.nowMs;
    this.parts = options.parts;
  }

  home(): Promise<Participant> {
    return this.at(this.customerId);
  }

  at(customerId: CustomerId): Promise<Participant> {
    let participant = this.#begun.get(customerId);
    if (!participant) {
      participant = this.#options.databases.begin(customerId, this.#options);
      participant.catch(() => {}); // Told to whoever asked, and to `rollback`.
      this.#begun.set(customerId, participant);
    }
    return participant;
  }

  /**
   * In a reading: `null` when the database of this part is away. One that was started again is not: its connections of
   * before are dead, and the next one is not.
   */
  async ifThere<T>(part: PartId, work: (participant: Participant) => Promise<T>): Promise<T | null> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work(await this.at(part));
      } catch (error) {
        if (!this.#options.isReadOnly || part === this.customerId || !isConnectionError(error)) throw error;
        const broken = await this.#begun.get(part)?.catch(() => null); // What is wrong with it is what was thrown.
        await broken?.rollback();
        this.#begun.delete(part);
        if (attempt < beginAttemptsMax) continue;
        this.#options.log.debug({ err: error, customerId: this.customerId }, 'A part is away; its channels are left out');
        return null;
      }
    }
  }

  /** Who has the log of a channel; null when there is no such channel. */
  async place(channelId: ChannelId): Promise<CustomerId | null> {
    return (await this.placesOf([channelId])).get(channelId)!;
  }

  async placesOf(channelIds: readonly ChannelId[]): Promise<ReadonlyMap<ChannelId, CustomerId | null>> {
    const { known } = this.#options;
    // Looked up once: what was begun at home must not be ended in a part, and is refused there if the log has left since.
    for (const id of channelIds)
      if (!this.#places.has(id) && known.has(channelKey(this.customerId, id))) this.#places.set(id, partOf(this.parts, id));
    const asked = channelIds.filter((id) => !this.#places.has(id));
    if (asked.length > 0) {
      const { sql } = await this.home();
      const rows = await sql.rows<{ channel_id: ChannelId; is_elsewhere: boolean }>(
        `select channel_id, head = ${elsewhere} as is_elsewhere from channel_heads
         where customer_id = $1 and channel_id = any ($2::uuid[])`,
        [this.customerId, asked],
      );
      const found = new Map(rows.map((row) => [row.channel_id, row.is_elsewhere]));
      for (const id of asked) {
        const isElsewhere = found.get(id);
        // Asked twice at once, the first answer counts.
        if (this.#places.has(id)) continue;
        this.#places.set(id, isElsewhere === undefined ? null : isElsewhere ? partOf(this.parts, id) : this.customerId);
        if (isElsewhere) known.add(channelKey(this.customerId, id));
      }
    }
    return new Map(channelIds.map((id) => [id, this.#places.get(id)!]));
  }

  /**
   * Where the log of a channel is, and it is there. Home may say that it is in a part a moment before that shows there: the
   * commit has reached the one and not yet the other. Whoever comes in between begins again.
   */
  async with(channelId: ChannelId): Promise<Participant> {
    const place = await this.place(channelId);
    // Where there is no such channel, home has the words for it.
    const participant = await this.at(place ?? this.customerId);
    if (place === null || place === this.customerId || this.#seen.has(channelId)) return participant;
    const { sql } = participant;
    const row = await sql.row('select 1 from channel_heads where customer_id = $1 and channel_id = $2', [place, channelId]);
    if (!row) throw new ChannelElsewhere();
    this.#seen.add(channelId);
    return participant;
  }

  /** A channel was made in this transaction, with its log in a part. */
  made(channelId: ChannelId): PartId {
    const part = partOf(this.parts, channelId);
    this.#places.set(channelId, part);
    this.#made.push(channelId);
    this.#seen.add(channelId);
    return part;
  }

  async commit(): Promise<void> {
    const begun = await Promise.all(this.#begun.values());
    const wrote: Participant[] = [];
    if (!this.#options.isReadOnly) {
      const marks = await Promise.all(begun.map((one) => one.hasWritten()));
      wrote.push(...begun.filter((_, index) => marks[index]));
    }
    if (wrote.length <= 1) {
      for (const one of wrote) {
        await one.commit().catch((error: unknown) => {
          throw isConnectionError(error) ? outcomeUnknown(error) : error;
        });
        one.announce();
      }
    } else {
      const home = await this.home();
      await commitTogether(
        home,
        wrote.filter((one) => one !== home),
        this.#options,
      );
    }
    for (const id of this.#made) this.#options.known.add(channelKey(this.customerId, id));
    await Promise.all(begun.map((one) => one.rollback())); // Those who only read.
  }

  async rollback(): Promise<void> {
    for (const one of await Promise.allSettled(this.#begun.values())) if (one.status === 'fulfilled') await one.value.rollback();
  }
}
