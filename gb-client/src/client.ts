import type {
  Attachment,
  ChannelId,
  ChannelState,
  ClientFrame,
  ClientId,
  NotificationLevel,
  Posted,
  Seq,
  ServerFrame,
  Snapshot,
  User,
  UserId,
} from 'gb-protocol';
import { expandEvent, limits, protocolVersion } from 'gb-protocol';
import { backoffMs, silentLogger, sleep, systemClock } from 'gb-utils';
import { Actions } from './actions.ts';
import type { Client } from './api.ts';
import { Channels } from './channels.ts';
import { Directory } from './directory.ts';
import { Drafts } from './drafts.ts';
import { Emitter } from './emitter.ts';
import { Entries } from './entries.ts';
import { FetchQueue } from './fetch-queue.ts';
import { ApiError, createHttp, type Http, type HttpOptions } from './http.ts';
import { Logs } from './logs.ts';
import { type ClientOptions, defaultTuning, type Tuning } from './options.ts';
import { Outbox } from './outbox.ts';
import { ownLock } from './outbox-storage.ts';
import { Overlays } from './overlays.ts';
import { ReadMarks } from './read-marks.ts';
import { createRest, type Rest } from './rest.ts';
import { keys, place, Store, type StoreKey } from './store.ts';
import { Streaming } from './streaming.ts';
import { errorOf, Transport } from './transport.ts';
import type {
  ActionKind,
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
import { Typing } from './typing.ts';
import { createUpload, type Upload, type UploadOptions, type UploadSource } from './upload.ts';
import { Windows } from './windows.ts';

export function createClient(options: ClientOptions): Client {
  return new ChatClient(options);
}

const typingPlacesMax = 200;

/** Puts the parts together: frames in, entries through the logs into the state; actions out. */
class ChatClient implements Client {
  readonly rest: Rest;
  readonly #upload: Upload;
  readonly #options: ClientOptions;
  readonly #tuning: Tuning;
  readonly #random: () => number;
  readonly #nowMs: () => number;
  readonly #emitter = new Emitter<ClientEvents>();
  readonly #store: Store;
  readonly #directory: Directory;
  readonly #channels: Channels;
  readonly #typing: Typing;
  readonly #streaming: Streaming;
  readonly #drafts: Drafts;
  readonly #readMarks: ReadMarks;
  readonly #overlays: Overlays;
  readonly #actions: Actions;
  readonly #windows: Windows;
  readonly #logs: Logs;
  readonly #entries: Entries;
  readonly #transport: Transport;
  readonly #closing = new AbortController();
  readonly #waitingForLive = new Set<() => void>();
  readonly #typingSentAtMs = new Map<string, number>();
  /** Subscriptions asked for and not answered. */
  readonly #subscribing = new Map<number, readonly ChannelId[]>();
  #outbox: Outbox | null = null;
  #status: Status = { phase: 'loading', retryAtMs: null, attempt: 0, reason: null };
  #starting: Promise<void> | null = null;
  #retryNow: (() => void) | null = null;
  #isOnline = true;
  #myPresence: 'online' | 'away' = 'online';
  #serverAheadMs = 0;
  #lastId = 0;

  constructor(options: ClientOptions) {
    const tuning = { ...defaultTuning, ...options.tuning };
    const random = options.random ?? Math.random;
    const clock = options.clock ?? systemClock;
    this.#options = options;
    this.#tuning = tuning;
    this.#random = random;
    this.#nowMs = () => clock.nowMs();
    this.rest = createRest(this.#http());
    this.#upload = createUpload(this.#httpOptions());
    this.#store = new Store(options.schedule ?? queueMicrotask);
    this.#directory = new Directory(this.#store);
    this.#channels = new Channels(this.#store, () => this.#me());
    this.#typing = new Typing(this.#store, limits.typingMs);
    this.#streaming = new Streaming(this.#store, { expiryMs: tuning.streamingMs, nowMs: this.#nowMs });
    const isLive = () => this.#transport.isUp;
    const common = { random, isLive };

    this.#drafts = new Drafts({
      ...common,
      store: this.#store,
      intervalMs: tuning.draftMs,
      echoMs: tuning.echoMs,
      save: (channelId, threadSeq, text, keepalive) => this.rest.saveDraft(channelId, text, threadSeq, { keepalive }),
      onRefused: (channelId, error) => this.#refused('draft', channelId, null, error),
    });
    this.#readMarks = new ReadMarks({
      ...common,
      channels: this.#channels,
      liveMessages: (channelId) => {
        const window = this.#windows.view(channelId, null);
        return window.state === 'ready' && !window.hasNewer ? window.messages : null;
      },
      intervalMs: tuning.readMarkMs,
      echoMs: tuning.echoMs,
      save: (channelId, seq, keepalive) => this.rest.markRead(channelId, seq, { keepalive }),
      onRefused: (channelId, seq, error) => this.#refused('mark-read', channelId, seq, error),
    });
    this.#overlays = new Overlays((channelId, seq) => this.#windows.redraw(channelId, seq));
    this.#actions = new Actions({
      rest: this.rest,
      overlays: this.#overlays,
      me: () => this.#me(),
      nowMs: () => this.serverNowMs(),
      random,
      echoMs: tuning.echoMs,
      shown: this.#store.flush,
      onRefused: (action, channelId, seq, error) => this.#refused(action, channelId, seq, error),
    });

    const queue = new FetchQueue(tuning.fetchesMax);
    this.#windows = new Windows({
      store: this.#store,
      tuning,
      fetchPage: (channelId, query) => this.rest.messages(channelId, query),
      cursor: (channelId) => {
        const log = this.#logs.get(channelId);
        return log ? { epoch: log.epoch, seq: log.cursor } : null;
      },
      noteHead: (channelId, epoch, head) => this.#logs.get(channelId)?.noteHead(epoch, head),
      overlays: (channelId) => this.#overlays.of(channelId),
      outgoing: (channelId, threadSeq) => this.#outbox?.of(channelId, threadSeq) ?? [],
      onPage: (page) => {
        for (const message of page.messages) if (message.authorId === this.#me()) this.#entries.confirm(message, page.epoch);
      },
    });
    this.#logs = new Logs({
      ...common,
      tuning,
      queue,
      isUrgent: (channelId) =>
        channelId === this.#entries.self ||
        channelId === this.#entries.directory ||
        this.#store.isWatched(keys.messages(channelId)),
      fetchLog: (channelId, epoch, after, limit) => this.rest.log(channelId, { epoch, after, limit }),
      apply: (events, asOf) => {
        for (const event of events) this.#entries.apply(event, asOf);
      },
      restart: (channelId) => this.#restartLog(channelId),
      restarted: (channelId) => this.#onRestarted(channelId),
      lost: (channelId) => this.#removeChannel(channelId),
      subscribe: (cursors) => {
        const id = this.#nextId();
        this.#subscribing.set(
          id,
          cursors.map((cursor) => cursor.channelId),
        );
        this.#transport.send({ type: 'subscribe', id, channels: cursors });
      },
      unsubscribe: (channelIds) => void this.#transport.send({ type: 'unsubscribe', channelIds }),
      warn: (message, cause) => this.#warn(message, cause),
    });
    this.#entries = new Entries({
      directory: this.#directory,
      channels: this.#channels,
      windows: this.#windows,
      overlays: this.#overlays,
      typing: this.#typing,
      streaming: this.#streaming,
      drafts: this.#drafts,
      readMarks: this.#readMarks,
      readsOwnMessages: tuning.readsOwnMessages,
      isFollowed: (channelId) => this.#logs.get(channelId) !== undefined,
      confirm: (posted) => void this.#outbox?.confirm(posted),
      addChannel: (state) => this.addChannel(state),
      removeChannel: (channelId) => this.#removeChannel(channelId),
      applied: (event) => this.#emitter.emit('event', event),
    });
    this.#transport = new Transport({
      url: options.webSocketUrl ?? `${options.baseUrl.replace(/^http/, 'ws')}/ws`,
      openWebSocket: options.openWebSocket,
      tuning,
      clock,
      random,
      hello: () => this.#hello(),
      onUp: (welcome) => this.#onUp(welcome),
      onFrame: (frame) => this.#onFrame(frame),
      onDown: () => this.#onDown(),
      onStatus: (status) => this.#setStatus(status),
      onWarning: (message, cause) => this.#warn(message, cause),
    });
  }

  // Life

  start(): Promise<void> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  live(): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const { phase, reason } = this.#status;
        if (phase === 'live') resolve();
        else if (phase === 'stopped' || phase === 'closed') reject(reason ?? new ApiError('closed', 'The client was closed'));
        else return;
        this.#waitingForLive.delete(check);
      };
      this.#waitingForLive.add(check);
      check();
    });
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.flush();
    this.#closing.abort();
    this.#retryNow?.();
    this.#transport.stop('closed', null);
    this.#store.flush();
    this.#logs.clear();
    this.#typing.clear();
    this.#streaming.clear();
    this.#drafts.close();
    this.#readMarks.close();
    this.#overlays.clear();
    await this.#outbox?.close();
    this.#store.clear();
    this.#emitter.clear();
  }

  subscribe(key: StoreKey, listener: () => void): () => void {
    return this.#store.subscribe(key, listener);
  }

  on<K extends keyof ClientEvents>(kind: K, listener: (value: ClientEvents[K]) => void): () => void {
    return this.#emitter.on(kind, listener);
  }

  // State

  status(): Status {
    return this.#status;
  }

  isReady(): boolean {
    return this.#directory.isReady;
  }

  me() {
    return this.#directory.me();
  }

  instance() {
    return this.#directory.instance();
  }

  organizationName(): string {
    return this.#directory.organizationName();
  }

  users(): ReadonlyMap<UserId, User> {
    return this.#directory.users();
  }

  bots() {
    return this.#directory.bots();
  }

  presence() {
    return this.#directory.presence();
  }

  serverNowMs(): number {
    return this.#nowMs() + this.#serverAheadMs;
  }

  channelIds(): readonly ChannelId[] {
    return this.#channels.ids();
  }

  channels(): readonly ChannelView[] {
    return this.#channels.views();
  }

  channel(id: ChannelId): ChannelView | undefined {
    return this.#channels.get(id);
  }

  unread(): UnreadTotals {
    return this.#channels.totals();
  }

  typing(id: ChannelId, threadSeq: Seq | null = null): readonly UserId[] {
    return this.#typing.in(id, threadSeq);
  }

  streaming(id: ChannelId, threadSeq: Seq | null = null): readonly GrowingText[] {
    return this.#streaming.in(id, threadSeq);
  }

  draft(id: ChannelId, threadSeq: Seq | null = null): string {
    return this.#drafts.get(id, threadSeq);
  }

  outbox(): OutboxState {
    return this.#outbox?.state() ?? emptyOutbox;
  }

  outgoing(): readonly OutgoingMessage[] {
    return this.#outbox?.all() ?? nothing;
  }

  // Windows

  messages(id: ChannelId, threadSeq: Seq | null = null): MessageWindow {
    return this.#windows.view(id, threadSeq);
  }

  open(id: ChannelId, threadSeq: Seq | null = null): Promise<void> {
    return this.#windows.open(id, threadSeq);
  }

  loadOlder(id: ChannelId, threadSeq: Seq | null = null): Promise<void> {
    return this.#windows.loadOlder(id, threadSeq);
  }

  loadNewer(id: ChannelId, threadSeq: Seq | null = null): Promise<void> {
    return this.#windows.loadNewer(id, threadSeq);
  }

  jumpTo(id: ChannelId, seq: Seq, threadSeq: Seq | null = null): Promise<void> {
    return this.#windows.jumpTo(id, seq, threadSeq);
  }

  jumpToLatest(id: ChannelId, threadSeq: Seq | null = null): Promise<void> {
    return this.#windows.jumpToLatest(id, threadSeq);
  }

  setAnchor(id: ChannelId, seq: Seq | null, threadSeq: Seq | null = null): void {
    this.#windows.setAnchor(id, seq, threadSeq);
  }

  // Acting

  send(id: ChannelId, text: string, options: SendOptions = {}): OutgoingMessage {
    if (!this.#outbox) throw new ApiError('unavailable', 'The client has not started', { retryable: true });
    const threadSeq = options.threadSeq ?? null;
    const message = this.#outbox.add(id, text, options);
    // An answer to a form, and a password, leave what was being written where it is.
    if (!options.formAnswer && !options.isSecret) this.#drafts.set(id, threadSeq, '');
    this.#typingSentAtMs.delete(place(id, threadSeq));
    this.#store.flush();
    return message;
  }

  async sendAndWait(id: ChannelId, text: string, options: SendOptions = {}): Promise<Posted> {
    const message = this.send(id, text, options);
    // `send` throws without an outbox, so there is one; and it never settles a message before it returned.
    return this.#outbox!.settled(message.clientId);
  }

  retry(clientId: ClientId): void {
    this.#outbox?.retry(clientId);
    this.#store.flush();
  }

  discard(clientId: ClientId): void {
    this.#outbox?.discard(clientId);
    this.#store.flush();
  }

  edit(id: ChannelId, seq: Seq, text: string): Promise<boolean> {
    return this.#actions.edit(id, seq, text);
  }

  delete(id: ChannelId, seq: Seq): Promise<boolean> {
    return this.#actions.delete(id, seq);
  }

  react(id: ChannelId, seq: Seq, emoji: string, isOn: boolean): Promise<boolean> {
    return this.#actions.react(id, seq, emoji, isOn);
  }

  markRead(id: ChannelId, seq: Seq): void {
    this.#readMarks.mark(id, seq);
  }

  async markUnread(id: ChannelId, seq: Seq): Promise<boolean> {
    const before = this.#readMarks.unmark(id, seq);
    this.#store.flush();
    try {
      await this.rest.markUnread(id, seq);
      return true;
    } catch (cause) {
      if (before) this.#channels.setMembership(before.membership, before.mentions);
      this.#refused('mark-unread', id, seq, asApiError(cause));
      return false;
    }
  }

  async setNotifications(id: ChannelId, level: NotificationLevel): Promise<boolean> {
    const before = this.#channels.setNotifications(id, level);
    this.#store.flush();
    try {
      await this.rest.setNotifications(id, { level });
      return true;
    } catch (cause) {
      if (before) this.#channels.setNotifications(id, before);
      this.#refused('notifications', id, null, asApiError(cause));
      return false;
    }
  }

  setDraft(id: ChannelId, text: string, threadSeq: Seq | null = null): void {
    this.#drafts.set(id, threadSeq, text.slice(0, limits.draftTextMax));
  }

  sendTyping(id: ChannelId, threadSeq: Seq | null = null): void {
    const where = place(id, threadSeq);
    const now = performance.now();
    const sentAtMs = this.#typingSentAtMs.get(where);
    if (sentAtMs !== undefined && now - sentAtMs < this.#tuning.typingMs) return;
    if (this.#typingSentAtMs.size >= typingPlacesMax) this.#typingSentAtMs.clear();
    const frame: ClientFrame = { type: 'typing', channelId: id, ...(threadSeq === null ? {} : { threadSeq }) };
    if (this.#transport.send(frame)) this.#typingSentAtMs.set(where, now);
  }

  setPresence(status: 'online' | 'away'): void {
    if (status === this.#myPresence) return;
    this.#myPresence = status;
    this.#transport.send({ type: 'presence', status });
  }

  addChannel(state: ChannelState): void {
    if (this.#options.follows && !this.#options.follows(state.channel.id)) return;
    const log = this.#logs.get(state.channel.id);
    if (log?.epoch === state.epoch && this.#channels.get(state.channel.id)) {
      log.noteHead(state.epoch, state.head);
      return;
    }
    this.#putChannel(state);
    this.#logs.follow({ channelId: state.channel.id, epoch: state.epoch, seq: state.head });
  }

  // Surroundings

  setNetwork(isOnline: boolean): void {
    this.#isOnline = isOnline;
    if (isOnline) this.#retryNow?.();
    this.#transport.setNetwork(isOnline);
  }

  probe(): void {
    this.#retryNow?.();
    this.#transport.probe();
  }

  flush(): void {
    if (!this.#directory.isReady) return;
    this.#drafts.flush();
    this.#readMarks.flush();
  }

  // Starting

  async #start(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      this.#throwIfClosed();
      this.#setStatus({ phase: 'loading', retryAtMs: null, attempt, reason: null });
      try {
        const snapshot = await this.rest.snapshot({ signal: this.#closing.signal });
        this.#throwIfClosed();
        await this.#begin(snapshot);
        return;
      } catch (cause) {
        const error = asApiError(cause);
        if (error.code === 'closed' || !error.retryable) {
          if (!this.#closing.signal.aborted) this.#setStatus({ phase: 'stopped', retryAtMs: null, attempt, reason: error });
          this.#store.flush();
          throw error;
        }
        await this.#pause(attempt, error);
      }
    }
  }

  async #pause(attempt: number, error: ApiError): Promise<void> {
    const { backoffBaseMs, backoffMaxMs } = this.#tuning;
    const delayMs =
      (error.retryAfterMs ?? 0) + backoffMs(attempt, { baseMs: backoffBaseMs, maxMs: backoffMaxMs, random: this.#random });
    const phase = this.#isOnline ? 'waiting' : 'offline';
    this.#setStatus({ phase, retryAtMs: this.#nowMs() + delayMs, attempt: attempt + 1, reason: error });
    const wake = new AbortController();
    this.#retryNow = () => wake.abort();
    await sleep(delayMs, wake.signal);
    this.#retryNow = null;
  }

  async #begin(snapshot: Snapshot): Promise<void> {
    if (this.#directory.isReady && this.#me() !== snapshot.me.id) {
      throw new ApiError('forbidden', 'Another person is logged in now; this client belongs to the one before');
    }
    this.#take(snapshot);
    if (!this.#outbox) {
      const outbox = await this.#openOutbox(snapshot.me.id);
      if (this.#closing.signal.aborted) {
        await outbox.close();
        this.#throwIfClosed();
      }
      this.#outbox = outbox;
      await outbox.load();
    }
    this.#transport.start();
    this.#store.flush();
  }

  async #openOutbox(userId: UserId): Promise<Outbox> {
    const storage = await this.#options.openOutbox(userId);
    return new Outbox({
      storage,
      lock: this.#options.outboxLock?.(userId) ?? ownLock,
      tuning: this.#tuning,
      nowMs: this.#nowMs,
      random: this.#random,
      nextId: () => this.#nextId(),
      sendFrame: (frame) => this.#transport.send(frame),
      isExpected: ({ channelId, epoch, seq }) => {
        const log = this.#logs.get(channelId);
        return log !== undefined && (log.epoch < epoch || (log.epoch === epoch && log.cursor < seq));
      },
      onChange: (channelId) => {
        this.#windows.redraw(channelId, null);
        this.#store.changed('outbox');
      },
      onPosted: (posted) => this.#emitter.emit('posted', posted),
      onFailed: (message, error) => this.#emitter.emit('send-failed', { message, error }),
      onStorageError: (cause) => this.#warn('the outbox could not be stored: unsent messages may not survive a reload', cause),
    });
  }

  #take(snapshot: Snapshot): void {
    this.#serverAheadMs = snapshot.serverTime - this.#nowMs();
    this.#directory.put(snapshot);
    this.#entries.self = snapshot.self.channelId;
    this.#entries.directory = snapshot.directory.channelId;
    this.#logs.clear();
    this.#logs.follow(snapshot.self);
    this.#logs.follow(snapshot.directory);
    const states = snapshot.channels.filter((state) => this.#options.follows?.(state.channel.id) ?? true);
    const ids = new Set(states.map((state) => state.channel.id));
    for (const id of this.#channels.ids()) if (!ids.has(id)) this.#removeChannel(id);
    for (const state of states) {
      this.#putChannel(state);
      this.#logs.follow({ channelId: state.channel.id, epoch: state.epoch, seq: state.head });
    }
    this.#windows.reloadAll();
  }

  #putChannel(state: ChannelState): void {
    this.#channels.put(state);
    this.#readMarks.restore(state.channel.id);
    this.#drafts.onServer(state.channel.id, null, state.draft ?? '');
  }

  #removeChannel(id: ChannelId): void {
    this.#logs.unfollow(id);
    this.#channels.remove(id);
    this.#windows.forget(id);
    this.#readMarks.forget(id);
    this.#outbox?.forgetSent(id);
  }

  // The connection

  #hello(): Extract<ClientFrame, { type: 'hello' }> {
    const { token, client } = this.#options;
    return {
      type: 'hello',
      version: protocolVersion,
      ...(token === undefined ? {} : { token }),
      ...(client === undefined ? {} : { client }),
      channels: this.#logs.cursors().first,
    };
  }

  #onUp(welcome: Extract<ServerFrame, { type: 'welcome' }>): void {
    if (welcome.userId !== this.#me()) {
      // The cookie is somebody else's by now. Nothing of ours may go out under their name.
      this.#transport.stop('stopped', new ApiError('unauthenticated', 'Another person is logged in now'));
      return;
    }
    this.#serverAheadMs = welcome.serverTime - this.#nowMs();
    this.#directory.setPresence({}, true);
    const { rest } = this.#logs.cursors();
    for (const cursors of rest) this.#transport.send({ type: 'subscribe', id: this.#nextId(), channels: cursors });
    if (this.#myPresence === 'away') this.#transport.send({ type: 'presence', status: 'away' });
    this.#outbox?.up();
    this.#readMarks.resume();
    this.#drafts.resume();
    this.#windows.retryFailed();
  }

  #onDown(): void {
    this.#subscribing.clear();
    this.#typingSentAtMs.clear();
    this.#typing.clear();
    this.#streaming.clear();
    this.#outbox?.down();
  }

  #onFrame(frame: ServerFrame): void {
    switch (frame.type) {
      case 'event':
        this.#logs.offer(expandEvent(frame));
        return;
      case 'ack':
        this.#outbox?.onAck(frame);
        if (Number.isSafeInteger(frame.seq)) this.#logs.get(frame.channelId)?.noteHead(frame.epoch, frame.seq);
        return;
      case 'subscribed':
        if (frame.id !== undefined) this.#subscribing.delete(frame.id);
        this.#logs.onSubscribed(frame.channels, frame.refused);
        return;
      case 'heartbeat':
        this.#logs.noteHeads(frame.heads);
        return;
      case 'resync':
        this.#logs.catchUp(frame.channels);
        return;
      case 'unsubscribed':
        this.#logs.onRefused(frame.channelId, frame.code);
        return;
      case 'typing':
        this.#onTyping(frame.channelId, frame.threadSeq ?? null, frame.userId);
        return;
      case 'streaming':
        if (this.#channels.get(frame.channelId))
          this.#streaming.note(frame.channelId, frame.threadSeq ?? null, frame.userId, frame.text);
        return;
      case 'presence':
        this.#directory.setPresence(frame.users);
        return;
      case 'error':
        this.#onError(frame);
        return;
      default:
        // `pong` has done its work by arriving; a type made after this client was is none of its business.
        return;
    }
  }

  #onError(frame: Extract<ServerFrame, { type: 'error' }>): void {
    const error = errorOf(frame);
    if (frame.id !== undefined) {
      if (this.#outbox?.onError(frame.id, error)) return;
      const channelIds = this.#subscribing.get(frame.id);
      if (channelIds) {
        this.#subscribing.delete(frame.id);
        for (const channelId of channelIds) this.#logs.onRefused(channelId, error.code as typeof frame.code);
        return;
      }
    }
    this.#warn(`the server complains: ${frame.code}: ${frame.message}`, error);
  }

  #onTyping(channelId: ChannelId, threadSeq: Seq | null, userId: UserId): void {
    if (userId === this.#me()) return;
    this.#typing.note(channelId, threadSeq, userId);
    this.#emitter.emit('typing', { channelId, threadSeq, userId });
  }

  // The logs

  async #restartLog(channelId: ChannelId): Promise<{ epoch: number; seq: Seq } | null> {
    if (channelId === this.#entries.self || channelId === this.#entries.directory) {
      const snapshot = await this.rest.snapshot({ signal: this.#closing.signal });
      if (this.#closing.signal.aborted) return null;
      this.#take(snapshot);
      // A connection with the cursors of the new logs.
      this.#transport.restart();
      return null;
    }
    const { state } = await this.rest.channel(channelId);
    if (!this.#logs.get(channelId)) return null;
    this.#putChannel(state);
    return { epoch: state.epoch, seq: state.head };
  }

  #onRestarted(channelId: ChannelId): void {
    const log = this.#logs.get(channelId);
    if (!log) return;
    this.#outbox?.forgetSent(channelId);
    this.#windows.reload(channelId);
    this.#emitter.emit('skipped', { channelId, epoch: log.epoch, seq: log.cursor });
  }

  async upload(source: UploadSource, options?: UploadOptions): Promise<Attachment> {
    try {
      return await this.#upload(source, options);
    } catch (cause) {
      if (cause instanceof ApiError && cause.code === 'unauthenticated') this.#transport.stop('stopped', cause);
      throw cause;
    }
  }

  // Helpers

  #me(): UserId {
    return this.#directory.me().id;
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  #httpOptions(): HttpOptions {
    const { baseUrl, token, fetch: given } = this.#options;
    return {
      baseUrl,
      // Called as a plain function: a browser's `fetch` refuses any other `this` than the window.
      fetch: given ?? ((input, init) => fetch(input, init)),
      token: () => token,
      timeoutMs: this.#tuning.requestTimeoutMs,
    };
  }

  /** Any answer that the session has ended ends the connection too: it would only hear the same. */
  #http(): Http {
    const http = createHttp(this.#httpOptions());
    return async <T>(...request: Parameters<Http>): Promise<T> => {
      try {
        return await http<T>(...request);
      } catch (cause) {
        if (cause instanceof ApiError && cause.code === 'unauthenticated' && this.#directory.isReady) {
          this.#transport.stop('stopped', cause);
        }
        throw cause;
      }
    };
  }

  #setStatus(status: Status): void {
    this.#status = status;
    this.#store.changed('status');
    for (const check of [...this.#waitingForLive]) check();
  }

  #refused(action: ActionKind, channelId: ChannelId, seq: Seq | null, error: ApiError): void {
    this.#emitter.emit('refused', { action, channelId, seq, error });
  }

  #warn(message: string, cause?: unknown): void {
    (this.#options.logger ?? silentLogger).warn({ cause }, message);
    this.#emitter.emit('warning', { message, cause });
  }

  #throwIfClosed(): void {
    if (this.#closing.signal.aborted) throw new ApiError('closed', 'The client was closed');
  }
}

const emptyOutbox: OutboxState = { waiting: 0, failed: 0 };
const nothing: readonly OutgoingMessage[] = [];

function asApiError(cause: unknown): ApiError {
  return cause instanceof ApiError ? cause : new ApiError('internal', 'an unexpected failure', { cause });
}
