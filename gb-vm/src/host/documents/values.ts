import type { FileValue, PlainValue } from 'gb-core';
import { OperationFailed } from '../operation.ts';

export type Row = Readonly<Record<string, PlainValue>>;

/** A value as a person would write it. */
export function textOfValue(value: PlainValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function isRow(value: PlainValue | undefined): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isFile(value: PlainValue | undefined): value is Row & FileValue {
  return isRow(value) && typeof value['file'] === 'string' && typeof value['name'] === 'string';
}

/** A file a program was given, or a path. */
export function placeOf(value: PlainValue | undefined): string | FileValue {
  if (isFile(value)) return fileValueOf(value);
  const path = typeof value === 'string' ? value.trim() : '';
  if (path === '') throw new OperationFailed({ en: 'a file is named by its path', pt: 'um arquivo é indicado por seu caminho' });
  return path;
}

function fileValueOf(value: Row & FileValue): FileValue {
  const { file, name, type, size, width, height } = value;
  const isSized = typeof width === 'number' && typeof height === 'number';
  return { file, name, type: textOfValue(type), size: Number(size) || 0, ...(isSized ? { width, height } : {}) };
}

/** A path without what leads nowhere; what leads out of the drive is refused by the drive. */
export function pathOf(value: PlainValue | undefined): string {
  if (typeof value !== 'string' || value.trim() === '')
    throw new OperationFailed({ en: 'a path is a text', pt: 'um caminho é um texto' });
  return value
    .trim()
    .replaceAll('\\', '/')
    .replace(/^(?:\.?\/)+/, '')
    .replace(/\/+$/, '');
}

export function listOf(value: PlainValue | undefined): readonly PlainValue[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value as PlainValue];
}

/** A table out of what programs hold: a list of rows, one row, a list of lists, a list of values. Null for what is none. */
export function tableOf(value: PlainValue): { readonly columns: readonly string[]; readonly rows: readonly Row[] } | null {
  if (isRow(value)) return isFile(value) ? null : { columns: Object.keys(value), rows: [value] };
  if (!Array.isArray(value)) return null;
  if (value.length > 0 && value.every(isRow)) {
    const columns = new Set<string>();
    for (const row of value) for (const name of Object.keys(row as Row)) columns.add(name);
    return { columns: [...columns], rows: value };
  }
  if (value.length > 0 && value.every(Array.isArray)) {
    const lists = value as readonly (readonly PlainValue[])[];
    const width = lists.reduce((widest, list) => Math.max(widest, list.length), 0);
    const isHeaded = lists.length > 1 && lists[0]!.length > 0 && lists[0]!.every((cell) => typeof cell === 'string');
    const columns = Array.from({ length: width }, (_, at) => (isHeaded && textOfValue(lists[0]![at])) || `column${at + 1}`);
    return {
      columns,
      rows: (isHeaded ? lists.slice(1) : lists).map((list) =>
        Object.fromEntries(columns.map((name, at) => [name, list[at] ?? null])),
      ),
    };
  }
  return { columns: ['value'], rows: value.map((one) => ({ value: one as PlainValue })) };
}
