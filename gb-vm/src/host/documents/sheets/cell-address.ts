import { OperationFailed } from '../../operation.ts';

/** Rows and columns from 0. */
export interface CellAddress {
  readonly sheet: string | null;
  readonly row: number;
  readonly column: number;
}

export interface CellRange {
  readonly from: CellAddress;
  /** The same cell when it is one. */
  readonly to: CellAddress;
}

/** `A1`, `$B$3`, `Sheet2!C4`, `'My sheet'!A1:C3`. */
export function readCellRange(text: string): CellRange {
  const [, quoted, plain, first, last] =
    /^\s*(?:(?:'((?:[^']|'')+)'|([^'!:]+))!)?\s*(\$?[A-Za-z]{1,3}\$?\d{1,7})\s*(?::\s*(\$?[A-Za-z]{1,3}\$?\d{1,7}))?\s*$/.exec(
      text,
    ) ?? [];
  if (first === undefined)
    throw new OperationFailed({
      en: `"${text.slice(0, 30)}" is not a cell; cells are written like A1 or Sheet2!B3`,
      pt: `"${text.slice(0, 30)}" não é uma célula; células se escrevem como A1 ou Planilha2!B3`,
    });
  const sheet = quoted?.replaceAll("''", "'") ?? plain?.trim() ?? null;
  const one = readOne(first);
  const two = last === undefined ? one : readOne(last);
  return {
    from: { sheet, row: Math.min(one.row, two.row), column: Math.min(one.column, two.column) },
    to: { sheet, row: Math.max(one.row, two.row), column: Math.max(one.column, two.column) },
  };
}

function readOne(text: string): { readonly row: number; readonly column: number } {
  const [, letters = '', digits = ''] = /^\$?([A-Za-z]+)\$?(\d+)$/.exec(text) ?? [];
  const row = Number(digits) - 1;
  const column = columnOf(letters);
  if (row < 0 || row >= 1_048_576 || column >= 16_384)
    throw new OperationFailed({ en: `there is no cell ${text}`, pt: `não há célula ${text}` });
  return { row, column };
}

/** 0 for A, 26 for AA. */
export function columnOf(letters: string): number {
  let column = 0;
  for (const letter of letters.toUpperCase()) column = column * 26 + letter.charCodeAt(0) - 64;
  return column - 1;
}

export function lettersOf(column: number): string {
  let letters = '';
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26))
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  return letters;
}
