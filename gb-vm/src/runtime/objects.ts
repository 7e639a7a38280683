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
/** Longer walks along an index are charged: the hash is known to everybody, so names that collide can be made. */
const freeSteps = 8;

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

/** The text cell of a property's name, to be shared by objects with the same names. */
export const keyCellAt = (heap: Heap, cell: number, index: number): number => heap.word(entryAt(heap, cell, index));

export const valueAddressAt = (heap: Heap, cell: number, index: number): number => entryAt(heap, cell, index) + 8;

/** Address of the property's value, or 0. */
export function findProperty(heap: Heap, cell: number, key: number): number {
  return find(heap, cell, key, hashText(heap, key));
}

/**
 * One walk along the names of this hash, which does not tell capitals from small letters: the exact name wins, else the
 * first that differs only in that. So a name that is not there costs no more than one that is.
 */
function find(heap: Heap, cell: number, key: number, hash: number): number {
  let similar = 0;
  let wanted: string | null = null;
  const found = walk(heap, cell, hash, (entry) => {
    const name = heap.word(entry);
    if (heap.sameText(name, key)) return true;
    wanted ??= heap.text(key).toLowerCase();
    if (similar === 0 && heap.text(name).toLowerCase() === wanted) similar = entry + 8;
    return false;
  });
  return found ? found + 8 : similar;
}

/** The first entry with this hash that `matches`, or 0. */
function walk(heap: Heap, cell: number, hash: number, matches: (entry: number) => boolean): number {
  const index = heap.word(cell + 12);
  if (index === 0) {
    const count = objectSize(heap, cell);
    for (let at = 0; at < count; at++) {
      const entry = entryAt(heap, cell, at);
      if (heap.word(entry + 4) === hash && matches(entry)) return entry;
    }
    return 0;
  }
  const mask = heap.word(index + 4) - 1;
  for (let slot = hash & mask, steps = 1; ; slot = (slot + 1) & mask, steps++) {
    const number = heap.word(index + 8 + 4 * slot);
    const entry = number === 0 ? 0 : entryAt(heap, cell, number - 1);
    if (entry === 0 || (heap.word(entry + 4) === hash && matches(entry))) {
      if (steps > freeSteps) heap.charge(steps);
      return entry;
    }
  }
}

/** Address of the property's value, making the property when there is none. */
export function putProperty(heap: Heap, cell: number, key: number): number {
  return findProperty(heap, cell, key) || appendProperty(heap, cell, key);
}

/** Makes a property that is known not to be there, without looking for it: building an object takes time in its size. */
export function appendProperty(heap: Heap, cell: number, key: number): number {
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

/** Takes a property away and gives back what it held; null when there is none. The others keep their order. */
export function removeProperty(heap: Heap, cell: number, key: number): Value {
  const at = findProperty(heap, cell, key);
  if (at === 0) return null;
  const removed = heap.valueAt(at);
  const count = objectSize(heap, cell);
  heap.charge(count);
  // The places of all that follow change, and with them the index: the rest is put together anew.
  const fresh = makeObject(heap, count);
  for (let index = 0; index < count; index++) {
    const entry = entryAt(heap, cell, index);
    if (entry + 8 === at) continue;
    const slot = appendProperty(heap, fresh, heap.word(entry));
    heap.setWordsAt(slot, heap.word(entry + 8), heap.word(entry + 12));
  }
  for (const word of [4, 8, 12]) heap.setWord(cell + word, heap.word(fresh + word));
  return removed;
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
  let steps = 0;
  for (; heap.word(index + 8 + 4 * slot) !== 0; steps++) slot = (slot + 1) & mask;
  if (steps > freeSteps) heap.charge(steps);
  heap.setWord(index + 8 + 4 * slot, entry + 1);
}

/**
 * FNV-1a over the small letters of a text, the same for narrow and wide texts, kept in the cell. Compiled code computes
 * it for narrow texts itself (`hash` in codegen/helpers.ts).
 */
export function hashText(heap: Heap, cell: number): number {
  const known = heap.word(cell + 12);
  if (known !== 0) return known;
  const length = heap.textLength(cell);
  if (length > 512) heap.charge(length >>> 6);
  const buffer = heap.word(cell + 8);
  const from = buffer + bufferData;
  let hash = 2166136261;
  if (heap.word(buffer) & wideFlag) {
    const small = heap.text(cell).toLowerCase();
    for (let index = 0; index < small.length; index++) hash = Math.imul(hash ^ small.charCodeAt(index), 16777619);
  } else for (let index = 0; index < length; index++) hash = Math.imul(hash ^ smallLetters[heap.u8[from + index]!]!, 16777619);
  heap.setWord(cell + 12, hash);
  return hash >>> 0;
}

const smallLetters = Uint8Array.from({ length: 256 }, (_, code) => String.fromCharCode(code).toLowerCase().charCodeAt(0));
