import type { ChannelId, CustomerId, LogEvent, Seq, UserId } from 'gb-protocol';
import type { Connection } from './connection.ts';

/** Entries remembered that came before their predecessors: those of two nodes cross by a few. */
const aheadMax = 256;

/**
 * The connections of this process that follow one channel, and the frames waiting for the next flush. Most are told every
 * entry; in a busy room those that do not look at it rest, and are told the head now and then. Both are dense arrays with
 * swap-remove: a fan-out is one pass over memory, and leaving costs the same at any size.
 */
export class Room {
  readonly customerId: CustomerId;
  readonly channelId: ChannelId;
  /** Told every entry. */
  readonly members: Connection[] = [];
  /** Told the head, and what concerns them. */
  readonly resting: Connection[] = [];
  /** Whether people who are no members may follow it (public channels). */
  readonly isOpen: boolean;
  readonly mayRest: boolean;
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
  /** Entries since `measuredAtMs`, to tell how busy it is. */
  entries = 0;
  measuredAtMs = 0;
  /** What those who rest have not been told of. */
  aside: LogEvent[] = [];
  headTimer: NodeJS.Timeout | null = null;

  constructor(
    customerId: CustomerId,
    channelId: ChannelId,
    position: { epoch: number; head: Seq; isOpen: boolean; mayRest: boolean },
  ) {
    this.customerId = customerId;
    this.channelId = channelId;
    this.isOpen = position.isOpen;
    this.mayRest = position.mayRest;
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

  get size(): number {
    return this.members.length + this.resting.length;
  }

  *followers(): Generator<Connection> {
    yield* this.members;
    yield* this.resting;
  }

  isFollowedBy(connection: Connection): boolean {
    return connection.places.has(this);
  }

  isRestingFor(connection: Connection): boolean {
    return (connection.places.get(this) ?? 0) < 0;
  }

  /** False when it is there already. */
  add(connection: Connection): boolean {
    if (connection.places.has(this)) return false;
    this.#put(connection, false);
    return true;
  }

  remove(connection: Connection): boolean {
    const place = connection.places.get(this);
    if (place === undefined) return false;
    connection.places.delete(this);
    const isResting = place < 0;
    const list = isResting ? this.resting : this.members;
    const at = isResting ? -place - 1 : place;
    const last = list.pop()!;
    if (last !== connection) {
      list[at] = last;
      last.places.set(this, place);
    }
    return true;
  }

  /** Lets a member rest, or takes it back among those who are told everything. */
  rest(connection: Connection, isResting: boolean): void {
    if (!connection.places.has(this) || this.isRestingFor(connection) === isResting) return;
    this.remove(connection);
    this.#put(connection, isResting);
  }

  connectionsOf(userId: UserId): Connection[] {
    return [...this.followers()].filter((connection) => connection.actor?.userId === userId);
  }

  /** A place among those who rest counts down from -1. */
  #put(connection: Connection, isResting: boolean): void {
    const list = isResting ? this.resting : this.members;
    connection.places.set(this, isResting ? -list.length - 1 : list.length);
    list.push(connection);
  }
}
