import type { ChannelId, CustomerId, UserId } from 'gb-protocol';
import { limits } from 'gb-protocol';
import { afterEach, expect, test } from 'vitest';
import type { Connection } from './connection.ts';
import { Presence } from './presence.ts';

const customer = 'acme' as CustomerId;
const general = 'general' as ChannelId;
const opened: Presence[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

/** Gateways that hear each other, on a clock that the test moves, a beat at a time. */
function scene(count: number, options: { msPerLook?: number; loopDelayMs?: () => number } = {}) {
  const clock = { nowMs: 0 };
  const isDeaf = new Set<number>();
  const signals: object[] = [];
  const gateways = Array.from({ length: count }, (_, own) => {
    const one: Presence = new Presence({
      nowMs: () => (clock.nowMs += options.msPerLook ?? 0),
      ...(options.loopDelayMs ? { loopDelayMs: options.loopDelayMs } : {}),
      followers: (_customerId, channelId) => rooms[own]!.get(channelId) ?? [],
      isFollowing: (connection, channelId) => rooms[own]!.get(channelId)?.has(connection) ?? false,
      signal: (signal) => {
        signals.push(signal);
        if (!isDeaf.has(own)) for (const [i, other] of gateways.entries()) if (!isDeaf.has(i)) other.hear(signal);
      },
    });
    opened.push(one);
    return one;
  });
  const rooms = gateways.map(() => new Map<ChannelId, Set<Connection>>());
  const beat = (times = 1) => {
    for (let n = 0; n < times; n++) {
      clock.nowMs += 1_000;
      for (const [i, one] of gateways.entries()) if (!isDeaf.has(i)) one.beat();
    }
  };
  const follow = (gateway: number, { connection }: Someone, channelId = general) => {
    const room = rooms[gateway]!.get(channelId) ?? new Set();
    rooms[gateway]!.set(channelId, room.add(connection));
    (connection.places as Map<object, number>).set({ channelId }, 0);
    gateways[gateway]!.joined(connection, channelId);
  };
  const leave = (gateway: number, { connection }: Someone) => {
    for (const [channelId, room] of rooms[gateway]!) if (room.delete(connection)) gateways[gateway]!.left(connection, channelId);
    gateways[gateway]!.remove(connection);
  };
  /** So many that the customer is a large one, who follow nothing. */
  const crowd = (gateway: number, size = 2_001) => {
    for (let n = 0; n < size; n++) gateways[gateway]!.add(person(`p${gateway}-${n}`).connection);
  };
  return { gateways, beat, isDeaf, signals, follow, leave, crowd, clock };
}

type Someone = ReturnType<typeof person>;

function person(userId: string, customerId = customer) {
  const users: Record<string, string> = {};
  const frames: { users: Record<string, string>; channelId?: string; isAll?: boolean; count?: number }[] = [];
  const state = { isSlow: false };
  const connection = {
    actor: { customerId, userId: userId as UserId },
    presence: 'online',
    watched: new Set(),
    places: new Map(),
    glance: (bytes: Buffer) => {
      if (state.isSlow) return false;
      const frame = JSON.parse(bytes.subarray(bytes.indexOf('{')).toString()) as (typeof frames)[number];
      frames.push(frame);
      if (frame.isAll) for (const known of Object.keys(users)) delete users[known];
      Object.assign(users, frame.users);
      return true;
    },
  } as unknown as Connection;
  const here = () =>
    Object.keys(users)
      .filter((id) => users[id] !== 'offline')
      .sort();
  return { connection, users, here, sent: frames, frames: () => frames.length, state };
}

test('people see each other at whatever gateway, away when all their connections are, and gone when the last one is', () => {
  const { gateways, beat } = scene(2);
  const [here, there] = gateways as [Presence, Presence];
  const [ana, bea, beaToo] = [person('ana'), person('bea'), person('bea')];
  here.add(ana.connection);
  there.add(bea.connection);
  beat(2);
  expect(ana.users).toEqual({ ana: 'online', bea: 'online' });
  expect(bea.users).toEqual({ ana: 'online', bea: 'online' });
  here.add(beaToo.connection);
  there.set(bea.connection, 'away');
  beat(2);
  expect(ana.users['bea']).toBe('online');
  here.set(beaToo.connection, 'away');
  beat(2);
  expect(ana.users['bea']).toBe('away');
  here.remove(beaToo.connection);
  beat(2);
  expect(ana.users['bea']).toBe('away');
  there.remove(bea.connection);
  beat(2);
  expect(ana.users['bea']).toBe('offline');
});

test('who comes first to a gateway learns within two beats who is at the others; other customers hear nothing', () => {
  const { gateways, beat } = scene(2);
  const [here, there] = gateways as [Presence, Presence];
  const [ana, bea, mallory] = [person('ana'), person('bea'), person('mallory', 'other' as CustomerId)];
  here.add(ana.connection);
  beat(5);
  there.add(mallory.connection);
  there.add(bea.connection);
  beat(2);
  expect(bea.users['ana']).toBe('online');
  expect(mallory.users).toEqual({ mallory: 'online' });
});

test('a gateway that dies takes its people along after a while, and one that was deaf is right again by itself', () => {
  const { gateways, beat, isDeaf } = scene(2);
  const [here, there] = gateways as [Presence, Presence];
  const [ana, bea, carl] = [person('ana'), person('bea'), person('carl')];
  here.add(ana.connection);
  there.add(bea.connection);
  beat(2);
  isDeaf.add(1);
  there.add(carl.connection);
  beat(60);
  expect(ana.users).toEqual({ ana: 'online', bea: 'online' });
  beat(40);
  expect(ana.users).toEqual({ ana: 'online', bea: 'offline' });
  isDeaf.delete(1);
  beat(31);
  expect(ana.users).toEqual({ ana: 'online', bea: 'online', carl: 'online' });
});

test('a hundred who come at once are one frame and one word to the others', () => {
  const { gateways, beat, signals } = scene(2);
  const [here, there] = gateways as [Presence, Presence];
  const ana = person('ana');
  there.add(ana.connection);
  beat(3);
  const [framesBefore, signalsBefore] = [ana.frames(), signals.length];
  for (let n = 0; n < 100; n++) here.add(person(`p${n}`).connection);
  beat(2);
  expect(Object.keys(ana.users)).toHaveLength(101);
  expect(ana.frames() - framesBefore).toBeLessThanOrEqual(2);
  // A question, an answer to it, the news, and perhaps a repetition.
  expect(signals.length - signalsBefore).toBeLessThanOrEqual(5);
});

test('a customer with very many people has no presence of everybody, and those who were told so are told that', () => {
  const { gateways, beat, signals, crowd } = scene(2);
  const [here] = gateways as [Presence, Presence];
  const ana = person('ana');
  here.add(ana.connection);
  beat();
  expect(ana.here()).toEqual(['ana']);
  crowd(0);
  beat(3);
  expect(ana.here()).toEqual([]);
  const [frames, said] = [ana.frames(), signals.length];
  here.add(person('late').connection);
  beat(40);
  expect(ana.frames()).toBe(frames);
  // How many there are is said now and then, and of nobody that they are.
  expect(signals.length - said).toBeLessThanOrEqual(2);
  for (const signal of signals.slice(said)) expect(signal).toMatchObject({ people: {}, count: 2_003 });
});

test('in a large customer who watches a channel hears who of its followers is here, at whatever gateway, and of nobody else', () => {
  const { gateways, beat, follow, leave, crowd } = scene(2);
  const [here, there] = gateways as [Presence, Presence];
  const [ana, bea, carl] = [person('ana'), person('bea'), person('carl')];
  crowd(0);
  crowd(1);
  for (const [gateway, one] of [
    [0, ana],
    [1, bea],
    [1, carl],
  ] as const) {
    gateways[gateway]!.add(one.connection);
    follow(gateway, one, one === carl ? ('other' as ChannelId) : general);
  }
  beat(3);
  expect(ana.here()).toEqual([]);
  here.watch(ana.connection, new Set([general]));
  beat(3);
  expect(ana.here()).toEqual(['ana', 'bea']);
  expect(bea.here()).toEqual([]);
  there.set(bea.connection, 'away');
  beat(2);
  expect(ana.users['bea']).toBe('away');
  const dora = person('dora');
  there.add(dora.connection);
  follow(1, dora);
  beat(2);
  expect(ana.here()).toEqual(['ana', 'bea', 'dora']);
  leave(1, bea);
  beat(2);
  expect(ana.here()).toEqual(['ana', 'dora']);
  const frames = ana.frames();
  here.watch(ana.connection, new Set());
  leave(1, dora);
  beat(3);
  expect(ana.frames()).toBe(frames);
});

test('people of a channel at a gateway that dies are gone after a while, and are back when it is', () => {
  const { gateways, beat, follow, crowd, isDeaf } = scene(2);
  const [here] = gateways as [Presence, Presence];
  crowd(0);
  crowd(1);
  const [ana, bea] = [person('ana'), person('bea')];
  gateways[0]!.add(ana.connection);
  gateways[1]!.add(bea.connection);
  follow(0, ana);
  follow(1, bea);
  here.watch(ana.connection, new Set([general]));
  beat(3);
  expect(ana.here()).toEqual(['ana', 'bea']);
  isDeaf.add(1);
  beat(60);
  expect(ana.here()).toEqual(['ana', 'bea']);
  beat(70);
  expect(ana.here()).toEqual(['ana']);
  isDeaf.delete(1);
  beat(65);
  expect(ana.here()).toEqual(['ana', 'bea']);
});

test('of a channel that nobody watches the gateways do not speak, and of one that is watched no more they stop', () => {
  const { gateways, beat, follow, crowd, signals } = scene(2);
  const [here] = gateways as [Presence, Presence];
  crowd(0);
  crowd(1);
  const [ana, bea] = [person('ana'), person('bea')];
  gateways[0]!.add(ana.connection);
  gateways[1]!.add(bea.connection);
  follow(0, ana);
  follow(1, bea);
  const spoken = () => signals.filter((signal) => (signal as { type: string }).type.startsWith('presence.')).length;
  beat(40);
  expect(spoken()).toBe(2);
  here.watch(ana.connection, new Set([general]));
  beat(3);
  expect(spoken()).toBeGreaterThanOrEqual(4);
  here.watch(ana.connection, new Set());
  beat(150);
  const before = spoken();
  gateways[1]!.set(bea.connection, 'away');
  beat(60);
  expect(spoken()).toBe(before);
});

test('of a very large channel a bounded number is named, who goes makes room for another, and all are counted', () => {
  const { gateways, beat, follow, leave, crowd } = scene(2);
  crowd(0);
  crowd(1);
  const people = Array.from({ length: 600 }, (_, n) => person(`m${n}`));
  for (const [n, one] of people.entries()) {
    gateways[n % 2]!.add(one.connection);
    follow(n % 2, one);
  }
  const ana = people[0]!;
  gateways[0]!.watch(ana.connection, new Set([general]));
  beat(3);
  const { presenceNamedMax } = limits;
  expect(ana.here().length).toBe(presenceNamedMax);
  expect(ana.sent.at(-1)?.count).toBe(600);
  const gone = new Set(ana.here().slice(0, 50));
  gone.delete('m0');
  for (const [n, one] of people.entries()) if (gone.has(`m${n}`)) leave(n % 2, one);
  beat(4);
  expect(ana.here().length).toBe(presenceNamedMax);
  for (const id of gone) expect(ana.here()).not.toContain(id);
});

test('who does not read is told everything once they do', () => {
  const { gateways, beat, follow, crowd } = scene(1);
  const [here] = gateways as [Presence];
  crowd(0);
  const [ana, bea] = [person('ana'), person('bea')];
  for (const one of [ana, bea]) {
    here.add(one.connection);
    follow(0, one);
  }
  here.watch(ana.connection, new Set([general]));
  beat(2);
  ana.state.isSlow = true;
  here.set(bea.connection, 'away');
  beat(3);
  expect(ana.users['bea']).toBe('online');
  ana.state.isSlow = false;
  beat();
  expect(ana.users['bea']).toBe('away');
});

test('what does not fit into its time waits, and comes whole in the end', async () => {
  // Every look at the clock takes a millisecond: a beat has time for a few dozen pieces of work.
  const { gateways, beat, follow, crowd } = scene(1, { msPerLook: 1 });
  const [here] = gateways as [Presence];
  crowd(0);
  const watchers = Array.from({ length: 300 }, (_, n) => person(`w${n}`));
  for (const [n, one] of watchers.entries()) {
    here.add(one.connection);
    const own = `c${n}` as ChannelId;
    follow(0, one, own);
    here.watch(one.connection, new Set([own]));
  }
  /** With the turns of the loop that the beat is spread over. */
  const wholeBeat = async () => {
    beat();
    for (let n = 0; n < 100; n++) await new Promise((resolve) => setImmediate(resolve));
  };
  await wholeBeat();
  expect(watchers.filter((one) => one.frames() > 0).length).toBeLessThan(300);
  expect(here.effort.hasTime).toBe(false);
  let beats = 0;
  for (; beats < 1_000 && watchers.some((one) => one.here().length === 0); beats++) await wholeBeat();
  expect(watchers.every((one) => one.here().length === 1)).toBe(true);
  expect(beats).toBeGreaterThan(3);
});

test('when the process is late with everything there is less and less presence, then none, and later all of it again', () => {
  let lateMs = 0;
  const { gateways, beat } = scene(1, { loopDelayMs: () => lateMs });
  const [here] = gateways as [Presence];
  const [ana, bea] = [person('ana'), person('bea')];
  here.add(ana.connection);
  here.add(bea.connection);
  beat(2);
  lateMs = 500;
  beat(100);
  expect(here.effort.strain).toBe(1);
  here.set(bea.connection, 'away');
  beat(100);
  expect(ana.users['bea']).toBe('online');
  lateMs = 0;
  beat(17);
  expect(ana.users['bea']).toBe('away');
  beat(400);
  expect(here.effort.strain).toBe(0);
});
