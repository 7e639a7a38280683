import type { ColumnType } from './columns.ts';

/**
 * What a computed column is made of: `total decimal(10,2) GENERATED ALWAYS AS (price * quantity) STORED`.
 *
 * The text is read here into a tree of known parts, with every change of type written out, and never becomes part of a
 * statement: the database builds its own out of the tree, from a list of what there is. A division is exact, `+` joins
 * where one side is a text, texts compare in any case.
 */
export type Computed =
  | { readonly column: string }
  | { readonly text: string }
  /** Digits, as they are written. */
  | { readonly number: string }
  | { readonly boolean: boolean }
  /** `2026-12-31` */
  | { readonly date: string }
  | { readonly nothing: true }
  | { readonly op: ComputedOperation; readonly of: readonly Computed[] };

/** Each with so many parts. */
export const computedOperations = {
  exact: 1,
  float: 1,
  'number text': 1,
  'plain text': 1,
  '+': 2,
  '-': 2,
  '*': 2,
  '/': 2,
  '%': 2,
  negate: 1,
  '||': 2,
  '=': 2,
  '<>': 2,
  '<': 2,
  '>': 2,
  '<=': 2,
  '>=': 2,
  and: 2,
  or: 2,
  not: 1,
  'is null': 1,
  if: 3,
  coalesce: 2,
  nullif: 2,
  small: 1,
  upper: 1,
  trim: 1,
  length: 1,
  left: 2,
  right: 2,
  substring: 3,
  replace: 3,
  abs: 1,
  floor: 1,
  ceil: 1,
  round: 2,
  year: 1,
  month: 1,
  day: 1,
  'add days': 2,
  'days between': 2,
} as const;
export type ComputedOperation = keyof typeof computedOperations;

export interface ColumnKnown {
  readonly name: string;
  readonly type: ColumnType;
  readonly isComputed: boolean;
  readonly isList: boolean;
  /** Characters of a text. */
  readonly size?: number;
}

/** What is wrong with it; `stretch` is the part that was not understood. */
export type ComputedFault =
  | { readonly fault: 'not_understood'; readonly stretch: string }
  | { readonly fault: 'unknown_column'; readonly name: string }
  | { readonly fault: 'of_computed'; readonly name: string }
  | { readonly fault: 'wrong_type'; readonly stretch: string }
  | { readonly fault: 'too_long'; readonly stretch: string };

/** An exact number has all its digits, another is a `double`. */
type Kind = 'exact' | 'float' | 'text' | 'boolean' | 'date' | 'timestamp' | 'time' | 'uuid' | 'json' | 'nothing';
interface Part {
  readonly value: Computed;
  readonly kind: Kind;
  /** Characters at most, as a text. */
  readonly most: number;
}

const textMax = 1_000;
const partsMax = 200;
const depthMax = 30;
/**
 * Characters of any text on the way: three REPLACE within each other make gigabytes of a few lines, in the memory of the
 * database that all share.
 */
const charactersMax = 4_000_000;
/** Of a text column without a size, and of anything that is no text. */
const columnCharactersMax = 200_000;
const plainCharactersMax = 64;

const kinds: Readonly<Record<ColumnType, Kind>> = {
  text: 'text',
  integer: 'exact',
  bigint: 'exact',
  decimal: 'exact',
  number: 'float',
  boolean: 'boolean',
  date: 'date',
  time: 'time',
  timestamp: 'timestamp',
  uuid: 'uuid',
  json: 'json',
};

class Refused extends Error {
  readonly why: ComputedFault;

  constructor(why: ComputedFault) {
    super(why.fault);
    this.why = why;
  }
}

/** The value of a column of this type, or what is wrong with it. */
export function readComputed(
  text: string,
  type: ColumnType,
  columns: readonly ColumnKnown[],
): { readonly value: Computed } | ComputedFault {
  if (text.length > textMax) return { fault: 'not_understood', stretch: text.slice(0, 60) };
  try {
    const reader = new Reader(text, columns);
    return { value: reader.whole(type) };
  } catch (error) {
    if (error instanceof Refused) return error.why;
    throw error;
  }
}

const tokenPattern =
  /\s+|\d+(?:\.\d+)?|\.\d+|'(?:[^']|'')*'|"(?:[^"]|"")*"|\[[^\]]*\]|`[^`]*`|[\p{L}_][\p{L}\p{N}_]*|<>|!=|<=|>=|\|\||[\s\S]/gu;

class Reader {
  readonly #tokens: readonly string[];
  readonly #columns: readonly ColumnKnown[];
  #at = 0;
  #parts = 0;
  #depth = 0;

  constructor(text: string, columns: readonly ColumnKnown[]) {
    this.#tokens = (text.match(tokenPattern) ?? []).filter((token) => token.trim() !== '');
    this.#columns = columns;
  }

  whole(type: ColumnType): Computed {
    const part = this.#either();
    if (this.#at < this.#tokens.length) throw this.#notUnderstood();
    const kind = kinds[type];
    const fits =
      part.kind === kind ||
      part.kind === 'nothing' ||
      (isNumber(part) && (kind === 'exact' || kind === 'float')) ||
      (kind === 'date' && part.kind === 'timestamp') ||
      (kind === 'timestamp' && part.kind === 'date');
    if (kind === 'text') return this.#asText(part).value;
    if (!fits || kind === 'json') throw this.#wrongType(0);
    return part.value;
  }

  // The weaker an operator binds, the earlier it stands here.

  #either(): Part {
    return this.#chain(
      () => this.#both(),
      ['OR'],
      (_, a, b, from) => this.#logical('or', a, b, from),
    );
  }

  #both(): Part {
    return this.#chain(
      () => this.#negated(),
      ['AND'],
      (_, a, b, from) => this.#logical('and', a, b, from),
    );
  }

  #negated(): Part {
    const from = this.#at;
    if (!this.#accept('NOT')) return this.#comparison();
    const part = this.#nested(() => this.#negated());
    if (part.kind !== 'boolean') throw this.#wrongType(from);
    return this.#made('boolean', 'not', part);
  }

  #comparison(): Part {
    const from = this.#at;
    const left = this.#sum();
    if (this.#accept('IS')) {
      const isNot = this.#accept('NOT');
      if (!this.#accept('NULL')) throw this.#notUnderstood();
      const isNull = this.#made('boolean', 'is null', left);
      return isNot ? this.#made('boolean', 'not', isNull) : isNull;
    }
    const sign = this.#peek() === '!=' ? '<>' : this.#peek();
    if (sign !== '=' && sign !== '<>' && sign !== '<' && sign !== '>' && sign !== '<=' && sign !== '>=') return left;
    this.#at += 1;
    const [a, b] = this.#alike(left, this.#sum(), from);
    if (a.kind === 'text') return this.#made('boolean', sign, this.#made('text', 'small', a), this.#made('text', 'small', b));
    return this.#made('boolean', sign, a, b);
  }

  #sum(): Part {
    return this.#chain(
      () => this.#product(),
      ['+', '-', '||', '&'],
      (op, a, b, from) => {
        if (op === '||' || op === '&' || (op === '+' && (a.kind === 'text' || b.kind === 'text')))
          return this.#made('text', '||', this.#orEmpty(this.#asText(a)), this.#orEmpty(this.#asText(b)));
        if (a.kind === 'date' && b.kind === 'date' && op === '-') return this.#made('exact', 'days between', a, b);
        if (a.kind === 'date' && isNumber(b))
          return this.#made('date', 'add days', a, op === '-' ? this.#made(b.kind, 'negate', b) : b);
        return this.#calculated(op === '+' ? '+' : '-', a, b, from);
      },
    );
  }

  #product(): Part {
    return this.#chain(
      () => this.#signed(),
      ['*', '/', '%', 'MOD'],
      (op, a, b, from) => this.#calculated(op === '*' || op === '/' ? op : '%', a, b, from),
    );
  }

  #signed(): Part {
    const from = this.#at;
    if (this.#accept('+')) return this.#nested(() => this.#signed());
    if (!this.#accept('-')) return this.#single();
    const part = this.#nested(() => this.#signed());
    if (!isNumber(part)) throw this.#wrongType(from);
    return this.#made(part.kind, 'negate', part);
  }

  #single(): Part {
    const token = this.#next();
    if (token === '(') {
      const inner = this.#nested(() => this.#either());
      this.#expect(')');
      return inner;
    }
    if (/^[\d.]/.test(token) && /\d/.test(token)) return this.#value('exact', { number: token });
    if (/^'./s.test(token)) return this.#value('text', { text: token.slice(1, -1).replaceAll("''", "'") });
    const word = token.toUpperCase();
    if (word === 'TRUE' || word === 'FALSE') return this.#value('boolean', { boolean: word === 'TRUE' });
    if (word === 'NULL') return this.#value('nothing', { nothing: true });
    if (word === 'CASE') return this.#nested(() => this.#choice());
    if (/^[\p{L}_]/u.test(token) && this.#peek() === '(') return this.#nested(() => this.#call(word));
    const quoted = /^["[`](.*)["\]`]$/s.exec(token)?.[1];
    if (quoted === undefined && !/^[\p{L}_]/u.test(token)) throw this.#notUnderstood(-1);
    return this.#column(quoted ?? token, token.startsWith('"'));
  }

  #column(name: string, mayBeText: boolean): Part {
    const found = this.#columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
    // What stands in the quotes of the language is a text, where it is no column.
    if (!found && mayBeText) return this.#value('text', { text: name });
    if (!found) throw new Refused({ fault: 'unknown_column', name: name.slice(0, 60) });
    if (found.isComputed) throw new Refused({ fault: 'of_computed', name: found.name });
    const most = found.type === 'text' ? (found.size ?? columnCharactersMax) : plainCharactersMax;
    return this.#value(found.isList ? 'json' : kinds[found.type], { column: found.name }, most);
  }

  /** `CASE WHEN a > 1 THEN 'x' ELSE 'y' END`, CASE being behind. */
  #choice(): Part {
    const from = this.#at;
    if (!this.#accept('WHEN')) throw this.#notUnderstood();
    const condition = this.#nested(() => this.#either());
    if (condition.kind !== 'boolean') throw this.#wrongType(from);
    if (!this.#accept('THEN')) throw this.#notUnderstood();
    const then = this.#nested(() => this.#either());
    let otherwise: Part;
    if (this.#peek().toUpperCase() === 'WHEN') otherwise = this.#nested(() => this.#choice());
    else {
      otherwise = this.#accept('ELSE') ? this.#nested(() => this.#either()) : this.#value('nothing', { nothing: true });
      if (!this.#accept('END')) throw this.#notUnderstood();
    }
    return this.#chosen(condition, then, otherwise, from);
  }

  #call(word: string): Part {
    const from = this.#at - 1;
    this.#expect('(');
    const given: Part[] = [];
    if (!this.#accept(')')) {
      do given.push(this.#either());
      while (this.#accept(','));
      this.#expect(')');
    }
    const [a, b, c] = given;
    const count = given.length;
    const wrong = (): Refused => this.#wrongType(from);
    const text = (part: Part): Part => this.#asText(part);
    const number = (part: Part | undefined): Part => {
      if (!part || !isNumber(part)) throw wrong();
      return part;
    };
    if (a && count === 1)
      switch (word) {
        case 'UPPER':
        case 'UCASE':
          return this.#made('text', 'upper', text(a));
        case 'LOWER':
        case 'LCASE':
          return this.#made('text', 'small', text(a));
        case 'TRIM':
        case 'BTRIM':
          return this.#made('text', 'trim', text(a));
        case 'LENGTH':
        case 'LEN':
        case 'CHAR_LENGTH':
          return this.#made('exact', 'length', text(a));
        case 'ABS':
          return this.#made(number(a).kind, 'abs', a);
        case 'FLOOR':
        case 'INT':
          return this.#made(number(a).kind, 'floor', a);
        case 'CEIL':
        case 'CEILING':
          return this.#made(number(a).kind, 'ceil', a);
        case 'YEAR':
        case 'MONTH':
        case 'DAY':
          if (a.kind !== 'date' && a.kind !== 'timestamp') throw wrong();
          return this.#made('exact', word === 'YEAR' ? 'year' : word === 'MONTH' ? 'month' : 'day', a);
      }
    if (a && b && count === 2) {
      if (word === 'LEFT' || word === 'RIGHT') return this.#made('text', word === 'LEFT' ? 'left' : 'right', text(a), number(b));
      if (word === 'NULLIF') {
        const [x, y] = this.#alike(a, b, from);
        return this.#made(x.kind, 'nullif', x, y);
      }
    }
    if (a && word === 'ROUND' && count <= 2)
      return this.#made('exact', 'round', this.#exact(number(a)), b ? number(b) : this.#value('exact', { number: '0' }));
    if (a && b && c && count === 3) {
      if (word === 'REPLACE') return this.#made('text', 'replace', text(a), text(b), text(c));
      if (word === 'SUBSTRING' || word === 'SUBSTR' || word === 'MID')
        return this.#made('text', 'substring', text(a), number(b), number(c));
      if (word === 'IIF' || word === 'IF') {
        if (a.kind !== 'boolean') throw wrong();
        return this.#chosen(a, b, c, from);
      }
    }
    if (a && (word === 'COALESCE' || word === 'IFNULL' || word === 'NVL'))
      return given.slice(1).reduce((before, next) => {
        const [x, y] = this.#alike(before, next, from);
        return this.#made(x.kind, 'coalesce', x, y);
      }, a);
    if (a && word === 'CONCAT')
      return given.map((part) => this.#orEmpty(text(part))).reduce((before, next) => this.#made('text', '||', before, next));
    this.#at = from;
    throw this.#notUnderstood();
  }

  #chosen(condition: Part, then: Part, otherwise: Part, from: number): Part {
    const [a, b] = this.#alike(then, otherwise, from);
    return this.#made(a.kind === 'nothing' ? b.kind : a.kind, 'if', condition, a, b);
  }

  #calculated(op: '+' | '-' | '*' | '/' | '%', a: Part, b: Part, from: number): Part {
    if (!isNumber(a) || !isNumber(b)) throw this.#wrongType(from);
    // A rest is one of exact numbers.
    const isExact = op === '%' || (a.kind === 'exact' && b.kind === 'exact');
    const [x, y] = isExact ? [this.#exact(a), this.#exact(b)] : [this.#float(a), this.#float(b)];
    return this.#made(isExact ? 'exact' : 'float', op, x, y);
  }

  #logical(op: 'and' | 'or', a: Part, b: Part, from: number): Part {
    if (a.kind !== 'boolean' || b.kind !== 'boolean') throw this.#wrongType(from);
    return this.#made('boolean', op, a, b);
  }

  /** Both of one kind, so that they compare, or either can be the answer. */
  #alike(a: Part, b: Part, from: number): readonly [Part, Part] {
    if (a.kind === b.kind || a.kind === 'nothing' || b.kind === 'nothing') {
      if (a.kind === 'json' || b.kind === 'json') throw this.#wrongType(from);
      return [a, b];
    }
    if (isNumber(a) && isNumber(b)) return [this.#float(a), this.#float(b)];
    const [x, y] = [this.#asDate(a, b), this.#asDate(b, a)];
    if (x && y) return [x, y];
    if (a.kind === 'text' || b.kind === 'text') return [this.#asText(a), this.#asText(b)];
    throw this.#wrongType(from);
  }

  /** A text like '2026-12-31' beside a date. */
  #asDate(part: Part, beside: Part): Part | null {
    if (part.kind === 'date' || part.kind === 'timestamp') return part;
    if (beside.kind !== 'date' && beside.kind !== 'timestamp') return null;
    const written = 'text' in part.value ? part.value.text : '';
    return /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(written)
      ? { kind: 'date', value: { date: written }, most: plainCharactersMax }
      : null;
  }

  #asText(part: Part): Part {
    if (part.kind === 'text' || part.kind === 'nothing') return { ...part, kind: 'text' };
    if (isNumber(part)) return this.#made('text', 'number text', part);
    if (part.kind === 'uuid' || part.kind === 'boolean') return this.#made('text', 'plain text', part);
    throw this.#wrongType(this.#at - 1);
  }

  #orEmpty(part: Part): Part {
    return 'text' in part.value ? part : this.#made('text', 'coalesce', part, { kind: 'text', value: { text: '' }, most: 0 });
  }

  readonly #exact = (part: Part): Part => this.#made('exact', 'exact', part);
  readonly #float = (part: Part): Part => this.#made('float', 'float', part);

  #made(kind: Kind, op: ComputedOperation, ...parts: readonly Part[]): Part {
    const most = kind === 'text' ? longest(op, parts) : plainCharactersMax;
    if (most > charactersMax) throw new Refused({ fault: 'too_long', stretch: this.#stretch(this.#at - 12) });
    return this.#value(kind, { op, of: parts.map(({ value }) => value) }, most);
  }

  #value(kind: Kind, value: Computed, most = 'text' in value ? value.text.length : plainCharactersMax): Part {
    if (++this.#parts > partsMax) throw this.#notUnderstood();
    return { kind, value, most };
  }

  #chain(
    operand: () => Part,
    operators: readonly string[],
    join: (operator: string, a: Part, b: Part, from: number) => Part,
  ): Part {
    const from = this.#at;
    let part = operand();
    for (;;) {
      const operator = this.#peek().toUpperCase();
      if (!operators.includes(operator)) return part;
      this.#at += 1;
      part = join(operator, part, operand(), from);
    }
  }

  #nested(read: () => Part): Part {
    if (++this.#depth > depthMax) throw this.#notUnderstood();
    const part = read();
    this.#depth -= 1;
    return part;
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? '';
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw this.#notUnderstood(-2);
    return token;
  }

  #accept(word: string): boolean {
    if (this.#peek().toUpperCase() !== word) return false;
    this.#at += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#accept(sign)) throw this.#notUnderstood();
  }

  #stretch(from: number): string {
    return this.#tokens.slice(Math.max(0, from)).join(' ').slice(0, 60);
  }

  #notUnderstood(back = 0): Refused {
    return new Refused({ fault: 'not_understood', stretch: this.#stretch(this.#at + back) });
  }

  #wrongType(from: number): Refused {
    return new Refused({ fault: 'wrong_type', stretch: this.#stretch(from) });
  }
}

/** Characters that an operation on texts gives at most. */
function longest(op: ComputedOperation, [a, b, c]: readonly Part[]): number {
  const most = (part: Part | undefined): number => part?.most ?? 0;
  switch (op) {
    case '||':
      return most(a) + most(b);
    case 'if':
      return Math.max(most(b), most(c));
    case 'coalesce':
      return Math.max(most(a), most(b));
    case 'left':
    case 'right':
      return Math.min(most(a), numberIn(b));
    case 'substring':
      return Math.min(most(a), numberIn(c));
    case 'replace': {
      const sought = b && 'text' in b.value ? b.value.text.length : 1;
      return most(a) * Math.max(1, most(c) / Math.max(1, sought));
    }
    case 'number text':
    case 'plain text':
      return plainCharactersMax;
    default:
      return most(a);
  }
}

/** A number that is written out; of any other nobody knows how large it is. */
function numberIn(part: Part | undefined): number {
  return part && 'number' in part.value ? Number(part.value.number) : Number.POSITIVE_INFINITY;
}

const isNumber = ({ kind }: Part): boolean => kind === 'exact' || kind === 'float';
