import type { CustomerId } from 'gb-protocol';
import type { ColdReader } from './cold/cold-reader.ts';
import type { Sql } from './connection.ts';

/** What the repositories of one transaction share. */
export interface Scope {
  readonly sql: Sql;
  /** Statements name the customer although the wall adds it, so that the planner prunes partitions. */
  readonly customerId: CustomerId;
  /** One time for everything a transaction writes: a message's `editedAt` is its event's `at`. */
  readonly nowMs: number;
  readonly isReadOnly: boolean;
  /** It met another transaction and runs again: what it means to change it had better lock before it looks. */
  readonly isRepeated: boolean;
  /** Where the texts of old messages are, when they are not in their rows; null where nobody said. */
  readonly cold: ColdReader | null;
  /** Called when outbox rows were written: listeners are told after the commit. */
  readonly onOutboxWritten: () => void;
}
