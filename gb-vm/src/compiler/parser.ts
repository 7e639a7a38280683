import type {
  BinaryOperator,
  Branch,
  CaseTest,
  Dim,
  ExitKind,
  Expression,
  Procedure,
  Script,
  Select,
  Statement,
  Target,
} from './ast.ts';
import type { DiagnosticBag, Locale } from './diagnostics.ts';
import { keywords, reservedWords, typeNames } from './keywords.ts';
import { lex, type Token } from './lexer.ts';
import { didYouMean, type MessageCode } from './messages.ts';
import { applyNode, makeNode, parseExpression, parseParts, parsePostfix, startsValue } from './parse-expression.ts';
import { join, type SourceFile, type Span } from './source.ts';
import { nearest } from './suggest.ts';
import { ParseFailure, TokenStream } from './token-stream.ts';

/** Blocks inside blocks beyond this are refused; nobody reads them, and recursion must end somewhere. */
export const blockDepthMax = 200;

type BlockWord = 'IF' | 'FOR' | 'WHILE' | 'DO' | 'SELECT' | 'SUB' | 'FUNCTION' | 'WITH';

interface OpenBlock {
  readonly word: BlockWord;
  readonly span: Span;
  readonly line: number;
}

interface Closer {
  readonly word: BlockWord | 'TALK';
  readonly shown: string;
  /** ELSE and CASE continue their block rather than end it. */
  readonly isMiddle: boolean;
}

const closing: Readonly<Record<BlockWord, string>> = {
  IF: 'END IF',
  FOR: 'NEXT',
  WHILE: 'WEND',
  DO: 'LOOP',
  SELECT: 'END SELECT',
  SUB: 'END SUB',
  FUNCTION: 'END FUNCTION',
  WITH: 'END WITH',
};
const missing: Readonly<Record<BlockWord, MessageCode>> = {
  IF: 'missing_end_if',
  FOR: 'missing_next',
  WHILE: 'missing_wend',
  DO: 'missing_loop',
  SELECT: 'missing_end_select',
  SUB: 'missing_end_sub',
  FUNCTION: 'missing_end_function',
  WITH: 'missing_end_with',
};
const exitKinds = new Set<string>(['FOR', 'WHILE', 'DO', 'SUB', 'FUNCTION', 'SELECT']);

/**
 * Reads one script by recursive descent. It always returns a tree.
 *
 * Recovery: an error inside a statement costs that line. A closer that does not fit the innermost block but fits an
 * outer one ends the inner block, with one message that names its opener; a closer that fits nothing is reported and
 * skipped; SUB and FUNCTION can only stand at the top, so meeting one closes everything open.
 */
export function parse(file: SourceFile, bag: DiagnosticBag, locale: Locale): Script {
  return new Parser(file, bag, locale).script();
}

class Parser {
  readonly #stream: TokenStream;
  readonly #bag: DiagnosticBag;
  readonly #locale: Locale;
  readonly #open: OpenBlock[] = [];
  readonly #procedures: Procedure[] = [];
  #gaveUp = false;

  constructor(file: SourceFile, bag: DiagnosticBag, locale: Locale) {
    this.#bag = bag;
    this.#locale = locale;
    this.#stream = new TokenStream(file, bag, lex(file, bag));
  }

  script(): Script {
    const statements: Statement[] = [];
    while (this.#stream.peek().kind !== 'end') {
      statements.push(...this.#block(null));
      if (this.#stream.peek().kind === 'end') break;
      this.#procedure(statements);
    }
    return { statements, procedures: this.#procedures };
  }

  /** Statements up to the closer of `block` (not taken), or to where the block must be given up. */
  #block(block: OpenBlock | null): Statement[] {
    const stream = this.#stream;
    const statements: Statement[] = [];
    for (;;) {
      while (stream.peek().kind === 'newline' || stream.is(':') || stream.is(';')) stream.next();
      if (stream.peek().kind === 'end' || this.#gaveUp) return statements;
      if (this.#startsProcedure()) return statements;
      const closer = this.#closerHere();
      if (closer) {
        if (block && closer.word === block.word) return statements;
        if (this.#open.some((open) => open.word === closer.word)) {
          const inner = this.#open.at(-1)!;
          this.#bag.report(
            'block_mismatch',
            stream.span(stream.peek()),
            closer.shown,
            inner.word,
            inner.line,
            closing[inner.word],
          );
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

  #unopened(closer: Closer): void {
    const stream = this.#stream;
    const span = stream.span(stream.peek());
    if (closer.word === 'SELECT' && closer.isMiddle) this.#bag.report('case_outside_select', span);
    else this.#bag.report('unopened_block', span, closer.shown, closer.word === 'TALK' ? 'BEGIN TALK' : closer.word);
    stream.skipLine();
  }

  /** One statement and whatever follows it wrongly on its line. */
  #line(statements: Statement[]): void {
    const stream = this.#stream;
    const start = stream.peek();
    try {
      if (start.kind === 'number' && stream.peek(1).kind === 'name') stream.next();
      const statement = this.#statement();
      if (statement) statements.push(statement);
      this.#endOfStatement();
    } catch (failure) {
      if (!(failure instanceof ParseFailure)) throw failure;
      stream.resetDepth();
      statements.push({ kind: 'error', span: stream.span(start) });
      stream.skipLine();
    }
  }

  #endOfStatement(): void {
    const stream = this.#stream;
    const token = stream.peek();
    if (token.kind === 'newline' || token.kind === 'end' || token.kind === 'text' || stream.is(':') || stream.is(';')) return;
    const last = stream.last();
    // A block that was given up ends where the next line begins.
    if (last.kind === 'newline') return;
    if (stream.is('ELSE') && this.#isInSingleLineIf) return;
    if (last.kind === 'name' && !reservedWords.has(last.upper) && startsValue(stream)) this.#unknown(last);
    stream.fail('expected_end_of_statement', stream.span(token), stream.show(token));
  }

  #unknown(token: Token): never {
    const suggestion = nearest(token.upper, [
      ...keywords.map((keyword) => keyword.name),
      ...this.#procedures.map((procedure) => procedure.display),
    ]);
    return this.#stream.fail('unknown_procedure', this.#stream.span(token), token.text, didYouMean(this.#locale, suggestion));
  }

  #isInSingleLineIf = false;

  #closerHere(): Closer | null {
    const stream = this.#stream;
    const token = stream.peek();
    if (token.kind !== 'name' || stream.is('=', 1)) return null;
    switch (token.upper) {
      case 'NEXT':
        return { word: 'FOR', shown: 'NEXT', isMiddle: false };
      case 'WEND':
        return { word: 'WHILE', shown: 'WEND', isMiddle: false };
      case 'LOOP':
        return { word: 'DO', shown: 'LOOP', isMiddle: false };
      case 'ENDIF':
        return { word: 'IF', shown: 'ENDIF', isMiddle: false };
      case 'ELSE':
      case 'ELSEIF':
        return { word: 'IF', shown: token.upper, isMiddle: true };
      case 'CASE':
        return { word: 'SELECT', shown: 'CASE', isMiddle: true };
      case 'END': {
        const what = stream.peek(1).upper;
        if (what in closing || what === 'TALK') return { word: what as BlockWord, shown: `END ${what}`, isMiddle: false };
        return null;
      }
      default:
        return null;
    }
  }

  #startsProcedure(): boolean {
    const stream = this.#stream;
    return (stream.is('SUB') || stream.is('FUNCTION')) && stream.peek(1).kind === 'name';
  }

  /** Runs `body` as an open block and takes its closer; reports a missing one at the opener. */
  #inside<T>(word: BlockWord, opener: Token, body: (block: OpenBlock) => T): T {
    const stream = this.#stream;
    const span = stream.span(opener);
    const block: OpenBlock = { word, span, line: this.#bag.place(span.file, span.start).line };
    if (this.#open.length >= blockDepthMax) {
      this.#bag.report('nesting_too_deep', span, blockDepthMax);
      this.#gaveUp = true;
      stream.skipToEnd();
    }
    this.#open.push(block);
    const result = body(block);
    this.#open.pop();
    const closer = this.#closerHere();
    if (closer?.word === word) this.#takeCloser();
    else if (!closer && !this.#gaveUp) this.#bag.report(missing[word], span);
    return result;
  }

  #takeCloser(): void {
    const stream = this.#stream;
    if (stream.next().upper === 'END') stream.next();
  }

  #statement(): Statement | null {
    const stream = this.#stream;
    const token = stream.peek();
    if (token.kind !== 'name') {
      if (token.kind === 'error') {
        stream.skipLine();
        return { kind: 'error', span: stream.span(token) };
      }
      if (token.upper === '.' && stream.withTarget) return this.#plain(token);
      stream.fail('expected_statement', stream.span(token), stream.show(token));
    }
    if (!this.#isWordOfStatement(token)) return this.#plain(token);
    stream.next();
    switch (token.upper) {
      case 'TALK':
      case 'PRINT':
        return this.#talk(token);
      case 'BEGIN':
        return this.#beginTalk(token);
      case 'HEAR':
        return this.#hear(token, parseTarget(stream));
      case 'IF':
        return this.#if(token);
      case 'FOR':
        return this.#for(token);
      case 'WHILE':
        return this.#while(token);
      case 'DO':
        return this.#do(token);
      case 'SELECT':
        return this.#select(token);
      case 'CALL':
        return this.#call(token);
      case 'RETURN': {
        const value = this.#atEnd() ? null : parseExpression(stream);
        return { kind: 'return', span: this.#from(token), value };
      }
      case 'EXIT':
        return this.#exit(token);
      case 'END':
        return { kind: 'end', span: stream.span(token) };
      case 'DIM':
        return this.#dim(token);
      case 'LET':
        return this.#plain(stream.peek());
      case 'WITH':
        return this.#with(token);
      case 'INCLUDE':
        return this.#include(token);
      default:
        return stream.fail('expected_statement', stream.span(token), stream.show(token));
    }
  }

  /** A statement word followed by `=` is somebody's variable, like `end = 5`, unless the word is reserved for good. */
  #isWordOfStatement(token: Token): boolean {
    return reservedWords.has(token.upper) && token.upper !== 'NEW';
  }

  #from(first: Token): Span {
    return join(this.#stream.span(first), this.#stream.span(this.#stream.last()));
  }

  #atEnd(): boolean {
    const token = this.#stream.peek();
    return (
      token.kind === 'newline' || token.kind === 'end' || this.#stream.is(':') || this.#stream.is('ELSE') || this.#stream.is(';')
    );
  }

  #talk(word: Token): Statement {
    const stream = this.#stream;
    const empty = (): Expression => makeNode(stream.span(word), 1, { kind: 'text', value: '' });
    const value = this.#atEnd() && word.upper === 'PRINT' ? empty() : parseExpression(stream);
    return { kind: 'talk', span: this.#from(word), value };
  }

  #beginTalk(word: Token): Statement {
    const stream = this.#stream;
    stream.expect('TALK');
    const span = this.#from(word);
    if (stream.peek().kind !== 'newline' || stream.peek(1).kind !== 'text')
      stream.fail('expected_end_of_statement', stream.span(stream.peek()), stream.show(stream.peek()));
    stream.next();
    const value = parseParts(stream, stream.next());
    if (stream.is('END') && stream.is('TALK', 1)) this.#takeCloser();
    else this.#bag.report('missing_end_talk', span);
    return { kind: 'talk', span, value };
  }

  /** After the target: `AS type | menu`, `WITH prompt`, `DEFAULT value`. */
  #hear(word: Token, target: Target, prompt: Expression | null = null): Statement {
    const stream = this.#stream;
    let type = 'TEXT';
    let menu: Expression[] | null = null;
    let isOpen = false;
    if (stream.accept('AS')) {
      const token = stream.peek();
      if (token.kind === 'name' && typeNames.has(token.upper) && !stream.is('(', 1) && !stream.is('.', 1)) {
        stream.next();
        type = token.upper;
      } else {
        menu = [];
        do {
          if (stream.accept('*')) isOpen = true;
          else menu.push(parseExpression(stream));
        } while (stream.accept(','));
        type = 'MENU';
      }
    }
    let fallback: Expression | null = null;
    let given = prompt;
    for (;;) {
      if (stream.accept('WITH')) given = parseExpression(stream);
      else if (stream.accept('DEFAULT')) fallback = parseExpression(stream);
      else break;
    }
    return { kind: 'hear', span: this.#from(word), target, type, menu, isOpen, prompt: given, fallback };
  }

  /** A value in the head of a block: an error in it must not hide the block from its closer. */
  #guarded(read: () => Expression, until?: string): Expression {
    const stream = this.#stream;
    const start = stream.peek();
    try {
      return read();
    } catch (failure) {
      if (!(failure instanceof ParseFailure)) throw failure;
      stream.resetDepth();
      stream.skipLine(until);
      return makeNode(stream.span(start), 1, { kind: 'error' });
    }
  }

  #if(word: Token): Statement {
    const stream = this.#stream;
    const condition = this.#guarded(() => parseExpression(stream), 'THEN');
    if (!stream.accept('THEN')) {
      this.#bag.report('missing_then', stream.span(stream.peek()));
      stream.skipLine();
    } else if (!this.#atEnd()) return this.#singleLineIf(word, condition);
    const branches: Branch[] = [];
    let otherwise: Statement[] = [];
    this.#inside('IF', word, (block) => {
      branches.push({ condition, body: this.#block(block) });
      let sawElse = false;
      for (;;) {
        const closer = this.#closerHere();
        if (closer?.word !== 'IF' || !closer.isMiddle) break;
        const middle = stream.next();
        if (sawElse) this.#bag.report('else_after_else', stream.span(middle));
        if (middle.upper === 'ELSEIF' || stream.is('IF')) {
          if (middle.upper === 'ELSE') stream.next();
          const next = this.#guarded(() => parseExpression(stream), 'THEN');
          if (!stream.accept('THEN')) {
            this.#bag.report('missing_then', stream.span(stream.peek()));
            stream.skipLine();
          }
          branches.push({ condition: next, body: this.#block(block) });
        } else {
          sawElse = true;
          otherwise = this.#block(block);
        }
      }
    });
    return { kind: 'if', span: stream.span(word), branches, otherwise };
  }

  /** `IF a THEN b : c ELSE d`, all on one line. */
  #singleLineIf(word: Token, condition: Expression): Statement {
    const stream = this.#stream;
    const wasInside = this.#isInSingleLineIf;
    this.#isInSingleLineIf = true;
    if (this.#open.length >= blockDepthMax) stream.fail('nesting_too_deep', stream.span(word), blockDepthMax);
    this.#open.push({ word: 'IF', span: stream.span(word), line: 0 });
    const part = (): Statement[] => {
      const statements: Statement[] = [];
      while (stream.peek().kind !== 'newline' && stream.peek().kind !== 'end' && !stream.is('ELSE')) {
        if (stream.accept(':') || stream.accept(';')) continue;
        const statement = this.#statement();
        if (statement) statements.push(statement);
        this.#endOfStatement();
      }
      return statements;
    };
    try {
      const body = part();
      const otherwise = stream.accept('ELSE') ? part() : [];
      return { kind: 'if', span: this.#from(word), branches: [{ condition, body }], otherwise };
    } finally {
      this.#open.pop();
      this.#isInSingleLineIf = wasInside;
    }
  }

  #for(word: Token): Statement {
    const stream = this.#stream;
    if (stream.accept('EACH')) return this.#forEach(word);
    const broken = (): Expression => makeNode(stream.span(word), 1, { kind: 'error' });
    let variable = nameNode(stream, word);
    let from = broken();
    let to = broken();
    let step: Expression | null = null;
    this.#guarded(() => {
      variable = parseName(stream);
      stream.expect('=');
      from = parseExpression(stream);
      stream.expect('TO');
      to = parseExpression(stream);
      if (stream.accept('STEP')) step = parseExpression(stream);
      return to;
    });
    const body = this.#loopBody('FOR', word, variable.display);
    return { kind: 'for', span: stream.span(word), variable, from, to, step, body };
  }

  #forEach(word: Token): Statement {
    const stream = this.#stream;
    let variable = nameNode(stream, word);
    const list = this.#guarded(() => {
      variable = parseName(stream);
      stream.expect('IN');
      return parseExpression(stream);
    });
    const body = this.#loopBody('FOR', word, variable.display);
    return { kind: 'forEach', span: stream.span(word), variable, list, body };
  }

  /** The body of FOR and its closer with an optional name that must be the same. */
  #loopBody(kind: 'FOR', word: Token, name: string): Statement[] {
    const stream = this.#stream;
    const body = this.#inside(kind, word, (block) => this.#block(block));
    const last = stream.last();
    const named = stream.peek();
    if (last.upper === 'NEXT' && named.kind === 'name' && !reservedWords.has(named.upper)) {
      stream.next();
      if (named.upper !== name.toUpperCase()) {
        this.#bag.report(
          'next_name_mismatch',
          stream.span(named),
          named.text,
          name,
          this.#bag.place(stream.file.index, word.start).line,
        );
      }
    }
    return body;
  }

  #while(word: Token): Statement {
    const stream = this.#stream;
    const condition = this.#guarded(() => parseExpression(stream));
    const body = this.#inside('WHILE', word, (block) => this.#block(block));
    return { kind: 'while', span: stream.span(word), word: 'WHILE', condition, isUntil: false, isTestedLast: false, body };
  }

  #do(word: Token): Statement {
    const stream = this.#stream;
    const test = (): { condition: Expression; isUntil: boolean } | null => {
      if (!stream.is('WHILE') && !stream.is('UNTIL')) return null;
      const isUntil = stream.next().upper === 'UNTIL';
      return { condition: this.#guarded(() => parseExpression(stream)), isUntil };
    };
    const first = test();
    const body = this.#inside('DO', word, (block) => this.#block(block));
    const last = stream.last().upper === 'LOOP' ? test() : null;
    const chosen = first ?? last;
    return {
      kind: 'while',
      span: stream.span(word),
      word: 'DO',
      condition: chosen?.condition ?? null,
      isUntil: chosen?.isUntil ?? false,
      isTestedLast: first === null && last !== null,
      body,
    };
  }

  #select(word: Token): Statement {
    const stream = this.#stream;
    stream.accept('CASE');
    const value = this.#guarded(() => parseExpression(stream));
    const cases: { tests: CaseTest[]; body: Statement[]; span: Span }[] = [];
    let otherwise: Statement[] = [];
    this.#inside('SELECT', word, (block) => {
      const stray = this.#block(block);
      if (stray[0]) this.#bag.report('statement_before_case', stray[0].span);
      while (this.#closerHere()?.word === 'SELECT' && stream.is('CASE')) {
        const span = stream.span(stream.next());
        if (stream.accept('ELSE')) {
          otherwise = this.#block(block);
          continue;
        }
        const tests: CaseTest[] = [];
        this.#guarded(() => {
          do tests.push(this.#caseTest());
          while (stream.accept(','));
          return value;
        });
        cases.push({ tests, body: this.#block(block), span });
      }
    });
    const node: Select = { kind: 'select', span: stream.span(word), value, cases, otherwise };
    return node;
  }

  #caseTest(): CaseTest {
    const stream = this.#stream;
    const isWord = stream.accept('IS');
    const sign = stream.peek();
    if (sign.kind === 'operator' && ['=', '==', '<>', '!=', '<', '>', '<=', '>='].includes(sign.upper)) {
      stream.next();
      const operator =
        sign.upper === '==' ? '=' : sign.upper === '!=' ? '<>' : (sign.upper as '=' | '<>' | '<' | '>' | '<=' | '>=');
      return { kind: 'compare', operator, value: parseExpression(stream) };
    }
    if (isWord) stream.fail('expected_token', stream.span(sign), '<', stream.show(sign));
    const value = parseExpression(stream);
    if (stream.accept('TO')) return { kind: 'range', from: value, to: parseExpression(stream) };
    return { kind: 'compare', operator: '=', value };
  }

  #call(word: Token): Statement {
    const stream = this.#stream;
    const start = stream.peek();
    const target = parsePostfix(stream, parseName(stream));
    if (target.kind === 'apply') return { kind: 'call', span: this.#from(word), value: target };
    const args: Expression[] = [];
    if (!this.#atEnd()) {
      do args.push(parseExpression(stream));
      while (stream.accept(','));
    }
    return { kind: 'call', span: this.#from(word), value: applyNode(this.#from(start), target, args, ' ') };
  }

  #exit(word: Token): Statement {
    const stream = this.#stream;
    const what = stream.peek();
    if (!exitKinds.has(what.upper)) stream.fail('expected_token', stream.span(what), 'FOR', stream.show(what));
    stream.next();
    return { kind: 'exit', span: this.#from(word), what: what.upper as ExitKind };
  }

  #dim(word: Token): Statement {
    const stream = this.#stream;
    const target = parseName(stream);
    const sizes: Expression[] = [];
    const close = stream.is('(') ? ')' : stream.is('[') ? ']' : null;
    if (close) {
      stream.next();
      do sizes.push(parseExpression(stream));
      while (stream.accept(','));
      stream.expect(close);
    }
    const typeName = stream.accept('AS') ? stream.next().upper : null;
    const value = stream.accept('=') ? parseExpression(stream) : null;
    const node: Dim = { kind: 'dim', span: this.#from(word), target, sizes, typeName, value };
    return node;
  }

  #with(word: Token): Statement {
    const stream = this.#stream;
    const target = parseTarget(stream);
    const outer = stream.withTarget;
    stream.withTarget = () => cloneTarget(target);
    const body = this.#inside('WITH', word, (block) => this.#block(block));
    stream.withTarget = outer;
    return { kind: 'with', span: stream.span(word), target, body };
  }

  #include(word: Token): Statement {
    const stream = this.#stream;
    if (this.#open.length > 0) this.#bag.report('include_in_block', stream.span(word));
    const first = stream.peek();
    const only = first.parts[0];
    if (first.kind === 'string' && only && 'text' in only) {
      stream.next();
      return { kind: 'include', span: this.#from(word), name: only.text, body: [] };
    }
    if (first.kind !== 'name') stream.fail('expected_name', stream.span(first), stream.show(first));
    stream.skipLine();
    const name = stream.file.text.slice(first.start, stream.last().end);
    return { kind: 'include', span: this.#from(word), name, body: [] };
  }

  /** A statement that starts with a name: an assignment, or a call with or without parentheses. */
  #plain(start: Token): Statement {
    const stream = this.#stream;
    const value = startsTarget(stream);
    const sign = stream.peek();
    if (sign.kind === 'operator' && assignments.has(sign.upper)) {
      const target = asTarget(stream, value);
      stream.next();
      if (sign.upper === '=' && stream.is('HEAR')) {
        const word = stream.next();
        const prompt = this.#atEnd() || stream.is('AS') ? null : parseExpression(stream);
        return this.#hear(word, target, prompt);
      }
      const right = parseExpression(stream);
      const full =
        target.kind === 'name' && stream.withTarget ? propertyOf(stream.withTarget(), target.display, target.span) : target;
      if (sign.upper === '=') return { kind: 'assign', span: this.#from(start), target: full, value: right };
      const operator = sign.upper[0] as BinaryOperator;
      const depth = Math.max(full.depth, right.depth) + 1;
      const sum = makeNode(join(full.span, right.span), depth, { kind: 'binary', operator, left: cloneTarget(full), right });
      return { kind: 'assign', span: this.#from(start), target: full, value: sum };
    }
    if (value.kind === 'name' && !this.#atEnd() && startsValue(stream)) return this.#bareCall(start, value);
    if (value.kind === 'name' || (value.kind === 'apply' && value.bracket !== '['))
      return { kind: 'call', span: this.#from(start), value };
    return stream.fail('statement_has_no_effect', value.span, '');
  }

  /** `greet "Ana", 3`. */
  #bareCall(start: Token, target: Expression): Statement {
    const stream = this.#stream;
    const args: Expression[] = [];
    do args.push(parseExpression(stream));
    while (stream.accept(','));
    return { kind: 'call', span: this.#from(start), value: applyNode(this.#from(start), target, args, ' ') };
  }

  #procedure(statements: Statement[]): void {
    const stream = this.#stream;
    const word = stream.next();
    const nameToken = stream.next();
    const parameters: { name: string; display: string; span: Span; typeName: string | null }[] = [];
    this.#guarded(() => {
      if (stream.accept('(')) {
        while (!stream.is(')')) {
          const parameter = parseName(stream);
          const typeName = stream.accept('AS') ? stream.next().upper : null;
          if (parameters.some(({ name }) => name === parameter.name))
            this.#bag.report('duplicate_parameter', parameter.span, parameter.display);
          else parameters.push({ name: parameter.name, display: parameter.display, span: parameter.span, typeName });
          if (!stream.accept(',')) break;
        }
        stream.expect(')');
      }
      if (stream.accept('AS')) stream.next();
      return makeNode(stream.span(word), 1, { kind: 'null' });
    });
    const kind = word.upper as 'SUB' | 'FUNCTION';
    const body = this.#inside(kind, word, (block) => this.#block(block));
    if (reservedWords.has(nameToken.upper)) {
      this.#bag.report('expected_name', stream.span(nameToken), nameToken.text);
      statements.push({ kind: 'error', span: stream.span(word) });
      return;
    }
    this.#procedures.push({
      kind,
      name: nameToken.upper,
      display: nameToken.text,
      nameSpan: stream.span(nameToken),
      parameters,
      body,
      span: this.#from(word),
    });
  }
}

const assignments = new Set(['=', '+=', '-=', '*=', '/=']);

function nameNode(stream: TokenStream, token: Token) {
  return makeNode(stream.span(token), 1, {
    kind: 'name' as const,
    name: token.upper,
    display: token.text,
    variable: null,
    call: null,
  });
}

function parseName(stream: TokenStream) {
  const token = stream.peek();
  if (token.kind !== 'name' || reservedWords.has(token.upper))
    stream.fail('expected_name', stream.span(token), stream.show(token));
  stream.next();
  return nameNode(stream, token);
}

/** A name with its elements and properties, or a leading dot inside WITH. */
function startsTarget(stream: TokenStream): Expression {
  if (stream.is('.') && stream.withTarget) return parsePostfix(stream, stream.withTarget());
  return parsePostfix(stream, parseName(stream));
}

function parseTarget(stream: TokenStream): Target {
  return asTarget(stream, startsTarget(stream));
}

function asTarget(stream: TokenStream, value: Expression): Target {
  if (value.kind === 'name' || value.kind === 'member' || (value.kind === 'apply' && value.args.length > 0)) return value;
  return stream.fail('not_assignable', value.span);
}

function propertyOf(target: Expression, name: string, span: Span): Target {
  return makeNode(span, target.depth + 1, { kind: 'member', target, name });
}

/** A target read as a value needs its own nodes, because later phases write into them. */
function cloneTarget<T extends Expression>(value: T): T {
  if (value.kind === 'member') return { ...value, target: cloneTarget(value.target) };
  if (value.kind === 'apply') return { ...value, target: cloneTarget(value.target), args: value.args.map(cloneTarget) };
  return { ...value };
}
