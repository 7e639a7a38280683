import type { CompiledProgram } from 'gb-core';
import type { CompileOptions, Diagnostic, SourceText } from '../compiler/index.ts';
import type { DebugMap } from '../compiler/layout.ts';
import { prepareProgram } from '../runtime/program.ts';

/** A program that stops before every statement, which is what a debugger and a count of the lines that ran need. */
export async function prepareStepping(
  files: readonly SourceText[],
  options: Omit<CompileOptions, 'build'> = {},
): Promise<{ program: CompiledProgram | null; diagnostics: readonly Diagnostic[] }> {
  return prepareProgram(files, { ...options, build: 'step' });
}

export interface SourcePlace {
  readonly file: string;
  /** From 1, as is the column; 0 where nobody knows. */
  readonly line: number;
  readonly column: number;
}

/** Where a program can stop, by the numbers its code uses. */
export class StopTable {
  readonly map: DebugMap;
  /** By procedure: from block to position. */
  readonly #positions: readonly ReadonlyMap<number, number>[];
  readonly #files: ReadonlyMap<string, readonly Stop[]>;

  constructor(map: DebugMap) {
    this.map = map;
    this.#positions = map.procedures.map(({ stops }) => new Map(stops));
    const files = new Map<string, Map<number, Stop>>();
    for (const positions of this.#positions)
      for (const position of positions.values()) {
        const { file, line, column } = this.place(position);
        let stops = files.get(file);
        if (!stops) files.set(file, (stops = new Map()));
        stops.set(position, { position, line, column });
      }
    this.#files = new Map(
      [...files].map(([file, stops]) => [file, [...stops.values()].sort((a, b) => a.line - b.line || a.column - b.column)]),
    );
  }

  /** The position a frame stands before; null in the middle of a statement. */
  positionOf(procedure: number, block: number): number | null {
    return this.#positions[procedure]?.get(block) ?? null;
  }

  place(position: number): SourcePlace {
    const found = this.map.positions[position];
    if (!found) return { file: this.map.files[0] ?? '', line: 0, column: 0 };
    return { file: this.map.files[found[0]] ?? '', line: found[1], column: found[2] };
  }

  /** The places of a script in reading order; its name in any case. */
  inFile(name: string): readonly Stop[] {
    return this.#files.get(name) ?? [...this.#files].find(([file]) => file.toLowerCase() === name.toLowerCase())?.[1] ?? [];
  }

  /** For each script the lines on which something begins, ascending. */
  lines(): ReadonlyMap<string, readonly number[]> {
    return new Map([...this.#files].map(([file, stops]) => [file, [...new Set(stops.map(({ line }) => line))]]));
  }
}

export interface Stop {
  readonly position: number;
  readonly line: number;
  readonly column: number;
}
