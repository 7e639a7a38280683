import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { type ApiOptions, type ApiServer, createApiServer } from 'gb-api';
import { createHttp, createRest, type Rest } from 'gb-client';
import { AccessCache, BotPreviews, type Context, DirectoryCache, defaultRates, Rates, type RateTable, scaleRates } from 'gb-core';
import { createInProcessEventBus, createInProcessRateLimits } from 'gb-messaging';
import { type ChannelId, type ClientFrame, protocolVersion, type ServerFrame, type UserId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { silentLogger, systemClock, uuidv7 } from 'gb-utils';
import { BotWorld } from './bots.ts';

export interface Person {
  readonly token: string;
  readonly userId: UserId;
  readonly general: ChannelId;
}

/** A gateway on a real database in this process, with as many sockets to it as a test wants. */
export class Crowd {
  readonly ctx: Context;
  readonly api: ApiServer;
  readonly url: string;
  readonly #closers: readonly (() => Promise<unknown>)[];
  readonly #port: number;
  readonly #sockets = new Set<CrowdSocket>();

  private constructor(ctx: Context, api: ApiServer, port: number, closers: readonly (() => Promise<unknown>)[]) {
    this.ctx = ctx;
    this.api = api;
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.#closers = closers;
  }

  /** Rates are out of the way, but for those given. */
  static async open(rates: Partial<RateTable> = {}, gateway: ApiOptions['gateway'] = {}): Promise<Crowd> {
    const database: TestDatabase = await startTestDatabase();
    const world = await BotWorld.open(database);
    const store = await database.openStore();
    const bus = createInProcessEventBus({ log: silentLogger });
    const ctx: Context = {
      ...world.ctx,
      access: new AccessCache({ store, bus, clock: systemClock }),
      directory: new DirectoryCache({ store, bus, clock: systemClock }),
      store,
      bus,
      clock: systemClock,
    };
    const api = await createApiServer({
      ctx,
      previews: new BotPreviews(ctx),
      webDir: null,
      publicUrl: null,
      trustProxy: false,
      isOpenSignUp: true,
      rates: new Rates(createInProcessRateLimits({ clock: systemClock }), { ...scaleRates(defaultRates, 100_000), ...rates }),
      connectionsPerPersonMax: 20_000,
      gateway,
      isReady: () => store.ping(),
    });
    const port = await api.listen({ host: '127.0.0.1', port: 0 });
    return new Crowd(ctx, api, port, [() => api.close(), () => bus.close(), () => world.close(), () => database.close()]);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.cut();
    for (const close of this.#closers) await close();
  }

  rest(token?: string): Rest {
    return createRest(createHttp({ baseUrl: this.url, fetch, token: () => token, timeoutMs: 60_000 }));
  }

  /** The owner of a workspace of their own. */
  async owner(): Promise<Person> {
    const made = await this.rest().signUp({
      organization: 'Acme',
      name: 'Ana Prado',
      email: `ana.${uuidv7()}@example.org`,
      password: 'three unrelated long words',
      locale: 'en',
    });
    return this.#person(made.token!, made.userId);
  }

  async join(owner: Person, name: string, role: 'member' | 'guest' = 'member'): Promise<Person> {
    const { code } = await this.rest(owner.token).createInvitation({ role, usesMax: 1 });
    const email = `${name.toLowerCase()}.${uuidv7()}@example.org`;
    const joined = await this.rest().acceptInvitation(code, { name, email, password: 'three unrelated long words' });
    return this.#person(joined.token!, joined.userId);
  }

  async #person(token: string, userId: UserId): Promise<Person> {
    const { channels } = await this.rest(token).snapshot();
    const general = channels.find(({ channel }) => channel.name === 'general')?.channel.id ?? ('' as ChannelId);
    return { token, userId, general };
  }

  /** A socket that is open and has said nothing. */
  async socket(): Promise<CrowdSocket> {
    const socket = new CrowdSocket(this.#port);
    this.#sockets.add(socket);
    await socket.opened;
    return socket;
  }

  /** One that follows these channels. */
  async follow(person: Person, channels: readonly ChannelId[], hello: object = {}): Promise<CrowdSocket> {
    const socket = await this.socket();
    socket.hello(person.token, channels, hello);
    await socket.heard('subscribed');
    return socket;
  }
}

/** What one client sees, frame by frame. As little as speaks WebSocket (RFC 6455), so that a test can have thousands. */
export class CrowdSocket {
  readonly frames: ServerFrame[] = [];
  readonly opened: Promise<void>;
  /** The code it was closed with; 1006 without one. */
  readonly closed: Promise<number>;
  readonly #socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #isOpen = false;
  #code = 1006;
  #onFrame: (() => void)[] = [];

  constructor(port: number) {
    const socket = connect(port, '127.0.0.1');
    this.#socket = socket;
    const key = randomBytes(16).toString('base64');
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    socket.on('error', () => socket.destroy());
    this.closed = new Promise((resolve) => socket.once('close', () => resolve(this.#code)));
    this.opened = new Promise((resolve, reject) => {
      socket.on('data', (data) => {
        this.#bytes = this.#bytes.length === 0 ? data : Buffer.concat([this.#bytes, data]);
        if (!this.#isOpen && this.#open(reject)) resolve();
        if (this.#isOpen) this.#read();
      });
      socket.once('close', () => reject(new Error('The socket closed before it was open')));
    });
    this.opened.catch(() => {});
  }

  hello(token: string, channels: readonly ChannelId[], more: object = {}): void {
    const cursors = channels.map((channelId) => ({ channelId, epoch: 0, seq: 0 }));
    this.send({ type: 'hello', version: protocolVersion, token, channels: cursors, ...more });
  }

  send(frame: ClientFrame): void {
    const payload = Buffer.from(JSON.stringify(frame));
    const { length } = payload;
    // The mask 0 leaves the payload as it is (section 5.3).
    const size = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 255];
    this.#socket.write(Buffer.concat([Buffer.from([0x81, ...size, 0, 0, 0, 0]), payload]));
  }

  /** Reads nothing more, as a machine that hangs: what is sent to it piles up. */
  hang(): void {
    this.#socket.pause();
  }

  goOn(): void {
    this.#socket.resume();
  }

  /** What was heard so far. */
  forget(): void {
    this.frames.length = 0;
  }

  cut(): void {
    this.#socket.destroy();
  }

  of<T extends ServerFrame['type']>(type: T): Extract<ServerFrame, { type: T }>[] {
    return this.frames.filter((frame): frame is Extract<ServerFrame, { type: T }> => frame.type === type);
  }

  /** The first frame of the type, now or later. */
  heard<T extends ServerFrame['type']>(type: T): Promise<Extract<ServerFrame, { type: T }>> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.frames.find((frame) => frame.type === type);
        if (!found) return;
        this.#onFrame = this.#onFrame.filter((other) => other !== look);
        resolve(found as Extract<ServerFrame, { type: T }>);
      };
      this.#onFrame.push(look);
      look();
    });
  }

  /** Numbers of the entries of a channel that came live. */
  seqs(channelId: ChannelId): number[] {
    return this.of('event').flatMap((frame) => (frame.channelId === channelId ? [frame.seq] : []));
  }

  #open(reject: (error: Error) => void): boolean {
    const end = this.#bytes.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const head = this.#bytes.subarray(0, end).toString('latin1');
    if (!head.startsWith('HTTP/1.1 101')) {
      reject(new Error(head.split('\r\n')[0]));
      return false;
    }
    this.#bytes = this.#bytes.subarray(end + 4);
    this.#isOpen = true;
    return true;
  }

  #read(): void {
    for (;;) {
      const { length } = this.#bytes;
      const short = length < 2 ? 0 : this.#bytes[1]!;
      const from = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (length < from) return;
      const size = short < 126 ? short : short === 126 ? this.#bytes.readUInt16BE(2) : Number(this.#bytes.readBigUInt64BE(2));
      if (length < from + size) return;
      const payload = this.#bytes.subarray(from, from + size);
      const kind = this.#bytes[0]! & 15;
      this.#bytes = this.#bytes.subarray(from + size);
      if (kind === 8) {
        this.#code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
        this.#socket.end();
      } else if (kind === 1) {
        this.frames.push(JSON.parse(payload.toString()) as ServerFrame);
        for (const look of this.#onFrame) look();
      }
    }
  }
}
