import { ListRef, type Value } from '../heap.ts';
import { fail, type Host, type HostFunctions } from '../host.ts';
import { Arguments, describe } from './arguments.ts';
import { Rows } from './rows.ts';
import { parseNumber } from './values.ts';

/** Sums and the like over lists of numbers, or over one column of a list of rows. Nulls and empty texts do not count. */
export function statisticFunctions(host: Host): HostFunctions {
  const { heap } = host;
  const numbers = (value: Value, position: number): number[] => {
    if (typeof value === 'number') return [value];
    if (!(value instanceof ListRef))
      return value === null ? [] : fail('type_mismatch', position, describe(value), 'a list of numbers');
    return numbersOf(heap.listValues(value.at), position);
  };
  const args = new Arguments(host);
  const extreme =
    (name: 'MIN' | 'MAX') =>
    (low?: number, high?: number, position?: number): number =>
      statistics[name](numbers(heap.value(low!, high!), position!)) ?? fail('illegal_argument', position!);
  /** The numbers of a list, or of one column of a list of rows. */
  const listed = (low: number, high: number, column: number, position: number): number[] => {
    const value = heap.value(low, high);
    if (heap.textLength(column) === 0) return numbers(value, position);
    const rows = new Rows(args, value, position);
    const name = args.text(column);
    return numbersOf(
      rows.items.map((row) => rows.value(row, name)),
      position,
    );
  };
  const of =
    (name: keyof typeof statistics) =>
    (low?: number, high?: number, column?: number, position?: number): number =>
      statistics[name](listed(low!, high!, column!, position!)) ?? fail('illegal_argument', position!);
  return {
    'fn:MIN': extreme('MIN'),
    'fn:MAX': extreme('MAX'),
    'fn:SUM': of('SUM'),
    'fn:AVG': (low, high, column, position) => statistics.AVG(listed(low!, high!, column!, position!)) ?? 0,
    'fn:MEDIAN': of('MEDIAN'),
    'fn:STDEV': of('STDEV'),
  };
}

/** Nulls and empty texts do not count. */
export function numbersOf(values: readonly Value[], position: number): number[] {
  return values
    .filter((value) => value !== null && value !== '')
    .map((value) => numberOf(value) ?? fail('type_mismatch', position, describe(value), 'a number'));
}

/** The number a value counts as, or null: a text may read as one, yes is 1. */
export function numberOf(value: Value): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' ? parseNumber(value) : null;
}

/** Null where a list without numbers has no answer. Sums are compensated (Neumaier), so that 0.1 ten times is 1. */
export const statistics = {
  MIN: (values: readonly number[]): number | null => (values.length === 0 ? null : values.reduce((a, b) => Math.min(a, b))),
  MAX: (values: readonly number[]): number | null => (values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b))),
  SUM: (values: readonly number[]): number | null => sum(values),
  AVG: (values: readonly number[]): number | null => (values.length === 0 ? null : sum(values) / values.length),
  MEDIAN: (values: readonly number[]): number | null => {
    const ordered = [...values].sort((a, b) => a - b);
    const middle = ordered.length >> 1;
    if (ordered.length === 0) return null;
    return ordered.length % 2 === 1 ? ordered[middle]! : (ordered[middle - 1]! + ordered[middle]!) / 2;
  },
  STDEV: (values: readonly number[]): number | null => {
    if (values.length < 2) return null;
    const mean = sum(values) / values.length;
    return Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1));
  },
} as const;

function sum(values: readonly number[]): number {
  let total = 0;
  let lost = 0;
  for (const value of values) {
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return Number.isFinite(total) ? total + lost : total;
}
