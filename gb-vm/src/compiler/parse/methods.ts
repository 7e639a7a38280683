import type { Apply, Expression, Member } from '../ast.ts';
import { functionKeywords } from '../keywords/index.ts';
import type { Span } from '../source.ts';
import { callNode, makeNode } from './nodes.ts';

/**
 * Scripts were long run by JavaScript, and say so: `name.trim().toUpperCase()`, `Math.round(x)`, `parseInt(y)`. The
 * common ones mean functions of ours; anything else after a dot stays a property.
 */
const methods: Readonly<Record<string, string>> = {
  trim: 'TRIM',
  trimstart: 'LTRIM',
  trimend: 'RTRIM',
  touppercase: 'UCASE',
  toupper: 'UCASE',
  to_upper: 'UCASE',
  tolowercase: 'LCASE',
  tolower: 'LCASE',
  to_lower: 'LCASE',
  split: 'SPLIT',
  join: 'JOIN',
  replace: 'REPLACE',
  replaceall: 'REPLACE',
  startswith: 'STARTSWITH',
  starts_with: 'STARTSWITH',
  endswith: 'ENDSWITH',
  ends_with: 'ENDSWITH',
  tostring: 'STR',
  to_string: 'STR',
  repeat: 'REPEAT',
  slice: 'SLICE',
  splice: 'SPLICE',
  push: 'PUSH',
  pop: 'POP',
  shift: 'SHIFT',
  unshift: 'UNSHIFT',
  reverse: 'REVERSE',
  sort: 'SORT',
  append: 'APPEND',
  concat: 'CONCATENATE',
  len: 'LEN',
  size: 'LEN',
  padstart: 'LPAD',
  padend: 'RPAD',
  is_empty: 'ISEMPTY',
};

/** As people write them, for who mistypes one. */
export const methodNames: readonly string[] = [...Object.keys(methods), 'includes', 'contains', 'indexof', 'charat', 'substring'];

const mathFunctions: Readonly<Record<string, string>> = {
  round: 'ROUND',
  floor: 'FLOOR',
  ceil: 'CEIL',
  trunc: 'FIX',
  abs: 'ABS',
  sqrt: 'SQR',
  min: 'MIN',
  max: 'MAX',
  random: 'RND',
  sin: 'SIN',
  cos: 'COS',
  tan: 'TAN',
  log: 'LOG',
  exp: 'EXP',
  sign: 'SGN',
};

/** What `target.name(args)` means when it is one of those; null when the dot is a property's. */
export function methodCall(span: Span, callee: Member, args: readonly Expression[]): Expression | null {
  const { target } = callee;
  const name = callee.name.toLowerCase();
  if (target.kind === 'name' && target.name === 'MATH') return known(span, mathFunctions[name], args);
  if (target.kind === 'name' && target.name === 'JSON') {
    if (name === 'stringify') return known(span, 'JSON', args.slice(0, 1));
    if (name === 'parse') return known(span, 'PARSE', args);
  }
  if (target.kind === 'name' && target.name === 'DATE' && name === 'now') return known(span, 'NOW', []);
  const first = args[0];
  const one = (value: number): Expression => makeNode(span, 1, { kind: 'number', value });
  const sum = (left: Expression, operator: '+' | '-', right: Expression): Expression =>
    makeNode(span, Math.max(left.depth, right.depth) + 1, { kind: 'binary', operator, left, right });
  if ((name === 'includes' || name === 'contains') && first)
    return makeNode(span, Math.max(target.depth, first.depth) + 1, {
      kind: 'binary',
      operator: 'IN',
      left: first,
      right: target,
    });
  if (name === 'indexof' && first) return known(span, 'INDEXOF', [target, first]);
  if (name === 'charat' && first) return callNode(span, 'MID', [target, sum(first, '+', one(1)), one(1)]);
  if (name === 'substring' || name === 'sub_string') return known(span, 'SLICE', [target, ...args]);
  if (name === 'tofixed') return fixed(span, target, first);
  return known(span, methods[name], [target, ...args]);
}

function known(span: Span, name: string | undefined, args: readonly Expression[]): Expression | null {
  return name !== undefined && functionKeywords.has(name) ? callNode(span, name, args) : null;
}

function fixed(span: Span, value: Expression, digits: Expression | undefined): Expression | null {
  const count = digits?.kind === 'number' ? digits.value : digits ? null : 0;
  if (count === null || !(count >= 0 && count <= 20)) return null;
  const mask = makeNode(span, 1, { kind: 'text', value: count === 0 ? '0' : `0.${'0'.repeat(count)}` });
  return callNode(span, 'FORMAT', [value, mask]);
}

/** `ERR.MESSAGE` of Visual Basic, as a function of ours. */
export function errorProperty(span: Span, target: Expression, name: string): Expression | null {
  if (target.kind !== 'name' || target.name !== 'ERR') return null;
  const property = name.replace(/\$$/, '');
  if (property === 'MESSAGE' || property === 'DESCRIPTION') return callNode(span, 'ERROR MESSAGE', []);
  if (property === 'NUMBER') return callNode(span, 'ERR', []);
  return property === 'CODE' ? callNode(span, 'ERROR CODE', []) : null;
}

/** `parseInt(x)` and the like, as a call of ours. */
export function foreignFunction(call: Apply): Expression {
  const { target, args, span } = call;
  const first = args[0];
  if (target.kind !== 'name' || !first) return call;
  switch (target.display) {
    case 'parseInt':
      return callNode(span, 'FIX', [callNode(span, 'VAL', [first])]);
    case 'parseFloat':
    case 'Number':
      return callNode(span, 'VAL', [first]);
    case 'String':
      return args.length === 1 ? callNode(span, 'STR', [first]) : call;
    case 'isNaN':
      return functionKeywords.has('ISNUMERIC')
        ? makeNode(span, call.depth + 1, { kind: 'unary', operator: 'NOT', operand: callNode(span, 'ISNUMERIC', [first]) })
        : call;
    case 'encodeURIComponent':
      return known(span, 'URLENCODE', [first]) ?? call;
    case 'decodeURIComponent':
      return known(span, 'URLDECODE', [first]) ?? call;
    default:
      return call;
  }
}
