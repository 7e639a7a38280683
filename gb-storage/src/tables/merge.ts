import {
  type MergedRows,
  type PlainValue,
  type Table,
  type TableColumn,
  TableRefused,
  type TableRow,
  tableLimits,
} from 'gb-core';
import type { Scope } from '../scope.ts';
import { columnNamed, databaseType, noColumn, physicalTable, quoted, rowId } from './columns.ts';
import { passNumbers } from './numbers.ts';
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
  keyNames: readonly string[],
  withRows: boolean,
): Promise<MergedRows> {
  const { sql, customerId } = scope;
  const keys = keyNames.map((name) => columnNamed(table, name) ?? refuse(noColumn(table, name)));
  const computed = keys.find((column) => column.computed);
  if (keys.length === 0 || computed)
    throw new TableRefused({
      en: `the rows of ${table.name} are merged by columns that are written, not by ${computed?.name ?? 'none'}`,
      pt: `as linhas de ${table.name} são juntadas por colunas que se escrevem, e não por ${computed?.name ?? 'nenhuma'}`,
    });
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
  const known = new Map<string, RawRow>();
  const wanted = new Map(rows.flatMap(({ written }) => keyOf(keys, (key) => written.get(key) ?? null) ?? []));
  for (const piece of pieces([...wanted.values()], 1_000)) {
    const lists = keys.map((_, index) => piece.map((values) => String(values[index])));
    const { rows: found } = await sql.once<RawRow>(
      `select ${selected(table)} from ${physicalTable(table.id)}
       where customer_id = $1 and (${keys.map(({ physicalName }) => quoted(physicalName)).join(', ')}) in (
         select ${keys.map((key, index) => `k${index}::${databaseType(key)}`).join(', ')}
         from unnest(${keys.map((_, index) => `$${index + 2}::text[]`).join(', ')}) u (${keys.map((_, index) => `k${index}`).join(', ')})
       ) order by ${rowId} for update`,
      [customerId, ...lists],
    );
    for (const row of found) {
      const [[name]] = keyOf(keys, (key) => valueIn(table, row, key))!;
      if (!known.has(name)) known.set(name, row);
    }
  }
  const added = new Map<string, TableRow>();
  const loose: TableRow[] = [];
  const changed = new Map<number, { before: TableRow; row: TableRow }>();
  let unchanged = 0;
  for (const { row, written } of rows) {
    const name = keyOf(keys, (key) => written.get(key) ?? null)?.[0][0] ?? null;
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
  await passNumbers(
    scope,
    table,
    changes.map(([, { row }]) => toColumns(table, row)),
  );
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

/** The values that name a row, and one text for them; null when one is missing: such a row is nobody else's. */
function keyOf(
  keys: readonly TableColumn[],
  read: (key: TableColumn) => PlainValue,
): readonly [readonly [name: string, values: readonly PlainValue[]]] | null {
  const values = keys.map(read);
  return values.includes(null) ? null : [[values.map(keyText).join(' '), values]];
}

function* pieces<T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}

async function changeRow({ sql, customerId }: Scope, table: Table, id: number, row: TableRow): Promise<void> {
  const values: unknown[] = [customerId, id];
  const sets = [...toColumns(table, row)].map(
    ([column, value]) => `${quoted(column.physicalName)} = $${values.push(value)}::${databaseType(column)}`,
  );
  await sql.once(`update ${physicalTable(table.id)} set ${sets.join(', ')} where customer_id = $1 and ${rowId} = $2`, values);
}
