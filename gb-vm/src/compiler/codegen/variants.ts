import { type FunctionBuilder, i64, op } from '../wasm/encoder.ts';

/** A variant on the stack as the two words a host function takes. */
export function splitVariant(f: FunctionBuilder): void {
  const value = f.borrow(i64);
  f.tee(value).op(op.i32WrapI64).get(value).i64(32n).op(op.i64ShrU).op(op.i32WrapI64);
  f.release(i64, value);
}

/** Leaves the condition that both variants in locals 0 and 1 are numbers, with their values in `a` and `b`. */
export function bothNumbers(f: FunctionBuilder, a: number, b: number): void {
  f.get(0)
    .op(op.f64ReinterpretI64)
    .tee(a)
    .get(a)
    .op(op.f64Eq)
    .get(1)
    .op(op.f64ReinterpretI64)
    .tee(b)
    .get(b)
    .op(op.f64Eq, op.i32And);
}

export function splitBoth(f: FunctionBuilder): void {
  f.get(0);
  splitVariant(f);
  f.get(1);
  splitVariant(f);
}
