import { bufferData, kind, wideFlag } from '../compiler/layout.ts';
import type { Heap, Value } from './heap.ts';

/**
 * Objects of a program: properties in the order they were added. Up to eight are searched one after the other; beyond
 * that an index of entry numbers by hash (open addressing, at most three quarters full) finds them.
 * Names are exact first; a name that is not there is then looked for in any case, because scripts write both.
 */
const entriesData = 8;
const entryBytes = 16;
const unindexedMax = 8;

export function makeObject(heap: Heap, capacity: number): number {
  const cell = heap.alloc(16);
  const entries = heap.alloc(entriesData + entryBytes * Math.max(4, capacity));
  heap.setWord(cell, kind.object);
  heap.setWord(cell + 8, entries);
  heap.setWord(entries, kind.entries);
  heap.setWord(entries + 4, Math.max(4, capacity));
  return cell;
}

export const objectSize = (heap: Heap, cell: number): number => heap.word(cell + 4);
const entryAt = (heap: Heap, cell: number, index: number): number => heap.word(cell + 8) + entriesData + entryBytes * index;

export function objectKeys(heap: Heap, cell: number): string[] {
  const count = objectSize(heap, cell);
  heap.charge(count >>> 2);
  return Array.from({ length: count }, (_, index) => heap.text(heap.word(entryAt(heap, cell, index))));
}

/** Address of the property's value, or 0. */
export function findProperty(heap: Heap, cell: number, key: number): number {
  const exact = findExact(heap, cell, key, hashText(heap, key));
  if (exact) return exact;
  const count = objectSize(heap, cell);
  if (count === 0) return 0;
  heap.charge(count >>> 3);
  const wanted = heap.text(key).toLowerCase();
  for (let index = 0; index < count; index++) {
    const entry = entryAt(heap, cell, index);
    const name = heap.word(entry);
    if (heap.textLength(name) === wanted.length && heap.text(name).toLowerCase() === wanted) return entry + 8;
  }
  return 0;
}

/** Address of the property's value, making the property when there is none. */
export function putProperty(heap: Heap, cell: number, key: number): number {
  const found = findProperty(heap, cell, key);
  if (found) return found;
  const count = objectSize(heap, cell);
  if (count >= heap.word(heap.word(cell + 8) + 4)) enlarge(heap, cell, count);
  const entry = entryAt(heap, cell, count);
  const hash = hashText(heap, key);
  heap.setWord(entry, key);
  heap.setWord(entry + 4, hash);
  heap.setWord(cell + 4, count + 1);
  if (count + 1 > unindexedMax) addToIndex(heap, cell, count, hash);
  return entry + 8;
}

export function setProperty(heap: Heap, cell: number, name: string, value: Value): void {
  const key = heap.makeText(name);
  heap.setValueAt(putProperty(heap, cell, key), value);
}

function findExact(heap: Heap, cell: number, key: number, hash: number): number {
  const count = objectSize(heap, cell);
  const index = heap.word(cell + 12);
  if (index === 0) {
    for (let at = 0; at < count; at++) {
      const entry = entryAt(heap, cell, at);
      if (heap.word(entry + 4) === hash && heap.sameText(heap.word(entry), key)) return entry + 8;
    }
    return 0;
  }
  const mask = heap.word(index + 4) - 1;
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const number = heap.word(index + 8 + 4 * slot);
    if (number === 0) return 0;
    const entry = entryAt(heap, cell, number - 1);
    if (heap.word(entry + 4) === hash && heap.sameText(heap.word(entry), key)) return entry + 8;
  }
}

function enlarge(heap: Heap, cell: number, count: number): void {
  heap.charge(count >>> 2);
  const capacity = count * 2;
  const entries = heap.alloc(entriesData + entryBytes * capacity);
  heap.setWord(entries, kind.entries);
  heap.setWord(entries + 4, capacity);
  const from = heap.word(cell + 8) + entriesData;
  heap.u8.copyWithin(entries + entriesData, from, from + entryBytes * count);
  heap.setWord(cell + 8, entries);
}

function addToIndex(heap: Heap, cell: number, added: number, hash: number): void {
  const count = added + 1;
  const index = heap.word(cell + 12);
  if (index !== 0 && count * 4 <= heap.word(index + 4) * 3) {
    insert(heap, index, added, hash);
    return;
  }
  const slots = 1 << (32 - Math.clz32(count * 2 - 1));
  heap.charge(count >>> 2);
  const larger = heap.alloc(8 + 4 * slots);
  heap.setWord(larger, kind.index);
  heap.setWord(larger + 4, slots);
  for (let at = 0; at < count; at++) insert(heap, larger, at, heap.word(entryAt(heap, cell, at) + 4));
  heap.setWord(cell + 12, larger);
}

function insert(heap: Heap, index: number, entry: number, hash: number): void {
  const mask = heap.word(index + 4) - 1;
  let slot = hash & mask;
  while (heap.word(index + 8 + 4 * slot) !== 0) slot = (slot + 1) & mask;
  heap.setWord(index + 8 + 4 * slot, entry + 1);
}

/** FNV-1a over the characters, the same for narrow and wide texts. */
function hashText(heap: Heap, cell: number): number {
  const length = heap.textLength(cell);
  const buffer = heap.word(cell + 8);
  const isWide = (heap.word(buffer) & wideFlag) !== 0;
  const from = buffer + bufferData;
  let hash = 2166136261;
  for (let index = 0; index < length; index++) {
    hash = Math.imul(hash ^ (isWide ? heap.u16[(from >>> 1) + index]! : heap.u8[from + index]!), 16777619);
  }
  return hash >>> 0;
}
