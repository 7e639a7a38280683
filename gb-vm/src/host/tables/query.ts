import type { Condition, PlainValue, Scalar } from 'gb-core';
import { aggregateNames } from '../../runtime/functions/aggregate.ts';
import { type Output, type Query, readOutput, readQuery } from '../../runtime/functions/query.ts';
import { matches } from '../../runtime/operations/matches.ts';
import { readCondition } from '../../runtime/operations/read-condition.ts';
import { compareAll, sortKey } from '../../runtime/operations/sort-key.ts';
import { columnOf, type Row, readerOf } from '../../runtime/operations/tables.ts';
import { columnsIn, type DataScope, fail, renamed } from './scope.ts';
import { openSource, type RowSource } from './source.ts';

/**
 * QUERY "SELECT name, SUM(total) AS sum FROM orders WHERE city = ? GROUP BY name ORDER BY sum DESC LIMIT 3", "Recife"
 *
 * Looks like SQL and never is: no text of a script reaches the database as a statement. It is read here - one SELECT over
 * one or two tables of the bot - the rows come by the same way as those of FIND, under the same roles and bounds, and are
 * grouped and ordered in memory. A value for a `?` takes its place in the tree of the condition, not in a text.
 */
export async function query(scope: DataScope, text: string, values: readonly PlainValue[]): Promise<PlainValue> {
  const asked = read(text);
  const condition = asked.where === '' ? everything : withValues(asked.where, values);
  const source = await openSource(scope, asked.table, 'read');
  const rows = asked.join ? await joinedRows(scope, asked, source, condition) : await plainRows(asked, source, condition);
  return answer(asked.query, rows);
}

interface Asked {
  readonly query: Query;
  readonly where: string;
  readonly table: string;
  readonly alias: string;
  readonly join: {
    readonly table: string;
    readonly alias: string;
    readonly left: string;
    readonly right: string;
    readonly isLeft: boolean;
  } | null;
}

const textMax = 4_000;
const everything: Condition = { kind: 'all', parts: [] };
const name = String.raw`(?:"[^"]{1,100}"|\[[^\]]{1,100}\]|[\p{L}_][\p{L}\p{M}\p{N}_.]{0,99})`;
const word = String.raw`(?!(?:where|group|order|limit|join|left|inner|on)\b)[\p{L}_][\p{L}\p{M}\p{N}_]{0,99}`;
const from = new RegExp(
  String.raw`^\s*(${name})(?:\s+(?:as\s+)?(${word}))?(?:\s+(left\s+(?:outer\s+)?|inner\s+)?join\s+(${name})(?:\s+(?:as\s+)?(${word}))?\s+on\s+(${name})\s*=\s*(${name}))?\s*(?=where\b|group\s+by\b|order\s+by\b|limit\b|$)`,
  'iu',
);

function read(text: string): Asked {
  const bad = fail(
    'QUERY takes one SELECT ... FROM table [JOIN table ON a = b] [WHERE] [GROUP BY] [ORDER BY] [LIMIT]',
    'QUERY recebe um SELECT ... FROM tabela [JOIN tabela ON a = b] [WHERE] [GROUP BY] [ORDER BY] [LIMIT]',
  );
  const whole = text.trim().replace(/;\s*$/, '');
  if (whole.length > textMax || !/^select\s/i.test(whole)) throw bad;
  const at = outside(whole, /\bfrom\b/iy);
  if (at < 0) throw bad;
  const rest = whole.slice(at + 4);
  const match = from.exec(rest);
  if (!match) throw bad;
  const after = rest.slice(match[0].length);
  const query = readQuery(`${whole.slice(0, at)} ${after}`);
  if (!query || (typeof query.where !== 'string' && query.where !== null)) throw bad;
  const bare = (given: string | undefined): string => (given ?? '').replace(/^["[]|["\]]$/g, '');
  return {
    query,
    where: query.where ?? '',
    table: bare(match[1]),
    alias: match[2] ?? bare(match[1]),
    join: match[4]
      ? {
          table: bare(match[4]),
          alias: match[5] ?? bare(match[4]),
          left: bare(match[6]),
          right: bare(match[7]),
          isLeft: /^left/i.test(match[3] ?? ''),
        }
      : null,
  };
}

/** Where a word stands that is in no quotes and no brackets; -1 when it does not. */
function outside(text: string, wanted: RegExp): number {
  let depth = 0;
  for (const token of text.matchAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\[[^\]]*\]|[\s\S]/g)) {
    if (token[0] === '(') depth++;
    else if (token[0] === ')') depth--;
    wanted.lastIndex = token.index;
    if (depth === 0 && /\s/.test(text[token.index - 1] ?? ' ') && wanted.test(text)) return token.index;
  }
  return -1;
}

/** Marks that no text of an author holds, one for each value. */
const mark = (index: number): string => `\u{f0000}${index}\u{f0001}`;

function withValues(where: string, values: readonly PlainValue[]): Condition {
  let count = 0;
  const marked = where
    .replaceAll('\u{f0000}', '')
    .replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\[[^\]]*\]|\?/g, (token) => (token === '?' ? `'${mark(count++)}'` : token));
  if (count !== values.length)
    throw fail(
      `QUERY has ${count} question marks and ${values.length} values`,
      `QUERY tem ${count} interrogações e ${values.length} valores`,
    );
  const condition = readCondition(marked);
  if (!condition) throw fail('the filter cannot be understood', 'o filtro não pode ser entendido');
  const put = (value: Scalar): Scalar => {
    const index = typeof value === 'string' ? /^\u{f0000}(\d+)\u{f0001}$/u.exec(value)?.[1] : undefined;
    const given = index === undefined ? value : (values[Number(index)] ?? null);
    if (given !== null && typeof given === 'object')
      throw fail('a value of QUERY must be plain', 'um valor de QUERY deve ser simples');
    return given as Scalar;
  };
  const filled = (part: Condition): Condition => {
    switch (part.kind) {
      case 'all':
      case 'any':
        return { ...part, parts: part.parts.map(filled) };
      case 'not':
        return { ...part, part: filled(part.part) };
      case 'in':
        return { ...part, values: part.values.map(put) };
      case 'compare':
        return { ...part, value: put(part.value) };
    }
  };
  return filled(condition);
}

async function plainRows({ query, alias }: Asked, source: RowSource, condition: Condition): Promise<readonly Row[]> {
  const rename = (column: string): string => withoutAlias(column, alias);
  const isWhole = query.group.length === 0 && !query.isDistinct && outputs(query).every(({ word: sum }) => sum === null);
  // What is only chosen can be cut by the database; what is summed up needs all.
  const order = query.order.map(({ column, sign }) => ({ column: rename(column), isDescending: sign < 0 }));
  const canOrder = isWhole && order.every(({ column }) => source.hasColumn(column));
  const limit = canOrder && query.limit < Number.MAX_SAFE_INTEGER ? { limit: query.limit } : {};
  return (await source.find({ condition: renamed(condition, rename), ...(canOrder ? { order } : {}), ...limit })).map((row) =>
    qualified([[alias, row as Row]]),
  );
}

async function joinedRows(scope: DataScope, asked: Asked, source: RowSource, condition: Condition): Promise<readonly Row[]> {
  const join = asked.join!;
  const other = await openSource(scope, join.table, 'read');
  const [a, b] = [await source.find({}), await other.find({})] as unknown as [readonly Row[], readonly Row[]];
  const isOf = (column: string, alias: string): boolean => column.toLowerCase().startsWith(`${alias.toLowerCase()}.`);
  const isTurned = isOf(join.left, join.alias) || isOf(join.right, asked.alias);
  const [left, right] = isTurned ? [join.right, join.left] : [join.left, join.right];
  const byKey = new Map<string, Row[]>();
  const keyOf = (row: Row, column: string): string | null => {
    const value = columnOf(row, column);
    if (value === null) return null;
    return typeof value === 'string' ? value.toLowerCase() : JSON.stringify(value);
  };
  for (const row of b) {
    const key = keyOf(row, withoutAlias(right, join.alias));
    if (key !== null) byKey.set(key, [...(byKey.get(key) ?? []), row]);
  }
  const rows: Row[] = [];
  for (const row of a) {
    const found = byKey.get(keyOf(row, withoutAlias(left, asked.alias)) ?? '') ?? [];
    const empty: Row = {};
    for (const one of found.length > 0 ? found : join.isLeft ? [empty] : []) {
      if (rows.length >= joinedRowsMax)
        throw fail(`JOIN gives more than ${joinedRowsMax} rows`, `JOIN dá mais de ${joinedRowsMax} linhas`);
      rows.push(
        qualified([
          [asked.alias, row],
          [join.alias, one],
        ]),
      );
    }
  }
  for (const column of columnsIn(condition))
    if (!rows.every((row) => columnOf(row, column) !== undefined))
      throw fail(`there is no column ${column}`, `não há a coluna ${column}`);
  return rows.filter((row) => matches(condition, readerOf(row), (column) => Object.hasOwn(row, column)));
}

const joinedRowsMax = 20_000;

/** Columns by their own names, the first table's where two have the same; and under the table's name, for `a.name`. */
function qualified(parts: readonly (readonly [alias: string, row: Row])[]): Row {
  const row: Row = Object.create(null);
  for (const [, part] of parts) for (const [column, value] of Object.entries(part)) if (!(column in row)) row[column] = value;
  for (const [alias, part] of parts)
    if (!(alias in row)) Object.defineProperty(row, alias, { value: part, enumerable: false, configurable: true });
  return row;
}

const withoutAlias = (column: string, alias: string): string =>
  column.toLowerCase().startsWith(`${alias.toLowerCase()}.`) ? column.slice(alias.length + 1) : column;

function outputs({ columns }: Query): Output[] {
  return columns.map((text) => {
    const found = readOutput(text);
    if (!found || (found.word !== null && !sums.includes(found.word)))
      throw fail(`QUERY does not know ${text.slice(0, 60)}`, `QUERY não conhece ${text.slice(0, 60)}`);
    return found;
  });
}

const sums = ['COUNT', 'COUNT DISTINCT', 'SUM', 'AVG', 'MIN', 'MAX'].filter(
  (one) => one === 'COUNT DISTINCT' || (aggregateNames as readonly string[]).includes(one),
);

function answer(query: Query, rows: readonly Row[]): PlainValue {
  const columns = outputs(query);
  const isSummed = query.group.length > 0 || columns.some(({ word: sum }) => sum !== null);
  const groups = isSummed ? grouped(rows, query.group) : rows.map((row) => [row]);
  let made = groups.map((group) => ({ row: output(columns, group), first: group[0] }));
  if (query.isDistinct) {
    const seen = new Set<string>();
    made = made.filter(({ row }) => {
      const text = JSON.stringify(row);
      return seen.has(text) ? false : seen.add(text);
    });
  }
  if (query.order.length > 0) {
    const keys = new Map(
      made.map((one) => [
        one,
        query.order.map(({ column }) => {
          const holder = Object.keys(one.row).some((key) => key.toLowerCase() === column.toLowerCase())
            ? one.row
            : (one.first ?? {});
          return sortKey(readerOf(holder as Row)(column));
        }),
      ]),
    );
    const signs = query.order.map(({ sign }) => sign);
    made = [...made].sort((a, b) => compareAll(keys.get(a)!, keys.get(b)!, signs));
  }
  const cut = made.slice(0, query.limit).map(({ row }) => row);
  return cut.length === 0 ? null : cut;
}

function grouped(rows: readonly Row[], by: readonly string[]): Row[][] {
  if (by.length === 0) return [[...rows]];
  const groups = new Map<string, Row[]>();
  const compute = by.map((text) => readOutput(text));
  if (compute.some((one) => one === null)) throw fail('GROUP BY takes columns', 'GROUP BY recebe colunas');
  for (const row of rows) {
    const key = JSON.stringify(compute.map((one) => one!.compute(readerOf(row))));
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()];
}

function output(columns: readonly Output[], group: readonly Row[]): Record<string, PlainValue> {
  const made: Record<string, PlainValue> = Object.create(null);
  const [first] = group;
  for (const column of columns) {
    if (column.isAll) {
      for (const [key, value] of Object.entries(first ?? {})) made[key] = value;
      continue;
    }
    const cell = (row: Row): PlainValue => (column.plain === null ? column.compute(readerOf(row)) : columnOf(row, column.plain));
    if (column.word === null) made[column.name] = first ? cell(first) : null;
    else made[column.name] = summed(column.word, column.plain === '*' ? group.map(() => 1) : group.map(cell));
  }
  return made;
}

function summed(by: string, given: readonly PlainValue[]): PlainValue {
  const values = given.filter((value) => value !== null && value !== '');
  if (by === 'COUNT') return values.length;
  if (by === 'COUNT DISTINCT') return new Set(values.map((value) => JSON.stringify(value))).size;
  if (by === 'SUM' || by === 'AVG') {
    const numbers = values.map(Number).filter(Number.isFinite);
    const sum = numbers.reduce((total, value) => total + value, 0);
    return by === 'SUM' ? sum : numbers.length === 0 ? null : sum / numbers.length;
  }
  const sign = by === 'MIN' ? 1 : -1;
  const scalars = values.filter((value) => typeof value !== 'object') as Scalar[];
  scalars.sort((a, b) => compareAll([sortKey(a)], [sortKey(b)], [sign]));
  return scalars[0] ?? null;
}
