import { backoffMs } from 'gb-utils';
import { ApiError } from './http.ts';

/**
 * Saves the latest of many values per key: not more often than every `intervalMs`, one request of a key at a time, and
 * again until it succeeds or is refused for good. `isEager` saves the first value at once; else a pause in the changes
 * is waited for, at most four intervals.
 */
export interface SaverOptions<V> {
  readonly intervalMs: number;
  readonly isEager: boolean;
  readonly random: () => number;
  readonly save: (key: string, value: V, isLeaving: boolean) => Promise<unknown>;
  readonly onRefused: (key: string, value: V, error: ApiError) => void;
  /** False: keep values until `resume`. */
  readonly isLive: () => boolean;
}

interface Slot<V> {
  value: V;
  isDirty: boolean;
  isSaving: boolean;
  dirtySinceMs: number;
  savedAtMs: number;
  failures: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export class Saver<V> {
  readonly #options: SaverOptions<V>;
  readonly #slots = new Map<string, Slot<V>>();

  constructor(options: SaverOptions<V>) {
    this.#options = options;
  }

  set(key: string, value: V): void {
    let slot = this.#slots.get(key);
    if (!slot) {
      slot = {
        value,
        isDirty: false,
        isSaving: false,
        dirtySinceMs: 0,
        savedAtMs: Number.NEGATIVE_INFINITY,
        failures: 0,
        timer: undefined,
      };
      this.#slots.set(key, slot);
    }
    slot.value = value;
    if (!slot.isDirty) slot.dirtySinceMs = performance.now();
    slot.isDirty = true;
    this.#schedule(key, slot);
  }

  /** The value the server does not have for sure yet. */
  unsaved(key: string): V | undefined {
    const slot = this.#slots.get(key);
    return slot && (slot.isDirty || slot.isSaving) ? slot.value : undefined;
  }

  forget(key: string): void {
    clearTimeout(this.#slots.get(key)?.timer);
    this.#slots.delete(key);
  }

  resume(): void {
    for (const [key, slot] of this.#slots) if (slot.isDirty) this.#schedule(key, slot);
  }

  /** Now, in requests that outlive the page. */
  flush(): void {
    for (const [key, slot] of this.#slots) if (slot.isDirty) void this.#save(key, slot, true);
  }

  close(): void {
    for (const slot of this.#slots.values()) clearTimeout(slot.timer);
    this.#slots.clear();
  }

  #schedule(key: string, slot: Slot<V>, minMs = 0): void {
    clearTimeout(slot.timer);
    if (slot.isSaving || !this.#options.isLive()) return;
    const { intervalMs, isEager } = this.#options;
    const now = performance.now();
    const pauseMs = isEager ? slot.savedAtMs + intervalMs - now : Math.min(intervalMs, slot.dirtySinceMs + 4 * intervalMs - now);
    slot.timer = setTimeout(() => void this.#save(key, slot, false), Math.max(0, pauseMs, minMs));
  }

  async #save(key: string, slot: Slot<V>, isLeaving: boolean): Promise<void> {
    clearTimeout(slot.timer);
    if (slot.isSaving && !isLeaving) return;
    slot.isSaving = true;
    slot.isDirty = false;
    slot.savedAtMs = performance.now();
    const value = slot.value;
    let waitMs = 0;
    try {
      await this.#options.save(key, value, isLeaving);
      slot.failures = 0;
    } catch (cause) {
      const error = cause instanceof ApiError ? cause : new ApiError('internal', 'saving failed', { cause });
      if (this.#slots.get(key) === slot) {
        if (error.retryable || error.code === 'unauthenticated') {
          slot.isDirty = true;
          waitMs =
            error.retryAfterMs ?? 500 + backoffMs(slot.failures++, { baseMs: 500, maxMs: 30_000, random: this.#options.random });
        } else if (!slot.isDirty) {
          this.#slots.delete(key);
          this.#options.onRefused(key, value, error);
        }
      }
    }
    slot.isSaving = false;
    if (this.#slots.get(key) !== slot) return;
    if (slot.isDirty) this.#schedule(key, slot, waitMs);
    else if (!this.#options.isEager) this.#slots.delete(key);
  }
}
