import type { BoundProgram } from '../bind.ts';
import type { DiagnosticBag } from '../diagnostics.ts';
import { constantBase, type DebugMap } from '../layout.ts';
import type { Profile } from '../profile.ts';
import type { ProcedureInfo } from '../scope.ts';
import type { SourceFile, Span } from '../source.ts';
import type { Type } from '../types.ts';
import { type FunctionBuilder, type FunctionRef, f64, i32, i64, ModuleBuilder, type ValueType } from '../wasm/encoder.ts';
import { ConstantPool } from './constants.ts';
import { type DataTable, dataTable } from './data.ts';
import { buildHelper, type HelperName } from './helpers.ts';
import type { Identity } from './identity.ts';

/** How code is made; the tests compare all three. */
export type Build = 'normal' | 'resumable' | 'step';

/** What all procedures of one module share while it is being written. */
export class ModuleContext {
  readonly module = new ModuleBuilder();
  readonly constants: ConstantPool;
  readonly build: Build;
  readonly profile: Profile;
  /** The main program, whose variables all procedures may use. */
  readonly main: ProcedureInfo;
  readonly base: 0 | 1;
  readonly data: DataTable;
  readonly fuel: number;
  /** Code that cannot stop in the middle may use up fuel down to this, which the host sets to the end of the turn's budget. */
  readonly floor: number;
  readonly depth: number;
  readonly functions = new Map<ProcedureInfo, FunctionBuilder>();
  /** Procedures that can suspend, in the order of the function table. */
  readonly suspending: readonly ProcedureInfo[];
  /** By procedure: the block after each call of a suspending procedure, and where the call stands. */
  readonly calls = new Map<ProcedureInfo, [block: number, position: number][]>();
  /** By procedure, in a stepping build: where it stops. */
  readonly stops = new Map<ProcedureInfo, [block: number, position: number][]>();
  /** Of the procedures that can suspend. */
  readonly identities = new Map<ProcedureInfo, Identity>();
  readonly files: readonly SourceFile[];
  readonly hears: DebugMap['hears'][number][] = [];
  readonly positions: DebugMap['positions'][number][] = [];
  /** By word, then by file and offset: asked for nearly every instruction that can fail, so no text is built to ask. */
  readonly #positionIds = new Map<string, Map<number, number>>();
  readonly #hosts = new Map<string, FunctionRef>();
  readonly #helpers = new Map<HelperName, FunctionRef>();
  readonly #bag: DiagnosticBag;
  readonly #slots: ReadonlyMap<ProcedureInfo, number>;

  constructor({ procedures, profile, main, base }: BoundProgram, files: readonly SourceFile[], bag: DiagnosticBag, build: Build) {
    this.files = files;
    this.#bag = bag;
    this.build = build;
    this.profile = profile;
    this.main = main;
    this.base = base;
    this.data = dataTable(main.body);
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
    const key = span.file * sourceSpan + span.start;
    let ids = this.#positionIds.get(word);
    if (!ids) this.#positionIds.set(word, (ids = new Map()));
    const known = ids.get(key);
    if (known !== undefined) return known;
    const { line, column } = this.#bag.place(span.file, span.start);
    ids.set(key, this.positions.length);
    const number = this.#bag.lineNumber(span.file, span.start);
    return this.positions.push(number === null ? [span.file, line, column, word] : [span.file, line, column, word, number]) - 1;
  }

  noteCall(caller: ProcedureInfo, block: number, position: number): void {
    const known = this.calls.get(caller);
    if (known) known.push([block, position]);
    else this.calls.set(caller, [[block, position]]);
  }

  noteStop(procedure: ProcedureInfo, block: number, position: number): void {
    const known = this.stops.get(procedure);
    if (known) known.push([block, position]);
    else this.stops.set(procedure, [[block, position]]);
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
      .callLast(this.host('err', [i32, i32]));
  }

  tableSlot(procedure: ProcedureInfo): number {
    return this.#slots.get(procedure)!;
  }

  /** Where `pushFrame` finds the sizes of frames. */
  get frameSizes(): number {
    return constantBase;
  }
}

/** More than the offsets there are in one script. */
const sourceSpan = 2 ** 22;

export function wasmType(type: Type): ValueType {
  if (type === 'num') return f64;
  return type === 'any' || type === 'none' ? i64 : i32;
}
