import type { CustomerId, UserId } from 'gb-protocol';
import { afterEach, expect, test } from 'vitest';
import type { Connection } from './connection.ts';
import { Presence } from './presence.ts';

const customer = 'acme' as CustomerId;
const opened: Presence[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

/** Gateways that hear each other, on a clock that the test moves, a beat at a time. */
function scene(count: number) {
  const clock = { nowMs: 0 };
  const isDeaf = new Set<number>();
  const signals: object[] = [];
  const gateways = Array.from({ length: count }, (_, own) => {
    const one: Presence = new Presence({
      nowMs: () => clock.nowMs,
      signal: (signal) => {
        signals.push(signal);
        if (!isDeaf.has(own)) for (const [i, other] of gateways.entries()) if (!isDeaf.has(i)) other.hear(signal);
      },
    });
    opened.push(one);
    return one;
  });
  const beat = (times = 1) => {
    for (let n = 0; n < times; n++) {
      clock.nowMs += 1_000;
      for (const [i, one] of gateways.entries()) if (!isDeaf.has(i)) one.beat();
    }
  };
  return { gateways, beat, isDeaf, signals };
}

function person(userId: string, customerId = customer) {
  const users: Record<string, string> = {};
  let frames = 0;
  const hear = (frame: { users: Record<string, string> }) => {
    frames += 1;
    Object.assign(users, frame.users);
  };
  const connection = {
    actor: { customerId, userId: userId as UserId },
    presence: 'online',
    behind: null,
    send: hear,
    sendBytes: (bytes: Buffer) => hear(JSON.parse(bytes.subarray(bytes.indexOf('{')).toString())),
  } as unknown as Connection;
  return { connection, users, frames: () => frames };
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

test('a customer with very many people has no presence', () => {
  const { gateways, beat, signals } = scene(2);
  const [here] = gateways as [Presence, Presence];
  const ana = person('ana');
  here.add(ana.connection);
  for (let n = 0; n < 2_001; n++) here.add(person(`p${n}`).connection);
  beat(3);
  const [frames, said] = [ana.frames(), signals.length];
  here.add(person('late').connection);
  beat(40);
  expect([ana.frames(), signals.length]).toEqual([frames, said]);
});
