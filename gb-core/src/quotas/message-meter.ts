import type { CustomerId } from 'gb-protocol';
import type { Logger } from 'gb-utils';
import type { DayCount, Store, Tx } from '../ports/index.ts';
import { QuotaExceeded } from './quota-exceeded.ts';

/** Counts are told to the database after this long ... */
const toldAfterMs = 30_000;
/** ... or when they are this part of what is left of the quota, and never more than this part of the quota at once. */
const partOfLeft = 1 / 16;
const partOfQuota = 1 / 100;
/** Where there is no quota, it is only for the figures. */
const toldAtOnceMax = 10_000;
const tickMs = 1_000;
/** Customers whose counts are told at a time. */
const tellingMax = 4;
/** How often the database is asked about a customer who has used up its messages: an operator may have given more. */
const askedAgainMs = 1_000;
/** How long a quota is believed to be what it was. */
const believedMs = 10_000;
/** So long a bot waits that goes on by itself, before it looks again. */
const lookedAgainMs = 5 * 60_000;
/** A customer without messages for this long is forgotten. */
const forgottenMs = 10 * 60_000;

interface Day {
  /** What the database said last, of all processes. */
  used: number;
  most: number | null;
  endsAtMs: number;
  /** Accepted here, and not told yet. */
  pending: number;
  pendingSinceMs: number;
  askedAtMs: number;
  usedAtMs: number;
  /** A telling, or only asking, on its way. */
  telling: Promise<void> | null;
}

/**
 * Counts the messages of a day: in memory, and in the database only now and then, because a row that each message changed
 * would be one that all messages of a customer wait for. Near, not exact: processes hear of each other's messages when
 * they tell of their own, which is the more often the less is left; one that is killed takes half a minute's messages
 * with it at most, in favour of its customers. The day is the database's, so clocks need not agree.
 */
export class MessageMeter {
  readonly #store: Store;
  readonly #log: Logger;
  readonly #nowMs: () => number;
  readonly #onCounted: (customerId: CustomerId, used: number, most: number) => void;
  readonly #days = new Map<CustomerId, Day>();
  readonly #loading = new Map<CustomerId, Promise<Day>>();
  readonly #due = new Set<CustomerId>();
  readonly #timer = setInterval(() => this.#tick(), tickMs).unref();
  #telling = 0;

  constructor(options: {
    store: Store;
    log: Logger;
    /** Hears of each new sum where there is a quota. */
    onCounted: (customerId: CustomerId, used: number, most: number) => void;
    /** A clock that only goes forward. */
    nowMs?: () => number;
  }) {
    this.#store = options.store;
    this.#log = options.log;
    this.#onCounted = options.onCounted;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /**
   * Counts one message before it is stored; the function it gives takes it back, for one that was not stored after all.
   * Fails with `quota_exceeded`, but not for bots: what they say answers something that was let in.
   */
  async admit(customerId: CustomerId, isBot: boolean): Promise<() => void> {
    const day = await this.#open(customerId);
    if (this.#nowMs() - day.askedAtMs >= believedMs) void this.#tell(customerId, day);
    if (isUsedUp(day) && !isBot) {
      // Somebody may have given more, or the day may be another.
      if (this.#nowMs() - day.askedAtMs >= askedAgainMs) await this.#tell(customerId, day);
      if (isUsedUp(day)) {
        const used = day.used + day.pending;
        this.#onCounted(customerId, used, day.most!);
        throw new QuotaExceeded(
          { name: 'messages', used, most: day.most! },
          { retryAfterMs: Math.max(0, Math.round(day.endsAtMs - this.#nowMs())) },
        );
      }
    }
    this.#add(customerId, day, 1);
    return () => {
      if (day.pending > 0) day.pending -= 1;
    };
  }

  /** Counts messages that are stored already: those of bots, whose turns are not stopped half-way. */
  count(customerId: CustomerId, messages: number): void {
    const day = this.#days.get(customerId);
    if (day) return this.#add(customerId, day, messages);
    this.#open(customerId).then(
      (opened) => this.#add(customerId, opened, messages),
      (error: unknown) => this.#log.debug({ err: error, customerId, messages }, 'Messages were not counted'),
    );
  }

  /** What a customer may have, by whoever read it. */
  learn(customerId: CustomerId, most: number | null): void {
    const day = this.#days.get(customerId);
    if (day) day.most = most;
  }

  /** How long a bot should wait that goes on by itself; 0 while there are messages left, as far as is known here. */
  waitMs(customerId: CustomerId): number {
    const day = this.#days.get(customerId);
    if (!day || !isUsedUp(day)) return 0;
    const nowMs = this.#nowMs();
    // It looks again before the day is over: somebody may give more.
    if (nowMs - day.askedAtMs >= askedAgainMs) void this.#tell(customerId, day);
    return Math.max(0, Math.min(day.endsAtMs - nowMs, lookedAgainMs));
  }

  /** What this process has not told the database yet. */
  pendingOf(customerId: CustomerId): number {
    return this.#days.get(customerId)?.pending ?? 0;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    const left = [...this.#days].filter(([, { pending }]) => pending > 0);
    for (let n = 0; n < left.length; n += tellingMax)
      await Promise.all(left.slice(n, n + tellingMax).map(([customerId, day]) => this.#tell(customerId, day)));
  }

  /** The day as it is known here; asked for once when it is not, or is over. */
  async #open(customerId: CustomerId): Promise<Day> {
    const known = this.#days.get(customerId);
    if (known && known.endsAtMs > this.#nowMs()) {
      known.usedAtMs = this.#nowMs();
      return known;
    }
    const loading = this.#loading.get(customerId);
    if (loading) return loading;
    // What is pending at the end of a day counts for the next: nobody knows any more when each was sent.
    const load = this.#ask(customerId, known?.pending ?? 0).then((count) => {
      const nowMs = this.#nowMs();
      const day: Day = {
        ...this.#read(count),
        pending: 0,
        pendingSinceMs: nowMs,
        askedAtMs: nowMs,
        usedAtMs: nowMs,
        telling: null,
      };
      this.#days.set(customerId, day);
      return day;
    });
    this.#loading.set(customerId, load);
    try {
      return await load;
    } finally {
      this.#loading.delete(customerId);
    }
  }

  #ask(customerId: CustomerId, messages: number): Promise<DayCount> {
    const ask = (tx: Tx) => tx.quotas.countMessages(messages);
    return messages === 0 ? this.#store.read(customerId, ask) : this.#store.transaction(customerId, ask);
  }

  #read({ used, most, endsInMs }: DayCount): Pick<Day, 'used' | 'most' | 'endsAtMs'> {
    return { used, most, endsAtMs: this.#nowMs() + endsInMs };
  }

  #add(customerId: CustomerId, day: Day, messages: number): void {
    if (day.pending === 0) day.pendingSinceMs = this.#nowMs();
    day.pending += messages;
    if (day.pending >= toldAtOnce(day)) this.#tellSoon(customerId);
  }

  #tick(): void {
    const nowMs = this.#nowMs();
    for (const [customerId, day] of this.#days) {
      if (day.pending > 0 && nowMs - day.pendingSinceMs >= toldAfterMs) this.#tellSoon(customerId);
      else if (day.pending === 0 && !day.telling && nowMs - day.usedAtMs >= forgottenMs) this.#days.delete(customerId);
    }
  }

  #tellSoon(customerId: CustomerId): void {
    this.#due.add(customerId);
    while (this.#telling < tellingMax) {
      const [next] = this.#due;
      if (next === undefined) return;
      this.#due.delete(next);
      const day = this.#days.get(next);
      if (!day) continue;
      this.#telling += 1;
      void this.#tell(next, day).finally(() => {
        this.#telling -= 1;
        const [another] = this.#due;
        if (another !== undefined) this.#tellSoon(another);
      });
    }
  }

  /** Never fails: what could not be told is told the next time. */
  #tell(customerId: CustomerId, day: Day): Promise<void> {
    day.telling ??= this.#tellNow(customerId, day).finally(() => {
      day.telling = null;
    });
    return day.telling;
  }

  async #tellNow(customerId: CustomerId, day: Day): Promise<void> {
    const told = day.pending;
    const pendingSinceMs = day.pendingSinceMs;
    day.pending = 0;
    day.pendingSinceMs = this.#nowMs();
    // The sum is not known while it is on its way; what is told still counts.
    day.used += told;
    try {
      Object.assign(day, this.#read(await this.#ask(customerId, told)));
      if (day.most !== null) this.#onCounted(customerId, day.used + day.pending, day.most);
    } catch (error) {
      day.used -= told;
      day.pending += told;
      day.pendingSinceMs = pendingSinceMs;
      this.#log.debug({ err: error, customerId }, 'Messages of a day could not be told to the database; trying again');
    } finally {
      day.askedAtMs = this.#nowMs();
    }
  }
}

function isUsedUp({ used, pending, most }: Day): boolean {
  return most !== null && used + pending >= most;
}

function toldAtOnce({ used, pending, most }: Day): number {
  if (most === null) return toldAtOnceMax;
  const left = Math.max(0, most - used - pending);
  return Math.max(1, Math.min(Math.floor(left * partOfLeft), Math.floor(most * partOfQuota), toldAtOnceMax));
}
