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
  i32Shl: 0x74,
  i32ShrS: 0x75,
  i32ShrU: 0x76,
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
  i64ReinterpretF64: 0xbd,
  f64ReinterpretI64: 0xbf,
} as const;

/** A function known by reference until the module is encoded. */
export interface FunctionRef {
  index: number;
  readonly type: number;
  readonly results: readonly ValueType[];
}

export function unsigned(value: number, out: number[] = []): number[] {
  let rest = value >>> 0;
  do {
    const low = rest & 127;
    rest >>>= 7;
    out.push(rest ? low | 128 : low);
  } while (rest);
  return out;
}

export function signed(value: number, out: number[] = []): number[] {
  let rest = value;
  for (;;) {
    const low = rest & 127;
    rest >>= 7;
    if ((rest === 0 && !(low & 64)) || (rest === -1 && low & 64)) {
      out.push(low);
      return out;
    }
    out.push(low | 128);
  }
}

function signed64(value: bigint, out: number[]): void {
  let rest = BigInt.asIntN(64, value);
  for (;;) {
    const low = Number(rest & 127n);
    rest >>= 7n;
    if ((rest === 0n && !(low & 64)) || (rest === -1n && low & 64)) {
      out.push(low);
      return;
    }
    out.push(low | 128);
  }
}

const f64Value = new Float64Array(1);
const f64Bytes = new Uint8Array(f64Value.buffer);
const utf8 = new TextEncoder();
const text = (value: string): number[] => {
  const bytes = utf8.encode(value);
  return [...unsigned(bytes.length), ...bytes];
};

/** The body of one function. Labels are nesting depths, so a branch may be written from any depth inside. */
export class FunctionBuilder implements FunctionRef {
  index = -1;
  readonly type: number;
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly #locals: ValueType[] = [];
  readonly #code: number[] = [];
  readonly #calls: { at: number; target: FunctionRef }[] = [];
  readonly #free = new Map<ValueType, number[]>();
  readonly #marks: [offset: number, position: number][] = [];
  #depth = 0;

  constructor(type: number, params: readonly ValueType[], results: readonly ValueType[]) {
    this.type = type;
    this.params = params;
    this.results = results;
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
    for (const byte of bytes) this.#code.push(byte);
    return this;
  }

  i32(value: number): this {
    this.#code.push(0x41);
    signed(value | 0, this.#code);
    return this;
  }

  i64(value: bigint): this {
    this.#code.push(0x42);
    signed64(value, this.#code);
    return this;
  }

  f64(value: number): this {
    this.#code.push(0x44);
    f64Value[0] = value;
    for (const byte of f64Bytes) this.#code.push(byte);
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
    return this.#withIndex(0x23, index);
  }

  setGlobal(index: number): this {
    return this.#withIndex(0x24, index);
  }

  #withIndex(instruction: number, index: number): this {
    this.#code.push(instruction);
    unsigned(index, this.#code);
    return this;
  }

  call(target: FunctionRef): this {
    this.#code.push(0x10);
    this.#calls.push({ at: this.#code.length, target });
    this.#code.push(0x80, 0);
    return this;
  }

  callIndirect(type: number): this {
    this.#code.push(0x11);
    unsigned(type, this.#code);
    this.#code.push(0);
    return this;
  }

  /** A load or store with a constant offset. */
  memory(instruction: number, offset = 0): this {
    this.#code.push(instruction, 0);
    unsigned(offset, this.#code);
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

  block(type: BlockType = none): number {
    this.#code.push(0x02, type);
    return ++this.#depth;
  }

  loop(type: BlockType = none): number {
    this.#code.push(0x03, type);
    return ++this.#depth;
  }

  if(type: BlockType = none): number {
    this.#code.push(0x04, type);
    return ++this.#depth;
  }

  else(): this {
    return this.op(0x05);
  }

  end(): this {
    this.#depth--;
    return this.op(0x0b);
  }

  br(label: number): this {
    return this.#withIndex(0x0c, this.#depth - label);
  }

  brIf(label: number): this {
    return this.#withIndex(0x0d, this.#depth - label);
  }

  brTable(labels: readonly number[], otherwise: number): this {
    this.#code.push(0x0e);
    unsigned(labels.length, this.#code);
    for (const label of labels) unsigned(this.#depth - label, this.#code);
    unsigned(this.#depth - otherwise, this.#code);
    return this;
  }

  return(): this {
    return this.op(0x0f);
  }

  /** The code from here on belongs to this place in the source. */
  mark(position: number): this {
    this.#marks.push([this.#code.length, position]);
    return this;
  }

  /** Appends the body, and its marks with offsets counted from the start of `out`. */
  body(out: number[], marks: [number, number][]): void {
    for (const { at, target } of this.#calls) {
      if (target.index >= 1 << 14) throw new RangeError('more than 16,383 functions');
      this.#code[at] = (target.index & 127) | 128;
      this.#code[at + 1] = target.index >> 7;
    }
    const locals: number[] = [];
    let groups = 0;
    for (let from = 0; from < this.#locals.length; groups++) {
      let to = from;
      while (to < this.#locals.length && this.#locals[to] === this.#locals[from]) to++;
      unsigned(to - from, locals);
      locals.push(this.#locals[from]!);
      from = to;
    }
    const groupCount = unsigned(groups);
    unsigned(groupCount.length + locals.length + this.#code.length + 1, out);
    append(out, groupCount);
    append(out, locals);
    for (const [offset, position] of this.#marks) marks.push([out.length + offset, position]);
    append(out, this.#code);
    out.push(0x0b);
    if (this.#marks.length > 0) marks.push([out.length, -1]);
  }
}

function append(out: number[], bytes: readonly number[]): void {
  for (const byte of bytes) out.push(byte);
}

export class ModuleBuilder {
  readonly #types: string[] = [];
  readonly #typeBytes: number[][] = [];
  readonly #imports: { ref: FunctionRef; bytes: number[] }[] = [];
  readonly #memoryImports: number[][] = [];
  readonly #functions: FunctionBuilder[] = [];
  readonly #globals: number[][] = [];
  readonly #exports: { name: string; kind: number; index: () => number }[] = [];
  readonly #passive: Uint8Array[] = [];
  #table: readonly FunctionRef[] = [];

  type(params: readonly ValueType[], results: readonly ValueType[]): number {
    const bytes = [0x60, ...unsigned(params.length), ...params, ...unsigned(results.length), ...results];
    const key = bytes.join();
    const known = this.#types.indexOf(key);
    if (known >= 0) return known;
    this.#types.push(key);
    this.#typeBytes.push(bytes);
    return this.#types.length - 1;
  }

  importFunction(module: string, name: string, params: readonly ValueType[], results: readonly ValueType[]): FunctionRef {
    const type = this.type(params, results);
    const ref: FunctionRef = { index: this.#imports.length, type, results };
    this.#imports.push({ ref, bytes: [...text(module), ...text(name), 0, ...unsigned(type)] });
    return ref;
  }

  importMemory(module: string, name: string, pagesMin: number, pagesMax: number): void {
    this.#memoryImports.push([...text(module), ...text(name), 2, 1, ...unsigned(pagesMin), ...unsigned(pagesMax)]);
  }

  function(params: readonly ValueType[], results: readonly ValueType[]): FunctionBuilder {
    const built = new FunctionBuilder(this.type(params, results), params, results);
    this.#functions.push(built);
    return built;
  }

  /** A mutable i32 that the host can reach. */
  exportGlobal(name: string, initial: number): number {
    this.#globals.push([i32, 1, 0x41, ...signed(initial), 0x0b]);
    const index = this.#globals.length - 1;
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
    const out: number[] = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
    const section = (id: number, count: number, content: readonly (readonly number[])[]): void => {
      if (count === 0) return;
      const bytes = unsigned(count);
      for (const one of content) append(bytes, one);
      out.push(id);
      unsigned(bytes.length, out);
      append(out, bytes);
    };
    section(1, this.#typeBytes.length, this.#typeBytes);
    section(2, this.#imports.length + this.#memoryImports.length, [
      ...this.#imports.map(({ bytes }) => bytes),
      ...this.#memoryImports,
    ]);
    section(
      3,
      this.#functions.length,
      this.#functions.map(({ type }) => unsigned(type)),
    );
    section(4, 1, [[0x70, 0, ...unsigned(this.#table.length)]]);
    section(6, this.#globals.length, this.#globals);
    section(
      7,
      this.#exports.length,
      this.#exports.map(({ name, kind, index }) => [...text(name), kind, ...unsigned(index())]),
    );
    section(9, 1, [[0, 0x41, 0, 0x0b, ...unsigned(this.#table.length), ...this.#table.flatMap(({ index }) => unsigned(index))]]);
    if (this.#passive.length > 0) section(12, this.#passive.length, []);
    const bodies: number[] = [];
    const marks: [number, number][] = [];
    for (const one of this.#functions) one.body(bodies, marks);
    section(10, this.#functions.length, [bodies]);
    const codeStart = out.length - bodies.length;
    section(
      11,
      this.#passive.length,
      this.#passive.map((data) => [1, ...unsigned(data.length), ...data]),
    );
    return { bytes: new Uint8Array(out), marks: marks.map(([offset, position]) => [offset + codeStart, position] as const) };
  }
}
