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
  const write = cellWriter(locale);
  return {
    kind: 'table',
    header: columns.map((name) => [{ text: name, isBold: true }]),
    rows: rows.map((row): TableRow => columns.map((name) => [{ text: write(row[name]) }])),
  };
}

/** Numbers as they are written where the reader lives; everything else as it is. */
export function cellWriter(locale: string): (value: PlainValue | undefined) => string {
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  const yesNo = locale.startsWith('pt') ? ['sim', 'não'] : ['yes', 'no'];
  return (value) => {
    if (typeof value === 'boolean') return value ? yesNo[0]! : yesNo[1]!;
    // A year or a number of an order is not grouped: 2026 is no amount.
    if (typeof value === 'number')
      return Number.isInteger(value) && Math.abs(value) < 10_000 ? String(value) : whole.format(value);
    return textOfValue(value);
  };
}
