import { limits, type UserId } from 'gb-protocol';
import { type Clock, silentLogger, systemClock } from 'gb-utils';
import { Actions } from './actions.ts';
import { Channels } from './channels.ts';
import { Connection } from './connection.ts';
import { Directory } from './directory.ts';
import { Drafts } from './drafts.ts';
import { Emitter } from './emitter.ts';
import { Entries } from './entries.ts';
import { FetchQueue } from './fetch-queue.ts';
import { ApiError, createHttp, type Http, type HttpOptions } from './http.ts';
import { Logs } from './logs.ts';
import { Looking } from './looking.ts';
import { type ClientOptions, defaultTuning, type Tuning } from './options.ts';
import type { Outbox } from './outbox.ts';
import { Overlays } from './overlays.ts';
import { ReadMarks } from './read-marks.ts';
import { createRest, type Rest } from './rest.ts';
import { StatusBoard } from './status-board.ts';
import { keys, Store } from './store.ts';
import { Streaming } from './streaming.ts';
import type { ClientEvents } from './types.ts';
import { Typing } from './typing.ts';
import { createUpload, type Upload } from './upload.ts';
import { Windows } from './windows.ts';
import { Workspace } from './workspace.ts';

type Refusal = ClientEvents['refused'];

/** Everything a client is made of, each part told what it needs of the others. */
export class Parts {
  readonly options: ClientOptions;
  readonly tuning: Tuning;
  readonly random: () => number;
  readonly clock: Clock;
  readonly closing = new AbortController();
  readonly emitter = new Emitter<ClientEvents>();
  readonly rest: Rest;
  readonly upload: Upload;
  readonly store: Store;
  readonly status: StatusBoard;
  readonly directory: Directory;
  readonly channels: Channels;
  readonly typing: Typing;
  readonly streaming: Streaming;
  readonly drafts: Drafts;
  readonly readMarks: ReadMarks;
  readonly overlays: Overlays;
  readonly actions: Actions;
  readonly windows: Windows;
  readonly logs: Logs;
  readonly entries: Entries;
  readonly connection: Connection;
  readonly workspace: Workspace;
  readonly looking: Looking;
  /** Opened when it is known whose it is. */
  outbox: Outbox | null = null;
  #serverAheadMs = 0;
  #lastId = 0;

  constructor(options: ClientOptions) {
    this.options = options;
    this.tuning = { ...defaultTuning, ...options.tuning };
    this.random = options.random ?? Math.random;
    this.clock = options.clock ?? systemClock;
    this.rest = createRest(this.#http());
    this.upload = createUpload(this.#httpOptions());
    this.store = new Store(options.schedule ?? queueMicrotask);
    this.status = new StatusBoard(this.store);
    this.directory = new Directory(this.store);
    this.channels = new Channels(this.store, () => this.me());
    this.typing = new Typing(this.store, limits.typingMs);
    this.streaming = new Streaming(this.store, { expiryMs: this.tuning.streamingMs, nowMs: () => this.nowMs() });
    this.drafts = this.#drafts();
    this.readMarks = this.#readMarks();
    this.overlays = new Overlays((channelId, seq) => this.windows.redraw(channelId, seq));
    this.actions = this.#actions();
    this.windows = this.#windows();
    this.logs = this.#logs();
    this.entries = this.#entries();
    this.connection = new Connection(this);
    this.workspace = new Workspace(this);
    this.looking = new Looking(this);
  }

  me(): UserId {
    return this.directory.me().id;
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  serverNowMs(): number {
    return this.nowMs() + this.#serverAheadMs;
  }

  noteServerTime(serverTime: number): void {
    this.#serverAheadMs = serverTime - this.nowMs();
  }

  /** A number for a request, unique in this client. */
  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  refused(refusal: Refusal): void {
    this.emitter.emit('refused', refusal);
  }

  warn(message: string, cause?: unknown): void {
    (this.options.logger ?? silentLogger).warn({ cause }, message);
    this.emitter.emit('warning', { message, cause });
  }

  throwIfClosed(): void {
    if (this.closing.signal.aborted) throw new ApiError('closed', 'The client was closed');
  }

  readonly #isLive = () => this.connection.isUp;

  #drafts(): Drafts {
    return new Drafts({
      random: this.random,
      isLive: this.#isLive,
      store: this.store,
      intervalMs: this.tuning.draftMs,
      echoMs: this.tuning.echoMs,
      save: (channelId, threadSeq, text, keepalive) => this.rest.saveDraft(channelId, text, threadSeq, { keepalive }),
      onRefused: (channelId, error) => this.refused({ action: 'draft', channelId, seq: null, error }),
    });
  }

  #readMarks(): ReadMarks {
    return new ReadMarks({
      random: this.random,
      isLive: this.#isLive,
      channels: this.channels,
      liveMessages: (channelId) => {
        const window = this.windows.view(channelId, null);
        return window.state === 'ready' && !window.hasNewer ? window.messages : null;
      },
      intervalMs: this.tuning.readMarkMs,
      echoMs: this.tuning.echoMs,
      save: (channelId, seq, keepalive) => this.rest.markRead(channelId, seq, { keepalive }),
      onRefused: (channelId, seq, error) => this.refused({ action: 'mark-read', channelId, seq, error }),
    });
  }

  #actions(): Actions {
    return new Actions({
      rest: this.rest,
      overlays: this.overlays,
      me: () => this.me(),
      nowMs: () => this.serverNowMs(),
      random: this.random,
      echoMs: this.tuning.echoMs,
      shown: this.store.flush,
      onRefused: (action, channelId, seq, error) => this.refused({ action, channelId, seq, error }),
    });
  }

  #windows(): Windows {
    return new Windows({
      store: this.store,
      tuning: this.tuning,
      fetchPage: (channelId, query) => this.rest.messages(channelId, query),
      cursor: (channelId) => {
        const log = this.logs.get(channelId);
        return log ? { epoch: log.epoch, seq: log.cursor } : null;
      },
      noteHead: (channelId, epoch, head) => this.logs.get(channelId)?.noteHead(epoch, head),
      overlays: (channelId) => this.overlays.of(channelId),
      outgoing: (channelId, threadSeq) => this.outbox?.of(channelId, threadSeq) ?? [],
      onPage: (page) => {
        for (const message of page.messages) if (message.authorId === this.me()) this.entries.confirm(message, page.epoch);
      },
    });
  }

  #logs(): Logs {
    return new Logs({
      random: this.random,
      isLive: this.#isLive,
      tuning: this.tuning,
      queue: new FetchQueue(this.tuning.fetchesMax),
      isUrgent: (channelId) =>
        channelId === this.entries.self || channelId === this.entries.directory || this.store.isWatched(keys.messages(channelId)),
      fetchLog: (channelId, epoch, after, limit) => this.rest.log(channelId, { epoch, after, limit }),
      apply: (events, asOf) => {
        for (const event of events) this.entries.apply(event, asOf);
      },
      restart: (channelId) => this.workspace.restartLog(channelId),
      restarted: (channelId) => this.workspace.onRestarted(channelId),
      lost: (channelId) => this.workspace.removeChannel(channelId),
      subscribe: (cursors) => this.connection.subscribe(cursors),
      unsubscribe: (channelIds) => void this.connection.send({ type: 'unsubscribe', channelIds }),
      warn: (message, cause) => this.warn(message, cause),
    });
  }

  #entries(): Entries {
    return new Entries({
      directory: this.directory,
      channels: this.channels,
      windows: this.windows,
      overlays: this.overlays,
      typing: this.typing,
      streaming: this.streaming,
      drafts: this.drafts,
      readMarks: this.readMarks,
      readsOwnMessages: this.tuning.readsOwnMessages,
      isFollowed: (channelId) => this.logs.get(channelId) !== undefined,
      confirm: (posted) => void this.outbox?.confirm(posted),
      addChannel: (state) => this.workspace.addChannel(state),
      removeChannel: (channelId) => this.workspace.removeChannel(channelId),
      applied: (event) => this.emitter.emit('event', event),
      toldAside: (event) => this.emitter.emit('aside', event),
    });
  }

  #httpOptions(): HttpOptions {
    const { baseUrl, token, fetch: given } = this.options;
    return {
      baseUrl,
      // Called as a plain function: a browser's `fetch` refuses any other `this` than the window.
      fetch: given ?? ((input, init) => fetch(input, init)),
      token: () => token,
      timeoutMs: this.tuning.requestTimeoutMs,
    };
  }

  /** Any answer that the session has ended ends the connection too: it would only hear the same. */
  #http(): Http {
    const http = createHttp(this.#httpOptions());
    return async <T>(...request: Parameters<Http>): Promise<T> => {
      try {
        return await http<T>(...request);
      } catch (cause) {
        if (cause instanceof ApiError && cause.code === 'unauthenticated' && this.directory.isReady) this.connection.stop(cause);
        throw cause;
      }
    };
  }
}
