import { expect, test } from 'vitest';
import { compactEvent, expandEvent } from './compact.ts';
import type { LogEvent } from './events.ts';

const entry = { channelId: 'c', epoch: 1, seq: 7, actorId: 'ana', at: 1_000 };
const bare = {
  channelId: 'c',
  seq: 7,
  clientId: 'k',
  authorId: 'ana',
  text: 'hi',
  at: 1_000,
  editedAt: null,
  deletedAt: null,
  threadSeq: null,
  mentions: [],
  mentionsChannel: false,
  reactions: [],
  thread: null,
  suggestions: [],
};
const posted = (message: object) =>
  ({ ...entry, kind: 'message.posted', count: 3, message: { ...bare, ...message } }) as unknown as LogEvent;

test('a new message travels without what its entry says and without what is empty', () => {
  expect(compactEvent(posted({}))).toEqual({
    ...entry,
    kind: 'message.posted',
    count: 3,
    message: { clientId: 'k', text: 'hi' },
  });
});

test('whatever a message holds comes back after the journey', () => {
  const full = {
    editedAt: 2_000,
    deletedAt: 3_000,
    threadSeq: 2,
    mentions: ['bo'],
    mentionsChannel: true,
    reactions: [{ emoji: '👍', userIds: ['bo'] }],
    thread: { replyCount: 1, lastReplyAt: 5, userIds: ['bo'] },
    suggestions: ['yes'],
    at: 900,
    authorId: 'somebody else',
    text: '',
  };
  for (const event of [posted({}), posted(full), ...Object.entries(full).map(([key, value]) => posted({ [key]: value }))]) {
    expect(expandEvent(JSON.parse(JSON.stringify(compactEvent(event))))).toEqual(event);
    expect(expandEvent(event)).toEqual(event);
  }
});

test('other entries travel as they are', () => {
  const event = { ...entry, kind: 'message.deleted', target: 3 } as unknown as LogEvent;
  expect(compactEvent(event)).toBe(event);
  expect(expandEvent(event)).toBe(event);
});
