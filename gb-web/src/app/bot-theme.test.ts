import type { Bot, BotId, UserId } from 'gb-protocol';
import { expect, test } from 'vitest';
import { logoAddress, lookOf } from './bot-theme.ts';

const bot: Bot = {
  id: 'b1' as BotId,
  userId: 'u1' as UserId,
  name: 'Shop',
  handle: 'shop',
  description: '',
  origin: 'editor',
  publishedVersion: 3,
  updatedAt: 0,
};

test('colours of a theme become two properties of ours', () => {
  expect(lookOf({ color: '#ff6600', tint: '#eeeeee' })).toEqual({
    'data-bot-color': '',
    'data-bot-tint': '',
    style: { '--bot-color': '#ff6600', '--bot-tint': '#eeeeee' },
  });
  expect(lookOf({ color: '#ff6600' })).toEqual({ 'data-bot-color': '', style: { '--bot-color': '#ff6600' } });
  expect(lookOf(undefined)).toEqual({});
  expect(lookOf({ title: 'Shop' })).toEqual({});
});

test('what is no plain colour never becomes style, whatever a server says', () => {
  for (const color of ['red', '#FFF', '#ffffff;background:url(//evil.example)', 'url(//evil.example)', 'var(--x)', ''])
    expect(lookOf({ color, tint: color })).toEqual({});
});

test('the picture is ours to fetch, and another one with every version', () => {
  expect(logoAddress({ ...bot, theme: { logo: 'https://evil.example/x.png' } })).toBe('/api/bots/b1/logo?version=3');
  expect(logoAddress(bot)).toBeNull();
});
