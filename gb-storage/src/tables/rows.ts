import {
  type Condition,
  type PlainValue,
  type Table,
  type TableColumn,
  TableRefused,
  type TableRow,
  tableLimits,
  toColumn,
} from 'gb-core';
import { cellOfColumn, columnNamed, hasRowId, noColumn, readExpression, rowId } from './columns.ts';

/** A row as it came from the database: `n0`, `n1`, ... for the columns, `n_row` for its number. */
export type RawRow = Record<string, PlainValue>;
/** What is to be written, as the columns take it. */
export type Written = Map<TableColumn, string | number | boolean | null>;

export const everything: Condition = { kind: 'all', parts: [] };

export const readable = (table: Table, chosen?: readonly TableColumn[]): readonly TableColumn[] => chosen ?? table.columns;

export function selected(table: Table, chosen?: readonly TableColumn[]): string {
  const cells = readable(table, chosen).map((column, index) => `${readExpression(cellOfColumn(column))} as n${index}`);
  return [`${rowId} as n_row`, ...cells].join(', ');
}

export function toRow(table: Table, raw: RawRow, prefix: 'n' | 'o' = 'n', chosen?: readonly TableColumn[]): TableRow {
  const row: Record<string, PlainValue> = Object.create(null);
  if (hasRowId(table) && !chosen) row['id'] = raw[`${prefix}_row`] ?? null;
  for (const [index, column] of readable(table, chosen).entries()) row[column.name] = raw[`${prefix}${index}`] ?? null;
  return row;
}

export function valueIn(table: Table, raw: RawRow, column: TableColumn): PlainValue {
  return raw[`n${table.columns.indexOf(column)}`] ?? null;
}

/** What a row gives, by the columns of the table; refused when one is not there or a value does not fit. */
export function toColumns(table: Table, row: TableRow): Written {
  const written: Written = new Map();
  let computed: TableColumn | null = null;
  for (const [name, value] of Object.entries(row)) {
    const column = columnNamed(table, name);
    // A row that was found carries these too; who writes nothing else means to write them.
    if (column?.computed) computed = column;
    else if (column) written.set(column, toColumn(column, value));
    // Rows that were found carry the number they have; it is not for writing.
    else if (!(hasRowId(table) && name.toLowerCase() === 'id')) throw noColumn(table, name);
  }
  if (computed && written.size === 0)
    throw new TableRefused({
      en: `${computed.name} of ${table.name} is computed, it cannot be written`,
      pt: `${computed.name} de ${table.name} é calculada, não pode ser escrita`,
    });
  return written;
}

/** The row under the names of the table's columns. */
export function spelled(table: Table, row: TableRow): TableRow {
  const entries = Object.entries(row).flatMap(([name, value]) => {
    const column = columnNamed(table, name);
    return column && !column.computed ? [[column.name, value] as const] : [];
  });
  return Object.fromEntries(entries);
}

export function checkRequired(table: Table, written: Written): void {
  for (const column of table.columns) {
    if (column.computed) continue;
    const isMissing = column.isRequired && (written.has(column) ? written.get(column) === null : column.default === undefined);
    const isMade = table.key.length === 1 && column.isKey;
    if (isMissing && !isMade)
      throw new TableRefused({
        en: `${column.name} of ${table.name} needs a value`,
        pt: `${column.name} de ${table.name} precisa de um valor`,
      });
  }
}

export function checkSize(table: Table, row: TableRow): void {
  if (JSON.stringify(row).length > tableLimits.rowBytesMax) throw rowTooBig(table);
}

export function rowTooBig(table: Table): TableRefused {
  return new TableRefused(
    { en: `a row of ${table.name} is too big`, pt: `uma linha de ${table.name} é grande demais` },
    { isLimit: true },
  );
}

export function checkTold(count: number): void {
  if (count > tableLimits.changedRowsMax)
    throw new TableRefused(
      {
        en: `at most ${tableLimits.changedRowsMax} rows of a table with ON INSERT, ON UPDATE or ON DELETE change at once`,
        pt: `no máximo ${tableLimits.changedRowsMax} linhas de uma tabela com ON INSERT, ON UPDATE ou ON DELETE mudam de uma vez`,
      },
      { isLimit: true },
    );
}

export function tooMany(table: Table, rows: number, bytes: number): TableRefused {
  const kilobytes = Math.round(bytes / 1024);
  return new TableRefused(
    {
      en: `${table.name} gives more than ${rows} rows or ${kilobytes} KB here; LIMIT or a narrower filter helps`,
      pt: `${table.name} dá mais de ${rows} linhas ou ${kilobytes} KB aqui; LIMIT ou um filtro mais estreito ajuda`,
    },
    { isLimit: true },
  );
}

export function refuse(error: TableRefused): never {
  throw error;
}

export const keyText = (value: PlainValue): string => JSON.stringify(typeof value === 'number' ? String(value) : value);

/** Whether writing it would change nothing; a decimal is read with the digits its column has. */
export function sameCell(column: TableColumn, present: PlainValue, written: string | number | boolean | null): boolean {
  if (present === null || written === null) return present === written;
  if (column.type === 'json') return JSON.stringify(present) === written;
  if (column.type === 'decimal') return Number(Number(written).toFixed(column.scale ?? 0)) === present;
  return present === written;
}
