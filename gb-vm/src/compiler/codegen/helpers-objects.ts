import { bufferData, header, storeData, tag, wideFlag } from '../layout.ts';
import { type FunctionBuilder, type FunctionRef, f64, i32, i64, op } from '../wasm/encoder.ts';
import type { ModuleContext } from './context.ts';
import { splitBoth, splitVariant } from './variants.ts';

/** Jumps out of `slow` unless the variant in `list` is an array and `item` a whole number inside it; leaves the item's address. */
function itemAddress(f: FunctionBuilder, list: number, item: number, slow: number): void {
  const cell = f.local(i32);
  const index = f.local(i32);
  const number = f.local(f64);
  f.get(list).i64(32n).op(op.i64ShrU, op.i32WrapI64).i32(tag.array).op(op.i32Ne).brIf(slow);
  f.get(item).op(op.f64ReinterpretI64).tee(number).get(number).op(op.f64Ne).brIf(slow);
  f.get(number).truncate().tee(index).get(list).op(op.i32WrapI64).tee(cell).memory(op.i32Load, 4).op(op.i32GeU).brIf(slow);
  f.get(cell).memory(op.i32Load, 8).get(index).i32(3).op(op.i32Shl, op.i32Add);
}

/** Unless the variant in `holder` is an object and the one in `key` a text, jumps to `slow`; else leaves the address of the property's value, or 0. */
function propertyAddress(context: ModuleContext, f: FunctionBuilder, holder: number, key: number, slow: number): void {
  f.get(holder).i64(32n).op(op.i64ShrU, op.i32WrapI64).i32(tag.object).op(op.i32Ne).brIf(slow);
  f.get(key).i64(32n).op(op.i64ShrU, op.i32WrapI64).i32(tag.string).op(op.i32Ne).brIf(slow);
  f.get(holder).op(op.i32WrapI64).get(key).op(op.i32WrapI64).call(context.helper('findKey'));
}

/**
 * hash(text) -> FNV-1a over its small letters, as `objects.ts` in the runtime computes it. Kept in the last word of the
 * cell, which is zero in every new cell and every snapshot: 0 means not computed yet. Wide texts go to the host.
 */
export function hash(context: ModuleContext): FunctionRef {
  const f = context.module.function([i32], [i32]);
  const at = f.local(i32);
  const end = f.local(i32);
  const value = f.local(i32);
  const code = f.local(i32);
  f.get(0).memory(op.i32Load, 12).tee(value).if();
  f.get(value).return().end();
  f.get(0).memory(op.i32Load, 8).tee(at).memory(op.i32Load).i32(wideFlag).op(op.i32And);
  f.get(0).memory(op.i32Load, 4).i32(64).op(op.i32GtU, op.i32Or).if();
  f.get(0)
    .call(context.host('hashText', [i32], [i32]))
    .return();
  f.end();
  f.i32(-2128831035).set(value);
  f.get(at).i32(bufferData).op(op.i32Add).tee(at).get(0).memory(op.i32Load, 4).op(op.i32Add).set(end);
  const done = f.block();
  const again = f.loop();
  f.get(at).get(end).op(op.i32Eq).brIf(done);
  // A to Z, and in Latin-1 also 0xc0 to 0xde, where the multiplication sign is no letter.
  f.get(value).get(at).memory(op.i32Load8U).tee(code);
  f.get(code).i32(0x41).op(op.i32Sub).i32(26).op(op.i32LtU);
  f.get(code).i32(0xc0).op(op.i32Sub).i32(31).op(op.i32LtU).get(code).i32(0xd7).op(op.i32Ne, op.i32And, op.i32Or);
  f.i32(5).op(op.i32Shl, op.i32Add);
  f.op(op.i32Xor).i32(16777619).op(op.i32Mul).set(value);
  f.get(at).i32(1).op(op.i32Add).set(at).br(again);
  f.end().end();
  f.get(0).get(value).memory(op.i32Store, 12).get(value);
  return f;
}

/** sameText(a, b) -> 0 or 1. Long texts and texts of different width go to the host, which charges for them. */
export function sameText(context: ModuleContext): FunctionRef {
  const f = context.module.function([i32, i32], [i32]);
  const a = f.local(i32);
  const b = f.local(i32);
  const bytes = f.local(i32);
  f.get(0).get(1).op(op.i32Eq).if();
  f.i32(1).return().end();
  f.get(0).memory(op.i32Load, 4).tee(bytes).get(1).memory(op.i32Load, 4).op(op.i32Ne).if();
  f.i32(0).return().end();
  f.get(0).memory(op.i32Load, 8).tee(a).memory(op.i32Load).get(1).memory(op.i32Load, 8).tee(b).memory(op.i32Load).op(op.i32Or);
  f.i32(wideFlag).op(op.i32And).get(bytes).i32(64).op(op.i32GtU, op.i32Or).if();
  f.get(0)
    .get(1)
    .call(context.host('textEqual', [i32, i32], [i32]))
    .return();
  f.end();
  const again = f.loop();
  f.get(bytes).op(op.i32Eqz).if();
  f.i32(1).return().end();
  f.get(a).memory(op.i32Load8U, bufferData).get(b).memory(op.i32Load8U, bufferData).op(op.i32Ne).if();
  f.i32(0).return().end();
  f.get(a).i32(1).op(op.i32Add).set(a);
  f.get(b).i32(1).op(op.i32Add).set(b);
  f.get(bytes).i32(1).op(op.i32Sub).set(bytes).br(again);
  f.end();
  f.op(op.unreachable);
  return f;
}

/**
 * findKey(object, key) -> address of the value of exactly this name, or 0. The same search as in `objects.ts`: up to
 * eight entries one after the other, beyond that by the index. Looking at more than a few entries is charged.
 */
export function findKey(context: ModuleContext): FunctionRef {
  const f = context.module.function([i32, i32], [i32]);
  const wanted = f.local(i32);
  const index = f.local(i32);
  const slot = f.local(i32);
  const entry = f.local(i32);
  const mask = f.local(i32);
  const entries = f.local(i32);
  const isFound = (): void => {
    f.get(entry).memory(op.i32Load, 4).get(wanted).op(op.i32Eq).if();
    f.get(entry).memory(op.i32Load).get(1).call(context.helper('sameText')).if();
    f.get(entry).i32(8).op(op.i32Add).return().end();
    f.end();
  };
  f.get(1).call(context.helper('hash')).set(wanted);
  f.get(0).memory(op.i32Load, 8).i32(8).op(op.i32Add).set(entries);
  f.get(0).memory(op.i32Load, 12).tee(index).op(op.i32Eqz).if();
  f.get(entries).tee(entry).get(0).memory(op.i32Load, 4).i32(4).op(op.i32Shl, op.i32Add).set(mask);
  const next = f.loop();
  f.get(entry).get(mask).op(op.i32Eq).if();
  f.i32(0).return().end();
  isFound();
  f.get(entry).i32(16).op(op.i32Add).set(entry).br(next);
  f.end();
  f.op(op.unreachable);
  f.end();
  f.get(index).memory(op.i32Load, 4).i32(1).op(op.i32Sub).set(mask);
  f.get(wanted).get(mask).op(op.i32And).set(slot);
  const probe = f.loop();
  f.get(index).get(slot).i32(2).op(op.i32Shl, op.i32Add).memory(op.i32Load, 8).tee(entry).op(op.i32Eqz).if();
  f.i32(0).return().end();
  f.get(entries).get(entry).i32(1).op(op.i32Sub).i32(4).op(op.i32Shl, op.i32Add).set(entry);
  isFound();
  f.getGlobal(context.fuel).i32(1).op(op.i32Sub).setGlobal(context.fuel);
  f.get(slot).i32(1).op(op.i32Add).get(mask).op(op.i32And).set(slot).br(probe);
  f.end();
  f.op(op.unreachable);
  return f;
}

/** member(holder, name) -> variant. */
export function member(context: ModuleContext): FunctionRef {
  const f = context.module.function([i64, i32], [i64]);
  const at = f.local(i32);
  f.get(0).i64(32n).op(op.i64ShrU, op.i32WrapI64).i32(tag.object).op(op.i32Eq).if();
  f.get(0).op(op.i32WrapI64).get(1).call(context.helper('findKey')).tee(at).if();
  f.get(at).memory(op.i64Load).return().end();
  f.end();
  f.get(0);
  splitVariant(f);
  f.get(1).call(context.host('member', [i32, i32, i32]));
  f.i32(0).memory(op.i64Load, header.result);
  return f;
}

/** getItem(list, index, position) -> variant. */
export function getItem(context: ModuleContext): FunctionRef {
  const f = context.module.function([i64, i64, i32], [i64]);
  const slow = f.block();
  itemAddress(f, 0, 1, slow);
  f.memory(op.i64Load, storeData).return();
  f.end();
  const missing = f.block();
  const at = f.local(i32);
  propertyAddress(context, f, 0, 1, missing);
  f.tee(at).op(op.i32Eqz).brIf(missing);
  f.get(at).memory(op.i64Load).return();
  f.end();
  splitBoth(f);
  f.get(2).call(context.host('getItem', [i32, i32, i32, i32, i32]));
  f.i32(0).memory(op.i64Load, header.result);
  return f;
}

/** setItem(list, index, value, position). */
export function setItem(context: ModuleContext): FunctionRef {
  const f = context.module.function([i64, i64, i64, i32], []);
  const slow = f.block();
  itemAddress(f, 0, 1, slow);
  f.get(2).memory(op.i64Store, storeData).return();
  f.end();
  const missing = f.block();
  const at = f.local(i32);
  propertyAddress(context, f, 0, 1, missing);
  f.tee(at).op(op.i32Eqz).brIf(missing);
  f.get(at).get(2).memory(op.i64Store).return();
  f.end();
  splitBoth(f);
  f.get(2);
  splitVariant(f);
  f.get(3).call(context.host('setItem', [i32, i32, i32, i32, i32, i32, i32]));
  return f;
}
