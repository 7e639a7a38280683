import type { UserId } from 'gb-protocol';
import { expect, test } from 'vitest';
import { keys } from './store.ts';
import { connect, makeClient, pause, scene, texts, until } from './testing/harness.ts';

test('unread is count minus read count, and mentions are mine after the read mark', async () => {
  const { server, ana, bob, general } = await scene();
  server.world.post(general, bob, 'before @ana');
  const client = await connect(server, ana);
  expect(client.channel(general)).toMatchObject({ unread: 1, mentions: 1 });

  server.world.post(general, bob, 'plain');
  server.world.post(general, bob, 'hey @ana');
  server.world.post(general, bob, 'all of @channel');
  const posted = server.world.post(general, bob, 'oops @ana');
  server.world.delete(general, bob, posted.seq);
  await until(() => client.channel(general)!.head === server.world.position(general).seq, 'all applied');

  expect(client.channel(general)).toMatchObject({ unread: 5, mentions: 3 });
  expect(client.unread()).toEqual({ channels: 1, messages: 5, mentions: 3 });
  expect(client.channel(general)!.mentions).toBe(server.world.stateOf(general, ana.user.id).mentions);
});

test('reading shows at once and is told about once an interval, with the latest place', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana, { tuning: { readMarkMs: 150 } });
  for (let i = 0; i < 20; i++) server.world.post(general, bob, `m${i} @ana`);
  await until(() => client.channel(general)!.unread === 20, 'twenty unread');
  await client.open(general);
  const seqs = client.messages(general).messages.map((message) => message.seq);

  client.markRead(general, seqs[9]!);
  expect(client.channel(general)).toMatchObject({ unread: 10, mentions: 10 });
  for (const seq of seqs) client.markRead(general, seq);
  expect(client.channel(general)).toMatchObject({ unread: 0, mentions: 0 });

  await until(() => server.world.room(general).members.get(ana.user.id)!.readSeq === seqs.at(-1), 'the server knows');
  await pause(200);
  expect(server.calls.filter((call) => call.includes('/read')).length).toBeLessThanOrEqual(2);
  expect(client.channel(general)).toMatchObject({ unread: 0, mentions: 0 });
});

test('what another device read is read here, and what it marked unread is unread', async () => {
  const { server, ana, bob, general } = await scene();
  const [here, there] = [await connect(server, ana), await connect(server, ana)];
  for (let i = 0; i < 3; i++) server.world.post(general, bob, `m${i}`);
  await until(() => here.channel(general)!.unread === 3 && there.channel(general)!.unread === 3, 'three unread');
  await there.open(general);
  const seqs = there.messages(general).messages.map((message) => message.seq);

  there.markRead(general, seqs[2]!);
  await until(() => here.channel(general)!.unread === 0, 'read here');
  expect(await there.markUnread(general, seqs[1]!)).toBe(true);
  await until(() => here.channel(general)!.unread === 2, 'unread here');
  expect(there.channel(general)!.unread).toBe(2);
});

test('my own message leaves the channel read, if it was', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana, { tuning: { readsOwnMessages: true } });
  await client.sendAndWait(general, 'mine');
  await until(() => server.world.room(general).members.get(ana.user.id)!.readCount === 1, 'read up to mine');
  expect(client.channel(general)!.unread).toBe(0);

  server.world.post(general, bob, 'theirs');
  await until(() => client.channel(general)!.unread === 1, 'unread');
  await client.sendAndWait(general, 'mine again');
  await until(() => client.channel(general)!.unread === 2, 'theirs is still unread');
});

test('reactions and edits show at once and stay when the log confirms them', async () => {
  const { server, ana, general } = await scene();
  const client = await connect(server, ana);
  const { seq } = await client.sendAndWait(general, 'hello');
  await client.open(general);
  server.faults.http = () => ({ delayMs: 30 });

  const reacted = client.react(general, seq, '🎉', true);
  const edited = client.edit(general, seq, 'hello!');
  expect(client.messages(general).messages[0]).toMatchObject({
    text: 'hello!',
    reactions: [{ emoji: '🎉', userIds: [ana.user.id] }],
  });

  expect(await Promise.all([reacted, edited])).toEqual([true, true]);
  await pause(400);
  expect(client.messages(general).messages[0]).toMatchObject({
    text: 'hello!',
    reactions: [{ emoji: '🎉', userIds: [ana.user.id] }],
  });
  expect(server.world.message(general, seq).text).toBe('hello!');
});

test('what the server refuses is put right and told', async () => {
  const { server, ana, bob, general } = await scene();
  const { seq } = server.world.post(general, bob, 'theirs');
  const client = await connect(server, ana);
  await client.open(general);
  const refused: string[] = [];
  client.on('refused', ({ action, error }) => refused.push(`${action} ${error.code}`));

  const deleted = client.delete(general, seq);
  expect(client.messages(general).messages[0]!.deletedAt).not.toBeNull();

  expect(await deleted).toBe(false);
  expect(await client.edit(general, seq, 'mine now')).toBe(false);
  expect(client.messages(general).messages[0]).toMatchObject({ text: 'theirs', deletedAt: null });
  expect(refused).toEqual(['delete forbidden', 'edit forbidden']);
});

test('typing is told at most once an interval, shown to others, and ends with the message', async () => {
  const { server, ana, bob, general } = await scene();
  const [here, there] = [await connect(server, ana), await connect(server, bob)];
  for (let i = 0; i < 50; i++) there.sendTyping(general);
  await until(() => here.typing(general).length === 1, 'typing shows');
  expect(here.typing(general)).toEqual([bob.user.id]);
  expect(there.typing(general)).toEqual([]);
  expect(server.frames.filter((frame) => frame.type === 'typing').length).toBe(1);

  await there.sendAndWait(general, 'done');
  await until(() => here.typing(general).length === 0, 'typing ends');
});

test('a growing answer shows as it grows, where it grows, and ends with its message', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana);
  const seen: string[] = [];
  client.subscribe(keys.streaming(general), () =>
    seen.push(
      client
        .streaming(general)
        .map(({ text }) => text)
        .join('|'),
    ),
  );
  server.stream(general, bob.user.id, 'The');
  server.stream(general, bob.user.id, 'The answer', 7);
  server.stream(general, bob.user.id, 'The answer is');
  await until(() => client.streaming(general)[0]?.text === 'The answer is', 'it grows');
  expect(client.streaming(general, 7)).toMatchObject([{ userId: bob.user.id, text: 'The answer' }]);

  server.world.post(general, bob, 'The answer is 42.');
  await until(() => client.streaming(general).length === 0, 'it ends with the message');
  expect(client.streaming(general, 7)).toHaveLength(1);
  expect(seen.at(-1)).toBe('');
});

test('a growing answer of which nothing is heard any more goes, and an empty one at once', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana, { tuning: { streamingMs: 150 } });
  server.stream(general, bob.user.id, 'Let me think');
  await until(() => client.streaming(general).length === 1, 'it shows');
  await until(() => client.streaming(general).length === 0, 'it goes');
  server.stream(general, bob.user.id, 'Again');
  await until(() => client.streaming(general).length === 1, 'it shows again');
  server.stream(general, bob.user.id, '');
  await until(() => client.streaming(general).length === 0, 'it goes at once');
});

test('presence is news on top of news, and starts over with a connection', async () => {
  const { server, ana, bob } = await scene();
  const client = await connect(server, ana);
  const carl = 'carl' as UserId;
  server.tell({ type: 'presence', users: { [bob.user.id]: 'online', [carl]: 'away' } });
  server.tell({ type: 'presence', users: { [carl]: 'offline' } });
  await until(() => client.presence().size === 1 && client.presence().get(bob.user.id) === 'online', 'Bob is there');
  client.setPresence('away');
  await until(() => server.frames.some((frame) => frame.type === 'presence'), 'away is told');
  server.cut();
  await until(() => server.connects === 2 && client.status().phase === 'live', 'back');
  expect(client.presence().size).toBe(0);
  await until(() => server.frames.filter((frame) => frame.type === 'presence').length === 2, 'away is told again');
});

test('drafts are saved after a pause, shared between devices, and cleared by sending', async () => {
  const { server, ana, general } = await scene();
  const [here, there] = [await connect(server, ana), await connect(server, ana)];
  for (const text of ['h', 'he', 'hel']) here.setDraft(general, text);
  expect(here.draft(general)).toBe('hel');
  await until(() => there.draft(general) === 'hel', 'the other device has it');
  expect(server.calls.filter((call) => call.endsWith('/draft')).length).toBe(1);

  await here.sendAndWait(general, 'hello');
  expect(here.draft(general)).toBe('');
  await until(() => there.draft(general) === '' && server.world.draft(general, ana) === '', 'cleared everywhere');

  here.setDraft(general, 'after a reload');
  here.flush();
  await until(() => server.world.draft(general, ana) === 'after a reload', 'saved on leaving');
  expect((await connect(server, ana)).draft(general)).toBe('after a reload');
});

test('while I type, an echo of an earlier text does not replace what I typed; once I paused, another device does', async () => {
  const { server, ana, general } = await scene();
  const client = await connect(server, ana);
  client.setDraft(general, 'hello');
  await until(() => server.world.draft(general, ana) === 'hello', 'saved');
  server.world.saveDraft(general, ana, null, 'hel');
  await pause(60);
  expect(client.draft(general)).toBe('hello');

  server.world.saveDraft(general, ana, null, 'from the phone');
  await until(() => client.draft(general) === 'from the phone', 'after the pause');
});

test('a mark that is still on its way is not taken back by news of an older one', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana);
  const seqs = ['a', 'b', 'c'].map((text) => server.world.post(general, bob, text).seq);
  await until(() => client.channel(general)!.unread === 3, 'three unread');
  server.faults.http = (_method, path) => (path.endsWith('/read') ? { delayMs: 700 } : null);
  client.markRead(general, seqs[2]!);
  await pause(400);

  server.world.markRead(general, ana, seqs[0]!, false);
  await until(() => server.world.position(ana.self).seq > 1, 'the older mark is told');
  await pause(60);
  expect(client.channel(general)!.unread).toBe(0);

  await until(() => server.world.room(general).members.get(ana.user.id)!.readSeq === seqs[2], 'saved');
  expect(client.channel(general)!.unread).toBe(0);
});

test('what I write myself never mentions me', async () => {
  const { server, ana, general } = await scene();
  const client = await connect(server, ana);
  await client.sendAndWait(general, 'note to @ana and @channel');
  await until(() => client.channel(general)!.count === 1, 'applied');
  expect(client.channel(general)!.mentions).toBe(0);
});

test('channels come and go with my own log', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana);
  const random = server.world.addChannel('random', [bob]);
  server.world.join(random, ana);
  await until(() => client.channel(random) !== undefined, 'joined');
  server.world.post(random, bob, 'hi');
  await until(() => client.channel(random)?.unread === 1, 'followed');

  server.world.leave(general, ana);
  await until(() => client.channel(general) === undefined, 'left');
  expect(client.channelIds()).toEqual([random]);
});

test('a subscription that ends is asked for again, and let go when the channel is not mine any more', async () => {
  const { server, ana, bob, general } = await scene();
  const client = await connect(server, ana);
  server.tell({ type: 'unsubscribed', channelId: general, code: 'overloaded' });
  await until(() => server.frames.some((frame) => frame.type === 'subscribe'), 'asked again');
  server.world.post(general, bob, 'still here');
  await until(() => client.channel(general)!.count === 1, 'followed');

  server.world.room(general).members.delete(ana.user.id);
  server.tell({ type: 'unsubscribed', channelId: general, code: 'not_found' });
  await until(() => client.channel(general) === undefined, 'let go');
});

test('people change with the directory log', async () => {
  const { server, ana, bob } = await scene();
  const client = await connect(server, ana);
  const before = client.users();
  server.world.append(server.world.directory, bob.user.id, { kind: 'user.updated', user: { ...bob.user, name: 'Roberto' } });
  await until(() => client.users().get(bob.user.id)?.name === 'Roberto', 'renamed');
  expect(before.get(bob.user.id)?.name).toBe('Bob');
});

test('a burst of messages is one announcement per turn, and getters keep their identity in between', async () => {
  const { server, ana, bob, general } = await scene();
  const waiting: (() => void)[] = [];
  const client = await connect(server, ana, { schedule: (flush) => void waiting.push(flush) });
  await client.open(general);
  let announcements = 0;
  client.subscribe(`messages:${general}`, () => announcements++);
  const quiet = client.channels();

  for (let i = 0; i < 100; i++) server.world.post(general, bob, `m${i}`);
  await until(() => texts(client, general).length === 100, 'all applied');

  expect(announcements).toBe(0);
  expect(waiting.length).toBe(1);
  waiting.pop()!();
  expect(announcements).toBe(1);
  expect(client.channels()).not.toBe(quiet);
  expect(client.channels()).toBe(client.channels());
  expect(client.messages(general)).toBe(client.messages(general));
  expect(client.channel(general)).toBe(client.channels()[0]);
});

test('starting waits for a server that is away, and gives up on one that says no', async () => {
  const { server, ana } = await scene();
  await server.stop();
  const client = makeClient(server, ana);
  const started = client.start();
  await until(() => client.status().phase === 'waiting', 'waiting');
  await server.start();
  await started;
  await client.live();

  const stranger = makeClient(server, ana, { token: 'wrong' });
  await expect(stranger.start()).rejects.toMatchObject({ code: 'unauthenticated' });
  expect(stranger.status().phase).toBe('stopped');
});
