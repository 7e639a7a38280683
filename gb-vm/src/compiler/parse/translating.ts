import type { Expression } from '../ast.ts';
import type { ParseContext } from './context.ts';
import { makeNode, operationNode } from './nodes.ts';

/**
 * In a script that says SET TRANSLATOR, what TALK says and HEAR hears goes by the host, which translates it or not, as it
 * was last told. Other scripts speak without asking anybody.
 */
export function translated(context: ParseContext, value: Expression, isHeard = false): Expression {
  if (!context.translates) return value;
  const args = [{ key: 'value', value }];
  if (isHeard) args.push({ key: 'isHeard', value: makeNode(value.span, 1, { kind: 'boolean', value: true }) });
  return operationNode(value.span, 'TRANSLATE TALK', args);
}
