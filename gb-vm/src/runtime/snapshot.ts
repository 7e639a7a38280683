import {
  abiVersion,
  bufferData,
  type DebugMap,
  frame,
  frameBase,
  frameEnd,
  header,
  kind,
  numbersFlag,
  storeData,
  tag,
  wideFlag,
} from '../compiler/layout.ts';
import { crc32c } from './crc32c.ts';
import { BasicError } from './errors.ts';
import type { Heap } from './heap.ts';

/**
 * A conversation between two turns, as bytes (little endian):
 *
 *     0   "GBS1", u16 ABI, u16 flags (0)
 *     8   the first 8 bytes of the program's hash: against mistakes, not attackers, who cannot write snapshots
 *     16  u32 bytes of frames, u32 bytes of heap
 *     24  header words that survive: running frame, HEAR, choices, default, random state
 *     64  frames, heap, then u32 CRC-32C of everything before
 *
 * Writing compacts: starting from the variables in the frames, everything that can still be reached is copied to the
 * image (Cheney's algorithm), and addresses are rewritten to where the heap will lie again. What is not reached is not
 * written. Copying leaves forwarding addresses behind, so the memory it was taken from is spoilt and must be restored.
 */
const magic = 0x31534247;
const headBytes = 64;
const hashBytes = 8;
const forwarded = 0x80000000;

export class SnapshotWriter {
  #bytes = new Uint8Array(4096);
  #words = new Uint32Array(this.#bytes.buffer);
  #at = 0;
  #heapStart = 0;
  #heap!: Heap;
  #heapBase = 0;
  #bytesMax = 0;
  /** Whether what grows keeps the room it has. Without it, each sweep makes the next item copy the whole list again. */
  #keepsRoom = false;
  /** Where items are that may still point into the old heap: address in the image and count of variants, with their stride. */
  readonly #pending: number[] = [];

  /** The image of what is in memory, at most `bytesMax` long. */
  write(heap: Heap, map: DebugMap, hash: Uint8Array, bytesMax: number): Uint8Array {
    this.#keepsRoom = false;
    const length = this.#copy(heap, map, hash, bytesMax);
    this.#words[length >>> 2] = crc32c(this.#bytes, length);
    return this.#bytes.slice(0, length + 4);
  }

  /** An image to be put back at once: not sealed, and only good until the next one is written. */
  writeLoose(heap: Heap, map: DebugMap, hash: Uint8Array, bytesMax: number): Uint8Array {
    this.#keepsRoom = true;
    // The length first: copying may move to a larger array.
    const length = this.#copy(heap, map, hash, bytesMax);
    return this.#bytes.subarray(0, length + 4);
  }

  /** Returns the length without the seal, for which there is room. */
  #copy(heap: Heap, map: DebugMap, hash: Uint8Array, bytesMax: number): number {
    const frameBytes = heap.word(header.sp) - frameBase;
    this.#heap = heap;
    this.#heapBase = map.heapBase;
    this.#bytesMax = bytesMax;
    this.#heapStart = align(headBytes + frameBytes);
    this.#pending.length = 0;
    this.#at = this.#heapStart;
    this.#room(0);
    const words = this.#words;
    words[0] = magic;
    words[1] = abiVersion;
    this.#bytes.set(hash.subarray(0, hashBytes), 8);
    words[4] = frameBytes;
    words[6] = heap.word(header.fp);
    words[7] = heap.word(header.hearing);
    for (let index = 0; index < 4; index++) words[12 + index] = heap.word(header.random + 4 * index);
    for (let index = 0; index < 4; index++) words[8 + index] = heap.word(header.choices + 4 * index);
    this.#bytes.set(heap.u8.subarray(frameBase, frameBase + frameBytes), headBytes);
    if (this.#heapStart > headBytes + frameBytes) this.#bytes.fill(0, headBytes + frameBytes, this.#heapStart);
    this.#variants(8 * 4, 2, 8);
    this.#frames(map);
    while (this.#pending.length > 0) {
      const stride = this.#pending.pop()!;
      const count = this.#pending.pop()!;
      this.#variants(this.#pending.pop()!, count, stride);
    }
    this.#words[5] = this.#at - this.#heapStart;
    const total = this.#at + 4;
    if (total > bytesMax) throw new BasicError('snapshot_too_large', null, total, bytesMax);
    this.#room(4);
    return this.#at;
  }

  #frames(map: DebugMap): void {
    const heap = this.#heap;
    for (let at = heap.word(header.fp); at !== 0; at = heap.word(at + frame.previous)) {
      const slots = map.procedures[heap.word(at + frame.procedure)]!.slots;
      const base = headBytes + at - frameBase + frame.slots;
      for (let slot = 0; slot < slots.length; slot++) {
        const type = slots[slot]![1];
        if (type === 'a') this.#variants(base + 8 * slot, 1, 8);
        else if (type === 's' || type === 'p') {
          const moved = this.#move(this.#words[(base + 8 * slot) >>> 2]!);
          this.#words[(base + 8 * slot) >>> 2] = moved;
        }
      }
    }
  }

  /** Moves what variants in the image point at. */
  #variants(from: number, count: number, stride: number): void {
    for (let index = 0, at = from >>> 2; index < count; index++, at += stride >>> 2) {
      const high = this.#words[at + 1]!;
      if (high >= tag.string && high <= tag.object) {
        const moved = this.#move(this.#words[at]!);
        this.#words[at] = moved;
      }
    }
  }

  #move(address: number): number {
    if (address < this.#heapBase) return address;
    const heap = this.#heap;
    const first = heap.word(address);
    if (first >= forwarded) return first - forwarded;
    switch (first & 0xff) {
      case kind.string:
        return this.#moveText(address);
      case kind.array:
        return this.#moveList(address);
      case kind.object:
        return this.#moveObject(address);
      default:
        throw new BasicError('internal', null, `object of kind ${first & 0xff} at ${address}`);
    }
  }

  /** Takes `bytes` in the image and leaves the forwarding address behind. */
  #take(address: number, bytes: number): { at: number; to: number } {
    const at = this.#at;
    this.#room(bytes);
    this.#at = align(at + bytes);
    this.#bytes.fill(0, at, this.#at);
    const to = this.#heapBase + at - this.#heapStart;
    this.#heap.setWord(address, (to | forwarded) >>> 0);
    return { at, to };
  }

  #moveText(address: number): number {
    const heap = this.#heap;
    const length = heap.word(address + 4);
    const buffer = heap.word(address + 8);
    const bytes = heap.word(buffer) & wideFlag ? length * 2 : length;
    if (length === 0) return heap.emptyText;
    const isEnd = this.#keepsRoom && heap.word(buffer + 8) === bytes;
    const room = isEnd ? heap.word(buffer + 4) & ~15 : bytes;
    const { at, to } = this.#take(address, 16 + bufferData + Math.max(bytes, room));
    const words = this.#words;
    words[at >>> 2] = kind.string;
    words[(at >>> 2) + 1] = length;
    words[(at >>> 2) + 2] = to + 16;
    words[(at >>> 2) + 4] = heap.word(buffer);
    words[(at >>> 2) + 5] = Math.max(align(bytes), room);
    words[(at >>> 2) + 6] = bytes;
    this.#bytes.set(heap.u8.subarray(buffer + bufferData, buffer + bufferData + bytes), at + 16 + bufferData);
    return to;
  }

  #moveList(address: number): number {
    const heap = this.#heap;
    const flags = heap.word(address);
    const length = heap.word(address + 4);
    const store = heap.word(address + 8);
    const capacity = this.#keepsRoom ? heap.word(address + 12) : length;
    const { at, to } = this.#take(address, 16 + storeData + 8 * capacity);
    const words = this.#words;
    words[at >>> 2] = flags;
    words[(at >>> 2) + 1] = length;
    words[(at >>> 2) + 2] = to + 16;
    words[(at >>> 2) + 3] = capacity;
    words[(at >>> 2) + 4] = kind.store;
    words[(at >>> 2) + 5] = capacity;
    const items = at + 16 + storeData;
    this.#bytes.set(heap.u8.subarray(store + storeData, store + storeData + 8 * length), items);
    if (!(flags & numbersFlag)) this.#pending.push(items, length, 8);
    return to;
  }

  #moveObject(address: number): number {
    const heap = this.#heap;
    const count = heap.word(address + 4);
    const entries = heap.word(address + 8);
    const index = heap.word(address + 12);
    const indexBytes = index === 0 ? 0 : 8 + 4 * heap.word(index + 4);
    const capacity = this.#keepsRoom ? heap.word(entries + 4) : Math.max(1, count);
    const { at, to } = this.#take(address, 16 + align(8 + 16 * capacity) + indexBytes);
    const entriesAt = at + 16;
    const indexAt = entriesAt + align(8 + 16 * capacity);
    this.#words[at >>> 2] = kind.object;
    this.#words[(at >>> 2) + 1] = count;
    this.#words[(at >>> 2) + 2] = to + 16;
    this.#words[(at >>> 2) + 3] = index === 0 ? 0 : to + indexAt - at;
    this.#words[entriesAt >>> 2] = kind.entries;
    this.#words[(entriesAt >>> 2) + 1] = capacity;
    this.#bytes.set(heap.u8.subarray(entries + 8, entries + 8 + 16 * count), entriesAt + 8);
    if (index !== 0) this.#bytes.set(heap.u8.subarray(index, index + indexBytes), indexAt);
    // Keys are texts without a tag; the values after them are variants.
    for (let entry = 0; entry < count; entry++) {
      const moved = this.#move(this.#words[(entriesAt + 8 + 16 * entry) >>> 2]!);
      this.#words[(entriesAt + 8 + 16 * entry) >>> 2] = moved;
    }
    this.#pending.push(entriesAt + 16, count, 16);
    return to;
  }

  #room(bytes: number): void {
    const needed = this.#at + bytes + 64;
    if (needed <= this.#bytes.length) return;
    if (this.#at + bytes > this.#bytesMax + 64)
      throw new BasicError('snapshot_too_large', null, this.#at + bytes, this.#bytesMax);
    const grown = new Uint8Array(align(needed * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#words = new Uint32Array(grown.buffer);
  }
}

/** Why an image cannot be continued, or null when it can. */
export function refusal(image: Uint8Array, map: DebugMap, hash: Uint8Array, memoryBytesMax: number): string | null {
  if (image.length < headBytes + 4) return 'too short';
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  if (view.getUint32(0, true) !== magic) return 'not a snapshot';
  if (view.getUint16(4, true) !== abiVersion) return `made by version ${view.getUint16(4, true)}`;
  if (view.getUint16(6, true) !== 0) return 'unknown flags';
  if (view.getUint32(image.length - 4, true) !== crc32c(image, image.length - 4)) return 'damaged';
  for (let index = 0; index < hashBytes; index++) if (image[8 + index] !== hash[index]) return 'made by another program';
  const frameBytes = view.getUint32(16, true);
  const heapBytes = view.getUint32(20, true);
  if (frameBytes > frameEnd - frameBase || align(headBytes + frameBytes) + heapBytes + 4 !== image.length)
    return 'lengths do not fit';
  if (map.heapBase + heapBytes > memoryBytesMax) return 'larger than the memory allowed';
  const running = view.getUint32(24, true);
  if (running < frameBase || running >= frameBase + frameBytes) return 'no running procedure';
  const hearing = view.getUint32(28, true);
  if (hearing > map.hears.length) return 'waits for nothing';
  return null;
}

/** Puts an image that was not refused back into memory that was wiped. */
export function restore(heap: Heap, image: Uint8Array, map: DebugMap): void {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const frameBytes = view.getUint32(16, true);
  const heapBytes = view.getUint32(20, true);
  const heapStart = align(headBytes + frameBytes);
  heap.setWord(header.fp, view.getUint32(24, true));
  heap.setWord(header.sp, frameBase + frameBytes);
  heap.setWord(header.spHigh, frameBase + frameBytes);
  heap.setWord(header.hp, map.heapBase + heapBytes);
  heap.setWord(header.hearing, view.getUint32(28, true));
  for (let index = 0; index < 4; index++) heap.setWord(header.choices + 4 * index, view.getUint32(32 + 4 * index, true));
  for (let index = 0; index < 4; index++) heap.setWord(header.random + 4 * index, view.getUint32(48 + 4 * index, true));
  heap.u8.set(image.subarray(headBytes, headBytes + frameBytes), frameBase);
  heap.u8.set(image.subarray(heapStart, heapStart + heapBytes), map.heapBase);
}

const align = (value: number): number => (value + 15) & ~15;
