import { limits } from 'gb-protocol';
import { expect, test } from 'vitest';
import type { BotReply } from '../ports/index.ts';
import { addReplies, toMessages } from './replies.ts';

test('a reply that can be stored stays as it is', () => {
  expect(toMessages([{ text: 'Hello', suggestions: ['yes', 'no'] }, { text: 'there' }])).toEqual([
    { text: 'Hello', suggestions: ['yes', 'no'] },
    { text: 'there', suggestions: [] },
  ]);
});

test('a long text becomes several messages that together say the same', () => {
  const text = Array.from({ length: 3_000 }, (_, n) => `line ${n} 😀`).join('\n');
  const parts = toMessages([{ text, suggestions: ['go on'] }]);
  expect(parts.length).toBeGreaterThan(1);
  expect(parts.map((part) => part.text).join('')).toBe(text);
  for (const part of parts) {
    expect(part.text.length).toBeLessThanOrEqual(limits.messageTextMax);
    expect(part.text.isWellFormed()).toBe(true);
  }
  expect(parts.map((part) => part.suggestions.length)).toEqual([...parts.slice(1).map(() => 0), 1]);
  const solid = toMessages([{ text: '😀'.repeat(limits.messageTextMax) }]);
  expect(solid.every((part) => part.text.isWellFormed() && part.text.length <= limits.messageTextMax)).toBe(true);
});

test('choices go with the words before them, and a card keeps its own', () => {
  const said: BotReply[] = [{ text: 'Well done.' }];
  addReplies(said, [{ text: '', card: { title: 'Next' }, suggestions: ['Done'] }]);
  expect(said).toEqual([{ text: 'Well done.' }, { text: '', card: { title: 'Next' }, suggestions: ['Done'] }]);
  addReplies(said, [{ text: 'More?' }]);
  addReplies(said, [{ text: '', suggestions: ['Yes', 'No'] }]);
  expect(said.at(-1)).toEqual({ text: 'More?', suggestions: ['Yes', 'No'] });
});

test('signs that are no text are replaced, and nothing becomes no message', () => {
  expect(toMessages([{ text: 'a\0b\ud800c' }])).toEqual([{ text: 'a\uFFFDb\uFFFDc', suggestions: [] }]);
  expect(toMessages([{ text: '  ' }])).toEqual([]);
  const [message] = toMessages([{ text: 'x', suggestions: Array.from({ length: 40 }, () => 'y'.repeat(900)) }]);
  expect(message!.suggestions).toHaveLength(limits.suggestionsMax);
  expect(message!.suggestions[0]).toHaveLength(200);
});
