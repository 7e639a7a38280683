import type { Bot, Channel, ChannelState, Membership, Message, NotificationLevel, TimeMs, User } from './entities.ts';
import type { BotId, ChannelId, Seq, UserId } from './ids.ts';

/**
 * What an entry of a log says. Events carry the new state, not the difference: applying one twice, or applying an older
 * one to a newer row that it is already part of, does no harm.
 */
export type EventBody =
  // In a channel
  | {
      readonly kind: 'message.posted';
      readonly message: Message /** The channel's message count after it. */;
      readonly count: number;
    }
  | {
      readonly kind: 'message.edited';
      readonly target: Seq;
      readonly text: string;
      readonly mentions: readonly UserId[];
      readonly mentionsChannel: boolean;
    }
  | { readonly kind: 'message.deleted'; readonly target: Seq }
  | { readonly kind: 'reaction.added'; readonly target: Seq; readonly emoji: string }
  | { readonly kind: 'reaction.removed'; readonly target: Seq; readonly emoji: string }
  | { readonly kind: 'member.joined'; readonly userId: UserId }
  | { readonly kind: 'member.left'; readonly userId: UserId }
  | { readonly kind: 'channel.updated'; readonly channel: Channel }
  // In a person's own log. `subjectId` is the channel meant: in the finished entry `channelId` names the log it stands in.
  | { readonly kind: 'channel.added'; readonly state: ChannelState }
  | { readonly kind: 'channel.removed'; readonly subjectId: ChannelId }
  | { readonly kind: 'read.marked'; readonly membership: Membership; readonly mentions: number }
  | {
      readonly kind: 'notifications.set';
      readonly subjectId: ChannelId;
      readonly level: NotificationLevel;
    }
  | {
      readonly kind: 'draft.saved';
      readonly subjectId: ChannelId;
      readonly threadSeq: Seq | null;
      readonly text: string;
    }
  // In the instance's log
  | { readonly kind: 'user.updated'; readonly user: User }
  | { readonly kind: 'bot.updated'; readonly bot: Bot }
  | { readonly kind: 'bot.removed'; readonly botId: BotId };

export type EventKind = EventBody['kind'];

/** One entry of a channel's log, as every client sees it. */
export type LogEvent = EventBody & {
  readonly channelId: ChannelId;
  readonly epoch: number;
  readonly seq: Seq;
  readonly actorId: UserId;
  readonly at: TimeMs;
};
