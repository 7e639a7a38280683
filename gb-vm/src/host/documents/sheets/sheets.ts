import type { PlainValue } from 'gb-core';
import { readCsv, writeCsv } from '../../../runtime/operations/csv.ts';
import { OperationFailed } from '../../operation.ts';
import { decodeText, encodeText, formatOf } from '../formats.ts';
import { documentLimits } from '../limits.ts';
import { noSuchFile, tooMuch, unreadable } from '../refusals.ts';
import { type Row, textOfValue } from '../values.ts';
import { readCellRange } from './cell-address.ts';
import { editXlsx } from './edit-xlsx.ts';
import { plainCells, type RawSheet, readXlsx } from './read-xlsx.ts';
import { writeXlsx } from './write-xlsx.ts';

/** A table with a name. The first row of a sheet that says anything names its columns. */
export interface Sheet {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

/** The sheets of a csv or xlsx, bounded in rows, columns and cells. Dates are texts like `2026-05-31`. */
export function readSheets(bytes: Uint8Array, name: string): { readonly sheets: readonly Sheet[] } {
  withinBytes(bytes, name);
  const format = formatOf(name);
  if (format === 'xlsx') return { sheets: readingXlsx(bytes, name).map(sheetOf) };
  if (format === 'csv' || format === 'tsv' || format === 'txt') return { sheets: [csvSheet(bytes, name)] };
  throw new OperationFailed({ en: `${name} is no sheet: csv and xlsx are`, pt: `${name} não é planilha: csv e xlsx são` });
}

function readingXlsx(bytes: Uint8Array, name: string, only?: (sheet: string, at: number) => boolean): RawSheet[] {
  try {
    return readXlsx(bytes, name, only);
  } catch (error) {
    throw error instanceof OperationFailed ? error : unreadable(name, error);
  }
}

function csvSheet(bytes: Uint8Array, name: string): Sheet {
  const text = decodeText(bytes, name);
  const { columns, rows } = readCsv(text);
  if (
    rows.length > documentLimits.rowsMax ||
    columns.length > documentLimits.columnsMax ||
    rows.length * columns.length > documentLimits.cellsMax
  )
    throw tooMuch(
      `${name} is too large: at most ${documentLimits.rowsMax} rows, ${documentLimits.columnsMax} columns and ${documentLimits.cellsMax} cells`,
      `${name} é grande demais: no máximo ${documentLimits.rowsMax} linhas, ${documentLimits.columnsMax} colunas e ${documentLimits.cellsMax} células`,
    );
  return { name: name.replace(/^.*[/\\]/, '').replace(/\.\w+$/, ''), columns, rows };
}

function sheetOf({ name, rows }: RawSheet): Sheet {
  const [header, ...body] = rows;
  if (!header) return { name, columns: [], rows: [] };
  const width = Math.max(
    ...rows.slice(0, 1_000).map((row) => (row.cells.at(-1)?.column ?? -1) + 1),
    (header.cells.at(-1)?.column ?? -1) + 1,
  );
  const first = header.cells[0]!.column;
  const seen = new Set<string>();
  const columns = Array.from({ length: width - first }, (_, at) => {
    const written =
      textOfValue(header.cells.find(({ column }) => column === first + at)?.value ?? '').trim() || `column${at + 1}`;
    let unique = written;
    for (let copy = 2; seen.has(unique); copy++) unique = `${written}${copy}`;
    seen.add(unique);
    return unique;
  });
  return {
    name,
    columns,
    rows: body.map((raw) => {
      const row: Record<string, PlainValue> = Object.fromEntries(columns.map((column) => [column, '']));
      for (const { column, value } of raw.cells) {
        const key = columns[column - first];
        if (key !== undefined) row[key] = value;
      }
      return row;
    }),
  };
}

export function writeSheet(sheets: readonly Sheet[], format: 'csv' | 'xlsx'): Uint8Array {
  if (format === 'xlsx') return writeXlsx(sheets.length === 0 ? [{ name: 'Sheet1', columns: [], rows: [] }] : sheets);
  const { columns, rows } = sheets[0] ?? { columns: [], rows: [] };
  return encodeText(writeCsv({ columns, rows }));
}

/** A cell, or the rows of a range as lists: `A1`, `Sheet2!B3`, `A1:C3`. A cell without anything is null. */
export function readCell(bytes: Uint8Array, name: string, address: string): PlainValue {
  withinBytes(bytes, name);
  const { from, to } = readCellRange(address);
  if ((to.row - from.row + 1) * (to.column - from.column + 1) > 100_000)
    throw tooMuch('a range has at most 100000 cells', 'um intervalo tem no máximo 100000 células');
  const cells =
    formatOf(name) === 'xlsx'
      ? plainCells(oneSheet(bytes, name, from.sheet).rows, from.row, to.row, from.column, to.column)
      : csvGrid(bytes, name, from.row, to.row).map((row) =>
          Array.from({ length: to.column - from.column + 1 }, (_, at) => row[from.column + at] ?? null),
        );
  return from.row === to.row && from.column === to.column ? cells[0]![0]! : cells;
}

function oneSheet(bytes: Uint8Array, name: string, wanted: string | null): RawSheet {
  const sheet = readingXlsx(bytes, name, (one, at) =>
    wanted === null ? at === 0 : one.toLowerCase() === wanted.toLowerCase(),
  )[0];
  if (!sheet) throw noSuchFile(wanted === null ? name : `${name} ${wanted}`);
  return sheet;
}

/** A csv as it lies there, its names in row 0. */
function csvGrid(bytes: Uint8Array, name: string, from: number, to: number): PlainValue[][] {
  const { columns, rows } = csvSheet(bytes, name);
  return Array.from({ length: to - from + 1 }, (_, at) => {
    const row = from + at;
    if (row === 0) return [...columns];
    return columns.map((column) => rows[row - 1]?.[column] ?? null).map((value) => (value === '' ? null : value));
  });
}

/** The file with one cell written; a new workbook where there was none. Everything else in it stays as it was. */
export function writeCell(bytes: Uint8Array | null, name: string, address: string, value: PlainValue): Uint8Array {
  const { from, to } = readCellRange(address);
  if (from.row !== to.row || from.column !== to.column)
    throw new OperationFailed({ en: 'one cell is written at a time, like A1', pt: 'uma célula é escrita de cada vez, como A1' });
  if (formatOf(name) === 'xlsx') {
    const start = bytes ?? writeXlsx([{ name: from.sheet ?? 'Sheet1', columns: [], rows: [] }]);
    withinBytes(start, name);
    try {
      return editXlsx(start, name, from, value);
    } catch (error) {
      throw error instanceof OperationFailed ? error : unreadable(name, error);
    }
  }
  if (formatOf(name) !== 'csv') throw new OperationFailed({ en: `${name} is no sheet`, pt: `${name} não é planilha` });
  if (from.row > documentLimits.rowsMax || from.column > documentLimits.columnsMax)
    throw tooMuch(`the cell ${address} is too far away`, `a célula ${address} está longe demais`);
  const sheet = bytes ? csvSheet(bytes, name) : { name, columns: [], rows: [] };
  const columns = [...sheet.columns];
  while (columns.length <= from.column) columns.push(`column${columns.length + 1}`);
  const rows = [...sheet.rows];
  if (from.row === 0) {
    const former = columns[from.column]!;
    const named = textOfValue(value) || former;
    columns[from.column] = named;
    for (let at = 0; at < rows.length; at++) rows[at] = { ...rows[at], [named]: rows[at]![former] ?? '' };
  } else {
    while (rows.length < from.row) rows.push({});
    rows[from.row - 1] = { ...rows[from.row - 1], [columns[from.column]!]: value };
  }
  return writeSheet([{ name, columns, rows }], 'csv');
}

function withinBytes(bytes: Uint8Array, name: string): void {
  if (bytes.length > documentLimits.bytesMax)
    throw tooMuch(
      `${name} is larger than ${documentLimits.bytesMax / 1_048_576} MB`,
      `${name} é maior que ${documentLimits.bytesMax / 1_048_576} MB`,
    );
}
