import { closeCodes } from 'gb-protocol';
import { expect, test } from 'vitest';
import { createMemoryOutbox, type OutboxNews, type OutboxStorage } from './outbox-storage.ts';
import { connect, pause, record, scene, texts, until } from './testing/harness.ts';

test('a message is shown at once, then once more only as the entry of the log', async () => {
  const { server, ana, general } = await scene();
  const client = await connect(server, ana);
  await client.open(general);

  const message = client.send(general, 'hello');

  expect(client.messages(general).outgoing.map(({ text, state }) => [text, state])).toEqual([['hello', 'pending']]);
  await until(() => texts(client, general).length === 1, 'the entry arrives');
  expect(client.messages(general).messages[0]?.clientId).toBe(message.clientId);
  expect(client.messages(general).outgoing).toEqual([]);
  expect(client.outbox()).toEqual({ waiting: 0, failed: 0 });
});

test('at no moment is a message of mine shown twice or not at all', async () => {
  const { server, ana, general } = await scene();
  const client = await connect(server, ana);
  await client.open(general);
  const shown: number[] = [];
  client.subscribe(`messages:${general}`, () => {
    const { messages, outgoing } = client.messages(general);
    shown.push(messages.filter(({ text }) => text === 'once').length + outgoing.filter(({ text }) => text === 'once').length);
  });

  for (const late of ['ack', 'event'] as const) {
    server.faults.frame = (frame) => (frame.type === late ? { delayMs: 30 } : 'deliver');
    await client.sendAndWait(general, 'once');
    await until(() => client.messages(general).outgoing.length === 0, 'the echo is replaced');
    await pause(40);
    const clientId = client.messages(general).messages.at(-1)!.clientId;
    expect(
      shown.every((times) => times === 1),
      `${late} late: ${shown}`,
    ).toBe(true);
    await client.delete(general, client.messages(general).messages.find((message) => message.clientId === clientId)!.seq);
    await until(() => !texts(client, general).includes('once'), 'it is deleted');
    await pause(10);
    shown.length = 0;
  }
});

test('a lost ack is answered by the entry itself', async () => {
  const { server, ana, general } = await scene();
  const client = await connect(server, ana);
  server.faults.frame = (frame) => (frame.type === 'ack' ? 'drop' : 'deliver');

  const posted = await client.sendAndWait(general, 'hello');

  expect(posted.seq).toBe(server.world.position(general).seq);
  expect(client.outbox().waiting).toBe(0);
});

test('with ack and entry both lost the message is sent again under its client id, and stored once', async () => {
  const { server, ana, general } = await scene();
  const client = await connect(server, ana);
  let isDeaf = true;
  server.faults.frame = (frame) => (isDeaf && (frame.type === 'ack' || frame.type === 'event') ? 'drop' : 'deliver');

  const sent = client.sendAndWait(general, 'hello');
  await until(() => server.sends.length >= 2, 'it is sent again');
  isDeaf = false;
  await sent;

  expect(new Set(server.sends.map((frame) => frame.clientId)).size).toBe(1);
  expect(server.world.texts(general)).toEqual(['hello']);
});

test.each([null, undefined, 0, -1, 1.5, '7'])('an ack with the seq %s is none', async (seq) => {
  const { server, ana, general } = await scene();
  const client = await connect(server, ana);
  server.faults.frame = (frame) => (frame.type === 'event' ? 'drop' : 'deliver');
  let lies = 0;
  server.faults.ack = (ack) => (lies++ === 0 ? { ...ack, seq } : ack);
  let isAcked = false;
  client.on('posted', () => {
    isAcked = true;
  });

  const sent = client.sendAndWait(general, 'hello');
  await until(() => lies === 1, 'the first ack');
  await pause(30);
  expect(isAcked).toBe(false);

  await sent;
  expect(server.sends.length).toBe(2);
});

test('entries that overtake each other are applied in the order of the log, without asking for it', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana, { tuning: { gapMs: 200 } });
  await client.open(general);
  const events = record(client, general);
  const calls = server.calls.length;
  server.faults.frame = (frame) => {
    if (frame.type !== 'event' || frame.kind !== 'message.posted') return 'deliver';
    return { delayMs: frame.message.text === 'a' ? 40 : frame.message.text === 'b' ? 20 : 0 };
  };

  for (const text of ['a', 'b', 'c']) server.world.post(general, bob, text);

  await until(() => events.length === 3, 'three entries');
  expect(texts(client, general)).toEqual(['a', 'b', 'c']);
  expect(server.calls.slice(calls)).toEqual([]);
});

test('an entry delivered twice is applied once', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana);
  await client.open(general);
  const events = record(client, general);
  server.faults.frame = (frame) => (frame.type === 'event' ? 'twice' : 'deliver');

  for (const text of ['a', 'b', 'c']) server.world.post(general, bob, text);

  await until(() => events.length === 3, 'three entries');
  await pause(30);
  expect(events.length).toBe(3);
  expect(texts(client, general)).toEqual(['a', 'b', 'c']);
  expect(client.channel(general)?.unread).toBe(3);
});

test('a lost entry is fetched when a later one shows the gap', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana);
  await client.open(general);
  server.faults.frame = (frame) =>
    frame.type === 'event' && frame.kind === 'message.posted' && frame.message.text === 'b' ? 'drop' : 'deliver';

  for (const text of ['a', 'b', 'c']) server.world.post(general, bob, text);

  await until(() => texts(client, general).length === 3, 'the gap is closed');
  expect(texts(client, general)).toEqual(['a', 'b', 'c']);
});

test('a lost last entry is found by the heartbeat', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana);
  await client.open(general);
  server.faults.frame = (frame) => (frame.type === 'event' ? 'drop' : 'deliver');
  server.world.post(general, bob, 'silent');
  await pause(60);
  expect(texts(client, general)).toEqual([]);

  server.heartbeat();

  await until(() => texts(client, general).length === 1, 'the repair');
  expect(texts(client, general)).toEqual(['silent']);
});

test('after `resync` what was left out is read from the log', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana, { tuning: { logPageSize: 7 } });
  await client.open(general);
  server.faults.frame = (frame) => (frame.type === 'event' ? 'drop' : 'deliver');
  const expected = Array.from({ length: 40 }, (_, i) => `m${i}`);
  for (const text of expected) server.world.post(general, bob, text);

  server.resync(general);

  await until(() => texts(client, general).length === 40, 'the catch-up');
  expect(texts(client, general)).toEqual(expected);
});

test('what happens between subscribing and reading the log is neither lost nor doubled', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana);
  await client.open(general);
  const events = record(client, general);
  server.faults.http = (_method, path) => (path.endsWith('/log') ? { delayMs: 60 } : null);
  server.cut();
  for (let i = 0; i < 5; i++) server.world.post(general, bob, `while away ${i}`);
  await until(() => server.calls.some((call) => call.endsWith('/log')), 'the catch-up begins');
  for (let i = 0; i < 5; i++) server.world.post(general, bob, `meanwhile ${i}`);

  await until(() => events.length >= 10, 'all ten');
  await pause(80);

  const seqs = events.map((event) => event.seq);
  expect(seqs).toEqual(Array.from(seqs, (_, i) => seqs[0]! + i));
  expect(texts(client, general)).toEqual(server.world.texts(general));
});

test('another epoch starts the channel over: old entries go, the newest page comes', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana);
  for (const text of ['a', 'b', 'c', 'd']) server.world.post(general, bob, text);
  await client.open(general);
  const stop = client.subscribe(`messages:${general}`, () => {});
  await until(() => texts(client, general).length === 4, 'four');
  const skipped: number[] = [];
  client.on('skipped', ({ epoch }) => skipped.push(epoch));

  server.world.rebuild(general, (message) => message.text < 'c');
  server.world.post(general, bob, 'new');

  await until(() => texts(client, general).join() === 'a,b,new', 'the new log');
  expect(client.channel(general)?.epoch).toBe(2);
  expect(skipped).toEqual([2]);
  stop();
});

test('an epoch that changed while we were away is noticed on return', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana);
  server.world.post(general, bob, 'old');
  await until(() => client.channel(general)?.count === 1, 'the first');
  server.cut();

  server.world.rebuild(general, () => false);
  server.world.post(general, bob, 'only this');

  await until(() => client.channel(general)?.epoch === 2, 'the restart');
  await client.open(general);
  expect(texts(client, general)).toEqual(['only this']);
  server.world.post(general, bob, 'and this');
  await until(() => texts(client, general).length === 2, 'live again');
});

test('a rebuilt log of my own brings a new snapshot', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana);
  const random = server.world.addChannel('random', [bob]);
  server.world.rebuild(ana.self, () => false);
  server.world.join(random, ana);

  await until(() => client.channel(random) !== undefined, 'the new channel');
  await client.live();
  server.world.post(random, bob, 'in random');
  server.world.post(general, bob, 'in general');
  await until(() => client.channel(random)?.unread === 1 && client.channel(general)?.unread === 1, 'both followed');
});

test('written offline, sent once and in order when the network is back', async () => {
  const { server, ana, general } = await scene();
  const client = await connect(server, ana);
  client.setNetwork(false);
  expect(client.status().phase).toBe('offline');
  const expected = Array.from({ length: 20 }, (_, i) => `m${i}`);

  for (const text of expected) client.send(general, text);
  await pause(30);
  expect(server.sends).toEqual([]);
  client.setNetwork(true);

  await until(() => client.outbox().waiting === 0, 'all are sent');
  expect(server.world.texts(general)).toEqual(expected);
  expect(server.sends.length).toBe(20);
});

test('cut in the middle of sending, everything arrives once and in order', async () => {
  const { server, ana, general } = await scene();
  const client = await connect(server, ana);
  await client.open(general);
  const expected = Array.from({ length: 60 }, (_, i) => `m${i}`);
  let acks = 0;
  server.faults.frame = (frame) => {
    if (frame.type === 'ack' && ++acks % 9 === 0) setImmediate(() => server.cut());
    return frame.type === 'ack' && acks % 9 === 0 ? 'drop' : 'deliver';
  };

  for (const text of expected) client.send(general, text);

  await until(() => client.outbox().waiting === 0 && client.messages(general).outgoing.length === 0, 'all are sent', 8_000);
  expect(server.connects).toBeGreaterThan(3);
  expect(server.world.texts(general)).toEqual(expected);
  expect(texts(client, general)).toEqual(expected);
});

test('the server restarts: the client comes back by itself and nothing is missing', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana);
  await client.open(general);
  client.send(general, 'before');
  await until(() => texts(client, general).length === 1, 'the first');

  await server.stop();
  await until(() => client.status().phase === 'waiting', 'the loss is noticed');
  client.send(general, 'during');
  server.world.post(general, bob, 'from elsewhere');
  await server.start();

  await until(() => texts(client, general).length === 3, 'all three', 6_000);
  expect(texts(client, general)).toEqual(['before', 'from elsewhere', 'during']);
});

test('a message refused for good is marked, and does not hold up the next', async () => {
  const { server, ana, general } = await scene();
  const client = await connect(server, ana);
  server.faults.refuse = (frame) => (frame.text === 'bad' ? { code: 'forbidden' } : null);
  const failures: string[] = [];
  client.on('send-failed', ({ message, error }) => failures.push(`${message.text} ${error.code}`));

  client.send(general, 'one');
  const bad = client.send(general, 'bad');
  client.send(general, 'two');

  await until(() => client.outbox().waiting === 0, 'the rest is sent');
  expect(server.world.texts(general)).toEqual(['one', 'two']);
  expect(failures).toEqual(['bad forbidden']);
  expect(client.messages(general).outgoing.map(({ state, reason }) => [state, reason?.code])).toEqual([['failed', 'forbidden']]);

  server.faults = {};
  client.retry(bad.clientId);
  await until(() => client.outgoing().length === 0, 'the retry');
  expect(server.world.texts(general)).toEqual(['one', 'two', 'bad']);
});

test('a failed message can be discarded', async () => {
  const { server, ana, general } = await scene();
  const client = await connect(server, ana);
  server.faults.refuse = () => ({ code: 'channel_archived' });
  await expect(client.sendAndWait(general, 'bad')).rejects.toMatchObject({ code: 'channel_archived' });

  client.discard(client.outgoing()[0]!.clientId);

  expect(client.outgoing()).toEqual([]);
  expect(client.outbox()).toEqual({ waiting: 0, failed: 0 });
});

test('a retry of a used client id goes out under a new one', async () => {
  const { server, ana, general } = await scene();
  const client = await connect(server, ana);
  let refusals = 0;
  server.faults.refuse = () => (refusals++ === 0 ? { code: 'duplicate_client_id' } : null);
  const failed = client.send(general, 'hello');
  await until(() => client.outbox().failed === 1, 'the refusal');

  client.retry(failed.clientId);

  await until(() => client.outgoing().length === 0, 'the second try');
  expect(server.sends.map((frame) => frame.clientId === failed.clientId)).toEqual([true, false]);
});

test('a refusal for now holds the channel in order and leaves others alone', async () => {
  const { server, ana, bob, general } = await scene();
  const random = server.world.addChannel('random', [ana, bob]);
  const client = await connect(server, ana);
  let refusals = 0;
  server.faults.refuse = (frame) =>
    frame.text === 'first' && refusals++ < 3 ? { code: 'rate_limited', retryAfterMs: 30 } : null;

  client.send(general, 'first');
  client.send(general, 'second');
  const startedMs = performance.now();
  await client.sendAndWait(random, 'elsewhere');
  expect(server.world.texts(general)).toEqual([]);

  await until(() => client.outbox().waiting === 0, 'all are sent');
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(89);
  expect(server.world.texts(general)).toEqual(['first', 'second']);
});

test('the outbox is bounded and says so', async () => {
  const { server, ana, general } = await scene();
  const client = await connect(server, ana, { tuning: { outboxMax: 3 } });
  client.setNetwork(false);
  for (const text of ['a', 'b', 'c']) client.send(general, text);
  expect(() => client.send(general, 'd')).toThrow(expect.objectContaining({ code: 'outbox_full' }));
});

test.each([
  ['', 'malformed'],
  ['  \n ', 'malformed'],
  ['a\0b', 'malformed'],
  ['half a pair \ud83d', 'malformed'],
  ['x'.repeat(16_001), 'too_large'],
  ['\u0001'.repeat(15_999), 'too_large'],
])('what the server would never take is refused on the spot', async (text, code) => {
  const { server, ana, general } = await scene();
  const client = await connect(server, ana);
  expect(() => client.send(general, text)).toThrow(expect.objectContaining({ code }));
  expect(client.outgoing()).toEqual([]);
});

test('messages of the last run are sent first', async () => {
  const { server, ana, general } = await scene();
  const storage = createMemoryOutbox();
  const first = await connect(server, ana, { openOutbox: async () => storage });
  first.setNetwork(false);
  first.send(general, 'one');
  first.send(general, 'two');
  await first.close();

  const second = await connect(server, ana, { openOutbox: async () => storage });
  second.send(general, 'three');

  await until(() => second.outbox().waiting === 0, 'all are sent');
  expect(server.world.texts(general)).toEqual(['one', 'two', 'three']);
});

test('a message that ends while the storage is being read does not come back', async () => {
  const { server, ana, general } = await scene();
  const storage = createMemoryOutbox();
  let tell: (news: OutboxNews) => void = () => {};
  const slow: OutboxStorage = {
    ...storage,
    load: async () => {
      const messages = await storage.load();
      await pause(60);
      return messages;
    },
    onNews: (listener) => {
      tell = listener;
      return () => {};
    },
  };
  const client = await connect(server, ana, { openOutbox: async () => slow });
  server.faults.frame = (frame) => (frame.type === 'ack' || frame.type === 'event' ? { delayMs: 30 } : 'deliver');
  client.send(general, 'once');
  await until(() => server.sends.length === 1, 'sent');
  tell({ kind: 'changed' });
  await pause(150);
  expect(client.outgoing()).toEqual([]);
  expect(server.sends.length).toBe(1);
});

test('when the connection turns out to be somebody else, nothing of mine goes out', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana);
  client.setNetwork(false);
  client.send(general, 'secret of Ana');
  server.faults.person = bob;

  client.setNetwork(true);

  await until(() => client.status().phase === 'stopped', 'the client stops');
  await pause(50);
  expect(server.sends).toEqual([]);
  expect(client.outbox().waiting).toBe(1);
});

test.each([
  closeCodes.unauthenticated,
  closeCodes.forbidden,
  closeCodes.versionUnsupported,
  closeCodes.malformed,
  closeCodes.tooLarge,
  4999,
])('after close code %i the client stays away and keeps its outbox', async (code) => {
  const { server, ana, general } = await scene();
  const client = await connect(server, ana);
  server.closeAll(code);
  await until(() => client.status().phase === 'stopped', 'it stops');
  const { connects } = server;
  client.send(general, 'kept');
  await pause(150);
  expect(server.connects).toBe(connects);
  expect(client.status().reason).not.toBeNull();
  expect(client.outbox().waiting).toBe(1);
  await expect(client.live()).rejects.toBe(client.status().reason);

  await client.start();
  await client.live();
  await until(() => client.outbox().waiting === 0, 'after a new start it is sent');
  expect(server.world.texts(general)).toEqual(['kept']);
});

test.each([1000, 1001, 1006, 1011, 4000, 4001, 4002, 4003, 4029, 4399])('after close code %i it comes back', async (code) => {
  const { server, ana } = await scene();
  const client = await connect(server, ana);
  if (code === 1006) server.cut();
  else server.closeAll(code);
  await until(() => server.connects === 2 && client.status().phase === 'live', 'it comes back');
});

test('a password is sent from memory, also by a tab that is not the one to send, and leaves drafts alone', async () => {
  const { server, ana, general } = await scene();
  const memory = createMemoryOutbox();
  const kept: string[] = [];
  const storage: OutboxStorage = {
    ...memory,
    put: async (message) => {
      kept.push(message.text);
      await memory.put(message);
    },
  };
  const never = { acquire: () => () => {} };
  const client = await connect(server, ana, { openOutbox: async () => storage, outboxLock: () => never });
  await client.open(general);
  client.setDraft(general, 'half a sentence');

  const posted = await client.sendAndWait(general, 'hunter2', { isSecret: true });

  expect(posted.seq).toBe(server.world.position(general).seq);
  expect(kept).toEqual([]);
  expect(client.draft(general)).toBe('half a sentence');
  // Everything else waits for the tab that sends.
  client.send(general, 'plain');
  await until(() => kept.length === 1, 'it is stored');
  await pause(20);
  expect(client.outbox().waiting).toBe(1);
});
