import type { Apply, Expression, ObjectLiteral, TextLiteral } from './ast.ts';
import { arrayNode, callNode, objectNode, operationNode, textNode } from './parse/nodes.ts';

/**
 * `AGGREGATE "SUM", "orders", "total"`: where a function takes rows, a name in quotes is the table or file of that name,
 * and means FIND of it. What narrows the rows is asked of the table and not of the rows it gave. Doing it to a call a
 * second time changes nothing.
 */
export function readRowsByName(call: Apply, name: string): void {
  switch (name) {
    case 'FILTER':
      return filter(call);
    case 'AGGREGATE':
      return aggregate(call);
    case 'SELECT':
      return select(call);
    case 'MAP':
    case 'PLUCK':
    case 'GROUP BY':
    case 'PIVOT':
    case 'SORT BY':
      return change(
        call,
        call.args.map((one, index) => (index === 0 ? found(one) : one)),
      );
    case 'JOIN':
      // With two values it puts texts together.
      if (call.args.length === 3)
        change(
          call,
          call.args.map((one, index) => (index < 2 ? found(one) : one)),
        );
  }
}

function filter(call: Apply): void {
  const [rows, condition] = call.args;
  if (!isName(rows) || !condition || call.args.length !== 2) return;
  change(call, [found(rows, condition), textNode(condition.span, '')]);
}

/** With a filter behind the column. */
function aggregate(call: Apply): void {
  const [word, rows, column, condition] = call.args;
  if (!word || !rows || call.args.length > 4) return;
  const kept = condition
    ? isName(rows)
      ? found(rows, condition)
      : callNode(rows.span, 'FILTER', [rows, condition])
    : found(rows);
  change(call, [word, kept, ...(column ? [column] : [])]);
}

function select(call: Apply): void {
  const [rows, query] = call.args;
  if (!rows || query?.kind !== 'object') return;
  const { entries } = query;
  const joins = entries.find(({ key }) => key === 'joins')?.value;
  if (joins?.kind === 'array') for (const join of joins.items) if (join.kind === 'object') readJoined(join);
  if (!isName(rows)) return;
  const where = entries.find(({ key }) => key === 'where')?.value;
  // With another name for the table, or a second table, a column may be called what only the rows know.
  const isPlain = where?.kind === 'array' && !entries.some(({ key }) => key === 'joins' || key === 'alias');
  if (!isPlain) return change(call, [found(rows), query]);
  const rest = entries.filter(({ key }) => key !== 'where');
  change(call, [found(rows, where), objectNode(query.span, rest)]);
}

function readJoined(join: ObjectLiteral): void {
  Object.assign(join, {
    entries: join.entries.map((entry) => (entry.key === 'list' ? { ...entry, value: found(entry.value) } : entry)),
  });
}

const isName = (node: Expression | undefined): node is TextLiteral => node?.kind === 'text' && node.value.trim() !== '';

function found(node: Expression, condition?: Expression): Expression {
  if (!isName(node)) return node;
  const narrowed =
    condition === undefined
      ? []
      : condition.kind === 'array'
        ? [{ key: 'where', value: condition }]
        : [{ key: 'filters', value: arrayNode(condition.span, [condition]) }];
  return operationNode(node.span, 'FIND', [{ key: 'table', value: node }, ...narrowed]);
}

function change(call: Apply, args: readonly Expression[]): void {
  const depth = Math.max(call.depth, ...args.map((one) => one.depth + 1));
  Object.assign(call, { args, depth });
}
