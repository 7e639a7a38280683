import type { ConversationId, CustomerId } from 'gb-protocol';
import { backoffMs, sleep } from 'gb-utils';
import type { Context } from '../context.ts';
import type { DueTimer } from '../ports/index.ts';

/** Timers worked on at once; most of the time of an operation is waiting for the world. */
const runningMax = 128;
/** Of one customer, while there is room: whoever has much to do delays only themselves. */
const runningPerCustomerMax = 24;
/** How long a taken timer is ours without a word: after that its taker is believed dead. */
const holdMs = 15_000;
const keepEveryMs = 5_000;
/** When what failed is tried again. */
const retryMs = 1_000;
/** How soon what other processes stored is noticed; what this one stored is announced. */
const pollMs = 1_000;

export interface AlarmClockHandlers {
  conversation(customerId: CustomerId, id: ConversationId): Promise<void>;
  schedule(customerId: CustomerId, id: string): Promise<void>;
}

/**
 * Takes what is due and has it done. Several processes may do so: each timer is taken by one of them, for a time that
 * goes on while it works. One that fails stays due.
 */
export class AlarmClock {
  readonly #ctx: Context;
  readonly handlers: AlarmClockHandlers;
  readonly #running = new Map<string, Running>();
  readonly #runningOf = new Map<CustomerId, number>();
  readonly #closing = new AbortController();
  #loop: Promise<void> | null = null;
  #keeping: NodeJS.Timeout | null = null;
  #wake: () => void = () => {};
  #nextAt = Number.POSITIVE_INFINITY;

  constructor(ctx: Context, handlers: AlarmClockHandlers) {
    this.#ctx = ctx;
    this.handlers = handlers;
  }

  start(): void {
    this.#loop ??= this.#run();
    this.#keeping ??= setInterval(() => void this.#keep(), keepEveryMs);
  }

  /** Something of this process is due at a time. */
  ring(atMs: number): void {
    this.#nextAt = Math.min(this.#nextAt, atMs);
    this.#wake();
  }

  /** What has begun is waited for; what it leaves undone stays due. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await this.#loop;
    if (this.#keeping) clearInterval(this.#keeping);
    await Promise.race([Promise.all([...this.#running.values()].map(({ done }) => done)), sleep(2_000)]);
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#closing.signal.aborted) {
      try {
        const nowMs = this.#ctx.clock.nowMs();
        if (this.#nextAt <= nowMs) this.#nextAt = Number.POSITIVE_INFINITY;
        const { limit, busy } = this.#share();
        const taken = limit > 0 ? await this.#ctx.store.timers.take({ nowMs, untilMs: nowMs + holdMs, limit, busy }) : [];
        for (const timer of taken) this.#begin(timer);
        failures = 0;
        if (taken.length === 0 || this.#running.size >= runningMax) await this.#rest();
      } catch (error) {
        failures += 1;
        if (failures === 1) this.#ctx.log.warn({ err: error }, 'The alarm clock does not answer; trying again');
        await sleep(backoffMs(failures, { baseMs: 100, maxMs: pollMs }), this.#closing.signal);
      }
    }
  }

  /**
   * How many may be taken now, and whose not. The fewer places are left, the fewer one customer may have: also several with
   * very much to do leave room for the next one. However many are taken, none of them can bring a customer above its share.
   */
  #share(): { readonly limit: number; readonly busy: readonly CustomerId[] } {
    const room = runningMax - this.#running.size;
    const share = Math.max(1, Math.min(runningPerCustomerMax, room >> 1));
    const counts = [...this.#runningOf];
    const most = counts.reduce((max, [, count]) => (count < share ? Math.max(max, count) : max), 0);
    const busy = counts.filter(([, count]) => count >= share).map(([customerId]) => customerId);
    return { limit: Math.min(room, share - most), busy };
  }

  #begin(timer: DueTimer): void {
    const key = `${timer.customerId}/${timer.id}`;
    const running = this.#running.get(key);
    if (running) {
      // What is being done stored its next step, and comes back before it has quite ended.
      running.timer = timer;
      running.isDueAgain = true;
      return;
    }
    this.#runningOf.set(timer.customerId, (this.#runningOf.get(timer.customerId) ?? 0) + 1);
    const work =
      timer.kind === 'schedule'
        ? this.handlers.schedule(timer.customerId, timer.id)
        : this.handlers.conversation(timer.customerId, timer.id as ConversationId);
    const done = work
      .catch(async (error: unknown) => {
        const { customerId, kind, id } = timer;
        this.#ctx.log.warn({ err: error, customerId, kind, id }, 'What was due could not be done; it stays due');
        const failed = this.#running.get(key)!;
        if (!failed.isDueAgain) await this.#holdUntil([failed], this.#ctx.clock.nowMs() + retryMs);
      })
      .then(() => {
        const { timer: latest, isDueAgain } = this.#running.get(key)!;
        this.#running.delete(key);
        const left = (this.#runningOf.get(timer.customerId) ?? 1) - 1;
        if (left === 0) this.#runningOf.delete(timer.customerId);
        else this.#runningOf.set(timer.customerId, left);
        if (isDueAgain && !this.#closing.signal.aborted) this.#begin(latest);
        // There is room again, also when we are just looking and found none.
        this.ring(this.#ctx.clock.nowMs());
      });
    this.#running.set(key, { timer, done, isDueAgain: false });
  }

  async #keep(): Promise<void> {
    const running = [...this.#running.values()];
    if (running.length > 0) await this.#holdUntil(running, this.#ctx.clock.nowMs() + holdMs);
  }

  async #holdUntil(running: readonly Running[], untilMs: number): Promise<void> {
    try {
      const timers = running.map(({ timer }) => timer);
      await this.#ctx.store.timers.keep(timers, untilMs);
      for (const [index, one] of running.entries())
        if (one.timer === timers[index]) one.timer = { ...one.timer, heldUntilMs: untilMs };
    } catch (error) {
      this.#ctx.log.warn({ err: error }, 'What is being done could not be held; another process may do it again');
    }
  }

  #rest(): Promise<void> {
    const waitMs = Math.min(pollMs, this.#nextAt - this.#ctx.clock.nowMs());
    if (waitMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake(), waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => {};
        resolve();
      };
    });
  }
}

interface Running {
  /** As it is held now. */
  timer: DueTimer;
  readonly done: Promise<void>;
  /** Taken again while it ran. */
  isDueAgain: boolean;
}
