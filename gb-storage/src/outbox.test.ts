import type { Store } from 'gb-core';
import type { ChannelId, ClientId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from './testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startTestDatabase();
}, 60_000);
afterAll(() => database?.close(), 60_000);

async function say(store: Store): Promise<void> {
  const { customerId, userId } = await store.createCustomer({
    organizationName: 'A',
    userName: 'A',
    handle: 'a',
    email: 'a@b.c',
    passwordHash: '',
    locale: 'en',
  });
  const channelId = uuidv7() as ChannelId;
  await store.transaction(customerId, (tx) =>
    tx.channels.insert({ id: channelId, kind: 'public', name: 'x', topic: '', directKey: null, createdBy: userId }),
  );
  await store.appendMessage(customerId, {
    channelId,
    authorId: userId,
    clientId: uuidv7() as ClientId,
    text: 'hi',
    threadSeq: null,
    mentions: [],
    mentionsChannel: false,
    suggestions: [],
  });
}

test('the next relay takes over when the first closes, and when its connection dies', async () => {
  const [first, second, third] = [await database.openStore(), await database.openStore(), await database.openStore()];
  await say(first);
  expect(await first.outbox.take(10)).toHaveLength(1);
  expect(await second.outbox.take(10)).toEqual([]);
  await first.close();
  expect(await second.outbox.take(10)).toHaveLength(1);
  expect(await third.outbox.take(10)).toEqual([]);

  const relay = new pg.Client(database.postgres.relay);
  await relay.connect();
  await relay.query("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()");
  await relay.end();
  // PostgreSQL lets go of the lock when it has noticed.
  await expect.poll(async () => (await third.outbox.take(10)).length, { timeout: 10_000 }).toBe(1);
  // The old one has a new connection by now, and is not the relay any more.
  expect(await second.outbox.take(10)).toEqual([]);
});

test('while the database is away the relay is told so, and works again afterwards', async () => {
  const store = await database.openStore();
  await store.outbox.take(1);
  process.kill(database.postgres.pid!, 'SIGKILL');
  const answers: string[] = [];
  // A server that is killed may live long enough to answer once more.
  const isBack = () => answers.includes('unavailable true') && answers.at(-1) === 'rows';
  for (
    const deadline = Date.now() + 20_000;
    !isBack() && Date.now() < deadline;
    await new Promise((resolve) => setTimeout(resolve, 20))
  ) {
    answers.push(
      await store.outbox.take(1).then(
        (rows) => (rows.length > 0 ? 'rows' : 'none'),
        (error) => `${error.code} ${error.retryable}`,
      ),
    );
  }
  expect(answers).toContain('unavailable true');
  expect(answers.at(-1)).toBe('rows');
}, 60_000);
