import type { CustomerId } from 'gb-protocol';

/** Buckets of customers, of which each is in one database at a time. Never to be changed: every id is dealt by it. */
export const bucketCount = 1024;

/** The last ten bits of the id, which are random in ids of ours; `control.bucket_of` says the same. */
export function bucketOf(customerId: CustomerId): number {
  return Number.parseInt(customerId.slice(-3), 16) & (bucketCount - 1);
}

/** The epoch in which whoever opens a transaction believes the customer's bucket to be in this database. */
export interface Fence {
  epochOf(customerId: CustomerId): number;
  /** Known to lie in several databases: a transaction in this one alone would see only what is here. */
  isSplit?(customerId: CustomerId): boolean;
  /**
   * Of a database that has a copy in another region: a commit is believed when the lease still holds after it. One whose
   * answer took longer than the lease may have come after the other region took over.
   */
  readonly hasLease?: boolean;
  /** Whether this process is in the region of the database: entries and alarms are handed out there, to whom they concern. */
  readonly isNear?: () => boolean;
}

/** Fails with `unavailable` when the database may no longer be written. To be asked on the connection of a commit, after it. */
export const confirmLease = 'select control.lease_left()';

/** Calls with the name of the customer's database, and again elsewhere when its bucket has moved since. */
export type Routing = <T>(customerId: CustomerId, call: (name: string) => Promise<T>) => Promise<T>;

/** The bucket is in another database, or on its way there: to be asked for again with a fresh map. Nothing was done. */
export class BucketMoved extends Error {
  constructor(cause: unknown) {
    super('The bucket of this customer is not in this database', { cause });
    this.name = 'BucketMoved';
  }
}
