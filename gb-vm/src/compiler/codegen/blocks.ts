import type { Statement } from '../ast.ts';
import { frame, header, status } from '../layout.ts';
import type { Variable } from '../scope.ts';
import { i32, op } from '../wasm/encoder.ts';
import { type Emitter, loads, localType, stores } from './emitter.ts';
import { wordOf } from './words.ts';

/** Numbered when it is started, so that code lies in reading order and most jumps go forward. */
export interface Block {
  index: number;
  readonly code: (() => void)[];
}

/** Beyond this, loading and storing every variable of main at each stop and keeping them in registers costs more than memory. */
const blocksTimesVariablesMax = 20_000;

/**
 * Writes the function of a state machine. First every statement is cut into closures, gathered in blocks, so that all
 * variables and blocks are known; `finish` then writes them:
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
 */
export class BlockWriter {
  readonly e: Emitter;
  readonly #blocks: Block[] = [];
  readonly #labels = new Map<string, Block>();
  readonly #state: number;
  readonly #status: number;
  #current: Block;
  #writing = 0;
  #depths: number[] = [];
  #top = 0;
  #leave = 0;

  constructor(e: Emitter) {
    this.e = e;
    this.#state = e.f.local(i32);
    this.#status = e.f.local(i32);
    this.#current = this.block();
    this.start(this.#current);
  }

  block(): Block {
    return { index: -1, code: [] };
  }

  /** The block of a line number or label, which may come later in the text. */
  label(name: string): Block {
    let block = this.#labels.get(name);
    if (!block) this.#labels.set(name, (block = this.block()));
    return block;
  }

  emit(write: () => void): void {
    this.#current.code.push(write);
  }

  start(block: Block): void {
    block.index = this.#blocks.length;
    this.#blocks.push(block);
    this.#current = block;
  }

  /** Ends the current block by going on with this one. */
  go(block: Block): void {
    this.emit(() => this.jump(block));
    this.start(block);
  }

  /** While writing: go on with another block. */
  jump(target: Block): void {
    const { f } = this.e;
    if (target.index > this.#writing) f.br(this.#depths[target.index]!);
    else f.i32(target.index).set(this.#state).br(this.#top);
  }

  /** While writing: go on with the block whose number is on the stack. */
  jumpToNumber(): void {
    this.e.f.set(this.#state).br(this.#top);
  }

  /** While writing: leave the function, to come back at `target`. */
  suspend(code: number, target: Block): void {
    this.e.f.i32(code).set(this.#status).i32(target.index).set(this.#state).br(this.#leave);
  }

  /** While writing: the slice is used up; the host learns where. */
  giveWay(statement: Statement, target: Block): void {
    const { f } = this.e;
    f.i32(0)
      .i32(this.e.context.position(statement.span, wordOf(statement)))
      .memory(op.i32Store, header.position);
    this.suspend(status.sliceUsed, target);
  }

  /** A step of fuel; when there is none left, the program comes back at `target`. */
  tick(statement: Statement, target: Block): void {
    this.emit(() => {
      this.e.word = wordOf(statement);
      this.e.tick(this.e.position(statement.span), () => this.giveWay(statement, target));
    });
  }

  finish(): void {
    const { e } = this;
    const { f, procedure, context } = e;
    for (const block of this.#blocks) block.code.push(() => f.op(op.unreachable));
    e.keepsInMemory = procedure.kind === 'MAIN' && this.#blocks.length * procedure.variables.size > blocksTimesVariablesMax;
    const cached = (): Variable[] =>
      [...procedure.variables.values()].filter(
        (variable) => !(procedure.kind === 'MAIN' && (variable.isShared || e.keepsInMemory)),
      );
    f.get(0).memory(op.i32Load, frame.state).set(this.#state);
    for (const variable of cached())
      f.get(0).memory(loads[localType(variable.type)], slotOffset(variable)).set(e.local(variable));
    const store = (): void => {
      for (const variable of cached())
        f.get(0).get(e.local(variable)).memory(stores[localType(variable.type)], slotOffset(variable));
    };
    this.#leave = f.block();
    // What fails in here leaves its variables in the frame before the engine looks for a handler.
    const isGuarded = procedure.handles !== 'none';
    if (isGuarded) f.try();
    this.#top = f.loop();
    this.#depths = this.#blocks.map(() => f.block()).reverse();
    f.get(this.#state).brTable(this.#depths, this.#depths.at(-1)!);
    for (const block of this.#blocks) {
      f.end();
      this.#writing = block.index;
      for (const write of block.code) write();
    }
    f.end();
    if (isGuarded) {
      f.op(op.unreachable).catchAll();
      store();
      f.rethrow().end();
    }
    f.op(op.unreachable);
    f.end();
    f.get(0).get(this.#state).memory(op.i32Store, frame.state);
    store();
    f.get(this.#status);
    context.constants.setFrameSize(context.tableSlot(procedure), frame.slots + 8 * procedure.variables.size);
  }
}

const slotOffset = (variable: Variable): number => frame.slots + 8 * variable.slot;
