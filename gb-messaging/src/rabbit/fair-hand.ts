import type { TaskPriority } from 'gb-core';

export interface Holdable {
  readonly customerId: string;
  readonly key: string;
  readonly priority: TaskPriority;
}

/**
 * The tasks that a process has taken in hand, in the order in which it should do them: customers take turns, none has
 * more than its share under way, and each has its urgent ones first. Two with one key are one task: the second stands
 * with the first.
 */
export class FairHand<T extends Holdable> {
  readonly #share: number;
  /** By customer; who stands first has waited longest for a turn. */
  readonly #waiting = new Map<string, Record<TaskPriority, T[]>>();
  readonly #runningOf = new Map<string, number>();
  /** The first of each key, waiting or under way, with those that came later. */
  readonly #twins = new Map<string, T[]>();
  #waitingCount = 0;
  #runningCount = 0;

  constructor(share: number) {
    this.#share = share;
  }

  get waiting(): number {
    return this.#waitingCount;
  }

  get running(): number {
    return this.#runningCount;
  }

  waitingOf(customerId: string): number {
    const lanes = this.#waiting.get(customerId);
    return lanes ? lanes.high.length + lanes.normal.length + lanes.low.length : 0;
  }

  /** false when one of its key is in hand: it stands with that. */
  add(task: T): boolean {
    const place = placeOf(task);
    const twins = this.#twins.get(place);
    if (twins) {
      twins.push(task);
      return false;
    }
    this.#twins.set(place, []);
    let lanes = this.#waiting.get(task.customerId);
    if (!lanes) {
      lanes = { high: [], normal: [], low: [] };
      this.#waiting.set(task.customerId, lanes);
    }
    lanes[task.priority].push(task);
    this.#waitingCount += 1;
    return true;
  }

  has(task: Holdable): boolean {
    return this.#twins.has(placeOf(task));
  }

  /** The next one to do, which is then under way; null when there is none, or whoever has one has their share. */
  next(): T | null {
    for (const [customerId, lanes] of this.#waiting) {
      const running = this.#runningOf.get(customerId) ?? 0;
      if (running >= this.#share) continue;
      const task = (lanes.high.shift() ?? lanes.normal.shift() ?? lanes.low.shift())!;
      this.#waiting.delete(customerId);
      if (lanes.high.length + lanes.normal.length + lanes.low.length > 0) this.#waiting.set(customerId, lanes);
      this.#waitingCount -= 1;
      this.#runningCount += 1;
      this.#runningOf.set(customerId, running + 1);
      return task;
    }
    return null;
  }

  /** The last of what this customer has waiting that is less urgent than this; it is in hand no longer. */
  takeLessUrgent(than: T): { task: T; twins: readonly T[] } | null {
    const lanes = this.#waiting.get(than.customerId);
    if (!lanes || than.priority === 'low') return null;
    const task = lanes.low.pop() ?? (than.priority === 'high' ? lanes.normal.pop() : undefined);
    if (!task) return null;
    if (lanes.high.length + lanes.normal.length + lanes.low.length === 0) this.#waiting.delete(than.customerId);
    this.#waitingCount -= 1;
    return { task, twins: this.#leave(task) };
  }

  /** It is no longer under way. Gives those that stood with it. */
  end(task: T): readonly T[] {
    const running = (this.#runningOf.get(task.customerId) ?? 1) - 1;
    if (running === 0) this.#runningOf.delete(task.customerId);
    else this.#runningOf.set(task.customerId, running);
    this.#runningCount -= 1;
    return this.#leave(task);
  }

  /** Lets go of all that wait, and of those that stand with one under way. */
  letGo(): readonly T[] {
    const gone: T[] = [];
    for (const lanes of this.#waiting.values())
      for (const task of [...lanes.high, ...lanes.normal, ...lanes.low]) gone.push(task, ...this.#leave(task));
    this.#waiting.clear();
    this.#waitingCount = 0;
    for (const twins of this.#twins.values()) gone.push(...twins.splice(0));
    return gone;
  }

  #leave(task: T): readonly T[] {
    const place = placeOf(task);
    const twins = this.#twins.get(place) ?? [];
    this.#twins.delete(place);
    return twins;
  }
}

function placeOf({ customerId, key }: Holdable): string {
  return `${customerId} ${key}`;
}
