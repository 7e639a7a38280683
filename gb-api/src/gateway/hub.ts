import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Published } from 'gb-core';
import type { ChannelId, CustomerId, Seq } from 'gb-protocol';
import { limits } from 'gb-protocol';
import type { Metrics } from '../metrics.ts';
import type { Connection } from './connection.ts';
import { encodeFrame, encodeText } from './frame-encoder.ts';
import { Room } from './room.ts';

/** Rooms larger than this are written in slices, so that acks and pings of others get their turn between them. */
const sliceMembers = 2_000;

/**
 * Hands committed events to the connections that follow their channel. Each event is encoded once; all frames of a room
 * that wait at a flush become one buffer, written once to each socket: a write costs about 9 us of kernel time however
 * little is in it, so k messages in one write cost little more than one (measured: us per delivery = 8.5 / k + 0.25).
 * A calm room is flushed at the end of the loop turn; a busy one waits for a window of 5 to 50 ms that fills the writes.
 */
export class Hub {
  readonly #rooms = new Map<ChannelId, Room>();
  readonly #metrics: Metrics;
  readonly #loopDelay = monitorEventLoopDelay({ resolution: 20 });
  round = 1;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    this.#loopDelay.enable();
  }

  room(channelId: ChannelId): Room | undefined {
    return this.#rooms.get(channelId);
  }

  get rooms(): Iterable<Room> {
    return this.#rooms.values();
  }

  join(
    connection: Connection,
    customerId: CustomerId,
    channelId: ChannelId,
    position: { epoch: number; head: Seq; isOpen: boolean },
  ): Room {
    let room = this.#rooms.get(channelId);
    if (!room) {
      room = new Room(customerId, channelId, position);
      this.#rooms.set(channelId, room);
    }
    room.add(connection);
    return room;
  }

  leave(connection: Connection, room: Room): void {
    room.remove(connection);
    if (room.members.length === 0) this.#rooms.delete(room.channelId);
  }

  /** Gives an event to whoever follows its channel here. */
  deliver({ customerId, event }: Published): void {
    const room = this.#rooms.get(event.channelId);
    // Channel ids are unique over all customers; this is the wall once more, where a mistake would be seen by a stranger.
    if (!room || room.customerId !== customerId) return;
    if (event.epoch !== room.epoch) {
      room.epoch = event.epoch;
      room.head = event.seq;
    } else if (event.seq > room.head) room.head = event.seq;
    room.movedInRound = this.round;
    room.pending.push(encodeText(`{"type":"event",${JSON.stringify(event).slice(1)}`));
    this.#schedule(room);
  }

  /** Whether an entry of a channel is already known here, for the sure path that offers every entry again. */
  knows(channelId: ChannelId, seq: Seq): boolean {
    const room = this.#rooms.get(channelId);
    return !room || room.head >= seq;
  }

  #schedule(room: Room): void {
    const rate = room.count(Date.now());
    if (room.isScheduled) return;
    room.isScheduled = true;
    const windowMs = this.#windowMs(rate);
    if (windowMs === 0) setImmediate(this.#flush, room);
    else setTimeout(this.#flush, windowMs, room);
  }

  #windowMs(deliveriesPerSecond: number): number {
    if (deliveriesPerSecond < 30_000) return 0;
    if (this.#loopDelay.percentile(50) > 50e6) return 50;
    return deliveriesPerSecond < 100_000 ? 5 : 20;
  }

  readonly #flush = (room: Room): void => {
    // A large room may still be at the slices of the last flush: its members must get frames in order.
    if (room.isFlushing) {
      setImmediate(this.#flush, room);
      return;
    }
    room.isScheduled = false;
    const { pending } = room;
    room.pending = [];
    if (pending.length === 0) return;
    const bytes = pending.length === 1 ? pending[0]! : Buffer.concat(pending);
    if (room.members.length <= sliceMembers) {
      this.#write(room.members, 0, room.members.length, bytes, pending.length, room);
      return;
    }
    room.isFlushing = true;
    // The members of this moment: who joins during the slices fetches from the log, who leaves is closed anyway.
    this.#slice(room, room.members.slice(), 0, bytes, pending.length);
  };

  #slice(room: Room, members: Connection[], from: number, bytes: Buffer, events: number): void {
    const to = Math.min(from + sliceMembers, members.length);
    this.#write(members, from, to, bytes, events, room);
    if (to === members.length) room.isFlushing = false;
    else setImmediate(() => this.#slice(room, members, to, bytes, events));
  }

  #write(members: readonly Connection[], from: number, to: number, bytes: Buffer, events: number, room: Room): void {
    for (let i = from; i < to; i++) {
      const { socket, behind } = members[i]!;
      if (behind !== null || socket.writableLength > limits.socketBacklogBytesMax) this.#fallBehind(members[i]!, room);
      else socket.write(bytes);
    }
    this.#metrics.deliveries.inc((to - from) * events);
  }

  /** Nothing more is queued for a slow socket. When it has drained it is told the heads, and fetches from the log. */
  #fallBehind(connection: Connection, room: Room): void {
    if (connection.behind) {
      connection.behind.add(room);
      return;
    }
    const behind = new Set([room]);
    connection.behind = behind;
    this.#metrics.resyncs.inc();
    connection.socket.once('drain', () => {
      connection.behind = null;
      const channels = [...behind].map(({ channelId, epoch, head }) => ({ channelId, epoch, head }));
      connection.socket.write(encodeFrame({ type: 'resync', channels }));
    });
  }

  close(): void {
    this.#loopDelay.disable();
    this.#rooms.clear();
  }
}
