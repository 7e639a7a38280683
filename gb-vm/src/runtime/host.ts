import { header } from '../compiler/layout.ts';
import { BasicError, type RuntimeErrorCode } from './errors.ts';
import type { Heap, Value } from './heap.ts';

/** A function that compiled code calls. Texts are addresses of their cells, variants two words, yes/no 0 or 1. */
// biome-ignore lint/suspicious/noConfusingVoidType: WebAssembly imports give back a number or nothing.
export type HostFunction = (...args: number[]) => number | void;
export type HostFunctions = Readonly<Record<string, HostFunction>>;

/** What host functions share: the heap, and the facts of the running turn. */
export interface Host {
  readonly heap: Heap;
  nowMs: number;
  locale: 'en' | 'pt-BR';
}

/** Gives a variant back: the compiled code reads it from the header. */
export function setResult(host: Host, value: Value): void {
  host.heap.setValueAt(header.result, value);
}

export function fail(code: RuntimeErrorCode, position: number | null, ...args: readonly (string | number)[]): never {
  throw new BasicError(code, position, ...args);
}
