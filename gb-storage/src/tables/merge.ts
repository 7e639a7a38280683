import { type MergedRows, type Table, TableRefused, type TableRow, tableLimits } from 'gb-core';
import type { Scope } from '../scope.ts';
import { columnNamed, databaseType, noColumn, physicalTable, quoted, rowId } from './columns.ts';
import {
  checkSize,
  checkTold,
  keyText,
  type RawRow,
  refuse,
  sameCell,
  selected,
  spelled,
  toColumns,
  toRow,
  valueIn,
} from './rows.ts';
import { insertRows, lockRows } from './write.ts';

/** Statements sent without waiting for each other. */
const statementsAtOnce = 200;

/** Rows with a known key change theirs, the others are added; a row that comes twice counts once, with what came last. */
export async function mergeRows(
  scope: Scope,
  table: Table,
  given: readonly TableRow[],
  keyName: string,
  withRows: boolean,
): Promise<MergedRows> {
  const { sql, customerId } = scope;
  const key = columnNamed(table, keyName) ?? refuse(noColumn(table, keyName));
  if (given.length > tableLimits.insertedRowsMax)
    throw new TableRefused(
      {
        en: `at most ${tableLimits.insertedRowsMax} rows are merged at once`,
        pt: `no máximo ${tableLimits.insertedRowsMax} linhas são juntadas de uma vez`,
      },
      { isLimit: true },
    );
  const rows = given.map((row) => ({ row, written: toColumns(table, row) }));
  for (const { row } of rows) checkSize(table, row);
  // Two who merge at once would both add what both did not find.
  await lockRows(scope, table);
  const keys = [...new Set(rows.map(({ written }) => written.get(key) ?? null).filter((value) => value !== null))];
  const known = new Map<string, RawRow>();
  for (let at = 0; at < keys.length; at += 1_000) {
    const { rows: found } = await sql.once<RawRow>(
      `select ${selected(table)} from ${physicalTable(table.id)}
       where customer_id = $1 and ${quoted(key.physicalName)} = any ($2::text[]::${databaseType(key)}[]) order by ${rowId} for update`,
      [customerId, keys.slice(at, at + 1_000).map(String)],
    );
    for (const row of found) {
      const name = keyText(valueIn(table, row, key));
      if (!known.has(name)) known.set(name, row);
    }
  }
  const added = new Map<string, TableRow>();
  const loose: TableRow[] = [];
  const changed = new Map<number, { before: TableRow; row: TableRow }>();
  let unchanged = 0;
  for (const { row, written } of rows) {
    const value = written.get(key) ?? null;
    const name = value === null ? null : keyText(value);
    const old = name === null ? undefined : known.get(name);
    if (old) {
      const id = Number(old['n_row']);
      const before = changed.get(id)?.before ?? toRow(table, old);
      const now = { ...before, ...changed.get(id)?.row };
      const isSame = [...written].every(([column, cell]) => sameCell(column, now[column.name] ?? null, cell));
      if (isSame) unchanged += 1;
      else changed.set(id, { before, row: { ...changed.get(id)?.row, ...spelled(table, row) } });
    } else if (name === null) loose.push(row);
    else added.set(name, { ...added.get(name), ...spelled(table, row) });
  }
  const news = [...added.values(), ...loose];
  const made = await insertRows(scope, table, news);
  const changes = [...changed];
  for (const [, { before, row }] of changes) checkSize(table, { ...before, ...row });
  for (let at = 0; at < changes.length; at += statementsAtOnce)
    await Promise.all(changes.slice(at, at + statementsAtOnce).map(([id, { row }]) => changeRow(scope, table, id, row)));
  const told = withRows
    ? [
        ...made.map((row) => ({ row })),
        ...[...changed.values()].map(({ before, row }) => ({ old: before, row: { ...before, ...row } })),
      ]
    : [];
  checkTold(told.length);
  return { count: made.length + changed.size, added: made.length, updated: changed.size, unchanged, rows: told };
}
async function changeRow({ sql, customerId }: Scope, table: Table, id: number, row: TableRow): Promise<void> {
  const values: unknown[] = [customerId, id];
  const sets = [...toColumns(table, row)].map(
    ([column, value]) => `${quoted(column.physicalName)} = $${values.push(value)}::${databaseType(column)}`,
  );
  await sql.once(`update ${physicalTable(table.id)} set ${sets.join(', ')} where customer_id = $1 and ${rowId} = $2`, values);
}
