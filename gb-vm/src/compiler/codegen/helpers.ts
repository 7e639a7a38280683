import { bufferData, frame, frameEnd, header, kind, tag, trap, wideFlag } from '../layout.ts';
import { type FunctionRef, f64, i32, i64, none, op } from '../wasm/encoder.ts';
import type { ModuleContext } from './context.ts';
import { findKey, getItem, hash, member, sameText, setItem } from './helpers-objects.ts';
import { bothNumbers, splitBoth, splitVariant } from './variants.ts';

/**
 * The small part of the runtime that is hot enough to live inside the module: allocation, appending text, arithmetic
 * and element access on variants. Each takes the fast path itself and leaves everything unusual to a host function.
 * Only the helpers a program uses are written into it.
 */
export type HelperName =
  | 'alloc'
  | 'concat'
  | 'toNumber'
  | 'truthy'
  | 'add'
  | 'compare'
  | 'equal'
  | 'getItem'
  | 'setItem'
  | 'member'
  | 'hash'
  | 'sameText'
  | 'findKey'
  | 'checked'
  | 'bitsOf'
  | 'fromOne'
  | 'pushFrame'
  | 'resume';

export function buildHelper(context: ModuleContext, name: HelperName): FunctionRef {
  return builders[name](context);
}

const builders: Readonly<Record<HelperName, (context: ModuleContext) => FunctionRef>> = {
  alloc,
  concat,
  toNumber,
  truthy,
  add,
  compare,
  equal,
  getItem,
  setItem,
  member,
  hash,
  sameText,
  findKey,
  checked,
  bitsOf,
  fromOne,
  pushFrame,
  resume,
};

/** alloc(bytes) -> address, 16-aligned and zero (memory beyond `hp` always is). */
function alloc(context: ModuleContext): FunctionRef {
  const f = context.module.function([i32], [i32]);
  const start = f.local(i32);
  const end = f.local(i32);
  f.i32(0).memory(op.i32Load, header.hp).tee(start).get(0).i32(15).op(op.i32Add).i32(-16).op(op.i32And, op.i32Add).set(end);
  f.get(end).i32(0).memory(op.i32Load, header.heapLimit).op(op.i32GtU);
  f.if();
  f.get(0)
    .call(context.host('grow', [i32], [i32]))
    .return();
  f.end();
  f.i32(0).get(end).memory(op.i32Store, header.hp).get(start);
  return f;
}

/**
 * concat(a, b) -> cell. When `a` ends where its buffer's used bytes end and there is room, `b` is appended in place and
 * only a new cell is made: other texts that share the buffer keep their own length and never see the new bytes.
 * That makes a loop of appends linear. Texts of different width go to the host.
 */
function concat(context: ModuleContext): FunctionRef {
  const f = context.module.function([i32, i32], [i32]);
  const bufferA = f.local(i32);
  const bufferB = f.local(i32);
  const bytesA = f.local(i32);
  const bytesB = f.local(i32);
  const total = f.local(i32);
  const cell = f.local(i32);
  const width = f.local(i32);
  const allocate = context.helper('alloc');
  f.get(1).memory(op.i32Load, 4).op(op.i32Eqz).if();
  f.get(0).return().end();
  f.get(0).memory(op.i32Load, 4).op(op.i32Eqz).if();
  f.get(1).return().end();
  f.get(0)
    .memory(op.i32Load, 8)
    .tee(bufferA)
    .memory(op.i32Load)
    .tee(width)
    .get(1)
    .memory(op.i32Load, 8)
    .tee(bufferB)
    .memory(op.i32Load)
    .op(op.i32Ne);
  f.if();
  f.get(0)
    .get(1)
    .call(context.host('concat', [i32, i32], [i32]))
    .return();
  f.end();
  f.get(width)
    .i32(wideFlag)
    .op(op.i32Eq)
    .get(width)
    .i32(kind.buffer | wideFlag)
    .op(op.i32Eq, op.i32Or)
    .set(width);
  f.get(0).memory(op.i32Load, 4).get(width).op(op.i32Shl).set(bytesA);
  f.get(1).memory(op.i32Load, 4).get(width).op(op.i32Shl).set(bytesB);
  f.get(bytesA).get(bytesB).op(op.i32Add).set(total);
  f.get(bufferA)
    .memory(op.i32Load, 8)
    .get(bytesA)
    .op(op.i32Ne)
    .get(total)
    .get(bufferA)
    .memory(op.i32Load, 4)
    .op(op.i32GtU, op.i32Or);
  f.if();
  // Not the end of its buffer, or full: move to a new one with room to double. Copying is charged to the program.
  f.getGlobal(context.fuel).get(total).i32(6).op(op.i32ShrU, op.i32Sub).setGlobal(context.fuel);
  f.get(total)
    .i32(1)
    .op(op.i32Shl)
    .i32(bufferData + 16)
    .op(op.i32Add)
    .call(allocate)
    .set(cell);
  f.get(cell).get(bufferA).memory(op.i32Load).memory(op.i32Store);
  f.get(cell).get(total).i32(1).op(op.i32Shl).i32(16).op(op.i32Add).memory(op.i32Store, 4);
  f.get(cell).i32(bufferData).op(op.i32Add).get(bufferA).i32(bufferData).op(op.i32Add).get(bytesA).copy();
  f.get(cell).set(bufferA);
  f.end();
  f.get(bytesB).i32(shortBytesMax).op(op.i32GtU).if();
  f.get(bufferA)
    .get(bytesA)
    .op(op.i32Add)
    .i32(bufferData)
    .op(op.i32Add)
    .get(bufferB)
    .i32(bufferData)
    .op(op.i32Add)
    .get(bytesB)
    .copy();
  f.else();
  // Short pieces byte by byte: `memory.copy` is a call of the machine's library, whatever the length.
  f.get(bufferA).get(bytesA).op(op.i32Add).set(cell);
  const next = f.loop();
  f.get(cell).get(bufferB).memory(op.i32Load8U, bufferData).memory(op.i32Store8, bufferData);
  f.get(cell).i32(1).op(op.i32Add).set(cell);
  f.get(bufferB).i32(1).op(op.i32Add).set(bufferB);
  f.get(bytesB).i32(1).op(op.i32Sub).tee(bytesB).brIf(next);
  f.end();
  f.end();
  f.get(bufferA).get(total).memory(op.i32Store, 8);
  f.i32(16).call(allocate).tee(cell).i32(kind.string).memory(op.i32Store);
  f.get(cell).get(total).get(width).op(op.i32ShrU).memory(op.i32Store, 4);
  f.get(cell).get(bufferA).memory(op.i32Store, 8);
  f.get(cell);
  return f;
}

const shortBytesMax = 24;

/** toNumber(variant, position) -> f64. A number equals itself; every tagged value is a NaN and does not. */
function toNumber(context: ModuleContext): FunctionRef {
  const f = context.module.function([i64, i32], [f64]);
  const number = f.local(f64);
  f.get(0).op(op.f64ReinterpretI64).tee(number).get(number).op(op.f64Eq).if();
  f.get(number).return().end();
  f.get(0);
  splitVariant(f);
  f.get(1).call(context.host('toNumber', [i32, i32, i32], [f64]));
  return f;
}

/** truthy(variant) -> 0 or 1: null, false, 0, "", and an empty list are false. */
function truthy(context: ModuleContext): FunctionRef {
  const f = context.module.function([i64], [i32]);
  const number = f.local(f64);
  f.get(0).op(op.f64ReinterpretI64).tee(number).get(number).op(op.f64Eq).if();
  f.get(number).f64(0).op(op.f64Ne).return().end();
  f.get(0);
  splitVariant(f);
  f.call(context.host('truthy', [i32, i32], [i32]));
  return f;
}

/** add(a, b, position) -> variant: a sum of numbers, else whatever `+` means for the two. */
function add(context: ModuleContext): FunctionRef {
  const f = context.module.function([i64, i64, i32], [i64]);
  const a = f.local(f64);
  const b = f.local(f64);
  bothNumbers(f, a, b);
  f.if();
  f.get(a).get(b).op(op.f64Add, op.i64ReinterpretF64).return().end();
  splitBoth(f);
  f.get(2).call(context.host('add', [i32, i32, i32, i32, i32]));
  f.i32(0).memory(op.i64Load, header.result);
  return f;
}

/** compare(a, b) -> -1, 0, 1, or 2 when the two are different and have no order. */
function compare(context: ModuleContext): FunctionRef {
  const f = context.module.function([i64, i64], [i32]);
  const a = f.local(f64);
  const b = f.local(f64);
  bothNumbers(f, a, b);
  f.if();
  f.get(a).get(b).op(op.f64Gt).get(a).get(b).op(op.f64Lt, op.i32Sub).return().end();
  splitBoth(f);
  f.call(context.host('compare', [i32, i32, i32, i32], [i32]));
  return f;
}

/** equal(a, b) -> 0 or 1: numbers and texts here, the rest by the host. */
function equal(context: ModuleContext): FunctionRef {
  const f = context.module.function([i64, i64], [i32]);
  const high = f.local(i32);
  f.get(0).i64(32n).op(op.i64ShrU, op.i32WrapI64).tee(high).i32(tag.string).op(op.i32Eq);
  f.get(1).i64(32n).op(op.i64ShrU, op.i32WrapI64).get(high).op(op.i32Eq, op.i32And).if();
  f.get(0).op(op.i32WrapI64).get(1).op(op.i32WrapI64).call(context.helper('sameText')).return();
  f.end();
  f.get(0).get(1).call(context.helper('compare')).op(op.i32Eqz);
  return f;
}

/** checked(number, position) -> number: what is finite is itself, the rest is for the host. */
function checked(context: ModuleContext): FunctionRef {
  const f = context.module.function([f64, i32], [f64]);
  f.get(0).op(op.f64Abs).f64(Number.MAX_VALUE).op(op.f64Le).if();
  f.get(0).return().end();
  f.get(0)
    .get(1)
    .call(context.host('overflow', [f64, i32], [f64]));
  return f;
}

/** bitsOf(number, position) -> i32, rounded. */
function bitsOf(context: ModuleContext): FunctionRef {
  const f = context.module.function([f64, i32], [i32]);
  f.get(0).op(op.f64Abs).f64(2147483647.5).op(op.f64Lt).if();
  f.get(0).f64(0.5).op(op.f64Add, op.f64Floor).truncate().return().end();
  f.i32(trap.argument)
    .get(1)
    .call(context.host('err', [i32, i32]))
    .op(op.unreachable);
  return f;
}

/** fromOne(index, position) -> index, which is 1 or more under OPTION BASE 1. */
function fromOne(context: ModuleContext): FunctionRef {
  const f = context.module.function([f64, i32], [f64]);
  f.get(0).f64(1).op(op.f64Lt).if();
  f.i32(trap.subscript)
    .get(1)
    .call(context.host('err', [i32, i32]))
    .op(op.unreachable)
    .end();
  f.get(0);
  return f;
}

/** pushFrame(table slot, position) -> the new frame, zeroed, which becomes the running one. */
function pushFrame(context: ModuleContext): FunctionRef {
  const f = context.module.function([i32, i32], [i32]);
  const at = f.local(i32);
  const size = f.local(i32);
  const end = f.local(i32);
  f.get(0).i32(2).op(op.i32Shl).memory(op.i32Load, context.frameSizes).set(size);
  f.i32(0).memory(op.i32Load, header.sp).tee(at).get(size).op(op.i32Add).tee(end).i32(frameEnd).op(op.i32GtU).if();
  f.i32(trap.tooDeep)
    .get(1)
    .call(context.host('err', [i32, i32]))
    .op(op.unreachable);
  f.end();
  f.get(at).i32(0).get(size).fill();
  f.get(at).get(0).memory(op.i32Store, frame.procedure);
  f.get(at).i32(0).memory(op.i32Load, header.fp).memory(op.i32Store, frame.previous);
  f.get(at).get(size).memory(op.i32Store, frame.size);
  f.i32(0).get(at).memory(op.i32Store, header.fp);
  f.i32(0).get(end).memory(op.i32Store, header.sp);
  f.get(end).i32(0).memory(op.i32Load, header.spHigh).op(op.i32GtU).if();
  f.i32(0).get(end).memory(op.i32Store, header.spHigh);
  f.end();
  f.get(at);
  return f;
}

/** resume() -> status: runs the top frame until it waits, its slice is used up, or no frame is left. */
function resume(context: ModuleContext): FunctionRef {
  const f = context.module.function([], [i32]);
  const at = f.local(i32);
  const result = f.local(i32);
  const again = f.loop();
  f.i32(0).memory(op.i32Load, header.fp).tee(at).op(op.i32Eqz).if(none);
  f.i32(0).return().end();
  f.get(at)
    .get(at)
    .memory(op.i32Load, frame.procedure)
    .callIndirect(context.module.type([i32], [i32]))
    .tee(result);
  f.i32(2).op(op.i32Eq).brIf(again);
  f.get(result).i32(3).op(op.i32Eq).brIf(again);
  f.end();
  f.get(result);
  return f;
}
