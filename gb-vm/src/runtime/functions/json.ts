import { type Heap, ListRef, ObjectRef, type Value } from '../heap.ts';
import { fail } from '../host.ts';
import { makeObject, objectKeys, setProperty } from '../objects.ts';

const depthMax = 64;

/** A value as JSON text. Something that contains itself is refused rather than followed. */
export function toJson(heap: Heap, value: Value, position: number | null = null): string {
  return JSON.stringify(plain(heap, value, position, 0));
}

type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain };

function plain(heap: Heap, value: Value, position: number | null, depth: number): Plain {
  if (!(value instanceof ListRef || value instanceof ObjectRef))
    return typeof value === 'number' && !Number.isFinite(value) ? null : value;
  if (depth >= depthMax) fail('illegal_argument', position);
  heap.charge(16);
  if (value instanceof ListRef) return heap.listValues(value.at).map((item) => plain(heap, item, position, depth + 1));
  const names = objectKeys(heap, value.at);
  const result: { [key: string]: Plain } = Object.create(null);
  names.forEach((name, index) => {
    result[name] = plain(heap, entryValue(heap, value.at, index), position, depth + 1);
  });
  return result;
}

export function entryValue(heap: Heap, object: number, index: number): Value {
  return heap.valueAt(heap.word(object + 8) + 8 + 16 * index + 8);
}

export function fromJson(heap: Heap, text: string, position: number): Value {
  heap.charge(text.length >>> 4);
  let parsed: Plain;
  try {
    parsed = JSON.parse(text);
  } catch {
    return fail('invalid_json', position);
  }
  return make(heap, parsed, position, 0);
}

function make(heap: Heap, value: Plain, position: number, depth: number): Value {
  if (value === null || typeof value !== 'object') return value;
  if (depth >= depthMax) fail('illegal_argument', position);
  if (Array.isArray(value)) {
    const list = heap.makeList(value.length);
    value.forEach((item, index) => {
      const made = make(heap, item, position, depth + 1);
      heap.setValueAt(heap.itemAddress(list, index), made);
    });
    return new ListRef(list);
  }
  const entries = Object.entries(value);
  const object = makeObject(heap, entries.length);
  for (const [name, item] of entries) setProperty(heap, object, name, make(heap, item, position, depth + 1));
  return new ObjectRef(object);
}
