import type { ChannelId, LogEvent, LogPage, Seq } from 'gb-protocol';
import { backoffMs } from 'gb-utils';
import { ApiError } from './http.ts';
import type { Tuning } from './options.ts';

/**
 * Follows one log without losing, doubling or reordering an entry.
 *
 * The cursor is the seq up to which everything was applied, and only ever moves by one. An entry beyond cursor + 1 waits
 * in a buffer; if what is missing has not come after `gapMs` it is read from the log, which has no time window. Heads
 * told by heartbeats, acks and `subscribed` frames work like an entry that has not come: being below one is a gap.
 *
 * Another epoch means another log under the same name: seq 4 of it is another entry than seq 4 before. Then nothing of
 * the old one is worth keeping and the channel starts over from its present state.
 */
export interface LogSource {
  fetch(epoch: number, after: Seq, limit: number): Promise<LogPage<LogEvent>>;
  /** Entries in order, each once. `asOf`: the position at which the messages in them were read; they contain later edits up to there. */
  apply(events: readonly LogEvent[], asOf: Seq | null): void;
  /** Loads the channel's present state; gives where the log stands in it, or null when there is no such log for us. */
  restart(): Promise<{ readonly epoch: number; readonly seq: Seq } | null>;
  /** The log follows from the position `restart` gave; what is read from now on belongs to it. */
  restarted(): void;
  /** The log is not ours to read any more. */
  lost(error: ApiError): void;
  /** Whether trying again makes sense now; when not, the next connection starts the repair. */
  isLive(): boolean;
  warn(message: string, cause?: unknown): void;
}

export class ChannelLog {
  readonly channelId: ChannelId;
  readonly #source: LogSource;
  readonly #tuning: Tuning;
  readonly #random: () => number;
  #epoch: number;
  #cursor: Seq;
  /** The highest seq known to exist. */
  #head: Seq;
  readonly #buffer = new Map<Seq, LogEvent>();
  #gapTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #isRepairing = false;
  #mustRestart = false;
  #isRestarting = false;
  #acceptsOlder = false;
  #newestEpoch: number;
  #isResting = false;
  #isClosed = false;

  constructor(
    position: { channelId: ChannelId; epoch: number; seq: Seq },
    source: LogSource,
    tuning: Tuning,
    random: () => number,
  ) {
    this.channelId = position.channelId;
    this.#epoch = position.epoch;
    this.#newestEpoch = position.epoch;
    this.#cursor = position.seq;
    this.#head = position.seq;
    this.#source = source;
    this.#tuning = tuning;
    this.#random = random;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Everything up to here was applied. */
  get cursor(): Seq {
    return this.#cursor;
  }

  get head(): Seq {
    return this.#head;
  }

  get isResting(): boolean {
    return this.#isResting;
  }

  /** A live entry. */
  offer(event: LogEvent): void {
    if (this.#isClosed) return;
    // A lower epoch is an echo of the log before: it was on its way while we started over.
    if (event.epoch < this.#epoch) return;
    if (event.epoch > this.#epoch) {
      this.#onNewerEpoch(event.epoch);
      this.#keep(event);
      return;
    }
    if (event.seq <= this.#cursor) return;
    this.#head = Math.max(this.#head, event.seq);
    if (this.#mustRestart || this.#isRestarting) {
      this.#keep(event);
      return;
    }
    if (event.seq === this.#cursor + 1) {
      this.#apply([event], null);
      this.#drain();
    } else if (!this.#isResting) {
      this.#keep(event);
    }
    this.#expect();
  }

  /** The log has entries up to `head`; those on their way get `gapMs` to arrive. */
  noteHead(epoch: number, head: Seq): void {
    if (this.#isClosed) return;
    if (epoch > this.#epoch) this.#onNewerEpoch(epoch);
    if (epoch !== this.#epoch) return;
    this.#head = Math.max(this.#head, head);
    this.#expect();
  }

  /** Nobody looks, and the server tells the head alone: what is missing is not fetched before somebody wakes it. */
  rest(epoch: number, head: Seq): void {
    if (this.#isClosed) return;
    this.noteHead(epoch, head);
    if (epoch !== this.#epoch) return;
    this.#isResting = true;
    clearTimeout(this.#gapTimer);
    clearTimeout(this.#retryTimer);
    this.#gapTimer = undefined;
    this.#retryTimer = undefined;
    this.#buffer.clear();
  }

  /** Somebody looks: what was left out is read, or when it is much the channel is loaded as it is now. */
  wake(): void {
    if (!this.#isResting || this.#isClosed) return;
    this.#isResting = false;
    if (this.#head - this.#cursor > this.#tuning.logPageSize) this.#restart();
    else if (this.#cursor < this.#head) void this.#repair();
  }

  /** As `noteHead`, told by an answer to our own question: what is missing will not come by itself. */
  catchUp(epoch: number, head: Seq): void {
    if (this.#isClosed) return;
    if (epoch !== this.#epoch) {
      this.#newestEpoch = epoch;
      this.#restart();
      return;
    }
    // A head below the cursor only means that live entries came before this answer.
    this.#head = Math.max(this.#head, head);
    this.wake();
    if (this.#mustRestart || this.#cursor < this.#head) void this.#repair();
  }

  /** The server does not know our place in the log: any place it gives is right, also one we are past. */
  restart(): void {
    if (this.#isClosed) return;
    this.#acceptsOlder = true;
    this.#restart();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#gapTimer);
    clearTimeout(this.#retryTimer);
    this.#buffer.clear();
  }

  #expect(): void {
    if (this.#cursor >= this.#head || this.#isRepairing || this.#isResting) return;
    if (this.#gapTimer !== undefined || this.#retryTimer !== undefined) return;
    this.#gapTimer = setTimeout(() => {
      this.#gapTimer = undefined;
      if (this.#cursor < this.#head) void this.#repair();
    }, this.#tuning.gapMs);
  }

  #restart(): void {
    this.#mustRestart = true;
    void this.#repair();
  }

  #onNewerEpoch(epoch: number): void {
    if (epoch <= this.#newestEpoch) return;
    this.#newestEpoch = epoch;
    this.#restart();
  }

  /** Full: the entry is dropped and, being below the head, read from the log later. */
  #keep(event: LogEvent): void {
    const known = this.#buffer.get(event.seq);
    if (known ? event.epoch > known.epoch : this.#buffer.size < this.#tuning.reorderBufferMax) this.#buffer.set(event.seq, event);
  }

  #apply(events: readonly LogEvent[], asOf: Seq | null): void {
    const last = events.at(-1);
    if (!last) return;
    // First, so that whoever is told of the entries sees the log past them and an error in them cannot repeat them.
    this.#cursor = last.seq;
    this.#head = Math.max(this.#head, last.seq);
    this.#source.apply(events, asOf);
  }

  #drain(): void {
    const ready: LogEvent[] = [];
    for (let seq = this.#cursor + 1; ; seq++) {
      const event = this.#buffer.get(seq);
      if (!event) break;
      this.#buffer.delete(seq);
      ready.push(event);
    }
    this.#apply(ready, null);
  }

  /** One at a time; ends when nothing is missing, or leaves a timer that comes back. */
  async #repair(): Promise<void> {
    if (this.#isRepairing || this.#isClosed) return;
    this.#isRepairing = true;
    clearTimeout(this.#gapTimer);
    clearTimeout(this.#retryTimer);
    this.#gapTimer = undefined;
    this.#retryTimer = undefined;
    try {
      while (!this.#isClosed && (this.#mustRestart || (this.#cursor < this.#head && !this.#isResting))) {
        if (this.#mustRestart || this.#head - this.#cursor > this.#tuning.skipAheadEntries) await this.#startOver();
        else await this.#readPage();
      }
      this.#failures = 0;
    } catch (cause) {
      this.#onFailure(cause);
    } finally {
      this.#isRepairing = false;
    }
  }

  /** Nothing is applied meanwhile: the state that comes back has its own place in the log. */
  async #startOver(): Promise<void> {
    this.#isRestarting = true;
    try {
      const position = await this.#source.restart();
      if (this.#isClosed) return;
      if (!position) {
        this.close();
        return;
      }
      const isOlder = position.epoch < this.#newestEpoch || (position.epoch === this.#epoch && position.seq < this.#cursor);
      if (isOlder && !this.#acceptsOlder) {
        throw new ApiError('unavailable', 'the state we were given is older than what we have seen', { retryable: true });
      }
      this.#mustRestart = false;
      this.#acceptsOlder = false;
      if (isOlder || position.epoch !== this.#epoch) this.#head = position.seq;
      this.#epoch = position.epoch;
      this.#newestEpoch = position.epoch;
      this.#cursor = position.seq;
      this.#head = Math.max(this.#head, position.seq);
    } finally {
      this.#isRestarting = false;
    }
    for (const [seq, event] of this.#buffer) {
      if (event.epoch !== this.#epoch || seq <= this.#cursor) this.#buffer.delete(seq);
      else this.#head = Math.max(this.#head, seq);
    }
    this.#source.restarted();
    this.#drain();
  }

  async #readPage(): Promise<void> {
    const epoch = this.#epoch;
    const after = this.#cursor;
    const page = await this.#source.fetch(epoch, after, this.#tuning.logPageSize);
    if (this.#isClosed || epoch !== this.#epoch || this.#mustRestart) return;
    if (page.kind === 'restart' || page.epoch !== epoch) {
      this.#mustRestart = true;
      return;
    }
    // Live entries may have moved the cursor while the page was on its way.
    const fresh: LogEvent[] = [];
    let next = this.#cursor + 1;
    for (const event of page.events) {
      if (event.seq < next) continue;
      if (event.seq > next) break; // a page with a hole: what follows it is not ours to apply yet
      fresh.push(event);
      next += 1;
    }
    for (const event of fresh) this.#buffer.delete(event.seq);
    this.#apply(fresh, page.head);
    this.#head = Math.max(this.#head, page.head);
    this.#drain();
    if (this.#cursor === after) {
      if (page.head < this.#head)
        throw new ApiError('unavailable', 'the log has not reached the head we were told', { retryable: true });
      throw new ApiError('internal', 'the log left out an entry', { retryable: true });
    }
    this.#failures = 0;
  }

  #onFailure(cause: unknown): void {
    if (this.#isClosed) return;
    const error = cause instanceof ApiError ? cause : new ApiError('internal', 'repairing a log failed', { cause });
    if (error.code === 'not_found' || error.code === 'forbidden') {
      this.close();
      this.#source.lost(error);
      return;
    }
    if (error.code === 'invalid_cursor') this.#mustRestart = this.#acceptsOlder = true;
    else if (!error.retryable) this.#source.warn(`log ${this.channelId} cannot be read`, error);
    if (!this.#source.isLive() || error.code === 'unauthenticated') return;
    const delayMs = Math.max(
      error.retryAfterMs ?? 0,
      this.#tuning.gapMs + backoffMs(this.#failures++, { baseMs: 250, maxMs: this.#tuning.backoffMaxMs, random: this.#random }),
    );
    this.#retryTimer = setTimeout(() => void this.#repair(), delayMs);
  }
}
