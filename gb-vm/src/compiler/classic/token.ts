import type { DiagnosticBag } from '../diagnostics.ts';
import { short } from '../lexer.ts';
import type { MessageCode } from '../messages.ts';
import type { SourceFile, Span } from '../source.ts';

export interface Token {
  /** A `word` is a keyword or a function of the dialect; `data` is the rest of a DATA statement, unread. */
  readonly kind: 'number' | 'text' | 'word' | 'name' | 'sign' | 'data' | 'error' | 'end';
  readonly start: number;
  readonly end: number;
  /** Upper case for words and names; the characters between the quotes for a text. */
  readonly text: string;
  readonly value: number;
}

/** Thrown after the diagnostic is written; caught where the reader can start afresh: the next statement or line. */
export class LineFailure extends Error {}

/** Parentheses inside parentheses beyond this are refused, because later phases walk the tree by recursion. */
const parenthesesMax = 100;

/** A cursor over the tokens of one line. Its last token is always `end` and is never passed. */
export class Cursor {
  readonly file: SourceFile;
  readonly bag: DiagnosticBag;
  position = 0;
  readonly #tokens: readonly Token[];
  #depth = 0;

  constructor(file: SourceFile, bag: DiagnosticBag, tokens: readonly Token[]) {
    this.file = file;
    this.bag = bag;
    this.#tokens = tokens;
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.position + ahead, this.#tokens.length - 1)]!;
  }

  last(): Token {
    return this.#tokens[Math.max(0, this.position - 1)]!;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.position++;
    return token;
  }

  /** Whether this sign or keyword is next; a name or a quoted text never matches. */
  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.text === text && (token.kind === 'sign' || token.kind === 'word');
  }

  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.position++;
    return true;
  }

  expect(text: string): Token {
    if (!this.is(text)) this.fail('expected_token', this.span(this.peek()), text, this.show(this.peek()));
    return this.next();
  }

  span(token: Token): Span {
    return { file: this.file.index, start: token.start, end: token.end };
  }

  /** From this token to the last one taken. */
  from(first: Token): Span {
    return { file: this.file.index, start: first.start, end: Math.max(first.end, this.last().end) };
  }

  /** How a token is called in a message. */
  show(token: Token): string {
    if (token.kind === 'end') return this.bag.locale === 'pt-BR' ? 'o fim da linha' : 'the end of the line';
    return short(this.file.text.slice(token.start, token.end));
  }

  fail(code: MessageCode, span: Span, ...args: readonly (string | number)[]): never {
    this.bag.report(code, span, ...args);
    throw new LineFailure();
  }

  enter(): void {
    if (++this.#depth > parenthesesMax) this.fail('nesting_too_deep', this.span(this.peek()), parenthesesMax);
  }

  leave(): void {
    this.#depth--;
  }

  resetDepth(): void {
    this.#depth = 0;
  }
}
