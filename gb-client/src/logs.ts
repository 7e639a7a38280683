import type { ChannelId, Cursor, ErrorCode, LogEvent, LogPage, LogPosition, Refused, Seq, Subscribed } from 'gb-protocol';
import { errorCodes, limits } from 'gb-protocol';
import { backoffMs } from 'gb-utils';
import { ChannelLog } from './channel-log.ts';
import type { FetchQueue } from './fetch-queue.ts';
import type { ApiError } from './http.ts';
import type { Tuning } from './options.ts';

export interface LogsOptions {
  readonly tuning: Tuning;
  readonly random: () => number;
  readonly queue: FetchQueue;
  readonly isLive: () => boolean;
  /** What the person looks at catches up first. */
  readonly isUrgent: (channelId: ChannelId) => boolean;
  readonly fetchLog: (channelId: ChannelId, epoch: number, after: Seq, limit: number) => Promise<LogPage<LogEvent>>;
  readonly apply: (events: readonly LogEvent[], asOf: Seq | null) => void;
  /** Puts the channel's present state in place of what is known; null: it is not ours any more. */
  readonly restart: (channelId: ChannelId) => Promise<{ readonly epoch: number; readonly seq: Seq } | null>;
  readonly restarted: (channelId: ChannelId) => void;
  readonly lost: (channelId: ChannelId) => void;
  readonly subscribe: (cursors: readonly Cursor[]) => void;
  readonly unsubscribe: (channelIds: readonly ChannelId[]) => void;
  readonly warn: (message: string, cause?: unknown) => void;
}

/** A frame holds at most 64 kB; a cursor takes about 90 bytes of it. */
const cursorsPerFrame = 500;

/** All logs the client follows, and their subscriptions. */
export class Logs {
  readonly #options: LogsOptions;
  readonly #logs = new Map<ChannelId, ChannelLog>();
  /** Subscriptions refused for now, with the number of times. */
  readonly #refusals = new Map<ChannelId, { count: number; timer: ReturnType<typeof setTimeout> }>();

  constructor(options: LogsOptions) {
    this.#options = options;
  }

  get(channelId: ChannelId): ChannelLog | undefined {
    return this.#logs.get(channelId);
  }

  /** Follows a log from a position. Known already: stays where it is, unless the position is of another epoch. */
  follow(position: LogPosition): void {
    const { channelId } = position;
    const known = this.#logs.get(channelId);
    if (known?.epoch === position.epoch) {
      known.noteHead(position.epoch, position.seq);
      return;
    }
    known?.close();
    if (!known && this.#logs.size >= limits.subscriptionsMax) {
      this.#options.warn(`more than ${limits.subscriptionsMax} channels: ${channelId} is not followed`);
      return;
    }
    const { queue, isUrgent } = this.#options;
    const log = new ChannelLog(
      position,
      {
        fetch: (epoch, after, limit) =>
          queue.run(() => this.#options.fetchLog(channelId, epoch, after, limit), isUrgent(channelId)),
        apply: this.#options.apply,
        restart: () => queue.run(() => this.#options.restart(channelId), isUrgent(channelId)),
        restarted: () => this.#onRestarted(channelId),
        lost: () => this.#options.lost(channelId),
        isLive: this.#options.isLive,
        warn: this.#options.warn,
      },
      this.#options.tuning,
      this.#options.random,
    );
    this.#logs.set(channelId, log);
    if (this.#options.isLive()) this.#options.subscribe([{ channelId, epoch: log.epoch, seq: log.cursor }]);
  }

  unfollow(channelId: ChannelId): void {
    const log = this.#logs.get(channelId);
    if (!log) return;
    log.close();
    this.#logs.delete(channelId);
    this.#calm(channelId);
    if (this.#options.isLive()) this.#options.unsubscribe([channelId]);
  }

  /** Cursors for `hello`: as many as a frame holds. */
  cursors(): readonly Cursor[] {
    const first: Cursor[] = [];
    for (const log of this.#logs.values()) {
      if (first.length === cursorsPerFrame) break;
      first.push(cursorOf(log));
    }
    return first;
  }

  /** Cursors of the channels that `hello` left out, for `subscribe` frames after it. */
  cursorsBeside(told: ReadonlySet<ChannelId>): readonly (readonly Cursor[])[] {
    const left: Cursor[] = [];
    for (const log of this.#logs.values()) if (!told.has(log.channelId)) left.push(cursorOf(log));
    const frames: (readonly Cursor[])[] = [];
    for (let i = 0; i < left.length; i += cursorsPerFrame) frames.push(left.slice(i, i + cursorsPerFrame));
    return frames;
  }

  offer(event: LogEvent): void {
    this.#logs.get(event.channelId)?.offer(event);
  }

  onSubscribed(channels: readonly Subscribed[], refused: readonly Refused[]): void {
    this.catchUp(channels);
    for (const { channelId } of channels) this.#calm(channelId);
    for (const { channelId, code } of refused) this.onRefused(channelId, code);
  }

  catchUp(channels: readonly Subscribed[]): void {
    for (const { channelId, epoch, head } of channels) this.#logs.get(channelId)?.catchUp(epoch, head);
  }

  /** Of a busy channel that nobody looks at the head is told alone. */
  rest(channelId: ChannelId, epoch: number, head: Seq): void {
    this.#logs.get(channelId)?.rest(epoch, head);
  }

  wake(channelId: ChannelId): void {
    this.#logs.get(channelId)?.wake();
  }

  noteHeads(heads: Readonly<Record<string, readonly [epoch: number, head: Seq]>>): void {
    for (const [channelId, [epoch, head]] of Object.entries(heads)) this.#logs.get(channelId as ChannelId)?.noteHead(epoch, head);
  }

  /** A subscription was refused or ended. The channel's own state says whether it is still ours; then it is asked for again. */
  onRefused(channelId: ChannelId, code: ErrorCode): void {
    const log = this.#logs.get(channelId);
    if (!log) return;
    const count = (this.#refusals.get(channelId)?.count ?? 0) + 1;
    clearTimeout(this.#refusals.get(channelId)?.timer);
    const { random, tuning } = this.#options;
    const delayMs = backoffMs(count, { baseMs: tuning.gapMs, maxMs: tuning.backoffMaxMs, random });
    const timer = setTimeout(() => void this.#askAgain(log, code), delayMs);
    this.#refusals.set(channelId, { count, timer });
  }

  clear(): void {
    for (const log of this.#logs.values()) log.close();
    for (const { timer } of this.#refusals.values()) clearTimeout(timer);
    this.#logs.clear();
    this.#refusals.clear();
  }

  async #askAgain(log: ChannelLog, code: ErrorCode): Promise<void> {
    const { channelId } = log;
    // After a cut the next hello subscribes again.
    if (this.#logs.get(channelId) !== log || !this.#options.isLive()) return;
    if (code === 'invalid_cursor') {
      // The state brings a cursor the server knows; with it the subscription is asked for again.
      log.restart();
      return;
    }
    if (!(errorCodes[code]?.retryable ?? false)) {
      try {
        await this.#options.fetchLog(channelId, log.epoch, log.cursor, 1);
      } catch (cause) {
        const error = cause as Partial<ApiError>;
        if (error.code === 'not_found' || error.code === 'forbidden') {
          if (this.#logs.get(channelId) === log) this.#options.lost(channelId);
          return;
        }
        this.onRefused(channelId, code);
        return;
      }
    }
    if (this.#logs.get(channelId) !== log || !this.#options.isLive()) return;
    this.#options.subscribe([{ channelId, epoch: log.epoch, seq: log.cursor }]);
  }

  #onRestarted(channelId: ChannelId): void {
    this.#options.restarted(channelId);
    const log = this.#logs.get(channelId);
    if (!log || !this.#refusals.has(channelId) || !this.#options.isLive()) return;
    this.#options.subscribe([{ channelId, epoch: log.epoch, seq: log.cursor }]);
  }

  #calm(channelId: ChannelId): void {
    clearTimeout(this.#refusals.get(channelId)?.timer);
    this.#refusals.delete(channelId);
  }
}

function cursorOf(log: ChannelLog): Cursor {
  return { channelId: log.channelId, epoch: log.epoch, seq: log.cursor };
}
