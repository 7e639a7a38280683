import type { DebugMap } from '../compiler/layout.ts';
import { BasicError, isCatchable, isErrorCode } from './errors.ts';
import { roundTo } from './functions/numbers.ts';
import { parseNumber, toText } from './functions/values.ts';
import { ListRef, ObjectRef, type Value } from './heap.ts';
import { fail, type Host, type HostFunctions, setResult } from './host.ts';
import { findProperty } from './objects.ts';
import { classicNumber } from './print/input.ts';

/** GOSUBs inside GOSUBs; a program that never RETURNs is stopped here rather than by its memory. */
const gosubDepthMax = 10_000;
/** Of what THROW says. An error is told to people and kept in logs. */
const messageCharactersMax = 1000;

/** What compiled code calls for jumps, DATA, errors, and arithmetic outside the range of numbers. */
export function controlFunctions(host: Host, program: () => DebugMap): HostFunctions {
  const { heap } = host;
  const classicLimits = (): boolean => host.profile !== 'bot';

  const nextItem = (pointer: number, position: number): readonly [text: string, isQuoted: boolean] => {
    const at = heap.f64[pointer >>> 3]!;
    const item = program().data?.[at];
    if (!item) return fail('out_of_data', position);
    heap.f64[pointer >>> 3] = at + 1;
    return item;
  };
  const numberOf = (pointer: number, position: number): number => {
    const [text, isQuoted] = nextItem(pointer, position);
    if (text.trim() === '' && !isQuoted && host.profile !== 'minimal') return 0;
    const number = isQuoted ? null : host.profile === 'classic' ? classicNumber(text) : parseNumber(text);
    if (number === null) return fail('data_not_a_number', position, text.slice(0, 40));
    return Number.isFinite(number) ? number : tooLarge(number, position);
  };
  const tooLarge = (value: number, position: number): number => {
    if (Number.isNaN(value)) return fail('illegal_argument', position);
    host.warn('overflow', position);
    return value > 0 ? Number.MAX_VALUE : -Number.MAX_VALUE;
  };

  return {
    gosub: (low, high, block, position) => {
      const held = heap.value(low!, high!);
      const list = held instanceof ListRef ? held.at : heap.makeList(0);
      if (heap.listLength(list) >= gosubDepthMax) fail('gosub_too_deep', position!);
      const slot = heap.extendList(list);
      heap.setValueAt(slot, block!);
      setResult(host, new ListRef(list));
    },
    gosubReturn: (low, high, position) => {
      const list = heap.value(low!, high!);
      const length = list instanceof ListRef ? heap.listLength(list.at) : 0;
      if (!(list instanceof ListRef) || length === 0) return classicLimits() ? fail('return_without_gosub', position!) : -1;
      const block = heap.valueAt(heap.itemAddress(list.at, length - 1));
      heap.setWord(list.at + 4, length - 1);
      return Number(block);
    },
    gosubDepth: (low, high) => {
      const list = heap.value(low!, high!);
      return list instanceof ListRef ? heap.listLength(list.at) : 0;
    },
    gosubCut: (low, high, depth) => {
      const list = heap.value(low!, high!);
      if (list instanceof ListRef && heap.listLength(list.at) > depth!) heap.setWord(list.at + 4, depth!);
    },
    onIndex: (value, count, position) => {
      const index = classicLimits() ? Math.floor(value! + 0.5) : Math.trunc(value!);
      if (host.profile === 'minimal' && !(index >= 1 && index <= count!)) fail('on_out_of_range', position!, index);
      if (host.profile === 'classic' && !(index >= 0 && index <= 255)) fail('illegal_argument', position!);
      return index;
    },
    nextWithoutFor: (position) => fail('next_without_for', position!),
    resumeWithoutError: (position) => fail('resume_without_error', position!),
    throw: (low, high, position) => {
      const value = heap.value(low!, high!);
      throw thrown(value, position!);
    },
    readNumber: (pointer, position) => numberOf(pointer!, position!),
    readText: (pointer, position) => heap.makeText(nextItem(pointer!, position!)[0]),
    readValue: (pointer, position) => {
      const [text, isQuoted] = nextItem(pointer!, position!);
      setResult(host, isQuoted ? text : (parseNumber(text) ?? text));
    },
    overflow: (value, position) => tooLarge(value!, position!),
    dividedByZero: (value, position) => {
      host.warn('division_by_zero', position!);
      return value! < 0 ? -Number.MAX_VALUE : Number.MAX_VALUE;
    },
    wholeDivision: (a, b, position) => {
      const divisor = roundTo(b!, 0);
      if (divisor !== 0) return Math.trunc(roundTo(a!, 0) / divisor);
      host.warn('division_by_zero', position!);
      return a! < 0 ? -Number.MAX_VALUE : Number.MAX_VALUE;
    },
    wholeRemainder: (a, b, position) => {
      const divisor = roundTo(b!, 0);
      if (divisor !== 0) return roundTo(a!, 0) % divisor;
      host.warn('division_by_zero', position!);
      return a! < 0 ? -Number.MAX_VALUE : Number.MAX_VALUE;
    },
    integer: (value, position) => {
      const whole = roundTo(value!, 0);
      return whole >= -32_768 && whole <= 32_767 ? whole : fail('overflow', position!);
    },
    power: (base, exponent, position) => {
      if (base === 0 && exponent! < 0) {
        if (!classicLimits()) return fail('division_by_zero', position ?? null);
        host.warn('zero_to_negative_power', position!);
        return Number.MAX_VALUE;
      }
      const result = base! ** exponent!;
      if (Number.isNaN(result) && !Number.isNaN(base!) && !Number.isNaN(exponent!))
        return fail('negative_to_fraction', position ?? null);
      return result;
    },
  };

  function thrown(value: Value, position: number): BasicError {
    if (value instanceof ObjectRef) {
      // An error caught earlier, thrown on: it stays what it was.
      const read = (name: string): string => {
        const at = findProperty(heap, value.at, heap.makeText(name));
        return at ? toText(heap, heap.valueAt(at)) : '';
      };
      const message = (read('message') || toText(heap, value)).slice(0, messageCharactersMax);
      const code = read('code');
      if (!isErrorCode(code) || !isCatchable(code))
        return new BasicError('thrown', position, message, Number(read('number')) || 0);
      const again = new BasicError(code, position);
      again.said = message;
      return again;
    }
    if (typeof value === 'number') return new BasicError('thrown_number', position, value);
    return new BasicError('thrown', position, toText(heap, value).slice(0, messageCharactersMax), 0);
  }
}
