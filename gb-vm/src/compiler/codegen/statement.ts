import type { Dim, Expression, Select, Statement } from '../ast.ts';
import { dimType } from '../infer.ts';
import { fixedArrayData, frame, header, nullVariant, status } from '../layout.ts';
import type { Variable } from '../scope.ts';
import { f64, i32, op } from '../wasm/encoder.ts';
import { wasmType } from './context.ts';
import { emitVariant } from './elements.ts';
import { type Emitter, type Leave, stores, temporaryNode } from './emitter.ts';
import { emit } from './expression.ts';
import { emitFor, emitForEach, emitWhile, forEachState, forState, startFor, startForEach } from './loops.ts';
import { emitPrint, emitRead, emitRestore, emitSwap } from './printing.ts';
import { emitStore } from './store.ts';
import { splitVariant } from './variants.ts';
import { wordOf } from './words.ts';

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
  e.word = e.procedure.isInline ? 'DEF' : wordOf(statement);
  f.mark(e.position(statement.span));
  switch (statement.kind) {
    case 'talk':
      emitTalk(e, statement);
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
    case 'continue':
      emitContinue(e, statement.what);
      break;
    case 'stop':
      emitEnd(e);
      break;
    case 'print':
      emitPrint(e, statement);
      break;
    case 'read':
      emitRead(e, statement.targets, statement.span);
      break;
    case 'restore':
      emitRestore(e, statement.label?.name ?? null);
      break;
    case 'swap':
      emitSwap(e, statement.left, statement.right);
      break;
    case 'randomize':
      if (statement.seed) e.emitAs(statement.seed, 'num');
      else f.f64(Number.NaN);
      f.call(context.host('randomize', [f64]));
      break;
    case 'throw':
      emitVariant(e, statement.value);
      f.i32(e.position(statement.span))
        .call(context.host('throw', [i32, i32, i32]))
        .op(op.unreachable);
      break;
    case 'clearError':
      f.i64(nullVariant);
      e.set(context.main.hidden.error!);
      break;
    case 'data':
    case 'label':
      break;
    default:
      f.op(op.unreachable);
  }
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
  if (value && procedure.kind === 'MAIN' && context.profile === 'bot') {
    // Whoever started the script gets it.
    e.emitAs(value, 'any');
    splitVariant(f);
    f.i32(e.position(value.span)).call(context.host('returned', [i32, i32, i32]));
    return emitEnd(e);
  }
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

/** What may be more than text, like a file or a card, goes to the host as it is. */
function emitTalk(e: Emitter, { value, span }: Extract<Statement, { kind: 'talk' }>): void {
  const { f, context } = e;
  if (value.type === 'any' && context.profile === 'bot') {
    e.emitAs(value, 'any');
    splitVariant(f);
    f.i32(e.position(span)).call(context.host('talkValue', [i32, i32, i32]));
    return;
  }
  e.emitAs(value, 'str');
  f.i32(e.position(span)).call(context.host('talk', [i32, i32]));
}

/** END: the whole program, from any depth. */
export function emitEnd(e: Emitter): void {
  const { f, context, procedure } = e;
  if (procedure.suspends) f.i32(0).i32(0).memory(op.i32Store, header.fp).i32(status.finished).return();
  else f.call(context.host('end', [])).op(op.unreachable);
}

function emitExit(e: Emitter, what: string): void {
  if (what === 'SUB' || what === 'FUNCTION') emitReturn(e, null);
  else leave(e, what)?.jump();
}

function emitContinue(e: Emitter, what: string): void {
  leave(e, what)?.again?.();
}

/** The innermost block of this kind, after what is inside it has been cleaned up. */
function leave(e: Emitter, what: string): Leave | undefined {
  const at = e.leaves.findLastIndex(({ word }) => word === what);
  if (at < 0) return undefined;
  // The outermost of those inside puts back what was there before all of them.
  e.leaves
    .slice(at + 1)
    .find(({ cleanUp }) => cleanUp)
    ?.cleanUp?.();
  return e.leaves[at];
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
    const isText = /\$(\(\))?$/.test(variable.name);
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
