/** Milliseconds of the processor that a beat may take. */
const budgetMs = 50;
/** The process is this late with what is due: messages suffer, so everything else steps back. */
const lateMsMax = 200;
/** With this many beats left out between two, it is not worth doing. */
const restMax = 16;
/** Beats in a row that went badly before there are fewer, and well before there are more. */
const badBeats = 2;
const goodBeats = 2;

export interface EffortOptions {
  readonly nowMs: () => number;
  readonly loopDelayMs: () => number;
}

/**
 * How much of the processor something may have that is nice to have. It is counted by the clock: what does not fit into a
 * beat waits for the next one; when that goes on, or the process is late with everything, there are fewer and fewer
 * beats, and in the end none. Then it is tried again every sixteen beats.
 */
export class Effort {
  readonly #options: EffortOptions;
  #rest = 0;
  #skipped = 0;
  #good = 0;
  #bad = 0;
  #spentMs = 0;
  #isOverdrawn = false;
  #totalMs = 0;

  constructor(options: EffortOptions) {
    this.#options = options;
  }

  /** 0: everything in time. Up to 1, where nothing is done any more. */
  get strain(): number {
    return this.#rest / restMax;
  }

  get isOff(): boolean {
    return this.#rest >= restMax;
  }

  /** Milliseconds spent since the beginning. */
  get totalMs(): number {
    return this.#totalMs;
  }

  /** Whether this beat is one to work in. */
  begin(): boolean {
    if (this.#skipped < this.#rest) {
      this.#skipped += 1;
      return false;
    }
    this.#skipped = 0;
    const isLate = this.#options.loopDelayMs() > lateMsMax;
    if (isLate || this.#isOverdrawn) this.#goneBadly();
    else this.#goneWell();
    this.#isOverdrawn = false;
    this.#spentMs = 0;
    return !isLate || !this.isOff;
  }

  #goneBadly(): void {
    this.#good = 0;
    if (++this.#bad < badBeats) return;
    this.#bad = 0;
    this.#rest = Math.min(restMax, this.#rest * 2 + 1);
  }

  #goneWell(): void {
    this.#bad = 0;
    if (++this.#good < goodBeats) return;
    this.#good = 0;
    this.#rest = Math.floor(this.#rest / 2);
  }

  /** Whether there is time left in this beat. */
  get hasTime(): boolean {
    return this.#spentMs < budgetMs;
  }

  /** Some work did not fit in. */
  overdraw(): void {
    this.#isOverdrawn = true;
  }

  /** Does a piece of work and counts it. */
  spend<T>(work: () => T): T {
    const startedMs = this.#options.nowMs();
    try {
      return work();
    } finally {
      const ms = this.#options.nowMs() - startedMs;
      this.#spentMs += ms;
      this.#totalMs += ms;
    }
  }
}
