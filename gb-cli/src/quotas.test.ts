import { join } from 'node:path';
import { type ApiServer, createApiServer } from 'gb-api';
import { ApiError, createHttp, createRest, createUpload } from 'gb-client';
import {
  AccessCache,
  BotPreviews,
  type Context,
  DirectoryCache,
  defaultRates,
  type EventBus,
  Quotas,
  Rates,
  scaleRates,
  startQuotaWarnings,
} from 'gb-core';
import { createInProcessEventBus } from 'gb-messaging';
import {
  type ChannelId,
  type ClientId,
  type CustomerId,
  closeCodes,
  protocolVersion,
  type QuotaName,
  type UserId,
} from 'gb-protocol';
import { QuotaAdmin } from 'gb-storage';
import { startTestDatabase, type TestDatabase } from 'gb-storage/testing';
import { GbError, silentLogger, systemClock, uuidv7 } from 'gb-utils';
import { createProgramCompiler } from 'gb-vm/runtime';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { loadBotPackages } from './bot-packages.ts';
import { readConfig } from './config.ts';
import { quota } from './quota.ts';
import { BotWorld } from './testing/bots.ts';

/** A process: its own store, meters and gateway; the bus they share stands for what carries between processes. */
interface Node {
  readonly ctx: Context;
  readonly api: ApiServer;
  readonly url: string;
  stop(): Promise<void>;
}

let database: TestDatabase;
let admin: QuotaAdmin;
let base: BotWorld;
let bus: EventBus;
let one: Node;
let two: Node;
let packages: Context['packages'];
const sockets: WebSocket[] = [];
const waits = { timeout: 30_000 };

async function startNode(): Promise<Node> {
  const store = await database.openStore();
  const caches = {
    access: new AccessCache({ store, bus, clock: systemClock }),
    directory: new DirectoryCache({ store, bus, clock: systemClock }),
  };
  const quotas = new Quotas({ store, bus, log: silentLogger });
  const ctx: Context = { ...base.ctx, ...caches, store, bus, clock: systemClock, quotas, packages };
  const warnings = startQuotaWarnings(ctx);
  const api = await createApiServer({
    ctx,
    previews: new BotPreviews(ctx),
    webDir: null,
    publicUrl: null,
    trustProxy: false,
    isOpenSignUp: true,
    rates: new Rates(ctx.limits, scaleRates(defaultRates, 1_000)),
    connectionsPerPersonMax: 1_000,
    isReady: () => store.ping(),
  });
  const port = await api.listen({ host: '127.0.0.1', port: 0 });
  return {
    ctx,
    api,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      await api.close({ deadlineMs: 0 });
      await warnings.close();
      await quotas.close();
      await store.close();
    },
  };
}

beforeAll(async () => {
  database = await startTestDatabase();
  admin = new QuotaAdmin([database.postgres.owner]);
  base = await BotWorld.open(database);
  bus = createInProcessEventBus({ log: silentLogger });
  const compiler = createProgramCompiler();
  packages = (await loadBotPackages(join(import.meta.dirname, '../../bots'), compiler, silentLogger)).packages;
  await compiler.close();
  [one, two] = [await startNode(), await startNode()];
}, 120_000);
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});
afterAll(async () => {
  await one?.stop();
  await two?.stop();
  await base?.close();
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

async function signUp(locale: 'en' | 'pt-BR' = 'en'): Promise<Owner> {
  const made = await restOf(one).signUp({
    organization: `Acme ${uuidv7()}`,
    name: 'Ana Prado',
    email: `ana.${uuidv7()}@example.org`,
    password: 'three unrelated long words',
    locale,
  });
  const { channels } = await restOf(one, made.token!).snapshot();
  const general = channels.find(({ channel }) => channel.name === 'general')!.channel.id;
  for (const customerId of await one.ctx.store.listCustomers())
    if (await one.ctx.store.read(customerId, (tx) => tx.users.get(made.userId)))
      return { token: made.token!, userId: made.userId, customerId, general };
  throw new Error('nobody has this person');
}

async function invite(by: Person, role: 'admin' | 'member' = 'member'): Promise<Person> {
  const { code } = await restOf(one, by.token).createInvitation({ role, usesMax: 1 });
  return accept(code);
}
async function accept(code: string, node = one): Promise<Person> {
  const email = `bea.${uuidv7()}@example.org`;
  const joined = await restOf(node).acceptInvitation(code, { name: 'Bea', email, password: 'three unrelated long words' });
  return { token: joined.token!, userId: joined.userId };
}

const set = (customerId: CustomerId, name: QuotaName, most: number | null | 'default') =>
  admin.set(customerId, new Map([[name, most]]));
/** A number of messages more than there are, and both nodes know. */
async function setMessages(ana: Owner, more: number): Promise<number> {
  const most = (await usage(ana, 'messages'))!.used! + more;
  await set(ana.customerId, 'messages', most);
  for (const node of [one, two]) expect((await usage(ana, 'messages', node))?.most).toBe(most);
  return most;
}
const say = (node: Node, { token, general }: Owner, text = 'hi') =>
  restOf(node, token).postMessage(general, { clientId: uuidv7() as ClientId, text });

/** What was refused has this code; anything else fails the test. */
function settled<T>(
  results: readonly PromiseSettledResult<T>[],
  code: string,
): { passed: readonly T[]; refused: readonly ApiError[] } {
  const passed: T[] = [];
  const refused: ApiError[] = [];
  for (const one of results) {
    if (one.status === 'fulfilled') passed.push(one.value);
    else if (one.reason instanceof ApiError && one.reason.code === code) refused.push(one.reason);
    else throw one.reason;
  }
  return { passed, refused };
}

const usage = async (by: Person, name: QuotaName, node = one) =>
  (await restOf(node, by.token).usage()).quotas.find((quota) => quota.name === name);

test('of uploads at once at two nodes as many pass as there is room; the rest hear what there is, and how much', async () => {
  const ana = await signUp();
  await set(ana.customerId, 'storage', 10_000);
  const bytes = new Uint8Array(1_000).fill(65);
  const upload = (node: Node) => createUpload(httpOf(node, ana.token))({ name: 'a.txt', type: 'text/plain', body: bytes });
  const all = await Promise.allSettled(Array.from({ length: 8 }, (_, n) => [upload(n % 2 ? one : two)]).flat());
  expect(all.every(({ status }) => status === 'fulfilled')).toBe(true);
  const more = settled(
    await Promise.allSettled(Array.from({ length: 8 }, (_, n) => upload(n % 2 ? one : two))),
    'quota_exceeded',
  );
  expect(more.passed).toHaveLength(2);
  expect(more.refused).toHaveLength(6);
  for (const { status } of more.refused) expect(status).toBe(403);
  const { quotas } = await restOf(one, ana.token).usage();
  expect(quotas.find(({ name }) => name === 'storage')).toEqual({ name: 'storage', used: 10_000, most: 10_000 });
  // What was there is there, and what goes makes room.
  const [file] = all.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  await restOf(two, ana.token).discardFile(file!.id);
  await one.ctx.store.transaction(ana.customerId, (tx) => tx.files.remove([file!.id]));
  await upload(one);
});

test('a refusal says which quota, how much is used, and of how much', async () => {
  const ana = await signUp();
  await set(ana.customerId, 'channels', 1);
  const call = restOf(one, ana.token).createChannel({ kind: 'public', name: 'second' });
  await expect(call).rejects.toMatchObject({ code: 'quota_exceeded', quota: { name: 'channels', used: 1, most: 1 } });
  expect((await restOf(one, ana.token).snapshot()).channels.map(({ channel }) => channel.name)).not.toContain('second');
});

test('people who accept at once get in as long as there is room', async () => {
  const ana = await signUp();
  await set(ana.customerId, 'members', 4);
  const { code } = await restOf(one, ana.token).createInvitation({ role: 'member', usesMax: 50 });
  const { passed, refused } = settled(
    await Promise.allSettled(Array.from({ length: 8 }, (_, n) => accept(code, n % 2 ? one : two))),
    'quota_exceeded',
  );
  expect([passed.length, refused.length]).toEqual([3, 5]);
  // Those who were refused did not use up the invitation either.
  expect((await restOf(one, ana.token).invitations()).invitations.find((one) => one.code === code)?.uses).toBe(3);
  expect((await usage(ana, 'members'))?.used).toBe(4);
});

test('messages of a day end at one process exactly, and what was acknowledged is there', async () => {
  const ana = await signUp();
  const most = await setMessages(ana, 30);
  const { passed, refused } = settled(
    await Promise.allSettled(Array.from({ length: 60 }, (_, n) => say(one, ana, `n${n}`))),
    'quota_exceeded',
  );
  // The guide's own words about it count, too: at 80 and at 100 per cent.
  expect(passed.length).toBeGreaterThanOrEqual(28);
  expect(passed.length).toBeLessThanOrEqual(30);
  for (const error of refused) {
    expect(error.quota).toMatchObject({ name: 'messages', most });
    expect(error.quota!.used).toBeGreaterThanOrEqual(most);
    expect(error.retryAfterMs).toBeGreaterThan(0);
    expect(error.retryAfterMs).toBeLessThanOrEqual(86_400_000);
  }
  const { messages } = await restOf(one, ana.token).messages(ana.general, { limit: 200 });
  expect(messages.filter(({ text }) => /^n\d+$/.test(text))).toHaveLength(passed.length);
  // More is given: people go on at once.
  await set(ana.customerId, 'messages', most + 10);
  await expect
    .poll(
      () =>
        say(one, ana, 'more').then(
          () => true,
          () => false,
        ),
      waits,
    )
    .toBe(true);
});

test('two processes together go over by no more than what they had not told each other', async () => {
  const ana = await signUp();
  await setMessages(ana, 200);
  let acknowledged = 0;
  let refusals = 0;
  const sender = async (node: Node) => {
    while (refusals < 40 && acknowledged < 1_000)
      await say(node, ana).then(
        () => (acknowledged += 1),
        (error: unknown) => {
          if (!(error instanceof ApiError) || error.code !== 'quota_exceeded') throw error;
          refusals += 1;
        },
      );
  };
  await Promise.all(Array.from({ length: 8 }, (_, n) => sender(n % 2 ? one : two)));
  expect(acknowledged).toBeGreaterThanOrEqual(200);
  // Each had at most a sixteenth of what was left untold, and one telling on its way.
  expect(acknowledged).toBeLessThanOrEqual(200 * 1.25);
});

test('a process that ends in order tells what it counted; one that is killed takes it along', async () => {
  const ana = await signUp();
  const { store } = one.ctx;
  const meters = () => new Quotas({ store, bus, log: silentLogger });
  const told = async () =>
    (await store.read(ana.customerId, (tx) => tx.quotas.list())).find(({ name }) => name === 'messages')!.used!;
  const before = await told();
  const killed = meters();
  for (let n = 0; n < 5; n++) await killed.messages.admit(ana.customerId, false);
  expect(killed.messages.pendingOf(ana.customerId)).toBe(5);
  const ending = meters();
  for (let n = 0; n < 7; n++) await ending.messages.admit(ana.customerId, false);
  (await ending.messages.admit(ana.customerId, false))();
  await ending.close();
  expect(await told()).toBe(before + 7);
  // Of who was killed nothing is known; what it had told is not told twice.
  expect(await told()).toBe(before + 7);
  await killed.close();
});

test('while the database is away, what was counted is kept for when it is back', async () => {
  const ana = await signUp();
  let isAway = false;
  const { store } = one.ctx;
  const failing = (): never => {
    throw new GbError('unavailable', 'The database is away', { retryable: true });
  };
  const flaky = new Quotas({
    store: {
      ...store,
      read: (customerId, work) => (isAway ? failing() : store.read(customerId, work)),
      transaction: (customerId, work) => (isAway ? failing() : store.transaction(customerId, work)),
    } as typeof store,
    bus,
    log: silentLogger,
  });
  const told = async () =>
    (await store.read(ana.customerId, (tx) => tx.quotas.list())).find(({ name }) => name === 'messages')!.used!;
  await flaky.messages.admit(ana.customerId, false);
  const before = await told();
  isAway = true;
  flaky.messages.count(ana.customerId, 20_000);
  await expect.poll(() => flaky.messages.pendingOf(ana.customerId), waits).toBe(20_001);
  isAway = false;
  await flaky.close();
  expect(await told()).toBe(before + 20_001);
});

test('where messages are used up, bots that go on by themselves wait, and those that are asked answer', async () => {
  const ana = await signUp();
  const { customerId } = ana;
  await setMessages(ana, 0);
  await expect(say(one, ana)).rejects.toMatchObject({ code: 'quota_exceeded' });
  expect(one.ctx.quotas.messages.waitMs(customerId)).toBeGreaterThan(0);
  const takeBack = await one.ctx.quotas.messages.admit(customerId, true);
  takeBack();
  await set(customerId, 'messages', null);
  await expect.poll(() => one.ctx.quotas.messages.waitMs(customerId), waits).toBe(0);
  await say(one, ana);
});

async function connect(node: Node, person: Person): Promise<'welcome' | 'refused'> {
  const ws = new WebSocket(`${node.url.replace('http', 'ws')}/ws`);
  sockets.push(ws);
  return new Promise((resolve, reject) => {
    ws.on('error', reject);
    ws.on('open', () => ws.send(JSON.stringify({ type: 'hello', version: protocolVersion, token: person.token })));
    ws.on('message', (data) => {
      const frame = JSON.parse(String(data)) as { type: string; code?: string; quota?: { name: string; most: number } };
      if (frame.type === 'welcome') resolve('welcome');
      if (frame.type !== 'error') return;
      if (frame.code === 'quota_exceeded' && frame.quota?.name === 'connections') resolve('refused');
      else reject(new Error(`refused otherwise: ${String(data)}`));
    });
    ws.on('close', (code) => {
      if (code !== closeCodes.tooManyFrames) reject(new Error(`closed with ${code}`));
    });
  });
}

test('a tenant who opens connections without end gets so many at all nodes together, and others are not touched', async () => {
  const [ana, bea] = [await signUp(), await signUp()];
  await set(ana.customerId, 'connections', 25);
  const first = await Promise.all(Array.from({ length: 20 }, () => connect(one, ana)));
  expect(first.every((result) => result === 'welcome')).toBe(true);
  // Told to the other nodes within seconds.
  await expect.poll(async () => (await usage(ana, 'connections', two))?.used, waits).toBe(20);
  const there = await Promise.all(Array.from({ length: 20 }, () => connect(two, ana)));
  expect(there.filter((result) => result === 'welcome')).toHaveLength(5);
  expect(await connect(two, bea)).toBe('welcome');
  for (const socket of sockets.splice(0)) socket.close();
  await expect.poll(async () => (await usage(ana, 'connections', two))?.used, waits).toBe(0);
  expect(await connect(two, ana)).toBe('welcome');
});

test('owners and administrators are told once at 80 and at 100 per cent, each in their language, whoever notices', async () => {
  const ana = await signUp('pt-BR');
  const { customerId } = ana;
  const boss = await invite(ana, 'admin');
  const member = await invite(ana);
  const told = async ({ userId }: Person) => {
    const states = await one.ctx.store.read(customerId, (tx) => tx.channels.statesOf(userId));
    const direct = states.filter(({ channel }) => channel.kind === 'direct');
    const pages = await Promise.all(
      direct.map(({ channel }) => one.ctx.store.read(customerId, (tx) => tx.messages.page(channel.id, { limit: 100 }))),
    );
    return pages.flatMap(({ messages }) => messages.map(({ text }) => text)).filter((text) => /Armazenamento|Storage/.test(text));
  };
  await set(customerId, 'storage', 1_000);
  const upload = (node: Node, size: number) =>
    createUpload(httpOf(node, ana.token))({ name: 'a.txt', type: 'text/plain', body: new Uint8Array(size).fill(65) });
  await Promise.all([upload(one, 400), upload(two, 400)]);
  await expect.poll(() => told(ana), waits).toHaveLength(1);
  await expect.poll(() => told(boss), waits).toHaveLength(1);
  await Promise.allSettled([upload(one, 400), upload(two, 400), upload(one, 400)]);
  await expect.poll(() => told(ana), waits).toHaveLength(2);
  await expect.poll(() => told(boss), waits).toHaveLength(2);
  expect(await told(ana)).toEqual([expect.stringMatching(/80%.*1 kB/), expect.stringMatching(/^⚠️.*limite de 1 kB/)]);
  expect(await told(boss)).toEqual([expect.stringContaining('more than 80% of 1 kB'), expect.stringContaining('is reached')]);
  expect(await told(member)).toEqual([]);
});

test('usage is for owners and administrators', async () => {
  const ana = await signUp();
  const member = await invite(ana);
  await expect(restOf(one, member.token).usage()).rejects.toMatchObject({ code: 'forbidden' });
  const { quotas, dayEndsAt } = await restOf(one, ana.token).usage();
  expect(quotas.map(({ name }) => name)).toEqual([
    'messages',
    'storage',
    'members',
    'channels',
    'bots',
    'webhooks',
    'connections',
    'calls',
  ]);
  expect(quotas.find(({ name }) => name === 'members')).toMatchObject({ used: 2 });
  expect(dayEndsAt).toBeGreaterThan(Date.now());
});

test('an operator sees and sets quotas of a running installation by the name of the organization', async () => {
  const ana = await signUp();
  const [{ organizationName } = { organizationName: '' }] = await admin.find(ana.customerId);
  const config = readConfig({ GB_DATA_DIR: database.dataDir });
  const said: string[] = [];
  const gb = (...args: string[]) => quota(args, config, (text) => said.push(text));
  expect(await gb('set', organizationName, 'storage=50GB', 'members=2', 'bots=unlimited')).toBe(0);
  expect(said.at(-1)).toMatch(/storage +0 B of 50 GB +0 % +set for this organization/);
  expect(said.at(-1)).toMatch(/members +1 of 2 +50 %/);
  expect(said.at(-1)).toMatch(/bots +0 of unlimited/);
  await invite(ana);
  await expect(invite(ana)).rejects.toMatchObject({ code: 'quota_exceeded' });
  expect(await gb('show')).toBe(0);
  expect(said.at(-1)).toContain(organizationName);
  expect(await gb('set', organizationName, 'members=default')).toBe(0);
  await invite(ana);
  for (const wrong of ['storage=lots', 'rooms=5', 'members=-1', 'calls=unlimited', 'members'])
    await expect(gb('set', organizationName, wrong)).rejects.toMatchObject({ code: 'malformed' });
  await expect(gb('show', 'nobody')).rejects.toMatchObject({ code: 'not_found' });
  expect(await gb('remove')).toBe(2);
});
