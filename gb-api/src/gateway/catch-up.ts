import type { Actor, Context, Published } from 'gb-core';
import { type ChannelId, type CustomerId, closeCodes, type SessionId, type UserId } from 'gb-protocol';
import type { Connection } from './connection.ts';
import { encodeFrame } from './frame-encoder.ts';
import type { Room } from './room.ts';

/** Channels and sessions that are asked for in one question. */
const sliceMax = 500;
/** Customers looked at side by side: the database has others to answer. */
const atOnceMax = 4;
/** Entries of a channel that are read for everybody; beyond that each is told to fetch for itself, at its own pace. */
const entriesMax = 200;
/** Members of a room whose rights are looked at side by side. */
const rightsAtOnceMax = 20;
const sessionsEveryMs = 5_000;
const restMsMin = 250;
const retryMs = 1_000;

export interface CatchUpOptions {
  readonly ctx: Context;
  readonly rooms: () => readonly Room[];
  readonly connections: ReadonlySet<Connection>;
  /** As if the bus had told it. */
  readonly deliver: (published: Published) => void;
  readonly mayFollow: (actor: Actor, channelId: ChannelId) => Promise<boolean>;
  readonly putOut: (channelId: ChannelId, userId: UserId) => void;
  readonly shut: (connection: Connection, code: number, reason: string) => void;
}

/**
 * What a gateway does when the bus may have missed something: it compares the heads of all rooms it has with those in
 * the database and delivers the difference, and looks whether the sessions of its sockets still live. One round at a
 * time, and a rest after each as long as the round, so that a bus that is away for an hour costs the database a bounded
 * share and the members a second of delay.
 */
export class CatchUp {
  readonly #options: CatchUpOptions;
  #isAsked = false;
  #areSessionsDue = false;
  #sessionsAtMs = Number.NEGATIVE_INFINITY;
  /** A round is under way, or the rest after it. */
  #isBusy = false;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  ask(): void {
    this.#isAsked = true;
    this.#areSessionsDue = true;
    if (!this.#isBusy) this.#next();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  /** Begins a round when there is something to do, or waits until it is time for the sessions. */
  #next(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#isClosed) return;
    const sessionsInMs = this.#sessionsAtMs + sessionsEveryMs - performance.now();
    if (this.#isAsked || (this.#areSessionsDue && sessionsInMs <= 0)) void this.#round();
    else if (this.#areSessionsDue) this.#timer = setTimeout(() => this.#next(), sessionsInMs + 1).unref();
  }

  async #round(): Promise<void> {
    this.#isBusy = true;
    const startedMs = performance.now();
    let restMs = restMsMin;
    try {
      if (this.#isAsked) {
        this.#isAsked = false;
        const rooms = Map.groupBy(this.#options.rooms(), (room) => room.customerId);
        await inParallel(atOnceMax, rooms, ([customerId, own]) => this.#catchUp(customerId, own));
      }
      if (this.#areSessionsDue && startedMs - this.#sessionsAtMs >= sessionsEveryMs) {
        this.#areSessionsDue = false;
        this.#sessionsAtMs = startedMs;
        await this.#endSessions();
      }
      restMs = Math.max(restMs, performance.now() - startedMs);
    } catch (error) {
      // Nothing is known to be complete: all of it once more.
      this.#options.ctx.log.warn({ err: error }, 'What the bus missed could not be looked up; trying again');
      this.#isAsked = true;
      this.#areSessionsDue = true;
      this.#sessionsAtMs = Number.NEGATIVE_INFINITY;
      restMs = retryMs;
    }
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#isBusy = false;
      this.#next();
    }, restMs).unref();
  }

  async #catchUp(customerId: CustomerId, rooms: readonly Room[]): Promise<void> {
    const { ctx } = this.#options;
    const byChannel = Map.groupBy(rooms, (room) => room.channelId);
    for (const channelIds of slices([...byChannel.keys()])) {
      const positions = await ctx.store.read(customerId, (tx) => tx.log.positions(channelIds, { skipsAway: true }));
      for (const { channelId, epoch, seq } of positions) {
        // A room that is being joined has no position yet: whoever joins reads it after joining.
        const behind = byChannel.get(channelId)!.filter((room) => room.epoch !== 0 && (room.epoch !== epoch || room.sure < seq));
        if (behind.length === 0) continue;
        const from = Math.min(...behind.map((room) => room.sure));
        if (behind.every((room) => room.epoch === epoch) && seq - from <= entriesMax) {
          const events = await ctx.store.read(customerId, (tx) => tx.log.read(channelId, from, entriesMax), {
            mayUseReplica: true,
          });
          for (const event of events)
            if (!behind.every((room) => room.has(event.seq))) this.#options.deliver({ customerId, event });
        } else for (const room of behind) await this.#resync(room, epoch, seq);
      }
    }
  }

  /** Too much to be told again: they fetch it themselves, who still may. Who was put out is among what was missed. */
  async #resync(room: Room, epoch: number, seq: number): Promise<void> {
    room.moveTo(epoch, seq);
    const { channelId } = room;
    const bytes = encodeFrame({ type: 'resync', channels: [{ channelId, epoch, head: seq }] });
    const people = new Map<UserId, Actor>();
    for (const { actor } of room.followers()) if (actor) people.set(actor.userId, actor);
    await inParallel(rightsAtOnceMax, people.values(), async (actor) => {
      if (!(await this.#options.mayFollow(actor, channelId))) this.#options.putOut(channelId, actor.userId);
    });
    for (const member of room.followers()) if (member.behind === null) member.sendBytes(bytes);
  }

  async #endSessions(): Promise<void> {
    const { ctx, connections, shut } = this.#options;
    const greeted = [...connections].filter((connection) => connection.actor?.sessionId);
    const byCustomer = Map.groupBy(greeted, (connection) => connection.actor!.customerId);
    await inParallel(atOnceMax, byCustomer, async ([customerId, own]) => {
      for (const slice of slices(own)) {
        const ids = [...new Set(slice.map((connection) => connection.actor!.sessionId!))];
        const living: ReadonlyMap<SessionId, string> = await ctx.store.read(customerId, (tx) => tx.sessions.living(ids));
        for (const connection of slice) {
          const { sessionId, role } = connection.actor!;
          const now = living.get(sessionId!);
          if (now === undefined) shut(connection, closeCodes.unauthenticated, 'session ended');
          else if (now !== role) shut(connection, closeCodes.goingAway, 'role changed');
        }
      }
    });
  }
}

function* slices<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += sliceMax) yield all.slice(from, from + sliceMax);
}

/** After the first failure nothing more is begun; it is thrown when what is under way has ended. */
async function inParallel<T>(atOnce: number, all: Iterable<T>, work: (one: T) => Promise<void>): Promise<void> {
  const iterator = all[Symbol.iterator]();
  const failures: unknown[] = [];
  const hand = async () => {
    for (let next = iterator.next(); !next.done && failures.length === 0; next = iterator.next())
      await work(next.value).catch((error: unknown) => failures.push(error));
  };
  await Promise.all(Array.from({ length: atOnce }, hand));
  if (failures.length > 0) throw failures[0];
}
