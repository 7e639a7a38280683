const lookMs = 100;
/** Looks after which a single late one has lost half of its weight. */
const halfLooks = 5;

/** How late this process comes to what is due: the sign that there is more to do than time for it. */
export class LoopDelay {
  readonly #timer: NodeJS.Timeout;
  #dueMs = performance.now() + lookMs;
  #ms = 0;

  constructor() {
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      const lateMs = Math.max(0, nowMs - this.#dueMs);
      // Worse is believed at once, better only after a while.
      this.#ms = Math.max(lateMs, this.#ms * 0.5 ** (1 / halfLooks));
      this.#dueMs = nowMs + lookMs;
    }, lookMs).unref();
  }

  get ms(): number {
    return this.#ms;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
