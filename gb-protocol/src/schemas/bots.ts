import Type from 'typebox';
import type {
  BotConversationDetail,
  BotKey,
  BotKeyMade,
  BotRowPage,
  BotSchedule,
  BotSetting,
  BotTable,
  BotTool,
  BotTrigger,
  BotTurnDetail,
  BotTurnPage,
  ChangeConversation,
  ContactConversation,
  ContactMessage,
  ContactMessagePage,
  ContactPosted,
  ConversationChanged,
  JsonObject,
  JsonValue,
  MailTaken,
  MigrateConversations,
  Migrated,
  NewContact,
  PackagePublished,
  PostContactMessage,
  RunAnswer,
} from '../bot-rest.ts';
import type { BotId, ChannelId, ConversationId, CustomerId, FileId } from '../ids.ts';
import { limits } from '../limits.ts';
import { AttachmentIds, as, FormAnswerSchema, LocaleName, Nullable, Position, SeqNumber, TimeMs, Uuid } from './common.ts';
import { AttachmentSchema, BotConversationSchema, CardSchema, FormSchema, Script } from './rest.ts';

const Json = as<JsonValue>(Type.Unknown({ description: 'Any JSON' }));
const JsonRecord = as<JsonObject>(Type.Record(Type.String(), Type.Unknown()));

// ---------------------------------------------------------------- parameters
export const BotKeyParams = as<{ botId: BotId; keyId: string }>(Type.Object({ botId: Uuid, keyId: Uuid }));
export const BotConversationParams = as<{ botId: BotId; conversationId: ConversationId }>(
  Type.Object({ botId: Uuid, conversationId: Uuid }),
);
export const BotTurnParams = as<{ botId: BotId; conversationId: ConversationId; turn: number }>(
  Type.Object({ botId: Uuid, conversationId: Uuid, turn: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }) }),
);
export const BotScheduleParams = as<{ botId: BotId; scheduleId: string }>(Type.Object({ botId: Uuid, scheduleId: Uuid }));
export const BotTableParams = as<{ botId: BotId; table: string }>(
  Type.Object({ botId: Uuid, table: Type.String({ minLength: 1, maxLength: 200 }) }),
);
export const BotToolParams = as<{ botId: BotId; tool: string }>(
  Type.Object({ botId: Uuid, tool: Type.String({ minLength: 1, maxLength: 64 }) }),
);
export const BotRunParams = as<{ botId: BotId; runId: ConversationId }>(Type.Object({ botId: Uuid, runId: Uuid }));
// No pattern: an address that is none is answered like one that nobody has.
const hookParams = {
  customerId: Type.String({ maxLength: 64 }),
  botId: Type.String({ maxLength: 64 }),
  name: Type.String({ minLength: 1, maxLength: 200 }),
};
export const WebhookParams = as<{ customerId: CustomerId; botId: BotId; name: string }>(Type.Object(hookParams));
export const WebhookRunParams = as<{ customerId: CustomerId; botId: BotId; name: string; runId: ConversationId }>(
  Type.Object({ ...hookParams, runId: Type.String({ maxLength: 64 }) }),
);
export const MailParams = as<{ customerId: CustomerId; botId: BotId }>(
  Type.Object({ customerId: hookParams.customerId, botId: hookParams.botId }),
);
const Addresses = Type.Optional(Type.Union([Type.String({ maxLength: 2_000 }), Type.Array(Type.String({ maxLength: 2_000 }))]));
export const MailQuerystring = Type.Object({
  to: Addresses,
  from: Type.Optional(Type.String({ maxLength: 2_000, description: 'Who sent it, by its envelope; empty for reports' })),
  key: Type.Optional(Type.String({ description: 'The webhook-secret, for who cannot send it in a header' })),
});
export const MailTakenSchema = as<MailTaken>(
  Type.Object({
    outcome: Type.Union([Type.Literal('started'), Type.Literal('again'), Type.Literal('automatic'), Type.Literal('unwanted')]),
    runIds: Type.Array(Uuid),
  }),
);
export const ContactFileParams = as<{ channelId: ChannelId; fileId: FileId }>(Type.Object({ channelId: Uuid, fileId: Uuid }));

const WaitMs = Type.Optional(
  Type.Integer({ minimum: 0, maximum: limits.runWaitMsMax, description: 'How long to wait for the end of the run' }),
);
export const WaitQuerystring = Type.Object({ waitMs: WaitMs });
export const TurnsQuerystring = Type.Object({
  before: Type.Optional(SeqNumber),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.journalTurnsMax })),
});
export const ProgramQuerystring = Type.Object({
  program: Type.Optional(Type.Boolean({ description: 'With the program, which may be megabytes; true when nothing is said' })),
});
export const RowsQuerystring = Type.Object({
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.pageSizeMax })),
});
export const ContactMessagesQuerystring = Type.Object({
  after: Type.Optional(Position),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.pageSizeMax })),
  waitMs: Type.Optional(
    Type.Integer({ minimum: 0, maximum: limits.pollMsMax, description: 'How long to wait when there is nothing new' }),
  ),
});
export const LanguageHeaders = Type.Object({ 'accept-language': Type.Optional(Type.String({ maxLength: 500 })) });
export const IdempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({ minLength: 1, maxLength: limits.idempotencyKeyMax, description: 'The same again is the same run' }),
  ),
});

// ---------------------------------------------------------------- bodies of requests
export const NewBotKeyBody = Type.Object({ name: Type.String({ minLength: 1, maxLength: limits.userNameMax }) });
export const CallToolBody = as<{ arguments?: JsonObject }>(Type.Object({ arguments: Type.Optional(JsonRecord) }));
export const MigrateBody = as<MigrateConversations>(
  Type.Object({
    conversationIds: Type.Optional(Type.Array(Uuid, { minItems: 1, maxItems: limits.migratedAtOnceMax })),
    after: Type.Optional(Uuid),
  }),
);
export const ChangeConversationBody = as<ChangeConversation>(
  Type.Object({
    revision: Type.Integer({ minimum: 1, description: 'Of the conversation as it was read' }),
    changes: Type.Array(
      Type.Object({
        frame: Type.Integer({
          minimum: -1,
          maximum: 100_000,
          description: 'Of the calls, the running one first; -1: the main program',
        }),
        target: Type.String({ minLength: 1, maxLength: limits.variablePathMax, description: '`total`, `order.items[2]`' }),
        value: Json,
      }),
      { minItems: 1, maxItems: limits.variableChangesMax },
    ),
  }),
);
export const NewContactBody = as<{ contact: NewContact }>(
  Type.Object({
    contact: Type.Object({
      id: Type.String({ minLength: 1, maxLength: limits.contactIdMax }),
      name: Type.Optional(Type.String({ minLength: 1, maxLength: limits.userNameMax * 2 })),
      locale: Type.Optional(LocaleName),
    }),
  }),
);
export const PostContactMessageBody = as<PostContactMessage>(
  Type.Object({
    clientId: Type.String({ minLength: 1, maxLength: limits.idempotencyKeyMax }),
    text: Type.Optional(Type.String({ maxLength: limits.messageTextMax })),
    attachmentIds: Type.Optional(AttachmentIds),
    formAnswer: Type.Optional(FormAnswerSchema),
    isSecret: Type.Optional(Type.Boolean()),
  }),
);

// ---------------------------------------------------------------- answers
const BotKeySchema = as<BotKey>(
  Type.Object({ id: Uuid, name: Type.String(), createdBy: Uuid, createdAt: TimeMs, lastUsedAt: Nullable(TimeMs) }),
);
export const BotKeysSchema = as<{ keys: readonly BotKey[] }>(Type.Object({ keys: Type.Array(BotKeySchema) }));
export const BotKeyMadeSchema = as<BotKeyMade>(
  Type.Object({ key: BotKeySchema, token: Type.String({ description: 'Shown this one time' }) }),
);
const FormFieldSchema = Type.Unknown();
export const BotToolsSchema = as<{ tools: readonly BotTool[] }>(
  Type.Object({
    tools: Type.Array(
      Type.Object({
        name: Type.String(),
        description: Type.String(),
        script: Type.String(),
        parameters: Type.Unknown({ description: 'JSON schema of the arguments' }),
        fields: Type.Array(FormFieldSchema),
      }),
    ),
  }),
);
export const RunAnswerSchema = as<RunAnswer>(Type.Object({ runId: Uuid, isDone: Type.Boolean(), value: Type.Optional(Json) }));
const BotProgramSchema = Type.Object({
  hash: Type.String(),
  debugMap: Type.String({ description: 'JSON text' }),
  wasm: Type.String({ description: 'Base64' }),
  files: Type.Array(Script),
});
export const BotConversationDetailSchema = as<BotConversationDetail>(
  Type.Object({
    conversation: BotConversationSchema,
    revision: Type.Integer(),
    snapshot: Nullable(Type.String({ description: 'Base64' })),
    request: Nullable(Type.Object({ name: Type.String(), args: JsonRecord })),
    result: Json,
    state: JsonRecord,
    inbox: Type.Array(Type.String()),
    program: Nullable(BotProgramSchema),
  }),
);
const BotTurnSchema = Type.Object({
  turn: Type.Integer(),
  at: TimeMs,
  cause: Type.Enum(['start', 'answer', 'result', 'timeout']),
  programHash: Type.String(),
  fuel: Type.Number(),
  input: JsonRecord,
  output: JsonRecord,
});
const VariableChangedSchema = Type.Object({ target: Type.String(), before: Type.String(), after: Type.String() });
export const ConversationChangedSchema = as<ConversationChanged>(
  Type.Object({ revision: Type.Integer(), changes: Type.Array(VariableChangedSchema) }),
);
const BotConversationEditSchema = Type.Object({
  id: Uuid,
  turn: Type.Integer(),
  at: TimeMs,
  userId: Uuid,
  changes: Type.Array(VariableChangedSchema),
});
export const BotTurnPageSchema = as<BotTurnPage>(
  Type.Object({ turns: Type.Array(BotTurnSchema), hasOlder: Type.Boolean(), edits: Type.Array(BotConversationEditSchema) }),
);
export const BotTurnDetailSchema = as<BotTurnDetail>(
  Type.Object({
    turn: BotTurnSchema,
    snapshot: Nullable(Type.String({ description: 'Base64, before the turn' })),
    program: Nullable(BotProgramSchema),
  }),
);
export const MigratedSchema = as<Migrated>(
  Type.Object({
    migrated: Type.Integer(),
    refused: Type.Array(Type.Object({ conversationId: Uuid, reason: Type.String() })),
    next: Nullable(Uuid),
  }),
);
export const BotScheduleSchema = as<BotSchedule>(
  Type.Object({
    id: Uuid,
    script: Type.String(),
    text: Type.String(),
    label: Type.String(),
    says: Type.String(),
    origin: Type.Enum(['declared', 'asked']),
    timeZone: Type.String(),
    wakeAt: Nullable(TimeMs),
    lastAt: Nullable(TimeMs),
    isPaused: Type.Boolean(),
  }),
);
export const BotSchedulesSchema = as<{ schedules: readonly BotSchedule[] }>(
  Type.Object({ schedules: Type.Array(BotScheduleSchema) }),
);
export const BotTriggersSchema = as<{ triggers: readonly BotTrigger[] }>(
  Type.Object({
    triggers: Type.Array(
      Type.Object({
        kind: Type.String(),
        name: Type.String(),
        script: Type.String(),
        details: JsonRecord,
        path: Type.Optional(Type.String()),
        hasSecret: Type.Optional(Type.Boolean()),
      }),
    ),
  }),
);
export const BotTablesSchema = as<{ tables: readonly BotTable[] }>(
  Type.Object({
    tables: Type.Array(
      Type.Object({
        name: Type.String(),
        kind: Type.Enum(['table', 'sheet']),
        columns: Type.Array(Type.Object({ name: Type.String(), type: Nullable(Type.String()) })),
        rows: Type.Integer(),
      }),
    ),
  }),
);
export const BotRowPageSchema = as<BotRowPage>(
  Type.Object({ columns: Type.Array(Type.String()), rows: Type.Array(JsonRecord), hasMore: Type.Boolean() }),
);
export const BotSettingsSchema = as<{ settings: readonly BotSetting[] }>(
  Type.Object({ settings: Type.Array(Type.Object({ name: Type.String(), value: Nullable(Type.String()) })) }),
);
export const PackagePublishedSchema = as<PackagePublished>(
  Type.Object({
    version: Type.Integer(),
    scripts: Type.Integer(),
    filesChanged: Type.Integer(),
    filesRemoved: Type.Integer(),
    sheets: Type.Array(Type.Object({ name: Type.String(), rows: Type.Integer() })),
    warnings: Type.Array(Type.Unknown()),
  }),
);
export const ContactConversationSchema = as<ContactConversation>(
  Type.Object({
    id: Uuid,
    contact: Type.Object({ id: Type.String(), name: Type.String(), locale: LocaleName }),
    cursor: Position,
  }),
);
const ContactMessageSchema = as<ContactMessage>(
  Type.Object({
    conversationId: Uuid,
    seq: SeqNumber,
    from: Type.Enum(['contact', 'bot']),
    text: Type.String({ description: 'Markdown' }),
    at: TimeMs,
    suggestions: Type.Array(Type.String()),
    attachments: Type.Array(AttachmentSchema),
    card: Type.Optional(CardSchema),
    form: Type.Optional(FormSchema),
    formAnswer: Type.Optional(FormAnswerSchema),
    asksSecret: Type.Optional(Type.Literal(true)),
    isSecret: Type.Optional(Type.Literal(true)),
  }),
);
export const ContactMessagePageSchema = as<ContactMessagePage>(
  Type.Object({ messages: Type.Array(ContactMessageSchema), cursor: Position, hasMore: Type.Boolean() }),
);
export const ContactPostedSchema = as<ContactPosted>(
  Type.Object({ conversationId: Uuid, clientId: Type.String(), seq: SeqNumber, at: TimeMs }),
);

// ---------------------------------------------------------------- frames of the stream of a bot's conversations
const FrameId = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** What a connector may send, by `type`. Fields that are not named here are ignored. */
export const streamFrameSchemas = {
  follow: Type.Object({
    type: Type.Literal('follow'),
    conversations: Type.Array(Type.Object({ id: Uuid, after: Position }), { maxItems: limits.streamFollowsMax }),
  }),
  send: Type.Object({
    type: Type.Literal('send'),
    id: FrameId,
    conversationId: Uuid,
    clientId: Type.String({ minLength: 1, maxLength: limits.idempotencyKeyMax }),
    text: Type.Optional(Type.String({ maxLength: limits.messageTextMax })),
    attachmentIds: Type.Optional(AttachmentIds),
    formAnswer: Type.Optional(FormAnswerSchema),
    isSecret: Type.Optional(Type.Boolean()),
  }),
  typing: Type.Object({ type: Type.Literal('typing'), conversationId: Uuid }),
  ping: Type.Object({ type: Type.Literal('ping') }),
} as const;
