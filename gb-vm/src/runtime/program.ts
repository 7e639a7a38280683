import type { CompiledProgram } from 'gb-core';
import { type CompileOptions, compile, type Diagnostic, type SourceText } from '../compiler/index.ts';
import { abiVersion } from '../compiler/layout.ts';

/**
 * Compiles scripts and gives the result its name: the sha-256 of the ABI version, the bytes and the debug map. The map
 * is part of it because two programs may differ only in the lines their errors name.
 */
export async function prepareProgram(
  files: readonly SourceText[],
  options: CompileOptions = {},
): Promise<{ program: CompiledProgram | null; diagnostics: readonly Diagnostic[] }> {
  const { program, diagnostics } = compile(files, options);
  if (!program) return { program: null, diagnostics };
  return { program: { ...program, hash: await programHash(program.wasm, program.debugMap) }, diagnostics };
}

export async function programHash(wasm: Uint8Array, debugMap: string): Promise<string> {
  const head = new TextEncoder().encode(`gb-vm ${abiVersion}\n${wasm.length}\n`);
  const map = new TextEncoder().encode(debugMap);
  const bytes = new Uint8Array(head.length + wasm.length + map.length);
  bytes.set(head);
  bytes.set(wasm, head.length);
  bytes.set(map, head.length + wasm.length);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
