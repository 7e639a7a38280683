import type { PlainValue } from 'gb-core';
import { documentLimits } from '../limits.ts';
import { tooMuch } from '../refusals.ts';
import { columnOf } from './cell-address.ts';
import { openWorkbook, partText, readXml, type Workbook } from './workbook.ts';

export type Cell = string | number | boolean | null;

/** Rows as they lie in the file; rows and cells that are not there are holes and left out. */
export interface RawSheet {
  readonly name: string;
  readonly rows: readonly RawRow[];
}

export interface RawRow {
  /** From 0. */
  readonly row: number;
  readonly cells: readonly { readonly column: number; readonly value: Cell }[];
}

/** What was calculated last stands for a formula. Dates become text like `2026-05-31`, with the time where there is one. */
export function readXlsx(bytes: Uint8Array, name: string, only?: (sheet: string, at: number) => boolean): RawSheet[] {
  const workbook = openWorkbook(bytes, name);
  const shared = sharedStrings(workbook);
  const dates = dateStyles(workbook);
  const budget = { cells: documentLimits.cellsMax };
  return workbook.sheets
    .filter((sheet, at) => only?.(sheet.name, at) ?? true)
    .map((sheet) => ({ name: sheet.name, rows: readRows(workbook, sheet.part, shared, dates, budget) }));
}

function readRows(
  workbook: Workbook,
  part: string,
  shared: readonly string[],
  dates: readonly boolean[],
  budget: { cells: number },
): RawRow[] {
  const rows: RawRow[] = [];
  let row = -1;
  let column = -1;
  let cells: { column: number; value: Cell }[] = [];
  let type = '';
  let style = 0;
  let content = '';
  let isTaken = false;
  readXml(partText(workbook, part), {
    open: ({ local, attributes }) => {
      if (local === 'row') {
        const stated = Number(attributes['r']);
        row = Number.isInteger(stated) && stated > 0 ? stated - 1 : row + 1;
        column = -1;
        cells = [];
        if (rows.length >= documentLimits.rowsMax) throw tooManyRows(workbook.name);
      } else if (local === 'c') {
        const letters = /^[A-Za-z]{1,3}/.exec(attributes['r'] ?? '')?.[0];
        column = letters === undefined ? column + 1 : columnOf(letters);
        type = attributes['t'] ?? 'n';
        style = Number(attributes['s'] ?? 0);
        content = '';
      } else if (local === 'v' || local === 't') isTaken = true;
      // What says how a word is pronounced is not part of the word.
      else if (local === 'rPh') isTaken = false;
    },
    text: (text) => {
      if (isTaken) content += text;
    },
    close: (local) => {
      if (local === 'v' || local === 't') isTaken = false;
      else if (local === 'c') {
        const value = cellValue(type, content, shared, dates[style] === true, workbook.isFrom1904);
        if (value === null || value === '') return;
        if (--budget.cells < 0 || column >= documentLimits.columnsMax) throw tooManyRows(workbook.name);
        cells.push({ column, value });
      } else if (local === 'row' && cells.length > 0) {
        rows.push({ row, cells });
        cells = [];
      }
    },
  });
  return rows;
}

function tooManyRows(name: string): Error {
  const { rowsMax, columnsMax, cellsMax } = documentLimits;
  return tooMuch(
    `${name} is too large: at most ${rowsMax} rows, ${columnsMax} columns and ${cellsMax} cells`,
    `${name} é grande demais: no máximo ${rowsMax} linhas, ${columnsMax} colunas e ${cellsMax} células`,
  );
}

function cellValue(type: string, content: string, shared: readonly string[], isDate: boolean, isFrom1904: boolean): Cell {
  if (type === 's') return shared[Number(content)] ?? '';
  if (type === 'str' || type === 'inlineStr') return content;
  if (type === 'b') return content.trim() === '1' || content.trim() === 'true';
  if (type === 'e') return content;
  if (type === 'd')
    return content
      .replace('T', ' ')
      .replace(/\.\d+$|Z$/g, '')
      .replace(/ 00:00(?::00)?$/, '');
  if (content.trim() === '') return null;
  const number = Number(content);
  if (!Number.isFinite(number)) return content;
  return isDate ? dateText(number, isFrom1904) : number;
}

/** Days since the last day of 1899; the 29th of February 1900 is counted although it never was. */
export function dateText(serial: number, isFrom1904: boolean): string | number {
  const days = isFrom1904 ? serial + 1462 : serial;
  if (days < 0 || days > 2_958_466) return serial;
  const ms = Math.round(days * 86_400) * 1000;
  if (days < 1) return new Date(ms).toISOString().slice(11, 19).replace(/:00$/, '');
  const at = new Date(Date.UTC(1899, 11, days < 60 ? 31 : 30) + ms).toISOString();
  const time = at.slice(11, 19);
  return time === '00:00:00' ? at.slice(0, 10) : `${at.slice(0, 10)} ${time.replace(/:00$/, '')}`;
}

function sharedStrings(workbook: Workbook): string[] {
  const part = [...workbook.parts.keys()].find((path) => /^xl\/sharedStrings\.xml$/i.test(path));
  if (part === undefined) return [];
  const texts: string[] = [];
  let text = '';
  let isTaken = false;
  let isSpoken = false;
  readXml(partText(workbook, part), {
    open: ({ local }) => {
      if (local === 'si') text = '';
      else if (local === 'rPh') isSpoken = true;
      else if (local === 't') isTaken = !isSpoken;
    },
    text: (piece) => {
      if (isTaken) text += piece;
    },
    close: (local) => {
      if (local === 't') isTaken = false;
      else if (local === 'rPh') isSpoken = false;
      else if (local === 'si') texts.push(text);
    },
  });
  return texts;
}

/** Which styles of cells show a date or a time. */
function dateStyles(workbook: Workbook): boolean[] {
  const part = [...workbook.parts.keys()].find((path) => /^xl\/styles\.xml$/i.test(path));
  if (part === undefined) return [];
  const own = new Map<number, boolean>();
  const styles: boolean[] = [];
  let isCellStyle = false;
  readXml(partText(workbook, part), {
    open: ({ local, attributes }) => {
      if (local === 'numFmt') own.set(Number(attributes['numFmtId']), isDateMask(attributes['formatCode'] ?? ''));
      else if (local === 'cellXfs') isCellStyle = true;
      else if (local === 'xf' && isCellStyle) {
        const id = Number(attributes['numFmtId'] ?? 0);
        styles.push(
          own.get(id) ?? ((id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58)),
        );
      }
    },
    close: (local) => {
      if (local === 'cellXfs') isCellStyle = false;
    },
  });
  return styles;
}

/** `dd/mm/yyyy hh:mm`, but not `"day" 0` or `[Red]0.00`. */
function isDateMask(mask: string): boolean {
  const plain = mask.slice(0, 300).replace(/"[^"]*"|\\.|\[(?![hms]+\])[^\]]*\]/gi, '');
  return /[dyhs]|m(?!ill)/i.test(plain) && !/^general$/i.test(plain.trim());
}

export function plainCells(
  rows: readonly RawRow[],
  from: number,
  to: number,
  fromColumn: number,
  toColumn: number,
): PlainValue[][] {
  const found = new Map(rows.filter(({ row }) => row >= from && row <= to).map((row) => [row.row, row]));
  return Array.from({ length: to - from + 1 }, (_, at) => {
    const cells = new Map(found.get(from + at)?.cells.map(({ column, value }) => [column, value]));
    return Array.from({ length: toColumn - fromColumn + 1 }, (_, column) => cells.get(fromColumn + column) ?? null);
  });
}
