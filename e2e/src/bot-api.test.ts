import { createHmac } from 'node:crypto';
import type { BotId, BotKeyMade, ChannelId, ContactConversation, ContactMessagePage, JsonObject, RunAnswer } from 'gb-protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, refusal, type World, world } from './world.ts';

/** What programs outside do with a bot: connectors, callers of tools and of webhooks. */
let w: World;
let ana: Person;
beforeAll(async () => {
  w = await world();
  ana = await w.signUp('Ana Prado');
});
afterAll(() => w?.close());

let handles = 0;

async function publish(scripts: Readonly<Record<string, string>> | string, config = '') {
  const handle = `api${++handles}`;
  const named = typeof scripts === 'string' ? { 'start.bas': scripts } : scripts;
  const files = Object.entries(named).map(([name, text]) => ({ name, text }));
  if (config !== '') files.push({ name: 'config.csv', text: config });
  const bot = await ana.rest.createBot({ name: `Bot ${handle}`, handle, files });
  await ana.rest.publishBot(bot.id);
  return { id: bot.id, userId: bot.userId, handle };
}

interface Answer<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: Headers;
}

/** As any program would: no client of ours. */
async function call<T = { code?: string }>(
  method: string,
  path: string,
  options: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer<T>> {
  const { token, body, headers = {} } = options;
  const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(w.server.url + path, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(isRaw ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isRaw ? (body as BodyInit) : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, body: (isJson ? JSON.parse(text) : text) as T, headers: response.headers };
}

const keyOf = async (botId: BotId): Promise<BotKeyMade> => ana.rest.createBotKey(botId, 'Connector');

const greeter = 'TALK "Hello, ${username}."\nHEAR name\nTALK "You said ${name}."\nHEAR x\nTALK "Bye."';

describe('keys of bots', () => {
  test('a key is shown once, listed without its token, and opens nothing once it is taken back', async () => {
    const bot = await publish(greeter);
    const made = await keyOf(bot.id);
    expect(made.token).toMatch(/^gbk_[0-9a-f]{32}_[\w-]{43}$/);
    const { keys } = await ana.rest.botKeys(bot.id);
    expect(keys).toEqual([{ ...made.key, lastUsedAt: null }]);
    expect(JSON.stringify(keys)).not.toContain(made.token);
    expect((await call('GET', `/api/bots/${bot.id}/tools`, { token: made.token })).status).toBe(200);
    expect((await ana.rest.botKeys(bot.id)).keys[0]!.lastUsedAt).not.toBeNull();
    await ana.rest.revokeBotKey(bot.id, made.key.id);
    expect(await call('GET', `/api/bots/${bot.id}/tools`, { token: made.token })).toMatchObject({ status: 401 });
    expect(await refusal(ana.rest.revokeBotKey(bot.id, made.key.id))).toBe('not_found');
  });

  test('a key is no session: it opens what is of its bot, and nothing else of the workspace', async () => {
    const bot = await publish(greeter);
    const { token } = await keyOf(bot.id);
    for (const path of [
      '/api/snapshot',
      '/api/users',
      '/api/bots',
      `/api/bots/${bot.id}`,
      `/api/bots/${bot.id}/log`,
      `/api/bots/${bot.id}/keys`,
    ])
      expect([path, (await call('GET', path, { token })).status]).toEqual([path, 401]);
    const other = await publish(greeter);
    expect(await call('GET', `/api/bots/${other.id}/tools`, { token })).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
  });

  test('guests make no keys, and nobody makes any for the bots that come with the program', async () => {
    const bot = await publish(greeter);
    const guest = await w.invite(ana, 'Gil Guest', 'guest');
    expect(await refusal(guest.rest.createBotKey(bot.id, 'x'))).toBe('forbidden');
    expect(await refusal(guest.rest.botKeys(bot.id))).toBe('forbidden');
    const guide = (await ana.rest.bots()).bots.find(({ origin }) => origin === 'package')!;
    expect(await refusal(ana.rest.createBotKey(guide.id, 'x'))).toBe('forbidden');
  });
});

async function open(token: string, contact: { id: string; name?: string; locale?: string }) {
  const { status, body } = await call<ContactConversation>('POST', '/api/conversations', { token, body: { contact } });
  expect([status, body]).toEqual([200, expect.objectContaining({ id: expect.any(String) })]);
  return body;
}

const messagesPath = (id: ChannelId) => `/api/conversations/${id}/messages`;
const post = (token: string, id: ChannelId, body: object) =>
  call<{ seq: number; code?: string }>('POST', messagesPath(id), { token, body });

/** What the bot says until there are so many messages of it, by long polls from a cursor on. */
async function heard(
  token: string,
  id: ChannelId,
  count: number,
  after = 0,
): Promise<{ texts: string[]; cursor: number; page: ContactMessagePage }> {
  const texts: string[] = [];
  let cursor = after;
  for (let rounds = 0; rounds < 60; rounds++) {
    const { body: page } = await call<ContactMessagePage>('GET', `${messagesPath(id)}?after=${cursor}&waitMs=2000`, { token });
    cursor = page.cursor;
    texts.push(...page.messages.filter(({ from }) => from === 'bot').map(({ text }) => text));
    if (texts.length >= count) return { texts, cursor, page };
  }
  throw new Error(`${count} answers did not come; there are ${JSON.stringify(texts)}`);
}

describe('conversations of contacts', () => {
  test('the same script answers somebody from elsewhere, in order and once', async () => {
    const bot = await publish(greeter);
    const { token } = await keyOf(bot.id);
    const conversation = await open(token, { id: '+55 11 99999-0001', name: 'Maria Silva', locale: 'pt-BR' });
    expect(conversation.contact).toEqual({ id: '+55 11 99999-0001', name: 'Maria Silva', locale: 'pt-BR' });
    const first = await heard(token, conversation.id, 1);
    expect(first.texts).toEqual(['Hello, Maria Silva.']);
    await post(token, conversation.id, { clientId: 'wamid.1', text: 'tea' });
    expect((await heard(token, conversation.id, 1, first.cursor)).texts).toEqual(['You said tea.']);
  });

  test('opening it again is the same conversation, with the newest name, and starts nothing', async () => {
    const bot = await publish(greeter);
    const { token } = await keyOf(bot.id);
    const [one, two, three] = await Promise.all([1, 2, 3].map(() => open(token, { id: 'ana@elsewhere.example' })));
    expect(new Set([one!.id, two!.id, three!.id]).size).toBe(1);
    await heard(token, one!.id, 1);
    const renamed = await open(token, { id: ' ana@elsewhere.example ', name: 'Ana Elsewhere' });
    expect(renamed).toMatchObject({ id: one!.id, contact: { name: 'Ana Elsewhere' } });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await heard(token, one!.id, 1)).texts).toHaveLength(1);
  });

  test('a message sent twice is one, and another text under its name is refused', async () => {
    const bot = await publish(greeter);
    const { token } = await keyOf(bot.id);
    const { id } = await open(token, { id: 'twice' });
    await heard(token, id, 1);
    const first = await post(token, id, { clientId: 'same', text: 'once' });
    const again = await post(token, id, { clientId: 'same', text: 'once' });
    expect(again.body.seq).toBe(first.body.seq);
    expect(await post(token, id, { clientId: 'same', text: 'other' })).toMatchObject({
      status: 409,
      body: { code: 'duplicate_client_id' },
    });
    expect((await heard(token, id, 2)).texts.at(-1)).toBe('You said once.');
  });

  test('a poll waits for a message, and ends when its time is over', async () => {
    const bot = await publish('HEAR x\nTALK "got it"');
    const { token } = await keyOf(bot.id);
    const { id } = await open(token, { id: 'patient' });
    const start = await call<ContactMessagePage>('GET', `${messagesPath(id)}?after=0&waitMs=50`, { token });
    expect(start.body.messages).toEqual([]);
    const waiting = heard(token, id, 1, start.body.cursor);
    await post(token, id, { clientId: 'a', text: 'hello' });
    expect((await waiting).texts).toEqual(['got it']);
    expect(await call('GET', `${messagesPath(id)}?after=100000`, { token })).toMatchObject({
      status: 400,
      body: { code: 'invalid_cursor' },
    });
  });

  test('forms, buttons and files travel as data, and files of the contact reach the program', async () => {
    const bot = await publish(
      'HEAR doc AS FILE\nTALK "I have ${doc.name}"\nADD SUGGESTION "Yes"\nADD SUGGESTION "No"\nTALK "Is that all?"\nHEAR x\nTALK "ok ${x}"',
    );
    const { token } = await keyOf(bot.id);
    const { id } = await open(token, { id: 'sender' });
    const uploaded = await call<{ attachment: { id: string; name: string } }>('POST', `/api/conversations/${id}/files`, {
      token,
      body: 'the bytes',
      headers: { 'x-file-name': encodeURIComponent('relatório.txt'), 'content-type': 'text/plain' },
    });
    expect(uploaded.body.attachment.name).toBe('relatório.txt');
    const fileId = uploaded.body.attachment.id;
    await post(token, id, { clientId: 'f', attachmentIds: [fileId] });
    const { texts, page } = await heard(token, id, 2);
    expect(texts).toEqual(['I have relatório.txt', 'Is that all?']);
    expect(page.messages.at(-1)!.suggestions).toEqual(['Yes', 'No']);
    const fetched = await call<string>('GET', `/api/conversations/${id}/files/${fileId}`, { token });
    expect([fetched.status, fetched.body]).toEqual([200, 'the bytes']);
    const { token: otherToken } = await keyOf((await publish(greeter)).id);
    const stranger = await open(otherToken, { id: 'sender' });
    for (const place of [id, stranger.id])
      expect((await call('GET', `/api/conversations/${place}/files/${fileId}`, { token: otherToken })).status).toBe(404);
  });

  test('a key never reaches the conversations of another bot, whatever is asked', async () => {
    const [mine, theirs] = [await publish(greeter), await publish(greeter)];
    const [{ token }, { token: otherToken }] = [await keyOf(mine.id), await keyOf(theirs.id)];
    const { id } = await open(token, { id: 'shared id' });
    const other = await open(otherToken, { id: 'shared id' });
    expect(other.id).not.toBe(id);
    const direct = (await ana.rest.openDirect({ userIds: [theirs.userId] })).state.channel.id;
    for (const place of [id, direct, await w.general(ana)]) {
      expect((await call('GET', messagesPath(place), { token: otherToken })).status).toBe(404);
      expect((await post(otherToken, place, { clientId: 'x', text: 'x' })).status).toBe(404);
    }
  });

  test('a contact stands in no list of people, is mentioned by nobody and gets no other channel', async () => {
    const bot = await publish(greeter);
    const { token } = await keyOf(bot.id);
    const { id } = await open(token, { id: 'hidden', name: 'Hidden Harry' });
    await heard(token, id, 1);
    const snapshot = await ana.rest.snapshot();
    expect(JSON.stringify([snapshot.users, (await ana.rest.users()).users])).not.toContain('Hidden Harry');
    const { conversations } = await ana.rest.botConversations(bot.id);
    expect(conversations[0]).toMatchObject({ contact: { id: 'hidden', name: 'Hidden Harry' } });
    const { userId } = conversations[0]!;
    expect(await refusal(ana.rest.openDirect({ userIds: [userId] }))).toBe('not_found');
    expect(await refusal(ana.rest.addMembers(await w.general(ana), [userId]))).toBe('not_found');
    expect(await refusal(ana.rest.updateUser(userId, { role: 'owner' }))).toBe('not_found');
    expect(await refusal(ana.rest.messages(id))).toBe('not_found');
  });

  test('a draft has no conversations, and an id that is none is refused', async () => {
    const bot = await ana.rest.createBot({ name: 'Draft', handle: 'draft-only', files: [{ name: 'start.bas', text: 'TALK 1' }] });
    const { token } = await keyOf(bot.id);
    const tried = (contact: unknown) => call('POST', '/api/conversations', { token, body: { contact } });
    expect(await tried({ id: 'x' })).toMatchObject({ status: 403 });
    for (const contact of [{}, { id: '' }, { id: '  ' }, { id: 'a\u0007b' }, { id: 'x'.repeat(300) }, { id: 7 }])
      expect([contact, (await tried(contact)).status]).toEqual([contact, 400]);
  });
});

describe('webhooks', () => {
  const hook = (bot: { id: BotId }, name: string) =>
    ana.rest
      .botTriggers(bot.id)
      .then(({ triggers }) => triggers.find((one) => one.kind === 'webhook' && one.name === name)!.path!);

  test('what the script returns is the answer, with the body, the query and harmless headers in its variables', async () => {
    const bot = await publish({
      'start.bas': 'TALK "hi"',
      'order.bas':
        'WEBHOOK "new-order"\nRETURN { "total": params.total, "city": body.city, "method": method, "q": query.a, "agent": headers["x-agent"], "auth": headers["authorization"] }',
      'echo.bas': 'WEBHOOK "echo"\nRETURN query["hub.challenge"]',
      'quiet.bas': 'WEBHOOK "quiet"\nx = 1',
    });
    const path = await hook(bot, 'new-order');
    const answer = await call<JsonObject>('POST', `${path}?a=1`, {
      body: { total: 5, city: 'Recife' },
      headers: { 'x-agent': 'shop', authorization: 'Bearer s' },
    });
    expect(answer).toMatchObject({
      status: 200,
      body: { total: 5, city: 'Recife', method: 'POST', q: '1', agent: 'shop', auth: null },
    });
    const echo = await call<string>('GET', `${await hook(bot, 'echo')}?hub.challenge=abc`);
    expect([echo.status, echo.body, echo.headers.get('content-type')]).toEqual([200, 'abc', 'text/plain; charset=utf-8']);
    expect((await call('PUT', await hook(bot, 'quiet'))).status).toBe(204);
    const form = await call<JsonObject>('POST', path, {
      body: 'total=7&city=Natal',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form.body).toMatchObject({ total: '7', city: 'Natal' });
  });

  test('a secret is proved by a bearer, a key in the query or a signature with its time; nothing else opens', async () => {
    const secret = 'correct horse';
    const bot = await publish(
      { 'start.bas': 'TALK 1', 'h.bas': 'WEBHOOK "h"\nRETURN "in"' },
      `name,value\nwebhook-secret,${secret}\n`,
    );
    const path = await hook(bot, 'h');
    const status = async (options: Parameters<typeof call>[2] = {}, query = '') =>
      (await call('POST', `${path}${query}`, options)).status;
    const signed = (body: string, atMs: number, over = body) => {
      const t = Math.floor(atMs / 1000);
      const v1 = createHmac('sha256', secret).update(`${t}.${over}`).digest('hex');
      return { body, headers: { 'x-gb-signature': `t=${t},v1=${v1}` } };
    };
    expect(await status({ token: secret })).toBe(200);
    expect(await status({}, `?key=${encodeURIComponent(secret)}`)).toBe(200);
    expect(await status(signed('{"a":1}', Date.now()))).toBe(200);
    expect(await status(signed('{"a":1}', Date.now() - 3_600_000))).toBe(401);
    expect(await status(signed('{"a":1}', Date.now(), '{"a":2}'))).toBe(401);
    expect(await status({ token: 'wrong' })).toBe(401);
    expect(await status({}, '?key=wrong')).toBe(401);
    expect(await status()).toBe(401);
  });

  test('the same delivery again is the same run', async () => {
    const bot = await publish({
      'start.bas': 'TALK 1',
      'n.bas': 'WEBHOOK "n"\nSET BOT MEMORY "n", GET BOT MEMORY("n") + 1\nRETURN GET BOT MEMORY("n")',
    });
    const path = await hook(bot, 'n');
    const once = () => call<number>('POST', path, { headers: { 'idempotency-key': 'delivery-1' } });
    expect([(await once()).body, (await once()).body]).toEqual([1, 1]);
    expect((await call<number>('POST', path)).body).toBe(2);
  });

  test('a run that takes longer is told where to ask, and its end is found there', async () => {
    const bot = await publish({ 'start.bas': 'TALK 1', 'slow.bas': 'WEBHOOK "slow"\nWAIT 1\nRETURN "done"' });
    const path = await hook(bot, 'slow');
    const begun = await call<RunAnswer & { path: string }>('POST', path, { headers: { prefer: 'respond-async' } });
    expect(begun).toMatchObject({ status: 202, body: { isDone: false } });
    expect(begun.headers.get('location')).toBe(begun.body.path);
    const ended = await call<string>('GET', begun.body.path, { headers: { prefer: 'wait=20' } });
    expect([ended.status, ended.body]).toEqual([200, 'done']);
    const foreign = begun.body.path.replace(begun.body.runId, bot.id);
    expect((await call('GET', foreign)).status).toBe(404);
  });

  test('what is not there is not found, whatever of it is not; errors tell no secrets; large bodies are refused', async () => {
    const bot = await publish({ 'start.bas': 'TALK 1', 'bad.bas': 'WEBHOOK "bad"\nTHROW "secret words"' });
    const path = await hook(bot, 'bad');
    const failed = await call<{ code: string; message: string }>('POST', path);
    expect(failed).toMatchObject({ status: 422, body: { code: 'run_failed' } });
    expect(failed.body.message).not.toContain('secret');
    const [, , , customerId] = path.split('/');
    const answers = new Set<string>();
    for (const wrong of [
      `/api/webhooks/${customerId}/${bot.id}/other`,
      `/api/webhooks/${customerId}/${customerId}/bad`,
      `/api/webhooks/${bot.id}/${bot.id}/bad`,
      '/api/webhooks/a/b/c',
    ]) {
      const { status, body } = await call('POST', wrong);
      answers.add(JSON.stringify([status, body]));
    }
    expect([...answers]).toEqual([
      JSON.stringify([404, { code: 'not_found', message: 'There is no such webhook.', retryable: false }]),
    ]);
    expect((await call('POST', path, { body: 'x'.repeat(40_000) })).status).toBe(413);
    expect(await call('POST', path, { body: '{', headers: { 'content-type': 'application/json' } })).toMatchObject({
      status: 400,
    });
    const origin = { origin: 'https://shop.example' };
    expect((await call('POST', path, { headers: origin })).status).toBe(422);
  });
});

describe('tools', () => {
  const enrol = `PARAM name AS TEXT LIKE "Ana" DESCRIPTION "Full name"
PARAM age AS INTEGER DESCRIPTION "Age"
PARAM plan AS TEXT ENUM ["basic", "full"] DEFAULT "basic" DESCRIPTION "Plan"
DESCRIPTION "Enrols somebody"
RETURN { "who": name, "next": age + 1, "plan": plan }`;

  test('a tool is listed with its schema and called with what fits it', async () => {
    const bot = await publish({ 'start.bas': 'TALK 1', 'enrol.bas': enrol });
    const { token } = await keyOf(bot.id);
    const { tools } = await ana.rest.botTools(bot.id);
    expect(tools).toMatchObject([
      { name: 'enrol', description: 'Enrols somebody', parameters: { type: 'object', required: ['name', 'age'] } },
    ]);
    expect(tools[0]!.fields.map(({ name }) => name)).toEqual(['name', 'age', 'plan']);
    expect((await ana.rest.callBotTool(bot.id, 'enrol', { name: 'Bo', age: 9 })).value).toEqual({
      who: 'Bo',
      next: 10,
      plan: 'basic',
    });
    const path = `/api/bots/${bot.id}/tools/enrol`;
    const byKey = await call<RunAnswer>('POST', path, { token, body: { arguments: { name: 'Bo', age: 9, plan: 'full' } } });
    expect(byKey).toMatchObject({ status: 200, body: { isDone: true, value: { plan: 'full' } } });
    for (const bad of [
      {},
      { name: 'Bo' },
      { name: 'Bo', age: 'x' },
      { name: 'Bo', age: 1.5 },
      { name: 'Bo', age: 1, plan: 'x' },
      { name: 'Bo', age: 1, more: 1 },
    ])
      expect([bad, await refusal(ana.rest.callBotTool(bot.id, 'enrol', bad))]).toEqual([bad, 'malformed']);
    expect(await refusal(ana.rest.callBotTool(bot.id, 'other', {}))).toBe('not_found');
    const guest = await w.invite(ana, 'Guest Gina', 'guest');
    expect(await refusal(guest.rest.callBotTool(bot.id, 'enrol', { name: 'Bo', age: 9 }))).toBe('forbidden');
  });

  test('a long one is asked for again by who called it, and by nobody else', async () => {
    const bot = await publish({
      'start.bas': 'TALK 1',
      'slow.bas': 'PARAM a AS INTEGER DESCRIPTION "a"\nDESCRIPTION "slow"\nWAIT 1\nTALK "said ${a}"',
      'bad.bas': 'DESCRIPTION "fails"\nPARAM a AS INTEGER DESCRIPTION "a"\nRETURN 1 / a',
    });
    const begun = await ana.rest.callBotTool(bot.id, 'slow', { a: 3 }, { waitMs: 0 });
    expect(begun.isDone).toBe(false);
    const bo = await w.invite(ana, 'Bo Nosy');
    expect(await refusal(bo.rest.botRun(bot.id, begun.runId))).toBe('not_found');
    const { token } = await keyOf(bot.id);
    expect((await call('GET', `/api/bots/${bot.id}/runs/${begun.runId}`, { token })).status).toBe(404);
    expect((await ana.rest.botRun(bot.id, begun.runId, { waitMs: 20_000 })).value).toBe('said 3');
    expect(await refusal(ana.rest.callBotTool(bot.id, 'bad', { a: 0 }))).toBe('run_failed');
  });

  test('/name shows the form of a tool, and its answer starts the tool', async () => {
    const bot = await publish({
      'start.bas': 'TALK "start"\nHEAR x\nTALK "start heard ${x}"',
      'order.bas':
        'PARAM item AS TEXT DESCRIPTION "Item"\nPARAM count AS INTEGER DESCRIPTION "How many"\nDESCRIPTION "Order something"\nTALK "${count} of ${item}"',
    });
    const { token } = await keyOf(bot.id);
    const { id } = await open(token, { id: 'orderer' });
    const first = await heard(token, id, 1);
    await post(token, id, { clientId: 'slash', text: '/order' });
    const shown = await heard(token, id, 1, first.cursor);
    const form = shown.page.messages.find((message) => message.form)!;
    expect(form.form).toMatchObject({ name: 'tool:order', fields: [{ name: 'item' }, { name: 'count' }] });
    await post(token, id, { clientId: 'answer', formAnswer: { seq: form.seq, values: { item: 'tea', count: 2 } } });
    expect((await heard(token, id, 1, shown.cursor)).texts).toEqual(['2 of tea']);
    await post(token, id, { clientId: 'after', text: 'on' });
    expect((await heard(token, id, 4)).texts.at(-1)).toBe('start heard on');
  });

  test('ON FORM SUBMIT runs its script with the values, and no program hears them as an answer', async () => {
    const bot = await publish({
      'start.bas':
        'TALK { "text": "Fill in", "form": { "name": "feedback", "fields": [{ "name": "Stars", "label": "Stars", "type": "number" }] } }\nHEAR x\nTALK "heard ${x}"',
      'feedback.bas': 'ON FORM SUBMIT "feedback"\nTALK "thanks for ${data.Stars}, ${stars}"\nEND ON',
    });
    const { token } = await keyOf(bot.id);
    const { id } = await open(token, { id: 'critic' });
    const shown = await heard(token, id, 1);
    const form = shown.page.messages.find((message) => message.form)!;
    await post(token, id, { clientId: 'answer', formAnswer: { seq: form.seq, values: { Stars: 5 } } });
    expect((await heard(token, id, 1, shown.cursor)).texts).toEqual(['thanks for 5, 5']);
    expect(await post(token, id, { clientId: 'bad', formAnswer: { seq: form.seq, values: { Stars: 'many' } } })).toMatchObject({
      status: 400,
    });
    await post(token, id, { clientId: 'text', text: 'a word' });
    expect((await heard(token, id, 3)).texts.at(-1)).toBe('heard a word');
  });
});
