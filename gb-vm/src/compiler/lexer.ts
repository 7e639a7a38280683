import type { DiagnosticBag } from './diagnostics.ts';
import type { SourceFile } from './source.ts';

/**
 * Turns a script into tokens in one pass, never failing: what it cannot read becomes an `error` token and a diagnostic.
 *
 * Three things make BASIC lexing more than a regular expression:
 * - an apostrophe starts a remark, except where a value is expected (after `=`, `(`, `,` …), where it starts a text;
 * - a line goes on when a bracket is open or it ends in a comma or an operator, unless the next line clearly starts a
 *   statement - so a forgotten bracket costs one line, not the rest of the file;
 * - `BEGIN TALK` turns the following lines into text until `END TALK`.
 */
export type TokenKind = 'name' | 'number' | 'string' | 'operator' | 'newline' | 'text' | 'error' | 'end';

/** A stretch of a string: literal characters, or the place of a `${expression}` between its braces. */
export type StringPart = { readonly text: string } | { readonly start: number; readonly end: number };

export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** Upper case for names, the sign itself for operators. */
  readonly upper: string;
  /** As written, for names; a number's value is in `value`. */
  readonly text: string;
  readonly value: number;
  readonly parts: readonly StringPart[];
  /** No blank before it: tells `a (b)` from `a(b)` and `-1` from `- 1`. */
  readonly glued: boolean;
}

const statementStarts = new Set(
  'TALK PRINT HEAR IF ELSE ELSEIF END ENDIF FOR NEXT WHILE WEND DO LOOP SELECT CASE SUB FUNCTION CALL RETURN EXIT DIM LET WITH INCLUDE BEGIN REM'.split(
    ' ',
  ),
);

const isNameStart = (c: number): boolean => (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95 || c >= 0xc0;
const isDigit = (c: number): boolean => c >= 48 && c <= 57;
const isNamePart = (c: number): boolean => isNameStart(c) || isDigit(c);
const isBlank = (c: number): boolean => c === 32 || c === 9 || c === 13 || c === 0xa0 || c === 0xfeff;

/** `${` in a block of text is only text when it does not close soon; looking for the end of each must not take for ever. */
const interpolationMax = 5000;
const unclosedMax = 100;

const noParts: readonly StringPart[] = [];
/** Typographic quotes that word processors put in place of the plain ones. */
const smartQuotes = '\u201c\u201d';

export function lex(file: SourceFile, bag: DiagnosticBag, from = 0, to = file.text.length): Token[] {
  return new Lexer(file, bag, from, to).run();
}

class Lexer {
  readonly #file: SourceFile;
  readonly #text: string;
  readonly #bag: DiagnosticBag;
  readonly #to: number;
  readonly #tokens: Token[] = [];
  readonly #brackets: { sign: string; at: number }[] = [];
  #at: number;
  #blank = true;
  #strayLine = -1;
  #line = 0;

  constructor(file: SourceFile, bag: DiagnosticBag, from: number, to: number) {
    this.#file = file;
    this.#text = file.text;
    this.#bag = bag;
    this.#at = from;
    this.#to = to;
  }

  run(): Token[] {
    const text = this.#text;
    while (this.#at < this.#to) {
      const start = this.#at;
      const c = text.charCodeAt(start);
      if (isBlank(c)) {
        this.#at++;
        this.#blank = true;
        continue;
      }
      if (c === 10) {
        this.#newline();
        continue;
      }
      if (this.#remarkStarts(c, start)) {
        this.#at = this.#lineEnd(start);
        continue;
      }
      if (isNameStart(c)) this.#name(start);
      else if (isDigit(c) || (c === 46 && isDigit(text.charCodeAt(start + 1)))) this.#number(start);
      else if (c === 34 || smartQuotes.includes(text[start]!)) this.#string(start, c === 34 ? '"' : smartQuotes);
      else if (c === 39) this.#string(start, "'");
      else if (c === 96) this.#string(start, '`');
      else this.#operator(start);
      this.#blank = false;
    }
    for (const open of this.#brackets) this.#bag.report('unclosed_bracket', this.#span(open.at, open.at + 1), open.sign);
    this.#push('newline', this.#to, this.#to);
    this.#push('end', this.#to, this.#to);
    return this.#tokens;
  }

  #span(start: number, end: number) {
    return { file: this.#file.index, start, end };
  }

  #push(kind: TokenKind, start: number, end: number, upper = '', value = 0, parts = noParts, text = upper): void {
    this.#tokens.push({ kind, start, end, upper, text, value, parts, glued: !this.#blank });
  }

  #lineEnd(from: number): number {
    const end = this.#text.indexOf('\n', from);
    return end < 0 || end > this.#to ? this.#to : end;
  }

  #atLineStart(): boolean {
    const last = this.#tokens.at(-1);
    return !last || last.kind === 'newline';
  }

  #remarkStarts(c: number, at: number): boolean {
    if (c === 39) return !(this.#expectsValue() && this.#closesOnLine(at));
    if (c === 47) return this.#text.charCodeAt(at + 1) === 47;
    if (c === 35) return this.#text.charCodeAt(at + 1) !== 123 && (this.#atLineStart() || this.#firstOnLine(at));
    if (c === 82 || c === 114) {
      return this.#startsStatement() && /^rem(?![\w$%])/i.test(this.#text.slice(at, at + 4));
    }
    return false;
  }

  #firstOnLine(at: number): boolean {
    let before = at - 1;
    while (before >= 0 && isBlank(this.#text.charCodeAt(before))) before--;
    return before < 0 || this.#text.charCodeAt(before) === 10;
  }

  #startsStatement(): boolean {
    const last = this.#tokens.at(-1);
    return (
      !last ||
      last.kind === 'newline' ||
      (last.kind === 'operator' && last.upper === ':') ||
      last.upper === 'THEN' ||
      last.upper === 'ELSE'
    );
  }

  #expectsValue(): boolean {
    const last = this.#tokens.at(-1);
    return last?.kind === 'operator' && '=(,[{:+&<>'.includes(last.upper.at(-1)!);
  }

  #closesOnLine(at: number): boolean {
    const close = this.#text.indexOf("'", at + 1);
    return close > 0 && close < this.#lineEnd(at);
  }

  #newline(): void {
    this.#at++;
    this.#line++;
    this.#blank = true;
    const last = this.#tokens.at(-1);
    if (!last || last.kind === 'newline') return;
    if (this.#brackets.length > 0) {
      if (!this.#nextLineStartsStatement()) return;
      const open = this.#brackets[0]!;
      this.#bag.report('unclosed_bracket', this.#span(open.at, open.at + 1), open.sign);
      this.#brackets.length = 0;
    } else if (last.kind === 'operator' && this.#continues(last.upper) && !this.#nextLineStartsStatement()) {
      return;
    } else if (last.kind === 'name' && last.upper === '_') {
      this.#tokens.pop();
      return;
    }
    this.#push('newline', this.#at - 1, this.#at);
    if (this.#opensText()) this.#textBlock();
  }

  #continues(sign: string): boolean {
    return sign === ',' || sign === '+' || sign === '&' || sign === '&&' || sign === '||';
  }

  /** Whether the next line that is not empty begins with a statement keyword that is not the key of an object. */
  #nextLineStartsStatement(): boolean {
    const word = /^[ \t\r\n]*([A-Za-z]+)[ \t]*([:=]?)/.exec(this.#text.slice(this.#at, Math.min(this.#to, this.#at + 200)));
    return word !== null && word[2] === '' && statementStarts.has(word[1]!.toUpperCase());
  }

  #opensText(): boolean {
    const tokens = this.#tokens;
    const count = tokens.length;
    if (count < 3 || tokens[count - 2]!.upper !== 'TALK' || tokens[count - 3]!.upper !== 'BEGIN') return false;
    return count === 3 || tokens[count - 4]!.kind === 'newline';
  }

  /** The lines up to END TALK become one token; without END TALK, the block ends at the first statement-like END or the file's end. */
  #textBlock(): void {
    const start = this.#at;
    const close = /^[ \t]*END[ \t]+TALK\b/gim;
    close.lastIndex = start;
    const found = close.exec(this.#text.slice(0, this.#to));
    const end = found ? found.index : this.#to;
    this.#push('text', start, end, '', 0, this.#textParts(start, end));
    this.#at = end;
    this.#blank = true;
  }

  #textParts(start: number, end: number): StringPart[] {
    const text = this.#text;
    const lines = text
      .slice(start, end)
      .split('\n')
      .filter((line) => line.trim() !== '');
    const indent = lines.length ? Math.min(...lines.slice(0, 1000).map((line) => line.length - line.trimStart().length)) : 0;
    const parts: StringPart[] = [];
    let literal = '';
    let at = start;
    let lineStart = true;
    let unclosed = 0;
    while (at < end) {
      if (lineStart) {
        for (let skipped = 0; skipped < indent && at < end && text[at] !== '\n' && isBlank(text.charCodeAt(at)); skipped++) at++;
        lineStart = false;
        continue;
      }
      const c = text[at]!;
      if (c === '$' && text[at + 1] === '{' && unclosed < unclosedMax) {
        const close = this.#interpolationEnd(at + 2, Math.min(end, at + interpolationMax));
        if (close < 0) unclosed++;
        else {
          if (literal) parts.push({ text: literal });
          literal = '';
          parts.push({ start: at + 2, end: close });
          at = close + 1;
          continue;
        }
      }
      if (c !== '\r') literal += c;
      if (c === '\n') lineStart = true;
      at++;
    }
    literal = literal.replace(/\s+$/, '');
    if (literal || parts.length === 0) parts.push({ text: literal });
    return parts;
  }

  #name(start: number): void {
    let at = start + 1;
    while (at < this.#to && isNamePart(this.#text.charCodeAt(at))) at++;
    if (this.#text[at] === '$' && this.#text[at + 1] !== '{') at++;
    else if (this.#text[at] === '%' && !isNamePart(this.#text.charCodeAt(at + 1))) at++;
    const text = this.#text.slice(start, at);
    this.#at = at;
    this.#push('name', start, at, text.toUpperCase(), 0, noParts, text);
  }

  #number(start: number): void {
    const match = /(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)/y;
    match.lastIndex = start;
    const text = match.exec(this.#text)?.[0] ?? this.#text[start]!;
    let end = start + text.length;
    if (isNamePart(this.#text.charCodeAt(end))) {
      while (end < this.#to && isNamePart(this.#text.charCodeAt(end))) end++;
      this.#bag.report('bad_number', this.#span(start, end), short(this.#text.slice(start, end)));
    }
    this.#at = Math.min(end, this.#to);
    this.#push('number', start, this.#at, text, Number(text));
  }

  #string(start: number, quotes: string): void {
    const text = this.#text;
    const lineEnd = quotes === '`' ? this.#to : this.#lineEnd(start);
    const parts: StringPart[] = [];
    let literal = '';
    let at = start + 1;
    let from = at;
    let isClosing = true;
    const flush = (): void => {
      literal += text.slice(from, at);
    };
    for (; at < lineEnd; at++) {
      const c = text[at]!;
      if (quotes.includes(c)) {
        if (quotes === '"' && text[at + 1] === '"') {
          flush();
          at++;
          from = at;
          continue;
        }
        break;
      }
      if (c === '\\' && quotes !== "'" && at + 1 < lineEnd && 'nrt"\\$`'.includes(text[at + 1]!)) {
        flush();
        at++;
        literal += escapes[text[at]!] ?? text[at];
        from = at + 1;
      } else if (c === '$' && text[at + 1] === '{' && quotes !== "'" && isClosing) {
        flush();
        if (literal) parts.push({ text: literal });
        literal = '';
        const close = this.#interpolationEnd(at + 2, Math.min(lineEnd, at + interpolationMax));
        if (close < 0) {
          this.#bag.report('unterminated_interpolation', this.#span(at, at + 2));
          isClosing = false;
          from = at;
          at++;
          continue;
        }
        parts.push({ start: at + 2, end: close });
        at = close;
        from = close + 1;
      }
    }
    literal += text.slice(from, Math.min(at, lineEnd));
    if (at >= lineEnd) {
      literal = literal.trimEnd();
      this.#bag.report('unterminated_string', this.#span(start, Math.max(start + 1, trimmedEnd(text, lineEnd))));
    }
    if (literal || parts.length === 0) parts.push({ text: literal });
    this.#at = Math.min(at + 1, lineEnd === at ? lineEnd : this.#to);
    this.#push('string', start, this.#at, '', 0, parts);
  }

  /** Where the brace closes that `${` opened, skipping nested braces and quoted texts; -1 when it does not. */
  #interpolationEnd(from: number, limit: number): number {
    let depth = 0;
    for (let at = from; at < limit; at++) {
      const c = this.#text[at]!;
      if (c === '{') depth++;
      else if (c === '}') {
        if (depth-- === 0) return at;
      } else if (c === '"') {
        const close = this.#text.indexOf('"', at + 1);
        if (close < 0 || close >= limit) return -1;
        at = close;
      }
    }
    return -1;
  }

  #operator(start: number): void {
    const two = this.#text.slice(start, Math.min(start + 2, this.#to));
    const sign = twoCharacterOperators.has(two) ? two : this.#text[start]!;
    this.#at = start + sign.length;
    if (!oneCharacterOperators.includes(sign[0]!) && !twoCharacterOperators.has(sign)) return this.#stray(start);
    if (sign === '(' || sign === '[' || sign === '{' || sign === '#{') this.#brackets.push({ sign, at: start });
    else if (sign === ')' || sign === ']' || sign === '}') this.#brackets.pop();
    this.#push('operator', start, this.#at, sign);
  }

  #stray(start: number): void {
    const code = this.#text.codePointAt(start)!;
    const character = String.fromCodePoint(code);
    this.#at = start + character.length;
    const shown = code < 32 || (code >= 127 && code < 160) ? `U+${code.toString(16).toUpperCase().padStart(4, '0')}` : character;
    if (this.#strayLine !== this.#line) this.#bag.report('unexpected_character', this.#span(start, this.#at), shown);
    this.#strayLine = this.#line;
    if (this.#tokens.at(-1)?.kind !== 'error') this.#push('error', start, this.#at, shown);
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '', t: '\t' };
const oneCharacterOperators = '+-*/\\^&=<>(),:;[]{}.?';
const twoCharacterOperators = new Set(['<>', '<=', '>=', '!=', '==', '+=', '-=', '*=', '/=', '&&', '||', '#{']);

function trimmedEnd(text: string, end: number): number {
  let at = end;
  while (at > 0 && isBlank(text.charCodeAt(at - 1))) at--;
  return at;
}

/** A word cut to a length that fits in a sentence. */
export function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
