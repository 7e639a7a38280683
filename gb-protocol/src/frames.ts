import type { WireEvent } from './compact.ts';
import type { FormAnswer, TimeMs } from './entities.ts';
import type { ErrorBody } from './errors.ts';
import type { ChannelId, ClientId, FileId, Seq, SessionId, UserId } from './ids.ts';
import type { limits } from './limits.ts';

/** Where a client stands in a channel: it has every entry up to `seq` of the log called `epoch`. */
export interface Cursor {
  readonly channelId: ChannelId;
  readonly epoch: number;
  readonly seq: Seq;
}

/** Where a device of somebody's stands, as it told the server. */
export interface DeviceCursors {
  /** When it last told. */
  readonly at: TimeMs;
  readonly cursors: readonly Cursor[];
}

export type PresenceStatus = 'online' | 'away' | 'offline';

/** Frames a client sends. `id` is the client's number for the request; the answer repeats it. */
export type ClientFrame =
  | {
      readonly type: 'hello';
      readonly version: number;
      readonly token?: string;
      readonly client?: string;
      readonly channels?: readonly Cursor[];
      /** Of busy channels that are not watched, `head` frames do in place of every entry. */
      readonly rests?: boolean;
    }
  | { readonly type: 'subscribe'; readonly id: number; readonly channels: readonly Cursor[] }
  | { readonly type: 'unsubscribe'; readonly channelIds: readonly ChannelId[] }
  | {
      readonly type: 'send';
      readonly id: number;
      readonly channelId: ChannelId;
      readonly clientId: ClientId;
      readonly text: string;
      readonly threadSeq?: Seq;
      readonly attachmentIds?: readonly FileId[];
      readonly formAnswer?: FormAnswer;
      readonly isSecret?: boolean;
    }
  | { readonly type: 'typing'; readonly channelId: ChannelId; readonly threadSeq?: Seq }
  | { readonly type: 'presence'; readonly status: 'online' | 'away' }
  /** What the person looks at, in place of what was said before: who is here is told of these channels, and they never rest. */
  | { readonly type: 'watch'; readonly channelIds: readonly ChannelId[] }
  | { readonly type: 'ping' };

/** One channel of a `subscribed` frame. `head` above the client's `seq`: fetch the difference from the log. */
export interface Subscribed {
  readonly channelId: ChannelId;
  readonly epoch: number;
  readonly head: Seq;
}

export interface Refused {
  readonly channelId: ChannelId;
  readonly code: ErrorBody['code'];
}

/** Frames a server sends. */
export type ServerFrame =
  | {
      readonly type: 'welcome';
      readonly version: number;
      readonly sessionId: SessionId;
      readonly userId: UserId;
      readonly serverTime: TimeMs;
      readonly limits: typeof limits;
    }
  | {
      readonly type: 'subscribed';
      readonly id?: number;
      readonly channels: readonly Subscribed[];
      readonly refused: readonly Refused[];
    }
  | {
      readonly type: 'ack';
      readonly id: number;
      readonly channelId: ChannelId;
      readonly clientId: ClientId;
      readonly epoch: number;
      readonly seq: Seq;
      readonly at: TimeMs;
    }
  | ({ readonly type: 'event' } & WireEvent)
  /** Heads of subscribed channels that moved since the last heartbeat: a client below one repairs itself. */
  | {
      readonly type: 'heartbeat';
      readonly heads: Readonly<Record<string, readonly [epoch: number, head: Seq]>>;
      readonly serverTime: TimeMs;
    }
  /** Live events of these channels were not sent to this socket because it was slow: catch up from the log. */
  | { readonly type: 'resync'; readonly channels: readonly Subscribed[] }
  | { readonly type: 'unsubscribed'; readonly channelId: ChannelId; readonly code: ErrorBody['code'] }
  | { readonly type: 'typing'; readonly channelId: ChannelId; readonly userId: UserId; readonly threadSeq?: Seq }
  /** What a bot is about to say, as far as it is known; each one replaces the last. Its message ends it. */
  | {
      readonly type: 'streaming';
      readonly channelId: ChannelId;
      readonly userId: UserId;
      readonly threadSeq?: Seq;
      readonly text: string;
    }
  /** Who is here: of a channel that is watched, or without `channelId` of everybody. `isAll`: in place of what was said before. */
  | {
      readonly type: 'presence';
      readonly users: Readonly<Record<string, PresenceStatus>>;
      readonly channelId?: ChannelId;
      readonly isAll?: boolean;
      /** How many follow the channel here, named or not: about, when they are many. */
      readonly count?: number;
    }
  /**
   * A busy channel that is not watched has come to `head`. Of what came since the last one only those entries are told
   * that concern more than who reads the channel; they stand apart from the log, and the cursor stays where it is.
   */
  | {
      readonly type: 'head';
      readonly channelId: ChannelId;
      readonly epoch: number;
      readonly head: Seq;
      /** Messages in the channel, as in `message.posted`; absent when none came. */
      readonly count?: number;
      readonly entries: readonly WireEvent[];
    }
  | { readonly type: 'pong'; readonly serverTime: TimeMs }
  /** The server will close soon: connect again after this long. */
  | { readonly type: 'drain'; readonly reconnectAfterMs: number }
  | ({ readonly type: 'error'; readonly id?: number } & ErrorBody);
