import type { OutboxEntry } from './store.ts';

/**
 * The durable way to learn of committed entries: every entry reaches every group at least once, entries of one channel
 * in the order of their seq, also those committed while nobody was listening. Groups are told apart by name.
 * A handler that throws is tried again, after a growing pause, without letting later entries of the same channel pass;
 * after `attemptsMax` the entry is parked with its reason and the channel goes on.
 */
export interface EventLog {
  consume(group: string, handler: (entry: OutboxEntry) => Promise<void>): void;
  /** Starts handing out entries, once all groups are there. */
  start(): void;
  /** Resolves when every entry committed before the call was handled. */
  drained(): Promise<void>;
  close(): Promise<void>;
}
