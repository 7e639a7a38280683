import type { RowOrder } from 'gb-core';
import type { JsonValue } from '../functions/json.ts';
import type { Condition, ReadColumn, Scalar } from './condition.ts';
import { type CsvTable, csvLine, readCsv, writeCsv } from './csv.ts';
import { matches } from './matches.ts';
import { compareAll, sortKey } from './sort-key.ts';

export type Row = Record<string, JsonValue>;

export const rowsMax = 100_000;
const tablesMax = 1000;

export type { RowOrder } from 'gb-core';

/**
 * Tables in memory, made when the first row is saved. A table whose name is that of a file of `files` begins with the rows
 * of that file, and what changes is written back to it: so the console works on the CSV files of a folder.
 */
export class MemoryTables {
  readonly #files: Map<string, string>;
  readonly #tables = new Map<string, MemoryTable>();

  constructor(files: Map<string, string>) {
    this.#files = files;
  }

  /** Null when nobody saved anything under this name. */
  table(name: string): MemoryTable | null {
    const key = keyOf(name);
    const known = this.#tables.get(key);
    if (known && !known.isOutdated) return known;
    const file = [...this.#files.keys()].find((one) => keyOf(one) === key);
    return file === undefined ? (known ?? null) : this.#made(key, new MemoryTable(this.#files, file));
  }

  /** Null when there are too many. */
  made(name: string): MemoryTable | null {
    const found = this.table(name);
    if (found) return found;
    if (this.#tables.size >= tablesMax) return null;
    const isFile = /\.csv$/i.test(name.trim());
    return this.#made(keyOf(name), new MemoryTable(this.#files, isFile ? name.trim() : null));
  }

  #made(key: string, table: MemoryTable): MemoryTable {
    this.#tables.set(key, table);
    return table;
  }
}

/** Letters of any case, and the point that some scripts write before a table, mean the same table. */
const keyOf = (name: string): string => name.trim().toLowerCase().replace(/^\./, '');

export class MemoryTable {
  readonly columns: string[];
  readonly rows: Row[];
  readonly #files: Map<string, string>;
  /** The file it is written back to. */
  readonly #file: string | null;
  /** What the file held when it was last read or written: by this table, else somebody else changed it. */
  #text = '';
  /** Whether its last line is ended; looked at once, because looking at the end of a growing text costs its length. */
  #isWhole: boolean;

  constructor(files: Map<string, string>, file: string | null) {
    this.#files = files;
    this.#file = file;
    if (file !== null) this.#text = files.get(file) ?? '';
    const { columns, rows }: CsvTable = readCsv(this.#text);
    this.columns = [...columns];
    this.rows = rows.map((row) => ({ ...row }));
    this.#isWhole = /[\r\n]$/.test(this.#text);
  }

  get isOutdated(): boolean {
    return this.#file !== null && this.#files.get(this.#file) !== this.#text;
  }

  find(condition: Condition): Row[] {
    return this.rows.filter((row) => matches(condition, readerOf(row)));
  }

  /** Names take the spelling the table already has for them. False when the table is full. */
  add(rows: readonly Row[]): boolean {
    if (this.rows.length + rows.length > rowsMax) return false;
    const columnsBefore = this.columns.length;
    const added = rows.map((row) => this.#spelled(row));
    for (const row of added) this.rows.push(row);
    if (this.columns.length > columnsBefore || this.#text === '') this.#rewrite();
    else {
      const lines = added.map((row) => csvLine(this.columns.map((column) => row[column] ?? null)));
      this.#put(this.#text + (this.#isWhole ? '' : '\r\n') + lines.join(''));
    }
    return true;
  }

  update(condition: Condition, changes: Row): number {
    const found = this.find(condition);
    const spelled = this.#spelled(changes);
    for (const row of found) Object.assign(row, spelled);
    if (found.length > 0) this.#rewrite();
    return found.length;
  }

  delete(condition: Condition): number {
    const kept = this.rows.filter((row) => !matches(condition, readerOf(row)));
    const count = this.rows.length - kept.length;
    if (count > 0) {
      this.rows.length = 0;
      for (const row of kept) this.rows.push(row);
      this.#rewrite();
    }
    return count;
  }

  /** Rows with a known key change theirs, the others are added; null when the table is full. */
  merge(rows: readonly Row[], key: string): { added: number; updated: number; unchanged: number } | null {
    const idOf = (row: Row): string => JSON.stringify(scalarOf(columnOf(row, key)) ?? null).replace(/^"(-?[\d.]+)"$/, '$1');
    const known = new Map(this.rows.map((row) => [idOf(row), row]));
    const counts = { added: 0, updated: 0, unchanged: 0 };
    for (const given of rows) {
      const row = this.#spelled(given);
      const id = idOf(row);
      const old = id === 'null' ? undefined : known.get(id);
      if (!old) {
        if (this.rows.length >= rowsMax) return null;
        this.rows.push(row);
        known.set(id, row);
        counts.added++;
      } else if (Object.entries(row).every(([name, value]) => JSON.stringify(old[name]) === JSON.stringify(value)))
        counts.unchanged++;
      else {
        Object.assign(old, row);
        counts.updated++;
      }
    }
    if (counts.added + counts.updated > 0) this.#rewrite();
    return counts;
  }

  #spelled(row: Row): Row {
    const result: Row = Object.create(null);
    for (const [name, value] of Object.entries(row)) {
      let column =
        this.columns.find((one) => one === name) ?? this.columns.find((one) => one.toLowerCase() === name.toLowerCase());
      if (column === undefined) {
        this.columns.push(name);
        column = name;
      }
      result[column] = value;
    }
    return result;
  }

  #rewrite(): void {
    if (this.#file !== null) this.#put(writeCsv(this));
  }

  #put(text: string): void {
    if (this.#file === null) return;
    this.#isWhole = true;
    this.#text = text;
    this.#files.set(this.#file, text);
  }
}

/** A column in any case; `a.b` looks into an object. */
export function columnOf(row: Row, name: string): JsonValue {
  const direct = own(row, name);
  if (direct !== undefined) return direct;
  let holder: JsonValue = row as { readonly [name: string]: JsonValue };
  for (const part of name.split('.').slice(0, 20)) {
    if (holder === null || typeof holder !== 'object' || Array.isArray(holder)) return null;
    holder = own(holder as Row, part) ?? null;
  }
  return holder;
}

function own(row: Row, name: string): JsonValue | undefined {
  if (Object.hasOwn(row, name)) return row[name];
  const wanted = name.toLowerCase();
  const found = Object.keys(row).find((key) => key.toLowerCase() === wanted);
  return found === undefined ? undefined : row[found];
}

function scalarOf(value: JsonValue): Scalar {
  return value !== null && typeof value === 'object' ? JSON.stringify(value) : value;
}

export function readerOf(row: Row): ReadColumn {
  return (name) => scalarOf(columnOf(row, name));
}

export function inOrder(rows: readonly Row[], order: readonly RowOrder[]): Row[] {
  const keys = new Map(rows.map((row) => [row, order.map(({ column }) => sortKey(scalarOf(columnOf(row, column))))]));
  const signs = order.map(({ isDescending }) => (isDescending ? -1 : 1));
  return [...rows].sort((a, b) => compareAll(keys.get(a)!, keys.get(b)!, signs));
}
