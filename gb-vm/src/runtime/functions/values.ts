import { parseNumber } from 'gb-utils';
import { fixedFlag, kind, numbersFlag, tag, trapCodes } from '../../compiler/layout.ts';
import { BasicError, ProgramEnded } from '../errors.ts';
import { type Heap, ListRef, ObjectRef, type Value } from '../heap.ts';
import { fail, failIndex, type Host, type HostFunctions, setResult } from '../host.ts';
import { findProperty, hashText, makeObject, objectKeys, objectSize, putProperty } from '../objects.ts';
import { toJson } from './json.ts';

/**
 * Numbers as people write them: no blank, no sign on zero, and fractions with 15 digits, which is what a number surely
 * holds: 0.1 + 0.2 is 0.3. Whole numbers are told in full.
 */
export function numberText(value: number): string {
  if (Number.isInteger(value) || !Number.isFinite(value)) return value === 0 ? '0' : String(value);
  return String(Number(value.toPrecision(15)));
}

export function toText(heap: Heap, value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null) return '';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return toJson(heap, value);
}

export { parseNumber };

export function typeName(value: Value): string {
  if (value === null) return 'null';
  if (value instanceof ListRef) return 'array';
  if (value instanceof ObjectRef) return 'object';
  return typeof value;
}

export function isTruthy(heap: Heap, value: Value): boolean {
  if (value instanceof ListRef) return heap.listLength(value.at) > 0;
  if (value instanceof ObjectRef) return true;
  return typeof value === 'number' ? value !== 0 : Boolean(value);
}

export function isEmptyValue(heap: Heap, value: Value): boolean {
  if (value instanceof ListRef) return heap.listLength(value.at) === 0;
  if (value instanceof ObjectRef) return objectSize(heap, value.at) === 0;
  return value === null || value === '';
}

/** How two values stand to each other; 2 means different and without order. */
export function compareValues(a: Value, b: Value): -1 | 0 | 1 | 2 {
  if (a === null || b === null) return a === b ? 0 : 2;
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : a < b ? -1 : 1;
  if (a instanceof ListRef || a instanceof ObjectRef || b instanceof ListRef || b instanceof ObjectRef) {
    return typeof a === 'object' && typeof b === 'object' && a.constructor === b.constructor && a.at === b.at ? 0 : 2;
  }
  const x = typeof a === 'string' ? parseNumber(a) : Number(a);
  const y = typeof b === 'string' ? parseNumber(b) : Number(b);
  if (x === null || y === null) {
    // A text that is no number beside a number: ordered as texts, so that sorting mixed lists works.
    const [left, right] = [String(a), String(b)];
    return left === right ? 0 : left < right ? -1 : 1;
  }
  return x === y ? 0 : x < y ? -1 : x > y ? 1 : 2;
}

export function valueFunctions(host: Host): HostFunctions {
  const { heap } = host;
  const number = (value: Value, position: number | null): number => {
    if (typeof value === 'number') return value;
    if (value === null) return 0;
    if (typeof value === 'boolean') return Number(value);
    const parsed = typeof value === 'string' ? parseNumber(value) : null;
    return (
      parsed ??
      fail('type_mismatch', position, typeof value === 'string' ? `"${value.slice(0, 30)}"` : typeName(value), 'a number')
    );
  };
  const contains = (item: Value, whole: Value): boolean => {
    if (typeof whole === 'string') return whole.includes(toText(heap, item));
    if (whole instanceof ListRef) return heap.listValues(whole.at).some((one) => compareValues(one, item) === 0);
    if (whole instanceof ObjectRef) return findProperty(heap, whole.at, heap.makeText(toText(heap, item))) !== 0;
    return false;
  };

  /** An element of a list by number, of an object by name, of a text by place from 0; what is not there is null, but a list has an end. */
  const getItem = (list: Value, index: Value, position: number): Value => {
    if (list === null) return null;
    if (list instanceof ListRef) {
      if (typeof index === 'string' && parseNumber(index) === null) return property(list, heap.makeText(index));
      const at = Math.trunc(number(index, position));
      const count = heap.listLength(list.at);
      if (!(at >= 0 && at < count)) failIndex(host, at, count, position);
      return heap.valueAt(heap.itemAddress(list.at, at));
    }
    if (list instanceof ObjectRef) return property(list, heap.makeText(toText(heap, index)));
    if (typeof list === 'string') return list[Math.trunc(number(index, position))] ?? null;
    return fail('type_mismatch', position, typeName(list), 'a list or object');
  };

  const property = (holder: Value, key: number): Value => {
    if (holder instanceof ObjectRef) {
      const at = findProperty(heap, holder.at, key);
      if (at) return heap.valueAt(at);
    }
    if (heap.text(key).toLowerCase() === 'length') {
      if (holder instanceof ListRef) return heap.listLength(holder.at);
      if (holder instanceof ObjectRef) return objectSize(heap, holder.at);
      if (typeof holder === 'string') return holder.length;
    }
    const row = holder instanceof ListRef ? firstRow(holder) : null;
    return row ? property(row, key) : null;
  };

  /** Rows that were found stand for their first one where a property is asked for: `IF user THEN TALK user.name`. */
  const firstRow = (list: ListRef): ObjectRef | null => {
    if (heap.listLength(list.at) === 0) return null;
    const first = heap.valueAt(heap.itemAddress(list.at, 0));
    return first instanceof ObjectRef ? first : null;
  };

  const newContainer = (wanted: number): Value =>
    wanted === kind.object ? new ObjectRef(makeObject(heap, 0)) : new ListRef(heap.makeList(0));

  /** Where an element is to be stored. A list made by DIM keeps its size; any other grows by what it is given, without large holes. */
  const slotFor = (list: Value, index: Value, position: number): number => {
    if (list instanceof ObjectRef) return putProperty(heap, list.at, heap.makeText(toText(heap, index)));
    if (!(list instanceof ListRef)) return fail('type_mismatch', position, typeName(list), 'a list or object');
    const row = typeof index === 'string' && parseNumber(index) === null ? firstRow(list) : null;
    if (row) return putProperty(heap, row.at, heap.makeText(index as string));
    const at = Math.trunc(number(index, position));
    const length = heap.listLength(list.at);
    if (at >= 0 && at < length) return heap.itemAddress(list.at, at);
    if (!(at >= 0) || heap.isFixed(list.at) || at > length + 10_000) failIndex(host, at, length, position);
    let slot = 0;
    for (let next = length; next <= at; next++) {
      slot = heap.extendList(list.at);
      heap.setWordsAt(slot, 0, tag.null);
    }
    return slot;
  };

  return {
    err: (code, position) => fail(trapCodes[code!] ?? 'internal', position!),
    end: () => {
      throw new ProgramEnded();
    },
    grow: (bytes) => heap.grow(bytes!),
    concat: (a, b) => heap.join(a!, b!),
    numberText: (value) => heap.makeText(numberText(value!)),
    text: (low, high) => (high! >>> 0 === tag.string ? low! : heap.makeText(toText(heap, heap.value(low!, high!)))),
    toNumber: (low, high, position) => number(heap.value(low!, high!), position!),
    truthy: (low, high) => Number(isTruthy(heap, heap.value(low!, high!))),
    textEqual: (a, b) => Number(heap.sameText(a!, b!)),
    textCompare: (a, b) => compareValues(heap.text(a!), heap.text(b!)),
    compare: (al, ah, bl, bh) => compareValues(heap.value(al!, ah!), heap.value(bl!, bh!)),
    hashText: (cell) => hashText(heap, cell!) | 0,
    power: (a, b) => a! ** b!,
    add: (al, ah, bl, bh, position) => {
      const a = heap.value(al!, ah!);
      const b = heap.value(bl!, bh!);
      if (typeof a === 'string' || typeof b === 'string') setResult(host, toText(heap, a) + toText(heap, b));
      else setResult(host, number(a, position!) + number(b, position!));
    },
    contains: (il, ih, wl, wh) => Number(contains(heap.value(il!, ih!), heap.value(wl!, wh!))),
    member: (low, high, key) => setResult(host, property(heap.value(low!, high!), key!)),
    getItem: (ll, lh, il, ih, position) => setResult(host, getItem(heap.value(ll!, lh!), heap.value(il!, ih!), position!)),
    setItem: (ll, lh, il, ih, vl, vh, position) => {
      // A text that is the name already is taken as it is: no copy, and found again by its address.
      if (lh! >>> 0 === tag.object && ih! >>> 0 === tag.string) return heap.setWordsAt(putProperty(heap, ll!, il!), vl!, vh!);
      const slot = slotFor(heap.value(ll!, lh!), heap.value(il!, ih!), position!);
      heap.setWordsAt(slot, vl!, vh!);
    },
    newArray: (length) => heap.makeList(length!),
    newObject: (capacity) => makeObject(heap, capacity!),
    putProperty: (object, key, low, high) => {
      const slot = putProperty(heap, object!, key!);
      heap.setWordsAt(slot, low!, high!);
    },
    newContainer: (wanted) => setResult(host, newContainer(wanted!)),
    childContainer: (ll, lh, il, ih, wanted, position) => {
      const list = heap.value(ll!, lh!);
      const index = heap.value(il!, ih!);
      const isMissing = list instanceof ListRef && typeof index === 'number' && index >= heap.listLength(list.at);
      const found = isMissing ? null : getItem(list, index, position!);
      if (found !== null) return setResult(host, found);
      const made = newContainer(wanted!);
      heap.setValueAt(slotFor(list, index, position!), made);
      setResult(host, made);
    },
    withObject: (low, high) => {
      const value = heap.value(low!, high!);
      setResult(host, value instanceof ObjectRef ? value : newContainer(kind.object));
    },
    iterable: (low, high, position) => {
      const value = heap.value(low!, high!);
      if (value instanceof ListRef) setResult(host, value);
      else if (value instanceof ObjectRef) setResult(host, new ListRef(heap.makeListOf(objectKeys(heap, value.at))));
      else if (value === null) setResult(host, new ListRef(heap.makeList(0)));
      else if (typeof value === 'string') setResult(host, new ListRef(heap.makeListOf([...value])));
      else fail('type_mismatch', position!, typeName(value), 'a list');
    },
    dim: (size, position) => dim(heap, size!, position!, fixedFlag | numbersFlag),
    dimNested: (sizes, isText, position) => {
      const counts = heap.listValues(sizes!).map(Number);
      const build = (level: number): number => {
        const list = dim(heap, counts[level]!, position!, fixedFlag);
        const length = heap.listLength(list);
        for (let index = 0; index < length; index++) {
          const slot = heap.itemAddress(list, index);
          if (level + 1 < counts.length) heap.setValueAt(slot, new ListRef(build(level + 1)));
          else if (isText) heap.setWordsAt(slot, heap.emptyText, tag.string);
        }
        return list;
      };
      return build(0);
    },
  };
}

/** An array from 0 to `size`, all zero. */
function dim(heap: Heap, size: number, position: number, flags: number): number {
  if (!(size >= 0)) fail('subscript_out_of_range', position);
  if (size > heap.limit / 8) throw new BasicError('out_of_memory', position);
  return heap.makeList(Math.trunc(size) + 1, flags);
}
