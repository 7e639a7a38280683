import { fail, type Host, type HostFunctions } from '../host.ts';
import { Arguments, describe } from './arguments.ts';
import { type Captures, compilePattern, findMatch, type Pattern } from './regex.ts';

const keptMax = 32;

/** Regular expressions. Flags: i any case, m lines, s dot takes line ends. */
export function patternFunctions(host: Host): HostFunctions {
  const { heap } = host;
  const args = new Arguments(host);
  const charge = (steps: number): void => heap.charge(steps);
  // A script matches the same few patterns in a loop. Nothing of a turn is kept but what it wrote as a pattern, and
  // what a pattern means does not depend on who asks.
  const kept = new Map<string, Pattern>();
  const pattern = (cell: number, flags: number, position: number): Pattern => {
    const source = heap.textLength(cell) > 2000 ? fail('illegal_argument', position) : heap.text(cell);
    const letters = heap.textLength(flags) > 10 ? fail('illegal_argument', position) : heap.text(flags);
    const key = `${letters}/${source}`;
    // Charged whether it is kept or not: what a turn costs must not depend on who ran before it.
    heap.charge(100);
    let found = kept.get(key);
    if (!found) {
      found = compilePattern(source, letters) ?? fail('type_mismatch', position, describe(source), 'a pattern');
      if (kept.size >= keptMax) kept.clear();
      kept.set(key, found);
    }
    return found;
  };
  const part = (text: string, captures: Captures, group: number): string | null => {
    const [from, to] = [captures[2 * group] ?? -1, captures[2 * group + 1] ?? -1];
    return from < 0 || to < 0 ? null : text.slice(from, to);
  };
  /** Matches one after the other; after an empty one the search goes on a character further. */
  const matches = function* (wanted: Pattern, text: string): Generator<Captures> {
    for (let from = 0; from <= text.length; ) {
      const found = findMatch(wanted, text, from, charge);
      if (!found) return;
      yield found;
      from = found[1]! > found[0]! ? found[1]! : found[1]! + (text.codePointAt(found[1]!)! > 0xffff ? 2 : 1);
    }
  };

  return {
    'fn:REGEX TEST': (cell, wanted, flags, position) =>
      Number(findMatch(pattern(wanted!, flags!, position!), args.text(cell!), 0, charge) !== null),
    'fn:REGEX MATCH': (cell, wanted, flags, position) => {
      const text = args.text(cell!);
      const compiled = pattern(wanted!, flags!, position!);
      const found = findMatch(compiled, text, 0, charge);
      if (!found) return args.give(null);
      args.giveList(Array.from({ length: compiled.groups }, (_, group) => part(text, found, group)));
    },
    'fn:REGEX ALL': (cell, wanted, flags, position) => {
      const text = args.text(cell!);
      args.giveList(Array.from(matches(pattern(wanted!, flags!, position!), text), (found) => part(text, found, 0)));
    },
    'fn:REGEX REPLACE': (cell, wanted, fresh, flags, position) => {
      const text = args.text(cell!);
      const template = args.text(fresh!);
      const parts: string[] = [];
      let from = 0;
      let length = 0;
      const put = (one: string): void => {
        length += one.length;
        args.room(length > heap.limit ? length : one.length, position!);
        parts.push(one);
      };
      for (const found of matches(pattern(wanted!, flags!, position!), text)) {
        put(text.slice(from, found[0]!));
        put(
          template.replace(/\$(\$|&|\d{1,2})/g, (whole, name: string) =>
            name === '$'
              ? '$'
              : name === '&'
                ? (part(text, found, 0) ?? '')
                : 2 * Number(name) < found.length
                  ? (part(text, found, Number(name)) ?? '')
                  : whole,
          ),
        );
        from = found[1]!;
      }
      if (from === 0 && parts.length === 0) return cell!;
      put(text.slice(from));
      return heap.makeText(parts.join(''));
    },
    'fn:REGEX SPLIT': (cell, wanted, flags, position) => {
      const text = args.text(cell!);
      const parts: string[] = [];
      let from = 0;
      for (const found of matches(pattern(wanted!, flags!, position!), text)) {
        if (found[1] === found[0]) continue; // Between characters there is nothing to cut out.
        parts.push(text.slice(from, found[0]!));
        from = found[1]!;
      }
      args.giveList([...parts, text.slice(from)]);
    },
  };
}
