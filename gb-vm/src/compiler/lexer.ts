import type { DiagnosticBag } from './diagnostics.ts';
import { keywords } from './keywords/index.ts';
import type { SourceFile } from './source.ts';

/**
 * Turns a script into tokens in one pass, never failing: what it cannot read becomes an `error` token and a diagnostic.
 *
 * What makes BASIC lexing more than a regular expression:
 * - an apostrophe starts a remark, except where a value is expected (after `=`, `(`, `,` …), where it starts a text;
 * - a line goes on when a bracket is open or it ends in a comma or an operator, unless the next line clearly starts a
 *   statement - so a forgotten bracket costs one line, not the rest of the file;
 * - a text goes on over lines when a later line closes it before one that clearly starts a statement - so does a
 *   forgotten quote cost only its line;
 * - `BEGIN TALK`, `BEGIN MAIL`, `BEGIN SYSTEM PROMPT` and `TABLE` turn the following lines into text until their `END`;
 *   `DATA`, and `DESCRIPTION` without quotes, do so with the rest of their line.
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

/** Words that begin a statement, whatever follows but a sign that makes them a key or a name. */
const statementStarts = new Set(
  'TALK PRINT HEAR IF ELSE ELSEIF END ENDIF FOR NEXT WHILE WEND DO LOOP SELECT CASE SUB FUNCTION CALL RETURN EXIT DIM LET WITH INCLUDE BEGIN REM'.split(
    ' ',
  ),
);
/** These are common names too: they begin a statement when a word or a text follows. */
const softStarts = new Set('GOTO GOSUB PARAM DESCRIPTION SET ADD SAVE SEND'.split(' '));
/** No statement ends with these, and only queries have these. */
const endWords = new Set(['AND', 'OR', 'WHERE', 'SET']);
const queryWords = new Set(['SELECT', 'FIND', 'UPDATE', 'DELETE']);
/** In a text that goes on over lines, also these would be a sign that its quote was forgotten. */
const assignmentStart = /[A-Za-z_$][\w$.]*[ \t]*(?:\[[^\]\n]*\])?[ \t]*=[^=]/y;

/** Words after which a value must come, among them those that keywords of the host begin or go on with. */
export const valueWords: ReadonlySet<string> = new Set([
  ...'TALK PRINT CASE IF ELSEIF WHILE UNTIL RETURN AND OR XOR NOT IN LIKE CONTAINS IS MOD THROW ASSERT SELECT SWITCH'.split(' '),
  ...keywords.flatMap(({ kind, forms = [] }) =>
    kind === 'operation' || kind === 'declaration' ? forms.flatMap(wordsBeforeValues) : [],
  ),
  ...'DESCRIPTION DEFAULT ENUM WITH'.split(' '),
]);

/** The words of a form that a value follows. */
function wordsBeforeValues(form: string): string[] {
  return [...form.matchAll(/\b([A-Z]+) \[?(?=[a-z])/g)].map(([, word]) => word!);
}

interface TextBlock {
  readonly opens: RegExp;
  readonly closes: RegExp;
  /** It is none without its END. */
  readonly needsEnd?: boolean;
}

/** What opens a block of text, by the words of its line, and the words after END that close it. */
const textBlocks: readonly TextBlock[] = [
  { opens: /^BEGIN TALK$/, closes: /^[ \t]*END[ \t]+TALK\b/gim },
  { opens: /^BEGIN MAIL\b/, closes: /^[ \t]*END[ \t]+MAIL\b/gim },
  { opens: /^BEGIN SYS?TEM PROMPT$/, closes: /^[ \t]*END[ \t]+SYS?TEM[ \t]+PROMPT(?![a-z])/gim },
  // A BEGIN that is misspelled must not make statements of the text up to its END.
  { opens: /^BEGIN (?!TRANSACTION\b)[A-Z]/, closes: /^[ \t]*END[ \t]+(?:TALK|MAIL|SYS?TEM[ \t]+PROMPT)\b/gim, needsEnd: true },
  { opens: /^TABLE [^=.[(+]/, closes: /^[ \t]*END[ \t]+TABLE\b/gim },
];
/** A text that goes on over more lines or characters than this has lost its quote. */
const textLinesMax = 200;
const textCharactersMax = 20_000;

/** Letters, `_`, and what lies beyond Latin-1 but punctuation, among it the quotes of word processors. */
const isNameStart = (c: number): boolean =>
  (c >= 65 && c <= 90) ||
  (c >= 97 && c <= 122) ||
  c === 95 ||
  (c >= 0xc0 && c !== 0xd7 && c !== 0xf7 && !(c >= 0x2000 && c <= 0x206f) && c !== 0x3000 && c !== 0xfeff);
const isDigit = (c: number): boolean => c >= 48 && c <= 57;
const isNamePart = (c: number): boolean => isNameStart(c) || isDigit(c);
/** Blanks of all kinds, the byte order mark, and marks of no width. */
const isBlank = (c: number): boolean =>
  c === 32 ||
  (c >= 9 && c <= 13 && c !== 10) ||
  c === 0xa0 ||
  (c >= 0x2000 && c <= 0x200d) ||
  c === 0x202f ||
  c === 0x2060 ||
  c === 0x3000 ||
  c === 0xfeff;

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
  /** The word that the statement being read began with. */
  #statement = '';
  /** The first token of the line that is being read. */
  #lineStart = 0;
  /** Where the last line end that was looked for is: every quote and remark of a line asks for it. */
  #knownLineEnd = -1;
  /** No block of text ends in what follows; looked for once. */
  #hasNoEnd = false;
  /** Up to here no line closes an open text: looked for once, or many forgotten quotes would take for ever. */
  #noCloseUntil = -1;

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
      if (c === 10 || (c === 13 && text.charCodeAt(start + 1) !== 10)) {
        this.#newline();
        continue;
      }
      if (isBlank(c)) {
        this.#at++;
        this.#blank = true;
        continue;
      }
      if (this.#remarkStarts(c, start)) {
        this.#at = this.#lineEnd(start);
        continue;
      }
      if (isNameStart(c)) this.#name(start);
      else if (this.#otherBaseStarts(start)) this.#otherBase(start);
      else if (isDigit(c) || (c === 46 && isDigit(text.charCodeAt(start + 1)))) this.#number(start);
      else if (c === 34 || smartQuotes.includes(text[start]!)) this.#string(start, c === 34 ? '"' : smartQuotes);
      else if (c === 39) this.#string(start, "'");
      else if (c === 96) this.#string(start, '`');
      else this.#operator(start);
      this.#blank = false;
    }
    for (const open of this.#brackets) this.#bag.report('unclosed_bracket', this.#span(open.at, open.at + 1), `"${open.sign}"`);
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
    if (from > this.#knownLineEnd || this.#knownLineEnd < 0) {
      let end = from;
      while (end < this.#to && !isLineEnd(this.#text, end)) end++;
      this.#knownLineEnd = end;
    }
    return this.#knownLineEnd;
  }

  #atLineStart(): boolean {
    const last = this.#tokens.at(-1);
    return !last || last.kind === 'newline';
  }

  #remarkStarts(c: number, at: number): boolean {
    if (c === 39) return !(this.#expectsValue(at) && (this.#closesOnLine(at) || this.#isForgotten(at)));
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
    return before < 0 || isLineEnd(this.#text, before);
  }

  #startsStatement(): boolean {
    const last = this.#tokens.at(-1);
    return (
      !last ||
      last.kind === 'newline' ||
      (last.kind === 'operator' && last.upper === ':') ||
      last.upper === 'THEN' ||
      last.upper === 'ELSE' ||
      (last.kind === 'number' && this.#tokens.length - 1 === this.#lineStart)
    );
  }

  /** A remark cannot stand where a value must come: after a sign, or after a word like TALK, OR and FIND. */
  #expectsValue(at: number): boolean {
    const last = this.#tokens.at(-1);
    if (last?.kind === 'operator') return '=(,[{:+&<>'.includes(last.upper.at(-1)!);
    // In small letters it may be somebody's variable, but for TALK at the start of a line.
    const isTalk = last?.upper === 'TALK' && this.#tokens.length - 1 === this.#lineStart;
    const isWord = last?.kind === 'name' && (last.text === last.upper || isTalk);
    return isWord && this.#blank && valueWords.has(last.upper) && this.#closesLikeText(at);
  }

  /** `name = 'Ana` has lost a quote: what follows `=` cannot be left out. */
  #isForgotten(at: number): boolean {
    return this.#tokens.at(-1)?.upper === '=' && isNamePart(this.#text.charCodeAt(at + 1));
  }

  #closesOnLine(at: number): boolean {
    const close = this.#text.indexOf("'", at + 1);
    return close > 0 && close < this.#lineEnd(at);
  }

  /** The apostrophe of a remark like `'it's here` stands inside a word; that of a text does not. */
  #closesLikeText(at: number): boolean {
    const close = this.#text.indexOf("'", at + 1);
    return close > 0 && close < this.#lineEnd(at) && !isNamePart(this.#text.charCodeAt(close + 1));
  }

  #newline(): void {
    this.#at++;
    this.#line++;
    this.#blank = true;
    const last = this.#tokens.at(-1);
    if (!last || last.kind === 'newline') return;
    if (this.#brackets.length > 0) {
      if (!this.#nextLineStartsStatement() && !(endsValue(last) && this.#nextLineAssigns())) return;
      const open = this.#brackets[0]!;
      this.#bag.report('unclosed_bracket', this.#span(open.at, open.at + 1), `"${open.sign}"`);
      this.#brackets.length = 0;
    } else if (this.#continues(last) && !this.#nextLineStartsStatement() && !(last.upper !== ',' && this.#nextLineAssigns())) {
      return;
    } else if (last.kind === 'name' && last.upper === '_') {
      this.#tokens.pop();
      return;
    } else if (this.#queryContinues(last)) return;
    this.#push('newline', this.#at - 1, this.#at);
    const block = this.#openedText();
    if (block) this.#textBlock(block);
  }

  /** `x AND`, `UPDATE "t" SET` at the end of a line, and WHERE, JOIN and the like at the start of the next. */
  #queryContinues(last: Token): boolean {
    const before = this.#tokens.at(-2)?.upper;
    const isValue = before === '.' || before === ',';
    if (last.kind === 'name' && !isValue && endWords.has(last.upper) && this.#tokens.length - 1 > this.#lineStart)
      return last.upper === 'SET' ? this.#nextLineAssigns() : !this.#nextLineStartsStatement();
    const first = this.#tokens[this.#lineStart]!;
    const isQuery = this.#tokens.slice(this.#lineStart, this.#lineStart + 4).some((token) => queryWords.has(token.upper));
    if (!isQuery || first.upper === 'TABLE') return false;
    const next = /^[ \t]*(?:WHERE|(?:INNER |LEFT )?JOIN|FROM|(?:ORDER|GROUP)[ \t]+BY|AND|OR)[ \t]+[\w"']/i;
    return next.test(this.#text.slice(this.#at, Math.min(this.#to, this.#at + 100)));
  }

  /** A line ends in a comma or an operator and goes on; `i++` is complete, and so is `PRINT a,`. */
  #continues({ kind, upper: sign }: Token): boolean {
    if (sign === ',' && this.#statement === 'PRINT') return false;
    if (kind !== 'operator' || (sign === '+' && this.#tokens.at(-2)?.upper === '+')) return false;
    return sign === ',' || sign === '+' || sign === '&' || sign === '&&' || sign === '||';
  }

  /** Whether the next line that is not empty begins with a statement keyword that is not the key of an object. */
  #nextLineStartsStatement(): boolean {
    const line = this.#text.slice(this.#at, Math.min(this.#to, this.#at + 200));
    const [, word = '', sign = ''] = /^[ \t\r\n]*([A-Za-z]+)[ \t]*(["\w]|[:=])?/.exec(line) ?? [];
    const upper = word.toUpperCase();
    if (sign === ':' || sign === '=') return false;
    return statementStarts.has(upper) || (sign !== '' && softStarts.has(upper));
  }

  /** Whether the next line that is not empty gives a value to something: after a complete value it is no part of it. */
  #nextLineAssigns(): boolean {
    return /^\s*[A-Za-z_$][\w$.]{0,80}[ \t]*(?:\[[^\]\n]{0,80}\][ \t]*)?=[^=]/.test(
      this.#text.slice(this.#at, Math.min(this.#to, this.#at + 300)),
    );
  }

  /** The block of text that the line before opens, if it does. */
  #openedText(): TextBlock | undefined {
    const tokens = this.#tokens;
    const start = this.#lineStart;
    this.#lineStart = tokens.length;
    const first = tokens[start];
    if (first?.upper !== 'BEGIN' && first?.upper !== 'TABLE') return undefined;
    const words = tokens
      .slice(start, Math.min(start + 4, tokens.length - 1))
      .map(({ kind, upper }) => (kind === 'string' ? '"' : upper))
      .join(' ');
    return textBlocks.find(({ opens }) => opens.test(words));
  }

  /** The lines up to the END of the block become one token; without one, all that is left. */
  #textBlock({ closes, needsEnd }: TextBlock): void {
    const start = this.#at;
    if (needsEnd && this.#hasNoEnd) return;
    closes.lastIndex = start;
    const found = closes.exec(this.#text);
    if (needsEnd && !found) {
      this.#hasNoEnd = true;
      return;
    }
    const end = found && found.index < this.#to ? found.index : this.#to;
    this.#push('text', start, end, '', 0, this.#textParts(start, end), this.#text.slice(start, end));
    this.#at = end;
    this.#blank = true;
    this.#lineStart = this.#tokens.length;
  }

  /** `DATA` and an unquoted `DESCRIPTION` take the rest of their line as it is. */
  #restOfLine(word: string): void {
    let at = this.#at;
    while (at < this.#to && (this.#text[at] === ' ' || this.#text[at] === '\t')) at++;
    const sign = this.#text[at] ?? '';
    let end = this.#lineEnd(at);
    if (word === 'DATA') end = this.#dataEnd(at, end);
    if (at === this.#at || at >= end || '=.([,+'.includes(sign) || (word === 'DESCRIPTION' && quotes.includes(sign))) return;
    const text = this.#text.slice(at, end).trimEnd();
    this.#blank = true;
    this.#push('text', at, at + text.length, '', 0, [{ text }], text);
    this.#at = end;
  }

  /** DATA ends at a colon outside quotes. */
  #dataEnd(from: number, to: number): number {
    let isQuoted = false;
    for (let at = from; at < to; at++) {
      if (this.#text[at] === '"') isQuoted = !isQuoted;
      else if (this.#text[at] === ':' && !isQuoted) return at;
    }
    return to;
  }

  #textParts(start: number, end: number): StringPart[] {
    const text = this.#text;
    const lines = text
      .slice(start, end)
      .split(/\r\n?|\n/)
      .filter((line) => line.trim() !== '');
    const indent = lines.length ? Math.min(...lines.slice(0, 1000).map((line) => line.length - line.trimStart().length)) : 0;
    const parts: StringPart[] = [];
    let literal = '';
    let at = start;
    let lineStart = true;
    let unclosed = 0;
    while (at < end) {
      if (lineStart) {
        for (let skipped = 0; skipped < indent && at < end && !isLineEnd(text, at) && isBlank(text.charCodeAt(at)); skipped++)
          at++;
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
      const isEnd = isLineEnd(text, at);
      if (isEnd) literal += '\n';
      else if (c !== '\r') literal += c;
      lineStart = isEnd;
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
    const upper = text.toUpperCase();
    const startsStatement = this.#startsStatement();
    if (startsStatement) this.#statement = upper;
    this.#at = at;
    this.#push('name', start, at, upper, 0, noParts, text);
    if (startsStatement && (upper === 'DATA' || upper === 'DESCRIPTION')) this.#restOfLine(upper);
  }

  /** `&HFF` and `&O17`, where a value is expected; elsewhere `&` joins texts. */
  #otherBaseStarts(at: number): boolean {
    if (this.#text.charCodeAt(at) !== 38) return false;
    const last = this.#tokens.at(-1);
    const isOperand = !last || last.kind === 'newline' || (last.kind === 'operator' && !')]}'.includes(last.upper));
    return isOperand && /^&(?:[hH][0-9a-fA-F]|[oO][0-7])/.test(this.#text.slice(at, at + 3));
  }

  #otherBase(start: number): void {
    let end = start + 2;
    while (end < this.#to && isNamePart(this.#text.charCodeAt(end))) end++;
    const digits = this.#text.slice(start + 2, end);
    const value = Number(`0${/[hH]/.test(this.#text[start + 1]!) ? 'x' : 'o'}${digits}`);
    if (!Number.isFinite(value)) this.#bag.report('bad_number', this.#span(start, end), short(this.#text.slice(start, end)));
    this.#at = end;
    this.#push('number', start, end, this.#text.slice(start, end), Number.isFinite(value) ? value : 0);
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
    const lineEnd = quotes === '`' ? this.#to : quotes === "'" ? this.#lineEnd(start) : this.#textEnd(start, quotes);
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
    if (literal || parts.length === 0) parts.push({ text: literal.includes('\r') ? literal.replace(/\r\n?/g, '\n') : literal });
    this.#at = Math.min(at + 1, lineEnd === at ? lineEnd : this.#to);
    this.#push('string', start, this.#at, '', 0, parts);
  }

  /**
   * How far a text may go: to the end of its line, or, when that does not close it, past the first later line that does.
   * A line closes it when it has an odd number of quotes and what follows its first one can follow a text; the search
   * ends at a line that starts a statement.
   */
  #textEnd(start: number, quotes: string): number {
    const text = this.#text;
    const lineEnd = this.#lineEnd(start);
    if (start < this.#noCloseUntil || lineEnd >= this.#to || this.#closesBefore(start + 1, lineEnd, quotes)) return lineEnd;
    const limit = Math.min(this.#to, lineEnd + textCharactersMax);
    let at = lineEnd;
    for (let lines = 0; at < limit && lines < textLinesMax; lines++) {
      at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
      let end = at;
      let count = 0;
      let first = -1;
      for (; end < limit && !isLineEnd(text, end); end++) {
        if (text[end] === '\\') end++;
        else if (quotes.includes(text[end]!)) {
          if (first < 0) first = end;
          count++;
        }
      }
      if (this.#lineStartsStatement(at, end)) break;
      if (
        count % 2 === 1 &&
        /^["\u201c\u201d]\s*(?:$|[,)\]}+&;:']|\/\/|(?:AS|WITH|DESCRIPTION|LIKE|OPTIONAL|DEFAULT)\b)/i.test(
          text.slice(first, Math.min(end, first + 80)),
        )
      ) {
        return first + 1;
      }
      at = end;
    }
    this.#noCloseUntil = at;
    return lineEnd;
  }

  #closesBefore(from: number, to: number, quotes: string): boolean {
    for (let at = from; at < to; at++) {
      const c = this.#text[at]!;
      if (c === '\\') at++;
      else if (quotes.includes(c)) {
        if (quotes === '"' && this.#text[at + 1] === '"') at++;
        else return true;
      } else if (c === '$' && this.#text[at + 1] === '{') {
        const close = this.#interpolationEnd(at + 2, to);
        if (close > 0) at = close;
      }
    }
    return false;
  }

  #lineStartsStatement(from: number, to: number): boolean {
    let at = from;
    while (at < to && isBlank(this.#text.charCodeAt(at))) at++;
    assignmentStart.lastIndex = at;
    if (assignmentStart.test(this.#text) && assignmentStart.lastIndex <= to) return true;
    const word = /^[A-Z]+(?=[ \t]+["\w$({[]|[ \t]*$)/.exec(this.#text.slice(at, Math.min(to, at + 40)))?.[0];
    return word !== undefined && (statementStarts.has(word) || softStarts.has(word));
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
    if (two === '?.' && !isDigit(this.#text.charCodeAt(start + 2))) {
      this.#at = start + 2;
      this.#push('operator', start, this.#at, '.');
      return;
    }
    const sign = turnedOperators[two] ? two : twoCharacterOperators.has(two) ? two : this.#text[start]!;
    this.#at = start + sign.length;
    const isHash = sign === '#' && isNamePart(this.#text.charCodeAt(start + 1));
    if (!isHash && !oneCharacterOperators.includes(sign[0]!) && !twoCharacterOperators.has(sign)) return this.#stray(start);
    if (sign === '?' && this.#startsStatement()) this.#statement = 'PRINT';
    if (sign === '(' || sign === '[' || sign === '{' || sign === '#{') this.#brackets.push({ sign, at: start });
    else if (sign === ')' || sign === ']' || sign === '}') this.#brackets.pop();
    this.#push('operator', start, this.#at, turnedOperators[sign] ?? sign);
  }

  #stray(start: number): void {
    const code = this.#text.codePointAt(start)!;
    const character = String.fromCodePoint(code);
    this.#at = start + character.length;
    const shown = code < 32 || (code >= 127 && code < 160) ? `U+${code.toString(16).toUpperCase().padStart(4, '0')}` : character;
    const problem = foreignQuotes.includes(character) ? 'foreign_quotes' : 'unexpected_character';
    if (this.#strayLine !== this.#line) this.#bag.report(problem, this.#span(start, this.#at), shown);
    this.#strayLine = this.#line;
    if (this.#tokens.at(-1)?.kind !== 'error') this.#push('error', start, this.#at, shown);
  }
}

/** Quotes of word processors and of other languages; the curly double ones are read like straight ones. */
const foreignQuotes = '‘’‚‛«»‹›„´';

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '', t: '\t' };
const oneCharacterOperators = '+-*/\\^&=<>(),:;[]{}.?!';
const quotes = '"\'`\u201c\u201d';
/** As many people write them. */
const turnedOperators: Readonly<Record<string, string>> = { '=>': '>=', '=<': '<=' };
const twoCharacterOperators = new Set(['<>', '<=', '>=', '!=', '==', '+=', '-=', '*=', '/=', '&&', '||', '#{']);

/** A line feed, or a carriage return that none follows: files of old Macintoshes have only these. */
function isLineEnd(text: string, at: number): boolean {
  const c = text.charCodeAt(at);
  return c === 10 || (c === 13 && text.charCodeAt(at + 1) !== 10);
}

function endsValue({ kind, upper }: Token): boolean {
  return kind === 'operator' ? upper === ')' || upper === ']' || upper === '}' : kind !== 'newline';
}

function trimmedEnd(text: string, end: number): number {
  let at = end;
  while (at > 0 && isBlank(text.charCodeAt(at - 1))) at--;
  return at;
}

/** A word cut to a length that fits in a sentence. */
export function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
