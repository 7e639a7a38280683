import type { ArrayLiteral, BinaryOperator, Expression, Interpolation, ObjectLiteral } from './ast.ts';
import { functionKeywords, reservedWords } from './keywords/index.ts';
import { lex, type Token } from './lexer.ts';
import { errorProperty, foreignFunction, methodCall } from './parse/methods.ts';
import { applyNode, arrayNode, callNode, makeNode, objectNode } from './parse/nodes.ts';
import { join, type Span } from './source.ts';
import type { TokenStream } from './token-stream.ts';

export { applyNode, makeNode } from './parse/nodes.ts';

/** Trees deeper than this are refused, so that every phase may walk them by recursion on any stack. */
export const expressionDepthMax = 200;

/** How tightly an operator binds; a bigger number binds tighter. `^` is above the sign, so -2^2 is -4. */
const binding: Readonly<Record<string, number>> = {
  OR: 1,
  '||': 1,
  XOR: 1.5,
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
  LIKE: 4,
  'NOT LIKE': 4,
  'STARTS WITH': 4,
  'ENDS WITH': 4,
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
const synonyms: Readonly<Record<string, string>> = { '||': 'OR', '&&': 'AND', '==': '=', '!=': '<>', XOR: 'BITXOR' };
/** Operators that are functions of the library. */
const calledOperators: Readonly<Record<string, (span: Span, left: Expression, right: Expression) => Expression>> = {
  LIKE: like,
  'NOT LIKE': like,
  'STARTS WITH': (span, left, right) => callNode(span, 'STARTSWITH', [left, right]),
  'ENDS WITH': (span, left, right) => callNode(span, 'ENDSWITH', [left, right]),
};

const durations: ReadonlySet<string> = new Set(['SECONDS', 'MINUTES', 'HOURS', 'DAYS', 'WEEKS', 'MONTHS', 'YEARS']);

/** `NOW() - DAYS(30)`: dates are texts, so what is added to one or taken from it is moved by DATEADD. */
function moveInTime(sign: '+' | '-', left: Expression, right: Expression): Expression | null {
  if (right.kind !== 'apply' || right.target.kind !== 'name' || right.args.length !== 1) return null;
  if (!durations.has(right.target.name)) return null;
  const { span } = right;
  const count = right.args[0]!;
  const moved: Expression =
    sign === '+' ? count : makeNode(count.span, count.depth + 1, { kind: 'unary', operator: '-', operand: count });
  const unit: Expression = makeNode(span, 1, { kind: 'text', value: right.target.name.toLowerCase() });
  return callNode(join(left.span, span), 'DATEADD', [left, moved, unit]);
}

/** `text LIKE pattern` is what FILTER does to a row with this text, so that both always agree. */
function like(span: Span, left: Expression, right: Expression): Expression {
  const text = (value: string): Expression => makeNode(span, 1, { kind: 'text', value });
  const condition = objectNode(span, [
    { key: 'column', value: text('text') },
    { key: 'operator', value: text('like') },
    { key: 'value', value: right },
  ]);
  const rows = arrayNode(span, [objectNode(span, [{ key: 'text', value: left }])]);
  const found = callNode(span, 'COUNT', [callNode(span, 'FILTER', [rows, arrayNode(span, [condition])])]);
  const none = makeNode(span, 1, { kind: 'number', value: 0 } as const);
  return makeNode(span, found.depth + 1, { kind: 'binary', operator: '>', left: found, right: none });
}

/** What binds looser than this is a comparison or joins comparisons: the value in `WHERE column = value` ends before it. */
export const comparisonBinding = 4;
/** Above this, only what hangs on an operand itself: `a.b(c)` and `a ^ b`. */
export const operandBinding = signBinding;

/** Reserved words that scripts use as names all the same: no value can be missing where they stand as one. */
export const namesToo: ReadonlySet<string> = new Set(['TO', 'CASE', 'NEXT', 'LOOP', 'BEGIN', 'END', 'CALL', 'INCLUDE']);

/** Precedence climbing (Pratt): reads one operand, then folds in operators as long as they bind tighter than `least`. */
export function parseExpression(stream: TokenStream, least = 0): Expression {
  stream.enter();
  let left = parseOperand(stream);
  for (;;) {
    const operator = operatorHere(stream);
    const power = operator === null ? undefined : binding[operator];
    if (operator === null || power === undefined || power <= least) break;
    stream.next();
    if (operator.includes(' ')) stream.next();
    left = operator === 'IS' ? parseIs(stream, left) : fold(stream, operator, left, parseExpression(stream, power));
  }
  if (least === 0 && stream.is('?')) left = parseTernary(stream, left);
  stream.leave();
  return left;
}

/** `condition ? yes : no` and `value ?? otherwise`, as JavaScript has them. */
function parseTernary(stream: TokenStream, condition: Expression): Expression {
  stream.next();
  const isOtherwise = stream.accept('?');
  const first = parseExpression(stream);
  if (isOtherwise) return callNode(join(condition.span, first.span), 'NVL', [condition, first]);
  stream.expect(':');
  const second = parseExpression(stream);
  return callNode(join(condition.span, second.span), 'IIF', [condition, first, second]);
}

function operatorHere(stream: TokenStream): string | null {
  const token = stream.peek();
  if (token.kind === 'operator') return token.upper;
  if (token.kind !== 'name') return null;
  if (token.upper === 'NOT') return stream.is('IN', 1) ? 'NOT IN' : stream.is('LIKE', 1) ? 'NOT LIKE' : null;
  if (token.upper === 'STARTS' || token.upper === 'ENDS') return stream.is('WITH', 1) ? `${token.upper} WITH` : null;
  return token.upper in binding ? token.upper : null;
}

function fold(stream: TokenStream, sign: string, left: Expression, right: Expression): Expression {
  const moved = (sign === '+' || sign === '-') && moveInTime(sign, left, right);
  if (moved) return moved;
  const called = calledOperators[sign];
  const operator = (synonyms[sign] ?? sign) as BinaryOperator | 'CONTAINS';
  const depth = Math.max(left.depth, right.depth) + 1;
  const span = join(left.span, right.span);
  if (depth > expressionDepthMax) stream.fail('nesting_too_deep', span, expressionDepthMax);
  if (operator === 'CONTAINS') return makeNode(span, depth, { kind: 'binary', operator: 'IN', left: right, right: left });
  if (called) {
    const call = called(span, left, right);
    return sign.startsWith('NOT') ? makeNode(span, call.depth + 1, { kind: 'unary', operator: 'NOT', operand: call }) : call;
  }
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
  if ((token.upper === 'NOT' && token.kind === 'name') || (token.upper === '!' && token.kind === 'operator')) {
    stream.next();
    const operand = parseExpression(stream, token.upper === '!' ? signBinding : notBinding);
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
      const span = join(value.span, stream.span(stream.last()));
      const method = bracket === '(' && value.kind === 'member' ? methodCall(span, value, args) : null;
      value = method ?? foreignFunction(applyNode(span, value, args, bracket));
    } else if (token.upper === '.') {
      stream.next();
      const name = stream.peek();
      if (name.kind !== 'name') stream.fail('expected_name', stream.span(name), stream.show(name));
      stream.next();
      const span = join(value.span, stream.span(name));
      value =
        errorProperty(span, value, name.upper) ??
        makeNode(span, value.depth + 1, { kind: 'member', target: value, name: name.text });
    } else return value;
  }
}

const isCallable = (value: Expression): boolean => value.kind === 'name' || value.kind === 'member' || value.kind === 'apply';

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
    return !reservedWords.has(token.upper) || ['TRUE', 'FALSE', 'NULL', 'NEW', 'NOT'].includes(token.upper) || isNameToo(stream);
  return token.kind === 'operator' && (token.upper === '{' || token.upper === '#{' || (token.upper === '[' && !token.glued));
}

/** A reserved word that can only be a name here. */
function isNameToo(stream: TokenStream): boolean {
  if (!namesToo.has(stream.peek().upper)) return false;
  const next = stream.peek(1);
  if (next.kind === 'name') return reservedWords.has(next.upper) && !namesToo.has(next.upper) && next.upper !== 'NOT';
  if (next.kind === 'newline' || next.kind === 'end') return true;
  return next.kind === 'operator' && next.upper !== '{' && next.upper !== '#{' && next.upper !== '(';
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
  const read = stream.readWord?.(stream);
  if (read) return parsePostfix(stream, read);
  const span = stream.span(token);
  switch (token.upper) {
    case 'TRUE':
    case 'FALSE':
      stream.next();
      return makeNode(span, 1, { kind: 'boolean', value: token.upper === 'TRUE' });
    case 'NULL':
      stream.next();
      return makeNode(span, 1, { kind: 'null' });
    case 'NEW':
      stream.next();
      return parseNew(stream, token);
    case 'CONTAINS':
      if (stream.is('(', 1)) return parseContains(stream);
      return stream.fail('expected_expression', span, stream.show(token));
    case 'IF':
      if (!stream.is('(', 1)) return stream.fail('expected_expression', span, stream.show(token));
      stream.next();
      return callNode(span, 'IIF', parseList(stream, '(', ')'));
    case 'CREATE':
      if (!stream.is('OBJECT', 1) && !stream.is('ARRAY', 1)) break;
      stream.next();
      return parseNew(stream, token);
    case 'FN':
      if (stream.peek(1).kind === 'name') return parseFn(stream, token);
      break;
    default:
      if (reservedWords.has(token.upper) && !isNameToo(stream)) stream.fail('expected_expression', span, stream.show(token));
  }
  stream.next();
  const name = makeNode(span, 1, { kind: 'name', name: token.upper, display: token.text, variable: null, call: null });
  const builtIn = functionKeywords.get(token.upper.replace(/\$$/, ''));
  if (!builtIn?.params || !startsValue(stream)) return name;
  const args = [parseExpression(stream)];
  while (stream.isComma()) {
    stream.next();
    args.push(parseExpression(stream));
  }
  return applyNode(join(span, args.at(-1)!.span), name, args, ' ');
}

/** `CONTAINS(list, a)`, the same as `list CONTAINS a`. */
function parseContains(stream: TokenStream): Expression {
  const token = stream.next();
  const [list, item, more] = parseList(stream, '(', ')');
  const span = join(stream.span(token), stream.span(stream.last()));
  if (!list || !item || more) return stream.fail('wrong_form', span, 'CONTAINS', ')', 'CONTAINS(list, value)');
  return fold(stream, 'CONTAINS', list, item);
}

/** After NEW or CREATE: an empty list or object, or the date of `new Date()`. */
function parseNew(stream: TokenStream, word: Token): Expression {
  const what = stream.next();
  const span = join(stream.span(word), stream.span(what));
  if (what.upper !== 'ARRAY' && what.upper !== 'OBJECT' && what.upper !== 'DATE')
    stream.fail('expected_token', stream.span(what), 'ARRAY', stream.show(what));
  if (stream.is('(') && stream.is(')', 1)) {
    stream.next();
    stream.next();
  }
  if (what.upper === 'DATE') return callNode(span, 'NOW', []);
  return what.upper === 'ARRAY' ? arrayNode(span, []) : objectNode(span, []);
}

/** `FN a(x)`, which is the same as `FNa(x)`. */
function parseFn(stream: TokenStream, word: Token): Expression {
  stream.next();
  const rest = stream.next();
  const span = join(stream.span(word), stream.span(rest));
  const name = `FN${rest.upper}`;
  return makeNode(span, 1, { kind: 'name', name, display: `${word.text}${rest.text}`, variable: null, call: null });
}

function parseGroup(stream: TokenStream): Expression {
  const open = stream.next();
  const value = parseExpression(stream);
  stream.expectClose(')', open);
  return value;
}

function parseArray(stream: TokenStream): ArrayLiteral {
  const open = stream.peek();
  const items = parseList(stream, '[', ']');
  return arrayNode(join(stream.span(open), stream.span(stream.last())), items);
}

/** `{ "key": value, key: value }` and `#{ … }`. */
function parseObject(stream: TokenStream): ObjectLiteral {
  const open = stream.next();
  const entries: { key: string; value: Expression }[] = [];
  stream.objectDepth++;
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
  stream.objectDepth--;
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
    if (rest.kind !== 'newline') inner.fail('expected_token', inner.span(rest), '"}"', inner.show(rest));
    parts.push(value);
  }
  const depth = Math.max(...parts.map((part) => part.depth)) + 1;
  const node: Interpolation = makeNode(span, depth, { kind: 'interpolation', parts });
  return node;
}
