import type { Expression, Hear, Input, Select, Statement } from '../ast.ts';
import { needsBlocks } from '../call-graph.ts';
import { givenType, hearType } from '../infer.ts';
import { header, status } from '../layout.ts';
import type { Type } from '../types.ts';
import { blocksOf, expressionsOf, someStatement } from '../walk.ts';
import { i32, op } from '../wasm/encoder.ts';
import { type Block, BlockWriter } from './blocks.ts';
import { wasmType } from './context.ts';
import { type Emitter, loads } from './emitter.ts';
import { emit } from './expression.ts';
import { beginStatement, emitOnError, emitResume, emitTry } from './handlers.ts';
import { Jumps } from './jumps.ts';
import {
  emitFor,
  emitForDone,
  emitForEach,
  emitForEachDone,
  emitForEachItem,
  emitForStep,
  emitWhile,
  emitWhileTest,
  forEachState,
  forState,
  startFor,
  startForEach,
} from './loops.ts';
import { hold, settle, settleAll, settleTarget } from './settle.ts';
import { emitEnd, emitReturn, emitStatement, openWith, selectBranches } from './statement.ts';
import { emitStore } from './store.ts';
import { wordOf } from './words.ts';

/**
 * A procedure that can wait becomes a state machine. Its statements are cut into blocks at each HEAR and each call of
 * another such procedure; the function is one loop that dispatches on the number of the block to go on with. Variables
 * live in locals while it runs, are loaded from its frame when it is entered and stored there when it leaves, so that
 * between two entries everything it knows is in linear memory - and so in the snapshot.
 * Statements and innermost loops that cannot suspend stay structured inside one block and run at full speed; such a loop
 * still gives way when the fuel slice is used up, by leaving with its own block as the state to come back to.
 */
export function emitSuspending(e: Emitter): void {
  new StateMachine(e).run();
}

const kindLetters: Readonly<Partial<Record<Type, string>>> = { num: 'n', str: 's' };

/** Where a person would want to stop: at what does something, not at names of places. */
function isStop(statement: Statement): boolean {
  return statement.kind !== 'label' && statement.kind !== 'data' && statement.kind !== 'include';
}

type Loop = Statement & { kind: 'for' | 'forEach' | 'while' };

function isLoop(statement: Statement): statement is Loop {
  return statement.kind === 'for' || statement.kind === 'forEach' || statement.kind === 'while';
}

class StateMachine {
  readonly #e: Emitter;
  readonly #m: BlockWriter;
  readonly #jumps: Jumps;
  readonly #isStepping: boolean;
  /** ON ERROR must be able to go on after any statement. */
  readonly #isCareful: boolean;

  constructor(e: Emitter) {
    this.#e = e;
    this.#m = new BlockWriter(e);
    this.#jumps = new Jumps(this.#m, e.procedure.body);
    this.#isStepping = e.context.build === 'step';
    this.#isCareful = e.procedure.handles === 'onError';
  }

  run(): void {
    const { procedure } = this.#e;
    const m = this.#m;
    m.emit(() => this.#initialize());
    this.#flat(procedure.body);
    m.emit(() => (procedure.kind === 'MAIN' ? emitEnd(this.#e) : emitReturn(this.#e, null)));
    m.finish();
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
    return someStatement(
      [statement],
      (one) =>
        needsBlocks(one) ||
        (one.kind === 'return' && this.#e.procedure.hasGosub) ||
        expressionsOf(one).some((node) => node.suspends),
    );
  }

  /**
   * A statement is taken apart when it can suspend, and also when it holds a loop that does not stand at its outside:
   * every loop is then outermost in its own block and can give way. What remains structured are innermost loops, where
   * the time goes.
   */
  #flat(body: readonly Statement[]): void {
    const m = this.#m;
    let begin = m.block();
    if (this.#isCareful) m.go(begin);
    for (const statement of body) {
      const next = m.block();
      this.#e.identity.within(statement, () => this.#statement(statement, begin, next));
      if (!this.#isCareful) continue;
      m.go(next);
      begin = next;
    }
  }

  #statement(statement: Statement, begin: Block, next: Block): void {
    const m = this.#m;
    if (this.#isCareful) beginStatement(m, begin, next);
    if (this.#isStepping && isStop(statement)) this.#pause(statement);
    const blocks = blocksOf(statement);
    const holdsLoop = blocks.some((block) => someStatement(block, isLoop));
    const isWhole = !holdsLoop && !this.#suspends(statement);
    if (!isWhole || ((this.#isStepping || this.#isCareful) && blocks.length > 0)) this.#cut(statement);
    else if (isLoop(statement)) this.#loop(statement);
    else m.emit(() => emitStatement(this.#e, statement));
  }

  /** In a stepping build every statement begins a slice, in a block that nothing else leads to. */
  #pause(statement: Statement): void {
    const e = this.#e;
    const next = this.#m.block();
    this.#m.emit(() => {
      e.context.noteStop(e.procedure, next.index, e.context.position(statement.span, wordOf(statement)));
      this.#m.suspend(status.sliceUsed, next);
    });
    this.#m.start(next);
  }

  /** A loop that cannot suspend but may run long: its block is its own way back in. */
  #loop(statement: Loop): void {
    const e = this.#e;
    const again = this.#m.block();
    const onEmpty = (): void => this.#m.giveWay(statement, again);
    const after = this.#m.block();
    const enter = (start: () => void): void => {
      this.#m.emit(() => {
        e.word = wordOf(statement);
        start();
        this.#m.jump(again);
      });
      this.#m.start(again);
    };
    if (statement.kind === 'for') {
      const state = forState(statement, (type, role) => e.temporary(type, role));
      enter(() => startFor(e, statement, state));
      this.#m.emit(() => emitFor(e, statement, state, onEmpty));
    } else if (statement.kind === 'forEach') {
      const state = forEachState(statement, (type, role) => e.temporary(type, role));
      enter(() => startForEach(e, statement, state));
      this.#m.emit(() => emitForEach(e, statement, state, onEmpty));
    } else {
      enter(() => {});
      this.#m.emit(() => emitWhile(e, statement, onEmpty));
    }
    this.#m.emit(() => this.#m.jump(after));
    this.#m.start(after);
  }

  #cut(statement: Statement): void {
    const e = this.#e;
    const after = (block: Block): void => {
      this.#m.emit(() => this.#m.jump(block));
      this.#m.start(block);
    };
    const word = wordOf(statement);
    this.#m.emit(() => {
      e.word = word;
      e.f.mark(e.position(statement.span));
    });
    switch (statement.kind) {
      case 'hear':
        return this.#hear(statement);
      case 'talk': {
        const value = settle(this.#m, statement.value);
        this.#m.emit(() => emitStatement(e, { ...statement, value }));
        return;
      }
      case 'assign': {
        // The value first, then the parts of the target.
        const value = settle(this.#m, statement.value);
        const held = statement.target.kind === 'name' ? value : hold(this.#m, value);
        const target = settleTarget(this.#m, statement.target);
        this.#m.emit(() => emitStore(e, target, emit(e, held)));
        return;
      }
      case 'call': {
        const value = settle(this.#m, statement.value);
        if (value.kind !== 'temporary') this.#m.emit(() => emitStatement(e, { ...statement, value }));
        return;
      }
      case 'return': {
        if (!statement.value && e.procedure.hasGosub) return this.#jumps.return(statement);
        const value = statement.value && settle(this.#m, statement.value);
        this.#m.emit(() => emitReturn(e, value));
        this.#m.start(this.#m.block());
        return;
      }
      case 'dim': {
        const sizes = settleAll(this.#m, statement.sizes);
        const value = statement.value && settle(this.#m, statement.value);
        this.#m.emit(() => emitStatement(e, { ...statement, sizes, value }));
        return;
      }
      case 'with': {
        const target = settleTarget(this.#m, statement.target);
        this.#m.emit(() => openWith(e, target));
        return this.#flat(statement.body);
      }
      case 'include':
        return this.#flat(statement.body);
      case 'label':
        e.identity.block(this.#m.label(statement.name), 'label');
        return this.#m.go(this.#m.label(statement.name));
      case 'goto':
        return this.#jumps.goto(statement);
      case 'gosub':
        return this.#jumps.gosub(statement);
      case 'onGoto':
        return this.#jumps.on(statement);
      case 'looseFor': {
        const [from, to, step] = settleAll(this.#m, [statement.from, statement.to, ...(statement.step ? [statement.step] : [])]);
        return this.#jumps.looseFor({ ...statement, from: from!, to: to!, step: step ?? null });
      }
      case 'looseNext':
        return this.#jumps.looseNext(statement);
      case 'onError':
        return emitOnError(this.#m, statement);
      case 'resume':
        return emitResume(this.#m, statement);
      case 'try':
        return emitTry(this.#m, this.#jumps, statement, (body) => this.#flat(body));
      case 'print': {
        const values = statement.items.flatMap((item) => ('value' in item ? [item.value] : []));
        const [using, ...settled] = settleAll(this.#m, [...(statement.using ? [statement.using] : []), ...values]);
        const rest = statement.using ? settled : [using!, ...settled];
        let at = 0;
        const items = statement.items.map((item) => ('value' in item ? { ...item, value: rest[at++]! } : item));
        this.#m.emit(() => emitStatement(e, { ...statement, items, using: statement.using ? using! : null }));
        return;
      }
      case 'input':
        return this.#input(statement);
      case 'throw':
      case 'randomize': {
        const value = statement.kind === 'throw' ? statement.value : statement.seed;
        const settled = value && settle(this.#m, value);
        this.#m.emit(() =>
          emitStatement(e, statement.kind === 'throw' ? { ...statement, value: settled! } : { ...statement, seed: settled }),
        );
        return;
      }
      case 'read': {
        // One by one: the index of a later target may depend on what an earlier one was given.
        for (const target of statement.targets) {
          const settled = settleTarget(this.#m, target);
          this.#m.emit(() => emitStatement(e, { ...statement, targets: [settled] }));
        }
        return;
      }
      case 'swap': {
        const left = settleTarget(this.#m, statement.left);
        const right = settleTarget(this.#m, statement.right);
        this.#m.emit(() => emitStatement(e, { ...statement, left, right }));
        return;
      }
      case 'if':
        return this.#if(statement.branches, statement.otherwise, after);
      case 'select':
        return this.#select(statement, after);
      case 'while': {
        const head = this.#m.block();
        const end = this.#m.block();
        after(head);
        this.#m.tick(statement, head);
        const test = (): void => {
          const condition = settle(this.#m, statement.condition!);
          this.#m.emit(() => {
            emitWhileTest(e, { ...statement, condition });
            e.f.op(op.i32Eqz).if();
            this.#m.jump(end);
            e.f.end();
          });
        };
        if (statement.condition && !statement.isTestedLast) test();
        const again = this.#m.block();
        this.#body(statement.word, end, again, statement.body);
        this.#m.go(again);
        if (this.#isStepping) this.#pause(statement);
        if (statement.condition && statement.isTestedLast) test();
        this.#m.emit(() => this.#m.jump(head));
        this.#m.start(end);
        return;
      }
      case 'for': {
        const state = forState(statement, (type, role) => e.temporary(type, role));
        const [from, to, step] = settleAll(
          this.#m,
          statement.step ? [statement.from, statement.to, statement.step] : [statement.from, statement.to],
        );
        const settled = { ...statement, from: from!, to: to!, step: step ?? null };
        this.#m.emit(() => startFor(e, settled, state));
        return this.#loopOver(
          'FOR',
          statement,
          () => emitForDone(e, statement, state),
          () => {},
          () => emitForStep(e, statement, state),
        );
      }
      case 'forEach': {
        const state = forEachState(statement, (type, role) => e.temporary(type, role));
        const list = settle(this.#m, statement.list);
        this.#m.emit(() => startForEach(e, { ...statement, list }, state));
        return this.#loopOver(
          'FOR',
          statement,
          () => emitForEachDone(e, state),
          () => emitForEachItem(e, statement, state),
          () => {},
        );
      }
      default:
        this.#m.emit(() => emitStatement(e, statement));
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
    const head = this.#m.block();
    const end = this.#m.block();
    this.#m.emit(() => this.#m.jump(head));
    this.#m.start(head);
    this.#m.tick(statement, head);
    this.#m.emit(() => {
      done();
      f.if();
      this.#m.jump(end);
      f.end();
      begin();
    });
    const again = this.#m.block();
    this.#body(word, end, again, statement.body);
    this.#m.go(again);
    if (this.#isStepping) this.#pause(statement);
    this.#m.emit(() => {
      this.#e.word = wordOf(statement);
      finish();
      this.#m.jump(head);
    });
    this.#m.start(end);
  }

  /** EXIT inside jumps to `end` and CONTINUE to `again`, also from structured code in one of the blocks. */
  #body(word: string, end: Block, again: Block, body: readonly Statement[]): void {
    this.#m.emit(() => this.#e.leaves.push({ word, jump: () => this.#m.jump(end), again: () => this.#m.jump(again) }));
    this.#flat(body);
    this.#m.emit(() => this.#e.leaves.pop());
  }

  #if(
    branches: readonly { condition: Expression; body: readonly Statement[] }[],
    otherwise: readonly Statement[],
    after: (block: Block) => void,
  ): void {
    const e = this.#e;
    const end = this.#m.block();
    for (const { condition, body } of branches) {
      const next = this.#m.block();
      const settled = settle(this.#m, condition);
      this.#m.emit(() => {
        e.word = 'IF';
        e.emitAs(settled, 'bool');
        e.f.op(op.i32Eqz).if();
        this.#m.jump(next);
        e.f.end();
      });
      this.#flat(body);
      this.#m.emit(() => this.#m.jump(end));
      this.#m.start(next);
    }
    this.#flat(otherwise);
    after(end);
  }

  #select(statement: Select, after: (block: Block) => void): void {
    const value = settle(this.#m, statement.value);
    const held = this.#e.temporary(statement.value.type, 'value');
    this.#m.emit(() => {
      emit(this.#e, value);
      this.#e.set(held);
    });
    const end = this.#m.block();
    this.#m.emit(() => this.#e.leaves.push({ word: 'SELECT', jump: () => this.#m.jump(end) }));
    this.#if(selectBranches(statement, held), statement.otherwise, (inner) => {
      this.#m.emit(() => this.#m.jump(inner));
      this.#m.start(inner);
    });
    this.#m.emit(() => this.#e.leaves.pop());
    after(end);
  }

  /** Waits for a line, gets its values as a list, and gives them to the targets in order. */
  #input(statement: Input): void {
    const m = this.#m;
    const e = this.#e;
    const { f, context } = e;
    const prompt = statement.prompt && settle(m, statement.prompt);
    const values = e.temporary('any', 'values');
    const asked = e.temporary('str', 'asked');
    const next = m.block();
    const place = e.identity.block(next, 'input');
    m.emit(() => {
      e.word = wordOf(statement);
      const mark = context.constants.text(statement.hasQuestionMark ? '? ' : '');
      if (prompt) {
        e.emitAs(prompt, 'str');
        f.i32(mark).call(context.helper('concat'));
      } else f.i32(mark);
      e.set(asked);
      e.get(asked);
      f.call(context.host('printText', [i32]));
      f.i32(0);
      e.get(asked);
      e.toAny('str');
      f.memory(op.i64Store, header.fallback);
      const wait = context.hears.push({
        type: 'INPUT',
        kinds: statement.targets.map((target) => kindLetters[givenType(target)] ?? 'a').join(''),
        isLine: statement.isLine,
        isOpen: false,
        hasFallback: false,
        position: e.position(statement.span),
      });
      place.wait = wait;
      f.i32(0).i32(wait).memory(op.i32Store, header.hearing);
      m.suspend(status.waiting, next);
    });
    m.start(next);
    m.emit(() => {
      f.i32(0).memory(op.i64Load, header.mail);
      e.set(values);
    });
    statement.targets.forEach((given, index) => {
      const target = settleTarget(m, given);
      m.emit(() => {
        e.get(values);
        f.f64(index).op(op.i64ReinterpretF64).i32(e.position(given.span)).call(context.helper('getItem'));
        emitStore(e, target, 'any');
      });
    });
  }

  #hear(statement: Hear): void {
    const e = this.#e;
    const { f, context } = e;
    const parts = settleAll(
      this.#m,
      [statement.prompt, ...(statement.menu ?? []), statement.fallback].filter((node) => node !== null),
    );
    const prompt = statement.prompt ? parts[0]! : null;
    const choices = statement.menu ? parts.slice(prompt ? 1 : 0, (prompt ? 1 : 0) + statement.menu.length) : null;
    const fallback = statement.fallback ? parts.at(-1)! : null;
    const next = this.#m.block();
    const place = e.identity.block(next, 'hear');
    this.#m.emit(() => {
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
        ...(hearType(statement) === 'any' ? { isAny: true } : {}),
      });
      place.wait = hear;
      f.i32(0).i32(hear).memory(op.i32Store, header.hearing);
      this.#m.suspend(status.waiting, next);
    });
    this.#m.start(next);
    const target = settleTarget(this.#m, statement.target);
    this.#m.emit(() => {
      const type = hearType(statement);
      f.i32(0).memory(loads[wasmType(type)], header.mail);
      emitStore(e, target, type);
    });
  }
}
