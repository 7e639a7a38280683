import type { SKRSContext2D } from '@napi-rs/canvas';
import type { PlainValue } from 'gb-core';
import { columnWriters } from '../blocks/from-table.ts';
import { type Row, tableOf, textOfValue } from '../values.ts';
import { canvasOf, encode, type Picture } from './canvas.ts';
import { drawable, fontFamily } from './fonts.ts';

export interface TablePictureInput {
  readonly value: PlainValue;
  readonly locale: string;
}

const rowsShownMax = 100;
const columnsShownMax = 12;
const linesPerCellMax = 4;
const cellWidthMax = 300;
const margin = 24;
const padding = 14;
const lineHeight = 22;
const body = `15px "${fontFamily}"`;
const strong = `500 15px "${fontFamily}"`;

/** A table as a table, anything else as the text that it is. */
export async function drawValue({ value, locale }: TablePictureInput): Promise<Picture> {
  const table = tableOf(value);
  return table && table.columns.length > 0 ? drawTable(table.columns, table.rows, locale) : drawText(textOfValue(value));
}

async function drawTable(allColumns: readonly string[], allRows: readonly Row[], locale: string): Promise<Picture> {
  const { context: ruler } = canvasOf(1, 1);
  const columns = allColumns.slice(0, columnsShownMax);
  const rows = allRows.slice(0, rowsShownMax);
  const write = columnWriters(columns, rows, locale);
  const isNumeric = columns.map(
    (name) =>
      rows.some((row) => typeof row[name] === 'number') &&
      rows.every((row) => row[name] === null || row[name] === undefined || typeof row[name] === 'number'),
  );
  const fit = (text: string, font: string): string[] => {
    ruler.font = font;
    return wrapped(ruler, drawable(text), cellWidthMax, linesPerCellMax);
  };
  const header = columns.map((name) => fit(name, strong));
  const cells = rows.map((row) => columns.map((name, at) => fit(write[at]!(row[name]), body)));
  const widths = columns.map((_, at) => {
    const widest = (lines: readonly string[], font: string): number => {
      ruler.font = font;
      return lines.reduce((most, line) => Math.max(most, ruler.measureText(line).width), 0);
    };
    return Math.ceil(Math.max(40, widest(header[at]!, strong), ...cells.map((row) => widest(row[at]!, body)))) + 2 * padding;
  });
  const heightOf = (row: readonly (readonly string[])[]): number =>
    Math.max(1, ...row.map((lines) => lines.length)) * lineHeight + 16;
  const note = remainder(allRows.length - rows.length, allColumns.length - columns.length, locale);
  ruler.font = `14px "${fontFamily}"`;
  const tableWidth = Math.max(
    widths.reduce((sum, one) => sum + one, 0),
    note === '' ? 0 : Math.ceil(ruler.measureText(note).width),
  );
  const tableHeight = heightOf(header) + cells.reduce((sum, row) => sum + heightOf(row), 0);
  const width = tableWidth + 2 * margin;
  const height = tableHeight + 2 * margin + (note === '' ? 0 : 34);
  const { canvas, context } = canvasOf(width, height, finenessOf(width, height));
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  context.textBaseline = 'middle';

  let y = margin;
  const line = (row: readonly (readonly string[])[], isHeader: boolean, isShaded: boolean): void => {
    const rowHeight = heightOf(row);
    if (isHeader || isShaded) {
      context.fillStyle = isHeader ? '#e5e7eb' : '#f9fafb';
      context.fillRect(margin, y, tableWidth, rowHeight);
    }
    let x = margin;
    row.forEach((lines, column) => {
      context.font = isHeader ? strong : body;
      context.fillStyle = '#1f2937';
      context.textAlign = isNumeric[column] ? 'right' : 'left';
      const start = y + rowHeight / 2 - ((lines.length - 1) * lineHeight) / 2;
      for (const [at, text] of lines.entries())
        context.fillText(text, isNumeric[column] ? x + widths[column]! - padding : x + padding, start + at * lineHeight);
      x += widths[column]!;
    });
    y += rowHeight;
    context.fillStyle = isHeader ? '#9ca3af' : '#e5e7eb';
    context.fillRect(margin, y - 1, tableWidth, 1);
  };
  line(header, true, false);
  for (const [at, row] of cells.entries()) line(row, false, at % 2 === 1);
  if (note !== '') {
    context.font = `14px "${fontFamily}"`;
    context.fillStyle = '#4b5563';
    context.textAlign = 'left';
    context.fillText(note, margin, y + 24);
  }
  return encode(canvas, 'png');
}

/** Twice as fine as a screen, as long as the whole does not become enormous. */
function finenessOf(width: number, height: number): number {
  return Math.min(2, Math.sqrt(16_000_000 / (width * height)));
}

function remainder(rows: number, columns: number, locale: string): string {
  const isPortuguese = locale.startsWith('pt');
  const count = new Intl.NumberFormat(locale);
  const parts: string[] = [];
  if (rows > 0)
    parts.push(`${count.format(rows)} ${isPortuguese ? (rows === 1 ? 'linha' : 'linhas') : rows === 1 ? 'row' : 'rows'}`);
  if (columns > 0)
    parts.push(
      `${count.format(columns)} ${isPortuguese ? (columns === 1 ? 'coluna' : 'colunas') : columns === 1 ? 'column' : 'columns'}`,
    );
  if (parts.length === 0) return '';
  return isPortuguese ? `e mais ${parts.join(' e ')}` : `and ${parts.join(' and ')} more`;
}

async function drawText(text: string): Promise<Picture> {
  const { context: ruler } = canvasOf(1, 1);
  const font = `18px "${fontFamily}"`;
  ruler.font = font;
  const lines = drawable(text.slice(0, 20_000))
    .replace(/\t/g, '    ')
    .split('\n')
    .slice(0, 200)
    .flatMap((line) => (line.trim() === '' ? [''] : wrapped(ruler, line, 720, 200)))
    .slice(0, 200);
  const widest = lines.reduce((most, line) => Math.max(most, ruler.measureText(line).width), 120);
  const width = Math.ceil(widest) + 80;
  const height = lines.length * 28 + 72;
  const { canvas, context } = canvasOf(width, height, finenessOf(width, height));
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  context.font = font;
  context.fillStyle = '#1f2937';
  context.textBaseline = 'middle';
  for (const [at, line] of lines.entries()) context.fillText(line, 40, 50 + at * 28);
  return encode(canvas, 'png');
}

/** Broken at blanks, and in the middle of a word that is too long for a line by itself. The last line says that more follows. */
export function wrapped(ruler: Pick<SKRSContext2D, 'measureText'>, text: string, widthMax: number, linesMax: number): string[] {
  const lines: string[] = [];
  const fits = (line: string): boolean => ruler.measureText(line).width <= widthMax;
  const source = text.slice(0, linesMax * 400);
  for (const paragraph of source.split('\n')) {
    let line = '';
    for (let word of paragraph.split(/\s+/)) {
      if (lines.length > linesMax) break;
      if (fits(line === '' ? word : `${line} ${word}`)) {
        line = line === '' ? word : `${line} ${word}`;
        continue;
      }
      if (line !== '') lines.push(line);
      while (!fits(word) && lines.length <= linesMax) {
        let low = 1;
        let high = Math.min(word.length - 1, 400);
        while (low < high) {
          const middle = Math.ceil((low + high) / 2);
          if (fits(word.slice(0, middle))) low = middle;
          else high = middle - 1;
        }
        lines.push(word.slice(0, low));
        word = word.slice(low);
      }
      line = word;
    }
    lines.push(line);
  }
  if (lines.length <= linesMax && source.length === text.length) return lines;
  const kept = lines.slice(0, linesMax);
  let last = kept.pop() ?? '';
  while (last !== '' && !fits(`${last}…`)) last = last.slice(0, -1);
  return [...kept, `${last}…`];
}
