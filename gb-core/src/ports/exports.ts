import type { ChannelId, ExportStatus, FileId, Locale, Seq, UserId } from 'gb-protocol';

/** What somebody asked to be written into a file, and how far that is. */
export interface ExportRow {
  readonly id: string;
  /** null: the workspace. */
  readonly channelId: ChannelId | null;
  readonly requestedBy: UserId;
  readonly status: ExportStatus;
  readonly state: ExportState;
  /** Entries of logs gone through, and how many there are. */
  readonly written: number;
  readonly total: number;
  /** Goes up with every change. */
  readonly revision: number;
  readonly fileId: FileId | null;
  readonly bytes: number | null;
  readonly reason: string | null;
  readonly createdAt: number;
  readonly changedAt: number;
  /** When its file leaves. */
  readonly endsAt: number | null;
}

/** Where the next piece begins. */
export interface ExportState {
  readonly locale: Locale;
  /** Channels that are to come, the one that is being written first; null until it was looked which there are. */
  readonly channels: readonly ChannelId[] | null;
  /** Of the channel that is being written: entries of its log up to this are in the file. */
  readonly afterSeq: Seq;
  /** Its page of the readable form, and messages on it. */
  readonly page: number;
  readonly onPage: number;
  /** Pieces there are. */
  readonly parts: number;
  /** Bytes of them all. */
  readonly packed: number;
  readonly entries: number;
}

/** A file within the zip file. */
export interface ExportEntryRow {
  readonly number: number;
  readonly name: string;
  readonly crc: number;
  readonly size: number;
  readonly packed: number;
  /** The numbers of the pieces it is made of. */
  readonly parts: readonly number[];
}

export interface ExportRepository {
  insert(row: ExportRow): Promise<void>;
  get(id: string): Promise<ExportRow | null>;
  /** Of one person, the newest first. */
  list(userId: UserId, limit: number): Promise<readonly ExportRow[]>;
  /** Those that are not done: of everybody, and of one person. */
  openCounts(userId: UserId): Promise<{ readonly all: number; readonly own: number }>;
  /** When its revision is still that of `row`, which then goes up by one; false otherwise. */
  save(row: ExportRow): Promise<boolean>;
  delete(id: string): Promise<void>;
  putEntries(id: string, entries: readonly ExportEntryRow[]): Promise<void>;
  entry(id: string, number: number): Promise<ExportEntryRow | null>;
  /** In order, after a number. */
  entries(id: string, after: number, limit: number): Promise<readonly ExportEntryRow[]>;
  /** Those whose file left before this, and open ones on which nothing was done since. */
  over(query: { endedBeforeMs: number; stillSinceMs: number; limit: number }): Promise<readonly ExportRow[]>;
}
