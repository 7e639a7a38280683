import { forGuest, type Published } from 'gb-core';
import type { ChannelId, CustomerId, LogEvent, Seq } from 'gb-protocol';
import { compactEvent, limits } from 'gb-protocol';
import type { Metrics } from '../metrics.ts';
import type { Connection } from './connection.ts';
import { gatherMs } from './flush-window.ts';
import { encodeFrame, encodeText } from './frame-encoder.ts';
import { Resting } from './resting.ts';
import { Room } from './room.ts';
import { defaultTuning, type GatewayTuning } from './tuning.ts';

/** Rooms larger than this are written in slices, so that acks and pings of others get their turn between them. */
export const sliceMembers = 2_000;

/** How a connection follows a channel. */
export interface FollowedAs {
  /** People who are no members may follow it. */
  readonly isOpen: boolean;
  /** The head may do for those who do not look at it: not so for what every client has to know. */
  readonly mayRest: boolean;
  readonly isGuestsDirectory: boolean;
}

export interface HubOptions {
  readonly metrics: Metrics;
  readonly tuning?: GatewayTuning;
  /** How late the process is with everything. */
  readonly loopDelayMs?: () => number;
  readonly onJoined?: (connection: Connection, channelId: ChannelId) => void;
  readonly onLeft?: (connection: Connection, channelId: ChannelId) => void;
}

/**
 * Hands committed events to the connections that follow their channel. Each event is encoded once; all frames of a room
 * that wait at a flush become one buffer, written once to each socket: a write costs about 9 us of kernel time however
 * little is in it, so k messages in one write cost little more than one (measured: us per delivery = 8.5 / k + 0.25).
 *
 * A room that was quiet is flushed at the end of the loop turn. After a flush it gathers for a while (`gatherMs`), and
 * what comes meanwhile goes out together. In a room that is busy all the same, those who do not look rest (`Resting`).
 */
export class Hub {
  readonly #rooms = new Map<ChannelId, Room>();
  /** Guests follow the directory log in rooms of their own: they are told less. */
  readonly #guestRooms = new Map<ChannelId, Room>();
  readonly #options: HubOptions;
  readonly #metrics: Metrics;
  readonly #resting: Resting;
  round = 1;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#metrics = options.metrics;
    this.#resting = new Resting({
      tuning: options.tuning ?? defaultTuning,
      metrics: options.metrics,
      fallBehind: (connection, room) => this.#fallBehind(connection, room),
    });
  }

  room(channelId: ChannelId): Room | undefined {
    return this.#rooms.get(channelId);
  }

  /** With the one where guests follow. */
  roomsOf(channelId: ChannelId): Room[] {
    return [this.#rooms, this.#guestRooms].flatMap((rooms) => rooms.get(channelId) ?? []);
  }

  /** With those where guests follow. */
  get rooms(): readonly Room[] {
    return [...this.#rooms.values(), ...this.#guestRooms.values()];
  }

  join(
    connection: Connection,
    customerId: CustomerId,
    channelId: ChannelId,
    position: { epoch: number; head: Seq } & FollowedAs,
  ): Room {
    const rooms = position.isGuestsDirectory ? this.#guestRooms : this.#rooms;
    let room = rooms.get(channelId);
    if (!room) {
      room = new Room(customerId, channelId, position);
      rooms.set(channelId, room);
    }
    if (room.add(connection)) this.#options.onJoined?.(connection, channelId);
    // Whoever subscribes anew has been told where the log stands, and what it does not look at may rest again later.
    else room.rest(connection, false);
    return room;
  }

  leave(connection: Connection, room: Room): void {
    if (!room.remove(connection)) return;
    this.#options.onLeft?.(connection, room.channelId);
    if (room.size > 0) return;
    this.#resting.forget(room);
    for (const rooms of [this.#rooms, this.#guestRooms]) if (rooms.get(room.channelId) === room) rooms.delete(room.channelId);
  }

  /** A connection looks at these channels: where it rested it is told everything from now on, and where the log stands. */
  wake(connection: Connection, channelIds: Iterable<ChannelId>): void {
    const woken: Room[] = [];
    for (const channelId of channelIds) {
      const room = this.#rooms.get(channelId);
      if (!room?.isRestingFor(connection)) continue;
      room.rest(connection, false);
      woken.push(room);
    }
    if (woken.length > 0) connection.send({ type: 'resync', channels: woken.map(positionOf) });
  }

  /** Gives an event to whoever follows its channel here. */
  deliver({ customerId, event }: Published): void {
    this.#deliverTo(this.#rooms.get(event.channelId), customerId, event);
    const guests = this.#guestRooms.get(event.channelId);
    if (guests) this.#deliverTo(guests, customerId, forGuest(event));
  }

  #deliverTo(room: Room | undefined, customerId: CustomerId, event: LogEvent): void {
    // Channel ids are unique over all customers; this is the wall once more, where a mistake would be seen by a stranger.
    if (!room || room.customerId !== customerId) return;
    room.note(event.epoch, event.seq);
    room.movedInRound = this.round;
    room.entries += 1;
    this.#resting.note(room, event);
    room.pending.push(encodeText(`{"type":"event",${JSON.stringify(compactEvent(event)).slice(1)}`));
    this.#schedule(room);
  }

  /** Whether an entry of a channel is already known here, for the sure path that offers every entry again. */
  knows(channelId: ChannelId, seq: Seq): boolean {
    return this.roomsOf(channelId).every((room) => room.has(seq));
  }

  #schedule(room: Room): void {
    if (room.isScheduled) return;
    room.isScheduled = true;
    const waitMs = room.restsUntilMs - performance.now();
    if (waitMs < 1) setImmediate(this.#flush, room);
    else setTimeout(this.#flush, waitMs, room);
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
    room.isFlushing = true;
    const isSortedOut = this.#resting.isDue(room);
    // The members of this moment: who joins during the slices fetches from the log, who leaves is closed anyway.
    const members = isSortedOut || room.members.length > sliceMembers ? room.members.slice() : room.members;
    // With what is written now they have everything there is; what comes later is told to those who rest in another way.
    if (isSortedOut) this.#resting.sortOut(room);
    this.#slice(room, members, 0, bytes, pending.length, 0);
  };

  #slice(room: Room, members: readonly Connection[], from: number, bytes: Buffer, events: number, spentMs: number): void {
    const startedMs = performance.now();
    const to = Math.min(from + sliceMembers, members.length);
    this.#write(members, from, to, bytes, events, room);
    const nowMs = performance.now();
    const totalMs = spentMs + nowMs - startedMs;
    if (to < members.length) {
      setImmediate(() => this.#slice(room, members, to, bytes, events, totalMs));
      return;
    }
    room.isFlushing = false;
    room.restsUntilMs = nowMs + gatherMs(totalMs, this.#options.loopDelayMs?.() ?? 0);
  }

  #write(members: readonly Connection[], from: number, to: number, bytes: Buffer, events: number, room: Room): void {
    for (let i = from; i < to; i++) {
      const { socket, behind } = members[i]!;
      if (behind !== null || socket.writableLength > limits.socketBacklogBytesMax) this.#fallBehind(members[i]!, room);
      else socket.write(bytes);
    }
    this.#metrics.deliveries.inc((to - from) * events);
    this.#metrics.writes.inc(to - from);
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
      connection.socket.write(encodeFrame({ type: 'resync', channels: [...behind].map(positionOf) }));
    });
  }

  close(): void {
    for (const room of this.rooms) this.#resting.forget(room);
    this.#rooms.clear();
    this.#guestRooms.clear();
  }
}

function positionOf({ channelId, epoch, head }: Room): { channelId: ChannelId; epoch: number; head: Seq } {
  return { channelId, epoch, head };
}
