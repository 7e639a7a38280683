import type { CompiledProgram } from 'gb-core';
import type { DebugMap } from '../compiler/layout.ts';
import { Heap } from '../runtime/heap.ts';
import type { TurnEngine } from '../runtime/in-process.ts';
import { stopPosition } from './frames.ts';
import { StopTable } from './program.ts';

export interface FileCoverage {
  readonly file: string;
  /** Lines on which a statement begins, ascending. */
  readonly lines: readonly number[];
  /** Those that ran. */
  readonly covered: readonly number[];
}

/**
 * Which lines of a stepping program ran: exact, because such a program stops before every statement. Whoever runs the
 * turns calls `look` after every `engine.step`.
 */
export class Coverage {
  readonly #table: StopTable;
  readonly #seen = new Set<number>();

  constructor(program: CompiledProgram) {
    this.#table = new StopTable(JSON.parse(program.debugMap) as DebugMap);
  }

  /** Watches the turns that run in this engine. */
  watch(engine: TurnEngine): () => void {
    const heap = new Heap(engine.memory);
    return () => {
      if (heap.u8.buffer !== engine.memory.buffer) heap.refresh();
      const position = stopPosition(heap, this.#table);
      if (position !== null) this.#seen.add(position);
    };
  }

  files(): FileCoverage[] {
    const covered = new Map<string, Set<number>>();
    for (const position of this.#seen) {
      const { file, line } = this.#table.place(position);
      const known = covered.get(file);
      if (known) known.add(line);
      else covered.set(file, new Set([line]));
    }
    return [...this.#table.lines()].map(([file, lines]) => ({
      file,
      lines,
      covered: lines.filter((line) => covered.get(file)?.has(line)),
    }));
  }
}
