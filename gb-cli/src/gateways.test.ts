import { type ApiOptions, type ApiServer, createApiServer } from 'gb-api';
import { createHttp, createRest } from 'gb-client';
import {
  AccessCache,
  BotPreviews,
  type Context,
  createBotKey,
  DirectoryCache,
  defaultRates,
  endSession,
  postMessage,
  Rates,
  removeMember,
  scaleRates,
} from 'gb-core';
import { createRedisEventBus, type RedisEventBus } from 'gb-messaging/redis';
import { redisProgram, TestRedis, Wire } from 'gb-messaging/testing';
import {
  type ChannelId,
  type ClientId,
  type CustomerId,
  closeCodes,
  protocolVersion,
  type ServerFrame,
  type SessionId,
  type UserId,
} from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { silentLogger, systemClock, uuidv7 } from 'gb-utils';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { BotWorld } from './testing/bots.ts';

// Two gateways on one database, each with a bus of its own over a real Redis, and a wire to it that is cut.

const program = await redisProgram();
const beatMs = 100;

interface Node {
  readonly ctx: Context;
  readonly bus: RedisEventBus;
  readonly api: ApiServer;
  readonly wire: Wire;
  readonly url: string;
}

interface Person {
  readonly token: string;
  readonly userId: UserId;
}

let database: TestDatabase;
let redis: TestRedis;
let base: BotWorld;
let one: Node;
let two: Node;
const sockets: WebSocket[] = [];

async function startNode(gateway: ApiOptions['gateway'] = {}): Promise<Node> {
  const wire = await Wire.to(redis.port);
  const store = await database.openStore();
  const bus = createRedisEventBus({ url: wire.url, log: silentLogger, beatMs });
  const caches = {
    access: new AccessCache({ store, bus, clock: systemClock }),
    directory: new DirectoryCache({ store, bus, clock: systemClock }),
  };
  const ctx: Context = { ...base.ctx, ...caches, store, bus, clock: systemClock };
  const api = await createApiServer({
    ctx,
    previews: new BotPreviews(ctx),
    webDir: null,
    publicUrl: null,
    trustProxy: false,
    isOpenSignUp: true,
    // Everybody signs up from one address here.
    rates: new Rates(ctx.limits, scaleRates(defaultRates, 1_000)),
    connectionsPerPersonMax: 100,
    gateway,
    isReady: () => store.ping(),
  });
  const port = await api.listen({ host: '127.0.0.1', port: 0 });
  expect(await bus.connected(10_000)).toBe(true);
  return { ctx, bus, api, wire, url: `http://127.0.0.1:${port}` };
}

async function stopNode(node: Node | undefined): Promise<void> {
  if (!node) return;
  await node.api.close();
  await node.bus.close();
  await node.ctx.store.close();
  await node.wire.close();
}

beforeAll(async () => {
  if (!program) return;
  [database, redis] = await Promise.all([startTestDatabase(), TestRedis.start(program)]);
  base = await BotWorld.open(database);
});
beforeEach(async () => {
  if (!program) return;
  [one, two] = await Promise.all([startNode(), startNode()]);
  await expect.poll(() => [one, two].every(({ bus }) => bus.figures().nodes >= 2)).toBe(true);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await Promise.all([stopNode(one), stopNode(two)]);
});
afterAll(async () => {
  await base?.close();
  await redis?.close();
  await database?.close();
});

const restOf = (node: Node, token?: string) =>
  createRest(createHttp({ baseUrl: node.url, fetch, token: () => token, timeoutMs: 20_000 }));
const signUp = async (): Promise<Person & { customerId: CustomerId; general: ChannelId }> => {
  const made = await restOf(one).signUp({
    organization: 'Acme',
    name: 'Ana Prado',
    email: `ana.${uuidv7()}@example.org`,
    password: 'three unrelated long words',
    locale: 'en',
  });
  const token = made.token!;
  const { channels } = await restOf(one, token).snapshot();
  const general = channels.find(({ channel }) => channel.name === 'general')!.channel.id;
  const customerId = await customerOf(made.userId);
  return { token, userId: made.userId, customerId, general };
};
async function customerOf(userId: UserId): Promise<CustomerId> {
  for (const customerId of await one.ctx.store.listCustomers())
    if (await one.ctx.store.read(customerId, (tx) => tx.users.get(userId))) return customerId;
  throw new Error('nobody has this person');
}

/** Somebody who follows channels at a node, and what they are told. */
async function follow(node: Node, person: Person, channels: readonly ChannelId[]) {
  const ws = new WebSocket(`${node.url.replace('http', 'ws')}/ws`);
  sockets.push(ws);
  const frames: ServerFrame[] = [];
  const closed = new Promise<number>((resolve) => ws.on('close', resolve));
  ws.on('message', (data) => frames.push(JSON.parse(String(data)) as ServerFrame));
  await new Promise((resolve) => ws.once('open', resolve));
  const cursors = channels.map((channelId) => ({ channelId, epoch: 0, seq: 0 }));
  ws.send(JSON.stringify({ type: 'hello', version: protocolVersion, token: person.token, channels: cursors }));
  await expect.poll(() => frames.some(({ type }) => type === 'subscribed')).toBe(true);
  const of = <T extends ServerFrame['type']>(type: T) =>
    frames.filter((frame): frame is Extract<ServerFrame, { type: T }> => frame.type === type);
  const seqs = () => [...new Set(of('event').map((frame) => (frame as unknown as { seq: number }).seq))].sort((a, b) => a - b);
  return { frames, of, seqs, closed, head: of('subscribed')[0]!.channels[0]!.head };
}

const say = (
  node: Node,
  { customerId, userId, general }: { customerId: CustomerId; userId: UserId; general: ChannelId },
  text = 'hi',
) =>
  postMessage(node.ctx, { customerId, userId, role: 'owner', sessionId: null }, general, {
    clientId: uuidv7() as ClientId,
    text,
  });
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const waits = { timeout: 15_000 };

// Skipped where Redis cannot be had; `redisProgram` has said why.
describe.skipIf(program === null)('two gateways', () => {
  test('a message reaches those at the other gateway', async () => {
    const ana = await signUp();
    const there = await follow(two, ana, [ana.general]);
    const { seq } = await say(one, ana);
    await expect.poll(there.seqs).toEqual([seq]);
  });

  test('while either is cut off from Redis messages still arrive, from the log, and none is missing afterwards', async () => {
    const ana = await signUp();
    const there = await follow(two, ana, [ana.general]);
    two.wire.cut();
    for (let n = 0; n < 5; n++) await say(one, ana);
    await expect.poll(there.seqs, waits).toEqual(numbers(there.head + 1, there.head + 5));
    two.wire.mend();
    await expect.poll(() => two.bus.figures().isConnected, waits).toBe(true);
    one.wire.cut();
    for (let n = 0; n < 5; n++) await say(one, ana);
    await expect.poll(there.seqs, waits).toEqual(numbers(there.head + 1, there.head + 10));
    one.wire.mend();
    await expect.poll(() => one.bus.figures().isConnected, waits).toBe(true);
    await say(one, ana);
    await expect.poll(there.seqs, waits).toEqual(numbers(there.head + 1, there.head + 11));
  });

  test('who missed very much is told to fetch it, and who was put out meanwhile is told that', async () => {
    const ana = await signUp();
    const actor = { customerId: ana.customerId, userId: ana.userId, role: 'owner', sessionId: null } as const;
    const { code } = await restOf(one, ana.token).createInvitation({ role: 'member', usesMax: 1 });
    const joined = await restOf(one).acceptInvitation(code, {
      name: 'Bea',
      email: `bea.${uuidv7()}@example.org`,
      password: 'three unrelated long words',
    });
    const bea: Person = { token: joined.token!, userId: joined.userId };
    const opened = await restOf(one, ana.token).createChannel({ kind: 'private', name: 'secret', memberIds: [bea.userId] });
    const channelId = opened.state.channel.id;
    const [a, b] = [await follow(two, ana, [channelId]), await follow(two, bea, [channelId])];
    two.wire.cut();
    await expect.poll(() => two.bus.figures().isConnected).toBe(false);
    await Promise.all(Array.from({ length: 250 }, (_, n) => say(one, { ...ana, general: channelId }, `n${n}`)));
    await removeMember(one.ctx, actor, channelId, bea.userId);
    await expect.poll(() => b.of('unsubscribed').map((frame) => frame.channelId), waits).toEqual([channelId]);
    await expect
      .poll(
        () =>
          a.of('resync').some(({ channels }) => channels.some((one) => one.channelId === channelId)) || a.seqs().length >= 251,
        waits,
      )
      .toBe(true);
    expect(b.frames.at(-1)?.type).not.toBe('resync');
  });

  test('people at two gateways see each other come and go', async () => {
    const ana = await signUp();
    const { code } = await restOf(one, ana.token).createInvitation({ role: 'member', usesMax: 1 });
    const email = `bea.${uuidv7()}@example.org`;
    const joined = await restOf(one).acceptInvitation(code, { name: 'Bea', email, password: 'three unrelated long words' });
    const a = await follow(one, ana, [ana.general]);
    const b = await follow(two, { token: joined.token!, userId: joined.userId }, [ana.general]);
    const seen = (by: typeof a, userId: UserId) =>
      by.of('presence').reduce((last, { users }) => users[userId] ?? last, 'offline');
    await expect.poll(() => [seen(a, joined.userId), seen(b, ana.userId)], waits).toEqual(['online', 'online']);
    sockets.at(-1)!.close();
    await expect.poll(() => seen(a, joined.userId), waits).toBe('offline');
  });

  test('in a large workspace they see each other in the channels they look at', { timeout: 60_000 }, async () => {
    const nodes = await Promise.all([startNode({ everybodyMax: 0 }), startNode({ everybodyMax: 0 })]);
    const [here, there] = nodes as [Node, Node];
    try {
      await expect.poll(() => nodes.every(({ bus }) => bus.figures().nodes >= 4), waits).toBe(true);
      const ana = await signUp();
      const { code } = await restOf(one, ana.token).createInvitation({ role: 'member', usesMax: 1 });
      const email = `bea.${uuidv7()}@example.org`;
      const joined = await restOf(one).acceptInvitation(code, { name: 'Bea', email, password: 'three unrelated long words' });
      const a = await follow(here, ana, [ana.general]);
      const socket = sockets.at(-1)!;
      const b = await follow(there, { token: joined.token!, userId: joined.userId }, [ana.general]);
      const seen = (by: typeof a, userId: UserId) =>
        by.of('presence').reduce((last, { users }) => users[userId] ?? last, 'untold');
      socket.send(JSON.stringify({ type: 'watch', channelIds: [ana.general] }));
      await expect.poll(() => seen(a, joined.userId), waits).toBe('online');
      expect(seen(b, ana.userId)).toBe('untold');
      sockets.at(-1)!.close();
      await expect.poll(() => seen(a, joined.userId), waits).toBe('offline');
    } finally {
      await Promise.all(nodes.map(stopNode));
    }
  });

  test('a connector is asked to come back when messages to its bot may have been missed, and not again at every beat', async () => {
    const bot = await base.bot('TALK "hi"');
    const owner = { customerId: base.customerId, userId: base.ana, role: 'owner', sessionId: null } as const;
    const { token } = await createBotKey(one.ctx, owner, bot.botId, 'connector');
    const connect = async () => {
      const ws = new WebSocket(`${two.url.replace('http', 'ws')}/api/conversations/stream`, {
        headers: { authorization: `Bearer ${token}` },
      });
      sockets.push(ws);
      const closed = new Promise<number>((resolve) => ws.on('close', resolve));
      await new Promise((resolve) => ws.once('message', resolve));
      return { ws, closed };
    };
    const before = await connect();
    two.wire.cut();
    expect(await before.closed).toBe(closeCodes.goingAway);
    const after = await connect();
    const { gaps } = two.bus.figures();
    await expect.poll(() => two.bus.figures().gaps).toBeGreaterThan(gaps + 5);
    expect(after.ws.readyState).toBe(WebSocket.OPEN);
  });

  test('a session that ended at another node while the bus was away closes its sockets here', async () => {
    const ana = await signUp();
    const there = await follow(two, ana, [ana.general]);
    const [session] = await one.ctx.store.read(ana.customerId, (tx) => tx.sessions.listByUser(ana.userId));
    two.wire.cut();
    await expect.poll(() => two.bus.figures().isConnected).toBe(false);
    await endSession(
      one.ctx,
      { customerId: ana.customerId, userId: ana.userId, role: 'owner', sessionId: null },
      session!.id as SessionId,
    );
    expect(await there.closed).toBe(closeCodes.unauthenticated);
  });
});
