import type { JsonValue } from '../functions/json.ts';
import { type Args, isRow, textOf } from './memory-data.ts';
import { cutAtCommas } from './row-expression.ts';
import { columnOf, type Row, type RowOrder } from './tables.ts';

/** `UPDATE "cases", caseId, {...}`: a text that compares nothing is the id of a row. */
export function byId(args: Args, key = 'id'): Args {
  const filter = args['filter'];
  return typeof filter === 'string' && /^[^=<>\s]+$/.test(filter) ? { ...args, filter: { [key]: filter } } : args;
}

/** Rows that stand for what they were found as: one of them, or a list. */
export function rowsOf(value: JsonValue): Row[] | null {
  if (value === null) return [];
  const items = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  return items.every(isRow) ? items.map((row) => ({ ...row })) : null;
}

export function firstRow(value: JsonValue | undefined): Row | null {
  return value === undefined ? null : (rowsOf(value)?.[0] ?? null);
}

/**
 * What SAVE was given: an object or list of objects is the row or rows; an id and an object is that row; named variables
 * are the columns; other values fill the columns of the table in their order.
 */
export function savedRows(args: Args, known: readonly string[] = []): Row[] | null {
  const columns = isRow(args['columns']) ? args['columns'] : {};
  const named = Object.keys(columns);
  const values = named.length > 0 ? Object.values(columns) : ((args['values'] ?? []) as readonly JsonValue[]);
  const [first = null, second = null] = values;
  if (values.length === 1 && (isRow(first) || Array.isArray(first))) {
    const rows = rowsOf(first);
    if (rows) return rows;
    return Array.isArray(first) ? [positional(first, known)] : null;
  }
  if (values.length === 2 && !isRow(first) && isRow(second))
    return [columnOf({ ...second }, 'id') === null ? { id: first, ...second } : { ...second }];
  return [named.length > 0 ? { ...columns } : positional(values, known)];
}

function positional(values: readonly JsonValue[], known: readonly string[]): Row {
  return Object.fromEntries(values.map((value, index) => [known[index] ?? `column${index + 1}`, value]));
}

export function readRowOrder(value: JsonValue | undefined): RowOrder[] | null {
  if (value === undefined || value === null || value === '') return [];
  const items: readonly JsonValue[] = typeof value === 'string' ? cutAtCommas(value) : Array.isArray(value) ? value : [value];
  const order = items.map((item): RowOrder | null => {
    if (isRow(item)) {
      return typeof item['column'] === 'string' ? { column: item['column'], isDescending: item['isDescending'] === true } : null;
    }
    const match = /^(.{1,100}?)(?:\s+(asc|desc)\w*)?$/i.exec(textOf(item).trim());
    return match ? { column: match[1]!, isDescending: match[2]?.toLowerCase() === 'desc' } : null;
  });
  return order.every((one) => one !== null) ? order : null;
}
