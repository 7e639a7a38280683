import { expect, test } from 'vitest';
import { BasicError } from '../errors.ts';
import type { JsonValue } from './json.ts';
import { callFunction, library } from './testing/call-function.ts';

const orders = [
  { item: 'tea', city: 'Recife', total: 10, price: { net: 8 } },
  { item: 'cake', city: 'Olinda', total: 25, price: { net: 20 } },
  { item: 'tea', city: 'Olinda', total: 5, price: { net: 4 } },
  { item: null, city: 'Recife', total: null, price: null },
];
const cities = [
  { city: 'Recife', uf: 'PE', item: 'its own' },
  { city: 'Natal', uf: 'RN', item: 'its own' },
];
const select = (query: JsonValue, rows: JsonValue = orders): JsonValue => callFunction(library(), 'SELECT', [rows, query]);

const cases: readonly (readonly [string, JsonValue, JsonValue])[] = [
  ['columns', 'item, total', orders.map(({ item, total }) => ({ item, total }))],
  ['a computed column', 'total * 2 AS double LIMIT 1', [{ double: 20 }]],
  ['a column inside an object', 'price.net LIMIT 2', [{ net: 8 }, { net: 20 }]],
  ['all columns', { columns: [{ expression: '*' }], limit: 1 }, [orders[0]!]],
  ['a condition as text', 'total WHERE total >= 10', [{ total: 10 }, { total: 25 }]],
  [
    'a condition as structure',
    { columns: ['total'], where: [{ column: 'city', operator: '=', value: 'olinda' }] },
    [{ total: 25 }, { total: 5 }],
  ],
  [
    'groups',
    'city, SUM(total) AS sum, COUNT(*) AS rows, COUNT(item) AS items GROUP BY city ORDER BY sum DESC',
    [
      { city: 'Olinda', sum: 30, rows: 2, items: 2 },
      { city: 'Recife', sum: 10, rows: 2, items: 1 },
    ],
  ],
  [
    'groups as structure',
    {
      columns: [
        { expression: 'city', name: 'place' },
        { function: 'MAX', expression: 'total', name: 'most' },
      ],
      groupBy: ['city'],
      orderBy: [{ column: 'most', isDescending: false }],
    },
    [
      { place: 'Recife', most: 10 },
      { place: 'Olinda', most: 25 },
    ],
  ],
  ['one row for all without GROUP BY', 'SUM(total * 2), AVG(total)', [{ 'SUM(total * 2)': 80, 'AVG(total)': 40 / 3 }]],
  ['distinct values', 'DISTINCT city', [{ city: 'Recife' }, { city: 'Olinda' }]],
  ['how many distinct values', 'COUNT(DISTINCT city) AS n', [{ n: 2 }]],
  ['an order by a column that is not shown', 'item ORDER BY total LIMIT 2', [{ item: 'tea' }, { item: 'tea' }]],
  ['null at the end either way', 'total ORDER BY total DESC', [{ total: 25 }, { total: 10 }, { total: 5 }, { total: null }]],
  ['SELECT written in full', 'SELECT item WHERE total = 25', [{ item: 'cake' }]],
  ['no rows', 'item WHERE total > 99', []],
];

test.each(cases)('SELECT gives %s', (_, query, wanted) => {
  expect(select(query)).toEqual(wanted);
});

test('a sum over no rows is one row', () => {
  expect(select('SUM(total) AS sum, COUNT(*) AS n, MIN(total) AS least', [])).toEqual([{ sum: 0, n: 0, least: null }]);
});

const join = (isLeft: boolean, turned = false): JsonValue => ({
  columns: [{ expression: 'o.item' }, { expression: 'c.uf' }, { expression: 'c.item', name: 'other' }],
  alias: 'o',
  joins: [{ list: cities, alias: 'c', left: turned ? 'c.city' : 'o.city', right: turned ? 'o.city' : 'c.city', isLeft }],
  where: [{ column: 'o.item', operator: '<>', value: null }],
});

test.each([false, true])('lists are joined, with ON in either order', (turned) => {
  expect(select(join(false, turned))).toEqual([{ item: 'tea', uf: 'PE', other: 'its own' }]);
});

test('LEFT JOIN keeps rows that find none', () => {
  expect(select(join(true))).toEqual([
    { item: 'tea', uf: 'PE', other: 'its own' },
    { item: 'cake', uf: null, other: null },
    { item: 'tea', uf: null, other: null },
  ]);
});

test('all columns of joined rows are those of both lists and nothing else', () => {
  const query = {
    columns: [{ expression: '*' }],
    alias: 'o',
    joins: [{ list: cities, alias: 'c', left: 'city', right: 'city' }],
    limit: 1,
  };
  expect(select(query)).toEqual([{ city: 'Recife', uf: 'PE', item: 'tea', total: 10, price: { net: 8 } }]);
});

test.each<readonly [string, JsonValue]>([
  ['a number', 5],
  ['half an expression', 'total +'],
  ['an unknown function', 'EXPLODE(total)'],
  ['a bad condition', 'total WHERE total'],
  ['a bad limit', 'total LIMIT many'],
  ['a text that never ends', `${'total + '.repeat(5000)}1`],
])('%s is refused', (_, query) => {
  expect(() => select(query)).toThrow(BasicError);
});

test('a join of everything with everything stops before memory does', () => {
  const many = Array.from({ length: 3000 }, () => ({ k: 1 }));
  const query = { columns: [{ expression: 'k' }], joins: [{ list: many, left: 'k', right: 'k' }] };
  expect(() => select(query, many)).toThrow('out_of_memory');
});
