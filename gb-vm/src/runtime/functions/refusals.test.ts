import { describe, expect, test } from 'vitest';
import { BasicError } from '../errors.ts';
import { findProperty, makeObject, objectKeys, removeProperty, setProperty } from '../objects.ts';
import type { JsonValue } from './json.ts';
import { callFunction, library } from './testing/call-function.ts';

/** The code of the error a call ends in; the result when it does not. */
function failure(name: string, args: readonly JsonValue[], lib = library()): JsonValue {
  try {
    return callFunction(lib, name, args);
  } catch (error) {
    if (!(error instanceof BasicError)) throw error;
    expect(error.position === 99 || error.position === null).toBe(true);
    return error.code;
  }
}

const refused: readonly (readonly [string, readonly JsonValue[], string])[] = [
  ['MID', ['abc', 0], 'illegal_argument'],
  ['INSTR', [0, 'abc', 'a'], 'illegal_argument'],
  ['INSTR', ['x', 'abc', 'a'], 'type_mismatch'],
  ['INSTRREV', ['abc', 'a', 0], 'illegal_argument'],
  ['REPLACE', ['abc', 'a', 'b', 0], 'illegal_argument'],
  ['SPLIT', ['abc', ',', 0], 'illegal_argument'],
  ['JOIN', [5], 'type_mismatch'],
  ['JOIN', [[], [], ''], 'illegal_argument'],
  ['LPAD', ['a', -1, ' '], 'illegal_argument'],
  ['LPAD', ['a', 1e9, ' '], 'illegal_argument'],
  ['CHR', [-1], 'illegal_argument'],
  ['CHR', [0x110000], 'illegal_argument'],
  ['CHR', [Number.NaN], 'illegal_argument'],
  ['ASC', [''], 'illegal_argument'],
  ['STRING', [-1, '*'], 'illegal_argument'],
  ['SPACE', [1e9], 'out_of_memory'],
  ['REPEAT', ['ab', 1e9], 'out_of_memory'],
  ['FROMBASE64', ['a!'], 'illegal_argument'],
  ['FROMBASE64', ['a'], 'illegal_argument'],
  ['REGEX TEST', ['a', '('], 'type_mismatch'],
  ['REGEX TEST', ['a', '(a)\\1'], 'type_mismatch'],
  ['REGEX TEST', ['a', 'a', 'q'], 'type_mismatch'],
  ['REGEX TEST', ['a', 'a'.repeat(3000)], 'illegal_argument'],
  ['FORMAT', [1, '0'.repeat(300)], 'illegal_argument'],
  ['SQR', [-1], 'illegal_argument'],
  ['LOG', [0], 'illegal_argument'],
  ['LOG10', [-1], 'illegal_argument'],
  ['ASIN', [2], 'illegal_argument'],
  ['POW', [-8, 0.5], 'illegal_argument'],
  ['MODULO', [1, 0], 'division_by_zero'],
  ['MIN', [[]], 'illegal_argument'],
  ['MAX', ['x'], 'type_mismatch'],
  ['SUM', [['a']], 'type_mismatch'],
  ['SUM', [{}], 'type_mismatch'],
  ['STDEV', [[1]], 'illegal_argument'],
  ['CBOOL', ['perhaps'], 'type_mismatch'],
  ['HEX', [1e300], 'illegal_argument'],
  ['RANDOM', [0], 'illegal_argument'],
  ['RANDOM', [5, 1], 'illegal_argument'],
  ['RANDOM', ['x'], 'type_mismatch'],
  ['HOUR', ['soon'], 'invalid_date'],
  ['DAY', ['31/02/2026'], 'invalid_date'],
  ['DAY', [[1]], 'invalid_date'],
  ['DATEADD', ['2026-01-01', 1, 'fortnight'], 'type_mismatch'],
  ['DATEADD', ['2026-01-01', 'x', 'day'], 'type_mismatch'],
  ['DATEADD', ['2026-01-01', 1e18, 'day'], 'illegal_argument'],
  ['DATEDIFF', ['day', '2026-01-01', 'x'], 'invalid_date'],
  ['DATEPART', ['banana', '2026-01-01'], 'type_mismatch'],
  ['DATESERIAL', [1e9, 1, 1], 'illegal_argument'],
  ['TIMESERIAL', [1e15, 0, 0], 'illegal_argument'],
  ['TIMEVALUE', ['25:00'], 'invalid_date'],
  ['WEEKDAYNAME', [8], 'illegal_argument'],
  ['MONTHNAME', [0], 'illegal_argument'],
  ['UBOUND', ['x'], 'type_mismatch'],
  ['UBOUND', [[1], 2], 'type_mismatch'],
  ['UBOUND', [[], 2], 'subscript_out_of_range'],
  ['PUSH', [5, 1], 'type_mismatch'],
  ['REMOVE', [[1], 1], 'subscript_out_of_range'],
  ['REMOVE', [[1], 'x'], 'type_mismatch'],
  ['SORT', [[1], 'sideways'], 'illegal_argument'],
  ['CHUNK', [[1], 0], 'illegal_argument'],
  ['RANGE', [1, 5, 0], 'illegal_argument'],
  ['RANGE', [1, 1e9], 'out_of_memory'],
  ['RANGE', [0, Number.POSITIVE_INFINITY], 'out_of_memory'],
  ['KEYS', [[1]], 'type_mismatch'],
  ['MERGE OBJECTS', [{}, 5], 'type_mismatch'],
  ['PARSE', ['[1'], 'invalid_json'],
  ['PARSE', ['['.repeat(100) + ']'.repeat(100)], 'illegal_argument'],
  ['AGGREGATE', ['EXPLODE', [1]], 'type_mismatch'],
  ['AGGREGATE', ['SUM', [{ a: 'x' }], 'a'], 'type_mismatch'],
  ['FILTER', [[{ a: 1 }], 'nonsense'], 'type_mismatch'],
  ['FILTER', ['x', 'a=1'], 'type_mismatch'],
  ['MAP', [[{ a: 1 }], ''], 'illegal_argument'],
  ['MAP', [[{ a: 1 }], 'a +'], 'type_mismatch'],
  ['SORT BY', [[{ a: 1 }], ''], 'illegal_argument'],
  ['FILL', ['Hi', 5], 'type_mismatch'],
  ['FLATTEN', ['x'], 'type_mismatch'],
];

test.each(refused)('%s of %j ends in %s', (name, args, code) => {
  expect(failure(name, args)).toBe(code);
});

const classic: readonly (readonly [string, readonly JsonValue[], JsonValue])[] = [
  ['STR', [5], ' 5'],
  ['STR', [-0.5], '-.5'],
  ['CHR', [255], 'ÿ'],
  ['CHR', [256], 'illegal_argument'],
  ['LEFT', ['abc', -1], 'illegal_argument'],
  ['RIGHT', ['abc', -1], 'illegal_argument'],
  ['MID', ['abc', 9], ''],
  ['STRING', [256, '*'], 'illegal_argument'],
  ['STRING', [3, ''], 'illegal_argument'],
  ['CINT', [40000], 'overflow'],
  ['CINT', [2.5], 3],
  ['CSNG', [0.1], Math.fround(0.1)],
  ['HEX', [-1], 'FFFF'],
  ['OCT', [-1], '177777'],
  ['DATE', [], '11-23-2026'],
  ['TIME', [], '14:30:00'],
  ['INKEY', [], ''],
];

test.each(classic)('classic: %s of %j is %s', (name, args, wanted) => {
  expect(failure(name, args, library({ profile: 'classic' }))).toBe(wanted);
});

test('the clock of a conversation may be hours from UTC', () => {
  const lib = library({ utcOffsetMinutes: -180 });
  expect(callFunction(lib, 'NOW', [])).toBe('2026-11-23 11:30:00');
  expect(callFunction(lib, 'TIMER', [])).toBe(11.5 * 3600);
  expect(callFunction(lib, 'DATEVALUE', ['2026-01-01T01:00:00Z'])).toBe('2025-12-31');
  expect(callFunction(lib, 'TIME', ['2026-01-01T01:00:00-03:00'])).toBe('01:00:00');
  expect(callFunction(lib, 'TIMESTAMP', ['1970-01-01 00:00:00'])).toBe(10_800_000);
  const far = library({ utcOffsetMinutes: 600 });
  expect(callFunction(far, 'TODAY', [])).toBe('2026-11-24');
});

describe('in Portuguese', () => {
  const lib = library({ locale: 'pt-BR' });
  test.each<readonly [string, readonly JsonValue[], JsonValue]>([
    ['FORMAT', [1234.5, 'Currency'], 'R$ 1.234,50'],
    ['FORMAT', [1234.5, 'N1'], '1.234,5'],
    ['FORMAT', ['2026-03-04', 'Short Date'], '04/03/2026'],
    ['FORMAT', ['2026-03-04 15:06:07', 'General Date'], '04/03/2026 15:06:07'],
    ['FORMAT', ['2026-03-04', 'Do'], '4º'],
    ['FORMAT', [true, 'Yes/No'], 'Sim'],
    ['WEEKDAYNAME', ['2026-03-07'], 'sábado'],
    ['MONTHNAME', [3], 'março'],
    ['MONTHNAME', [3, true], 'mar'],
    ['DATEADD', ['2026-01-01', 2, 'semanas'], '2026-01-15'],
    ['CBOOL', ['verdadeiro'], true],
  ])('%s of %j is %s', (name, args, wanted) => {
    expect(callFunction(lib, name, args)).toBe(wanted);
  });
});

describe('work is charged by what it is done on', () => {
  const long = 'ab'.repeat(200_000);
  const list = Array.from({ length: 20_000 }, (_, index) => index);
  const rows = list.map((index) => ({ id: index, name: `n${index % 7}` }));
  test.each<readonly [string, readonly JsonValue[]]>([
    ['UCASE', [long]],
    ['REPLACE', [long, 'a', 'x']],
    ['SPLIT', [long, 'a']],
    ['INSTR', [long, 'zz']],
    ['STARTSWITH', [long, 'ab']],
    ['ENDSWITH', [long, 'ab']],
    ['VAL', [long]],
    ['STRCOMP', [long, long]],
    ['REGEX TEST', [long, 'z$']],
    ['REGEX REPLACE', [long, 'a', 'x']],
    ['URLENCODE', [long]],
    ['HTMLENCODE', [long]],
    ['BASE64', [long]],
    ['MD5', [long]],
    ['SHA256', [long]],
    ['WORDS', [long]],
    ['JSON', [list]],
    ['SORT', [list]],
    ['SHUFFLE', [list]],
    ['UNIQUE', [list]],
    ['SLICE', [list, 1]],
    ['CHUNK', [list, 2]],
    ['FLATTEN', [[list]]],
    ['RANGE', [1, 20_000]],
    ['SUM', [list]],
    ['AGGREGATE', ['SUM', rows, 'id']],
    ['FILTER', [rows, 'id > 3']],
    ['MAP', [rows, 'id * 2 AS double']],
    ['GROUP BY', [rows, 'name']],
    ['PIVOT', [rows, 'name', 'name', 'id']],
    ['SORT BY', [rows, 'name']],
    ['SELECT', [rows, 'name, SUM(id) GROUP BY name']],
  ])('%s', (name, args) => {
    const lib = library();
    callFunction(lib, name, args);
    expect(lib.fuel).toBeGreaterThan(1000);
  });
});

test('a short text in a million places is refused before it is made', () => {
  const long = 'a'.repeat(100_000);
  expect(failure('REPLACE', [long, 'a', 'b'.repeat(1000)])).toBe('out_of_memory');
  expect(failure('JOIN', [Array.from({ length: 100_000 }, () => 'a'), 'b'.repeat(1000)])).toBe('out_of_memory');
  expect(failure('REGEX REPLACE', [long, 'a', 'b'.repeat(1000)])).toBe('out_of_memory');
  expect(failure('FILL', ['{a}'.repeat(30_000), { a: 'b'.repeat(10_000) }])).toBe('out_of_memory');
});

test('an object of a hundred thousand names is built in steps that grow with its size', () => {
  const text = `{${Array.from({ length: 100_000 }, (_, index) => `"k${index}":${index}`).join(',')}}`;
  const lib = library();
  expect(callFunction(lib, 'PARSE', [text])).toHaveProperty('k99999', 99_999);
  expect(lib.fuel).toBeLessThan(1_000_000);
});

test('a name is found again after others were removed', () => {
  const lib = library();
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`k${index}`, index]));
  expect(callFunction(lib, 'REMOVE', [many, 'K7'])).toBe(7);
  const { heap } = lib.host;
  const object = makeObject(heap, 0);
  for (let index = 0; index < 30; index++) setProperty(heap, object, `k${index}`, index);
  for (let index = 0; index < 30; index += 3) expect(removeProperty(heap, object, heap.makeText(`k${index}`))).toBe(index);
  setProperty(heap, object, 'new', true);
  expect(objectKeys(heap, object)).toHaveLength(21);
  for (let index = 0; index < 30; index++) {
    const at = findProperty(heap, object, heap.makeText(`k${index}`));
    expect(at === 0 ? null : heap.valueAt(at)).toBe(index % 3 === 0 ? null : index);
  }
});
