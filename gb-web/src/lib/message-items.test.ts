import type { ChannelId, ClientId, Message, UserId } from 'gb-protocol';
import { expect, test } from 'vitest';
import { arrange } from './message-items.ts';

const me = 'me' as UserId;
const minute = 60_000;
const start = Date.UTC(2026, 10, 22, 12);

function message(seq: number, author: string, at: number, rest: Partial<Message> = {}): Message {
  return {
    channelId: 'c' as ChannelId,
    seq,
    clientId: `k${seq}` as ClientId,
    authorId: author as UserId,
    text: String(seq),
    at,
    editedAt: null,
    deletedAt: null,
    threadSeq: null,
    mentions: [],
    mentionsChannel: false,
    reactions: [],
    thread: null,
    suggestions: [],
    ...rest,
  };
}

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);
const draw = (messages: Message[], rest: Partial<Parameters<typeof arrange>[0]> = {}) =>
  arrange({ messages, pending: [], myId: me, newAfter: null, isBeginning: true, dayOf, ...rest }).flatMap((item) => {
    if (item.kind === 'beginning') return [];
    if (item.kind === 'message') return `${item.message.seq}${item.isFirst ? '*' : ''}`;
    if (item.kind === 'pending') return `${item.pending.clientId}${item.isFirst ? '*' : ''}?`;
    if (item.kind === 'growing') return `${item.growing.text}${item.isFirst ? '*' : ''}…`;
    return item.kind;
  });

test('messages of one author within five minutes are one group', () => {
  expect(
    draw([message(1, 'ana', start), message(2, 'ana', start + 5 * minute), message(3, 'ana', start + 10 * minute + 1)]),
  ).toEqual(['day', '1*', '2', '3*']);
});

test('another author starts a group', () => {
  expect(draw([message(1, 'ana', start), message(2, 'me', start), message(3, 'ana', start)])).toEqual(['day', '1*', '2*', '3*']);
});

test('a new day draws a line and starts a group', () => {
  expect(draw([message(1, 'ana', start), message(2, 'ana', start + 24 * 60 * minute)])).toEqual(['day', '1*', 'day', '2*']);
});

test('the new line stands before the first unread message of somebody else, once', () => {
  const messages = [message(1, 'ana', start), message(2, 'me', start), message(3, 'ana', start), message(4, 'ana', start)];
  expect(draw(messages, { newAfter: 1 })).toEqual(['day', '1*', '2*', 'new', '3*', '4']);
  expect(draw(messages, { newAfter: 4 })).toEqual(['day', '1*', '2*', '3*', '4']);
});

test('no line is drawn when its place is not loaded', () => {
  const messages = [message(50, 'ana', start), message(51, 'ana', start)];
  expect(draw(messages, { newAfter: 3, isBeginning: false })).toEqual(['50*', '51']);
  expect(draw(messages, { newAfter: 3 })).toEqual(['day', 'new', '50*', '51']);
});

test('a deleted message stands alone', () => {
  expect(draw([message(1, 'ana', start), message(2, 'ana', start, { deletedAt: start }), message(3, 'ana', start)])).toEqual([
    'day',
    '1*',
    '2*',
    '3*',
  ]);
});

test('what is being sent joins the group and keeps its key when it is stored', () => {
  const before = arrange({
    messages: [message(1, 'me', start)],
    pending: [{ clientId: 'k2', at: start + 1 }],
    myId: me,
    newAfter: null,
    isBeginning: true,
    dayOf,
  });
  const after = arrange({
    messages: [message(1, 'me', start), message(2, 'me', start + 1)],
    pending: [],
    myId: me,
    newAfter: null,
    isBeginning: true,
    dayOf,
  });
  expect(before.map((item) => item.key)).toEqual(after.map((item) => item.key));
  expect(before.at(-1)).toMatchObject({ kind: 'pending', isFirst: false });
});

test('a clock that jumped back does not put what is being sent on an earlier day', () => {
  expect(draw([message(1, 'me', start)], { pending: [{ clientId: 'p', at: start - 48 * 60 * minute }] })).toEqual([
    'day',
    '1*',
    'p?',
  ]);
});

test('what is at the upper edge stays what it is when older messages come before it', () => {
  const loaded = [message(50, 'ana', start), message(51, 'ana', start)];
  const before = draw(loaded, { isBeginning: false });
  const heads = new Set(['ana:k50']);
  const after = draw([message(48, 'ana', start), message(49, 'ana', start), ...loaded], { isBeginning: false, heads });
  expect(before).toEqual(['50*', '51']);
  expect(after).toEqual(['48*', '49', '50*', '51']);
});

test('what a bot is about to say stands last, as if it was a message of the bot', () => {
  const messages = [message(1, 'ana', start), message(2, 'bot', start)];
  const growing = [{ userId: 'bot' as UserId, text: 'so', at: start + minute }];
  expect(draw(messages, { growing })).toEqual(['day', '1*', '2*', 'so…']);
  const pending = [{ clientId: 'p', at: start + minute }];
  expect(draw(messages, { pending, growing })).toEqual(['day', '1*', '2*', 'p*?', 'so*…']);
});
