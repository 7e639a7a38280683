import type { Declaration, DeclaredValue } from '../ast.ts';
import type { Locale } from '../diagnostics.ts';
import { didYouMean, type MessageCode } from '../messages.ts';
import type { SourceFile, Span } from '../source.ts';
import { nearest } from '../suggest.ts';
import { type ColumnDeclaration, columnTypes, countingTypes, readDefault, type TableDeclaration } from './columns.ts';
import { type ColumnKnown, readComputed } from './computed.ts';

/** Takes what is wrong with a declaration, at its place. */
export type Report = (code: MessageCode, span: Span, ...args: readonly (string | number)[]) => void;

export const declaredNamePattern: RegExp = /^[\p{L}_][\p{L}\p{N}_]{0,62}$/u;
/** Of one table; lines that are no column count too. */
const columnsMax = 100;
const roles = new Set(['owner', 'admin', 'member', 'guest']);

/** Reads TABLE … END TABLE; null, with its faults reported, when it says what no table here can be. */
export function readTable(declaration: Declaration, source: SourceFile, locale: Locale, report: Report): TableDeclaration | null {
  const { values, span } = declaration;
  const name = String(values['name']);
  if (!declaredNamePattern.test(name)) report('bad_table_name', span, name);
  const columns = listOf(values['columns']);
  if (columns.length > columnsMax) {
    report('too_many_columns', span, columnsMax, name, columns.length);
    return null;
  }
  const reader = new TableReader(declaration, source, locale, report);
  for (const column of columns) reader.add(column);
  return reader.conclude(name);
}

type Given = Readonly<Record<string, DeclaredValue>>;
type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
type Column = Writable<ColumnDeclaration>;

class TableReader {
  readonly #declared: Declaration;
  readonly #source: SourceFile;
  readonly #locale: Locale;
  readonly #report: Report;
  readonly #columns: Column[] = [];
  readonly #uniques: string[][] = [];
  readonly #indexes: Writable<TableDeclaration['indexes'][number]>[] = [];
  readonly #references: NonNullable<TableDeclaration['references']>[number][] = [];
  readonly #computed: { readonly column: Column; readonly text: string; readonly span: Span }[] = [];
  #isSound = true;

  constructor(declared: Declaration, source: SourceFile, locale: Locale, report: Report) {
    this.#declared = declared;
    this.#source = source;
    this.#locale = locale;
    this.#report = report;
  }

  add(value: DeclaredValue): void {
    const given = value as Given;
    if (given['name'] === undefined) this.#addConstraint(String(given['rest']));
    else this.#addColumn(String(given['name']), given);
  }

  conclude(name: string): TableDeclaration | null {
    for (const one of this.#computed) this.#compute(one.column, one.text, one.span);
    if (this.#columns.length === 0 && this.#isSound) this.#error('table_empty', this.#declared.span);
    if (!this.#isSound || !declaredNamePattern.test(name)) return null;
    const { values } = this.#declared;
    return {
      name,
      connection: values['connection'] === undefined ? null : String(values['connection']),
      readBy: this.#roles(values['readBy']),
      writeBy: this.#roles(values['writeBy']),
      columns: this.#columns,
      uniques: this.#uniques,
      indexes: this.#indexes,
      ...(this.#references.length > 0 ? { references: this.#references } : {}),
    };
  }

  #error(code: MessageCode, span: Span, ...args: readonly (string | number)[]): void {
    this.#isSound = false;
    this.#report(code, span, ...args);
  }

  #addColumn(name: string, given: Given): void {
    const span = spanOfLine(this.#declared, this.#source, name, this.#find(name) ? 2 : 1);
    if (!declaredNamePattern.test(name)) return this.#error('bad_column_name', span, name);
    if (this.#find(name)) return this.#error('column_twice', span, name);
    const written = String(given['type']);
    let type = Object.hasOwn(columnTypes, written) ? columnTypes[written] : undefined;
    if (type === undefined) {
      const near = nearest(written, Object.keys(columnTypes));
      return this.#error('unknown_column_type', span, written, didYouMean(this.#locale, near));
    }
    if (type === 'number' && given['scale'] !== undefined) type = 'decimal';
    const isList = given['isList'] === true;
    if (isList && type === 'json') return this.#error('list_of_lists', span, name);
    const column: Column = {
      name,
      type: isList ? 'json' : type,
      isKey: given['isKey'] === true,
      isRequired: given['isRequired'] === true,
      isUnique: false,
    };
    if (isList) column.items = type;
    const size = typeof given['size'] === 'number' ? given['size'] : undefined;
    const scale = typeof given['scale'] === 'number' ? given['scale'] : undefined;
    if (size !== undefined && (type === 'text' || type === 'decimal')) column.size = size;
    if (scale !== undefined && type === 'decimal') column.scale = scale;
    const isInBounds =
      type === 'decimal' ? (size ?? 1) >= 1 && (size ?? 1) <= 1000 && (scale ?? 0) <= (size ?? 1000) : (size ?? 1) >= 1;
    if (!isInBounds) return this.#error('bad_column_size', span, name);
    if (countingTypes.has(written)) column.default = { made: 'next' };
    if (given['references'] !== undefined) {
      const target = given['referencedColumn'];
      column.references = { table: String(given['references']), column: target === undefined ? null : String(target) };
    }
    this.#readTail(column, String(given['rest'] ?? ''), span);
    if (given['computed'] !== undefined) this.#computed.push({ column, text: String(given['computed']), span });
    this.#columns.push(column);
  }

  /** What follows a type in a column definition of SQL: what is safe and known is taken, what only checks is told, the rest is refused. */
  #readTail(column: Column, tail: string, span: Span): void {
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
      if (fallback) {
        const made = readDefault(column.type, fallback[1]!);
        if (made) column.default = made;
        else if (made === undefined) this.#error('bad_column_default', span, fallback[1]!.slice(0, 60), column.name);
      } else if (size || take(/^(?:precision|unsigned|null|with(?:out)? time zone|index|comment\s+'(?:[^']|'')*')(?!\w)/i)) {
        // These say nothing that is not said already.
      } else if (take(/^unique\b/i)) column.isUnique = true;
      else if (
        take(/^(?:auto_?increment|identity(?:\s*\(\s*\d+\s*,\s*\d+\s*\))?|generated\s+(?:always|by\s+default)\s+as\s+identity)/i)
      )
        column.default = { made: 'next' };
      else if (
        take(/^on\s+(?:delete|update)\s+(?:cascade|restrict|no\s+action|set\s+null|set\s+default)/i) ||
        take(/^check\s*\(.*\)$/is) ||
        take(/^collate\s+\S+/i)
      )
        this.#report('column_rule_ignored', span);
      else return this.#error('column_not_understood', span, rest.slice(0, 60), column.name);
    }
  }

  #compute(column: Column, text: string, span: Span): void {
    if (column.isKey || column.default !== undefined || column.references || column.items)
      return this.#error('computed_not_alone', span, column.name);
    const known = this.#columns.map(
      ({ name, type, items, size }): ColumnKnown => ({
        name,
        type,
        ...(size === undefined ? {} : { size }),
        isList: items !== undefined,
        isComputed: this.#computed.some((one) => one.column.name === name),
      }),
    );
    const read = readComputed(text, column.type, known);
    if ('value' in read) {
      column.computed = read.value;
      return;
    }
    switch (read.fault) {
      case 'unknown_column':
        return this.#error('unknown_column', span, read.name);
      case 'of_computed':
        return this.#error('computed_of_computed', span, read.name);
      case 'wrong_type':
        return this.#error('computed_type', span, read.stretch, column.name);
      case 'too_long':
        return this.#error('computed_too_long', span, read.stretch, column.name);
      case 'not_understood':
        return this.#error('computed_not_understood', span, read.stretch, column.name);
    }
  }

  #addConstraint(line: string): void {
    const span = spanOfLine(this.#declared, this.#source, line);
    const name = String.raw`[\p{L}_][\p{L}\p{N}_]*`;
    const match = new RegExp(
      String.raw`^(?:constraint\s+\S+\s+)?(unique|primary\s+key|index|key|foreign\s+key)(?:\s+(?:key|index))?(?:\s+${name})?\s*\(([^()]*)\)\s*(?:references\s+(${name})(?:\s*\(([^()]*)\))?)?`,
      'iu',
    ).exec(line);
    if (!match) {
      if (/^(?:constraint\s+\S+\s+)?check\b/i.test(line)) return this.#report('column_rule_ignored', span);
      return this.#error('not_a_column', span, line.slice(0, 60));
    }
    const columns = namesIn(match[2]!).map((one) => [one, this.#find(one)] as const);
    const unknown = columns.find(([, column]) => column === undefined);
    if (unknown) return this.#error('unknown_column', span, unknown[0]);
    const found = columns.map(([, column]) => column!);
    const spelled = found.map((column) => column.name);
    switch (match[1]!.toLowerCase().replace(/\s+/g, ' ')) {
      case 'unique':
        if (found.length === 1) found[0]!.isUnique = true;
        else this.#uniques.push(spelled);
        break;
      case 'primary key':
        for (const column of found) column.isKey = true;
        break;
      case 'foreign key': {
        const others = match[4] === undefined ? null : namesIn(match[4]);
        if (match[3] === undefined || (others !== null && others.length !== found.length))
          return this.#error('bad_reference', span);
        if (found.length === 1) found[0]!.references = { table: match[3], column: others?.[0] ?? null };
        else this.#references.push({ columns: spelled, table: match[3], otherColumns: others });
        break;
      }
      default:
        this.#indexes.push({ name: `by_${spelled.join('_')}`.slice(0, 63), columns: spelled, isUnique: false });
    }
  }

  #find(name: string): Column | undefined {
    return this.#columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  }

  #roles(value: DeclaredValue | undefined): string[] {
    const named = listOf(value).map((role) => String(role).toLowerCase());
    if (named.some((role) => role === 'all' || role === '*' || role === 'everyone')) return [];
    const unknown = named.find((role) => !roles.has(role));
    if (unknown !== undefined) this.#report('unknown_role', this.#declared.span, unknown);
    return named;
  }
}

const namesIn = (list: string): string[] => list.split(',').map((name) => name.trim().replace(/^["`[]|["`\]]$/g, ''));

/** The line of a column, which has no place of its own: the first below the head of its table that begins like it, or the second. */
function spanOfLine({ span }: Declaration, { text }: SourceFile, start: string, count = 1): Span {
  const wanted = start.split(/\s/)[0]!.toLowerCase();
  const lines = /[^\r\n]*(?:\r\n?|\n|$)/g;
  lines.lastIndex = span.end;
  for (let left = count, head = true; lines.lastIndex < text.length; head = false) {
    const { index, 0: whole } = lines.exec(text)!;
    const line = whole.trimEnd();
    if (head) continue;
    if (/^\s*end\s+table\b/i.test(line)) break;
    const first = /^\s*(?:field\s+)?["`[]?([^\s"`\]]+)/i.exec(line)?.[1]?.toLowerCase();
    if (first === wanted && --left === 0)
      return { file: span.file, start: index + line.length - line.trimStart().length, end: index + line.length };
  }
  return span;
}

export const listOf = (value: DeclaredValue | undefined): readonly DeclaredValue[] =>
  Array.isArray(value) ? (value as readonly DeclaredValue[]) : [];
