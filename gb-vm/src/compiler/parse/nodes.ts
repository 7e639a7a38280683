import type { Apply, ArrayLiteral, Expression, Name, ObjectLiteral, Operation, TextLiteral } from '../ast.ts';
import type { Span } from '../source.ts';

export function makeNode<const T extends object>(
  span: Span,
  depth: number,
  fields: T,
): T & { span: Span; depth: number; type: 'none'; suspends: boolean } {
  return { ...fields, span, depth, type: 'none', suspends: false };
}

const deepest = (nodes: readonly Expression[]): number => nodes.reduce((most, { depth }) => Math.max(most, depth), 0);

export function applyNode(span: Span, target: Expression, args: readonly Expression[], bracket: Apply['bracket']): Apply {
  return makeNode(span, Math.max(target.depth, deepest(args)) + 1, { kind: 'apply', target, args, bracket, call: null });
}

/** A call of a function of the library, by its name in the table. */
export function callNode(span: Span, name: string, args: readonly Expression[]): Apply {
  const target: Name = makeNode(span, 1, { kind: 'name' as const, name, display: name, variable: null, call: null });
  return applyNode(span, target, args, '(');
}

export const arrayNode = (span: Span, items: readonly Expression[]): ArrayLiteral =>
  makeNode(span, deepest(items) + 1, { kind: 'array', items });

export const objectNode = (span: Span, entries: ObjectLiteral['entries']): ObjectLiteral =>
  makeNode(span, deepest(entries.map(({ value }) => value)) + 1, { kind: 'object', entries });

export const operationNode = (span: Span, name: string, args: Operation['args']): Operation =>
  makeNode(span, deepest(args.map(({ value }) => value)) + 1, { kind: 'operation', name, args });

export const textNode = (span: Span, value: string): TextLiteral => makeNode(span, 1, { kind: 'text', value });

/** The same value once more, as nodes of its own: later phases write into them, so no node may stand in two places. */
export function copyOf<T extends Expression>(value: T): T;
export function copyOf(value: Expression): Expression {
  switch (value.kind) {
    case 'apply':
      return { ...value, target: copyOf(value.target), args: value.args.map(copyOf) };
    case 'member':
      return { ...value, target: copyOf(value.target) };
    case 'unary':
      return { ...value, operand: copyOf(value.operand) };
    case 'binary':
      return { ...value, left: copyOf(value.left), right: copyOf(value.right) };
    case 'array':
      return { ...value, items: value.items.map(copyOf) };
    case 'object':
      return { ...value, entries: value.entries.map(({ key, value: inner }) => ({ key, value: copyOf(inner) })) };
    case 'interpolation':
      return { ...value, parts: value.parts.map(copyOf) };
    case 'operation':
      return { ...value, args: value.args.map(({ key, value: inner }) => ({ key, value: copyOf(inner) })) };
    default:
      return { ...value };
  }
}
