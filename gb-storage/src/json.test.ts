import { expect, test } from 'vitest';
import { storableJson } from './json.ts';

test('what the database does not take is replaced, everywhere', () => {
  const value = { 'a\0b': ['x\0', { deep: '\ud800!' }], plain: 'caf\u00e9 \\u0000 \u{1f600}', n: 1, none: null };
  expect(JSON.parse(storableJson(value))).toEqual({
    'a\ufffdb': ['x\ufffd', { deep: '\ufffd!' }],
    plain: 'caf\u00e9 \\u0000 \u{1f600}',
    n: 1,
    none: null,
  });
});

test('control signs that the database takes stay', () => {
  expect(JSON.parse(storableJson(['\u0001\u001f\n']))).toEqual(['\u0001\u001f\n']);
});
