import { ByteWriter, unsignedLength } from './bytes.ts';

/**
 * Writes WebAssembly binaries: just enough of the format for the code generator, without dependencies.
 * Function numbers are not known while code is being written (imports come first and are found along the way), so a
 * call is written with a two-byte placeholder and filled in at the end.
 */
export const i32 = 0x7f;
export const i64 = 0x7e;
export const f64 = 0x7c;
export const none = 0x40;
export type ValueType = typeof i32 | typeof i64 | typeof f64;
export type BlockType = ValueType | typeof none;

/** The instructions used, by their name in the specification. */
export const op = {
  unreachable: 0x00,
  drop: 0x1a,
  select: 0x1b,
  i32Load: 0x28,
  i64Load: 0x29,
  f64Load: 0x2b,
  i32Load8U: 0x2d,
  i32Store: 0x36,
  i32Store8: 0x3a,
  i64Store: 0x37,
  f64Store: 0x39,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32Ne: 0x47,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtS: 0x4a,
  i32GtU: 0x4b,
  i32LeS: 0x4c,
  i32GeS: 0x4e,
  i32GeU: 0x4f,
  i64Eq: 0x51,
  i64Ne: 0x52,
  f64Eq: 0x61,
  f64Ne: 0x62,
  f64Lt: 0x63,
  f64Gt: 0x64,
  f64Le: 0x65,
  f64Ge: 0x66,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32And: 0x71,
  i32Or: 0x72,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32ShrS: 0x75,
  i32ShrU: 0x76,
  i64LtU: 0x54,
  i64GeU: 0x5a,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64RemS: 0x81,
  i64And: 0x83,
  i64Or: 0x84,
  i64Shl: 0x86,
  i64ShrU: 0x88,
  f64Abs: 0x99,
  f64Neg: 0x9a,
  f64Ceil: 0x9b,
  f64Floor: 0x9c,
  f64Trunc: 0x9d,
  f64Nearest: 0x9e,
  f64Sqrt: 0x9f,
  f64Add: 0xa0,
  f64Sub: 0xa1,
  f64Mul: 0xa2,
  f64Div: 0xa3,
  f64Min: 0xa4,
  f64Max: 0xa5,
  i32WrapI64: 0xa7,
  i64ExtendI32U: 0xad,
  f64ConvertI32S: 0xb7,
  f64ConvertI32U: 0xb8,
  f64ConvertI64S: 0xb9,
  i64ReinterpretF64: 0xbd,
  f64ReinterpretI64: 0xbf,
} as const;

/** A function known by reference until the module is encoded. */
export interface FunctionRef {
  index: number;
  readonly type: number;
  readonly results: readonly ValueType[];
}

/** A global kept in a local, and how deep the code was nested when that began. */
interface Held {
  readonly global: number;
  readonly local: number;
  readonly depth: number;
}

/** Engines take 1,000; a call writes code for each of them, given or not, and nobody remembers so many. */
export const parametersMax = 200;

/** The body of one function. Labels are nesting depths, so a branch may be written from any depth inside. */
export class FunctionBuilder implements FunctionRef {
  index = -1;
  readonly type: number;
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly #locals: ValueType[] = [];
  readonly #code = new ByteWriter();
  /** Where in the code calls stand, and what they call. */
  readonly #calls: number[] = [];
  readonly #callees: FunctionRef[] = [];
  readonly #free = new Map<ValueType, number[]>();
  /** Offsets in the code, each with the position that begins there. */
  readonly #marks: number[] = [];
  #depth = 0;
  #tableMax = 0;
  #held: Held | null = null;

  constructor(type: number, params: readonly ValueType[], results: readonly ValueType[]) {
    this.type = type;
    this.params = params;
    this.results = results;
  }

  /** Whether engines refuse it: the limits are those of https://webassembly.github.io/spec/js-api/#limits, the table V8's own. */
  get isTooLarge(): boolean {
    const localCount = this.params.length + this.#locals.length;
    // The declarations of the locals count, too; at worst each is a group of its own.
    const bytes = this.#code.length + 6 * this.#locals.length + 16;
    return bytes > 7_654_321 || localCount > 50_000 || this.params.length > parametersMax || this.#tableMax > 65_520;
  }

  local(type: ValueType): number {
    this.#locals.push(type);
    return this.params.length + this.#locals.length - 1;
  }

  /** A local to be given back with `release`. */
  borrow(type: ValueType): number {
    return this.#free.get(type)?.pop() ?? this.local(type);
  }

  release(type: ValueType, index: number): void {
    const free = this.#free.get(type);
    if (free) free.push(index);
    else this.#free.set(type, [index]);
  }

  op(...bytes: readonly number[]): this {
    for (let index = 0; index < bytes.length; index++) this.#code.byte(bytes[index]!);
    return this;
  }

  i32(value: number): this {
    this.#code.byte(0x41);
    this.#code.signed(value);
    return this;
  }

  i64(value: bigint): this {
    this.#code.byte(0x42);
    this.#code.signed64(value);
    return this;
  }

  f64(value: number): this {
    this.#code.byte(0x44);
    this.#code.f64(value);
    return this;
  }

  get(index: number): this {
    return this.#withIndex(0x20, index);
  }

  set(index: number): this {
    return this.#withIndex(0x21, index);
  }

  tee(index: number): this {
    return this.#withIndex(0x22, index);
  }

  getGlobal(index: number): this {
    return this.#held?.global === index ? this.get(this.#held.local) : this.#withIndex(0x23, index);
  }

  setGlobal(index: number): this {
    return this.#held?.global === index ? this.set(this.#held.local) : this.#withIndex(0x24, index);
  }

  #withIndex(instruction: number, index: number): this {
    this.#code.byte(instruction);
    this.#code.unsigned(index);
    return this;
  }

  call(target: FunctionRef): this {
    this.#putBack();
    return this.#call(target).#takeOut();
  }

  #call(target: FunctionRef): this {
    this.#code.byte(0x10);
    this.#calls.push(this.#code.length);
    this.#callees.push(target);
    this.#code.byte(0x80);
    this.#code.byte(0);
    return this;
  }

  /** A call that never comes back, and says so. */
  callLast(target: FunctionRef): this {
    this.#putBack();
    return this.#call(target).op(0x00);
  }

  callIndirect(type: number): this {
    this.#putBack();
    this.#code.byte(0x11);
    this.#code.unsigned(type);
    this.#code.byte(0);
    return this.#takeOut();
  }

  /**
   * From here to `letGo` the global lives in a local. A global that counts down is a chain of loads and stores, five cycles
   * for each round of a loop whatever else it does; a local is a register. It is put back around calls and before every
   * jump out of the present nesting, so nobody else ever sees an old value. False when something is held already.
   */
  hold(global: number): boolean {
    if (this.#held) return false;
    this.#held = { global, local: this.borrow(i32), depth: this.#depth };
    this.#takeOut();
    return true;
  }

  letGo(): void {
    this.#putBack();
    this.release(i32, this.#held!.local);
    this.#held = null;
  }

  #putBack(): void {
    if (this.#held) this.#withIndex(0x20, this.#held.local).#withIndex(0x24, this.#held.global);
  }

  #takeOut(): this {
    return this.#held ? this.#withIndex(0x23, this.#held.global).#withIndex(0x21, this.#held.local) : this;
  }

  /** A load or store with a constant offset. */
  memory(instruction: number, offset = 0): this {
    this.#code.byte(instruction);
    this.#code.byte(0);
    this.#code.unsigned(offset);
    return this;
  }

  copy(): this {
    return this.op(0xfc, 10, 0, 0);
  }

  fill(): this {
    return this.op(0xfc, 11, 0);
  }

  /** f64 to i32, clamping instead of trapping. */
  truncate(): this {
    return this.op(0xfc, 2);
  }

  /** f64 to i64, clamping instead of trapping. */
  truncateLong(): this {
    return this.op(0xfc, 6);
  }

  #nest(instruction: number, type: BlockType): number {
    this.#code.byte(instruction);
    this.#code.byte(type);
    return ++this.#depth;
  }

  block(type: BlockType = none): number {
    return this.#nest(0x02, type);
  }

  loop(type: BlockType = none): number {
    return this.#nest(0x03, type);
  }

  /** The older exception handling, which every engine has: `try` … `catch_all` … `end`. */
  try(type: BlockType = none): number {
    return this.#nest(0x06, type);
  }

  catchAll(): this {
    return this.op(0x19);
  }

  /** Throws on what the `catch_all` directly around caught. */
  rethrow(): this {
    return this.op(0x09, 0);
  }

  if(type: BlockType = none): number {
    return this.#nest(0x04, type);
  }

  else(): this {
    return this.op(0x05);
  }

  end(): this {
    this.#depth--;
    return this.op(0x0b);
  }

  br(label: number): this {
    if (this.#held && label <= this.#held.depth) this.#putBack();
    return this.#withIndex(0x0c, this.#depth - label);
  }

  brIf(label: number): this {
    if (this.#held && label <= this.#held.depth) {
      this.if();
      return this.br(label).end();
    }
    return this.#withIndex(0x0d, this.#depth - label);
  }

  brTable(labels: readonly number[], otherwise: number): this {
    this.#tableMax = Math.max(this.#tableMax, labels.length);
    this.#code.byte(0x0e);
    this.#code.unsigned(labels.length);
    for (const label of labels) this.#code.unsigned(this.#depth - label);
    this.#code.unsigned(this.#depth - otherwise);
    return this;
  }

  return(): this {
    this.#putBack();
    return this.op(0x0f);
  }

  /** The code from here on belongs to this place in the source. */
  mark(position: number): this {
    this.#marks.push(this.#code.length, position);
    return this;
  }

  /** Fills in the calls, for which all functions must have their numbers by now. */
  body(): FunctionBody {
    for (let index = 0; index < this.#calls.length; index++) {
      const target = this.#callees[index]!.index;
      if (target >= 1 << 14) throw new RangeError('more than 16,383 functions');
      const at = this.#calls[index]!;
      this.#code.replace(at, (target & 127) | 128);
      this.#code.replace(at + 1, target >> 7);
    }
    const groups: number[] = [];
    for (let from = 0; from < this.#locals.length; ) {
      let to = from;
      while (to < this.#locals.length && this.#locals[to] === this.#locals[from]) to++;
      groups.push(to - from, this.#locals[from]!);
      from = to;
    }
    const locals = new ByteWriter();
    locals.unsigned(groups.length / 2);
    for (let index = 0; index < groups.length; index += 2) {
      locals.unsigned(groups[index]!);
      locals.byte(groups[index + 1]!);
    }
    return { locals: locals.view(), code: this.#code.view(), marks: this.#marks };
  }
}

/** A function as the format wants it, but for its length in front and the `end` behind. */
interface FunctionBody {
  readonly locals: Uint8Array;
  readonly code: Uint8Array;
  /** Offsets in the code, each followed by the position that begins there. */
  readonly marks: readonly number[];
}

export class ModuleBuilder {
  readonly #types: string[] = [];
  readonly #imports: { module: string; name: string; ref: FunctionRef }[] = [];
  readonly #memories: { module: string; name: string; pagesMin: number; pagesMax: number }[] = [];
  readonly #functions: FunctionBuilder[] = [];
  readonly #globals: number[] = [];
  readonly #exports: { name: string; kind: number; index: () => number }[] = [];
  readonly #passive: Uint8Array[] = [];
  #table: readonly FunctionRef[] = [];

  /** The number of a signature; equal ones have the same. */
  type(params: readonly ValueType[], results: readonly ValueType[]): number {
    // Types are all below 128, so each is one byte in the format and one character here; counts are at most two.
    const count = params.length < 128 ? [params.length] : [(params.length & 127) | 128, params.length >> 7];
    const key = String.fromCharCode(0x60, ...count, ...params, results.length, ...results);
    const known = this.#types.indexOf(key);
    return known >= 0 ? known : this.#types.push(key) - 1;
  }

  importFunction(module: string, name: string, params: readonly ValueType[], results: readonly ValueType[]): FunctionRef {
    const ref: FunctionRef = { index: this.#imports.length, type: this.type(params, results), results };
    this.#imports.push({ module, name, ref });
    return ref;
  }

  importMemory(module: string, name: string, pagesMin: number, pagesMax: number): void {
    this.#memories.push({ module, name, pagesMin, pagesMax });
  }

  function(params: readonly ValueType[], results: readonly ValueType[]): FunctionBuilder {
    const built = new FunctionBuilder(this.type(params, results), params, results);
    this.#functions.push(built);
    return built;
  }

  /** A mutable i32 that the host can reach. */
  exportGlobal(name: string, initial: number): number {
    const index = this.#globals.push(initial) - 1;
    this.#exports.push({ name, kind: 3, index: () => index });
    return index;
  }

  exportFunction(name: string, ref: FunctionRef): void {
    this.#exports.push({ name, kind: 0, index: () => ref.index });
  }

  /** Bytes that `memory.init` can write; returns the number of the segment. */
  passiveData(bytes: Uint8Array): number {
    return this.#passive.push(bytes) - 1;
  }

  setTable(refs: readonly FunctionRef[]): void {
    this.#table = refs;
  }

  encode(): { bytes: Uint8Array; marks: (readonly [offset: number, position: number])[] } {
    this.#functions.forEach((one, index) => {
      one.index = this.#imports.length + index;
    });
    const bodies = this.#functions.map((one) => one.body());
    const sizes = bodies.map(({ locals, code }) => locals.length + code.length + 1);
    const codeSize = sizes.reduce((sum, size) => sum + unsignedLength(size) + size, unsignedLength(sizes.length));
    const dataSize = this.#passive.reduce((sum, data) => sum + data.length, 0);
    const out = new ByteWriter(codeSize + dataSize + 4096);
    out.append([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

    section(out, 1, this.#types, (type, to) => {
      for (let index = 0; index < type.length; index++) to.byte(type.charCodeAt(index));
    });
    const imports = [...this.#imports, ...this.#memories];
    section(out, 2, imports, (one, to) => {
      to.name(one.module);
      to.name(one.name);
      if ('ref' in one) {
        to.byte(0);
        to.unsigned(one.ref.type);
        return;
      }
      to.append([2, 1]);
      to.unsigned(one.pagesMin);
      to.unsigned(one.pagesMax);
    });
    section(out, 3, this.#functions, ({ type }, to) => to.unsigned(type));
    section(out, 4, [this.#table], (refs, to) => {
      to.append([0x70, 0]);
      to.unsigned(refs.length);
    });
    section(out, 6, this.#globals, (initial, to) => {
      to.append([i32, 1, 0x41]);
      to.signed(initial);
      to.byte(0x0b);
    });
    section(out, 7, this.#exports, ({ name, kind, index }, to) => {
      to.name(name);
      to.byte(kind);
      to.unsigned(index());
    });
    section(out, 9, [this.#table], (refs, to) => {
      to.append([0, 0x41, 0, 0x0b]);
      to.unsigned(refs.length);
      for (const { index } of refs) to.unsigned(index);
    });
    // How many data segments there are, before the code that names them.
    section(out, 12, this.#passive, () => {});

    const marks: [offset: number, position: number][] = [];
    if (bodies.length > 0) {
      // By far the longest: written in place, its length worked out before.
      out.byte(10);
      out.unsigned(codeSize);
      out.unsigned(bodies.length);
      bodies.forEach((body, index) => {
        out.unsigned(sizes[index]!);
        out.append(body.locals);
        for (let at = 0; at < body.marks.length; at += 2) marks.push([out.length + body.marks[at]!, body.marks[at + 1]!]);
        out.append(body.code);
        out.byte(0x0b);
        if (body.marks.length > 0) marks.push([out.length, -1]);
      });
    }
    section(out, 11, this.#passive, (data, to) => {
      to.byte(1);
      to.unsigned(data.length);
      to.append(data);
    });
    return { bytes: out.view().slice(), marks };
  }
}

/** A section of things of one kind: its number, its length, how many there are, and each of them. None is no section. */
function section<T>(out: ByteWriter, id: number, items: readonly T[], write: (item: T, to: ByteWriter) => void): void {
  if (items.length === 0) return;
  const content = new ByteWriter(1024);
  content.unsigned(items.length);
  for (const item of items) write(item, content);
  out.byte(id);
  out.unsigned(content.length);
  out.append(content.view());
}
