import { ListRef } from '../heap.ts';
import { fail, type Host, type HostFunctions } from '../host.ts';
import { Arguments } from './arguments.ts';
import { machineFunctions } from './machine.ts';
import { withOtherNames } from './other-names.ts';
import { lastRandom, nextRandom, seedRandom } from './random.ts';
import { statisticFunctions } from './statistics.ts';
import { isTruthy } from './values.ts';

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

/** Numbers: rounding, curves, conversions, chance; and what counts lists and asks about the machine. */
export function numberFunctions(host: Host): HostFunctions {
  const { heap } = host;
  const args = new Arguments(host);
  /** Outside its domain a function has no value. */
  const real = (value: number, position: number): number => (Number.isNaN(value) ? fail('illegal_argument', position) : value);
  const plain = (compute: (value: number) => number) => (value?: number, position?: number) => real(compute(value!), position!);
  const positive = (compute: (value: number) => number) => (value?: number, position?: number) =>
    value! > 0 ? compute(value!) : fail('illegal_argument', position!);
  const integer = (value: number, position: number): number => {
    const rounded = roundTo(value, 0);
    // The old interpreters kept such numbers in two bytes.
    if (host.profile === 'classic' && !(rounded >= -32768 && rounded <= 32767)) return fail('overflow', position);
    return real(rounded, position);
  };
  /** In other bases negative numbers show as the two or four bytes they are kept in. */
  const inBase = (value: number, base: number, position: number): number => {
    const number = roundTo(value, 0);
    if (!(number >= -2147483648 && number <= Number.MAX_SAFE_INTEGER)) return fail('illegal_argument', position);
    const size = host.profile === 'classic' && number >= -32768 ? 65536 : 4294967296;
    return heap.makeText((number < 0 ? number + size : number).toString(base).toUpperCase());
  };
  const random = (from: number, to: number, position: number): number => {
    const [first, last] = [Math.ceil(from), Math.floor(to)];
    return last >= first
      ? real(first + Math.floor(nextRandom(heap) * (last - first + 1)), position)
      : fail('illegal_argument', position);
  };
  return withOtherNames({
    'fn:ROUND': (value, decimals) => roundTo(value!, decimals!),
    // Compiled code has these of its own; here they are for their other names.
    'fn:CEIL': (value) => Math.ceil(value!),
    'fn:SGN': (value) => Math.sign(value!),
    'fn:SQR': (value, position) => (value! >= 0 ? Math.sqrt(value!) : fail('illegal_argument', position!)),
    'fn:CUBEROOT': (value) => Math.cbrt(value!),
    'fn:POW': (base, exponent, position) => real(base! ** exponent!, position!),
    'fn:MODULO': (value, divisor, position) => {
      if (divisor === 0) fail('division_by_zero', position!);
      return real(value! % divisor!, position!);
    },
    'fn:SIN': plain(Math.sin),
    'fn:COS': plain(Math.cos),
    'fn:TAN': plain(Math.tan),
    'fn:ATN': plain(Math.atan),
    'fn:ASIN': plain(Math.asin),
    'fn:ACOS': plain(Math.acos),
    'fn:ATAN2': (y, x, position) => real(Math.atan2(y!, x!), position!),
    'fn:SINH': plain(Math.sinh),
    'fn:COSH': plain(Math.cosh),
    'fn:TANH': plain(Math.tanh),
    'fn:EXP': plain(Math.exp),
    'fn:LOG': positive(Math.log),
    'fn:LOG10': positive(Math.log10),
    'fn:LOG2': positive(Math.log2),
    'fn:PI': () => Math.PI,
    'fn:DEGREES': (value) => (value! * 180) / Math.PI,
    'fn:RADIANS': (value) => (value! * Math.PI) / 180,
    'fn:CINT': (value, position) => integer(value!, position!),
    'fn:CLNG': (value, position) => real(roundTo(value!, 0), position!),
    'fn:CSNG': (value, position) => real(host.profile === 'classic' ? Math.fround(value!) : value!, position!),
    'fn:CDBL': (value) => value!,
    'fn:CBOOL': (low, high, position) => {
      const value = heap.value(low!, high!);
      const word = typeof value === 'string' ? value.trim().slice(0, 12).toLowerCase() : '';
      if (yes.has(word)) return 1;
      if (no.has(word)) return 0;
      return Number(typeof value === 'string' ? args.number(value, position!) !== 0 : isTruthy(heap, value));
    },
    'fn:HEX': (value, position) => inBase(value!, 16, position!),
    'fn:OCT': (value, position) => inBase(value!, 8, position!),
    'fn:BIN': (value, position) => inBase(value!, 2, position!),
    // As in every Microsoft BASIC: above zero the next number, zero the last one again, below zero a sequence of its own.
    'fn:RND': (value) => {
      if (value! > 0) return nextRandom(heap);
      if (value! === 0) return lastRandom(heap);
      seedRandom(heap, Math.trunc(value! * 65536) || value!);
      return nextRandom(heap);
    },
    'fn:RANDOM': (al, ah, bl, bh, position) => {
      const [from, to] = [heap.value(al!, ah!), heap.value(bl!, bh!)];
      if (from === null) return args.give(nextRandom(heap));
      if (from instanceof ListRef) {
        const length = heap.listLength(from.at);
        return args.give(length === 0 ? null : heap.valueAt(heap.itemAddress(from.at, random(0, length - 1, position!))));
      }
      const first = args.number(from, position!);
      if (to === null) return args.give(random(0, Math.trunc(first) - 1, position!));
      args.give(random(first, args.number(to, position!), position!));
    },
    ...statisticFunctions(host),
    ...machineFunctions(host),
  });
}

const yes = new Set(['true', 'yes', 'on', 'sim', 'verdadeiro', 's', 'y']);
const no = new Set(['', 'false', 'no', 'off', 'não', 'nao', 'falso', 'n']);
