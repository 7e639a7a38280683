import { AccessCache, AlarmClock, callWebhook, DirectoryCache, keepUpBots, newRunRow, type PlainValue } from 'gb-core';
import { createInProcessEventBus } from 'gb-messaging';
import type { ClientId, ConversationId, CustomerId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { sleep, uuidv7 } from 'gb-utils';
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
import { createBotRuntime } from 'gb-vm/runtime';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Bots, composeBots } from './compose-bots.ts';
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
  const counts = await w.statuses(bot);
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

for (const depth of [62, 65, 100_000])
  test(`an answer with ${depth} brackets is a value or an error of the program, and the conversation lives`, async () => {
    const deep: OperationSet = {
      outside: { GET: async () => nested(depth) },
      inTurn: { 'GET CONFIG': async () => nested(depth) },
    };
    const w = await open([deep]);
    const script = (ask: string) =>
      `TRY\nx = ${ask}\nTALK "got"\nSET BOT MEMORY "deep", x\nTALK "kept"\nCATCH e\nTALK "caught"\nEND TRY`;
    const bot = await w.bot(`${script('GET "https://example.com"')}\n${script('GET CONFIG "a"')}\nHEAR y\nTALK y`);
    const room = await w.direct(w.ana, bot.userId);
    await w.say(w.ana, room, 'go');
    await w.settle();
    await w.say(w.ana, room, 'alive');
    const said = depth <= 64 ? ['got', 'kept', 'got', 'kept'] : ['caught', 'caught'];
    expect(await w.said(bot.userId, room)).toEqual([...said, 'alive']);
  });

test('a webhook or tool that is called with nothing but brackets is refused, and starts nothing', async () => {
  const w = await open();
  const bot = await w.bot({ 'start.bas': 'TALK "hi"', 'in.bas': 'WEBHOOK "in"\nRETURN 1' });
  const place = { customerId: w.customerId, botId: bot.botId, name: 'in' };
  for (const depth of [62, 80, 16_000]) {
    const rawBody = new TextEncoder().encode('['.repeat(depth) + ']'.repeat(depth));
    const request = { method: 'POST', headers: { 'content-type': 'application/json' }, query: {}, rawBody };
    if (depth > 64) await expect(callWebhook(w.ctx, place, request)).rejects.toMatchObject({ code: 'malformed' });
    else await callWebhook(w.ctx, place, request);
  }
  await w.settle();
  const counts = await w.statuses(bot);
  expect(counts).toMatchObject({ finished: 1, failed: 0, starting: 0, parked: 0 });
});

test('two processes on one database do each thing once: calls, runs, schedules and answers', async () => {
  const asked = new Map<string, number>();
  const slow: OperationSet = {
    outside: {
      GET: async (_, { key }) => {
        asked.set(key, (asked.get(key) ?? 0) + 1);
        await sleep(30);
        return 1;
      },
    },
  };
  const w = await open([slow]);
  const bot = await w.bot({
    'start.bas': 'HEAR a\nx = GET "https://example.com"\nn = GET BOT MEMORY "n"\nSET BOT MEMORY "n", n + 1\nTALK a\nHEAR b',
    'work.bas': 'x = GET "https://example.com"\nn = GET BOT MEMORY "n"\nSET BOT MEMORY "n", n + 1\nRETURN 1',
    'tick.bas': 'SET SCHEDULE "every day at 03:00"\nn = GET BOT MEMORY "ticks"\nSET BOT MEMORY "ticks", n + 1',
  });
  const people = await Promise.all(Array.from({ length: 5 }, (_, n) => w.person(`Person ${n}`)));
  const rooms = await Promise.all(people.map((person) => w.direct(person, bot.userId)));
  for (const [n, person] of people.entries()) await w.say(person, rooms[n]!, 'begin');
  const said = await Promise.all(
    people.map(async (authorId, n) => {
      const message = { channelId: rooms[n]!, authorId, clientId: uuidv7() as ClientId, text: `answer ${n}`, threadSeq: null };
      const rest = { mentions: [], mentionsChannel: false, suggestions: [] };
      return (await w.ctx.store.appendMessage(w.customerId, { ...message, ...rest })).seq;
    }),
  );
  const runs = 20;
  await w.ctx.store.transaction(w.customerId, async (tx) => {
    for (let n = 0; n < runs; n++) {
      const run = { botId: bot.botId, script: 'work.bas', params: {}, cause: 'script', key: `${n}`, nowMs: w.clock.now } as const;
      await tx.conversations.save(await newRunRow(tx, run), null);
    }
  });
  w.clock.now += 2 * 86_400_000;
  const ticking = setInterval(() => (w.clock.now += 10), 10);
  closers.push(async () => clearInterval(ticking));
  const processes = await Promise.all([another(w), another(w)]);
  // Every entry comes to both, twice.
  await Promise.all(
    [...processes, ...processes].flatMap(({ dispatcher }) =>
      said.map((seq, n) => {
        const entry = { id: '0', customerId: w.customerId, channelId: rooms[n]!, seq, kind: 'message.posted' } as const;
        return dispatcher.handle(entry).catch(mayRetry);
      }),
    ),
  );
  const memory = (name: string) =>
    w.ctx.store.read(w.customerId, (tx) => tx.memories.get({ botId: bot.botId, kind: 'bot' }, name));
  const isDone = async () => (await memory('n')) === runs + people.length && (await memory('ticks')) === 1;
  for (const endMs = performance.now() + 25_000; !(await isDone()); await sleep(50))
    expect(performance.now()).toBeLessThan(endMs);
  await sleep(500);
  expect([await memory('n'), await memory('ticks')]).toEqual([runs + people.length, 1]);
  expect([...asked.values()].filter((times) => times !== 1)).toEqual([]);
  for (const [n, room] of rooms.entries()) expect(await w.said(bot.userId, room)).toEqual([`answer ${n}`]);
}, 60_000);

/** What makes bots live, as in a process of its own, on the database of a world. */
async function another({ ctx }: BotWorld): Promise<Bots> {
  const { clock, log } = ctx;
  const store = await database.openStore({ clock });
  const bus = createInProcessEventBus({ log });
  const runtime = createBotRuntime({ workers: 1 });
  const caches = { access: new AccessCache({ store, bus, clock }), directory: new DirectoryCache({ store, bus, clock }) };
  const bots = composeBots({ ...ctx, ...caches, store, bus, runtime });
  bots.alarms.start();
  closers.push(async () => {
    await bots.alarms.close();
    await runtime.close();
    await bus.close();
    await store.close();
  });
  return bots;
}

/** Two who want the same conversation at once: one is told to come again, as the event log does. */
function mayRetry(error: unknown): void {
  expect(error).toMatchObject({ retryable: true });
}

test('runs without end are refused beyond a bound, and those that ended leave with all they kept', async () => {
  const w = await open();
  const bot = await w.bot({
    'start.bas': 'TALK "hi"',
    'quick.bas': 'RETURN 1',
    'slow.bas': 'WAIT 1000000\nRETURN 1',
  });
  const begin = (script: string, key: string) =>
    w.ctx.store.transaction(w.customerId, async (tx) => {
      const run = await newRunRow(tx, { botId: bot.botId, script, params: {}, cause: 'script', key, nowMs: w.clock.now });
      await tx.conversations.save(run, null);
      return run.id;
    });
  const ended = await Promise.all([begin('quick.bas', '1'), begin('quick.bas', '2')]);
  const open1 = await begin('slow.bas', '3');
  await w.settle();
  w.clock.now += 6 * 86_400_000;
  const fresh = await begin('quick.bas', '4');
  await w.settle();
  w.clock.now += 2 * 86_400_000;
  await keepUpBots(w.ctx, w.customerId);
  const has = (id: ConversationId) =>
    w.ctx.store.read(w.customerId, async (tx) => [
      (await tx.conversations.get(id)) !== null,
      (await tx.journal.page(id, { limit: 10 })).turns.length > 0,
    ]);
  expect(await Promise.all([...ended, open1, fresh].map(has))).toEqual([
    [false, false],
    [false, false],
    [true, true],
    [true, true],
  ]);
  await w.ctx.store.transaction(w.customerId, (tx) => tx.conversations.pruneRuns(bot.botId, 0, 0));
  expect(await has(fresh)).toEqual([true, true]);
  // As many as may wait to begin, without a time of their own.
  await w.ctx.store.transaction(w.customerId, async (tx) => {
    const run = { botId: bot.botId, script: 'quick.bas', params: {}, cause: 'script', key: '5', nowMs: w.clock.now } as const;
    const row = { ...(await newRunRow(tx, run)), wakeAt: null };
    for (let n = 0; n < 1_000; n++) await tx.conversations.save({ ...row, id: uuidv7() as ConversationId }, null);
  });
  await expect(begin('quick.bas', '6')).rejects.toMatchObject({ code: 'quota_exceeded' });
});

test('an event reaches everybody who waits for it, however many', async () => {
  const w = await open();
  const bot = await w.bot({ 'start.bas': 'x = PUBLISH EVENT "go", 1\nTALK x', 'wait.bas': 'WAIT FOR EVENT "go"' });
  await w.ctx.store.transaction(w.customerId, async (tx) => {
    const run = { botId: bot.botId, script: 'wait.bas', params: {}, cause: 'script', key: '1', nowMs: w.clock.now } as const;
    const row = { ...(await newRunRow(tx, run)), status: 'asking', waitsFor: 'event:go', wakeAt: null } as const;
    for (let n = 0; n < 1_001; n++) await tx.conversations.save({ ...row, id: uuidv7() as ConversationId }, null);
  });
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  expect(await w.said(bot.userId, room)).toEqual(['1001']);
  expect(await w.ctx.store.read(w.customerId, (tx) => tx.conversations.waitingFor('event:go'))).toEqual([]);
});

test('rows grouped by long texts are refused before they fill the memory', async () => {
  const w = await open();
  const bot = await w.bot('TABLE notes\n id integer key\n text string\n n integer\nEND TABLE\nTALK "hi"');
  await w.ctx.store.transaction(w.customerId, async (tx) => {
    const table = await tx.tables.get(bot.botId, 'notes');
    const rows = Array.from({ length: 12 }, (_, id) => ({ id, text: `${id}`.repeat(100_000), n: id % 2 }));
    await tx.tables.insert(table!, rows);
  });
  const grouped = (groupBy: string[]) =>
    w.ctx.store.read(w.customerId, async (tx) => {
      const table = await tx.tables.get(bot.botId, 'notes');
      return tx.tables.aggregate(table!, { function: 'count', groupBy });
    });
  await expect(grouped(['text'])).rejects.toMatchObject({ isLimit: true });
  expect(await grouped(['n'])).toEqual([
    { n: 0, value: 6 },
    { n: 1, value: 6 },
  ]);
});

test('somebody’s name is a name in the words of a bot, and no link', async () => {
  const w = await open();
  const bot = await w.bot('TRANSFER');
  const evil = await w.person('[open case](https://evil.example) **now**');
  const room = await w.direct(evil, bot.userId);
  await w.say(evil, room, 'help');
  await w.settle();
  const desk = await w.ctx.store.read(w.customerId, async (tx) => (await tx.channels.byName(`${bot.handle}-desk`))!.id);
  const [text] = await w.said(bot.userId, desk);
  expect(text).toContain('asks for a person');
  expect(text).not.toMatch(/(?<!\\)\[open case/);
  expect(text).not.toContain(' **now**');
});

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
      const run = {
        botId: bot.botId,
        script: 'start.bas',
        params: {},
        cause: 'script',
        key: `${n}`,
        nowMs: w.clock.now,
      } as const;
      await tx.conversations.save(await newRunRow(tx, run), null);
    });
}

async function eventually(look: () => boolean): Promise<void> {
  for (const endMs = performance.now() + 10_000; !look(); await sleep(20)) expect(performance.now()).toBeLessThan(endMs);
}

// The last one: what it leaves due is of no use to anybody.
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
