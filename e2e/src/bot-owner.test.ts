import { strToU8, unzipSync, zipSync } from 'fflate';
import type { BotId, JsonValue, PackagePublished } from 'gb-protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, type Person, refusal, type World, world } from './world.ts';

/** What those who look after a bot see and do over REST. */
let w: World;
let ana: Person;
beforeAll(async () => {
  w = await world();
  ana = await w.signUp('Ana Prado');
});
afterAll(() => w?.close());

let handles = 0;

async function create(scripts: Readonly<Record<string, string>>): Promise<{ id: BotId; userId: Person['userId'] }> {
  const handle = `owned${++handles}`;
  const files = Object.entries(scripts).map(([name, text]) => ({ name, text }));
  return ana.rest.createBot({ name: `Bot ${handle}`, handle, files });
}

async function publish(scripts: Readonly<Record<string, string>>) {
  const bot = await create(scripts);
  await ana.rest.publishBot(bot.id);
  return bot;
}

async function talk(bot: { userId: Person['userId'] }, by: Person, count: number) {
  const { state } = await by.rest.openDirect({ userIds: [bot.userId] });
  const texts = async () =>
    (await by.rest.messages(state.channel.id)).messages.filter(({ authorId }) => authorId === bot.userId).map(({ text }) => text);
  await eventually(async () => (await texts()).length >= count, `${count} answers`);
  return { channelId: state.channel.id, texts };
}

const post = (by: Person, channelId: Parameters<Person['rest']['postMessage']>[0], text: string) =>
  by.rest.postMessage(channelId, { clientId: crypto.randomUUID() as never, text });

describe('conversations and their journal', () => {
  test('the journal has every turn, and one turn has all that is needed to run it again', async () => {
    const bot = await publish({ 'start.bas': 'TALK "Name?"\nHEAR name\nTALK "Hi ${name}"\nHEAR x' });
    const { channelId, texts } = await talk(bot, ana, 1);
    await post(ana, channelId, 'Ana');
    await eventually(async () => (await texts()).length >= 2, 'an answer');
    const { conversations } = await ana.rest.botConversations(bot.id, { kind: 'dialog', status: 'waiting' });
    expect(conversations).toHaveLength(1);
    const { id } = conversations[0]!;
    const { turns, hasOlder } = await ana.rest.botTurns(bot.id, id);
    expect(hasOlder).toBe(false);
    expect(
      turns.map(({ turn, cause, input, output }) => [turn, cause, input.answer, output.replies.map(({ text }) => text)]),
    ).toEqual([
      [1, 'start', null, ['Name?']],
      [2, 'answer', 'Ana', ['Hi Ana']],
    ]);
    const second = await ana.rest.botTurn(bot.id, id, 2);
    expect(second.turn).toMatchObject({ turn: 2, input: { seed: expect.any(Number), variables: { username: 'Ana Prado' } } });
    expect(Buffer.from(second.snapshot!, 'base64').subarray(0, 4).toString('latin1')).toBe('GBS1');
    expect(Buffer.from(second.program!.wasm, 'base64').subarray(0, 4)).toEqual(Buffer.from([0, 0x61, 0x73, 0x6d]));
    expect(JSON.parse(second.program!.debugMap)).toHaveProperty('positions');
    expect(second.program!.files.map(({ name }) => name)).toEqual(['start.bas']);
    expect((await ana.rest.botTurn(bot.id, id, 2, { program: false })).program).toBeNull();
    expect(await refusal(ana.rest.botTurn(bot.id, id, 9))).toBe('not_found');
    const state = await ana.rest.botConversation(bot.id, id);
    expect(state).toMatchObject({ conversation: { id, status: 'waiting', waitsFor: { line: 4 } }, request: null });
    expect(state.snapshot).not.toBeNull();
    const other = await publish({ 'start.bas': 'TALK 1' });
    expect(await refusal(ana.rest.botConversation(other.id, id))).toBe('not_found');
  });

  test('variables of a conversation that waits are changed, by who may see them, while it is as they saw it', async () => {
    const bot = await publish({ 'start.bas': 'a = 1\nTALK "Name?"\nHEAR name\nTALK "${name} ${a}"\nHEAR x' });
    const { channelId, texts } = await talk(bot, ana, 1);
    const { id } = (await ana.rest.botConversations(bot.id, { kind: 'dialog', status: 'waiting' })).conversations[0]!;
    const { revision } = await ana.rest.botConversation(bot.id, id, { program: false });
    const change = (by: Person, target: string, value: JsonValue) =>
      by.rest.changeBotConversation(bot.id, id, { revision, changes: [{ frame: -1, target, value }] });
    const bo = await w.invite(ana, 'Bo Change');
    expect(await refusal(change(bo, 'a', 2))).toBe('forbidden');
    expect(await refusal(change(ana, 'nobody', 2))).toBe('malformed');
    expect(await change(ana, 'a', 2)).toEqual({ revision: revision + 1, changes: [{ target: 'a', before: '1', after: '2' }] });
    expect(await refusal(change(ana, 'a', 3))).toBe('moved_on');
    await post(ana, channelId, 'Ana');
    await eventually(async () => (await texts()).includes('Ana 2'), 'an answer');
    const { edits } = await ana.rest.botTurns(bot.id, id);
    expect(edits).toMatchObject([{ turn: 1, userId: ana.userId, changes: [{ target: 'a', before: '1', after: '2' }] }]);
    expect((await ana.rest.botLog(bot.id)).lines.at(-1)).toMatchObject({ code: 'variable_changed', conversationId: id });
  });

  test('what somebody said is for them and for administrators; others who manage the bot see where it stands', async () => {
    const bot = await publish({ 'start.bas': 'TALK "Secret?"\nHEAR s\nTALK "noted"\nHEAR x' });
    const bo = await w.invite(ana, 'Bo Lind');
    const cleo = await w.invite(ana, 'Cleo Nosy');
    const { channelId, texts } = await talk(bot, bo, 1);
    await post(bo, channelId, 'canary-99');
    await eventually(async () => (await texts()).length >= 2, 'an answer');
    const { id } = (await cleo.rest.botConversations(bot.id)).conversations[0]!;
    for (const read of [
      () => cleo.rest.botTurns(bot.id, id),
      () => cleo.rest.botTurn(bot.id, id, 2),
      () => cleo.rest.botConversation(bot.id, id),
    ])
      expect(await refusal(read())).toBe('forbidden');
    for (const person of [bo, ana]) expect(JSON.stringify(await person.rest.botTurns(bot.id, id))).toContain('canary-99');
    const guest = await w.invite(ana, 'Gil Guest', 'guest');
    expect(await refusal(guest.rest.botTurns(bot.id, id))).toBe('forbidden');
  });

  test('a conversation is ended, and the next message begins another', async () => {
    const bot = await publish({ 'start.bas': 'TALK "begin"\nHEAR x\nTALK "never"' });
    const { channelId, texts } = await talk(bot, ana, 1);
    const { id } = (await ana.rest.botConversations(bot.id)).conversations[0]!;
    expect(await refusal(ana.rest.retryBotConversation(bot.id, id))).toBe('forbidden');
    await ana.rest.endBotConversation(bot.id, id);
    await ana.rest.endBotConversation(bot.id, id);
    expect((await ana.rest.botConversation(bot.id, id)).conversation).toMatchObject({ status: 'finished', snapshotBytes: 0 });
    await post(ana, channelId, 'again');
    await eventually(async () => (await texts()).length >= 2, 'a new start');
    expect(await texts()).toEqual(['begin', 'begin']);
  });

  test('waiting conversations go over to the published version where they can, and the others say why not', async () => {
    const bot = await publish({ 'start.bas': 'TALK "one"\nHEAR name\nTALK "old ${name}"' });
    const bo = await w.invite(ana, 'Bo Migrates');
    const [mine, his] = [await talk(bot, ana, 1), await talk(bot, bo, 1)];
    const save = (text: string) => ana.rest.updateBot(bot.id, { files: [{ name: 'start.bas', text }] });
    await save('TALK "one"\nHEAR name\nTALK "new ${name}"');
    await ana.rest.publishBot(bot.id);
    const waiting = (await ana.rest.botConversations(bot.id)).conversations;
    expect(waiting.map(({ isCurrent }) => isCurrent)).toEqual([false, false]);
    const anas = waiting.find(({ userId }) => userId === ana.userId)!.id;
    expect(await ana.rest.migrateBotConversations(bot.id, { conversationIds: [anas] })).toEqual({
      migrated: 1,
      refused: [],
      next: null,
    });
    await post(ana, mine.channelId, 'Ana');
    await post(bo, his.channelId, 'Bo');
    await eventually(async () => (await mine.texts()).length + (await his.texts()).length === 4, 'both answers');
    expect([(await mine.texts()).at(-1), (await his.texts()).at(-1)]).toEqual(['new Ana', 'old Bo']);
    const cleo = await w.invite(ana, 'Cleo Stays');
    await talk(bot, cleo, 1);
    await save('TALK "nothing is asked any more"');
    await ana.rest.publishBot(bot.id);
    const { migrated, refused } = await ana.rest.migrateBotConversations(bot.id);
    expect([migrated, refused.length]).toEqual([0, 1]);
    expect(refused[0]!.reason).not.toBe('');
  });
});

describe('what a version declares', () => {
  test('schedules are told in words, paused, resumed and run now', async () => {
    const bot = await publish({
      'start.bas': 'TALK 1',
      'daily.bas': 'SET SCHEDULE "every day at 9am"\nSET BOT MEMORY "ran", "yes"',
    });
    const [schedule] = (await ana.rest.botSchedules(bot.id)).schedules;
    expect(schedule).toMatchObject({ script: 'daily.bas', text: 'every day at 9am', origin: 'declared', isPaused: false });
    expect(schedule!.says).toMatch(/day/i);
    expect(schedule!.wakeAt).toBeGreaterThan(Date.now());
    expect(await ana.rest.pauseBotSchedule(bot.id, schedule!.id)).toMatchObject({ isPaused: true, wakeAt: null });
    // Publishing again does not start it.
    await ana.rest.publishBot(bot.id);
    expect((await ana.rest.botSchedules(bot.id)).schedules).toMatchObject([{ isPaused: true }]);
    const { runId } = await ana.rest.runBotSchedule(bot.id, schedule!.id);
    await eventually(
      async () => (await ana.rest.botConversation(bot.id, runId)).conversation.status === 'finished',
      'the run ends',
    );
    expect(await ana.rest.resumeBotSchedule(bot.id, schedule!.id)).toMatchObject({ isPaused: false, wakeAt: schedule!.wakeAt });
    const bo = await w.invite(ana, 'Bo Guest', 'guest');
    expect(await refusal(bo.rest.pauseBotSchedule(bot.id, schedule!.id))).toBe('forbidden');
    const other = await publish({ 'start.bas': 'TALK 1' });
    expect(await refusal(ana.rest.runBotSchedule(other.id, schedule!.id))).toBe('not_found');
  });

  test('tables and their rows, triggers with their addresses, settings without secrets', async () => {
    const config = 'name,value\nbot-name,Shop\nwebhook-secret,hush\nllm-key,sk-1\n';
    const bot = await publish({
      'start.bas':
        'TABLE items\n  name string(40)\n  price number\nEND TABLE\nINSERT "items", {name: "tea", price: 3}\na = 1\nSAVE "notes.csv", a\nTALK "saved"',
      'hook.bas': 'WEBHOOK "order-in"\nx = 1',
      'config.csv': config,
    });
    await talk(bot, ana, 1);
    const { tables } = await ana.rest.botTables(bot.id);
    expect(tables.find(({ kind }) => kind === 'table')).toMatchObject({ name: 'items', rows: 1 });
    const page = await ana.rest.botTableRows(bot.id, 'ITEMS');
    expect(page).toMatchObject({ rows: [{ name: 'tea', price: 3 }], hasMore: false });
    expect(await ana.rest.botTableRows(bot.id, 'items', { offset: 1 })).toMatchObject({ rows: [] });
    expect(await refusal(ana.rest.botTableRows(bot.id, 'none'))).toBe('not_found');
    const { triggers } = await ana.rest.botTriggers(bot.id);
    expect(triggers).toMatchObject([{ kind: 'webhook', script: 'hook.bas', path: expect.stringContaining(`/${bot.id}/`) }]);
    const { settings } = await ana.rest.botSettings(bot.id);
    expect(settings).toContainEqual({ name: 'bot-name', value: 'Shop' });
    expect(settings).toContainEqual({ name: 'webhook-secret', value: null });
    expect(JSON.stringify(settings)).not.toMatch(/hush|sk-1/);
  });
});

describe('packages', () => {
  const zip = (files: Readonly<Record<string, string>>) =>
    zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, strToU8(text)])));
  const put = async (botId: BotId, body: Uint8Array, token = ana.token) => {
    const response = await fetch(`${w.server.url}/api/bots/${botId}/package`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/zip' },
      body: new Uint8Array(body),
    });
    return {
      status: response.status,
      body: (await response.json()) as PackagePublished & { code?: string; diagnostics?: { file: string }[] },
    };
  };
  const get = async (botId: BotId) => {
    const response = await fetch(`${w.server.url}/api/bots/${botId}/package`, {
      headers: { authorization: `Bearer ${ana.token}` },
    });
    return unzipSync(new Uint8Array(await response.arrayBuffer()));
  };
  const shop = {
    'shop.gbai/shop.gbdialog/start.bas': 'row = FIND "prices", "name=tea"\nTALK "tea costs ${row.price}"',
    'shop.gbai/shop.gbot/config.csv': 'name,value\nbot-name,Shop\n',
    'shop.gbai/shop.gbdata/prices.csv': 'name,price\ntea,3\ncoffee,4\n',
    'shop.gbai/shop.gbkb/faq/hours.md': '# Hours\nWe open at nine.\n',
    'shop.gbai/shop.gbdrive/menu.txt': 'the menu',
    'shop.gbai/shop.gbtheme/style.css': 'body {}',
  };

  test('a package is published as one piece, and comes back as it was', async () => {
    const bot = await create({ 'start.bas': 'TALK "draft"' });
    const first = await put(bot.id, zip(shop));
    expect(first).toMatchObject({
      status: 200,
      body: { version: 1, scripts: 1, filesChanged: 4, filesRemoved: 0, sheets: [{ name: 'prices.csv', rows: 2 }] },
    });
    expect(await (await talk(bot, ana, 1)).texts()).toEqual(['tea costs 3']);
    const back = await get(bot.id);
    const texts = Object.fromEntries(
      Object.entries(back).map(([path, bytes]) => [path.replace(/owned\d+/g, 'shop'), Buffer.from(bytes).toString()]),
    );
    expect(texts).toEqual(shop);
    const { 'shop.gbai/shop.gbkb/faq/hours.md': _gone, ...rest } = shop;
    const second = await put(bot.id, zip({ ...rest, 'shop.gbai/shop.gbdata/prices.csv': 'name,price\ntea,9\n' }));
    expect(second.body).toMatchObject({ version: 2, filesChanged: 1, filesRemoved: 1, sheets: [{ rows: 1 }] });
    expect(Object.keys(await get(bot.id)).some((path) => path.endsWith('hours.md'))).toBe(false);
  });

  test('with one error nothing of it changes, and everything wrong is told', async () => {
    const bot = await create({ 'start.bas': 'TALK "draft"' });
    await put(bot.id, zip(shop));
    const before = await get(bot.id);
    const broken = await put(
      bot.id,
      zip({ ...shop, 'shop.gbai/shop.gbdialog/more.bas': 'FOR i = 1 TO 2', 'shop.gbai/shop.gbdrive/new.txt': 'new' }),
    );
    expect(broken).toMatchObject({ status: 422, body: { code: 'program_invalid', diagnostics: [{ file: 'more.bas' }] } });
    const badData = await put(
      bot.id,
      zip({ ...shop, 'shop.gbai/shop.gbdata/bad.xlsx': 'no workbook', 'shop.gbai/shop.gbdrive/new.txt': 'new' }),
    );
    expect(badData).toMatchObject({ status: 422, body: { diagnostics: [{ file: 'data/bad.xlsx' }] } });
    for (const junk of [new Uint8Array(), strToU8('not a zip'), zip({})])
      expect((await put(bot.id, junk)).status).toBeGreaterThanOrEqual(400);
    expect(await get(bot.id)).toEqual(before);
    expect((await ana.rest.bot(bot.id)).publishedVersion).toBe(1);
    const guest = await w.invite(ana, 'Gil Packs', 'guest');
    expect(await put(bot.id, zip(shop), guest.token)).toMatchObject({ status: 403 });
  });
});
