import type { DiagnosticBag } from '../diagnostics.ts';
import { short } from '../lexer.ts';
import type { SourceFile, Span } from '../source.ts';
import type { Line } from './lines.ts';
import type { Token } from './token.ts';
import { classicFunctions, joiningWords, newStatements, oldFunctions, oldStatements } from './words.ts';

const word = /[A-Z][A-Z0-9.]*[$%!#]?/iy;
const number = /(?:\d+\.?\d*|\.\d+)(?:[ED][+-]?\d+)?[%!#]?/iy;
const based = /&(?:H([0-9A-F]+)|O?([0-7]+))/iy;
const goTwoWords = /GO[ \t]+(TO|SUB)(?![A-Z])/iy;
const relation = /[<>=][ \t]*[<>=]/y;
const relations: Readonly<Record<string, string>> = {
  '<>': '<>',
  '><': '<>',
  '<=': '<=',
  '=<': '<=',
  '>=': '>=',
  '=>': '>=',
};

/**
 * Reads the tokens of a line as the interpreters did, who allowed text without blanks: FORI=1TO10STEP2.
 *
 * The rule. A run of letters and digits that is a keyword as a whole is that keyword, and one that stands apart as a plain
 * name stays whole: SCORE is not SC OR E, TOTAL is not TO TAL. A run is *crunched text*, and split, only where it cannot
 * be a name that stands apart:
 * - A statement begins here, the run begins with a statement keyword, and the statement does not give the run a value:
 *   PRINTA, NEXTJ, GOTO100, but PRINTER = 1. FOR, IF, ON and DEF are split although `=` follows when their TO, THEN,
 *   GOTO or FN is there too: FORI=1TO3, but FORCE = 1. LET is split from names of one or two characters, which were all
 *   that the interpreters told apart: LETA=1, but LETTER = 1.
 * - A value ended just before and the run begins with a word that may follow there: 1TO10 inside FOR, 5THEN100 inside
 *   IF, B$="N"ORC$="N" anywhere but between the items of PRINT.
 * - The run holds the word its statement still waits for, and that word does not stand apart later: ATHEN100, ATOB,
 *   NSTEP2, XGOTO10, AELSEPRINT.
 * Crunched text is read from left to right as the interpreters did, the longest keyword first at each place, among the
 * keywords that its statement can hold there; AND, OR and NOT only between IF and THEN.
 */
export class Cruncher {
  readonly #file: SourceFile;
  readonly #bag: DiagnosticBag;
  readonly #text: string;
  /** Functions without values that the program uses as variables. */
  readonly #ownNames = new Set<string>();
  #line!: Line;
  #tokens: Token[] = [];
  #at = 0;
  /** Up to here the text is crunched. */
  #crunchedTo = 0;
  #isStatementStart = true;
  /** What the statement waits for. */
  #awaits: 'THEN' | 'TO' | 'STEP' | 'GOTO' | null = null;
  #isInIf = false;
  #isInPrint = false;
  #apart: ApartWords | null = null;

  constructor(file: SourceFile, bag: DiagnosticBag) {
    this.#file = file;
    this.#bag = bag;
    this.#text = file.text;
  }

  tokens(line: Line): Token[] {
    this.#line = line;
    this.#tokens = [];
    this.#at = line.start;
    this.#crunchedTo = 0;
    this.#isInIf = false;
    this.#apart = null;
    this.#beginStatement();
    while (this.#at < line.end) this.#one();
    this.#push('end', line.end, line.end, '');
    return this.#tokens;
  }

  #beginStatement(): void {
    this.#isStatementStart = true;
    this.#awaits = null;
    this.#isInPrint = false;
  }

  #push(kind: Token['kind'], start: number, end: number, text: string, value = 0): void {
    this.#tokens.push({ kind, start, end, text, value });
    this.#at = end;
  }

  #one(): void {
    const start = this.#at;
    const c = this.#text[start]!;
    if (c === ' ' || c === '\t') {
      this.#at++;
      return;
    }
    if (isLetter(c)) {
      if (start < this.#crunchedTo) this.#crunched();
      else this.#run();
      return;
    }
    if (c === "'" || (c === '!' && this.#isStatementStart)) {
      this.#at = this.#line.end;
      return;
    }
    if (c === '?' && this.#isStatementStart) return this.#keyword('PRINT', start + 1);
    if (c === ':') {
      this.#push('sign', start, start + 1, ':');
      this.#beginStatement();
      return;
    }
    this.#value(c);
    this.#isStatementStart = false;
  }

  #value(c: string): void {
    const start = this.#at;
    const { end } = this.#line;
    if (c === '"') {
      // The interpreters let the end of the line close a text.
      const close = this.#text.indexOf('"', start + 1);
      const stop = close < 0 || close >= end ? end : close;
      this.#push('text', start, Math.min(stop + 1, end), this.#text.slice(start + 1, stop));
    } else if (isDigit(c) || (c === '.' && isDigit(this.#text[start + 1] ?? ''))) {
      const found = match(number, this.#text, start)!;
      const value = Number(found.replace(/[%!#]$/, '').replace(/d/i, 'E'));
      const stop = Math.min(start + found.length, end);
      if (value === Infinity) this.#bag.report('number_overflow', { file: this.#file.index, start, end: stop }, short(found));
      this.#push('number', start, stop, found, Math.min(value, Number.MAX_VALUE));
    } else if (c === '&') this.#based(start);
    else if ('<>='.includes(c)) {
      const two = match(relation, this.#text, start);
      const sign = two ? relations[two[0]! + two.at(-1)!] : undefined;
      if (two && sign) this.#push('sign', start, start + two.length, sign);
      else this.#push('sign', start, start + 1, c);
    } else if (c === '*' && this.#text[start + 1] === '*') this.#push('sign', start, start + 2, '^');
    else if (c === '↑') this.#push('sign', start, start + 1, '^');
    else if (c === '[') this.#push('sign', start, start + 1, '(');
    else if (c === ']') this.#push('sign', start, start + 1, ')');
    else if ('+-*/\\^(),;#@'.includes(c)) this.#push('sign', start, start + 1, c);
    else this.#stray(start);
  }

  /** &HFF, &O17 and &17; the upper half of sixteen bits is negative. */
  #based(start: number): void {
    based.lastIndex = start;
    const found = based.exec(this.#text);
    const value = found ? Number.parseInt(found[1] ?? found[2]!, found[1] ? 16 : 8) : Number.NaN;
    if (!found || value > 0xffff) {
      this.#bag.report('bad_number', { file: this.#file.index, start, end: start + 1 }, short(found?.[0] ?? '&'));
      this.#push('error', start, start + (found?.[0].length ?? 1), '');
    } else this.#push('number', start, start + found[0].length, found[0], value > 0x7fff ? value - 0x10000 : value);
  }

  #stray(start: number): void {
    const code = this.#text.codePointAt(start)!;
    const character = String.fromCodePoint(code);
    const isControl = code < 32 || (code >= 127 && code < 160);
    const span: Span = { file: this.#file.index, start, end: start + character.length };
    this.#bag.report(
      'unexpected_character',
      span,
      isControl ? `U+${code.toString(16).toUpperCase().padStart(4, '0')}` : character,
    );
    this.#push('error', start, span.end, '');
  }

  /** A run of letters and digits that is not known to be crunched. */
  #run(): void {
    const start = this.#at;
    const run = match(word, this.#text, start)!.toUpperCase();
    const end = start + run.length;
    const two = run === 'GO' && this.#awaits !== 'TO' ? match(goTwoWords, this.#text, start) : null;
    if (two) return this.#keyword(/TO$/i.test(two) ? 'GOTO' : 'GOSUB', start + two.length);
    if (this.#isStatementStart && run.startsWith('LINEINPUT') && !this.#isAssignment(end)) {
      this.#push('word', start, start + 4, 'LINE');
      this.#crunchedTo = end;
      return this.#keyword('INPUT', start + 9);
    }
    if (this.#wholeWord(run, start, end)) return;
    if (run.startsWith('FN') && run.length > 2) return this.#name(start, end);
    if (this.#line.number === null && this.#tokens.length === 0 && this.#text[end] === ':') return this.#name(start, end);
    const keyword = this.#isStatementStart ? this.#statementPrefix(run, end) : this.#awaitedPrefix(run, start);
    if (keyword) {
      this.#crunchedTo = end;
      return this.#keyword(keyword, start + keyword.length);
    }
    if (this.#holdsAwaited(run, end)) {
      this.#crunchedTo = end;
      return this.#crunched();
    }
    this.#name(start, end);
  }

  #wholeWord(run: string, start: number, end: number): boolean {
    const bare = /[$%!#]$/.test(run) ? run.slice(0, -1) : run;
    const takesSign = (set: ReadonlySet<string>): string | null =>
      set.has(run) ? run : run.endsWith('#') && set.has(bare) ? bare : null;
    const old = takesSign(oldStatements) ?? (run === 'REMARK' && this.#isStatementStart ? 'REM' : null);
    if (old) {
      this.#keyword(old, old === 'REM' ? start + 3 : start + old.length);
      return true;
    }
    if (joiningWords.has(run) && (run !== 'MOD' || !this.#isStatementStart)) {
      this.#keyword(run, end);
      return true;
    }
    const late = this.#isStatementStart ? takesSign(newStatements) : null;
    if (late && !this.#isAssignment(start + late.length)) {
      this.#keyword(late, start + late.length);
      return true;
    }
    if (this.#takeSecondWord(run)) return true;
    if (!this.#isFunction(run, end)) return false;
    this.#isStatementStart = false;
    this.#push('word', start, end, run);
    return true;
  }

  /** PRINT USING and ON ERROR: words that mean something only behind their first word. */
  #takeSecondWord(run: string): boolean {
    const last = this.#tokens.at(-1);
    if (last?.kind !== 'word') return false;
    const second = secondWords[last.text];
    if (!second || !run.startsWith(second)) return false;
    if (run.length > second.length && this.#at >= this.#crunchedTo && this.#at > last.end) return false;
    this.#crunchedTo = Math.max(this.#crunchedTo, this.#at + run.length);
    this.#push('word', this.#at, this.#at + second.length, second);
    return true;
  }

  #isFunction(run: string, end: number): boolean {
    const known = classicFunctions.get(run);
    if (!known && run !== 'TAB' && run !== 'SPC' && run !== 'INPUT$') return false;
    if (oldFunctions.has(run)) return true;
    if (known && known.takes === '') {
      if (this.#isStatementStart && this.#isAssignment(end) && !run.endsWith('$')) this.#ownNames.add(run);
      return !this.#ownNames.has(run);
    }
    return this.#text[this.#pastBlanks(end)] === '(';
  }

  #statementPrefix(run: string, end: number): string | null {
    let keyword = '';
    for (const one of oldStatements) if (run.startsWith(one) && one.length > keyword.length) keyword = one;
    if (keyword === '') return null;
    if (!this.#isAssignment(end)) return keyword;
    const rest = run.slice(keyword.length);
    switch (keyword) {
      case 'FOR':
        return this.#statementHas(end, /TO/i) ? keyword : null;
      case 'IF':
        return this.#statementHas(end, /THEN|GO[ \t]*TO/i) ? keyword : null;
      case 'ON':
        return this.#statementHas(end, /GO[ \t]*(?:TO|SUB)/i) ? keyword : null;
      case 'DEF':
        return rest.startsWith('FN') ? keyword : null;
      case 'LET':
        return rest.replace(/[$%!#]$/, '').length <= 2 ? keyword : null;
      default:
        return null;
    }
  }

  /** A word that may follow the value that ended just before. */
  #awaitedPrefix(run: string, start: number): string | null {
    const last = this.#tokens.at(-1);
    if (!last || !endsValue(last)) return null;
    const begins = (one: string): boolean => run.startsWith(one);
    if (this.#awaits === 'THEN' && begins('THEN')) return 'THEN';
    if (this.#awaits === 'TO' && begins('TO')) return 'TO';
    if (this.#awaits === 'STEP' && begins('STEP')) return 'STEP';
    if (this.#isInIf && this.#awaits !== 'THEN' && begins('ELSE')) return 'ELSE';
    for (const one of ['GOTO', 'GOSUB']) {
      if (begins(one) && (this.#awaits === 'THEN' || this.#awaits === 'GOTO' || /^\d/.test(run.slice(one.length)))) return one;
    }
    // PRINT "A"ORDER prints a text and a variable.
    if (this.#isInPrint && (last.kind === 'text' || last.end < start)) return null;
    return ['AND', 'OR', 'XOR', 'EQV', 'IMP', 'MOD'].find(begins) ?? null;
  }

  /** Whether the word the statement waits for is inside this run. */
  #holdsAwaited(run: string, end: number): boolean {
    if (/.GO(?:TO|SUB)\d/.test(run)) return true;
    const inside = (one: string): number => run.indexOf(one, 1);
    switch (this.#awaits) {
      case 'THEN': {
        if (inside('GOTO') > 0 || inside('GOSUB') > 0) return !this.#standsApart('THEN', end);
        if (/\d(?:AND|OR)(?:[A-Z]|$)/.test(run)) return true;
        const at = inside('THEN');
        return at > 0 && this.#beginsStatement(run.slice(at + 4), end) && !this.#standsApart('THEN', end);
      }
      case 'TO':
        return inside('TO') > 0 && !this.#standsApart('TO', end);
      case 'STEP': {
        const at = inside('STEP');
        if (at < 0 || this.#standsApart('STEP', end)) return false;
        return at + 4 < run.length || /[\dA-Z(.-]/i.test(this.#text[this.#pastBlanks(end)] ?? '');
      }
      case 'GOTO':
        return inside('GOTO') > 0 || inside('GOSUB') > 0;
      default: {
        const at = this.#isInIf ? inside('ELSE') : -1;
        return at > 0 && at + 4 < run.length && this.#beginsStatement(run.slice(at + 4), end);
      }
    }
  }

  /** Whether a statement or a line number can begin with this rest of a run, which ends at `end`. */
  #beginsStatement(rest: string, end: number): boolean {
    if (rest === '') {
      const next = this.#pastBlanks(end);
      if (next >= this.#line.end) return false;
      const following = match(word, this.#text, next)?.toUpperCase();
      return following === undefined
        ? /[\d?]/.test(this.#text[next]!)
        : !joiningWords.has(following) || following.startsWith('GO');
    }
    if (/^\d/.test(rest) || this.#isAssignment(end)) return true;
    for (const one of oldStatements) if (rest.startsWith(one)) return true;
    return false;
  }

  /** One keyword, name or number of crunched text. */
  #crunched(): void {
    const start = this.#at;
    const end = this.#crunchedTo;
    if (this.#takeSecondWord(this.#text.slice(start, Math.min(start + 8, end)).toUpperCase())) return;
    const keyword = this.#keywordAt(start);
    if (keyword) {
      if (classicFunctions.has(keyword) || keyword === 'TAB' || keyword === 'SPC')
        this.#push('word', start, start + keyword.length, keyword);
      else this.#keyword(keyword, start + keyword.length);
      return;
    }
    let stop = start + 1;
    if (this.#text.slice(start, start + 2).toUpperCase() === 'FN') stop = Math.min(start + 3, end);
    while (stop < end && !this.#keywordAt(stop)) stop++;
    this.#name(start, stop);
  }

  /** The longest keyword at a place in crunched text that can stand there. */
  #keywordAt(at: number): string | null {
    const rest = this.#text.slice(at, Math.min(at + 8, this.#crunchedTo)).toUpperCase();
    let longest: string | null = null;
    const take = (one: string): void => {
      if (rest.startsWith(one) && one.length > (longest?.length ?? 0)) longest = one;
    };
    if (this.#isStatementStart && at === this.#at) for (const one of oldStatements) take(one);
    else {
      if (this.#awaits === 'THEN') for (const one of ['THEN', 'GOTO', 'GOSUB', 'AND', 'OR', 'NOT']) take(one);
      else if (this.#awaits === 'GOTO') for (const one of ['GOTO', 'GOSUB']) take(one);
      else if (this.#awaits) take(this.#awaits);
      if (this.#isInIf && this.#awaits !== 'THEN') take('ELSE');
      if (/^GO(?:TO|SUB)\d/.test(rest)) take(rest.startsWith('GOTO') ? 'GOTO' : 'GOSUB');
      for (const one of [...oldFunctions, 'TAB', 'SPC'])
        if (rest.startsWith(one) && this.#text[this.#pastBlanks(at + one.length)] === '(') take(one);
    }
    return longest;
  }

  #name(start: number, end: number): void {
    let stop = end;
    let name = this.#text.slice(start, end).toUpperCase();
    if (name === 'FN' && end >= this.#crunchedTo) {
      const next = this.#pastBlanks(end);
      const rest = match(word, this.#text, next);
      if (rest) {
        name += rest.toUpperCase();
        stop = next + rest.length;
      }
    }
    this.#isStatementStart = false;
    this.#push('name', start, stop, name);
  }

  #keyword(keyword: string, end: number): void {
    this.#push('word', this.#at, end, keyword);
    this.#isStatementStart = false;
    switch (keyword) {
      case 'REM':
        this.#at = this.#line.end;
        break;
      case 'DATA':
        this.#data();
        break;
      case 'IF':
        this.#awaits = 'THEN';
        this.#isInIf = true;
        break;
      case 'THEN':
      case 'ELSE':
        this.#beginStatement();
        break;
      case 'FOR':
        this.#awaits = 'TO';
        break;
      case 'TO':
        this.#awaits = 'STEP';
        break;
      case 'ON':
        this.#awaits = 'GOTO';
        break;
      case 'PRINT':
      case 'LPRINT':
        this.#isInPrint = true;
        break;
      case 'STEP':
      case 'GOTO':
      case 'GOSUB':
        this.#awaits = null;
        break;
      default:
    }
  }

  /** The rest of the statement, to a colon outside quotes. */
  #data(): void {
    const start = this.#at;
    let at = start;
    for (let isQuoted = false; at < this.#line.end && (isQuoted || this.#text[at] !== ':'); at++)
      if (this.#text[at] === '"') isQuoted = !isQuoted;
    this.#push('data', start, at, '');
  }

  /** Whether `=` follows, perhaps after subscripts: what stood before is given a value. */
  #isAssignment(from: number): boolean {
    // No line of the interpreters was longer; without an end, open parentheses would cost the square of their number.
    const limit = Math.min(this.#line.end, from + 255);
    let at = this.#pastBlanks(from);
    if (this.#text[at] === '(' || this.#text[at] === '[') {
      let depth = 0;
      for (; at < limit; at++) {
        const c = this.#text[at]!;
        if (c === '"') {
          const close = this.#text.indexOf('"', at + 1);
          if (close < 0 || close >= limit) return false;
          at = close;
        } else if (c === ':') return false;
        else if (c === '(' || c === '[') depth++;
        else if ((c === ')' || c === ']') && --depth === 0) break;
      }
      at = this.#pastBlanks(at + 1);
    }
    return at < this.#line.end && this.#text[at] === '=';
  }

  /** Whether the rest of the statement matches, outside texts. */
  #statementHas(from: number, wanted: RegExp): boolean {
    let stop = from;
    for (let isQuoted = false; stop < this.#line.end && (isQuoted || this.#text[stop] !== ':'); stop++)
      if (this.#text[stop] === '"') isQuoted = !isQuoted;
    return wanted.test(this.#text.slice(from, stop).replace(/"[^"]*"?/g, '""'));
  }

  #standsApart(wanted: 'THEN' | 'TO' | 'STEP', from: number): boolean {
    this.#apart ??= new ApartWords(this.#text, this.#line);
    return this.#apart.has(wanted, from);
  }

  #pastBlanks(from: number): number {
    let at = from;
    while (at < this.#line.end && (this.#text[at] === ' ' || this.#text[at] === '\t')) at++;
    return at;
  }
}

/** Where THEN, TO and STEP begin a run of their own in a line, after a value. */
class ApartWords {
  readonly #places = new Map<string, number[]>();

  constructor(text: string, line: Line) {
    const scan = /"[^"\r\n]*"?|:|[A-Z][A-Z0-9.]*[$%!#]?/gi;
    const source = text.slice(line.start, line.end);
    for (const found of source.matchAll(scan)) {
      const run = found[0].toUpperCase();
      const at = line.start + found.index;
      if (run === ':') this.#add(':', at);
      else {
        const first = ['THEN', 'GOTO', 'TO', 'STEP'].find((one) => run.startsWith(one));
        if (first && /[A-Z0-9.$%!#)\]"]\s*$/i.test(source.slice(Math.max(0, found.index - 20), found.index)))
          this.#add(first === 'GOTO' ? 'THEN' : first, at);
      }
    }
  }

  /** Between `from` and the end of its statement. */
  has(wanted: string, from: number): boolean {
    return this.#after(wanted, from) < this.#after(':', from);
  }

  #add(word: string, at: number): void {
    const places = this.#places.get(word);
    if (places) places.push(at);
    else this.#places.set(word, [at]);
  }

  #after(word: string, from: number): number {
    const places = this.#places.get(word) ?? [];
    let low = 0;
    let high = places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (places[middle]! < from) low = middle + 1;
      else high = middle;
    }
    return places[low] ?? Number.MAX_SAFE_INTEGER;
  }
}

const secondWords: Readonly<Record<string, string>> = { PRINT: 'USING', LPRINT: 'USING', ON: 'ERROR' };

function endsValue(token: Token): boolean {
  if (token.kind === 'sign') return token.text === ')';
  if (token.kind === 'word') return classicFunctions.get(token.text)?.takes === '' || token.text === 'RND';
  return token.kind === 'number' || token.kind === 'text' || token.kind === 'name';
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function isLetter(c: string): boolean {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

function isDigit(c: string): boolean {
  return c >= '0' && c <= '9';
}
