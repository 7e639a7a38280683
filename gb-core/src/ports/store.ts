import type {
  Bot,
  BotId,
  BotLogLine,
  BotVersion,
  Channel,
  ChannelId,
  ChannelKind,
  ChannelState,
  ClientId,
  ConversationId,
  CustomerId,
  EventBody,
  Instance,
  InstanceId,
  Invitation,
  Locale,
  LogEvent,
  LogPosition,
  Me,
  Membership,
  Message,
  MessageVersion,
  NotificationLevel,
  OrganizationId,
  Role,
  ScriptFile,
  Seq,
  SessionId,
  User,
  UserId,
} from 'gb-protocol';
import type { CompiledProgram } from './bot-runtime.ts';

/**
 * The system of record. Everything in it belongs to a customer, and the wall between customers is in the engine: a
 * transaction is bound to one customer and can neither see nor touch rows of another, whatever it asks for.
 * A resolved write is on stable storage. Expected failures are `GbError`s: `unavailable` (retryable) when the engine is
 * away, codes of gb-protocol where a method says so.
 */
export interface Store {
  /**
   * Appends one message to a channel's log and resolves once it is durable. Calls made at the same time share commits.
   * A message whose (author, clientId) the channel already holds is not stored again: the first result comes back with
   * `isDuplicate`; with other text the call fails with `duplicate_client_id`.
   * Bounded: when too many appends wait, the call fails at once with `overloaded`.
   */
  appendMessage(customerId: CustomerId, message: NewMessage): Promise<AppendedMessage>;

  /** One read-write transaction of one customer. Retried as a whole on a serialization failure or deadlock, so `work` must only touch `tx`. */
  transaction<T>(customerId: CustomerId, work: (tx: Tx) => Promise<T>): Promise<T>;

  /** A read-only transaction: everything read in it is of one instant. */
  read<T>(customerId: CustomerId, work: (tx: Tx) => Promise<T>): Promise<T>;

  /** Makes a customer with its first organization, instance, owner and logs, in one transaction. Fails with `email_taken`. */
  createCustomer(input: NewCustomer): Promise<CustomerCreated>;

  /** Accounts with this e-mail, over all customers: the only question that crosses the wall, asked before there is a session. */
  findLogins(email: string): Promise<readonly { customerId: CustomerId; userId: UserId; organizationName: string }[]>;
  listCustomers(): Promise<readonly CustomerId[]>;

  readonly outbox: Outbox;

  /** Cheap question whether the engine answers, for health checks. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Committed log entries that consumers have not been given yet, of all customers, oldest first. */
export interface Outbox {
  /** Up to `limit` rows; they stay until `done`. One relay at a time takes rows: a second one gets none while the first lives. */
  take(limit: number): Promise<readonly OutboxEntry[]>;
  done(ids: readonly string[]): Promise<void>;
  /** Called after each commit in this process that wrote outbox rows. */
  onCommitted(listener: () => void): () => void;
  /** Records that a consumer failed on an entry for good, with the reason. The entry leaves with `done`, once the other groups are through. */
  park(entry: OutboxEntry, group: string, reason: string): Promise<void>;
}

export interface OutboxEntry {
  readonly id: string;
  readonly customerId: CustomerId;
  readonly channelId: ChannelId;
  readonly seq: Seq;
  /** The event's kind, so that a consumer can tell what does not concern it without loading it. */
  readonly kind: EventBody['kind'];
}

export interface NewMessage {
  readonly channelId: ChannelId;
  readonly authorId: UserId;
  readonly clientId: ClientId;
  readonly text: string;
  readonly threadSeq: Seq | null;
  readonly mentions: readonly UserId[];
  readonly mentionsChannel: boolean;
  readonly suggestions: readonly string[];
}

export interface AppendedMessage {
  readonly epoch: number;
  readonly seq: Seq;
  readonly count: number;
  readonly at: number;
  readonly isDuplicate: boolean;
}

export interface NewEntry {
  readonly channelId: ChannelId;
  readonly actorId: UserId;
  readonly body: Exclude<EventBody, { kind: 'message.posted' }>;
}

export interface NewCustomer {
  readonly organizationName: string;
  readonly userName: string;
  readonly handle: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly locale: Locale;
}

export interface CustomerCreated {
  readonly customerId: CustomerId;
  readonly organizationId: OrganizationId;
  readonly instanceId: InstanceId;
  readonly userId: UserId;
}

/** What a transaction can do. Row locks are taken in the order of calls; `log.append` is called once, last. */
export interface Tx {
  readonly instance: { get(): Promise<Instance & { organizationName: string; logChannelId: ChannelId }> };
  readonly users: UserRepository;
  readonly sessions: SessionRepository;
  readonly invitations: InvitationRepository;
  readonly channels: ChannelRepository;
  readonly messages: MessageRepository;
  readonly log: LogRepository;
  readonly bots: BotRepository;
  readonly botLog: BotLogRepository;
  readonly conversations: ConversationRepository;
  readonly audit: { write(entry: AuditRecord): Promise<void> };
}

export interface AuditRecord {
  readonly actorId: UserId | null;
  /** Like `session.created`, `user.role_changed`. */
  readonly action: string;
  readonly target: string;
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}

export interface NewUser {
  readonly id: UserId;
  readonly kind: 'person' | 'bot';
  readonly name: string;
  readonly handle: string;
  readonly role: Role;
  readonly email: string | null;
  readonly passwordHash: string | null;
  readonly locale: Locale;
}

export interface UserRepository {
  get(id: UserId): Promise<Me | null>;
  list(): Promise<readonly User[]>;
  /** Also makes the person's own log. Fails with `email_taken` or `name_taken` (the handle). */
  insert(user: NewUser): Promise<User>;
  update(
    id: UserId,
    patch: { name?: string; locale?: Locale; role?: Role; isActive?: boolean; passwordHash?: string },
  ): Promise<Me | null>;
  passwordHash(id: UserId): Promise<string | null>;
  /** Handles already taken that start with `prefix`. */
  handlesLike(prefix: string): Promise<readonly string[]>;
  countOwners(): Promise<number>;
  /** The person's own log. */
  selfChannel(id: UserId): Promise<ChannelId | null>;
}

export interface SessionRow {
  readonly id: SessionId;
  readonly userId: UserId;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
  readonly userAgent: string;
}

export interface SessionRepository {
  insert(session: SessionRow & { tokenHash: Uint8Array }): Promise<void>;
  byTokenHash(hash: Uint8Array): Promise<(SessionRow & { user: Me }) | null>;
  touch(id: SessionId, lastSeenAt: number, expiresAt: number): Promise<void>;
  listByUser(userId: UserId): Promise<readonly SessionRow[]>;
  delete(id: SessionId): Promise<boolean>;
  /** All sessions of a person, but perhaps one; gives the ids that ended. */
  deleteByUser(userId: UserId, except?: SessionId): Promise<readonly SessionId[]>;
}

export interface InvitationRepository {
  insert(invitation: Invitation & { codeHash: Uint8Array }): Promise<void>;
  list(): Promise<readonly Invitation[]>;
  /** Locks the row, so that two people cannot share the last use. */
  byCodeHash(hash: Uint8Array): Promise<Invitation | null>;
  use(hash: Uint8Array): Promise<void>;
  /** By the code's hash. */
  delete(hash: Uint8Array): Promise<boolean>;
}

export interface NewChannelRow {
  readonly id: ChannelId;
  readonly kind: ChannelKind;
  readonly name: string;
  readonly topic: string;
  /** For direct and group channels: the sorted member ids, so that the same people have one channel. */
  readonly directKey: string | null;
  readonly createdBy: UserId;
}

/** What the policy needs to know about one person in one channel. */
export interface ChannelAccess {
  readonly channel: Channel;
  readonly isMember: boolean;
}

export interface ChannelRepository {
  get(id: ChannelId): Promise<Channel | null>;
  access(id: ChannelId, userId: UserId): Promise<ChannelAccess | null>;
  /** The same for many channels at once; those that do not exist are missing. */
  accessMany(ids: readonly ChannelId[], userId: UserId): Promise<ReadonlyMap<ChannelId, ChannelAccess>>;
  /** Fails with `name_taken` for public and private channels of the same name (case aside). */
  insert(channel: NewChannelRow): Promise<Channel>;
  update(id: ChannelId, patch: { name?: string; topic?: string; isArchived?: boolean }): Promise<Channel | null>;
  byDirectKey(key: string): Promise<ChannelId | null>;
  /** The channel by its name, case aside; never a direct one. */
  byName(name: string): Promise<Channel | null>;
  memberIds(id: ChannelId): Promise<readonly UserId[]>;
  memberCount(id: ChannelId): Promise<number>;
  /** false when the person already is a member. A new member starts with everything read. */
  addMember(id: ChannelId, userId: UserId): Promise<boolean>;
  removeMember(id: ChannelId, userId: UserId): Promise<boolean>;
  /** All channels of a person with counts, in one query: the side bar. Self and instance logs are not in it. */
  statesOf(userId: UserId): Promise<readonly ChannelState[]>;
  stateOf(id: ChannelId, userId: UserId): Promise<ChannelState | null>;
  browse(userId: UserId): Promise<readonly { channel: Channel; memberCount: number; isMember: boolean }[]>;
  /** Never moves back; null when the person is no member or nothing changed. `seq` above the head is taken as the head. */
  markRead(id: ChannelId, userId: UserId, seq: Seq): Promise<{ membership: Membership; mentions: number } | null>;
  /** Moves back too: `seq - 1` becomes the last read one. */
  markUnread(id: ChannelId, userId: UserId, seq: Seq): Promise<{ membership: Membership; mentions: number } | null>;
  setNotifications(id: ChannelId, userId: UserId, level: NotificationLevel): Promise<boolean>;
  saveDraft(id: ChannelId, userId: UserId, threadSeq: Seq | null, text: string): Promise<void>;
  /** Active bots that are members. */
  botsIn(id: ChannelId): Promise<readonly { botId: BotId; userId: UserId }[]>;
}

export interface PageQuery {
  /** Exactly one of the three, or none for the newest page. */
  readonly before?: Seq;
  readonly after?: Seq;
  readonly around?: Seq;
  /** A thread: its first message and the replies. Without it only messages outside threads. */
  readonly threadSeq?: Seq;
  readonly limit: number;
}

export interface MessageRepository {
  get(channelId: ChannelId, seq: Seq): Promise<Message | null>;
  /** Oldest first. */
  page(channelId: ChannelId, query: PageQuery): Promise<{ messages: readonly Message[]; hasOlder: boolean; hasNewer: boolean }>;
  /** Keeps the earlier text as a version. */
  edit(
    channelId: ChannelId,
    seq: Seq,
    change: { text: string; mentions: readonly UserId[]; mentionsChannel: boolean },
  ): Promise<void>;
  /** Leaves a stub: text, versions, reactions and mentions go. */
  delete(channelId: ChannelId, seq: Seq): Promise<void>;
  versions(channelId: ChannelId, seq: Seq): Promise<readonly MessageVersion[]>;
  /** false when it was there already (or not there, for remove). */
  addReaction(channelId: ChannelId, seq: Seq, userId: UserId, emoji: string): Promise<boolean>;
  removeReaction(channelId: ChannelId, seq: Seq, userId: UserId, emoji: string): Promise<boolean>;
  reactionKinds(channelId: ChannelId, seq: Seq): Promise<number>;
}

export interface LogRepository {
  position(channelId: ChannelId): Promise<LogPosition | null>;
  positions(channelIds: readonly ChannelId[]): Promise<readonly LogPosition[]>;
  /** Entries after `afterSeq`, in order, messages in their present state. */
  read(channelId: ChannelId, afterSeq: Seq, limit: number): Promise<readonly LogEvent[]>;
  /** One entry, for consumers of the event log. */
  get(channelId: ChannelId, seq: Seq): Promise<LogEvent | null>;
  /**
   * Appends entries to any number of logs, all or none, and gives the finished events in the order of the input.
   * Heads are locked in one global order, so call it once per transaction.
   */
  append(
    entries: readonly NewEntry[],
    messages?: readonly NewMessage[],
  ): Promise<{ events: readonly LogEvent[]; messages: readonly AppendedMessage[] }>;
}

export interface BotRepository {
  list(): Promise<readonly Bot[]>;
  get(id: BotId): Promise<Bot | null>;
  byUser(userId: UserId): Promise<Bot | null>;
  /** The bot's account must exist. */
  insert(bot: {
    id: BotId;
    userId: UserId;
    description: string;
    origin: 'package' | 'editor';
    files: readonly ScriptFile[];
  }): Promise<Bot>;
  update(
    id: BotId,
    patch: { description?: string; files?: readonly ScriptFile[]; publishedVersion?: number },
  ): Promise<Bot | null>;
  files(id: BotId): Promise<readonly ScriptFile[]>;
  /** Adds the next version and gives its number. The program is stored once per hash. */
  addVersion(
    id: BotId,
    version: { program: CompiledProgram; files: readonly ScriptFile[]; publishedBy: UserId | null },
  ): Promise<number>;
  versions(id: BotId): Promise<readonly BotVersion[]>;
  versionFiles(id: BotId, version: number): Promise<readonly ScriptFile[] | null>;
  /** Hash of the program people talk to now. */
  publishedHash(id: BotId): Promise<string | null>;
  program(hash: string): Promise<CompiledProgram | null>;
  /** The newest version of the bot that is this program. */
  versionOf(id: BotId, programHash: string): Promise<number | null>;
  channelIds(id: BotId): Promise<readonly ChannelId[]>;
}

export type NewBotLogLine = Omit<BotLogLine, 'number' | 'at'>;

/**
 * What happened to a bot. It stays small by itself: a write takes away what is over `limits.botLogLinesMax`, and some of
 * what is older than `limits.botLogDaysMax`; a page never shows anything older than that.
 */
export interface BotLogRepository {
  /** At the end of the bot's log. Writers of one bot's log wait for each other until their transactions end, so write late. */
  write(botId: BotId, line: NewBotLogLine): Promise<void>;
  /** The newest lines before a number, newest last. */
  page(botId: BotId, query: { before?: number; limit: number }): Promise<{ lines: readonly BotLogLine[]; hasOlder: boolean }>;
}

/**
 * One person's dialog with one bot in one place. `lastEventSeq` is the applied-event mark: an entry of the channel's log
 * at or below it was already taken into account, so a repeated delivery changes nothing.
 */
export interface ConversationRow {
  readonly id: ConversationId;
  readonly botId: BotId;
  readonly channelId: ChannelId;
  readonly userId: UserId;
  /** 0 outside threads. */
  readonly threadSeq: Seq;
  readonly programHash: string;
  readonly status: 'waiting' | 'finished' | 'failed';
  readonly snapshot: Uint8Array | null;
  /** Turns run so far. */
  readonly turn: number;
  readonly lastEventSeq: Seq;
}

/** A conversation as a list shows it: without what it remembers. */
export interface ConversationSummary
  extends Pick<ConversationRow, 'id' | 'userId' | 'channelId' | 'threadSeq' | 'programHash' | 'status' | 'turn'> {
  readonly channelKind: ChannelKind;
  /** The newest version of the bot that is this program. */
  readonly version: number | null;
  readonly updatedAt: number;
  readonly snapshotBytes: number;
  /** The first bytes of the snapshot, at most `snapshotHeadBytes` of the page's question; null without a snapshot. */
  readonly snapshotHead: Uint8Array | null;
}

/** A place in the list of a bot's conversations: the last activity and the id of the one before it. */
export interface ConversationCursor {
  readonly updatedAt: number;
  readonly id: ConversationId;
}

export interface ConversationRepository {
  /** Of one bot, the last active ones first. One that becomes active meanwhile moves to the front, and may be missed by who pages on. */
  page(
    botId: BotId,
    query: { before?: ConversationCursor; limit: number; snapshotHeadBytes: number },
  ): Promise<{ conversations: readonly ConversationSummary[]; hasMore: boolean }>;
  /** Locks the row until the transaction ends, so that turns of one conversation never overlap. */
  lock(key: { botId: BotId; channelId: ChannelId; userId: UserId; threadSeq: Seq }): Promise<ConversationRow | null>;
  find(key: { botId: BotId; channelId: ChannelId; userId: UserId; threadSeq: Seq }): Promise<ConversationRow | null>;
  /** Inserts, or replaces the row of the same key when its `turn` and id are still those of `previous`; false otherwise. */
  save(row: ConversationRow, previous: ConversationRow | null): Promise<boolean>;
}
