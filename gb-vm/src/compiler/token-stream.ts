import type { Expression } from './ast.ts';
import type { DiagnosticBag } from './diagnostics.ts';
import { short, type Token } from './lexer.ts';
import type { MessageCode } from './messages.ts';
import type { SourceFile, Span } from './source.ts';

/** Thrown by `fail` after the diagnostic is written, and caught where the parser can start afresh. */
export class ParseFailure extends Error {}

const recursionMax = 200;

/** A cursor over tokens with the few questions a parser asks. The last token is always `end` and is never passed. */
export class TokenStream {
  readonly file: SourceFile;
  readonly bag: DiagnosticBag;
  /** Makes the object of the innermost WITH, for a leading dot. */
  withTarget: (() => Expression) | null = null;
  readonly #tokens: readonly Token[];
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
    return stream;
  }

  get position(): number {
    return this.#at;
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
    this.next();
    return true;
  }

  expect(upper: string): Token {
    if (!this.is(upper)) this.fail('expected_token', this.span(this.peek()), upper, this.show(this.peek()));
    return this.next();
  }

  /** The closer of a bracket. At the end of the line it is the opener that is wrong, which the lexer has seen too. */
  expectClose(upper: string, open: Token): Token {
    const token = this.peek();
    if (!this.is(upper) && (token.kind === 'newline' || token.kind === 'end'))
      this.fail('unclosed_bracket', this.span(open), open.upper);
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
    return short(this.file.text.slice(token.start, token.end));
  }

  fail(code: MessageCode, span: Span, ...args: readonly (string | number)[]): never {
    this.bag.report(code, span, ...args);
    throw new ParseFailure();
  }

  /** Guards the recursion of expressions. */
  enter(): void {
    if (++this.#depth > recursionMax) this.fail('nesting_too_deep', this.span(this.peek()), recursionMax);
  }

  leave(): void {
    this.#depth--;
  }

  resetDepth(): void {
    this.#depth = 0;
  }

  /** To the end of the line, or just before `word` on it. */
  skipLine(word?: string): void {
    while (this.peek().kind !== 'newline' && this.peek().kind !== 'end' && !(word && this.is(word))) this.next();
  }

  skipToEnd(): void {
    this.#at = this.#tokens.length - 1;
  }
}
