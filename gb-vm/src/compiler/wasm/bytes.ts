/**
 * Bytes written one after the other. A plain array would do the same, but takes eight bytes for each, copies them all whenever
 * it grows, and leaves the garbage collector a quarter of the time a large program takes to compile.
 */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** What fits into the first 64 bytes lies in the ordinary heap, where it costs little: most helpers are not longer. */
  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  append(bytes: ArrayLike<number>): void {
    if (this.#length + bytes.length > this.#bytes.length) this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** LEB128, seven bits to the byte, the lowest first (core specification 5.2.2). */
  unsigned(value: number): void {
    let rest = value >>> 0;
    while (rest > 127) {
      this.byte((rest & 127) | 128);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  signed(value: number): void {
    let rest = value | 0;
    while (rest < -64 || rest > 63) {
      this.byte((rest & 127) | 128);
      rest >>= 7;
    }
    this.byte(rest & 127);
  }

  signed64(value: bigint): void {
    let rest = BigInt.asIntN(64, value);
    while (rest < -64n || rest > 63n) {
      this.byte(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.byte(Number(rest & 127n));
  }

  f64(value: number): void {
    f64Value[0] = value;
    this.append(f64Bytes);
  }

  /** The length and the UTF-8 of a name. */
  name(value: string): void {
    const bytes = utf8.encode(value);
    this.unsigned(bytes.length);
    this.append(bytes);
  }

  /** Writes over a byte that is there already. */
  replace(at: number, value: number): void {
    this.#bytes[at] = value;
  }

  /** What was written so far; a view, good until the next byte. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(count: number): void {
    const factor = this.#bytes.length < 4096 ? 4 : 2;
    const grown = new Uint8Array(Math.max(this.#bytes.length * factor, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** How many bytes `unsigned` writes for it. */
export function unsignedLength(value: number): number {
  return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : value < 1 << 28 ? 4 : 5;
}

const f64Value = new Float64Array(1);
const f64Bytes = new Uint8Array(f64Value.buffer);
const utf8 = new TextEncoder();
