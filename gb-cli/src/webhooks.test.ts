import { createHmac } from 'node:crypto';
import {
  type Actor,
  type Context,
  createChannel,
  createWebhook,
  deleteMessage,
  deleteWebhook,
  type EventLog,
  listDeadTasks,
  listWebhookDeliveries,
  listWebhooks,
  postMessage,
  registerJobs,
  removeMember,
  repeatWebhookDelivery,
  replaceWebhookSecret,
  type TaskQueue,
  testWebhook,
  updateWebhook,
  WebhookFeed,
} from 'gb-core';
import { createOutboxEventLog } from 'gb-messaging';
import type { ChannelId, ClientId, UserId, WebhookDelivery, WebhookKind, WebhookMade } from 'gb-protocol';
import { createPostgresTaskQueue } from 'gb-storage';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { silentLogger, uuidv7 } from 'gb-utils';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { composeWebhookSender } from './compose-jobs.ts';
import { BotWorld } from './testing/bots.ts';
import { openReceiver, type Receiver } from './testing/receiver.ts';

let database: TestDatabase;
let receiver: Receiver;
/** Of each test: its own workspace, on the one database. */
let w: BotWorld;
let ctx: Context;
let ana: Actor;
let general: ChannelId;
let tasks: TaskQueue;
let eventLog: EventLog;
let sender: ReturnType<typeof composeWebhookSender>;

beforeAll(async () => {
  database = await startTestDatabase();
}, 120_000);
afterAll(async () => {
  await database?.close();
}, 60_000);
beforeEach(async () => {
  receiver = await openReceiver();
  w = await BotWorld.open(database);
  sender = composeWebhookSender(['127.0.0.1']);
  tasks = createPostgresTaskQueue({ app: database.postgres.app, log: silentLogger, pollMs: 50, graceMs: 300 });
  ctx = { ...w.ctx, tasks, webhookSender: sender.sender };
  registerJobs(ctx, { webhooks: { concurrency: 8, attemptsMax: 4, retryMsMin: 50, retryMsMax: 100 } });
  eventLog = createOutboxEventLog({ outbox: ctx.store.outbox, log: silentLogger, pollMs: 50 });
  const feed = new WebhookFeed(ctx);
  eventLog.consume('webhooks', (entry) => feed.handle(entry));
  ana = { customerId: w.customerId, userId: w.ana, role: 'owner', sessionId: null };
  general = (await createChannel(ctx, ana, { kind: 'public', name: 'general' })).channel.id;
  eventLog.start();
  tasks.start();
}, 60_000);
afterEach(async () => {
  await eventLog?.close();
  await tasks?.close();
  sender?.close();
  await w?.close();
  await receiver?.close();
}, 60_000);

const admin = async (name: string): Promise<Actor> => ({ ...ana, userId: await w.person(name), role: 'admin' });
const hook = (kinds: readonly WebhookKind[] = ['message.posted'], more: { channelIds?: ChannelId[]; path?: string } = {}) =>
  createWebhook(ctx, ana, {
    name: 'CRM',
    address: `${receiver.url}${more.path ?? ''}`,
    kinds,
    ...(more.channelIds ? { channelIds: more.channelIds } : {}),
  });
const say = (text: string, channelId = general, by = ana) =>
  postMessage(ctx, by, channelId, { clientId: uuidv7() as ClientId, text });
const settled = async () => {
  await eventLog.drained();
  await tasks.drained();
};
const until = async (condition: () => boolean | Promise<boolean>) => {
  for (const deadline = Date.now() + 55_000; !(await condition()); await new Promise((resolve) => setTimeout(resolve, 20)))
    if (Date.now() > deadline) throw new Error('It did not happen in time');
};
const deliveries = async ({ webhook }: WebhookMade): Promise<readonly WebhookDelivery[]> =>
  (await listWebhookDeliveries(ctx, ana, webhook.id, {})).deliveries;
const eventOf = (index = 0) => JSON.parse(receiver.received[index]!.body);

test('a message reaches the address, signed as the specification says', async () => {
  const made = await hook();
  const { seq } = await say('olá "\u2028" 😀');
  await until(() => receiver.received.length === 1);
  const { headers, body, id } = receiver.received[0]!;
  expect(JSON.parse(body)).toMatchObject({
    v: 1,
    type: 'message.posted',
    data: {
      customerId: ana.customerId,
      channel: { id: general, name: 'general', kind: 'public' },
      epoch: 1,
      seq,
      actor: { id: ana.userId, handle: 'ana', kind: 'person' },
      event: { kind: 'message.posted', message: { text: 'olá "\u2028" 😀' } },
    },
  });
  const key = Buffer.from(made.secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${headers['webhook-timestamp']}.${body}`).digest('base64');
  expect(headers['webhook-signature']).toBe(`v1,${signature}`);
  expect(headers['content-type']).toBe('application/json');
  await settled();
  expect(await deliveries(made)).toMatchObject([{ id, status: 'delivered', httpStatus: 200, answer: 'ok', attempts: 1, seq }]);
  expect(JSON.stringify(await listWebhooks(ctx, ana))).not.toContain(made.secret.slice(6, 30));
});

test('what fails is sent again under the same id, and is dead in the end, until somebody sends it once more', async () => {
  const made = await hook();
  receiver.answer = (_, response) => response.writeHead(503).end('come back later');
  await say('hi');
  await until(async () => (await deliveries(made))[0]?.status === 'dead');
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
  expect(await deliveries(made)).toMatchObject([{ status: 'dead', attempts: 4, httpStatus: 503, answer: 'come back later' }]);
  await until(async () => (await listDeadTasks(ctx, ana, {})).length === 1);
  expect(await listDeadTasks(ctx, ana, {})).toMatchObject([{ kind: 'webhook', attempts: 4, reason: 'answer 503' }]);
  receiver.answer = (_, response) => response.end();
  const [dead] = await deliveries(made);
  await repeatWebhookDelivery(ctx, ana, made.webhook.id, dead!.id);
  await until(async () => (await deliveries(made))[0]?.status === 'delivered');
  expect(receiver.received.at(-1)!.id).toBe(dead!.id);
});

test('a redirect is an answer, and is not followed', async () => {
  const made = await hook();
  receiver.answer = ({ path }, response) =>
    path === '/' ? response.writeHead(302, { location: `${receiver.url}secret` }).end() : response.end('secret');
  await testWebhook(ctx, ana, made.webhook.id);
  await until(async () => (await deliveries(made))[0]?.status === 'dead');
  expect(await deliveries(made)).toMatchObject([{ kind: 'webhook.test', httpStatus: 302, attempts: 1 }]);
  expect(receiver.received.map(({ path }) => path)).toEqual(['/']);
});

test('of an endless answer a kilobyte is read', async () => {
  const made = await hook();
  let sent = 0;
  receiver.answer = (_, response) => {
    const more = () => {
      sent += 65_536;
      if (!response.destroyed && response.write('x'.repeat(65_536))) setImmediate(more);
      else if (!response.destroyed) response.once('drain', more);
    };
    more();
  };
  await testWebhook(ctx, ana, made.webhook.id);
  await until(async () => (await deliveries(made))[0]?.status === 'delivered');
  expect((await deliveries(made))[0]!.answer).toBe('x'.repeat(1_024));
  expect(sent).toBeLessThan(50_000_000);
});

test('an address that never answers is given up, and holds up nobody else', async () => {
  const slow = await hook(['message.posted'], { path: 'slow' });
  const good = await hook(['message.posted'], { path: 'good' });
  receiver.answer = ({ path }, response) => void (path === '/good' && response.end());
  for (let i = 0; i < 12; i++) await say(`m${i}`);
  await until(async () => (await deliveries(good)).every(({ status }) => status === 'delivered'));
  await until(async () => (await deliveries(slow)).some(({ attempts }) => attempts > 0));
  expect((await deliveries(slow)).find(({ attempts }) => attempts > 0)).toMatchObject({
    httpStatus: null,
    reason: 'timeout',
  });
  expect(receiver.received.filter(({ path }) => path === '/good')).toHaveLength(12);
}, 120_000);

test('addresses inside, and what is no address of the web, are refused when they are given', async () => {
  for (const address of [
    'http://127.0.0.2/',
    'https://10.1.2.3/x',
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[fe80::1]/',
    'http://example.com/',
    'ftp://example.com/',
    'https://user:password@example.com/',
    'javascript:alert(1)',
    '/x',
  ])
    await expect(createWebhook(ctx, ana, { name: 'x', address, kinds: ['message.posted'] })).rejects.toMatchObject({
      code: 'malformed',
    });
});

test('only administrators have to do with webhooks', async () => {
  const made = await hook();
  const bo: Actor = { ...ana, userId: await w.person('Bo'), role: 'member' };
  const forbidden = { code: 'forbidden' };
  await expect(listWebhooks(ctx, bo)).rejects.toMatchObject(forbidden);
  await expect(createWebhook(ctx, bo, { name: 'x', address: receiver.url, kinds: ['message.posted'] })).rejects.toMatchObject(
    forbidden,
  );
  await expect(updateWebhook(ctx, bo, made.webhook.id, { isOn: false })).rejects.toMatchObject(forbidden);
  await expect(deleteWebhook(ctx, bo, made.webhook.id)).rejects.toMatchObject(forbidden);
  await expect(testWebhook(ctx, bo, made.webhook.id)).rejects.toMatchObject(forbidden);
  await expect(listDeadTasks(ctx, bo, {})).rejects.toMatchObject(forbidden);
});

test('another customer finds nothing of it', async () => {
  const made = await hook();
  const other = await BotWorld.open(database);
  try {
    const eve: Actor = { customerId: other.customerId, userId: other.ana, role: 'owner', sessionId: null };
    await testWebhook(ctx, ana, made.webhook.id);
    const [delivery] = await deliveries(made);
    expect(await listWebhooks(ctx, eve)).toEqual([]);
    for (const work of [
      () => updateWebhook(ctx, eve, made.webhook.id, { address: receiver.url }),
      () => replaceWebhookSecret(ctx, eve, made.webhook.id),
      () => listWebhookDeliveries(ctx, eve, made.webhook.id, {}),
      () => repeatWebhookDelivery(ctx, eve, made.webhook.id, delivery!.id),
      () => createWebhook(ctx, eve, { name: 'x', address: receiver.url, kinds: ['message.posted'], channelIds: [general] }),
    ])
      await expect(work()).rejects.toMatchObject({ code: 'not_found' });
  } finally {
    await other.close();
  }
});

test('it hears of public channels and chosen ones, of kinds it asked for, and of no private conversation', async () => {
  const secret = (await createChannel(ctx, ana, { kind: 'private', name: 'secret' })).channel.id;
  const other = (await createChannel(ctx, ana, { kind: 'public', name: 'other' })).channel.id;
  const bo = await w.person('Bo');
  const direct = await w.direct(ana.userId, bo);
  await hook(['message.posted'], { path: 'all' });
  await hook(['message.posted'], { path: 'chosen', channelIds: [secret, other] });
  await hook(['message.deleted'], { path: 'deleted' });
  await expect(hook(['message.posted'], { channelIds: [direct] })).rejects.toMatchObject({ code: 'forbidden' });
  const { seq } = await say('general');
  await say('other', other);
  await say('secret', secret);
  await say('between us', direct);
  await deleteMessage(ctx, ana, general, seq);
  await say('last', other);
  await until(() => receiver.received.length >= 7);
  await settled();
  const heard = receiver.received.map(({ path, body }) => {
    const { type, data } = JSON.parse(body);
    return `${path} ${type} ${data.channel.name} ${data.event.message?.text ?? ''}`.trim();
  });
  expect(heard.sort()).toEqual(
    [
      // Deleted before it was sent, or after.
      heard.find((line) => line.startsWith('/all message.posted general'))!,
      '/all message.posted other other',
      '/all message.posted other last',
      '/chosen message.posted other other',
      '/chosen message.posted other last',
      '/chosen message.posted secret secret',
      '/deleted message.deleted general',
    ].sort(),
  );
});

test('a private channel is chosen only by somebody who is in it, and for as long as they are', async () => {
  const bea = await admin('Bea');
  const secret = (await createChannel(ctx, ana, { kind: 'private', name: 'secret', memberIds: [bea.userId] })).channel.id;
  const cid = await admin('Cid');
  const input = { name: 'x', address: receiver.url, kinds: ['message.posted' as const], channelIds: [secret] };
  await expect(createWebhook(ctx, cid, input)).rejects.toMatchObject({ code: 'not_found' });
  const made = await createWebhook(ctx, bea, input);
  expect((await listWebhooks(ctx, cid))[0]).toMatchObject({ channels: [{ id: secret, name: '' }] });
  await say('first', secret);
  await until(() => receiver.received.length === 1);
  // Whoever is not in it cannot have it sent to an address of theirs.
  await updateWebhook(ctx, cid, made.webhook.id, { name: 'renamed' });
  expect((await listWebhooks(ctx, bea))[0]!.channels).toMatchObject([{ id: secret }]);
  await updateWebhook(ctx, cid, made.webhook.id, { address: `${receiver.url}theirs` });
  expect((await listWebhooks(ctx, bea))[0]!.channels).toEqual([]);
  await updateWebhook(ctx, bea, made.webhook.id, { address: receiver.url, channelIds: [secret] });
  await removeMember(ctx, ana, secret, bea.userId as UserId);
  await say('second', secret);
  await settled();
  expect(receiver.received.map(({ body }) => JSON.parse(body).data.event.message.text)).toEqual(['first']);
});

test('first attempts of one channel come in the order of its log', async () => {
  await hook();
  receiver.answer = (_, response) => setTimeout(() => response.end(), Math.random() * 20);
  const said: number[] = [];
  for (let i = 0; i < 25; i++) said.push((await say(`m${i}`)).seq);
  await until(() => receiver.received.length === 25);
  expect(receiver.received.map((_, i) => eventOf(i).data.seq)).toEqual(said);
});

test('two processes keep the order of a channel, and send nothing twice', async () => {
  const other = createPostgresTaskQueue({ app: database.postgres.app, log: silentLogger, pollMs: 50, graceMs: 300 });
  try {
    registerJobs({ ...ctx, tasks: other });
    other.start();
    await hook();
    receiver.answer = (_, response) => setTimeout(() => response.end(), Math.random() * 30);
    const said: number[] = [];
    for (let i = 0; i < 40; i++) said.push((await say(`m${i}`)).seq);
    await until(() => receiver.received.length >= 40);
    await settled();
    await other.drained();
    expect(receiver.received.map((_, i) => eventOf(i).data.seq)).toEqual(said);
  } finally {
    await other.close();
  }
}, 120_000);

test('an entry that the event log hands out again is delivered once', async () => {
  await hook();
  const { seq } = await say('once');
  await until(() => receiver.received.length === 1);
  await settled();
  const feed = new WebhookFeed(ctx);
  const entry = { id: '1', customerId: ana.customerId, channelId: general, seq, kind: 'message.posted' as const };
  await feed.handle(entry);
  await feed.handle(entry);
  await settled();
  expect(receiver.received).toHaveLength(1);
});

test('a secret that is replaced goes on signing for a day', async () => {
  const made = await hook();
  const next = await replaceWebhookSecret(ctx, ana, made.webhook.id);
  expect(next.secret).not.toBe(made.secret);
  const signedBy = async () => {
    const before = receiver.received.length;
    await testWebhook(ctx, ana, made.webhook.id);
    await until(() => receiver.received.length > before);
    const { id, headers, body } = receiver.received.at(-1)!;
    const signatures = String(headers['webhook-signature']).split(' ');
    return [made.secret, next.secret].map((secret) => {
      const key = Buffer.from(secret.slice(6), 'base64');
      const mac = createHmac('sha256', key).update(`${id}.${headers['webhook-timestamp']}.${body}`).digest('base64');
      return signatures.includes(`v1,${mac}`);
    });
  };
  expect(await signedBy()).toEqual([true, true]);
  w.clock.now += 25 * 3_600_000;
  expect(await signedBy()).toEqual([false, true]);
});

test('what is off hears nothing; what failed for two days is switched off; what is gone at once', async () => {
  const made = await hook();
  receiver.answer = (_, response) => response.writeHead(500).end();
  for (let i = 0; i < 5; i++) await say(`m${i}`);
  await until(async () => (await deliveries(made)).filter(({ status }) => status === 'dead').length === 5);
  expect((await listWebhooks(ctx, ana))[0]).toMatchObject({ offReason: null, failures: 20 });
  w.clock.now += 49 * 3_600_000;
  await say('one more');
  await until(async () => (await listWebhooks(ctx, ana))[0]!.offReason === 'failing');
  const before = receiver.received.length;
  await say('nobody hears this');
  await settled();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(receiver.received.length - before).toBeLessThanOrEqual(1);
  await updateWebhook(ctx, ana, made.webhook.id, { isOn: true });
  expect((await listWebhooks(ctx, ana))[0]).toMatchObject({ offReason: null, failures: 0, failingSince: null });
  receiver.answer = (_, response) => response.writeHead(410).end();
  await say('are you there?');
  await until(async () => (await listWebhooks(ctx, ana))[0]!.offReason === 'gone');
});

test('one that is taken away is told nothing more', async () => {
  const made = await hook();
  receiver.answer = (_, response) => response.writeHead(500).end();
  await say('hi');
  await until(() => receiver.received.length > 0);
  await deleteWebhook(ctx, ana, made.webhook.id);
  const count = receiver.received.length;
  await tasks.drained();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(receiver.received.length - count).toBeLessThanOrEqual(1);
  expect(await listWebhooks(ctx, ana)).toEqual([]);
});

test('one for which too much waits is switched off, and what waits is not sent', async () => {
  const made = await hook();
  const { address } = made.webhook;
  receiver.answer = () => {}; // Never.
  const feed = new WebhookFeed(ctx, { openMax: 3, countedEvery: 1 });
  await eventLog.close();
  const entries = [];
  for (let i = 0; i < 6; i++) entries.push(await say(`m${i}`));
  for (const { seq } of entries)
    await feed.handle({ id: String(seq), customerId: ana.customerId, channelId: general, seq, kind: 'message.posted' });
  expect((await listWebhooks(ctx, ana))[0]).toMatchObject({ address, offReason: 'flooded' });
  await tasks.close();
  const after = createPostgresTaskQueue({ app: database.postgres.app, log: silentLogger, pollMs: 50, graceMs: 300 });
  try {
    registerJobs({ ...ctx, tasks: after }, { webhooks: { concurrency: 8, attemptsMax: 4, retryMsMin: 50, retryMsMax: 100 } });
    after.start();
    await until(async () => (await deliveries(made)).some(({ status }) => status === 'skipped'));
    expect((await deliveries(made)).find(({ status }) => status === 'skipped')).toMatchObject({ reason: 'off' });
  } finally {
    await after.close();
  }
}, 120_000);
