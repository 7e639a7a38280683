import { type PlainValue, type Table, type TableColumn, TableRefused } from 'gb-core';
import { isUuid, parseBoolean, parseDate, parseNumber } from 'gb-utils';
import { storable } from './storable.ts';

/** What the number of a row is called in the database. */
export const rowId = 'row_id';

/** Where a condition looks: a column, or something inside a value. */
export interface Cell {
  readonly kind: 'text' | 'number' | 'boolean' | 'date' | 'timestamp' | 'time' | 'uuid' | 'json';
  readonly sql: string;
  /** A value as it was written, in the order of its names. */
  readonly whole?: string;
  /** Whole numbers, which compare by an index. */
  readonly isWhole?: boolean;
  /** A text that an index holds in small letters. */
  readonly isIndexed?: boolean;
}

const kinds: Readonly<Record<TableColumn['type'], Cell['kind']>> = {
  text: 'text',
  integer: 'number',
  bigint: 'number',
  number: 'number',
  decimal: 'number',
  boolean: 'boolean',
  date: 'date',
  time: 'time',
  timestamp: 'timestamp',
  uuid: 'uuid',
  json: 'json',
};

/** For casts of parameters and of arrays of them. */
export function databaseType({ type }: Pick<TableColumn, 'type'>): string {
  const names: Partial<Record<TableColumn['type'], string>> = {
    integer: 'bigint',
    number: 'double precision',
    decimal: 'numeric',
  };
  return names[type] ?? type;
}

/** Names of columns come from the register of tables, where only letters, digits and _ are let in; quoted all the same. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const physicalTable = (id: string): string => {
  if (!isUuid(id)) throw new Error('a table has a uuid');
  return `t_${id.replaceAll('-', '')}`;
};

/** Whether rows show their number as `id`. */
export function hasRowId(table: Pick<Table, 'columns' | 'key'>): boolean {
  return table.key.length === 0 && !table.columns.some(({ name }) => name.toLowerCase() === 'id');
}

export function columnNamed(table: Table, given: string): TableColumn | null {
  const wanted = bare(table, given);
  return table.columns.find(({ name }) => name === wanted) ?? table.columns.find(({ name }) => same(name, wanted)) ?? null;
}

/** The place a name means; refused when the table has no such column. */
export function cellOf(table: Table, given: string, add: (value: unknown) => string): Cell {
  const column = columnNamed(table, given);
  if (column) return cellOfColumn(column);
  const wanted = bare(table, given);
  if (hasRowId(table) && wanted.toLowerCase() === 'id') return { kind: 'number', sql: rowId, isWhole: true };
  const [holder = '', ...path] = wanted.split('.');
  const outer = path.length > 0 ? columnNamed(table, holder) : null;
  if (outer?.type === 'json')
    return { kind: 'json', sql: `gb.json_at(${quoted(outer.physicalName)}::jsonb, ${add(path.slice(0, 20))}::text[])` };
  throw noColumn(table, given);
}

export function cellOfColumn(column: TableColumn): Cell {
  return {
    kind: kinds[column.type],
    sql: column.type === 'json' ? `${quoted(column.physicalName)}::jsonb` : quoted(column.physicalName),
    ...(column.type === 'json' ? { whole: quoted(column.physicalName) } : {}),
    isWhole: column.type === 'integer' || column.type === 'bigint',
    isIndexed: column.type === 'text' && column.isIndexed,
  };
}

export function noColumn(table: Table, given: string): TableRefused {
  const name = given.slice(0, 80);
  const names = table.columns
    .slice(0, 30)
    .map((column) => column.name)
    .join(', ');
  return new TableRefused({
    en: `the table ${table.name} has no column ${name}; it has ${names}`,
    pt: `a tabela ${table.name} não tem a coluna ${name}; ela tem ${names}`,
  });
}

/** Without the name of the table before it. */
function bare(table: Table, given: string): string {
  const name = given.trim();
  const dot = name.indexOf('.');
  return dot > 0 && same(name.slice(0, dot), table.name) ? name.slice(dot + 1) : name;
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** How a column is read, so that it is a value of the language: dates as text, numbers as numbers. */
export function readExpression({ kind, sql, whole }: Cell): string {
  switch (kind) {
    case 'number':
      return `${sql}::float8`;
    case 'date':
      return `to_char(${sql}, 'YYYY-MM-DD')`;
    case 'timestamp':
      return `to_char(${sql}, 'YYYY-MM-DD HH24:MI:SS')`;
    case 'time':
      return timeText(sql);
    case 'uuid':
      return `${sql}::text`;
    default:
      return whole ?? sql;
  }
}

/** 14:30, as HEAR AS TIME has it; with its seconds when there are some. */
function timeText(sql: string): string {
  return `to_char(${sql}, case when date_part('second', ${sql}) = 0 then 'HH24:MI' else 'HH24:MI:SS' end)`;
}

/** 14:30 or 14:30:05 with all its digits; null when it is no time of day. */
export function timeOf(text: string): string | null {
  const time = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim());
  if (!time || Number(time[1]) > 23 || Number(time[2]) > 59 || Number(time[3] ?? 0) > 59) return null;
  return `${time[1]!.padStart(2, '0')}:${time[2]}:${time[3] ?? '00'}`;
}

/** As text, the way the language writes it. */
export function textExpression(cell: Cell): string {
  switch (cell.kind) {
    case 'text':
      return cell.sql;
    case 'number':
      return `gb.number_text(${cell.sql}::float8)`;
    case 'date':
    case 'timestamp':
    case 'time':
      return readExpression(cell);
    case 'json':
      return `(${cell.sql} #>> '{}')`;
    default:
      return `${cell.sql}::text`;
  }
}

const textMax = 200_000;

/** A value as the column takes it, for a parameter; refused with the column and the value. */
export function toColumn(column: TableColumn, value: PlainValue): string | number | boolean | null {
  const refuse = (en: string, pt: string): TableRefused => {
    const shown = (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 40);
    return new TableRefused({
      en: `${column.name} takes ${en}, not "${shown}"`,
      pt: `${column.name} recebe ${pt}, e não "${shown}"`,
    });
  };
  if (value === null || (value === '' && column.type !== 'text' && column.type !== 'json')) return null;
  const text = typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (column.type === 'json') return storable(JSON.stringify(value));
  if (text.includes('\0')) throw refuse('no zero characters', 'textos sem o caractere zero');
  const number = typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : parseNumber(text);
  switch (column.type) {
    case 'text': {
      const most = column.size ?? textMax;
      // Characters as the database counts them.
      if (text.length > most && [...text].length > most)
        throw refuse(`a text of at most ${most} characters`, `um texto de no máximo ${most} caracteres`);
      return text;
    }
    case 'integer':
    case 'bigint':
      if (number === null || !Number.isSafeInteger(number)) throw refuse('a whole number', 'um número inteiro');
      return number;
    case 'number':
      if (number === null || !Number.isFinite(number)) throw refuse('a number', 'um número');
      return number;
    case 'decimal': {
      const [size, scale] = [column.size ?? 18, column.scale ?? 0];
      if (number === null || !Number.isFinite(number)) throw refuse('a number', 'um número');
      if (Math.abs(number) >= 10 ** (size - scale))
        throw refuse(`a number of at most ${size - scale} digits`, `um número de no máximo ${size - scale} dígitos`);
      // As text: a number read from a text may have more digits than JavaScript keeps.
      return typeof value === 'string' ? text.trim() : String(number);
    }
    case 'boolean': {
      const found = typeof value === 'string' ? parseBoolean(value) : typeof value === 'object' ? null : Boolean(value);
      if (found === null) throw refuse('true or false', 'verdadeiro ou falso');
      return found;
    }
    case 'date':
    case 'timestamp': {
      const date = typeof value === 'string' ? parseDate(value) : null;
      const written = date && new Date(date.ms).toISOString();
      if (!written || !/^\d{4}-/.test(written) || written.startsWith('0000'))
        throw refuse('a date like 2026-12-31', 'uma data como 31/12/2026');
      return column.type === 'date' ? written.slice(0, 10) : written.slice(0, 19).replace('T', ' ');
    }
    case 'time': {
      const time = timeOf(text);
      if (time === null) throw refuse('a time like 14:30', 'uma hora como 14:30');
      return time;
    }
    case 'uuid':
      if (!isUuid(text.trim().toLowerCase())) throw refuse('an id (uuid)', 'um identificador (uuid)');
      return text.trim().toLowerCase();
  }
}
