import { type Heap, ListRef, ObjectRef, type Value } from '../heap.ts';
import { fail, failIndex, type Host, setResult } from '../host.ts';
import { findProperty, objectKeys, removeProperty } from '../objects.ts';
import { toJson } from './json.ts';
import { nextRandom } from './random.ts';
import { parseNumber, toText, typeName } from './values.ts';

/**
 * Reading what a program passes to a library function, and giving lists and texts back. Everything that is read is
 * charged by its length, so that no function can be given megabytes again and again for the price of a call.
 */
export class Arguments {
  readonly host: Host;
  readonly heap: Heap;

  constructor(host: Host) {
    this.host = host;
    this.heap = host.heap;
  }

  text(cell: number): string {
    const length = this.heap.textLength(cell);
    if (length > 63) this.heap.charge(length >>> 6);
    return this.heap.text(cell);
  }

  value(low: number, high: number): Value {
    return this.heap.value(low, high);
  }

  textOf(value: Value): string {
    if (typeof value === 'string') this.heap.charge(value.length >>> 6);
    return toText(this.heap, value);
  }

  /** The number a value is or reads as; a text that is none is refused, null is 0. */
  number(value: Value, position: number): number {
    if (typeof value === 'number') return value;
    if (value === null || typeof value === 'boolean') return Number(value);
    const parsed = typeof value === 'string' ? parseNumber(value) : null;
    return parsed ?? fail('type_mismatch', position, describe(value), 'a number');
  }

  list(low: number, high: number, position: number): number {
    const value = this.heap.value(low, high);
    return value instanceof ListRef ? value.at : fail('type_mismatch', position, describe(value), 'a list');
  }

  /** The items of a list; nothing is the empty list, as when FIND found no row. */
  items(low: number, high: number, position: number): Value[] {
    const value = this.heap.value(low, high);
    if (value === null) return [];
    return value instanceof ListRef ? this.heap.listValues(value.at) : fail('type_mismatch', position, describe(value), 'a list');
  }

  /** The items of a list that is about to change. One made by DIM keeps its size. */
  growing(low: number, high: number, position: number): number {
    const cell = this.list(low, high, position);
    if (!this.heap.isFixed(cell)) return cell;
    const length = this.heap.listLength(cell);
    return failIndex(this.host, length, length, position);
  }

  object(low: number, high: number, position: number): number {
    const value = this.heap.value(low, high);
    return value instanceof ObjectRef ? value.at : fail('type_mismatch', position, describe(value), 'an object');
  }

  keys(object: number): string[] {
    return objectKeys(this.heap, object);
  }

  /** The columns of a row; none of what is no object. */
  keysOf(row: Value): string[] {
    return row instanceof ObjectRef ? this.keys(row.at) : [];
  }

  listOf(values: readonly Value[]): ListRef {
    return new ListRef(this.heap.makeListOf(values));
  }

  has(object: number, name: string): boolean {
    return findProperty(this.heap, object, this.heap.makeText(name)) !== 0;
  }

  hasKey(row: Value, key: number): boolean {
    return row instanceof ObjectRef && findProperty(this.heap, row.at, key) !== 0;
  }

  /** What a property of a row holds; null when there is none. */
  property(row: Value, key: number): Value {
    const at = row instanceof ObjectRef ? findProperty(this.heap, row.at, key) : 0;
    return at === 0 ? null : this.heap.valueAt(at);
  }

  /** A text that is the same for equal values and for no others. */
  identity(value: Value, position: number): string {
    if (typeof value === 'string') {
      this.heap.charge(value.length >>> 6);
      return `s${value}`;
    }
    return value !== null && typeof value === 'object' ? toJson(this.heap, value, position) : String(value);
  }

  shuffled(values: number[]): number[] {
    for (let last = values.length - 1; last > 0; last--) {
      const other = Math.floor(nextRandom(this.heap) * (last + 1));
      [values[last], values[other]] = [values[other]!, values[last]!];
    }
    return values;
  }

  /** ASC, DESC or nothing, as written after ORDER BY; also yes for descending. */
  isDescending(direction: number, position: number): boolean {
    const word = this.heap.textLength(direction) > 20 ? '?' : this.heap.text(direction).trim().toLowerCase();
    if (['', 'asc', 'ascending', 'false'].includes(word)) return false;
    return ['desc', 'descending', 'true'].includes(word) || fail('illegal_argument', position);
  }

  give(value: Value): void {
    setResult(this.host, value);
  }

  giveList(values: readonly Value[]): void {
    setResult(this.host, this.listOf(values));
  }

  /** A new list of some items of another: their words are copied, so texts are shared and not made again. */
  picked(list: number, indexes: readonly number[]): ListRef {
    const { heap } = this;
    const made = heap.makeList(indexes.length);
    indexes.forEach((index, at) => {
      const from = heap.itemAddress(list, index);
      heap.setWordsAt(heap.itemAddress(made, at), heap.word(from), heap.word(from + 4));
    });
    return new ListRef(made);
  }

  /** A new list of the items from one place up to another, with room for more behind, which is zero. */
  copied(list: number, from: number, to: number, room = 0): ListRef {
    const { heap } = this;
    const count = Math.max(0, to - from);
    const made = heap.makeList(count + room);
    const source = heap.itemAddress(list, from);
    heap.charge(count >>> 6);
    heap.u8.copyWithin(heap.itemAddress(made, 0), source, source + 8 * count);
    return new ListRef(made);
  }

  /** Refuses a text that would not fit before it is made. */
  room(characters: number, position: number | null): void {
    if (!(characters <= this.heap.limit)) fail('out_of_memory', position);
    this.heap.charge(characters >>> 6);
  }

  /** Parts put together. A short text in many places of a long one makes gigabytes: the size is known before it is made. */
  joined(parts: readonly string[], separator: string, position: number | null): string {
    const length = parts.reduce((sum, part) => sum + part.length, separator.length * Math.max(0, parts.length - 1));
    this.heap.charge(parts.length >>> 2);
    this.room(length, position);
    return parts.join(separator);
  }

  removeKey(object: number, name: string): Value {
    return removeProperty(this.heap, object, this.heap.makeText(name));
  }

  /** A whole number from `least` to `most`; anything else is refused. */
  whole(value: number, least: number, most: number, position: number): number {
    const number = Math.trunc(value);
    return number >= least && number <= most ? number : fail('illegal_argument', position);
  }
}

/** What a value is, for an error: a text shows its start. */
export function describe(value: Value): string {
  return typeof value === 'string' ? `"${value.slice(0, 30)}"` : typeName(value);
}

/** What was given in place of a date: a text as it is, if there is something to see. */
export function describeDate(value: Value): string {
  return typeof value === 'string' && value.trim() !== '' ? value.slice(0, 40) : describe(value);
}
