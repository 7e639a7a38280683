import type { DeclaredValue, Expression } from '../ast.ts';
import type { Span } from '../source.ts';
import { arrayNode, makeNode, objectNode, textNode } from './nodes.ts';

/** A known value as an expression. */
export function constantNode(span: Span, value: DeclaredValue): Expression {
  if (value === null) return makeNode(span, 1, { kind: 'null' });
  if (typeof value === 'string') return textNode(span, value);
  if (typeof value === 'number') return makeNode(span, 1, { kind: 'number', value });
  if (typeof value === 'boolean') return makeNode(span, 1, { kind: 'boolean', value });
  if (isList(value))
    return arrayNode(
      span,
      value.map((item) => constantNode(span, item)),
    );
  return objectNode(
    span,
    Object.entries(value).map(([key, inner]) => ({ key, value: constantNode(span, inner) })),
  );
}

const isList = (value: DeclaredValue): value is readonly DeclaredValue[] => Array.isArray(value);

/** The value of an expression that is known without running anything; undefined when it is not. */
export function constantOf(value: Expression): DeclaredValue | undefined {
  switch (value.kind) {
    case 'text':
    case 'number':
    case 'boolean':
      return value.value;
    case 'null':
      return null;
    case 'array': {
      const items = value.items.map(constantOf);
      return items.every((item) => item !== undefined) ? items : undefined;
    }
    case 'object': {
      const entries: [string, DeclaredValue][] = [];
      for (const { key, value: inner } of value.entries) {
        const constant = constantOf(inner);
        if (constant === undefined) return undefined;
        entries.push([key, constant]);
      }
      return Object.fromEntries(entries);
    }
    case 'binary': {
      const left = constantOf(value.left);
      const right = constantOf(value.right);
      const isJoin = (value.operator === '+' || value.operator === '&') && typeof left === 'string' && typeof right === 'string';
      return isJoin ? left + right : undefined;
    }
    default:
      return undefined;
  }
}
