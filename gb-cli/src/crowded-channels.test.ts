import type { Client } from 'gb-client';
import { createNodeClient } from 'gb-client/node';
import { postMessage, removeMember } from 'gb-core';
import type { ChannelId, ClientId, CustomerId, LogEvent } from 'gb-protocol';
import { limits } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Crowd, type CrowdSocket, type Person } from './testing/crowd.ts';

// A gateway that takes any channel with a message a second for a busy one, and a workspace of more than one for large.

const waits = { timeout: 60_000, interval: 20 };

let crowd: Crowd;
const clients: Client[] = [];
beforeAll(async () => {
  crowd = await Crowd.open({}, { everybodyMax: 1, busyPerSecond: 0, busyFollowersMin: 2, headMs: 50 });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});
afterAll(() => crowd?.close());

async function clientOf({ token }: Person, hasScreen: boolean): Promise<Client> {
  const client = createNodeClient({ baseUrl: crowd.url, token, hasScreen });
  clients.push(client);
  await client.start();
  await client.live();
  return client;
}

async function customerOf(person: Person): Promise<CustomerId> {
  for (const customerId of await crowd.ctx.store.listCustomers())
    if (await crowd.ctx.store.read(customerId, (tx) => tx.users.get(person.userId))) return customerId;
  throw new Error('nobody has this person');
}

async function scene() {
  const ana = await crowd.owner();
  const bea = await crowd.join(ana, 'Bea');
  const customerId = await customerOf(ana);
  const actor = { customerId, userId: ana.userId, role: 'owner', sessionId: null } as const;
  const { general } = ana;
  const say = (text: string) => postMessage(crowd.ctx, actor, general, { clientId: uuidv7() as ClientId, text });
  const state = async (person: Person) => (await crowd.rest(person.token).channel(general)).state;
  /** Says things until the channel has become busy: that takes a second of it. */
  const makeBusy = async (isResting: () => boolean) => {
    for (let n = 0; !isResting(); n++) {
      await say(`warming up ${n}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return { ana, bea, actor, general, say, state, makeBusy };
}

test('unread counts, mentions and notices of those who do not look at a busy channel are the server’s, and opening it reads all of it', {
  timeout: 120_000,
}, async () => {
  const { ana, bea, general, say, state, makeBusy } = await scene();
  const [looking, away] = [await clientOf(ana, true), await clientOf(bea, true)];
  const stop = looking.subscribe(`messages:${general}`, () => {});
  await looking.open(general);
  const asides: LogEvent[] = [];
  const events: LogEvent[] = [];
  away.on('aside', (event) => asides.push(event));
  away.on('event', (event) => event.channelId === general && events.push(event));
  await makeBusy(() => asides.length > 0);
  const liveBefore = events.length;

  const handle = away.users().get(bea.userId)!.handle;
  for (let n = 0; n < 40; n++) await say(n % 10 === 3 ? `@${handle} ${n}` : n === 20 ? '@channel all of you' : `nothing ${n}`);
  const last = (await say('last')).seq;
  await expect.poll(() => away.channel(general)?.head, waits).toBe(last);
  expect(events.length).toBe(liveBefore);
  const truth = await state(bea);
  expect(away.channel(general)).toMatchObject({
    count: truth.count,
    mentions: truth.mentions,
    unread: truth.count - truth.membership.readCount,
  });
  expect(truth.mentions).toBeGreaterThanOrEqual(5);
  const called = asides.filter((event) => event.kind === 'message.posted' && event.message.mentions.includes(bea.userId));
  expect(called.length).toBe(4);

  const stopToo = away.subscribe(`messages:${general}`, () => {});
  await away.open(general);
  await expect.poll(() => away.messages(general).messages.at(-1)?.seq, waits).toBe(last);
  const next = (await say('live again')).seq;
  await expect.poll(() => away.messages(general).messages.at(-1)?.seq, waits).toBe(next);
  await expect.poll(() => looking.messages(general).messages.at(-1)?.seq, waits).toBe(next);
  expect(away.messages(general).messages.slice(-40)).toEqual(looking.messages(general).messages.slice(-40));
  away.markRead(general, next);
  expect(away.channel(general)).toMatchObject({ unread: 0, mentions: 0 });
  stop();
  stopToo();
});

test('who is taken out of a busy channel while resting hears nothing more of it', { timeout: 120_000 }, async () => {
  const { ana, bea, actor } = await scene();
  const opened = await crowd.rest(ana.token).createChannel({ kind: 'private', name: 'inner', memberIds: [bea.userId] });
  const channelId = opened.state.channel.id;
  const socket = await crowd.follow(bea, [channelId], { rests: true });
  await crowd.follow(ana, [channelId], { rests: true });
  const say = (text: string) => postMessage(crowd.ctx, actor, channelId, { clientId: uuidv7() as ClientId, text });
  for (let n = 0; socket.of('head').length === 0; n++) {
    await say(`warming up ${n}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await removeMember(crowd.ctx, actor, channelId, bea.userId);
  await socket.heard('unsubscribed');
  const { length } = socket.frames;
  const stays = await crowd.follow(ana, [channelId], { rests: true });
  await say('a secret of those who stay');
  await expect.poll(() => JSON.stringify(stays.frames).includes('a secret'), waits).toBe(true);
  expect(JSON.stringify(socket.frames.slice(length))).not.toContain('a secret');
});

test('in a large workspace people of the channel that is looked at are seen, and a stranger’s channel says nothing', {
  timeout: 120_000,
}, async () => {
  const { ana, bea, general } = await scene();
  const away = await clientOf(bea, true);
  const client = await clientOf(ana, true);
  const seen = () => client.presence().get(bea.userId) ?? 'offline';
  const stop = client.subscribe(`messages:${general}`, () => {});
  await expect.poll(seen, waits).toBe('online');
  away.setPresence('away');
  await expect.poll(seen, waits).toBe('away');
  await away.close();
  await expect.poll(seen, waits).toBe('offline');
  stop();

  // Mallory, of another workspace, names a channel that is not hers.
  const [mallory, friend] = [await crowd.owner(), await clientOf(bea, true)];
  const hers = await crowd.follow(mallory, [mallory.general]);
  hers.send({ type: 'watch', channelIds: [general, mallory.general] });
  const strangers = await crowd.join(mallory, 'Max');
  await crowd.follow(strangers, [mallory.general]);
  await expect.poll(() => JSON.stringify(hers.of('presence')).includes(strangers.userId), waits).toBe(true);
  for (const id of [ana.userId, bea.userId, general as ChannelId]) expect(JSON.stringify(hers.of('presence'))).not.toContain(id);
  await friend.close();
});

test('who watches more than is allowed, or floods with it, is refused and does not harm others', {
  timeout: 120_000,
}, async () => {
  const { ana, bea, general } = await scene();
  const hostile = await crowd.follow(bea, [general]);
  const ids = Array.from({ length: limits.watchedChannelsMax + 1 }, () => uuidv7() as ChannelId);
  hostile.send({ type: 'watch', channelIds: ids });
  expect(await hostile.heard('error')).toMatchObject({ code: 'malformed' });
  for (let n = 0; n < 500; n++) hostile.send({ type: 'watch', channelIds: n % 2 ? [general] : ids.slice(1) });
  const watching = await crowd.follow(ana, [general]);
  watching.send({ type: 'watch', channelIds: [general] });
  await expect.poll(() => JSON.stringify(watching.of('presence')).includes(bea.userId), waits).toBe(true);
});

test('one real socket among a thousand that hangs costs nobody anything, and catches up from the log', {
  timeout: 180_000,
}, async () => {
  const plain = await Crowd.open();
  try {
    const ana = await plain.owner();
    const { state } = await plain.rest(ana.token).createChannel({ kind: 'private', name: 'bulk', memberIds: [] });
    const all: CrowdSocket[] = [];
    while (all.length < 1_000)
      all.push(...(await Promise.all(Array.from({ length: 100 }, () => plain.follow(ana, [ana.general])))));
    const [writer] = all;
    // Fills what the kernel keeps for a socket that does not read; then ours is bounded.
    const slow = await plain.follow(ana, [ana.general, state.channel.id]);
    slow.hang();
    const resyncs = async () => (await plain.api.metrics.resyncs.get()).values[0]?.value ?? 0;
    const text = 'x'.repeat(limits.messageTextMax - 10);
    let id = 0;
    for (; (await resyncs()) === 0; id++) {
      writer!.send({ type: 'send', id, channelId: state.channel.id, clientId: uuidv7() as ClientId, text });
      await expect.poll(() => writer!.of('ack').length, { ...waits, interval: 1 }).toBe(id + 1);
    }
    for (let n = 0; n < 20; n++, id++)
      writer!.send({ type: 'send', id, channelId: ana.general, clientId: uuidv7() as ClientId, text: `after ${n}` });
    await expect.poll(() => all.filter((one) => one.of('event').length === 20).length, waits).toBe(1_000);
    const head = writer!.of('event').at(-1)!.seq;
    slow.goOn();
    await slow.heard('resync');
    const told = slow.of('resync').flatMap(({ channels }) => channels);
    expect(told.find(({ channelId }) => channelId === ana.general)?.head).toBe(head);
    expect(told.some(({ channelId }) => channelId === state.channel.id)).toBe(true);
    expect(slow.of('event').filter(({ channelId }) => channelId === ana.general)).toEqual([]);
  } finally {
    await plain.close();
  }
});
