import { bufferData, constantBase, kind, wideFlag } from '../layout.ts';

/**
 * The texts of a program, laid out as they will lie in memory: a string cell followed by its full buffer. Equal texts
 * are stored once. The table of frame sizes comes first and is filled in when all procedures are written.
 */
export class ConstantPool {
  readonly #words: Map<string, number> = new Map();
  readonly #frameSizes: number;
  #bytes: Uint8Array;
  #used: number;

  constructor(procedureCount: number) {
    this.#frameSizes = procedureCount;
    this.#used = align(procedureCount * 4);
    this.#bytes = new Uint8Array(1024 + this.#used);
    this.text('');
  }

  /** Address of the string cell. */
  text(value: string): number {
    const known = this.#words.get(value);
    if (known !== undefined) return known;
    let isWide = false;
    for (let index = 0; index < value.length && !isWide; index++) isWide = value.charCodeAt(index) > 255;
    const byteCount = isWide ? value.length * 2 : value.length;
    const at = this.#reserve(16 + bufferData + byteCount);
    const view = new DataView(this.#bytes.buffer);
    const address = constantBase + at;
    view.setUint32(at, kind.string, true);
    view.setUint32(at + 4, value.length, true);
    view.setUint32(at + 8, address + 16, true);
    view.setUint32(at + 16, kind.buffer | (isWide ? wideFlag : 0), true);
    view.setUint32(at + 20, byteCount, true);
    view.setUint32(at + 24, byteCount, true);
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (isWide) view.setUint16(at + 16 + bufferData + index * 2, code, true);
      else this.#bytes[at + 16 + bufferData + index] = code;
    }
    this.#words.set(value, address);
    return address;
  }

  setFrameSize(index: number, size: number): void {
    if (index >= this.#frameSizes) throw new RangeError('no such frame size');
    new DataView(this.#bytes.buffer).setUint32(index * 4, size, true);
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }

  get heapBase(): number {
    return constantBase + this.#used;
  }

  #reserve(count: number): number {
    const at = this.#used;
    this.#used = align(at + count);
    if (this.#used > this.#bytes.length) {
      const grown = new Uint8Array(this.#used * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    return at;
  }
}

const align = (value: number): number => (value + 15) & ~15;
