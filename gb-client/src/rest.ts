import type {
  AcceptInvitation,
  Bot,
  BotConversation,
  BotConversationDetail,
  BotConversationPage,
  BotDetail,
  BotExampleInfo,
  BotId,
  BotKey,
  BotKeyMade,
  BotLogPage,
  BotPatch,
  BotRowPage,
  BotSchedule,
  BotSetting,
  BotTable,
  BotTool,
  BotTrigger,
  BotTurnDetail,
  BotTurnPage,
  BrowseChannels,
  ChangeConversation,
  Channel,
  ChannelId,
  ChannelOpened,
  ChannelPatch,
  ConversationChanged,
  ConversationId,
  Cursor,
  DeadTaskInfo,
  DeviceCursors,
  Export,
  ExportLink,
  FileId,
  Invitation,
  InvitationList,
  InvitationPreview,
  JsonObject,
  LogEvent,
  LogIn,
  LogPage,
  Me,
  MemberList,
  Membership,
  Message,
  MessageHistory,
  MessagePage,
  MigrateConversations,
  Migrated,
  NewBot,
  NewBotFromExample,
  NewChannel,
  NewDirect,
  NewExport,
  NewInvitation,
  NewWebhook,
  PackagePublished,
  Posted,
  PostMessage,
  PreviewResult,
  PreviewTurn,
  RunAnswer,
  Seq,
  Session,
  SessionId,
  SetNotifications,
  SetupState,
  SignedIn,
  SignUp,
  Snapshot,
  TaskCounts,
  Usage,
  User,
  UserAdminPatch,
  UserId,
  UserPatch,
  Webhook,
  WebhookChange,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookMade,
} from 'gb-protocol';
import { expandEvent } from 'gb-protocol';
import type { Http, RequestOptions } from './http.ts';

export interface MessageQuery {
  /** At most one of the three; without any, the newest page. */
  readonly before?: Seq;
  readonly after?: Seq;
  readonly around?: Seq;
  readonly threadSeq?: Seq;
  readonly limit?: number;
}

export interface LogQuery {
  readonly epoch: number;
  readonly after: Seq;
  readonly limit?: number;
}

export interface BotLogQuery {
  /** Lines before this number; without it, the newest. */
  readonly before?: number;
  readonly limit?: number;
}

export interface BotConversationQuery {
  /** `next` of the page before. */
  readonly before?: string;
  readonly limit?: number;
  readonly kind?: BotConversation['kind'];
  readonly status?: BotConversation['status'];
}

export interface BotTurnQuery {
  /** Turns before this number; without it, the newest. */
  readonly before?: number;
  readonly limit?: number;
}

export interface BotRowQuery {
  readonly offset?: number;
  readonly limit?: number;
}

export type Rest = ReturnType<typeof createRest>;

/** Every call of the REST API, typed. A refusal rejects with an `ApiError` whose `code` is one of the protocol's. */
export function createRest(http: Http) {
  const channel = (id: ChannelId) => `channels/${segment(id)}`;
  const message = (id: ChannelId, seq: Seq) => `${channel(id)}/messages/${seq}`;
  const bot = (id: BotId) => `bots/${segment(id)}`;
  const conversation = (id: BotId, conversationId: ConversationId) => `${bot(id)}/conversations/${segment(conversationId)}`;
  const webhook = (id: string) => `outgoing-webhooks/${segment(id)}`;
  const schedule = (id: BotId, scheduleId: string) => `${bot(id)}/schedules/${segment(scheduleId)}`;

  return {
    // Accounts
    setup: () => http<SetupState>('GET', 'setup'),
    signUp: (input: SignUp) => http<SignedIn>('POST', 'signup', input),
    logIn: (input: LogIn) => http<SignedIn>('POST', 'sessions', input),
    logOut: () => http<unknown>('DELETE', 'sessions/current'),
    sessions: () => http<{ readonly sessions: readonly Session[] }>('GET', 'sessions'),
    /** Where a device of mine stands: for programs that keep nothing of their own. Moves only forward. */
    deviceCursors: (device: string) => http<DeviceCursors>('GET', `devices/${segment(device)}/cursors`),
    saveDeviceCursors: (device: string, cursors: readonly Cursor[]) =>
      http<DeviceCursors>('PUT', `devices/${segment(device)}/cursors`, { cursors }),
    forgetDevice: (device: string) => http<unknown>('DELETE', `devices/${segment(device)}/cursors`),
    endSession: (id: SessionId) => http<unknown>('DELETE', `sessions/${segment(id)}`),
    snapshot: (options?: RequestOptions) => http<Snapshot>('GET', 'snapshot', undefined, options),

    // People
    updateMe: (patch: UserPatch) => http<Me>('PATCH', 'me', patch),
    changePassword: (current: string, next: string) => http<unknown>('PUT', 'me/password', { current, next }),
    users: () => http<{ readonly users: readonly User[] }>('GET', 'users'),
    updateUser: (id: UserId, patch: UserAdminPatch) => http<User>('PATCH', `users/${segment(id)}`, patch),

    // Invitations
    usage: () => http<Usage>('GET', 'usage'),
    createInvitation: (input: NewInvitation) => http<Invitation>('POST', 'invitations', input),
    invitations: () => http<InvitationList>('GET', 'invitations'),
    withdrawInvitation: (code: string) => http<unknown>('DELETE', `invitations/${segment(code)}`),
    invitation: (code: string) => http<InvitationPreview>('GET', `invitations/${segment(code)}`),
    acceptInvitation: (code: string, input: AcceptInvitation) =>
      http<SignedIn>('POST', `invitations/${segment(code)}/accept`, input),

    // Channels
    browseChannels: () => http<BrowseChannels>('GET', 'channels'),
    createChannel: (input: NewChannel) => http<ChannelOpened>('POST', 'channels', input),
    channel: (id: ChannelId) => http<ChannelOpened>('GET', channel(id)),
    updateChannel: (id: ChannelId, patch: ChannelPatch) => http<{ readonly channel: Channel }>('PATCH', channel(id), patch),
    joinChannel: (id: ChannelId) => http<ChannelOpened>('POST', `${channel(id)}/join`),
    members: (id: ChannelId) => http<MemberList>('GET', `${channel(id)}/members`),
    addMembers: (id: ChannelId, userIds: readonly UserId[]) => http<unknown>('POST', `${channel(id)}/members`, { userIds }),
    removeMember: (id: ChannelId, userId: UserId | 'me') => http<unknown>('DELETE', `${channel(id)}/members/${segment(userId)}`),
    openDirect: (input: NewDirect) => http<ChannelOpened>('POST', 'direct', input),

    // Messages
    messages: (id: ChannelId, query: MessageQuery = {}) => http<MessagePage>('GET', `${channel(id)}/messages${search(query)}`),
    postMessage: (id: ChannelId, input: PostMessage) => http<Posted>('POST', `${channel(id)}/messages`, input),
    message: (id: ChannelId, seq: Seq) => http<{ readonly message: Message }>('GET', message(id, seq)),
    editMessage: (id: ChannelId, seq: Seq, text: string) => http<unknown>('PATCH', message(id, seq), { text }),
    deleteMessage: (id: ChannelId, seq: Seq) => http<unknown>('DELETE', message(id, seq)),
    messageHistory: (id: ChannelId, seq: Seq) => http<MessageHistory>('GET', `${message(id, seq)}/history`),
    addReaction: (id: ChannelId, seq: Seq, emoji: string) =>
      http<unknown>('PUT', `${message(id, seq)}/reactions/${segment(emoji)}`),
    removeReaction: (id: ChannelId, seq: Seq, emoji: string) =>
      http<unknown>('DELETE', `${message(id, seq)}/reactions/${segment(emoji)}`),
    /** Entries whole, as they are kept here. */
    log: async (id: ChannelId, query: LogQuery): Promise<LogPage<LogEvent>> => {
      const page = await http<LogPage>('GET', `${channel(id)}/log${search(query)}`);
      return page.kind === 'events' ? { ...page, events: page.events.map(expandEvent) } : page;
    },

    // Files; `Client.upload` sends one
    discardFile: (id: FileId) => http<unknown>('DELETE', `files/${segment(id)}`),

    // My place in a channel
    markRead: (id: ChannelId, seq: Seq, options?: RequestOptions) =>
      http<{ readonly membership: Membership | null }>('PUT', `${channel(id)}/read`, { seq }, options),
    markUnread: (id: ChannelId, seq: Seq) =>
      http<{ readonly membership: Membership | null }>('PUT', `${channel(id)}/unread`, { seq }),
    setNotifications: (id: ChannelId, input: SetNotifications) => http<unknown>('PUT', `${channel(id)}/notifications`, input),
    saveDraft: (id: ChannelId, text: string, threadSeq: Seq | null, options?: RequestOptions) =>
      http<unknown>('PUT', `${channel(id)}/draft`, threadSeq === null ? { text } : { text, threadSeq }, options),

    // Bots
    bots: () => http<{ readonly bots: readonly Bot[] }>('GET', 'bots'),
    createBot: (input: NewBot) => http<BotDetail>('POST', 'bots', input),
    botExamples: () => http<{ readonly examples: readonly BotExampleInfo[] }>('GET', 'bots/examples'),
    /** A copy of an example, published at once. */
    createBotFromExample: (input: NewBotFromExample) => http<BotDetail>('POST', 'bots', input),
    bot: (id: BotId) => http<BotDetail>('GET', bot(id)),
    updateBot: (id: BotId, patch: BotPatch) => http<BotDetail>('PATCH', bot(id), patch),
    publishBot: (id: BotId) => http<{ readonly version: number }>('POST', `${bot(id)}/publish`),
    rollBackBot: (id: BotId, version: number) => http<{ readonly version: number }>('POST', `${bot(id)}/rollback`, { version }),
    addBotToChannel: (id: BotId, channelId: ChannelId) => http<unknown>('PUT', `${bot(id)}/channels/${segment(channelId)}`),
    removeBotFromChannel: (id: BotId, channelId: ChannelId) =>
      http<unknown>('DELETE', `${bot(id)}/channels/${segment(channelId)}`),
    botLog: (id: BotId, query: BotLogQuery = {}, options?: RequestOptions) =>
      http<BotLogPage>('GET', `${bot(id)}/log${search(query)}`, undefined, options),
    botConversations: (id: BotId, query: BotConversationQuery = {}) =>
      http<BotConversationPage>('GET', `${bot(id)}/conversations${search(query)}`),
    /** A zip file of a `.gbai` folder becomes what people talk to: all of it, or nothing and `program_invalid` with everything wrong. */
    publishPackage: (id: BotId, zip: Uint8Array) => http<PackagePublished>('PUT', `${bot(id)}/package`, zip),
    /** Where one conversation stands, with its snapshot; with its program too unless that is said not to come. */
    botConversation: (id: BotId, conversationId: ConversationId, query: { readonly program?: boolean } = {}) =>
      http<BotConversationDetail>('GET', `${conversation(id, conversationId)}${search(query)}`),
    botTurns: (id: BotId, conversationId: ConversationId, query: BotTurnQuery = {}) =>
      http<BotTurnPage>('GET', `${conversation(id, conversationId)}/turns${search(query)}`),
    botTurn: (id: BotId, conversationId: ConversationId, turn: number, query: { readonly program?: boolean } = {}) =>
      http<BotTurnDetail>('GET', `${conversation(id, conversationId)}/turns/${turn}${search(query)}`),
    /** Lets a parked one try again. */
    retryBotConversation: (id: BotId, conversationId: ConversationId) =>
      http<unknown>('POST', `${conversation(id, conversationId)}/retry`),
    /** Changes variables of one that waits: all of them, or none and `moved_on` when it has gone on since it was read. */
    changeBotConversation: (id: BotId, conversationId: ConversationId, change: ChangeConversation) =>
      http<ConversationChanged>('POST', `${conversation(id, conversationId)}/variables`, change),
    endBotConversation: (id: BotId, conversationId: ConversationId) =>
      http<unknown>('POST', `${conversation(id, conversationId)}/end`),
    /** Lets conversations of older versions go on in the published one; all that wait when none are named. */
    migrateBotConversations: (id: BotId, which: MigrateConversations = {}) => http<Migrated>('POST', `${bot(id)}/migrate`, which),
    botSchedules: (id: BotId) => http<{ readonly schedules: readonly BotSchedule[] }>('GET', `${bot(id)}/schedules`),
    pauseBotSchedule: (id: BotId, scheduleId: string) => http<BotSchedule>('POST', `${schedule(id, scheduleId)}/pause`),
    resumeBotSchedule: (id: BotId, scheduleId: string) => http<BotSchedule>('POST', `${schedule(id, scheduleId)}/resume`),
    /** Runs its script once now; its next time stays. */
    runBotSchedule: (id: BotId, scheduleId: string) => http<RunAnswer>('POST', `${schedule(id, scheduleId)}/run`),
    botTriggers: (id: BotId) => http<{ readonly triggers: readonly BotTrigger[] }>('GET', `${bot(id)}/triggers`),
    botTables: (id: BotId) => http<{ readonly tables: readonly BotTable[] }>('GET', `${bot(id)}/tables`),
    botTableRows: (id: BotId, table: string, query: BotRowQuery = {}) =>
      http<BotRowPage>('GET', `${bot(id)}/tables/${segment(table)}/rows${search(query)}`),
    botSettings: (id: BotId) => http<{ readonly settings: readonly BotSetting[] }>('GET', `${bot(id)}/settings`),
    botKeys: (id: BotId) => http<{ readonly keys: readonly BotKey[] }>('GET', `${bot(id)}/keys`),
    createBotKey: (id: BotId, name: string) => http<BotKeyMade>('POST', `${bot(id)}/keys`, { name }),
    revokeBotKey: (id: BotId, keyId: string) => http<unknown>('DELETE', `${bot(id)}/keys/${segment(keyId)}`),
    botTools: (id: BotId) => http<{ readonly tools: readonly BotTool[] }>('GET', `${bot(id)}/tools`),
    /** Rejects with `run_failed` when the script ends with an error. One that takes longer than `waitMs` is not done; ask `botRun`. */
    callBotTool: (id: BotId, tool: string, args: JsonObject, query: { readonly waitMs?: number } = {}) =>
      http<RunAnswer>('POST', `${bot(id)}/tools/${segment(tool)}${search(query)}`, { arguments: args }),
    botRun: (id: BotId, runId: ConversationId, query: { readonly waitMs?: number } = {}) =>
      http<RunAnswer>('GET', `${bot(id)}/runs/${segment(runId)}${search(query)}`),
    previewBot: (turn: PreviewTurn, options?: RequestOptions) => http<PreviewResult>('POST', 'bots/preview', turn, options),

    // What leaves the workspace by itself, and work that waits; for owners and administrators
    webhooks: () => http<{ readonly webhooks: readonly Webhook[] }>('GET', 'outgoing-webhooks'),
    createWebhook: (input: NewWebhook) => http<WebhookMade>('POST', 'outgoing-webhooks', input),
    updateWebhook: (id: string, change: WebhookChange) => http<Webhook>('PATCH', webhook(id), change),
    deleteWebhook: (id: string) => http<unknown>('DELETE', webhook(id)),
    replaceWebhookSecret: (id: string) => http<WebhookMade>('POST', `${webhook(id)}/secret`),
    testWebhook: (id: string) => http<WebhookDelivery>('POST', `${webhook(id)}/test`),
    webhookDeliveries: (id: string, query: { readonly before?: string; readonly limit?: number } = {}) =>
      http<WebhookDeliveryPage>('GET', `${webhook(id)}/deliveries${search(query)}`),
    repeatWebhookDelivery: (id: string, deliveryId: string) =>
      http<WebhookDelivery>('POST', `${webhook(id)}/deliveries/${segment(deliveryId)}/again`),
    tasks: () => http<{ readonly tasks: readonly TaskCounts[] }>('GET', 'tasks'),
    deadTasks: (query: { readonly kind?: string; readonly limit?: number } = {}) =>
      http<{ readonly tasks: readonly DeadTaskInfo[] }>('GET', `tasks/dead${search(query)}`),
    retryDeadTask: (id: string) => http<unknown>('POST', `tasks/dead/${segment(id)}/retry`),

    // Exports: of channels I am in, of the workspace I own
    exports: () => http<{ readonly exports: readonly Export[] }>('GET', 'exports'),
    createExport: (input: NewExport) => http<Export>('POST', 'exports', input),
    exportLink: (id: string) => http<ExportLink>('POST', `exports/${segment(id)}/link`),
    deleteExport: (id: string) => http<unknown>('DELETE', `exports/${segment(id)}`),
  };
}

function segment(text: string): string {
  return encodeURIComponent(text);
}

function search(query: object): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) params.set(name, String(value));
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}
