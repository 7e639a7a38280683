import { conditionCases, conditionRows, orderCases } from 'gb-core/contract';
import { expect, test } from 'vitest';
import { matches } from './matches.ts';
import { inOrder, type Row, readerOf } from './tables.ts';

const rows = conditionRows as readonly Row[];

test.each(conditionCases)('$name', ({ condition, ids }) => {
  expect(rows.filter((row) => matches(condition, readerOf(row))).map((row) => row['id'])).toEqual(ids);
});

test.each(orderCases)('in the order of %j', (order, ids) => {
  expect(inOrder(rows, order).map((row) => row['id'])).toEqual(ids);
});
