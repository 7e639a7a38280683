import { bufferData, kind, wideFlag } from '../../compiler/layout.ts';
import { type Heap, ListRef, type Value } from '../heap.ts';
import { fail, type Host, type HostFunctions, setResult } from '../host.ts';
import { toText } from './values.ts';

/** Texts longer than this are not made by repetition in one call; the heap limit holds for the rest. */
const repeatMax = 1_000_000;

/** A part of a text, without going through a JavaScript string. A part from the start shares the buffer. */
export function slice(heap: Heap, cell: number, from: number, count: number): number {
  const length = heap.textLength(cell);
  const start = Math.max(0, Math.min(length, Math.trunc(from)));
  const size = Math.max(0, Math.min(length - start, Math.trunc(count)));
  if (size === 0) return heap.emptyText;
  if (size === length) return cell;
  const buffer = heap.word(cell + 8);
  if (start === 0) {
    const part = heap.alloc(16);
    heap.setWord(part, kind.string);
    heap.setWord(part + 4, size);
    heap.setWord(part + 8, buffer);
    return part;
  }
  const shift = heap.word(buffer) & wideFlag ? 1 : 0;
  const bytes = size << shift;
  if (bytes > 512) heap.charge(bytes >>> 6);
  const part = heap.alloc(16 + bufferData + bytes);
  heap.setWord(part, kind.string);
  heap.setWord(part + 4, size);
  heap.setWord(part + 8, part + 16);
  heap.setWord(part + 16, heap.word(buffer));
  heap.setWord(part + 20, bytes);
  heap.setWord(part + 24, bytes);
  const source = buffer + bufferData + (start << shift);
  heap.u8.copyWithin(part + 16 + bufferData, source, source + bytes);
  return part;
}

export function textFunctions(host: Host): HostFunctions {
  const { heap } = host;
  const read = (cell: number): string => {
    const length = heap.textLength(cell);
    if (length > 512) heap.charge(length >>> 6);
    return heap.text(cell);
  };
  const textOf = (low: number, high: number): string => toText(heap, heap.value(low, high));
  const mapped =
    (change: (text: string) => string) =>
    (cell?: number): number =>
      heap.makeText(change(read(cell!)));
  const repeat = (text: string, count: number, position: number): number => {
    if (!(count >= 0)) fail('illegal_argument', position);
    if (text.length * count > repeatMax) fail('out_of_memory', position);
    return heap.makeText(text.repeat(Math.trunc(count)));
  };
  /** A short text in many places of a long one makes gigabytes: the size is known before it is made. */
  const joined = (parts: readonly string[], separator: string, position: number | null = null): string => {
    const length = parts.reduce((sum, part) => sum + part.length, separator.length * Math.max(0, parts.length - 1));
    if (length > heap.limit) fail('out_of_memory', position);
    heap.charge(parts.length >>> 2);
    return parts.join(separator);
  };
  const upper = mapped((text) => text.toUpperCase());
  const lower = mapped((text) => text.toLowerCase());

  return {
    'fn:LEN': (low, high) => {
      const value = heap.value(low!, high!);
      if (value instanceof ListRef) return heap.listLength(value.at);
      if (value !== null && typeof value === 'object') return heap.word(value.at + 4);
      return toText(heap, value).length;
    },
    'fn:LEFT': (cell, count) => slice(heap, cell!, 0, count!),
    'fn:RIGHT': (cell, count) => {
      const length = heap.textLength(cell!);
      return slice(heap, cell!, length - Math.max(0, Math.min(length, Math.trunc(count!))), length);
    },
    'fn:MID': (cell, start, count, position) => {
      if (!(start! >= 1)) fail('illegal_argument', position!);
      return slice(heap, cell!, start! - 1, count! < 0 ? Number.MAX_SAFE_INTEGER : count!);
    },
    'fn:UCASE': upper,
    'fn:UPPER': upper,
    'fn:LCASE': lower,
    'fn:LOWER': lower,
    'fn:TRIM': mapped((text) => text.trim()),
    'fn:LTRIM': mapped((text) => text.trimStart()),
    'fn:RTRIM': mapped((text) => text.trimEnd()),
    'fn:INSTR': (al, ah, bl, bh, cl, ch) => {
      const third = heap.value(cl!, ch!);
      const hasStart = third !== null;
      const text = hasStart ? textOf(bl!, bh!) : textOf(al!, ah!);
      const part = hasStart ? toText(heap, third) : textOf(bl!, bh!);
      const from = hasStart ? Math.max(1, Number(textOf(al!, ah!)) || 1) : 1;
      heap.charge(text.length >>> 6);
      return text.indexOf(part, from - 1) + 1;
    },
    'fn:REPLACE': (text, old, fresh) => {
      const what = read(old!);
      if (what === '') return text!;
      const parts = read(text!).split(what);
      return heap.makeText(joined(parts, read(fresh!)));
    },
    'fn:SPLIT': (text, separator) => {
      const whole = read(text!);
      heap.charge(whole.length >>> 3);
      setResult(host, new ListRef(heap.makeListOf(whole === '' ? [] : whole.split(read(separator!)))));
    },
    'fn:JOIN': (low, high, separator, position) => {
      const value = heap.value(low!, high!);
      if (value === null) return heap.emptyText;
      if (!(value instanceof ListRef)) return fail('type_mismatch', position!, typeof value, 'a list');
      const parts = heap.listValues(value.at).map((item) => toText(heap, item));
      return heap.makeText(joined(parts, read(separator!), position!));
    },
    'fn:VAL': (low, high) => {
      const value = heap.value(low!, high!);
      if (typeof value === 'number') return value;
      const match = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/.exec(toText(heap, value).slice(0, 400));
      return match ? Number(match[0]) : 0;
    },
    'fn:CHR': (code, position) => {
      if (!(code! >= 0 && code! <= 0x10ffff)) fail('illegal_argument', position!);
      return heap.makeText(String.fromCodePoint(Math.trunc(code!)));
    },
    'fn:ASC': (cell, position) =>
      heap.textLength(cell!) === 0 ? fail('illegal_argument', position!) : heap.text(cell!).codePointAt(0)!,
    'fn:STRING': (count, low, high, position) => {
      const value = heap.value(low!, high!);
      const text =
        typeof value === 'number'
          ? String.fromCodePoint(Math.max(0, Math.min(0x10ffff, Math.trunc(value))))
          : toText(heap, value);
      return repeat([...text.slice(0, 2)][0] ?? '', count!, position!);
    },
    'fn:SPACE': (count, position) => repeat(' ', count!, position!),
    'fn:REPEAT': (cell, count, position) => repeat(read(cell!), count!, position!),
    'fn:REVERSE': (low, high) => {
      const value: Value = heap.value(low!, high!);
      if (value instanceof ListRef) setResult(host, new ListRef(heap.makeListOf(heap.listValues(value.at).reverse())));
      else setResult(host, [...toText(heap, value)].reverse().join(''));
    },
    'fn:STARTSWITH': (text, part) => Number(read(text!).startsWith(read(part!))),
    'fn:ENDSWITH': (text, part) => Number(read(text!).endsWith(read(part!))),
  };
}
