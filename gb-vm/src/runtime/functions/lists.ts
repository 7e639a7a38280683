import { type Heap, ListRef, ObjectRef, type Value } from '../heap.ts';
import { fail, type Host, type HostFunctions, setResult } from '../host.ts';
import { objectKeys, objectSize } from '../objects.ts';
import { entryValue, fromJson, toJson } from './json.ts';
import { compareValues, parseNumber, toText, typeName } from './values.ts';

export function listFunctions(host: Host): HostFunctions {
  const { heap } = host;
  const list = (low: number, high: number, position: number): number => {
    const value = heap.value(low, high);
    return value instanceof ListRef ? value.at : fail('type_mismatch', position, typeName(value), 'a list');
  };
  /** The first or last item; of a text, its first or last word. */
  const end = (low: number, high: number, index: 0 | -1): void => {
    const value = heap.value(low, high);
    if (value instanceof ListRef) {
      const length = heap.listLength(value.at);
      setResult(host, length === 0 ? null : heap.valueAt(heap.itemAddress(value.at, index === 0 ? 0 : length - 1)));
    } else if (value === null || value instanceof ObjectRef) setResult(host, value);
    else setResult(host, toText(heap, value).trim().split(/\s+/).at(index) ?? '');
  };
  return {
    'fn:UBOUND': (low, high, position) => {
      const value = heap.value(low!, high!);
      return value === null
        ? -1
        : value instanceof ObjectRef
          ? objectSize(heap, value.at) - 1
          : heap.listLength(list(low!, high!, position!)) - 1;
    },
    'fn:LBOUND': () => 0,
    'fn:ISEMPTY': (low, high) => Number(isEmpty(heap, heap.value(low!, high!))),
    'fn:ISNUMERIC': (low, high) => {
      const value = heap.value(low!, high!);
      return Number(typeof value === 'number' || (typeof value === 'string' && parseNumber(value) !== null));
    },
    'fn:TYPEOF': (low, high) => heap.makeText(typeName(heap.value(low!, high!))),
    'fn:FIRST': (low, high) => end(low!, high!, 0),
    'fn:LAST': (low, high) => end(low!, high!, -1),
    'fn:APPEND': (ll, lh, il, ih, position) => {
      const value = heap.value(ll!, lh!);
      const from = value === null ? [] : heap.listValues(list(ll!, lh!, position!));
      const result = heap.makeListOf([...from, null]);
      heap.setWordsAt(heap.itemAddress(result, from.length), il!, ih!);
      setResult(host, new ListRef(result));
    },
    'fn:PUSH': (ll, lh, il, ih, position) => {
      const cell = list(ll!, lh!, position!);
      if (heap.isFixed(cell)) fail('subscript_out_of_range', position!);
      const slot = heap.extendList(cell);
      heap.setWordsAt(slot, il!, ih!);
      setResult(host, new ListRef(cell));
    },
    'fn:POP': (low, high, position) => {
      const cell = list(low!, high!, position!);
      const length = heap.listLength(cell);
      if (heap.isFixed(cell)) fail('subscript_out_of_range', position!);
      if (length === 0) return setResult(host, null);
      setResult(host, heap.valueAt(heap.itemAddress(cell, length - 1)));
      heap.setWord(cell + 4, length - 1);
    },
    'fn:SORT': (low, high, position) => {
      const values = heap.listValues(list(low!, high!, position!));
      heap.charge(values.length);
      setResult(host, new ListRef(heap.makeListOf(values.sort((a, b) => order(compareValues(a, b), a, b)))));
    },
    'fn:KEYS': (low, high, position) => {
      const value = heap.value(low!, high!);
      if (!(value instanceof ObjectRef)) return fail('type_mismatch', position!, typeName(value), 'object');
      setResult(host, new ListRef(heap.makeListOf(objectKeys(heap, value.at))));
    },
    'fn:VALUES': (low, high, position) => {
      const value = heap.value(low!, high!);
      if (!(value instanceof ObjectRef)) return fail('type_mismatch', position!, typeName(value), 'object');
      const count = objectSize(heap, value.at);
      setResult(
        host,
        new ListRef(heap.makeListOf(Array.from({ length: count }, (_, index) => entryValue(heap, value.at, index)))),
      );
    },
    'fn:JSON': (low, high, position) => heap.makeText(toJson(heap, heap.value(low!, high!), position!)),
    'fn:PARSE': (cell, position) => setResult(host, fromJson(heap, heap.text(cell!), position!)),
  };
}

/** Null sorts last; things without order keep their places. */
function order(result: number, a: Value, b: Value): number {
  if (result !== 2) return result;
  return a === null ? 1 : b === null ? -1 : 0;
}

function isEmpty(heap: Heap, value: Value): boolean {
  if (value instanceof ListRef) return heap.listLength(value.at) === 0;
  if (value instanceof ObjectRef) return objectSize(heap, value.at) === 0;
  return value === null || value === '';
}
