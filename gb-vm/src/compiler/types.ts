import type { Expression } from './ast.ts';
import { functionKeywords } from './keywords/index.ts';

/**
 * What the compiler knows about a value before the program runs. A proven `num`, `str` or `bool` needs no tag and no
 * check, which is worth a factor of three in loops; `any` is a tagged 64-bit variant and can hold everything.
 * `none` is "no value seen yet" while the types are being worked out; `nums` an array declared by DIM that holds only numbers.
 */
export type Type = 'none' | 'num' | 'str' | 'bool' | 'nums' | 'any';

/** The smallest type that holds both. */
export function joinTypes(a: Type, b: Type): Type {
  if (a === b || b === 'none') return a;
  return a === 'none' ? b : 'any';
}

export const bitOperators: ReadonlySet<string> = new Set(['BITAND', 'BITOR', 'BITXOR', 'BITEQV', 'BITIMP']);
const comparing = new Set(['=', '<>', '<', '>', '<=', '>=', 'IN', 'NOT IN']);

/** The type of an expression from the types of its parts, which must be up to date. */
export function typeOf(node: Expression): Type {
  switch (node.kind) {
    case 'number':
      return 'num';
    case 'text':
    case 'interpolation':
      return 'str';
    case 'boolean':
      return 'bool';
    case 'name':
      if (node.call) return callType(node.call, []);
      return node.variable?.type ?? 'any';
    case 'temporary':
      return node.variable.type;
    case 'apply':
      if (node.call) return callType(node.call, node.args);
      return node.target.type === 'nums' ? 'num' : 'any';
    case 'unary':
      if (node.operator === 'BITNOT') return node.operand.type === 'bool' ? 'bool' : 'num';
      return node.operator === 'NOT' ? 'bool' : 'num';
    case 'binary':
      if (bitOperators.has(node.operator)) return node.left.type === 'bool' && node.right.type === 'bool' ? 'bool' : 'num';
      if (node.operator === 'AND' || node.operator === 'OR') return choiceType(node.left.type, node.right.type);
      if (comparing.has(node.operator)) return 'bool';
      if (node.operator === '&') return 'str';
      return node.operator === '+' ? sumType(node.left.type, node.right.type) : 'num';
    default:
      return 'any';
  }
}

/** AND and OR give one of their operands back; between two conditions that is a condition. */
function choiceType(a: Type, b: Type): Type {
  const joined = joinTypes(a, b);
  return joined === 'nums' ? 'any' : joined;
}

function sumType(a: Type, b: Type): Type {
  if (a === 'str' || b === 'str') return 'str';
  if (a === 'none' || b === 'none') return 'none';
  return (a === 'num' || a === 'bool') && (b === 'num' || b === 'bool') ? 'num' : 'any';
}

function callType(call: NonNullable<(Expression & { kind: 'apply' })['call']>, args: readonly Expression[]): Type {
  if (call.kind === 'procedure') return call.procedure.returnType;
  if (call.name === 'ERR' || call.name === 'ERL') return 'num';
  if (call.name === 'IIF' && args[1] && args[2]) return joinTypes(args[1].type, args[2].type);
  return resultTypes[functionKeywords.get(call.name)?.result ?? 'v'];
}

const resultTypes = { n: 'num', s: 'str', b: 'bool', v: 'any' } as const;
