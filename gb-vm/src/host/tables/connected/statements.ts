import {
  type Compare,
  type Condition,
  type Operator,
  type RowOrder,
  type Scalar,
  type TableColumn,
  TableRefused,
  timeOf,
} from 'gb-core';
import { isUuid, parseBoolean, parseDate, parseNumber } from 'gb-utils';
import type { Session, SqlValue } from './session.ts';

/** A table of another database: its name there, and of its columns those that are declared and those that are there. */
export interface RemoteTable {
  readonly engine: Session['engine'];
  /** As declared. */
  readonly name: string;
  /** Quoted. */
  readonly place: string;
  readonly columns: readonly TableColumn[];
  readonly keys: readonly string[];
}

/** One cell, and the most of a row's text anybody wants. */
const cellCharactersMax = 262_144;
const comparisonsMax = 2_000;

/**
 * Conditions as SQL that both kinds of databases understand, or each in its way. Names come from the declaration and are
 * quoted, values are parameters: nothing of a condition is part of a statement's text. Numbers compare by value, texts in
 * any case, dates as dates, as they do in tables of the bot; what a column holds is what its declaration says.
 */
export class StatementWriter {
  readonly values: SqlValue[] = [];
  readonly #table: RemoteTable;
  #comparisons = 0;

  constructor(table: RemoteTable) {
    this.#table = table;
  }

  readonly add = (value: SqlValue): string => `$${this.values.push(value)}`;

  where(condition: Condition, isNegated = false): string {
    switch (condition.kind) {
      case 'all':
      case 'any': {
        if (condition.parts.length === 0) return condition.kind === 'all' ? '1 = 1' : '1 = 0';
        return `(${condition.parts.map((part) => this.where(part, isNegated)).join(condition.kind === 'all' ? ' and ' : ' or ')})`;
      }
      case 'not':
        return `(not ${this.where(condition.part, true)})`;
      case 'in': {
        const parts = condition.values.map((value) =>
          this.#compare({ kind: 'compare', column: condition.column, operator: '=', value, isWord: false }),
        );
        return definite(parts.length === 0 ? '1 = 0' : `(${parts.join(' or ')})`, isNegated);
      }
      case 'compare':
        return definite(this.#compare(condition), isNegated);
    }
  }

  order(order: readonly RowOrder[]): string {
    const named = order.map(({ column, isDescending }) => {
      const cell = quoted(columnNamed(this.#table, column).physicalName);
      return `(${cell} is null), ${cell} ${isDescending ? 'desc' : 'asc'}`;
    });
    const keys = this.#table.keys.map((key) => quoted(columnNamed(this.#table, key).physicalName));
    const all = [...named, ...keys];
    return all.length === 0 ? '' : ` order by ${all.join(', ')}`;
  }

  #compare({ column: { name, isDay }, operator, value }: Compare): string {
    if (++this.#comparisons > comparisonsMax)
      throw new TableRefused(
        { en: `a filter has at most ${comparisonsMax} comparisons`, pt: `um filtro tem no máximo ${comparisonsMax} comparações` },
        { isLimit: true },
      );
    const column = columnNamed(this.#table, name);
    const cell = quoted(column.physicalName);
    if (value === null) return ['=', '<=', '>='].includes(operator) ? `${cell} is null` : '1 = 0';
    if (operator === 'like' || operator === 'contains') return this.#search(cell, operator, value);
    switch (column.type) {
      case 'integer':
      case 'bigint':
      case 'number':
      case 'decimal': {
        const number = typeof value === 'string' ? parseNumber(value) : Number(value);
        return number === null ? '1 = 0' : `${cell} ${operator} ${this.#number(number)}`;
      }
      case 'boolean': {
        const wanted = typeof value === 'string' ? parseBoolean(value) : Boolean(value);
        if (wanted === null) return '1 = 0';
        return this.#isPostgres
          ? `${cell} ${operator} ${this.add(wanted)}::boolean`
          : `${cell} ${operator} ${this.add(Number(wanted))}`;
      }
      case 'date':
      case 'timestamp': {
        const date = typeof value === 'string' ? parseDate(value) : null;
        const written = date && new Date(date.ms).toISOString();
        if (!written || !/^(?!0000)\d{4}-/.test(written)) return '1 = 0';
        const shown = isDay ? (this.#isPostgres ? `${cell}::date` : `date(${cell})`) : cell;
        const text = written.slice(0, 19).replace('T', ' ');
        return `${shown} ${operator} ${this.#isPostgres ? `${this.add(text)}::timestamp` : `cast(${this.add(text)} as datetime)`}`;
      }
      case 'time': {
        const time = typeof value === 'string' ? timeOf(value) : null;
        if (time === null) return '1 = 0';
        return `${cell} ${operator} ${this.#isPostgres ? `${this.add(time)}::time` : `cast(${this.add(time)} as time)`}`;
      }
      case 'uuid': {
        const id = String(value).toLowerCase();
        return isUuid(id) && operator === '=' ? `lower(${this.#text(cell)}) = ${this.#small(id)}` : '1 = 0';
      }
      default:
        return this.#compareText(cell, operator, value);
    }
  }

  /** A text that is to be compared with a number is compared by value where it is one. */
  #compareText(cell: string, operator: Operator, value: Scalar): string {
    if (typeof value === 'number') {
      const digits = String.raw`^-?[0-9]{1,15}(\.[0-9]{1,15})?$`;
      return this.#isPostgres
        ? `(case when ${cell}::text ~ '${digits}' then ${cell}::text::numeric ${operator} ${this.#number(value)} else false end)`
        : `(case when ${cell} regexp '${digits}' then ${cell} + 0e0 ${operator} ${this.#number(value)} else 1 = 0 end)`;
    }
    return `lower(${this.#text(cell)}) ${operator} ${this.#small(String(value))}`;
  }

  #search(cell: string, operator: 'like' | 'contains', value: Scalar): string {
    const pattern = String(value);
    const text = `lower(${this.#text(cell)})`;
    // A backslash is a sign like any other; what it would be there is | here.
    if (operator === 'like' && /[%_]/.test(pattern))
      return `${text} like ${this.#small(pattern.replaceAll('|', '||'))} escape '|'`;
    return this.#isPostgres ? `position(${this.#small(pattern)} in ${text}) > 0` : `locate(${this.#small(pattern)}, ${text}) > 0`;
  }

  get #isPostgres(): boolean {
    return this.#table.engine === 'postgres';
  }

  #number(value: number): string {
    return this.#isPostgres ? `${this.add(String(value))}::numeric` : `cast(${this.add(String(value))} as decimal(65,15))`;
  }

  #text(cell: string): string {
    return this.#isPostgres ? `${cell}::text` : `cast(${cell} as char)`;
  }

  #small(text: string): string {
    const value = this.add(text.replaceAll('\0', '').toLowerCase());
    return this.#isPostgres ? `${value}::text` : value;
  }
}

const definite = (sql: string, isNegated: boolean): string => (isNegated ? `coalesce(${sql}, 1 = 0)` : `(${sql})`);

/** Of a name of a catalogue or a declaration. Both kinds take these quotes: see `sql_mode`. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export function columnNamed(table: RemoteTable, given: string): TableColumn {
  const name = given.trim();
  const dot = name.indexOf('.');
  const bare = dot > 0 && name.slice(0, dot).toLowerCase() === table.name.toLowerCase() ? name.slice(dot + 1) : name;
  const found = table.columns.find((column) => column.name.toLowerCase() === bare.toLowerCase());
  if (found) return found;
  const names = table.columns.map((column) => column.name).join(', ');
  throw new TableRefused({
    en: `the table ${table.name} has no column ${name.slice(0, 80)}; it has ${names}`,
    pt: `a tabela ${table.name} não tem a coluna ${name.slice(0, 80)}; ela tem ${names}`,
  });
}

/** A column as a text that means the same in both kinds of databases. */
export function selected({ type, physicalName }: TableColumn, engine: Session['engine']): string {
  const cell = quoted(physicalName);
  const isPostgres = engine === 'postgres';
  switch (type) {
    case 'date':
      return isPostgres ? `to_char(${cell}, 'YYYY-MM-DD')` : `date_format(${cell}, '%Y-%m-%d')`;
    case 'timestamp':
      return isPostgres ? `to_char(${cell}, 'YYYY-MM-DD HH24:MI:SS')` : `date_format(${cell}, '%Y-%m-%d %H:%i:%s')`;
    case 'time':
      return isPostgres ? `left(${cell}::text, 8)` : `time_format(${cell}, '%H:%i:%s')`;
    case 'boolean':
      return isPostgres ? `${cell}::text` : `cast(${cell} as char)`;
    default:
      return isPostgres
        ? `left(${cell}::text, ${cellCharactersMax + 1})`
        : `left(cast(${cell} as char), ${cellCharactersMax + 1})`;
  }
}

/** What `selected` gave, as a value of the language. */
export function cellValue(column: TableColumn, text: string | null): SqlValue | object {
  if (text === null) return null;
  if (text.length > cellCharactersMax)
    throw new TableRefused(
      { en: `a value of ${column.name} is too long to be read`, pt: `um valor de ${column.name} é longo demais para ser lido` },
      { isLimit: true },
    );
  switch (column.type) {
    case 'integer':
    case 'bigint':
    case 'number':
    case 'decimal': {
      const number = Number(text);
      return Number.isFinite(number) ? number : null;
    }
    case 'boolean':
      return parseBoolean(text) ?? null;
    case 'time':
      return text.replace(/^(\d\d:\d\d):00$/, '$1');
    case 'json':
      try {
        return JSON.parse(text) as object;
      } catch {
        return text; // A column that is declared so and holds plain text.
      }
    default:
      return text;
  }
}
