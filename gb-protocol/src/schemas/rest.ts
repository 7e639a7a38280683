import Type from 'typebox';
import type {
  Attachment,
  Bot,
  BotConversation,
  BotDetail,
  BotLogLine,
  BotTheme,
  Card,
  Channel,
  ChannelState,
  Form,
  Invitation,
  LogPosition,
  Me,
  Membership,
  Message,
  ScriptFile,
  Session,
  Snapshot,
  User,
} from '../entities.ts';
import type { ErrorBody } from '../errors.ts';
import type { LogEvent } from '../events.ts';
import { formFieldTypes } from '../form-answer.ts';
import type { DeviceCursors, Cursor as FrameCursor } from '../frames.ts';
import type { BotId, ChannelId, FileId, Seq, SessionId, UserId } from '../ids.ts';
import { limits } from '../limits.ts';
import type {
  AcceptInvitation,
  BotConversationPage,
  BotExampleInfo,
  BotLogPage,
  BotPatch,
  BrowseChannels,
  ChannelOpened,
  ChannelPatch,
  InvitationList,
  InvitationPreview,
  LogIn,
  LogPage,
  MemberList,
  MessageHistory,
  MessagePage,
  NewBot,
  NewBotFromExample,
  NewChannel,
  NewInvitation,
  Posted,
  PostMessage,
  PreviewResult,
  PreviewTurn,
  SetNotifications,
  SetupState,
  SignedIn,
  SignUp,
  UserAdminPatch,
  UserPatch,
} from '../rest.ts';
import {
  AttachmentIds,
  as,
  FormAnswerSchema,
  Level,
  LocaleName,
  Nullable,
  Password,
  PersonRole,
  Position,
  RoleName,
  SeqNumber,
  TimeMs,
  Uuid,
} from './common.ts';
import { Cursor } from './frames.ts';

// ---------------------------------------------------------------- bodies of requests
export const SignUpBody = as<SignUp>(
  Type.Object({
    organization: Type.String({ minLength: 1, maxLength: limits.organizationNameMax * 2 }),
    name: Type.String({ minLength: 1, maxLength: limits.userNameMax * 2 }),
    email: Type.String({ minLength: 3, maxLength: limits.emailMax }),
    password: Password,
    locale: Type.Optional(LocaleName),
  }),
);
export const LogInBody = as<LogIn>(
  Type.Object({ email: Type.String({ maxLength: limits.emailMax }), password: Password, customerId: Type.Optional(Uuid) }),
);
export const PasswordBody = Type.Object({ current: Password, next: Password });
export const NewInvitationBody = as<NewInvitation>(
  Type.Object({
    role: Type.Optional(Type.Enum(['admin', 'member', 'guest'])),
    expiresInHours: Type.Optional(Type.Integer({ minimum: 1, maximum: 24 * 90 })),
    usesMax: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  }),
);
export const AcceptInvitationBody = as<AcceptInvitation>(
  Type.Object({
    name: Type.String({ minLength: 1, maxLength: limits.userNameMax * 2 }),
    email: Type.String({ minLength: 3, maxLength: limits.emailMax }),
    password: Password,
    locale: Type.Optional(LocaleName),
  }),
);
export const NewChannelBody = as<NewChannel>(
  Type.Object({
    kind: Type.Enum(['public', 'private']),
    name: Type.String({ minLength: 1, maxLength: limits.channelNameMax * 2 }),
    topic: Type.Optional(Type.String({ maxLength: limits.channelTopicMax * 2 })),
    memberIds: Type.Optional(Type.Array(Uuid, { maxItems: 500 })),
  }),
);
export const ChannelPatchBody = as<ChannelPatch>(
  Type.Object({
    name: Type.Optional(Type.String({ minLength: 1, maxLength: limits.channelNameMax * 2 })),
    topic: Type.Optional(Type.String({ maxLength: limits.channelTopicMax * 2 })),
    isArchived: Type.Optional(Type.Boolean()),
  }),
);
export const UserIdsBody = as<{ userIds: readonly UserId[] }>(
  Type.Object({ userIds: Type.Array(Uuid, { minItems: 1, maxItems: 500 }) }),
);
export const PostMessageBody = as<PostMessage>(
  Type.Object({
    clientId: Uuid,
    text: Type.String({
      maxLength: limits.messageTextMax,
      description: 'Markdown; may be empty when there are attachments or answers',
    }),
    threadSeq: Type.Optional(SeqNumber),
    attachmentIds: Type.Optional(AttachmentIds),
    formAnswer: Type.Optional(FormAnswerSchema),
    isSecret: Type.Optional(Type.Boolean({ description: 'The text is a password, for the bot that waits for it: not stored' })),
  }),
);
export const EditMessageBody = Type.Object({ text: Type.String({ maxLength: limits.messageTextMax, description: 'Markdown' }) });
export const SeqBody = Type.Object({ seq: SeqNumber });
export const NotificationsBody = as<SetNotifications>(Type.Object({ level: Level }));
export const DraftBody = Type.Object({
  text: Type.String({ maxLength: limits.draftTextMax }),
  threadSeq: Type.Optional(SeqNumber),
});
export const UserPatchBody = as<UserPatch>(
  Type.Object({
    name: Type.Optional(Type.String({ minLength: 1, maxLength: limits.userNameMax * 2 })),
    locale: Type.Optional(LocaleName),
  }),
);
export const UserAdminPatchBody = as<UserAdminPatch>(
  Type.Object({ role: Type.Optional(PersonRole), isActive: Type.Optional(Type.Boolean()) }),
);

export const Script = as<ScriptFile>(
  Type.Object({ name: Type.String({ minLength: 1, maxLength: 80 }), text: Type.String({ maxLength: limits.scriptBytesMax }) }),
);
const Scripts = Type.Array(Script, { minItems: 1, maxItems: limits.scriptsPerBotMax });
/** `files`, or the `example` to copy. */
export const NewBotBody = as<
  Omit<NewBot, 'files'> & Partial<Pick<NewBot, 'files'> & Pick<NewBotFromExample, 'example' | 'timeZone'>>
>(
  Type.Object({
    name: Type.String({ minLength: 1, maxLength: limits.userNameMax * 2 }),
    handle: Type.String({ minLength: 1, maxLength: 40 }),
    description: Type.Optional(Type.String({ maxLength: limits.channelTopicMax })),
    files: Type.Optional(Scripts),
    example: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    timeZone: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9_+/-]{1,60}$' })),
  }),
);
export const BotExamplesSchema = as<{ readonly examples: readonly BotExampleInfo[] }>(
  Type.Object({
    examples: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Type.String(),
        description: Type.String(),
        scripts: Type.Integer(),
        keywords: Type.Array(Type.String()),
      }),
    ),
  }),
);
export const BotPatchBody = as<BotPatch>(
  Type.Object({
    name: Type.Optional(Type.String({ minLength: 1, maxLength: limits.userNameMax * 2 })),
    description: Type.Optional(Type.String({ maxLength: limits.channelTopicMax })),
    files: Type.Optional(Scripts),
  }),
);
export const VersionBody = Type.Object({ version: Type.Integer({ minimum: 1 }) });
export const PreviewBody = as<PreviewTurn>(
  Type.Object({
    botId: Type.Optional(Uuid),
    files: Scripts,
    previewId: Type.Optional(Uuid),
    answer: Type.Optional(Type.String({ maxLength: limits.messageTextMax })),
    formValues: Type.Optional(FormAnswerSchema.properties.values),
  }),
);

// ---------------------------------------------------------------- parameters
export const ChannelParams = as<{ channelId: ChannelId }>(Type.Object({ channelId: Uuid }));
export const MessageParams = as<{ channelId: ChannelId; seq: Seq }>(Type.Object({ channelId: Uuid, seq: SeqNumber }));
export const ReactionParams = as<{ channelId: ChannelId; seq: Seq; emoji: string }>(
  Type.Object({ channelId: Uuid, seq: SeqNumber, emoji: Type.String({ minLength: 1, maxLength: 200 }) }),
);
export const MemberParams = as<{ channelId: ChannelId; userId: UserId | 'me' }>(
  Type.Object({ channelId: Uuid, userId: Type.Union([Uuid, Type.Literal('me')]) }),
);
export const UserParams = as<{ userId: UserId }>(Type.Object({ userId: Uuid }));
export const SessionParams = as<{ sessionId: SessionId }>(Type.Object({ sessionId: Uuid }));
export const FileParams = as<{ fileId: FileId }>(Type.Object({ fileId: Uuid }));
export const UploadHeaders = Type.Object({
  'x-file-name': Type.String({
    minLength: 1,
    maxLength: limits.fileNameMax * 9,
    description: 'The name of the file, percent-encoded UTF-8',
  }),
  'content-type': Type.Optional(
    Type.String({ description: 'What it is said to be; pictures and the like are known by their bytes' }),
  ),
});
export const FileQuerystring = Type.Object({
  download: Type.Optional(Type.Boolean({ description: 'To be saved, also what a browser could show' })),
});
export const SharedParams = Type.Object({ token: Type.String({ minLength: 1, maxLength: 200 }) });
export const CodeParams = Type.Object({ code: Type.String({ minLength: 1, maxLength: 120 }) });
export const BotParams = as<{ botId: BotId }>(Type.Object({ botId: Uuid }));
export const BotChannelParams = as<{ botId: BotId; channelId: ChannelId }>(Type.Object({ botId: Uuid, channelId: Uuid }));
export const BotLogQuerystring = Type.Object({
  before: Type.Optional(SeqNumber),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.pageSizeMax })),
});
export const BotConversationsQuerystring = Type.Object({
  before: Type.Optional(Type.String({ maxLength: 80, description: '`next` of the page before' })),
  kind: Type.Optional(Type.Enum(['dialog', 'run'])),
  status: Type.Optional(Type.Enum(['starting', 'waiting', 'asking', 'handed', 'finished', 'failed', 'parked'])),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.pageSizeMax })),
});
export const PageQuerystring = Type.Object({
  before: Type.Optional(SeqNumber),
  after: Type.Optional(Position),
  around: Type.Optional(SeqNumber),
  threadSeq: Type.Optional(SeqNumber),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.pageSizeMax })),
});
export const LogQuerystring = Type.Object({
  epoch: Position,
  after: Position,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.pageSizeMax })),
});

// ---------------------------------------------------------------- entities, as the API shows them
const userFields = {
  id: Uuid,
  kind: Type.Enum(['person', 'bot']),
  name: Type.String(),
  handle: Type.String(),
  role: RoleName,
  isActive: Type.Boolean(),
};
export const UserSchema = as<User>(Type.Object(userFields));
export const MeSchema = as<Me>(Type.Object({ ...userFields, email: Type.String(), locale: LocaleName }));
export const ChannelSchema = as<Channel>(
  Type.Object({
    id: Uuid,
    kind: Type.Enum(['public', 'private', 'direct', 'group', 'self', 'instance']),
    name: Type.String(),
    topic: Type.String(),
    isArchived: Type.Boolean(),
    createdAt: TimeMs,
  }),
);
export const MembershipSchema = as<Membership>(
  Type.Object({ channelId: Uuid, readSeq: Position, readCount: Position, notifications: Level }),
);
export const ChannelStateSchema = as<ChannelState>(
  Type.Object({
    channel: ChannelSchema,
    epoch: Position,
    head: Position,
    count: Position,
    lastMessageAt: Nullable(TimeMs),
    membership: MembershipSchema,
    mentions: Position,
    memberIds: Type.Optional(Type.Array(Uuid)),
    memberCount: Position,
    draft: Type.Optional(Type.String()),
  }),
);
export const AttachmentSchema = as<Attachment>(
  Type.Object({
    id: Uuid,
    name: Type.String(),
    type: Type.String({ description: 'Media type' }),
    size: Position,
    width: Type.Optional(Position),
    height: Type.Optional(Position),
  }),
);
export const CardSchema = as<Card>(
  Type.Object({
    title: Type.Optional(Type.String()),
    subtitle: Type.Optional(Type.String()),
    text: Type.Optional(Type.String({ description: 'Markdown' })),
    imageId: Type.Optional(Uuid),
    facts: Type.Optional(Type.Array(Type.Object({ name: Type.String(), value: Type.String() }))),
    buttons: Type.Optional(
      Type.Array(Type.Object({ label: Type.String(), text: Type.Optional(Type.String()), url: Type.Optional(Type.String()) })),
    ),
  }),
);
export const FormSchema = as<Form>(
  Type.Object({
    name: Type.String(),
    title: Type.Optional(Type.String()),
    submitLabel: Type.Optional(Type.String()),
    fields: Type.Array(
      Type.Object({
        name: Type.String(),
        label: Type.String(),
        type: Type.Enum([...formFieldTypes]),
        isRequired: Type.Optional(Type.Boolean()),
        choices: Type.Optional(Type.Array(Type.String())),
        example: Type.Optional(Type.String()),
        initial: Type.Optional(Type.String()),
      }),
    ),
  }),
);
export const MessageSchema = as<Message>(
  Type.Object({
    channelId: Uuid,
    seq: SeqNumber,
    clientId: Uuid,
    authorId: Uuid,
    text: Type.String(),
    at: TimeMs,
    editedAt: Nullable(TimeMs),
    deletedAt: Nullable(TimeMs),
    threadSeq: Nullable(SeqNumber),
    mentions: Type.Array(Uuid),
    mentionsChannel: Type.Boolean(),
    reactions: Type.Array(Type.Object({ emoji: Type.String(), userIds: Type.Array(Uuid) })),
    thread: Nullable(Type.Object({ replyCount: Position, lastReplyAt: TimeMs, userIds: Type.Array(Uuid) })),
    suggestions: Type.Array(Type.String()),
    attachments: Type.Optional(Type.Array(AttachmentSchema)),
    card: Type.Optional(CardSchema),
    form: Type.Optional(FormSchema),
    formAnswer: Type.Optional(FormAnswerSchema),
    asksSecret: Type.Optional(Uuid),
    isSecret: Type.Optional(Type.Literal(true)),
  }),
);
/** One entry of a log. Which other fields it has depends on `kind`; see the protocol page. */
export const LogEventSchema = as<LogEvent>(
  Type.Object(
    { kind: Type.String(), channelId: Uuid, epoch: Position, seq: SeqNumber, actorId: Uuid, at: TimeMs },
    { additionalProperties: true },
  ),
);
const Color = Type.String({ pattern: '^#[0-9a-f]{6}$' });
const BotThemeSchema = as<BotTheme>(
  Type.Object({
    color: Type.Optional(Color),
    tint: Type.Optional(Color),
    title: Type.Optional(Type.String()),
    welcome: Type.Optional(Type.String()),
    logo: Type.Optional(Type.String()),
  }),
);
const botFields = {
  id: Uuid,
  userId: Uuid,
  name: Type.String(),
  handle: Type.String(),
  description: Type.String(),
  origin: Type.Enum(['package', 'editor']),
  publishedVersion: Nullable(Type.Integer()),
  updatedAt: TimeMs,
  theme: Type.Optional(BotThemeSchema),
};
export const BotSchema = as<Bot>(Type.Object(botFields));
export const BotDetailSchema = as<BotDetail>(
  Type.Object({
    ...botFields,
    files: Type.Array(Script),
    versions: Type.Array(Type.Object({ version: Type.Integer(), publishedAt: TimeMs, publishedBy: Nullable(Uuid) })),
    channelIds: Type.Array(Uuid),
  }),
);
export const InvitationSchema = as<Invitation>(
  Type.Object({
    code: Type.String(),
    role: RoleName,
    createdBy: Uuid,
    createdAt: TimeMs,
    expiresAt: TimeMs,
    usesMax: Type.Integer(),
    uses: Type.Integer(),
  }),
);
const LogPositionSchema = as<LogPosition>(Type.Object({ channelId: Uuid, epoch: Position, seq: Position }));

// ---------------------------------------------------------------- answers
export const ErrorSchema = as<ErrorBody>(
  Type.Object({
    code: Type.String(),
    message: Type.String(),
    retryable: Type.Boolean(),
    retryAfterMs: Type.Optional(Type.Number()),
    field: Type.Optional(Type.String()),
    diagnostics: Type.Optional(Type.Array(Type.Unknown())),
    quota: Type.Optional(Type.Object({ name: Type.String(), used: Type.Integer(), most: Type.Integer() })),
  }),
);
export const SignedInSchema = as<SignedIn>(Type.Object({ token: Nullable(Type.String()), userId: Uuid }));
export const SetupSchema = as<SetupState>(Type.Object({ needsSetup: Type.Boolean(), isOpen: Type.Boolean() }));
export const SnapshotSchema = as<Snapshot>(
  Type.Object({
    me: MeSchema,
    instance: Type.Object({ id: Uuid, organizationId: Uuid, name: Type.String() }),
    organizationName: Type.String(),
    users: Type.Array(UserSchema),
    bots: Type.Array(BotSchema),
    channels: Type.Array(ChannelStateSchema),
    self: LogPositionSchema,
    directory: LogPositionSchema,
    serverTime: TimeMs,
  }),
);
export const SessionsSchema = as<{ sessions: readonly Session[] }>(
  Type.Object({
    sessions: Type.Array(
      Type.Object({ id: Uuid, createdAt: TimeMs, lastSeenAt: TimeMs, userAgent: Type.String(), isCurrent: Type.Boolean() }),
    ),
  }),
);
export const DeviceParams = Type.Object({ device: Type.String({ pattern: '^[A-Za-z0-9_.-]{1,64}$' }) });
export const DeviceCursorsBody = as<{ cursors: readonly FrameCursor[] }>(
  Type.Object({ cursors: Type.Array(Cursor, { maxItems: limits.subscriptionsMax }) }),
);
export const DeviceCursorsSchema = as<DeviceCursors>(Type.Object({ at: TimeMs, cursors: Type.Array(Cursor) }));
export const UsersSchema = as<{ users: readonly User[] }>(Type.Object({ users: Type.Array(UserSchema) }));
export const MembersSchema = as<MemberList>(Type.Object({ members: Type.Array(UserSchema) }));
export const InvitationsSchema = as<InvitationList>(Type.Object({ invitations: Type.Array(InvitationSchema) }));
export const InvitationPreviewSchema = as<InvitationPreview>(
  Type.Object({ organizationName: Type.String(), invitedBy: Type.String(), isUsable: Type.Boolean() }),
);
export const BrowseSchema = as<BrowseChannels>(
  Type.Object({
    channels: Type.Array(Type.Object({ channel: ChannelSchema, memberCount: Position, isMember: Type.Boolean() })),
  }),
);
export const OpenedSchema = as<ChannelOpened>(Type.Object({ state: ChannelStateSchema }));
export const ChannelOnlySchema = as<{ channel: Channel }>(Type.Object({ channel: ChannelSchema }));
export const AttachmentOnlySchema = as<{ attachment: Attachment }>(Type.Object({ attachment: AttachmentSchema }));
export const PostedSchema = as<Posted>(
  Type.Object({ channelId: Uuid, clientId: Uuid, epoch: Position, seq: SeqNumber, at: TimeMs }),
);
export const MessagePageSchema = as<MessagePage>(
  Type.Object({
    messages: Type.Array(MessageSchema),
    epoch: Position,
    head: Position,
    hasOlder: Type.Boolean(),
    hasNewer: Type.Boolean(),
  }),
);
export const MessageOnlySchema = as<{ message: Message }>(Type.Object({ message: MessageSchema }));
export const HistorySchema = as<MessageHistory>(
  Type.Object({ versions: Type.Array(Type.Object({ text: Type.String(), at: TimeMs })) }),
);
export const LogPageSchema = as<LogPage>(
  Type.Object({
    kind: Type.Enum(['events', 'restart']),
    epoch: Position,
    head: Position,
    events: Type.Optional(Type.Array(LogEventSchema)),
    hasMore: Type.Optional(Type.Boolean()),
  }),
);
export const MembershipAnswerSchema = as<{ membership: Membership | null }>(
  Type.Object({ membership: Nullable(MembershipSchema) }),
);
export const BotsSchema = as<{ bots: readonly Bot[] }>(Type.Object({ bots: Type.Array(BotSchema) }));
const BotLogLineSchema = as<BotLogLine>(
  Type.Object({
    number: SeqNumber,
    at: TimeMs,
    level: Type.Enum(['error', 'info']),
    code: Type.String(),
    message: Type.String(),
    file: Nullable(Type.String()),
    line: Nullable(Type.Integer()),
    column: Nullable(Type.Integer()),
    version: Nullable(Type.Integer()),
    conversationId: Nullable(Uuid),
    userId: Nullable(Uuid),
  }),
);
export const BotLogPageSchema = as<BotLogPage>(Type.Object({ lines: Type.Array(BotLogLineSchema), hasOlder: Type.Boolean() }));
export const BotConversationSchema = as<BotConversation>(
  Type.Object({
    id: Uuid,
    kind: Type.Enum(['dialog', 'run']),
    userId: Uuid,
    channelId: Nullable(Uuid),
    channelKind: Nullable(Type.Enum(['public', 'private', 'direct', 'group', 'self', 'instance'])),
    threadSeq: Nullable(SeqNumber),
    script: Type.String(),
    status: Type.Enum(['starting', 'waiting', 'asking', 'handed', 'finished', 'failed', 'parked']),
    asks: Nullable(Type.String()),
    wakeAt: Nullable(TimeMs),
    waitsFor: Nullable(Type.Object({ kind: Type.String(), file: Type.String(), line: Type.Integer() })),
    version: Nullable(Type.Integer()),
    programHash: Type.String(),
    isCurrent: Type.Boolean(),
    turns: Type.Integer(),
    updatedAt: TimeMs,
    snapshotBytes: Type.Integer(),
    contact: Type.Optional(Type.Object({ id: Type.String(), name: Type.String() })),
  }),
);
export const BotConversationPageSchema = as<BotConversationPage>(
  Type.Object({ conversations: Type.Array(BotConversationSchema), next: Nullable(Type.String()) }),
);
export const VersionSchema = Type.Object({ version: Type.Integer() });
export const PreviewSchema = as<PreviewResult>(
  Type.Object({
    previewId: Nullable(Uuid),
    status: Type.Enum(['waiting', 'finished', 'failed']),
    replies: Type.Array(
      Type.Object({
        text: Type.String(),
        suggestions: Type.Optional(Type.Array(Type.String())),
        attachments: Type.Optional(Type.Array(AttachmentSchema)),
        card: Type.Optional(CardSchema),
        form: Type.Optional(FormSchema),
      }),
    ),
    error: Nullable(
      Type.Object({
        code: Type.String(),
        message: Type.String(),
        file: Type.String(),
        line: Type.Integer(),
        column: Type.Integer(),
      }),
    ),
    fuelUsed: Type.Number(),
    elapsedMs: Type.Number(),
    asksSecret: Type.Optional(Type.Literal(true)),
    theme: Type.Optional(BotThemeSchema),
  }),
);
export const DoneSchema = Type.Object({ ok: Type.Literal(true) });
