import type { Apply, Binary, Expression } from '../ast.ts';
import { fixedArrayData, nullVariant, tag, trap } from '../layout.ts';
import { type Type, typeOf } from '../types.ts';
import { f64, i32, op } from '../wasm/encoder.ts';
import { emitCall } from './call.ts';
import type { Emitter } from './emitter.ts';
import { splitVariant } from './helpers.ts';

/** Writes code that leaves the value on the stack, in the type the inference gave it, which is returned. */
export function emit(e: Emitter, node: Expression): Type {
  const { f, context } = e;
  switch (node.kind) {
    case 'number':
      f.f64(node.value);
      return 'num';
    case 'text':
      f.i32(context.constants.text(node.value));
      return 'str';
    case 'boolean':
      f.i32(node.value ? 1 : 0);
      return 'bool';
    case 'null':
      f.i64(nullVariant);
      return 'any';
    case 'temporary':
      e.get(node.variable);
      return node.variable.type;
    case 'name':
      if (node.call) return emitCall(e, node, node.call, []);
      e.get(node.variable!);
      return node.variable!.type;
    case 'interpolation':
      return emitInterpolation(e, node.parts);
    case 'apply':
      return node.call ? emitCall(e, node, node.call, node.args) : emitItem(e, node);
    case 'member':
      e.emitAs(node.target, 'any');
      splitVariant(f);
      f.i32(context.constants.text(node.name)).call(context.host('member', [i32, i32, i32]));
      e.result();
      return 'any';
    case 'unary':
      if (node.operator === 'NOT') {
        e.emitAs(node.operand, 'bool');
        f.op(op.i32Eqz);
        return 'bool';
      }
      e.emitAs(node.operand, 'num');
      if (node.operator === '-') f.op(op.f64Neg);
      return 'num';
    case 'binary':
      return emitBinary(e, node);
    case 'array':
      return emitArray(e, node.items);
    case 'object':
      return emitObject(e, node.entries);
    default:
      f.op(op.unreachable);
      f.i64(nullVariant);
      return 'any';
  }
}

function emitInterpolation(e: Emitter, parts: readonly Expression[]): Type {
  parts.forEach((part, index) => {
    e.emitAs(part, 'str');
    if (index > 0) e.f.call(e.context.helper('concat'));
  });
  return 'str';
}

const floatCompare: Readonly<Record<string, number>> = {
  '=': op.f64Eq,
  '<>': op.f64Ne,
  '<': op.f64Lt,
  '>': op.f64Gt,
  '<=': op.f64Le,
  '>=': op.f64Ge,
};

function emitBinary(e: Emitter, node: Binary): Type {
  const { f, context } = e;
  const { operator, left, right } = node;
  switch (operator) {
    case 'AND':
    case 'OR':
      e.emitAs(left, 'bool');
      f.if(i32);
      if (operator === 'AND') e.emitAs(right, 'bool');
      else f.i32(1);
      f.else();
      if (operator === 'AND') f.i32(0);
      else e.emitAs(right, 'bool');
      f.end();
      return 'bool';
    case 'IN':
    case 'NOT IN':
      emitVariant(e, left);
      emitVariant(e, right);
      f.call(context.host('contains', [i32, i32, i32, i32], [i32]));
      if (operator === 'NOT IN') f.op(op.i32Eqz);
      return 'bool';
    case '=':
    case '<>':
    case '<':
    case '>':
    case '<=':
    case '>=':
      emitComparison(e, operator, left, right);
      return 'bool';
    case '&':
      e.emitAs(left, 'str');
      e.emitAs(right, 'str');
      f.call(context.helper('concat'));
      return 'str';
    case '+':
      return emitSum(e, node);
    default:
      emitArithmetic(e, node);
      return 'num';
  }
}

function emitSum(e: Emitter, node: Binary): Type {
  const { f, context } = e;
  const type = typeOf(node);
  if (type === 'str') {
    e.emitAs(node.left, 'str');
    e.emitAs(node.right, 'str');
    f.call(context.helper('concat'));
    return 'str';
  }
  if (type === 'num') {
    e.emitAs(node.left, 'num');
    e.emitAs(node.right, 'num');
    f.op(op.f64Add);
    return 'num';
  }
  e.emitAs(node.left, 'any');
  e.emitAs(node.right, 'any');
  f.i32(e.position(node.span)).call(context.helper('add'));
  return 'any';
}

function emitArithmetic(e: Emitter, node: Binary): void {
  const { f } = e;
  const { operator, left, right } = node;
  e.emitAs(left, 'num');
  e.emitAs(right, 'num');
  if (operator === '-') f.op(op.f64Sub);
  else if (operator === '*') f.op(op.f64Mul);
  else if (operator === '^') f.call(e.context.host('power', [f64, f64], [f64]));
  else emitDivision(e, node, operator);
}

/** `/`, `\` and MOD of the two numbers on the stack. */
function emitDivision(e: Emitter, node: Binary, operator: string): void {
  const { f, context } = e;
  const isSafe = node.right.kind === 'number' && node.right.value !== 0;
  if (operator === '/' && isSafe) {
    f.op(op.f64Div);
    return;
  }
  const a = f.borrow(f64);
  const b = f.borrow(f64);
  f.set(b).set(a);
  if (!isSafe) {
    f.get(b).f64(0).op(op.f64Eq).if();
    context.fail(f, trap.divisionByZero, e.position(node.span));
    f.end();
  }
  if (operator === 'MOD') f.get(a).get(a).get(b).op(op.f64Div, op.f64Trunc).get(b).op(op.f64Mul, op.f64Sub);
  else {
    f.get(a).get(b).op(op.f64Div);
    if (operator === '\\') f.op(op.f64Trunc);
  }
  f.release(f64, a);
  f.release(f64, b);
}

const isNumeric = (type: Type): boolean => type === 'num' || type === 'bool';

function emitComparison(e: Emitter, operator: string, left: Expression, right: Expression): void {
  const { f, context } = e;
  if (isNumeric(left.type) && isNumeric(right.type)) {
    e.emitAs(left, 'num');
    e.emitAs(right, 'num');
    f.op(floatCompare[operator]!);
    return;
  }
  if (left.type === 'str' && right.type === 'str') {
    emit(e, left);
    emit(e, right);
    const isEquality = operator === '=' || operator === '<>';
    f.call(context.host(isEquality ? 'textEqual' : 'textCompare', [i32, i32], [i32]));
    if (operator === '<>') f.op(op.i32Eqz);
    if (isEquality) return;
  } else {
    e.emitAs(left, 'any');
    e.emitAs(right, 'any');
    f.call(context.helper('compare'));
  }
  // -1, 0, 1 in order; 2 for different without order, which must make <=, < and >= false.
  if (operator === '=') f.op(op.i32Eqz);
  else if (operator === '<>') f.i32(0).op(op.i32Ne);
  else if (operator === '<') f.i32(-1).op(op.i32Eq);
  else if (operator === '>') f.i32(1).op(op.i32Eq);
  else if (operator === '<=') f.i32(0).op(op.i32LeS);
  else f.i32(2).op(op.i32LtU);
}

/** The two words of a variant, as host functions take it. */
export function emitVariant(e: Emitter, node: Expression): void {
  e.emitAs(node, 'any');
  splitVariant(e.f);
}

function emitItem(e: Emitter, node: Apply): Type {
  const { f, context } = e;
  if (node.target.type === 'nums' && node.args.length === 1) {
    emitFixedAddress(e, node);
    f.memory(op.f64Load, fixedArrayData);
    return 'num';
  }
  e.emitAs(node.target, 'any');
  for (const argument of node.args) {
    e.emitAs(argument, 'any');
    f.i32(e.position(node.span)).call(context.helper('getItem'));
  }
  return 'any';
}

/** Cell + 8 * index of an array of numbers, checked. */
export function emitFixedAddress(e: Emitter, node: Apply): void {
  const { f, context } = e;
  const cell = f.borrow(i32);
  const index = f.borrow(i32);
  emit(e, node.target);
  e.emitAs(node.args[0]!, 'num');
  f.truncate().set(index).tee(cell).memory(op.i32Load, 4).get(index).op(op.i32GtU, op.i32Eqz).if();
  context.fail(f, trap.subscript, e.position(node.span));
  f.end();
  f.get(cell).get(index).i32(3).op(op.i32Shl, op.i32Add);
  f.release(i32, cell);
  f.release(i32, index);
}

function emitArray(e: Emitter, items: readonly Expression[]): Type {
  const { f, context } = e;
  const cell = f.borrow(i32);
  f.i32(items.length)
    .call(context.host('newArray', [i32], [i32]))
    .set(cell);
  items.forEach((item, index) => {
    f.get(cell);
    e.emitAs(item, 'any');
    f.memory(op.i64Store, fixedArrayData + 8 * index);
  });
  f.get(cell);
  e.toAny('nums');
  f.release(i32, cell);
  return 'any';
}

function emitObject(e: Emitter, entries: readonly { readonly key: string; readonly value: Expression }[]): Type {
  const { f, context } = e;
  const cell = f.borrow(i32);
  f.i32(entries.length)
    .call(context.host('newObject', [i32], [i32]))
    .set(cell);
  for (const { key, value } of entries) {
    f.get(cell).i32(context.constants.text(key));
    emitVariant(e, value);
    f.call(context.host('putProperty', [i32, i32, i32, i32]));
  }
  f.get(cell)
    .op(op.i64ExtendI32U)
    .i64(BigInt(tag.object) << 32n)
    .op(op.i64Or);
  f.release(i32, cell);
  return 'any';
}
