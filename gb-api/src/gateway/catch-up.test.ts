import type { Actor, Context, Published } from 'gb-core';
import { type ChannelId, type CustomerId, closeCodes, type SessionId, type UserId } from 'gb-protocol';
import { silentLogger } from 'gb-utils';
import { expect, test } from 'vitest';
import { CatchUp } from './catch-up.ts';
import type { Connection } from './connection.ts';
import { Room } from './room.ts';

const customer = 'acme' as CustomerId;
const epoch = 1;

/** A database whose answers the test decides, and a gateway that writes down what it is asked to do. */
function scene(options: { rooms: Room[]; heads?: Record<string, number>; living?: ReadonlyMap<string, string> }) {
  const state = { heads: options.heads ?? {}, isDown: false, readAfter: [] as string[], questions: 0 };
  const told = { delivered: [] as number[], shut: [] as [string, number][], putOut: [] as string[] };
  const tx = {
    log: {
      positions: async (ids: readonly string[]) =>
        ids.map((channelId) => ({ channelId, epoch, seq: state.heads[channelId] ?? 0 })),
      read: async (channelId: string, after: number, limit: number) => {
        state.readAfter.push(`${channelId}:${after}`);
        const count = Math.min(limit, (state.heads[channelId] ?? 0) - after);
        return Array.from({ length: count }, (_, i) => ({ kind: 'message.deleted', channelId, epoch, seq: after + 1 + i }));
      },
    },
    sessions: {
      living: async (ids: readonly string[]) => new Map([...(options.living ?? [])].filter(([id]) => ids.includes(id))),
    },
  };
  const store = {
    read: async (_customer: CustomerId, work: (given: typeof tx) => Promise<unknown>) => {
      state.questions += 1;
      if (state.isDown) throw new Error('the database is away');
      return work(tx);
    },
  };
  const connections = new Set<Connection>(options.rooms.flatMap(({ members }) => members));
  const catchUp = new CatchUp({
    ctx: { store, log: silentLogger } as unknown as Context,
    rooms: () => options.rooms,
    connections,
    deliver: ({ event }: Published) => {
      told.delivered.push(event.seq);
      for (const room of options.rooms) if (room.channelId === event.channelId) room.note(event.epoch, event.seq);
    },
    mayFollow: async (actor: Actor) => actor.userId !== 'mallory',
    putOut: (_channelId, userId) => {
      told.putOut.push(userId);
      for (const room of options.rooms) for (const one of room.connectionsOf(userId)) room.remove(one);
    },
    shut: (connection, code) => {
      connections.delete(connection);
      told.shut.push([connection.actor!.userId, code]);
    },
  });
  return { catchUp, state, told };
}

const room = (name: string, head: number, at = epoch) =>
  new Room(customer, name as ChannelId, { epoch: at, head, isOpen: false, mayRest: true });

function member(userId: string, role = 'member') {
  const frames: string[] = [];
  const connection = {
    actor: { customerId: customer, userId: userId as UserId, role, sessionId: `session-${userId}` as SessionId },
    places: new Map(),
    behind: null,
    sendBytes: (bytes: Buffer) => frames.push(bytes.toString()),
  } as unknown as Connection;
  return { connection, frames };
}

test('what a room has not handed out is read from the log, holes before its head too', async () => {
  const [general, random, quiet] = [room('general', 5), room('random', 7), room('quiet', 3)];
  general.note(epoch, 8);
  const { catchUp, told, state } = scene({ rooms: [general, random, quiet], heads: { general: 8, random: 9, quiet: 3 } });
  catchUp.ask();
  await expect.poll(() => [general.sure, random.sure]).toEqual([8, 9]);
  expect(told.delivered).toEqual([6, 7, 8, 9]);
  expect(state.readAfter).toEqual(['general:5', 'random:7']);
  catchUp.close();
});

test('who missed very much is told to fetch it, and who may not follow any more is put out before', async () => {
  const general = room('general', 5);
  const [ana, mallory] = [member('ana'), member('mallory')];
  for (const { connection } of [ana, mallory]) general.add(connection);
  const living = new Map([
    ['session-ana', 'member'],
    ['session-mallory', 'member'],
  ]);
  const { catchUp, told } = scene({ rooms: [general], heads: { general: 206 }, living });
  catchUp.ask();
  await expect.poll(() => ana.frames.length).toBe(1);
  expect(ana.frames[0]).toContain('"type":"resync","channels":[{"channelId":"general","epoch":1,"head":206}]');
  expect(told).toMatchObject({ delivered: [], putOut: ['mallory'] });
  expect(mallory.frames).toEqual([]);
  expect(general.sure).toBe(206);
  catchUp.close();
});

test('a log that began anew is fetched by everybody; a room that is just being joined is left alone', async () => {
  const [rebuilt, joining] = [room('rebuilt', 50, 9), room('joining', 0, 0)];
  const ana = member('ana');
  rebuilt.add(ana.connection);
  const { catchUp, state } = scene({
    rooms: [rebuilt, joining],
    heads: { rebuilt: 2, joining: 4 },
    living: new Map([['session-ana', 'member']]),
  });
  catchUp.ask();
  await expect.poll(() => ana.frames.length).toBe(1);
  expect([rebuilt.epoch, rebuilt.sure, joining.epoch, state.readAfter]).toEqual([1, 2, 0, []]);
  catchUp.close();
});

test('sessions that ended or act by another role by now are shut', async () => {
  const general = room('general', 5);
  for (const name of ['ana', 'bea', 'carl']) general.add(member(name).connection);
  const living = new Map([
    ['session-ana', 'member'],
    ['session-bea', 'guest'],
  ]);
  const { catchUp, told } = scene({ rooms: [general], heads: { general: 5 }, living });
  catchUp.ask();
  await expect.poll(() => told.shut.length).toBe(2);
  expect(told.shut).toEqual([
    ['bea', closeCodes.goingAway],
    ['carl', closeCodes.unauthenticated],
  ]);
  catchUp.close();
});

test('asked a hundred times it looks twice, and while the database is away it goes on trying', async () => {
  const general = room('general', 5);
  const { catchUp, state } = scene({ rooms: [general], heads: { general: 5 } });
  for (let n = 0; n < 100; n++) catchUp.ask();
  await expect.poll(() => state.questions).toBe(2);
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(state.questions).toBe(2);
  state.isDown = true;
  state.heads['general'] = 6;
  catchUp.ask();
  await expect.poll(() => state.questions).toBe(3);
  state.isDown = false;
  await expect.poll(() => general.sure).toBe(6);
  catchUp.close();
});
