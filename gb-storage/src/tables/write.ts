import { type ChangedRows, type Condition, type Table, TableRefused, type TableRow, tableLimits } from 'gb-core';
import type { Scope } from '../scope.ts';
import { cellOfColumn, databaseType, physicalTable, quoted, readExpression, rowId } from './columns.ts';
import { ConditionWriter } from './condition-sql.ts';
import { fillKeys, passNumbers } from './numbers.ts';
import { checkRoom } from './room.ts';
import { checkRequired, checkSize, checkTold, type RawRow, readable, rowTooBig, selected, toColumns, toRow } from './rows.ts';

const parametersMax = 30_000;
const rowsPerStatementMax = 500;
/** How often the room of a customer is looked at. */
const rowsBetweenChecks = 1_000;
/** Changes below this, in characters, cannot make a row too big even when every column is changed by one of them. */
const smallChangeMax = 1_000;

export async function insertRows(scope: Scope, table: Table, given: readonly TableRow[]): Promise<readonly TableRow[]> {
  const { sql, customerId } = scope;
  if (given.length === 0) return [];
  if (given.length > tableLimits.insertedRowsMax)
    throw new TableRefused(
      {
        en: `at most ${tableLimits.insertedRowsMax} rows are added at once`,
        pt: `no máximo ${tableLimits.insertedRowsMax} linhas são acrescentadas de uma vez`,
      },
      { isLimit: true },
    );
  const rows = given.map((row) => toColumns(table, row));
  await fillKeys(scope, table, rows);
  const made: TableRow[] = [];
  let lastId = 0;
  for (const [index, row] of rows.entries()) {
    checkSize(table, given[index]!);
    checkRequired(table, row);
  }
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
  const perStatement = Math.max(1, Math.min(rowsPerStatementMax, Math.floor(parametersMax / (columns.length + 1))));
  for (let at = 0; at < rows.length; at += perStatement) {
    const values: unknown[] = [customerId];
    const lines = rows.slice(at, at + perStatement).map((row) => {
      const cells = columns.map((column) => {
        const value = row.get(column);
        return value === undefined ? 'default' : `$${values.push(value)}::${databaseType(column)}`;
      });
      return `(${['$1', ...cells].join(', ')})`;
    });
    const names = ['customer_id', ...columns.map(({ physicalName }) => quoted(physicalName))];
    const { rows: raw } = await sql.once<RawRow>(
      `insert into ${physicalTable(table.id)} (${names.join(', ')}) values ${lines.join(', ')} returning ${selected(table)}`,
      values,
    );
    for (const one of raw) made.push(toRow(table, one));
    lastId = Number(raw.at(-1)?.['n_row'] ?? 0);
  }
  const isDue = Math.floor(lastId / rowsBetweenChecks) !== Math.floor((lastId - rows.length) / rowsBetweenChecks);
  if (isDue || rows.length >= 200) await checkRoom(scope);
  return made;
}

export async function updateRows(
  { sql, customerId }: Scope,
  table: Table,
  condition: Condition,
  changes: TableRow,
  withRows: boolean,
): Promise<ChangedRows> {
  const written = toColumns(table, changes);
  if (written.size === 0) return { count: 0, rows: [] };
  await passNumbers({ sql }, table, [written]);
  const writer = new ConditionWriter(table, [customerId]);
  const name = physicalTable(table.id);
  const sets = [...written].map(
    ([column, value]) => `${quoted(column.physicalName)} = ${writer.add(value)}::${databaseType(column)}`,
  );
  const where = writer.write(condition);
  const update = `update ${name} set ${sets.join(', ')} where customer_id = $1 and ${where}`;
  if (!withRows && JSON.stringify(changes).length <= smallChangeMax)
    return { count: (await sql.once(update, writer.values)).count, rows: [] };
  if (!withRows) {
    const { rows } = await sql.once<{ n: number; bytes: number | null }>(
      `with changed as (${update} returning octet_length(${name}::text) as bytes) select count(*) as n, max(bytes) as bytes from changed`,
      writer.values,
    );
    if ((rows[0]!.bytes ?? 0) > tableLimits.rowBytesMax) throw rowTooBig(table);
    return { count: rows[0]!.n, rows: [] };
  }
  const columns = readable(table);
  const { rows } = await sql.once<RawRow>(
    `with was as (
       select ${[`${rowId} as o_row`, ...columns.map((column, index) => `${readExpression(cellOfColumn(column))} as o${index}`)].join(', ')}
       from ${name} where customer_id = $1 and ${where} for update
     )
     update ${name} set ${sets.join(', ')} from was where customer_id = $1 and ${rowId} = was.o_row
     returning was.*, ${[`${rowId} as n_row`, ...columns.map((column, index) => `${readExpression(cellOfColumn(column))} as n${index}`)].join(', ')}`,
    writer.values,
  );
  checkTold(rows.length);
  const changed = rows.map((row) => ({ old: toRow(table, row, 'o'), row: toRow(table, row, 'n') }));
  for (const { row } of changed) checkSize(table, row);
  return { count: rows.length, rows: changed };
}

export async function deleteRows(
  { sql, customerId }: Scope,
  table: Table,
  condition: Condition,
  withRows: boolean,
): Promise<ChangedRows> {
  const writer = new ConditionWriter(table, [customerId]);
  const text = `delete from ${physicalTable(table.id)} where customer_id = $1 and ${writer.write(condition)}`;
  if (!withRows) return { count: (await sql.once(text, writer.values)).count, rows: [] };
  const { rows } = await sql.once<RawRow>(`${text} returning ${selected(table)}`, writer.values);
  checkTold(rows.length);
  return { count: rows.length, rows: rows.map((row) => ({ old: toRow(table, row) })) };
}

/** Two who add rows by what is there wait for each other. */
export async function lockRows({ sql }: Scope, table: Table): Promise<void> {
  await sql.once("select pg_advisory_xact_lock(hashtextextended('rows ' || $1, 0))", [table.id]);
}
