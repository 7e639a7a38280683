import { type Table, type TableColumn, TableRefused } from 'gb-core';
import { isUuid } from 'gb-utils';

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
