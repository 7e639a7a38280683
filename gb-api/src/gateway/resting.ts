import { compactEvent, type LogEvent, limits, type UserId } from 'gb-protocol';
import type { Metrics } from '../metrics.ts';
import type { Connection } from './connection.ts';
import { encodeFrame } from './frame-encoder.ts';
import type { Room } from './room.ts';
import type { GatewayTuning } from './tuning.ts';

const measureMs = 1_000;
const headShare = 20;
const headMsMax = 10_000;
/** Entries that are told apart; when there are more, those who rest are asked to read the log. */
const asideMax = 1_000;
/** Those who rest written to in one turn of the loop. */
const sliceMembers = 2_000;

export interface RestingOptions {
  readonly tuning: GatewayTuning;
  readonly metrics: Metrics;
  readonly fallBehind: (connection: Connection, room: Room) => void;
}

/**
 * What is done in a room that is busy. Members whose client can do without, and who do not look at the channel, rest: in
 * place of every entry they are told about once a second how far the log has come, how many messages there are, and
 * those entries that are more than something to read - what calls everybody or them, what they said themselves, what
 * changes or takes back something said before - and the last message, for who wants to be told of all. That keeps unread
 * counts, mentions and notices right. When they look at the channel they are woken, and read what they left out.
 *
 * Who rests does so until they look: a room that calms down would otherwise send them all to the log at once.
 */
export class Resting {
  readonly #options: RestingOptions;

  constructor(options: RestingOptions) {
    this.#options = options;
  }

  /** An entry that those who rest are not told. */
  note(room: Room, event: LogEvent): void {
    if (room.resting.length === 0) return;
    if (room.aside.length <= asideMax) room.aside.push(event);
    room.headTimer ??= setTimeout(() => this.#tell(room), this.#options.tuning.headMs);
  }

  /** Whether it is time to see who may rest. */
  isDue(room: Room): boolean {
    const nowMs = performance.now();
    const sinceMs = nowMs - room.measuredAtMs;
    if (sinceMs < measureMs) return false;
    const perSecond = (room.entries * 1_000 * room.size) / sinceMs;
    room.entries = 0;
    room.measuredAtMs = nowMs;
    const { busyPerSecond, busyFollowersMin } = this.#options.tuning;
    return room.mayRest && room.size >= busyFollowersMin && perSecond > busyPerSecond;
  }

  /** Called when nothing is pending that those who rest from now on have not been told. */
  sortOut(room: Room): void {
    for (let i = room.members.length - 1; i >= 0; i--) {
      const member = room.members[i]!;
      if (member.rests && !member.watched.has(room.channelId)) room.rest(member, true);
    }
  }

  forget(room: Room): void {
    if (room.headTimer) clearTimeout(room.headTimer);
    room.headTimer = null;
    room.aside = [];
  }

  #tell(room: Room): void {
    const { channelId, epoch, head } = room;
    const events = room.aside;
    room.aside = [];
    const place = { channelId, epoch, head };
    const isTooMuch = events.length > asideMax;
    const posted = events.filter((event) => event.kind === 'message.posted');
    const last = posted.at(-1);
    const forAll = events.filter((event) => event === last || concernsAll(event));
    const forOne = isTooMuch ? new Map<UserId, LogEvent[]>() : byPerson(posted);
    const frame = (entries: readonly LogEvent[]): Buffer => {
      const count = last ? { count: last.count } : {};
      return encodeFrame({ type: 'head', ...place, ...count, entries: entries.map(compactEvent) });
    };
    const bytes = isTooMuch ? encodeFrame({ type: 'resync', channels: [place] }) : frame(forAll);
    const bytesFor = ({ actor }: Connection): Buffer => {
      const own = actor && forOne.get(actor.userId);
      return own ? frame(events.filter((event) => forAll.includes(event) || own.includes(event))) : bytes;
    };
    this.#slice(room, room.resting.slice(), 0, bytesFor, 0);
  }

  #slice(room: Room, members: readonly Connection[], from: number, bytesFor: (one: Connection) => Buffer, spentMs: number): void {
    const startedMs = performance.now();
    const to = Math.min(from + sliceMembers, members.length);
    for (let i = from; i < to; i++) {
      const member = members[i]!;
      // Who was woken meanwhile reads the log; who left is closed.
      if (!room.isRestingFor(member)) continue;
      if (member.behind !== null || member.socket.writableLength > limits.socketBacklogBytesMax)
        this.#options.fallBehind(member, room);
      else member.socket.write(bytesFor(member));
    }
    this.#options.metrics.heads.inc(to - from);
    const nowMs = performance.now();
    const totalMs = spentMs + nowMs - startedMs;
    if (to < members.length) {
      setImmediate(() => this.#slice(room, members, to, bytesFor, totalMs));
      return;
    }
    room.headTimer = null;
    if (room.aside.length === 0 || room.resting.length === 0) return;
    const waitMs = Math.min(Math.max(this.#options.tuning.headMs, totalMs * headShare), headMsMax);
    room.headTimer = setTimeout(() => this.#tell(room), waitMs);
  }
}

function concernsAll(event: LogEvent): boolean {
  switch (event.kind) {
    case 'message.posted':
      return event.message.mentionsChannel;
    case 'message.edited':
    case 'message.deleted':
    case 'channel.updated':
      return true;
    default:
      return false;
  }
}

type Posted = Extract<LogEvent, { kind: 'message.posted' }>;

/** Messages by whom they call, and by who wrote them. */
function byPerson(posted: readonly Posted[]): Map<UserId, LogEvent[]> {
  const found = new Map<UserId, LogEvent[]>();
  for (const event of posted)
    for (const userId of new Set([...event.message.mentions, event.actorId])) {
      const own = found.get(userId);
      if (own) own.push(event);
      else found.set(userId, [event]);
    }
  return found;
}
