import type { Expression } from './ast.ts';
import type { DiagnosticBag } from './diagnostics.ts';
import { short, type Token } from './lexer.ts';
import type { MessageCode } from './messages.ts';
import type { SourceFile, Span } from './source.ts';

/** Thrown by `fail` after the diagnostic is written, and caught where the parser can start afresh. */
export class ParseFailure extends Error {}

/** Always the same one: it carries nothing, and a file of noise throws it for each of its lines. */
const failure = new ParseFailure();

const recursionMax = 200;

/** Reads values that begin with words only one dialect knows, or answers null and has taken nothing. */
export type WordReader = (stream: TokenStream) => Expression | null;

/** A cursor over tokens with the few questions a parser asks. The last token is always `end` and is never passed. */
export class TokenStream {
  readonly file: SourceFile;
  readonly bag: DiagnosticBag;
  /** Makes the object of the innermost WITH, for a leading dot. */
  withTarget: (() => Expression) | null = null;
  /** Asked at every word where a value may begin. */
  readWord: WordReader | null = null;
  /** Gathers where words of the language begin; null when nobody asks. */
  words: Set<number> | null = null;
  /** Inside how many `{ }` we are, where a comma may begin the next entry. */
  objectDepth = 0;
  readonly #tokens: readonly Token[];
  #closers: Int32Array | null = null;
  #at = 0;
  #depth = 0;

  constructor(file: SourceFile, bag: DiagnosticBag, tokens: readonly Token[], depth = 0) {
    this.file = file;
    this.bag = bag;
    this.#tokens = tokens;
    this.#depth = depth;
  }

  nested(tokens: readonly Token[]): TokenStream {
    const stream = new TokenStream(this.file, this.bag, tokens, this.#depth + 1);
    stream.withTarget = this.withTarget;
    stream.readWord = this.readWord;
    stream.words = this.words;
    stream.objectDepth = 0;
    return stream;
  }

  get position(): number {
    return this.#at;
  }

  /** Back, or on, to a place that `position` gave. */
  seek(position: number): void {
    this.#at = position;
  }

  /** How far ahead the bracket closes that stands `ahead` of here; 0 when it never does. All pairs are found in one pass. */
  closerOf(ahead: number): number {
    this.#closers ??= pairs(this.#tokens);
    const at = this.#at + ahead;
    const closer = this.#closers[at] ?? 0;
    return closer > at ? closer - this.#at : 0;
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!;
  }

  last(): Token {
    return this.#tokens[Math.max(0, this.#at - 1)]!;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  /** Whether this sign or word is next; a quoted text never matches. */
  is(upper: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.upper === upper && (token.kind === 'operator' || token.kind === 'name');
  }

  accept(upper: string): boolean {
    if (!this.is(upper)) return false;
    this.#word(this.next());
    return true;
  }

  /** A comma that separates values, and not the entries of an object around them: `{a: F x, b: 1}`. */
  isComma(ahead = 0): boolean {
    if (!this.is(',', ahead)) return false;
    const { kind } = this.peek(ahead + 1);
    return this.objectDepth === 0 || kind === 'operator' || !(this.is(':', ahead + 2) || this.is('=', ahead + 2));
  }

  expect(upper: string): Token {
    if (!this.is(upper)) this.fail('expected_token', this.span(this.peek()), quoted(upper), this.show(this.peek()));
    return this.#word(this.next());
  }

  #word(token: Token): Token {
    if (this.words !== null && token.kind === 'name') this.words.add(token.start);
    return token;
  }

  /** The closer of a bracket. At the end of the line it is the opener that is wrong, which the lexer has seen too. */
  expectClose(upper: string, open: Token): Token {
    const token = this.peek();
    if (!this.is(upper) && (token.kind === 'newline' || token.kind === 'end'))
      this.fail('unclosed_bracket', this.span(open), quoted(open.upper));
    return this.expect(upper);
  }

  span(token: Token): Span {
    return { file: this.file.index, start: token.start, end: token.end };
  }

  /** How a token is called in a message. */
  show(token: Token): string {
    if (token.kind === 'newline' || token.kind === 'end')
      return this.bag.locale === 'pt-BR' ? 'o fim da linha' : 'the end of the line';
    if (token.kind === 'error') return token.upper;
    const text = short(this.file.text.slice(token.start, token.end));
    return token.kind === 'operator' ? quoted(text) : text;
  }

  fail(code: MessageCode, span: Span, ...args: readonly (string | number)[]): never {
    this.bag.report(code, span, ...args);
    throw failure;
  }

  /** Guards the recursion of expressions. */
  enter(): void {
    if (++this.#depth > recursionMax) this.fail('nesting_too_deep', this.span(this.peek()), recursionMax);
  }

  leave(): void {
    this.#depth--;
  }

  /** After a failure: outside all expressions again. */
  reset(): void {
    this.#depth = 0;
    this.objectDepth = 0;
  }

  /** To the end of the line, or just before `word` on it. */
  skipLine(word?: string): void {
    while (this.peek().kind !== 'newline' && this.peek().kind !== 'end' && !(word && this.is(word))) this.next();
  }

  skipToEnd(): void {
    this.#at = this.#tokens.length - 1;
  }
}

/** A sign stands in quotes in a sentence, or it would read as part of it; a word does not. */
export function quoted(text: string): string {
  return /^[\p{L}\p{N}_]/u.test(text) ? text : `"${text}"`;
}

function pairs(tokens: readonly Token[]): Int32Array {
  const closers = new Int32Array(tokens.length);
  const open: number[] = [];
  for (const [index, { kind, upper }] of tokens.entries()) {
    if (kind === 'newline') open.length = 0;
    else if (kind !== 'operator') continue;
    else if (upper === '(' || upper === '[' || upper === '{' || upper === '#{') open.push(index);
    else if (upper === ')' || upper === ']' || upper === '}') {
      const opener = open.pop();
      if (opener !== undefined) closers[opener] = index;
    }
  }
  return closers;
}
