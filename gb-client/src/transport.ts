import { type ClientFrame, closeCodes, type ErrorBody, mayReconnect, protocolVersion, type ServerFrame } from 'gb-protocol';
import { backoffMs, type Clock } from 'gb-utils';
import { ApiError } from './http.ts';
import { Link, type Welcome } from './link.ts';
import type { Tuning, WebSocketLike } from './options.ts';
import type { Status } from './types.ts';

/**
 * One connection after another. A connection is up from `welcome` to its close; in between frames go both ways. It is
 * given up when nothing was heard for `silenceMs`, and replaced after a random delay that grows with each failure
 * (exponential backoff with full jitter), or as late as the server asked. Close codes 4400-4999 end it for good: a new
 * try would meet the same answer.
 *
 * A server that drains is left before it closes: at the time it gave, another connection is opened beside the first, and
 * takes its place when it has been told where the logs stand. What the first was asked it may still answer; nobody
 * notices. While the other cannot be had, the first goes on for as long as it lives.
 */
export interface TransportOptions {
  readonly url: string;
  readonly openWebSocket: (url: string) => WebSocketLike;
  readonly tuning: Tuning;
  readonly clock: Clock;
  readonly random: () => number;
  /** The frame that opens a connection, made anew for each with the cursors of the moment. */
  readonly hello: () => Extract<ClientFrame, { type: 'hello' }>;
  readonly onUp: (welcome: Welcome) => void;
  /** Frames go over another connection from now on; `leave` closes the one before, which may still bring answers. */
  readonly onMoved: (welcome: Welcome, leave: () => void) => void;
  /** The one before has gone: what it was asked and has not answered it never will. */
  readonly onLeft: () => void;
  /** Any frame but `welcome`, after it. */
  readonly onFrame: (frame: ServerFrame) => void;
  readonly onDown: () => void;
  readonly onStatus: (status: Status) => void;
  readonly onWarning: (message: string, cause?: unknown) => void;
}

type Timer = ReturnType<typeof setTimeout>;

/** Another connection beside the one that is up, and how often in a row it could not be had. */
interface Move {
  link: Link | null;
  welcome: Welcome | null;
  failures: number;
  timer: Timer | undefined;
  /** When the server wanted to be left, by the monotonic clock. */
  readonly dueAtMs: number;
}

export class Transport {
  readonly #options: TransportOptions;
  #link: Link | null = null;
  #move: Move | null = null;
  #leaving: { readonly link: Link; readonly timer: Timer } | null = null;
  #isWanted = false;
  #isOnline = true;
  /** `onUp` was told, and `onDown` not yet. */
  #isAnnounced = false;
  #attempt = 0;
  #upSinceMs = 0;
  #retryTimer: Timer | undefined;
  #probeTimer: Timer | undefined;
  #pulse: ReturnType<typeof setInterval> | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#link?.isUp ?? false;
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
    return this.#link?.send(frame) ?? false;
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
    const link = this.#link;
    if (!link) {
      this.#attempt = Math.min(this.#attempt, 1);
      this.#scheduleRetry();
      return;
    }
    if (!link.isUp || this.#probeTimer) return;
    this.send({ type: 'ping' });
    const { heardAtMs } = link;
    this.#probeTimer = setTimeout(() => {
      this.#probeTimer = undefined;
      if (this.#link === link && link.isUp && link.heardAtMs === heardAtMs) this.#lost('no answer to a ping');
    }, this.#options.tuning.probeMs);
  }

  // The connection

  #connect(): void {
    clearTimeout(this.#retryTimer);
    if (!this.#isWanted || !this.#isOnline || this.#link) return;
    this.#status('connecting', null, null);
    try {
      this.#link = this.#open();
    } catch (cause) {
      this.#options.onWarning('the socket could not be made', cause);
      this.#failed(null);
    }
  }

  #open(): Link {
    const { url, openWebSocket, hello, tuning, onWarning } = this.#options;
    const link: Link = new Link({
      url,
      openWebSocket,
      hello,
      helloMs: tuning.helloMs,
      onWelcome: (welcome) => this.#onWelcome(link, welcome),
      onFrame: (frame) => this.#onFrame(link, frame),
      onGone: (code, reason, refusal) => this.#onGone(link, code, reason, refusal),
      onWarning,
    });
    return link;
  }

  #onWelcome(link: Link, welcome: Welcome): void {
    if (link === this.#link) this.#up(welcome);
    else if (this.#move?.link === link) {
      this.#move.welcome = welcome;
      // With nothing to follow there is no more to wait for.
      if (!link.follows) this.#takeOver(this.#move);
    }
  }

  #onFrame(link: Link, frame: ServerFrame): void {
    const { onFrame } = this.#options;
    if (link === this.#link) {
      if (frame.type === 'drain') this.#drain(frame.reconnectAfterMs);
      if (link.isUp) onFrame(frame);
    } else if (link === this.#leaving?.link) onFrame(frame);
    else if (link === this.#move?.link && link.isUp) {
      // It may bring events already, which is all the same: they are put in order by their numbers.
      onFrame(frame);
      if (frame.type === 'subscribed' && this.#move?.link === link) this.#takeOver(this.#move);
    }
  }

  #onGone(link: Link, code: number, reason: string, refusal: ErrorBody | null): void {
    if (link === this.#link) this.#closed(code, reason, refusal);
    else if (link === this.#leaving?.link) this.#left();
    else if (link === this.#move?.link) this.#moveFailed(code, reason, refusal);
  }

  #up(welcome: Welcome): void {
    this.#isAnnounced = true;
    this.#upSinceMs = performance.now();
    this.#watch();
    this.#status('live', null, null);
    this.#options.onUp(welcome);
  }

  /** Looks whether the other side is still there, for as long as there is a connection. */
  #watch(): void {
    clearInterval(this.#pulse);
    const { silenceMs, pingMs } = this.#options.tuning;
    this.#pulse = setInterval(
      () => {
        // performance.now() does not jump with the wall clock. A machine that slept finds a long silence here and
        // connects anew, which is right: the server gave up on it meanwhile.
        if (this.#link && performance.now() - this.#link.heardAtMs > silenceMs) this.#lost('silence');
        else this.send({ type: 'ping' });
      },
      Math.min(pingMs, silenceMs / 3),
    );
  }

  #lost(why: string): void {
    this.#link?.close(closeCodes.silent, why);
    this.#closed(closeCodes.silent, why, null);
  }

  #closed(code: number, reason: string, refusal: ErrorBody | null): void {
    const move = this.#move;
    // Somebody is on the way already: the one to wait for.
    if (move?.link && mayReconnect(code)) {
      const { link } = move;
      move.link = null;
      this.#drop(null, '');
      this.#link = link;
      this.#status('connecting', null, null);
      if (move.welcome) this.#up(move.welcome);
      return;
    }
    this.#drop(null, '');
    if (!mayReconnect(code)) this.stop('stopped', refused(code, reason, refusal));
    else this.#failed(refusal, move ? Math.max(0, move.dueAtMs - performance.now()) : 0);
  }

  #failed(refusal: ErrorBody | null, waitMs = 0): void {
    if (this.#upSinceMs > 0 && performance.now() - this.#upSinceMs >= this.#options.tuning.stableMs) this.#attempt = 0;
    this.#upSinceMs = 0;
    this.#scheduleRetry(refusal, waitMs);
    this.#attempt += 1;
  }

  #scheduleRetry(refusal: ErrorBody | null = null, waitMs = 0): void {
    clearTimeout(this.#retryTimer);
    if (!this.#isWanted || !this.#isOnline) return;
    const delayMs = Math.max(waitMs, refusal?.retryAfterMs ?? 0) + this.#backoffMs(this.#attempt);
    this.#status('waiting', this.#options.clock.nowMs() + delayMs, refusal && errorOf(refusal));
    this.#retryTimer = setTimeout(() => this.#connect(), delayMs);
  }

  #backoffMs(attempt: number): number {
    const { backoffBaseMs, backoffMaxMs } = this.#options.tuning;
    return backoffMs(attempt, { baseMs: backoffBaseMs, maxMs: backoffMaxMs, random: this.#options.random });
  }

  // Going over to another server

  #drain(reconnectAfterMs: number): void {
    this.#forgetMove();
    const move: Move = {
      link: null,
      welcome: null,
      failures: 0,
      timer: undefined,
      dueAtMs: performance.now() + reconnectAfterMs,
    };
    this.#move = move;
    move.timer = setTimeout(() => this.#tryMove(move), reconnectAfterMs);
  }

  #tryMove(move: Move): void {
    if (this.#move !== move || !this.#isOnline || !this.isUp) return;
    try {
      move.link = this.#open();
    } catch (cause) {
      this.#options.onWarning('the socket could not be made', cause);
      this.#moveFailed(closeCodes.internal, 'no socket', null);
    }
  }

  #moveFailed(code: number, reason: string, refusal: ErrorBody | null): void {
    const move = this.#move!;
    move.link = null;
    move.welcome = null;
    if (!mayReconnect(code)) {
      this.stop('stopped', refused(code, reason, refusal));
      return;
    }
    const delayMs = (refusal?.retryAfterMs ?? 0) + this.#backoffMs(move.failures++);
    move.timer = setTimeout(() => this.#tryMove(move), delayMs);
  }

  #takeOver(move: Move): void {
    const { link, welcome } = move;
    const before = this.#link;
    if (!link || !welcome || !before) return;
    this.#left();
    this.#move = null;
    this.#link = link;
    this.#upSinceMs = performance.now();
    clearTimeout(this.#probeTimer);
    this.#probeTimer = undefined;
    this.#watch();
    // One that never answers is not waited for: what it was asked is asked again.
    const timer = setTimeout(() => this.#leave(before), this.#options.tuning.ackMs);
    this.#leaving = { link: before, timer };
    this.#options.onMoved(welcome, () => this.#leave(before));
  }

  #leave(link: Link): void {
    if (this.#leaving?.link !== link) return;
    link.close(1000, 'moved');
    this.#left();
  }

  #left(): void {
    if (!this.#leaving) return;
    clearTimeout(this.#leaving.timer);
    this.#leaving.link.close(1000, 'moved');
    this.#leaving = null;
    this.#options.onLeft();
  }

  #forgetMove(): void {
    const move = this.#move;
    this.#move = null;
    clearTimeout(move?.timer);
    move?.link?.close(1000, 'not needed');
  }

  /** Forgets the connection and what there is beside it, closing them when `code` is given. */
  #drop(code: number | null, reason: string): void {
    clearTimeout(this.#probeTimer);
    clearInterval(this.#pulse);
    this.#probeTimer = undefined;
    this.#forgetMove();
    const link = this.#link;
    this.#link = null;
    if (code !== null) link?.close(code, reason);
    this.#left();
    if (!this.#isAnnounced) return;
    this.#isAnnounced = false;
    this.#options.onDown();
  }

  #status(phase: Status['phase'], retryAtMs: number | null, reason: ApiError | null): void {
    this.#options.onStatus({ phase, retryAtMs, attempt: this.#attempt, reason });
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
