import { ListRef, ObjectRef, type Value } from '../heap.ts';
import { fail, failIndex, type Host, type HostFunctions } from '../host.ts';
import { objectSize } from '../objects.ts';
import { Arguments, describe } from './arguments.ts';
import { withOtherNames } from './other-names.ts';
import { objectFunctions } from './record.ts';
import { tableFunctions } from './tables.ts';
import { compareValues, isEmptyValue, parseNumber, typeName } from './values.ts';

/** The longest list one call makes out of nothing. */
const rangeMax = 1_000_000;
/** Lists inside lists that FLATTEN follows. */
const flattenDepthMax = 64;

/** Lists; and objects, and lists of rows. What a name says is done to this list (PUSH, POP) changes it; the rest gives a new one. */
export function listFunctions(host: Host): HostFunctions {
  const { heap } = host;
  const args = new Arguments(host);
  /** The first or last item, or that many of them; of a text, its first or last word. */
  const end = (low: number, high: number, column: number, index: 0 | -1): void => {
    const value = heap.value(low, high);
    if (value instanceof ListRef) {
      const length = heap.listLength(value.at);
      const count = heap.textLength(column) < 10 && /^\d+$/.test(heap.text(column)) ? Number(heap.text(column)) : null;
      if (count !== null) {
        heap.charge(length >>> 6);
        const items = heap.listValues(value.at);
        return args.give(new ListRef(heap.makeListOf(index === 0 ? items.slice(0, count) : items.slice(-count || length))));
      }
      const item = length === 0 ? null : heap.valueAt(heap.itemAddress(value.at, index === 0 ? 0 : length - 1));
      args.give(heap.textLength(column) === 0 ? item : args.property(item, column));
    } else if (value === null || value instanceof ObjectRef) args.give(value);
    else args.give(args.textOf(value).trim().split(/\s+/).at(index) ?? '');
  };
  const listOf = (low: number, high: number, position: number): number =>
    heap.value(low, high) === null ? heap.makeList(0) : args.list(low, high, position);
  /** A place counted from 0, or from behind when negative, inside 0 to the length. */
  const place = (index: number, length: number): number =>
    Math.max(0, Math.min(length, index < 0 ? length + Math.trunc(index) : Math.trunc(index) || 0));
  const indexOf = (holder: Value, wanted: Value, position: number): number => {
    if (holder === null) return -1;
    if (typeof holder === 'string') return holder.indexOf(args.textOf(wanted));
    if (!(holder instanceof ListRef)) return fail('type_mismatch', position, describe(holder), 'a list');
    return heap.listValues(holder.at).findIndex((item) => compareValues(item, wanted) === 0);
  };
  const contains = (al?: number, ah?: number, bl?: number, bh?: number, position?: number): number => {
    const [holder, wanted] = [heap.value(al!, ah!), heap.value(bl!, bh!)];
    if (holder instanceof ObjectRef) return Number(args.has(holder.at, args.textOf(wanted)));
    return Number(indexOf(holder, wanted, position!) >= 0);
  };
  const remove = (cell: number, from: number): Value => {
    const length = heap.listLength(cell);
    const removed = heap.valueAt(heap.itemAddress(cell, from));
    heap.charge((length - from) >>> 6);
    heap.u8.copyWithin(heap.itemAddress(cell, from), heap.itemAddress(cell, from + 1), heap.itemAddress(cell, length));
    heap.setWord(cell + 4, length - 1);
    return removed;
  };
  const insert = (cell: number, at: number, low: number, high: number): void => {
    const length = heap.listLength(cell);
    heap.extendList(cell);
    heap.charge((length - at) >>> 6);
    heap.u8.copyWithin(heap.itemAddress(cell, at + 1), heap.itemAddress(cell, at), heap.itemAddress(cell, length));
    heap.setWordsAt(heap.itemAddress(cell, at), low, high);
  };

  return withOtherNames({
    'fn:UBOUND': (low, high, dimension, position) => {
      let value = heap.value(low!, high!);
      for (let level = args.whole(dimension!, 1, 60, position!); level > 1; level--) {
        const cell = value instanceof ListRef ? value.at : fail('type_mismatch', position!, describe(value), 'a list');
        if (heap.listLength(cell) === 0) return fail('subscript_out_of_range', position!);
        value = heap.valueAt(heap.itemAddress(cell, 0));
      }
      if (value === null) return 0;
      if (value instanceof ObjectRef) return objectSize(heap, value.at);
      if (!(value instanceof ListRef)) return fail('type_mismatch', position!, describe(value), 'a list');
      // What DIM made has a last index; a list has a number of items, and that is how scripts use it.
      return heap.listLength(value.at) - (heap.isFixed(value.at) ? 1 : 0);
    },
    'fn:LBOUND': () => 0,
    'fn:COUNT': (low, high) => {
      const value = heap.value(low!, high!);
      if (value instanceof ListRef) return heap.listLength(value.at);
      if (value instanceof ObjectRef) return objectSize(heap, value.at);
      return isEmptyValue(heap, value) ? 0 : 1;
    },
    'fn:ISNULL': (low, high) => Number(heap.value(low!, high!) === null),
    'fn:ISEMPTY': (low, high) => Number(isEmptyValue(heap, heap.value(low!, high!))),
    'fn:ISNUMERIC': (low, high) => {
      const value = heap.value(low!, high!);
      return Number(typeof value === 'number' || (typeof value === 'string' && parseNumber(value) !== null));
    },
    'fn:ISARRAY': (low, high) => Number(heap.value(low!, high!) instanceof ListRef),
    'fn:ISOBJECT': (low, high) => Number(heap.value(low!, high!) instanceof ObjectRef),
    'fn:ISTEXT': (low, high) => Number(typeof heap.value(low!, high!) === 'string'),
    'fn:ISNUMBER': (low, high) => Number(typeof heap.value(low!, high!) === 'number'),
    'fn:ISBOOLEAN': (low, high) => Number(typeof heap.value(low!, high!) === 'boolean'),
    'fn:TYPEOF': (low, high) => heap.makeText(typeName(heap.value(low!, high!))),
    'fn:NVL': (al, ah, bl, bh, cl, ch) => {
      const found = [heap.value(al!, ah!), heap.value(bl!, bh!)].find((value) => value !== null && value !== '');
      args.give(found ?? heap.value(cl!, ch!));
    },
    'fn:FIRST': (low, high, column) => end(low!, high!, column!, 0),
    'fn:LAST': (low, high, column) => end(low!, high!, column!, -1),
    'fn:APPEND': (ll, lh, il, ih, position) => {
      const from = listOf(ll!, lh!, position!);
      const length = heap.listLength(from);
      const result = args.copied(from, 0, length, 1);
      heap.setWordsAt(heap.itemAddress(result.at, length), il!, ih!);
      args.give(result);
    },
    'fn:CONCATENATE': (al, ah, bl, bh, position) =>
      args.giveList([...args.items(al!, ah!, position!), ...args.items(bl!, bh!, position!)]),
    'fn:PUSH': (ll, lh, il, ih, position) => {
      const cell = args.growing(ll!, lh!, position!);
      heap.setWordsAt(heap.extendList(cell), il!, ih!);
      args.give(new ListRef(cell));
    },
    'fn:POP': (low, high, position) => {
      const cell = args.growing(low!, high!, position!);
      const length = heap.listLength(cell);
      args.give(length === 0 ? null : remove(cell, length - 1));
    },
    'fn:SHIFT': (low, high, position) => {
      const cell = args.growing(low!, high!, position!);
      args.give(heap.listLength(cell) === 0 ? null : remove(cell, 0));
    },
    'fn:UNSHIFT': (ll, lh, il, ih, position) => {
      const cell = args.growing(ll!, lh!, position!);
      insert(cell, 0, il!, ih!);
      args.give(new ListRef(cell));
    },
    'fn:INSERT AT': (ll, lh, index, il, ih, position) => {
      const cell = args.growing(ll!, lh!, position!);
      insert(cell, place(index!, heap.listLength(cell)), il!, ih!);
      args.give(new ListRef(cell));
    },
    'fn:REMOVE': (ll, lh, il, ih, position) => {
      const [holder, what] = [heap.value(ll!, lh!), heap.value(il!, ih!)];
      if (holder instanceof ObjectRef) return args.give(args.removeKey(holder.at, args.textOf(what)));
      const cell = args.growing(ll!, lh!, position!);
      const index = Math.trunc(args.number(what, position!));
      const at = index < 0 ? heap.listLength(cell) + index : index;
      if (!(at >= 0 && at < heap.listLength(cell))) failIndex(host, index, heap.listLength(cell), position!);
      args.give(remove(cell, at));
    },
    'fn:SPLICE': (low, high, from, count, position) => {
      const cell = args.growing(low!, high!, position!);
      const length = heap.listLength(cell);
      const first = place(from!, length);
      const last = Number.isNaN(count) ? length : place(first + Math.max(0, Math.trunc(count!)), length);
      const removed = args.copied(cell, first, last);
      heap.charge((length - first) >>> 6);
      heap.u8.copyWithin(heap.itemAddress(cell, first), heap.itemAddress(cell, last), heap.itemAddress(cell, length));
      heap.setWord(cell + 4, length - (last - first));
      args.give(removed);
    },
    'fn:SORT': (low, high, direction, position) => {
      const values = args.items(low!, high!, position!);
      heap.charge(4 * values.length);
      const sign = args.isDescending(direction!, position!) ? -1 : 1;
      const indexes = [...values.keys()].sort((a, b) => orderOf(values[a]!, values[b]!, sign));
      args.give(args.picked(low!, indexes));
    },
    'fn:SHUFFLE': (low, high, position) => {
      const indexes = [...args.items(low!, high!, position!).keys()];
      args.give(args.picked(low!, args.shuffled(indexes)));
    },
    'fn:SLICE': (low, high, from, to) => {
      const value = heap.value(low!, high!);
      const text = value instanceof ListRef || value === null ? '' : args.textOf(value);
      const length = value instanceof ListRef ? heap.listLength(value.at) : text.length;
      const [first, last] = [place(from!, length), Number.isNaN(to) ? length : place(to!, length)];
      if (value instanceof ListRef) args.give(args.copied(value.at, first, last));
      else args.give(value === null ? null : text.slice(first, last));
    },
    'fn:TAKE': (low, high, count, position) => {
      const cell = listOf(low!, high!, position!);
      args.give(args.copied(cell, 0, place(Math.max(0, count!), heap.listLength(cell))));
    },
    'fn:SKIP': (low, high, count, position) => {
      const cell = listOf(low!, high!, position!);
      const length = heap.listLength(cell);
      args.give(args.copied(cell, place(Math.max(0, count!), length), length));
    },
    'fn:CHUNK': (low, high, size, position) => {
      const cell = listOf(low!, high!, position!);
      const length = heap.listLength(cell);
      const count = args.whole(size!, 1, 0x7fffffff, position!);
      const parts: Value[] = [];
      for (let from = 0; from < length; from += count) parts.push(args.copied(cell, from, Math.min(length, from + count)));
      args.giveList(parts);
    },
    'fn:INCLUDES': contains,
    'fn:INDEXOF': (al, ah, bl, bh, position) => indexOf(heap.value(al!, ah!), heap.value(bl!, bh!), position!),
    'fn:UNIQUE': (low, high, position) => {
      const seen = new Set<string>();
      const kept: number[] = [];
      args.items(low!, high!, position!).forEach((value, index) => {
        const key = args.identity(value, position!);
        if (!seen.has(key)) kept.push(index);
        seen.add(key);
      });
      args.give(args.picked(low!, kept));
    },
    'fn:FLATTEN': (low, high, position) => {
      const result: Value[] = [];
      const pending = args.items(low!, high!, position!).map((value) => ({ value, depth: 1 }));
      pending.reverse();
      for (let next = pending.pop(); next; next = pending.pop()) {
        const { value, depth } = next;
        if (!(value instanceof ListRef)) {
          result.push(value);
          continue;
        }
        // A list that contains itself would unfold for ever.
        if (depth >= flattenDepthMax) fail('illegal_argument', position!);
        const inner = heap.listValues(value.at);
        heap.charge(1 + inner.length);
        if (result.length + pending.length + inner.length > heap.limit / 8) fail('out_of_memory', position!);
        for (const item of inner.reverse()) pending.push({ value: item, depth: depth + 1 });
      }
      args.giveList(result);
    },
    'fn:RANGE': (from, to, step, position) => {
      if (step === 0 || Number.isNaN(from! + to! + step!)) fail('illegal_argument', position!);
      const count = Math.max(0, Math.floor((to! - from!) / step! + 1e-9) + 1);
      if (count > rangeMax) fail('out_of_memory', position!);
      const list = heap.makeList(count);
      for (let index = 0; index < count; index++) heap.setValueAt(heap.itemAddress(list, index), from! + index * step!);
      args.give(new ListRef(list));
    },
    ...objectFunctions(host),
    ...tableFunctions(host),
  });
}

/** Null sorts last either way; things without order keep their places. */
function orderOf(a: Value, b: Value, sign: 1 | -1): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const result = compareValues(a, b);
  return result === 2 ? 0 : result * sign;
}
