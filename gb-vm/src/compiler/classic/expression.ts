import type { BinaryOperator, Expression, Target } from '../ast.ts';
import { makeNode } from '../parse/nodes.ts';
import type { Span } from '../source.ts';
import { callNode, checked, type Program, type Typed } from './program.ts';
import type { Cursor, Token } from './token.ts';
import { classicFunctions } from './words.ts';

/** How tightly an operator binds, as in the interpreters; a bigger number binds tighter. */
const binding: Readonly<Record<string, number>> = {
  IMP: 1,
  EQV: 2,
  XOR: 3,
  OR: 4,
  AND: 5,
  '=': 7,
  '<>': 7,
  '<': 7,
  '>': 7,
  '<=': 7,
  '>=': 7,
  '+': 8,
  '-': 8,
  MOD: 9,
  '\\': 10,
  '*': 11,
  '/': 11,
  '^': 13,
};
const notBinding = 6;
/** Below `^`: -2^2 is -4. */
const signBinding = 12;
const bitOperators: Readonly<Record<string, BinaryOperator>> = {
  AND: 'BITAND',
  OR: 'BITOR',
  XOR: 'BITXOR',
  EQV: 'BITEQV',
  IMP: 'BITIMP',
};

/** One letter for each value, n or s. */
function kindsOf(values: readonly Typed[]): string {
  return values.map(({ isText }) => (isText ? 's' : 'n')).join('');
}

/** Precedence climbing over the tokens of a line, knowing of each value whether it is a text. */
export class ExpressionReader {
  readonly #cursor: Cursor;
  readonly #program: Program;

  constructor(cursor: Cursor, program: Program) {
    this.#cursor = cursor;
    this.#program = program;
  }

  number(): Expression {
    const { node, isText } = this.any();
    if (isText) this.#cursor.fail('number_needed', node.span);
    return node;
  }

  text(): Expression {
    const { node, isText } = this.any();
    if (!isText) this.#cursor.fail('text_needed', node.span);
    return node;
  }

  any(least = 0): Typed {
    const cursor = this.#cursor;
    cursor.enter();
    let left = this.#operand();
    for (;;) {
      const token = cursor.peek();
      const power = token.kind === 'sign' || token.kind === 'word' ? binding[token.text] : undefined;
      if (power === undefined || power <= least) break;
      cursor.next();
      left = this.#fold(token, left, this.any(power));
    }
    cursor.leave();
    return left;
  }

  #fold(sign: Token, left: Typed, right: Typed): Typed {
    const cursor = this.#cursor;
    const power = binding[sign.text]!;
    const span: Span = { ...left.node.span, end: right.node.span.end };
    if (left.isText !== right.isText) {
      if (power === binding['=']) cursor.fail('comparison_mixed', span);
      cursor.fail(
        sign.text === '+' && left.isText ? 'text_needed' : 'number_needed',
        (left.isText && sign.text !== '+' ? left : right).node.span,
      );
    }
    if (left.isText && power !== binding['='] && sign.text !== '+') cursor.fail('number_needed', left.node.span);
    const operator = bitOperators[sign.text] ?? (sign.text as BinaryOperator);
    const depth = Math.max(left.node.depth, right.node.depth) + 1;
    const node = makeNode(span, depth, { kind: 'binary', operator, left: left.node, right: right.node });
    return { node: checked(cursor, node), isText: left.isText && sign.text === '+' };
  }

  #operand(): Typed {
    const cursor = this.#cursor;
    const token = cursor.peek();
    const span = cursor.span(token);
    if (token.kind === 'number') {
      cursor.next();
      return { node: makeNode(span, 1, { kind: 'number', value: token.value }), isText: false };
    }
    if (token.kind === 'text') {
      cursor.next();
      return { node: makeNode(span, 1, { kind: 'text', value: token.text }), isText: true };
    }
    if (token.kind === 'name') return token.text.startsWith('FN') && token.text.length > 2 ? this.#ownCall() : this.variable();
    if (cursor.accept('(')) {
      const inner = this.any();
      cursor.expect(')');
      return inner;
    }
    if (cursor.is('-') || cursor.is('+') || cursor.is('NOT')) return this.#prefix();
    if (cursor.is('TAB') || cursor.is('SPC')) cursor.fail('tab_outside_print', span, token.text);
    const known = token.kind === 'word' ? classicFunctions.get(token.text) : undefined;
    if (known) return this.#call(token, known.takes, known.name, known.isText);
    return cursor.fail('expected_expression', span, cursor.show(token));
  }

  #prefix(): Typed {
    const cursor = this.#cursor;
    const sign = cursor.next();
    const isNot = sign.text === 'NOT';
    const { node: operand, isText } = this.any(isNot ? notBinding : signBinding);
    const span = cursor.from(sign);
    if (isText) cursor.fail('number_needed', operand.span);
    if (sign.text === '-' && operand.kind === 'number')
      return { node: makeNode(span, 1, { kind: 'number', value: -operand.value }), isText: false };
    const operator = isNot ? 'BITNOT' : sign.text === '-' ? '-' : '+';
    const node = makeNode(span, operand.depth + 1, { kind: 'unary', operator, operand });
    return { node: checked(cursor, node), isText: false };
  }

  /** A simple variable, or an element of an array. */
  variable(): Typed<Target> {
    const cursor = this.#cursor;
    const token = cursor.peek();
    if (token.kind !== 'name') cursor.fail('expected_name', cursor.span(token), cursor.show(token));
    cursor.next();
    if (!cursor.is('(')) return this.#program.variable(token.text, cursor.span(token));
    return this.#program.element(
      cursor,
      token,
      this.#values().map(({ node, isText }) => {
        if (isText) cursor.fail('number_needed', node.span);
        return node;
      }),
    );
  }

  /** Values in parentheses. */
  #values(): Typed[] {
    const cursor = this.#cursor;
    cursor.expect('(');
    const values = [this.any()];
    while (cursor.accept(',')) values.push(this.any());
    cursor.expect(')');
    return values;
  }

  #ownCall(): Typed {
    const cursor = this.#cursor;
    const program = this.#program;
    const token = cursor.next();
    const { name, isText } = program.nameOf(token.text);
    const values = cursor.is('(') ? this.#values() : [];
    const span = cursor.from(token);
    if (!program.functions.use(name, kindsOf(values), span)) return { node: makeNode(span, 1, { kind: 'error' }), isText };
    return {
      node: callNode(
        cursor,
        token,
        name,
        values.map(({ node }) => node),
      ),
      isText,
    };
  }

  #call(token: Token, takes: string, name: string, isText: boolean): Typed {
    const cursor = this.#cursor;
    cursor.next();
    const [needed = '', optional = ''] = takes.split('|');
    const kinds = needed + optional;
    const values = cursor.is('(') && kinds !== '' ? this.#values() : [];
    const span = cursor.from(token);
    if (values.length === 0 && needed !== '') cursor.fail('parenthesis_needed', span, token.text);
    if (values.length < needed.length) cursor.fail('function_arguments', span, token.text, needed.length, values.length);
    if (values.length > kinds.length) cursor.fail('function_arguments', span, token.text, kinds.length, values.length);
    let called = name;
    if (token.text === 'INSTR') this.#checkSearch(values, token);
    else if (token.text === 'POS' && values[0]!.isText) {
      // Where a text is in another, as INSTR in the dialects that named it so.
      called = 'INSTR';
      this.#checkPosition(values, token);
    } else {
      for (const [index, { node, isText: given }] of values.entries()) {
        if (kinds[index] === 'n' && given) cursor.fail('number_needed', node.span);
        if (kinds[index] === 's' && !given) cursor.fail('text_needed', node.span);
      }
    }
    return {
      node: callNode(
        cursor,
        token,
        called,
        values.map(({ node }) => node),
      ),
      isText,
    };
  }

  /** INSTR(text, part) or INSTR(start, text, part). */
  #checkSearch(values: readonly Typed[], token: Token): void {
    const cursor = this.#cursor;
    const texts = values.length === 3 ? values.slice(1) : values;
    for (const { node, isText } of texts) if (!isText) cursor.fail('text_needed', node.span);
    if (values.length === 3 && values[0]!.isText) cursor.fail('number_needed', values[0]!.node.span);
    if (values.length < 2) cursor.fail('function_arguments', cursor.from(token), token.text, 2, values.length);
  }

  /** POS(text, part, start): the start moves to the front. */
  #checkPosition(values: Typed[], token: Token): void {
    const start = values.length === 3 ? values.pop()! : null;
    if (start) {
      if (start.isText) this.#cursor.fail('number_needed', start.node.span);
      values.unshift(start);
    }
    this.#checkSearch(values, token);
  }
}
