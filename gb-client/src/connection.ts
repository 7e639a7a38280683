import {
  type ChannelId,
  type ClientFrame,
  type Cursor,
  expandEvent,
  protocolVersion,
  type Seq,
  type ServerFrame,
  type UserId,
} from 'gb-protocol';
import { ApiError } from './http.ts';
import type { Welcome } from './link.ts';
import type { Parts } from './parts.ts';
import { place } from './store.ts';
import { errorOf, Transport } from './transport.ts';

const typingPlacesMax = 200;

/** What goes over the wire, and what is done with what comes: entries to the logs, answers to those who asked. */
export class Connection {
  readonly #parts: Parts;
  readonly #transport: Transport;
  /** Subscriptions asked for and not answered. */
  readonly #subscribing = new Map<number, readonly ChannelId[]>();
  readonly #typingSentAtMs = new Map<string, number>();
  /** Channels the last hello told of. */
  #greeted: ReadonlySet<ChannelId> = new Set();
  /** Leaving one connection for another: the last request that went over the one before. */
  #leaving: { readonly lastId: number; readonly leave: () => void } | null = null;
  #presence: 'online' | 'away' = 'online';

  constructor(parts: Parts) {
    this.#parts = parts;
    const { options, tuning, clock, random } = parts;
    this.#transport = new Transport({
      url: options.webSocketUrl ?? `${options.baseUrl.replace(/^http/, 'ws')}/ws`,
      openWebSocket: options.openWebSocket,
      tuning,
      clock,
      random,
      hello: () => this.#hello(),
      onUp: (welcome) => this.#onUp(welcome),
      onMoved: (welcome, leave) => this.#onMoved(welcome, leave),
      onLeft: () => this.#onLeft(),
      onFrame: (frame) => this.#onFrame(frame),
      onDown: () => this.#onDown(),
      onStatus: (status) => parts.status.set(status),
      onWarning: (message, cause) => parts.warn(message, cause),
    });
  }

  get isUp(): boolean {
    return this.#transport.isUp;
  }

  start(): void {
    this.#transport.start();
  }

  /** For good, because trying again would not help. */
  stop(reason: ApiError): void {
    this.#transport.stop('stopped', reason);
  }

  close(): void {
    this.#transport.stop('closed', null);
  }

  restart(): void {
    this.#transport.restart();
  }

  probe(): void {
    this.#transport.probe();
  }

  setNetwork(isOnline: boolean): void {
    this.#transport.setNetwork(isOnline);
  }

  send(frame: ClientFrame): boolean {
    return this.#transport.send(frame);
  }

  subscribe(cursors: readonly Cursor[]): void {
    const id = this.#parts.nextId();
    this.#subscribing.set(
      id,
      cursors.map((cursor) => cursor.channelId),
    );
    this.#transport.send({ type: 'subscribe', id, channels: cursors });
  }

  sendTyping(channelId: ChannelId, threadSeq: Seq | null): void {
    const where = place(channelId, threadSeq);
    const now = performance.now();
    const sentAtMs = this.#typingSentAtMs.get(where);
    if (sentAtMs !== undefined && now - sentAtMs < this.#parts.tuning.typingMs) return;
    if (this.#typingSentAtMs.size >= typingPlacesMax) this.#typingSentAtMs.clear();
    const frame: ClientFrame = { type: 'typing', channelId, ...(threadSeq === null ? {} : { threadSeq }) };
    if (this.#transport.send(frame)) this.#typingSentAtMs.set(where, now);
  }

  /** What was written is no typing any more: the next key is told at once. */
  endTyping(channelId: ChannelId, threadSeq: Seq | null): void {
    this.#typingSentAtMs.delete(place(channelId, threadSeq));
  }

  setPresence(status: 'online' | 'away'): void {
    if (status === this.#presence) return;
    this.#presence = status;
    this.#noteOwnPresence();
    this.#transport.send({ type: 'presence', status });
  }

  #hello(): Extract<ClientFrame, { type: 'hello' }> {
    const { token, client, hasScreen } = this.#parts.options;
    const channels = this.#parts.logs.cursors();
    this.#greeted = new Set(channels.map(({ channelId }) => channelId));
    return {
      type: 'hello',
      version: protocolVersion,
      ...(token === undefined ? {} : { token }),
      ...(client === undefined ? {} : { client }),
      channels,
      ...(hasScreen ? { rests: true } : {}),
    };
  }

  #onUp(welcome: Welcome): void {
    const { directory, outbox, readMarks, drafts, windows } = this.#parts;
    if (!this.#isOurs(welcome)) return;
    directory.forgetPresence();
    this.#introduce(welcome);
    outbox?.up();
    readMarks.resume();
    drafts.resume();
    windows.retryFailed();
  }

  /** Nothing was interrupted: only what the other server does not know of us yet is told. */
  #onMoved(welcome: Welcome, leave: () => void): void {
    if (!this.#isOurs(welcome)) return;
    this.#leaving = { lastId: this.#parts.nextId(), leave };
    this.#introduce(welcome);
    this.#leaveIfAnswered();
  }

  #isOurs(welcome: Welcome): boolean {
    if (welcome.userId === this.#parts.me()) return true;
    // The cookie is somebody else's by now. Nothing of ours may go out under their name.
    this.stop(new ApiError('unauthenticated', 'Another person is logged in now'));
    return false;
  }

  #introduce(welcome: Welcome): void {
    this.#parts.noteServerTime(welcome.serverTime);
    for (const cursors of this.#parts.logs.cursorsBeside(this.#greeted)) this.subscribe(cursors);
    if (this.#presence === 'away') this.#transport.send({ type: 'presence', status: 'away' });
    this.#noteOwnPresence();
    this.#parts.looking.begin();
  }

  #noteOwnPresence(): void {
    if (this.#parts.options.hasScreen) this.#parts.directory.setOwnPresence(this.#presence);
  }

  #leaveIfAnswered(): void {
    if (!this.#leaving || this.#parts.outbox?.isWaiting(this.#leaving.lastId)) return;
    // Until the last channel is followed over there, its events come over the one before.
    if (this.#subscribing.size === 0) this.#leaving.leave();
  }

  #onLeft(): void {
    const lastId = this.#leaving?.lastId ?? 0;
    this.#leaving = null;
    this.#parts.outbox?.giveUp(lastId);
    for (const id of this.#subscribing.keys()) if (id <= lastId) this.#subscribing.delete(id);
  }

  #onDown(): void {
    const { typing, streaming, outbox } = this.#parts;
    this.#subscribing.clear();
    this.#typingSentAtMs.clear();
    typing.clear();
    streaming.clear();
    outbox?.down();
  }

  #onFrame(frame: ServerFrame): void {
    const { logs, outbox, channels, streaming, directory } = this.#parts;
    switch (frame.type) {
      case 'event':
        logs.offer(expandEvent(frame));
        return;
      case 'ack':
        outbox?.onAck(frame);
        if (Number.isSafeInteger(frame.seq)) logs.get(frame.channelId)?.noteHead(frame.epoch, frame.seq);
        this.#leaveIfAnswered();
        return;
      case 'subscribed':
        if (frame.id !== undefined) this.#subscribing.delete(frame.id);
        logs.onSubscribed(frame.channels, frame.refused);
        this.#leaveIfAnswered();
        return;
      case 'heartbeat':
        logs.noteHeads(frame.heads);
        return;
      case 'resync':
        logs.catchUp(frame.channels);
        return;
      case 'unsubscribed':
        logs.onRefused(frame.channelId, frame.code);
        return;
      case 'typing':
        this.#onTyping(frame.channelId, frame.threadSeq ?? null, frame.userId);
        return;
      case 'streaming':
        if (channels.get(frame.channelId)) streaming.note(frame.channelId, frame.threadSeq ?? null, frame.userId, frame.text);
        return;
      case 'presence':
        directory.setPresence(frame);
        return;
      case 'head':
        this.#onHead(frame);
        return;
      case 'error':
        this.#onError(frame);
        this.#leaveIfAnswered();
        return;
      default:
        // `pong` has done its work by arriving; a type made after this client was is none of its business.
        return;
    }
  }

  #onHead({ channelId, epoch, head, count, entries }: Extract<ServerFrame, { type: 'head' }>): void {
    const { logs, looking, entries: state, channels } = this.#parts;
    const log = logs.get(channelId);
    if (!log) return;
    // The server has not heard yet that somebody looks.
    if (looking.isAt(channelId)) return log.noteHead(epoch, head);
    log.rest(epoch, head);
    if (epoch !== log.epoch) return;
    for (const entry of entries) if (entry.epoch === epoch && entry.seq > log.cursor) state.applyAside(expandEvent(entry));
    channels.noteHead(channelId, epoch, head, count);
  }

  #onError(frame: Extract<ServerFrame, { type: 'error' }>): void {
    const error = errorOf(frame);
    if (frame.id !== undefined) {
      if (this.#parts.outbox?.onError(frame.id, error)) return;
      const channelIds = this.#subscribing.get(frame.id);
      if (channelIds) {
        this.#subscribing.delete(frame.id);
        for (const channelId of channelIds) this.#parts.logs.onRefused(channelId, error.code as typeof frame.code);
        return;
      }
    }
    this.#parts.warn(`the server complains: ${frame.code}: ${frame.message}`, error);
  }

  #onTyping(channelId: ChannelId, threadSeq: Seq | null, userId: UserId): void {
    if (userId === this.#parts.me()) return;
    this.#parts.typing.note(channelId, threadSeq, userId);
    this.#parts.emitter.emit('typing', { channelId, threadSeq, userId });
  }
}
