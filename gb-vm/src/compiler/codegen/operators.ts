import type { Binary, BitOperator, Expression } from '../ast.ts';
import { trap } from '../layout.ts';
import { type Type, typeOf } from '../types.ts';
import { f64, i32, i64, op } from '../wasm/encoder.ts';
import { emitChecked } from './checked.ts';
import { wasmType } from './context.ts';
import { emitVariant } from './elements.ts';
import type { Emitter } from './emitter.ts';
import { emitInteger, isInteger } from './integers.ts';

const floatCompare: Readonly<Record<string, number>> = {
  '=': op.f64Eq,
  '<>': op.f64Ne,
  '<': op.f64Lt,
  '>': op.f64Gt,
  '<=': op.f64Le,
  '>=': op.f64Ge,
};

export function emitBinary(e: Emitter, node: Binary): Type {
  const { f, context } = e;
  const { operator, left, right } = node;
  switch (operator) {
    case 'AND':
    case 'OR':
      if (node.type !== 'bool') return emitOneOf(e, node);
      emitCondition(e, node);
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
    case 'BITAND':
    case 'BITOR':
    case 'BITXOR':
    case 'BITEQV':
    case 'BITIMP':
      return emitBits(e, node, operator);
    default:
      emitArithmetic(e, node);
      return 'num';
  }
}

/** Whether the whole holds; the right side is only computed when it matters. */
function emitCondition(e: Emitter, { operator, left, right }: Binary): void {
  const { f } = e;
  e.emitAs(left, 'bool');
  f.if(i32);
  if (operator === 'AND') e.emitAs(right, 'bool');
  else f.i32(1);
  f.else();
  if (operator === 'AND') f.i32(0);
  else e.emitAs(right, 'bool');
  f.end();
}

/** `name OR "guest"` is the first of the two that counts as yes, AND the first that counts as no; else the last. */
function emitOneOf(e: Emitter, { operator, left, right, type, span }: Binary): Type {
  const { f } = e;
  const value = f.borrow(wasmType(type));
  e.emitAs(left, type);
  f.tee(value);
  e.convert(type, 'bool', span);
  f.if(wasmType(type));
  if (operator === 'AND') e.emitAs(right, type);
  else f.get(value);
  f.else();
  if (operator === 'AND') f.get(value);
  else e.emitAs(right, type);
  f.end();
  f.release(wasmType(type), value);
  return type;
}

/** The whole number a bit operator works on: rounded, and an error beyond 32 bits. */
function emitBitsOf(e: Emitter, node: Expression): void {
  e.emitAs(node, 'num');
  e.f.i32(e.position(node.span)).call(e.context.helper('bitsOf'));
}

export function emitBitNot(e: Emitter, operand: Expression): Type {
  if (operand.type === 'bool') {
    e.emitAs(operand, 'bool');
    e.f.op(op.i32Eqz);
    return 'bool';
  }
  emitBitsOf(e, operand);
  e.f.i32(-1).op(op.i32Xor, op.f64ConvertI32S);
  return 'num';
}

/** Both sides are always computed. Between two conditions the result is one too. */
function emitBits(e: Emitter, { left, right }: Binary, operator: BitOperator): Type {
  const { f } = e;
  const isLogical = left.type === 'bool' && right.type === 'bool';
  const side = (node: Expression): void => (isLogical ? e.emitAs(node, 'bool') : emitBitsOf(e, node));
  const not = isLogical ? 1 : -1;
  side(left);
  if (operator === 'BITIMP') f.i32(not).op(op.i32Xor);
  side(right);
  f.op(operator === 'BITAND' ? op.i32And : operator === 'BITOR' || operator === 'BITIMP' ? op.i32Or : op.i32Xor);
  if (operator === 'BITEQV') f.i32(not).op(op.i32Xor);
  if (!isLogical) f.op(op.f64ConvertI32S);
  return isLogical ? 'bool' : 'num';
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
    emitChecked(e, node);
    return 'num';
  }
  // Every tagged value is a NaN, and so is what comes of adding one: a sum that is a number was a sum of numbers.
  const a = f.borrow(i64);
  const b = f.borrow(i64);
  const sum = f.borrow(f64);
  e.emitAs(node.left, 'any');
  f.set(a);
  e.emitAs(node.right, 'any');
  f.set(b);
  f.get(a).op(op.f64ReinterpretI64).get(b).op(op.f64ReinterpretI64).op(op.f64Add).tee(sum).get(sum).op(op.f64Eq).if(f64);
  f.get(sum).else();
  f.get(a).get(b).i32(e.position(node.span)).call(context.helper('add')).op(op.f64ReinterpretI64).end();
  f.op(op.i64ReinterpretF64);
  f.release(i64, a);
  f.release(i64, b);
  f.release(f64, sum);
  return 'any';
}

function emitArithmetic(e: Emitter, node: Binary): void {
  const { f } = e;
  const { operator, left, right } = node;
  if (operator === 'MOD' && isInteger(e, node)) {
    emitInteger(e, node);
    f.op(op.f64ConvertI64S);
    return;
  }
  e.emitAs(left, 'num');
  e.emitAs(right, 'num');
  if (operator === '-') f.op(op.f64Sub);
  else if (operator === '*') f.op(op.f64Mul);
  else if (operator === '^') f.i32(e.position(node.span)).call(e.context.host('power', [f64, f64, i32], [f64]));
  else if (operator === '\\' && e.context.profile === 'classic') emitWholeDivision(e, node, 'wholeDivision');
  else if (operator === 'MOD' && e.context.profile === 'classic') emitWholeDivision(e, node, 'wholeRemainder');
  else emitDivision(e, node, operator);
  emitChecked(e, node);
}

/** Division and remainder of the classic profile round both sides first. */
function emitWholeDivision(e: Emitter, node: Binary, operation: 'wholeDivision' | 'wholeRemainder'): void {
  e.f.i32(e.position(node.span)).call(e.context.host(operation, [f64, f64, i32], [f64]));
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
    f.get(b).f64(0).op(op.f64Eq).if(f64);
    if (context.profile === 'bot') context.fail(f, trap.divisionByZero, e.position(node.span));
    else
      f.get(a)
        .i32(e.position(node.span))
        .call(context.host('dividedByZero', [f64, i32], [f64]));
    f.else();
  }
  if (operator === 'MOD') f.get(a).get(a).get(b).op(op.f64Div, op.f64Trunc).get(b).op(op.f64Mul, op.f64Sub);
  else {
    f.get(a).get(b).op(op.f64Div);
    if (operator === '\\') f.op(op.f64Trunc);
  }
  if (!isSafe) f.end();
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
  const isEquality = operator === '=' || operator === '<>';
  if (left.type === 'str' && right.type === 'str') {
    e.emit(left);
    e.emit(right);
    if (isEquality) {
      f.call(context.helper('sameText'));
      if (operator === '<>') f.op(op.i32Eqz);
      return;
    }
    f.call(context.host('textCompare', [i32, i32], [i32]));
  } else if (left.type === 'num' || right.type === 'num') {
    emitMixedComparison(e, operator, left, right);
    return;
  } else {
    e.emitAs(left, 'any');
    e.emitAs(right, 'any');
    if (isEquality) {
      f.call(context.helper('equal'));
      if (operator === '<>') f.op(op.i32Eqz);
      return;
    }
    f.call(context.helper('compare'));
  }
  emitOrder(e, operator);
}

/** A number beside something unknown: in place when that is a number too. A number that is NaN equals nothing either way. */
function emitMixedComparison(e: Emitter, operator: string, left: Expression, right: Expression): void {
  const { f, context } = e;
  const isLeftKnown = left.type === 'num';
  const a = f.borrow(isLeftKnown ? f64 : i64);
  const b = f.borrow(isLeftKnown ? i64 : f64);
  const number = f.borrow(f64);
  e.emitAs(left, isLeftKnown ? 'num' : 'any');
  f.set(a);
  e.emitAs(right, isLeftKnown ? 'any' : 'num');
  f.set(b);
  f.get(isLeftKnown ? b : a)
    .op(op.f64ReinterpretI64)
    .tee(number)
    .get(number)
    .op(op.f64Eq)
    .if(i32);
  f.get(isLeftKnown ? a : number)
    .get(isLeftKnown ? number : b)
    .op(floatCompare[operator]!);
  f.else();
  f.get(a);
  if (isLeftKnown) f.op(op.i64ReinterpretF64);
  f.get(b);
  if (!isLeftKnown) f.op(op.i64ReinterpretF64);
  f.call(context.helper('compare'));
  emitOrder(e, operator);
  f.end();
  f.release(isLeftKnown ? f64 : i64, a);
  f.release(isLeftKnown ? i64 : f64, b);
  f.release(f64, number);
}

/** Turns the result of a comparison on the stack into whether `operator` holds. */
function emitOrder({ f }: Emitter, operator: string): void {
  // -1, 0, 1 in order; 2 for different without order, which must make <=, < and >= false.
  if (operator === '=') f.op(op.i32Eqz);
  else if (operator === '<>') f.i32(0).op(op.i32Ne);
  else if (operator === '<') f.i32(-1).op(op.i32Eq);
  else if (operator === '>') f.i32(1).op(op.i32Eq);
  else if (operator === '<=') f.i32(0).op(op.i32LeS);
  else f.i32(2).op(op.i32LtU);
}
