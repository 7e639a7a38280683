import type { Expression } from '../ast.ts';
import { comparisonBinding, parseExpression } from '../parse-expression.ts';
import { join, type Span } from '../source.ts';
import type { TokenStream } from '../token-stream.ts';
import { arrayNode, copyOf, makeNode, objectNode, textNode } from './nodes.ts';

/**
 * What follows WHERE, ORDER BY and SET. None of it becomes text again: a condition arrives as a list of
 * `{column, operator, value}` with plain values, so that nobody downstream builds a query out of strings.
 *
 * The list is a choice of alternatives: an element with `or: true` begins the next one, and all elements of an
 * alternative must hold. Brackets and NOT are worked out here, which is why the number of elements has a bound.
 */
const comparisonsMax = 200;

interface Comparison {
  readonly span: Span;
  readonly column: string;
  readonly operator: string;
  readonly value: Expression;
}

/** Alternatives, each of comparisons that must all hold. */
type Alternatives = readonly (readonly Comparison[])[];

const negated: Readonly<Record<string, string>> = {
  '=': '<>',
  '<>': '=',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
  like: 'not like',
  'not like': 'like',
  in: 'not in',
  'not in': 'in',
  contains: 'not contains',
  'not contains': 'contains',
};
const signs: Readonly<Record<string, string>> = { '==': '=', '!=': '<>' };

/** After WHERE: a condition, or a value that holds one as text. */
export function parseCondition(stream: TokenStream): Expression {
  const start = stream.peek();
  if (start.kind === 'string' && !isComparison(stream, 1)) return parseExpression(stream);
  const alternatives = anyOf(stream, false);
  const span = join(stream.span(start), stream.span(stream.last()));
  return arrayNode(
    span,
    alternatives.flatMap((all, index) => all.map((one, position) => comparisonNode(one, index > 0 && position === 0))),
  );
}

function comparisonNode({ span, column, operator, value }: Comparison, isNext: boolean): Expression {
  return objectNode(span, [
    { key: 'column', value: textNode(span, column) },
    { key: 'operator', value: textNode(span, operator) },
    { key: 'value', value: copyOf(value) },
    ...(isNext ? [{ key: 'or', value: makeNode(span, 1, { kind: 'boolean', value: true } as const) }] : []),
  ]);
}

function anyOf(stream: TokenStream, isNegated: boolean): Alternatives {
  let found = allOf(stream, isNegated);
  while (stream.accept('OR') || stream.accept('||')) {
    const next = allOf(stream, isNegated);
    found = isNegated ? both(stream, found, next) : [...found, ...next];
  }
  return found;
}

function allOf(stream: TokenStream, isNegated: boolean): Alternatives {
  let found = one(stream, isNegated);
  while (stream.accept('AND') || stream.accept('&&')) {
    const next = one(stream, isNegated);
    found = isNegated ? [...found, ...next] : both(stream, found, next);
  }
  return found;
}

function both(stream: TokenStream, left: Alternatives, right: Alternatives): Alternatives {
  const size =
    left.reduce((sum, { length }) => sum + length, 0) * right.length +
    right.reduce((sum, { length }) => sum + length, 0) * left.length;
  if (size > comparisonsMax) stream.fail('condition_too_complex', stream.span(stream.last()), comparisonsMax);
  return left.flatMap((a) => right.map((b) => [...a, ...b]));
}

function one(stream: TokenStream, isNegated: boolean): Alternatives {
  if (stream.is('NOT') || stream.is('!')) {
    stream.enter();
    stream.next();
    const found = one(stream, !isNegated);
    stream.leave();
    return found;
  }
  if (stream.is('(')) {
    const open = stream.next();
    stream.enter();
    const found = anyOf(stream, isNegated);
    stream.leave();
    stream.expectClose(')', open);
    return found;
  }
  return comparison(stream, isNegated);
}

function comparison(stream: TokenStream, isNegated: boolean): Alternatives {
  const start = stream.peek();
  const column = parseColumnName(stream);
  const spanned = (operator: string, value: Expression): Comparison => ({
    span: join(stream.span(start), stream.span(stream.last())),
    column,
    operator: isNegated ? (negated[operator] ?? operator) : operator,
    value,
  });
  if (stream.accept('IS')) {
    const operator = stream.accept('NOT') ? '<>' : '=';
    return [[spanned(operator, parseExpression(stream, comparisonBinding))]];
  }
  const isNot = stream.accept('NOT');
  if (stream.accept('BETWEEN')) {
    const least = spanned('>=', parseExpression(stream, comparisonBinding));
    stream.expect('AND');
    const most = spanned('<=', parseExpression(stream, comparisonBinding));
    return isNot === isNegated ? [[least, most]] : [[{ ...least, operator: '<' }], [{ ...most, operator: '>' }]];
  }
  const operator = operatorOf(stream);
  const value = operator === 'in' && stream.is('(') ? parseValueSet(stream) : parseExpression(stream, comparisonBinding);
  return [[spanned(isNot ? (negated[operator] ?? operator) : operator, value)]];
}

function operatorOf(stream: TokenStream): string {
  const token = stream.peek();
  if (!isComparison(stream, 0)) stream.fail('expected_token', stream.span(token), '"="', stream.show(token));
  stream.next();
  return token.kind === 'name' ? token.upper.toLowerCase() : (signs[token.upper] ?? token.upper);
}

function isComparison(stream: TokenStream, ahead: number): boolean {
  const { kind, upper } = stream.peek(ahead);
  if (kind === 'operator') return upper in negated || upper in signs;
  return kind === 'name' && ['LIKE', 'IN', 'CONTAINS', 'IS', 'NOT', 'BETWEEN'].includes(upper);
}

/** `IN (1, 2)`, as SQL writes it. */
function parseValueSet(stream: TokenStream): Expression {
  const open = stream.next();
  const items = [parseExpression(stream)];
  while (stream.accept(',')) items.push(parseExpression(stream));
  stream.expectClose(')', open);
  const span = join(stream.span(open), stream.span(stream.last()));
  return items.length === 1 && items[0]!.kind !== 'text' && items[0]!.kind !== 'number' ? items[0]! : arrayNode(span, items);
}

/** `name`, `table.name` or `"name"`. */
export function parseColumnName(stream: TokenStream): string {
  const token = stream.peek();
  const only = token.parts[0];
  if (token.kind === 'string' && token.parts.length === 1 && only && 'text' in only) {
    stream.next();
    return only.text;
  }
  if (token.kind !== 'name') stream.fail('expected_column', stream.span(token), stream.show(token));
  let name = stream.next().text;
  while (stream.is('.') && stream.peek(1).kind === 'name') {
    stream.next();
    name += `.${stream.next().text}`;
  }
  return name;
}

/** After ORDER BY: a list of `{column, isDescending}`, or a value that holds the order as text. */
export function parseOrder(stream: TokenStream): Expression {
  const start = stream.peek();
  const items: Expression[] = [];
  do {
    const first = stream.peek();
    const [, column = '', way] = /^(.*?)(?:\s+(asc|desc))?$/is.exec(parseColumnName(stream)) ?? [];
    const isDescending = way?.toLowerCase() === 'desc' || stream.accept('DESC') || stream.accept('DESCENDING');
    if (!isDescending && !stream.accept('ASC')) stream.accept('ASCENDING');
    const span = join(stream.span(first), stream.span(stream.last()));
    items.push(
      objectNode(span, [
        { key: 'column', value: textNode(span, column) },
        { key: 'isDescending', value: makeNode(span, 1, { kind: 'boolean', value: isDescending } as const) },
      ]),
    );
  } while (stream.accept(','));
  return arrayNode(join(stream.span(start), stream.span(stream.last())), items);
}

/**
 * After SET in UPDATE: `a = 1, b = 2` as an object, or a value that is one. After WITH the sign is AS, and = does as
 * well, since people write both.
 */
export function parseFields(stream: TokenStream, sign: '=' | 'AS'): Expression {
  const start = stream.peek();
  if (start.kind === 'operator' || (start.kind === 'name' && !stream.is(sign, 1) && !stream.is('=', 1) && !stream.is('.', 1)))
    return parseExpression(stream);
  const entries: { key: string; value: Expression }[] = [];
  do {
    const key = parseColumnName(stream);
    if (!stream.accept('=')) stream.expect(sign);
    entries.push({ key, value: parseExpression(stream) });
  } while (stream.accept(','));
  return objectNode(join(stream.span(start), stream.span(stream.last())), entries);
}
