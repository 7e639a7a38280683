import { ListRef, type Value } from '../heap.ts';
import { fail } from '../host.ts';
import type { Scalar } from '../operations/condition.ts';
import { cutAtCommas, parseRowExpression, type RowExpression } from '../operations/row-expression.ts';
import { compareAll, type SortKey, sortKey } from '../operations/sort-key.ts';
import { type Arguments, describe } from './arguments.ts';
import type { Rows } from './rows.ts';
import { numbersOf, statistics } from './statistics.ts';
import { compareValues } from './values.ts';

export const aggregateNames = [
  'SUM',
  'AVG',
  'AVERAGE',
  'COUNT',
  'MIN',
  'MAX',
  'MEDIAN',
  'STDEV',
  'FIRST',
  'LAST',
  'DISTINCT',
  'LIST',
] as const;

/** One value for many. Null and empty values do not count, except in COUNT of all rows. */
export function aggregate(args: Arguments, word: string, values: readonly Value[], isRows: boolean, position: number): Value {
  const name = word.trim().toUpperCase();
  const present = values.filter((value) => value !== null && value !== '');
  args.heap.charge(values.length);
  switch (name) {
    case 'COUNT':
      return isRows ? values.length : present.length;
    case 'DISTINCT':
    case 'COUNT DISTINCT':
      return new Set(present.map((value) => args.identity(value, position))).size;
    case 'FIRST':
      return values[0] ?? null;
    case 'LAST':
      return values.at(-1) ?? null;
    case 'LIST':
      return new ListRef(args.heap.makeListOf(present));
    case 'MIN':
    case 'MAX': {
      const wanted = name === 'MIN' ? -1 : 1;
      return present.reduce<Value>(
        (best, value) => (best === null || compareValues(value, best) === wanted ? value : best),
        null,
      );
    }
    case 'SUM':
    case 'AVG':
    case 'AVERAGE':
    case 'MEDIAN':
    case 'STDEV': {
      return statistics[name === 'AVERAGE' ? 'AVG' : name](numbersOf(present, position));
    }
    default:
      return fail('type_mismatch', position, describe(word), 'SUM, AVG, COUNT, MIN or MAX');
  }
}

/** Rows of equal values in some columns, by number, in the order of their first row. */
export function grouped(rows: Rows, columns: readonly string[]): number[][] {
  const groups = new Map<string, number[]>();
  const reads = columns.map((column) => readKey(column));
  rows.items.forEach((row, index) => {
    const values = reads.map((read) => read(rows, row));
    const key = columns.length === 1 ? `${typeof values[0]}${values[0]}` : JSON.stringify(values);
    const group = groups.get(key);
    if (group) group.push(index);
    else groups.set(key, [index]);
  });
  return [...groups.values()];
}

/** A column by its name, whatever that is; or what is computed, like `MONTH(day)`. */
function readKey(text: string): (rows: Rows, row: Value) => Scalar {
  const compute = /[()*/+]/.test(text) ? parseRowExpression(text) : null;
  if (!compute) return (rows, row) => rows.scalar(row, text);
  return (rows, row) => rows.scalar(row, text) ?? compute(rows.reader(row));
}

export interface Order {
  readonly column: string;
  readonly sign: 1 | -1;
}

/** `total DESC, name`; null when it is something else. */
export function readOrder(text: string): Order[] | null {
  const parts = cutAtCommas(text);
  const order = parts.map((part): Order | null => {
    const match = /^(.*?)(?:\s+(asc|desc|ascending|descending))?$/is.exec(part.slice(0, 200));
    const column = match?.[1]?.trim().replace(/^\[(.*)\]$/, '$1') ?? '';
    return column === '' ? null : { column, sign: match?.[2]?.toLowerCase().startsWith('desc') ? -1 : 1 };
  });
  return order.length > 0 && order.every((one) => one !== null) ? order : null;
}

export function sorted(rows: Rows, indexes: readonly number[], order: readonly Order[]): number[] {
  const keys = new Map<number, SortKey[]>(
    indexes.map((index) => [index, order.map(({ column }) => sortKey(rows.scalar(rows.items[index]!, column)))]),
  );
  const signs = order.map(({ sign }) => sign);
  return [...indexes].sort((a, b) => compareAll(keys.get(a)!, keys.get(b)!, signs));
}

export interface ColumnOf {
  readonly name: string;
  /** The column it simply is. */
  readonly plain: string | null;
  readonly compute: RowExpression;
}

/** `price`, `price * 2 AS double`; null when it is no expression. */
export function readColumn(text: string): ColumnOf | null {
  const match = /^(.*\S)\s+as\s+(?:\[([^\]]+)\]|"([^"]+)"|([\p{L}_][\p{L}\p{M}\p{N}_]*))$/isu.exec(text.slice(0, 2000));
  const written = (match?.[1] ?? text).trim();
  const plain = /^(?:\[([^\]]+)\]|([\p{L}_$][\p{L}\p{M}\p{N}_.$]*))$/u.exec(written);
  const compute = parseRowExpression(written);
  if (!compute) return null;
  const column = plain ? (plain[1] ?? plain[2])!.trim() : null;
  return { name: match?.[2] ?? match?.[3] ?? match?.[4] ?? column?.split('.').at(-1) ?? written, plain: column, compute };
}
