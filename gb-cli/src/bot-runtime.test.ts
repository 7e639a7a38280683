import { newRunRow } from 'gb-core';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { GbError } from 'gb-utils';
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

async function open(options: BotWorldOptions = {}): Promise<BotWorld> {
  const world = await BotWorld.open(database, { sets: [basics], ...options });
  worlds.push(world);
  return world;
}

/** Operations of both kinds that a test can count. `GET` counts how often the world was asked, by key. */
const asked = new Map<string, number>();
const basics: OperationSet = {
  inTurn: {
    WAIT: async (args, scope) => {
      scope.suspend({ atMs: scope.nowMs + Number(args['seconds']) * 1000 });
      return null;
    },
    'SET SESSION': async (args, scope) => {
      scope.state.session = { ...scope.state.session, [String(args['key'])]: args['value'] ?? null };
      return null;
    },
    'GET SESSION': async (args, scope) => scope.state.session?.[String(args['key'])] ?? null,
    'SET BOT MEMORY': async (args, scope) => {
      await scope.tx.memories.set({ botId: scope.botId, kind: 'bot' }, String(args['key']), args['value'] ?? null);
      return null;
    },
    'GET BOT MEMORY': async (args, scope) => scope.tx.memories.get({ botId: scope.botId, kind: 'bot' }, String(args['key'])),
    'WAIT FOR EVENT': async (args, scope) => {
      scope.suspend({ event: `event:${String(args['event'])}`, atMs: scope.nowMs + 60_000, timedOut: 'nothing came' });
      return null;
    },
    'PUBLISH EVENT': async (args, scope) => scope.announce(`event:${String(args['event'])}`, args['data'] ?? null),
    'RUN SCRIPT': async (args, scope) => {
      const id = await scope.start({ script: String(args['script']), params: { a: 2 }, cause: 'script', key: 'run' });
      scope.suspend({ event: `run:${id}` });
      return null;
    },
  },
  outside: {
    GET: async (args, call) => {
      asked.set(call.key, (asked.get(call.key) ?? 0) + 1);
      call.state.web = { calls: Number(call.state.web?.['calls'] ?? 0) + 1 };
      return `answer of ${String(args['address'])}`;
    },
  },
};

test('a conversation goes on after a pause, however long', async () => {
  const w = await open();
  const bot = await w.bot('TALK "one"\nWAIT 86400 * 30\nTALK "two"\nHEAR x\nTALK x');
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  await w.settle();
  expect(await w.said(bot.userId, room)).toEqual(['one']);
  w.restart();
  await w.pass(29 * 86_400_000);
  expect(await w.said(bot.userId, room)).toEqual(['one']);
  await w.pass(2 * 86_400_000);
  expect(await w.said(bot.userId, room)).toEqual(['one', 'two']);
  await w.say(w.ana, room, 'three');
  expect(await w.said(bot.userId, room)).toEqual(['one', 'two', 'three']);
});

test('what is said while a program is busy is heard at its next questions, in order', async () => {
  const w = await open();
  const bot = await w.bot('x = GET "https://example.com"\nTALK x\nHEAR a\nHEAR b\nTALK a + b');
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  await w.say(w.ana, room, 'early-');
  await w.say(w.ana, room, 'bird');
  await w.settle();
  expect(await w.said(bot.userId, room)).toEqual(['answer of https://example.com', 'early-bird']);
});

test('what the database keeps and what is said are of one piece: an error later undoes neither', async () => {
  const w = await open();
  const bot = await w.bot('SET BOT MEMORY "n", GET BOT MEMORY("n") + 1\nTALK GET BOT MEMORY("n")\nx = 1 / zero');
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  await w.say(w.ana, room, 'again');
  const said = await w.said(bot.userId, room);
  expect(said.filter((text) => /^\d/.test(text))).toEqual(['1', '2']);
});

test('the same entry delivered again changes nothing', async () => {
  const w = await open();
  const bot = await w.bot('TALK "hello"\nHEAR x\nTALK "you said " + x\nHEAR y');
  const room = await w.direct(w.ana, bot.userId);
  const first = await w.say(w.ana, room, 'go');
  const second = await w.say(w.ana, room, 'tea');
  for (const seq of [first, second, second, first]) await w.deliver(room, seq);
  await Promise.all([w.deliver(room, second), w.deliver(room, second)]);
  expect(await w.said(bot.userId, room)).toEqual(['hello', 'you said tea']);
});

test('an event wakes who waits for it, and time wakes who waited in vain', async () => {
  const w = await open();
  const waiter = await w.bot('x = WAIT FOR EVENT "paid"\nTALK x');
  const payer = await w.bot('PUBLISH EVENT "paid", "order 12"\nTALK "told"');
  const [one, two] = [await w.direct(w.ana, waiter.userId), await w.direct(w.ana, payer.userId)];
  await w.say(w.ana, one, 'go');
  await w.say(w.ana, two, 'go');
  await w.settle();
  expect(await w.said(waiter.userId, one)).toEqual(['order 12']);
  await w.say(w.ana, one, 'again');
  await w.pass(61_000);
  expect(await w.said(waiter.userId, one)).toEqual(['order 12', 'nothing came']);
});

test('a script of its own gives back what it returns', async () => {
  const w = await open();
  const bot = await w.bot({
    'start.bas': 'x = RUN SCRIPT "double"\nTALK "twice is " + x.value',
    'double.bas': 'PARAM a AS NUMBER\nDESCRIPTION "Twice."\nRETURN {value: a * 2}',
  });
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  await w.settle();
  expect(await w.said(bot.userId, room)).toEqual(['twice is 4']);
});

test('nobody answers in time: the program learns of it where it asked', async () => {
  const w = await open();
  const source = 'TRY\n  TALK "well?"\n  HEAR x\n  TALK x\nCATCH e\n  TALK e.code\nEND TRY';
  const bot = await w.bot(source, { 'hear-timeout-secs': '60' });
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  await w.pass(59_000);
  expect(await w.said(bot.userId, room)).toEqual(['well?']);
  await w.pass(2_000);
  expect(await w.said(bot.userId, room)).toEqual(['well?', 'hear_timed_out']);
});

test('a part of a script runs when its event comes, with what came along', async () => {
  const w = await open();
  const listener = await w.bot({
    'start.bas': 'TALK "hi"',
    'on-paid.bas': 'ON EVENT "paid" DO\n  TALK "got " + params.order\nEND ON\nTALK "not this"',
  });
  const general = await w.channel('general', [w.ana, listener.userId]);
  await w.ctx.store.transaction(w.customerId, async (tx) => {
    for (const { botId, script } of await tx.triggers.find('event', 'PAID')) {
      const run = { botId, script, params: { params: { order: 7 } }, cause: 'event', key: 'e1', nowMs: w.clock.now } as const;
      await tx.conversations.save(await newRunRow(tx, run), null);
    }
  });
  await w.settle();
  expect(await w.said(listener.userId, general)).toEqual(['got 7']);
});

test('a schedule runs its script once for each time, and speaks where the bot is', async () => {
  const w = await open();
  const bot = await w.bot({
    'start.bas': 'TALK "hi"',
    'daily.bas': 'SET SCHEDULE "every hour"\nTALK "good hour"',
  });
  const general = await w.channel('general', [w.ana, bot.userId]);
  await w.settle();
  await w.pass(3_600_000);
  await w.settle();
  expect(await w.said(bot.userId, general)).toEqual(['good hour']);
  // Nobody was there for five hours: one run, not five.
  await w.pass(5 * 3_600_000);
  expect(await w.said(bot.userId, general)).toEqual(['good hour', 'good hour']);
});

test('a program that asks the world without end is stopped at its line, and only it', async () => {
  const w = await open();
  const bot = await w.bot('DO\n  x = GET "https://example.com"\nLOOP');
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  await w.settle();
  const said = await w.said(bot.userId, room);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('start.bas:2: GET met a limit');
});

/**
 * A process may die between any two steps it takes. Each round loses the process at another step: from then on nothing of
 * it reaches the database, the workers or the world. Another process takes over, and in the end everything was said once.
 */
test('a process that dies at any step loses nothing and doubles nothing', async () => {
  const source = `TALK "start"
SET BOT MEMORY "n", GET BOT MEMORY("n") + 1
x = GET "https://example.com"
TALK x
WAIT 5
SET BOT MEMORY "n", GET BOT MEMORY("n") + 1
HEAR name
SET BOT MEMORY "n", GET BOT MEMORY("n") + 1
TALK "bye " + name + " " + GET BOT MEMORY("n")`;
  let stepsLeft = Number.POSITIVE_INFINITY;
  let steps = 0;
  const lost = () => new GbError('unavailable', 'The process is gone', { retryable: true });
  const step = async <T>(work: () => Promise<T>, isAfter: boolean): Promise<T> => {
    steps += 1;
    if (--stepsLeft < 0) throw lost();
    // Half of the rounds lose the process after the step was done, before anybody learns of it.
    const result = await work();
    if (isAfter && stepsLeft === 0) throw lost();
    return result;
  };
  let isAfter = false;
  const w = await open({
    wrapStore: (store) => ({
      ...store,
      appendMessage: (...args) => step(() => store.appendMessage(...args), isAfter),
      transaction: (customerId, work) => step(() => store.transaction(customerId, work), isAfter),
      read: (customerId, work) => step(() => store.read(customerId, work), isAfter),
      timers: store.timers,
    }),
    wrapRuntime: (runtime) => ({ ...runtime, runTurn: (input) => step(() => runtime.runTurn(input), isAfter) }),
    wrapOperations: (operations) => ({
      ...operations,
      outside: (request, call) => step(() => operations.outside(request, call), isAfter),
    }),
  });
  const play = async (dieAt: number): Promise<number> => {
    stepsLeft = Number.POSITIVE_INFINITY;
    steps = 0;
    const bot = await w.bot(source);
    const room = await w.direct(w.ana, bot.userId);
    stepsLeft = dieAt;
    steps = 0;
    const surviving = async (work: () => Promise<unknown>) => {
      for (let lives = 0; lives < 3; lives++) {
        try {
          return await work();
        } catch (error) {
          if (!(error instanceof GbError && error.code === 'unavailable')) throw error;
          // The next process: it knows nothing but the database, and it lives.
          stepsLeft = Number.POSITIVE_INFINITY;
          w.restart();
        }
      }
      throw new Error('It never went through.');
    };
    const first = await surviving(() => w.say(w.ana, room, 'go'));
    if (first === undefined) throw new Error('nothing was said');
    const all = (await w.messages(room)).filter(({ authorId }) => authorId === w.ana);
    await surviving(() => w.deliver(room, all[0]!.seq));
    await surviving(() => w.pass(20_000));
    await surviving(() => w.pass(20_000));
    await surviving(() => w.say(w.ana, room, 'Bo'));
    const after = (await w.messages(room)).filter(({ authorId }) => authorId === w.ana);
    // A message whose delivery died comes again; the same words are not said again.
    await surviving(() => w.deliver(room, after[1]!.seq));
    await surviving(() => w.pass(20_000));
    expect(await w.said(bot.userId, room), `lost at step ${dieAt}`).toEqual([
      'start',
      'answer of https://example.com',
      'bye Bo 3',
    ]);
    return steps;
  };
  const whole = await play(Number.POSITIVE_INFINITY);
  expect(whole).toBeGreaterThan(12);
  for (isAfter of [false, true]) for (let dieAt = 1; dieAt <= whole; dieAt++) await play(dieAt);
}, 120_000);
