/** What waits for a connection, or for the answers to earlier batches. */
const itemsMax = 20_000;
const charsMax = 16 * 1024 * 1024;
/** How long something may wait before it is no longer news. */
const ageMsMax = 5_000;
/** One batch: small enough that it does not keep others from their turn at the server. */
const batchCharsMax = 256 * 1024;

/**
 * What has been published here and not been sent. When it becomes too much or too old all of it is dropped: everybody
 * else then has to look at the log, and does that no better with a part of it.
 */
export class Outgoing {
  #items: string[] = [];
  #chars = 0;
  #sinceMs = 0;

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** How many were dropped to keep the bounds, this one included. */
  add(item: string, nowMs: number): number {
    if (this.#items.length >= itemsMax || this.#chars + item.length > charsMax) return this.drop() + 1;
    if (this.#items.length === 0) this.#sinceMs = nowMs;
    this.#items.push(item);
    this.#chars += item.length;
    return 0;
  }

  /** The next batch, oldest first. */
  take(nowMs: number): readonly string[] {
    let chars = 0;
    let count = 0;
    while (count < this.#items.length && (count === 0 || chars + this.#items[count]!.length <= batchCharsMax))
      chars += this.#items[count++]!.length;
    const batch = count === this.#items.length ? this.#items : this.#items.slice(0, count);
    this.#items = count === this.#items.length ? [] : this.#items.slice(count);
    this.#chars -= chars;
    this.#sinceMs = nowMs;
    return batch;
  }

  /** How many waited too long. */
  dropOld(nowMs: number): number {
    return !this.isEmpty && nowMs - this.#sinceMs > ageMsMax ? this.drop() : 0;
  }

  drop(): number {
    const count = this.#items.length;
    this.#items = [];
    this.#chars = 0;
    return count;
  }
}
