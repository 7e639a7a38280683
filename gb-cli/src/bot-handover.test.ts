import type { ChannelId, Message, UserId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { assert } from 'gb-utils';
import { peopleOperations, talkOperations, workflowOperations } from 'gb-vm/host';
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

async function open(): Promise<BotWorld> {
  const sets = [talkOperations(), peopleOperations({ ask: null, http: null }), workflowOperations({ runner: null })];
  const world = await BotWorld.open(database, { sets });
  worlds.push(world);
  return world;
}

const help = `TALK "Hello"
HEAR problem
who = TRANSFER TO "#support", "needs help"
TALK "Back from " + who.by
HEAR more
TALK "You said " + more`;

/** The first message of the last thread at a desk, and the code its buttons have. */
async function lastRoot(w: BotWorld, desk: ChannelId): Promise<{ root: Message; code: string }> {
  const root = (await w.messages(desk)).filter(({ card }) => card !== undefined).at(-1);
  assert(root, 'there is a post at the desk');
  return { root, code: root.card!.facts![0]!.value };
}

test('a conversation goes to people and comes back, whatever starts anew in between', async () => {
  const w = await open();
  const bruno = await w.person('Bruno');
  const bot = await w.bot(help);
  const desk = await w.channel('support', [w.ana, bruno, bot.userId]);
  const carla = await w.person('Carla');
  const room = await w.direct(carla, bot.userId);
  await w.say(carla, room, 'hi');
  await w.say(carla, room, 'my printer is on fire');
  const { root, code } = await lastRoot(w, desk);
  expect(root.text).toContain('**Carla** asks for a person');
  expect(root.text).toContain('my printer is on fire');
  expect(root.card?.buttons?.map(({ text }) => text)).toEqual([`/take ${code}`, `/done ${code}`]);
  w.restart();
  await w.say(bruno, desk, `/take ${code}`);
  w.restart();
  await w.say(carla, room, 'are you there?');
  await w.say(bruno, desk, 'Which *printer*?', { threadSeq: root.seq });
  w.restart();
  await w.say(carla, room, 'the red one');
  expect(await w.said(bot.userId, desk, root.seq)).toEqual([
    root.text,
    '**Bruno** took over. What is written in this thread is said to the person; /done ends it.',
    '**Carla**: are you there?',
    '**Carla**: the red one',
  ]);
  w.clock.now += 90_000;
  await w.say(bruno, desk, '/done', { threadSeq: root.seq });
  w.restart();
  await w.settle();
  await w.say(carla, room, 'thanks');
  expect((await w.said(bot.userId, room)).slice(1)).toEqual([
    'I am handing you over to a person. Please go on writing here.',
    '**Bruno** is here now.',
    '**Bruno**: Which *printer*?',
    'Back from Bruno',
    'You said thanks',
  ]);
});

test('an entry that comes twice, in either direction, is carried once', async () => {
  const w = await open();
  const bot = await w.bot(help);
  const desk = await w.channel('support', [w.ana, bot.userId]);
  const carla = await w.person('Carla');
  const room = await w.direct(carla, bot.userId);
  await w.say(carla, room, 'hi');
  await w.say(carla, room, 'help');
  const { root } = await lastRoot(w, desk);
  const asked = await w.say(carla, room, 'hello?');
  const answered = await w.say(w.ana, desk, 'Yes?', { threadSeq: root.seq });
  await w.deliver(room, asked);
  await Promise.all([w.deliver(desk, answered), w.deliver(desk, answered), w.deliver(room, asked)]);
  expect((await w.said(bot.userId, desk, root.seq)).filter((text) => text.includes('hello?'))).toHaveLength(1);
  expect((await w.said(bot.userId, room)).filter((text) => text.includes('Yes?'))).toHaveLength(1);
});

test('in a channel it stays in the thread of the person, and others there are not carried', async () => {
  const w = await open();
  const bot = await w.bot(help);
  const [carla, dora] = [await w.person('Carla'), await w.person('Dora')];
  const desk = await w.channel('support', [w.ana, bot.userId]);
  const hall = await w.channel('hall', [carla, dora, bot.userId]);
  const first = await w.say(carla, hall, `@${bot.handle} hi`, { mentions: [bot.userId] });
  await w.say(carla, hall, 'help', { threadSeq: first });
  const { root } = await lastRoot(w, desk);
  await w.say(carla, hall, 'in the thread', { threadSeq: first });
  await w.say(dora, hall, 'me too', { threadSeq: first });
  await w.say(carla, hall, 'elsewhere');
  expect((await w.said(bot.userId, desk, root.seq)).slice(1)).toEqual(['**Carla**: in the thread']);
  await w.say(w.ana, desk, 'I see', { threadSeq: root.seq });
  expect((await w.said(bot.userId, hall, first)).at(-1)).toBe('**Ana Prado**: I see');
});

test('one person is a desk too: what they write to the bot before they take over is the bot’s', async () => {
  const w = await open();
  const bot = await w.bot('TALK "menu"\nHEAR x\nwho = TRANSFER TO "@bruno"\nTALK "by " + who.handle');
  const bruno = await w.person('Bruno');
  const carla = await w.person('Carla');
  const room = await w.direct(carla, bot.userId);
  await w.say(carla, room, 'hi');
  await w.say(carla, room, 'a person, please');
  const desk = await w.direct(bruno, bot.userId);
  const { code } = await lastRoot(w, desk);
  await w.say(bruno, desk, 'hello bot');
  expect((await w.said(bot.userId, desk)).at(-1)).toBe('menu');
  await w.say(bruno, desk, `/take ${code}`);
  await w.say(bruno, desk, 'What can I do?');
  expect((await w.said(bot.userId, room)).at(-1)).toBe('**Bruno**: What can I do?');
  await w.say(bruno, desk, '/done');
  await w.settle();
  expect((await w.said(bot.userId, room)).at(-1)).toBe('by bruno');
});

test('without a desk the managers get one, once', async () => {
  const w = await open();
  const bot = await w.bot('TRANSFER\nTALK "back"');
  const [carla, dora] = [await w.person('Carla', 'pt-BR'), await w.person('Dora')];
  const room = await w.direct(carla, bot.userId);
  await w.say(carla, room, 'oi');
  expect(await w.said(bot.userId, room)).toEqual(['Vou passar você para uma pessoa. Continue escrevendo aqui.']);
  const find = () => w.ctx.store.read(w.customerId, (tx) => tx.channels.byName(`${bot.handle}-desk`));
  const desk = await find();
  expect(desk?.kind).toBe('private');
  expect(await w.ctx.store.read(w.customerId, (tx) => tx.channels.memberIds(desk!.id))).toHaveLength(2);
  await w.say(dora, await w.direct(dora, bot.userId), 'hi');
  expect((await w.messages(desk!.id)).filter(({ card }) => card)).toHaveLength(2);
});

test('when nobody comes in time the program goes on, and the thread says so to who comes late', async () => {
  const w = await open();
  const bot = await w.bot('who = TRANSFER TO HUMAN\nIF who THEN\nTALK who.by\nELSE\nTALK "nobody came"\nEND IF\nHEAR x', {
    'transfer-to': '#support',
    'transfer-timeout-secs': '600',
    'transfer-message': '',
  });
  const desk = await w.channel('support', [w.ana, bot.userId]);
  const carla = await w.person('Carla');
  const room = await w.direct(carla, bot.userId);
  await w.say(carla, room, 'hi');
  await w.pass(601_000);
  expect(await w.said(bot.userId, room)).toEqual(['nobody came']);
  const { root } = await lastRoot(w, desk);
  await w.say(w.ana, desk, 'here I am', { threadSeq: root.seq });
  expect((await w.said(bot.userId, desk, root.seq)).at(-1)).toBe('This conversation has gone on without you.');
  expect(await w.said(bot.userId, room)).toEqual(['nobody came']);
});

test('a stranger to the desk cannot take, answer or end', async () => {
  const w = await open();
  const bot = await w.bot(help);
  const desk = await w.channel('support', [w.ana, bot.userId]);
  const [carla, mallory] = [await w.person('Carla'), await w.person('Mallory')];
  const room = await w.direct(carla, bot.userId);
  await w.say(carla, room, 'hi');
  await w.say(carla, room, 'help');
  const { code } = await lastRoot(w, desk);
  const own = await w.direct(mallory, bot.userId);
  await w.say(mallory, own, `/done ${code}`);
  const hall = await w.channel('hall', [mallory, bot.userId]);
  await w.say(mallory, hall, `/take ${code}`);
  await w.settle();
  expect((await w.conversation(bot, room, carla)).status).toBe('handed');
});

const expense = `HEAR amount
agreed = HUMAN APPROVAL FROM "@bruno", "Expense of " + amount
IF agreed THEN
  other = HUMAN APPROVAL FROM "dora@example.org", "Expense of " + amount TIMEOUT 3600
  IF other THEN
    TALK "paid"
  ELSE
    IF ISNULL(other) THEN
      TALK "no answer"
    ELSE
      TALK "refused by the second"
    END IF
  END IF
ELSE
  TALK "refused by the first"
END IF
HEAR again`;

async function approvals() {
  const w = await open();
  const [bruno, dora] = [await w.person('Bruno'), await w.person('Dora', 'pt-BR')];
  const bot = await w.bot(expense);
  const room = await w.direct(w.ana, bot.userId);
  await w.say(w.ana, room, 'go');
  await w.say(w.ana, room, '900');
  const asked = async (who: UserId) => {
    const own = await w.direct(who, bot.userId);
    const card = (await w.messages(own)).at(-1)?.card;
    return { own, card, press: (n: 0 | 1) => w.say(who, own, card!.buttons![n]!.text!) };
  };
  return { w, bot, room, bruno, dora, asked };
}

test('two people approve one after the other, and a second click says it is decided', async () => {
  const { w, bot, room, bruno, dora, asked } = await approvals();
  const first = await asked(bruno);
  expect(first.card?.text).toBe('Expense of 900');
  await w.deliver(first.own, await first.press(0));
  await first.press(1);
  await w.settle();
  w.restart();
  expect((await w.said(bot.userId, first.own)).slice(1)).toEqual(['Thank you: approved.', 'This is decided already: approved.']);
  const second = await asked(dora);
  expect(second.card?.buttons?.map(({ label }) => label)).toEqual(['Aprovar', 'Recusar']);
  expect(await w.said(bot.userId, room)).toEqual([]);
  await second.press(0);
  await w.settle();
  expect(await w.said(bot.userId, room)).toEqual(['paid']);
});

test('only the one who was asked decides', async () => {
  const { w, bot, room, bruno, dora, asked } = await approvals();
  const { card } = await asked(bruno);
  for (const other of [dora, w.ana]) await w.say(other, await w.direct(other, bot.userId), card!.buttons![0]!.text!);
  await w.settle();
  expect((await w.conversation(bot, room, w.ana)).status).toBe('asking');
  await (await asked(bruno)).press(1);
  await w.settle();
  expect(await w.said(bot.userId, room)).toContain('refused by the first');
});

test('time ends an approval with no answer, and a late click is too late', async () => {
  const { w, bot, room, bruno, dora, asked } = await approvals();
  await (await asked(bruno)).press(0);
  await w.settle();
  const second = await asked(dora);
  await w.pass(3_601_000);
  expect(await w.said(bot.userId, room)).toEqual(['no answer']);
  await second.press(0);
  expect((await w.said(bot.userId, second.own)).at(-1)).toBe('O tempo para decidir isto acabou.');
});
