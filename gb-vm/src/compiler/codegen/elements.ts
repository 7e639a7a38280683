import type { Apply, Expression } from '../ast.ts';
import { fixedArrayData, storeData, tag, trap } from '../layout.ts';
import type { Type } from '../types.ts';
import { f64, i32, i64, op } from '../wasm/encoder.ts';
import type { Emitter } from './emitter.ts';
import { emitInteger, isInteger } from './integers.ts';
import { splitVariant } from './variants.ts';

/** The two words of a variant, as host functions take it. */
export function emitVariant(e: Emitter, node: Expression): void {
  e.emitAs(node, 'any');
  splitVariant(e.f);
}

export function emitItem(e: Emitter, node: Apply): Type {
  const { f, context } = e;
  if (node.target.type === 'nums' && node.args.length === 1) {
    emitFixedAddress(e, node);
    f.memory(op.f64Load, fixedArrayData);
    return 'num';
  }
  e.emitAs(node.target, 'any');
  for (const argument of node.args) {
    if (argument.type === 'num' && (context.profile === 'bot' || (context.base === 0 && isInteger(e, argument)))) {
      emitItemAt(e, argument, e.position(node.span));
      continue;
    }
    emitIndex(e, argument);
    f.i32(e.position(node.span)).call(context.helper('getItem'));
  }
  return 'any';
}

/** The item by number of the list on the stack: in place for what is a list and has it, else by a call. */
function emitItemAt(e: Emitter, index: Expression, position: number): void {
  const { f, context } = e;
  const list = f.borrow(i64);
  const cell = f.borrow(i32);
  const at = f.borrow(i64);
  const isKnown = isInteger(e, index);
  const number = f.borrow(f64);
  f.set(list);
  if (isKnown) {
    emitInteger(e, index);
    f.set(at);
  } else {
    e.emitAs(index, 'num');
    f.tee(number).truncateLong().set(at);
  }
  const done = f.block(i64);
  const slow = f.block();
  f.get(list).i64(32n).op(op.i64ShrU, op.i32WrapI64).i32(tag.array).op(op.i32Ne).brIf(slow);
  f.get(at).get(list).op(op.i32WrapI64).tee(cell).memory(op.i32Load, 4).op(op.i64ExtendI32U, op.i64GeU).brIf(slow);
  // Not a number is no index, and truncates to 0.
  if (!isKnown) f.get(number).get(number).op(op.f64Ne).brIf(slow);
  f.get(cell).memory(op.i32Load, 8).get(at).op(op.i32WrapI64).i32(3).op(op.i32Shl, op.i32Add).memory(op.i64Load, storeData);
  f.br(done);
  f.end();
  f.get(list);
  if (isKnown) f.get(at).op(op.f64ConvertI64S);
  else f.get(number);
  f.op(op.i64ReinterpretF64).i32(position).call(context.helper('getItem'));
  f.end();
  f.release(i64, list);
  f.release(i32, cell);
  f.release(i64, at);
  f.release(f64, number);
}

/** An index as a variant. Outside `bot` subscripts are rounded (ECMA-55, 8.4). */
export function emitIndex(e: Emitter, node: Expression): void {
  if (e.context.profile === 'bot' || node.type === 'str') return e.emitAs(node, 'any');
  e.emitAs(node, 'num');
  e.f.f64(0.5).op(op.f64Add, op.f64Floor);
  if (e.context.base === 1) e.f.i32(e.position(node.span)).call(e.context.helper('fromOne'));
  e.toAny('num');
}

/** Cell + 8 * index of an array of numbers, checked. */
export function emitFixedAddress(e: Emitter, node: Apply): void {
  const { f, context } = e;
  if (isInteger(e, node.args[0]!)) return emitIntegerAddress(e, node);
  const cell = f.borrow(i32);
  const index = f.borrow(i32);
  e.emit(node.target);
  e.emitAs(node.args[0]!, 'num');
  if (context.profile !== 'bot') f.f64(0.5).op(op.f64Add, op.f64Floor);
  f.truncate().set(index).tee(cell).memory(op.i32Load, 4).get(index).op(op.i32GtU, op.i32Eqz);
  if (context.base === 1) f.get(index).op(op.i32Eqz, op.i32Or);
  f.if();
  context.fail(f, trap.subscript, e.position(node.span));
  f.end();
  f.get(cell).get(index).i32(3).op(op.i32Shl, op.i32Add);
  f.release(i32, cell);
  f.release(i32, index);
}

/** The same with an index that is known to be a whole number: no conversion, and one comparison finds all that is wrong. */
function emitIntegerAddress(e: Emitter, node: Apply): void {
  const { f, context } = e;
  const cell = f.borrow(i32);
  const index = f.borrow(i64);
  e.emit(node.target);
  f.set(cell);
  emitInteger(e, node.args[0]!);
  f.tee(index).get(cell).memory(op.i32Load, 4).op(op.i64ExtendI32U, op.i64LtU, op.i32Eqz);
  if (context.base === 1) f.get(index).i64(0n).op(op.i64Eq, op.i32Or);
  f.if();
  context.fail(f, trap.subscript, e.position(node.span));
  f.end();
  f.get(cell).get(index).op(op.i32WrapI64).i32(3).op(op.i32Shl, op.i32Add);
  f.release(i32, cell);
  f.release(i64, index);
}

export function emitArray(e: Emitter, items: readonly Expression[]): Type {
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

export function emitObject(e: Emitter, entries: readonly { readonly key: string; readonly value: Expression }[]): Type {
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
