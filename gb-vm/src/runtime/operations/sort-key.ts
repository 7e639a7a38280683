import { parseDate } from '../functions/date-text.ts';
import { parseNumber } from '../functions/values.ts';
import type { Scalar } from './condition.ts';

/**
 * What a value is ordered by, worked out once for each row instead of for each comparison: numbers, also when written as
 * text, come first, then dates in either spelling, then texts in any case. Comparing two values at a time the way
 * conditions do would not even be an order: 10 < "9a" < "9" < 10.
 */
export type SortKey = { readonly rank: 0 | 1; readonly value: number } | { readonly rank: 2; readonly value: string } | null;

export function sortKey(value: Scalar): SortKey {
  if (value === null) return null;
  if (typeof value !== 'string') return { rank: 0, value: Number(value) };
  const number = parseNumber(value);
  if (number !== null) return { rank: 0, value: number };
  const date = parseDate(value);
  return date ? { rank: 1, value: date.ms } : { rank: 2, value: value.toLowerCase() };
}

/** Null comes last either way. */
function compareKeys(a: SortKey, b: SortKey, sign: 1 | -1): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (a.rank !== b.rank) return (a.rank - b.rank) * sign;
  return a.value === b.value ? 0 : a.value < b.value ? -sign : sign;
}

/** By the first key that differs. */
export function compareAll(a: readonly SortKey[], b: readonly SortKey[], signs: readonly (1 | -1)[]): number {
  for (const [index, sign] of signs.entries()) {
    const result = compareKeys(a[index]!, b[index]!, sign);
    if (result !== 0) return result;
  }
  return 0;
}
