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
  FileId,
  Instance,
  InstanceId,
  Invitation,
  Locale,
  LogEvent,
  LogPosition,
  Me,
  Membership,
  Message,
  MessageParts,
  MessageVersion,
  NotificationLevel,
  OrganizationId,
  Role,
  ScriptFile,
  Seq,
  SessionId,
  User,
  UserId,
  VariableChanged,
} from 'gb-protocol';
import type { BotContactRepository, BotKeyRepository, OutdatedConversation } from './bot-access.ts';
import type { BotManifest } from './bot-manifest.ts';
import type { BotReply, CompiledProgram, OperationRequest, OperationResult, PlainValue, ProgramError } from './bot-runtime.ts';
import type { ExportRepository } from './exports.ts';
import type { ConversationState, FileValue } from './host-operations.ts';
import type { KnowledgeRepository } from './knowledge.ts';
import type {
  AppointmentRepository,
  ApprovalRepository,
  ContactRepository,
  CounterRepository,
  HandoverRepository,
  PeopleRepository,
  TaskRepository,
} from './people.ts';
import type { QuotaRepository } from './quotas.ts';
import type { FigureRepository, MemoryRepository, SheetRepository, TableRepository } from './tables.ts';
import type { WebhookRepository } from './webhooks.ts';

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

  /** A read-only transaction: everything read in it is of one instant, at or after the call. */
  read<T>(customerId: CustomerId, work: (tx: Tx) => Promise<T>, options?: ReadOptions): Promise<T>;

  /** Makes a customer with its first organization, instance, owner and logs, in one transaction. Fails with `email_taken`. */
  createCustomer(input: NewCustomer): Promise<CustomerCreated>;

  /** Accounts with this e-mail, over all customers: the only question that crosses the wall, asked before there is a session. */
  findLogins(email: string): Promise<readonly { customerId: CustomerId; userId: UserId; organizationName: string }[]>;
  listCustomers(): Promise<readonly CustomerId[]>;

  readonly outbox: Outbox;
  readonly timers: Timers;

  /** Cheap question whether the engine answers, for health checks. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface ReadOptions {
  /**
   * A copy of the database may answer, when it has everything that was committed before the call: for readings of some
   * size (pages of history, logs, searches), which are worth the question whether it has. `work` may run twice.
   */
  readonly mayUseReplica?: boolean;
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

/**
 * What is due, of all customers: conversations whose `wakeAt` has come, and schedules. Whoever takes one holds it for a
 * time; saving its row with another `wakeAt` ends that, and so does the end of the time, in case its taker died.
 */
export interface Timers {
  take(query: { nowMs: number; untilMs: number; limit: number; busy: readonly CustomerId[] }): Promise<readonly DueTimer[]>;
  /** Holds on to what is still being worked on; what was set to another time meanwhile is no longer held. */
  keep(timers: readonly DueTimer[], untilMs: number): Promise<void>;
}

export interface DueTimer {
  readonly customerId: CustomerId;
  readonly kind: 'conversation' | 'schedule';
  readonly id: string;
  readonly heldUntilMs: number;
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
  /** Whoever makes the message vouches for the attachments: that they are there, and the author's to show. */
  readonly parts?: MessageParts;
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
  readonly instance: {
    /** `callsMax`: what was set for calls of bots, in the place of what the tier says. */
    get(): Promise<Instance & { organizationName: string; logChannelId: ChannelId; tier: string; callsMax: number | null }>;
  };
  readonly users: UserRepository;
  readonly sessions: SessionRepository;
  readonly invitations: InvitationRepository;
  readonly channels: ChannelRepository;
  readonly messages: MessageRepository;
  readonly files: FileRepository;
  readonly log: LogRepository;
  readonly bots: BotRepository;
  readonly botLog: BotLogRepository;
  readonly botKeys: BotKeyRepository;
  readonly botContacts: BotContactRepository;
  readonly conversations: ConversationRepository;
  readonly knowledge: KnowledgeRepository;
  readonly journal: JournalRepository;
  readonly schedules: ScheduleRepository;
  readonly triggers: TriggerRepository;
  readonly people: PeopleRepository;
  readonly tasks: TaskRepository;
  readonly appointments: AppointmentRepository;
  readonly handovers: HandoverRepository;
  readonly approvals: ApprovalRepository;
  readonly contacts: ContactRepository;
  readonly counters: CounterRepository;
  readonly tables: TableRepository;
  readonly sheets: SheetRepository;
  readonly memories: MemoryRepository;
  readonly figures: FigureRepository;
  readonly secretAnswers: SecretAnswerRepository;
  readonly quotas: QuotaRepository;
  readonly webhooks: WebhookRepository;
  readonly exports: ExportRepository;
  readonly audit: { write(entry: AuditRecord): Promise<void> };
  /** Keys of this customer, each the same for ever: `fresh` when it had none of that name. */
  readonly secrets: {
    get(name: string): Promise<Uint8Array | null>;
    getOrSet(name: string, fresh: Uint8Array): Promise<Uint8Array>;
  };
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
  /** The people and bots of the workspace, without the contacts of bots. */
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
  /** Of these, those that have not ended, of people who may still sign in, with the role these have now. */
  living(ids: readonly SessionId[]): Promise<ReadonlyMap<SessionId, Role>>;
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
  /**
   * All channels of a person with counts, in one query: the side bar. Self and instance logs are not in it. In a reading,
   * a channel whose log is in a database that is away is as it was at the person's read mark; from there its log goes on.
   */
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
  /** Leaves a stub: text, parts, versions, reactions and mentions go. Files that only this message held may leave. */
  delete(channelId: ChannelId, seq: Seq): Promise<void>;
  versions(channelId: ChannelId, seq: Seq): Promise<readonly MessageVersion[]>;
  /** false when it was there already (or not there, for remove). */
  addReaction(channelId: ChannelId, seq: Seq, userId: UserId, emoji: string): Promise<boolean>;
  removeReaction(channelId: ChannelId, seq: Seq, userId: UserId, emoji: string): Promise<boolean>;
  reactionKinds(channelId: ChannelId, seq: Seq): Promise<number>;
}

export type DriveFolder = 'drive' | 'kb' | 'data' | 'theme';

/** What is known of a file besides its bytes, which never change. */
export interface FileRow {
  readonly id: FileId;
  readonly ownerId: UserId;
  readonly botId: BotId | null;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly sha256: Uint8Array;
  readonly width: number | null;
  readonly height: number | null;
  readonly createdAt: number;
  /** Its place in a bot's drive; both null without one. */
  readonly folder: DriveFolder | null;
  readonly path: string | null;
}

export type FileFacts = Pick<FileRow, 'name' | 'type' | 'size' | 'sha256' | 'width' | 'height'>;

/** A place in a bot's drive; the path is found whatever its case. */
export interface FilePlace {
  readonly botId: BotId;
  readonly folder: DriveFolder;
  readonly path: string;
}

/**
 * Rows of files; the bytes are in the ObjectStore under the same id. A file nobody holds - no message shows it, no path
 * leads to it - has a time when it leaves: nobody finds it from then on, and the sweep takes it away.
 */
export interface FileRepository {
  /**
   * Room for bytes that are to come, at most `size` of them. Found by nobody, and gone by itself when `complete` does not
   * follow. Fails with `quota_exceeded` when the customer's files would take more than `bytesMax`.
   */
  reserve(
    file: { id: FileId; ownerId: UserId; botId: BotId | null; size: number; leavingAt: number },
    bytesMax: number,
  ): Promise<void>;
  /** The bytes are stored. With a place, the file that was there loses it. Fails with `not_found` when the sweep was faster. */
  complete(id: FileId, facts: FileFacts, stay: { until: number } | { place: FilePlace }): Promise<FileRow>;
  get(id: FileId): Promise<FileRow | null>;
  /** Those that are there, in the order asked for. */
  many(ids: readonly FileId[]): Promise<readonly FileRow[]>;
  byPath(place: FilePlace): Promise<FileRow | null>;
  /** In the order of their paths; only those whose path starts with `prefix`, whatever its case. */
  list(botId: BotId, folder: DriveFolder, options: { prefix?: string; limit: number }): Promise<readonly FileRow[]>;
  /** Files of a bot that have a place. */
  countPlaced(botId: BotId): Promise<number>;
  /** The file that was there loses its place; null when there is no such file. */
  move(id: FileId, to: FilePlace): Promise<FileRow | null>;
  /** Takes its place away. It leaves when no message shows it. */
  unplace(id: FileId): Promise<boolean>;
  /** Lets go of a file nobody holds, at once. */
  release(id: FileId): Promise<void>;
  /** Channels where a message shows the file and where this person may have business: public ones, and their own. */
  channelsWith(id: FileId, userId: UserId, limit: number): Promise<readonly ChannelId[]>;
  /** Files whose time to leave came before this, oldest first. */
  leaving(beforeMs: number, limit: number): Promise<readonly FileId[]>;
  /** The row of a file that left; its bytes are gone. */
  remove(ids: readonly FileId[]): Promise<void>;
  /** Bytes of all files of the customer, reserved room included. */
  usage(): Promise<number>;
}

export interface LogRepository {
  position(channelId: ChannelId): Promise<LogPosition | null>;
  /**
   * Those that do not exist are left out. With `skipsAway`, so are those that cannot be told now, because their customer lies
   * in several databases and this one is away: for who asks again.
   */
  positions(channelIds: readonly ChannelId[], options?: { readonly skipsAway?: boolean }): Promise<readonly LogPosition[]>;
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
    version: {
      /** Where conversations begin. */
      program: CompiledProgram;
      /** Those of the other scripts. */
      others?: readonly CompiledProgram[];
      files: readonly ScriptFile[];
      publishedBy: UserId | null;
      about?: PublishedAbout;
    },
  ): Promise<number>;
  versions(id: BotId): Promise<readonly BotVersion[]>;
  versionFiles(id: BotId, version: number): Promise<readonly ScriptFile[] | null>;
  /** Hash of the program people talk to now. */
  publishedHash(id: BotId): Promise<string | null>;
  /** What people talk to now. */
  published(id: BotId): Promise<PublishedBot | null>;
  program(hash: string): Promise<CompiledProgram | null>;
  /** The newest version of the bot that is this program. */
  versionOf(id: BotId, programHash: string): Promise<number | null>;
  channelIds(id: BotId): Promise<readonly ChannelId[]>;
}

/** What publishing found out about a version. */
export interface PublishedAbout {
  readonly manifest: BotManifest;
  /** Of config.csv. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface PublishedBot {
  readonly version: number;
  readonly hash: string;
  /** null for versions from before there were any. */
  readonly about: PublishedAbout | null;
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
 * One person's dialog with one bot in one place, or a run: a script that nobody talks to. `lastEventSeq` is the
 * applied-event mark: an entry of the channel's log at or below it was already taken into account, so a repeated
 * delivery changes nothing.
 */
export interface ConversationRow {
  readonly id: ConversationId;
  readonly botId: BotId;
  readonly kind: 'dialog' | 'run';
  /** Where it speaks; null for a run without a place of its own. */
  readonly channelId: ChannelId | null;
  /** The bot's own account in a run that nobody asked for. */
  readonly userId: UserId;
  /** 0 outside threads. */
  readonly threadSeq: Seq;
  readonly programHash: string;
  /** The entry script of the program. */
  readonly script: string;
  readonly status: ConversationStatus;
  readonly snapshot: Uint8Array | null;
  /** Turns run so far. */
  readonly turn: number;
  readonly lastEventSeq: Seq;
  /** When there is something to do without anybody saying anything. */
  readonly wakeAt: number | null;
  /** What it waits for besides the clock, like `event:paid`. */
  readonly waitsFor: string | null;
  /** What was asked of the host; of a run that starts, its cause and parameters. */
  readonly request: OperationRequest | null;
  /** What came of the request; of a run that finished, what it gave back. */
  readonly result: OperationResult | null;
  readonly state: ConversationState;
  /** What people said while it was busy, oldest first. */
  readonly inbox: readonly Heard[];
  /** Operations outside since somebody last said something. */
  readonly calls: number;
  /** Turns in a row that could not be run, by no fault of the program. */
  readonly failures: number;
  /** Goes up with every change. */
  readonly revision: number;
}

/**
 * `starting`: a run that has yet to begin. `waiting`: at a HEAR. `asking`: for the host, the clock or an event. `handed`:
 * a person answers instead of the program. `parked`: its turn failed again and again by no fault of the program; the
 * snapshot is kept, and somebody has to look.
 */
export type ConversationStatus = 'starting' | 'waiting' | 'asking' | 'handed' | 'finished' | 'failed' | 'parked';

/** What somebody said to a bot. */
export interface Heard {
  readonly seq: Seq;
  readonly text: string;
  readonly files?: readonly FileValue[];
  readonly form?: Readonly<Record<string, PlainValue>>;
  /** A password: the text says nothing of it, `secretAnswers` may have it. */
  readonly isSecret?: boolean;
}

/** One turn as it came in and what came out. */
export interface JournalEntry {
  readonly conversationId: ConversationId;
  readonly botId: BotId;
  readonly turn: number;
  readonly at: number;
  readonly cause: 'start' | 'answer' | 'result' | 'timeout';
  readonly programHash: string;
  /** Before the turn. */
  readonly snapshot: Uint8Array | null;
  readonly input: JournalInput;
  readonly output: JournalOutput;
  readonly fuel: number;
}

/** With the snapshot, all that the turn depends on. */
export interface JournalInput {
  readonly answer: string | null;
  readonly files?: readonly FileValue[];
  readonly result: OperationResult | null;
  readonly nowMs: number;
  readonly seed: number;
  readonly locale: Locale;
  readonly variables: Readonly<Record<string, PlainValue>>;
  /** What came of the operations within the turn, in order; null when it was too much to keep. */
  readonly results: readonly { readonly name: string; readonly result: OperationResult }[] | null;
}

export interface JournalOutput {
  readonly status: ConversationStatus;
  readonly replies: readonly BotReply[];
  readonly request: { readonly name: string } | null;
  readonly error: ProgramError | null;
}

/** What somebody changed by hand in a conversation that waited, after one turn and before the next. */
export interface ConversationEdit {
  readonly id: string;
  readonly conversationId: ConversationId;
  readonly botId: BotId;
  /** The last turn that was run before. */
  readonly turn: number;
  readonly at: number;
  readonly userId: UserId;
  readonly changes: readonly VariableChanged[];
}

export interface JournalRepository {
  /** Takes away what is more than `limits.journalTurnsMax` turns older. */
  write(entry: JournalEntry): Promise<void>;
  /** The last turns before one, newest last, without snapshots. */
  page(
    conversationId: ConversationId,
    query: { before?: number; limit: number },
  ): Promise<{ turns: readonly Omit<JournalEntry, 'snapshot'>[]; hasOlder: boolean }>;
  get(conversationId: ConversationId, turn: number): Promise<JournalEntry | null>;
  /** Takes away all but the newest `limits.journalEditsMax` of the conversation. */
  writeEdit(edit: ConversationEdit): Promise<void>;
  /** Those after turns from one on, before another, oldest first. */
  edits(conversationId: ConversationId, query: { from: number; before?: number }): Promise<readonly ConversationEdit[]>;
  /** Takes away some of what is older. True when there may be more. */
  prune(beforeMs: number): Promise<boolean>;
}

/** A script that runs by the clock. */
export interface ScheduleRow {
  readonly id: string;
  readonly botId: BotId;
  readonly script: string;
  /** As its author wrote it. */
  readonly text: string;
  /** As the clock reads it: opaque here. */
  readonly rule: PlainValue;
  readonly label: string;
  /** `asked`: by SET SCHEDULE in a running program; these stay when a new version is published. */
  readonly origin: 'declared' | 'asked';
  readonly params: Readonly<Record<string, PlainValue>>;
  readonly timeZone: string;
  /** null when it will not come again. */
  readonly wakeAt: number | null;
  readonly lastAt: number | null;
}

export interface ScheduleRepository {
  get(id: string): Promise<ScheduleRow | null>;
  list(botId: BotId): Promise<readonly ScheduleRow[]>;
  /** Inserts or replaces. */
  put(row: ScheduleRow): Promise<void>;
  delete(id: string): Promise<boolean>;
}

/** What starts a script besides people and the clock. */
export interface TriggerRow {
  readonly botId: BotId;
  readonly kind: string;
  /** In lower case. */
  readonly name: string;
  readonly script: string;
  readonly details: Readonly<Record<string, PlainValue>>;
}

export interface TriggerRepository {
  /** Those of published bots whose account is active. */
  find(kind: string, name: string): Promise<readonly TriggerRow[]>;
  list(botId: BotId): Promise<readonly TriggerRow[]>;
  /** All of a bot. */
  replace(botId: BotId, rows: readonly Omit<TriggerRow, 'botId'>[]): Promise<void>;
}

/** A conversation as a list shows it: without what it remembers. */
export interface ConversationSummary
  extends Pick<
    ConversationRow,
    'id' | 'kind' | 'userId' | 'channelId' | 'threadSeq' | 'programHash' | 'script' | 'status' | 'turn' | 'wakeAt' | 'waitsFor'
  > {
  /** Of a run without a place, null. */
  readonly channelKind: ChannelKind | null;
  /** What it asks of the host. */
  readonly asks: string | null;
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

export interface ConversationKey {
  readonly botId: BotId;
  readonly channelId: ChannelId;
  readonly userId: UserId;
  readonly threadSeq: Seq;
}

/**
 * Passwords on their way from the message that brought them to the turn that hears them: in no log, and gone with that
 * turn. Each lies under the place of its message in the channel.
 */
export interface SecretAnswerRepository {
  /** Whether a program waits for a password of this person here: `state.secret` of a conversation says so. */
  isAwaited(place: Pick<ConversationKey, 'channelId' | 'userId' | 'threadSeq'>): Promise<boolean>;
  put(channelId: ChannelId, seq: Seq, text: string): Promise<void>;
  get(channelId: ChannelId, seq: Seq): Promise<string | null>;
  delete(channelId: ChannelId, seq: Seq): Promise<void>;
  /** Those that nobody heard, brought before a time. */
  deleteBefore(beforeMs: number): Promise<void>;
}

export interface ConversationRepository {
  /** Of one bot, the last active ones first. One that becomes active meanwhile moves to the front, and may be missed by who pages on. */
  page(
    botId: BotId,
    query: {
      before?: ConversationCursor;
      kind?: ConversationRow['kind'];
      status?: ConversationStatus;
      limit: number;
      snapshotHeadBytes: number;
    },
  ): Promise<{ conversations: readonly ConversationSummary[]; hasMore: boolean }>;
  /** The dialog of a place. */
  find(key: ConversationKey): Promise<ConversationRow | null>;
  get(id: ConversationId): Promise<ConversationRow | null>;
  /** One as a list shows it. */
  summary(botId: BotId, id: ConversationId, snapshotHeadBytes: number): Promise<ConversationSummary | null>;
  /** Those of a bot, or of these ids, that wait in another program than these, in the order of their ids, after one. */
  outdated(
    botId: BotId,
    query: { current: readonly string[]; ids?: readonly ConversationId[]; after?: ConversationId; limit: number },
  ): Promise<readonly OutdatedConversation[]>;
  /** Those that wait for something, oldest first, at most 1,000 of them. */
  waitingFor(what: string): Promise<readonly ConversationRow[]>;
  /**
   * Inserts, or replaces the row when its id and revision are still those of `previous`; false otherwise. The revision
   * of what is saved is one more than that of `previous`, whatever `row` says.
   */
  save(row: ConversationRow, previous: ConversationRow | null): Promise<boolean>;
  /** Runs of a bot that did not end: all of them, and those of them that have not begun. */
  openRuns(botId: BotId): Promise<{ readonly all: number; readonly starting: number }>;
  /** Takes away some of a bot's runs that ended before, and of the newer ones all but so many, with their turns. True when there may be more. */
  pruneRuns(botId: BotId, beforeMs: number, keptMax: number): Promise<boolean>;
}
