import type { Apply, Binary, Expression, Target } from '../ast.ts';
import { functionKeywords } from '../keywords.ts';
import { fixedArrayData, kind, nullVariant, tag, trap } from '../layout.ts';
import { type Type, typeOf } from '../types.ts';
import { f64, i32, i64, op, type ValueType } from '../wasm/encoder.ts';
import { wasmType } from './context.ts';
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
      emitAs(e, node.target, 'any');
      splitVariant(f);
      f.i32(context.constants.text(node.name)).call(context.host('member', [i32, i32, i32]));
      e.result();
      return 'any';
    case 'unary':
      if (node.operator === 'NOT') {
        emitAs(e, node.operand, 'bool');
        f.op(op.i32Eqz);
        return 'bool';
      }
      emitAs(e, node.operand, 'num');
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

export function emitAs(e: Emitter, node: Expression, want: Type): void {
  e.convert(emit(e, node), want, node.span);
}

function emitInterpolation(e: Emitter, parts: readonly Expression[]): Type {
  parts.forEach((part, index) => {
    emitAs(e, part, 'str');
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
      emitAs(e, left, 'bool');
      f.if(i32);
      if (operator === 'AND') emitAs(e, right, 'bool');
      else f.i32(1);
      f.else();
      if (operator === 'AND') f.i32(0);
      else emitAs(e, right, 'bool');
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
      emitAs(e, left, 'str');
      emitAs(e, right, 'str');
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
    emitAs(e, node.left, 'str');
    emitAs(e, node.right, 'str');
    f.call(context.helper('concat'));
    return 'str';
  }
  if (type === 'num') {
    emitAs(e, node.left, 'num');
    emitAs(e, node.right, 'num');
    f.op(op.f64Add);
    return 'num';
  }
  emitAs(e, node.left, 'any');
  emitAs(e, node.right, 'any');
  f.i32(e.position(node.span)).call(context.helper('add'));
  return 'any';
}

function emitArithmetic(e: Emitter, node: Binary): void {
  const { f } = e;
  const { operator, left, right } = node;
  emitAs(e, left, 'num');
  emitAs(e, right, 'num');
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
    emitAs(e, left, 'num');
    emitAs(e, right, 'num');
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
    emitAs(e, left, 'any');
    emitAs(e, right, 'any');
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
  emitAs(e, node, 'any');
  splitVariant(e.f);
}

function emitItem(e: Emitter, node: Apply): Type {
  const { f, context } = e;
  if (node.target.type === 'nums' && node.args.length === 1) {
    emitFixedAddress(e, node);
    f.memory(op.f64Load, fixedArrayData);
    return 'num';
  }
  emitAs(e, node.target, 'any');
  for (const argument of node.args) {
    emitAs(e, argument, 'any');
    f.i32(e.position(node.span)).call(context.helper('getItem'));
  }
  return 'any';
}

/** Cell + 8 * index of an array of numbers, checked. */
function emitFixedAddress(e: Emitter, node: Apply): void {
  const { f, context } = e;
  const cell = f.borrow(i32);
  const index = f.borrow(i32);
  emit(e, node.target);
  emitAs(e, node.args[0]!, 'num');
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
    emitAs(e, item, 'any');
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

/** Writes the assignment of the value on the stack (of `type`) to any target. The value is computed before the target. */
export function emitStore(e: Emitter, target: Target, type: Type): void {
  const { f, context } = e;
  if (target.kind === 'name') {
    e.assign(target.variable!, type, target.span);
    return;
  }
  if (target.kind === 'apply' && target.target.type === 'nums' && target.args.length === 1) {
    e.convert(type, 'num', target.span);
    const value = f.borrow(f64);
    f.set(value);
    emitFixedAddress(e, target);
    f.get(value).memory(op.f64Store, fixedArrayData);
    f.release(f64, value);
    return;
  }
  e.convert(type, 'any', target.span);
  const value = f.borrow(i64);
  f.set(value);
  emitContainer(e, target.target, containerKind(target));
  if (target.kind === 'member') f.i64((BigInt(tag.string) << 32n) | BigInt(context.constants.text(target.name)));
  else {
    emitAs(e, target.args[0]!, 'any');
    for (let level = 1; level < target.args.length; level++) {
      f.i32(e.position(target.span)).call(context.helper('getItem'));
      emitAs(e, target.args[level]!, 'any');
    }
  }
  f.get(value).i32(e.position(target.span)).call(context.helper('setItem'));
  f.release(i64, value);
}

/** A property needs an object to hang on; an index needs a list, unless it is a text. */
function containerKind(target: Target): number {
  return target.kind === 'member' || (target.kind === 'apply' && target.args[0]?.type === 'str') ? kind.object : kind.array;
}

/** The list or object that something is about to be stored in. What is still null on the way there is made. */
function emitContainer(e: Emitter, node: Expression, wanted: number): void {
  const { f, context } = e;
  if (node.kind === 'name' && node.variable && node.variable.type === 'any' && !node.call) {
    const value = f.borrow(i64);
    e.get(node.variable);
    f.tee(value).i64(nullVariant).op(op.i64Eq).if();
    f.i32(wanted).call(context.host('newContainer', [i32]));
    e.result();
    f.tee(value);
    e.set(node.variable);
    f.end();
    f.get(value);
    f.release(i64, value);
    return;
  }
  if (node.kind === 'member' || (node.kind === 'apply' && !node.call && node.args.length === 1 && node.target.type !== 'nums')) {
    emitContainer(e, node.target, containerKind(node));
    splitVariant(f);
    if (node.kind === 'member') f.i32(context.constants.text(node.name)).i32(tag.string);
    else emitVariant(e, node.args[0]!);
    f.i32(wanted)
      .i32(e.position(node.span))
      .call(context.host('childContainer', [i32, i32, i32, i32, i32, i32]));
    e.result();
    return;
  }
  emitAs(e, node, 'any');
}

type Call = NonNullable<Apply['call']>;

function emitCall(e: Emitter, node: Expression, call: Call, args: readonly Expression[]): Type {
  const { f, context } = e;
  if (call.kind === 'function') return emitFunction(e, node, call.name, args);
  const { procedure } = call;
  procedure.parameters.forEach((parameter, index) => {
    const argument = args[index];
    if (argument) emitAs(e, argument, parameter.type);
    else e.initial(parameter.type);
  });
  f.call(context.functions.get(procedure)!);
  return procedure.returnType;
}

const paramTypes: Readonly<Record<string, Type>> = { n: 'num', s: 'str', b: 'bool', v: 'any' };
const resultTypes: Readonly<Record<string, Type>> = { n: 'num', s: 'str', b: 'bool', v: 'any' };
const numberOps: Readonly<Record<string, readonly number[]>> = {
  ABS: [op.f64Abs],
  INT: [op.f64Floor],
  FLOOR: [op.f64Floor],
  CEIL: [op.f64Ceil],
  FIX: [op.f64Trunc],
};

function emitFunction(e: Emitter, node: Expression, name: string, args: readonly Expression[]): Type {
  const { f, context } = e;
  const inline = numberOps[name];
  const first = args[0];
  if (inline && first) {
    emitAs(e, first, 'num');
    f.op(...inline);
    return 'num';
  }
  if (name === 'SQR' && first) {
    const value = f.borrow(f64);
    emitAs(e, first, 'num');
    f.tee(value).f64(0).op(op.f64Lt).if();
    context.fail(f, trap.argument, e.position(node.span));
    f.end();
    f.get(value).op(op.f64Sqrt);
    f.release(f64, value);
    return 'num';
  }
  if ((name === 'LEN' && (first?.type === 'str' || first?.type === 'nums')) || (name === 'UBOUND' && first?.type === 'nums')) {
    emit(e, first);
    f.memory(op.i32Load, 4);
    if (name === 'UBOUND') f.i32(1).op(op.i32Sub);
    f.op(op.f64ConvertI32S);
    return 'num';
  }
  if (name === 'STR' && first) {
    emitAs(e, first, 'str');
    return 'str';
  }
  if (name === 'ISNULL' && first) {
    emitAs(e, first, 'any');
    f.i64(nullVariant).op(op.i64Eq);
    return 'bool';
  }
  if (name === 'IIF') return emitChoice(e, node, args);
  if ((name === 'MIN' || name === 'MAX') && args.length > 1) {
    args.forEach((argument, index) => {
      emitAs(e, argument, 'num');
      if (index > 0) f.op(name === 'MIN' ? op.f64Min : op.f64Max);
    });
    return 'num';
  }
  return emitHostFunction(e, node, name, args);
}

/** Only the value that is wanted is computed. */
function emitChoice(e: Emitter, node: Expression, args: readonly Expression[]): Type {
  const type = node.type === 'none' ? 'any' : node.type;
  emitAs(e, args[0]!, 'bool');
  e.f.if(wasmType(type));
  emitAs(e, args[1]!, type);
  e.f.else();
  emitAs(e, args[2]!, type);
  e.f.end();
  return type;
}

function emitHostFunction(e: Emitter, node: Expression, name: string, args: readonly Expression[]): Type {
  const { f, context } = e;
  const keyword = functionKeywords.get(name)!;
  const params = keyword.params ? keyword.params.replace('...', '').split(' ') : [];
  const signature: ValueType[] = [];
  const given = name === 'MIN' || name === 'MAX' ? params.slice(0, 1) : params;
  given.forEach((param, index) => {
    const type = paramTypes[param[0]!]!;
    const argument = args[index];
    if (argument) emitAs(e, argument, type);
    else if (type === 'num') f.f64(Number(param.slice(2)));
    else if (type === 'str') f.i32(context.constants.text(param.slice(2)));
    else e.initial(type);
    if (type === 'any') splitVariant(f);
    signature.push(...(type === 'any' ? ([i32, i32] as const) : [wasmType(type)]));
  });
  const result = resultTypes[keyword.result ?? 'v']!;
  f.i32(e.position(node.span)).call(context.host(`fn:${name}`, [...signature, i32], result === 'any' ? [] : [wasmType(result)]));
  if (result === 'any') e.result();
  return result;
}
