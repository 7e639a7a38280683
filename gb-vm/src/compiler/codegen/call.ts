import type { Apply, Expression } from '../ast.ts';
import { errorProperties } from '../bind.ts';
import { functionKeywords } from '../keywords/index.ts';
import { nullVariant, trap } from '../layout.ts';
import type { Type } from '../types.ts';
import { f64, i32, op, type ValueType } from '../wasm/encoder.ts';
import { emitChecked } from './checked.ts';
import { wasmType } from './context.ts';
import type { Emitter } from './emitter.ts';
import { splitVariant } from './variants.ts';

type Call = NonNullable<Apply['call']>;

/** A call of a procedure that cannot suspend, or of a built-in function. */
export function emitCall(e: Emitter, node: Expression, call: Call, args: readonly Expression[]): Type {
  const { f, context } = e;
  if (call.kind === 'function') return emitFunction(e, node, call.name, args);
  const { procedure } = call;
  procedure.parameters.forEach((parameter, index) => {
    const argument = args[index];
    if (argument) e.emitAs(argument, parameter.type);
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
  const property = errorProperties[name];
  if (property) return emitErrorProperty(e, node, property);
  const inline = numberOps[name];
  const first = args[0];
  if (inline && first) {
    e.emitAs(first, 'num');
    f.op(...inline);
    return 'num';
  }
  if (name === 'SQR' && first) {
    const value = f.borrow(f64);
    e.emitAs(first, 'num');
    f.tee(value).f64(0).op(op.f64Lt).if();
    context.fail(f, trap.argument, e.position(node.span));
    f.end();
    f.get(value).op(op.f64Sqrt);
    f.release(f64, value);
    return 'num';
  }
  if ((name === 'LEN' && (first?.type === 'str' || first?.type === 'nums')) || (name === 'UBOUND' && first?.type === 'nums')) {
    e.emit(first);
    f.memory(op.i32Load, 4);
    if (name === 'UBOUND') f.i32(1).op(op.i32Sub);
    f.op(op.f64ConvertI32S);
    return 'num';
  }
  if (name === 'STR' && first && context.profile === 'bot') {
    e.emitAs(first, 'str');
    return 'str';
  }
  if (name === 'ISNULL' && first) {
    e.emitAs(first, 'any');
    f.i64(nullVariant).op(op.i64Eq);
    return 'bool';
  }
  if (name === 'IIF') return emitChoice(e, node, args);
  if ((name === 'MIN' || name === 'MAX') && args.length > 1) {
    args.forEach((argument, index) => {
      e.emitAs(argument, 'num');
      if (index > 0) f.op(name === 'MIN' ? op.f64Min : op.f64Max);
    });
    return 'num';
  }
  return emitHostFunction(e, node, name, args);
}

/** ERR, ERL and ERROR MESSAGE: 0 or nothing as long as all went well. */
function emitErrorProperty(e: Emitter, node: Expression, name: string): Type {
  const { f, context } = e;
  e.get(context.main.hidden.error!);
  splitVariant(f);
  f.i32(context.constants.text(name)).call(context.host('member', [i32, i32, i32]));
  e.result();
  if (name !== 'number' && name !== 'line') return 'any';
  e.convert('any', 'num', node.span);
  return 'num';
}

/** Only the value that is wanted is computed. */
function emitChoice(e: Emitter, node: Expression, args: readonly Expression[]): Type {
  const type = node.type === 'none' ? 'any' : node.type;
  e.emitAs(args[0]!, 'bool');
  e.f.if(wasmType(type));
  e.emitAs(args[1]!, type);
  e.f.else();
  e.emitAs(args[2]!, type);
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
    if (argument) e.emitAs(argument, type);
    else if (type === 'num') f.f64(Number(param.slice(2)));
    else if (type === 'str') f.i32(context.constants.text(param.slice(2)));
    else e.initial(type);
    if (type === 'any') splitVariant(f);
    signature.push(...(type === 'any' ? ([i32, i32] as const) : [wasmType(type)]));
  });
  const result = resultTypes[keyword.result ?? 'v']!;
  f.i32(e.position(node.span)).call(context.host(`fn:${name}`, [...signature, i32], result === 'any' ? [] : [wasmType(result)]));
  if (result === 'any') e.result();
  if (name === 'EXP' || name === 'TAN') emitChecked(e, node);
  return result;
}
