import {
  changeBotConversation,
  createBotKey,
  editMessage,
  keepUpBots,
  openContact,
  postAsContact,
  postMessage,
  readBotTurns,
  readContactMessages,
  retryBotConversation,
} from 'gb-core';
import { type ChannelId, type ClientId, hiddenText, type UserId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { uuidv7 } from 'gb-utils';
import { changeSnapshot } from 'gb-vm/debug';
import type { OperationSet } from 'gb-vm/host';
import { createCalendar, systemOperations, talkOperations, workflowOperations } from 'gb-vm/host';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BotWorld, type BotWorldOptions, type TestBot } from './testing/bots.ts';

let database: TestDatabase;
const worlds: BotWorld[] = [];
beforeAll(async () => {
  database = await startTestDatabase();
});
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});
afterAll(async () => database?.close());

const password = 'tr0ub4dor-Ünïcode';
const dayMs = 86_400_000;

/** The world outside, and what programs told it. */
const told: unknown[] = [];
const web: OperationSet = {
  outside: {
    async GET(args) {
      told.push(args['address']);
      return 'yes';
    },
  },
};

async function open(options: BotWorldOptions = {}): Promise<BotWorld> {
  const sets = [
    talkOperations(),
    workflowOperations({ runner: null }),
    systemOperations({ calendar: createCalendar(), publish: null, http: null }),
    web,
  ];
  const world = await BotWorld.open(database, { sets, ...options });
  worlds.push(world);
  told.length = 0;
  return world;
}

interface More {
  readonly clientId?: ClientId;
  readonly isSecret?: boolean;
  readonly threadSeq?: number;
}

/** Says something as a client does. */
function post(w: BotWorld, from: UserId, channelId: ChannelId, text: string, { clientId, ...more }: More = {}) {
  const actor = { customerId: w.customerId, userId: from, role: 'member', sessionId: null } as const;
  return postMessage(w.ctx, actor, channelId, { clientId: clientId ?? (uuidv7() as ClientId), text, ...more });
}

/** The same, and has it heard. */
async function say(w: BotWorld, from: UserId, channelId: ChannelId, text: string, more: More = {}): Promise<number> {
  const { seq } = await post(w, from, channelId, text, more);
  await w.deliver(channelId, seq);
  await w.settle();
  return seq;
}

async function direct(w: BotWorld, bot: TestBot): Promise<ChannelId> {
  const room = await w.direct(w.ana, bot.userId);
  await say(w, w.ana, room, 'go');
  return room;
}

const leaks = (w: BotWorld): Promise<readonly string[]> => database.tablesWith(w.customerId, password);

const logIn = `TALK "Password?"
HEAR pw AS PASSWORD
x = GET "https://login.example/?" + pw
pw = ""
TALK "In: " + x
HEAR name
TALK "Hi " + name
HEAR more`;

test('what is looked for is found where it is', async () => {
  const w = await open();
  const bot = await w.bot('HEAR name\nHEAR more\nHEAR more');
  const room = await direct(w, bot);
  await say(w, w.ana, room, 'Grünewald-7');
  await say(w, w.ana, room, 'more');
  const tables = await database.tablesWith(w.customerId, 'Grünewald-7');
  expect(tables).toEqual(['gb.bot_turns', 'gb.conversations', 'gb.messages']);
});

test('a password reaches the program, and afterwards the database has no byte of it', async () => {
  const w = await open();
  const bot = await w.bot(logIn);
  const room = await direct(w, bot);
  const [, question] = await w.messages(room);
  expect(question).toMatchObject({ text: 'Password?', asksSecret: w.ana });
  await say(w, w.ana, room, password);
  expect(told).toEqual([`https://login.example/?${password}`]);
  expect(await leaks(w)).toEqual([]);
  await say(w, w.ana, room, 'Bo');
  expect(await w.said(bot.userId, room)).toEqual(['Password?', 'In: yes', 'Hi Bo']);
  const [, , answer, , name] = await w.messages(room);
  expect(answer).toMatchObject({ text: hiddenText, isSecret: true, mentions: [] });
  // The question after it is an ordinary one.
  expect(name).toMatchObject({ text: 'Bo' });
  expect((await w.messages(room))[3]).not.toHaveProperty('asksSecret');
  expect(await leaks(w)).toEqual([]);
});

test('it survives a crash between the message and its turn, and is heard once', async () => {
  const w = await open();
  const bot = await w.bot(logIn);
  const room = await direct(w, bot);
  const { seq } = await post(w, w.ana, room, password);
  expect(await leaks(w)).toEqual(['gb.secret_answers']);
  w.restart();
  await w.deliver(room, seq);
  await w.deliver(room, seq);
  await w.settle();
  expect(await w.said(bot.userId, room)).toEqual(['Password?', 'In: yes']);
  expect(told).toHaveLength(1);
  expect(await leaks(w)).toEqual([]);
});

test('sent again under its id, before and after it was heard, it is the same message', async () => {
  const w = await open();
  const bot = await w.bot(logIn);
  const room = await direct(w, bot);
  const clientId = uuidv7() as ClientId;
  const first = await post(w, w.ana, room, password, { clientId });
  expect(await post(w, w.ana, room, password, { clientId })).toEqual(first);
  await w.deliver(room, first.seq);
  await w.settle();
  expect(await post(w, w.ana, room, password, { clientId })).toEqual(first);
  expect(await post(w, w.ana, room, password, { clientId, isSecret: true })).toEqual(first);
  expect(await leaks(w)).toEqual([]);
  // What was said before the question comes again after it: it is what it was.
  const other = await w.bot(logIn);
  const place = await w.direct(w.ana, other.userId);
  const hello = uuidv7() as ClientId;
  const said = await post(w, w.ana, place, 'hello', { clientId: hello });
  await w.deliver(place, said.seq);
  expect(await post(w, w.ana, place, 'hello', { clientId: hello })).toEqual(said);
  expect((await w.messages(place))[0]).toMatchObject({ text: 'hello' });
});

test('one that is sent twice is not taken for the answer to the next question', async () => {
  const w = await open();
  const bot = await w.bot(logIn);
  const room = await direct(w, bot);
  const one = await post(w, w.ana, room, password);
  const two = await post(w, w.ana, room, password);
  for (const { seq } of [one, two]) await w.deliver(room, seq);
  await w.settle();
  expect(await w.said(bot.userId, room)).toEqual(['Password?', 'In: yes', `Hi ${hiddenText}`]);
  expect(await leaks(w)).toEqual([]);
});

test('what is said to be a password where nobody waits for one is kept nowhere', async () => {
  const w = await open();
  const bot = await w.bot('TALK "Name?"\nHEAR name\nTALK "Hi " + name');
  const room = await direct(w, bot);
  await say(w, w.ana, room, password, { isSecret: true });
  expect(await w.said(bot.userId, room)).toEqual(['Name?', `Hi ${hiddenText}`]);
  const town = await w.channel('town', [w.ana]);
  await post(w, w.ana, town, password, { isSecret: true });
  expect((await w.messages(town)).map(({ text }) => text)).toEqual([hiddenText]);
  expect(await leaks(w)).toEqual([]);
});

test('a program that keeps it in a variable keeps it in its own memory only, and not beyond its end', async () => {
  const w = await open();
  const bot = await w.bot('TALK "Password?"\nHEAR pw AS PASSWORD\nTALK "Name?"\nHEAR name\nTALK LEN(pw)');
  const room = await direct(w, bot);
  await say(w, w.ana, room, password);
  expect(await leaks(w)).toEqual(['gb.conversations']);
  await say(w, w.ana, room, 'Ana');
  expect(await w.said(bot.userId, room)).toEqual(['Password?', 'Name?', String(password.length)]);
  expect(await leaks(w)).toEqual([]);
});

test('neither the log of the bot nor the answer to the person quotes it when the program fails', async () => {
  const w = await open();
  const bot = await w.bot({
    'start.bas': 'TALK "Password?"\nHEAR pw AS PASSWORD\nx = GET "https://login.example/"\nTHROW pw',
  });
  const room = await direct(w, bot);
  await say(w, w.ana, room, password);
  expect(await leaks(w)).toEqual([]);
  const { lines } = await w.ctx.store.read(w.customerId, (tx) => tx.botLog.page(bot.botId, { limit: 5 }));
  expect(lines.at(-1)).toMatchObject({ code: 'thrown', file: 'start.bas', line: 4 });
  expect((await w.said(bot.userId, room)).at(-1)).toMatch(/heard a password/);
});

test('a script that is called asks for it and gives it back, and nothing of either is kept', async () => {
  const w = await open();
  const bot = await w.bot({
    'start.bas': 'pw = ask("Password?")\nTALK check(pw)',
    'ask.bas': 'PARAM question AS STRING\nDESCRIPTION "Asks"\nTALK question\nHEAR pw AS PASSWORD\nRETURN pw',
    'check.bas': 'PARAM word AS STRING\nDESCRIPTION "Checks"\nRETURN LEN(word)',
  });
  const room = await direct(w, bot);
  expect((await w.messages(room)).at(-1)).toMatchObject({ text: 'Password?', asksSecret: w.ana });
  await say(w, w.ana, room, password);
  expect(await w.said(bot.userId, room)).toEqual(['Password?', String(password.length)]);
  expect(await leaks(w)).toEqual([]);
});

test('a question without words gets some, in the language of the person', async () => {
  const w = await open();
  const bot = await w.bot('HEAR pw AS PASSWORD\nTALK LEN(pw)');
  const rui = await w.person('Rui Dias', 'pt-BR');
  const room = await w.direct(rui, bot.userId);
  await say(w, rui, room, 'oi');
  expect((await w.messages(room)).at(-1)).toMatchObject({ text: 'Por favor, envie a senha.', asksSecret: rui });
  await say(w, rui, room, password);
  expect(await w.said(bot.userId, room)).toEqual(['Por favor, envie a senha.', String(password.length)]);
});

test('in a thread of a channel it is hidden from everybody, and other people write as ever', async () => {
  const w = await open();
  const bot = await w.bot(logIn);
  const bo = await w.person('Bo Lind');
  const room = await w.channel('it', [w.ana, bo, bot.userId]);
  const root = await say(w, w.ana, room, `@${bot.handle} log me in`);
  await say(w, bo, room, 'which one?', { threadSeq: root });
  await say(w, w.ana, room, 'a word beside it');
  await say(w, w.ana, room, password, { threadSeq: root });
  const texts = (await w.messages(room, root)).map(({ text }) => text);
  expect(texts).toEqual([`@${bot.handle} log me in`, 'Password?', 'which one?', hiddenText, 'In: yes']);
  expect(told).toEqual([`https://login.example/?${password}`]);
  expect(await leaks(w)).toEqual([]);
});

test('a conversation that could not be run has it when it is tried again', async () => {
  let isBroken = false;
  const w = await open({
    wrapRuntime: (runtime) => ({
      runTurn: (input) => (isBroken ? Promise.reject(new Error('a fault of ours')) : runtime.runTurn(input)),
      close: () => runtime.close(),
    }),
  });
  const bot = await w.bot(logIn);
  const room = await direct(w, bot);
  const { seq } = await post(w, w.ana, room, password);
  isBroken = true;
  for (let i = 0; i < 5; i++) await expect(w.deliver(room, seq)).rejects.toThrow('a fault of ours');
  await w.deliver(room, seq);
  const parked = await w.conversation(bot, room, w.ana);
  expect(parked.status).toBe('parked');
  expect(await leaks(w)).toEqual(['gb.secret_answers']);
  isBroken = false;
  const owner = { customerId: w.customerId, userId: w.ana, role: 'owner', sessionId: null } as const;
  await retryBotConversation(w.ctx, owner, bot.botId, parked.id);
  await w.settle();
  expect(told).toEqual([`https://login.example/?${password}`]);
  expect(await leaks(w)).toEqual([]);
});

test('one that nobody heard is forgotten after a week, and asked for again', async () => {
  const w = await open();
  const bot = await w.bot(logIn);
  const room = await direct(w, bot);
  const { seq } = await post(w, w.ana, room, password);
  w.clock.now += 6 * dayMs;
  await keepUpBots(w.ctx, w.customerId);
  expect(await leaks(w)).toEqual(['gb.secret_answers']);
  w.clock.now += 2 * dayMs;
  await keepUpBots(w.ctx, w.customerId);
  expect(await leaks(w)).toEqual([]);
  await w.deliver(room, seq);
  const asked = (await w.messages(room)).at(-1);
  expect(asked).toMatchObject({ text: 'Please send a password.', asksSecret: w.ana });
  await say(w, w.ana, room, password);
  expect(told).toEqual([`https://login.example/?${password}`]);
});

test('the words of a hidden message are not there to be edited', async () => {
  const w = await open();
  const bot = await w.bot(logIn);
  const room = await direct(w, bot);
  const seq = await say(w, w.ana, room, password);
  const actor = { customerId: w.customerId, userId: w.ana, role: 'member', sessionId: null } as const;
  await expect(editMessage(w.ctx, actor, room, seq, 'other')).rejects.toMatchObject({ code: 'forbidden' });
});

test('an answer in a thread under the question itself is hidden too, though the program does not hear it', async () => {
  const w = await open();
  const bot = await w.bot(logIn);
  const room = await direct(w, bot);
  const question = (await w.messages(room)).find(({ asksSecret }) => asksSecret === w.ana)!;
  await say(w, w.ana, room, password, { threadSeq: question.seq });
  expect((await w.messages(room, question.seq)).map(({ text }) => text)).toContain(hiddenText);
  expect(await leaks(w)).toEqual([]);
  await say(w, w.ana, room, password);
  expect(told).toEqual([`https://login.example/?${password}`]);
  // Nobody waits any more: what is said there is said.
  const other = await direct(w, await w.bot(logIn));
  const asked = (await w.messages(other)).find(({ asksSecret }) => asksSecret === w.ana)!;
  await say(w, w.ana, other, password);
  await post(w, w.ana, other, 'that was it', { threadSeq: asked.seq });
  expect((await w.messages(other, asked.seq)).map(({ text }) => text)).toContain('that was it');
});

test('who calls an ordinary answer a password blinds nobody who looks after the bot', async () => {
  const w = await open();
  const bot = await w.bot('TALK "Name?"\nHEAR name\nTALK "Hi"\nHEAR more\nTHROW "no such " + more');
  const room = await direct(w, bot);
  await say(w, w.ana, room, 'anything', { isSecret: true });
  await say(w, w.ana, room, 'thing');
  const { lines } = await w.ctx.store.read(w.customerId, (tx) => tx.botLog.page(bot.botId, { limit: 5 }));
  expect(lines.at(-1)).toMatchObject({ code: 'thrown', message: expect.stringContaining('no such thing') });
  const { id } = await w.conversation(bot, room, w.ana);
  const owner = { customerId: w.customerId, userId: w.ana, role: 'owner', sessionId: null } as const;
  const { turns } = await readBotTurns(w.ctx, owner, bot.botId, id, {});
  expect(turns.map(({ input }) => input.results)).toEqual([[], [], []]);
});

test('a change by hand leaves nothing of it in the journal', async () => {
  const w = await open();
  const bot = await w.bot('TALK "Password?"\nHEAR pw AS PASSWORD\nTALK "Name?"\nHEAR name\nTALK LEN(pw)');
  const room = await direct(w, bot);
  await say(w, w.ana, room, password);
  const { id, revision } = await w.conversation(bot, room, w.ana);
  const owner = { customerId: w.customerId, userId: w.ana, role: 'owner', sessionId: null } as const;
  const ctx = { ...w.ctx, editor: { change: changeSnapshot } };
  const place = { botId: bot.botId, conversationId: id };
  const change = (after: string, to: number) =>
    changeBotConversation(ctx, owner, place, { revision: to, changes: [{ frame: -1, target: 'pw', value: after }] });
  await change('short', revision);
  await change(password, revision + 1);
  await change('short', revision + 2);
  expect(await leaks(w)).toEqual([]);
  const { edits } = await readBotTurns(w.ctx, owner, bot.botId, id, {});
  expect(edits.map(({ changes }) => changes)).toEqual(Array(3).fill([{ target: 'pw', before: hiddenText, after: hiddenText }]));
});

test('who is sent it by an event or a model keeps as little of it', async () => {
  const calls: OperationSet = {
    outside: { GET: async (args, call) => call.runScript('check.bas', { word: args['address'] ?? '' }).then(() => 'done') },
  };
  const w = await open({ sets: [talkOperations(), workflowOperations({ runner: null }), calls] });
  const waiter = await w.bot('w = WAIT FOR EVENT "in"\nTALK LEN(w)');
  const place = await w.direct(w.ana, waiter.userId);
  await say(w, w.ana, place, 'go');
  const bot = await w.bot({
    'start.bas': 'TALK "Password?"\nHEAR pw AS PASSWORD\nPUBLISH EVENT "in", pw\nx = GET pw',
    'check.bas': 'PARAM word AS STRING\nDESCRIPTION "Checks"\nRETURN LEN(word)',
  });
  const room = await w.direct(w.ana, bot.userId);
  await post(w, w.ana, room, 'go').then(({ seq }) => w.deliver(room, seq));
  const { seq } = await post(w, w.ana, room, password);
  await w.deliver(room, seq);
  await w.settleTogether();
  expect(await w.said(waiter.userId, place)).toEqual([String(password.length)]);
  expect(await leaks(w)).toEqual([]);
});

test('a contact of a connector is asked in the same way', async () => {
  const w = await open();
  const bot = await w.bot(logIn);
  const owner = { customerId: w.customerId, userId: w.ana, role: 'owner', sessionId: null } as const;
  const { key } = await createBotKey(w.ctx, owner, bot.botId, 'phones');
  const holder = { customerId: w.customerId, botId: bot.botId, keyId: key.id };
  const { id } = await openContact(w.ctx, holder, { id: '+55 11 99999-0001', name: 'Maria' });
  const tell = async (clientId: string, text: string) => {
    const { seq } = await postAsContact(w.ctx, holder, id, { clientId, text });
    await w.deliver(id, seq);
    await w.settle();
    return seq;
  };
  await tell('a', 'hi');
  const first = await tell('b', password);
  expect(await tell('b', password)).toBe(first);
  const { messages } = await readContactMessages(w.ctx, holder, id, {});
  expect(messages.map(({ text }) => text)).toEqual(['hi', 'Password?', hiddenText, 'In: yes']);
  expect(messages[1]).toMatchObject({ from: 'bot', asksSecret: true });
  expect(messages[2]).toMatchObject({ from: 'contact', isSecret: true });
  expect(told).toEqual([`https://login.example/?${password}`]);
  expect(await leaks(w)).toEqual([]);
});
