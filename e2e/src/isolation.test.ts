import type { BotId, ClientId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelNamed, type Person, type World, world } from './world.ts';

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
    files: [{ name: 'start.bas', text: `TALK "${canary}"` }],
  });
  // So that its log has something to give away.
  await ana.rest.publishBot(bot.id);
  expect((await ana.rest.botLog(bot.id)).lines).toHaveLength(1);
  const session = (await ana.rest.sessions()).sessions[0]!;
  const invitation = await ana.rest.createInvitation({});
  const file = await ana.upload('secret.txt', canary);
  await ana.rest.postMessage(channelId, { clientId: uuidv7() as ClientId, text: '', attachmentIds: [file.id] });
  const values: Record<string, string> = {
    channelId,
    seq: String(seq),
    userId: ana.userId,
    botId: bot.id,
    sessionId: session.id,
    emoji: encodeURIComponent('👍'),
    code: invitation.code,
    fileId: file.id,
    token: 'A'.repeat(94),
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
    'post /api/direct': { userIds: [ana.userId] },
    'post /api/channels': { kind: 'public', name: 'trojan', memberIds: [ana.userId] },
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
    'post /api/files',
    'get /api/invitations',
    'post /api/invitations',
    'get /api/invitations/{code}',
    'post /api/invitations/{code}/accept',
  ]);
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
        headers: { authorization: `Bearer ${mallory.token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
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
      'get /api/files/{fileId}',
      'get /api/shared/{token}',
    ]),
  );
  // And nothing of Ana's changed.
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
  ]);
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const method of Object.keys(operations)) {
      if (open.has(`${method} ${path}`)) continue;
      const url = w.server.url + path.replace(/\{\w+\}/g, 'x');
      for (const headers of [{}, { authorization: 'Bearer gbs_nonsense' }, { authorization: `Bearer ${ana.token}x` }]) {
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
