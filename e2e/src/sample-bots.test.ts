import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BotDetail, BotId, ChannelId, ClientId, Message, Posted, UserId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { type ModelServer, startModelServer } from 'gb-vm/testing';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Person, refusal, type World, world } from './world.ts';

/**
 * The bots that come with the program, each made from its example and talked to as people would: on the real server, with
 * a shop, a mail server and a model server that really speak their protocols.
 */
let w: World;
let ana: Person;
let bea: Person;
let rui: Person;
let model: ModelServer;
let shop: Shop;
let post: PostOffice;

beforeAll(async () => {
  [model, shop, post] = await Promise.all([startModelServer(), openShop(), openPostOffice()]);
  w = await world({
    env: {
      LLM_URL: model.url,
      LLM_KEY: model.key,
      LLM_MODEL: 'test',
      SMTP_URL: post.url,
      MAIL_FROM: 'bots@example.com',
      GB_BOT_ALLOW_HOSTS: '127.0.0.1',
    },
  });
  ana = await w.signUp('Ana Prado');
  bea = await w.invite(ana, 'Bea');
  rui = await w.invite(ana, 'Rui');
});
afterAll(async () => {
  await w?.close();
  await Promise.all([model?.close(), shop?.close(), post?.close()]);
});

/** Orders by number, what was complained about, and with which key people came. */
interface Shop {
  readonly url: string;
  readonly complaints: unknown[];
  readonly keys: (string | undefined)[];
  close(): Promise<void>;
}

async function openShop(): Promise<Shop> {
  const complaints: unknown[] = [];
  const keys: (string | undefined)[] = [];
  const orders: Readonly<Record<string, object>> = {
    'A-1001': { state: 'packing', ordered: '2026-01-02', total: 40, items: [{ name: 'Tea' }, { name: 'Cup' }] },
    'A-1003': { state: 'delivered', ordered: '2026-01-02', total: 12.5, items: [{ name: 'Cup' }] },
  };
  const server = createServer(async (request, response) => {
    keys.push(request.headers.authorization);
    const [, number = '', rest] = /^\/orders\/([^/]+)(\/complaints)?$/.exec(request.url ?? '') ?? [];
    response.setHeader('content-type', 'application/json');
    if (!orders[number]) response.statusCode = 404;
    else if (rest && request.method === 'POST') complaints.push({ number, ...(JSON.parse(await textOf(request)) as object) });
    response.end(JSON.stringify(rest ? { number: complaints.length } : (orders[number] ?? { error: 'unknown' })));
  });
  return { url: await listening(server), complaints, keys, close: () => closed(server) };
}

interface PostOffice {
  readonly url: string;
  readonly mails: ParsedMail[];
  close(): Promise<void>;
}

async function openPostOffice(): Promise<PostOffice> {
  const mails: ParsedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _, done) {
      simpleParser(stream).then((mail) => {
        mails.push(mail);
        done();
      }, done);
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

/** A copy of an example; with other settings than it comes with, it is published once more. */
async function copyOf(example: string, settings: Readonly<Record<string, string>> = {}): Promise<BotDetail> {
  const handle = `${example}-${++copies}`;
  const bot = await ana.rest.createBotFromExample({ name: `The ${example}`, handle, example });
  if (Object.keys(settings).length === 0) return bot;
  const lines = Object.entries(settings).map(([name, value]) => `${name},"${value}"`);
  const files = bot.files.map((file) => {
    if (file.name !== 'config.csv') return file;
    const kept = file.text.split('\n').filter((line) => !Object.keys(settings).some((name) => line.startsWith(`${name},`)));
    return { name: file.name, text: [...kept, ...lines].join('\n') };
  });
  await ana.rest.updateBot(bot.id, { files });
  await ana.rest.publishBot(bot.id);
  return bot;
}
let copies = 0;

/** A person's direct channel with a bot. */
class Talk {
  readonly channelId: ChannelId;
  readonly #by: Person;
  readonly #botUserId: UserId;
  #seq = 0;

  private constructor(by: Person, botUserId: UserId, channelId: ChannelId) {
    this.#by = by;
    this.#botUserId = botUserId;
    this.channelId = channelId;
  }

  static async open(bot: { readonly userId: UserId }, by: Person = ana): Promise<Talk> {
    const { state } = await by.rest.openDirect({ userIds: [bot.userId] });
    return new Talk(by, bot.userId, state.channel.id);
  }

  /** Says something, and gives the next thing of the bot that has these words in it. */
  async say(text: string, heard: string): Promise<Message> {
    await this.tell(text);
    return this.hear(heard);
  }

  tell(text: string): Promise<Posted> {
    return this.#by.rest.postMessage(this.channelId, { clientId: uuidv7() as ClientId, text });
  }

  async send(message: Omit<Parameters<Person['rest']['postMessage']>[1], 'clientId'>, heard: string): Promise<Message> {
    await this.#by.rest.postMessage(this.channelId, { clientId: uuidv7() as ClientId, ...message });
    return this.hear(heard);
  }

  /** Presses a button of a card. */
  async press(label: string, heard: string): Promise<Message> {
    const { messages } = await this.#by.rest.messages(this.channelId);
    const button = messages
      .toReversed()
      .flatMap(({ card }) => card?.buttons ?? [])
      .find((one) => one.label === label);
    return this.say(button?.text ?? label, heard);
  }

  async hear(words: string): Promise<Message> {
    let all: readonly Message[] = [];
    const look = async (): Promise<Message | undefined> => {
      all = (await this.#by.rest.messages(this.channelId)).messages.filter(({ authorId }) => authorId === this.#botUserId);
      return all.find((message) => message.seq > this.#seq && shownOf(message).includes(words));
    };
    const found = await eventually(look, words, 15_000).catch(() => {
      throw new Error(`“${words}” was not said; what was: ${all.map(shownOf).slice(-6).join('\n')}`);
    });
    this.#seq = found.seq;
    return found;
  }
}

function shownOf({ text, card, form, suggestions, attachments }: Message): string {
  return [
    text,
    ...(card ? [card.title, card.subtitle, card.text, ...(card.facts ?? []).map(({ name, value }) => `${name}: ${value}`)] : []),
    ...(form ? [`form ${form.name}`] : []),
    ...(suggestions ?? []),
    ...(attachments ?? []).map(({ type }) => type),
  ]
    .filter(Boolean)
    .join('\n');
}

/** What a bot said in a channel, in order. */
async function saidIn(channelId: ChannelId, bot: { readonly userId: UserId }): Promise<readonly string[]> {
  const { messages } = await ana.rest.messages(channelId);
  return messages.filter(({ authorId }) => authorId === bot.userId).map(shownOf);
}

async function runSchedule(botId: BotId, script: string): Promise<void> {
  const { schedules } = await ana.rest.botSchedules(botId);
  const one = schedules.find((schedule) => schedule.script === script);
  expect(one, `${script} is on the clock`).toBeDefined();
  await ana.rest.runBotSchedule(botId, one!.id);
}

describe('examples', () => {
  test('are listed with what they show, in the language of the person, and are not installed anywhere', async () => {
    const { examples } = await ana.rest.botExamples();
    expect(examples.map(({ id }) => id)).toEqual([
      'assistant',
      'atendimento',
      'booking',
      'enrolment',
      'expenses',
      'help-desk',
      'onboarding',
      'order-status',
      'poll',
      'quiz',
      'report',
      'stand-up',
    ]);
    expect(examples.find(({ id }) => id === 'stand-up')!.keywords).toContain('SET SCHEDULE');
    expect(examples.find(({ id }) => id === 'quiz')!.description).toBe(
      'Five questions, a high score, and the honour of the house',
    );
    await ana.rest.updateMe({ locale: 'pt-BR' });
    const { examples: emPortugues } = await ana.rest.botExamples();
    expect(emPortugues.find(({ id }) => id === 'quiz')!.description).toBe('Cinco perguntas, um placar e a honra da casa');
    await ana.rest.updateMe({ locale: 'en' });
    const stranger = await w.signUp('Zoe', { organization: 'Other' });
    expect((await stranger.rest.bots()).bots.map(({ handle }) => handle)).toEqual(['guide']);
  });

  test('can be tried beside the editor, with the rows their packages bring', async () => {
    const { examples } = await ana.rest.botExamples();
    const tried: Record<string, string | null> = {};
    for (const { id } of examples) {
      const bot = await copyOf(id);
      const { error } = await ana.rest.previewBot({ files: bot.files, botId: bot.id });
      tried[id] = error?.message ?? null;
    }
    expect(tried).toEqual(Object.fromEntries(examples.map(({ id }) => [id, null])));
    const booking = await copyOf('booking');
    const { replies } = await ana.rest.previewBot({ files: booking.files, botId: booking.id });
    expect(replies.at(-1)!.suggestions).toContain('Haircut');
  });

  test('that do not exist are not found, and guests make no bots', async () => {
    const wanted = { name: 'X', handle: 'x-1' };
    expect(await refusal(ana.rest.createBotFromExample({ ...wanted, example: '../guide' }))).toBe('not_found');
    expect(await refusal(ana.rest.createBotFromExample({ ...wanted, example: 'guide' }))).toBe('not_found');
    const guest = await w.invite(ana, 'Guest', 'guest');
    expect(await refusal(guest.rest.botExamples())).toBe('forbidden');
    expect(await refusal(guest.rest.createBotFromExample({ ...wanted, example: 'quiz' }))).toBe('forbidden');
  });
});

test('onboarding asks, tells the buddy, and remembers what is done', async () => {
  const bot = await copyOf('onboarding');
  const talk = await Talk.open(bot);
  await talk.hear('I have 4 small steps');
  await talk.say('2026-01-05', 'Who shows you around?');
  await talk.say('@bea', 'I told @bea.');
  await talk.hear('Set up your laptop');
  await talk.say('Done', 'Well done.');
  expect(shownOf(await talk.hear('Say hello'))).toContain('Step 2 of 4');
  await talk.say('I need help', 'What is the matter?');
  await talk.say('Which channel?', 'Passed on to @bea');
  await talk.hear('Say hello');
  await talk.say('Not now', 'All right');
  const toBea = await Talk.open(bot, bea);
  await toBea.hear('named you to show them around');
  await toBea.hear('asks: Which channel?');
  await talk.say('hello again', 'Welcome back, Ana Prado!');
});

test('the help desk answers, and hands over to a person and back', async () => {
  const bot = await copyOf('help-desk', { 'transfer-to': '@bea' });
  const { state } = await ana.rest.createChannel({ kind: 'public', name: 'tickets' });
  await ana.rest.addBotToChannel(bot.id, state.channel.id);
  const talk = await Talk.open(bot, rui);
  await talk.hear('this is the help desk');
  await talk.say('I cannot log in', 'Forgot password');
  await talk.say('no', 'Shall I fetch somebody?');
  await talk.say('Talk to a person', 'Your ticket is');
  await talk.hear('A colleague will be with you');
  await eventually(
    async () => (await saidIn(state.channel.id, bot)).some((said) => said.includes('of rui: I cannot log in')),
    'the ticket is told in the channel',
  );

  const desk = await Talk.open(bot, bea);
  const asked = await desk.hear('asks for a person');
  const answer = { clientId: uuidv7() as ClientId, text: 'I reset it for you.', threadSeq: asked.seq };
  await bea.rest.postMessage(desk.channelId, answer);
  await talk.hear('I reset it for you.');
  await talk.tell('Wonderful');
  await eventually(async () => {
    const { messages } = await bea.rest.messages(desk.channelId, { threadSeq: asked.seq });
    return messages.some(({ text }) => text.includes('Wonderful'));
  }, 'what the person writes is in the thread');
  await bea.rest.postMessage(desk.channelId, { clientId: uuidv7() as ClientId, text: '/done', threadSeq: asked.seq });
  await talk.hear('How was Bea?');
  await talk.say('★★★', 'Thank you, I pass it on.');
  await talk.say('no', 'Take care, Rui.');
  const { rows } = await ana.rest.botTableRows(bot.id, 'tickets');
  expect(rows).toEqual([expect.objectContaining({ state: 'closed', helper: 'Bea', stars: 3, person: 'rui' })]);
});

test('enrolment takes a form, sends a mail, and refuses who is too young', async () => {
  const bot = await copyOf('enrolment');
  const talk = await Talk.open(bot, rui);
  await talk.hear('Which course');
  await talk.say('First aid', '2 seats left');
  const { seq, form } = await talk.say('A form', 'form enrolment');
  expect(form!.fields.map(({ name }) => name)).toEqual(['course', 'person', 'email', 'phone', 'birth', 'newsletter']);
  const values = {
    course: 'First aid',
    person: 'Rui',
    email: 'rui@example.com',
    phone: null,
    birth: '2014-02-03',
    newsletter: true,
  };
  await talk.send({ text: '', formAnswer: { seq, values } }, 'begin at 16 years');
  await talk.send({ text: '', formAnswer: { seq, values: { ...values, birth: '2000-02-03' } } }, 'on its way to rui@example.com');
  const mail = await eventually(async () => post.mails.find(({ subject }) => subject === 'First aid: you are in'), 'a mail');
  expect(mail.text).toContain('We begin on 07/03/2026 at 18:00.');
  const { rows } = await ana.rest.botTableRows(bot.id, 'enrolments');
  expect(rows).toEqual([expect.objectContaining({ course: 'First aid', email: 'rui@example.com', birth: '2000-02-03' })]);
});

test('booking gives an hour to one of two who want it at once', async () => {
  const bot = await copyOf('booking');
  const day = nextWeekday(3);
  const [first, second] = [await Talk.open(bot, ana), await Talk.open(bot, bea)];
  for (const talk of [first, second]) {
    await talk.hear('What would you like?');
    await talk.say('Haircut', 'On which day?');
    await talk.say(day, 'at what time?');
  }
  await Promise.all([first.tell('10:00'), second.tell('10:00')]);
  const ends = await Promise.all(
    [first, second].map((talk) =>
      Promise.race([talk.hear('It is yours').then(() => 'booked'), talk.hear('Somebody was faster').then(() => 'late')]),
    ),
  );
  expect(ends.toSorted()).toEqual(['booked', 'late']);
  const { rows } = await ana.rest.botTableRows(bot.id, 'visits');
  expect(rows).toEqual([expect.objectContaining({ day, service: 'Haircut' })]);
  const free = await ana.rest.callBotTool(bot.id, 'free-hours', { on_day: day });
  expect(free).toMatchObject({ value: expect.not.arrayContaining(['10:00']) });
});

/** A weekday some weeks ahead, as programs write dates. */
function nextWeekday(weeks: number): string {
  const date = new Date(Date.now() + weeks * 7 * 86_400_000);
  while (date.getUTCDay() === 0 || date.getUTCDay() === 6) date.setUTCDate(date.getUTCDate() + 1);
  return date.toISOString().slice(0, 10);
}

test('a poll counts each person once, and draws the result', async () => {
  const bot = await copyOf('poll');
  const owner = await Talk.open(bot);
  await owner.hear('What would you like to ask');
  await owner.say('Tea or coffee?', 'Between what');
  await owner.say('tea, coffee', 'Open: **Tea or coffee?**');
  const voter = await Talk.open(bot, bea);
  await voter.hear('Tea or coffee?');
  await voter.say('tea', 'your vote counts');
  await voter.say('again', 'Tea or coffee?');
  await voter.say('coffee', 'Changed: now it is coffee.');
  await owner.say('hm', 'Your poll is open');
  await owner.say('Close it', 'Closed.');
  await owner.hear('coffee: 1');
  expect((await owner.hear('image/png')).attachments![0]!.size).toBeGreaterThan(1_000);
});

test('the stand-up asks by the clock and tells the channel', async () => {
  const bot = await copyOf('stand-up');
  const { state } = await ana.rest.createChannel({ kind: 'public', name: 'team' });
  await ana.rest.addBotToChannel(bot.id, state.channel.id);
  const talk = await Talk.open(bot, bea);
  await talk.hear('Shall I?');
  await talk.say('yes', 'Welcome to the stand-up');
  await talk.hear('What did you finish');
  await runSchedule(bot.id, 'ask.bas');
  await talk.hear('Good morning, Bea!');
  await talk.say('The menu', 'What are you up to today?');
  await talk.say('The kitchen', 'Is anything in your way?');
  await talk.say('the key is lost', 'Have a good day!');
  await runSchedule(bot.id, 'tell.bas');
  const said = await eventually(async () => (await saidIn(state.channel.id, bot)).at(0), 'the report in the channel');
  expect(said).toContain('**Bea** did: The menu. Today: The kitchen. **In the way: the key is lost**');
});

test('order status asks the shop with its key, and hears from it when a parcel leaves', async () => {
  const settings = { 'shop-url': shop.url, 'shop-key': 'k-1', 'webhook-secret': 'whistle' };
  const bot = await copyOf('order-status', settings);
  const talk = await Talk.open(bot);
  await talk.hear('Which order is it?');
  await talk.say('b-9', 'There is no order **B-9**');
  await talk.hear('Another order?');
  await talk.say('yes', 'Which order is it?');
  const { card } = await talk.say('a-1001', 'Order A-1001');
  expect(card).toMatchObject({ subtitle: 'packing', facts: expect.arrayContaining([{ name: 'Items', value: 'Tea, Cup' }]) });
  await talk.hear('Shall I tell you when it leaves?');
  await talk.say('yes', 'Another order?');
  await talk.say('yes', 'Which order is it?');
  await talk.say('A-1003', 'Is everything as it should be?');
  await talk.say('no', 'What is wrong?');
  await talk.say('The cup is broken', 'Your complaint has the number 1.');
  expect(shop.complaints).toEqual([{ number: 'A-1003', text: 'The cup is broken', by: 'Ana Prado' }]);
  expect(new Set(shop.keys)).toEqual(new Set(['Bearer k-1']));

  const { triggers } = await ana.rest.botTriggers(bot.id);
  const path = triggers.find(({ kind }) => kind === 'webhook')!.path!;
  const whistle = (secret: string) =>
    fetch(w.server.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: JSON.stringify({ number: 'A-1001', tracking: 'https://post.example.com/9' }),
    });
  expect((await whistle('guess')).status).toBe(401);
  const answer = await whistle('whistle');
  expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ told: 1 })]);
  await talk.hear('on its way: https://post.example.com/9');
});

test('expenses above the limit are paid back when two people agree, and only those two', async () => {
  const bot = await copyOf('expenses', { manager: '@bea', finance: '@rui' });
  const talk = await Talk.open(bot);
  await talk.hear('What did you pay for?');
  await talk.say('A desk', 'How much was it?');
  await talk.say('$ 500', 'On which day?');
  await talk.say('2026-01-02', 'Send me a picture');
  const receipt = await ana.upload('desk.txt', 'Desk, 500', 'text/plain');
  await talk.send({ text: '', attachmentIds: [receipt.id] }, 'Noted as');
  const [manager, finance] = [await Talk.open(bot, bea), await Talk.open(bot, rui)];
  expect(shownOf(await manager.hear('Your approval is asked for'))).toContain('A desk: $ 500.00');
  await manager.press('Approve', 'approved');
  await talk.hear('Approved once.');
  await finance.hear('Your approval is asked for');
  await finance.press('Approve', 'approved');
  await talk.hear('will be in your next payment');
  const { rows } = await ana.rest.botTableRows(bot.id, 'expenses');
  expect(rows).toEqual([expect.objectContaining({ what: 'A desk', state: 'approved', person: 'ana.prado' })]);
});

test('the quiz asks five questions, counts, and keeps the score', async () => {
  const bot = await copyOf('quiz');
  const talk = await Talk.open(bot);
  await talk.hear('Ready, Ana Prado?');
  let points = 0;
  for (let number = 1; number <= 5; number++) {
    const { suggestions } = await talk.hear(`${number}. `);
    const said = await talk.say(suggestions![0]!, '');
    if (shownOf(said).includes('Right!')) points++;
  }
  await talk.hear(`**${points} of 5**`);
  await talk.hear('high scores?');
  await talk.say('High scores', `1. Ana Prado, ${points}`);
});

test('the assistant answers from the handbook and uses its tools; what it did is in the tables', async () => {
  const bot = await copyOf('assistant');
  await eventually(async () => {
    const { lines } = await ana.rest.botLog(bot.id);
    return lines.some(({ code }) => code.startsWith('knowledge'));
  }, 'the handbook is read');
  model.script(
    {
      when: ({ messages }) =>
        messages.at(-1)!.role === 'tool' && messages.some(({ content }) => String(content).includes('"taken":5')),
      say: 'Done: 25 days are left.',
    },
    { when: 'five days', call: [{ name: 'days-off', arguments: { first_day: nextWeekday(4), count: 5 } }] },
    {
      when: ({ messages }) => JSON.stringify(messages).includes('adapter from the front desk'),
      say: 'The adapter is at the front desk.',
    },
    { say: 'I do not know.' },
  );
  const talk = await Talk.open(bot, bea);
  const hello = await talk.hear('what can I do for you?');
  expect(hello.suggestions).toEqual(['My days off', 'Meeting rooms', 'That is all']);
  await talk.say('Which adapter does the screen in Hall need?', 'The adapter is at the front desk.');
  await talk.say('Please take five days for me', 'Done: 25 days are left.');
  const { rows } = await ana.rest.botTableRows(bot.id, 'days_off');
  expect(rows).toEqual([expect.objectContaining({ person: 'bea', days: 5 })]);
  model.script({ status: 500, error: 'out of order' });
  await talk.say('And now?', 'I cannot think straight just now.');
  await talk.say('That is all', 'See you, Bea.');
});

test('the report draws charts and mails a PDF', async () => {
  const bot = await copyOf('report');
  const talk = await Talk.open(bot);
  await talk.hear('Best: Coffee.');
  await talk.say('By month', '2026-03: $ 2,610');
  await talk.hear('image/png');
  await talk.hear('What would you like to see?');
  await talk.say('As a PDF', 'application/pdf');
  await talk.hear('Shall I mail it');
  await talk.say('yes', 'To which address?');
  await talk.say('boss@example.com', 'Sent to boss@example.com.');
  const mail = await eventually(async () => post.mails.find(({ subject }) => subject === 'Sales'), 'a mail');
  expect(mail.attachments.map(({ contentType }) => contentType)).toEqual(['application/pdf']);
  expect(mail.attachments[0]!.content.subarray(0, 5).toString()).toBe('%PDF-');
});

test('o atendimento fala português com quem quer que seja, e mostra a segunda via com o código QR', async () => {
  const bot = await copyOf('atendimento');
  const talk = await Talk.open(bot);
  await talk.hear('Que bom falar com você.');
  await talk.say('111', 'CPF');
  await talk.say('529.982.247-25', 'Em que posso ajudar?');
  expect(shownOf(await talk.say('Segunda via', 'Conta de Ana Prado'))).toContain('Valor: R$ 129,90');
  await talk.hear('image/png');
  await talk.hear('Em que posso ajudar?');
  await talk.say('Fazer uma reclamação', 'Conte o que aconteceu.');
  await talk.say('A caixa chegou aberta', 'Seu protocolo é');
  await talk.say('não', 'Em que posso ajudar?');
  await talk.say('Meus protocolos', '(aberto): A caixa chegou aberta');
});
