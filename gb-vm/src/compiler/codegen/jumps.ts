import type { LabelReference, LooseFor, LooseNext, OnGoto, Statement } from '../ast.ts';
import type { Variable } from '../scope.ts';
import { eachStatement } from '../walk.ts';
import { f64, i32, op } from '../wasm/encoder.ts';
import type { Block, BlockWriter } from './blocks.ts';
import { emitForDone, emitForStep, startFor } from './loops.ts';
import { settle } from './settle.ts';
import { emitReturn } from './statement.ts';
import { splitVariant } from './variants.ts';

/**
 * GOTO, GOSUB and the loops of programs that jump about. A label is a block; GOSUB keeps the number of the block to
 * come back to in a list, which is in the frame and so in the snapshot.
 */
export class Jumps {
  readonly #m: BlockWriter;
  /** The error handlers open around each label, to know which ones a GOTO leaves. */
  readonly #tries = new Map<string, readonly Statement[]>();
  readonly #open: { statement: Statement; restore: () => void }[] = [];
  readonly #loops = new Map<Variable, { to: Variable; step: Variable; start: Variable }>();
  readonly #afterNext = new Map<number, Block>();

  constructor(m: BlockWriter, body: readonly Statement[]) {
    this.#m = m;
    const tries: Statement[] = [];
    eachStatement(body, (statement) => {
      if (statement.kind === 'try') tries.push(statement);
    });
    for (const statement of tries) {
      eachStatement([statement], (inner) => {
        if (inner.kind === 'label') this.#tries.set(inner.name, [...(this.#tries.get(inner.name) ?? []), statement]);
      });
    }
  }

  /** While writing, around the body of a TRY: how to give the error handling back to what is around it. */
  openTry(statement: Statement, restore: () => void): void {
    this.#open.push({ statement, restore });
  }

  closeTry(): void {
    this.#open.pop();
  }

  /** While writing: to a label, giving up the handlers that are not around it. */
  #to(name: string): void {
    const around = this.#tries.get(name) ?? [];
    this.#open.find(({ statement }) => !around.includes(statement))?.restore();
    this.#m.jump(this.#m.label(name));
  }

  goto(statement: Statement & { kind: 'goto' }): void {
    const m = this.#m;
    m.tick(statement, m.label(statement.label.name));
    m.emit(() => this.#to(statement.label.name));
    m.start(m.block());
  }

  gosub(statement: Statement & { kind: 'gosub' }): void {
    const m = this.#m;
    const next = m.block();
    m.e.identity.block(next, 'gosub');
    const here = m.block();
    m.go(here);
    m.tick(statement, here);
    m.emit(() => this.#push(statement, statement.label, next));
    m.start(next);
  }

  /** While writing. */
  #push(statement: Statement, label: LabelReference, next: Block): void {
    const { e } = this.#m;
    const list = e.procedure.hidden.gosub!;
    e.get(list);
    splitVariant(e.f);
    e.f
      .i32(next.index)
      .i32(e.position(statement.span))
      .call(e.context.host('gosub', [i32, i32, i32, i32]));
    e.result();
    e.set(list);
    // Not leaving anything for good: RETURN comes back.
    this.#m.jump(this.#m.label(label.name));
  }

  /** RETURN from a GOSUB; without one, the end of the procedure in `bot`, an error elsewhere. */
  return(statement: Statement & { kind: 'return' }): void {
    const m = this.#m;
    const { e } = m;
    const here = m.block();
    m.go(here);
    m.tick(statement, here);
    m.emit(() => {
      const { f, context } = e;
      const block = f.borrow(i32);
      e.get(e.procedure.hidden.gosub!);
      splitVariant(f);
      f.i32(e.position(statement.span))
        .call(context.host('gosubReturn', [i32, i32, i32], [i32]))
        .tee(block)
        .i32(0)
        .op(op.i32GeS)
        .if();
      f.get(block);
      m.jumpToNumber();
      f.end();
      f.release(i32, block);
      emitReturn(e, null);
    });
    m.start(m.block());
  }

  on(statement: OnGoto): void {
    const m = this.#m;
    const { e } = m;
    const value = settle(m, statement.value);
    const index = e.temporary('num', 'on');
    const next = m.block();
    if (statement.word === 'GOSUB') e.identity.block(next, 'gosub');
    m.emit(() => {
      e.emitAs(value, 'num');
      e.f
        .i32(statement.labels.length)
        .i32(e.position(statement.span))
        .call(e.context.host('onIndex', [f64, i32, i32], [f64]));
      e.set(index);
    });
    const choose = m.block();
    m.go(choose);
    m.tick(statement, choose);
    m.emit(() => {
      const { f } = e;
      statement.labels.forEach((label, at) => {
        e.get(index);
        f.f64(at + 1)
          .op(op.f64Eq)
          .if();
        if (statement.word === 'GOSUB') this.#push(statement, label, next);
        else this.#to(label.name);
        f.end();
      });
    });
    m.go(next);
  }

  #loop(variable: Variable): { to: Variable; step: Variable; start: Variable } {
    let loop = this.#loops.get(variable);
    const make = (role: string): Variable => this.#m.e.sharedTemporary('num', `${role} ${variable.name}`);
    if (!loop) this.#loops.set(variable, (loop = { to: make('to'), step: make('step'), start: make('@start') }));
    return loop;
  }

  #after(next: number): Block {
    let block = this.#afterNext.get(next);
    if (!block) this.#afterNext.set(next, (block = this.#m.block()));
    return block;
  }

  looseFor(statement: LooseFor): void {
    const m = this.#m;
    const { e } = m;
    const { f } = e;
    const loop = this.#loop(statement.variable.variable!);
    const body = m.block();
    e.identity.block(body, 'loop');
    const step = statement.step ?? { kind: 'number', value: 1, span: statement.span, depth: 1, type: 'num', suspends: false };
    const plain = { ...statement, kind: 'for' as const, step, body: [] };
    m.emit(() => {
      startFor(e, plain, loop);
      f.f64(0);
      e.set(loop.start);
      if (statement.next === null) return;
      emitForDone(e, plain, loop);
      f.if();
      m.jump(this.#after(statement.next));
      f.end();
    });
    m.go(body);
    m.emit(() => {
      f.f64(body.index + 1);
      e.set(loop.start);
    });
  }

  looseNext(statement: LooseNext): void {
    const m = this.#m;
    const { e } = m;
    const { f } = e;
    const loop = this.#loop(statement.variable.variable!);
    const here = m.block();
    m.go(here);
    m.tick(statement, here);
    m.emit(() => {
      const plain = {
        ...statement,
        kind: 'for' as const,
        from: statement.variable,
        to: statement.variable,
        step: statement.variable,
        body: [],
      };
      e.get(loop.start);
      f.f64(0).op(op.f64Eq).if();
      f.i32(e.position(statement.span))
        .call(e.context.host('nextWithoutFor', [i32]))
        .op(op.unreachable)
        .end();
      emitForStep(e, plain, loop);
      emitForDone(e, plain, loop);
      f.op(op.i32Eqz).if();
      e.get(loop.start);
      f.truncate().i32(1).op(op.i32Sub);
      m.jumpToNumber();
      f.end().f64(0);
      e.set(loop.start);
    });
    m.go(this.#after(statement.number));
  }
}
