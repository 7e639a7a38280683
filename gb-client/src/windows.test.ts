import type { Seq } from 'gb-protocol';
import { expect, test } from 'vitest';
import { connect, pause, scene, texts, until } from './testing/harness.ts';

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `m${from + i}`);

async function longChannel(length: number, tuning = {}) {
  const world = await scene();
  for (const text of numbered(0, length)) world.server.world.post(world.general, world.bob, text);
  const client = await connect(world.server, world.ana, { tuning: { pageSize: 20, windowMessagesMax: 60, ...tuning } });
  return { ...world, client };
}

test('the newest page comes first, older ones on demand, in one contiguous stretch', async () => {
  const { client, general } = await longChannel(50);
  expect(client.messages(general).state).toBe('absent');
  await client.open(general);
  expect(texts(client, general)).toEqual(numbered(30, 50));
  expect(client.messages(general)).toMatchObject({ state: 'ready', hasOlder: true, hasNewer: false });

  await client.loadOlder(general);
  await client.loadOlder(general);

  expect(texts(client, general)).toEqual(numbered(0, 50));
  expect(client.messages(general).hasOlder).toBe(false);
});

test('a window never outgrows its cap: reading back lets go of the newest, reading on of the oldest', async () => {
  const { client, general } = await longChannel(200);
  await client.open(general);
  for (let i = 0; i < 6; i++) await client.loadOlder(general);
  expect(texts(client, general)).toEqual(numbered(60, 120));
  expect(client.messages(general)).toMatchObject({ hasOlder: true, hasNewer: true });

  for (let i = 0; i < 4; i++) await client.loadNewer(general);

  expect(texts(client, general)).toEqual(numbered(140, 200));
  expect(client.messages(general)).toMatchObject({ hasOlder: true, hasNewer: false });
});

test('away from the live end new messages only raise the counters', async () => {
  const { server, client, bob, general } = await longChannel(200);
  const seq = server.world
    .room(general)
    .log.find((event) => event.kind === 'message.posted' && event.message.text === 'm50')!.seq;
  await client.jumpTo(general, seq);
  const before = texts(client, general);
  expect(before).toEqual(numbered(40, 60));
  const unread = client.channel(general)!.unread;

  server.world.post(general, bob, 'live');
  await until(() => client.channel(general)!.unread === unread + 1, 'the counter');
  expect(texts(client, general)).toEqual(before);

  await client.jumpToLatest(general);
  expect(texts(client, general).at(-1)).toBe('live');
  server.world.post(general, bob, 'live again');
  await until(() => texts(client, general).at(-1) === 'live again', 'live');
});

test('a busy channel is trimmed at the end the person does not look at', async () => {
  const { server, client, bob, general } = await longChannel(60);
  await client.open(general);
  for (const text of numbered(60, 150)) server.world.post(general, bob, text);
  await until(() => texts(client, general).at(-1) === 'm149', 'the newest');
  expect(texts(client, general)).toEqual(numbered(90, 150));

  client.setAnchor(general, client.messages(general).messages[0]!.seq);
  for (const text of numbered(150, 160)) server.world.post(general, bob, text);
  await until(() => client.channel(general)!.count === 160, 'all counted');
  expect(texts(client, general)[0]).toBe('m90');
  expect(client.messages(general)).toMatchObject({ hasNewer: true });
  expect(client.messages(general).messages.length).toBe(60);
});

test('visiting 200 channels keeps at most the stated number of windows', async () => {
  const { server, ana, bob } = await scene();
  const ids = Array.from({ length: 200 }, (_, i) => server.world.addChannel(`c${i}`, [ana, bob]));
  for (const id of ids) server.world.post(id, bob, 'hi');
  const client = await connect(server, ana, { tuning: { windowsMax: 10 } });
  const watched = ids[0]!;
  const stop = client.subscribe(`messages:${watched}`, () => {});
  for (const id of ids) {
    await client.open(id);
    expect(texts(client, id)).toEqual(['hi']);
  }

  const loaded = ids.filter((id) => client.messages(id).state === 'ready');

  expect(loaded.length).toBe(10);
  expect(loaded).toContain(watched);
  expect(loaded).toContain(ids.at(-1));
  stop();
});

test('edits, deletions and reactions change loaded messages only', async () => {
  const { server, client, bob, ana, general } = await longChannel(30);
  await client.open(general);
  const [first, second, third] = client.messages(general).messages as never as { seq: Seq }[];
  const untouched = client.messages(general).messages[3];

  server.world.edit(general, bob, first!.seq, 'edited');
  server.world.react(general, bob, second!.seq, '👍', true);
  server.world.react(general, ana, second!.seq, '👍', true);
  server.world.react(general, bob, second!.seq, '👍', false);
  server.world.delete(general, bob, third!.seq);
  server.world.edit(
    general,
    bob,
    server.world.room(general).log.find((event) => event.kind === 'message.posted')!.seq,
    'far away',
  );

  await until(() => client.messages(general).messages[2]?.deletedAt !== null, 'the deletion');
  await until(() => client.channel(general)!.head === server.world.position(general).seq, 'all applied');
  const [a, b, c, d] = client.messages(general).messages;
  expect(a).toMatchObject({ text: 'edited' });
  expect(a!.editedAt).not.toBeNull();
  expect(b!.reactions).toEqual([{ emoji: '👍', userIds: [ana.user.id] }]);
  expect(c).toMatchObject({ text: '' });
  expect(d).toBe(untouched);
});

test('replies open as a window of their own and are counted once, whatever the order of page and entries', async () => {
  const { server, client, bob, general } = await longChannel(3);
  await client.open(general);
  const root = client.messages(general).messages[1]!.seq;
  server.world.post(general, bob, 'r1', { threadSeq: root });
  server.world.post(general, bob, 'r2', { threadSeq: root });
  await until(() => client.messages(general).messages[1]!.thread?.replyCount === 2, 'two replies');
  expect(texts(client, general)).toEqual(['m0', 'm1', 'm2']);
  const { unread } = client.channel(general)!;

  await client.open(general, root);
  expect(client.messages(general, root).messages.map((message) => message.text)).toEqual(['m1', 'r1', 'r2']);
  expect(client.messages(general, root).messages[0]!.thread?.replyCount).toBe(2);
  await client.sendAndWait(general, 'r3', { threadSeq: root });
  await until(() => client.messages(general, root).messages.length === 4, 'my reply');

  expect(client.messages(general, root).messages[0]!.thread?.replyCount).toBe(3);
  expect(client.messages(general).messages[1]!.thread?.replyCount).toBe(3);
  expect(client.channel(general)!.unread).toBe(unread);

  // The log read again from before the replies gives the root with all of them.
  server.cut();
  server.world.post(general, bob, 'r4', { threadSeq: root });
  await until(() => client.messages(general).messages[1]!.thread?.replyCount === 4, 'the fourth');
  expect(client.messages(general, root).messages.length).toBe(5);
});

test('a page on its way does not take back what happened meanwhile', async () => {
  const { server, client, bob, general } = await longChannel(30);
  await client.open(general);
  const old = server.world.room(general).log.find((event) => event.kind === 'message.posted')!.seq;
  // The server reads the page, and answers only after the edit was told live.
  const page = server.world.page.bind(server.world);
  let isSlow = true;
  server.world.page = (id, query) => {
    const read = page(id, query);
    if (isSlow) {
      isSlow = false;
      server.world.edit(general, bob, old, 'edited meanwhile');
      server.world.post(general, bob, 'posted meanwhile');
    }
    return read;
  };

  await client.loadOlder(general);
  await until(() => texts(client, general).at(-1) === 'posted meanwhile', 'the new message');

  expect(texts(client, general)[0]).toBe('edited meanwhile');
  expect(texts(client, general).length).toBe(31);
});

test('a page older than what was applied is asked for again', async () => {
  const { server, client, bob, general } = await longChannel(5);
  const stale = server.world.page(general, {});
  server.world.post(general, bob, 'm5');
  await until(() => client.channel(general)!.count === 6, 'applied');
  const page = server.world.page.bind(server.world);
  let asked = 0;
  server.world.page = (id, query) => (asked++ === 0 ? stale : page(id, query));

  await client.open(general);

  expect(asked).toBe(2);
  expect(texts(client, general)).toEqual(numbered(0, 6));
});

test('a window that could not be loaded says why, and loads with the next connection', async () => {
  const { server, client, general } = await longChannel(5);
  server.faults.http = (_method, path) => (path.endsWith('/messages') ? { code: 'unavailable' } : null);
  await client.open(general);
  expect(client.messages(general)).toMatchObject({ state: 'failed', error: { code: 'unavailable' } });

  server.faults = {};
  server.cut();

  await until(() => client.messages(general).state === 'ready', 'it loads');
  expect(texts(client, general)).toEqual(numbered(0, 5));
});

test('two loads of the same thing ask once, and a jump makes pages of before worthless', async () => {
  const { server, client, general } = await longChannel(200);
  await Promise.all([client.open(general), client.open(general)]);
  const pages = () => server.calls.filter((call) => call.endsWith('/messages')).length;
  expect(pages()).toBe(1);
  server.faults.http = (_method, path) => (path.endsWith('/messages') && pages() === 2 ? { delayMs: 60 } : null);
  const older = client.loadOlder(general);
  await until(() => pages() === 2, 'the slow page is asked for');
  await client.jumpTo(general, 30);
  const around = texts(client, general);
  await older;
  await pause(20);
  expect(texts(client, general)).toEqual(around);
  expect(client.messages(general).isLoadingOlder).toBe(false);
});

test('far behind, the client takes the present state instead of every entry', async () => {
  const { server, client, bob, general } = await longChannel(5, { skipAheadEntries: 50, readsOwnMessages: true });
  await client.open(general);
  const stop = client.subscribe(`messages:${general}`, () => {});
  server.cut();
  for (const text of numbered(5, 205)) server.world.post(general, bob, text);

  await until(() => texts(client, general).at(-1) === 'm204', 'the newest page');
  expect(server.calls.filter((call) => call.endsWith('/log') && call.includes(general))).toEqual([]);
  expect(texts(client, general)).toEqual(numbered(185, 205));
  expect(client.channel(general)).toMatchObject({ count: 205, unread: 205 });
  server.world.post(general, bob, 'live');
  await until(() => texts(client, general).at(-1) === 'live', 'live again');
  stop();
});
