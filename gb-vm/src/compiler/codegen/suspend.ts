import type { Apply, Expression, Hear, Name, Select, Statement } from '../ast.ts';
import { hearType } from '../infer.ts';
import { frame, header, status } from '../layout.ts';
import type { ProcedureInfo, Variable } from '../scope.ts';
import { blocksOf, expressionsOf, someStatement } from '../walk.ts';
import { i32, op } from '../wasm/encoder.ts';
import { wasmType } from './context.ts';
import { type Emitter, loads, stores, temporaryNode } from './emitter.ts';
import { emit } from './expression.ts';
import {
  emitEnd,
  emitFor,
  emitForDone,
  emitForEach,
  emitForEachDone,
  emitForEachItem,
  emitForStep,
  emitReturn,
  emitStatement,
  emitWhile,
  emitWhileTest,
  forEachState,
  forState,
  openWith,
  selectBranches,
  startFor,
  startForEach,
  wordOf,
} from './statement.ts';
import { emitStore } from './store.ts';

/**
 * A procedure that can wait becomes a state machine. Its statements are cut into blocks at each HEAR and each call of
 * another such procedure; the function is one loop that dispatches on the number of the block to go on with. Variables
 * live in locals while it runs, are loaded from its frame when it is entered and stored there when it leaves, so that
 * between two entries everything it knows is in linear memory - and so in the snapshot.
 *
 *     loop $top
 *       block $b2 block $b1 block $b0
 *         br_table (state) $b0 $b1 $b2
 *       end  ...code of block 0, which ends by jumping...
 *       end  ...code of block 1...
 *       end  ...code of block 2...
 *     end
 *
 * A jump forward leaves the nesting directly at its target; a jump back sets the state and goes round the loop.
 * Statements and innermost loops that cannot suspend stay structured inside one block and run at full speed; such a loop
 * still gives way when the fuel slice is used up, by leaving with its own block as the state to come back to.
 */
export function emitSuspending(e: Emitter): void {
  new StateMachine(e).run();
}

type Loop = Statement & { kind: 'for' | 'forEach' | 'while' };

function isLoop(statement: Statement): statement is Loop {
  return statement.kind === 'for' || statement.kind === 'forEach' || statement.kind === 'while';
}

/** Numbered when it is started, so that code lies in reading order and most jumps go forward. */
interface Block {
  index: number;
  readonly code: (() => void)[];
}

class StateMachine {
  readonly #e: Emitter;
  readonly #blocks: Block[] = [];
  readonly #state: number;
  readonly #status: number;
  readonly #isStepping: boolean;
  #current: Block;
  #writing = 0;
  #labels: number[] = [];
  #top = 0;
  #leave = 0;

  constructor(e: Emitter) {
    this.#e = e;
    this.#state = e.f.local(i32);
    this.#status = e.f.local(i32);
    this.#isStepping = e.context.build === 'step';
    this.#current = this.#block();
    this.#start(this.#current);
  }

  run(): void {
    const { f, procedure, context } = this.#e;
    // First every statement is cut into closures, so that all variables and blocks are known; then they are written.
    this.#emit(() => this.#initialize());
    this.#flat(procedure.body);
    this.#emit(() => (procedure.kind === 'MAIN' ? emitEnd(this.#e) : emitReturn(this.#e, null)));
    const cached = (): Variable[] =>
      [...procedure.variables.values()].filter((variable) => !(procedure.kind === 'MAIN' && variable.isShared));
    for (const block of this.#blocks) block.code.push(() => f.op(op.unreachable));
    f.get(0).memory(op.i32Load, frame.state).set(this.#state);
    for (const variable of cached())
      f.get(0).memory(loads[wasmType(variable.type)], slotOffset(variable)).set(this.#e.local(variable));
    this.#leave = f.block();
    this.#top = f.loop();
    this.#labels = this.#blocks.map(() => f.block()).reverse();
    f.get(this.#state).brTable(this.#labels, this.#labels.at(-1)!);
    for (const block of this.#blocks) {
      f.end();
      this.#writing = block.index;
      for (const write of block.code) write();
    }
    f.end();
    f.op(op.unreachable);
    f.end();
    f.get(0).get(this.#state).memory(op.i32Store, frame.state);
    for (const variable of cached())
      f.get(0).get(this.#e.local(variable)).memory(stores[wasmType(variable.type)], slotOffset(variable));
    f.get(this.#status);
    context.constants.setFrameSize(context.tableSlot(procedure), frame.slots + 8 * procedure.variables.size);
  }

  #block(): Block {
    return { index: -1, code: [] };
  }

  #emit(write: () => void): void {
    this.#current.code.push(write);
  }

  #start(block: Block): void {
    block.index = this.#blocks.length;
    this.#blocks.push(block);
    this.#current = block;
  }

  /** While writing: go on with another block. */
  #jump(target: Block): void {
    const { f } = this.#e;
    if (target.index > this.#writing) f.br(this.#labels[target.index]!);
    else f.i32(target.index).set(this.#state).br(this.#top);
  }

  /** While writing: leave the function, to come back at `target`. */
  #suspend(code: number, target: Block): void {
    this.#e.f.i32(code).set(this.#status).i32(target.index).set(this.#state).br(this.#leave);
  }

  /** While writing: the slice is used up; the host learns where. */
  #giveWay(statement: Statement, target: Block): void {
    const { f } = this.#e;
    f.i32(0)
      .i32(this.#e.context.position(statement.span, wordOf(statement)))
      .memory(op.i32Store, header.position);
    this.#suspend(status.sliceUsed, target);
  }

  /** Frames come zeroed, which is right for numbers and yes/no; texts and variants need their own nothing. */
  #initialize(): void {
    const { procedure } = this.#e;
    if (procedure.kind === 'MAIN') return;
    for (const variable of procedure.variables.values()) {
      if (variable.isParameter || (variable.type !== 'any' && variable.type !== 'str')) continue;
      this.#e.initial(variable.type);
      this.#e.set(variable);
    }
  }

  #suspends(statement: Statement): boolean {
    return someStatement([statement], (one) => one.kind === 'hear' || expressionsOf(one).some((node) => node.suspends));
  }

  /**
   * A statement is taken apart when it can suspend, and also when it holds a loop that does not stand at its outside:
   * every loop is then outermost in its own block and can give way. What remains structured are innermost loops, where
   * the time goes.
   */
  #flat(body: readonly Statement[]): void {
    for (const statement of body) {
      const blocks = blocksOf(statement);
      const holdsLoop = blocks.some((block) => someStatement(block, isLoop));
      if (holdsLoop || this.#suspends(statement) || (this.#isStepping && blocks.length > 0)) this.#cut(statement);
      else if (isLoop(statement)) this.#loop(statement);
      else this.#emit(() => emitStatement(this.#e, statement));
      if (this.#isStepping) this.#pause();
    }
  }

  /** In a stepping build every statement ends its slice. */
  #pause(): void {
    const next = this.#block();
    this.#emit(() => this.#suspend(status.sliceUsed, next));
    this.#start(next);
  }

  /** A loop that cannot suspend but may run long: its block is its own way back in. */
  #loop(statement: Loop): void {
    const e = this.#e;
    const again = this.#block();
    const onEmpty = (): void => this.#giveWay(statement, again);
    const after = this.#block();
    const enter = (start: () => void): void => {
      this.#emit(() => {
        e.word = wordOf(statement);
        start();
        this.#jump(again);
      });
      this.#start(again);
    };
    if (statement.kind === 'for') {
      const state = forState(statement, (type) => e.temporary(type));
      enter(() => startFor(e, statement, state));
      this.#emit(() => emitFor(e, statement, state, onEmpty));
    } else if (statement.kind === 'forEach') {
      const state = forEachState(statement, (type) => e.temporary(type));
      enter(() => startForEach(e, statement, state));
      this.#emit(() => emitForEach(e, statement, state, onEmpty));
    } else {
      enter(() => {});
      this.#emit(() => emitWhile(e, statement, onEmpty));
    }
    this.#emit(() => this.#jump(after));
    this.#start(after);
  }

  #cut(statement: Statement): void {
    const e = this.#e;
    const after = (block: Block): void => {
      this.#emit(() => this.#jump(block));
      this.#start(block);
    };
    const word = wordOf(statement);
    this.#emit(() => {
      e.word = word;
      e.f.mark(e.position(statement.span));
    });
    switch (statement.kind) {
      case 'hear':
        return this.#hear(statement);
      case 'talk': {
        const value = this.#settle(statement.value);
        this.#emit(() => emitStatement(e, { ...statement, value }));
        return;
      }
      case 'assign': {
        // The value first, then the parts of the target.
        const value = this.#settle(statement.value);
        const held = statement.target.kind === 'name' ? value : this.#hold(value);
        const target = this.#settleTarget(statement.target);
        this.#emit(() => emitStore(e, target, emit(e, held)));
        return;
      }
      case 'call': {
        const value = this.#settle(statement.value);
        if (value.kind !== 'temporary') this.#emit(() => emitStatement(e, { ...statement, value }));
        return;
      }
      case 'return': {
        const value = statement.value && this.#settle(statement.value);
        this.#emit(() => emitReturn(e, value));
        this.#start(this.#block());
        return;
      }
      case 'dim': {
        const sizes = this.#settleAll(statement.sizes);
        const value = statement.value && this.#settle(statement.value);
        this.#emit(() => emitStatement(e, { ...statement, sizes, value }));
        return;
      }
      case 'with': {
        const target = this.#settleTarget(statement.target);
        this.#emit(() => openWith(e, target));
        return this.#flat(statement.body);
      }
      case 'include':
        return this.#flat(statement.body);
      case 'if':
        return this.#if(statement.branches, statement.otherwise, after);
      case 'select':
        return this.#select(statement, after);
      case 'while': {
        const head = this.#block();
        const end = this.#block();
        after(head);
        this.#tick(statement, head);
        const test = (): void => {
          const condition = this.#settle(statement.condition!);
          this.#emit(() => {
            emitWhileTest(e, { ...statement, condition });
            e.f.op(op.i32Eqz).if();
            this.#jump(end);
            e.f.end();
          });
        };
        if (statement.condition && !statement.isTestedLast) test();
        this.#body(statement.word, end, statement.body);
        if (statement.condition && statement.isTestedLast) test();
        this.#emit(() => this.#jump(head));
        this.#start(end);
        return;
      }
      case 'for': {
        const state = forState(statement, (type) => e.temporary(type));
        const [from, to, step] = this.#settleAll(
          statement.step ? [statement.from, statement.to, statement.step] : [statement.from, statement.to],
        );
        const settled = { ...statement, from: from!, to: to!, step: step ?? null };
        this.#emit(() => startFor(e, settled, state));
        return this.#loopOver(
          'FOR',
          statement,
          () => emitForDone(e, statement, state),
          () => {},
          () => emitForStep(e, statement, state),
        );
      }
      case 'forEach': {
        const state = forEachState(statement, (type) => e.temporary(type));
        const list = this.#settle(statement.list);
        this.#emit(() => startForEach(e, { ...statement, list }, state));
        return this.#loopOver(
          'FOR',
          statement,
          () => emitForEachDone(e, state),
          () => emitForEachItem(e, statement, state),
          () => {},
        );
      }
      default:
        this.#emit(() => emitStatement(e, statement));
    }
  }

  #loopOver(
    word: string,
    statement: Statement & { kind: 'for' | 'forEach' },
    done: () => void,
    begin: () => void,
    finish: () => void,
  ): void {
    const { f } = this.#e;
    const head = this.#block();
    const end = this.#block();
    this.#emit(() => this.#jump(head));
    this.#start(head);
    this.#tick(statement, head);
    this.#emit(() => {
      done();
      f.if();
      this.#jump(end);
      f.end();
      begin();
    });
    this.#body(word, end, statement.body);
    this.#emit(() => {
      this.#e.word = wordOf(statement);
      finish();
      this.#jump(head);
    });
    this.#start(end);
  }

  #tick(statement: Statement, head: Block): void {
    this.#emit(() => {
      this.#e.word = wordOf(statement);
      this.#e.tick(this.#e.position(statement.span), () => this.#giveWay(statement, head));
    });
  }

  /** EXIT inside jumps to `end`, also from structured code in one of the blocks. */
  #body(word: string, end: Block, body: readonly Statement[]): void {
    this.#emit(() => this.#e.leaves.push({ word, jump: () => this.#jump(end) }));
    this.#flat(body);
    this.#emit(() => this.#e.leaves.pop());
  }

  #if(
    branches: readonly { condition: Expression; body: readonly Statement[] }[],
    otherwise: readonly Statement[],
    after: (block: Block) => void,
  ): void {
    const e = this.#e;
    const end = this.#block();
    for (const { condition, body } of branches) {
      const next = this.#block();
      const settled = this.#settle(condition);
      this.#emit(() => {
        e.word = 'IF';
        e.emitAs(settled, 'bool');
        e.f.op(op.i32Eqz).if();
        this.#jump(next);
        e.f.end();
      });
      this.#flat(body);
      this.#emit(() => this.#jump(end));
      this.#start(next);
    }
    this.#flat(otherwise);
    after(end);
  }

  #select(statement: Select, after: (block: Block) => void): void {
    const value = this.#settle(statement.value);
    const held = this.#e.temporary(statement.value.type);
    this.#emit(() => {
      emit(this.#e, value);
      this.#e.set(held);
    });
    const end = this.#block();
    this.#emit(() => this.#e.leaves.push({ word: 'SELECT', jump: () => this.#jump(end) }));
    this.#if(selectBranches(statement, held), statement.otherwise, (inner) => {
      this.#emit(() => this.#jump(inner));
      this.#start(inner);
    });
    this.#emit(() => this.#e.leaves.pop());
    after(end);
  }

  #hear(statement: Hear): void {
    const e = this.#e;
    const { f, context } = e;
    const parts = this.#settleAll(
      [statement.prompt, ...(statement.menu ?? []), statement.fallback].filter((node) => node !== null),
    );
    const prompt = statement.prompt ? parts[0]! : null;
    const choices = statement.menu ? parts.slice(prompt ? 1 : 0, (prompt ? 1 : 0) + statement.menu.length) : null;
    const fallback = statement.fallback ? parts.at(-1)! : null;
    const next = this.#block();
    this.#emit(() => {
      e.word = 'HEAR';
      const position = e.position(statement.span);
      if (prompt) {
        e.emitAs(prompt, 'str');
        f.i32(position).call(context.host('talk', [i32, i32]));
      }
      const store = (node: Expression, offset: number): void => {
        f.i32(0);
        e.emitAs(node, 'any');
        f.memory(op.i64Store, offset);
      };
      if (choices)
        store({ kind: 'array', items: choices, span: statement.span, depth: 1, type: 'any', suspends: false }, header.choices);
      if (fallback) store(fallback, header.fallback);
      const hear = context.hears.push({
        type: statement.type,
        isOpen: statement.isOpen,
        hasFallback: fallback !== null,
        position,
      });
      f.i32(0).i32(hear).memory(op.i32Store, header.hearing);
      this.#suspend(status.waiting, next);
    });
    this.#start(next);
    const target = this.#settleTarget(statement.target);
    this.#emit(() => {
      const type = hearType(statement);
      f.i32(0).memory(loads[wasmType(type)], header.mail);
      emitStore(e, target, type);
    });
  }

  // Calls of suspending procedures inside expressions: each is made on its own, before the rest, in reading order.

  /** The same expression with every suspending call done and its value in a variable. */
  #settle(node: Expression): Expression {
    if (!node.suspends) return node;
    switch (node.kind) {
      case 'name':
        return this.#call(node, node.call!, []);
      case 'apply': {
        if (node.call?.kind === 'procedure' && node.call.procedure.suspends)
          return this.#call(node, node.call, this.#settleAll(node.args));
        if (node.call?.kind === 'function' && node.call.name === 'IIF') return this.#choice(node);
        if (node.call) return { ...node, args: this.#settleAll(node.args), suspends: false };
        const [target, ...args] = this.#settleAll([node.target, ...node.args]);
        return { ...node, target: target!, args, suspends: false };
      }
      case 'binary': {
        if ((node.operator === 'AND' || node.operator === 'OR') && node.right.suspends) return this.#shortCircuit(node);
        const [left, right] = this.#settleAll([node.left, node.right]);
        return { ...node, left: left!, right: right!, suspends: false };
      }
      case 'unary':
        return { ...node, operand: this.#settle(node.operand), suspends: false };
      case 'member':
        return { ...node, target: this.#settle(node.target), suspends: false };
      case 'interpolation':
        return { ...node, parts: this.#settleAll(node.parts), suspends: false };
      case 'array':
        return { ...node, items: this.#settleAll(node.items), suspends: false };
      case 'object': {
        const values = this.#settleAll(node.entries.map((entry) => entry.value));
        return { ...node, entries: node.entries.map(({ key }, index) => ({ key, value: values[index]! })), suspends: false };
      }
      default:
        return node;
    }
  }

  /** What stands before a suspending call is computed and kept before it, as in any other build. */
  #settleAll(nodes: readonly Expression[]): Expression[] {
    const last = nodes.findLastIndex((node) => node.suspends);
    return nodes.map((node, index) => {
      const settled = this.#settle(node);
      return index < last ? this.#hold(settled) : settled;
    });
  }

  #settleTarget<T extends Hear['target']>(target: T): T {
    return target.suspends ? (this.#settle(target) as T) : target;
  }

  #hold(node: Expression): Expression {
    if (
      node.kind === 'number' ||
      node.kind === 'text' ||
      node.kind === 'boolean' ||
      node.kind === 'null' ||
      node.kind === 'temporary'
    )
      return node;
    const variable = this.#e.temporary(node.type);
    this.#emit(() => {
      emit(this.#e, node);
      this.#e.set(variable);
    });
    return temporaryNode(variable, node.span);
  }

  #call(node: Name | Apply, call: NonNullable<Apply['call']>, args: readonly Expression[]): Expression {
    const e = this.#e;
    const { f, context } = e;
    const procedure = (call as { procedure: ProcedureInfo }).procedure;
    const next = this.#block();
    const result = e.temporary(procedure.returnType);
    this.#emit(() => {
      const held = procedure.parameters.map((parameter, index) => {
        const type = wasmType(parameter.type);
        const local = f.borrow(type);
        const argument = args[index];
        if (argument) e.emitAs(argument, parameter.type);
        else e.initial(parameter.type);
        f.set(local);
        return { type, local };
      });
      const callee = f.borrow(i32);
      f.i32(context.tableSlot(procedure)).i32(e.position(node.span)).call(context.helper('pushFrame')).set(callee);
      held.forEach(({ type, local }, index) => {
        f.get(callee)
          .get(local)
          .memory(stores[type], frame.slots + 8 * index);
        f.release(type, local);
      });
      f.release(i32, callee);
      e.tick(e.position(node.span), null);
      this.#suspend(status.called, next);
    });
    this.#start(next);
    this.#emit(() => {
      f.i32(0).memory(loads[wasmType(procedure.returnType)], header.result);
      e.set(result);
    });
    return temporaryNode(result, node.span);
  }

  #shortCircuit(node: Expression & { kind: 'binary' }): Expression {
    const isAnd = node.operator === 'AND';
    return this.#conditional('bool', node, node.left, isAnd ? node.right : null, isAnd ? null : node.right, !isAnd);
  }

  #choice(node: Apply): Expression {
    return this.#conditional(node.type, node, node.args[0]!, node.args[1]!, node.args[2]!, false);
  }

  /** `condition ? yes : no` over blocks; a missing side is the constant `otherwise`. */
  #conditional(
    type: Expression['type'],
    node: Expression,
    condition: Expression,
    yes: Expression | null,
    no: Expression | null,
    otherwise: boolean,
  ): Expression {
    const e = this.#e;
    const result = e.temporary(type);
    const other = this.#block();
    const end = this.#block();
    const test = this.#settle(condition);
    this.#emit(() => {
      e.emitAs(test, 'bool');
      e.f.op(op.i32Eqz).if();
      this.#jump(other);
      e.f.end();
    });
    const side = (value: Expression | null): void => {
      const settled = value && this.#settle(value);
      this.#emit(() => {
        if (settled) e.emitAs(settled, type);
        else e.f.i32(otherwise ? 1 : 0);
        e.set(result);
        this.#jump(end);
      });
    };
    side(yes);
    this.#start(other);
    side(no);
    this.#start(end);
    return temporaryNode(result, node.span);
  }
}

const slotOffset = (variable: Variable): number => frame.slots + 8 * variable.slot;
