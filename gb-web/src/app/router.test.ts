import type { BotId, ChannelId, UserId } from 'gb-protocol';
import { expect, test } from 'vitest';
import { formatRoute, parseRoute, type Route } from './router.ts';

const channelId = '0197-a' as ChannelId;

const routes: Route[] = [
  { screen: 'home' },
  { screen: 'channel', channelId, seq: null, pane: null },
  { screen: 'channel', channelId, seq: 42, pane: null },
  { screen: 'channel', channelId, seq: null, pane: { kind: 'thread', seq: 7 } },
  { screen: 'channel', channelId, seq: 42, pane: { kind: 'thread', seq: 7 } },
  { screen: 'channel', channelId, seq: null, pane: { kind: 'members' } },
  { screen: 'channel', channelId, seq: null, pane: { kind: 'details' } },
  { screen: 'channel', channelId, seq: null, pane: { kind: 'person', userId: 'u1' as UserId } },
  { screen: 'new-channel' },
  { screen: 'new-message' },
  { screen: 'browse' },
  { screen: 'invite' },
  { screen: 'settings', section: 'sessions' },
  { screen: 'studio', botId: null },
  { screen: 'studio', botId: 'new' },
  { screen: 'studio', botId: 'b1' as BotId },
  { screen: 'studio', botId: 'b1' as BotId, tab: 'schedules' },
  { screen: 'studio', botId: 'b1' as BotId, tab: 'tables', item: 'a table/ç' },
  { screen: 'studio', botId: 'b1' as BotId, tab: 'conversations', item: 'c1', turn: 0 },
  { screen: 'join', code: 'a/b c' },
];

test.each(routes.map((route) => [formatRoute(route), route] as const))('%s leads back to where it came from', (path, route) => {
  expect(parseRoute(path)).toEqual(route);
});

test('settings without a section open the profile', () => {
  expect(parseRoute('/settings')).toEqual({ screen: 'settings', section: 'profile' });
});

test.each([
  '/c',
  '/c/x/thread',
  '/c/x/thread/0',
  '/c/x/-3',
  '/c/x/1e9',
  '/c/x/99999999999999999999',
  '/settings/nothing',
  '/nowhere',
  '/join',
])('%s is an address nobody made', (path) => {
  expect(parseRoute(path).screen).toBe('unknown');
});

test('a broken escape does not throw', () => {
  expect(parseRoute('/join/%E0%A4%A')).toEqual({ screen: 'join', code: '%E0%A4%A' });
});

test('what follows ? and # does not matter', () => {
  expect(parseRoute('/c/0197-a?x=/thread/3#y')).toEqual({ screen: 'channel', channelId, seq: null, pane: null });
});
