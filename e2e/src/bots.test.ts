import type { BotId, ChannelId, ClientId, UserId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type Person, refusal, type World, world } from './world.ts';

let w: World;
let ana: Person;
beforeAll(async () => {
  w = await world();
  ana = await w.signUp('Ana Prado');
});
afterAll(() => w?.close());

const start = (text: string) => [{ name: 'start.bas', text }];
let handles = 0;

async function publish(text: string): Promise<{ id: BotId; userId: UserId; handle: string }> {
  const handle = `bot${++handles}`;
  const bot = await ana.rest.createBot({ name: `Bot ${handles}`, handle, files: start(text) });
  await ana.rest.publishBot(bot.id);
  return { id: bot.id, userId: bot.userId, handle };
}

async function dialog(bot: { userId: UserId }, by: Person = ana) {
  const { state } = await by.rest.openDirect({ userIds: [bot.userId] });
  const channelId = state.channel.id;
  const texts = async () =>
    (await by.rest.messages(channelId)).messages.filter(({ authorId }) => authorId === bot.userId).map(({ text }) => text);
  return {
    channelId,
    texts,
    say: (text: string) => by.rest.postMessage(channelId, { clientId: uuidv7() as ClientId, text }),
    heard: (count: number) => eventually(async () => ((await texts()).length >= count ? texts() : null), `${count} answers`),
  };
}

const greeter = `TALK "What is your name?"
HEAR name AS NAME
HEAR age AS INTEGER
IF age >= 18 THEN
  TALK "Welcome, \${name}!"
ELSE
  TALK "Hello young \${name}."
END IF`;

test('the guide greets a new person and holds a dialog', async () => {
  const bots = (await ana.rest.bots()).bots;
  const guide = bots.find(({ handle }) => handle === 'guide')!;
  const talk = await dialog(guide);
  const first = await talk.heard(1);
  expect(first.join('\n')).toContain('Ana');
});

test('a bot asks, remembers, validates and answers, and each message appears once', async () => {
  const talk = await dialog(await publish(greeter));
  await talk.heard(1);
  await talk.say('maria');
  await talk.say('not a number');
  const asked = await talk.heard(2);
  await talk.say('30');
  const all = await talk.heard(asked.length + 1);
  expect(all.at(-1)).toContain('Welcome,');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await talk.texts()).toEqual(all);
});

test('opening the channel again does not start the dialog twice', async () => {
  const bot = await publish('TALK "once"\nHEAR x\nTALK "bye " + x');
  const talk = await dialog(bot);
  await talk.heard(1);
  await Promise.all([dialog(bot), dialog(bot)]);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await talk.texts()).toEqual(['once']);
});

test('in a channel a bot answers who mentions it, in a thread, one conversation for each person', async () => {
  const bot = await publish('TALK "Your colour, ${username}?"\nHEAR c\nTALK "${username} likes ${c}."');
  const bo = await w.invite(ana, 'Bo Lind');
  const { state } = await ana.rest.createChannel({ kind: 'public', name: 'with-bot', memberIds: [bo.userId] });
  const channelId = state.channel.id;
  await ana.rest.addBotToChannel(bot.id, channelId);
  const post = (by: Person, text: string, threadSeq?: number) =>
    by.rest.postMessage(channelId, { clientId: uuidv7() as ClientId, text, ...(threadSeq === undefined ? {} : { threadSeq }) });
  const inThread = (seq: number, count: number) =>
    eventually(async () => {
      const { messages } = await ana.rest.messages(channelId, { threadSeq: seq });
      const answers = messages.filter(({ authorId }) => authorId === bot.userId).map(({ text }) => text);
      return answers.length >= count ? answers : null;
    }, `${count} answers in the thread`);
  await post(ana, 'nobody is asked here');
  const fromAna = await post(ana, `Hello @${bot.handle}!`);
  const fromBo = await post(bo, `@${bot.handle} me too`);
  expect(await inThread(fromAna.seq, 1)).toEqual(['Your colour, Ana Prado?']);
  expect(await inThread(fromBo.seq, 1)).toEqual(['Your colour, Bo Lind?']);
  await post(bo, 'green', fromBo.seq);
  await post(ana, 'blue', fromAna.seq);
  expect(await inThread(fromBo.seq, 2)).toContain('Bo Lind likes green.');
  expect(await inThread(fromAna.seq, 2)).toContain('Ana Prado likes blue.');
  const { messages } = await ana.rest.messages(channelId);
  expect(messages.filter(({ authorId }) => authorId === bot.userId)).toEqual([]);
});

test('a program that loops for ever is stopped, its line named, and another bot answers meanwhile', async () => {
  const runaway = await dialog(await publish('TALK "off I go"\nHEAR x\nn = 0\nWHILE TRUE\n  n = n + 1\nWEND'));
  const polite = await dialog(await publish('TALK "ready"\nHEAR x\nTALK "you said ${x}"'));
  await runaway.heard(1);
  await polite.heard(1);
  await runaway.say('go');
  await polite.say('hello');
  expect((await polite.heard(2)).at(-1)).toBe('you said hello');
  const stopped = await runaway.heard(2);
  expect(stopped.at(-1)).toMatch(/start\.bas:[45]/);
});

test('what does not compile is not published, with every error and its place', async () => {
  const bot = await ana.rest.createBot({ name: 'Broken', handle: 'broken', files: start('TALK "ok"') });
  await ana.rest.publishBot(bot.id);
  await ana.rest.updateBot(bot.id, { files: start('IF 1 = 1 THEN\nTALK "x"\n') });
  const error = (await ana.rest.publishBot(bot.id).catch((e: unknown) => e)) as {
    code: string;
    diagnostics: { line: number; file: string }[];
  };
  expect(error.code).toBe('program_invalid');
  expect(error.diagnostics[0]).toMatchObject({ file: 'start.bas' });
  expect((await ana.rest.bot(bot.id)).publishedVersion).toBe(1);
});

test('versions are kept, and rolling back changes what people talk to', async () => {
  const bot = await publish('TALK "version one"\nHEAR x');
  await ana.rest.updateBot(bot.id, { files: start('TALK "version two"\nHEAR x') });
  expect(await ana.rest.publishBot(bot.id)).toEqual({ version: 2 });
  const bo = await w.invite(ana, 'Version Watcher');
  expect(await (await dialog(bot, bo)).heard(1)).toEqual(['version two']);
  await ana.rest.rollBackBot(bot.id, 1);
  const cleo = await w.invite(ana, 'Cleo Watcher');
  expect(await (await dialog(bot, cleo)).heard(1)).toEqual(['version one']);
  expect(await refusal(ana.rest.rollBackBot(bot.id, 9))).toBe('not_found');
});

test('a draft can be tried without publishing, and a preview belongs to who started it', async () => {
  const files = start('TALK "Pick"\nHEAR c AS "red", "blue"\nTALK "You took ${c}"');
  const first = await ana.rest.previewBot({ files });
  expect(first.status).toBe('waiting');
  expect(first.replies.flatMap(({ suggestions }) => suggestions ?? [])).toEqual(['red', 'blue']);
  const bo = await w.invite(ana, 'Peeking Bo');
  expect(await refusal(bo.rest.previewBot({ files, previewId: first.previewId!, answer: 'red' }))).toBe('not_found');
  const second = await ana.rest.previewBot({ files, previewId: first.previewId!, answer: 'BLUE' });
  expect(second).toMatchObject({ status: 'finished', previewId: null });
  expect(second.replies.at(-1)!.text).toBe('You took blue');
  expect(await refusal(ana.rest.previewBot({ files: start('TALK (') }))).toBe('program_invalid');
});

test('bots do not answer bots', async () => {
  const echo = await publish('TALK "@guide hello"');
  const talk = await dialog(echo);
  await talk.heard(1);
  const { state } = await ana.rest.createChannel({ kind: 'public', name: 'two-bots' });
  const guide = (await ana.rest.bots()).bots.find(({ handle }) => handle === 'guide')!;
  await ana.rest.addBotToChannel(echo.id, state.channel.id);
  await ana.rest.addBotToChannel(guide.id, state.channel.id);
  await ana.rest.postMessage(state.channel.id, { clientId: uuidv7() as ClientId, text: `@${echo.handle} go` });
  await eventually(
    async () =>
      (await ana.rest
        .log(state.channel.id, { epoch: 1, after: 0 })
        .then((page) => (page.kind === 'events' ? page.events.filter(({ actorId }) => actorId === echo.userId).length : 0))) > 0,
    'the echo',
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  const page = await ana.rest.log(state.channel.id as ChannelId, { epoch: 1, after: 0 });
  expect(
    page.kind === 'events' && page.events.filter(({ actorId, kind }) => actorId === guide.userId && kind === 'message.posted'),
  ).toEqual([]);
});

test('whatever text a program builds reaches the person', async () => {
  const talk = await dialog(
    await publish(
      'TALK "begin"\nHEAR x\nTALK REPEAT("long line of text ", 2500)\nTALK "a" + CHR(0) + "b" + CHR(55296) + "c"\nTALK "end"',
    ),
  );
  await talk.heard(1);
  await talk.say('go');
  const all = await talk.heard(5);
  expect(all.at(-1)).toBe('end');
  expect(all.slice(1, -2).join('')).toBe('long line of text '.repeat(2500));
});

test('a dialog waiting at HEAR survives a kill of the server and goes on', async () => {
  const talk = await dialog(
    await publish(
      'DIM total = 0\nFOR i = 1 TO 3\n  TALK "Number ${i}?"\n  HEAR n AS INTEGER\n  total = total + n\nNEXT\nTALK "Sum ${total}"'.replace(
        'DIM total = 0',
        'total = 0',
      ),
    ),
  );
  await talk.heard(1);
  await talk.say('10');
  await talk.heard(2);
  await w.server.kill();
  const again = await w.server.restart();
  try {
    await talk.say('20');
    await talk.heard(3);
    await talk.say('12');
    expect(await talk.heard(4)).toEqual(['Number 1?', 'Number 2?', 'Number 3?', 'Sum 42']);
  } finally {
    await again.stop();
  }
});
