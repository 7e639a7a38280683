import type { ChannelId, ConversationId, CustomerId, LogEvent } from 'gb-protocol';

/** A committed entry on its way to whoever watches. */
export interface Published {
  readonly customerId: CustomerId;
  readonly event: LogEvent;
}

/** What is worth telling those who are here now, and nobody later. */
export type Signal =
  | {
      readonly type: 'typing';
      readonly customerId: CustomerId;
      readonly channelId: ChannelId;
      readonly userId: string;
      readonly threadSeq?: number;
    }
  | {
      /** A bot's answer as it grows; each one replaces the last. The message itself ends it. */
      readonly type: 'streaming';
      readonly customerId: CustomerId;
      readonly channelId: ChannelId;
      readonly userId: string;
      readonly threadSeq?: number;
      readonly text: string;
    }
  | {
      /** Who is at a gateway, which makes up a name for itself: those who changed, or all of a customer's who are there. */
      readonly type: 'presence';
      readonly customerId: CustomerId;
      readonly gatewayId: string;
      readonly people: Readonly<Record<string, 'online' | 'away' | 'offline'>>;
      readonly isAll: boolean;
      /** How many are there, named or not. */
      readonly count?: number;
    }
  /** A gateway has people of a customer and does not know yet who is at the others. */
  | { readonly type: 'presence.asked'; readonly customerId: CustomerId; readonly gatewayId: string }
  /** How many connections of a customer a process has; of few nothing is said, and 0 when they got few. */
  | { readonly type: 'connections'; readonly customerId: CustomerId; readonly nodeId: string; readonly connections: number }
  /** Somebody at a gateway looks at these channels and wants to know who of their followers is at the others. */
  | {
      readonly type: 'presence.watched';
      readonly customerId: CustomerId;
      readonly gatewayId: string;
      readonly channelIds: readonly ChannelId[];
    }
  /** Who follows these channels at a gateway. */
  | {
      readonly type: 'presence.channels';
      readonly customerId: CustomerId;
      readonly gatewayId: string;
      readonly channels: Readonly<
        Record<
          string,
          {
            readonly people: Readonly<Record<string, 'online' | 'away' | 'offline'>>;
            readonly isAll: boolean;
            readonly count?: number;
          }
        >
      >;
    }
  /** Something is to be done at this time, and the row that says so is committed: alarm clocks need not find it by looking. */
  | { readonly type: 'due'; readonly customerId: CustomerId; readonly atMs: number }
  /** These entries of a channel are committed: whoever follows it and has not heard of one of them looks at the log. */
  | {
      readonly type: 'offered';
      readonly customerId: CustomerId;
      readonly channelId: ChannelId;
      readonly from: number;
      readonly to: number;
    }
  /** A run of a script has ended; what it gave back is in its row. */
  | { readonly type: 'run.ended'; readonly customerId: CustomerId; readonly runId: ConversationId }
  /** Also of a key of a bot, under the key's id. */
  | { readonly type: 'session.ended'; readonly customerId: CustomerId; readonly sessionId: string };

/**
 * Fan-out to whoever is listening now.
 * At most once: a listener that is away misses events and recovers from the log by seq. Events of one channel arrive in
 * publish order; channels are unrelated. `publish` never waits and never throws: the caller has already committed.
 */
export interface EventBus {
  publish(published: Published): void;
  signal(signal: Signal): void;
  onEvent(listener: (published: Published) => void): () => void;
  onSignal(listener: (signal: Signal) => void): () => void;
  /**
   * Events or signals of other processes may have been missed since the last call, or since the beginning. Whoever keeps
   * something by them looks again: at the log, at the database. A bus within one process never calls it.
   */
  onGap(listener: () => void): () => void;
  close(): Promise<void>;
}
