import { kind, numbersFlag } from '../compiler/layout.ts';
import { numberText } from '../runtime/functions/values.ts';
import { type Heap, ListRef, ObjectRef, type Value } from '../runtime/heap.ts';
import type { JsonValue } from '../runtime/in-process.ts';
import { keyCellAt, objectSize, valueAddressAt } from '../runtime/objects.ts';

export type ValueType = 'number' | 'text' | 'boolean' | 'nothing' | 'list' | 'object';

/** A value as a person reads it. What is inside a list or an object is asked for piece by piece. */
export interface Shown {
  readonly type: ValueType;
  /** In one line, at most some hundred characters. */
  readonly text: string;
  /** Items or properties inside. */
  readonly count: number;
  /** What `inside` takes; null when there is nothing in it. */
  readonly inside: Inside | null;
}

export interface Named extends Shown {
  /** Of a variable or a property; the index of an item. */
  readonly name: string;
}

/** A list or an object: in the memory of the program, as it was at one stop, or a copy that an expression gave. */
export type Inside =
  | { readonly ref: ListRef | ObjectRef; readonly moment: number }
  | { readonly copy: readonly JsonValue[] | { readonly [name: string]: JsonValue } };

const previewMax = 200;
const previewItemsMax = 8;

export function show(heap: Heap, value: Value, moment: number): Shown {
  if (!(value instanceof ListRef || value instanceof ObjectRef)) return showScalar(value);
  const count = value instanceof ListRef ? heap.listLength(value.at) : objectSize(heap, value.at);
  return {
    type: value instanceof ListRef ? 'list' : 'object',
    text: preview(heap, value, 0),
    count,
    inside: count > 0 ? { ref: value, moment } : null,
  };
}

/** A copy that came out of an expression. */
export function showCopy(value: JsonValue): Shown {
  if (typeof value !== 'object' || value === null) return showScalar(value);
  const count = Array.isArray(value) ? value.length : Object.keys(value).length;
  return {
    type: Array.isArray(value) ? 'list' : 'object',
    text: cut(JSON.stringify(value), previewMax),
    count,
    inside: count > 0 ? { copy: value } : null,
  };
}

function showScalar(value: number | string | boolean | null): Shown {
  const type = value === null ? 'nothing' : typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : 'boolean';
  return { type, text: scalarText(value, previewMax), count: 0, inside: null };
}

/** The items from `from` on, at most `count` of them. */
export function* inside(
  heap: Heap,
  what: Inside,
  from: number,
  count: number,
): Generator<readonly [name: string, value: Value | JsonValue]> {
  if ('copy' in what) {
    const entries = Array.isArray(what.copy) ? [...what.copy.entries()] : Object.entries(what.copy);
    for (const [name, value] of entries.slice(from, from + count)) yield [String(name), value];
    return;
  }
  const { at } = what.ref;
  const end = Math.min(from + count, what.ref instanceof ListRef ? heap.listLength(at) : objectSize(heap, at));
  for (let index = from; index < end; index++)
    yield what.ref instanceof ListRef
      ? [String(index), heap.valueAt(heap.itemAddress(at, index))]
      : [propertyName(heap, at, index), heap.valueAt(valueAddressAt(heap, at, index))];
}

export function propertyName(heap: Heap, object: number, index: number): string {
  return heap.text(keyCellAt(heap, object, index));
}

/** Compiled code proved that only numbers are in it, and reads it without looking. */
export function holdsNumbersOnly(heap: Heap, list: ListRef): boolean {
  return (heap.word(list.at) & (numbersFlag | 0xff)) === (kind.array | numbersFlag);
}

/** Of the values of a list or an object, the first few; nested ones by their size alone. */
function preview(heap: Heap, value: ListRef | ObjectRef, depth: number): string {
  const isList = value instanceof ListRef;
  const count = isList ? heap.listLength(value.at) : objectSize(heap, value.at);
  if (depth > 1) return isList ? `[… ${count}]` : '{…}';
  const parts = [...inside(heap, { ref: value, moment: 0 }, 0, previewItemsMax)].map(([name, item]) => {
    const text =
      item instanceof ListRef || item instanceof ObjectRef ? preview(heap, item, depth + 1) : scalarText(item as string, 40);
    return isList ? text : `${name}: ${text}`;
  });
  const more = count > parts.length ? ', …' : '';
  return cut(isList ? `[${parts.join(', ')}${more}]` : `{${parts.join(', ')}${more}}`, previewMax);
}

function scalarText(value: number | string | boolean | null, charactersMax: number): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return `"${cut(value.replaceAll('"', '""'), charactersMax)}"`;
  return typeof value === 'number' ? numberText(value) : String(value).toUpperCase();
}

const cut = (text: string, charactersMax: number): string =>
  text.length > charactersMax ? `${text.slice(0, charactersMax - 1)}…` : text;
