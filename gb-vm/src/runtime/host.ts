import { header } from '../compiler/layout.ts';
import type { Profile } from '../compiler/profile.ts';
import { BasicError, type RuntimeErrorCode } from './errors.ts';
import type { Heap, Value } from './heap.ts';
import type { Printer } from './print/printer.ts';

/** A function that compiled code calls. Texts are addresses of their cells, variants two words, yes/no 0 or 1. */
// biome-ignore lint/suspicious/noConfusingVoidType: WebAssembly imports give back a number or nothing.
export type HostFunction = (...args: number[]) => number | void;
export type HostFunctions = Readonly<Record<string, HostFunction>>;

/** What host functions share: the heap, and the facts of the running turn. */
export interface Host {
  readonly heap: Heap;
  nowMs: number;
  locale: 'en' | 'pt-BR';
  /** What is added to UTC for dates and times of day. */
  utcOffsetMinutes: number;
  /** Of the running program. */
  profile: Profile;
  /** Where PRINT goes; it knows its column. A new one for each turn. */
  printer: Printer;
  /** Reports an exception the program goes on after, as ECMA-55 wants for overflow and division by zero. */
  warn(code: RuntimeErrorCode, position: number): void;
}

/** Gives a variant back: the compiled code reads it from the header. */
export function setResult(host: Host, value: Value): void {
  host.heap.setValueAt(header.result, value);
}

/** In the old dialects lists have elements that no program sees, and how many there are would mislead. */
export function failIndex(host: Host, index: number, count: number, position: number): never {
  if (host.profile !== 'bot' || Number.isNaN(index)) return fail('subscript_out_of_range', position);
  return fail('subscript_out_of_range', position, index, count);
}

export function fail(code: RuntimeErrorCode, position: number | null, ...args: readonly (string | number)[]): never {
  throw new BasicError(code, position, ...args);
}
