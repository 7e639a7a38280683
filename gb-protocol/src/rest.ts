import type { WireEvent } from './compact.ts';
import type {
  BotConversation,
  BotLogLine,
  BotTheme,
  Channel,
  ChannelState,
  FormAnswer,
  Invitation,
  Locale,
  Message,
  MessageVersion,
  NotificationLevel,
  Role,
  ScriptFile,
  User,
} from './entities.ts';
import type { BotId, ChannelId, ClientId, FileId, Seq, UserId } from './ids.ts';

/** Bodies of the REST API that are not entities themselves. The JSON schemas beside them are in `gb-protocol/schemas`. */

export interface SetupState {
  /** No organization exists yet: the next sign-up makes the first one. */
  readonly needsSetup: boolean;
  /** More organizations may sign up. */
  readonly isOpen: boolean;
}

export interface SignUp {
  readonly organization: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly locale?: Locale;
}

export interface LogIn {
  readonly email: string;
  readonly password: string;
  /** Needed only when the same e-mail has accounts with several organizations; the error lists them. */
  readonly customerId?: string;
}

/** The answer to every way of getting a session. A browser gets a cookie that scripts cannot read and no token; a program the token. */
export interface SignedIn {
  readonly token: string | null;
  readonly userId: UserId;
}

export interface NewInvitation {
  readonly role?: 'admin' | 'member' | 'guest';
  readonly expiresInHours?: number;
  readonly usesMax?: number;
}

/** What a stranger with the link sees. */
export interface InvitationPreview {
  readonly organizationName: string;
  readonly invitedBy: string;
  readonly isUsable: boolean;
}

export interface AcceptInvitation {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly locale?: Locale;
}

export interface InvitationList {
  readonly invitations: readonly Invitation[];
}

export interface NewChannel {
  readonly kind: 'public' | 'private';
  readonly name: string;
  readonly topic?: string;
  readonly memberIds?: readonly UserId[];
}

export interface ChannelPatch {
  readonly name?: string;
  readonly topic?: string;
  readonly isArchived?: boolean;
}

export interface NewDirect {
  /** The other people: one for a direct channel, up to eight for a group. */
  readonly userIds: readonly UserId[];
}

export interface BrowseChannels {
  readonly channels: readonly { readonly channel: Channel; readonly memberCount: number; readonly isMember: boolean }[];
}

export interface ChannelOpened {
  readonly state: ChannelState;
}

export interface MemberList {
  readonly members: readonly User[];
}

export interface PostMessage {
  readonly clientId: ClientId;
  /** May be empty when there is something else in the message. */
  readonly text: string;
  readonly threadSeq?: Seq;
  /** Files the person uploaded, in the order they are shown. */
  readonly attachmentIds?: readonly FileId[];
  /** Without a text, the server says the answers in words. */
  readonly formAnswer?: FormAnswer;
  /**
   * The text is a password: it is not stored, and reaches the bot that waits for one, if any does. Answers to
   * `asksSecret` are taken for such also without this.
   */
  readonly isSecret?: boolean;
}

export interface Posted {
  readonly channelId: ChannelId;
  readonly clientId: ClientId;
  readonly epoch: number;
  readonly seq: Seq;
  readonly at: number;
}

/** Oldest first. */
export interface MessagePage {
  readonly messages: readonly Message[];
  readonly epoch: number;
  /** The log position the page was read at: later entries may change these messages. */
  readonly head: Seq;
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
}

/** `restart`: the log was rebuilt under a new epoch; forget the old entries and start from a snapshot of the channel. */
export type LogPage<Entry = WireEvent> =
  | {
      readonly kind: 'events';
      readonly epoch: number;
      readonly head: Seq;
      readonly events: readonly Entry[];
      readonly hasMore: boolean;
    }
  | { readonly kind: 'restart'; readonly epoch: number; readonly head: Seq };

export interface MessageHistory {
  /** Earlier texts, oldest first; the last is the present one. */
  readonly versions: readonly MessageVersion[];
}

export interface UserPatch {
  readonly name?: string;
  readonly locale?: Locale;
}

export interface UserAdminPatch {
  readonly role?: Exclude<Role, 'bot'>;
  readonly isActive?: boolean;
}

export interface SetNotifications {
  readonly level: NotificationLevel;
}

export interface NewBot {
  readonly name: string;
  readonly handle: string;
  readonly description?: string;
  readonly files: readonly ScriptFile[];
}

/** A bot that comes with the program for people to begin with. */
export interface BotExampleInfo {
  readonly id: string;
  readonly name: string;
  /** In the language of whoever asks. */
  readonly description: string;
  readonly scripts: number;
  /** What it shows, as its scripts write it. */
  readonly keywords: readonly string[];
}

/** A copy of an example, published at once. */
export interface NewBotFromExample {
  readonly name: string;
  readonly handle: string;
  readonly description?: string;
  readonly example: string;
  /** Where its clocks are to be, like America/Recife; where the example has them when nothing is said. */
  readonly timeZone?: string;
}

export interface BotPatch {
  readonly name?: string;
  readonly description?: string;
  readonly files?: readonly ScriptFile[];
}

/** One step of trying a draft beside the editor. Without `previewId` the program starts. */
export interface PreviewTurn {
  /** The bot whose draft it is, so that files it makes have an owner. */
  readonly botId?: BotId;
  readonly files: readonly ScriptFile[];
  readonly previewId?: string;
  readonly answer?: string;
  /** Of an answer that a form gave. */
  readonly formValues?: FormAnswer['values'];
}

export interface PreviewResult {
  readonly previewId: string | null;
  readonly status: 'waiting' | 'finished' | 'failed';
  readonly replies: readonly PreviewReply[];
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly file: string;
    readonly line: number;
    readonly column: number;
  } | null;
  readonly fuelUsed: number;
  readonly elapsedMs: number;
  /** How the draft would look. */
  readonly theme?: BotTheme;
  /** It waits for a password. */
  readonly asksSecret?: true;
}

export interface PreviewReply extends Pick<Message, 'attachments' | 'card' | 'form'> {
  readonly text: string;
  readonly suggestions?: readonly string[];
}

/** Newest last. With `hasOlder`, the lines before these are `before=` the number of the first. */
export interface BotLogPage {
  readonly lines: readonly BotLogLine[];
  readonly hasOlder: boolean;
}

/** The last active ones first; `next` is the `before` of the page after this one, null at the end. */
export interface BotConversationPage {
  readonly conversations: readonly BotConversation[];
  readonly next: string | null;
}
