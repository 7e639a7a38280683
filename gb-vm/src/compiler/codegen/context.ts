import type { DiagnosticBag } from '../diagnostics.ts';
import { constantBase, type DebugMap } from '../layout.ts';
import type { ProcedureInfo } from '../scope.ts';
import type { Span } from '../source.ts';
import type { Type } from '../types.ts';
import { type FunctionBuilder, type FunctionRef, f64, i32, i64, ModuleBuilder, type ValueType } from '../wasm/encoder.ts';
import { ConstantPool } from './constants.ts';
import { buildHelper, type HelperName } from './helpers.ts';

/** How code is made; the tests compare all three. */
export type Build = 'normal' | 'resumable' | 'step';

/** What all procedures of one module share while it is being written. */
export class ModuleContext {
  readonly module = new ModuleBuilder();
  readonly constants: ConstantPool;
  readonly build: Build;
  readonly fuel: number;
  /** Code that cannot stop in the middle may use up fuel down to this, which the host sets to the end of the turn's budget. */
  readonly floor: number;
  readonly depth: number;
  readonly functions = new Map<ProcedureInfo, FunctionBuilder>();
  /** Procedures that can suspend, in the order of the function table. */
  readonly suspending: readonly ProcedureInfo[];
  readonly hears: DebugMap['hears'][number][] = [];
  readonly positions: DebugMap['positions'][number][] = [];
  readonly #positionIds = new Map<string, number>();
  readonly #hosts = new Map<string, FunctionRef>();
  readonly #helpers = new Map<HelperName, FunctionRef>();
  readonly #bag: DiagnosticBag;
  readonly #slots: ReadonlyMap<ProcedureInfo, number>;

  constructor(procedures: readonly ProcedureInfo[], bag: DiagnosticBag, build: Build) {
    this.#bag = bag;
    this.build = build;
    this.suspending = procedures.filter((procedure) => procedure.suspends);
    this.#slots = new Map(this.suspending.map((procedure, slot) => [procedure, slot]));
    this.constants = new ConstantPool(this.suspending.length);
    this.module.importMemory('gb', 'memory', 3, 65536);
    this.fuel = this.module.exportGlobal('fuel', 0);
    this.floor = this.module.exportGlobal('floor', 0);
    this.depth = this.module.exportGlobal('depth', 0);
  }

  /** The number by which compiled code names a place in the source. */
  position(span: Span, word: string): number {
    const key = `${span.file}:${span.start}:${word}`;
    const known = this.#positionIds.get(key);
    if (known !== undefined) return known;
    const { line, column } = this.#bag.place(span.file, span.start);
    this.#positionIds.set(key, this.positions.length);
    return this.positions.push([span.file, line, column, word]) - 1;
  }

  /** A function of the host; the same name always has the same signature. */
  host(name: string, params: readonly ValueType[], results: readonly ValueType[] = []): FunctionRef {
    let ref = this.#hosts.get(name);
    if (!ref) this.#hosts.set(name, (ref = this.module.importFunction('gb', name, params, results)));
    return ref;
  }

  helper(name: HelperName): FunctionRef {
    let ref = this.#helpers.get(name);
    if (!ref) this.#helpers.set(name, (ref = buildHelper(this, name)));
    return ref;
  }

  /** `err` never returns, and `unreachable` after it tells the optimiser so: without it, loops around run at a third of the speed. */
  fail(f: FunctionBuilder, code: number, position: number): void {
    f.i32(code)
      .i32(position)
      .call(this.host('err', [i32, i32]))
      .op(0x00);
  }

  tableSlot(procedure: ProcedureInfo): number {
    return this.#slots.get(procedure)!;
  }

  /** Where `pushFrame` finds the sizes of frames. */
  get frameSizes(): number {
    return constantBase;
  }
}

export function wasmType(type: Type): ValueType {
  if (type === 'num') return f64;
  return type === 'any' || type === 'none' ? i64 : i32;
}
