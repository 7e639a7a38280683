import { expect, test } from 'vitest';
import { freeHandle, handleFrom, handlePattern } from './handles.ts';

test('a handle keeps the letters people know a name by', () => {
  expect(handleFrom('Ana Lúcia Prado')).toBe('ana.lucia.prado');
  expect(handleFrom("  O'Neill-Smith  ")).toBe('o.neill.smith');
  expect(handleFrom('李小龍')).toBe('');
  expect(handleFrom('x'.repeat(100))).toHaveLength(30);
  for (const name of ['Ana', 'A. B.', `${'x'.repeat(29)} y`, '9 lives']) expect(handleFrom(name)).toMatch(handlePattern);
});

test('a taken or reserved handle gets the next number', () => {
  expect(freeHandle('ana', [])).toBe('ana');
  expect(freeHandle('ana', ['ana', 'ana2'])).toBe('ana3');
  expect(freeHandle('channel', [])).toBe('channel2');
  expect(freeHandle('', ['user'])).toBe('user2');
});
