import type { QuotaName, QuotaUse } from 'gb-protocol';

/** What the database counts by itself, exactly: whatever puts in one more is refused when there is no room. */
export type CountedQuota = 'members' | 'channels' | 'bots' | 'webhooks';

/** Messages of the present day, of all processes that told of theirs. */
export interface DayCount {
  readonly used: number;
  /** null: as many as they like. */
  readonly most: number | null;
  readonly endsInMs: number;
}

/**
 * What the customer may have, and has. Counted things are counted by what puts them into the database, which fails with
 * `quota_exceeded` and ends the transaction when there is no room for one more; the count is held until the transaction
 * ends, so two at a time cannot both take the last room.
 */
export interface QuotaRepository {
  /** null: as much as they like. */
  most(name: QuotaName): Promise<number | null>;
  /** All there are; `used` of what the database does not know is null. */
  list(): Promise<readonly QuotaUse[]>;
  /** For who has more to do in the transaction and wants to hear of it before it is lost: fails with `quota_exceeded`. */
  requireRoom(name: CountedQuota): Promise<void>;
  /** Adds to the messages of the day, which is the database's, not ours. */
  countMessages(count: number): Promise<DayCount>;
}
