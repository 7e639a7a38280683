import type { Declaration, Expression, Procedure, Statement } from '../ast.ts';
import type { DiagnosticBag, Locale } from '../diagnostics.ts';
import { keywordMeant, typeMeant } from '../foreign-words.ts';
import { keywords, reservedWords, typeNames } from '../keywords/index.ts';
import type { Token } from '../lexer.ts';
import { didYouMean, type MessageCode } from '../messages.ts';
import { startsValue } from '../parse-expression.ts';
import { join, type Span } from '../source.ts';
import { nearest } from '../suggest.ts';
import { ParseFailure, type TokenStream } from '../token-stream.ts';
import {
  type BlockWord,
  type Closer,
  closerHere,
  closing,
  isChoosing,
  isClosedLater,
  missing,
  type OpenBlock,
} from './closers.ts';
import { failNear } from './host.ts';
import { nearKeyword } from './host-words.ts';
import type { KnownNames } from './known-names.ts';
import { makeNode } from './nodes.ts';
import type { ParseRecord } from './record.ts';
import type { RecordField } from './records.ts';

/** Blocks inside blocks beyond this are refused; nobody reads them, and recursion must end somewhere. */
export const blockDepthMax = 200;

/** Words that begin a statement of several words. */
const openers = ['IF', 'ELSEIF', 'FOR', 'SELECT', 'SWITCH', 'WHILE', 'ON', 'DO'];

/** What one statement became; an empty list when it only declared something. */
export type StatementReader = (context: ParseContext) => readonly Statement[];

/**
 * What the readers of statements share: the tokens, the blocks that are open, and the recovery from errors.
 *
 * Recovery: an error inside a statement costs that line. A closer that does not fit the innermost block but fits an
 * outer one ends the inner block, with one message that names its opener; a closer that fits nothing is reported and
 * skipped; SUB and FUNCTION can only stand at the top, so meeting one closes everything open.
 */
export class ParseContext {
  readonly stream: TokenStream;
  readonly bag: DiagnosticBag;
  readonly known: KnownNames;
  readonly open: OpenBlock[] = [];
  readonly procedures: Procedure[] = [];
  readonly declarations: Declaration[] = [];
  /** The kinds of objects that TYPE declared. */
  readonly records = new Map<string, readonly RecordField[]>();
  readonly constants = new Set<string>();
  /** Whether the script says SET TRANSLATOR somewhere. */
  readonly translates: boolean;
  isInSingleLineIf = false;
  readonly #locale: Locale;
  readonly #readStatement: StatementReader;
  readonly #record: ParseRecord | null;
  /** Of each open block, where its ELSE, CASE and the like are; kept for the record only. */
  readonly #middles: number[][] = [];
  /** Where the last NEXT is: `NEXT j, i` closes two. */
  #lastNext = 0;
  #gaveUp = false;
  /** The innermost block has just been closed by something else. */
  #isClosed = false;
  /** Where the statement at hand begins. */
  #statementAt = 0;
  /** After `NEXT a,` another NEXT is meant. */
  isNextPending = false;

  constructor(
    stream: TokenStream,
    bag: DiagnosticBag,
    locale: Locale,
    known: KnownNames,
    readStatement: StatementReader,
    record: ParseRecord | null = null,
  ) {
    this.#record = record;
    this.stream = stream;
    this.translates = /\bSET[ \t_]+TRANSLATOR\b/i.test(stream.file.text);
    this.bag = bag;
    this.known = known;
    this.#locale = locale;
    this.#readStatement = readStatement;
  }

  /** Statements up to the closer of `block` (not taken), or to where the block must be given up. */
  block(block: OpenBlock | null): Statement[] {
    const { stream } = this;
    const statements: Statement[] = [];
    for (;;) {
      while (stream.peek().kind === 'newline' || stream.is(':') || stream.is(';')) stream.next();
      if (stream.peek().kind === 'end' || this.#gaveUp) return statements;
      if (this.#lineNumber(statements)) continue;
      if (this.startsProcedure()) return statements;
      const closer = this.closer();
      if (closer) {
        if (block && closer.word === block.word) {
          if (closer.isMiddle) this.#middles.at(-1)?.push(stream.peek().start);
          return statements;
        }
        if (this.open.some((open) => open.word === closer.word)) {
          const inner = this.open.at(-1)!;
          this.bag.report(
            'block_mismatch',
            stream.span(stream.peek()),
            closer.shown,
            inner.word,
            inner.line,
            closing[inner.word],
          );
          return statements;
        }
        if (block && !this.#mayBeClosed(block, closer)) {
          const shown = stream.span(stream.peek());
          this.bag.report('block_mismatch', shown, closer.shown, block.word, block.line, closing[block.word]);
          stream.skipLine();
          this.#isClosed = true;
          return statements;
        }
        this.#unopened(closer);
        continue;
      }
      const before = stream.position;
      this.#line(statements);
      if (stream.position === before) stream.next();
    }
  }

  closer(): Closer | null {
    if (this.isNextPending) return { word: 'FOR', shown: 'NEXT', isMiddle: false };
    return closerHere(this.stream, this.open, this.known);
  }

  /** Whether a closer that fits nothing is one too many, rather than in place of the one of this block. */
  #mayBeClosed({ word, span }: OpenBlock, { word: given, isMiddle }: Closer): boolean {
    // Looking on to the end of the file is only for who hears of it.
    return isMiddle || given === 'TEXT' || !this.bag.wants(this.stream.span(this.stream.peek())) || !this.bag.wants(span)
      ? true
      : isClosedLater(this.stream, word);
  }

  #unopened(closer: Closer): void {
    const span = this.stream.span(this.stream.peek());
    this.isNextPending = false;
    if (closer.word === 'SELECT' && closer.isMiddle) this.bag.report('case_outside_select', span);
    else if (this.stream.is('ELSE') && isChoosing(this.open)) this.bag.report('else_in_select', span);
    else this.bag.report('unopened_block', span, closer.shown, closer.opener ?? closer.word);
    this.stream.skipLine();
  }

  /** The number in front of a line, which may hold anything, or nothing but a remark. It is a label when it is jumped to. */
  #lineNumber(statements: Statement[]): boolean {
    const { stream } = this;
    const token = stream.peek();
    const isFirst = stream.position === 0 || stream.last().kind === 'newline';
    if (!isFirst || token.kind !== 'number' || !['name', 'newline', 'end'].includes(stream.peek(1).kind)) return false;
    stream.next();
    const name = String(token.value);
    if (this.known.isLabel(name)) statements.push({ kind: 'label', span: stream.span(token), name });
    return true;
  }

  /** One statement and whatever follows it wrongly on its line. */
  #line(statements: Statement[]): void {
    const { stream } = this;
    const start = stream.peek();
    try {
      this.#statementAt = stream.position;
      // `TALK "a"; "b"`: the semicolon of PRINT would begin a statement here.
      if (stream.last().upper === ';' && statements.at(-1)?.kind === 'talk' && stream.peek().kind === 'string')
        stream.fail('talk_one_value', stream.span(stream.peek()));
      statements.push(...this.#readStatement(this));
      this.endOfStatement();
    } catch (failure) {
      if (!(failure instanceof ParseFailure)) throw failure;
      stream.reset();
      statements.push({ kind: 'error', span: stream.span(start) });
      stream.skipLine();
    }
  }

  /** The statements of one line up to its end, or ELSE, of a single-line IF. */
  restOfLine(): Statement[] {
    const { stream } = this;
    const statements: Statement[] = [];
    while (stream.peek().kind !== 'newline' && stream.peek().kind !== 'end' && !stream.is('ELSE')) {
      if (stream.accept(':') || stream.accept(';')) continue;
      statements.push(...this.#readStatement(this));
      this.endOfStatement();
    }
    return statements;
  }

  endOfStatement(): void {
    const { stream } = this;
    const token = stream.peek();
    if (token.kind === 'newline' || token.kind === 'end' || token.kind === 'text' || stream.is(':') || stream.is(';')) return;
    const last = stream.last();
    // A block that was given up ends where the next line begins; a label may have its statement beside it.
    if (last.kind === 'newline' || this.isNextPending || (last.upper === ':' && last.kind === 'operator')) return;
    if (stream.is('ELSE') && this.isInSingleLineIf) return;
    if (token.kind === 'name') this.#afterWord(token);
    if (last.kind === 'name' && !reservedWords.has(last.upper) && startsValue(stream)) this.#unknown(last);
    const next = stream.peek(1);
    if (token.upper === ',' && token.glued && last.kind === 'number' && next.kind === 'number' && next.glued)
      stream.fail('decimal_comma', join(stream.span(last), stream.span(next)), `${last.value}.${textOf(stream, next)}`);
    const isTalk = stream.is('TALK', this.#statementAt - stream.position);
    if (isTalk && (token.upper === ',' || startsValue(stream))) stream.fail('talk_one_value', stream.span(token));
    stream.fail('expected_end_of_statement', stream.span(token), stream.show(token));
  }

  /** The word a statement should have ended before often shows what its first word was meant to be. */
  #afterWord(token: Token): void {
    const { stream } = this;
    const first = stream.peek(this.#statementAt - stream.position);
    const isHear = first.kind === 'name' && first.upper === 'HEAR';
    if (isHear) {
      const isType = typeNames.has(token.upper) || typeMeant(token.upper) !== null;
      if (isType && !stream.is('AS', -2)) stream.fail('expected_token', stream.span(token), 'AS', stream.show(token));
      stream.fail('expected_end_of_statement', stream.span(token), stream.show(token));
    }
    const isOurs = first.kind !== 'name' || reservedWords.has(first.upper) || this.known.isProcedure(first.upper);
    if (isOurs || this.known.isVariable(first.upper) || !this.bag.wants(stream.span(token))) return;
    const next = stream.peek(this.#statementAt + 1 - stream.position);
    const goesOn = ['THEN', 'CASE', 'TO', 'IN', 'DO', 'GOTO'].includes(token.upper);
    const meant =
      keywordMeant(first.upper, next.kind === 'name' ? next.upper : null) ?? (goesOn ? nearest(first.upper, openers) : null);
    if (meant) stream.fail('unknown_procedure', stream.span(first), first.text, didYouMean(this.#locale, meant));
  }

  #unknown(token: Token): never {
    const isTalk = /^[ \t]*TALK[ \t]+[^"'`\u201c\u201d]*$/i.test(lineBefore(this.stream.file.text, token.start));
    if (isTalk) this.stream.fail('talk_one_value', this.stream.span(this.stream.peek()));
    // Nobody sees what a full bag does not take, and comparing with every keyword costs.
    const isWanted = this.bag.wants(this.stream.span(token));
    this.failWhenNear();
    const near = isWanted && this.#near(this.stream.position - 1);
    if (near) failNear(this.stream, near);
    const next = this.stream.peek();
    const suggestion = !isWanted
      ? null
      : (keywordMeant(token.upper, next.kind === 'name' ? next.upper : null) ??
        nearest(token.upper, [...keywords.map(({ name }) => name), ...this.procedures.map(({ display }) => display)]));
    return this.stream.fail('unknown_procedure', this.stream.span(token), token.text, didYouMean(this.#locale, suggestion));
  }

  /** Says so when the statement at hand begins with what is nearly a keyword of several words. */
  failWhenNear(): void {
    const near = this.bag.wants(this.stream.span(this.stream.peek())) && this.#near(this.#statementAt);
    if (near) failNear(this.stream, near);
  }

  /** The keyword of several words that is meant at a place, when its first word is nobody's. */
  #near(position: number): ReturnType<typeof nearKeyword> {
    const ahead = position - this.stream.position;
    const first = this.stream.peek(ahead);
    if (first.kind !== 'name' || this.known.isProcedure(first.upper)) return null;
    return nearKeyword(this.stream, ahead);
  }

  startsProcedure(): boolean {
    const { stream } = this;
    return (stream.is('SUB') || stream.is('FUNCTION')) && stream.peek(1).kind === 'name';
  }

  /** Runs `body` as an open block and takes its closer; reports a missing one at the opener. */
  inside<T>(word: BlockWord, opener: Token, body: (block: OpenBlock) => T): T {
    const { stream } = this;
    const span = stream.span(opener);
    const block: OpenBlock = { word, span, line: this.lineOf(span) };
    if (this.open.length >= blockDepthMax) {
      this.bag.report('nesting_too_deep', span, blockDepthMax);
      this.#gaveUp = true;
      stream.skipToEnd();
    }
    this.open.push(block);
    const middles: number[] = [];
    this.#middles.push(middles);
    let result: T;
    try {
      result = body(block);
    } finally {
      // Also when the body gives up, or everything after it would be inside a block that is no more.
      this.#middles.pop();
      this.open.pop();
    }
    if (this.#isClosed) {
      this.#isClosed = false;
      return result;
    }
    const closer = this.closer();
    const isClosed = closer?.word === word;
    if (stream.is('NEXT')) this.#lastNext = stream.peek().start;
    const end = this.isNextPending ? this.#lastNext : stream.peek().start;
    this.#record?.blocks.push({ word, start: opener.start, middles, end, isClosed });
    if (isClosed) this.#takeCloser(closer);
    else if (!closer && !this.#gaveUp) this.bag.report(missing[word], span);
    return result;
  }

  #takeCloser(closer: Closer): void {
    if (this.isNextPending) this.isNextPending = false;
    else for (let words = closer.words ?? 1; words > 0; words--) this.stream.next();
  }

  lineOf(span: Span): number {
    return this.bag.place(span.file, span.start).line;
  }

  from(first: Token): Span {
    return join(this.stream.span(first), this.stream.span(this.stream.last()));
  }

  atEnd(): boolean {
    const token = this.stream.peek();
    return (
      token.kind === 'newline' ||
      token.kind === 'end' ||
      this.stream.is(':') ||
      this.stream.is(';') ||
      (this.stream.is('ELSE') && this.isInSingleLineIf)
    );
  }

  /** A value in the head of a block: an error in it must not hide the block from its closer. */
  guarded(read: () => Expression, until?: string): Expression {
    const { stream } = this;
    const start = stream.peek();
    try {
      return read();
    } catch (failure) {
      if (!(failure instanceof ParseFailure)) throw failure;
      stream.reset();
      stream.skipLine(until);
      return makeNode(stream.span(start), 1, { kind: 'error' });
    }
  }

  report(code: MessageCode, token: Token, ...args: readonly (string | number)[]): void {
    this.bag.report(code, this.stream.span(token), ...args);
  }
}

const textOf = (stream: TokenStream, { start, end }: Token): string => stream.file.text.slice(start, end);

function lineBefore(text: string, at: number): string {
  const before = text.slice(Math.max(0, at - 200), at);
  return before.slice(Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r')) + 1);
}
