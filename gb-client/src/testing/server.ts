import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChannelId, ClientFrame, Cursor, ErrorCode, LogEvent, Seq, ServerFrame, UserId } from 'gb-protocol';
import { closeCodes, errorCodes, limits, protocolVersion } from 'gb-protocol';
import { GbError } from 'gb-utils';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Person, World } from './world.ts';

interface Connection {
  readonly socket: WebSocket;
  person: Person | null;
  readonly channels: Set<ChannelId>;
  readonly index: number;
}

/** What becomes of one frame on its way to a client. */
export type Fate = 'deliver' | 'drop' | 'twice' | { readonly delayMs: number };

export interface Faults {
  /** Asked for each frame the server sends after `welcome`. */
  frame?: (frame: ServerFrame, connection: number) => Fate;
  /** Refuses a send instead of storing it. */
  refuse?: (frame: Extract<ClientFrame, { type: 'send' }>) => { code: ErrorCode; retryAfterMs?: number } | null;
  /** Answers a send with this frame instead of the true ack; the message is stored. */
  ack?: (ack: Extract<ServerFrame, { type: 'ack' }>) => unknown;
  /** Before any REST call: a refusal, or a delay. */
  http?: (method: string, path: string) => { code: ErrorCode; retryAfterMs?: number } | { delayMs: number } | null;
  /** Who a connection turns out to be, whatever token it shows: a cookie that changed hands. */
  person?: Person;
  /** Closes instead of answering `hello`. */
  helloClose?: () => number | null;
}

/**
 * A server of the protocol over real sockets, small enough to read and with a lever for everything that can go wrong on
 * the way. It stores in memory and knows only the calls the client's tests make.
 */
export class TestServer {
  readonly world = new World();
  faults: Faults = {};
  /** Every `send` received, in order, over all connections. */
  readonly sends: Extract<ClientFrame, { type: 'send' }>[] = [];
  readonly frames: ClientFrame[] = [];
  readonly calls: string[] = [];
  connects = 0;
  readonly #connections = new Set<Connection>();
  #http: Server | null = null;
  #wss: WebSocketServer | null = null;
  #port = 0;

  constructor() {
    this.world.onEvent((event) => this.#fanOut(event));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Again after `stop`: on the same port, with everything that was stored. */
  async start(): Promise<void> {
    const http = createServer((request, response) => void this.#answer(request, response));
    const wss = new WebSocketServer({ server: http, path: '/ws', maxPayload: limits.frameBytesMax });
    wss.on('connection', (socket) => this.#onConnection(socket));
    await new Promise<void>((resolve) => http.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (http.address() as AddressInfo).port;
    this.#http = http;
    this.#wss = wss;
  }

  async stop(): Promise<void> {
    const [http, wss] = [this.#http, this.#wss];
    this.#http = null;
    this.#wss = null;
    this.cut();
    wss?.close();
    http?.closeAllConnections();
    if (http) await new Promise<void>((resolve) => http.close(() => resolve()));
  }

  /** Ends all connections as a pulled cable does, without a close frame. */
  cut(): void {
    for (const { socket } of this.#connections) socket.terminate();
    this.#connections.clear();
  }

  closeAll(code: number, reason = ''): void {
    for (const { socket } of this.#connections) socket.close(code, reason);
  }

  closeFirst(code: number): void {
    for (const { socket } of this.#connections) {
      socket.close(code);
      return;
    }
  }

  heartbeat(): void {
    for (const connection of this.#connections) {
      const heads: Record<string, readonly [number, Seq]> = {};
      for (const id of connection.channels) {
        const { epoch, seq } = this.world.position(id);
        heads[id] = [epoch, seq];
      }
      this.#send(connection, { type: 'heartbeat', heads, serverTime: Date.now() });
    }
  }

  tell(frame: ServerFrame): void {
    for (const connection of this.#connections) this.#send(connection, frame);
  }

  raw(text: string): void {
    for (const { socket } of this.#connections) socket.send(text);
  }

  resync(id: ChannelId): void {
    const { epoch, seq } = this.world.position(id);
    this.tell({ type: 'resync', channels: [{ channelId: id, epoch, head: seq }] });
  }

  #onConnection(socket: WebSocket): void {
    const connection: Connection = { socket, person: null, channels: new Set(), index: this.connects++ };
    this.#connections.add(connection);
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as ClientFrame;
      this.frames.push(frame);
      this.#onFrame(connection, frame);
    });
    socket.on('close', () => this.#connections.delete(connection));
  }

  /** What a person's bot is about to say, told to whoever follows the channel. */
  stream(channelId: ChannelId, userId: UserId, text: string, threadSeq?: Seq): void {
    for (const connection of this.#connections)
      if (connection.channels.has(channelId))
        this.#send(connection, { type: 'streaming', channelId, userId, text, ...(threadSeq === undefined ? {} : { threadSeq }) });
  }

  #onFrame(connection: Connection, frame: ClientFrame): void {
    switch (frame.type) {
      case 'hello':
        this.#hello(connection, frame);
        return;
      case 'subscribe':
        this.#subscribe(connection, frame.channels, frame.id);
        return;
      case 'unsubscribe':
        for (const id of frame.channelIds) connection.channels.delete(id);
        return;
      case 'send':
        this.#onSend(connection, frame);
        return;
      case 'typing':
        for (const other of this.#connections) {
          if (other.person === connection.person || !other.channels.has(frame.channelId)) continue;
          const { channelId, threadSeq } = frame;
          const userId = connection.person!.user.id;
          this.#send(other, { type: 'typing', channelId, userId, ...(threadSeq === undefined ? {} : { threadSeq }) });
        }
        return;
      case 'ping':
        this.#send(connection, { type: 'pong', serverTime: Date.now() });
        return;
      default:
        return;
    }
  }

  #hello(connection: Connection, hello: Extract<ClientFrame, { type: 'hello' }>): void {
    const code = this.faults.helloClose?.();
    if (code) {
      connection.socket.close(code);
      return;
    }
    const person = this.faults.person ?? this.world.byToken(hello.token ?? '');
    if (!person) {
      connection.socket.close(closeCodes.unauthenticated, 'no session');
      return;
    }
    connection.person = person;
    const userId = person.user.id;
    const welcome = { type: 'welcome', version: protocolVersion, sessionId: 's1', userId, serverTime: Date.now(), limits };
    connection.socket.send(JSON.stringify(welcome));
    this.#subscribe(connection, hello.channels ?? [], undefined);
  }

  #subscribe(connection: Connection, cursors: readonly Cursor[], id: number | undefined): void {
    const channels = [];
    const refused = [];
    for (const { channelId } of cursors) {
      if (!connection.person || !this.world.maySee(channelId, connection.person)) {
        refused.push({ channelId, code: 'not_found' as const });
        continue;
      }
      connection.channels.add(channelId);
      const { epoch, seq } = this.world.position(channelId);
      channels.push({ channelId, epoch, head: seq });
    }
    this.#send(connection, { type: 'subscribed', ...(id === undefined ? {} : { id }), channels, refused });
  }

  #onSend(connection: Connection, frame: Extract<ClientFrame, { type: 'send' }>): void {
    this.sends.push(frame);
    const refusal = this.faults.refuse?.(frame);
    if (refusal) {
      this.#fail(connection, frame.id, refusal.code, refusal.retryAfterMs);
      return;
    }
    try {
      const { clientId, threadSeq } = frame;
      const posted = this.world.post(frame.channelId, connection.person!, frame.text, {
        clientId,
        ...(threadSeq === undefined ? {} : { threadSeq }),
      });
      const ack = { type: 'ack', id: frame.id, ...posted } as const;
      this.#send(connection, (this.faults.ack?.(ack) ?? ack) as ServerFrame);
    } catch (error) {
      this.#fail(connection, frame.id, codeOf(error));
    }
  }

  #fail(connection: Connection, id: number, code: ErrorCode, retryAfterMs?: number): void {
    const { retryable, meaning } = errorCodes[code];
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    this.#send(connection, { type: 'error', id, code, message: meaning, retryable, ...wait });
  }

  #fanOut(event: LogEvent): void {
    for (const connection of this.#connections) {
      if (connection.channels.has(event.channelId)) this.#send(connection, { type: 'event', ...event });
    }
  }

  #send(connection: Connection, frame: ServerFrame): void {
    const fate = this.faults.frame?.(frame, connection.index) ?? 'deliver';
    if (fate === 'drop') return;
    const text = JSON.stringify(frame);
    const write = () => {
      if (connection.socket.readyState === connection.socket.OPEN) connection.socket.send(text);
    };
    if (typeof fate === 'object') setTimeout(write, fate.delayMs);
    else write();
    if (fate === 'twice') write();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const path = url.pathname.replace(/^\/api\//, '');
    const method = request.method ?? 'GET';
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    this.calls.push(`${method} ${path}`);
    const fault = this.faults.http?.(method, path);
    if (fault && 'delayMs' in fault) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    try {
      if (fault && 'code' in fault) {
        const { retryable, meaning } = errorCodes[fault.code];
        const wait = fault.retryAfterMs === undefined ? {} : { retryAfterMs: fault.retryAfterMs };
        throw new GbError(fault.code, meaning, { retryable, ...wait });
      }
      const person = this.world.byToken((request.headers.authorization ?? '').replace('Bearer ', ''));
      if (!person) throw new GbError('unauthenticated', 'No session');
      const text = Buffer.concat(chunks).toString();
      const body = this.#call(
        person,
        method,
        path.split('/').map(decodeURIComponent),
        url.searchParams,
        text ? JSON.parse(text) : {},
      );
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    } catch (error) {
      const code = codeOf(error);
      const { status, retryable, meaning } = errorCodes[code];
      const { retryAfterMs } = error as Partial<GbError>;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ code, message: meaning, retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }),
      );
    }
  }

  #call(person: Person, method: string, path: readonly string[], search: URLSearchParams, body: Body): unknown {
    const { world } = this;
    const [resource, id, part, item, sub, emoji] = path;
    if (resource === 'snapshot') return world.snapshot(person);
    const channelId = id as ChannelId;
    if (resource !== 'channels' || !world.maySee(channelId, person)) throw new GbError('not_found', 'Nothing here');
    const number = (name: string) => (search.has(name) ? { [name]: Number(search.get(name)) } : {});
    const seq = Number(item);
    if (part === undefined) return { state: world.stateOf(channelId, person.user.id) };
    if (part === 'log') {
      return world.logPage(
        channelId,
        Number(search.get('epoch')),
        Number(search.get('after')),
        Number(search.get('limit') ?? 50),
      );
    }
    if (part === 'read' || part === 'unread')
      return { membership: world.markRead(channelId, person, body.seq!, part === 'unread') };
    if (part === 'draft') return done(world.saveDraft(channelId, person, body.threadSeq ?? null, body.text!));
    if (part === 'messages' && item === undefined) {
      return world.page(channelId, {
        ...number('before'),
        ...number('after'),
        ...number('around'),
        ...number('threadSeq'),
        ...number('limit'),
      });
    }
    if (part === 'messages' && sub === 'reactions') return done(world.react(channelId, person, seq, emoji!, method === 'PUT'));
    if (part === 'messages' && method === 'PATCH') return done(world.edit(channelId, person, seq, body.text!));
    if (part === 'messages' && method === 'DELETE') return done(world.delete(channelId, person, seq));
    throw new GbError('not_found', `${method} ${path.join('/')} is not in the test server`);
  }
}

interface Body {
  readonly seq?: Seq;
  readonly text?: string;
  readonly threadSeq?: Seq;
}

function done(_nothing: unknown): { ok: true } {
  return { ok: true };
}

function codeOf(error: unknown): ErrorCode {
  if (error instanceof GbError && error.code in errorCodes) return error.code as ErrorCode;
  throw error;
}
