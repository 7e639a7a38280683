import type { QuotaName } from 'gb-protocol';
import { QuotaAdmin } from 'gb-storage';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { createCalendar, type OperationSet, peopleOperations, systemOperations, talkOperations } from 'gb-vm/host';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BotWorld } from './testing/bots.ts';

let database: TestDatabase;
let admin: QuotaAdmin;
const worlds: BotWorld[] = [];
beforeAll(async () => {
  database = await startTestDatabase();
  admin = new QuotaAdmin([database.postgres.owner]);
}, 60_000);
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});
afterAll(() => database?.close(), 60_000);

const web: OperationSet = { inTurn: {}, outside: { GET: async (args) => `answer of ${String(args['address'])}` } };

async function open(): Promise<BotWorld> {
  const sets = [
    talkOperations(),
    peopleOperations({ ask: async () => '', http: null }),
    systemOperations({ calendar: createCalendar(), publish: null, http: null }),
    web,
  ];
  const world = await BotWorld.open(database, { sets });
  worlds.push(world);
  return world;
}

const set = (w: BotWorld, name: QuotaName, most: number | null | 'default') => admin.set(w.customerId, new Map([[name, most]]));

async function ask(w: BotWorld, script: string): Promise<string[]> {
  const bot = await w.bot(script);
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  await w.settle();
  return w.said(bot.userId, room);
}

test('a program hears that there is no room for another channel, and goes on in the same turn', async () => {
  const w = await open();
  await set(w, 'channels', 1);
  const script =
    't = CREATE TEAM "first team", []\nTALK t\nTRY\nt = CREATE TEAM "second team", []\nCATCH e\nTALK e.message\nEND TRY\nTALK "done"';
  expect(await ask(w, script)).toEqual(['#first-team', expect.stringContaining('has 1 channels'), 'done']);
  const names = await w.ctx.store.read(w.customerId, async (tx) => [
    await tx.channels.byName('first-team'),
    await tx.channels.byName('second-team'),
  ]);
  expect(names.map((one) => one?.name)).toEqual(['first-team', undefined]);
});

test('how often a program may ask the outside is the plan’s, or what was set for its organization', async () => {
  const w = await open();
  const script =
    'TRY\nFOR i = 1 TO 20\nx = GET "https://example.com"\nNEXT\nTALK "all"\nCATCH e\nTALK i + ": " + e.message\nEND TRY';
  expect(await ask(w, script)).toEqual(['all']);
  await set(w, 'calls', 3);
  expect(await ask(w, script)).toEqual([expect.stringMatching(/^4: .*3 calls outside/)]);
  await set(w, 'calls', 'default');
  expect(await ask(w, script)).toEqual(['all']);
});

test('a bot that goes on by itself waits while there are no messages left, forgets nothing, and goes on when there are', async () => {
  const w = await open();
  const bot = await w.bot('n = 41\nTALK "wait"\nWAIT 60\nTALK n + 1\nHEAR x\nTALK "heard"');
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  await w.settle();
  expect(await w.said(bot.userId, room)).toEqual(['wait']);
  await set(w, 'messages', 1);
  // As every process hears within seconds.
  expect((await w.ctx.quotas.usage(w.customerId)).find(({ name }) => name === 'messages')?.most).toBe(1);
  await w.pass(61_000);
  expect(await w.said(bot.userId, room)).toEqual(['wait']);
  await set(w, 'messages', 'default');
  await w.ctx.quotas.usage(w.customerId);
  await w.pass(10 * 60_000);
  expect(await w.said(bot.userId, room)).toEqual(['wait', '42']);
  // Somebody who was let in is answered, whatever was used up meanwhile.
  await set(w, 'messages', 1);
  await w.ctx.quotas.usage(w.customerId);
  await w.say(w.ana, room, 'on');
  await w.settle();
  expect(await w.said(bot.userId, room)).toEqual(['wait', '42', 'heard']);
});
