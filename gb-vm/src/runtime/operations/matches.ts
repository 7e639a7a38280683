import { parseBoolean, parseDate, parseNumber } from 'gb-utils';
import type { Column, Condition, ReadColumn, Scalar } from './condition.ts';
import { dayOf } from './condition-text.ts';

/** Whether a row is meant. `hasColumn` makes a bare word on the right mean a column of that name. */
export function matches(condition: Condition, read: ReadColumn, hasColumn: (name: string) => boolean = () => false): boolean {
  switch (condition.kind) {
    case 'all':
      return condition.parts.every((part) => matches(part, read, hasColumn));
    case 'any':
      return condition.parts.some((part) => matches(part, read, hasColumn));
    case 'not':
      return !matches(condition.part, read, hasColumn);
    case 'in': {
      const value = cellOf(condition.column, read);
      return condition.values.some((one) => orderOfScalars(value, one) === 0);
    }
    case 'compare': {
      const { column, operator, isWord } = condition;
      const value = cellOf(column, read);
      const wanted = isWord && hasColumn(condition.value as string) ? read(condition.value as string) : condition.value;
      if (operator === 'like' || operator === 'contains') {
        if (value === null || wanted === null) return false;
        const pattern = String(wanted).toLowerCase();
        const text = String(value).toLowerCase();
        return operator === 'like' && /[%_]/.test(pattern) ? isLike(text, pattern) : text.includes(pattern);
      }
      const order = orderOfScalars(value, wanted);
      if (operator === '=') return order === 0;
      if (order === null) return false;
      return operator === '<' ? order < 0 : operator === '>' ? order > 0 : operator === '<=' ? order <= 0 : order >= 0;
    }
  }
}

function cellOf(column: Column, read: ReadColumn): Scalar {
  const value = read(column.name);
  return column.isDay ? dayOf(value) : value;
}

/** Negative, zero or positive; null when there is no order, as beside NULL. */
function orderOfScalars(a: Scalar, b: Scalar): number | null {
  if (a === null || b === null) return a === b ? 0 : null;
  if (typeof a === 'boolean' || typeof b === 'boolean') {
    const [x, y] = [asBoolean(a), asBoolean(b)];
    return x === null || y === null ? null : Number(x) - Number(y);
  }
  const [x, y] = [typeof a === 'number' ? a : parseNumber(a), typeof b === 'number' ? b : parseNumber(b)];
  // Two texts are the same number only if they are the same text: 007 is not 7 in a list of codes. Their order is by value.
  if (x !== null && y !== null && (typeof a === 'number' || typeof b === 'number' || x !== y)) return x - y;
  if (typeof a === 'number' || typeof b === 'number') return ordered(String(a), String(b));
  const [day, other] = [parseDate(a), parseDate(b)];
  if (day && other) return day.ms - other.ms;
  return ordered(a.toLowerCase(), b.toLowerCase());
}

const ordered = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function asBoolean(value: Scalar): boolean | null {
  return typeof value === 'string' ? parseBoolean(value) : Boolean(value);
}

/** LIKE without going back: the pieces between the % are found one after the other. */
function isLike(text: string, pattern: string): boolean {
  const pieces = pattern.slice(0, 1000).split('%');
  const fits = (piece: string, at: number): boolean => {
    if (at < 0 || at + piece.length > text.length) return false;
    for (let index = 0; index < piece.length; index++)
      if (piece[index] !== '_' && piece[index] !== text[at + index]) return false;
    return true;
  };
  const find = (piece: string, from: number): number => {
    if (!piece.includes('_')) return text.indexOf(piece, from);
    for (let at = from; at + piece.length <= text.length; at++) if (fits(piece, at)) return at;
    return -1;
  };
  const [first = '', ...rest] = pieces;
  if (!fits(first, 0)) return false;
  if (rest.length === 0) return first.length === text.length;
  const last = rest.pop()!;
  let at = first.length;
  for (const piece of rest) {
    const found = find(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && fits(last, text.length - last.length);
}
