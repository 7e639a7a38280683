import type { UserId } from 'gb-protocol';
import { expect, test } from 'vitest';
import { findMentions } from './mentions.ts';

const byHandle = new Map(['ana', 'bo.lind', 'x1'].map((handle) => [handle, `id-${handle}` as UserId]));
const find = (text: string) => findMentions(text, byHandle);

test('people are found by their handle, once, whatever the case and the punctuation', () => {
  expect(find('Hello @ana, and @Bo.Lind! @ana again.').users).toEqual(['id-ana', 'id-bo.lind']);
  expect(find('(@x1)').users).toEqual(['id-x1']);
  expect(find('Ask @ana.').users).toEqual(['id-ana']);
});

test('addresses, unknown names and parts of words are no mentions', () => {
  for (const text of ['mail ana@ana.com', '@nobody', 'x@ana', 'foo/@ana', '@@ana'])
    expect([text, find(text).users]).toEqual([text, []]);
});

test('what stands in code is no mention', () => {
  for (const text of ['`@ana`', '``a ` @ana``', '```\n@ana\n```', '~~~\n@channel\n~~~', '```js\n@ana', 'a ``b` @ana`` c']) {
    expect([text, find(text)]).toEqual([text, { users: [], channel: false }]);
  }
  expect(find('`code` @ana').users).toEqual(['id-ana']);
  expect(find('```\ncode\n```\n@ana').users).toEqual(['id-ana']);
  expect(find('one ` alone @ana').users).toEqual(['id-ana']);
});

test('the whole channel is called by any of its words', () => {
  for (const word of ['channel', 'canal', 'everyone', 'todos']) expect(find(`hey @${word}`).channel).toBe(true);
  expect(find('hey channel').channel).toBe(false);
});

test('a text made to be slow is not', () => {
  const startedMs = performance.now();
  for (const text of ['`'.repeat(16_000), '@'.repeat(16_000), '@a.'.repeat(5_000), '```\n'.repeat(4_000), '~~~ `'.repeat(3_000)])
    find(`${text}@`);
  // Not a speed test: a regular expression that backtracks would take minutes.
  expect(performance.now() - startedMs).toBeLessThan(5_000);
});
