import type { Duplex } from 'node:stream';
import type { Actor } from 'gb-core';
import { type ChannelId, limits, type ServerFrame } from 'gb-protocol';
import type { WebSocket } from 'ws';
import { encodeFrame } from './frame-encoder.ts';
import type { Room } from './room.ts';

let nextKey = 0;

/** Unsent bytes after which a client that does not read is given up: events stop long before, but answers go on. */
const backlogBytesMax = limits.socketBacklogBytesMax * 8;
/** Unsent bytes of one socket above which it is not told what is nice to know. */
const glanceBacklogBytesMax = 65_536;
const nothing: ReadonlySet<ChannelId> = new Set();
/** How long a client has for its side of the closing handshake. */
const closeMsMax = 2_000;

/**
 * One client's socket. Ten thousand of these are idle most of the time, so it holds little and has no timers of its own:
 * one sweep of the gateway looks after all of them.
 */
export class Connection {
  /** Tells it apart in the rate limiter. */
  readonly key = String(nextKey++);
  readonly ws: WebSocket;
  /** The TCP or TLS stream below: prepared frames are written to it as they are. */
  readonly socket: Duplex;
  /** The browser's cookie, until `hello` uses it. */
  cookieToken: string | null;
  actor: Actor | null = null;
  isGreeting = false;
  /** Of busy channels it does not look at the head is enough for it. */
  rests = false;
  /** Rooms it follows, with its place in each room's lists. */
  readonly places = new Map<Room, number>();
  /** Rooms whose live events were dropped because the socket was slow; null when it keeps up. */
  behind: Set<Room> | null = null;
  heardAtMs: number;
  /** The heartbeat round it was last told heads in. */
  toldRound = 0;
  inFlight = 0;
  refusedFrames = 0;
  /** Ends its count among the connections of its customer. */
  leave: (() => void) | null = null;
  presence: 'online' | 'away' = 'online';
  /** Channels the person looks at. */
  watched: ReadonlySet<ChannelId> = nothing;
  /** Nothing more is taken from it, though its bytes may still come. */
  isClosing = false;
  #out: Buffer[] = [];

  constructor(ws: WebSocket, socket: Duplex, cookieToken: string | null, nowMs: number) {
    this.ws = ws;
    this.socket = socket;
    this.cookieToken = cookieToken;
    this.heardAtMs = nowMs;
  }

  /** Queues a frame for this client alone; what is queued in one turn of the loop leaves in one write. */
  send(frame: ServerFrame): void {
    this.sendBytes(encodeFrame(frame));
  }

  sendBytes(bytes: Buffer): void {
    this.#out.push(bytes);
    if (this.#out.length === 1) setImmediate(flushOut, this);
  }

  /** Writes now what is nice to know; false, and nothing is written, when the client has enough to read as it is. */
  glance(bytes: Buffer): boolean {
    if (this.isClosing || this.behind !== null || this.socket.writableLength > glanceBacklogBytesMax) return false;
    this.socket.write(bytes);
    return true;
  }

  /** Writes what is queued now, for what must not wait: a last word before closing. */
  flush(): void {
    const out = this.#out;
    if (out.length === 0) return;
    this.#out = [];
    // What it is told it can have again from the log; who asks and never reads must not fill the memory.
    if (this.socket.writableLength > backlogBytesMax) this.ws.terminate();
    else if (this.socket.writable) this.socket.write(out.length === 1 ? out[0]! : Buffer.concat(out));
  }

  close(code: number, reason: string): void {
    if (this.isClosing) return;
    this.isClosing = true;
    this.flush();
    this.ws.close(code, reason);
    setTimeout(() => this.ws.terminate(), closeMsMax).unref();
  }
}

function flushOut(connection: Connection): void {
  connection.flush();
}
