/** Lets at most `max` requests run at a time; urgent ones (what the person looks at) go before the rest. */
export class FetchQueue {
  readonly #max: number;
  readonly #urgent: (() => void)[] = [];
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(max: number) {
    this.#max = max;
  }

  async run<T>(work: () => Promise<T>, isUrgent: boolean): Promise<T> {
    if (this.#running >= this.#max) await new Promise<void>((resolve) => (isUrgent ? this.#urgent : this.#waiting).push(resolve));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      // The place is handed over, not freed and taken: nobody can slip in between.
      const next = this.#urgent.shift() ?? this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
