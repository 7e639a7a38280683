import { bufferData, constantBase, kind, numbersFlag, storeData, tag, wideFlag } from '../compiler/layout.ts';

/**
 * Moves the heap of a snapshot to where the heap of another program begins. What lies in it keeps its order; pointers into
 * it are shifted. Texts that were constants of the old program are copied behind, because the new one has others.
 */
export class HeapMove {
  /** The new heap, `used` bytes of it. */
  #bytes: Uint8Array;
  #view: DataView;
  #used: number;
  readonly #from: number;
  readonly #shift: number;
  readonly #constants: Uint8Array;
  readonly #emptyText: number;
  readonly #base: number;
  /** Old addresses of objects whose pointers have been followed, or will be. */
  readonly #seen = new Set<number>();
  readonly #pending: number[] = [];
  readonly #copied = new Map<number, number>();

  constructor(
    heap: Uint8Array,
    {
      from,
      to,
      constants,
      emptyText,
    }: { readonly from: number; readonly to: number; readonly constants: Uint8Array; readonly emptyText: number },
  ) {
    this.#bytes = heap.slice();
    this.#view = new DataView(this.#bytes.buffer);
    this.#used = heap.length;
    this.#from = from;
    this.#base = to;
    this.#shift = to - from;
    this.#constants = constants;
    this.#emptyText = emptyText;
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#used);
  }

  /** Where what an untagged pointer of the old program points at is in the new one. */
  address(old: number): number {
    if (old < this.#from) return this.#constant(old);
    if (!this.#seen.has(old)) {
      this.#seen.add(old);
      this.#pending.push(old);
    }
    return old + this.#shift;
  }

  /** A tagged value, low and high word. */
  variant(low: number, high: number): number {
    return high >= tag.string && high <= tag.object ? this.address(low) : low;
  }

  /** After every root was given to `address` or `variant`: follows all that hangs on them. */
  follow(): void {
    for (let old = this.#pending.pop(); old !== undefined; old = this.#pending.pop()) this.#object(old);
  }

  /** Whether a list, by its old address, was proven to hold numbers only. */
  isNumbers(old: number): boolean {
    return old >= this.#from && (this.#word(old) & (numbersFlag | 0xff)) === (kind.array | numbersFlag);
  }

  /** The items of a list of plain numbers, by its old address, each put through `change`; null from it stops and is told. */
  changeNumbers(old: number, change: (value: number) => number | null): boolean {
    const [count, items] = [this.#word(old + 4), this.#word(old + 8) + storeData - this.#from];
    for (let at = items; at < items + 8 * count; at += 8) {
      const changed = change(this.#view.getFloat64(at, true));
      if (changed === null) return false;
      this.#view.setFloat64(at, changed, true);
    }
    return true;
  }

  #object(old: number): void {
    const flags = this.#word(old);
    switch (flags & 0xff) {
      case kind.string:
        this.#point(old + 8);
        return;
      case kind.array: {
        const [count, store] = [this.#word(old + 4), this.#word(old + 8)];
        this.#point(old + 8);
        if (!(flags & numbersFlag)) this.#variants(store + storeData, count, 8);
        return;
      }
      case kind.object: {
        const [count, entries, index] = [this.#word(old + 4), this.#word(old + 8), this.#word(old + 12)];
        this.#point(old + 8);
        if (index !== 0) this.#point(old + 12);
        for (let entry = 0; entry < count; entry++) {
          const at = entries + 8 + 16 * entry;
          this.#setWord(at, this.address(this.#word(at)));
        }
        this.#variants(entries + 16, count, 16);
        return;
      }
      default:
        throw new Error(`an object of kind ${flags & 0xff} in a snapshot`);
    }
  }

  #variants(from: number, count: number, stride: number): void {
    for (let index = 0, at = from; index < count; index++, at += stride)
      this.#setWord(at, this.variant(this.#word(at), this.#word(at + 4)));
  }

  /** A pointer to the second part of an object, which is always in the heap and followed with its first part. */
  #point(at: number): void {
    this.#setWord(at, this.#word(at) + this.#shift);
  }

  /** A text of the old program's constants, once. */
  #constant(old: number): number {
    const known = this.#copied.get(old);
    if (known !== undefined) return known;
    const constants = new DataView(this.#constants.buffer, this.#constants.byteOffset, this.#constants.byteLength);
    const at = old - constantBase;
    const length = constants.getUint32(at + 4, true);
    let address = this.#emptyText;
    if (length > 0) {
      const buffer = constants.getUint32(at + 8, true) - constantBase;
      const width = constants.getUint32(buffer, true) & wideFlag;
      const bytes = width ? 2 * length : length;
      const room = align(bytes);
      const to = this.#take(16 + bufferData + room);
      address = this.#base + to;
      const view = this.#view;
      view.setUint32(to, kind.string, true);
      view.setUint32(to + 4, length, true);
      view.setUint32(to + 8, address + 16, true);
      view.setUint32(to + 16, kind.buffer | width, true);
      view.setUint32(to + 20, room, true);
      view.setUint32(to + 24, bytes, true);
      this.#bytes.set(this.#constants.subarray(buffer + bufferData, buffer + bufferData + bytes), to + 16 + bufferData);
    }
    this.#copied.set(old, address);
    return address;
  }

  #take(count: number): number {
    const at = this.#used;
    this.#used = align(at + count);
    if (this.#used > this.#bytes.length) {
      const grown = new Uint8Array(this.#used * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }

  #word(old: number): number {
    return this.#view.getUint32(old - this.#from, true);
  }

  #setWord(old: number, value: number): void {
    this.#view.setUint32(old - this.#from, value, true);
  }
}

const align = (value: number): number => (value + 15) & ~15;
