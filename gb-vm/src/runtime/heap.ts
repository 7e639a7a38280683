import { bufferData, fixedFlag, header, kind, storeData, tag, wideFlag } from '../compiler/layout.ts';
import { BasicError } from './errors.ts';

/** A value of a program, seen from the host. Lists and objects are addresses in the heap. */
export type Value = number | string | boolean | null | ListRef | ObjectRef;

export class ListRef {
  readonly at: number;
  constructor(at: number) {
    this.at = at;
  }
}
export class ObjectRef {
  readonly at: number;
  constructor(at: number) {
    this.at = at;
  }
}

const largeBytes = 65_536;
/** What one call of the host may copy out of texts, in times the memory of the turn. */
const heapsReadMax = 4;

const f64Word = new Float64Array(1);
const wordPair = new Uint32Array(f64Word.buffer);
const latin1 = new TextDecoder('latin1');
const utf16 = new TextDecoder('utf-16le', { ignoreBOM: true });

/**
 * The host's view of the memory that programs run in: reading and making texts, lists and objects there.
 * The layout is described in `compiler/layout.ts`. Memory beyond `hp` is always zero.
 */
export class Heap {
  readonly memory: WebAssembly.Memory;
  u8!: Uint8Array;
  u16!: Uint16Array;
  u32!: Uint32Array;
  f64!: Float64Array;
  /** What this turn may use, counted from address 0. */
  limit = 0;
  /** Characters read out of texts since the program last called the host: a list may name one long text many times. */
  charactersRead = 0;
  /** Charges fuel for work that grows with its data; set by the engine. */
  charge: (units: number) => void = () => {};
  /** Called when the heap passes its soft limit, so that the next safe point compacts it. */
  onPressure: () => void = () => {};
  emptyText = 0;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.refresh();
  }

  refresh(): void {
    const buffer = this.memory.buffer;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.f64 = new Float64Array(buffer);
  }

  word(address: number): number {
    return this.u32[address >>> 2]!;
  }

  setWord(address: number, value: number): void {
    this.u32[address >>> 2] = value;
  }

  // Memory

  alloc(bytes: number): number {
    const start = this.word(header.hp);
    const end = start + ((bytes + 15) & ~15);
    if (end > this.word(header.heapLimit) || end < start) return this.grow(bytes);
    this.setWord(header.hp, end);
    return start;
  }

  /** Allocates when the soft limit is met: asks for compaction, makes the memory larger, or refuses. */
  grow(bytes: number): number {
    const start = this.word(header.hp);
    const end = start + ((bytes + 15) & ~15);
    if (bytes < 0 || end > this.limit) throw new BasicError('out_of_memory', null);
    if (end > this.memory.buffer.byteLength) {
      const pages = Math.ceil((end - this.memory.buffer.byteLength) / 65536);
      try {
        this.memory.grow(Math.max(pages, Math.min(64, Math.floor((this.limit - this.memory.buffer.byteLength) / 65536))));
      } catch (cause) {
        throw new BasicError('out_of_memory', null, String(cause));
      }
      this.refresh();
    }
    // A large piece is data, not litter: it moves the soft limit along. Much litter, or a heap half full, wants compacting.
    const isLarge = bytes >= largeBytes && end < this.limit / 2;
    if (!isLarge) this.onPressure();
    const soft = isLarge ? this.word(header.heapLimit) + bytes : start + Math.min(this.limit >>> 3, this.roomUntilSwept(start));
    this.setWord(header.heapLimit, Math.min(this.limit, this.memory.buffer.byteLength, Math.max(end, soft)));
    this.setWord(header.hp, end);
    return start;
  }

  /**
   * Half of what is left, so that litter is swept before memory is short rather than refused; but the last bit whole,
   * because sweeping what is nearly all kept frees little each time and costs the same.
   */
  roomUntilSwept(from: number): number {
    const left = this.limit - from;
    return left < this.limit >>> 4 ? left : left >>> 1;
  }

  // Texts

  textLength(cell: number): number {
    return this.word(cell + 4);
  }

  text(cell: number): string {
    const length = this.word(cell + 4);
    if (length === 0) return '';
    if (length >= 24) this.#countRead(length);
    const buffer = this.word(cell + 8);
    const from = buffer + bufferData;
    if (this.word(buffer) & wideFlag) return utf16.decode(this.u8.subarray(from, from + length * 2));
    if (length < 24) {
      let text = '';
      for (let index = 0; index < length; index++) text += String.fromCharCode(this.u8[from + index]!);
      return text;
    }
    // The `latin1` label of the encoding standard means windows-1252, which differs from 0x80 to 0x9f.
    const bytes = this.u8.subarray(from, from + length);
    for (let index = 0; index < length; index++) if ((bytes[index]! & 0xe0) === 0x80) return fromBytes(bytes);
    return latin1.decode(bytes);
  }

  /** Copies outside are not seen by the heap's own limit: several heaps full of them, all at once, are refused. */
  #countRead(length: number): void {
    if (length > 512) this.charge(length >>> 6);
    this.charactersRead += length;
    if (this.charactersRead > heapsReadMax * this.limit) throw new BasicError('out_of_memory', null);
  }

  makeText(text: string): number {
    const length = text.length;
    if (length === 0) return this.emptyText;
    if (length > 512) this.charge(length >>> 6);
    let isWide = false;
    for (let index = 0; index < length; index++) {
      if (text.charCodeAt(index) > 255) {
        isWide = true;
        break;
      }
    }
    const bytes = isWide ? length * 2 : length;
    const cell = this.alloc(16 + bufferData + bytes);
    const at = cell >>> 2;
    const u32 = this.u32;
    u32[at] = kind.string;
    u32[at + 1] = length;
    u32[at + 2] = cell + 16;
    u32[at + 4] = isWide ? kind.buffer | wideFlag : kind.buffer;
    u32[at + 5] = (bytes + 15) & ~15;
    u32[at + 6] = bytes;
    const from = cell + 16 + bufferData;
    if (isWide) for (let index = 0; index < length; index++) this.u16[(from >>> 1) + index] = text.charCodeAt(index);
    else for (let index = 0; index < length; index++) this.u8[from + index] = text.charCodeAt(index);
    return cell;
  }

  /**
   * Two texts of different width as one. A narrow text after a wide one is appended in place where there is room, as
   * compiled code does it for texts of the same width, so that building up a text with an emoji in it stays linear.
   */
  join(a: number, b: number): number {
    const first = this.word(a + 8);
    const [lengthA, lengthB] = [this.textLength(a), this.textLength(b)];
    if (!(this.word(first) & wideFlag)) return this.makeText(this.text(a) + this.text(b));
    const bytes = 2 * (lengthA + lengthB);
    let buffer = first;
    if (this.word(first + 8) !== 2 * lengthA || bytes > this.word(first + 4)) {
      this.charge(bytes >>> 6);
      buffer = this.alloc(bufferData + 2 * bytes);
      this.setWord(buffer, kind.buffer | wideFlag);
      this.setWord(buffer + 4, 2 * bytes);
      this.u8.copyWithin(buffer + bufferData, first + bufferData, first + bufferData + 2 * lengthA);
    }
    const from = this.word(b + 8) + bufferData;
    const to = (buffer + bufferData + 2 * lengthA) >>> 1;
    for (let index = 0; index < lengthB; index++) this.u16[to + index] = this.u8[from + index]!;
    this.setWord(buffer + 8, bytes);
    const cell = this.alloc(16);
    this.setWord(cell, kind.string);
    this.setWord(cell + 4, lengthA + lengthB);
    this.setWord(cell + 8, buffer);
    return cell;
  }

  sameText(a: number, b: number): boolean {
    if (a === b) return true;
    const length = this.word(a + 4);
    if (length !== this.word(b + 4)) return false;
    const bufferA = this.word(a + 8);
    const bufferB = this.word(b + 8);
    const wide = this.word(bufferA) & wideFlag;
    if (wide !== (this.word(bufferB) & wideFlag)) return this.text(a) === this.text(b);
    const bytes = wide ? length * 2 : length;
    if (bytes > 512) this.charge(bytes >>> 6);
    const u8 = this.u8;
    for (let index = 0; index < bytes; index++)
      if (u8[bufferA + bufferData + index] !== u8[bufferB + bufferData + index]) return false;
    return true;
  }

  // Variants: two words, low then high

  value(low: number, high: number): Value {
    switch (high >>> 0) {
      case tag.null:
        return null;
      case tag.boolean:
        return low !== 0;
      case tag.string:
        return this.text(low);
      case tag.array:
        return new ListRef(low);
      case tag.object:
        return new ObjectRef(low);
      default:
        wordPair[0] = low;
        wordPair[1] = high;
        return f64Word[0]!;
    }
  }

  valueAt(address: number): Value {
    return this.value(this.u32[address >>> 2]!, this.u32[(address >>> 2) + 1]!);
  }

  setValueAt(address: number, value: Value): void {
    const text = typeof value === 'string' ? this.makeText(value) : 0;
    const at = address >>> 2;
    const u32 = this.u32;
    if (typeof value === 'number') {
      this.f64[address >>> 3] = value;
      return;
    }
    u32[at] = typeof value === 'string' ? text : typeof value === 'boolean' ? Number(value) : value === null ? 0 : value.at;
    u32[at + 1] =
      typeof value === 'string'
        ? tag.string
        : typeof value === 'boolean'
          ? tag.boolean
          : value === null
            ? tag.null
            : value instanceof ListRef
              ? tag.array
              : tag.object;
  }

  setWordsAt(address: number, low: number, high: number): void {
    this.u32[address >>> 2] = low;
    this.u32[(address >>> 2) + 1] = high;
  }

  // Lists

  listLength(cell: number): number {
    return this.word(cell + 4);
  }

  itemAddress(cell: number, index: number): number {
    return this.word(cell + 8) + storeData + 8 * index;
  }

  isFixed(cell: number): boolean {
    return (this.word(cell) & fixedFlag) !== 0;
  }

  /** Items come as zero words, which is the number 0. The store follows the cell directly. */
  makeList(length: number, flags = 0): number {
    if (length > 512) this.charge(length >>> 3);
    const cell = this.alloc(16 + storeData + 8 * length);
    this.setWord(cell, kind.array | flags);
    this.setWord(cell + 4, length);
    this.setWord(cell + 8, cell + 16);
    this.setWord(cell + 12, length);
    this.setWord(cell + 16, kind.store);
    this.setWord(cell + 20, length);
    return cell;
  }

  makeListOf(values: readonly Value[]): number {
    const cell = this.makeList(values.length);
    for (const [index, value] of values.entries()) this.setValueAt(this.itemAddress(cell, index), value);
    return cell;
  }

  listValues(cell: number): Value[] {
    const length = this.listLength(cell);
    this.charge(length >>> 3);
    const values: Value[] = [];
    for (let index = 0; index < length; index++) values.push(this.valueAt(this.itemAddress(cell, index)));
    return values;
  }

  /** Makes room for one more item and returns its address. */
  extendList(cell: number): number {
    const length = this.listLength(cell);
    if (length >= this.word(cell + 12)) {
      const capacity = Math.max(4, length * 2);
      this.charge(length >>> 3);
      const store = this.alloc(storeData + 8 * capacity);
      this.setWord(store, kind.store);
      this.setWord(store + 4, capacity);
      const from = this.word(cell + 8) + storeData;
      this.u8.copyWithin(store + storeData, from, from + 8 * length);
      this.setWord(cell + 8, store);
      this.setWord(cell + 12, capacity);
    }
    this.setWord(cell + 4, length + 1);
    return this.itemAddress(cell, length);
  }
}

/** In pieces that fit the stack: one text per byte would take many times the memory of the whole. */
function fromBytes(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += 8192) text += String.fromCharCode(...bytes.subarray(from, from + 8192));
  return text;
}
