import { type ApiServer, createApiServer } from 'gb-api';
import { ApiError, createHttp, createRest } from 'gb-client';
import { createNodeClient } from 'gb-client/node';
import {
  AccessCache,
  BotPreviews,
  type Context,
  createBotKey,
  DirectoryCache,
  defaultRates,
  Rates,
  type RateTable,
  scaleRates,
} from 'gb-core';
import { createInProcessRateLimits } from 'gb-messaging';
import { createRedisRateLimits, type RedisRateLimits } from 'gb-messaging/redis';
import { redisProgram, TestRedis, Wire } from 'gb-messaging/testing';
import { type ChannelId, type ClientId, type CustomerId, protocolVersion, type UserId } from 'gb-protocol';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { silentLogger, systemClock, uuidv7 } from 'gb-utils';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { BotWorld } from './testing/bots.ts';

const program = await redisProgram();
const waits = { timeout: 30_000 };
/** After the burst one an hour: whatever passes beyond it passes by mistake, however slow the machine. */
const slow = (burst: number) => ({ burst, perSecond: 1 / 3600 });

interface Node {
  readonly ctx: Context;
  readonly url: string;
  readonly limits: RedisRateLimits | null;
  /** Answers with `rate_limited` so far. */
  refusals(): Promise<number>;
  stop(): Promise<void>;
}

let database: TestDatabase;
let base: BotWorld;
let redis: TestRedis;
const running: Node[] = [];
const sockets: WebSocket[] = [];

/** A process: its own store, caches and connection to Redis; without an address, one that counts alone. */
async function startNode(rates: Partial<RateTable>, redisUrl: string | null, answerMsMax = 20_000): Promise<Node> {
  const store = await database.openStore();
  const { bus } = base.ctx;
  const redisLimits = redisUrl && createRedisRateLimits({ url: redisUrl, clock: systemClock, log: silentLogger, answerMsMax });
  if (redisLimits) expect(await redisLimits.connected(20_000)).toBe(true);
  const limits = redisLimits || createInProcessRateLimits({ clock: systemClock });
  const ctx: Context = {
    ...base.ctx,
    store,
    limits,
    clock: systemClock,
    access: new AccessCache({ store, bus, clock: systemClock }),
    directory: new DirectoryCache({ store, bus, clock: systemClock }),
  };
  const api: ApiServer = await createApiServer({
    ctx,
    previews: new BotPreviews(ctx),
    webDir: null,
    publicUrl: null,
    trustProxy: true,
    isOpenSignUp: true,
    // Everything else is out of the way.
    rates: new Rates(limits, { ...scaleRates(defaultRates, 1_000), ...rates }),
    connectionsPerPersonMax: 1_000,
    isReady: () => store.ping(),
  });
  const port = await api.listen({ host: '127.0.0.1', port: 0 });
  const node: Node = {
    ctx,
    url: `http://127.0.0.1:${port}`,
    limits: redisLimits || null,
    async refusals() {
      const { values } = await api.metrics.errors.get();
      return values.find(({ labels }) => labels.code === 'rate_limited')?.value ?? 0;
    },
    async stop() {
      await api.close({ deadlineMs: 0 });
      await limits.close();
      await store.close();
    },
  };
  running.push(node);
  return node;
}

beforeAll(async () => {
  database = await startTestDatabase();
  base = await BotWorld.open(database);
  if (program) redis = await TestRedis.start(program);
}, 60_000);
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await Promise.all(running.splice(0).map((node) => node.stop()));
}, 60_000);
afterAll(async () => {
  await base?.close();
  await redis?.close();
  await database?.close();
}, 60_000);

interface Person {
  readonly token: string;
  readonly userId: UserId;
}
interface Owner extends Person {
  readonly customerId: CustomerId;
  readonly general: ChannelId;
}

const httpOf = (node: Node, token?: string) => ({ baseUrl: node.url, fetch, token: () => token, timeoutMs: 60_000 });
const restOf = (node: Node, token?: string) => createRest(createHttp(httpOf(node, token)));

async function signUp(node: Node): Promise<Owner> {
  const made = await restOf(node).signUp({
    organization: 'Acme',
    name: 'Ana Prado',
    email: `ana.${uuidv7()}@example.org`,
    password: 'three unrelated long words',
    locale: 'en',
  });
  const { channels } = await restOf(node, made.token!).snapshot();
  const general = channels.find(({ channel }) => channel.name === 'general')!.channel.id;
  for (const customerId of await node.ctx.store.listCustomers())
    if (await node.ctx.store.read(customerId, (tx) => tx.users.get(made.userId)))
      return { token: made.token!, userId: made.userId, customerId, general };
  throw new Error('nobody has this person');
}
async function invite(node: Node, by: Person): Promise<Person> {
  const { code } = await restOf(node, by.token).createInvitation({ role: 'member', usesMax: 1 });
  const email = `bea.${uuidv7()}@example.org`;
  const joined = await restOf(node).acceptInvitation(code, { name: 'Bea', email, password: 'three unrelated long words' });
  return { token: joined.token!, userId: joined.userId };
}

const say = (node: Node, { token }: Person, channelId: ChannelId) =>
  restOf(node, token).postMessage(channelId, { clientId: uuidv7() as ClientId, text: 'hi' });

/** How many passed; everybody else was told to wait. */
async function passed(calls: readonly Promise<unknown>[]): Promise<number> {
  let count = 0;
  for (const result of await Promise.allSettled(calls)) {
    if (result.status === 'fulfilled') count += 1;
    else if (!(result.reason instanceof ApiError) || result.reason.code !== 'rate_limited') throw result.reason;
    else expect(result.reason.retryAfterMs).toBeGreaterThan(0);
  }
  return count;
}

/** The same promises of the product over both engines: alone, and two processes over one Redis. */
const engines = [
  { name: 'one process', start: async (rates: Partial<RateTable>) => Array<Node>(2).fill(await startNode(rates, null)) },
  {
    name: 'two processes over one Redis',
    start: (rates: Partial<RateTable>) => Promise.all([startNode(rates, redis.url), startNode(rates, redis.url)]),
  },
];

for (const { name, start } of engines) {
  // Skipped where Redis cannot be had; `redisProgram` has said why.
  describe.skipIf(name.includes('Redis') && program === null)(name, () => {
    test('messages of a person: a burst passes, over REST and WebSocket together', async () => {
      const [one, two] = (await start({ messages: slow(10) })) as [Node, Node];
      const ana = await signUp(one);
      const live = await connect(two, ana);
      const sent = Array.from({ length: 15 }, (_, n) => live.send(ana.general, n));
      const calls = Array.from({ length: 15 }, (_, n) => say(n % 2 ? one : two, ana, ana.general));
      const overRest = await passed(calls);
      const answers = await Promise.all(sent);
      const overSocket = answers.filter(({ type }) => type === 'ack').length;
      expect(overRest + overSocket).toBe(10);
      for (const answer of answers)
        if (answer.type === 'error') expect(answer).toMatchObject({ code: 'rate_limited', retryable: true });
      for (const answer of answers) if (answer.type === 'error') expect(answer.retryAfterMs).toBeGreaterThan(0);
    });

    test('a refusal says when to come again, in the body and in the header', async () => {
      const [one] = await start({ requests: slow(3) });
      const ana = await signUp(one!);
      const ask = () => fetch(`${one!.url}/api/channels`, { headers: { authorization: `Bearer ${ana.token}` } });
      let last = await ask();
      for (let n = 0; n < 4 && last.status === 200; n++) last = await ask();
      expect(last.status).toBe(429);
      const body = (await last.json()) as { code: string; retryAfterMs: number };
      expect(body.code).toBe('rate_limited');
      expect(Number(last.headers.get('retry-after'))).toBe(Math.ceil(body.retryAfterMs / 1000));
    });

    test('who floods a channel is refused for themselves, and leaves the channel to the others', async () => {
      const [one, two] = (await start({ messages: slow(5), channelMessages: slow(12) })) as [Node, Node];
      const ana = await signUp(one);
      const bea = await invite(one, ana);
      const cleo = await invite(one, ana);
      expect(await passed(Array.from({ length: 60 }, (_, n) => say(n % 2 ? one : two, ana, ana.general)))).toBe(5);
      expect(await passed(Array.from({ length: 60 }, (_, n) => say(n % 2 ? one : two, bea, ana.general)))).toBe(5);
      expect(await passed(Array.from({ length: 60 }, (_, n) => say(n % 2 ? one : two, cleo, ana.general)))).toBe(2);
    });

    test('a customer with many accounts has one limit, and another customer its own', async () => {
      const [one, two] = (await start({ customerMessages: slow(8) })) as [Node, Node];
      const [ana, zoe] = [await signUp(one), await signUp(two)];
      const bea = await invite(one, ana);
      const calls = Array.from({ length: 20 }, (_, n) => say(n % 2 ? one : two, n % 3 ? ana : bea, ana.general));
      const own = await passed(calls);
      // What a new workspace says by itself is nobody's message.
      expect(own).toBe(8);
      expect(await passed([say(two, zoe, zoe.general)])).toBe(1);
    });

    test('addresses of one /64 are one, and guessing does not lock others out', async () => {
      const [one, two] = (await start({ logIns: slow(4), addressLogIns: slow(6) })) as [Node, Node];
      const from = (node: Node, address: string, email = 'ana@example.org') =>
        fetch(`${node.url}/api/sessions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
          body: JSON.stringify({ email, password: 'three unrelated long words' }),
        }).then(({ status }) => status);
      const codes = await Promise.all(Array.from({ length: 20 }, (_, n) => from(n % 2 ? one : two, `2001:db8:1:2::${n + 1}`)));
      expect(codes.filter((code) => code === 401)).toHaveLength(4);
      expect(codes.filter((code) => code === 429)).toHaveLength(16);
      // Other names from there: what is left of the address. The network beside it has not been heard of.
      const others = await Promise.all(Array.from({ length: 5 }, (_, n) => from(one, '2001:db8:1:2::beef', `x${n}@example.org`)));
      expect(others.filter((code) => code === 401)).toHaveLength(2);
      expect(await from(two, '2001:db8:1:3::1')).toBe(401);
      expect(await from(one, '::ffff:203.0.113.7')).toBe(401);
    });

    test('uploads, webhooks and keys have limits of their own', async () => {
      const [one, two] = (await start({ uploads: slow(3), webhooks: slow(4), keyRequests: slow(5) })) as [Node, Node];
      const ana = await signUp(one);
      const upload = async (node: Node) => {
        const response = await fetch(`${node.url}/api/files`, {
          method: 'POST',
          headers: { authorization: `Bearer ${ana.token}`, 'content-type': 'text/plain', 'x-file-name': 'a.txt' },
          body: 'hi',
        });
        return response.status;
      };
      const uploads = [];
      for (let n = 0; n < 8; n++) uploads.push(await upload(n % 2 ? one : two));
      expect(uploads.filter((code) => code === 200)).toHaveLength(3);
      expect(uploads.filter((code) => code === 429)).toHaveLength(5);
      const hook = (node: Node) => fetch(`${node.url}/api/webhooks/${ana.customerId}/${uuidv7()}/x`, { method: 'POST' });
      // Whose bot it is said to be may be made up: each has its count, and the address one for all of them.
      expect((await hook(one)).status).toBe(404);
      const same = uuidv7();
      const calls = [];
      for (let n = 0; n < 8; n++)
        calls.push(
          (await fetch(`${(n % 2 ? one : two).url}/api/webhooks/${ana.customerId}/${same}/x`, { method: 'POST' })).status,
        );
      expect(calls.filter((code) => code === 429)).toHaveLength(4);
      const bot = await base.bot('TALK "hi"');
      const owner = { customerId: base.customerId, userId: base.ana, role: 'owner', sessionId: null } as const;
      const { token } = await createBotKey(one.ctx, owner, bot.botId, 'k');
      const keyCalls = [];
      for (let n = 0; n < 9; n++)
        keyCalls.push(
          (
            await fetch(`${(n % 2 ? one : two).url}/api/conversations/${uuidv7()}/messages`, {
              headers: { authorization: `Bearer ${token}` },
            })
          ).status,
        );
      expect(keyCalls.filter((code) => code === 429)).toHaveLength(4);
    });
  });
}

// Skipped where Redis cannot be had; `redisProgram` has said why.
describe.skipIf(program === null)('Redis', () => {
  test('that is slow, stands still or is gone: every message is acknowledged, by what each process counts', async () => {
    const wire = await Wire.to(redis.port);
    try {
      const node = await startNode({}, wire.url, 100);
      const ana = await signUp(node);
      wire.delayMs = 5_000;
      // One question waits for the bound; the others are not even asked.
      await Promise.all(Array.from({ length: 30 }, () => say(node, ana, ana.general)));
      const { shared } = node.limits!.figures();
      for (let n = 0; n < 10; n++) await say(node, ana, ana.general);
      expect(node.limits!.figures()).toMatchObject({ isConnected: false, shared });
      wire.cut();
      wire.delayMs = 0;
      for (let n = 0; n < 10; n++) await say(node, ana, ana.general);
      wire.mend();
      await expect.poll(() => node.limits!.figures().isConnected, waits).toBe(true);
      await say(node, ana, ana.general);
      expect(node.limits!.figures().shared).toBeGreaterThan(shared);
    } finally {
      await wire.close();
    }
  });
});

test('the client waits as long as it is told, and everything arrives in order', async () => {
  const node = await startNode({ messages: { burst: 4, perSecond: 4 } }, null);
  const ana = await signUp(node);
  const client = createNodeClient({ baseUrl: node.url, token: ana.token });
  try {
    await client.start();
    const texts = Array.from({ length: 10 }, (_, n) => `n${n}`);
    await Promise.all(texts.map((text) => client.sendAndWait(ana.general, text)));
    const { messages } = await restOf(node, ana.token).messages(ana.general, { limit: 100 });
    expect(messages.map(({ text }) => text).filter((text) => /^n\d+$/.test(text))).toEqual(texts);
    // One that asks again and again would be refused hundreds of times meanwhile.
    expect(await node.refusals()).toBeGreaterThan(0);
    expect(await node.refusals()).toBeLessThanOrEqual(texts.length);
  } finally {
    await client.close();
  }
});

interface Answer {
  readonly type: string;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
}

async function connect(node: Node, person: Person) {
  const ws = new WebSocket(`${node.url.replace('http', 'ws')}/ws`);
  sockets.push(ws);
  const answers = new Map<number, (answer: Answer) => void>();
  const welcome = new Promise<void>((resolve, reject) => {
    ws.on('error', reject);
    ws.on('message', (data) => {
      const frame = JSON.parse(String(data)) as Answer & { id?: number };
      if (frame.type === 'welcome') resolve();
      else if (frame.id !== undefined) answers.get(frame.id)?.(frame);
    });
  });
  await new Promise((resolve) => ws.once('open', resolve));
  ws.send(JSON.stringify({ type: 'hello', version: protocolVersion, token: person.token }));
  await welcome;
  return {
    send(channelId: ChannelId, id: number): Promise<Answer> {
      return new Promise((resolve) => {
        answers.set(id, resolve);
        ws.send(JSON.stringify({ type: 'send', id, channelId, clientId: uuidv7(), text: 'hi' }));
      });
    },
  };
}
