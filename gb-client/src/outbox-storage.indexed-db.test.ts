import 'fake-indexeddb/auto';
import { uuidv7 } from 'gb-utils';
import { expect, test } from 'vitest';
import { createTabLock, openIndexedDbOutbox, outboxName } from './outbox-storage.indexed-db.ts';
import { createMemoryOutbox } from './outbox-storage.ts';
import { connect, pause, type Scene, scene, texts, until } from './testing/harness.ts';

/** Two clients over one database, one channel of news and one lock: two tabs. */
async function tab({ server, ana }: Scene) {
  const name = outboxName(server.url, ana.user.id);
  return connect(server, ana, {
    openOutbox: () => openIndexedDbOutbox(name),
    outboxLock: () => createTabLock(name, navigator.locks),
  });
}

test('unsent messages survive a reload, in order, with what failed', async () => {
  const world = await scene();
  const { server, general } = world;
  const before = await tab(world);
  server.faults.refuse = (frame) => (frame.text === 'bad' ? { code: 'forbidden' } : null);
  before.send(general, 'bad');
  await until(() => before.outbox().failed === 1, 'the refusal');
  before.setNetwork(false);
  for (const text of ['one', 'two', 'three']) before.send(general, text);
  await before.close();
  expect(server.world.texts(general)).toEqual([]);

  const after = await tab(world);
  await until(() => after.outbox().waiting === 0, 'all are sent');

  expect(server.world.texts(general)).toEqual(['one', 'two', 'three']);
  expect(
    after
      .outgoing()
      .filter(({ state }) => state === 'failed')
      .map(({ text, reason }) => [text, reason?.code]),
  ).toEqual([['bad', 'forbidden']]);
});

test('a message whose ack was lost with the page is not stored twice', async () => {
  const world = await scene();
  const { server, general } = world;
  const before = await tab(world);
  server.faults.frame = (frame) => (frame.type === 'ack' || frame.type === 'event' ? 'drop' : 'deliver');
  const { clientId } = before.send(general, 'hello');
  await until(() => server.world.texts(general).length === 1, 'stored');
  await before.close();
  server.faults = {};

  const after = await tab(world);
  await until(() => after.outgoing().length === 0, 'the outbox is empty');
  await pause(30);

  expect(server.world.texts(general)).toEqual(['hello']);
  expect(server.sends.every((frame) => frame.clientId === clientId)).toBe(true);
});

test('of two tabs one sends, each tab’s messages once and in the order they were written', async () => {
  const world = await scene();
  const { server, general } = world;
  const first = await tab(world);
  const second = await tab(world);
  await first.open(general);
  await second.open(general);
  const expected: string[] = [];
  for (let i = 0; i < 10; i++) {
    const text = `m${i}`;
    expected.push(text);
    (i % 2 === 0 ? first : second).send(general, text);
    await pause(5);
  }

  await until(() => server.world.texts(general).length === 10, 'all are stored');
  await until(() => first.outgoing().length === 0 && second.outgoing().length === 0, 'both outboxes are empty');

  // Between the tabs there is no order finer than what the storage takes to tell the other one.
  const stored = server.world.texts(general);
  const evenOnes = (all: readonly string[]) => all.filter((text) => Number(text.slice(1)) % 2 === 0);
  const oddOnes = (all: readonly string[]) => all.filter((text) => Number(text.slice(1)) % 2 === 1);
  expect([evenOnes(stored), oddOnes(stored)]).toEqual([evenOnes(expected), oddOnes(expected)]);
  expect(server.sends.length).toBe(10);
  expect(texts(second, general)).toEqual(stored);
});

test('when the sending tab closes, the next one takes over what both left', async () => {
  const world = await scene();
  const { server, general } = world;
  const first = await tab(world);
  const second = await tab(world);
  first.setNetwork(false);
  first.send(general, 'from the first');
  await pause(20);
  second.send(general, 'from the second');
  await pause(60);
  expect(server.sends).toEqual([]);

  await first.close();

  await until(() => server.world.texts(general).length === 2, 'taken over');
  expect(server.world.texts(general)).toEqual(['from the first', 'from the second']);
});

test('what one tab discards or retries, the other sees', async () => {
  const world = await scene();
  const { server, general } = world;
  const first = await tab(world);
  const second = await tab(world);
  server.faults.refuse = () => ({ code: 'forbidden' });
  const waited = second.sendAndWait(general, 'bad');
  waited.catch(() => {});
  await until(() => first.outbox().failed === 1 && second.outbox().failed === 1, 'failed in both');
  const { clientId } = second.outgoing()[0]!;

  server.faults = {};
  second.retry(clientId);
  await until(() => server.world.texts(general).length === 1, 'sent by the first');
  await until(() => first.outgoing().length === 0 && second.outgoing().length === 0, 'empty in both');

  server.faults.refuse = () => ({ code: 'forbidden' });
  first.send(general, 'worse');
  await until(() => second.outbox().failed === 1, 'failed in both');
  first.discard(first.outgoing()[0]!.clientId);
  await until(() => second.outgoing().length === 0, 'gone in both');
});

test('with a storage that broke, messages still go out, and the warning says what is at stake', async () => {
  const { server, ana, general } = await scene();
  const broken = () => Promise.reject(new Error('disk full'));
  const storage = { ...createMemoryOutbox(), isShared: true };
  const client = await connect(server, ana, { openOutbox: async () => storage });
  const warnings: string[] = [];
  client.on('warning', ({ message }) => warnings.push(message));
  storage.load = broken;
  await client.sendAndWait(general, 'read fails');
  storage.put = broken;
  await client.sendAndWait(general, 'write fails too');
  expect(server.world.texts(general)).toEqual(['read fails', 'write fails too']);
  expect(warnings.some((message) => message.includes('may not survive a reload'))).toBe(true);
});

test('the storage keeps the place of a message that changes', async () => {
  const storage = await openIndexedDbOutbox(`test-${uuidv7()}`);
  const message = (clientId: string) => ({
    clientId: clientId as never,
    channelId: 'c' as never,
    threadSeq: null,
    text: clientId,
    at: 0,
    state: 'pending' as const,
    reason: null,
  });
  for (const id of ['b', 'a', 'c']) await storage.put(message(id));
  await storage.put({ ...message('a'), state: 'failed', reason: { code: 'forbidden', message: 'no' } });
  await storage.remove('c' as never);
  await storage.remove('never there' as never);

  expect((await storage.load()).map(({ clientId, state }) => `${clientId} ${state}`)).toEqual(['b pending', 'a failed']);
  await storage.close();
});
