import {
  type ChangedRows,
  type Condition,
  type MergedRows,
  type RowQuery,
  type Sheet,
  type SheetRow,
  type TableRow,
  type Tx,
  tableLimits,
} from 'gb-core';
import { matches } from '../../runtime/operations/matches.ts';
import { columnOf, inOrder, type Row, readerOf } from '../../runtime/operations/tables.ts';
import { OperationFailed } from '../operation.ts';
import type { RowSource } from './source.ts';

const rowsPerPiece = 500;

/**
 * A sheet: rows of no declared shape, looked at one after the other by the same matcher that works in memory. Names of
 * columns take the spelling the sheet already has for them. It is made when the first row is written.
 */
export function sheetSource(tx: Tx, found: Sheet | null, botId: Sheet['botId'], name: string): RowSource {
  let sheet = found;

  /** The rows that fit, looked at a piece at a time. */
  async function scan(condition: Condition, take: (row: SheetRow) => void, isEnough = (): boolean => false): Promise<void> {
    if (!sheet) return;
    for (let after = 0; ; ) {
      const piece = await tx.sheets.scan(sheet, after, rowsPerPiece);
      for (const one of piece) if (matches(condition, readerOf(one.row as Row))) take(one);
      if (piece.length < rowsPerPiece || isEnough()) return;
      after = piece.at(-1)!.number;
    }
  }

  /** For writing: nobody else writes it meanwhile. */
  async function opened(): Promise<Sheet> {
    sheet = await tx.sheets.open(botId, name);
    return sheet;
  }

  return {
    name: sheet?.name ?? name,
    get columns() {
      return sheet?.columns ?? [];
    },
    key: 'id',
    keys: ['id'],
    hasColumn: (column) => sheet?.columns.some((one) => one.toLowerCase() === column.toLowerCase()) ?? false,

    async find({ condition = { kind: 'all', parts: [] }, order = [], limit, columns }: RowQuery) {
      const rows: Row[] = [];
      const [rowsMax, bytesMax] =
        limit === undefined
          ? [tableLimits.foundRowsMax, tableLimits.foundBytesMax]
          : [tableLimits.limitedRowsMax, tableLimits.limitedBytesMax];
      // Without an order the first ones are enough.
      const isEnough = (): boolean => order.length === 0 && rows.length >= (limit ?? rowsMax + 1);
      await scan(condition, ({ row }) => rows.push(row as Row), isEnough);
      const sorted = order.length > 0 ? inOrder(rows, order) : rows;
      const cut = limit === undefined ? sorted : sorted.slice(0, Math.trunc(limit));
      let bytes = 0;
      for (const row of cut) bytes += JSON.stringify(row).length;
      if (cut.length > rowsMax || bytes > bytesMax)
        throw new OperationFailed(
          {
            en: `${name} gives more than ${rowsMax} rows or ${bytesMax / 1024} KB here; LIMIT or a narrower filter helps`,
            pt: `${name} dá mais de ${rowsMax} linhas ou ${bytesMax / 1024} KB aqui; LIMIT ou um filtro mais estreito ajuda`,
          },
          'limit_reached',
        );
      if (!columns) return cut;
      return cut.map((row) => Object.fromEntries(columns.map((column) => [column, columnOf(row, column)])));
    },

    async insert(rows) {
      const target = await opened();
      const columns = [...target.columns];
      const added = rows.map((row) => spelled(row, columns));
      sheet = await tx.sheets.append(target, added, columns);
      return added;
    },

    async update(condition, changes, { withRows = false } = {}) {
      const target = await opened();
      const columns = [...target.columns];
      const wanted = spelled(changes, columns);
      const changed: { number: number; old: TableRow; row: TableRow }[] = [];
      await scan(condition, ({ number, row }) => changed.push({ number, old: row, row: { ...row, ...wanted } }));
      checkTold(withRows, changed.length);
      if (changed.length > 0) sheet = await tx.sheets.replace(target, changed, columns);
      return { count: changed.length, rows: withRows ? changed.map(({ old, row }) => ({ old, row })) : [] };
    },

    async delete(condition, { withRows = false } = {}): Promise<ChangedRows> {
      if (!sheet) return { count: 0, rows: [] };
      const target = await opened();
      const gone: SheetRow[] = [];
      await scan(condition, (row) => gone.push(row));
      checkTold(withRows, gone.length);
      if (gone.length > 0)
        sheet = await tx.sheets.remove(
          target,
          gone.map(({ number }) => number),
        );
      return { count: gone.length, rows: withRows ? gone.map(({ row }) => ({ old: row })) : [] };
    },

    async merge(rows, keys, { withRows = false } = {}): Promise<MergedRows> {
      const target = await opened();
      const columns = [...target.columns];
      const known = new Map<string, { number: number | null; old: TableRow | null; row: TableRow }>();
      await scan({ kind: 'all', parts: [] }, ({ number, row }) => {
        const id = idOf(row, keys);
        if (id !== null && !known.has(id)) known.set(id, { number, old: row, row });
      });
      const fresh: { old: null; row: TableRow }[] = [];
      const touched = new Set<string>();
      let unchanged = 0;
      for (const given of rows) {
        const row = spelled(given, columns);
        const id = idOf(row, keys);
        const present = id === null ? undefined : known.get(id);
        if (!present) {
          const made = { number: null, old: null, row };
          if (id !== null) known.set(id, made);
          fresh.push(made);
        } else if (
          Object.entries(row).every(([column, value]) => JSON.stringify(present.row[column] ?? null) === JSON.stringify(value))
        )
          unchanged += 1;
        else {
          present.row = { ...present.row, ...row };
          if (present.number !== null) touched.add(id!);
        }
      }
      const changed = [...touched].map((id) => known.get(id)! as { number: number; old: TableRow; row: TableRow });
      checkTold(withRows, fresh.length + changed.length);
      let after = target;
      if (changed.length > 0) after = await tx.sheets.replace(after, changed, columns);
      if (fresh.length > 0)
        after = await tx.sheets.append(
          after,
          fresh.map(({ row }) => row),
          columns,
        );
      sheet = after;
      const told = [...fresh.map(({ row }) => ({ row })), ...changed.map(({ old, row }) => ({ old, row }))];
      return {
        count: fresh.length + changed.length,
        added: fresh.length,
        updated: changed.length,
        unchanged,
        rows: withRows ? told : [],
      };
    },
  };
}

/** A number and the same number as text are one key. A row without one is like no other. */
function idOf(row: TableRow, keys: readonly string[]): string | null {
  const parts = keys.map((key) => columnOf(row as Row, key));
  if (parts.some((part) => part === null)) return null;
  return parts.map((part) => JSON.stringify(part).replace(/^"(-?[\d.]+)"$/, '$1')).join(' ');
}

/** The row in the spelling of the columns, to which new ones are added. */
function spelled(row: TableRow, columns: string[]): TableRow {
  const result: Row = Object.create(null);
  for (const [name, value] of Object.entries(row)) {
    let column = columns.find((one) => one === name) ?? columns.find((one) => one.toLowerCase() === name.toLowerCase());
    if (column === undefined) {
      if (name === '' || name.length > columnNameMax)
        throw new OperationFailed({
          en: `a column's name has 1 to ${columnNameMax} characters`,
          pt: `o nome de uma coluna tem de 1 a ${columnNameMax} caracteres`,
        });
      columns.push(name);
      column = name;
    }
    result[column] = value;
  }
  return result;
}

const columnNameMax = 200;

function checkTold(withRows: boolean, count: number): void {
  if (withRows && count > tableLimits.changedRowsMax)
    throw new OperationFailed(
      {
        en: `at most ${tableLimits.changedRowsMax} rows of a table with ON INSERT, ON UPDATE or ON DELETE change at once`,
        pt: `no máximo ${tableLimits.changedRowsMax} linhas de uma tabela com ON INSERT, ON UPDATE ou ON DELETE mudam de uma vez`,
      },
      'limit_reached',
    );
}
