import type { BotId, ClientId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelNamed, eventually, type Person, type World, world } from './world.ts';

/** Two organizations on one server: what one has, the other is told does not exist - on every route there is. */
let w: World;
let ana: Person;
let mallory: Person;
beforeAll(async () => {
  w = await world();
  ana = await w.signUp('Ana', { organization: 'Victim' });
  mallory = await w.signUp('Mallory', { organization: 'Attacker' });
});
afterAll(() => w?.close());

const canary = 'canary-7f3a';

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, { requestBody?: unknown; parameters?: { name: string; in: string }[] }>>;
}

test('every route of the API answers another customer’s ids as not found', async () => {
  const snapshot = await ana.rest.snapshot();
  const channelId = channelNamed(snapshot, 'general');
  const { seq } = await ana.rest.postMessage(channelId, { clientId: uuidv7() as ClientId, text: canary });
  const bot = await ana.rest.createBot({
    name: 'Secret',
    handle: 'secret',
    files: [
      { name: 'start.bas', text: `TABLE secrets\n  word string(40)\nEND TABLE\nTALK "${canary}"\nHEAR x` },
      { name: 'daily.bas', text: 'SET SCHEDULE "every day at 9am"\nx = 1' },
      { name: 'hook.bas', text: `WEBHOOK "hook"\nRETURN "${canary}"` },
      { name: 'mail.bas', text: `ON EMAIL "in@example.com"\nTALK "${canary}"` },
      { name: 'config.csv', text: `webhook-secret,${canary}` },
      { name: 'tool.bas', text: `PARAM a AS INTEGER DESCRIPTION "a"\nDESCRIPTION "${canary}"\nRETURN "${canary}"` },
    ],
  });
  // So that its log has something to give away.
  await ana.rest.publishBot(bot.id);
  expect((await ana.rest.botLog(bot.id)).lines).toHaveLength(1);
  const key = await ana.rest.createBotKey(bot.id, canary);
  const { runId } = await ana.rest.callBotTool(bot.id, 'tool', { a: 1 });
  await ana.rest.openDirect({ userIds: [bot.userId] });
  const conversationId = await eventually(
    async () => (await ana.rest.botConversations(bot.id, { kind: 'dialog' })).conversations[0]?.id,
    'a conversation with the bot',
  );
  const { schedules } = await ana.rest.botSchedules(bot.id);
  const spy = await mallory.rest.createBot({ name: 'Spy', handle: 'spy', files: [{ name: 'start.bas', text: 'TALK 1' }] });
  await mallory.rest.publishBot(spy.id);
  const spyKey = (await mallory.rest.createBotKey(spy.id, 'spy')).token;
  const session = (await ana.rest.sessions()).sessions[0]!;
  const invitation = await ana.rest.createInvitation({});
  const file = await ana.upload('secret.txt', canary);
  await ana.rest.postMessage(channelId, { clientId: uuidv7() as ClientId, text: '', attachmentIds: [file.id] });
  const webhook = await ana.rest.createWebhook({ name: canary, address: 'https://example.com/', kinds: ['message.posted'] });
  const delivery = await ana.rest.testWebhook(webhook.webhook.id);
  const exported = await ana.rest.createExport({ channelId });
  const place = { channelId, epoch: 1, seq };
  await ana.rest.saveDeviceCursors('phone', [place]);
  const values: Record<string, string> = {
    channelId,
    webhookId: webhook.webhook.id,
    deliveryId: delivery.id,
    exportId: exported.id,
    taskId: uuidv7(),
    device: 'phone',
    seq: String(seq),
    userId: ana.userId,
    botId: bot.id,
    sessionId: session.id,
    emoji: encodeURIComponent('👍'),
    code: invitation.code,
    fileId: file.id,
    token: 'A'.repeat(94),
    keyId: key.key.id,
    conversationId,
    turn: '1',
    runId,
    scheduleId: schedules[0]!.id,
    table: 'secrets',
    tool: 'tool',
    // Whose the bot is, is not known to who asks.
    customerId: spyKey.split('_')[1]!.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    name: 'hook',
  };
  const bodies: Record<string, unknown> = {
    'post /api/channels/{channelId}/messages': { clientId: uuidv7(), text: 'mine' },
    'patch /api/channels/{channelId}/messages/{seq}': { text: 'mine' },
    'patch /api/channels/{channelId}': { topic: 'mine' },
    'post /api/channels/{channelId}/members': { userIds: [mallory.userId] },
    'put /api/channels/{channelId}/read': { seq: 1 },
    'put /api/channels/{channelId}/unread': { seq: 1 },
    'put /api/channels/{channelId}/notifications': { level: 'none' },
    'put /api/channels/{channelId}/draft': { text: 'mine' },
    'patch /api/bots/{botId}': { description: 'mine' },
    'post /api/bots/{botId}/rollback': { version: 1 },
    'patch /api/users/{userId}': { role: 'guest' },
    'post /api/bots/{botId}/keys': { name: 'mine' },
    'post /api/bots/{botId}/migrate': {},
    'post /api/bots/{botId}/conversations/{conversationId}/variables': {
      revision: 1,
      changes: [{ frame: -1, target: 'x', value: 'mine' }],
    },
    'post /api/bots/{botId}/tools/{tool}': { arguments: { a: 1 } },
    'post /api/mcp/{botId}': { jsonrpc: '2.0', id: 1, method: 'tools/list' },
    'post /api/conversations/{channelId}/messages': { clientId: 'mine', text: 'mine' },
    'post /api/direct': { userIds: [ana.userId] },
    'post /api/channels': { kind: 'public', name: 'trojan', memberIds: [ana.userId] },
    'post /api/outgoing-webhooks': {
      name: 'mine',
      address: 'https://example.com/',
      kinds: ['message.posted'],
      channelIds: [channelId],
    },
    'patch /api/outgoing-webhooks/{webhookId}': { name: 'mine' },
    'post /api/exports': { channelId },
  };
  /** Routes that name nobody's things, or are for strangers. A new route fails here until it is looked at. */
  const harmless = new Set([
    'get /api/setup',
    'post /api/signup',
    'post /api/sessions',
    'get /api/sessions',
    'delete /api/sessions/current',
    'patch /api/me',
    'put /api/me/password',
    'get /api/snapshot',
    'get /api/users',
    'get /api/channels',
    'get /api/bots',
    'post /api/bots',
    'post /api/bots/preview',
    'get /api/bots/examples',
    'post /api/files',
    'post /api/conversations',
    'get /api/invitations',
    // What a device of one's own is called, and where it stands.
    'put /api/devices/{device}/cursors',
    'delete /api/devices/{device}/cursors',
    'get /api/usage',
    'get /api/tasks',
    'get /api/tasks/dead',
    'get /api/exports',
    'get /api/outgoing-webhooks',
    'post /api/invitations',
    'get /api/invitations/{code}',
    'post /api/invitations/{code}/accept',
  ]);
  /** Routes for programs that hold a key of a bot. */
  const forKeys = /^\S+ \/api\/(conversations|mcp)\//;
  const document = (await (await fetch(`${w.server.url}/api/openapi.json`)).json()) as OpenApi;
  expect(document.openapi).toMatch(/^3\.1/);
  const seen: string[] = [];
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const route = `${method} ${path}`;
      if (harmless.has(route)) continue;
      const query = operation.parameters?.some((parameter) => parameter.in === 'query' && parameter.name === 'epoch')
        ? '?epoch=1&after=0'
        : '';
      const url = w.server.url + path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? `missing-${name}`) + query;
      const body = bodies[route];
      if (operation.requestBody && body === undefined) throw new Error(`No body for ${route}`);
      const response = await fetch(url, {
        method: method.toUpperCase(),
        headers: {
          authorization: `Bearer ${forKeys.test(route) ? spyKey : mallory.token}`,
          'x-file-name': 'mine.txt',
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const text = await response.text();
      expect([route, response.status, (JSON.parse(text) as { code?: string }).code]).toEqual([route, 404, 'not_found']);
      expect(text).not.toContain(canary);
      seen.push(route);
    }
  }
  expect(seen.length).toBeGreaterThan(20);
  expect(seen).toEqual(
    expect.arrayContaining([
      'get /api/bots/{botId}/log',
      'get /api/bots/{botId}/conversations',
      'get /api/bots/{botId}/conversations/{conversationId}/turns/{turn}',
      'put /api/bots/{botId}/package',
      'post /api/webhooks/{customerId}/{botId}/{name}',
      'post /api/mail/{customerId}/{botId}',
      'post /api/mcp/{botId}',
      'post /api/outgoing-webhooks/{webhookId}/deliveries/{deliveryId}/again',
      'get /api/exports/{exportId}/file',
      'get /api/devices/{device}/cursors',
      'get /api/conversations/{channelId}/messages',
      'get /api/bots/{botId}/tables/{table}/rows',
      'get /api/files/{fileId}',
      'get /api/shared/{token}',
    ]),
  );
  await mallory.rest.forgetDevice('phone');
  // And nothing of Ana's changed.
  expect((await ana.rest.deviceCursors('phone')).cursors).toEqual([place]);
  expect((await ana.rest.webhooks()).webhooks).toMatchObject([{ name: canary }]);
  expect((await ana.rest.exports()).exports).toHaveLength(1);
  const after = await ana.rest.snapshot();
  expect(after.me.role).toBe('owner');
  expect(after.channels.find(({ channel }) => channel.id === channelId)!.channel.topic).toBe(
    snapshot.channels.find(({ channel }) => channel.id === channelId)!.channel.topic,
  );
  expect((await ana.rest.bot(bot.id as BotId)).description).toBe('');
});

test('lists of one customer hold nothing of the other', async () => {
  for (const read of [
    () => mallory.rest.snapshot(),
    () => mallory.rest.users(),
    () => mallory.rest.browseChannels(),
    () => mallory.rest.bots(),
    () => mallory.rest.invitations(),
    () => mallory.rest.webhooks(),
    () => mallory.rest.exports(),
    () => mallory.rest.deadTasks(),
  ]) {
    const text = JSON.stringify(await read());
    expect(text).not.toContain(canary);
    expect(text).not.toContain(ana.userId);
    expect(text).not.toContain('Victim');
  }
});

test('every route that is not for strangers asks for a session', async () => {
  const document = (await (await fetch(`${w.server.url}/api/openapi.json`)).json()) as OpenApi;
  const open = new Set([
    'get /api/setup',
    'post /api/signup',
    'post /api/sessions',
    'get /api/invitations/{code}',
    'post /api/invitations/{code}/accept',
    'get /api/shared/{token}',
    ...['get', 'post', 'put', 'patch', 'delete'].map((method) => `${method} /api/webhooks/{customerId}/{botId}/{name}`),
    'get /api/webhooks/{customerId}/{botId}/{name}/runs/{runId}',
    'post /api/mail/{customerId}/{botId}',
  ]);
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const method of Object.keys(operations)) {
      if (open.has(`${method} ${path}`)) continue;
      const url = w.server.url + path.replace(/\{\w+\}/g, 'x');
      for (const headers of [
        {},
        { authorization: 'Bearer gbs_nonsense' },
        { authorization: `Bearer ${ana.token}x` },
        { authorization: `Bearer gbk_${ana.token.split('_')[1]}_${'A'.repeat(43)}` },
      ]) {
        const response = await fetch(url, { method: method.toUpperCase(), headers });
        expect([method, path, response.status]).toEqual([method, path, 401]);
      }
    }
  }
});

test('a token of one customer cannot be passed off as another’s', async () => {
  const { customerHex } = { customerHex: mallory.token.split('_')[1]! };
  const forged = ana.token.replace(ana.token.split('_')[1]!, customerHex);
  const response = await fetch(`${w.server.url}/api/snapshot`, { headers: { authorization: `Bearer ${forged}` } });
  expect(response.status).toBe(401);
});
