import { expect, test } from 'vitest';
import { isNestedDeeper } from './nesting.ts';

function brackets(levels: number): unknown {
  let value: unknown = 1;
  for (let n = 0; n < levels; n++) value = n % 2 === 0 ? [value] : { value };
  return value;
}

test('levels are counted exactly, in lists and objects', () => {
  expect(isNestedDeeper('text', 0)).toBe(false);
  expect(isNestedDeeper(null, 0)).toBe(false);
  expect(isNestedDeeper([], 0)).toBe(true);
  expect(isNestedDeeper(brackets(64), 64)).toBe(false);
  expect(isNestedDeeper(brackets(65), 64)).toBe(true);
  expect(isNestedDeeper([1, { a: [2, brackets(3)] }], 6)).toBe(false);
  expect(isNestedDeeper([1, { a: [2, brackets(3)] }], 5)).toBe(true);
});

test('what nobody could walk is told in time', () => {
  expect(isNestedDeeper(brackets(1_000_000), 64)).toBe(true);
});
