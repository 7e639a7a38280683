import type { Expression, Target } from '../ast.ts';
import { fixedArrayData, kind, nullVariant, tag } from '../layout.ts';
import type { Type } from '../types.ts';
import { f64, i32, i64, op } from '../wasm/encoder.ts';
import { emitFixedAddress, emitIndex, emitVariant } from './elements.ts';
import type { Emitter } from './emitter.ts';
import { splitVariant } from './variants.ts';

/** Writes the assignment of the value on the stack (of `type`) to any target. The value is computed before the target. */
export function emitStore(e: Emitter, target: Target, type: Type): void {
  const { f, context } = e;
  if (target.kind === 'name') {
    e.assign(target.variable!, type, target.span);
    return;
  }
  if (target.kind === 'apply' && target.target.type === 'nums' && target.args.length === 1) {
    e.convert(type, 'num', target.span);
    if (target.target.kind === 'name' && target.target.name.endsWith('%()')) e.toInteger(target.span);
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
    emitIndex(e, target.args[0]!);
    for (let level = 1; level < target.args.length; level++) {
      f.i32(e.position(target.span)).call(context.helper('getItem'));
      emitIndex(e, target.args[level]!);
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
  e.emitAs(node, 'any');
}
