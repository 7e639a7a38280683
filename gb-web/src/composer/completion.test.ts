import { expect, test } from 'vitest';
import { triggerAt } from './completion.ts';

const at = (text: string) => {
  const trigger = triggerAt(text, text.length);
  return trigger ? `${trigger.mark}${trigger.query}@${trigger.from}` : null;
};

test('a mark at the start or after a blank begins a completion', () => {
  expect(at('@')).toBe('@@0');
  expect(at('hi @an')).toBe('@an@3');
  expect(at('see #gen')).toBe('#gen@4');
  expect(at('line\n@jo')).toBe('@jo@5');
  expect(at('(@jo')).toBe('@jo@1');
});

test('a mark inside a word, an address or a time does not', () => {
  expect(at('me@ana')).toBeNull();
  expect(at('https://x')).toBeNull();
  expect(at('at 12:30')).toBeNull();
  expect(at('a :)')).toBeNull();
  expect(at('note: x')).toBeNull();
});

test('an emoji needs two letters, so a smiley stays a smiley', () => {
  expect(at(':s')).toBeNull();
  expect(at(':sm')).toBe(':sm@0');
});

test('a command is the first thing in a message', () => {
  expect(at('/to')).toBe('/to@0');
  expect(at('either /or')).toBeNull();
});

test('only what stands before the caret counts', () => {
  expect(triggerAt('@ana and more', 3)).toMatchObject({ query: 'an', from: 0, to: 3 });
});
