import type { Apply, ArrayLiteral, BinaryOperator, Expression, Interpolation, ObjectLiteral } from './ast.ts';
import { functionKeywords, reservedWords } from './keywords.ts';
import { lex, type Token } from './lexer.ts';
import { join, type Span } from './source.ts';
import type { TokenStream } from './token-stream.ts';

/** Trees deeper than this are refused, so that every phase may walk them by recursion on any stack. */
export const expressionDepthMax = 200;

/** How tightly an operator binds; a bigger number binds tighter. `^` is above the sign, so -2^2 is -4. */
const binding: Readonly<Record<string, number>> = {
  OR: 1,
  '||': 1,
  AND: 2,
  '&&': 2,
  '=': 4,
  '==': 4,
  '<>': 4,
  '!=': 4,
  '<': 4,
  '>': 4,
  '<=': 4,
  '>=': 4,
  IN: 4,
  'NOT IN': 4,
  CONTAINS: 4,
  IS: 4,
  '&': 5,
  '+': 6,
  '-': 6,
  MOD: 7,
  '\\': 8,
  '*': 9,
  '/': 9,
  '^': 11,
};
const notBinding = 3;
const signBinding = 10;
const synonyms: Readonly<Record<string, string>> = { '||': 'OR', '&&': 'AND', '==': '=', '!=': '<>' };

export function makeNode<const T extends object>(
  span: Span,
  depth: number,
  fields: T,
): T & { span: Span; depth: number; type: 'none'; suspends: boolean } {
  return { ...fields, span, depth, type: 'none', suspends: false };
}

/** Precedence climbing (Pratt): reads one operand, then folds in operators as long as they bind tighter than `least`. */
export function parseExpression(stream: TokenStream, least = 0): Expression {
  stream.enter();
  let left = parseOperand(stream);
  for (;;) {
    const operator = operatorHere(stream);
    const power = operator === null ? undefined : binding[operator];
    if (operator === null || power === undefined || power <= least) break;
    stream.next();
    if (operator === 'NOT IN') stream.next();
    left = operator === 'IS' ? parseIs(stream, left) : fold(stream, operator, left, parseExpression(stream, power));
  }
  stream.leave();
  return left;
}

function operatorHere(stream: TokenStream): string | null {
  const token = stream.peek();
  if (token.kind === 'operator') return token.upper;
  if (token.kind !== 'name') return null;
  if (token.upper === 'NOT') return stream.peek(1).upper === 'IN' ? 'NOT IN' : null;
  return token.upper in binding ? token.upper : null;
}

function fold(stream: TokenStream, sign: string, left: Expression, right: Expression): Expression {
  const operator = (synonyms[sign] ?? sign) as BinaryOperator | 'CONTAINS';
  const depth = Math.max(left.depth, right.depth) + 1;
  const span = join(left.span, right.span);
  if (depth > expressionDepthMax) stream.fail('nesting_too_deep', span, expressionDepthMax);
  if (operator === 'CONTAINS') return makeNode(span, depth, { kind: 'binary', operator: 'IN', left: right, right: left });
  return makeNode(span, depth, { kind: 'binary', operator, left, right });
}

/** `x IS NULL`, `x IS NOT NULL`, and `x IS y` as a plain comparison. */
function parseIs(stream: TokenStream, left: Expression): Expression {
  const isNegated = stream.accept('NOT');
  return fold(stream, isNegated ? '<>' : '=', left, parseExpression(stream, binding['IS']));
}

function parseOperand(stream: TokenStream): Expression {
  const token = stream.peek();
  if (token.kind === 'operator' && (token.upper === '-' || token.upper === '+')) {
    stream.next();
    const operand = parseExpression(stream, signBinding);
    if (token.upper === '-' && operand.kind === 'number') {
      return makeNode(join(stream.span(token), operand.span), 1, { kind: 'number', value: -operand.value });
    }
    return makeNode(join(stream.span(token), operand.span), operand.depth + 1, { kind: 'unary', operator: token.upper, operand });
  }
  if (token.upper === 'NOT' && token.kind === 'name') {
    stream.next();
    const operand = parseExpression(stream, notBinding);
    return makeNode(join(stream.span(token), operand.span), operand.depth + 1, { kind: 'unary', operator: 'NOT', operand });
  }
  return parsePostfix(stream, parsePrimary(stream));
}

/** Calls, elements and properties after a value: `a(1)`, `a[1]`, `a.b`. */
export function parsePostfix(stream: TokenStream, start: Expression): Expression {
  let value = start;
  for (;;) {
    const token = stream.peek();
    if (token.kind !== 'operator') return value;
    if (value.depth >= expressionDepthMax) stream.fail('nesting_too_deep', value.span, expressionDepthMax);
    if ((token.upper === '(' && isCallable(value)) || (token.upper === '[' && (token.glued || value.kind !== 'name'))) {
      const bracket = token.upper as '(' | '[';
      const args = parseList(stream, bracket, bracket === '(' ? ')' : ']');
      value = applyNode(join(value.span, stream.span(stream.last())), value, args, bracket);
    } else if (token.upper === '.') {
      stream.next();
      const name = stream.peek();
      if (name.kind !== 'name') stream.fail('expected_name', stream.span(name), stream.show(name));
      stream.next();
      value = makeNode(join(value.span, stream.span(name)), value.depth + 1, { kind: 'member', target: value, name: name.text });
    } else return value;
  }
}

const isCallable = (value: Expression): boolean => value.kind === 'name' || value.kind === 'member' || value.kind === 'apply';

export function applyNode(span: Span, target: Expression, args: readonly Expression[], bracket: Apply['bracket']): Apply {
  const depth = Math.max(target.depth, ...args.map((argument) => argument.depth)) + 1;
  return makeNode(span, depth, { kind: 'apply', target, args, bracket, call: null });
}

/** Values between brackets, separated by commas. */
function parseList(stream: TokenStream, open: string, close: string): Expression[] {
  const opener = stream.expect(open);
  const items: Expression[] = [];
  while (!stream.is(close)) {
    items.push(parseExpression(stream));
    if (!stream.accept(',')) break;
  }
  stream.expectClose(close, opener);
  return items;
}

/** Whether a value can begin here: used to see `KEYWORD value, value` calls without parentheses. */
export function startsValue(stream: TokenStream): boolean {
  const token = stream.peek();
  if (token.kind === 'string' || token.kind === 'number') return true;
  if (token.kind === 'name')
    return !reservedWords.has(token.upper) || ['TRUE', 'FALSE', 'NULL', 'NEW', 'NOT'].includes(token.upper);
  return token.kind === 'operator' && (token.upper === '{' || token.upper === '#{' || (token.upper === '[' && !token.glued));
}

function parsePrimary(stream: TokenStream): Expression {
  const token = stream.peek();
  const span = stream.span(token);
  switch (token.kind) {
    case 'number':
      stream.next();
      return makeNode(span, 1, { kind: 'number', value: token.value });
    case 'string':
      stream.next();
      return parseParts(stream, token);
    case 'name':
      return parseWord(stream, token);
    case 'operator':
      if (token.upper === '(') return parseGroup(stream);
      if (token.upper === '[') return parseArray(stream);
      if (token.upper === '{' || token.upper === '#{') return parseObject(stream);
      if (token.upper === '.' && stream.withTarget) {
        const target = stream.withTarget();
        return parsePostfix(stream, target);
      }
      if (token.upper === '.') stream.fail('dot_outside_with', span);
      break;
    default:
  }
  return stream.fail('expected_expression', span, stream.show(token));
}

function parseWord(stream: TokenStream, token: Token): Expression {
  const span = stream.span(token);
  switch (token.upper) {
    case 'TRUE':
    case 'FALSE':
      stream.next();
      return makeNode(span, 1, { kind: 'boolean', value: token.upper === 'TRUE' });
    case 'NULL':
      stream.next();
      return makeNode(span, 1, { kind: 'null' });
    case 'NEW': {
      stream.next();
      const what = stream.next();
      if (what.upper === 'ARRAY') return arrayNode(join(span, stream.span(what)), []);
      if (what.upper === 'OBJECT') return objectNode(join(span, stream.span(what)), []);
      return stream.fail('expected_token', stream.span(what), 'ARRAY', stream.show(what));
    }
    default:
  }
  if (reservedWords.has(token.upper)) stream.fail('expected_expression', span, stream.show(token));
  stream.next();
  const name = makeNode(span, 1, { kind: 'name', name: token.upper, display: token.text, variable: null, call: null });
  const builtIn = functionKeywords.get(token.upper.replace(/\$$/, ''));
  if (!builtIn?.params || !startsValue(stream)) return name;
  const args = [parseExpression(stream)];
  while (stream.accept(',')) args.push(parseExpression(stream));
  return applyNode(join(span, args.at(-1)!.span), name, args, ' ');
}

function parseGroup(stream: TokenStream): Expression {
  const open = stream.next();
  const value = parseExpression(stream);
  stream.expectClose(')', open);
  return value;
}

const arrayNode = (span: Span, items: readonly Expression[]): ArrayLiteral =>
  makeNode(span, Math.max(0, ...items.map((item) => item.depth)) + 1, { kind: 'array', items });
const objectNode = (span: Span, entries: ObjectLiteral['entries']): ObjectLiteral =>
  makeNode(span, Math.max(0, ...entries.map((entry) => entry.value.depth)) + 1, { kind: 'object', entries });

function parseArray(stream: TokenStream): ArrayLiteral {
  const open = stream.peek();
  const items = parseList(stream, '[', ']');
  return arrayNode(join(stream.span(open), stream.span(stream.last())), items);
}

/** `{ "key": value, key: value }` and `#{ … }`. */
function parseObject(stream: TokenStream): ObjectLiteral {
  const open = stream.next();
  const entries: { key: string; value: Expression }[] = [];
  while (!stream.is('}')) {
    const token = stream.next();
    const only = token.parts[0];
    if (token.kind === 'string' && (token.parts.length !== 1 || !only || !('text' in only)))
      stream.fail('expected_name', stream.span(token), stream.show(token));
    if (token.kind !== 'string' && token.kind !== 'name' && token.kind !== 'number')
      stream.fail('expected_name', stream.span(token), stream.show(token));
    const key = only && 'text' in only ? only.text : token.kind === 'number' ? String(token.value) : token.text;
    if (!stream.accept('=')) stream.expect(':');
    entries.push({ key, value: parseExpression(stream) });
    if (!stream.accept(',')) break;
  }
  stream.expectClose('}', open);
  return objectNode(join(stream.span(open), stream.span(stream.last())), entries);
}

/** A text token becomes a literal, or an interpolation whose expressions are read from their own stretch of the file. */
export function parseParts(stream: TokenStream, token: Token): Expression {
  const span = stream.span(token);
  const only = token.parts[0];
  if (token.parts.length === 1 && only && 'text' in only) return makeNode(span, 1, { kind: 'text', value: only.text });
  const parts: Expression[] = [];
  for (const part of token.parts) {
    if ('text' in part) {
      parts.push(makeNode(span, 1, { kind: 'text', value: part.text }));
      continue;
    }
    const inner = stream.nested(lex(stream.file, stream.bag, part.start, part.end));
    const value = parseExpression(inner);
    const rest = inner.peek();
    if (rest.kind !== 'newline') inner.fail('expected_token', inner.span(rest), '}', inner.show(rest));
    parts.push(value);
  }
  const depth = Math.max(...parts.map((part) => part.depth)) + 1;
  const node: Interpolation = makeNode(span, depth, { kind: 'interpolation', parts });
  return node;
}
