import type { Expression, For, ForEach, While } from '../ast.ts';
import type { Variable } from '../scope.ts';
import type { Type } from '../types.ts';
import { eachStatement, targetsOf } from '../walk.ts';
import { f64, i32, i64, op } from '../wasm/encoder.ts';
import { emitChecked } from './checked.ts';
import { type Emitter, temporaryNode } from './emitter.ts';
import { splitVariant } from './variants.ts';
import { wordOf } from './words.ts';

/** The limit and step of a FOR, computed once. A step written as a number needs no variable. */
export interface ForState {
  readonly to: Variable;
  readonly step: Variable | number;
}

export function forState(statement: For, make: (type: Type, role: string) => Variable): ForState {
  const { step } = statement;
  return { to: make('num', 'to'), step: step === null ? 1 : step.kind === 'number' ? step.value : make('num', 'step') };
}

export function startFor(e: Emitter, statement: For, { to, step }: ForState): void {
  const from = e.f.borrow(f64);
  // ECMA-55, 13.4, computes the limit, the step, and then where to begin; everybody else reads from left to right.
  const isLimitFirst = e.context.profile === 'minimal';
  const begin = (): void => {
    e.emitAs(statement.from, 'num');
    e.f.set(from);
  };
  if (!isLimitFirst) begin();
  e.emitAs(statement.to, 'num');
  e.set(to);
  if (typeof step !== 'number') {
    e.emitAs(statement.step!, 'num');
    e.set(step);
  }
  if (isLimitFirst) begin();
  e.f.get(from);
  e.assign(statement.variable.variable!, 'num', statement.variable.span);
  e.f.release(f64, from);
}

/** Leaves the condition that the counter is past its limit: (counter - limit) * sign of step > 0, so never with a step of 0. */
export function emitForDone(e: Emitter, statement: For, { to, step }: ForState): void {
  const { f } = e;
  const compare = (operation: number): void => {
    e.emitAs(statement.variable, 'num');
    e.get(to);
    f.op(operation);
  };
  if (typeof step === 'number') {
    if (step === 0) f.i32(0);
    else compare(step > 0 ? op.f64Gt : op.f64Lt);
    return;
  }
  e.get(step);
  f.f64(0).op(op.f64Gt).if(i32);
  compare(op.f64Gt);
  f.else();
  compare(op.f64Lt);
  e.get(step);
  f.f64(0).op(op.f64Lt, op.i32And).end();
}

export function emitForStep(e: Emitter, statement: For, { step }: ForState): void {
  e.emitAs(statement.variable, 'num');
  if (typeof step === 'number') e.f.f64(step);
  else e.get(step);
  e.f.op(op.f64Add);
  emitChecked(e, statement.variable);
  e.assign(statement.variable.variable!, 'num', statement.variable.span);
}

export type OnEmpty = (() => void) | null;

/**
 * The step of a loop that counts whole numbers: it starts at one, goes by one, and only NEXT changes its variable. Such a
 * loop counts in an i64 as well. Adding to a double takes four cycles, which every round would wait for; and as an index
 * an integer needs no conversion. The bound keeps both exact for as many rounds as any fuel allows.
 */
function integerStep(e: Emitter, statement: For, { step }: ForState): number | null {
  const { from } = statement;
  const variable = statement.variable.variable!;
  if (from.kind !== 'number' || !isSmallInteger(from.value)) return null;
  if (typeof step !== 'number' || !isSmallInteger(step)) return null;
  if (variable.type !== 'num' || !e.isPrivate(variable)) return null;
  let isAssigned = false;
  eachStatement(statement.body, (one) => {
    isAssigned ||= targetsOf(one).some((target) => target.variable === variable);
  });
  return isAssigned ? null : step;
}

const isSmallInteger = (value: number): boolean => Number.isInteger(value) && Math.abs(value) <= 1 << 20;

export function emitFor(e: Emitter, statement: For, state: ForState, onEmpty: OnEmpty): void {
  const step = integerStep(e, statement, state);
  if (step !== null) return emitIntegerFor(e, statement, state, step, onEmpty);
  emitLoop(e, 'FOR', e.position(statement.span), onEmpty, {
    test: (done) => {
      emitForDone(e, statement, state);
      e.f.brIf(done);
    },
    body: () => e.statements(statement.body),
    finish: () => {
      e.word = 'FOR';
      emitForStep(e, statement, state);
    },
  });
}

function emitIntegerFor(e: Emitter, statement: For, state: ForState, step: number, onEmpty: OnEmpty): void {
  const { f } = e;
  const variable = statement.variable.variable!;
  const counter = f.borrow(i64);
  // Also after a pause, when only the variable itself was kept.
  e.get(variable);
  f.truncateLong().set(counter);
  emitLoop(e, 'FOR', e.position(statement.span), onEmpty, {
    test: (done) => {
      emitForDone(e, statement, state);
      f.brIf(done);
    },
    body: () => {
      e.counters.set(variable, counter);
      e.statements(statement.body);
      e.counters.delete(variable);
    },
    finish: () => {
      e.word = 'FOR';
      f.get(counter).i64(BigInt(step)).op(op.i64Add).tee(counter).op(op.f64ConvertI64S);
      e.set(variable);
    },
  });
  f.release(i64, counter);
}

/** What is gone through, and how far. */
export interface ForEachState {
  readonly list: Variable;
  readonly index: Variable;
}

export function forEachState(statement: ForEach, make: (type: Type, role: string) => Variable): ForEachState {
  return { list: make(statement.list.type === 'nums' ? 'nums' : 'any', 'list'), index: make('num', 'index') };
}

export function startForEach(e: Emitter, statement: ForEach, { list, index }: ForEachState): void {
  const { f, context } = e;
  e.emit(statement.list);
  if (list.type !== 'nums') {
    e.toAny(statement.list.type);
    splitVariant(f);
    f.i32(e.position(statement.list.span)).call(context.host('iterable', [i32, i32, i32]));
    e.result();
  }
  e.set(list);
  f.f64(0);
  e.set(index);
}

/** Leaves the condition that the list has no more items. */
export function emitForEachDone(e: Emitter, { list, index }: ForEachState): void {
  e.get(index);
  e.get(list);
  if (list.type === 'any') e.f.op(op.i32WrapI64);
  e.f.memory(op.i32Load, 4).op(op.f64ConvertI32S, op.f64Ge);
}

/** The next item goes into the loop's variable. */
export function emitForEachItem(e: Emitter, statement: ForEach, { list, index }: ForEachState): void {
  const item: Expression = {
    kind: 'apply',
    target: temporaryNode(list, statement.list.span),
    args: [temporaryNode(index, statement.list.span)],
    bracket: '[',
    call: null,
    span: statement.list.span,
    depth: 2,
    type: list.type === 'nums' ? 'num' : 'any',
    suspends: false,
  };
  e.assign(statement.variable.variable!, e.emit(item), statement.variable.span);
  e.get(index);
  e.f.f64(1).op(op.f64Add);
  e.set(index);
}

export function emitForEach(e: Emitter, statement: ForEach, state: ForEachState, onEmpty: OnEmpty): void {
  emitLoop(e, 'FOR', e.position(statement.span), onEmpty, {
    test: (done) => {
      emitForEachDone(e, state);
      e.f.brIf(done);
    },
    body: () => {
      emitForEachItem(e, statement, state);
      e.statements(statement.body);
    },
    finish: () => {},
  });
}

/** Leaves whether the loop goes on. */
export function emitWhileTest(e: Emitter, statement: While): void {
  e.emitAs(statement.condition!, 'bool');
  if (statement.isUntil) e.f.op(op.i32Eqz);
}

export function emitWhile(e: Emitter, statement: While, onEmpty: OnEmpty): void {
  const { condition, isTestedLast } = statement;
  emitLoop(e, statement.word, e.position(statement.span), onEmpty, {
    test: (done) => {
      if (!condition || isTestedLast) return;
      emitWhileTest(e, statement);
      e.f.op(op.i32Eqz).brIf(done);
    },
    body: () => e.statements(statement.body),
    finish: (done) => {
      e.word = wordOf(statement);
      if (!condition || !isTestedLast) return;
      emitWhileTest(e, statement);
      e.f.op(op.i32Eqz).brIf(done);
    },
  });
}

function emitLoop(
  e: Emitter,
  word: string,
  position: number,
  onEmpty: OnEmpty,
  parts: { test: (done: number) => void; body: () => void; finish: (done: number) => void },
): void {
  const { f } = e;
  const isHolding = f.hold(e.context.fuel);
  const done = f.block();
  const again = f.loop();
  e.tick(position, onEmpty);
  parts.test(done);
  const next = f.block();
  e.leaves.push({ word, jump: () => f.br(done), again: () => f.br(next) });
  parts.body();
  e.leaves.pop();
  f.end();
  parts.finish(done);
  f.br(again);
  f.end();
  f.end();
  if (isHolding) f.letGo();
}
