import type { Attachment, ChannelId, ChannelState, ClientId, NotificationLevel, Posted, Seq, User, UserId } from 'gb-protocol';
import { limits } from 'gb-protocol';
import type { Client } from './api.ts';
import { ApiError, asApiError } from './http.ts';
import type { ClientOptions } from './options.ts';
import { Parts } from './parts.ts';
import type { Rest } from './rest.ts';
import type { StoreKey } from './store.ts';
import type {
  ChannelView,
  ClientEvents,
  GrowingText,
  MessageWindow,
  OutboxState,
  OutgoingMessage,
  SendOptions,
  Status,
  UnreadTotals,
} from './types.ts';
import type { UploadOptions, UploadSource } from './upload.ts';

export function createClient(options: ClientOptions): Client {
  return new ChatClient(options);
}

/** The client as others see it; `parts.ts` puts together what does the work. */
class ChatClient implements Client {
  readonly rest: Rest;
  readonly #parts: Parts;

  constructor(options: ClientOptions) {
    this.#parts = new Parts(options);
    this.rest = this.#parts.rest;
  }

  // Life

  start(): Promise<void> {
    return this.#parts.workspace.start();
  }

  live(): Promise<void> {
    return this.#parts.status.live();
  }

  async close(): Promise<void> {
    const { closing, workspace, looking, connection, store, logs, typing, streaming, drafts, readMarks, overlays, emitter } =
      this.#parts;
    if (closing.signal.aborted) return;
    this.flush();
    closing.abort();
    looking.close();
    workspace.retryNow();
    connection.close();
    store.flush();
    logs.clear();
    typing.clear();
    streaming.clear();
    drafts.close();
    readMarks.close();
    overlays.clear();
    await this.#parts.outbox?.close();
    store.clear();
    emitter.clear();
  }

  subscribe(key: StoreKey, listener: () => void): () => void {
    return this.#parts.store.subscribe(key, listener);
  }

  on<K extends keyof ClientEvents>(kind: K, listener: (value: ClientEvents[K]) => void): () => void {
    return this.#parts.emitter.on(kind, listener);
  }

  // State

  status(): Status {
    return this.#parts.status.get();
  }

  isReady(): boolean {
    return this.#parts.directory.isReady;
  }

  me() {
    return this.#parts.directory.me();
  }

  instance() {
    return this.#parts.directory.instance();
  }

  organizationName(): string {
    return this.#parts.directory.organizationName();
  }

  users(): ReadonlyMap<UserId, User> {
    return this.#parts.directory.users();
  }

  bots() {
    return this.#parts.directory.bots();
  }

  presence() {
    return this.#parts.directory.presence();
  }

  serverNowMs(): number {
    return this.#parts.serverNowMs();
  }

  channelIds(): readonly ChannelId[] {
    return this.#parts.channels.ids();
  }

  channels(): readonly ChannelView[] {
    return this.#parts.channels.views();
  }

  channel(id: ChannelId): ChannelView | undefined {
    return this.#parts.channels.get(id);
  }

  unread(): UnreadTotals {
    return this.#parts.channels.totals();
  }

  typing(id: ChannelId, threadSeq: Seq | null = null): readonly UserId[] {
    return this.#parts.typing.in(id, threadSeq);
  }

  streaming(id: ChannelId, threadSeq: Seq | null = null): readonly GrowingText[] {
    return this.#parts.streaming.in(id, threadSeq);
  }

  draft(id: ChannelId, threadSeq: Seq | null = null): string {
    return this.#parts.drafts.get(id, threadSeq);
  }

  outbox(): OutboxState {
    return this.#parts.outbox?.state() ?? emptyOutbox;
  }

  outgoing(): readonly OutgoingMessage[] {
    return this.#parts.outbox?.all() ?? nothing;
  }

  // Windows

  messages(id: ChannelId, threadSeq: Seq | null = null): MessageWindow {
    return this.#parts.windows.view(id, threadSeq);
  }

  open(id: ChannelId, threadSeq: Seq | null = null): Promise<void> {
    return this.#parts.windows.open(id, threadSeq);
  }

  loadOlder(id: ChannelId, threadSeq: Seq | null = null): Promise<void> {
    return this.#parts.windows.loadOlder(id, threadSeq);
  }

  loadNewer(id: ChannelId, threadSeq: Seq | null = null): Promise<void> {
    return this.#parts.windows.loadNewer(id, threadSeq);
  }

  jumpTo(id: ChannelId, seq: Seq, threadSeq: Seq | null = null): Promise<void> {
    return this.#parts.windows.jumpTo(id, seq, threadSeq);
  }

  jumpToLatest(id: ChannelId, threadSeq: Seq | null = null): Promise<void> {
    return this.#parts.windows.jumpToLatest(id, threadSeq);
  }

  setAnchor(id: ChannelId, seq: Seq | null, threadSeq: Seq | null = null): void {
    this.#parts.windows.setAnchor(id, seq, threadSeq);
  }

  // Acting

  send(id: ChannelId, text: string, options: SendOptions = {}): OutgoingMessage {
    if (!this.#parts.outbox) throw new ApiError('unavailable', 'The client has not started', { retryable: true });
    const threadSeq = options.threadSeq ?? null;
    const message = this.#parts.outbox.add(id, text, options);
    // An answer to a form, and a password, leave what was being written where it is.
    if (!options.formAnswer && !options.isSecret) this.#parts.drafts.set(id, threadSeq, '');
    this.#parts.connection.endTyping(id, threadSeq);
    this.#parts.store.flush();
    return message;
  }

  async sendAndWait(id: ChannelId, text: string, options: SendOptions = {}): Promise<Posted> {
    const message = this.send(id, text, options);
    // `send` throws without an outbox, so there is one; and it never settles a message before it returned.
    return this.#parts.outbox!.settled(message.clientId);
  }

  retry(clientId: ClientId): void {
    this.#parts.outbox?.retry(clientId);
    this.#parts.store.flush();
  }

  discard(clientId: ClientId): void {
    this.#parts.outbox?.discard(clientId);
    this.#parts.store.flush();
  }

  edit(id: ChannelId, seq: Seq, text: string): Promise<boolean> {
    return this.#parts.actions.edit(id, seq, text);
  }

  delete(id: ChannelId, seq: Seq): Promise<boolean> {
    return this.#parts.actions.delete(id, seq);
  }

  react(id: ChannelId, seq: Seq, emoji: string, isOn: boolean): Promise<boolean> {
    return this.#parts.actions.react(id, seq, emoji, isOn);
  }

  markRead(id: ChannelId, seq: Seq): void {
    this.#parts.readMarks.mark(id, seq);
  }

  async markUnread(id: ChannelId, seq: Seq): Promise<boolean> {
    const before = this.#parts.readMarks.unmark(id, seq);
    this.#parts.store.flush();
    try {
      await this.rest.markUnread(id, seq);
      return true;
    } catch (cause) {
      if (before) this.#parts.channels.setMembership(before.membership, before.mentions);
      this.#parts.refused({ action: 'mark-unread', channelId: id, seq, error: asApiError(cause) });
      return false;
    }
  }

  async setNotifications(id: ChannelId, level: NotificationLevel): Promise<boolean> {
    const before = this.#parts.channels.setNotifications(id, level);
    this.#parts.store.flush();
    try {
      await this.rest.setNotifications(id, { level });
      return true;
    } catch (cause) {
      if (before) this.#parts.channels.setNotifications(id, before);
      this.#parts.refused({ action: 'notifications', channelId: id, seq: null, error: asApiError(cause) });
      return false;
    }
  }

  setDraft(id: ChannelId, text: string, threadSeq: Seq | null = null): void {
    this.#parts.drafts.set(id, threadSeq, text.slice(0, limits.draftTextMax));
  }

  sendTyping(id: ChannelId, threadSeq: Seq | null = null): void {
    this.#parts.connection.sendTyping(id, threadSeq);
  }

  setPresence(status: 'online' | 'away'): void {
    this.#parts.connection.setPresence(status);
  }

  addChannel(state: ChannelState): void {
    this.#parts.workspace.addChannel(state);
  }

  async upload(source: UploadSource, options?: UploadOptions): Promise<Attachment> {
    try {
      return await this.#parts.upload(source, options);
    } catch (cause) {
      if (cause instanceof ApiError && cause.code === 'unauthenticated') this.#parts.connection.stop(cause);
      throw cause;
    }
  }

  // Surroundings

  setNetwork(isOnline: boolean): void {
    this.#parts.workspace.setNetwork(isOnline);
    this.#parts.connection.setNetwork(isOnline);
  }

  probe(): void {
    this.#parts.workspace.retryNow();
    this.#parts.connection.probe();
  }

  flush(): void {
    if (!this.#parts.directory.isReady) return;
    this.#parts.drafts.flush();
    this.#parts.readMarks.flush();
  }
}

const emptyOutbox: OutboxState = { waiting: 0, failed: 0 };
const nothing: readonly OutgoingMessage[] = [];
