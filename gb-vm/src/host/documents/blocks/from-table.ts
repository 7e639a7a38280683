import type { PlainValue } from 'gb-core';
import { type Row, textOfValue } from '../values.ts';
import type { Block, TableRow } from './model.ts';

/** Texts of paragraphs, parted by blank lines. */
export function readText(text: string): Block[] {
  return text
    .replace(/\r\n?/g, '\n')
    .split(/\n[ \t]*\n/)
    .map((part) => part.replace(/^\n+|\s+$/g, ''))
    .filter((part) => part !== '')
    .map((part) => ({ kind: 'paragraph', runs: [{ text: part }] }));
}

export function readTable(columns: readonly string[], rows: readonly Row[], locale: string): Block {
  const write = columnWriters(columns, rows, locale);
  return {
    kind: 'table',
    header: columns.map((name) => [{ text: name, isBold: true }]),
    rows: rows.map((row): TableRow => columns.map((name, at) => [{ text: write[at]!(row[name]) }])),
  };
}

/**
 * How the values of each column are written: numbers as they are where the reader lives, all of a column alike. A column
 * of small whole numbers is not grouped, for it may hold years or numbers of orders: 2026 is no amount.
 */
export function columnWriters(
  columns: readonly string[],
  rows: readonly Row[],
  locale: string,
): readonly ((value: PlainValue | undefined) => string)[] {
  const yesNo = locale.startsWith('pt') ? ['sim', 'não'] : ['yes', 'no'];
  return columns.map((name) => {
    let places = 0;
    let largest = 0;
    for (const row of rows) {
      const value = row[name];
      if (typeof value !== 'number') continue;
      largest = Math.max(largest, Math.abs(value));
      if (!Number.isInteger(value)) places = 2;
    }
    const format = new Intl.NumberFormat(locale, {
      useGrouping: places > 0 || largest >= 10_000,
      minimumFractionDigits: places,
      maximumFractionDigits: places,
    });
    return (value) => {
      if (typeof value === 'boolean') return yesNo[value ? 0 : 1]!;
      return typeof value === 'number' ? format.format(value) : textOfValue(value);
    };
  });
}
