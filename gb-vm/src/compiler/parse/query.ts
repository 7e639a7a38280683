import type { Expression } from '../ast.ts';
import { parseExpression } from '../parse-expression.ts';
import { join, type Span } from '../source.ts';
import type { TokenStream } from '../token-stream.ts';
import { parseColumnName, parseCondition, parseOrder } from './conditions.ts';
import { arrayNode, callNode, makeNode, objectNode, textNode } from './nodes.ts';

/**
 * `SELECT a, SUM(b * c) AS total FROM rows [AS r] [JOIN others ON r.id = others.id] [WHERE …] [GROUP BY a] [ORDER BY a]
 * [LIMIT n]`: a query over lists of the program. It becomes the function SELECT of the list and an object
 *
 *     { columns: [{ expression, function, name }], joins: [{ list, alias, left, right, isLeft }], alias,
 *       where: […], groupBy: [column], orderBy: [{ column, isDescending }], limit, isDistinct }
 *
 * in which `expression` is the text between the commas or brackets: a column, `*`, or a calculation with columns.
 */
const aggregates = new Set(['SUM', 'AVG', 'COUNT', 'MIN', 'MAX']);
const clauses = new Set(['FROM', 'WHERE', 'GROUP', 'ORDER', 'LIMIT', 'JOIN', 'INNER', 'LEFT', 'ON', 'HAVING']);

/** SELECT begins a query when FROM follows on its line; else it chooses among cases. */
export function startsQuery(stream: TokenStream): boolean {
  for (let ahead = 1; ; ahead++) {
    const { kind, upper } = stream.peek(ahead);
    if (kind === 'newline' || kind === 'end') return false;
    if (kind === 'name' && upper === 'FROM') return true;
  }
}

export function parseQuery(stream: TokenStream): Expression {
  const start = stream.next();
  const here = (): Span => join(stream.span(start), stream.span(stream.last()));
  const entries: { key: string; value: Expression }[] = [];
  if (stream.accept('DISTINCT'))
    entries.push({ key: 'isDistinct', value: makeNode(here(), 1, { kind: 'boolean', value: true } as const) });
  const columns = [parseColumn(stream)];
  while (stream.accept(',')) columns.push(parseColumn(stream));
  entries.push({ key: 'columns', value: arrayNode(here(), columns) });
  stream.expect('FROM');
  const { list, alias } = parseSource(stream);
  if (alias) entries.push({ key: 'alias', value: alias });
  const joins: Expression[] = [];
  for (let one = parseJoin(stream); one; one = parseJoin(stream)) joins.push(one);
  if (joins.length > 0) entries.push({ key: 'joins', value: arrayNode(here(), joins) });
  for (let clause = parseClause(stream); clause; clause = parseClause(stream)) entries.push(clause);
  return callNode(here(), 'SELECT', [list, objectNode(here(), entries)]);
}

/** WHERE, GROUP BY, ORDER BY and LIMIT, in whatever order they come. */
function parseClause(stream: TokenStream): { key: string; value: Expression } | null {
  const start = stream.peek();
  if (stream.accept('WHERE')) return { key: 'where', value: parseCondition(stream) };
  if (stream.accept('LIMIT')) return { key: 'limit', value: parseExpression(stream) };
  if (stream.accept('ORDER')) {
    stream.expect('BY');
    return { key: 'orderBy', value: parseOrder(stream) };
  }
  if (!stream.accept('GROUP')) return null;
  stream.expect('BY');
  const keys = [expressionText(stream, false)];
  while (stream.accept(',')) keys.push(expressionText(stream, false));
  return { key: 'groupBy', value: arrayNode(join(stream.span(start), stream.span(stream.last())), keys) };
}

function columnText(stream: TokenStream): Expression {
  const start = stream.peek();
  return textNode(stream.span(start), parseColumnName(stream));
}

function parseColumn(stream: TokenStream): Expression {
  const start = stream.peek();
  const entries: { key: string; value: Expression }[] = [];
  const closer = stream.is('(', 1) && aggregates.has(start.upper) ? stream.closerOf(1) : 0;
  const isAggregate = closer > 0 && endsColumn(stream, closer + 1);
  if (isAggregate) {
    stream.next();
    stream.next();
    entries.push({ key: 'function', value: textNode(stream.span(start), start.upper) });
  }
  const expression = expressionText(stream, isAggregate);
  if (isAggregate) stream.expect(')');
  entries.push({ key: 'expression', value: expression });
  const isNamed = stream.accept('AS');
  if (isNamed) entries.push({ key: 'name', value: columnText(stream) });
  return objectNode(join(stream.span(start), stream.span(stream.last())), entries);
}

/** A calculation with columns, as it is written. */
function expressionText(stream: TokenStream, isInBrackets: boolean): Expression {
  const from = stream.peek();
  let isEmpty = true;
  while (!endsColumn(stream, 0) && !(isInBrackets && stream.is(')'))) {
    for (let count = stream.closerOf(0); count > 0; count--) stream.next();
    stream.next();
    isEmpty = false;
  }
  if (isEmpty) stream.fail('expected_column', stream.span(from), stream.show(from));
  const span = join(stream.span(from), stream.span(stream.last()));
  return textNode(span, stream.file.text.slice(span.start, span.end));
}

/** Whether the column is over: at a comma, AS, or the next clause. */
function endsColumn(stream: TokenStream, ahead: number): boolean {
  const { kind, upper } = stream.peek(ahead);
  if (kind === 'newline' || kind === 'end') return true;
  if (kind === 'operator') return upper === ',';
  return kind === 'name' && (upper === 'AS' || clauses.has(upper));
}

/** A list of the program, with the name by which its columns may be called. */
function parseSource(stream: TokenStream): { list: Expression; alias: Expression | null } {
  const list = parseExpression(stream);
  const token = stream.peek();
  if (stream.accept('AS') || (token.kind === 'name' && !clauses.has(token.upper) && token.upper !== 'THEN'))
    return { list, alias: columnText(stream) };
  return { list, alias: list.kind === 'name' ? textNode(list.span, list.display) : null };
}

function parseJoin(stream: TokenStream): Expression | null {
  const start = stream.peek();
  const isLeft = stream.accept('LEFT');
  if (!isLeft) stream.accept('INNER');
  if (!stream.accept('JOIN')) return null;
  const { list, alias } = parseSource(stream);
  stream.expect('ON');
  const left = columnText(stream);
  stream.expect('=');
  const right = columnText(stream);
  const span = join(stream.span(start), stream.span(stream.last()));
  return objectNode(span, [
    { key: 'list', value: list },
    ...(alias ? [{ key: 'alias', value: alias }] : []),
    { key: 'left', value: left },
    { key: 'right', value: right },
    ...(isLeft ? [{ key: 'isLeft', value: makeNode(span, 1, { kind: 'boolean', value: true } as const) }] : []),
  ]);
}
