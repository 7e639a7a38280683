import type {
  BotId,
  ChannelId,
  ClientId,
  ConversationId,
  FileId,
  InstanceId,
  OrganizationId,
  Seq,
  SessionId,
  UserId,
} from './ids.ts';

/** Times on the wire are milliseconds since 1970, by the server's clock. */
export type TimeMs = number;

export type Role = 'owner' | 'admin' | 'member' | 'guest' | 'bot';
export type Locale = 'en' | 'pt-BR';

export interface User {
  readonly id: UserId;
  readonly kind: 'person' | 'bot';
  readonly name: string;
  /** What follows the @: lower case, unique in the instance. */
  readonly handle: string;
  readonly role: Role;
  readonly isActive: boolean;
}

/** What a person sees of their own account. */
export interface Me extends User {
  readonly email: string;
  readonly locale: Locale;
}

export interface Instance {
  readonly id: InstanceId;
  readonly organizationId: OrganizationId;
  readonly name: string;
}

/**
 * `direct` joins two people, `group` three to nine. Two kinds are never shown: `self` is a person's own log (read
 * marks, drafts, settings), `instance` the workspace's (people, channels and bots that come, change and go).
 */
export type ChannelKind = 'public' | 'private' | 'direct' | 'group' | 'self' | 'instance';

export interface Channel {
  readonly id: ChannelId;
  readonly kind: ChannelKind;
  /** Empty for direct and group channels: a client shows the other members' names. */
  readonly name: string;
  readonly topic: string;
  readonly isArchived: boolean;
  readonly createdAt: TimeMs;
}

export type NotificationLevel = 'all' | 'mentions' | 'none';

/** One person's place in one channel. */
export interface Membership {
  readonly channelId: ChannelId;
  readonly readSeq: Seq;
  /** The channel's message count at `readSeq`: unread = count - readCount. */
  readonly readCount: number;
  readonly notifications: NotificationLevel;
}

/** A channel in the snapshot: what a client needs to draw the side bar and to follow the log from here. */
export interface ChannelState {
  readonly channel: Channel;
  readonly epoch: number;
  readonly head: Seq;
  /** Messages outside threads so far, deleted ones included. */
  readonly count: number;
  readonly lastMessageAt: TimeMs | null;
  readonly membership: Membership;
  /** Mentions of me after `readSeq`. */
  readonly mentions: number;
  /** All members of a direct or group channel; of others only the number. */
  readonly memberIds?: readonly UserId[];
  readonly memberCount: number;
  readonly draft?: string;
}

export interface Reaction {
  readonly emoji: string;
  readonly userIds: readonly UserId[];
}

export interface ThreadSummary {
  readonly replyCount: number;
  readonly lastReplyAt: TimeMs;
  /** The latest few who replied, newest first. */
  readonly userIds: readonly UserId[];
}

export interface Message {
  readonly channelId: ChannelId;
  readonly seq: Seq;
  readonly clientId: ClientId;
  readonly authorId: UserId;
  /** Markdown; empty when deleted. */
  readonly text: string;
  readonly at: TimeMs;
  readonly editedAt: TimeMs | null;
  readonly deletedAt: TimeMs | null;
  /** The first message of the thread this is a reply in, else null. */
  readonly threadSeq: Seq | null;
  /** People mentioned by name; `@channel` is in the text. */
  readonly mentions: readonly UserId[];
  readonly mentionsChannel: boolean;
  readonly reactions: readonly Reaction[];
  readonly thread: ThreadSummary | null;
  /** Quick answers a bot offers with this message. */
  readonly suggestions: readonly string[];
  /** Files that came with it; absent when there are none. */
  readonly attachments?: readonly Attachment[];
  /** What a bot shows beside the text. */
  readonly card?: Card;
  /** A form a bot asks to fill in. */
  readonly form?: Form;
  /** The answer to a form: the text says the same in words. */
  readonly formAnswer?: FormAnswer;
  /** Whose password a bot waits for: what they write next, in the same place, is to be hidden while it is typed. */
  readonly asksSecret?: UserId;
  /** The answer to such a question. What was written is not in the text, nor anywhere else but with the bot's program. */
  readonly isSecret?: true;
}

/** What a message carries besides its text. */
export type MessageParts = Pick<Message, 'attachments' | 'card' | 'form' | 'formAnswer' | 'asksSecret' | 'isSecret'>;

/** A file of a message. Who can see the message can fetch it. */
export interface Attachment {
  readonly id: FileId;
  readonly name: string;
  /** Media type. */
  readonly type: string;
  readonly size: number;
  /** Pixels of a picture, so that its box has its size before it is there. */
  readonly width?: number;
  readonly height?: number;
}

export interface Card {
  readonly title?: string;
  readonly subtitle?: string;
  /** Markdown. */
  readonly text?: string;
  /** A picture among the message's attachments. */
  readonly imageId?: FileId;
  readonly facts?: readonly { readonly name: string; readonly value: string }[];
  /** A button says `text` as if it was written, or opens `url`. */
  readonly buttons?: readonly { readonly label: string; readonly text?: string; readonly url?: string }[];
}

export interface Form {
  /** What the answer is filed under. */
  readonly name: string;
  readonly title?: string;
  readonly fields: readonly FormField[];
  readonly submitLabel?: string;
}

export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'longText' | 'number' | 'date' | 'time' | 'email' | 'phone' | 'url' | 'boolean' | 'choice' | 'file';
  readonly isRequired?: boolean;
  /** Of a `choice`. */
  readonly choices?: readonly string[];
  readonly example?: string;
  readonly initial?: string;
}

export interface FormAnswer {
  /** The message with the form, in the same channel. */
  readonly seq: Seq;
  readonly values: Readonly<Record<string, string | number | boolean | null>>;
}

export interface MessageVersion {
  readonly text: string;
  readonly at: TimeMs;
}

export interface Session {
  readonly id: SessionId;
  readonly createdAt: TimeMs;
  readonly lastSeenAt: TimeMs;
  readonly userAgent: string;
  readonly isCurrent: boolean;
}

export interface Invitation {
  /** The part after /join/ in the link. */
  readonly code: string;
  readonly role: 'admin' | 'member' | 'guest';
  readonly createdBy: UserId;
  readonly createdAt: TimeMs;
  readonly expiresAt: TimeMs;
  readonly usesMax: number;
  readonly uses: number;
}

export interface ScriptFile {
  /** Like `start.bas`. */
  readonly name: string;
  readonly text: string;
}

export interface Bot {
  readonly id: BotId;
  /** The account the bot posts with. */
  readonly userId: UserId;
  readonly name: string;
  readonly handle: string;
  readonly description: string;
  /** `package`: loaded from a folder at start, read-only here. `editor`: written in the browser. */
  readonly origin: 'package' | 'editor';
  readonly publishedVersion: number | null;
  readonly updatedAt: TimeMs;
  /** Of the published version; absent when it says nothing about its looks. */
  readonly theme?: BotTheme;
}

/**
 * How a bot looks where people talk to it. Plain values and nothing else: no client may take a style sheet or an address
 * from a bot, and a client makes colours lighter or darker where words could not be read.
 */
export interface BotTheme {
  /** `#rrggbb`: of buttons, links and what is chosen. */
  readonly color?: string;
  /** `#rrggbb`: of quiet surfaces. */
  readonly tint?: string;
  /** What stands above the first message. */
  readonly title?: string;
  readonly welcome?: string;
  /** The picture's path below the theme's folder; its bytes are at `/bots/{id}/logo`. */
  readonly logo?: string;
}

export interface BotDetail extends Bot {
  /** The draft in the editor; what people talk to is the published version. */
  readonly files: readonly ScriptFile[];
  readonly versions: readonly BotVersion[];
  readonly channelIds: readonly ChannelId[];
}

export interface BotVersion {
  readonly version: number;
  readonly publishedAt: TimeMs;
  readonly publishedBy: UserId | null;
}

/**
 * One line of what happened to a bot: a turn that failed, a version that was published. It holds no message and no
 * answer of anybody; a sentence quotes at most 30 characters of a value.
 */
export interface BotLogLine {
  /** 1, 2, 3, ... in each bot's log. */
  readonly number: number;
  readonly at: TimeMs;
  readonly level: 'error' | 'info';
  /** Of an error, like `division_by_zero`; else `published` or `rolled_back`. New ones may come: show `message`. */
  readonly code: string;
  readonly message: string;
  /** Where in the scripts of `version`; null for what happened to the bot as a whole. */
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly version: number | null;
  readonly conversationId: ConversationId | null;
  /** Who published; null for the server itself and for errors. */
  readonly userId: UserId | null;
}

/** Where one person's dialog with a bot stands, without anything that was said in it. */
export interface BotConversation {
  readonly id: ConversationId;
  /** A `run` is a script that nobody talks to: started by the clock, a webhook, a row or a tool. */
  readonly kind: 'dialog' | 'run';
  readonly userId: UserId;
  /** Both null for a run without a place. */
  readonly channelId: ChannelId | null;
  readonly channelKind: ChannelKind | null;
  /** The first message of the thread; null outside threads. */
  readonly threadSeq: Seq | null;
  /** The script it began with. */
  readonly script: string;
  /**
   * `starting`: a run that has yet to begin. `waiting`: for an answer. `asking`: for the world, the clock or an event.
   * `handed`: to a person. `parked`: it could not be run, by no fault of the program; somebody has to look.
   */
  readonly status: 'starting' | 'waiting' | 'asking' | 'handed' | 'finished' | 'failed' | 'parked';
  /** What it asks of the host, like `GET` or `WAIT`. */
  readonly asks: string | null;
  /** When it goes on by itself. */
  readonly wakeAt: TimeMs | null;
  /** Of a waiting one: the kind of answer, like `TEXT` or `MENU`, and the place of the question; null when it cannot be told. */
  readonly waitsFor: { readonly kind: string; readonly file: string; readonly line: number } | null;
  /** The newest version that is this program. */
  readonly version: number | null;
  readonly programHash: string;
  /** It runs what is published now; false: it goes on in an older version. */
  readonly isCurrent: boolean;
  readonly turns: number;
  readonly updatedAt: TimeMs;
  /** What is kept of it between turns. */
  readonly snapshotBytes: number;
  /** When it is with somebody from elsewhere: as a connector knows them. They are not among the people of the workspace. */
  readonly contact?: { readonly id: string; readonly name: string };
}

/** The state of everything a person can see, at one instant: apply the logs from here and stay right for ever. */
export interface Snapshot {
  readonly me: Me;
  readonly instance: Instance;
  readonly organizationName: string;
  readonly users: readonly User[];
  readonly bots: readonly Bot[];
  readonly channels: readonly ChannelState[];
  /** Where the person's own log and the instance's log stand. */
  readonly self: LogPosition;
  readonly directory: LogPosition;
  readonly serverTime: TimeMs;
}

export interface LogPosition {
  readonly channelId: ChannelId;
  readonly epoch: number;
  readonly seq: Seq;
}
