import type { Callee, Expression } from '../ast.ts';
import { nullVariant } from '../layout.ts';
import type { Type } from '../types.ts';
import { i64, op } from '../wasm/encoder.ts';
import { emitCall } from './call.ts';
import { emitArray, emitItem, emitObject } from './elements.ts';
import type { Emitter } from './emitter.ts';
import { emitBinary, emitBitNot } from './operators.ts';

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
      if (node.otherwise && node.variable!.type === 'any') emitOtherwise(e, node, node.otherwise);
      return node.variable!.type;
    case 'interpolation':
      return emitInterpolation(e, node.parts);
    case 'apply':
      return node.call ? emitCall(e, node, node.call, node.args) : emitItem(e, node);
    case 'member':
      e.emitAs(node.target, 'any');
      f.i32(context.constants.text(node.name)).call(context.helper('member'));
      return 'any';
    case 'unary':
      if (node.operator === 'NOT') {
        e.emitAs(node.operand, 'bool');
        f.op(op.i32Eqz);
        return 'bool';
      }
      if (node.operator === 'BITNOT') return emitBitNot(e, node.operand);
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

/** The variant on the stack, or what the function of the same name gives when it is null. */
function emitOtherwise(e: Emitter, node: Expression, call: Callee): void {
  const { f } = e;
  const value = f.borrow(i64);
  f.tee(value).i64(nullVariant).op(op.i64Eq).if(i64);
  e.toAny(emitCall(e, node, call, []));
  f.else().get(value).end();
  f.release(i64, value);
}
