import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Actor, authenticate, canSee, fail, type Published, postMessage, requireMember, type Signal } from 'gb-core';
import {
  type ChannelId,
  type ClientFrame,
  type Cursor,
  closeCodes,
  limits,
  protocolVersion,
  type Refused,
  type Subscribed,
} from 'gb-protocol';
import { GbError, RateLimiter } from 'gb-utils';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { errorBody } from '../error-body.ts';
import { cookieToken, isOwnOrigin } from '../http/origin.ts';
import type { Metrics } from '../metrics.ts';
import type { ApiOptions } from '../options.ts';
import { Admission } from './admission.ts';
import { CatchUp } from './catch-up.ts';
import { Connection } from './connection.ts';
import { type DrainOptions, drain } from './drain.ts';
import { encodeFrame } from './frame-encoder.ts';
import { type FollowedAs, Hub } from './hub.ts';
import { LoopDelay } from './loop-delay.ts';
import { Presence } from './presence.ts';
import { FrameError, readFrame } from './read-frame.ts';
import type { Room } from './room.ts';
import { defaultTuning } from './tuning.ts';

/** Who types, and what a bot is about to say, is told only where few enough people are to care. */
const glanceMembersMax = 500;
/** Typing marks of one person: clients tell one every three seconds for each place they type in. */
const typingRate = { burst: 20, perSecond: 2 };
/** Channels in a subscription that cost as much as one frame: each is a question to the database. */
const channelsPerFrame = 20;
/** Frames over the rate that are still answered; who goes on is not a client of ours. */
const refusedFramesMax = 500;

/** Takes over a request to become a WebSocket. The socket has a listener for its errors. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * The live side: sockets, sessions, subscriptions. It holds no truth: everything it knows can be had again from the
 * store, so it may die at any moment, and a client that comes back catches up from its cursor.
 */
export class Gateway {
  readonly #options: ApiOptions;
  readonly #metrics: Metrics;
  readonly #hub: Hub;
  readonly #presence: Presence;
  readonly #connections = new Set<Connection>();
  readonly #wss: WebSocketServer;
  readonly #frames: RateLimiter;
  readonly #typings = new RateLimiter(typingRate);
  readonly #sweep: NodeJS.Timeout;
  readonly #stop: (() => void)[] = [];
  readonly #catchUp: CatchUp;
  readonly #admission: Admission;
  readonly #loopDelay = new LoopDelay();
  #others: ReadonlyMap<string, Upgrade> = new Map();
  #isDraining = false;

  constructor(options: ApiOptions, metrics: Metrics) {
    this.#options = options;
    this.#metrics = metrics;
    const tuning = { ...defaultTuning, ...options.gateway };
    this.#hub = new Hub({
      metrics,
      tuning,
      loopDelayMs: () => this.#loopDelay.ms,
      onJoined: (connection, channelId) => this.#presence.joined(connection, channelId),
      onLeft: (connection, channelId) => this.#presence.left(connection, channelId),
    });
    this.#frames = new RateLimiter(options.rates.table.frames);
    this.#admission = new Admission({ rate: options.rates.table.hellos });
    this.#wss = new WebSocketServer({
      noServer: true,
      // Compression costs memory for each client and CPU for each delivery.
      perMessageDeflate: false,
      // Pings are counted and answered by us, or a flood of them would fill the memory with answers nobody reads.
      autoPong: false,
      clientTracking: false,
      // Bad UTF-8 gets an error frame of ours instead of a closed connection.
      skipUTF8Validation: true,
      maxPayload: limits.frameBytesMax * 4,
    });
    this.#sweep = setInterval(() => this.#beat(), limits.heartbeatMs).unref();
    const { bus } = options.ctx;
    this.#presence = new Presence({
      signal: (signal) => bus.signal(signal),
      followers: (customerId, channelId) =>
        this.#hub.roomsOf(channelId).flatMap((room) => (room.customerId === customerId ? [...room.followers()] : [])),
      isFollowing: (connection, channelId) => this.#hub.roomsOf(channelId).some((room) => room.isFollowedBy(connection)),
      everybodyMax: tuning.everybodyMax,
      loopDelayMs: () => this.#loopDelay.ms,
    });
    Object.assign(metrics.gateway, {
      presenceStrain: () => this.#presence.effort.strain,
      presenceSeconds: () => this.#presence.effort.totalMs / 1_000,
      hellosWaiting: () => this.#admission.waiting,
    } satisfies Metrics['gateway']);
    this.#catchUp = new CatchUp({
      ctx: options.ctx,
      rooms: () => this.#hub.rooms,
      connections: this.#connections,
      deliver: (published) => {
        metrics.caughtUp.inc();
        this.#deliver(published);
      },
      mayFollow: async (actor, channelId) => (await this.#visible(actor, [channelId])).has(channelId),
      putOut: (channelId, userId) => this.#putOut(channelId, userId),
      shut: (...shut) => this.#shut(...shut),
    });
    this.#stop.push(
      bus.onEvent((published) => this.#deliver(published)),
      bus.onGap(() => this.#catchUp.ask()),
      bus.onSignal((signal) => {
        if (signal.type === 'session.ended') this.#endSession(signal.sessionId);
        else if (signal.type === 'typing' || signal.type === 'streaming') this.#tell(signal);
        else if (isPresence(signal)) this.#presence.hear(signal);
      }),
    );
  }

  #deliver(published: Published): void {
    const { event } = published;
    this.#hub.deliver(published);
    if (event.kind === 'member.left') this.#putOut(event.channelId, event.userId);
    else if (event.kind === 'user.updated') this.#changeRole(event.user);
  }

  get hub(): Hub {
    return this.#hub;
  }

  /** `others` take the upgrades of their paths. */
  attach(server: Server, others: ReadonlyMap<string, Upgrade> = new Map()): void {
    this.#others = others;
    server.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head));
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Node has taken its own handlers off the socket: without this one, a reset during the handshake ends the process.
    socket.on('error', ignoreSocketError);
    const { publicUrl, trustProxy } = this.#options;
    const path = (request.url ?? '').split('?')[0];
    const other = this.#others.get(path ?? '');
    if (path !== '/ws' && !other) return refuse(socket, '404 Not Found');
    if (this.#isDraining) return refuse(socket, '503 Service Unavailable');
    if (other) return other(request, socket, head);
    const { origin } = request.headers;
    const forwardedHost = trustProxy ? request.headers['x-forwarded-host'] : undefined;
    const host = typeof forwardedHost === 'string' ? forwardedHost : request.headers.host;
    if (origin !== undefined && !isOwnOrigin(origin, host, publicUrl)) return refuse(socket, '403 Forbidden');
    const isSecure =
      publicUrl === null ? trustProxy && request.headers['x-forwarded-proto'] === 'https' : publicUrl.startsWith('https:');
    // A cookie counts only with the Origin that proves it was our page that opened the socket.
    const token = origin === undefined ? null : cookieToken(request, isSecure);
    this.#wss.handleUpgrade(request, socket, head, (ws) => this.#onOpen(ws, socket, token));
  }

  #onOpen(ws: WebSocket, socket: Duplex, token: string | null): void {
    const connection = new Connection(ws, socket, token, Date.now());
    this.#connections.add(connection);
    this.#metrics.connections.inc();
    if ('setNoDelay' in socket && typeof socket.setNoDelay === 'function') socket.setNoDelay(true);
    ws.on('message', (data: RawData, isBinary) => this.#onMessage(connection, data as Buffer, isBinary));
    ws.on('ping', (data: Buffer) => {
      connection.heardAtMs = Date.now();
      if (this.#frames.take(connection.key, connection.heardAtMs) > 0) this.#refuseFrame(connection);
      else if (socket.writableLength === 0) ws.pong(data);
    });
    ws.on('close', () => this.#onClose(connection));
    // A protocol violation or a reset: `close` follows.
    ws.on('error', (error) => this.#options.ctx.log.debug({ err: error }, 'A socket failed'));
    setTimeout(() => {
      if (!connection.actor && !connection.isGreeting) connection.close(closeCodes.helloTimeout, 'say hello first');
    }, limits.helloMsMax).unref();
  }

  #onClose(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    this.#metrics.connections.dec();
    connection.leave?.();
    for (const room of [...connection.places.keys()]) this.#hub.leave(connection, room);
    this.#presence.remove(connection);
  }

  #onMessage(connection: Connection, data: Buffer, isBinary: boolean): void {
    // A session that ended may go on writing until it has heard so.
    if (connection.isClosing) return;
    connection.heardAtMs = Date.now();
    let frame: ClientFrame;
    try {
      // Counted before it is read: what is no frame costs as much.
      let waitMs = this.#frames.take(connection.key, connection.heardAtMs);
      if (waitMs > 0 && this.#refuseFrame(connection)) return;
      frame = readFrame(data, isBinary);
      const channels = channelsIn(frame);
      if (channels > channelsPerFrame && frame.type !== 'hello')
        waitMs ||= this.#frames.take(connection.key, connection.heardAtMs, channels / channelsPerFrame);
      if (waitMs > 0) {
        throw new FrameError(
          fail('rate_limited', 'Too many frames. Slow down.', { retryAfterMs: waitMs }),
          'id' in frame ? frame.id : undefined,
        );
      }
    } catch (error) {
      if (error instanceof FrameError) return this.#fail(connection, error.cause, error.id);
      return this.#fail(connection, error, undefined);
    }
    this.#metrics.framesIn.inc({ type: frame.type });
    this.#handle(connection, frame).catch((error: unknown) =>
      this.#fail(connection, error, 'id' in frame ? frame.id : undefined),
    );
  }

  async #handle(connection: Connection, frame: ClientFrame): Promise<void> {
    if (frame.type === 'hello') return this.#hello(connection, frame);
    if (frame.type === 'ping') return connection.send({ type: 'pong', serverTime: Date.now() });
    if (!connection.actor) throw fail('unauthenticated', 'Say hello first.');
    switch (frame.type) {
      case 'send':
        return this.#send(connection, frame);
      case 'subscribe':
        return this.#subscribe(connection, frame.channels, frame.id);
      case 'unsubscribe':
        for (const channelId of frame.channelIds)
          for (const room of this.#hub.roomsOf(channelId)) this.#hub.leave(connection, room);
        return;
      case 'typing':
        return this.#typing(connection, frame);
      case 'presence':
        return this.#presence.set(connection, frame.status);
      case 'watch':
        return this.#watch(connection, new Set(frame.channelIds));
    }
  }

  async #hello(connection: Connection, frame: ClientFrame & { type: 'hello' }): Promise<void> {
    if (connection.actor || connection.isGreeting) throw fail('malformed', 'You said hello already.');
    if (frame.version !== protocolVersion) {
      this.#fail(connection, fail('version_unsupported', `This server speaks version ${protocolVersion}.`), undefined);
      return connection.close(closeCodes.versionUnsupported, 'version');
    }
    connection.isGreeting = true;
    connection.rests = frame.rests ?? false;
    let leave: (() => void) | null;
    try {
      leave = await this.#admission.enter(() => this.#connections.has(connection) && !connection.isClosing);
    } catch (error) {
      this.#metrics.putOff.inc();
      this.#fail(connection, error, undefined);
      return connection.close(closeCodes.overloaded, 'come again later');
    }
    try {
      if (leave) await this.#greet(connection, frame);
    } finally {
      leave?.();
    }
  }

  async #greet(connection: Connection, frame: ClientFrame & { type: 'hello' }): Promise<void> {
    const token = frame.token ?? connection.cookieToken;
    connection.cookieToken = null;
    try {
      connection.actor = await authenticate(this.#options.ctx, token ?? '');
    } catch (error) {
      this.#fail(connection, error, undefined);
      const isFinal = error instanceof GbError && error.code === 'unauthenticated';
      return connection.close(isFinal ? closeCodes.unauthenticated : closeCodes.internal, 'hello failed');
    }
    const { sessionId, userId, customerId } = connection.actor;
    try {
      connection.leave = await this.#options.ctx.quotas.openConnection(customerId);
      if (!this.#connections.has(connection)) return connection.leave();
      if (this.#presence.connectionsOf(customerId, userId) >= this.#options.connectionsPerPersonMax)
        throw fail('quota_exceeded', 'You have too many connections open.', { retryAfterMs: 60_000 });
    } catch (error) {
      this.#fail(connection, error, undefined);
      connection.actor = null;
      const isFull = error instanceof GbError && error.code === 'quota_exceeded';
      return connection.close(isFull ? closeCodes.tooManyFrames : closeCodes.internal, 'too many connections');
    }
    connection.send({
      type: 'welcome',
      version: protocolVersion,
      sessionId: sessionId!,
      userId,
      serverTime: this.#options.ctx.clock.nowMs(),
      limits,
    });
    this.#presence.add(connection);
    if (frame.channels && frame.channels.length > 0) await this.#subscribe(connection, frame.channels, undefined);
  }

  /**
   * Joins the rooms first and reads the heads afterwards: an entry committed in between arrives live as well as from the
   * log, and the client drops the second; the other order would have a hole.
   */
  async #subscribe(connection: Connection, cursors: readonly Cursor[], id: number | undefined): Promise<void> {
    const { ctx } = this.#options;
    const actor = connection.actor!;
    if (connection.places.size + cursors.length > limits.subscriptionsMax)
      throw fail('quota_exceeded', `A connection follows at most ${limits.subscriptionsMax} channels.`);
    const wanted = [...new Set(cursors.map(({ channelId }) => channelId))];
    const maySee = await this.#visible(actor, wanted);
    if (!this.#connections.has(connection)) return;
    const rooms = new Map<ChannelId, Room>();
    for (const [channelId, kind] of maySee)
      rooms.set(channelId, this.#hub.join(connection, actor.customerId, channelId, { epoch: 0, head: 0, ...kind }));
    const positions = await ctx.store.read(actor.customerId, (tx) => tx.log.positions([...maySee.keys()], { skipsAway: true }));
    // Asked once more after joining: whoever was put out in between was not in the room yet when everybody was told.
    const still = await this.#visible(actor, [...maySee.keys()]);
    if (!this.#connections.has(connection)) return;
    const channels: Subscribed[] = [];
    for (const { channelId, epoch, seq } of positions) {
      const room = rooms.get(channelId);
      if (!room) continue;
      if (!still.has(channelId)) {
        this.#hub.leave(connection, room);
        continue;
      }
      // Who followed before still waits for what the head has moved over.
      if (room.epoch !== epoch) room.moveTo(epoch, seq);
      else if (room.head < seq) room.head = seq;
      channels.push({ channelId, epoch: room.epoch, head: room.head });
    }
    const followed = new Set(channels.map(({ channelId }) => channelId));
    const refused: Refused[] = wanted
      .filter((channelId) => !followed.has(channelId))
      .map((channelId) => ({ channelId, code: 'not_found' }));
    connection.send({ type: 'subscribed', ...(id === undefined ? {} : { id }), channels, refused });
  }

  /** Which of these channels somebody may follow, and whether anybody else may. */
  async #visible(actor: Actor, channelIds: readonly ChannelId[]): Promise<ReadonlyMap<ChannelId, FollowedAs>> {
    const access = await this.#options.ctx.access.channels(actor.customerId, channelIds, actor.userId);
    const visible = new Map<ChannelId, FollowedAs>();
    for (const [channelId, one] of access) {
      if (!canSee(actor, one)) continue;
      const { kind } = one.channel;
      const isGuestsDirectory = kind === 'instance' && actor.role === 'guest';
      const mayRest = kind !== 'instance' && kind !== 'self';
      visible.set(channelId, { isOpen: kind === 'public' || kind === 'instance', mayRest, isGuestsDirectory });
    }
    return visible;
  }

  /** Ids of channels it does not follow are remembered and mean nothing: it may be about to follow them. */
  #watch(connection: Connection, channelIds: ReadonlySet<ChannelId>): void {
    this.#presence.watch(connection, channelIds);
    this.#hub.wake(connection, channelIds);
  }

  async #send(connection: Connection, frame: ClientFrame & { type: 'send' }): Promise<void> {
    const { ctx, rates } = this.#options;
    const actor = connection.actor!;
    if (connection.inFlight >= limits.requestsInFlightMax)
      throw fail('overloaded', 'Too many messages are still on their way.', { retryAfterMs: 1_000 });
    connection.inFlight += 1;
    const startedMs = performance.now();
    try {
      await rates.message(actor.customerId, actor.userId, frame.channelId);
      const { threadSeq, text, clientId, attachmentIds, formAnswer, isSecret } = frame;
      const posted = await postMessage(ctx, actor, frame.channelId, {
        clientId,
        text,
        ...(threadSeq === undefined ? {} : { threadSeq }),
        ...(attachmentIds === undefined ? {} : { attachmentIds }),
        ...(formAnswer === undefined ? {} : { formAnswer }),
        ...(isSecret === undefined ? {} : { isSecret }),
      });
      connection.send({ type: 'ack', id: frame.id, ...posted });
    } finally {
      connection.inFlight -= 1;
      this.#metrics.ack.observe((performance.now() - startedMs) / 1000);
    }
  }

  async #typing(connection: Connection, frame: ClientFrame & { type: 'typing' }): Promise<void> {
    const { ctx } = this.#options;
    const actor = connection.actor!;
    if (this.#typings.take(`${actor.customerId}:${actor.userId}`, connection.heardAtMs) > 0) return;
    requireMember(actor, await ctx.access.channel(actor.customerId, frame.channelId, actor.userId));
    ctx.bus.signal({
      type: 'typing',
      customerId: actor.customerId,
      channelId: frame.channelId,
      userId: actor.userId,
      ...(frame.threadSeq === undefined ? {} : { threadSeq: frame.threadSeq }),
    });
  }

  /** What is worth a glance now and nothing later: whoever has not read what was sent before is not told. */
  #tell(signal: Extract<Signal, { type: 'typing' | 'streaming' }>): void {
    const room = this.#hub.room(signal.channelId);
    if (!room || room.customerId !== signal.customerId || room.size > glanceMembersMax) return;
    const { type, channelId, threadSeq } = signal;
    const userId = signal.userId as NonNullable<Connection['actor']>['userId'];
    const place = { channelId, userId, ...(threadSeq === undefined ? {} : { threadSeq }) };
    const bytes = encodeFrame(type === 'typing' ? { type, ...place } : { type, ...place, text: signal.text });
    for (const member of room.members) if (member.actor?.userId !== signal.userId) member.glance(bytes);
  }

  /** Somebody left or was taken out: their connections stop following, unless anybody may follow the channel. */
  #putOut(channelId: Subscribed['channelId'], userId: NonNullable<Connection['actor']>['userId']): void {
    const room = this.#hub.room(channelId);
    if (!room) return;
    for (const connection of room.connectionsOf(userId)) {
      if (room.isOpen && connection.actor?.role !== 'guest') continue;
      this.#hub.leave(connection, room);
      connection.send({ type: 'unsubscribed', channelId, code: 'not_found' });
    }
  }

  #endSession(sessionId: string): void {
    for (const connection of this.#connections) {
      if (connection.actor?.sessionId === sessionId) this.#shut(connection, closeCodes.unauthenticated, 'session ended');
    }
  }

  /** A connection acts and follows by the role it said hello with: with another one it has to say hello again. */
  #changeRole({ id, role }: { id: string; role: string }): void {
    for (const connection of this.#connections) {
      if (connection.actor?.userId === id && connection.actor.role !== role)
        this.#shut(connection, closeCodes.goingAway, 'role changed');
    }
  }

  /** Counts a frame over the rate; true when it was one too many and nothing more is read. */
  #refuseFrame(connection: Connection): boolean {
    if (++connection.refusedFrames <= refusedFramesMax) return false;
    this.#shut(connection, closeCodes.tooManyFrames, 'too many frames');
    connection.ws.pause();
    return true;
  }

  /** Closes and forgets at once: nothing more is heard from it or told to it, whether it answers the close or not. */
  #shut(connection: Connection, code: number, reason: string): void {
    connection.close(code, reason);
    this.#onClose(connection);
  }

  /** One round of heartbeats: who was silent too long goes, the others hear the heads that moved since their last one. */
  #beat(): void {
    const nowMs = Date.now();
    const round = this.#hub.round++;
    const quiet = encodeFrame({ type: 'heartbeat', heads: {}, serverTime: nowMs });
    for (const connection of this.#connections) {
      const silentMs = nowMs - connection.heardAtMs;
      // A clock that jumped tells nothing about the client.
      if (silentMs < 0 || silentMs > limits.silenceMsMax * 10) connection.heardAtMs = nowMs;
      else if (silentMs > limits.silenceMsMax) {
        connection.close(closeCodes.silent, 'silent');
        connection.ws.terminate();
        continue;
      }
      if (!connection.actor || connection.behind !== null) continue;
      const heads: Record<string, readonly [number, number]> = {};
      let moved = false;
      for (const room of connection.places.keys()) {
        if (room.movedInRound < connection.toldRound) continue;
        heads[room.channelId] = [room.epoch, room.head];
        moved = true;
      }
      connection.toldRound = round;
      connection.sendBytes(moved ? encodeFrame({ type: 'heartbeat', heads, serverTime: nowMs }) : quiet);
    }
  }

  #fail(connection: Connection, error: unknown, id: number | undefined): void {
    const body = errorBody(error, this.#options.ctx.log);
    this.#metrics.errors.inc({ code: body.code });
    connection.send({ type: 'error', ...(id === undefined ? {} : { id }), ...body });
  }

  /** Takes nobody new and lets those who are here go over to others. Everybody is gone afterwards. */
  async drain(options: DrainOptions): Promise<void> {
    if (this.#isDraining) return;
    this.#isDraining = true;
    await drain(this.#connections, options);
  }

  close(): void {
    clearInterval(this.#sweep);
    for (const stop of this.#stop) stop();
    this.#catchUp.close();
    this.#admission.close();
    for (const connection of this.#connections) connection.ws.terminate();
    this.#presence.close();
    this.#loopDelay.close();
    this.#hub.close();
    this.#wss.close();
  }
}

function channelsIn(frame: ClientFrame): number {
  if ('channels' in frame) return frame.channels?.length ?? 0;
  return 'channelIds' in frame ? frame.channelIds.length : 0;
}

function isPresence(signal: Signal): signal is Extract<Signal, { type: `presence${string}` }> {
  return signal.type.startsWith('presence');
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function ignoreSocketError(): void {
  // The socket closes by itself; `ws` has its own handler once the handshake is done.
}
