import { type Actor, forgetDevice, readDeviceCursors, saveDeviceCursors } from 'gb-core';
import type { ChannelId, Cursor, UserId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BotWorld } from './testing/bots.ts';

let database: TestDatabase;
let world: BotWorld;
beforeAll(async () => {
  database = await startTestDatabase();
  world = await BotWorld.open(database);
});
afterAll(async () => {
  await world?.close();
  await database?.close();
});

const actor = (userId: UserId): Actor => ({ customerId: world.customerId, userId, role: 'member', sessionId: null });
const at = (channelId: ChannelId, epoch: number, seq: number): Cursor => ({ channelId, epoch, seq });
const channel = () => uuidv7() as ChannelId;

test('a device begins again where it was, and its places only move forward', async () => {
  const { ctx } = world;
  const owner = actor(world.ana);
  const [a, b] = [channel(), channel()];
  await expect(readDeviceCursors(ctx, owner, 'archive')).rejects.toMatchObject({ code: 'not_found' });
  await saveDeviceCursors(ctx, owner, 'archive', [at(a, 1, 10), at(b, 1, 5)]);
  await saveDeviceCursors(ctx, owner, 'archive', [at(a, 1, 7), at(b, 2, 1)]);
  const { cursors } = await readDeviceCursors(ctx, owner, 'archive');
  expect(cursors).toEqual([at(a, 1, 10), at(b, 2, 1)]);
  await forgetDevice(ctx, owner, 'archive');
  await expect(readDeviceCursors(ctx, owner, 'archive')).rejects.toMatchObject({ code: 'not_found' });
});

test('of many who tell at once nothing is lost', async () => {
  const { ctx } = world;
  const owner = actor(world.ana);
  const channels = Array.from({ length: 8 }, channel);
  await Promise.all(channels.map((id, n) => saveDeviceCursors(ctx, owner, 'many', [at(id, 1, n + 1)])));
  const { cursors } = await readDeviceCursors(ctx, owner, 'many');
  expect(new Map(cursors.map(({ channelId, seq }) => [channelId, seq]))).toEqual(new Map(channels.map((id, n) => [id, n + 1])));
});

test('people and devices do not touch each other, and there are only so many', async () => {
  const { ctx } = world;
  const owner = actor(world.ana);
  const bea = actor(await world.person('Bea'));
  const id = channel();
  await saveDeviceCursors(ctx, bea, 'phone', [at(id, 1, 3)]);
  await expect(readDeviceCursors(ctx, owner, 'phone')).rejects.toMatchObject({ code: 'not_found' });
  await expect(saveDeviceCursors(ctx, bea, '../x', [])).rejects.toMatchObject({ code: 'malformed' });
  for (let n = 1; n < 50; n++) await saveDeviceCursors(ctx, bea, `device-${n}`, [at(id, 1, n)]);
  await expect(saveDeviceCursors(ctx, bea, 'one-more', [])).rejects.toMatchObject({ code: 'quota_exceeded' });
  await saveDeviceCursors(ctx, bea, 'phone', [at(id, 1, 4)]);
  const many = Array.from({ length: 5_001 }, () => at(channel(), 1, 1));
  await expect(saveDeviceCursors(ctx, bea, 'phone', many)).rejects.toMatchObject({ code: 'quota_exceeded' });
  expect((await readDeviceCursors(ctx, bea, 'phone')).cursors).toEqual([at(id, 1, 4)]);
});
