import { limits } from 'gb-protocol';
import { expect, test } from 'vitest';
import { allEmoji } from './emoji.ts';

test('every emoji is there once, with a name of its own', () => {
  expect(new Set(allEmoji.map(({ emoji }) => emoji)).size).toBe(allEmoji.length);
  expect(new Set(allEmoji.map(({ name }) => name)).size).toBe(allEmoji.length);
});

test('every emoji is one picture, short enough to be a reaction', () => {
  const segments = new Intl.Segmenter('en', { granularity: 'grapheme' });
  for (const { emoji, name } of allEmoji) {
    expect([...segments.segment(emoji)], name).toHaveLength(1);
    expect(emoji.length, name).toBeLessThanOrEqual(limits.emojiMax);
    expect(name).toMatch(/^[a-z0-9_+-]+$/);
  }
});
