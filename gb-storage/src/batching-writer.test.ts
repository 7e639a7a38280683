import { readFileSync } from 'node:fs';
import type { AppendedMessage, NewMessage, Store } from 'gb-core';
import type { ChannelId, ClientId, CustomerId, UserId } from 'gb-protocol';
import { type Clock, GbError, uuidv7 } from 'gb-utils';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from './testing.ts';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
let database: TestDatabase;
let store: Store;
let customerId: CustomerId;
let userId: UserId;

beforeAll(async () => {
  database = await startTestDatabase();
  store = await database.openStore();
  ({ customerId, userId } = await store.createCustomer({
    organizationName: 'A',
    userName: 'A',
    handle: 'a',
    email: 'a@b.c',
    passwordHash: '',
    locale: 'en',
  }));
}, 60_000);
afterAll(() => database?.close(), 60_000);

async function makeChannel(): Promise<ChannelId> {
  const id = uuidv7() as ChannelId;
  await store.transaction(customerId, (tx) =>
    tx.channels.insert({ id, kind: 'public', name: id, topic: '', directKey: null, createdBy: userId }),
  );
  return id;
}

const message = (channelId: ChannelId, text = 'hi'): NewMessage => ({
  channelId,
  authorId: userId,
  clientId: uuidv7() as ClientId,
  text,
  threadSeq: null,
  mentions: [],
  mentionsChannel: false,
  suggestions: [],
});

/** As a client does it: the same message again, for as long as it takes. */
async function sendUntilAcknowledged(to: Store, item: NewMessage, onRetry: () => void): Promise<AppendedMessage> {
  for (;;) {
    try {
      return await to.appendMessage(customerId, item);
    } catch (error) {
      if (!(error instanceof GbError && error.retryable)) throw error;
      onRetry();
      await sleep(20);
    }
  }
}

async function rowsOf(channelId: ChannelId): Promise<Map<string, number>> {
  const events = await store.read(customerId, (tx) => tx.log.read(channelId, 0, 1_000_000));
  const rows = new Map<string, number>();
  for (const [i, event] of events.entries()) {
    expect(event.seq).toBe(i + 1);
    if (event.kind !== 'message.posted') throw new Error(event.kind);
    expect(event.count).toBe(i + 1);
    rows.set(event.message.clientId, event.seq);
  }
  expect(rows.size).toBe(events.length);
  return rows;
}

test('messages that arrive together share commits', async () => {
  const channelId = await makeChannel();
  let commits = 0;
  const stop = store.outbox.onCommitted(() => {
    commits += 1;
  });
  await Promise.all(Array.from({ length: 1_000 }, () => store.appendMessage(customerId, message(channelId))));
  stop();
  expect(commits).toBeLessThanOrEqual(3);
});

test('the killed postmaster: what was acknowledged is there once, in its place, and the store comes back by itself', async () => {
  const channels = await Promise.all(Array.from({ length: 5 }, makeChannel));
  const other = await database.openStore();
  const acknowledged = new Map<string, { channelId: ChannelId; seq: number }>();
  let isOver = false;
  let retries = 0;
  const senders = Array.from({ length: 100 }, async (_, sender) => {
    let last = 0;
    while (!isOver) {
      const item = message(channels[sender % channels.length]!, 'm'.repeat(50));
      // Some send through another process's store, some have their message arrive twice.
      const sends = [sendUntilAcknowledged(sender % 3 === 0 ? other : store, item, () => retries++)];
      if (sender % 10 === 0) sends.push(sendUntilAcknowledged(other, item, () => retries++));
      const answers = await Promise.all(sends);
      for (const answer of answers) expect(answer.seq).toBe(answers[0]!.seq);
      expect(answers[0]!.seq).toBeGreaterThan(last);
      last = answers[0]!.seq;
      acknowledged.set(item.clientId, { channelId: item.channelId, seq: last });
    }
  });
  const perRound: number[] = [];
  for (let round = 0; round < 5; round++) {
    const before = acknowledged.size;
    await sleep(200 + round * 70);
    const { pid } = database.postgres;
    expect(pid).not.toBeNull();
    // Every other time only a backend dies: PostgreSQL then restarts all of them by itself.
    const victim = round % 2 === 0 ? pid! : firstChildOf(pid!);
    process.kill(victim, 'SIGKILL');
    const atKill = acknowledged.size;
    for (const deadline = Date.now() + 30_000; acknowledged.size < atKill + 200; await sleep(20))
      expect(Date.now()).toBeLessThan(deadline);
    perRound.push(acknowledged.size - before);
  }
  isOver = true;
  await Promise.all(senders);
  let rows = 0;
  for (const channelId of channels) {
    const stored = await rowsOf(channelId);
    rows += stored.size;
    for (const [clientId, ack] of acknowledged) if (ack.channelId === channelId) expect(stored.get(clientId)).toBe(ack.seq);
  }
  // Every sender retried until it was acknowledged, so there is no row more than acknowledgements.
  expect(rows).toBe(acknowledged.size);
  expect(Math.min(...perRound)).toBeGreaterThan(200);
  expect(Number.isSafeInteger(retries)).toBe(true);
}, 120_000);

function firstChildOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  return children.at(-1) ?? pid;
}

test('a transaction that loses the database says so, and the next one works when it is back', async () => {
  process.kill(database.postgres.pid!, 'SIGKILL');
  const codes = new Set<string>();
  let isBack = false;
  for (const deadline = Date.now() + 20_000; !isBack && Date.now() < deadline; await sleep(10)) {
    try {
      await store.transaction(customerId, (tx) => tx.users.update(userId, { name: 'again' }));
      isBack = database.postgres.pid !== null && codes.size > 0;
    } catch (error) {
      expect(error).toMatchObject({ retryable: true });
      codes.add((error as GbError).code);
    }
  }
  expect(isBack).toBe(true);
  expect(codes).toContain('unavailable');
}, 60_000);

test('a connection cut in the middle of batches costs nothing but time', async () => {
  const channelId = await makeChannel();
  const admin = new pg.Client(database.postgres.app);
  await admin.connect();
  let isOver = false;
  const acks = new Map<string, number>();
  const senders = Array.from({ length: 50 }, async () => {
    while (!isOver) {
      const item = message(channelId);
      // The writer itself tries again: the caller sees no failure.
      acks.set(item.clientId, (await store.appendMessage(customerId, item)).seq);
    }
  });
  for (let i = 0; i < 10; i++) {
    await sleep(60);
    await admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'gb_app' and pid <> pg_backend_pid()",
    );
  }
  isOver = true;
  await Promise.all(senders);
  await admin.end();
  expect(await rowsOf(channelId)).toEqual(acks);
}, 60_000);

test('a table that grows under a plan made when it was empty does not slow the look-up down', async () => {
  const fresh = await database.openStore();
  const channelId = await makeChannel();
  const first = message(channelId);
  // Old plans: the look-up has run often while the channel was empty.
  for (let i = 0; i < 20; i++) await fresh.appendMessage(customerId, first);
  const early = performance.now();
  for (let i = 0; i < 20; i++) await fresh.appendMessage(customerId, first);
  const earlyMs = performance.now() - early;
  const old: NewMessage[] = [];
  for (let i = 0; i < 60; i++) {
    const batch = Array.from({ length: 500 }, () => message(channelId));
    await Promise.all(batch.map((item) => store.appendMessage(customerId, item)));
    old.push(...batch.slice(0, 5));
  }
  const late = performance.now();
  for (let i = 0; i < 20; i++) await fresh.appendMessage(customerId, old[i * 10]!);
  const lateMs = performance.now() - late;
  // 30,000 rows later: a walk through the channel would take hundreds of times longer.
  expect(lateMs).toBeLessThan(earlyMs * 10 + 200);
  const again = performance.now();
  const answers = await Promise.all(old.map((item) => fresh.appendMessage(customerId, item)));
  expect(answers.every((answer) => answer.isDuplicate)).toBe(true);
  expect(performance.now() - again).toBeLessThan(2_000);
}, 60_000);

test('times come from the clock the store was given', async () => {
  const clock: Clock = { nowMs: () => 86_400_000 };
  const past = await database.openStore({ clock });
  const channelId = await makeChannel();
  expect((await past.appendMessage(customerId, message(channelId))).at).toBe(86_400_000);
  expect(await past.read(customerId, (tx) => tx.messages.get(channelId, 1))).toMatchObject({ at: 86_400_000 });
});

test('a closed store stores what it had taken, and refuses the rest', async () => {
  const closing = await database.openStore();
  const channelId = await makeChannel();
  const taken = Array.from({ length: 600 }, () => closing.appendMessage(customerId, message(channelId)));
  const closed = closing.close();
  await expect(closing.appendMessage(customerId, message(channelId))).rejects.toMatchObject({ code: 'unavailable' });
  await closed;
  await closing.close();
  expect(await Promise.all(taken)).toHaveLength(600);
  await expect(closing.read(customerId, (tx) => tx.users.list())).rejects.toMatchObject({ code: 'unavailable' });
});
