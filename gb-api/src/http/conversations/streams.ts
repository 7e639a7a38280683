import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { authenticateBotKey, type BotContact, type KeyHolder } from 'gb-core';
import { type ChannelId, type CustomerId, closeCodes, limits } from 'gb-protocol';
import { GbError, LruMap, RateLimiter } from 'gb-utils';
import { WebSocketServer } from 'ws';
import type { ApiOptions } from '../../options.ts';
import { ConversationStream } from './stream.ts';

export const streamPath = '/api/conversations/stream';
const streamsPerKeyMax = 20;
/** Told to who cannot be let in now. */
const comeAgainSeconds = 60;
/** How often connectors are asked to come back, while the bus goes on missing what other processes say. */
const comeBackEveryMs = 30_000;

/** The sockets of connectors. Each is of one key, and so of one bot. */
export class ConversationStreams {
  readonly #options: ApiOptions;
  readonly #wss = new WebSocketServer({ noServer: true, maxPayload: limits.frameBytesMax, perMessageDeflate: false });
  readonly #streams = new Map<CustomerId, Set<ConversationStream>>();
  /** What a channel is to bots never changes. */
  readonly #contacts = new LruMap<string, Promise<BotContact | null>>(50_000);
  readonly #frames: RateLimiter;
  readonly #stop: (() => void)[] = [];
  readonly #sweep: NodeJS.Timeout;
  #comeBack: NodeJS.Timeout | null = null;
  #comeBackAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(options: ApiOptions) {
    this.#options = options;
    this.#frames = new RateLimiter(options.rates.table.frames);
    const { bus } = options.ctx;
    this.#stop.push(
      bus.onEvent(({ customerId, event }) => {
        if (event.kind === 'message.posted')
          this.#forBot(customerId, event.channelId, (stream) => stream.announce(event.channelId, event.seq));
      }),
      bus.onSignal((signal) => {
        if (signal.type === 'session.ended') this.#endKey(signal.customerId, signal.sessionId);
        else if (signal.type === 'streaming' || signal.type === 'typing') {
          const { type, channelId: conversationId } = signal;
          this.#forBot(signal.customerId, conversationId, (stream, contact) => {
            // Their own typing comes from the connector.
            if (signal.userId === contact.userId) return;
            stream.tell({ type, conversationId, ...(signal.type === 'streaming' ? { text: signal.text } : {}) });
          });
        }
      }),
    );
    this.#stop.push(bus.onGap(() => this.#onGap()));
    this.#sweep = setInterval(() => this.#beat(), limits.heartbeatMs).unref();
  }

  /** A request to open one. A browser has no key: it is asked for in a header that only programs send. */
  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    void this.#accept(request, socket, head).catch((error: unknown) => {
      const code = error instanceof GbError ? error.code : '';
      if (code === 'quota_exceeded') return refuse(socket, '429 Too Many Requests');
      const isKnown = code === 'unauthenticated';
      if (!isKnown) this.#options.ctx.log.warn({ err: error }, 'A stream of conversations could not be opened');
      refuse(socket, isKnown ? '401 Unauthorized' : '503 Service Unavailable');
    });
  }

  async #accept(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { authorization = '' } = request.headers;
    const holder = await authenticateBotKey(this.#options.ctx, authorization.replace(/^Bearer /, ''));
    if (this.#isClosed) return refuse(socket, '503 Service Unavailable');
    const count = [...(this.#streams.get(holder.customerId) ?? [])].filter(
      (stream) => stream.holder.keyId === holder.keyId,
    ).length;
    if (count >= streamsPerKeyMax) return refuse(socket, '429 Too Many Requests');
    const leave = await this.#options.ctx.quotas.openConnection(holder.customerId);
    socket.once('close', leave);
    // It may have gone meanwhile, and then says so no more.
    if (socket.destroyed) return leave();
    this.#wss.handleUpgrade(request, socket, head, (ws) => this.#open(ws, holder));
  }

  #open(ws: Parameters<Parameters<WebSocketServer['handleUpgrade']>[3]>[0], holder: KeyHolder): void {
    const stream = new ConversationStream(ws, holder, this.#options);
    const streams = this.#streams.get(holder.customerId) ?? new Set();
    this.#streams.set(holder.customerId, streams.add(stream));
    const key = `${holder.keyId}:${Math.random()}`;
    const isAllowed = () => {
      stream.heardAtMs = Date.now();
      if (this.#frames.take(key, stream.heardAtMs) === 0) return true;
      stream.close(closeCodes.tooManyFrames, 'too many frames');
      return false;
    };
    ws.on('message', (data: Buffer, isBinary) => {
      if (isAllowed()) void stream.onFrame(data, isBinary);
    });
    ws.on('ping', isAllowed);
    ws.on('pong', () => {
      stream.heardAtMs = Date.now();
    });
    ws.on('error', (error) => this.#options.ctx.log.debug({ err: error }, 'A socket failed'));
    ws.on('close', () => {
      stream.isClosed = true;
      streams.delete(stream);
      if (streams.size === 0 && this.#streams.get(holder.customerId) === streams) this.#streams.delete(holder.customerId);
    });
  }

  /** Does something for the streams of the bot whose contact a channel is with. Costs nothing where no connector listens. */
  #forBot(customerId: CustomerId, channelId: ChannelId, work: (stream: ConversationStream, contact: BotContact) => void): void {
    if (!this.#streams.has(customerId)) return;
    void this.#contactOf(customerId, channelId).then(
      (contact) => {
        for (const stream of this.#streams.get(customerId) ?? [])
          if (contact && stream.holder.botId === contact.botId) work(stream, contact);
      },
      (error: unknown) => {
        // Nobody knows whether a stream misses something now: each connector comes back and says where it stands.
        this.#options.ctx.log.warn({ err: error, customerId }, 'A message could not be announced to connectors');
        for (const stream of this.#streams.get(customerId) ?? []) stream.close(closeCodes.goingAway, 'come back');
      },
    );
  }

  #contactOf(customerId: CustomerId, channelId: ChannelId): Promise<BotContact | null> {
    const name = `${customerId}/${channelId}`;
    const known = this.#contacts.get(name);
    if (known) return known;
    const asked = this.#options.ctx.store.read(customerId, (tx) => tx.botContacts.byChannel(channelId));
    this.#contacts.set(name, asked);
    asked.catch(() => this.#contacts.delete(name));
    return asked;
  }

  /** A message may have come that was not announced, to a conversation nobody here knows of, or a key may have been taken back. */
  #onGap(): void {
    if (this.#comeBack || this.#streams.size === 0) return;
    const waitMs = Math.max(0, this.#comeBackAtMs + comeBackEveryMs - performance.now());
    this.#comeBack = setTimeout(() => {
      this.#comeBack = null;
      this.#comeBackAtMs = performance.now();
      for (const streams of this.#streams.values()) for (const stream of streams) stream.close(closeCodes.goingAway, 'come back');
    }, waitMs).unref();
  }

  #endKey(customerId: CustomerId, keyId: string): void {
    for (const stream of this.#streams.get(customerId) ?? [])
      if (stream.holder.keyId === keyId) stream.close(closeCodes.unauthenticated, 'the key was taken back');
  }

  #beat(): void {
    const nowMs = Date.now();
    for (const streams of this.#streams.values())
      for (const stream of streams) {
        const silentMs = nowMs - stream.heardAtMs;
        // A clock that jumped tells nothing about the connector.
        if (silentMs < 0 || silentMs > limits.silenceMsMax * 10) stream.heardAtMs = nowMs;
        else if (silentMs > limits.silenceMsMax) stream.close(closeCodes.silent, 'silent');
        else stream.ping();
      }
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#sweep);
    if (this.#comeBack) clearTimeout(this.#comeBack);
    for (const stop of this.#stop) stop();
    for (const streams of this.#streams.values()) for (const stream of streams) stream.close(closeCodes.goingAway, 'restarting');
    this.#wss.close();
  }
}

function refuse(socket: Duplex, status: string): void {
  const later = /^(429|503)/.test(status) ? `Retry-After: ${comeAgainSeconds}\r\n` : '';
  socket.end(`HTTP/1.1 ${status}\r\n${later}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}
