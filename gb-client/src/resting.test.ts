import type { LogEvent, Message, ServerFrame } from 'gb-protocol';
import { expect, test } from 'vitest';
import type { Client } from './api.ts';
import { connect, pause, record, type Scene, scene, texts, until } from './testing/harness.ts';

type Head = Extract<ServerFrame, { type: 'head' }>;

/** Of what happens in the channel the client is told heads alone, with these entries. */
function busy({ server, general }: Scene): { tell(entries?: readonly LogEvent[]): void } {
  server.faults.frame = (frame) => (frame.type === 'event' && frame.channelId === general ? 'drop' : 'deliver');
  return {
    tell(entries = []) {
      const { epoch, seq } = server.world.position(general);
      const { count } = server.world.room(general);
      server.tell({ type: 'head', channelId: general, epoch, head: seq, count, entries } satisfies Head);
    },
  };
}

const logCalls = ({ server }: Scene) => server.calls.filter((call) => call.endsWith('/log')).length;
const watched = ({ server }: Scene) => server.frames.flatMap((frame) => (frame.type === 'watch' ? [frame.channelIds] : []));
const last = ({ server, general }: Scene) => server.world.room(general).log.at(-1)!;

function look(client: Client, all: Scene): () => void {
  const stop = client.subscribe(`messages:${all.general}`, () => {});
  void client.open(all.general);
  return stop;
}

test('a busy channel that nobody looks at is counted and not read; looked at, it is read once and in order', async () => {
  const all = await scene();
  const { server, ana, bob, general } = all;
  const client = await connect(server, ana, { hasScreen: true });
  const events = record(client, general);
  const channel = busy(all);
  for (let n = 0; n < 30; n++) server.world.post(general, bob, `m${n}`);
  channel.tell();
  await until(() => client.channel(general)?.unread === 30, 'counted');
  // Heartbeats tell the head as well, and nothing is fetched for it.
  server.heartbeat();
  await pause(60);
  expect([events.length, logCalls(all)]).toEqual([0, 0]);

  look(client, all);
  await until(() => texts(client, general).length === 30, 'read');
  await until(() => events.length === 30, 'told');
  expect(events.map((event) => event.kind === 'message.posted' && event.message.text)).toEqual(server.world.texts(general));
  expect(client.channel(general)?.unread).toBe(30);
});

test('who calls me is counted and told while the channel rests, once, and not again when it is read', async () => {
  const all = await scene();
  const { server, ana, bob, general } = all;
  const client = await connect(server, ana, { hasScreen: true });
  const asides: LogEvent[] = [];
  client.on('aside', (event) => asides.push(event));
  const channel = busy(all);
  server.world.post(general, bob, 'not you');
  server.world.post(general, bob, 'hello @ana');
  const call = last(all);
  channel.tell([call]);
  channel.tell([call]);
  await until(() => client.channel(general)?.mentions === 1, 'called');
  expect(asides.length).toBeGreaterThan(0);
  server.world.delete(general, bob, call.seq);
  channel.tell([last(all)]);
  await until(() => client.channel(general)?.mentions === 0, 'taken back');
  server.world.post(general, bob, 'again, @ana');
  channel.tell([last(all)]);
  await until(() => client.channel(general)?.mentions === 1, 'called again');

  look(client, all);
  await until(() => texts(client, general).length === 3, 'read');
  expect(client.channel(general)).toMatchObject({ mentions: 1, unread: 3 });
  client.markRead(general, client.channel(general)!.head);
  expect(client.channel(general)).toMatchObject({ mentions: 0, unread: 0 });
});

test('much that was left out is not read entry by entry: the channel is loaded as it is', async () => {
  const all = await scene();
  const { server, ana, bob, general } = all;
  const client = await connect(server, ana, { hasScreen: true, tuning: { logPageSize: 20 } });
  const channel = busy(all);
  for (let n = 0; n < 100; n++) server.world.post(general, bob, `m${n}`);
  channel.tell();
  await until(() => client.channel(general)?.unread === 100, 'counted');
  look(client, all);
  await until(() => texts(client, general).at(-1) === 'm99', 'loaded');
  expect(logCalls(all)).toBe(0);
  server.faults = {};
  server.world.post(general, bob, 'live');
  await until(() => texts(client, general).at(-1) === 'live', 'live again');
});

test('a channel that is looked at does not rest, whatever the server says', async () => {
  const all = await scene();
  const { server, ana, bob, general } = all;
  const client = await connect(server, ana, { hasScreen: true });
  look(client, all);
  await until(() => client.messages(general).state === 'ready', 'open');
  const channel = busy(all);
  server.world.post(general, bob, 'hi');
  channel.tell();
  await until(() => texts(client, general).includes('hi'), 'read');
});

test('the server is told what is looked at, with direct channels, again on every connection; programs tell nothing', async () => {
  const all = await scene();
  const { server, ana, bob, general } = all;
  const direct = server.world.addChannel('', [ana, bob], 'direct');
  const client = await connect(server, ana, { hasScreen: true });
  await until(() => watched(all).length === 1, 'told');
  const stop = look(client, all);
  await until(() => watched(all).length === 2, 'told what is open');
  expect(watched(all)).toEqual([[direct], [direct, general].sort()]);
  server.cut();
  await until(() => watched(all).length === 3, 'told again');
  expect(watched(all)[2]).toEqual([direct, general].sort());
  await client.live();
  stop();
  await until(() => watched(all).length === 4, 'closed');
  expect(watched(all)[3]).toEqual([direct]);
  expect(server.frames.filter((frame) => frame.type === 'hello').map((frame) => frame.rests)).toEqual([true, true]);

  const program = await connect(server, bob);
  await program.open(general);
  program.subscribe(`messages:${general}`, () => {});
  await pause(50);
  expect(watched(all).length).toBe(4);
});

test('a cut while a channel rests loses nothing', async () => {
  const all = await scene();
  const { server, ana, bob, general } = all;
  const client = await connect(server, ana, { hasScreen: true });
  const events = record(client, general);
  const channel = busy(all);
  server.world.post(general, bob, 'a');
  channel.tell();
  await until(() => client.channel(general)?.unread === 1, 'counted');
  server.world.post(general, bob, 'b');
  server.cut();
  await until(() => events.length === 2, 'read after coming back');
  expect(client.channel(general)?.unread).toBe(2);
});

test('what I said elsewhere in a channel that rests is mine and not waiting', async () => {
  const all = await scene();
  const { server, ana, bob, general } = all;
  const client = await connect(server, ana, { hasScreen: true });
  const channel = busy(all);
  server.world.post(general, bob, 'first');
  channel.tell();
  await client.sendAndWait(general, 'mine');
  const mine = last(all) as LogEvent & { message: Message };
  expect(mine.message.text).toBe('mine');
  channel.tell([mine]);
  await until(() => client.outgoing().length === 0, 'settled');
});

test('who is here is told by channel or of everybody, and whoever is online in one of them is online', async () => {
  const all = await scene();
  const { server, ana, bob, general } = all;
  const client = await connect(server, ana, { hasScreen: true });
  const stop = look(client, all);
  await until(() => watched(all).length === 1, 'the server knows');
  const me = ana.user.id;
  const of = (id: string) => client.presence().get(id as typeof me) ?? 'offline';
  await until(() => of(me) === 'online', 'I know of myself');
  server.tell({ type: 'presence', channelId: general, users: { [bob.user.id]: 'online' }, isAll: true, count: 2 });
  await until(() => of(bob.user.id) === 'online', 'in the channel');
  server.tell({ type: 'presence', channelId: general, users: { [bob.user.id]: 'away' } });
  await until(() => of(bob.user.id) === 'away', 'news');
  stop();
  await until(() => of(bob.user.id) === 'offline', 'not looked at any more');
  server.tell({ type: 'presence', users: { [bob.user.id]: 'online' }, isAll: true });
  await until(() => of(bob.user.id) === 'online', 'of everybody');
  server.tell({ type: 'presence', users: {}, isAll: true });
  await until(() => of(bob.user.id) === 'offline', 'of nobody');
});
