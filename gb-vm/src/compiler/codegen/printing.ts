import type { Expression, Print, PrintItem, Statement, Target } from '../ast.ts';
import { givenType } from '../infer.ts';
import { frame, frameBase } from '../layout.ts';
import type { Type } from '../types.ts';
import { f64, i32 } from '../wasm/encoder.ts';
import { emitVariant } from './elements.ts';
import type { Emitter } from './emitter.ts';
import { emit } from './expression.ts';
import { emitStore } from './store.ts';
import { splitVariant } from './variants.ts';

/** PRINT: each item goes to the printer as it is computed, which knows columns and zones. */
export function emitPrint(e: Emitter, statement: Print): void {
  const { f, context } = e;
  const position = e.position(statement.span);
  if (statement.using) {
    const values = statement.items.flatMap((item) => (item.kind === 'value' ? [item.value] : []));
    e.emitAs(statement.using, 'str');
    emitVariant(e, { kind: 'array', items: values, span: statement.span, depth: 1, type: 'any', suspends: false });
    f.i32(position).call(context.host('printUsing', [i32, i32, i32, i32]));
  } else for (const item of statement.items) emitItem(e, item, position);
  if (endsLine(statement, context.profile)) f.call(context.host('printLine', []));
}

function emitItem(e: Emitter, item: PrintItem, position: number): void {
  const { f, context } = e;
  switch (item.kind) {
    case 'value':
      return emitValue(e, item.value);
    case 'comma':
      f.call(context.host('printComma', []));
      return;
    case 'tab':
    case 'spaces':
      e.emitAs(item.value, 'num');
      f.i32(position).call(context.host(item.kind === 'tab' ? 'printTab' : 'printSpaces', [f64, i32]));
      return;
    default:
  }
}

function emitValue(e: Emitter, value: Expression): void {
  const { f, context } = e;
  const type = emit(e, value);
  if (type === 'str') f.call(context.host('printText', [i32]));
  else if (type === 'num') f.call(context.host('printNumber', [f64]));
  else if (type === 'bool' && context.profile !== 'bot') {
    e.convert('bool', 'num', value.span);
    f.call(context.host('printNumber', [f64]));
  } else {
    e.toAny(type);
    splitVariant(f);
    f.call(context.host('printValue', [i32, i32]));
  }
}

/** A separator at the end keeps the line open; so does TAB in Microsoft's interpreters. */
function endsLine({ items }: Print, profile: string): boolean {
  const last = items.at(-1)?.kind;
  if (last === 'comma' || last === 'semicolon') return false;
  return !(profile === 'classic' && (last === 'tab' || last === 'spaces'));
}

export function emitRead(e: Emitter, targets: readonly Target[], span: Statement['span']): void {
  const { f, context } = e;
  const pointer = frameBase + frame.slots + 8 * context.main.hidden.data!.slot;
  for (const target of targets) {
    const type = givenType(target);
    f.i32(pointer).i32(e.position(span));
    if (type === 'num') f.call(context.host('readNumber', [i32, i32], [f64]));
    else if (type === 'str') f.call(context.host('readText', [i32, i32], [i32]));
    else {
      f.call(context.host('readValue', [i32, i32]));
      e.result();
    }
    emitStore(e, target, type);
  }
}

export function emitRestore(e: Emitter, label: string | null): void {
  const { context, f } = e;
  f.f64(label === null ? 0 : (context.data.starts.get(label) ?? 0));
  e.set(context.main.hidden.data!);
}

export function emitSwap(e: Emitter, left: Target, right: Target): void {
  const held: { type: Type; set: () => void; get: () => void } = (() => {
    const variable = e.scratch(left.type === 'nums' ? 'any' : left.type);
    return { type: variable.type, set: () => e.set(variable), get: () => e.get(variable) };
  })();
  e.emitAs(left, held.type);
  held.set();
  emitStore(e, left, emit(e, right));
  held.get();
  emitStore(e, right, held.type);
}
