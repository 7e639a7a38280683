import type { CustomerId } from 'gb-protocol';
import { assert } from 'gb-utils';
import type { Link } from './link.ts';
import { keyAsJson, keyCompared, type MovedTable } from './moved-tables.ts';

/**
 * Rows on their way between two databases, a text for each column with an array of all its values in it. PostgreSQL writes
 * it and PostgreSQL reads it: nothing here looks into it, so every value arrives as it was.
 */
export interface MovedRows {
  readonly count: number;
  readonly columns: readonly (string | null)[];
}

/** Rows of a customer under keys above `after`, up to `last`, where those are given. */
export function readRange(
  link: Link,
  table: MovedTable,
  customerId: CustomerId,
  after: string | null,
  last: string,
): Promise<MovedRows> {
  const above = after === null ? 'true' : keyCompared(table, '>', 3);
  const text = `${selectOf(table)} where t.customer_id = $1 and ${keyCompared(table, '<=', 2)} and ${above}`;
  return read(link, table, text, [customerId, ...(usesKey(table) ? [last, ...(after === null ? [] : [after])] : [])]);
}

/** Of a JSON array of keys: the rows that are still there, and the keys of those that are not. */
export async function readKeys(
  link: Link,
  table: MovedTable,
  customerId: CustomerId,
  keys: string,
): Promise<{ rows: MovedRows; gone: readonly string[] }> {
  // Each key by itself, from the index: a planner that knows little of a young table would walk through it for each of them.
  const text = `select count(t.is_there)::int as count${valuesOf(table)},
      coalesce(json_agg(k.key::text) filter (where t.is_there is null), '[]') as gone
    from jsonb_array_elements($2::jsonb) as k (key)
    left join lateral (
      select true as is_there${table.columns.map(({ name }) => `, t.${name}`).join('')}
      from ${table.name} t where t.customer_id = $1${isKey(table, '(k.key')} offset 0
    ) t on true`;
  const row = await link.row<Record<string, string | number | null> & { gone: readonly string[] }>(text, [customerId, keys]);
  assert(row, 'an aggregate gives a row');
  return { rows: rowsOf(table, row), gone: row.gone };
}

/** Gives the number of rows that were not there yet. */
export function writeRows(
  link: Link,
  table: MovedTable,
  customerId: CustomerId,
  rows: MovedRows,
  /** What is put in place of a column's own values. */
  made: Readonly<Record<string, string>> = {},
): Promise<number> {
  if (rows.count === 0) return Promise.resolve(0);
  return link.change(`${insertInto(table, made)} on conflict do nothing`, [customerId, ...rows.columns]);
}

/** In place of what is there under the same keys. Fails with a unique violation when one takes what another one still has. */
export function replaceRows(link: Link, table: MovedTable, customerId: CustomerId, rows: MovedRows): Promise<number> {
  if (rows.count === 0) return Promise.resolve(0);
  const changed = table.columns.filter((column) => !table.key.includes(column)).map(({ name }) => `${name} = excluded.${name}`);
  const update = changed.length > 0 ? `update set ${changed.join(', ')}` : 'nothing';
  return link.change(`${insertInto(table)} on conflict on constraint ${table.keyName} do ${update}`, [
    customerId,
    ...rows.columns,
  ]);
}

/** Whether rows can be put in place of others: a number that only the database gives cannot be changed. */
export function isReplaceable({ columns, key }: MovedTable): boolean {
  return columns.every((column) => !column.isIdentity || key.includes(column));
}

/** One after the other, from the index, without waiting in between. */
export async function deleteKeys(link: Link, table: MovedTable, customerId: CustomerId, keys: readonly string[]): Promise<void> {
  const text = `delete from ${table.name} t where t.customer_id = $1${isKey(table, '($2::jsonb')}`;
  await Promise.all(keys.map((key) => link.again(text, table.key.length > 0 ? [customerId, key] : [customerId])));
}

export interface Stretch {
  /** Its last key, as JSON. */
  readonly last: string;
  /** Nothing is behind it at present. */
  readonly isLast: boolean;
}

/** Where a batch ends that begins above `after`; null when there is nothing more. */
export async function nextStretch(
  link: Link,
  table: MovedTable,
  customerId: CustomerId,
  after: string | null,
  { rowsMax, bytesMax }: { rowsMax: number; bytesMax: number },
): Promise<Stretch | null> {
  if (after !== null && !usesKey(table)) return null;
  const wide = table.columns.filter(({ isWide }) => isWide).map(({ name }) => `coalesce(pg_column_size(t.${name}), 0)`);
  const order = table.key.map(({ name }) => `t.${name}`).join(', ');
  const row = await link.row<{ last: string; is_last: boolean }>(
    `select s.last::text as last, s.n = s.seen and s.seen < $2 as is_last from (
       select row_number() over w as n, count(*) over () as seen, ${keyAsJson(table, 't')} as last, sum(t.bytes) over w as bytes
       from (
         select ${[...table.key.map(({ name }) => `t.${name}`), `(${wide.join(' + ') || '0'})::bigint as bytes`].join(', ')}
         from ${table.name} t where t.customer_id = $1 and ${after === null ? 'true' : keyCompared(table, '>', 4)}
         ${order && `order by ${order}`} limit $2
       ) t window w as (${order && `order by ${order}`} rows unbounded preceding)
     ) s where s.bytes <= $3 or s.n = 1 order by s.n desc limit 1`,
    [customerId, rowsMax, bytesMax, ...(after === null ? [] : [after])],
  );
  return row && { last: row.last, isLast: row.is_last };
}

/** How many rows a customer has in each of the tables, and what they come to. */
export async function sumOf(link: Link, tables: readonly MovedTable[], customerId: CustomerId): Promise<readonly TableSum[]> {
  if (tables.length === 0) return [];
  const parts = tables.map(({ name, columns }) => {
    const row = `row(${columns.map((column) => `t.${column.name}`).join(', ')})`;
    return `select '${name.replaceAll("'", "''")}' as name, count(*)::int as count,
      coalesce(sum(hashtextextended(${row}::text, 0)), 0)::text as sum from ${name} t where t.customer_id = $1`;
  });
  return link.rows<{ name: string; count: number; sum: string }>(parts.join(' union all '), [customerId]);
}

export interface TableSum {
  readonly name: string;
  readonly count: number;
  readonly sum: string;
}

/** Which of the tables have rows of the customer. */
export async function tablesInUse(
  link: Link,
  tables: readonly MovedTable[],
  customerId: CustomerId,
): Promise<readonly MovedTable[]> {
  if (tables.length === 0) return [];
  const parts = tables.map(({ name }) => `exists (select from ${name} t where t.customer_id = $1)`);
  const row = await link.row<{ used: readonly boolean[] }>(`select array[${parts.join(', ')}] as used`, [customerId]);
  assert(row?.used.length === tables.length, 'there is an answer for each table');
  return tables.filter((_, i) => row.used[i]);
}

function usesKey({ key }: MovedTable): boolean {
  return key.length > 0;
}

function selectOf(table: MovedTable): string {
  return `select count(*)::int as count${valuesOf(table)} from ${table.name} t`;
}

function valuesOf({ columns }: MovedTable): string {
  return columns.map(({ name }, i) => `, array_agg(t.${name}::text)::text as c${i}`).join('');
}

function insertInto({ name: table, columns }: MovedTable, made: Readonly<Record<string, string>> = {}): string {
  const names = columns.map(({ name }) => `, ${name}`).join('');
  const values = columns.map(({ name, type }, i) => `, ${made[name] ?? `u.c${i}::${type}`}`).join('');
  const given = columns.map((_, i) => `$${i + 2}::text[]`).join(', ');
  return `insert into ${table} (customer_id${names}) overriding system value
    select $1::uuid${values} from unnest(${given}) as u (${columns.map((_, i) => `c${i}`).join(', ')})`;
}

function isKey({ key }: MovedTable, json: string): string {
  return key.map(({ name, type }, i) => ` and t.${name} = ${json} ->> ${i})::${type}`).join('');
}

async function read(link: Link, table: MovedTable, text: string, values: readonly unknown[]): Promise<MovedRows> {
  const row = await link.row<Record<string, string | number | null>>(text, values);
  assert(row, 'an aggregate gives a row');
  return rowsOf(table, row);
}

function rowsOf({ columns }: MovedTable, row: Readonly<Record<string, unknown>>): MovedRows {
  return { count: Number(row['count']), columns: columns.map((_, i) => row[`c${i}`] as string | null) };
}
