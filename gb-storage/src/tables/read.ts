import { type Condition, type RowQuery, type SumFunction, type Table, TableRefused, type TableRow, tableLimits } from 'gb-core';
import type { Sql } from '../connection.ts';
import type { Scope } from '../scope.ts';
import { type Cell, cellOf, columnNamed, noColumn, physicalTable, readExpression } from './columns.ts';
import { ConditionWriter } from './condition-sql.ts';
import { everything, type RawRow, refuse, selected, tooMany, toRow } from './rows.ts';

/** Up to here rows come at once, above it a piece at a time, so that wide rows do not fill the memory before they are counted. */
const rowsAtOnceMax = 20;
const rowsPerPiece = 100;

export async function findRows({ sql, customerId }: Scope, table: Table, query: RowQuery): Promise<readonly TableRow[]> {
  const writer = new ConditionWriter(table, [customerId]);
  const isLimited = query.limit !== undefined;
  const [rowsMax, bytesMax] = isLimited
    ? [tableLimits.limitedRowsMax, tableLimits.limitedBytesMax]
    : [tableLimits.foundRowsMax, tableLimits.foundBytesMax];
  const limit = Math.max(0, Math.trunc(query.limit ?? rowsMax));
  const chosen = query.columns?.map((name) => columnNamed(table, name) ?? refuse(noColumn(table, name)));
  const text = `select ${selected(table, chosen)} from ${physicalTable(table.id)}
    where customer_id = $1 and ${writer.write(query.condition ?? everything)}
    order by ${writer.order(query.order ?? [])}
    limit ${Math.min(limit, rowsMax) + (limit >= rowsMax ? 1 : 0)} offset ${writer.add(Math.max(0, Math.trunc(query.offset ?? 0)))}::bigint`;
  const found: TableRow[] = [];
  let bytes = 0;
  const take = (rows: readonly RawRow[]): void => {
    for (const raw of rows) {
      const row = toRow(table, raw, 'n', chosen);
      bytes += JSON.stringify(row).length;
      found.push(row);
    }
    if (found.length > rowsMax || bytes > bytesMax) throw tooMany(table, rowsMax, bytesMax);
  };
  if (limit <= rowsAtOnceMax) {
    take((await sql.once<RawRow>(text, writer.values)).rows);
    return found;
  }
  await readInPieces(sql, text, writer.values, take);
  return found;
}

/** Gives rows as they come, until there are none or `take` throws: then the call as a whole is undone, and the cursor with it. */
async function readInPieces(
  sql: Sql,
  text: string,
  values: readonly unknown[],
  take: (rows: readonly RawRow[]) => void,
): Promise<void> {
  await sql.once(`declare gb_rows no scroll cursor for ${text}`, values);
  for (let size = rowsAtOnceMax; ; size = rowsPerPiece) {
    const { rows } = await sql.once<RawRow>(`fetch ${size} from gb_rows`);
    take(rows);
    if (rows.length === 0) break;
  }
  await sql.once('close gb_rows');
}

export async function countRows({ sql, customerId }: Scope, table: Table, condition: Condition): Promise<number> {
  const writer = new ConditionWriter(table, [customerId]);
  const { rows } = await sql.once<{ n: number }>(
    `select count(*) as n from ${physicalTable(table.id)} where customer_id = $1 and ${writer.write(condition)}`,
    writer.values,
  );
  return rows[0]!.n;
}

export interface Sum {
  readonly function: SumFunction;
  readonly column?: string;
  readonly groupBy?: readonly string[];
  readonly condition?: Condition;
}

export async function sumRows(
  { sql, customerId }: Scope,
  table: Table,
  { function: word, column, groupBy = [], condition = everything }: Sum,
): Promise<readonly TableRow[]> {
  const writer = new ConditionWriter(table, [customerId]);
  const cell = column === undefined ? null : cellOf(table, column, writer.add);
  if (!cell && word !== 'count') throw new TableRefused({ en: `${word} needs a column`, pt: `${word} precisa de uma coluna` });
  const number = cell && (cell.kind === 'text' ? `gb.number_of(${cell.sql})` : `${cell.sql}::float8`);
  const isNumber = cell?.kind === 'number' || cell?.kind === 'text';
  if (cell && !isNumber && (word === 'sum' || word === 'avg'))
    throw new TableRefused({ en: `${column} does not hold numbers`, pt: `${column} não contém números` });
  const value =
    word === 'count'
      ? `count(${cell?.sql ?? '*'})::float8`
      : cell?.kind === 'number' || word === 'sum' || word === 'avg'
        ? `${word}(${number})`
        : `${word}(${readExpression(cell!)}${cell?.kind === 'text' ? ' collate "C"' : ''})`;
  const groups = groupBy.map((name) => ({ name, sql: groupExpression(cellOf(table, name, writer.add)) }));
  const places = groups.map((_, index) => String(index + 1)).join(', ');
  const found: TableRow[] = [];
  let bytes = 0;
  // What is grouped by may be long texts: as many as a FIND gives.
  const take = (rows: readonly RawRow[]): void => {
    for (const row of rows) {
      const groupsOfRow = Object.fromEntries(groups.map(({ name }, index) => [name, row[`g${index}`] ?? null]));
      const one = { ...groupsOfRow, value: row['value'] ?? null };
      bytes += JSON.stringify(one).length;
      found.push(one);
    }
    if (found.length > tableLimits.foundRowsMax || bytes > tableLimits.foundBytesMax)
      throw tooMany(table, tableLimits.foundRowsMax, tableLimits.foundBytesMax);
  };
  await readInPieces(
    sql,
    `select ${[...groups.map((group, index) => `${group.sql} as g${index}`), `${value} as value`].join(', ')}
     from ${physicalTable(table.id)} where customer_id = $1 and ${writer.write(condition)}
     ${places === '' ? '' : `group by ${places} order by ${places}`} limit ${tableLimits.foundRowsMax + 1}`,
    writer.values,
    take,
  );
  return found;
}

/** What is grouped must be comparable. */
const groupExpression = (cell: Cell): string => (cell.kind === 'json' ? cell.sql : readExpression(cell));
