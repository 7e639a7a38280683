import { EventEmitter } from 'node:events';
import type { ChannelId, CustomerId, LogEvent, ServerFrame, UserId } from 'gb-protocol';
import { limits } from 'gb-protocol';
import { afterEach, expect, test } from 'vitest';
import { createMetrics } from '../metrics.ts';
import type { Connection } from './connection.ts';
import { Hub } from './hub.ts';

const customer = 'acme' as CustomerId;
const general = 'general' as ChannelId;
const hubs: Hub[] = [];
afterEach(() => {
  for (const hub of hubs.splice(0)) hub.close();
});

/** A hub in which any two entries within a second make a channel of two or more busy. */
function busyHub(): Hub {
  const tuning = { everybodyMax: 1, busyPerSecond: 0, busyFollowersMin: 2, headMs: 20 };
  const hub = new Hub({ metrics: createMetrics(), tuning });
  hubs.push(hub);
  return hub;
}

function plainHub(): Hub {
  const hub = new Hub({ metrics: createMetrics() });
  hubs.push(hub);
  return hub;
}

/** A socket that keeps what is written to it, and may be slow to take it. */
class Wire extends EventEmitter {
  writableLength = 0;
  isSlow = false;
  readonly written: Buffer[] = [];

  write(bytes: Buffer): boolean {
    this.written.push(bytes);
    if (this.isSlow) this.writableLength += bytes.length;
    return !this.isSlow;
  }

  drain(): void {
    this.isSlow = false;
    this.writableLength = 0;
    this.emit('drain');
  }

  get frames(): ServerFrame[] {
    const all = Buffer.concat(this.written);
    const found: ServerFrame[] = [];
    for (let at = 0; at < all.length; ) {
      const short = all[at + 1]!;
      const size = short < 126 ? short : short === 126 ? all.readUInt16BE(at + 2) : Number(all.readBigUInt64BE(at + 2));
      const from = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
      found.push(JSON.parse(all.subarray(from, from + size).toString()) as ServerFrame);
      at = from + size;
    }
    return found;
  }

  of<T extends ServerFrame['type']>(type: T): Extract<ServerFrame, { type: T }>[] {
    return this.frames.filter((frame): frame is Extract<ServerFrame, { type: T }> => frame.type === type);
  }
}

function someone(userId: string, { rests = false, watched = [] as readonly ChannelId[] } = {}) {
  const wire = new Wire();
  const connection = {
    actor: { customerId: customer, userId: userId as UserId },
    socket: wire,
    behind: null,
    rests,
    watched: new Set(watched),
    places: new Map(),
    send: (frame: ServerFrame) => wire.write(encode(frame)),
  } as unknown as Connection;
  return { connection, wire };
}

function encode(frame: ServerFrame): Buffer {
  const payload = Buffer.from(JSON.stringify(frame));
  const header = Buffer.from([0x81, 126, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([header, payload]);
}

const join = (hub: Hub, { connection }: { connection: Connection }, mayRest = true) =>
  hub.join(connection, customer, general, { epoch: 1, head: 0, isOpen: true, mayRest, isGuestsDirectory: false });

function posted(seq: number, text: string, more: { author?: string; mentions?: string[]; all?: boolean } = {}): LogEvent {
  const actorId = (more.author ?? 'bob') as UserId;
  return {
    kind: 'message.posted',
    channelId: general,
    epoch: 1,
    seq,
    actorId,
    at: seq,
    count: seq,
    message: {
      channelId: general,
      seq,
      clientId: `client-${seq}` as never,
      authorId: actorId,
      text,
      at: seq,
      editedAt: null,
      deletedAt: null,
      threadSeq: null,
      mentions: (more.mentions ?? []) as UserId[],
      mentionsChannel: more.all ?? false,
      reactions: [],
      thread: null,
      suggestions: [],
    },
  };
}
const tell = (hub: Hub, event: LogEvent) => hub.deliver({ customerId: customer, event });
const turns = async (count: number) => {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve));
};

test('what comes in one turn of the loop is one write for each member', async () => {
  const hub = plainHub();
  const members = [someone('ana'), someone('bob')];
  for (const one of members) join(hub, one);
  for (let seq = 1; seq <= 5; seq++) tell(hub, posted(seq, `m${seq}`));
  await expect.poll(() => members.every(({ wire }) => wire.of('event').length === 5)).toBe(true);
  for (const { wire } of members) expect(wire.written.length).toBe(1);
});

test('a fan-out to very many leaves others their turn between its slices, and all hear everything in order', async () => {
  const hub = plainHub();
  const members = Array.from({ length: 6_500 }, (_, n) => someone(`p${n}`));
  for (const one of members) join(hub, one);
  tell(hub, posted(1, 'a'));
  const reached: number[] = [];
  const count = () => members.filter(({ wire }) => wire.written.length > 0).length;
  // What an ack or a ping would get: a turn of its own while the flush is under way.
  for (let n = 0; n < 50 && count() < members.length; n++) {
    await turns(1);
    reached.push(count());
  }
  expect(reached.filter((n) => n > 0 && n < members.length).length).toBeGreaterThanOrEqual(3);
  for (let seq = 2; seq <= 4; seq++) tell(hub, posted(seq, 'b'));
  await expect.poll(() => members.every(({ wire }) => wire.of('event').length === 4), { timeout: 30_000 }).toBe(true);
  for (const { wire } of members) expect(wire.of('event').map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
});

test('one socket among a thousand that stops reading holds a bounded amount, and is told to read the log when it goes on', async () => {
  const hub = plainHub();
  const members = Array.from({ length: 1_000 }, (_, n) => someone(`p${n}`));
  for (const one of members) join(hub, one);
  const slow = members[500]!.wire;
  slow.isSlow = true;
  const text = 'x'.repeat(4_000);
  for (let seq = 1; seq <= 200; seq++) {
    tell(hub, posted(seq, text));
    if (seq % 20 === 0) await expect.poll(() => members[0]!.wire.of('event').length, { timeout: 30_000 }).toBe(seq);
  }
  // 20 messages at most share a write: one write may come on top of the bound.
  expect(slow.writableLength).toBeLessThan(limits.socketBacklogBytesMax + 20 * 5_000);
  for (const [n, { wire }] of members.entries()) if (n !== 500) expect(wire.of('event').length).toBe(200);
  expect(slow.of('resync')).toEqual([]);
  slow.drain();
  expect(slow.of('resync')).toEqual([{ type: 'resync', channels: [{ channelId: general, epoch: 1, head: 200 }] }]);
  tell(hub, posted(201, 'live again'));
  await expect.poll(() => slow.of('event').at(-1)?.seq).toBe(201);
});

/** A busy channel: ana looks, bea and carl rest, dora's client knows nothing of resting. */
async function busy() {
  const hub = busyHub();
  const ana = someone('ana', { rests: true, watched: [general] });
  const [bea, carl, dora] = [someone('bea', { rests: true }), someone('carl', { rests: true }), someone('dora')];
  for (const one of [ana, bea, carl, dora]) join(hub, one);
  const room = hub.room(general)!;
  room.measuredAtMs = performance.now() - 1_000;
  tell(hub, posted(1, 'first'));
  await expect.poll(() => room.resting.length).toBe(2);
  return { hub, ana, bea, carl, dora, room };
}

test('in a busy channel those who do not look are told the head in place of entries, and only what concerns them', async () => {
  const { hub, ana, bea, carl, dora } = await busy();
  for (const { wire } of [ana, bea, carl, dora]) expect(wire.of('event').map(({ seq }) => seq)).toEqual([1]);
  tell(hub, posted(2, 'nothing'));
  tell(hub, posted(3, 'for bea', { mentions: ['bea'] }));
  tell(hub, posted(4, 'by carl', { author: 'carl' }));
  tell(hub, posted(5, 'for all', { all: true }));
  tell(hub, { kind: 'message.deleted', target: 2, channelId: general, epoch: 1, seq: 6, actorId: 'bob' as UserId, at: 6 });
  tell(hub, posted(7, 'nothing'));
  tell(hub, posted(8, 'last'));
  tell(hub, {
    kind: 'reaction.added',
    target: 2,
    emoji: '👍',
    channelId: general,
    epoch: 1,
    seq: 9,
    actorId: 'bob' as UserId,
    at: 9,
  });
  await expect.poll(() => bea.wire.of('head').length).toBe(1);
  const [head] = bea.wire.of('head');
  expect(head).toMatchObject({ channelId: general, epoch: 1, head: 9, count: 8 });
  expect(head!.entries.map(({ seq }) => seq)).toEqual([3, 5, 6, 8]);
  expect(carl.wire.of('head')[0]!.entries.map(({ seq }) => seq)).toEqual([4, 5, 6, 8]);
  for (const { wire } of [bea, carl]) expect(wire.of('event').length).toBe(1);
  for (const { wire } of [ana, dora]) {
    await expect.poll(() => wire.of('event').length).toBe(9);
    expect(wire.of('head')).toEqual([]);
  }
});

test('who looks again is told where the log stands, and every entry from then on', async () => {
  const { hub, bea, room } = await busy();
  tell(hub, posted(2, 'unread'));
  hub.wake(bea.connection, [general]);
  expect(bea.wire.of('resync')).toEqual([{ type: 'resync', channels: [{ channelId: general, epoch: 1, head: 2 }] }]);
  tell(hub, posted(3, 'live'));
  await expect.poll(() => bea.wire.of('event').at(-1)?.seq).toBe(3);
  expect(room.resting.length).toBe(1);
});

test('a channel of which everybody has to know everything never rests; who leaves while resting hears nothing more', async () => {
  const { hub, bea, carl, room } = await busy();
  hub.leave(bea.connection, room);
  tell(hub, posted(2, 'for bea', { mentions: ['bea'] }));
  await expect.poll(() => carl.wire.of('head').length).toBe(1);
  expect(bea.wire.of('head')).toEqual([]);

  const other = busyHub();
  const people = [someone('ana', { rests: true }), someone('bea', { rests: true })];
  for (const one of people) join(other, one, false);
  other.room(general)!.measuredAtMs = performance.now() - 1_000;
  for (let seq = 1; seq <= 3; seq++) tell(other, posted(seq, 'm'));
  for (const { wire } of people) await expect.poll(() => wire.of('event').length).toBe(3);
  expect(other.room(general)!.resting.length).toBe(0);
});

test('places stay right however people come, go, rest and wake', () => {
  const hub = busyHub();
  const people = Array.from({ length: 40 }, (_, n) => someone(`p${n}`));
  let seed = 7;
  const dice = (sides: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % sides;
  };
  join(hub, people[0]!);
  const room = hub.room(general)!;
  for (let n = 0; n < 5_000; n++) {
    const { connection } = people[1 + dice(39)]!;
    const what = dice(4);
    if (what === 0) room.add(connection);
    else if (what === 1) room.remove(connection);
    else room.rest(connection, what === 2);
    for (const [place, one] of room.members.entries()) expect(one.places.get(room)).toBe(place);
    for (const [place, one] of room.resting.entries()) expect(one.places.get(room)).toBe(-place - 1);
    expect(people.filter(({ connection: one }) => one.places.has(room)).length).toBe(room.size);
  }
});
