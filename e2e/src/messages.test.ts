import type { ClientId, LogEvent } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { channelNamed, type Person, refusal, type World, world } from './world.ts';

let w: World;
let ana: Person;
let bo: Person;
beforeAll(async () => {
  w = await world();
  ana = await w.signUp('Ana Prado');
  bo = await w.invite(ana, 'Bo Lind');
});
afterAll(() => w?.close());

let names = 0;
const newChannel = async (kind: 'public' | 'private' = 'public') =>
  (await ana.rest.createChannel({ kind, name: `room-${++names}`, memberIds: [bo.userId] })).state;
const id = () => uuidv7() as ClientId;
const post = (by: Person, channelId: Parameters<Person['rest']['postMessage']>[0], text: string, threadSeq?: number) =>
  by.rest.postMessage(channelId, { clientId: id(), text, ...(threadSeq === undefined ? {} : { threadSeq }) });

test('messages and every change to them take the next sequence number of one log', async () => {
  const { channel, epoch, head } = await newChannel();
  const first = await post(ana, channel.id, 'Hello **everybody**');
  expect(first.seq).toBeGreaterThan(head);
  await ana.rest.editMessage(channel.id, first.seq, 'Hello *all*');
  await bo.rest.addReaction(channel.id, first.seq, '👍');
  await bo.rest.addReaction(channel.id, first.seq, '👍');
  const reply = await post(bo, channel.id, 'Hi Ana', first.seq);
  await bo.rest.removeReaction(channel.id, first.seq, '👍');
  await ana.rest.deleteMessage(channel.id, first.seq);
  const page = await bo.rest.log(channel.id, { epoch, after: 0 });
  if (page.kind !== 'events') throw new Error('expected events');
  expect(page.events.map(({ seq }) => seq)).toEqual(Array.from({ length: page.head }, (_, i) => i + 1));
  const after = page.events.filter(({ seq }) => seq >= first.seq).map(({ kind }: LogEvent) => kind);
  expect(after).toEqual([
    'message.posted',
    'message.edited',
    'reaction.added',
    'message.posted',
    'reaction.removed',
    'message.deleted',
  ]);
  expect(reply.seq).toBe(first.seq + 3);
});

test('the same client id is the same message, and with other text it is refused', async () => {
  const { channel } = await newChannel();
  const clientId = id();
  const once = await ana.rest.postMessage(channel.id, { clientId, text: 'only once' });
  const again = await ana.rest.postMessage(channel.id, { clientId, text: 'only once' });
  expect(again).toEqual(once);
  expect(await refusal(ana.rest.postMessage(channel.id, { clientId, text: 'something else' }))).toBe('duplicate_client_id');
  const racing = await Promise.all(
    Array.from({ length: 20 }, () => ana.rest.postMessage(channel.id, { clientId: once.clientId, text: 'only once' })),
  );
  expect(new Set(racing.map(({ seq }) => seq))).toEqual(new Set([once.seq]));
  const { messages } = await ana.rest.messages(channel.id);
  expect(messages.map(({ text }) => text)).toEqual(['only once']);
});

test('an edited message keeps its history and shows its present text', async () => {
  const { channel } = await newChannel();
  const { seq } = await post(ana, channel.id, 'frist');
  await ana.rest.editMessage(channel.id, seq, 'first');
  await ana.rest.editMessage(channel.id, seq, 'first!');
  const { message } = await bo.rest.message(channel.id, seq);
  expect(message.text).toBe('first!');
  expect(message.editedAt).not.toBeNull();
  expect((await bo.rest.messageHistory(channel.id, seq)).versions.map(({ text }) => text)).toEqual(['frist', 'first', 'first!']);
  expect(await refusal(bo.rest.editMessage(channel.id, seq, 'mine now'))).toBe('forbidden');
});

test('a deleted message leaves a stub without text, reactions or history', async () => {
  const { channel } = await newChannel();
  const { seq } = await post(bo, channel.id, 'a secret @ana.prado');
  await ana.rest.addReaction(channel.id, seq, '🎉');
  await bo.rest.deleteMessage(channel.id, seq);
  await bo.rest.deleteMessage(channel.id, seq);
  const { message } = await ana.rest.message(channel.id, seq);
  expect(message).toMatchObject({ text: '', reactions: [], mentions: [] });
  expect(message.deletedAt).not.toBeNull();
  expect(await refusal(ana.rest.messageHistory(channel.id, seq))).toBe('message_deleted');
  expect(await refusal(bo.rest.editMessage(channel.id, seq, 'back'))).toBe('message_deleted');
  expect(await refusal(ana.rest.addReaction(channel.id, seq, '🎉'))).toBe('message_deleted');
});

test('threads hang on their first message and stay out of the channel', async () => {
  const { channel } = await newChannel();
  const root = await post(ana, channel.id, 'Lunch?');
  for (const text of ['yes', 'no', 'where?']) await post(bo, channel.id, text, root.seq);
  const main = await ana.rest.messages(channel.id);
  expect(main.messages.map(({ text }) => text)).toEqual(['Lunch?']);
  expect(main.messages[0]!.thread).toMatchObject({ replyCount: 3, userIds: [bo.userId] });
  const thread = await ana.rest.messages(channel.id, { threadSeq: root.seq });
  expect(thread.messages.map(({ text }) => text)).toEqual(['Lunch?', 'yes', 'no', 'where?']);
  const reply = thread.messages[1]!;
  expect(await refusal(post(ana, channel.id, 'deeper', reply.seq))).toBe('malformed');
  expect(await refusal(post(ana, channel.id, 'nowhere', 9_999))).toBe('not_found');
});

test('unread counts and mentions are the server’s, and reading them clears them everywhere', async () => {
  const { channel } = await newChannel();
  const stateOf = async (who: Person) => (await who.rest.channel(channel.id)).state;
  await post(ana, channel.id, 'one');
  await post(ana, channel.id, 'two @bo.lind');
  const third = await post(ana, channel.id, 'three @channel');
  await post(ana, channel.id, '`@bo.lind` in code is no mention');
  let state = await stateOf(bo);
  expect(state.count - state.membership.readCount).toBe(4);
  expect(state.mentions).toBe(2);
  await bo.rest.markRead(channel.id, third.seq);
  state = await stateOf(bo);
  expect(state.count - state.membership.readCount).toBe(1);
  expect(state.mentions).toBe(0);
  await bo.rest.markRead(channel.id, 1);
  expect((await stateOf(bo)).membership.readSeq).toBe(third.seq);
  await bo.rest.markUnread(channel.id, third.seq);
  state = await stateOf(bo);
  expect(state.count - state.membership.readCount).toBe(2);
  expect(state.mentions).toBe(1);
});

test('history pages both ways and around any message', async () => {
  const { channel } = await newChannel();
  const seqs: number[] = [];
  for (let n = 1; n <= 30; n++) seqs.push((await post(ana, channel.id, `message ${n}`)).seq);
  const newest = await bo.rest.messages(channel.id, { limit: 10 });
  expect(newest.messages.map(({ seq }) => seq)).toEqual(seqs.slice(20));
  expect([newest.hasOlder, newest.hasNewer]).toEqual([true, false]);
  const older = await bo.rest.messages(channel.id, { before: newest.messages[0]!.seq, limit: 10 });
  expect(older.messages.map(({ seq }) => seq)).toEqual(seqs.slice(10, 20));
  expect([older.hasOlder, older.hasNewer]).toEqual([true, true]);
  const around = await bo.rest.messages(channel.id, { around: seqs[5]!, limit: 9 });
  expect(around.messages.map(({ seq }) => seq)).toContain(seqs[5]);
  expect(around.messages.map(({ seq }) => seq)).toEqual([...around.messages.map(({ seq }) => seq)].sort((a, b) => a - b));
  const newer = await bo.rest.messages(channel.id, { after: seqs[24]!, limit: 10 });
  expect(newer.messages.map(({ seq }) => seq)).toEqual(seqs.slice(25));
  expect(newer.hasNewer).toBe(false);
});

test('direct channels are the same for the same people, however they are opened', async () => {
  const [a, b] = await Promise.all([
    ana.rest.openDirect({ userIds: [bo.userId] }),
    bo.rest.openDirect({ userIds: [ana.userId] }),
  ]);
  expect(a.state.channel.id).toBe(b.state.channel.id);
  expect(a.state.channel.kind).toBe('direct');
  expect([...(a.state.memberIds ?? [])].sort()).toEqual([ana.userId, bo.userId].sort());
  const cleo = await w.invite(ana, 'Cleo');
  expect(await refusal(cleo.rest.messages(a.state.channel.id))).toBe('not_found');
  expect(await refusal(post(cleo, a.state.channel.id, 'hello?'))).toBe('not_found');
  expect(await refusal(ana.rest.removeMember(a.state.channel.id, 'me'))).toBe('forbidden');
});

test('a private channel does not exist for others; a public one can be read and joined', async () => {
  const hidden = (await ana.rest.createChannel({ kind: 'private', name: `hidden-${++names}` })).state.channel;
  const open = (await ana.rest.createChannel({ kind: 'public', name: `open-${++names}` })).state.channel;
  expect(await refusal(bo.rest.messages(hidden.id))).toBe('not_found');
  expect(await refusal(bo.rest.joinChannel(hidden.id))).toBe('not_found');
  expect((await bo.rest.browseChannels()).channels.map(({ channel }) => channel.id)).not.toContain(hidden.id);
  expect((await bo.rest.messages(open.id)).messages).toEqual([]);
  expect(await refusal(post(bo, open.id, 'not in yet'))).toBe('forbidden');
  await bo.rest.joinChannel(open.id);
  await post(bo, open.id, 'in now');
  const guest = await w.invite(ana, 'Gus Guest', 'guest');
  expect(await refusal(guest.rest.messages(open.id))).toBe('not_found');
  expect(await refusal(guest.rest.createChannel({ kind: 'public', name: 'mine' }))).toBe('forbidden');
});

test('an archived channel can be read and takes nothing new', async () => {
  const { channel } = await newChannel();
  const { seq } = await post(bo, channel.id, 'last words');
  expect(await refusal(bo.rest.updateChannel(channel.id, { isArchived: true }))).toBe('forbidden');
  await ana.rest.updateChannel(channel.id, { isArchived: true });
  expect(await refusal(post(bo, channel.id, 'more'))).toBe('channel_archived');
  expect(await refusal(bo.rest.editMessage(channel.id, seq, 'other'))).toBe('channel_archived');
  expect((await bo.rest.messages(channel.id)).messages).toHaveLength(1);
  await ana.rest.updateChannel(channel.id, { isArchived: false });
  await post(bo, channel.id, 'again');
});

test('channel names are one per workspace, whatever the case', async () => {
  const { channel } = await newChannel();
  expect(await refusal(bo.rest.createChannel({ kind: 'public', name: channel.name.toUpperCase() }))).toBe('name_taken');
  expect(await refusal(bo.rest.createChannel({ kind: 'public', name: '   ' }))).toBe('malformed');
});

test('somebody taken out can neither read nor write at once', async () => {
  const { channel } = await newChannel('private');
  await post(bo, channel.id, 'still here');
  await ana.rest.removeMember(channel.id, bo.userId);
  expect(await refusal(post(bo, channel.id, 'gone'))).toBe('not_found');
  expect(await refusal(bo.rest.messages(channel.id))).toBe('not_found');
  expect((await bo.rest.snapshot()).channels.map((state) => state.channel.id)).not.toContain(channel.id);
});

test('the seeded #general shows threads, reactions and code', async () => {
  const general = channelNamed(await ana.rest.snapshot(), 'general');
  const { messages } = await ana.rest.messages(general);
  expect(messages.some(({ thread }) => (thread?.replyCount ?? 0) > 0)).toBe(true);
  expect(messages.some(({ reactions }) => reactions.length > 0)).toBe(true);
  expect(messages.some(({ text }) => text.includes('```basic'))).toBe(true);
});

test('hostile and odd texts come back as they were sent', async () => {
  const { channel } = await newChannel();
  const texts = [
    '<script>alert(1)</script>',
    "'; drop table messages; --",
    '👩‍👩‍👧‍👦 ação ñ 日本語 عربى',
    '\\u0000 {"a":1} %s $1 ${x}',
    'x'.repeat(16_000),
    '\u202Eright to left',
  ];
  for (const text of texts) await post(ana, channel.id, text);
  expect((await bo.rest.messages(channel.id)).messages.map(({ text }) => text)).toEqual(texts);
  expect(await refusal(post(ana, channel.id, 'x'.repeat(16_001)))).toBe('malformed');
  expect(await refusal(post(ana, channel.id, 'nul \0 inside'))).toBe('malformed');
  expect(await refusal(post(ana, channel.id, 'lone \ud800 surrogate'))).toBe('malformed');
  expect(await refusal(post(ana, channel.id, '  \n '))).toBe('malformed');
});

test('a client whose clock is years off is served like any other, and the server’s order and time count', async () => {
  const { channel } = await newChannel();
  const early = '00000000-0001-7000-8000-000000000001' as ClientId;
  const late = 'ffffffff-ffff-7fff-bfff-ffffffffffff' as ClientId;
  const first = await ana.rest.postMessage(channel.id, { clientId: late, text: 'from the year 10889' });
  const second = await ana.rest.postMessage(channel.id, { clientId: early, text: 'from 1970' });
  expect(second.seq).toBe(first.seq + 1);
  expect(Math.abs(second.at - Date.now())).toBeLessThan(60_000);
  expect((await ana.rest.postMessage(channel.id, { clientId: late, text: 'from the year 10889' })).seq).toBe(first.seq);
});

test('a body that is not UTF-8, not JSON or not what the route takes is refused and stores nothing', async () => {
  const { channel } = await newChannel();
  const send = async (body: string | Buffer, type = 'application/json') => {
    const response = await fetch(`${w.server.url}/api/channels/${channel.id}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ana.token}`, 'content-type': type },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
    return [response.status, ((await response.json()) as { code: string }).code];
  };
  const latin1 = Buffer.concat([Buffer.from(`{"clientId":"${id()}","text":"caf`), Buffer.from([0xe9]), Buffer.from('"}')]);
  for (const body of [
    latin1,
    '',
    'null',
    '[]',
    '{"text":"no id"}',
    `{"clientId":"${id()}","text":7}`,
    `{"clientId":"${id()}","text":"x"`,
    '{"__proto__":{"text":"x"}}',
  ]) {
    expect([String(body).slice(0, 30), ...(await send(body))]).toEqual([String(body).slice(0, 30), 400, 'malformed']);
  }
  expect(await send(`{"clientId":"${id()}","text":"x"}`, 'text/plain')).toEqual([400, 'malformed']);
  expect(await send(`{"clientId":"${id()}","text":"${'x'.repeat(140_000)}"}`)).toEqual([413, 'too_large']);
  expect((await ana.rest.messages(channel.id)).messages).toEqual([]);
});
