import { type ApiServer, createApiServer } from 'gb-api';
import {
  AccessCache,
  BotPreviews,
  type Context,
  DirectoryCache,
  type OutboxEntry,
  postMessage,
  Quotas,
  Rates,
  registerJobs,
  type TaskQueue,
  WebhookFeed,
} from 'gb-core';
import { createRedisEventBus, type RedisEventBus } from 'gb-messaging/redis';
import { redisProgram, TestRedis } from 'gb-messaging/testing';
import { type ChannelId, type ClientId, protocolVersion, type ServerFrame, type UserId } from 'gb-protocol';
import { createPostgresTaskQueue } from 'gb-storage';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { silentLogger, systemClock, uuidv7 } from 'gb-utils';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { composeBots } from './compose-bots.ts';
import { composeWebhookSender } from './compose-jobs.ts';
import { BotWorld } from './testing/bots.ts';

/** What comes from processes of another version, or from nobody of us, at every place where something is heard. */
const program = await redisProgram();
const waits = { timeout: 30_000 };

let database: TestDatabase;
let base: BotWorld;
beforeAll(async () => {
  database = await startTestDatabase();
  base = await BotWorld.open(database);
}, 60_000);
afterAll(async () => {
  await base?.close();
  await database?.close();
}, 60_000);

// Skipped where Redis cannot be had; `redisProgram` has said why.
describe.skipIf(program === null)('the bus', () => {
  let redis: TestRedis;
  let bus: RedisEventBus;
  let ctx: Context;
  let api: ApiServer;
  let url: string;
  const sockets: WebSocket[] = [];

  beforeAll(async () => {
    redis = await TestRedis.start(program!);
    const store = await database.openStore();
    bus = createRedisEventBus({ url: redis.url, log: silentLogger });
    ctx = {
      ...base.ctx,
      store,
      bus,
      clock: systemClock,
      access: new AccessCache({ store, bus, clock: systemClock }),
      directory: new DirectoryCache({ store, bus, clock: systemClock }),
      quotas: new Quotas({ store, bus, log: silentLogger }),
    };
    // Everything that listens in a server.
    composeBots(ctx);
    api = await createApiServer({
      ctx,
      previews: new BotPreviews(ctx),
      webDir: null,
      publicUrl: null,
      trustProxy: false,
      isOpenSignUp: true,
      rates: new Rates(ctx.limits),
      connectionsPerPersonMax: 100,
      isReady: () => store.ping(),
    });
    url = `http://127.0.0.1:${await api.listen({ host: '127.0.0.1', port: 0 })}`;
    expect(await bus.connected(20_000)).toBe(true);
  }, 60_000);
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.terminate();
  });
  afterAll(async () => {
    await api?.close({ deadlineMs: 0 });
    await ctx?.quotas.close();
    await bus?.close();
    await redis?.close();
  }, 60_000);

  async function signUp(): Promise<{ token: string; userId: UserId; general: ChannelId }> {
    const response = await fetch(`${url}/api/signup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        organization: 'Acme',
        name: 'Ana Prado',
        email: `ana.${uuidv7()}@example.org`,
        password: 'three unrelated long words',
      }),
    });
    const { token, userId } = (await response.json()) as { token: string; userId: UserId };
    const snapshot = await fetch(`${url}/api/snapshot`, { headers: { authorization: `Bearer ${token}` } });
    const { channels } = (await snapshot.json()) as { channels: { channel: { id: ChannelId; name: string } }[] };
    return { token, userId, general: channels.find(({ channel }) => channel.name === 'general')!.channel.id };
  }

  test('signals and events that nobody here knows, or that lack what they should have, change nothing for anybody', async () => {
    const ana = await signUp();
    const customerId = (await ctx.store.listCustomers()).at(-1)!;
    const frames: ServerFrame[] = [];
    const ws = new WebSocket(`${url.replace('http', 'ws')}/ws`);
    sockets.push(ws);
    ws.on('message', (data) => frames.push(JSON.parse(String(data)) as ServerFrame));
    await new Promise((resolve) => ws.once('open', resolve));
    const channels = [{ channelId: ana.general, epoch: 0, seq: 0 }];
    ws.send(JSON.stringify({ type: 'hello', version: protocolVersion, token: ana.token, channels }));
    await expect.poll(() => frames.some(({ type }) => type === 'subscribed'), waits).toBe(true);

    const node = uuidv7();
    const signal = (type: string, more: object = {}) => ({ s: { type, customerId, ...more } });
    const event = (kind: string, more: object = {}) => ({
      e: { customerId, event: { kind, channelId: ana.general, epoch: 1, seq: 1_000_000, at: 1, actorId: ana.userId, ...more } },
    });
    const odd = [null, 5, 'x', [], {}, { a: 1 }];
    const items = [
      signal('teleported', { to: 'mars' }),
      ...['typing', 'streaming', 'presence', 'presence.asked', 'presence.watched', 'presence.channels'].map((type) =>
        signal(type),
      ),
      ...['due', 'run.ended', 'session.ended', 'connections'].map((type) => signal(type)),
      ...odd.map((value) => signal('presence', { gatewayId: value, people: value, isAll: value })),
      ...odd.map((value) => signal('presence.channels', { gatewayId: 'g', channels: value })),
      ...odd.map((value) => signal('presence.watched', { gatewayId: 'g', channelIds: value })),
      ...odd.map((value) => signal('connections', { nodeId: value, connections: value })),
      ...odd.map((value) => signal('typing', { channelId: ana.general, userId: value, threadSeq: value })),
      ...odd.map((value) => signal('due', { atMs: value })),
      ...odd.map((value) => signal('session.ended', { sessionId: value })),
      event('message.teleported'),
      event('message.posted'),
      ...odd.map((value) => event('message.posted', { message: value })),
      ...odd.map((value) => event('user.updated', { user: value })),
      ...odd.map((value) => event('member.left', { userId: value })),
      ...odd.map((value) => event('channel.updated', { channel: value })),
      ...odd.map((value) => event('bot.updated', { bot: value })),
    ];
    // One batch each, so that what one does hides nothing of the next.
    for (const [n, item] of items.entries()) await redis.publish('gb:bus', `gb1 ${node} ${n + 1} -\n${JSON.stringify([item])}`);
    const { unreadable } = bus.figures();
    for (const garbage of ['gb2 x', 'gb1 ', '{}', '\u0000']) await redis.publish('gb:bus', garbage);
    await expect.poll(() => bus.figures().unreadable - unreadable, waits).toBe(4);

    // Everybody still hears, counts, and is answered.
    const actor = { customerId, userId: ana.userId, role: 'owner', sessionId: null } as const;
    const { seq } = await postMessage(ctx, actor, ana.general, { clientId: uuidv7() as ClientId, text: 'still here' });
    await expect
      .poll(() => frames.some((frame) => frame.type === 'event' && (frame as unknown as { seq: number }).seq === seq), waits)
      .toBe(true);
    expect(ws.readyState).toBe(WebSocket.OPEN);
    const usage = (await ctx.quotas.usage(customerId)).find(({ name }) => name === 'connections');
    expect(usage?.used).toBe(1);
    ws.send(JSON.stringify({ type: 'ping' }));
    await expect.poll(() => frames.some(({ type }) => type === 'pong'), waits).toBe(true);
  });
});

test('entries of a kind that is not known, or that are not there, are for nobody', async () => {
  const { dispatcher } = composeBots(base.ctx);
  const feed = new WebhookFeed(base.ctx);
  const channelId = await base.channel('lobby', [base.ana]);
  const entry = (more: object) => ({ id: '1', customerId: base.customerId, channelId, seq: 1, kind: 'message.posted', ...more });
  for (const odd of [
    entry({ kind: 'message.teleported' }),
    entry({ seq: 4_000_000 }),
    entry({ channelId: uuidv7() }),
    entry({ customerId: uuidv7() }),
    entry({ kind: 'message.teleported', customerId: uuidv7(), channelId: uuidv7() }),
  ] as OutboxEntry[]) {
    await dispatcher.handle(odd);
    await feed.handle(odd);
  }
});

test('tasks that no handler can read are dead, with the reason, and the next one is handled', async () => {
  const tasks: TaskQueue = createPostgresTaskQueue({ app: database.postgres.app, log: silentLogger, pollMs: 50, graceMs: 300 });
  const sender = composeWebhookSender([]);
  try {
    const ctx: Context = { ...base.ctx, tasks, webhookSender: sender.sender };
    registerJobs(ctx, { webhooks: { concurrency: 2, attemptsMax: 2, retryMsMin: 20, retryMsMax: 40 } });
    const { customerId } = base;
    const odd = [{}, { deliveryId: 5, exportId: 5 }, { v: 99, deliveries: [] }, { deliveryId: 'x\u0001', exportId: '../../etc' }];
    for (const kind of ['webhook', 'export'])
      for (const [n, payload] of odd.entries()) await tasks.put({ kind, customerId, key: `odd-${n}`, payload });
    tasks.start();
    const figures = async () =>
      Object.fromEntries((await tasks.figures(customerId)).map(({ kind, ...states }) => [kind, states]));
    await expect.poll(async () => (await figures())['webhook'], waits).toMatchObject({ dead: 4, ready: 0, running: 0 });
    await expect.poll(async () => (await figures())['export'], waits).toMatchObject({ dead: 4, ready: 0, running: 0 });
    const dead = await tasks.dead({ customerId, limit: 20 });
    expect(dead.map(({ reason }) => reason).every((reason) => /names no (delivery|export)/.test(reason))).toBe(true);
    // One that names something that is gone is done with.
    await tasks.put({ kind: 'webhook', customerId, key: 'gone', payload: { deliveryId: uuidv7() } });
    await tasks.put({ kind: 'export', customerId, key: 'gone', payload: { exportId: uuidv7() } });
    await tasks.drained();
    expect(await figures()).toMatchObject({ webhook: { dead: 4 }, export: { dead: 4 } });
  } finally {
    await tasks.close();
    sender.close();
  }
});
