import type { BinaryOperator, DataItem, Expression, PrintItem, Target } from '../ast.ts';
import { makeNode } from '../parse/nodes.ts';
import type { Span } from '../source.ts';
import { arrayName } from './arrays.ts';
import type { Flat } from './flat.ts';
import { minimalLineNumberMax } from './lines.ts';
import { suppliedFunctions } from './minimal-tokens.ts';
import { callNode, checked, type Program, type Typed } from './program.ts';
import type { Cursor, Token } from './token.ts';

const operators = new Set(['+', '-', '*', '/', '^']);
const relations = new Set(['=', '<>', '<', '>', '<=', '>=']);
/** ECMA-55, section 9.4: these take no value; every other supplied function takes one. */
const withoutValue = new Set(['RND']);

/**
 * Reads the statement of one line by the grammar of ECMA-55, which is small enough to be told here rule by rule. What
 * the standard calls an error in the text of a program is refused; nothing beyond the standard is accepted.
 */
export class MinimalReader {
  readonly #cursor: Cursor;
  readonly #program: Program;

  constructor(cursor: Cursor, program: Program) {
    this.#cursor = cursor;
    this.#program = program;
  }

  /** Section 5.2: one statement to a line, always begun by a keyword. */
  statement(): Flat[] {
    const cursor = this.#cursor;
    const first = cursor.peek();
    if (first.kind === 'name' || (first.kind === 'word' && first.text.startsWith('FN')))
      cursor.fail('let_missing', cursor.span(first));
    if (first.kind !== 'word') cursor.fail('expected_statement', cursor.span(first), cursor.show(first));
    cursor.next();
    const flats = this.#rest(first);
    if (cursor.peek().kind !== 'end')
      cursor.fail('expected_end_of_statement', cursor.span(cursor.peek()), cursor.show(cursor.peek()));
    return flats;
  }

  #rest(first: Token): Flat[] {
    const cursor = this.#cursor;
    switch (first.text) {
      case 'LET':
        return this.#let(first);
      case 'GO':
      case 'GOTO':
      case 'GOSUB': {
        const word = this.#jumpWord(first);
        const label = this.#lineNumber();
        return [{ kind: word === 'GOTO' ? 'goto' : 'gosub', span: cursor.from(first), label }];
      }
      case 'IF':
        return this.#if(first);
      case 'ON':
        return this.#on(first);
      case 'RETURN':
        return [{ kind: 'return', span: cursor.span(first), value: null }];
      case 'STOP':
        return [{ kind: 'stop', span: cursor.span(first) }];
      case 'END':
        return [{ kind: 'end', span: cursor.span(first) }];
      case 'FOR':
        return this.#for(first);
      case 'NEXT': {
        const token = this.#simpleName();
        const { node } = this.#program.variable(token.text, cursor.span(token));
        return [{ kind: 'closeFor', span: cursor.from(first), variable: node }];
      }
      case 'PRINT':
        return this.#print(first);
      case 'INPUT': {
        const targets = this.#targets();
        return [{ kind: 'input', span: cursor.from(first), prompt: null, hasQuestionMark: true, targets, isLine: false }];
      }
      case 'READ': {
        const targets = this.#targets();
        return [{ kind: 'read', span: cursor.from(first), targets }];
      }
      case 'RESTORE':
        return [{ kind: 'restore', span: cursor.span(first), label: null }];
      case 'DATA': {
        const data = cursor.next();
        return [{ kind: 'data', span: cursor.from(first), items: this.#data(data) }];
      }
      case 'DIM':
        return this.#dim();
      case 'OPTION':
        this.#option(first);
        return [];
      case 'DEF':
        this.#def(first);
        return [];
      case 'REM':
        return [];
      case 'RANDOMIZE':
        return [{ kind: 'randomize', span: cursor.span(first), seed: null }];
      default:
        return cursor.fail('expected_statement', cursor.span(first), cursor.show(first));
    }
  }

  /** Section 11: LET is not optional, and both sides are of one kind. */
  #let(first: Token): Flat[] {
    const cursor = this.#cursor;
    const target = this.#variable();
    cursor.expect('=');
    const value = target.isText ? this.#text() : this.#number();
    return [{ kind: 'assign', span: cursor.from(first), target: target.node, value }];
  }

  /** Section 12.2: GOTO and GOSUB may be written as two words. */
  #jumpWord(first: Token): 'GOTO' | 'GOSUB' {
    const cursor = this.#cursor;
    if (first.text !== 'GO') return first.text === 'GOSUB' ? 'GOSUB' : 'GOTO';
    if (cursor.accept('SUB')) return 'GOSUB';
    cursor.expect('TO');
    return 'GOTO';
  }

  #lineNumber() {
    const cursor = this.#cursor;
    const token = cursor.peek();
    const span = cursor.span(token);
    if (token.kind !== 'number') cursor.fail('line_number_expected', span, cursor.show(token));
    if (!/^\d{1,4}$/.test(token.text) || token.value < 1)
      cursor.fail('line_number_bad', span, cursor.show(token), minimalLineNumberMax);
    cursor.next();
    return this.#program.refer(String(token.value), span);
  }

  /** Section 12.2: a comparison, THEN, and a line number, nothing else. */
  #if(first: Token): Flat[] {
    const cursor = this.#cursor;
    const left = this.#expression();
    const sign = cursor.peek();
    if (sign.kind !== 'sign' || !relations.has(sign.text)) {
      if (cursor.is('THEN')) cursor.fail('comparison_missing', left.node.span);
      cursor.fail('expected_token', cursor.span(sign), '=', cursor.show(sign));
    }
    cursor.next();
    const right = this.#expression();
    const span: Span = { ...left.node.span, end: right.node.span.end };
    if (left.isText !== right.isText) cursor.fail('comparison_mixed', span);
    if (left.isText && sign.text !== '=' && sign.text !== '<>') cursor.fail('comparison_of_texts', cursor.span(sign));
    const condition = this.#binary(sign.text as BinaryOperator, left.node, right.node);
    cursor.expect('THEN');
    const token = cursor.peek();
    const label = this.#lineNumber();
    return [
      {
        kind: 'flatIf',
        span: cursor.from(first),
        condition,
        body: [{ kind: 'goto', span: cursor.span(token), label }],
        otherwise: [],
      },
    ];
  }

  /** Section 12.2: only GOTO has an ON form. */
  #on(first: Token): Flat[] {
    const cursor = this.#cursor;
    const value = this.#number();
    if (cursor.accept('GO')) cursor.expect('TO');
    else cursor.expect('GOTO');
    const labels = [this.#lineNumber()];
    while (cursor.accept(',')) labels.push(this.#lineNumber());
    return [{ kind: 'onGoto', span: cursor.from(first), word: 'GOTO', value, labels }];
  }

  /** Section 13.2: the control variable is simple and numeric. */
  #for(first: Token): Flat[] {
    const cursor = this.#cursor;
    const token = this.#simpleName();
    const variable = this.#program.variable(token.text, cursor.span(token)).node;
    cursor.expect('=');
    const from = this.#number();
    cursor.expect('TO');
    const to = this.#number();
    const step = cursor.accept('STEP') ? this.#number() : null;
    return [{ kind: 'openFor', span: cursor.from(first), variable, from, to, step }];
  }

  /** Section 14.2: items are kept apart by commas and semicolons, of which there may be any number. */
  #print(first: Token): Flat[] {
    const cursor = this.#cursor;
    const items: PrintItem[] = [];
    while (cursor.peek().kind !== 'end') {
      const token = cursor.peek();
      if (cursor.accept(',')) items.push({ kind: 'comma', span: cursor.span(token) });
      else if (cursor.accept(';')) items.push({ kind: 'semicolon', span: cursor.span(token) });
      else {
        const last = items.at(-1);
        if (last && last.kind !== 'comma' && last.kind !== 'semicolon')
          cursor.fail('expected_end_of_statement', cursor.span(token), cursor.show(token));
        if (cursor.accept('TAB')) {
          cursor.expect('(');
          items.push({ kind: 'tab', value: this.#number() });
          cursor.expect(')');
        } else items.push({ kind: 'value', value: this.#expression().node });
      }
    }
    return [{ kind: 'print', span: cursor.from(first), items, using: null }];
  }

  #targets(): Target[] {
    const targets: Target[] = [this.#variable().node];
    while (this.#cursor.accept(',')) targets.push(this.#variable().node);
    return targets;
  }

  /** Section 17.2 and table 1: without quotes a datum is letters, digits, blanks, `+`, `-` and `.`, and not empty. */
  #data(token: Token): DataItem[] {
    const cursor = this.#cursor;
    const text = cursor.file.text.slice(0, token.end);
    const items: DataItem[] = [];
    const datum = /[ \t]*(?:("[^"]*")[ \t]*(?=,|$)|([^,]*))/y;
    for (let at = token.start; ; ) {
      datum.lastIndex = at;
      const [whole, quoted, bare] = datum.exec(text)!;
      const blanks = whole.length - whole.trimStart().length;
      const written = quoted ?? (bare ?? '').trim();
      const span: Span = { file: cursor.file.index, start: at + blanks, end: at + blanks + written.length };
      if (quoted !== undefined) items.push({ text: quoted.slice(1, -1), isQuoted: true, span });
      else if (written === '') cursor.fail('datum_missing', { ...span, end: Math.min(token.end, span.start + 1) });
      else if (/[^-+. 0-9A-Z]/.test(written))
        cursor.fail(/^"[^"]*$/.test(written) ? 'text_unclosed' : 'datum_bad', span, cursor.show({ ...token, ...span }));
      else items.push({ text: written, isQuoted: false, span });
      at += whole.length;
      if (at >= token.end) return items;
      at++;
    }
  }

  /** Section 18.2: bounds are written numbers. */
  #dim(): Flat[] {
    const cursor = this.#cursor;
    const flats: Flat[] = [];
    do {
      const token = cursor.peek();
      const span = cursor.span(token);
      if (token.kind !== 'name') cursor.fail('expected_name', span, cursor.show(token));
      if (token.text.length !== 1) cursor.fail('array_not_numeric', span, token.text);
      cursor.next();
      cursor.expect('(');
      const sizes = [this.#bound()];
      if (cursor.accept(',')) sizes.push(this.#bound());
      cursor.expect(')');
      flats.push(
        this.#program.arrays.dim({ name: token.text, span, line: this.#program.line }, arrayName(span, token.text), sizes),
      );
    } while (cursor.accept(','));
    return flats;
  }

  #bound(): Expression {
    const cursor = this.#cursor;
    const token = cursor.peek();
    const least = this.#program.arrays.base;
    if (token.kind !== 'number' || !/^\d+$/.test(token.text) || token.value < least)
      cursor.fail('array_bound', cursor.span(token), least);
    cursor.next();
    return this.#literal(token);
  }

  #option(first: Token): void {
    const cursor = this.#cursor;
    cursor.expect('BASE');
    const token = cursor.next();
    if (token.kind !== 'number' || (token.text !== '0' && token.text !== '1')) cursor.fail('option_base', cursor.span(token));
    this.#program.arrays.option(token.text === '1' ? 1 : 0, cursor.from(first));
  }

  /** Section 10: one expression of numbers, with at most one parameter, which is local to it. */
  #def(first: Token): void {
    const cursor = this.#cursor;
    const program = this.#program;
    const token = cursor.next();
    const span = cursor.span(token);
    if (token.kind !== 'word' || !token.text.startsWith('FN')) cursor.fail('expected_token', span, 'FN', cursor.show(token));
    program.functions.begin(token.text, span, program.line);
    let parameter: Token | null = null;
    if (cursor.accept('(')) {
      parameter = this.#simpleName();
      cursor.expect(')');
    }
    cursor.expect('=');
    program.parameters = new Set(parameter ? [parameter.text] : []);
    const value = this.#number();
    program.parameters = null;
    program.functions.define(parameter ? 'n' : '');
    program.procedures.push({
      kind: 'FUNCTION',
      name: token.text,
      display: token.text,
      nameSpan: span,
      parameters: parameter
        ? [{ name: parameter.text, display: parameter.text, span: cursor.span(parameter), typeName: null }]
        : [],
      body: [{ kind: 'return', span: value.span, value }],
      span: cursor.from(first),
      isInline: true,
    });
  }

  /** A letter, or a letter and a digit (section 7.2). */
  #simpleName(): Token {
    const cursor = this.#cursor;
    const token = cursor.peek();
    const span = cursor.span(token);
    if (token.kind !== 'name') cursor.fail('expected_name', span, cursor.show(token));
    if (token.text.endsWith('$')) cursor.fail('number_needed', span);
    return cursor.next();
  }

  #variable(): Typed<Target> {
    const cursor = this.#cursor;
    const token = cursor.peek();
    const span = cursor.span(token);
    if (token.kind !== 'name') cursor.fail('expected_name', span, cursor.show(token));
    cursor.next();
    if (!cursor.is('(')) return this.#program.variable(token.text, span);
    if (token.text.length !== 1) cursor.fail('array_not_numeric', span, token.text);
    cursor.enter();
    cursor.next();
    const subscripts = [this.#number()];
    if (cursor.accept(',')) subscripts.push(this.#number());
    cursor.expect(')');
    cursor.leave();
    return this.#program.element(cursor, token, subscripts);
  }

  #number(): Expression {
    const { node, isText } = this.#expression();
    if (isText) this.#cursor.fail('number_needed', node.span);
    return node;
  }

  #text(): Expression {
    const { node, isText } = this.#expression();
    if (!isText) this.#cursor.fail('text_needed', node.span);
    return node;
  }

  /** Section 8.2: a sign may only begin an expression, and binds like the `-` between terms: -2^2 is -4. */
  #expression(): Typed {
    const cursor = this.#cursor;
    const first = cursor.peek();
    if (first.kind === 'text') {
      cursor.next();
      return { node: makeNode(cursor.span(first), 1, { kind: 'text', value: first.text }), isText: true };
    }
    if (first.kind === 'name' && first.text.endsWith('$')) return this.#variable();
    const isSigned = cursor.is('+') || cursor.is('-');
    if (isSigned) cursor.next();
    let left = this.#term();
    if (isSigned) left = this.#signed(first, left);
    while (cursor.is('+') || cursor.is('-')) {
      const sign = cursor.next().text as BinaryOperator;
      left = this.#binary(sign, left, this.#term());
    }
    return { node: left, isText: false };
  }

  #signed(sign: Token, operand: Expression): Expression {
    const span = this.#cursor.from(sign);
    if (operand.kind === 'number' && sign.text === '-') return makeNode(span, 1, { kind: 'number', value: -operand.value });
    return checked(
      this.#cursor,
      makeNode(span, operand.depth + 1, { kind: 'unary', operator: sign.text === '-' ? '-' : '+', operand }),
    );
  }

  #term(): Expression {
    const cursor = this.#cursor;
    let left = this.#factor();
    while (cursor.is('*') || cursor.is('/')) {
      const sign = cursor.next().text as BinaryOperator;
      left = this.#binary(sign, left, this.#factor());
    }
    return left;
  }

  /** Section 8.4: 2^3^2 is (2^3)^2. */
  #factor(): Expression {
    const cursor = this.#cursor;
    let left = this.#primary();
    while (cursor.accept('^')) left = this.#binary('^', left, this.#primary());
    return left;
  }

  #primary(): Expression {
    const cursor = this.#cursor;
    const token = cursor.peek();
    const span = cursor.span(token);
    if (token.kind === 'number') {
      cursor.next();
      return this.#literal(token);
    }
    if (token.kind === 'text') cursor.fail('number_needed', span);
    if (token.kind === 'name') {
      const { node, isText } = this.#variable();
      if (isText) cursor.fail('number_needed', node.span);
      return node;
    }
    if (cursor.accept('(')) {
      cursor.enter();
      const inner = this.#number();
      cursor.expect(')');
      cursor.leave();
      return inner;
    }
    if (token.kind === 'word' && (suppliedFunctions.has(token.text) || token.text.startsWith('FN'))) return this.#call();
    if (cursor.is('TAB')) cursor.fail('tab_outside_print', span, 'TAB');
    if (token.kind === 'sign' && operators.has(token.text) && operators.has(cursor.last().text))
      cursor.fail('sign_misplaced', span);
    return cursor.fail('expected_expression', span, cursor.show(token));
  }

  #call(): Expression {
    const cursor = this.#cursor;
    const token = cursor.next();
    const values: Expression[] = [];
    if (cursor.is('(')) {
      cursor.enter();
      cursor.next();
      values.push(this.#number());
      while (cursor.accept(',')) values.push(this.#number());
      cursor.expect(')');
      cursor.leave();
    }
    const span = cursor.from(token);
    if (token.text.startsWith('FN')) {
      if (!this.#program.functions.use(token.text, 'n'.repeat(values.length), span)) return makeNode(span, 1, { kind: 'error' });
    } else {
      const wanted = withoutValue.has(token.text) ? 0 : 1;
      if (values.length !== wanted) cursor.fail('function_arguments', span, token.text, wanted, values.length);
    }
    return callNode(cursor, token, token.text, values);
  }

  #literal(token: Token): Expression {
    return makeNode(this.#cursor.span(token), 1, { kind: 'number', value: token.value });
  }

  #binary(operator: BinaryOperator, left: Expression, right: Expression): Expression {
    const span: Span = { ...left.span, end: right.span.end };
    return checked(
      this.#cursor,
      makeNode(span, Math.max(left.depth, right.depth) + 1, { kind: 'binary', operator, left, right }),
    );
  }
}
