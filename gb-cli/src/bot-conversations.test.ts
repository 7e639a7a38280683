import { type Actor, beginRun, endBotConversation, openContact, retryBotConversation } from 'gb-core';
import type { BotId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import type { OperationSet } from 'gb-vm/host';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BotWorld, type BotWorldOptions } from './testing/bots.ts';

let database: TestDatabase;
const worlds: BotWorld[] = [];
beforeAll(async () => {
  database = await startTestDatabase();
});
// A world keeps connections: those of all tests together are more than the database gives.
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});
afterAll(async () => database?.close());

/** Runs of other scripts, waited for. */
const runs: OperationSet = {
  inTurn: {
    'RUN SCRIPT': async (args, scope) => {
      const id = await scope.start({ script: String(args['script']), params: {}, cause: 'script', key: 'run' });
      scope.suspend({ event: `run:${id}` });
      return null;
    },
    WAIT: async (args, scope) => {
      scope.suspend({ atMs: scope.nowMs + Number(args['seconds']) * 1000 });
      return null;
    },
  },
};

async function open(options: BotWorldOptions = {}): Promise<BotWorld> {
  const world = await BotWorld.open(database, { sets: [runs], ...options });
  worlds.push(world);
  return world;
}

const owner = (w: BotWorld): Actor => ({ customerId: w.customerId, userId: w.ana, role: 'owner', sessionId: null });

test('a parked conversation that is tried again goes on with what was said to it meanwhile', async () => {
  let isBroken = false;
  const w = await open({
    wrapRuntime: (runtime) => ({
      runTurn: async (input) => {
        if (isBroken) throw new Error('The machine is broken.');
        return runtime.runTurn(input);
      },
      close: () => runtime.close(),
    }),
  });
  const bot = await w.bot('TALK "name?"\nHEAR name\nWAIT 1\nTALK "hello ${name}"\nHEAR x\nTALK "and ${x}"');
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'begin');
  await w.say(w.ana, room, 'Ana');
  isBroken = true;
  for (let minutes = 0; minutes < 10; minutes++) await w.pass(60_000);
  const parked = await w.conversation(bot, room, w.ana);
  expect([parked.status, parked.failures]).toEqual(['parked', 5]);
  await w.say(w.ana, room, 'meanwhile');
  isBroken = false;
  await w.pass(3_600_000);
  const told = expect.stringMatching(/^I cannot answer just now/);
  expect(await w.said(bot.userId, room)).toEqual(['name?', told]);
  await retryBotConversation(w.ctx, owner(w), bot.botId, parked.id);
  await w.settle();
  expect(await w.said(bot.userId, room)).toEqual(['name?', told, 'hello Ana', 'and meanwhile']);
  await expect(retryBotConversation(w.ctx, owner(w), bot.botId, parked.id)).rejects.toMatchObject({ code: 'forbidden' });
});

test('who waits for a run that somebody ends goes on with an error', async () => {
  const w = await open();
  const bot = await w.bot({
    'start.bas': 'TRY\n  RUN SCRIPT "long"\nCATCH e\n  TALK "it was ended"\nEND TRY',
    'long.bas': 'WAIT 86400\nRETURN 1',
  });
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  await w.settle();
  const page = await w.ctx.store.read(w.customerId, (tx) =>
    tx.conversations.page(bot.botId, { kind: 'run', limit: 10, snapshotHeadBytes: 32 }),
  );
  const run = page.conversations[0]!;
  await endBotConversation(w.ctx, owner(w), bot.botId, run.id);
  await w.settle();
  expect(await w.said(bot.userId, room)).toEqual(['it was ended']);
  const other = await w.bot('TALK 1');
  await expect(endBotConversation(w.ctx, owner(w), other.botId, run.id)).rejects.toMatchObject({ code: 'not_found' });
});

test('two runs of one key are one, also when they are asked for at the same moment', async () => {
  const w = await open();
  const bot = await w.bot({ 'start.bas': 'TALK 1', 'once.bas': 'RETURN 7' });
  const run = { botId: bot.botId, script: 'once.bas', params: {}, cause: 'webhook', key: 'delivery' } as const;
  const ids = await Promise.all([1, 2, 3, 4].map(() => beginRun(w.ctx, w.customerId, run)));
  expect(new Set(ids).size).toBe(1);
  await w.settle();
  expect(await beginRun(w.ctx, w.customerId, run)).toBe(ids[0]);
  const row = await w.ctx.store.read(w.customerId, (tx) => tx.conversations.get(ids[0]!));
  expect(row).toMatchObject({ status: 'finished', result: { value: 7 }, turn: 1 });
});

test('contacts of one key that come at the same moment are one person with one channel', async () => {
  const w = await open();
  const bot = await w.bot('TALK "hi"\nHEAR x');
  const holder = { customerId: w.customerId, botId: bot.botId, keyId: 'k' };
  const found = await Promise.all([1, 2, 3, 4, 5].map(() => openContact(w.ctx, holder, { id: 'same' })));
  expect(new Set(found.map(({ id }) => id)).size).toBe(1);
  const other = await w.bot('TALK "hi"');
  const elsewhere = await openContact(w.ctx, { ...holder, botId: other.botId as BotId }, { id: 'same' });
  expect(elsewhere.id).not.toBe(found[0]!.id);
});
