import { expect, test } from 'vitest';
import { readCsv, writeCsv } from './csv.ts';

test('names, quotes, line ends and empty lines', () => {
  const { columns, rows } = readCsv('\ufeffname,note\r\n"Ana ""A""","one\ntwo"\n\nBia,\n');
  expect(columns).toEqual(['name', 'note']);
  expect(rows.map((row) => ({ ...row }))).toEqual([
    { name: 'Ana "A"', note: 'one\ntwo' },
    { name: 'Bia', note: '' },
  ]);
});

test.each([
  ['a,b\n1,2', { a: 1, b: 2 }],
  ['a;b\n1,5;x', { a: '1,5', b: 'x' }],
  ['a\tb\n-2.5\t007', { a: -2.5, b: '007' }],
  ['a,b\n"5",1e5', { a: '5', b: '1e5' }],
  ['a,a,\n1,2,3', { a: 1, a2: 2, column3: 3 }],
  ['a,b\n1', { a: 1, b: '' }],
  ['a,b\n"x" y,2', { a: 'x y', b: 2 }],
  ['a,b\n"never closed,2', { a: 'never closed,2', b: '' }],
])('%j is read', (text, wanted) => {
  expect({ ...readCsv(text).rows[0] }).toEqual(wanted);
});

test('what is written is read again', () => {
  const columns = ['text', 'number', 'code', 'blank', 'quote'];
  const rows = [
    { text: 'a,b', number: 12.5, code: '12', blank: ' x ', quote: 'say "hi"\r\n' },
    { text: '', number: -3, code: '007', blank: '', quote: ';' },
  ];
  const again = readCsv(writeCsv({ columns, rows }));
  expect(again.columns).toEqual(columns);
  expect(again.rows.map((row) => ({ ...row }))).toEqual(rows);
});

test('a text without anything has neither columns nor rows', () => {
  expect(readCsv('')).toEqual({ columns: [], rows: [] });
  expect(readCsv('\r\n\n')).toEqual({ columns: [], rows: [] });
});

test.each([
  ['quotes', '"'.repeat(1_000_000)],
  ['separators', ','.repeat(300_000)],
  ['lines', 'a\n'.repeat(300_000)],
  ['line ends', '\r'.repeat(1_000_000)],
])('a megabyte of %s is read, and not in the square of its length', (_, text) => {
  // Work that grows with the square would take hours, and the test's own limit ends it.
  expect(readCsv(text).rows).toBeInstanceOf(Array);
});
