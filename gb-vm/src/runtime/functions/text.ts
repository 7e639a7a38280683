import { bufferData, kind, wideFlag } from '../../compiler/layout.ts';
import { type Heap, ListRef, ObjectRef, type Value } from '../heap.ts';
import { fail, type Host, type HostFunctions } from '../host.ts';
import { objectSize } from '../objects.ts';
import { classicNumber } from '../print/input.ts';
import { signedNumber } from '../print/numbers.ts';
import { Arguments } from './arguments.ts';
import { encodingFunctions } from './encoding.ts';
import { withOtherNames } from './other-names.ts';
import { patternFunctions } from './patterns.ts';
import { searchFunctions } from './search.ts';

/** The longest text of the classic interpreters. */
const classicTextMax = 255;
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

/** Everything on texts: parts, case, blanks, codes; and what searches, encodes and matches. */
export function textFunctions(host: Host): HostFunctions {
  const { heap } = host;
  const args = new Arguments(host);
  const isClassic = (): boolean => host.profile !== 'bot';
  const mapped =
    (change: (text: string) => string) =>
    (cell?: number): number =>
      heap.makeText(change(args.text(cell!)));
  const repeat = (text: string, count: number, position: number): number => {
    if (!(count >= 0) || (isClassic() && count > classicTextMax)) fail('illegal_argument', position);
    if (Math.max(1, text.length) * count > repeatMax) fail('out_of_memory', position);
    return heap.makeText(text.repeat(Math.trunc(count)));
  };
  const character = (code: number, position: number): string => {
    const most = isClassic() ? 255 : 0x10ffff;
    if (!(code >= 0 && code < most + 1)) fail('illegal_argument', position);
    return String.fromCodePoint(Math.trunc(code));
  };
  /** A text of at least this width: filled before or after with the padding, which may be cut. */
  const pad = (cell: number, width: number, padding: number, position: number, isBefore: boolean): number => {
    const text = args.text(cell);
    const fill = args.text(padding) || ' ';
    const size = args.whole(width, 0, repeatMax, position);
    return heap.makeText(isBefore ? text.padStart(size, fill) : text.padEnd(size, fill));
  };

  return withOtherNames({
    'fn:LEN': (low, high) => {
      const value = heap.value(low!, high!);
      if (value instanceof ListRef) return heap.listLength(value.at);
      if (value instanceof ObjectRef) return objectSize(heap, value.at);
      return args.textOf(value).length;
    },
    'fn:LEFT': (cell, count, position) => {
      if (isClassic() && !(count! >= 0)) fail('illegal_argument', position!);
      return slice(heap, cell!, 0, count!);
    },
    'fn:RIGHT': (cell, count, position) => {
      if (isClassic() && !(count! >= 0)) fail('illegal_argument', position!);
      const length = heap.textLength(cell!);
      return slice(heap, cell!, length - Math.max(0, Math.min(length, Math.trunc(count!))), length);
    },
    'fn:MID': (cell, start, count, position) => {
      // Rounded down as counts are; a start of 0.5 is no place.
      if (!(start! >= 1)) fail('illegal_argument', position!);
      return slice(heap, cell!, Math.trunc(start!) - 1, count! < 0 ? Number.MAX_SAFE_INTEGER : count!);
    },
    'fn:UCASE': mapped((text) => text.toUpperCase()),
    'fn:LCASE': mapped((text) => text.toLowerCase()),
    'fn:PROPER': mapped((text) =>
      text.toLowerCase().replace(/(^|[^\p{L}\p{N}'’])(\p{L})/gu, (_, before, letter) => before + letter.toUpperCase()),
    ),
    'fn:CAPITALIZE': mapped((text) => text.replace(/^\s*\S/u, (start) => start.toUpperCase())),
    'fn:TRIM': mapped((text) => text.trim()),
    'fn:LTRIM': mapped((text) => text.trimStart()),
    'fn:RTRIM': mapped((text) => text.trimEnd()),
    'fn:LPAD': (cell, width, padding, position) => pad(cell!, width!, padding!, position!, true),
    'fn:RPAD': (cell, width, padding, position) => pad(cell!, width!, padding!, position!, false),
    'fn:VAL': (low, high) => {
      const value = heap.value(low!, high!);
      if (typeof value === 'number') return value;
      const text = args.textOf(value);
      // &HFFFF is -1 in sixteen bits.
      const based = isClassic() ? /^[ \t]*&(?:H[0-9A-F]{1,4}|O?[0-7]{1,6})/i.exec(text) : null;
      return (based && classicNumber(based[0])) ?? numberAtStart(text);
    },
    // In the old dialects STR$ keeps the place of the sign: STR$(5) is " 5".
    'fn:STR': (low, high) => {
      const value = heap.value(low!, high!);
      return heap.makeText(typeof value === 'number' ? signedNumber(host.profile, value) : args.textOf(value));
    },
    'fn:CHR': (code, position) => heap.makeText(character(code!, position!)),
    'fn:ASC': (cell, position) =>
      heap.textLength(cell!) === 0 ? fail('illegal_argument', position!) : heap.text(slice(heap, cell!, 0, 2)).codePointAt(0)!,
    'fn:STRING': (count, low, high, position) => {
      const value = heap.value(low!, high!);
      const text = typeof value === 'number' ? character(value, position!) : args.textOf(value);
      if (text === '' && isClassic()) fail('illegal_argument', position!);
      return repeat([...text.slice(0, 2)][0] ?? '', count!, position!);
    },
    'fn:SPACE': (count, position) => repeat(' ', count!, position!),
    'fn:REPEAT': (cell, count, position) => repeat(args.text(cell!), count!, position!),
    'fn:REVERSE': (low, high) => {
      const value: Value = heap.value(low!, high!);
      if (value instanceof ListRef) args.giveList(heap.listValues(value.at).reverse());
      else args.give([...args.textOf(value)].reverse().join(''));
    },
    'fn:STRREVERSE': mapped((text) => [...text].reverse().join('')),
    'fn:ENTER': () => heap.makeText('\n'),
    'fn:TAB': () => heap.makeText('\t'),
    ...searchFunctions(host),
    ...encodingFunctions(host),
    ...patternFunctions(host),
  });
}

/**
 * The number at the start of a text; 0 when there is none. Blanks anywhere in it are passed over, `&H` and `&O` introduce
 * hexadecimal and octal digits, and `D` is an exponent as `E` is: so VAL has read numbers since the first interpreters.
 */
function numberAtStart(text: string): number {
  const start = text
    .slice(0, 1000)
    .replace(/[ \t\n]+/g, '')
    .slice(0, 400);
  const other = /^([+-]?)&(?:[hH]([0-9a-fA-F]+)|[oO]?([0-7]+))/.exec(start);
  if (other) return (other[1] === '-' ? -1 : 1) * (other[2] ? Number.parseInt(other[2], 16) : Number.parseInt(other[3]!, 8));
  const match = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?/.exec(start);
  return match ? Number(match[0].replace(/d/i, 'e')) : 0;
}
