import type { ChannelId, CustomerId, Seq, UserId } from 'gb-protocol';
import type { Connection } from './connection.ts';

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
  head: Seq;
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
