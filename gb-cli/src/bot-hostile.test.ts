import { AlarmClock, newRunRow, type PlainValue } from 'gb-core';
import type { CustomerId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { sleep } from 'gb-utils';
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
import { BotWorld, type TestBot } from './testing/bots.ts';

let database: TestDatabase;
const worlds: BotWorld[] = [];
const closers: (() => Promise<void>)[] = [];
beforeAll(async () => {
  database = await startTestDatabase();
});
afterEach(async () => {
  for (const closer of closers.splice(0)) await closer();
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

/** What the owner of a bot reads. */
async function linesOf(w: BotWorld, { botId }: TestBot): Promise<string> {
  const { lines } = await w.ctx.store.read(w.customerId, (tx) => tx.botLog.page(botId, { limit: 100 }));
  return lines.map(({ message }) => message).join('\n');
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
  expect(await linesOf(w, bot)).toContain('scripts have started each other 16 times');
  const counts = await w.ctx.store.read(w.customerId, (tx) => tx.conversations.count(bot.botId));
  expect(counts).toMatchObject({ starting: 0, asking: 0, failed: 1 });
});

test('a program that wakes itself for ever is slowed down, and its owner reads why', async () => {
  const w = await open();
  const bot = await w.bot('n = 0\nDO\nn = n + 1\nSET BOT MEMORY "n", n\nWAIT 0.001\nLOOP');
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  const turns = async () => (await w.conversation(bot, room, w.ana)).turn;
  // As many turns as ten minutes may have: it never comes to rest, until it is made to.
  for (let n = 0; n < 5 && !(await linesOf(w, bot)).includes('slowed down'); n++)
    await w.pass(1).catch((error: Error) => expect(error.message).toContain('something left to do'));
  expect(await linesOf(w, bot)).toContain('slowed down');
  const before = await turns();
  expect(before).toBeGreaterThan(500);
  await w.pass(60_000);
  expect(await turns()).toBeLessThanOrEqual(before + 61);
}, 60_000);

/** A clock of the real server over the timers of the real database, whose work ends when it is told. */
function alarms(w: BotWorld) {
  const running: { customerId: CustomerId; id: string; end: () => void }[] = [];
  const clock = new AlarmClock(w.ctx, {
    conversation: (customerId, id) => new Promise((end) => running.push({ customerId, id, end })),
    schedule: async () => {},
  });
  closers.push(async () => {
    const closing = clock.close();
    for (const { end } of running) end();
    await closing;
  });
  clock.start();
  return running;
}

/** Runs that are due, of one customer. */
async function due(w: BotWorld, bot: TestBot, count: number): Promise<void> {
  for (let n = 0; n < count; n++)
    await w.ctx.store.transaction(w.customerId, async (tx) => {
      const run = { botId: bot.botId, script: 'start.bas', params: {}, cause: 'script', key: `${n}`, nowMs: w.clock.now } as const;
      await tx.conversations.save(await newRunRow(tx, run), null);
    });
}

async function eventually(look: () => boolean): Promise<void> {
  for (const endMs = performance.now() + 10_000; !look(); await sleep(20)) expect(performance.now()).toBeLessThan(endMs);
}

test('one customer with hundreds of slow calls takes its share of the clock, and the next one is served', async () => {
  const greedy = await open();
  const bot = await greedy.bot('TALK "x"');
  await due(greedy, bot, 150);
  const running = alarms(greedy);
  const of = ({ customerId }: BotWorld) => running.filter((one) => one.customerId === customerId).length;
  await eventually(() => of(greedy) === 24);
  const small = await open();
  small.clock.now = greedy.clock.now - 1;
  await due(small, await small.bot('TALK "y"'), 1);
  await eventually(() => of(small) === 1);
  expect(of(greedy)).toBe(24);
});

test('what was done in the world while the clock went back is done, and not done again', async () => {
  let calls = 0;
  const w: BotWorld = await open([
    {
      outside: {
        GET: async () => {
          calls += 1;
          w.clock.now -= 3_600_000;
          return 'sent';
        },
      },
    },
  ]);
  const bot = await w.bot('x = GET "https://example.com/pay"\nTALK x\nHEAR y\nTALK "and " + y');
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  await w.settle();
  expect(await w.said(bot.userId, room)).toEqual(['sent']);
  await w.say(w.ana, room, 'on');
  expect(await w.said(bot.userId, room)).toEqual(['sent', 'and on']);
  await w.pass(3_700_000);
  expect(calls).toBe(1);
});

/** An answer of a server, a table or a person that is all brackets. */
function nested(depth: number): PlainValue {
  let value: PlainValue = 1;
  for (let n = 0; n < depth; n++) value = [value];
  return value;
}

for (const depth of [500, 5_000, 100_000])
  test(`an answer with ${depth} brackets is a value or an error of the program, and the conversation lives`, async () => {
    const w = await open([{ outside: { GET: async () => nested(depth) }, inTurn: { 'GET CONFIG': async () => nested(depth) } }]);
    const bot = await w.bot(
      [
        'TRY\nx = GET "https://example.com"\nTALK "got"\nSET BOT MEMORY "deep", x\nTALK "kept"\nCATCH e\nTALK "caught"\nEND TRY',
        'TRY\nx = GET CONFIG "a"\nTALK "got"\nCATCH e\nTALK "caught"\nEND TRY',
        'HEAR y\nTALK y',
      ].join('\n'),
    );
    const room = await w.direct(w.ana, bot.userId);
    await w.say(w.ana, room, 'go');
    await w.settle();
    await w.say(w.ana, room, 'alive');
    await w.pass(600_000);
    console.log(depth, await w.said(bot.userId, room), (await w.conversation(bot, room, w.ana)).status);
    expect((await w.said(bot.userId, room)).at(-1)).toBe('alive');
  });
