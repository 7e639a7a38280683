import type {
  Attachment,
  ChannelId,
  ChannelState,
  ClientId,
  FormAnswer,
  LogEvent,
  Message,
  Posted,
  Seq,
  TimeMs,
  UserId,
} from 'gb-protocol';
import type { ApiError } from './http.ts';

/**
 * Where the connection stands. `live`: events arrive as they happen. `waiting`: cut off, trying again at `retryAtMs`.
 * `offline`: the machine has no network. `stopped`: trying again would not help, `reason` says what has to change
 * (`unauthenticated`: log in). `closed`: by us.
 */
export interface Status {
  readonly phase: 'loading' | 'connecting' | 'live' | 'waiting' | 'offline' | 'stopped' | 'closed';
  /** By the local clock. */
  readonly retryAtMs: number | null;
  /** Tries in a row that failed. */
  readonly attempt: number;
  readonly reason: ApiError | null;
}

/** A channel as the side bar shows it, up to date with its log. */
export interface ChannelView extends Omit<ChannelState, 'draft'> {
  readonly unread: number;
}

/** What a message is sent with besides its text. */
export interface SendOptions {
  readonly threadSeq?: Seq | null;
  readonly attachments?: readonly Attachment[];
  readonly formAnswer?: FormAnswer;
  /** A password: it is stored nowhere on this side, and does not outlive a reload. */
  readonly isSecret?: boolean;
}

/** A message on its way out. `sent`: the server has it, and the log's entry is about to take its place. */
export interface OutgoingMessage {
  readonly clientId: ClientId;
  readonly channelId: ChannelId;
  readonly threadSeq: Seq | null;
  readonly text: string;
  /** Uploads that go with it. */
  readonly attachments?: readonly Attachment[];
  readonly formAnswer?: FormAnswer;
  readonly isSecret?: boolean;
  /** By the local clock. */
  readonly at: TimeMs;
  readonly state: 'pending' | 'sending' | 'sent' | 'failed';
  /** Why it failed: a final answer, so only `retry` or `discard` move it. */
  readonly reason: { readonly code: string; readonly message: string } | null;
}

/** What a bot is about to say, as far as it is known. */
export interface GrowingText {
  readonly userId: UserId;
  readonly text: string;
  /** When it began, by the local clock. */
  readonly at: TimeMs;
}

/**
 * A contiguous stretch of a channel's messages, or of one thread's (its first message, then the replies), oldest first.
 * At the live end (`hasNewer` false) new messages join it; elsewhere they only raise the channel's counters.
 */
export interface MessageWindow {
  readonly channelId: ChannelId;
  readonly threadSeq: Seq | null;
  /** `absent`: not asked for yet, or forgotten to save memory; `open` loads it. `failed`: `error` says why. */
  readonly state: 'absent' | 'loading' | 'ready' | 'failed';
  readonly error: ApiError | null;
  readonly messages: readonly Message[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
  readonly isLoadingOlder: boolean;
  readonly isLoadingNewer: boolean;
  /** Mine, on their way out: to be shown after the messages when `hasNewer` is false. */
  readonly outgoing: readonly OutgoingMessage[];
}

export interface OutboxState {
  /** Not with the server yet. */
  readonly waiting: number;
  readonly failed: number;
}

export interface UnreadTotals {
  readonly channels: number;
  readonly messages: number;
  readonly mentions: number;
}

export type ActionKind =
  | 'send'
  | 'edit'
  | 'delete'
  | 'react'
  | 'mark-read'
  | 'mark-unread'
  | 'notifications'
  | 'draft'
  | 'outbox-storage';

export interface ClientEvents {
  /** Every log entry, once, in the order of its log, after the state took it in. */
  event: LogEvent;
  /**
   * An entry of a busy channel that nobody looks at, told apart because it calls me, or everybody, or is the newest of
   * several. It is told again as `event` when the log is read up to it, unless the client jumps over it.
   */
  aside: LogEvent;
  /** One of mine is stored. */
  posted: Posted;
  /** One of mine was refused for good; it stays in the outbox as `failed`. */
  'send-failed': { readonly message: OutgoingMessage; readonly error: ApiError };
  /** The server refused what the screen already showed; the screen was put right. */
  refused: { readonly action: ActionKind; readonly channelId: ChannelId; readonly seq: Seq | null; readonly error: ApiError };
  /** The channel's log started over, or the client jumped ahead in it: entries between were not told as `event`. */
  skipped: { readonly channelId: ChannelId; readonly epoch: number; readonly seq: Seq };
  typing: { readonly channelId: ChannelId; readonly threadSeq: Seq | null; readonly userId: UserId };
  /** Something odd the client dealt with and a developer wants to know. */
  warning: { readonly message: string; readonly cause?: unknown };
}
