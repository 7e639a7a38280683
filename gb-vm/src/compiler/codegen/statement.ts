import type { Dim, Expression, For, ForEach, Select, Statement, While } from '../ast.ts';
import { dimType } from '../infer.ts';
import { fixedArrayData, frame, header, status } from '../layout.ts';
import type { Variable } from '../scope.ts';
import type { Type } from '../types.ts';
import { f64, i32, op } from '../wasm/encoder.ts';
import { wasmType } from './context.ts';
import { type Emitter, stores, temporaryNode } from './emitter.ts';
import { emit, emitVariant } from './expression.ts';
import { splitVariant } from './helpers.ts';
import { emitStore } from './store.ts';

/**
 * Statements as structured WebAssembly: blocks, loops and ifs in place, at full speed. Used for everything that cannot
 * suspend; what can is taken apart in `suspend.ts`.
 *
 * `onEmpty`, given for the loops of a procedure that can suspend, writes the exit taken when the fuel slice is used up.
 * The loops of a plain procedure have no way out and may overdraw the slice, down to the end of the turn's budget.
 */
export function emitStatements(e: Emitter, body: readonly Statement[]): void {
  for (const statement of body) emitStatement(e, statement);
}

export function emitStatement(e: Emitter, statement: Statement): void {
  const { f, context } = e;
  e.word = wordOf(statement);
  f.mark(e.position(statement.span));
  switch (statement.kind) {
    case 'talk':
      e.emitAs(statement.value, 'str');
      f.i32(e.position(statement.span)).call(context.host('talk', [i32, i32]));
      break;
    case 'assign':
      emitStore(e, statement.target, emit(e, statement.value));
      break;
    case 'call':
      emit(e, statement.value);
      f.op(op.drop);
      break;
    case 'if':
      emitIf(e, statement);
      break;
    case 'for': {
      const state = forState(statement, (type) => e.scratch(type));
      startFor(e, statement, state);
      emitFor(e, statement, state, null);
      break;
    }
    case 'forEach': {
      const state = forEachState(statement, (type) => e.scratch(type));
      startForEach(e, statement, state);
      emitForEach(e, statement, state, null);
      break;
    }
    case 'while':
      emitWhile(e, statement, null);
      break;
    case 'select':
      emitSelect(e, statement);
      break;
    case 'return':
      emitReturn(e, statement.value);
      break;
    case 'exit':
      emitExit(e, statement.what);
      break;
    case 'end':
      emitEnd(e);
      break;
    case 'dim':
      emitDim(e, statement);
      break;
    case 'with':
      openWith(e, statement.target);
      emitStatements(e, statement.body);
      break;
    case 'include':
      emitStatements(e, statement.body);
      break;
    default:
      f.op(op.unreachable);
  }
}

export function wordOf(statement: Statement): string {
  const words: Partial<Record<Statement['kind'], string>> = { forEach: 'FOR EACH', assign: '=', while: 'WHILE' };
  return words[statement.kind] ?? statement.kind.toUpperCase();
}

function emitIf(e: Emitter, statement: Statement & { kind: 'if' }): void {
  const { f } = e;
  for (const { condition, body } of statement.branches) {
    e.word = 'IF';
    e.emitAs(condition, 'bool');
    f.if();
    emitStatements(e, body);
    f.else();
  }
  emitStatements(e, statement.otherwise);
  for (let open = 0; open < statement.branches.length; open++) f.end();
}

/** The limit and step of a FOR, computed once. A step written as a number needs no variable. */
export interface ForState {
  readonly to: Variable;
  readonly step: Variable | number;
}

export function forState(statement: For, make: (type: Type) => Variable): ForState {
  const { step } = statement;
  return { to: make('num'), step: step === null ? 1 : step.kind === 'number' ? step.value : make('num') };
}

export function startFor(e: Emitter, statement: For, { to, step }: ForState): void {
  const from = e.f.borrow(f64);
  e.emitAs(statement.from, 'num');
  e.f.set(from);
  e.emitAs(statement.to, 'num');
  e.set(to);
  if (typeof step !== 'number') {
    e.emitAs(statement.step!, 'num');
    e.set(step);
  }
  e.f.get(from);
  e.assign(statement.variable.variable!, 'num', statement.variable.span);
  e.f.release(f64, from);
}

/** Leaves the condition that the counter is past its limit. */
export function emitForDone(e: Emitter, statement: For, { to, step }: ForState): void {
  const { f } = e;
  const counter = (): void => e.emitAs(statement.variable, 'num');
  if (typeof step === 'number') {
    counter();
    e.get(to);
    f.op(step >= 0 ? op.f64Gt : op.f64Lt);
    return;
  }
  // (counter - limit) * sign of step > 0, written without multiplying so that infinities stay out of it.
  e.get(step);
  f.f64(0).op(op.f64Ge).if(i32);
  counter();
  e.get(to);
  f.op(op.f64Gt).else();
  counter();
  e.get(to);
  f.op(op.f64Lt).end();
}

export function emitForStep(e: Emitter, statement: For, { step }: ForState): void {
  e.emitAs(statement.variable, 'num');
  if (typeof step === 'number') e.f.f64(step);
  else e.get(step);
  e.f.op(op.f64Add);
  e.assign(statement.variable.variable!, 'num', statement.variable.span);
}

type OnEmpty = (() => void) | null;

export function emitFor(e: Emitter, statement: For, state: ForState, onEmpty: OnEmpty): void {
  emitLoop(e, 'FOR', e.position(statement.span), onEmpty, {
    test: (done) => {
      emitForDone(e, statement, state);
      e.f.brIf(done);
    },
    body: () => {
      emitStatements(e, statement.body);
      e.word = 'FOR';
      emitForStep(e, statement, state);
    },
  });
}

/** What is gone through, and how far. */
export interface ForEachState {
  readonly list: Variable;
  readonly index: Variable;
}

export function forEachState(statement: ForEach, make: (type: Type) => Variable): ForEachState {
  return { list: make(statement.list.type === 'nums' ? 'nums' : 'any'), index: make('num') };
}

export function startForEach(e: Emitter, statement: ForEach, { list, index }: ForEachState): void {
  const { f, context } = e;
  emit(e, statement.list);
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
  e.assign(statement.variable.variable!, emit(e, item), statement.variable.span);
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
      emitStatements(e, statement.body);
    },
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
    body: (done) => {
      emitStatements(e, statement.body);
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
  parts: { test: (done: number) => void; body: (done: number) => void },
): void {
  const { f } = e;
  const done = f.block();
  const again = f.loop();
  e.tick(position, onEmpty);
  parts.test(done);
  e.leaves.push({ word, jump: () => f.br(done) });
  parts.body(done);
  e.leaves.pop();
  f.br(again);
  f.end();
  f.end();
}

/** SELECT as a chain of conditions on a value computed once. */
export function selectBranches(statement: Select, value: Variable): { condition: Expression; body: readonly Statement[] }[] {
  const read = temporaryNode(value, statement.value.span);
  const compare = (operator: '=' | '<>' | '<' | '>' | '<=' | '>=' | 'AND', left: Expression, right: Expression): Expression => ({
    kind: 'binary',
    operator,
    left,
    right,
    span: right.span,
    depth: right.depth + 1,
    type: 'bool',
    suspends: left.suspends || right.suspends,
  });
  const either = (tests: readonly Expression[]): Expression => {
    const middle = tests.length >> 1;
    if (middle === 0)
      return tests[0] ?? { kind: 'boolean', value: false, span: statement.span, depth: 1, type: 'bool', suspends: false };
    const [left, right] = [either(tests.slice(0, middle)), either(tests.slice(middle))];
    return {
      kind: 'binary',
      operator: 'OR',
      left,
      right,
      span: left.span,
      depth: 1,
      type: 'bool',
      suspends: left.suspends || right.suspends,
    };
  };
  return statement.cases.map(({ tests, body }) => ({
    condition: either(
      tests.map((test) =>
        test.kind === 'range'
          ? compare('AND', compare('>=', read, test.from), compare('<=', read, test.to))
          : compare(test.operator, read, test.value),
      ),
    ),
    body,
  }));
}

function emitSelect(e: Emitter, statement: Select): void {
  const value = e.scratch(statement.value.type);
  emit(e, statement.value);
  e.set(value);
  const done = e.f.block();
  e.leaves.push({ word: 'SELECT', jump: () => e.f.br(done) });
  emitIf(e, { kind: 'if', span: statement.span, branches: selectBranches(statement, value), otherwise: statement.otherwise });
  e.leaves.pop();
  e.f.end();
}

/** Gives the value back and leaves the procedure, whatever it is nested in. */
export function emitReturn(e: Emitter, value: Expression | null): void {
  const { f, procedure, context } = e;
  if (value) e.emitAs(value, procedure.kind === 'MAIN' ? value.type : procedure.returnType);
  else if (procedure.result) {
    e.get(procedure.result);
    e.convert(procedure.result.type, procedure.returnType, procedure.span);
  } else if (procedure.kind !== 'MAIN') e.initial(procedure.returnType);
  else f.i32(0);
  if (!procedure.suspends) {
    if (procedure.isRecursive) f.getGlobal(context.depth).i32(1).op(op.i32Sub).setGlobal(context.depth);
    f.return();
    return;
  }
  if (procedure.kind === 'MAIN') {
    f.op(op.drop);
    emitEnd(e);
    return;
  }
  const type = wasmType(procedure.returnType);
  const held = f.borrow(type);
  f.set(held).i32(0).get(held).memory(stores[type], header.result);
  f.release(type, held);
  f.i32(0).get(0).memory(op.i32Store, header.sp);
  f.i32(0).get(0).memory(op.i32Load, frame.previous).memory(op.i32Store, header.fp);
  f.i32(status.returned).return();
}

/** END: the whole program, from any depth. */
export function emitEnd(e: Emitter): void {
  const { f, context, procedure } = e;
  if (procedure.suspends) f.i32(0).i32(0).memory(op.i32Store, header.fp).i32(status.finished).return();
  else f.call(context.host('end', [])).op(op.unreachable);
}

function emitExit(e: Emitter, what: string): void {
  if (what === 'SUB' || what === 'FUNCTION') emitReturn(e, null);
  else e.leaves.findLast((leave) => leave.word === what)?.jump();
}

function emitDim(e: Emitter, statement: Dim): void {
  const { f, context } = e;
  const variable = statement.target.variable!;
  const { sizes, value } = statement;
  if (value) e.assign(variable, emit(e, value), statement.span);
  else if (sizes.length === 0) {
    const type = dimType(statement.typeName);
    e.initial(type);
    e.assign(variable, type, statement.span);
  } else if (variable.type === 'nums') {
    e.emitAs(sizes[0]!, 'num');
    f.i32(e.position(statement.span)).call(context.host('dim', [f64, i32], [i32]));
    e.set(variable);
  } else {
    const isText = variable.name.endsWith('$');
    const list = emitNested(e, statement, isText);
    f.get(list);
    e.toAny('nums');
    if (variable.type === 'any') e.set(variable);
    else f.op(op.drop);
    f.release(i32, list);
  }
}

/** An array of arrays for several sizes: each level is filled by the host from the sizes before it. */
function emitNested(e: Emitter, statement: Dim, isText: boolean): number {
  const { f, context } = e;
  const list = f.borrow(i32);
  f.i32(statement.sizes.length)
    .call(context.host('newArray', [i32], [i32]))
    .set(list);
  statement.sizes.forEach((size, index) => {
    f.get(list);
    e.emitAs(size, 'num');
    f.memory(op.f64Store, fixedArrayData + 8 * index);
  });
  f.get(list)
    .i32(isText ? 1 : 0)
    .i32(e.position(statement.span))
    .call(context.host('dimNested', [i32, i32, i32], [i32]))
    .set(list);
  return list;
}

/** WITH on something that is no object yet makes it one. */
export function openWith(e: Emitter, target: (Statement & { kind: 'with' })['target']): void {
  const { f, context } = e;
  emitVariant(e, target);
  f.call(context.host('withObject', [i32, i32]));
  e.result();
  emitStore(e, target, 'any');
}
