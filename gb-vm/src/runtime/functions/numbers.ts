import { header } from '../../compiler/layout.ts';
import { type Heap, ListRef } from '../heap.ts';
import { fail, type Host, type HostFunctions } from '../host.ts';
import { parseNumber } from './values.ts';

/** The seed spread over the four words of the generator (splitmix32), so that neighbouring seeds give unrelated numbers. */
export function seedRandom(heap: Heap, seed: number): void {
  let state = (Math.trunc(seed) ^ Math.trunc(seed / 4294967296)) >>> 0;
  for (let index = 0; index < 4; index++) {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    heap.setWord(header.random + 4 * index, (mixed ^ (mixed >>> 15)) >>> 0);
  }
}

/** xoshiro128**; its state is in the header and so in the snapshot. */
export function nextRandom(heap: Heap): number {
  const at = header.random >>> 2;
  const s = heap.u32;
  const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));
  const result = Math.imul(rotate(Math.imul(s[at + 1]!, 5), 7), 9) >>> 0;
  const t = s[at + 1]! << 9;
  s[at + 2] = s[at + 2]! ^ s[at]!;
  s[at + 3] = s[at + 3]! ^ s[at + 1]!;
  s[at + 1] = s[at + 1]! ^ s[at + 2]!;
  s[at] = s[at]! ^ s[at + 3]!;
  s[at + 2] = s[at + 2]! ^ t;
  s[at + 3] = rotate(s[at + 3]!, 11);
  return result / 4294967296;
}

/** Rounds to decimals, halves away from zero, on the decimal digits the number shows: 1.005 to two places is 1.01. */
export function roundTo(value: number, decimals: number): number {
  const places = Math.max(-20, Math.min(20, Math.trunc(decimals)));
  if (!Number.isFinite(value)) return value;
  const shifted = Number(`${Math.abs(value)}e${places}`);
  // A number already written with an exponent cannot be shifted in text; it has no decimals worth rounding or all of them.
  if (Number.isNaN(shifted)) return Math.abs(value) < 1 ? 0 : value;
  const rounded = Number(`${Math.round(shifted)}e${-places}`);
  return Math.sign(value) * (Number.isNaN(rounded) ? Math.abs(value) : rounded);
}

export function numberFunctions(host: Host): HostFunctions {
  const { heap } = host;
  const real = (value: number, position: number): number => (Number.isNaN(value) ? fail('illegal_argument', position) : value);
  const extreme = (low: number, high: number, position: number, pick: (...values: number[]) => number): number => {
    const value = heap.value(low, high);
    if (typeof value === 'number') return value;
    if (!(value instanceof ListRef)) return fail('type_mismatch', position, typeof value, 'a list of numbers');
    const numbers = heap
      .listValues(value.at)
      .map((item) => (typeof item === 'number' ? item : typeof item === 'string' ? parseNumber(item) : null));
    if (numbers.length === 0) return fail('illegal_argument', position);
    return numbers
      .map((item) => item ?? fail('type_mismatch', position, 'a list', 'a list of numbers'))
      .reduce((a, b) => pick(a, b));
  };
  return {
    'fn:ROUND': (value, decimals) => roundTo(value!, decimals!),
    'fn:SGN': (value) => Math.sign(value!),
    'fn:SIN': (value) => Math.sin(value!),
    'fn:COS': (value) => Math.cos(value!),
    'fn:TAN': (value) => Math.tan(value!),
    'fn:ATN': (value) => Math.atan(value!),
    'fn:EXP': (value) => Math.exp(value!),
    'fn:LOG': (value, position) => (value! > 0 ? Math.log(value!) : fail('illegal_argument', position!)),
    'fn:MIN': (low, high, position) => extreme(low!, high!, position!, Math.min),
    'fn:MAX': (low, high, position) => extreme(low!, high!, position!, Math.max),
    'fn:RND': () => nextRandom(heap),
    'fn:RANDOM': (from, to, position) => {
      if (Number.isNaN(from)) return nextRandom(heap);
      const [first, last] = Number.isNaN(to) ? [0, Math.trunc(from!) - 1] : [Math.ceil(from!), Math.floor(to!)];
      if (last! < first!) return fail('illegal_argument', position!);
      return real(first! + Math.floor(nextRandom(heap) * (last! - first! + 1)), position!);
    },
  };
}
