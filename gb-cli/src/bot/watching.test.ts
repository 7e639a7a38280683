import { ApiError, createHttp, createRest, type Rest } from 'gb-client';
import type { BotId, ChannelId, ClientId, UserId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gb, inFolder, spawnGb } from '../basic/testing.ts';
import { type SpawnedServer, spawnServer } from '../testing/server.ts';

/** What a bot's owner sees from outside: the real command asks a real server about a program that really failed. */
let server: SpawnedServer;
let ana: Rest;
let cleo: Rest;
let dora: Rest;
let guest: Rest;
let stranger: Rest;
let env: Record<string, string>;
const tokens: Record<string, string> = {};

const password = 'three unrelated long words';
const restOf = (token?: string) => createRest(createHttp({ baseUrl: server.url, fetch, token: () => token, timeoutMs: 20_000 }));

beforeAll(async () => {
  server = await spawnServer({ env: { GB_OPEN_SIGNUP: 'true', GB_RATE_FACTOR: '1000' } });
  const signedUp = await restOf().signUp({ organization: 'Acme', name: 'Ana Prado', email: 'ana@example.com', password });
  ana = restOf(signedUp.token!);
  const join = async (name: string, role: 'member' | 'guest') => {
    const { code } = await ana.createInvitation({ role, usesMax: 1 });
    const { token } = await restOf().acceptInvitation(code, { name, email: `${name}@example.com`.toLowerCase(), password });
    tokens[name] = token!;
    return restOf(token!);
  };
  cleo = await join('Cleo', 'member');
  dora = await join('Dora', 'member');
  guest = await join('Gus', 'guest');
  const other = await restOf().signUp({ organization: 'Other', name: 'Mallory', email: 'mallory@example.com', password });
  stranger = restOf(other.token!);
  env = { GB_URL: server.url, GB_TOKEN: signedUp.token!, TZ: 'UTC' };
});
afterAll(() => server?.dispose());

async function eventually<T>(look: () => Promise<T | null | undefined | false>, what: string): Promise<T> {
  for (const deadlineMs = performance.now() + 15_000; ; ) {
    const value = await look();
    if (value) return value;
    if (performance.now() > deadlineMs) throw new Error(`It did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

let handles = 0;
async function published(
  text: string,
): Promise<{ id: BotId; userId: UserId; handle: string; change(next: string): Promise<void> }> {
  const handle = `watched${++handles}`;
  const files = (script: string) => [{ name: 'start.bas', text: script }];
  const { id, userId } = await ana.createBot({ name: `Watched ${handles}`, handle, files: files(text) });
  await ana.publishBot(id);
  const change = async (next: string) => {
    await ana.updateBot(id, { files: files(next) });
    await ana.publishBot(id);
  };
  return { id, userId, handle, change };
}

/** A direct conversation, in which a step is over when the bot has said something new. */
async function talk(by: Rest, bot: { userId: UserId }) {
  const { state } = await by.openDirect({ userIds: [bot.userId] });
  const channelId: ChannelId = state.channel.id;
  const count = async () => (await by.messages(channelId)).messages.filter(({ authorId }) => authorId === bot.userId).length;
  let heard = 0;
  const listen = () =>
    eventually(async () => {
      const now = await count();
      const isNew = now > heard;
      heard = now;
      return isNew;
    }, 'an answer of the bot');
  await listen();
  return async (text: string) => {
    await by.postMessage(channelId, { clientId: uuidv7() as ClientId, text });
    await listen();
  };
}

const divider = 'TALK "How many?"\nHEAR n AS NUMBER\nshare = 10 / n\nTALK "Each gets ${share}"\n';
const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;

describe('gb bot logs', () => {
  test('a bot that fails at a line shows it, after the version that was published', async () => {
    const cwd = inFolder({ 'divider.gbai/start.bas': divider });
    expect((await gb(['bot', 'publish', 'divider.gbai'], { cwd, env })).code).toBe(0);
    const bot = (await ana.bots()).bots.find(({ handle }) => handle === 'divider')!;
    await (await talk(cleo, bot))('0');
    const ended = await gb(['bot', 'logs', 'divider.gbai'], { cwd, env });
    expect(ended).toMatchObject({ code: 0, err: '' });
    const [first, second, ...rest] = ended.out.split('\n');
    expect(first).toMatch(new RegExp(`^${time} info  published Version 1 was published by Ana Prado\\.$`));
    expect(second).toMatch(new RegExp(`^${time} error start\\.bas:3:\\d+ division_by_zero A number was divided by zero\\.$`));
    expect(rest).toEqual(['']);
    const spoken = Date.parse(`${second!.slice(0, 10)}T${second!.slice(11, 19)}Z`);
    expect(Math.abs(Date.now() - spoken)).toBeLessThan(60_000);

    // By its name the same, and only so many lines.
    expect((await gb(['bot', 'logs', '@divider', '--lines', '1'], { cwd: inFolder({}), env })).out).toBe(`${second}\n`);
    const asJson = await gb(['bot', 'logs', 'divider', '--json'], { cwd: inFolder({}), env });
    const [conversation] = (await ana.botConversations(bot.id)).conversations;
    expect(JSON.parse(asJson.out)).toEqual([
      expect.objectContaining({ number: 1, level: 'info', code: 'published', version: 1, file: null, conversationId: null }),
      expect.objectContaining({
        number: 2,
        level: 'error',
        code: 'division_by_zero',
        file: 'start.bas',
        line: 3,
        version: 1,
        conversationId: conversation!.id,
        userId: null,
      }),
    ]);
  });

  test('with --follow new lines come as they happen, and it ends when nobody reads', async () => {
    const bot = await published(divider);
    const child = spawnGb(['bot', 'logs', bot.handle, '--follow', '--json'], { env });
    try {
      let out = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
      });
      const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
      const codes = () =>
        out
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line).code as string);
      await eventually(async () => codes().length === 1, 'the first line');
      const say = await talk(ana, bot);
      await say('0');
      await eventually(async () => codes().length === 2, 'the failure');
      expect(codes()).toEqual(['published', 'division_by_zero']);
      child.stdout.destroy();
      await ana.publishBot(bot.id);
      expect(await closed).toBe(0);
    } finally {
      child.kill();
    }
  });

  test('a bot to which nothing has happened says so', async () => {
    const cwd = inFolder({ 'fresh.gbai/start.bas': 'TALK 1' });
    await ana.createBot({ name: 'Fresh', handle: 'fresh', files: [{ name: 'start.bas', text: 'TALK 1' }] });
    expect(await gb(['bot', 'logs', 'fresh.gbai'], { cwd, env })).toEqual({
      code: 0,
      out: '',
      err: 'Nothing has happened to @fresh in the last 30 days.\n',
    });
  });

  test('without a server it says so, and what names no bot is wrong use', async () => {
    const away = await gb(['bot', 'logs', 'guide'], { env: { ...env, GB_URL: 'http://127.0.0.1:9' } });
    expect(away).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/^gb: http[^\n]+no answer[^\n]+\n$/) });
    for (const args of [['no/such/folder'], [], ['a', 'b'], ['guide', '--lines', '0']])
      expect(await gb(['bot', 'logs', ...args], { env })).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringMatching(/^gb: .+\n$/),
      });
  });
});

test.each(['logs', 'conversations'])('gb bot %s: no such bot, and a refusal, are one sentence', async (command) => {
  const { handle } = await published('TALK 1');
  const absent = await gb(['bot', command, 'nobody'], { env });
  expect(absent).toEqual({ code: 1, out: '', err: `gb: there is no bot @nobody at ${server.url}.\n` });
  const refused = await gb(['bot', command, handle], { env: { ...env, GB_TOKEN: tokens['Gus']! } });
  expect(refused).toEqual({ code: 1, out: '', err: `gb: ${server.url}: Guests may not do this.\n` });
});

describe('gb bot conversations', () => {
  test('shows who talks to the bot, where each waits, and which version it runs', async () => {
    const bot = await published(divider);
    await talk(cleo, bot);
    const say = await talk(ana, bot);
    await say('0');
    await bot.change(`' A new first line.\n${divider}`);
    await ana.rollBackBot(bot.id, 1);
    await ana.rollBackBot(bot.id, 2);
    const { state } = await cleo.createChannel({ kind: 'private', name: 'secret-plans' });
    await cleo.addBotToChannel(bot.id, state.channel.id);
    const { seq } = await cleo.postMessage(state.channel.id, { clientId: uuidv7() as ClientId, text: `@${bot.handle} hello` });
    const all = await eventually(async () => {
      const { conversations } = await ana.botConversations(bot.id);
      return conversations.length === 3 && conversations;
    }, 'the third conversation');
    expect(
      all.map(({ status, waitsFor, version, isCurrent, turns }) => ({ status, waitsFor, version, isCurrent, turns })),
    ).toEqual([
      { status: 'waiting', waitsFor: { kind: 'NUMBER', file: 'start.bas', line: 3 }, version: 2, isCurrent: true, turns: 1 },
      { status: 'failed', waitsFor: null, version: 1, isCurrent: false, turns: 2 },
      { status: 'waiting', waitsFor: { kind: 'NUMBER', file: 'start.bas', line: 2 }, version: 1, isCurrent: false, turns: 1 },
    ]);
    expect(all[0]).toMatchObject({ threadSeq: seq, channelKind: 'private', snapshotBytes: expect.any(Number) });
    expect(all[0]!.snapshotBytes).toBeGreaterThan(32);
    expect(JSON.stringify(all)).not.toContain('secret-plans');

    const ended = await gb(['bot', 'conversations', bot.handle], { env });
    expect(ended).toMatchObject({ code: 0, err: '' });
    const [head, ...rows] = ended.out.trimEnd().split('\n');
    const cells = (row: string) => row.split(/ {2,}/);
    expect(cells(head!)).toEqual([
      'PERSON',
      'CHANNEL',
      'THREAD',
      'STATE',
      'WAITS FOR',
      'VERSION',
      'TURNS',
      'LAST ACTIVE',
      'KEPT',
    ]);
    expect(rows.map((row) => cells(row).slice(0, 7))).toEqual([
      ['@cleo', 'private', String(seq), 'waiting', 'NUMBER at start.bas:3', '2', '1'],
      ['@ana.prado', 'direct', '-', 'failed', '-', '1 (old)', '2'],
      ['@cleo', 'direct', '-', 'waiting', 'NUMBER at start.bas:2', '1 (old)', '1'],
    ]);
    expect(new Set(rows.map((row) => row.indexOf('waiting') + row.indexOf('failed'))).size).toBe(1);
    const asCleo = await gb(['bot', 'conversations', bot.handle, '--limit', '1'], { env: { ...env, GB_TOKEN: tokens['Cleo']! } });
    expect(asCleo.out).toContain('#secret-plans');
    expect(asCleo.err).toBe('There are more than these 1; --limit shows them.\n');
    const asJson = await gb(['bot', 'conversations', bot.handle, '--json'], { env });
    expect(JSON.parse(asJson.out)).toEqual(all.map((one) => expect.objectContaining({ ...one })));

    const codes = (await ana.botLog(bot.id)).lines.map(({ code, version }) => [code, version]);
    expect(codes).toEqual([
      ['published', 1],
      ['division_by_zero', 1],
      ['published', 2],
      ['rolled_back', 1],
      ['rolled_back', 2],
    ]);
  });

  test('pages follow on, and a cursor that is none is refused', async () => {
    const bot = await published('TALK "hi"\nHEAR x\nTALK x');
    for (const person of [ana, cleo, dora]) await talk(person, bot);
    const first = await ana.botConversations(bot.id, { limit: 2 });
    const second = await ana.botConversations(bot.id, { limit: 2, before: first.next! });
    expect([first.conversations.length, second.conversations.length, second.next]).toEqual([2, 1, null]);
    expect(new Set([...first.conversations, ...second.conversations].map(({ id }) => id)).size).toBe(3);
    const id = first.conversations[0]!.id;
    for (const before of ['', 'x', '5', '5.x', `-1.${id}`, `99999999999999999.${id}`, `999999999999999.${id}`, `1.${id}'`])
      expect([before, await refusal(ana.botConversations(bot.id, { before }))]).toEqual([before, 'malformed']);
  });
});

describe('what a log tells', () => {
  const secret = 'the number on my card, please keep it, is 4111 1111 1111 1111';

  test('a sentence of the program stays whole; of what a person wrote it quotes thirty characters', async () => {
    const own = 'The order could not be found, so nothing was sent to anybody.';
    const bot = await published(
      `TALK "go"\nHEAR a\nIF a = "own" THEN THROW "${own}"\nIF a = "zero" THEN THROW "zero" + CHR(0) + CHR(10) + CHR(55357) + "end"\nTHROW a`,
    );
    const say = await talk(ana, bot);
    for (const answer of ['own', 'zero', secret]) {
      await say(answer);
      await say('again');
    }
    const { lines } = await ana.botLog(bot.id);
    const thrown = lines.filter(({ code }) => code === 'thrown').map(({ message }) => message);
    expect(thrown[0]).toBe(own);
    expect(thrown[1]).toMatch(/^zero [^\u0000-\u001f]*end$/);
    expect(thrown[2]).toBe(`${secret.slice(0, 30)}…`);
    expect(thrown.length).toBe(3);
    expect(JSON.stringify(lines)).not.toContain('1111');
    const printed = await gb(['bot', 'logs', bot.handle], { env });
    expect(printed.out).not.toContain('1111');
  });

  test('a date that is none is quoted no further', async () => {
    const bot = await published('TALK "go"\nHEAR a\nTALK DATEADD(a, 1, "day")');
    await (await talk(ana, bot))(secret);
    const { lines } = await ana.botLog(bot.id);
    expect(lines.at(-1)!.code).toBe('invalid_date');
    expect(lines.at(-1)!.message).toBe(`${secret.slice(0, 30)}…`);
  });
});

describe('who may look', () => {
  test('those who may publish the bot, and nobody else', async () => {
    const bot = await published(divider);
    const guide = (await ana.bots()).bots.find(({ handle }) => handle === 'guide')!;
    for (const look of [(by: Rest, id: BotId) => by.botLog(id), (by: Rest, id: BotId) => by.botConversations(id)]) {
      await look(ana, bot.id);
      await look(cleo, bot.id);
      expect(await refusal(look(guest, bot.id))).toBe('forbidden');
      expect(await refusal(look(stranger, bot.id))).toBe('not_found');
      expect(await refusal(look(restOf(), bot.id))).toBe('unauthenticated');
      expect(await refusal(look(restOf('gbs_nonsense'), bot.id))).toBe('unauthenticated');
      expect(await refusal(look(ana, uuidv7() as BotId))).toBe('not_found');
      expect(await refusal(look(ana, 'x' as BotId))).toBe('malformed');
      // Like publishing it: it is the server's.
      expect(await refusal(look(ana, guide.id))).toBe('forbidden');
    }
    expect(await refusal(ana.publishBot(guide.id))).toBe('forbidden');
    expect(await refusal(ana.botLog(bot.id, { before: 0 }))).toBe('malformed');
    expect(await refusal(ana.botLog(bot.id, { limit: 100_000 }))).toBe('malformed');
  });
});

async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiError) return error.code;
    throw error;
  }
  throw new Error('The call was not refused.');
}
