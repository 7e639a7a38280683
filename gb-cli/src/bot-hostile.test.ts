import type { CustomerId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import {
  createCalendar,
  dataOperations,
  memoryOperations,
  type OperationSet,
  peopleOperations,
  systemOperations,
  talkOperations,
  workflowOperations,
} from 'gb-vm/host';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BotWorld } from './testing/bots.ts';

let database: TestDatabase;
const worlds: BotWorld[] = [];
beforeAll(async () => {
  database = await startTestDatabase();
});
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});
afterAll(async () => database?.close());

async function open(more: readonly OperationSet[] = []): Promise<BotWorld> {
  const sets = [
    ...more,
    talkOperations(),
    dataOperations({ readRows: async () => null }),
    memoryOperations(),
    peopleOperations({ ask: async () => '', http: null }),
    workflowOperations({ runner: null }),
    systemOperations({ calendar: createCalendar(), publish: null, http: null }),
  ];
  const world = await BotWorld.open(database, { sets });
  worlds.push(world);
  return world;
}

test('an event that makes a row that makes the event again comes to an end', async () => {
  const w = await open();
  const bot = await w.bot({
    'start.bas': 'TABLE things\n id integer key\n name string(20)\nEND TABLE\nPUBLISH EVENT "go", 1\nTALK "begun"',
    'on-event.bas': 'ON EVENT "go"\nSAVE "things", #{name: "x"}\nEND ON',
    'on-row.bas': 'ON INSERT OF "things"\nPUBLISH EVENT "go", 1\nEND ON',
  });
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  await w.settle();
  const counts = await w.ctx.store.read(w.customerId, (tx) => tx.conversations.count(bot.botId));
  console.log(counts, await w.said(bot.userId, room));
  expect(counts.starting).toBe(0);
});
