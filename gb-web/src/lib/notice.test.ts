import type { ChannelView } from 'gb-client';
import type { ChannelKind, LogEvent, NotificationLevel, UserId } from 'gb-protocol';
import { expect, test } from 'vitest';
import { deservesNotice } from './notice.ts';

const me = 'me' as UserId;
const view = (notifications: NotificationLevel, kind: ChannelKind = 'public') =>
  ({ channel: { kind }, membership: { notifications } }) as ChannelView;
const posted = (change: object = {}, at = 1_000_000) =>
  ({
    kind: 'message.posted',
    actorId: 'bo',
    at,
    message: { mentions: [], mentionsChannel: false, deletedAt: null, ...change },
  }) as unknown as LogEvent;
const asks = (event: LogEvent, channel: ChannelView | undefined, nowMs = 1_000_500) => deservesNotice(event, channel, me, nowMs);

test('by default people are called by mentions and direct messages', () => {
  expect(asks(posted(), view('mentions'))).toBe(false);
  expect(asks(posted({ mentions: [me] }), view('mentions'))).toBe(true);
  expect(asks(posted({ mentionsChannel: true }), view('mentions'))).toBe(true);
  expect(asks(posted(), view('mentions', 'direct'))).toBe(true);
  expect(asks(posted(), view('mentions', 'group'))).toBe(true);
});

test('what they chose for the channel counts', () => {
  expect(asks(posted(), view('all'))).toBe(true);
  expect(asks(posted({ mentions: [me] }), view('none'))).toBe(false);
  expect(asks(posted(), undefined)).toBe(false);
});

test('nobody is called for their own words, old news, deleted messages or other entries', () => {
  expect(asks({ ...posted(), actorId: me } as LogEvent, view('all'))).toBe(false);
  expect(asks(posted(), view('all'), 1_000_000 + 61_000)).toBe(false);
  expect(asks(posted({ deletedAt: 5 }), view('all'))).toBe(false);
  expect(asks({ kind: 'message.edited', actorId: 'bo', at: 1_000_000 } as unknown as LogEvent, view('all'))).toBe(false);
});
