import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../functions/json.ts';
import { parseCondition } from './condition-text.ts';
import { matches } from './matches.ts';
import { readCondition } from './read-condition.ts';
import { readerOf } from './tables.ts';

const row = {
  id: 5,
  status: 'Open',
  age: 20,
  'Nome Completo': 'Ana Maria',
  city: 'Recife',
  created_at: '2026-03-04 10:00:00',
  born: '17/05/2000',
  nothing: null,
  code: '007',
  mail: 'ana@example.com',
  won: true,
  name: "O'Brien",
  stock: 3,
  minimum: 5,
  product: { id: 9 },
  note: 'black and white',
};
const fits = (filter: JsonValue): boolean | null => {
  const condition = readCondition(filter);
  return condition && matches(condition, readerOf(row), (name) => Object.hasOwn(row, name));
};

test.each([
  'status=open',
  "status = 'open'",
  'STATUS=Open',
  'age>18 and age < 30',
  'age >= 20',
  'age <= 20 AND age <> 21',
  'age != 21',
  'age == 20',
  'Nome Completo=Ana Maria',
  "[Nome Completo] = 'ana maria'",
  '"Nome Completo" = "Ana Maria"',
  "city like 'rec%' and not (age < 18)",
  'city like %cif%',
  'city like r_cife',
  'city ilike cif',
  "city not like 'x%'",
  'city contains ecif',
  "status in ('open', 'new')",
  'status in (open, new)',
  "status not in ('a','b')",
  'id in 4, 5, 6',
  'nothing is null',
  'age is not null',
  'nothing = null',
  'missing is null',
  "DATE(created_at) = DATE('2026-03-04')",
  'date(created_at) = 2026-03-04',
  'created_at > 01/01/2026',
  'born < 2000-05-18',
  'code=007',
  "code <> '7'",
  'mail=ana@example.com',
  'won = true',
  'won = sim',
  "name='O'Brien'",
  "name='O''Brien'",
  "name=O'Brien",
  'age between 10 and 20',
  'age not between 30 and 40 and status=open',
  'stock < minimum',
  'product.id = 9',
  'status=open and (age=1 or (age=20 and city=recife))',
  'age=1 or city=recife and status=open',
  'NOT status=closed',
  'age = 20 && status = open',
  'age = 1 || status = open',
  "note = 'black and white'",
  '  ',
])('%s fits', (text) => {
  expect(fits(text)).toBe(true);
});

test.each([
  'status=closed',
  'status=open and age=1',
  'nothing > 1',
  'nothing < 1',
  'age in (1, 2)',
  'age between 1 and 2',
  'not (age=20)',
  'city like cif%',
  'city is null',
  'won=false',
  'code=7 and code=8',
])('%s does not fit', (text) => {
  expect(fits(text)).toBe(false);
});

test.each([
  'status',
  '=1',
  'and',
  'not',
  'a in (',
  "a='x",
  'a=1 and',
  'a=1)',
  '(a=1',
  'a ~ 1',
  `a=${'1'.repeat(5000)}`,
  '('.repeat(100),
  `${'('.repeat(60)}a=1${')'.repeat(60)}`,
])('%j is no filter', (text) => {
  expect(parseCondition(text)).toBeNull();
});

describe('filters that are no text', () => {
  test.each<readonly [JsonValue, boolean]>([
    [null, true],
    [5, true],
    [6, false],
    [{ status: 'open', age: 20 }, true],
    [{ status: 'open', age: 21 }, false],
    [['status=open', 'age=20'], true],
    [['status=open', 'age=21'], false],
    [['id', 5], true],
    [['id', 6], false],
    [['id', 5, 'status=open'], true],
    [[{ column: 'age', operator: '=', value: 20 }], true],
    [
      [
        { column: 'age', operator: '=', value: 1 },
        { column: 'status', operator: '=', value: 'open', or: true },
        { column: 'city', operator: 'like', value: 'rec%' },
      ],
      true,
    ],
    [
      [
        { column: 'status', operator: '=', value: 'open' },
        { column: 'city', operator: '=', value: 'x' },
        { column: 'age', operator: '=', value: 1, or: true },
      ],
      false,
    ],
    [[{ column: 'status', operator: 'in', value: ['open', 'new'] }], true],
    [[{ column: 'status', operator: 'not in', value: ['open', 'new'] }], false],
    [[{ column: 'nothing', operator: '=', value: null }], true],
    [[{ column: 'age', operator: '<>', value: null }], true],
    [[{ column: 'age', operator: 'between', value: [1, 30] }], true],
    [[{ column: 'city', operator: 'not contains', value: 'cif' }], false],
  ])('%j', (filter, wanted) => {
    expect(fits(filter)).toBe(wanted);
  });

  test.each<JsonValue>([
    [{ column: 'a', operator: 'explodes', value: 1 }],
    [{ column: 'a', operator: '=', value: [1] }],
    [{ operator: '=', value: 1 }],
    { a: { b: 1 } },
    ['nonsense'],
  ])('%j is refused', (filter) => {
    expect(fits(filter)).toBeNull();
  });
});

test('what a value holds never becomes part of the filter', () => {
  const evil = "x' or '1'='1";
  expect(fits([{ column: 'status', operator: '=', value: evil }])).toBe(false);
  expect(fits(['status', evil])).toBe(false);
});

test.each([
  ['operators', 'a='.repeat(1900)],
  ['brackets', '('.repeat(3900)],
  ['quotes', "a='".repeat(1300)],
  ['blanks', `a=${' '.repeat(3900)}`],
  ['words', `a=${'b '.repeat(1900)}`],
  ['joiners', 'a=1 and '.repeat(480)],
])('a filter of nothing but %s is read soon', (_, text) => {
  const started = performance.now();
  parseCondition(text);
  expect(performance.now() - started).toBeLessThan(3_000);
});
