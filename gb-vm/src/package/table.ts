import type { ManifestColumn, ManifestColumnType, ManifestIndex, ManifestTable } from 'gb-core';
import type { DeclaredValue } from '../compiler/ast.ts';
import { nearest } from '../compiler/suggest.ts';
import { type PlaceInFile, type Problems, wholeLine } from './problem.ts';
import type { Declared } from './script-facts.ts';

/** Words scripts use for the type of a column, and what each is. */
const columnTypes: Readonly<Record<string, ManifestColumnType>> = {
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

function typesOf(type: ManifestColumnType, names: string): Record<string, ManifestColumnType> {
  return Object.fromEntries(names.split(' ').map((name) => [name, type]));
}

const numbered = new Set(['serial', 'bigserial', 'autonumber']);
const namePattern = /^[\p{L}_][\p{L}\p{N}_]{0,62}$/u;
/** Of one table; lines that are no column count too. */
const columnsMax = 100;
const roles = new Set(['owner', 'admin', 'member', 'guest']);

/** Reads TABLE … END TABLE; null, with problems, when it says what no table here can be. */
export function readTable(declared: Declared, problems: Problems): ManifestTable | null {
  const { values, place } = declared;
  const name = String(values['name']);
  if (!namePattern.test(name))
    problems.error(
      'bad_table_name',
      place,
      `"${name}" is no name of a table: letters, digits and _, at most 63.`,
      `"${name}" não é nome de tabela: letras, dígitos e _, no máximo 63.`,
    );
  const columns = listOf(values['columns']);
  if (columns.length > columnsMax) {
    problems.error(
      'too_many_columns',
      place,
      `A table has at most ${columnsMax} columns; ${name} has ${columns.length}.`,
      `Uma tabela tem no máximo ${columnsMax} colunas; ${name} tem ${columns.length}.`,
    );
    return null;
  }
  const reader = new TableReader(declared, problems);
  for (const column of columns) reader.add(column);
  return reader.conclude(name);
}

type Given = Readonly<Record<string, DeclaredValue>>;
type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

class TableReader {
  readonly #declared: Declared;
  readonly #problems: Problems;
  readonly #columns: Writable<ManifestColumn>[] = [];
  readonly #uniques: string[][] = [];
  readonly #indexes: ManifestIndex[] = [];
  #isSound = true;

  constructor(declared: Declared, problems: Problems) {
    this.#declared = declared;
    this.#problems = problems;
  }

  add(value: DeclaredValue): void {
    const given = value as Given;
    if (given['name'] === undefined) this.#addConstraint(String(given['rest']));
    else this.#addColumn(String(given['name']), given);
  }

  conclude(name: string): ManifestTable | null {
    if (this.#columns.length === 0 && this.#isSound)
      this.#error(
        'table_empty',
        this.#declared.place,
        'A table has at least one column.',
        'Uma tabela tem pelo menos uma coluna.',
      );
    if (!this.#isSound || !namePattern.test(name)) return null;
    const { values } = this.#declared;
    return {
      name,
      connection: values['connection'] === undefined ? null : String(values['connection']),
      readBy: this.#roles(values['readBy']),
      writeBy: this.#roles(values['writeBy']),
      columns: this.#columns,
      uniques: this.#uniques,
      indexes: this.#indexes,
    };
  }

  #error(code: string, place: PlaceInFile, en: string, pt: string): void {
    this.#isSound = false;
    this.#problems.error(code, place, en, pt);
  }

  #addColumn(name: string, given: Given): void {
    const place = placeOfLine(this.#declared, name, this.#find(name) ? 2 : 1);
    if (!namePattern.test(name))
      return this.#error(
        'bad_column_name',
        place,
        `"${name}" is too long for a column.`,
        `"${name}" é longo demais para uma coluna.`,
      );
    if (this.#find(name))
      return this.#error('column_twice', place, `There are two columns called ${name}.`, `Há duas colunas chamadas ${name}.`);
    const written = String(given['type']);
    let type = columnTypes[written];
    if (type === undefined) {
      const near = nearest(written, Object.keys(columnTypes));
      return this.#error(
        'unknown_column_type',
        place,
        `There is no column type ${written}.${near ? ` Did you mean ${near}?` : ''}`,
        `Não há o tipo de coluna ${written}.${near ? ` Você quis dizer ${near}?` : ''}`,
      );
    }
    if (type === 'number' && given['scale'] !== undefined) type = 'decimal';
    const column: Writable<ManifestColumn> = {
      name,
      type,
      isKey: given['isKey'] === true,
      isRequired: given['isRequired'] === true,
      isUnique: false,
    };
    const size = typeof given['size'] === 'number' ? given['size'] : undefined;
    const scale = typeof given['scale'] === 'number' ? given['scale'] : undefined;
    if (size !== undefined && (type === 'text' || type === 'decimal')) column.size = size;
    if (scale !== undefined && type === 'decimal') column.scale = scale;
    const isInBounds =
      type === 'decimal' ? (size ?? 1) >= 1 && (size ?? 1) <= 1000 && (scale ?? 0) <= (size ?? 1000) : (size ?? 1) >= 1;
    if (!isInBounds)
      return this.#error('bad_column_size', place, `${name} cannot have this size.`, `${name} não pode ter este tamanho.`);
    if (numbered.has(written)) column.default = { made: 'next' };
    if (given['references'] !== undefined) {
      const target = given['referencedColumn'];
      column.references = { table: String(given['references']), column: target === undefined ? null : String(target) };
    }
    this.#readTail(column, String(given['rest'] ?? ''), place);
    this.#columns.push(column);
  }

  /** What follows a type in a column definition of SQL: what is safe and known is taken, what only checks is told, the rest is refused. */
  #readTail(column: Writable<ManifestColumn>, tail: string, place: PlaceInFile): void {
    let rest = tail.trim();
    const take = (pattern: RegExp): RegExpExecArray | null => {
      const match = pattern.exec(rest);
      if (match) rest = rest.slice(match[0].length).trim();
      return match;
    };
    while (rest !== '') {
      const size = take(/^varying(?:\s*\(\s*(\d+)\s*\))?/i);
      if (size?.[1] !== undefined) column.size = Number(size[1]);
      const fallback = take(/^default\s+('(?:[^']|'')*'|"[^"]*"|[^\s,()]+(?:\(\s*\))?)(?:::[a-z][a-z ]*(?:\(\d+\))?)?/i);
      if (fallback) this.#readDefault(column, fallback[1]!, place);
      else if (size || take(/^(?:precision|unsigned|null|with(?:out)? time zone|index|comment\s+'(?:[^']|'')*')(?!\w)/i))
        continue;
      else if (take(/^unique\b/i)) column.isUnique = true;
      else if (
        take(/^(?:auto_?increment|identity(?:\s*\(\s*\d+\s*,\s*\d+\s*\))?|generated\s+(?:always|by\s+default)\s+as\s+identity)/i)
      )
        column.default = { made: 'next' };
      else if (
        take(/^on\s+(?:delete|update)\s+(?:cascade|restrict|no\s+action|set\s+null|set\s+default)/i) ||
        take(/^check\s*\(.*\)$/is) ||
        take(/^collate\s+\S+/i)
      )
        this.#tellUnchecked(place);
      else {
        this.#error(
          'column_not_understood',
          place,
          `"${rest.slice(0, 60)}" of ${column.name} cannot be part of a table here.`,
          `"${rest.slice(0, 60)}" de ${column.name} não pode fazer parte de uma tabela aqui.`,
        );
        return;
      }
    }
  }

  #readDefault(column: Writable<ManifestColumn>, written: string, place: PlaceInFile): void {
    const lower = written.toLowerCase();
    const made = madeDefaults[lower];
    if (lower === 'null') return;
    if (made !== undefined && madeFits[made].has(column.type)) {
      column.default = { made };
      return;
    }
    const quoted = /^(?:'(.*)'|"(.*)")$/s.exec(written);
    const text = quoted ? (quoted[1]?.replaceAll("''", "'") ?? quoted[2] ?? '') : written;
    const value = made === undefined ? valueFor(column.type, text, quoted !== null) : undefined;
    if (value !== undefined) column.default = { value };
    else
      this.#error(
        'bad_column_default',
        place,
        `DEFAULT ${written.slice(0, 60)} does not fit ${column.name}; it may be a value of its type, now() or gen_random_uuid().`,
        `DEFAULT ${written.slice(0, 60)} não serve para ${column.name}; pode ser um valor do seu tipo, now() ou gen_random_uuid().`,
      );
  }

  #addConstraint(line: string): void {
    const place = placeOfLine(this.#declared, line);
    const match =
      /^(?:constraint\s+\S+\s+)?(unique|primary\s+key|index|key|foreign\s+key)(?:\s+(?:key|index))?(?:\s+[\p{L}_][\p{L}\p{N}_]*)?\s*\(([^()]*)\)\s*(?:references\s+([\p{L}_][\p{L}\p{N}_]*)(?:\s*\(\s*([\p{L}_][\p{L}\p{N}_]*)\s*\))?)?/iu.exec(
        line,
      );
    if (!match) {
      if (/^(?:constraint\s+\S+\s+)?check\b/i.test(line)) return this.#tellUnchecked(place);
      return this.#error(
        'column_not_understood',
        place,
        `"${line.slice(0, 60)}" is not a column; write it like "name string(80)".`,
        `"${line.slice(0, 60)}" não é uma coluna; escreva como "nome string(80)".`,
      );
    }
    const names = match[2]!.split(',').map((name) => name.trim().replace(/^["`[]|["`\]]$/g, ''));
    const columns = names.map((name) => this.#find(name));
    const unknown = names[columns.indexOf(undefined)];
    if (unknown !== undefined)
      return this.#error('unknown_column', place, `There is no column ${unknown}.`, `Não há a coluna ${unknown}.`);
    const found = columns as Writable<ManifestColumn>[];
    const spelled = found.map((column) => column.name);
    switch (match[1]!.toLowerCase().replace(/\s+/g, ' ')) {
      case 'unique':
        if (found.length === 1) found[0]!.isUnique = true;
        else this.#uniques.push(spelled);
        break;
      case 'primary key':
        for (const column of found) column.isKey = true;
        break;
      case 'foreign key':
        if (found.length !== 1 || match[3] === undefined)
          return this.#error(
            'column_not_understood',
            place,
            'A reference is one column to one table.',
            'Uma referência é de uma coluna a uma tabela.',
          );
        found[0]!.references = { table: match[3], column: match[4] ?? null };
        break;
      default:
        this.#indexes.push({ name: `by_${spelled.join('_')}`.slice(0, 63), columns: spelled, isUnique: false });
    }
  }

  #find(name: string): Writable<ManifestColumn> | undefined {
    return this.#columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  }

  #tellUnchecked(place: PlaceInFile): void {
    this.#problems.warning(
      'column_rule_ignored',
      place,
      'CHECK, COLLATE and ON DELETE are not kept here; check the value before you SAVE it.',
      'CHECK, COLLATE e ON DELETE não são mantidos aqui; verifique o valor antes do SAVE.',
    );
  }

  #roles(value: DeclaredValue | undefined): string[] {
    const named = listOf(value).map((role) => String(role).toLowerCase());
    if (named.some((role) => role === 'all' || role === '*' || role === 'everyone')) return [];
    const unknown = named.find((role) => !roles.has(role));
    if (unknown !== undefined)
      this.#problems.warning(
        'unknown_role',
        this.#declared.place,
        `Nobody has the role ${unknown}; there are owner, admin, member and guest.`,
        `Ninguém tem o papel ${unknown}; existem owner, admin, member e guest.`,
      );
    return named;
  }
}

type Made = 'now' | 'today' | 'uuid' | 'next';

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

const madeFits: Readonly<Record<Made, ReadonlySet<ManifestColumnType>>> = {
  now: new Set(['timestamp', 'date', 'time']),
  today: new Set(['date', 'timestamp']),
  uuid: new Set(['uuid', 'text']),
  next: new Set(['integer', 'bigint']),
};

/** A written value as one of this type; undefined when it is none. */
function valueFor(type: ManifestColumnType, text: string, isQuoted: boolean): string | number | boolean | undefined {
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

/** The line of a column, which has no place of its own: the first below the head of its table that begins like it, or the second. */
function placeOfLine({ place, text }: Declared, start: string, count = 1): PlaceInFile {
  const lines = text.split(/\r\n?|\n/);
  const wanted = start.split(/\s/)[0]!.toLowerCase();
  for (let line = place.endLine, left = count; line < lines.length; line++) {
    const written = lines[line]!;
    if (/^\s*end\s+table\b/i.test(written)) break;
    const first = /^\s*(?:field\s+)?["`[]?([^\s"`\]]+)/i.exec(written)?.[1]?.toLowerCase();
    if (first === wanted && --left === 0) return wholeLine(place.file, line + 1, written.length);
  }
  return place;
}

/** `CREATE INDEX`, put into its table. */
export function addIndex(declared: Declared, tables: Map<string, ManifestTable>, problems: Problems): void {
  const { values, place } = declared;
  const key = String(values['table']).toLowerCase();
  const table = tables.get(key);
  if (!table) {
    problems.error(
      'unknown_table',
      place,
      `No TABLE is called ${values['table']}.`,
      `Nenhuma TABLE se chama ${values['table']}.`,
    );
    return;
  }
  const columns = listOf(values['columns']).map((name) =>
    table.columns.find((column) => column.name.toLowerCase() === String(name).toLowerCase()),
  );
  const unknown = listOf(values['columns'])[columns.indexOf(undefined)];
  const name = String(values['name']);
  if (unknown !== undefined)
    problems.error(
      'unknown_column',
      place,
      `${table.name} has no column ${unknown}.`,
      `${table.name} não tem a coluna ${unknown}.`,
    );
  else if (!namePattern.test(name) || table.indexes.some((index) => index.name.toLowerCase() === name.toLowerCase()))
    problems.error(
      'bad_index_name',
      place,
      `An index cannot be called ${name} here.`,
      `Um índice não pode se chamar ${name} aqui.`,
    );
  else
    tables.set(key, {
      ...table,
      indexes: [...table.indexes, { name, columns: columns.map((column) => column!.name), isUnique: false }],
    });
}

const listOf = (value: DeclaredValue | undefined): readonly DeclaredValue[] =>
  Array.isArray(value) ? (value as readonly DeclaredValue[]) : [];
