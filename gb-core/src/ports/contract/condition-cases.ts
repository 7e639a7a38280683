import type { ManifestColumn } from '../bot-manifest.ts';
import type { Compare, Condition, Operator, RowOrder, Scalar, TableRow } from '../tables.ts';

/**
 * What conditions mean, as rows and the ids of those that fit. The matcher of rows in memory and the tables of a store
 * both run them: a filter must not change its meaning when somebody declares a table for the rows.
 */
export interface ConditionCase {
  readonly name: string;
  readonly condition: Condition;
  readonly ids: readonly number[];
}

const column = (name: string, type: ManifestColumn['type'], more: Partial<ManifestColumn> = {}): ManifestColumn => ({
  name,
  type,
  isKey: false,
  isRequired: false,
  isUnique: false,
  ...more,
});

export const conditionColumns: readonly ManifestColumn[] = [
  column('id', 'integer', { isKey: true }),
  column('status', 'text', { size: 20 }),
  column('age', 'integer'),
  column('price', 'decimal', { size: 12, scale: 2 }),
  column('score', 'number'),
  column('won', 'boolean'),
  column('born', 'date'),
  column('created', 'timestamp'),
  column('code', 'text'),
  column('day', 'text'),
  column('city', 'text'),
  column('opens', 'time'),
  column('ref', 'uuid'),
  column('data', 'json'),
];

const ref = '0193a5b2-1111-7abc-8def-0123456789ab';

/** In the spelling a table gives them back in. */
export const conditionRows: readonly TableRow[] = [
  row(1, 'Open', 20, 10.5, 0.1, true, '2000-05-17', '2026-03-04 10:00:00', '007', '17/05/2000', 'São Paulo', '08:00', ref, {
    n: 1,
    tags: ['red'],
    Deep: { Name: 'Ana' },
  }),
  row(2, 'open', 30, 30, 1e21, false, '1999-12-31', '2026-03-04 00:00:00', '7', '2000-05-17', 'Recife', '14:30', null, 'Text'),
  row(3, 'CLOSED', 9, 9, -2.5, null, null, '2025-01-01 00:00:00', '10', 'never', 'OLINDA', null, null, 12),
  row(4, null, null, null, null, true, '2026-03-04', null, '9a', null, null, '08:00:01', null, true),
  row(
    5,
    "O'Brien",
    10,
    100.25,
    2,
    false,
    '2024-02-29',
    '2026-12-31 23:59:59',
    '',
    '2026-03-04 10:00',
    '50%_off',
    null,
    null,
    null,
  ),
  row(6, 'sim', 0, 0, 0, false, '0999-01-01', '1999-12-31 00:00:00', 'TRUE', '31/02/2026', 'a\\b"c', null, null, { n: '2' }),
];

function row(
  ...[id, status, age, price, score, won, born, created, code, day, city, opens, uuid, data]: TableRow[string][]
): TableRow {
  return Object.fromEntries(
    Object.entries({ id, status, age, price, score, won, born, created, code, day, city, opens, ref: uuid, data }).map(
      ([name, value]) => [name, value ?? null],
    ),
  );
}

const is = (name: string, operator: Operator, value: Scalar, isDay = false): Compare => ({
  kind: 'compare',
  column: { name, isDay },
  operator,
  value,
  isWord: false,
});
const not = (part: Condition): Condition => ({ kind: 'not', part });
const one = (name: string, ...values: Scalar[]): Condition => ({ kind: 'in', column: { name, isDay: false }, values });
const all = (...parts: Condition[]): Condition => ({ kind: 'all', parts });
const any = (...parts: Condition[]): Condition => ({ kind: 'any', parts });
const everyId = [1, 2, 3, 4, 5, 6];

const written: readonly (readonly [name: string, condition: Condition, ids: readonly number[]])[] = [
  ['nothing asked means every row', all(), everyId],
  ['no alternative means no row', any(), []],
  ['texts are equal in any case', is('status', '=', 'OPEN'), [1, 2]],
  ['letters of other languages too', is('city', '=', 'SÃO PAULO'), [1]],
  ['a quote is a letter', is('status', '=', "o'brien"), [5]],
  ['what looks like SQL is a text', is('status', '=', "x' or '1'='1"), []],
  ['a column is found in any case', is('STATUS', '=', 'open'), [1, 2]],
  ['a text is not a number of another spelling', is('code', '=', '7'), [2]],
  ['a number is, in every spelling', is('code', '=', 7), [1, 2]],
  ['a number of a text compares by value', is('code', '<', 10), [1, 2, 5]],
  ['also when the other is a text', is('code', '>', '8'), [3, 4, 6]],
  ['a text that is no number compares as text', is('code', '>=', 'a'), [6]],
  ['numbers as text compare with a column of numbers', is('age', '=', ' 20 '), [1]],
  ['a whole column and a fraction', is('age', '>', 9.5), [1, 2, 5]],
  ['a word is no number', is('age', '=', 'many'), []],
  ['a decimal is its value', is('price', '=', 10.5), [1]],
  ['a decimal as text', is('price', '>=', '30.0'), [2, 5]],
  ['a floating-point number is itself', is('score', '=', 0.1), [1]],
  ['a big number', is('score', '>=', 1e21), [2]],
  ['zero is no', is('age', '=', false), [6]],
  ['a number is yes', is('age', '=', true), [1, 2, 3, 5]],
  ['yes and no in words', is('won', '=', 'sim'), [1, 4]],
  ['no as a number', is('won', '=', 0), [2, 5, 6]],
  ['no word of yes or no', is('won', '=', 'maybe'), []],
  ['no is before yes', is('won', '<', true), [2, 5, 6]],
  ['a text that says yes', is('status', '=', true), [6]],
  ['a text that says no', is('code', '=', false), [5]],
  ['NULL equals NULL', is('status', '=', null), [4]],
  ['an empty text is not NULL', is('code', '=', null), []],
  ['NULL is not before anything', is('age', '<', 1000), [1, 2, 3, 5, 6]],
  ['nothing is before NULL', is('age', '<', null), []],
  ['NULL is not after NULL', is('age', '<=', null), [4]],
  ['not equal holds for NULL', not(is('status', '=', 'open')), [3, 4, 5, 6]],
  ['not above holds for NULL', not(is('age', '>', 9)), [3, 4, 6]],
  ['not NULL', not(is('data', '=', null)), [1, 2, 3, 4, 6]],
  ['not of not', not(not(is('age', '>', 9))), [1, 2, 5]],
  ['not of both', not(all(is('age', '>', 9), is('won', '=', true))), [2, 3, 4, 5, 6]],
  ['not of either', not(any(is('age', '>', 9), is('won', '=', true))), [3, 6]],
  ['a date in the other spelling', is('born', '=', '17/05/2000'), [1]],
  ['a date before another', is('born', '<', '01/01/2000'), [2, 6]],
  ['a day that does not exist is a text', is('born', '=', '2026-02-30'), []],
  ['a time of a day', is('created', '>', '2026-03-04'), [1, 5]],
  ['the day of a time', is('created', '=', '2026-03-04', true), [1, 2]],
  ['a time with a zone', is('created', '=', '2026-03-04T07:00:00-03:00'), [1]],
  ['a date in a column of texts', is('day', '=', '2000-05-17'), [1, 2]],
  ['the day of a text', is('day', '=', '2026-03-04', true), [5]],
  ['dates in texts compare as dates', is('day', '>', '2001-01-01'), [3, 5, 6]],
  ['a time of day', is('opens', '>', '08:00:00'), [2, 4]],
  ['a time of day as people say it', is('opens', '=', '08:00'), [1]],
  ['a time of day up to another', is('opens', '<=', '14:30'), [1, 2, 4]],
  ['an id in capitals', is('ref', '=', ref.toUpperCase()), [1]],
  ['an id that is none', is('ref', '=', 'x'), []],
  ['like with %', is('city', 'like', 'rec%'), [2]],
  ['like with _', is('city', 'like', 'r_cife'), [2]],
  ['like in any case', is('city', 'like', '%PAULO'), [1]],
  ['like without signs is anywhere', is('city', 'like', 'lin'), [3]],
  ['contains takes % as it is', is('city', 'contains', '%_'), [5]],
  ['a backslash is a letter', is('city', 'like', '%\\b%'), [6]],
  ['a backslash alone', is('city', 'contains', '\\'), [6]],
  ['nothing is contained in everything', is('city', 'contains', ''), [1, 2, 3, 5, 6]],
  ['not like holds for NULL', not(is('city', 'like', '%e%')), [1, 3, 4, 5, 6]],
  ['a number contains digits', is('age', 'contains', '0'), [1, 2, 5, 6]],
  ['a decimal is written without zeros behind', is('price', 'like', '30'), [2]],
  ['a decimal begins with', is('price', 'like', '10.%'), [1]],
  ['a boolean is a word', is('won', 'like', 'tru%'), [1, 4]],
  ['a date is written in order', is('born', 'like', '2000-%'), [1]],
  ['one of several', one('status', 'OPEN', 'closed'), [1, 2, 3]],
  ['one of several numbers', one('id', 1, '2', 3.5, 99), [1, 2]],
  ['one of NULL', one('status', null, 'sim'), [4, 6]],
  ['one of dates', one('day', '17/05/2000', 'never'), [1, 2, 3]],
  ['one of nothing', one('status'), []],
  ['none of several', not(one('age', 20, 30)), [3, 4, 5, 6]],
  ['between', all(is('age', '>=', 10), is('age', '<=', 20)), [1, 5]],
  ['a value inside a value', is('data.n', '=', 1), [1]],
  ['a number inside as text', is('data.n', '>', '1'), [6]],
  ['deeper, in any case', is('data.deep.name', '=', 'ana'), [1]],
  ['a value that is a text', is('data', '=', 'text'), [2]],
  ['a value that is a number, beside texts', is('data', '>', 11), [1, 2, 3, 6]],
  ['a value that is yes, or a number', is('data', '=', true), [3, 4]],
  ['no value', is('data', '=', null), [5]],
  ['a list contains', is('data.tags', 'contains', 'red'), [1]],
];

export const conditionCases: readonly ConditionCase[] = written.map(([name, condition, ids]) => ({ name, condition, ids }));

/** Orders and the ids they give; what is the same stays as it came. */
export const orderCases: readonly (readonly [order: readonly RowOrder[], ids: readonly number[]])[] = [
  [[], everyId],
  [[{ column: 'age', isDescending: false }], [6, 3, 5, 1, 2, 4]],
  [[{ column: 'age', isDescending: true }], [2, 1, 5, 3, 6, 4]],
  [[{ column: 'code', isDescending: false }], [1, 2, 3, 5, 4, 6]],
  [[{ column: 'code', isDescending: true }], [6, 4, 5, 3, 1, 2]],
  [[{ column: 'day', isDescending: false }], [1, 2, 5, 6, 3, 4]],
  [
    [
      { column: 'status', isDescending: false },
      { column: 'id', isDescending: true },
    ],
    [3, 5, 2, 1, 6, 4],
  ],
  [[{ column: 'won', isDescending: true }], [1, 4, 2, 5, 6, 3]],
  [[{ column: 'born', isDescending: false }], [6, 2, 1, 5, 4, 3]],
];
