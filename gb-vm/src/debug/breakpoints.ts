import type { StopTable } from './program.ts';

export interface Breakpoint {
  /** From 1. */
  readonly line: number;
  /** Stops only where this expression is true, as `total > 10`. */
  readonly condition?: string;
}

/** A breakpoint as it was taken: at the line asked for, or the next one on which something begins. */
export interface PlacedBreakpoint {
  readonly line: number;
  /** False where nothing follows. */
  readonly isPlaced: boolean;
}

export class Breakpoints {
  readonly #table: StopTable;
  readonly #byFile = new Map<string, ReadonlyMap<number, string | null>>();
  #all: ReadonlyMap<number, string | null> = new Map();

  constructor(table: StopTable) {
    this.#table = table;
  }

  /** Those of one script, in place of what it had. */
  set(file: string, wanted: readonly Breakpoint[]): PlacedBreakpoint[] {
    const stops = this.#table.inFile(file);
    const taken = new Map<number, string | null>();
    const placed = wanted.map(({ line, condition }) => {
      const stop = stops.find((one) => one.line >= line);
      // Of a line with several statements the first counts; of two wishes for one line the last.
      if (stop) taken.set(stop.position, condition?.trim() || null);
      return { line: stop?.line ?? line, isPlaced: stop !== undefined };
    });
    this.#byFile.set(file.toLowerCase(), taken);
    this.#all = new Map([...this.#byFile.values()].flatMap((one) => [...one]));
    return placed;
  }

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  /** The condition at a position, null without one; undefined where there is no breakpoint. */
  at(position: number): string | null | undefined {
    return this.#all.get(position);
  }
}
