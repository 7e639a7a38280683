import type { Computed } from './computed.ts';

export type ColumnType =
  | 'text'
  | 'integer'
  | 'bigint'
  | 'number'
  | 'decimal'
  | 'boolean'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'uuid'
  | 'json';

/** TABLE … END TABLE as it was understood. Names as they are written: letters, digits and `_`, at most 63. */
export interface TableDeclaration {
  readonly name: string;
  /** Of another database; null is the bot's own. */
  readonly connection: string | null;
  readonly readBy: readonly string[];
  readonly writeBy: readonly string[];
  readonly columns: readonly ColumnDeclaration[];
  /** Columns that together are unique, beside the key. */
  readonly uniques: readonly (readonly string[])[];
  readonly indexes: readonly { readonly name: string; readonly columns: readonly string[]; readonly isUnique: boolean }[];
  /** Of several columns together to another table; to its key when `otherColumns` is null. */
  readonly references?: readonly {
    readonly columns: readonly string[];
    readonly table: string;
    readonly otherColumns: readonly string[] | null;
  }[];
}

export interface ColumnDeclaration {
  readonly name: string;
  readonly type: ColumnType;
  /** Of `text`: characters; of `decimal`: digits. */
  readonly size?: number;
  /** Of `decimal`: digits behind the point. */
  readonly scale?: number;
  /** Of `json`: it is a list, of values of this type. */
  readonly items?: ColumnType;
  readonly isKey: boolean;
  readonly isRequired: boolean;
  readonly isUnique: boolean;
  readonly references?: { readonly table: string; readonly column: string | null };
  /** What a row without this column gets: a value, the time it is made, a new id, or the next number. */
  readonly default?: { readonly value: string | number | boolean } | { readonly made: 'now' | 'today' | 'uuid' | 'next' };
  /** Worked out from the other columns of the row, whenever one of them changes. */
  readonly computed?: Computed;
}

/** Words scripts use for the type of a column, in lower case, and what each is. */
export const columnTypes: Readonly<Record<string, ColumnType>> = {
  ...typesOf('text', 'string varchar nvarchar char character text longtext memo email phone url password'),
  ...typesOf('integer', 'integer int int2 int4 smallint tinyint mediumint short serial autonumber'),
  ...typesOf('bigint', 'bigint int8 long bigserial'),
  ...typesOf('number', 'number double float real single float4 float8'),
  ...typesOf('decimal', 'decimal numeric money currency'),
  ...typesOf('boolean', 'boolean bool bit'),
  ...typesOf('date', 'date'),
  ...typesOf('time', 'time hour'),
  ...typesOf('timestamp', 'timestamp timestamptz datetime'),
  ...typesOf('uuid', 'uuid guid'),
  ...typesOf('json', 'json jsonb object array'),
};

function typesOf(type: ColumnType, names: string): Record<string, ColumnType> {
  return Object.fromEntries(names.split(' ').map((name) => [name, type]));
}

/** Words whose columns count on by themselves. */
export const countingTypes: ReadonlySet<string> = new Set(['serial', 'bigserial', 'autonumber']);

export type Made = 'now' | 'today' | 'uuid' | 'next';

const madeDefaults: Readonly<Record<string, Made>> = {
  'now()': 'now',
  now: 'now',
  current_timestamp: 'now',
  'current_timestamp()': 'now',
  localtimestamp: 'now',
  current_date: 'today',
  'today()': 'today',
  'gen_random_uuid()': 'uuid',
  'uuid_generate_v4()': 'uuid',
};

const madeFits: Readonly<Record<Made, ReadonlySet<ColumnType>>> = {
  now: new Set(['timestamp', 'date', 'time']),
  today: new Set(['date', 'timestamp']),
  uuid: new Set(['uuid', 'text']),
  next: new Set(['integer', 'bigint']),
};

/** What DEFAULT says; null for NULL, undefined when it does not fit the type. */
export function readDefault(type: ColumnType, written: string): ColumnDeclaration['default'] | null | undefined {
  const lower = written.toLowerCase();
  const made = Object.hasOwn(madeDefaults, lower) ? madeDefaults[lower] : undefined;
  if (lower === 'null') return null;
  if (made !== undefined) return madeFits[made].has(type) ? { made } : undefined;
  const quoted = /^(?:'(.*)'|"(.*)")$/s.exec(written);
  const text = quoted ? (quoted[1]?.replaceAll("''", "'") ?? quoted[2] ?? '') : written;
  const value = valueFor(type, text, quoted !== null);
  return value === undefined ? undefined : { value };
}

/** A written value as one of this type; undefined when it is none. */
function valueFor(type: ColumnType, text: string, isQuoted: boolean): string | number | boolean | undefined {
  switch (type) {
    case 'integer':
    case 'bigint':
      return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : undefined;
    case 'number':
    case 'decimal':
      return /^[+-]?(?:\d{1,15}(?:\.\d{1,15})?|\.\d{1,15})$/.test(text) ? Number(text) : undefined;
    case 'boolean':
      if (/^(?:true|yes|1|sim)$/i.test(text)) return true;
      return /^(?:false|no|0|nao|não)$/i.test(text) ? false : undefined;
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(text) ? text : undefined;
    case 'time':
      return /^\d\d:\d\d(?::\d\d)?$/.test(text) ? text : undefined;
    case 'timestamp':
      return /^\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?$/.test(text) ? text : undefined;
    case 'uuid':
      return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text) ? text.toLowerCase() : undefined;
    case 'json':
      return isQuoted && isJson(text) ? text : undefined;
    case 'text':
      return isQuoted || /^[\p{L}\p{N}_.-]+$/u.test(text) ? text : undefined;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
