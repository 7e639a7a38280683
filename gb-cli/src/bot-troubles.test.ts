import { type Actor, BotPreviews, beginRun, planOf, readBotConversations, retryBotConversation } from 'gb-core';
import type { ChannelId, UserId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { GbError } from 'gb-utils';
import { type OperationSet, workflowOperations } from 'gb-vm/host';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { BotWorld, type BotWorldOptions, type TestBot } from './testing/bots.ts';

const hourMs = 3_600_000;

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
  const world = await BotWorld.open(database, { sets: [basics, workflowOperations({ runner: null })], ...options });
  worlds.push(world);
  return world;
}

/** Seconds that the conversation waits for a script it calls; for `inner` an hour. */
const patienceSecs = 60;

const basics: OperationSet = {
  inTurn: {
    WAIT: async (args, scope) => {
      scope.suspend({ atMs: scope.nowMs + Number(args['seconds']) * 1000 });
      return null;
    },
    'WAIT FOR EVENT': async (args, scope) => {
      scope.suspend({ event: `event:${String(args['event'])}`, atMs: scope.nowMs + 600_000, timedOut: 'nothing came' });
      return null;
    },
    'PUBLISH EVENT': async (args, scope) => scope.announce(`event:${String(args['event'])}`, args['data'] ?? null),
    TRANSFER: async (_, scope) => {
      scope.suspend({ event: 'handed:nobody', atMs: scope.nowMs + 600_000, timedOut: 'nobody came', isHanded: true });
      return null;
    },
    'GET BOT MEMORY': async (args, scope) => {
      const place = scope.channelId ? { place: { channelId: scope.channelId, threadSeq: scope.threadSeq } } : {};
      const script = String(args['key']);
      const run = { script, params: {}, cause: 'script', key: 'call', userId: scope.userId, ...place } as const;
      const atMs = scope.nowMs + (script === 'inner' ? hourMs : patienceSecs * 1000);
      scope.suspend({ event: `run:${await scope.start(run)}`, atMs, timedOut: 'too slow' });
      return null;
    },
  },
  outside: { GET: async (args) => `answer of ${String(args['address'])}` },
};

/** A machine that can be broken, by no fault of any program. */
function breakable(error: () => Error = () => new Error('The machine is broken.')) {
  const machine = {
    isBroken: false,
    options: {
      wrapRuntime: (runtime) => ({
        runTurn: async (input) => {
          if (machine.isBroken) throw error();
          return runtime.runTurn(input);
        },
        close: () => runtime.close(),
      }),
    } satisfies BotWorldOptions,
  };
  return machine;
}

/** A database that refuses what a message wants stored, and stores that it could not be. */
function refusing() {
  let count = 0;
  const database = {
    isBroken: false,
    options: {
      wrapStore: (store) => ({
        ...store,
        appendMessage: (...args) => store.appendMessage(...args),
        read: (...args) => store.read(...args),
        transaction: (...args) => {
          if (database.isBroken && count++ % 2 === 0) throw new Error('The database refuses.');
          return store.transaction(...args);
        },
        timers: store.timers,
      }),
    } satisfies BotWorldOptions,
  };
  return database;
}

const owner = (w: BotWorld): Actor => ({ customerId: w.customerId, userId: w.ana, role: 'owner', sessionId: null });

async function parkByMessages(w: BotWorld, bot: TestBot, room: ChannelId, machine: { isBroken: boolean }) {
  machine.isBroken = true;
  await w.say(w.ana, room, 'hello?').catch(() => {});
  const { seq } = (await w.messages(room)).findLast(({ authorId }) => authorId === w.ana)!;
  for (let attempt = 2; attempt <= 5; attempt++) await w.deliver(room, seq).catch(() => {});
  machine.isBroken = false;
  const row = await w.conversation(bot, room, w.ana);
  expect(row.status).toBe('parked');
  return row;
}

async function lastLine(w: BotWorld, bot: TestBot) {
  const { lines } = await w.ctx.store.read(w.customerId, (tx) => tx.botLog.page(bot.botId, { limit: 1 }));
  return lines[0];
}

describe('a script whose caller waits no longer', () => {
  const caller = 'x = GET BOT MEMORY("slow")\nTALK x\nHEAR y\nTALK "heard " + y';

  async function called(scripts: Readonly<Record<string, string>>) {
    const w = await open();
    const bot = await w.bot({ 'start.bas': caller, ...scripts });
    const room = await w.direct(w.ana, bot.userId);
    await w.say(w.ana, room, 'go');
    await w.settle();
    return { w, bot, room, said: () => w.said(bot.userId, room) };
  }

  test('ends when it asks the person, who is heard by the caller from then on', async () => {
    const { w, bot, room, said } = await called({ 'slow.bas': 'TALK "name?"\nHEAR name\nTALK name' });
    expect(await said()).toEqual(['name?']);
    await w.pass((patienceSecs + 1) * 1000);
    expect(await w.statuses(bot)).toMatchObject({ waiting: 1, failed: 1, asking: 0 });
    await w.say(w.ana, room, 'Ana');
    expect(await said()).toEqual(['name?', 'too slow', 'heard Ana']);
  });

  test('may still do what it does when nobody answers', async () => {
    const slow = 'TRY\n  HEAR name\nCATCH e\n  TALK e.code\nEND TRY\nTALK "done"\nHEAR more';
    const { w, bot, said } = await called({ 'slow.bas': slow });
    await w.pass((patienceSecs + 1) * 1000);
    expect(await said()).toEqual(['too slow', 'hear_timed_out', 'done']);
    expect(await w.statuses(bot)).toMatchObject({ waiting: 1, failed: 1 });
  });

  test('finishes what it is about as a run of its own', async () => {
    const { w, bot, said } = await called({ 'slow.bas': 'WAIT 120\nTALK "done"\nRETURN 1' });
    await w.pass((patienceSecs + 1) * 1000);
    expect(await said()).toEqual(['too slow']);
    await w.pass(120_000);
    expect(await said()).toEqual(['too slow', 'done']);
    expect(await w.statuses(bot)).toMatchObject({ waiting: 1, finished: 1 });
  });

  test('takes those along that it called itself, and calls others that nobody answers either', async () => {
    const { w, bot } = await called({
      'slow.bas': 'TRY\n  x = GET BOT MEMORY("inner")\nCATCH e\n  y = GET BOT MEMORY("inner")\nEND TRY',
      'inner.bas': 'HEAR z',
    });
    await w.pass((patienceSecs + 1) * 1000);
    expect(await w.statuses(bot)).toMatchObject({ waiting: 1, failed: 3, asking: 0 });
  });

  test('cannot be answered when it was called by a run that nobody talks to', async () => {
    const w = await open();
    const bot = await w.bot({ 'start.bas': 'TALK "x"', 'call.bas': 'x = GET BOT MEMORY("ask")', 'ask.bas': 'HEAR z' });
    const channelId = await w.direct(w.ana, bot.userId);
    const place = { channelId, threadSeq: 0 };
    await beginRun(w.ctx, w.customerId, { botId: bot.botId, script: 'call.bas', params: {}, cause: 'event', key: '1', place });
    await w.settle();
    expect(await w.statuses(bot)).toMatchObject({ failed: 2, waiting: 0, asking: 0 });
  });
});

describe('a conversation that was parked while it waited', () => {
  test('for a person goes on waiting for them, as long as it would have', async () => {
    const machine = refusing();
    const w = await open(machine.options);
    const bot = await w.bot('x = TRANSFER TO "desk"\nTALK x\nHEAR y');
    const room = await w.direct(w.ana, bot.userId);
    await w.say(w.ana, room, 'go');
    expect((await w.conversation(bot, room, w.ana)).status).toBe('handed');
    const { id } = await parkByMessages(w, bot, room, machine);
    await retryBotConversation(w.ctx, owner(w), bot.botId, id);
    await w.settle();
    expect((await w.conversation(bot, room, w.ana)).status).toBe('handed');
    await w.pass(601_000);
    expect((await w.said(bot.userId, room)).at(-1)).toBe('nobody came');
  });

  test('for an event gets it, or its time limit', async () => {
    for (const comes of [true, false]) {
      const machine = refusing();
      const w = await open(machine.options);
      const bot = await w.bot('x = WAIT FOR EVENT "paid"\nTALK x\nHEAR y');
      const payer = await w.bot('PUBLISH EVENT "paid", "order 12"');
      const [room, till] = [await w.direct(w.ana, bot.userId), await w.direct(w.ana, payer.userId)];
      await w.say(w.ana, room, 'go');
      const { id } = await parkByMessages(w, bot, room, machine);
      await retryBotConversation(w.ctx, owner(w), bot.botId, id);
      await w.settle();
      expect((await w.conversation(bot, room, w.ana)).status).toBe('asking');
      if (comes) await w.say(w.ana, till, 'go');
      await w.pass(comes ? 1_000 : 601_000);
      expect((await w.said(bot.userId, room)).at(-1)).toBe(comes ? 'order 12' : 'nothing came');
    }
  });

  test('for an answer is not taken for one that was not answered in time', async () => {
    const machine = breakable();
    const w = await open(machine.options);
    const bot = await w.bot('TALK "name?"\nHEAR name\nTALK "hello " + name', { 'hear-timeout-secs': '3600' });
    const room = await w.direct(w.ana, bot.userId);
    await w.say(w.ana, room, 'go');
    const { id } = await parkByMessages(w, bot, room, machine);
    await retryBotConversation(w.ctx, owner(w), bot.botId, id);
    await w.settle();
    await w.say(w.ana, room, 'Ana');
    expect((await w.said(bot.userId, room)).at(-1)).toBe('hello Ana');
  });
});

describe('a first message that cannot start a conversation', () => {
  test('is answered, told to whoever looks after the bot, and heard when it is tried again', async () => {
    const machine = breakable();
    const w = await open(machine.options);
    const bot = await w.bot('TALK "you said " + message\nHEAR x\nTALK "and " + x');
    const bruno = await w.person('Bruno', 'pt-BR');
    const rooms: [ChannelId, UserId][] = [
      [await w.direct(w.ana, bot.userId), w.ana],
      [await w.direct(bruno, bot.userId), bruno],
    ];
    machine.isBroken = true;
    for (const [room, person] of rooms) await w.say(person, room, 'one');
    await w.say(w.ana, rooms[0]![0], 'two');
    for (let minutes = 0; minutes < 10; minutes++) await w.pass(60_000);
    expect(await w.said(bot.userId, rooms[0]![0])).toEqual([expect.stringMatching(/^I cannot answer just now.*is kept/)]);
    expect(await w.said(bot.userId, rooms[1]![0])).toEqual([expect.stringMatching(/^Não consigo responder agora.*guardado/)]);
    expect(await lastLine(w, bot)).toMatchObject({ level: 'error', code: 'parked' });
    machine.isBroken = false;
    const { id, status } = await w.conversation(bot, rooms[0]![0], w.ana);
    expect(status).toBe('parked');
    await retryBotConversation(w.ctx, owner(w), bot.botId, id);
    await w.settle();
    expect((await w.said(bot.userId, rooms[0]![0])).slice(1)).toEqual(['you said one', 'and two']);
  });

  test('begins in the version of the day it can begin on', async () => {
    const machine = breakable();
    const w = await open(machine.options);
    const bot = await w.bot({ 'start.bas': 'TALK "old"', 'new_session.bas': 'TALK "welcome"' });
    const room = await w.direct(w.ana, bot.userId);
    machine.isBroken = true;
    await w.say(w.ana, room, 'one');
    machine.isBroken = false;
    const files = [
      { name: 'start.bas', text: 'TALK "new: " + message' },
      { name: 'new_session.bas', text: 'TALK "welcome"' },
    ];
    await w.publish(bot.botId, files);
    await w.pass(2_000);
    expect((await w.said(bot.userId, room)).toSorted()).toEqual(['new: one', 'welcome']);
  });

  test('waits for as long as there is too much to do, and is lost never', async () => {
    const machine = breakable(() => new GbError('overloaded', 'Too much.', { retryable: true }));
    const w = await open(machine.options);
    const bot = await w.bot('TALK "you said " + message\nHEAR x\nTALK "and " + x');
    const room = await w.direct(w.ana, bot.userId);
    machine.isBroken = true;
    const seq = await w.say(w.ana, room, 'one');
    for (let minutes = 0; minutes < 30; minutes++) await w.pass(60_000).catch(() => {});
    machine.isBroken = false;
    await w.pass(2_000);
    machine.isBroken = true;
    await w.say(w.ana, room, 'two');
    for (let minutes = 0; minutes < 30; minutes++) await w.pass(60_000).catch(() => {});
    machine.isBroken = false;
    await w.pass(2_000);
    await w.deliver(room, seq);
    expect(await w.said(bot.userId, room)).toEqual(['you said one', 'and two']);
  });

  test('also when nothing was said yet: who opens the channel is greeted later', async () => {
    const machine = breakable();
    const w = await open(machine.options);
    const bot = await w.bot('TALK "welcome"\nHEAR x');
    const room = await w.direct(w.ana, bot.userId);
    machine.isBroken = true;
    for (const seq of [1, 2]) await w.deliver(room, seq);
    machine.isBroken = false;
    await w.pass(2_000);
    expect(await w.said(bot.userId, room)).toEqual(['welcome']);
  });
});

test.each([
  ['en', 'Write again to start over.', 'I answer without it'],
  ['pt-BR', 'Escreva de novo para recomeçar.', 'eu respondo sem ele'],
] as const)('who met an error is told what comes next: the program again, or the model (%s)', async (locale, over, model) => {
  for (const isFree of [false, true]) {
    const w = await open({ answersFreely: () => isFree });
    const bot = await w.bot('x = 1 / 0');
    const person = await w.person('Bruno', locale);
    const room = await w.direct(person, bot.userId);
    await w.say(person, room, 'hi');
    const [said] = await w.said(bot.userId, room);
    expect(said).toContain(isFree ? model : over);
    expect(said).not.toContain(isFree ? over : model);
  }
});

describe('a clock that is set back by an hour lets nothing wait that was due', () => {
  test('an operation, a run, an event', async () => {
    const w = await open();
    const bot = await w.bot({
      'start.bas':
        'x = GET "https://example.com"\nTALK x\ny = WAIT FOR EVENT "paid"\nTALK y\nz = GET BOT MEMORY("other")\nTALK z',
      'other.bas': 'RETURN "from other"',
    });
    const payer = await w.bot('PUBLISH EVENT "paid", "order 12"');
    const [room, till] = [await w.direct(w.ana, bot.userId), await w.direct(w.ana, payer.userId)];
    await w.say(w.ana, room, 'go');
    w.clock.now -= hourMs;
    await w.settle();
    await w.say(w.ana, till, 'go');
    w.clock.now -= hourMs;
    await w.settle();
    expect(await w.said(bot.userId, room)).toEqual(['answer of https://example.com', 'order 12', 'from other']);
  });

  test('what somebody else stored to be done now, and what is shown of it', async () => {
    const w = await open();
    const bot = await w.bot({ 'start.bas': 'TALK "x"', 'job.bas': 'RETURN 7' });
    await beginRun(w.ctx, w.customerId, { botId: bot.botId, script: 'job.bas', params: {}, cause: 'tool', key: '1' });
    const [shown] = (await readBotConversations(w.ctx, owner(w), bot.botId, {})).conversations;
    expect(shown?.wakeAt).toBe(w.clock.now);
    w.clock.now -= hourMs;
    await w.settle();
    expect(await w.statuses(bot)).toMatchObject({ finished: 1, starting: 0 });
  });

  test('what a process held that died', async () => {
    const w = await open();
    const bot = await w.bot({ 'start.bas': 'TALK "x"', 'job.bas': 'RETURN 7' });
    await beginRun(w.ctx, w.customerId, { botId: bot.botId, script: 'job.bas', params: {}, cause: 'tool', key: '1' });
    const take = () => w.ctx.store.timers.take({ nowMs: w.clock.now, untilMs: w.clock.now + 15_000, limit: 10, busy: [] });
    expect(await take()).toHaveLength(1);
    expect(await take()).toHaveLength(0);
    w.clock.now -= hourMs;
    expect(await take()).toHaveLength(1);
  });

  test('what is tried again', async () => {
    const machine = breakable();
    const w = await open(machine.options);
    const bot = await w.bot('TALK "name?"\nHEAR name\nTALK "hello " + name');
    const room = await w.direct(w.ana, bot.userId);
    await w.say(w.ana, room, 'go');
    const { id } = await parkByMessages(w, bot, room, machine);
    await w.deliver(room, (await w.messages(room)).findLast(({ authorId }) => authorId === w.ana)!.seq);
    await retryBotConversation(w.ctx, owner(w), bot.botId, id);
    w.clock.now -= hourMs;
    await w.settle();
    expect((await w.said(bot.userId, room)).at(-1)).toBe('hello hello?');
  });
});

test('a program that reads more of its files at once than there may be is told so, and goes on', async () => {
  const reads: OperationSet = {
    outside: {
      GET: async (args, call) => {
        const held = [];
        for (let n = 0; n < Number(args['address']); n++) held.push((await call.drive.read('big.bin'))?.bytes.byteLength);
        return held.length;
      },
      DOWNLOAD: async (_, call) => ({ ...(await call.drive.write('big.bin', new Uint8Array(24 * 1024 * 1024))) }),
    },
  };
  const w = await open({ sets: [reads] });
  const bot = await w.bot(
    'DOWNLOAD "x", "big.bin"\nTALK GET "5"\nTRY\n  TALK GET "6"\nCATCH e\n  TALK e.message\nEND TRY\nTALK GET "5"',
  );
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  await w.settle();
  expect(await w.said(bot.userId, room)).toEqual(['5', expect.stringContaining('more than 128 MB at once'), '5']);
});

describe('a preview', () => {
  test('asks the world as often as a conversation may, since its author last said something', async () => {
    const callsMax = planOf('free').callsMax;
    const w = await open();
    const previews = new BotPreviews(w.ctx);
    const ask = `TRY\n  FOR i = 1 TO ${callsMax + 1}\n    x = GET "https://example.com"\n  NEXT\nCATCH e\n  TALK i + ": " + e.message\nEND TRY`;
    const files = [{ name: 'start.bas', text: `${ask}\nHEAR y\n${ask}` }];
    const first = await previews.turn(owner(w), { files });
    const refused = expect.stringMatching(new RegExp(`^${callsMax + 1}: .*${callsMax} calls outside`));
    expect(first.replies.map(({ text }) => text)).toEqual([refused]);
    const second = await previews.turn(owner(w), { files, previewId: first.previewId!, answer: 'on' });
    expect(second.replies.map(({ text }) => text)).toEqual([refused]);
  });
});
