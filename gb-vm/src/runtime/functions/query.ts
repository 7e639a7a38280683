import { cutAtCommas, parseRowExpression } from '../operations/row-expression.ts';
import { aggregateNames, type ColumnOf, type Order, readColumn, readOrder } from './aggregate.ts';
import type { JsonValue } from './json.ts';

/**
 * What a SELECT wants: `columns`, `where`, `groupBy`, `orderBy`, `limit` and `isDistinct`, each as the structure the
 * compiler makes of it or as text the way it is written in SQL; or all of it is one text,
 * `name, SUM(total) AS total WHERE ... GROUP BY name ORDER BY total DESC LIMIT 3`.
 */
export interface Query {
  readonly columns: readonly string[];
  readonly where: JsonValue;
  readonly group: readonly string[];
  readonly order: readonly Order[];
  readonly limit: number;
  readonly isDistinct: boolean;
}

export interface Output extends ColumnOf {
  /** The function it is summed up by. */
  readonly word: string | null;
  readonly isAll: boolean;
}

/** Null when it is no query. */
export function readQuery(query: JsonValue): Query | null {
  const parts = typeof query === 'string' ? clauses(query) : Array.isArray(query) ? { columns: query } : query;
  if (parts === null || typeof parts !== 'object') return null;
  const given = parts as { readonly [name: string]: JsonValue };
  const columns = texts(given['columns'] ?? '*', columnText);
  const group = texts(given['groupBy'] ?? '', (item) => (typeof item === 'string' ? item : null));
  const order = texts(given['orderBy'] ?? '', orderText);
  if (!columns || !group || !order) return null;
  const read = order.length === 0 ? [] : readOrder(order.join(', '));
  const limit = given['limit'] ?? null;
  if (!read || (limit !== null && !(Number(limit) >= 0))) return null;
  const [first = '*'] = columns;
  const isDistinct = given['isDistinct'] === true || /^distinct\s/i.test(first);
  return {
    columns: [first.replace(/^distinct\s+/i, ''), ...columns.slice(1)],
    where: given['where'] ?? null,
    group: group.map((name) => name.replace(/^\[(.*)\]$/, '$1')),
    order: read,
    limit: limit === null ? Number.MAX_SAFE_INTEGER : Math.trunc(Number(limit)),
    isDistinct,
  };
}

/** A list written with commas, or one item each. */
function texts(value: JsonValue, read: (item: JsonValue) => string | null): string[] | null {
  if (typeof value === 'string') return cutAtCommas(value);
  const items = Array.isArray(value) ? (value as readonly JsonValue[]).map(read) : [read(value)];
  return items.every((item) => item !== null) ? items : null;
}

/** `{function: "SUM", expression: "total", name: "sum"}`, or the same as text. */
function columnText(item: JsonValue): string | null {
  if (typeof item === 'string') return item;
  if (item === null || typeof item !== 'object' || Array.isArray(item)) return null;
  const { function: word, expression, name } = item as { readonly [name: string]: JsonValue };
  if (typeof expression !== 'string') return null;
  const whole = typeof word === 'string' && word !== '' ? `${word}(${expression})` : expression;
  return typeof name === 'string' && name !== '' ? `${whole} AS "${name.replaceAll('"', '')}"` : whole;
}

function orderText(item: JsonValue): string | null {
  if (typeof item === 'string') return item;
  if (item === null || typeof item !== 'object' || Array.isArray(item)) return null;
  const { column, isDescending } = item as { readonly [name: string]: JsonValue };
  return typeof column === 'string' ? `[${column}]${isDescending === true ? ' DESC' : ''}` : null;
}

/** The clauses of a SELECT written as one text. */
function clauses(text: string): { readonly [name: string]: JsonValue } | null {
  if (text.length > 4000) return null;
  const found: Record<string, string> = { columns: '' };
  let current = 'columns';
  const tokens = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\[[^\]]*\]|\b(?:where|group\s+by|order\s+by|limit)\b|[\s\S]/gi;
  for (const [token] of text
    .trim()
    .replace(/^select\s+/i, '')
    .matchAll(tokens)) {
    const word = token.length > 4 ? token.toLowerCase().replace(/\s+by$/, '') : '';
    if (['where', 'group', 'order', 'limit'].includes(word) && found[word] === undefined) {
      current = word;
      found[current] = '';
    } else found[current] += token;
  }
  const { columns, where, group, order, limit } = found;
  const trimmed = (value: string | undefined): string => value?.trim() ?? '';
  return {
    columns: trimmed(columns),
    where: trimmed(where),
    groupBy: trimmed(group),
    orderBy: trimmed(order),
    limit: limit === undefined ? null : limit.trim(),
  };
}

const summed = new RegExp(
  `^(${[...aggregateNames, 'COUNT DISTINCT'].join('|')})\\s*\\(\\s*(distinct\\s+)?(.*?)\\s*\\)(?:\\s+as\\s+(?:\\[([^\\]]+)\\]|"([^"]+)"|([\\p{L}_][\\p{L}\\p{M}\\p{N}_]*)))?$`,
  'isu',
);

export function readOutput(text: string): Output | null {
  if (text === '*') return { name: '*', plain: null, compute: () => null, word: null, isAll: true };
  const match = summed.exec(text.slice(0, 500));
  // `SUM(a) + SUM(b)` is more than one sum: the inner part would not be an expression.
  const inner = match && (match[3] === '*' || match[3] === '' ? () => null : parseRowExpression(match[3]!));
  if (match && inner) {
    const word = match[2] && match[1]!.toUpperCase() === 'COUNT' ? 'COUNT DISTINCT' : match[1]!.toUpperCase();
    const name = match[4] ?? match[5] ?? match[6] ?? `${match[1]!.toUpperCase()}(${match[3]})`;
    const plain =
      match[3] === '*' || match[3] === ''
        ? '*'
        : /^(?:\[[^\]]+\]|[\p{L}_$][\p{L}\p{M}\p{N}_.$]*)$/u.test(match[3]!)
          ? match[3]!.replace(/^\[(.*)\]$/, '$1')
          : null;
    return { name, plain, compute: inner, word, isAll: false };
  }
  const column = readColumn(text);
  return column && { ...column, word: null, isAll: false };
}
