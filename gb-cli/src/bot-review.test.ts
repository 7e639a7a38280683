import {
  type Actor,
  AlarmClock,
  BotPreviews,
  type ConversationRow,
  endBotConversation,
  migrateBotConversations,
  newRunRow,
  OperationPerformer,
  retryBotConversation,
} from 'gb-core';
import type { ChannelId, ConversationId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { sleep, uuidv7 } from 'gb-utils';
import { migrateSnapshot } from 'gb-vm/debug';
import { type OperationSet, workflowOperations } from 'gb-vm/host';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BotWorld, type BotWorldOptions, type TestBot } from './testing/bots.ts';

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

const basics: OperationSet = {
  inTurn: {
    WAIT: async (args, scope) => {
      scope.suspend({ atMs: scope.nowMs + Number(args['seconds']) * 1000 });
      return null;
    },
    'WAIT FOR EVENT': async (args, scope) => {
      scope.suspend({ event: `event:${String(args['event'])}`, atMs: scope.nowMs + 60_000, timedOut: 'nothing came' });
      return null;
    },
    'PUBLISH EVENT': async (args, scope) => scope.announce(`event:${String(args['event'])}`, args['data'] ?? null),
    'AUTO SAVE': async (_, scope) => {
      scope.state.data = { autoSave: true };
      return null;
    },
  },
  outside: { GET: async (args) => `answer of ${String(args['address'])}` },
};

/** A machine that can be broken, by no fault of any program. */
function breakable(): { isBroken: boolean; brokenBot: string | null; options: BotWorldOptions } {
  const machine = {
    isBroken: false,
    brokenBot: null as string | null,
    options: {
      wrapRuntime: (runtime) => ({
        runTurn: async (input) => {
          if (machine.isBroken || input.program.hash === machine.brokenBot) throw new Error('The machine is broken.');
          return runtime.runTurn(input);
        },
        close: () => runtime.close(),
      }),
    } satisfies BotWorldOptions,
  };
  return machine;
}

const owner = (w: BotWorld): Actor => ({ customerId: w.customerId, userId: w.ana, role: 'owner', sessionId: null });

/** What a person hears when their conversation is parked. */
const told = expect.stringMatching(/^I cannot answer just now/);

/** As the event log does with an entry whose consumer fails. */
async function deliverStubbornly(w: BotWorld, say: () => Promise<unknown>, channelId: ChannelId) {
  await say().catch(() => {});
  const { seq } = (await w.messages(channelId)).findLast(({ authorId }) => authorId === w.ana)!;
  for (let attempt = 2; attempt <= 8; attempt++) await w.deliver(channelId, seq).catch(() => {});
}

async function hashOf(w: BotWorld, bot: TestBot): Promise<string> {
  return (await w.ctx.store.read(w.customerId, (tx) => tx.bots.published(bot.botId)))!.hash;
}

/** As a turn leaves a conversation that ended while somebody was writing on. */
async function endedWithInbox(
  w: BotWorld,
  bot: TestBot,
  room: ChannelId,
  inbox: ConversationRow['inbox'],
  state: ConversationRow['state'] = {},
): Promise<void> {
  const row = await w.conversation(bot, room, w.ana);
  expect(row.status).toBe('finished');
  const wakeAt = inbox.length > 0 ? w.clock.now : null;
  await w.ctx.store.transaction(w.customerId, (tx) => tx.conversations.save({ ...row, inbox, state, wakeAt }, row));
}

test('a program may announce what it waited for in vain itself', async () => {
  const w = await open();
  const bot = await w.bot('x = WAIT FOR EVENT "paid"\nTALK x\nn = PUBLISH EVENT "paid", "me"\nTALK "woke " + n');
  const other = await w.bot('x = WAIT FOR EVENT "paid"\nTALK x\nHEAR y');
  const [room, next] = [await w.direct(w.ana, bot.userId), await w.direct(w.ana, other.userId)];
  await w.say(w.ana, room, 'go');
  await w.pass(30_000);
  await w.say(w.ana, next, 'go');
  await w.pass(31_000).catch(() => {});
  expect(await w.said(bot.userId, room)).toEqual(['nothing came', 'woke 1']);
  expect(await w.said(other.userId, next)).toEqual(['me']);
});

test('a branch that ends while its workflow asks the world is not forgotten', async () => {
  const slow: OperationSet = {
    outside: {
      GET: async (_, call) => {
        const ended = () =>
          call.read((tx) => tx.conversations.page(call.botId, { status: 'finished', limit: 1, snapshotHeadBytes: 0 }));
        while ((await ended()).conversations.length === 0) await sleep(10);
        return 'got';
      },
    },
  };
  const w = await open({ sets: [slow, basics, workflowOperations({ runner: null })] });
  const bot = await w.bot({
    'start.bas': 'PARALLEL\nBRANCH A: "quick"\nx = GET "https://example.com"\nall = END PARALLEL\nTALK all.A',
    'quick.bas': 'RETURN 7',
  });
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  await w.settleTogether();
  expect(await w.said(bot.userId, room)).toEqual(['7']);
});

test('a bot that cannot be run takes no message away from the next one in the channel', async () => {
  const machine = breakable();
  const w = await open(machine.options);
  const [one, two] = [await w.bot('TALK "one"'), await w.bot('TALK "two"')];
  const room = await w.channel('both', [w.ana, one.userId, two.userId]);
  const [first, second] = one.botId < two.botId ? [one, two] : [two, one];
  machine.brokenBot = await hashOf(w, first);
  const mentions = [first.userId, second.userId];
  await deliverStubbornly(w, () => w.say(w.ana, room, `@${first.handle} @${second.handle} hi`, { mentions }), room);
  const { seq } = (await w.messages(room))[0]!;
  expect(await w.said(second.userId, room, seq)).toEqual([second === one ? 'one' : 'two']);
});

test('a parked conversation stays what it is when the event comes that it waited for', async () => {
  const machine = breakable();
  const w = await open(machine.options);
  const bot = await w.bot('TALK "begun"\nx = WAIT FOR EVENT "paid"\nTALK x\nHEAR y\nTALK "and " + y');
  const payer = await w.bot('PUBLISH EVENT "paid", "order 12"\nTALK "told"');
  const [room, till] = [await w.direct(w.ana, bot.userId), await w.direct(w.ana, payer.userId)];
  await w.say(w.ana, room, 'go');
  machine.brokenBot = await hashOf(w, bot);
  for (let minutes = 0; minutes < 10; minutes++) await w.pass(60_000);
  const parked = await w.conversation(bot, room, w.ana);
  expect(parked.status).toBe('parked');
  await w.say(w.ana, room, 'meanwhile');
  machine.brokenBot = null;
  await w.say(w.ana, till, 'go');
  await w.settle();
  expect(await w.said(bot.userId, room)).toEqual(['begun', told]);
  await retryBotConversation(w.ctx, owner(w), bot.botId, parked.id);
  await w.settle();
  expect(await w.said(bot.userId, room)).toEqual(['begun', told, 'order 12', 'and meanwhile']);
});

test('a parked conversation in a thread keeps what is said there without a mention', async () => {
  const machine = breakable();
  const w = await open(machine.options);
  const bot = await w.bot('TALK "name?"\nHEAR name\nWAIT 1\nTALK "hello " + name\nHEAR x\nTALK "and " + x');
  const room = await w.channel('park', [w.ana, bot.userId]);
  const threadSeq = await w.say(w.ana, room, `@${bot.handle} go`, { mentions: [bot.userId] });
  await w.say(w.ana, room, 'Ana', { threadSeq });
  machine.isBroken = true;
  for (let minutes = 0; minutes < 10; minutes++) await w.pass(60_000);
  const parked = await w.conversation(bot, room, w.ana, threadSeq);
  expect(parked.status).toBe('parked');
  await w.say(w.ana, room, 'meanwhile', { threadSeq });
  machine.isBroken = false;
  await retryBotConversation(w.ctx, owner(w), bot.botId, parked.id);
  await w.settle();
  expect(await w.said(bot.userId, room, threadSeq)).toEqual(['name?', told, 'hello Ana', 'and meanwhile']);
});

test('a conversation that could not begin anew begins, when it is tried again, in the version of that day', async () => {
  const machine = breakable();
  const w = await open(machine.options);
  const bot = await w.bot('TALK "old: " + message');
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'one');
  machine.isBroken = true;
  await deliverStubbornly(w, () => w.say(w.ana, room, 'two'), room);
  const parked = await w.conversation(bot, room, w.ana);
  expect(parked.status).toBe('parked');
  machine.isBroken = false;
  await w.publish(bot.botId, [{ name: 'start.bas', text: 'TALK "new: " + message\nHEAR x' }]);
  await retryBotConversation(w.ctx, owner(w), bot.botId, parked.id);
  await w.settle();
  expect(await w.said(bot.userId, room)).toEqual(['old: one', told, 'new: two']);
});

test('a drive that cannot be written parks no conversation that hears well', async () => {
  const w = await open();
  const bot = await w.bot('AUTO SAVE ON\nTALK "file?"\nHEAR f\nTALK "thanks"\nHEAR y\nTALK "you said " + y');
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  const file = { name: 'a.txt', bytes: new TextEncoder().encode('hello') };
  let isFull = false;
  const get = w.ctx.objects.get.bind(w.ctx.objects);
  w.ctx.objects.get = async (...args: Parameters<typeof get>) => {
    if (isFull) throw new Error('The disk does not answer.');
    return get(...args);
  };
  isFull = true;
  await deliverStubbornly(w, () => w.send(w.ana, room, 'here', [file]), room);
  expect((await w.conversation(bot, room, w.ana)).status).toBe('waiting');
  await w.say(w.ana, room, 'hm');
  expect(await w.said(bot.userId, room)).toEqual(['file?', 'thanks', 'you said hm']);
});

test('a bot says nothing in a channel that was archived meanwhile', async () => {
  const w = await open();
  const bot = await w.bot('TALK "now"\nWAIT 60\nTALK "later"');
  const room = await w.channel('closing', [w.ana, bot.userId]);
  const threadSeq = await w.say(w.ana, room, `@${bot.handle} go`, { mentions: [bot.userId] });
  await w.ctx.store.transaction(w.customerId, (tx) => tx.channels.update(room, { isArchived: true }));
  await w.pass(61_000);
  expect(await w.said(bot.userId, room, threadSeq)).toEqual(['now']);
  expect((await w.conversation(bot, room, w.ana, threadSeq)).status).toBe('finished');
});

test('a parked conversation can be taken over to a version that runs', async () => {
  const machine = breakable();
  const w = await open(machine.options);
  const bot = await w.bot('TALK "name?"\nHEAR name\nTALK "old " + name');
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  machine.isBroken = true;
  await deliverStubbornly(w, () => w.say(w.ana, room, 'Ana'), room);
  const parked = await w.conversation(bot, room, w.ana);
  expect(parked.status).toBe('parked');
  machine.isBroken = false;
  await w.publish(bot.botId, [{ name: 'start.bas', text: 'TALK "name?"\nHEAR name\nTALK "new " + name' }]);
  const ctx = { ...w.ctx, migrator: { migrate: migrateSnapshot } };
  expect(await migrateBotConversations(ctx, owner(w), bot.botId, {})).toMatchObject({ migrated: 1, refused: [] });
  await retryBotConversation(w.ctx, owner(w), bot.botId, parked.id);
  await w.settle();
  expect(await w.said(bot.userId, room)).toEqual(['name?', told, 'new Ana']);
});

test('a turn that begins with a keyword nobody knows waits for a place like any other that asks the database', async () => {
  let running = 0;
  let most = 0;
  const counting: OperationSet = {
    inTurn: {
      'GET BOT MEMORY': async () => {
        running += 1;
        most = Math.max(most, running);
        await sleep(150);
        running -= 1;
        return 1;
      },
    },
  };
  const w = await open({ sets: [counting] });
  const bot = await w.bot('TRY\n  x = GET "https://example.com"\nCATCH e\nEND TRY\nTALK GET BOT MEMORY("n")');
  const people = await Promise.all(Array.from({ length: 10 }, (_, n) => w.person(`Guest ${n}`)));
  const rooms = await Promise.all(people.map((person) => w.direct(person, bot.userId)));
  await Promise.all(people.map((person, n) => w.say(person, rooms[n]!, 'go')));
  for (const room of rooms) expect(await w.said(bot.userId, room)).toEqual(['1']);
  expect(most).toBeLessThanOrEqual(8);
});

test('a conversation that is ended takes the scripts with it that it called and that ask the person', async () => {
  const call: OperationSet = {
    inTurn: {
      'RUN SCRIPT': async (args, scope) => {
        const place = { channelId: scope.channelId!, threadSeq: scope.threadSeq };
        const run = { script: String(args['script']), params: {}, cause: 'script', key: 'run', place } as const;
        scope.suspend({ event: `run:${await scope.start({ ...run, userId: scope.userId })}` });
        return null;
      },
    },
  };
  const w = await open({ sets: [call] });
  const bot = await w.bot({
    'start.bas': 'TALK "hi"\nx = RUN SCRIPT "middle"',
    'middle.bas': 'x = RUN SCRIPT "inner"',
    'inner.bas': 'TALK "name?"\nHEAR name\nTALK name',
  });
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  await w.settle();
  expect(await w.said(bot.userId, room)).toEqual(['hi', 'name?']);
  await endBotConversation(w.ctx, owner(w), bot.botId, (await w.conversation(bot, room, w.ana)).id);
  const counts = () => w.statuses(bot);
  expect(await counts()).toMatchObject({ finished: 1, failed: 2, waiting: 0, asking: 0 });
  await w.say(w.ana, room, 'again');
  await w.pass(10);
  expect(await w.said(bot.userId, room)).toEqual(['hi', 'name?', 'hi', 'name?']);
});

test('what was said to a conversation that has just ended is heard before what is said next', async () => {
  const w = await open();
  const bot = await w.bot('TALK message');
  const room = await w.direct(w.ana, bot.userId);
  const seq = await w.say(w.ana, room, 'one');
  await endedWithInbox(w, bot, room, [{ text: 'two', seq: seq + 1 }]);
  await w.say(w.ana, room, 'three');
  await w.pass(10);
  expect(await w.said(bot.userId, room)).toEqual(['one', 'two', 'three']);
});

test('a guest that answers what was said first leaves the mark at what was heard last', async () => {
  const w = await open();
  const guest = await w.bot('TALK "tea: " + message');
  const bot = await w.bot('TALK message');
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'one');
  const seq = await w.say(w.ana, room, 'two');
  const guests = [{ botId: guest.botId, words: ['tea'] }];
  await endedWithInbox(w, bot, room, [{ text: 'tea please', seq: seq - 1 }], { people: { guests } });
  await w.settle();
  await w.deliver(room, seq);
  await w.settle();
  expect(await w.said(bot.userId, room)).toEqual(['one', 'two', 'tea: tea please']);
});

test('a guest that has no room for another run leaves the answer to its host', async () => {
  const w = await open();
  const guest = await w.bot('TALK "tea"');
  const bot = await w.bot('TALK "host: " + message');
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'one');
  await endedWithInbox(w, bot, room, [], { people: { guests: [{ botId: guest.botId, words: ['tea'] }] } });
  await w.ctx.store.transaction(w.customerId, async (tx) => {
    const run = { botId: guest.botId, script: 'start.bas', params: {}, cause: 'script', key: '5', nowMs: w.clock.now } as const;
    const row = { ...(await newRunRow(tx, run)), wakeAt: null };
    for (let n = 0; n < 1_000; n++) await tx.conversations.save({ ...row, id: uuidv7() as ConversationId }, null);
  });
  await w.say(w.ana, room, 'tea?');
  expect(await w.said(bot.userId, room)).toEqual(['host: one', 'host: tea?']);
});

test('an operation that never answers, not even when it is told to stop, is given up', async () => {
  const deaf: OperationSet = { outside: { GET: () => new Promise(() => {}) } };
  const w = await open({ sets: [deaf] });
  const bot = await w.bot('x = GET "https://example.com"');
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  const performer = new OperationPerformer(w.ctx, () => {}, 50);
  const performed = await performer.perform(w.customerId, await w.conversation(bot, room, w.ana));
  expect(performed).toMatchObject({ turn: 1, result: { error: 'it took too long' } });
});

test('a preview that is played on leaves the others of its person alone', async () => {
  const w = await open();
  const previews = new BotPreviews(w.ctx);
  const files = [{ name: 'start.bas', text: 'DO\n  HEAR x\n  TALK x\nLOOP' }];
  const play = async (previewId?: string) =>
    (await previews.turn(owner(w), { files, answer: 'on', ...(previewId === undefined ? {} : { previewId }) })).previewId!;
  const first = await play();
  let second = await play();
  for (let n = 0; n < 4; n++) second = await play(second);
  await expect(play(first)).resolves.toBeTypeOf('string');
});

// The last one: what it leaves due is of no use to anybody.
test('what failed for a moment comes again soon, and not only when its hold is over', async () => {
  const w = await open();
  const bot = await w.bot('TALK "x"');
  await w.ctx.store.transaction(w.customerId, async (tx) => {
    const run = { botId: bot.botId, script: 'start.bas', params: {}, cause: 'script', key: '1', nowMs: w.clock.now } as const;
    await tx.conversations.save(await newRunRow(tx, run), null);
  });
  const tried: ConversationId[] = [];
  const clock = new AlarmClock(w.ctx, {
    conversation: async (customerId, id) => {
      if (customerId !== w.customerId) return;
      tried.push(id);
      if (tried.length === 1) throw new Error('for a moment');
    },
    schedule: async () => {},
  });
  clock.start();
  try {
    for (const endMs = performance.now() + 5_000; tried.length === 0; await sleep(20))
      expect(performance.now()).toBeLessThan(endMs);
    w.clock.now += 2_000; // Much less than a hold.
    for (const endMs = performance.now() + 5_000; tried.length < 2; await sleep(20))
      expect(performance.now()).toBeLessThan(endMs);
  } finally {
    await clock.close();
  }
});
