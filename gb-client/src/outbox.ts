import type { ChannelId, ClientFrame, ClientId, Posted, Seq, ServerFrame } from 'gb-protocol';
import { limits } from 'gb-protocol';
import { backoffMs, uuidv7 } from 'gb-utils';
import { ApiError } from './http.ts';
import type { Tuning } from './options.ts';
import type { OutboxLock, OutboxNews, OutboxStorage, StoredMessage } from './outbox-storage.ts';
import type { OutboxState, OutgoingMessage, SendOptions } from './types.ts';

type SendFrame = Extract<ClientFrame, { type: 'send' }>;
type AckFrame = Extract<ServerFrame, { type: 'ack' }>;

export interface OutboxOptions {
  readonly storage: OutboxStorage;
  readonly lock: OutboxLock;
  readonly tuning: Tuning;
  readonly nowMs: () => number;
  readonly random: () => number;
  /** A number for the request, unique on the connection. */
  readonly nextId: () => number;
  /** False when there is no connection. */
  readonly sendFrame: (frame: SendFrame) => boolean;
  /** Whether the log is still to tell us this entry. When not - not followed, or part of the snapshot - the ack is the end. */
  readonly isExpected: (posted: Posted) => boolean;
  readonly onChange: (channelId: ChannelId) => void;
  readonly onPosted: (posted: Posted) => void;
  readonly onFailed: (message: OutgoingMessage, error: ApiError) => void;
  readonly onStorageError: (cause: unknown) => void;
}

interface Item {
  message: OutgoingMessage;
  /** Stored (or storing failed, and memory has to do): only then it may be sent, so that a reload cannot lose it. */
  isStored: boolean;
  requestId: number | null;
  ackTimer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Messages on their way out. Per channel one at a time, in the order they were written: the next leaves when the one
 * before it is acknowledged or refused for good. Exactly once comes from the client id, which the server remembers for
 * as long as the message: after any doubt (no ack, a lost connection, a reload) the same message is simply sent again.
 * What ends a message is an ack with a seq, or its own entry in the log, whichever comes first.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #items = new Map<ClientId, Item>();
  readonly #byRequest = new Map<number, Item>();
  /** Channels that wait before the next try, and how often in a row they were put off. */
  readonly #holds = new Map<ChannelId, ReturnType<typeof setTimeout>>();
  readonly #failures = new Map<ChannelId, number>();
  readonly #waiters = new Map<ClientId, { resolve: (posted: Posted) => void; reject: (error: ApiError) => void }>();
  readonly #views = new Map<string, readonly OutgoingMessage[]>();
  /** Last few that ended, so that late news (a reload of the storage, a second ack) does not bring them back. */
  readonly #ended = new Set<ClientId>();
  readonly #releaseLock: () => void;
  readonly #stopNews: () => void;
  #state: OutboxState = { waiting: 0, failed: 0 };
  #all: readonly OutgoingMessage[] | null = null;
  readonly #touched = new Set<ChannelId>();
  #isSender = false;
  #isUp = false;
  #isClosed = false;
  #writes: Promise<void> = Promise.resolve();

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#stopNews = options.storage.onNews((news) => this.#onNews(news));
    this.#releaseLock = options.lock.acquire(() => {
      this.#isSender = true;
      // The one who held the lock may have left more than we were told of.
      void this.load();
    });
  }

  /** Takes in what the storage holds: at the start, and after news of another owner. */
  async load(): Promise<void> {
    let stored: readonly StoredMessage[];
    try {
      await this.#writes;
      stored = await this.#options.storage.load();
    } catch (cause) {
      this.#options.onStorageError(cause);
      // Memory has to do: what is here goes out, in the order we know.
      for (const item of this.#items.values()) item.isStored = true;
      this.#pump();
      return;
    }
    if (this.#isClosed) return;
    const known = new Map(this.#items);
    this.#items.clear();
    for (const message of stored) {
      const item = known.get(message.clientId);
      known.delete(message.clientId);
      if (this.#ended.has(message.clientId)) continue;
      if (item) this.#items.set(message.clientId, this.#merged(item, message));
      else this.#items.set(message.clientId, { message, isStored: true, requestId: null, ackTimer: undefined });
      this.#touch(message.channelId);
    }
    // Ours that are not in the storage: being stored, or sent and waiting for their entry in the log.
    for (const [clientId, item] of known) this.#items.set(clientId, item);
    this.#changed();
    this.#pump();
  }

  add(
    channelId: ChannelId,
    text: string,
    { threadSeq = null, attachments = [], formAnswer, isSecret = false }: SendOptions,
  ): OutgoingMessage {
    if (text.trim() === '' && attachments.length === 0 && !formAnswer)
      throw new ApiError('malformed', 'A message needs text', { field: '/text' });
    if (text.includes('\0') || !text.isWellFormed()) {
      throw new ApiError('malformed', 'The text holds what is no character', { field: '/text' });
    }
    if (text.length > limits.messageTextMax) {
      throw new ApiError('too_large', `A message has at most ${limits.messageTextMax} characters`, { field: '/text' });
    }
    if (this.#items.size >= this.#options.tuning.outboxMax) {
      throw new ApiError('outbox_full', `${this.#options.tuning.outboxMax} messages wait to be sent; no more fit`, {
        retryable: true,
      });
    }
    const clientId = uuidv7(this.#options.nowMs()) as ClientId;
    const message: OutgoingMessage = {
      clientId,
      channelId,
      threadSeq,
      text,
      ...(attachments.length > 0 ? { attachments } : {}),
      ...(formAnswer ? { formAnswer } : {}),
      ...(isSecret ? { isSecret } : {}),
      at: this.#options.nowMs(),
      state: 'pending',
      reason: null,
    };
    const bytes = new TextEncoder().encode(JSON.stringify(sendFrame(limits.requestsInFlightMax, message))).length;
    // Escapes of control characters may make six bytes of one.
    if (bytes + 16 > limits.frameBytesMax)
      throw new ApiError('too_large', 'The message does not fit into a frame', { field: '/text' });
    this.#insert(message);
    return message;
  }

  /** Settles when the message is stored, or refused for good, or discarded. */
  settled(clientId: ClientId): Promise<Posted> {
    return new Promise((resolve, reject) => this.#waiters.set(clientId, { resolve, reject }));
  }

  /** Sends a failed message again, as the newest of its channel. */
  retry(clientId: ClientId): void {
    const item = this.#items.get(clientId);
    if (item?.message.state !== 'failed') return;
    const failed = item.message;
    this.#drop(item);
    this.#write(() => this.#options.storage.remove(clientId));
    // The same client id, for the refusal may have been of a second try while the first was stored - unless it is the
    // id itself that was refused.
    const id = failed.reason?.code === 'duplicate_client_id' ? (uuidv7(this.#options.nowMs()) as ClientId) : clientId;
    this.#insert({ ...failed, clientId: id, at: this.#options.nowMs(), state: 'pending', reason: null });
  }

  /** Forgets a message. One already on the wire may be stored all the same, and then comes back as an entry of the log. */
  discard(clientId: ClientId): void {
    const item = this.#items.get(clientId);
    if (!item || item.message.state === 'sent') return;
    this.#drop(item);
    this.#end(clientId);
    this.#remove(clientId, { kind: 'discarded', clientId });
    this.#reject(clientId, new ApiError('closed', 'The message was discarded'));
    this.#changed();
    this.#pump();
  }

  /** Connected: everything unacknowledged goes out again, in order. */
  up(): void {
    this.#isUp = true;
    this.#clearHolds();
    this.#pump();
  }

  down(): void {
    this.#isUp = false;
    for (const item of this.#byRequest.values()) this.#setState(item, 'pending');
    this.#byRequest.clear();
    for (const item of this.#items.values()) {
      item.requestId = null;
      clearTimeout(item.ackTimer);
    }
    this.#changed();
  }

  /** Whether an answer to one of the requests up to this number is still to come. */
  isWaiting(lastId: number): boolean {
    for (const requestId of this.#byRequest.keys()) if (requestId <= lastId) return true;
    return false;
  }

  /** Answers to requests up to this number will not come: they went over a connection that has gone. */
  giveUp(lastId: number): void {
    for (const [requestId, item] of this.#byRequest) {
      if (requestId > lastId) continue;
      this.#release(item);
      this.#setState(item, 'pending');
    }
    this.#changed();
    this.#pump();
  }

  onAck(ack: AckFrame): void {
    const item = this.#byRequest.get(ack.id);
    // An ack says where the message is in the log. One that does not, is none.
    if (!isSeq(ack.seq) || !isEpoch(ack.epoch)) return;
    if (!item || item.message.clientId !== ack.clientId) return;
    this.#onPosted({ channelId: ack.channelId, clientId: ack.clientId, epoch: ack.epoch, seq: ack.seq, at: ack.at });
  }

  /** True when the error answers a send. */
  onError(requestId: number, error: ApiError): boolean {
    const item = this.#byRequest.get(requestId);
    if (!item) return false;
    this.#release(item);
    const { channelId } = item.message;
    // Without a session nothing is wrong with the message: it waits for the next one.
    if (error.retryable || error.code === 'unauthenticated') {
      this.#setState(item, 'pending');
      this.#hold(channelId, error.retryAfterMs);
    } else {
      this.#failures.delete(channelId);
      this.#fail(item, error);
    }
    this.#changed();
    this.#pump();
    return true;
  }

  /** My message is in the log: by its entry, or by a page that holds it. True when it was on its way. */
  confirm(posted: Posted): boolean {
    const item = this.#items.get(posted.clientId);
    if (!item) return false;
    const wasSent = item.message.state === 'sent';
    this.#end(posted.clientId);
    this.#drop(item);
    if (!wasSent) {
      this.#remove(posted.clientId, { kind: 'posted', posted });
      this.#resolve(posted);
    }
    this.#changed();
    this.#pump();
    return true;
  }

  /** Echoes whose entries will not come: the channel's log started over or is not followed any more. */
  forgetSent(channelId: ChannelId): void {
    for (const item of [...this.#items.values()]) {
      if (item.message.channelId === channelId && item.message.state === 'sent') this.#drop(item);
    }
    this.#changed();
  }

  state(): OutboxState {
    return this.#state;
  }

  all(): readonly OutgoingMessage[] {
    this.#all ??= [...this.#items.values()].map((item) => item.message);
    return this.#all;
  }

  of(channelId: ChannelId, threadSeq: Seq | null): readonly OutgoingMessage[] {
    const key = `${channelId}:${threadSeq ?? ''}`;
    const known = this.#views.get(key);
    if (known) return known;
    const view: OutgoingMessage[] = [];
    for (const { message } of this.#items.values()) {
      if (message.channelId === channelId && message.threadSeq === threadSeq) view.push(message);
    }
    if (view.length > 0) this.#views.set(key, view);
    return view.length > 0 ? view : none;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.down();
    this.#stopNews();
    this.#clearHolds();
    for (const clientId of [...this.#waiters.keys()]) this.#reject(clientId, new ApiError('closed', 'The client was closed'));
    await this.#writes;
    // Only now may another tab send: what we were writing is in the storage.
    this.#releaseLock();
    await this.#options.storage.close();
  }

  #insert(message: OutgoingMessage): void {
    const item: Item = { message, isStored: false, requestId: null, ackTimer: undefined };
    this.#items.set(message.clientId, item);
    this.#touch(message.channelId);
    this.#changed();
    if (message.isSecret) {
      // Memory has to do for a password: this tab sends it itself, and what is lost with the tab is asked for again.
      item.isStored = true;
      this.#pump();
      return;
    }
    let isPut = false;
    this.#write(
      async () => {
        await this.#options.storage.put(stored(message));
        isPut = true;
        if (!this.#isClosed) this.#options.storage.tell({ kind: 'changed' });
      },
      () => {
        // Another tab may have put a message before this one that we have not heard of: the storage knows the order.
        if (isPut && this.#options.storage.isShared) {
          void this.load();
          return;
        }
        item.isStored = true;
        this.#pump();
      },
    );
  }

  #pump(): void {
    if (!this.#isUp || this.#isClosed) return;
    const busy = new Set<ChannelId>(this.#holds.keys());
    for (const item of this.#byRequest.values()) busy.add(item.message.channelId);
    for (const item of this.#items.values()) {
      if (this.#byRequest.size >= this.#options.tuning.sendsInFlightMax) return;
      const { channelId, state, isSecret } = item.message;
      if (!this.#isSender && !isSecret) continue;
      if (state === 'sent' || state === 'failed' || busy.has(channelId)) continue;
      busy.add(channelId);
      if (!item.isStored) continue;
      const requestId = this.#options.nextId();
      if (!this.#options.sendFrame(sendFrame(requestId, item.message))) return;
      item.requestId = requestId;
      this.#byRequest.set(requestId, item);
      item.ackTimer = setTimeout(() => this.#onNoAck(item, requestId), this.#options.tuning.ackMs);
      this.#setState(item, 'sending');
      this.#changed();
    }
  }

  #onNoAck(item: Item, requestId: number): void {
    if (item.requestId !== requestId) return;
    this.#release(item);
    this.#setState(item, 'pending');
    this.#changed();
    this.#pump();
  }

  #onPosted(posted: Posted): void {
    const item = this.#items.get(posted.clientId);
    if (!item) return;
    this.#release(item);
    this.#failures.delete(posted.channelId);
    this.#end(posted.clientId);
    if (this.#options.isExpected(posted)) this.#setState(item, 'sent');
    else this.#drop(item);
    this.#remove(posted.clientId, { kind: 'posted', posted });
    this.#resolve(posted);
    this.#changed();
    this.#pump();
  }

  #onNews(news: OutboxNews): void {
    if (this.#isClosed) return;
    if (news.kind === 'changed') {
      void this.load();
      return;
    }
    const clientId = news.kind === 'posted' ? news.posted.clientId : news.clientId;
    const item = this.#items.get(clientId);
    this.#end(clientId);
    if (!item) return;
    this.#release(item);
    if (news.kind === 'posted' && this.#options.isExpected(news.posted)) this.#setState(item, 'sent');
    else this.#drop(item);
    if (news.kind === 'posted') this.#resolve(news.posted);
    else this.#reject(clientId, new ApiError('closed', 'The message was discarded'));
    this.#changed();
    this.#pump();
  }

  #merged(item: Item, message: StoredMessage): Item {
    if (item.message.state === 'failed' || message.state === 'failed') item.message = message;
    item.isStored = true;
    return item;
  }

  #fail(item: Item, error: ApiError): void {
    item.message = { ...item.message, state: 'failed', reason: { code: error.code, message: error.message } };
    this.#touch(item.message.channelId);
    const message = item.message;
    if (!message.isSecret)
      this.#write(async () => {
        await this.#options.storage.put(stored(message));
        this.#options.storage.tell({ kind: 'changed' });
      });
    this.#reject(message.clientId, error);
    this.#options.onFailed(message, error);
  }

  #hold(channelId: ChannelId, retryAfterMs: number | undefined): void {
    const failures = this.#failures.get(channelId) ?? 0;
    this.#failures.set(channelId, failures + 1);
    const { backoffBaseMs, backoffMaxMs } = this.#options.tuning;
    const delayMs =
      (retryAfterMs ?? backoffBaseMs / 2) +
      backoffMs(failures, { baseMs: backoffBaseMs, maxMs: backoffMaxMs, random: this.#options.random });
    clearTimeout(this.#holds.get(channelId));
    const timer = setTimeout(() => {
      this.#holds.delete(channelId);
      this.#pump();
    }, delayMs);
    this.#holds.set(channelId, timer);
  }

  #clearHolds(): void {
    for (const timer of this.#holds.values()) clearTimeout(timer);
    this.#holds.clear();
  }

  #release(item: Item): void {
    if (item.requestId !== null) this.#byRequest.delete(item.requestId);
    item.requestId = null;
    clearTimeout(item.ackTimer);
  }

  #drop(item: Item): void {
    this.#release(item);
    this.#items.delete(item.message.clientId);
    this.#touch(item.message.channelId);
  }

  #setState(item: Item, state: OutgoingMessage['state']): void {
    if (item.message.state === state) return;
    item.message = { ...item.message, state };
    this.#touch(item.message.channelId);
  }

  #remove(clientId: ClientId, news: OutboxNews): void {
    this.#write(async () => {
      await this.#options.storage.remove(clientId);
      this.#options.storage.tell(news);
    });
  }

  /** One after the other, so that the storage sees what happened in the order it happened. */
  #write(work: () => Promise<void>, then?: () => void): void {
    this.#writes = this.#writes
      .then(work)
      .catch((cause: unknown) => this.#options.onStorageError(cause))
      .then(then);
  }

  #end(clientId: ClientId): void {
    this.#ended.add(clientId);
    if (this.#ended.size <= endedMax) return;
    for (const oldest of this.#ended) {
      this.#ended.delete(oldest);
      break;
    }
  }

  #resolve(posted: Posted): void {
    this.#waiters.get(posted.clientId)?.resolve(posted);
    this.#waiters.delete(posted.clientId);
    this.#options.onPosted(posted);
  }

  #reject(clientId: ClientId, error: ApiError): void {
    this.#waiters.get(clientId)?.reject(error);
    this.#waiters.delete(clientId);
  }

  #touch(channelId: ChannelId): void {
    this.#all = null;
    for (const key of this.#views.keys()) if (key.startsWith(channelId)) this.#views.delete(key);
    this.#touched.add(channelId);
  }

  #changed(): void {
    if (this.#touched.size === 0) return;
    let waiting = 0;
    let failed = 0;
    for (const { message } of this.#items.values()) {
      if (message.state === 'failed') failed += 1;
      else if (message.state !== 'sent') waiting += 1;
    }
    if (waiting !== this.#state.waiting || failed !== this.#state.failed) this.#state = { waiting, failed };
    const touched = [...this.#touched];
    this.#touched.clear();
    for (const channelId of touched) this.#options.onChange(channelId);
  }
}

const endedMax = 2_000;

function sendFrame(id: number, message: OutgoingMessage): SendFrame {
  const { channelId, clientId, text, threadSeq, attachments, formAnswer, isSecret } = message;
  return {
    type: 'send',
    id,
    channelId,
    clientId,
    text,
    ...(threadSeq === null ? {} : { threadSeq }),
    ...(attachments ? { attachmentIds: attachments.map((attachment) => attachment.id) } : {}),
    ...(formAnswer ? { formAnswer } : {}),
    ...(isSecret ? { isSecret } : {}),
  };
}

function stored(message: OutgoingMessage): StoredMessage {
  return { ...message, state: message.state === 'failed' ? 'failed' : 'pending' };
}

function isSeq(seq: unknown): seq is Seq {
  return Number.isSafeInteger(seq) && (seq as number) > 0;
}

function isEpoch(epoch: unknown): epoch is number {
  return Number.isSafeInteger(epoch);
}

const none: readonly OutgoingMessage[] = [];
