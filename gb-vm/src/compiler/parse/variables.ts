import type { BinaryOperator, Dim, Expression, Name, Statement, Target } from '../ast.ts';
import type { Token } from '../lexer.ts';
import { comparisonBinding, parseExpression, startsValue } from '../parse-expression.ts';
import { join, type Span } from '../source.ts';
import type { TokenStream } from '../token-stream.ts';
import type { ParseContext } from './context.ts';
import { parseHear } from './hear.ts';
import type { KnownNames } from './known-names.ts';
import { assignments, asTarget, parseName, parseTarget, propertyOf, startsTarget } from './names.ts';
import { applyNode, arrayNode, callNode, copyOf, makeNode, operationNode } from './nodes.ts';
import { initialValue, parseTypeName } from './records.ts';

/** A statement that starts with a name: an assignment, or a call with or without parentheses. */
export function parsePlain(context: ParseContext): readonly Statement[] {
  const { stream } = context;
  const start = stream.peek();
  const value = startsTarget(stream);
  const sign = stream.peek();
  if (sign.kind === 'operator' && assignments.has(sign.upper)) return [parseAssignment(context, start, value)];
  if (value.kind === 'name' && !context.atEnd() && startsValue(stream)) return [bareCall(context, start, value)];
  const span = context.from(start);
  if (value.kind === 'name' && isStep(stream)) return [stepped(context, start, value)];
  if (value.kind === 'name' || (value.kind === 'apply' && value.bracket !== '[')) return [{ kind: 'call', span, value }];
  return stream.fail('statement_has_no_effect', value.span);
}

/** `APPEND list, item` and `list.append(item)` as statements change the list, which is made if there is none yet. */
export function appended(known: KnownNames, { value, span }: Extract<Statement, { kind: 'call' }>): readonly Statement[] | null {
  if (value.kind !== 'apply' || value.target.kind !== 'name' || value.target.name !== 'APPEND') return null;
  const [list, item] = value.args;
  const isVariable = list?.kind === 'name' || list?.kind === 'member' || list?.kind === 'apply';
  if (!isVariable || !item || value.args.length !== 2 || known.isProcedure('APPEND')) return null;
  const none = makeNode(span, 1, { kind: 'null' } as const);
  const isMissing: Expression = makeNode(span, list.depth + 1, {
    kind: 'binary',
    operator: '=',
    left: copyOf(list),
    right: none,
  });
  const made: Statement = { kind: 'assign', span, target: copyOf(list), value: arrayNode(span, []) };
  return [
    { kind: 'if', span, branches: [{ condition: isMissing, body: [made] }], otherwise: [] },
    { kind: 'call', span, value: callNode(span, 'PUSH', [list, item]) },
  ];
}

/** `target = value`, `target += value`; `x = HEAR …` waits for an answer. */
function parseAssignment(context: ParseContext, start: Token, value: Expression): Statement {
  const { stream } = context;
  const target = asTarget(stream, value);
  if (target.kind === 'name' && context.constants.has(target.name)) stream.fail('constant_assigned', target.span, target.display);
  const sign = stream.next();
  if (sign.upper === '=' && stream.is('HEAR') && !stream.is('.', 1)) {
    const word = stream.next();
    const prompt = context.atEnd() || stream.is('AS') ? null : parseExpression(stream);
    return parseHear(context, word, target, prompt);
  }
  const right = parseAs(stream, parseExpression(stream));
  const full =
    target.kind === 'name' && stream.withTarget ? propertyOf(stream.withTarget(), target.display, target.span) : target;
  if (sign.upper === '=') return { kind: 'assign', span: context.from(start), target: full, value: right };
  return changed(context, start, full, sign.upper[0] as BinaryOperator, right);
}

function changed(context: ParseContext, start: Token, target: Target, operator: BinaryOperator, right: Expression): Statement {
  const depth = Math.max(target.depth, right.depth) + 1;
  const value = makeNode(join(target.span, right.span), depth, { kind: 'binary', operator, left: copyOf(target), right });
  return { kind: 'assign', span: context.from(start), target, value };
}

/** `i++` and `i--` of JavaScript. */
const isStep = (stream: TokenStream): boolean =>
  (stream.is('+') && stream.is('+', 1) && stream.peek(1).glued) || (stream.is('-') && stream.is('-', 1) && stream.peek(1).glued);

function stepped(context: ParseContext, start: Token, target: Name): Statement {
  const sign = context.stream.next();
  context.stream.next();
  const one = makeNode(context.stream.span(sign), 1, { kind: 'number', value: 1 } as const);
  return changed(context, start, target, sign.upper as BinaryOperator, one);
}

/** `value AS IMAGE` and `value AS PDF`. */
export function parseAs(stream: TokenStream, value: Expression): Expression {
  if (!stream.is('AS') || (!stream.is('IMAGE', 1) && !stream.is('PDF', 1))) return value;
  stream.next();
  const format = stream.next();
  return operationNode(join(value.span, stream.span(format)), `AS ${format.upper}`, [{ key: 'value', value }]);
}

/** `greet "Ana", 3`. */
function bareCall(context: ParseContext, start: Token, target: Expression): Statement {
  const { stream } = context;
  const args: Expression[] = [];
  do args.push(parseExpression(stream));
  while (stream.accept(','));
  return { kind: 'call', span: context.from(start), value: applyNode(context.from(start), target, args, ' ') };
}

/** LET, and SET before an assignment. */
export function parseLet(context: ParseContext): readonly Statement[] {
  return parsePlain(context);
}

/** `DIM a, b(10) AS type, c = 1`, and REDIM [PRESERVE]. */
export function parseDim(context: ParseContext, word: Token, isKept = false): readonly Statement[] {
  const { stream } = context;
  const statements = [...dimOne(context, word, isKept)];
  while (stream.accept(',')) statements.push(...dimOne(context, word, isKept));
  return statements;
}

function dimOne(context: ParseContext, word: Token, isKept: boolean): readonly Statement[] {
  const { stream } = context;
  const target = parseName(stream);
  const sizes: Expression[] = [];
  const close = stream.is('(') ? ')' : stream.is('[') ? ']' : null;
  if (close) {
    stream.next();
    if (!stream.is(close)) {
      do sizes.push(parseSize(stream));
      while (stream.accept(','));
    }
    stream.expect(close);
  }
  const typeName = stream.accept('AS') ? parseTypeName(context) : null;
  const span = context.from(word);
  const given = stream.accept('=') ? parseExpression(stream) : null;
  const isList = close !== null && sizes.length === 0;
  const initial = typeName ? initialValue(context, typeName, span) : null;
  const value = given ?? (isList ? arrayNode(span, []) : sizes.length > 0 ? null : initial);
  const kept = isKept ? { isKept } : {};
  const dim: Dim = { kind: 'dim', span: context.from(word), target, sizes, typeName, value, ...kept };
  if (!initial || given || sizes.length === 0) return [dim];
  return [dim, filled(target, sizes, initial, span)];
}

/** `DIM a(5 TO 10)` has its elements up to 10; those before 5 are there too. */
function parseSize(stream: TokenStream): Expression {
  const first = parseExpression(stream);
  return stream.accept('TO') ? parseExpression(stream) : first;
}

/** Puts a new object into each element of an array of a TYPE: loops over indexes nobody else can name. */
function filled(target: Name, sizes: readonly Expression[], value: Expression, span: Span): Statement {
  const indexes = sizes.map(
    (_, level): Name =>
      makeNode(span, 1, { kind: 'name' as const, name: ` INDEX ${level}`, display: 'index', variable: null, call: null }),
  );
  const element = applyNode(
    span,
    { ...target },
    indexes.map((index) => ({ ...index })),
    '(',
  );
  let body: Statement = { kind: 'assign', span, target: element, value };
  for (let level = sizes.length - 1; level >= 0; level--) {
    const from = makeNode(span, 1, { kind: 'number', value: 0 } as const);
    body = { kind: 'for', span, variable: { ...indexes[level]! }, from, to: copyOf(sizes[level]!), step: null, body: [body] };
  }
  return body;
}

export function parseRedim(context: ParseContext, word: Token): readonly Statement[] {
  return parseDim(context, word, context.stream.accept('PRESERVE'));
}

/** `CONST a = 1, b = 2`: variables that no later line may give a value. */
export function parseConst(context: ParseContext, word: Token): readonly Statement[] {
  const { stream } = context;
  const statements: Statement[] = [];
  do {
    const target = parseName(stream);
    if (stream.accept('AS')) parseTypeName(context);
    stream.expect('=');
    const value = parseExpression(stream);
    if (context.constants.has(target.name)) stream.fail('constant_assigned', target.span, target.display);
    context.constants.add(target.name);
    statements.push({ kind: 'assign', span: context.from(word), target, value });
  } while (stream.accept(','));
  return statements;
}

export function parseErase(context: ParseContext, word: Token): readonly Statement[] {
  const { stream } = context;
  const statements: Statement[] = [];
  do {
    const target = parseName(stream);
    statements.push({ kind: 'assign', span: context.from(word), target, value: arrayNode(target.span, []) });
  } while (stream.accept(','));
  return statements;
}

export function parseSwap(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  const left = parseTarget(stream);
  stream.expect(',');
  const right = parseTarget(stream);
  return { kind: 'swap', span: context.from(word), left, right };
}

/** `SET x = 1` is an assignment; otherwise the first value says where the others are written to. */
export function parseSet(context: ParseContext, word: Token): readonly Statement[] {
  const { stream } = context;
  if (stream.peek().kind === 'name' && isAssignment(stream)) return parsePlain(context);
  const args = [{ key: 'target', value: parseExpression(stream, comparisonBinding) }];
  const values: Expression[] = [];
  while (stream.accept(',') || stream.accept('=')) values.push(parseExpression(stream));
  if (values.length === 0) {
    context.failWhenNear();
    stream.fail('wrong_form', stream.span(stream.peek()), 'SET', stream.show(stream.peek()), 'SET target, value');
  }
  const span = context.from(word);
  args.push({ key: 'values', value: arrayNode(span, values) });
  return [{ kind: 'call', span, value: operationNode(span, 'SET', args) }];
}

/** Whether an equals sign comes before any comma outside brackets. */
function isAssignment(stream: TokenStream): boolean {
  for (let ahead = 0; ; ahead++) {
    const { kind, upper } = stream.peek(ahead);
    if (kind === 'operator' && (upper === '=' || upper === ',')) return upper === '=';
    if (kind !== 'name' && kind !== 'number' && kind !== 'operator') return false;
    const closer = stream.closerOf(ahead);
    if (closer > 0) ahead = closer;
  }
}
