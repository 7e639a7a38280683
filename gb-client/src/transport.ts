import { type ClientFrame, closeCodes, type ErrorBody, mayReconnect, protocolVersion, type ServerFrame } from 'gb-protocol';
import { backoffMs, type Clock } from 'gb-utils';
import { ApiError } from './http.ts';
import type { Tuning, WebSocketLike } from './options.ts';
import type { Status } from './types.ts';

/**
 * One connection after another. A connection is up from `welcome` to its close; in between frames go both ways. It is
 * given up when nothing was heard for `silenceMs`, and replaced after a random delay that grows with each failure
 * (exponential backoff with full jitter), or as late as the server asked. Close codes 4400-4999 end it for good: a new
 * try would meet the same answer.
 */
export interface TransportOptions {
  readonly url: string;
  readonly openWebSocket: (url: string) => WebSocketLike;
  readonly tuning: Tuning;
  readonly clock: Clock;
  readonly random: () => number;
  /** The frame that opens a connection, made anew for each with the cursors of the moment. */
  readonly hello: () => Extract<ClientFrame, { type: 'hello' }>;
  readonly onUp: (welcome: Extract<ServerFrame, { type: 'welcome' }>) => void;
  /** Any frame but `welcome`, after it. */
  readonly onFrame: (frame: ServerFrame) => void;
  readonly onDown: () => void;
  readonly onStatus: (status: Status) => void;
  readonly onWarning: (message: string, cause?: unknown) => void;
}

type Timer = ReturnType<typeof setTimeout>;

export class Transport {
  readonly #options: TransportOptions;
  #socket: WebSocketLike | null = null;
  #isUp = false;
  #isWanted = false;
  #isOnline = true;
  #attempt = 0;
  #upSinceMs = 0;
  #heardAtMs = 0;
  /** The server asked not to be bothered before this long has passed. */
  #retryAfterMs = 0;
  #refusal: ErrorBody | null = null;
  #retryTimer: Timer | undefined;
  #helloTimer: Timer | undefined;
  #probeTimer: Timer | undefined;
  #drainTimer: Timer | undefined;
  #pulse: ReturnType<typeof setInterval> | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Connects, and keeps connecting until `stop`. */
  start(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#connect();
  }

  /** Ends it for good: on purpose, or because trying again would not help. */
  stop(phase: 'stopped' | 'closed', reason: ApiError | null): void {
    const wasWanted = this.#isWanted;
    this.#isWanted = false;
    this.#drop(1000, 'bye');
    clearTimeout(this.#retryTimer);
    if (wasWanted || phase === 'closed') this.#status(phase, null, reason);
  }

  /** Replaces the connection at once, say with another set of cursors. */
  restart(): void {
    if (!this.#isWanted) return;
    this.#drop(1000, 'restart');
    this.#connect();
  }

  /** False when there is no connection to send on; the frame is then gone. */
  send(frame: ClientFrame): boolean {
    if (!this.#isUp || !this.#socket) return false;
    return this.#write(this.#socket, frame);
  }

  setNetwork(isOnline: boolean): void {
    if (isOnline === this.#isOnline) {
      if (isOnline) this.probe();
      return;
    }
    this.#isOnline = isOnline;
    if (!this.#isWanted) return;
    if (!isOnline) {
      this.#drop(closeCodes.silent, 'network gone');
      clearTimeout(this.#retryTimer);
      this.#status('offline', null, null);
    } else {
      this.#attempt = 0;
      this.#scheduleRetry();
    }
  }

  /** After sleep, or when the person looks again: do not wait for the silence to be noticed. */
  probe(): void {
    if (!this.#isWanted || !this.#isOnline) return;
    if (!this.#socket) {
      this.#attempt = Math.min(this.#attempt, 1);
      this.#scheduleRetry();
      return;
    }
    if (!this.#isUp || this.#probeTimer) return;
    this.send({ type: 'ping' });
    const heardAtMs = this.#heardAtMs;
    this.#probeTimer = setTimeout(() => {
      this.#probeTimer = undefined;
      if (this.#heardAtMs === heardAtMs && this.#isUp) this.#lost('no answer to a ping');
    }, this.#options.tuning.probeMs);
  }

  #connect(): void {
    clearTimeout(this.#retryTimer);
    if (!this.#isWanted || !this.#isOnline || this.#socket) return;
    this.#status('connecting', null, null);
    let socket: WebSocketLike;
    try {
      socket = this.#options.openWebSocket(this.#options.url);
    } catch (cause) {
      this.#options.onWarning('the socket could not be made', cause);
      this.#failed(null);
      return;
    }
    this.#socket = socket;
    this.#refusal = null;
    this.#helloTimer = setTimeout(() => {
      if (this.#socket === socket) this.#lost('no welcome');
    }, this.#options.tuning.helloMs);
    socket.addEventListener('open', () => {
      if (this.#socket === socket) this.#write(socket, this.#options.hello());
    });
    socket.addEventListener('message', (event) => {
      if (this.#socket === socket) this.#hear(event.data);
    });
    // What went wrong shows in the close that follows, as far as a browser tells at all.
    socket.addEventListener('error', () => {});
    socket.addEventListener('close', (event) => {
      if (this.#socket === socket) this.#closed(event.code, event.reason);
    });
  }

  #write(socket: WebSocketLike, frame: ClientFrame): boolean {
    try {
      socket.send(JSON.stringify(frame));
      return true;
    } catch {
      // Between the socket's end and the news of it. The close event follows and everything unacked is sent again.
      return false;
    }
  }

  #hear(data: unknown): void {
    this.#heardAtMs = performance.now();
    const frame = parseFrame(data);
    if (!frame) {
      this.#options.onWarning('a frame that is not JSON with a type was ignored');
      return;
    }
    if (frame.type === 'welcome') {
      if (this.#isUp) return;
      this.#up(frame);
      return;
    }
    // Only an error with nothing after it can be why the server closes.
    this.#refusal = frame.type === 'error' && frame.id === undefined ? frame : null;
    if (frame.type === 'drain') this.#drain(frame.reconnectAfterMs);
    if (this.#isUp) this.#options.onFrame(frame);
  }

  #up(welcome: Extract<ServerFrame, { type: 'welcome' }>): void {
    clearTimeout(this.#helloTimer);
    this.#isUp = true;
    this.#upSinceMs = performance.now();
    this.#retryAfterMs = 0;
    const { silenceMs, pingMs } = this.#options.tuning;
    this.#pulse = setInterval(
      () => {
        // performance.now() does not jump with the wall clock. A machine that slept finds a long silence here and
        // connects anew, which is right: the server gave up on it meanwhile.
        if (performance.now() - this.#heardAtMs > silenceMs) this.#lost('silence');
        else this.send({ type: 'ping' });
      },
      Math.min(pingMs, silenceMs / 3),
    );
    this.#status('live', null, null);
    this.#options.onUp(welcome);
  }

  #drain(reconnectAfterMs: number): void {
    this.#retryAfterMs = reconnectAfterMs;
    clearTimeout(this.#drainTimer);
    // Until it closes, the connection is as good as ever. One that outstays its time is left.
    this.#drainTimer = setTimeout(() => {
      this.#retryAfterMs = 0;
      this.restart();
    }, reconnectAfterMs);
  }

  #lost(why: string): void {
    this.#drop(closeCodes.silent, why);
    this.#failed(null);
  }

  #closed(code: number, reason: string): void {
    const refusal = this.#refusal;
    this.#drop(null, '');
    if (!mayReconnect(code)) {
      this.stop('stopped', refused(code, reason, refusal));
      return;
    }
    this.#failed(refusal);
  }

  #failed(refusal: ErrorBody | null): void {
    if (this.#upSinceMs > 0 && performance.now() - this.#upSinceMs >= this.#options.tuning.stableMs) this.#attempt = 0;
    this.#upSinceMs = 0;
    this.#scheduleRetry(refusal);
    this.#attempt += 1;
  }

  #scheduleRetry(refusal: ErrorBody | null = null): void {
    clearTimeout(this.#retryTimer);
    if (!this.#isWanted || !this.#isOnline) return;
    const { backoffBaseMs, backoffMaxMs } = this.#options.tuning;
    const delayMs =
      Math.max(this.#retryAfterMs, refusal?.retryAfterMs ?? 0) +
      backoffMs(this.#attempt, { baseMs: backoffBaseMs, maxMs: backoffMaxMs, random: this.#options.random });
    this.#retryAfterMs = 0;
    this.#status('waiting', this.#options.clock.nowMs() + delayMs, refusal && errorOf(refusal));
    this.#retryTimer = setTimeout(() => this.#connect(), delayMs);
  }

  /** Forgets the socket, closing it when `code` is given. */
  #drop(code: number | null, reason: string): void {
    clearTimeout(this.#helloTimer);
    clearTimeout(this.#probeTimer);
    clearTimeout(this.#drainTimer);
    clearInterval(this.#pulse);
    this.#probeTimer = undefined;
    const socket = this.#socket;
    this.#socket = null;
    const wasUp = this.#isUp;
    this.#isUp = false;
    if (socket && code !== null) {
      try {
        socket.close(code, reason);
      } catch (cause) {
        this.#options.onWarning('the socket could not be closed', cause);
      }
    }
    if (wasUp) this.#options.onDown();
  }

  #status(phase: Status['phase'], retryAtMs: number | null, reason: ApiError | null): void {
    this.#options.onStatus({ phase, retryAtMs, attempt: this.#attempt, reason });
  }
}

function parseFrame(data: unknown): ServerFrame | null {
  if (typeof data !== 'string') return null;
  try {
    const frame = JSON.parse(data) as { readonly type?: unknown } | null;
    return typeof frame?.type === 'string' ? (frame as ServerFrame) : null;
  } catch {
    return null; // the caller warns
  }
}

export function errorOf(body: ErrorBody): ApiError {
  return new ApiError(body.code, body.message, {
    retryable: body.retryable,
    ...(body.retryAfterMs === undefined ? {} : { retryAfterMs: body.retryAfterMs }),
  });
}

function refused(code: number, reason: string, refusal: ErrorBody | null): ApiError {
  if (refusal) return errorOf(refusal);
  const text = reason || `the server closed the connection with ${code}`;
  if (code === closeCodes.unauthenticated) return new ApiError('unauthenticated', text);
  if (code === closeCodes.forbidden) return new ApiError('forbidden', text);
  if (code === closeCodes.versionUnsupported) {
    return new ApiError('version_unsupported', `${text} (this client speaks version ${protocolVersion})`);
  }
  if (code === closeCodes.tooLarge) return new ApiError('too_large', text);
  return new ApiError('malformed', text);
}
