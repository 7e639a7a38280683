import { type Heap, ListRef, ObjectRef, type Value } from '../heap.ts';
import { fail } from '../host.ts';
import { appendProperty, makeObject, objectKeys, valueAddressAt } from '../objects.ts';

/** Plain data, as it travels between a program and what its host does for it. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };

const depthMax = 64;

/** A value as JSON text. Something that contains itself is refused rather than followed. */
export function toJson(heap: Heap, value: Value, position: number | null = null): string {
  return JSON.stringify(toPlain(heap, value, position));
}

/** A value as plain data. Objects have no prototype, so that a property of any name is only data. */
export function toPlain(heap: Heap, value: Value, position: number | null = null): JsonValue {
  return plain(heap, value, position, 0);
}

function plain(heap: Heap, value: Value, position: number | null, depth: number): JsonValue {
  if (!(value instanceof ListRef || value instanceof ObjectRef))
    return typeof value === 'number' && !Number.isFinite(value) ? null : value;
  if (depth >= depthMax) fail('illegal_argument', position);
  heap.charge(16);
  if (value instanceof ListRef) return heap.listValues(value.at).map((item) => plain(heap, item, position, depth + 1));
  const names = objectKeys(heap, value.at);
  const result: Record<string, JsonValue> = Object.create(null);
  names.forEach((name, index) => {
    result[name] = plain(heap, entryValue(heap, value.at, index), position, depth + 1);
  });
  return result;
}

export function entryValue(heap: Heap, object: number, index: number): Value {
  return heap.valueAt(valueAddressAt(heap, object, index));
}

export function fromJson(heap: Heap, text: string, position: number): Value {
  heap.charge(text.length >>> 4);
  let parsed: JsonValue;
  try {
    parsed = JSON.parse(text);
  } catch {
    return fail('invalid_json', position);
  }
  return fromPlain(heap, parsed, position);
}

/** Plain data as a value of the program. What is nested too deeply is refused. */
export function fromPlain(heap: Heap, value: JsonValue, position: number): Value {
  return make(heap, value, position, 0, new Map());
}

/** `keys` are the names made so far: rows share theirs. */
function make(heap: Heap, value: JsonValue, position: number, depth: number, keys: Map<string, number>): Value {
  if (value === null || typeof value !== 'object') return value;
  if (depth >= depthMax) fail('illegal_argument', position);
  if (Array.isArray(value)) {
    const list = heap.makeList(value.length);
    value.forEach((item: JsonValue, index) => {
      const made = make(heap, item, position, depth + 1, keys);
      heap.setValueAt(heap.itemAddress(list, index), made);
    });
    return new ListRef(list);
  }
  const entries = Object.entries(value);
  const object = makeObject(heap, entries.length);
  for (const [name, item] of entries) {
    const made = make(heap, item, position, depth + 1, keys);
    let key = keys.get(name);
    if (key === undefined) keys.set(name, (key = heap.makeText(name)));
    heap.setValueAt(appendProperty(heap, object, key), made);
  }
  return new ObjectRef(object);
}
