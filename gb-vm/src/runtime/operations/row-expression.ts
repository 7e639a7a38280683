import { parseDate } from '../functions/date-text.ts';
import { parseNumber } from '../functions/values.ts';
import type { ReadColumn, Scalar } from './condition.ts';

/**
 * What is computed from the columns of one row, as in `MAP rows, "price * quantity AS total"`. Knows columns (also
 * `[with blanks]`), numbers, quoted texts, + - * / % & ( ), and a few functions. `+` joins when one side is no number,
 * as it does in a script. A column that is not there is NULL, and a sum with NULL is NULL.
 */
export type RowExpression = (read: ReadColumn) => Scalar;

const textMax = 2000;
const depthMax = 40;
const joinedMax = 100_000;

const functions: Readonly<Record<string, (values: readonly Scalar[]) => Scalar>> = {
  UPPER: ([a = null]) => (a === null ? null : String(a).toUpperCase()),
  LOWER: ([a = null]) => (a === null ? null : String(a).toLowerCase()),
  TRIM: ([a = null]) => (a === null ? null : String(a).trim()),
  LEN: ([a = null]) => (a === null ? 0 : String(a).length),
  ABS: ([a = null]) => onNumber(a, Math.abs),
  INT: ([a = null]) => onNumber(a, Math.floor),
  ROUND: ([a = null, places = 0]) => {
    const scale = 10 ** Math.max(-10, Math.min(10, numeric(places) ?? 0));
    return onNumber(a, (value) => (Math.sign(value) * Math.round(Math.abs(value) * scale + 1e-9)) / scale);
  },
  DATE: ([a = null]) => dateOf(a)?.toISOString().slice(0, 10) ?? a,
  YEAR: ([a = null]) => dateOf(a)?.getUTCFullYear() ?? null,
  MONTH: ([a = null]) => onNumber(dateOf(a)?.getUTCMonth() ?? null, (month) => month + 1),
  DAY: ([a = null]) => dateOf(a)?.getUTCDate() ?? null,
  COALESCE: (values) => values.find((value) => value !== null && value !== '') ?? null,
};
const other: Readonly<Record<string, string>> = {
  UCASE: 'UPPER',
  LCASE: 'LOWER',
  LENGTH: 'LEN',
  NVL: 'COALESCE',
  IFNULL: 'COALESCE',
};

function dateOf(value: Scalar): Date | null {
  const date = typeof value === 'string' ? parseDate(value) : null;
  return date && new Date(date.ms);
}

const numeric = (value: Scalar): number | null =>
  typeof value === 'number' ? value : typeof value === 'string' ? parseNumber(value) : value === null ? null : Number(value);
const onNumber = (value: Scalar, compute: (value: number) => number): Scalar => {
  const number = numeric(value);
  return number === null ? null : compute(number);
};

/** Null when the text is no expression. */
export function parseRowExpression(text: string): RowExpression | null {
  if (text.length > textMax) return null;
  const tokens =
    text.match(/\s+|\d+(?:\.\d+)?|'(?:[^']|'')*'|"(?:[^"]|"")*"|\[[^\]]*\]|[\p{L}_$][\p{L}\p{M}\p{N}_.$]*|[\s\S]/gu) ?? [];
  const reader = new Reader(tokens.filter((token) => token.trim() !== ''));
  const found = reader.sum();
  return found && reader.isAtEnd ? found : null;
}

class Reader {
  readonly #tokens: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  sum(): RowExpression | null {
    if (++this.#depth > depthMax) return null;
    let left = this.#product();
    while (left && ['+', '-', '&'].includes(this.#tokens[this.#at] ?? '')) {
      const sign = this.#tokens[this.#at++]!;
      const [a, b] = [left, this.#product()];
      left = b && ((read) => add(sign, a(read), b(read)));
    }
    this.#depth--;
    return left;
  }

  #product(): RowExpression | null {
    let left = this.#factor();
    while (left && ['*', '/', '%'].includes(this.#tokens[this.#at] ?? '')) {
      const sign = this.#tokens[this.#at++]!;
      const [a, b] = [left, this.#factor()];
      left = b && ((read) => multiply(sign, a(read), b(read)));
    }
    return left;
  }

  #factor(): RowExpression | null {
    let isNegative = false;
    while (this.#tokens[this.#at] === '-') {
      isNegative = !isNegative;
      this.#at++;
    }
    const value = this.#value();
    return value && isNegative ? (read) => onNumber(value(read), (number) => -number) : value;
  }

  #value(): RowExpression | null {
    const token = this.#tokens[this.#at++];
    if (token === undefined) return null;
    if (/^\d/.test(token)) {
      const number = Number(token);
      return () => number;
    }
    if (/^['"]./.test(token)) {
      const text = token.slice(1, -1).replaceAll(token[0]! + token[0]!, token[0]!);
      return () => text;
    }
    if (token === '(') {
      const inner = this.sum();
      return inner && this.#tokens[this.#at++] === ')' ? inner : null;
    }
    if (/^\[./.test(token)) return (read) => read(token.slice(1, -1).trim());
    if (!/^[\p{L}_$]/u.test(token)) return null;
    if (this.#tokens[this.#at] === '(') return this.#call(token.toUpperCase());
    const word = token.toUpperCase();
    if (word === 'NULL') return () => null;
    if (word === 'TRUE' || word === 'FALSE') return () => word === 'TRUE';
    return (read) => read(token);
  }

  #call(name: string): RowExpression | null {
    const compute = functions[other[name] ?? name];
    if (!compute) return null;
    this.#at++;
    const parts: RowExpression[] = [];
    while (this.#tokens[this.#at] !== ')') {
      const part = this.sum();
      if (!part || parts.length >= 10) return null;
      parts.push(part);
      if (this.#tokens[this.#at] === ',') this.#at++;
      else if (this.#tokens[this.#at] !== ')') return null;
    }
    this.#at++;
    return (read) => compute(parts.map((part) => part(read)));
  }
}

function add(sign: string, a: Scalar, b: Scalar): Scalar {
  const [x, y] = [numeric(a), numeric(b)];
  const isText =
    sign === '&' || (sign === '+' && ((typeof a === 'string' && x === null) || (typeof b === 'string' && y === null)));
  if (isText) {
    const text = String(a ?? '') + String(b ?? '');
    return text.length > joinedMax ? null : text;
  }
  if (x === null || y === null) return null;
  return sign === '-' ? x - y : x + y;
}

function multiply(sign: string, a: Scalar, b: Scalar): Scalar {
  const [x, y] = [numeric(a), numeric(b)];
  if (x === null || y === null) return null;
  if (sign === '*') return x * y;
  // A row in which the divisor is missing has no answer; the others have theirs.
  if (y === 0) return null;
  return sign === '/' ? x / y : x % y;
}

/** Text cut at commas that stand in no quotes and no brackets. */
export function cutAtCommas(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const [token] of text.matchAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\[[^\]]*\]|[\s\S]/g)) {
    if (token === '(') depth++;
    else if (token === ')') depth--;
    if (token === ',' && depth <= 0) parts.push('');
    else parts[parts.length - 1] += token;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
