import { type ChannelId, limits, type UserId } from 'gb-protocol';
import type { Clock, Logger } from 'gb-utils';
import type { OutboxLock, OutboxStorage } from './outbox-storage.ts';
import type { Scheduler } from './store.ts';

/** The part of a WebSocket the client uses; the browser's, Node's and that of `ws` all have it. */
export interface WebSocketLike {
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export interface ClientOptions {
  /** Like `https://chat.example.com`; empty for the page's own server. */
  readonly baseUrl: string;
  /** Like `wss://chat.example.com/ws`; made from `baseUrl` when absent. */
  readonly webSocketUrl?: string;
  /** A session's token. Without it the cookie speaks. */
  readonly token?: string;
  /** Who is calling, for the server's log: `gb-web/6.0.0`. */
  readonly client?: string;
  readonly fetch?: typeof fetch;
  readonly openWebSocket: (url: string) => WebSocketLike;
  /** One storage per person, so that nobody sends what another left on this machine. */
  readonly openOutbox: (userId: UserId) => Promise<OutboxStorage>;
  readonly outboxLock?: (userId: UserId) => OutboxLock;
  readonly schedule?: Scheduler;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly logger?: Logger;
  readonly tuning?: Partial<Tuning>;
  /**
   * There is somebody who looks at channels, those whose `messages` are subscribed to: of them, and of direct ones, it is
   * told who is here; busy ones that are not looked at need not be told entry by entry (`aside`). Not for programs that
   * want every `event`.
   */
  readonly hasScreen?: boolean;
  /** Channels to follow; without it all of the person's. For programs that watch a few. */
  readonly follows?: (channelId: ChannelId) => boolean;
}

/** Every bound and delay of the client, with its unit. */
export interface Tuning {
  /** A gap waits this long for events that overtook each other, before the log is asked. */
  readonly gapMs: number;
  /** Events kept while one before them is missing; more are dropped and fetched. */
  readonly reorderBufferMax: number;
  readonly logPageSize: number;
  /** A log this far ahead is not read entry by entry: the channel's state and newest page are loaded instead. */
  readonly skipAheadEntries: number;
  /** Catch-up requests at a time. */
  readonly fetchesMax: number;
  readonly requestTimeoutMs: number;
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
  /** A connection that lasted this long was a good one: the next failure starts the backoff anew. */
  readonly stableMs: number;
  /** What the server must beat to not count as gone. */
  readonly silenceMs: number;
  readonly pingMs: number;
  readonly helloMs: number;
  /** Time for an answer when asking whether the connection is still there. */
  readonly probeMs: number;
  /** A send without answer for this long is sent again. */
  readonly ackMs: number;
  readonly outboxMax: number;
  /** Sends without answer at a time, all channels together. */
  readonly sendsInFlightMax: number;
  readonly windowsMax: number;
  readonly windowMessagesMax: number;
  readonly pageSize: number;
  readonly readMarkMs: number;
  readonly draftMs: number;
  readonly typingMs: number;
  /** How long what is looked at is gathered before it is told. */
  readonly watchMs: number;
  /** A growing answer goes after this long without news. */
  readonly streamingMs: number;
  /** How long what I did is shown on trust when its log entry does not come. */
  readonly echoMs: number;
  /** My own message marks the channel read up to it, if it was read up to the one before. */
  readonly readsOwnMessages: boolean;
}

export const defaultTuning: Tuning = {
  gapMs: 150,
  reorderBufferMax: 1_000,
  logPageSize: 200,
  skipAheadEntries: 2_000,
  fetchesMax: 4,
  requestTimeoutMs: 20_000,
  backoffBaseMs: 500,
  backoffMaxMs: 30_000,
  stableMs: 10_000,
  silenceMs: 45_000,
  pingMs: 15_000,
  helloMs: 10_000,
  probeMs: 4_000,
  ackMs: 10_000,
  outboxMax: 1_000,
  sendsInFlightMax: 64,
  windowsMax: 24,
  windowMessagesMax: 400,
  pageSize: 50,
  readMarkMs: 1_000,
  draftMs: 800,
  typingMs: 3_000,
  watchMs: 150,
  streamingMs: limits.streamingMs,
  echoMs: 10_000,
  readsOwnMessages: true,
};
