import type { Table, TableColumn } from 'gb-core';
import { uuidv7 } from 'gb-utils';
import type { Scope } from '../scope.ts';
import type { Written } from './rows.ts';

/**
 * Whether rows get a number here that nobody wrote: the one column of a key, and columns that count on. The numbers come
 * from a sequence of the database. Each is given once, and never waits for a transaction of somebody else; of a
 * transaction that is undone, or a row that is deleted, a hole is left.
 */
export function isCounted(table: Pick<Table, 'key'>, column: Pick<TableColumn, 'name' | 'type' | 'default'>): boolean {
  return (column.type === 'integer' || column.type === 'bigint') && isMade(table, column);
}

function isMade({ key }: Pick<Table, 'key'>, column: Pick<TableColumn, 'name' | 'default'>): boolean {
  const made = column.default !== undefined && 'made' in column.default && column.default.made === 'next';
  return made || (key.length === 1 && key[0] === column.name && column.default === undefined);
}

/** A row without its key gets the next number, or a new id; others keep theirs. Columns that count on do the same. */
export async function fillKeys({ sql }: Scope, table: Table, rows: readonly Written[]): Promise<void> {
  for (const column of table.columns) {
    if (!isMade(table, column)) continue;
    const missing = rows.filter((row) => (row.get(column) ?? null) === null);
    if (column.type === 'uuid') for (const row of missing) row.set(column, uuidv7());
    if (!isCounted(table, column)) continue;
    await passNumbers({ sql }, table, rows);
    if (missing.length === 0) continue;
    const { rows: given } = await sql.once<{ number: number }>('select unnest(control.next_numbers($1, $2, $3)) as number', [
      table.id,
      column.physicalName,
      missing.length,
    ]);
    for (const [index, row] of missing.entries()) row.set(column, given[index]!.number);
  }
}

/** What is written by hand is not given a second time: columns count on behind the highest of it. */
export async function passNumbers({ sql }: Pick<Scope, 'sql'>, table: Table, rows: readonly Written[]): Promise<void> {
  for (const column of table.columns) {
    if (!isCounted(table, column)) continue;
    let highest = 0;
    for (const row of rows) highest = Math.max(highest, Number(row.get(column) ?? 0));
    if (highest > 0) await sql.once('select control.number_taken($1, $2, $3)', [table.id, column.physicalName, highest]);
  }
}
