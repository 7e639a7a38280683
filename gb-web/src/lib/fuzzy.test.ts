import { expect, test } from 'vitest';
import { fuzzyFilter, fuzzyScore } from './fuzzy.ts';

const names = (query: string, items: string[]) => fuzzyFilter(query, items, (item) => item);

test('letters must appear in order', () => {
  expect(fuzzyScore('gnr', 'general')).not.toBeNull();
  expect(fuzzyScore('rng', 'general')).toBeNull();
});

test('the start of the name beats the start of a word, which beats the middle', () => {
  expect(names('des', ['code-sides', 'web design', 'design', 'desk'])).toEqual(['desk', 'design', 'web design', 'code-sides']);
});

test('accents and case do not matter', () => {
  expect(names('joao', ['Ana', 'João Pedro'])).toEqual(['João Pedro']);
  expect(names('AÇÃO', ['acao'])).toEqual(['acao']);
});

test('an empty query keeps everything in its order', () => {
  expect(names('', ['b', 'a'])).toEqual(['b', 'a']);
});

test('any of several texts may match, and the list is bounded', () => {
  const people = [
    { name: 'Ana Silva', handle: 'ana' },
    { name: 'Bruno', handle: 'silva' },
  ];
  expect(fuzzyFilter('silva', people, (p) => [p.name, p.handle]).map((p) => p.handle)).toEqual(['silva', 'ana']);
  expect(
    fuzzyFilter(
      '',
      Array.from({ length: 100 }, (_, i) => String(i)),
      (x) => x,
      7,
    ),
  ).toHaveLength(7);
});

test('characters with a meaning in patterns are only characters', () => {
  expect(names('(.*', ['(.*)', 'abc'])).toEqual(['(.*)']);
});
