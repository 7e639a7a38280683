import type { ChannelId, CustomerId, Seq, UserId } from 'gb-protocol';
import type { Connection } from './connection.ts';

/** Entries remembered that came before their predecessors: those of two nodes cross by a few. */
const aheadMax = 256;

/**
 * The connections of this process that follow one channel, and the frames waiting for the next flush.
 * Members are a dense array with swap-remove: a fan-out is one pass over memory, and leaving costs the same at any size.
 */
export class Room {
  readonly customerId: CustomerId;
  readonly channelId: ChannelId;
  readonly members: Connection[] = [];
  /** Whether people who are no members may follow it (public channels). */
  readonly isOpen: boolean;
  epoch: number;
  /** The last entry known of. */
  head: Seq;
  /** Every entry up to here was handed out, or was there before anybody followed. */
  sure: Seq;
  /** What was handed out beyond that. */
  readonly #ahead = new Set<Seq>();
  /** The heartbeat round in which the head last moved: a connection that was told later need not be told again. */
  movedInRound = 0;
  pending: Buffer[] = [];
  isScheduled = false;
  isFlushing = false;
  /** Until then, by the process' monotonic clock, frames are gathered. */
  restsUntilMs = 0;

  constructor(customerId: CustomerId, channelId: ChannelId, position: { epoch: number; head: Seq; isOpen: boolean }) {
    this.customerId = customerId;
    this.channelId = channelId;
    this.isOpen = position.isOpen;
    this.epoch = position.epoch;
    this.head = position.head;
    this.sure = position.head;
  }

  /** An entry is handed out. */
  note(epoch: number, seq: Seq): void {
    if (epoch !== this.epoch) return this.moveTo(epoch, seq);
    if (seq > this.head) this.head = seq;
    if (seq > this.sure + 1) {
      if (this.#ahead.size < aheadMax) this.#ahead.add(seq);
      return;
    }
    if (seq <= this.sure) return;
    this.sure = seq;
    if (this.#ahead.size === 0) return;
    while (this.#ahead.delete(this.sure + 1)) this.sure += 1;
    for (const one of this.#ahead) if (one <= this.sure) this.#ahead.delete(one);
  }

  /** Whoever follows has everything up to here, or is told to fetch it. */
  moveTo(epoch: number, seq: Seq): void {
    this.epoch = epoch;
    this.head = seq;
    this.sure = seq;
    this.#ahead.clear();
  }

  has(seq: Seq): boolean {
    return seq <= this.sure || this.#ahead.has(seq);
  }

  add(connection: Connection): void {
    if (connection.places.has(this)) return;
    connection.places.set(this, this.members.length);
    this.members.push(connection);
  }

  remove(connection: Connection): void {
    const place = connection.places.get(this);
    if (place === undefined) return;
    connection.places.delete(this);
    const last = this.members.pop()!;
    if (last !== connection) {
      this.members[place] = last;
      last.places.set(this, place);
    }
  }

  connectionsOf(userId: UserId): Connection[] {
    return this.members.filter((connection) => connection.actor?.userId === userId);
  }
}
