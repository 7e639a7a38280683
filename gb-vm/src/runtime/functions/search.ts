import { ListRef, type Value } from '../heap.ts';
import { fail, type Host, type HostFunctions } from '../host.ts';
import { Arguments, describe } from './arguments.ts';
import { joinRows } from './joining.ts';

/** Finding, replacing, comparing, cutting and joining texts. */
export function searchFunctions(host: Host): HostFunctions {
  const { heap } = host;
  const args = new Arguments(host);
  /** Where a part begins, from 1; 0 when nowhere. A start beyond the text finds nothing, not even the empty text. */
  const place = (text: string, part: string, from: number): number => (from > text.length ? 0 : text.indexOf(part, from - 1) + 1);

  return {
    'fn:INSTR': (al, ah, bl, bh, cl, ch, position) => {
      const third = heap.value(cl!, ch!);
      const first = heap.value(al!, ah!);
      if (third === null) return place(args.textOf(first), args.textOf(heap.value(bl!, bh!)), 1);
      const start = args.number(first, position!);
      if (!(start >= 1)) fail('illegal_argument', position!);
      return place(args.textOf(heap.value(bl!, bh!)), args.textOf(third), Math.trunc(start));
    },
    'fn:INSTRREV': (cell, part, start, position) => {
      const text = args.text(cell!);
      if (start! === 0 || start! < -1) fail('illegal_argument', position!);
      const wanted = args.text(part!);
      const from = start! < 0 ? text.length : Math.min(text.length, Math.trunc(start!));
      if (wanted === '') return from;
      return from < wanted.length ? 0 : text.lastIndexOf(wanted, from - wanted.length) + 1;
    },
    'fn:REPLACE': (cell, old, fresh, start, count, ignoresCase, position) => {
      const what = args.text(old!);
      const whole = args.text(cell!);
      const from = args.whole(start!, 1, Number.MAX_SAFE_INTEGER, position!) - 1;
      const text = from > 0 ? whole.slice(from) : whole;
      if (what === '' || !text) return from > 0 ? heap.makeText(text) : cell!;
      const parts = cutAt(text, what, count! < 0 ? Number.POSITIVE_INFINITY : Math.trunc(count!), ignoresCase! !== 0);
      return heap.makeText(args.joined(parts, args.text(fresh!), position!));
    },
    'fn:STRCOMP': (a, b, mode) => {
      let [x, y] = [args.text(a!), args.text(b!)];
      if (mode! !== 0) [x, y] = [x.toLowerCase(), y.toLowerCase()];
      return x === y ? 0 : x < y ? -1 : 1;
    },
    'fn:SPLIT': (cell, separator, most, position) => {
      const text = args.text(cell!);
      const mark = args.text(separator!);
      const count = most! < 0 ? Number.POSITIVE_INFINITY : args.whole(most!, 1, 0x7fffffff, position!);
      if (text === '') return args.giveList([]);
      heap.charge(text.length >>> 3);
      const parts = mark === '' ? [...text] : cutAt(text, mark, count - 1, false);
      args.giveList(parts.length > count ? [...parts.slice(0, count - 1), parts.slice(count - 1).join(mark)] : parts);
    },
    'fn:JOIN': (ll, lh, sl, sh, key, position) => {
      const list = heap.value(ll!, lh!);
      const separator = heap.value(sl!, sh!);
      if (separator instanceof ListRef) return args.giveList(joinRows(args, list, separator, args.text(key!), position!));
      if (list === null) return args.give('');
      if (!(list instanceof ListRef)) return fail('type_mismatch', position!, describe(list), 'a list');
      const parts = heap.listValues(list.at).map((item) => args.textOf(item));
      args.give(args.joined(parts, separator === null ? ',' : args.textOf(separator), position!));
    },
    'fn:LINES': (cell) => {
      const text = args.text(cell!);
      heap.charge(text.length >>> 3);
      const lines = text.split(/\r\n|\r|\n/);
      // Files end their last line, too: what follows is no line.
      if (lines.at(-1) === '') lines.pop();
      args.giveList(lines);
    },
    'fn:WORDS': (cell) => {
      const text = args.text(cell!);
      heap.charge(text.length >>> 3);
      args.giveList(text.split(/\s+/).filter((word) => word !== '') satisfies Value[]);
    },
    'fn:CONCAT': (al, ah, bl, bh, cl, ch, position) => {
      const [a, b, c] = [heap.value(al!, ah!), heap.value(bl!, bh!), heap.value(cl!, ch!)];
      const parts = a instanceof ListRef && b === null && c === null ? heap.listValues(a.at) : [a, b, c];
      const texts = parts.map((part) => args.textOf(part));
      return heap.makeText(args.joined(texts, '', position!));
    },
    'fn:EXTRACT BEFORE': (cell, mark) => {
      const text = args.text(cell!);
      const at = text.indexOf(args.text(mark!));
      return at < 0 ? cell! : heap.makeText(text.slice(0, at));
    },
    'fn:EXTRACT AFTER': (cell, mark) => heap.makeText(after(args.text(cell!), args.text(mark!)) ?? ''),
    'fn:EXTRACT BETWEEN': (cell, start, end) => {
      const rest = after(args.text(cell!), args.text(start!)) ?? '';
      const at = rest.indexOf(args.text(end!));
      return heap.makeText(at < 0 ? '' : rest.slice(0, at));
    },
    'fn:STARTSWITH': (text, part) => Number(args.text(text!).startsWith(args.text(part!))),
    'fn:ENDSWITH': (text, part) => Number(args.text(text!).endsWith(args.text(part!))),
  };
}

function after(text: string, mark: string): string | null {
  const at = text.indexOf(mark);
  return at < 0 ? null : text.slice(at + mark.length);
}

/** The parts between at most so many occurrences of a mark. */
function cutAt(text: string, mark: string, most: number, ignoresCase: boolean): string[] {
  if (most === Number.POSITIVE_INFINITY && !ignoresCase) return text.split(mark);
  // Lower case may be longer than what it was made from; then places would not agree, and case counts after all.
  const lower = ignoresCase ? text.toLowerCase() : text;
  const isSame = lower.length === text.length;
  const [searched, wanted] = ignoresCase && isSame ? [lower, mark.toLowerCase()] : [text, mark];
  const parts: string[] = [];
  let from = 0;
  while (parts.length < most) {
    const at = searched.indexOf(wanted, from);
    if (at < 0) break;
    parts.push(text.slice(from, at));
    from = at + mark.length;
  }
  parts.push(text.slice(from));
  return parts;
}
