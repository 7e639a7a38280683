import { fail } from 'gb-core';
import type { RateLimit } from 'gb-utils';

/** Greetings that wait for their turn: what comes after these waits at the client, where it costs us nothing. */
const waitingMax = 1_000;
/** Greetings that are looked at side by side: each asks the database who it is and what it may follow. */
const atOnceMax = 32;
/** Nobody is sent away for longer than this: when it is over there may be room, or another server. */
const retryAfterMsMax = 60_000;

export interface AdmissionOptions {
  readonly rate: RateLimit;
  readonly nowMs?: () => number;
}

interface Waiting {
  readonly isStillHere: () => boolean;
  readonly admit: (leave: () => void) => void;
  readonly giveUp: () => void;
}

/**
 * Lets in so many a second and no more, in the order they came, so that a storm of clients that come back does not take
 * the process from those who are in. Up to a thousand wait in line; whoever comes beyond that is told when to come again.
 * Those times follow each other at the same rate: however many are sent away, they come back one by one.
 */
export class Admission {
  readonly #intervalMs: number;
  readonly #burstMs: number;
  readonly #nowMs: () => number;
  readonly #line: Waiting[] = [];
  /** When the next may come in, if a burst had not been allowed for. */
  #nextMs = Number.NEGATIVE_INFINITY;
  /** Up to here the times to come again are given away. */
  #bookedMs = Number.NEGATIVE_INFINITY;
  #inside = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor({ rate, nowMs = () => performance.now() }: AdmissionOptions) {
    this.#intervalMs = 1_000 / rate.perSecond;
    this.#burstMs = this.#intervalMs * (rate.burst - 1);
    this.#nowMs = nowMs;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /**
   * Resolves when it is one's turn, with the function to call when the greeting is over; with null when nobody is there
   * any more. Throws `overloaded` with `retryAfterMs` when the line is full.
   */
  async enter(isStillHere: () => boolean): Promise<(() => void) | null> {
    if (this.#line.length >= waitingMax)
      throw fail('overloaded', 'Very many are connecting. Come again in a moment.', { retryAfterMs: this.#book() });
    return new Promise((resolve) => {
      this.#line.push({ isStillHere, admit: resolve, giveUp: () => resolve(null) });
      this.pump();
    });
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    for (const { giveUp } of this.#line.splice(0)) giveUp();
  }

  /** Lets in whose turn it is. */
  pump(): void {
    while (this.#line.length > 0 && this.#inside < atOnceMax) {
      if (!this.#line[0]!.isStillHere()) {
        this.#line.shift()!.giveUp();
        continue;
      }
      const nowMs = this.#nowMs();
      const waitMs = this.#nextMs - this.#burstMs - nowMs;
      if (waitMs > 0) {
        this.#wakeIn(waitMs);
        return;
      }
      this.#nextMs = Math.max(this.#nextMs, nowMs) + this.#intervalMs;
      this.#inside += 1;
      this.#line.shift()!.admit(this.#once(() => this.#onLeft()));
    }
  }

  #onLeft(): void {
    this.#inside -= 1;
    this.pump();
  }

  #once(work: () => void): () => void {
    let isDone = false;
    return () => {
      if (isDone) return;
      isDone = true;
      work();
    };
  }

  #wakeIn(waitMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.pump();
    }, Math.ceil(waitMs));
  }

  /** A time after those who wait, and after the ones that were told a time already. */
  #book(): number {
    const nowMs = this.#nowMs();
    const afterLineMs = Math.max(nowMs, this.#nextMs - this.#burstMs) + this.#line.length * this.#intervalMs;
    this.#bookedMs = Math.min(Math.max(this.#bookedMs, afterLineMs) + this.#intervalMs, nowMs + retryAfterMsMax);
    return Math.ceil(this.#bookedMs - nowMs);
  }
}
