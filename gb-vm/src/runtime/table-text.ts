import type { PlainValue, TableStyle } from 'gb-core';
import { writeCsv } from './operations/csv.ts';

type Row = Readonly<Record<string, PlainValue>>;

const rowsMaxDefault = 100;
const columnsMaxDefault = 20;
const cellCharsMax = 300;

/**
 * A list of rows as people read it, in the form that SET OUTPUT asks for; null when the value is none, or data are wanted.
 * What is left out is said in a last line.
 */
export function tableText(value: PlainValue, style: TableStyle, locale: 'en' | 'pt-BR'): string | null {
  const { form = 'table', rowsMax = rowsMaxDefault, columnsMax = columnsMaxDefault } = style;
  if (form === 'json' || !isTable(value)) return null;
  const rows = value.slice(0, rowsMax);
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].slice(0, columnsMax);
  const left = value.length - rows.length;
  const rest = left === 0 ? [] : [locale === 'pt-BR' ? `… e mais ${left}` : `… and ${left} more`];
  if (form === 'csv') {
    const kept = rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column] ?? null])));
    return ['```', writeCsv({ columns, rows: kept }).replaceAll('\r\n', '\n').trimEnd(), '```', ...rest].join('\n');
  }
  if (form === 'list') {
    const line = (row: Row): string => columns.map((column) => `**${cell(column)}**: ${cell(row[column])}`).join(', ');
    return [...rows.map((row) => `- ${line(row)}`), ...rest].join('\n');
  }
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const table = [columns.map(cell), columns.map(() => '---'), ...rows.map((row) => columns.map((column) => cell(row[column])))];
  return [...table.map(line), ...rest.flatMap((text) => ['', text])].join('\n');
}

function isTable(value: PlainValue): value is readonly Row[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row) && Object.keys(row).length > 0)
  );
}

/** One line; a bar would end the cell. */
function cell(value: PlainValue | undefined): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.slice(0, cellCharsMax).toWellFormed().replace(/\s+/g, ' ').replaceAll('|', '\\|');
}
