import type { Locale, ScriptFile } from 'gb-protocol';
import { compile, type Diagnostic } from 'gb-vm/compiler';

/** The compiler beside the page: a long program is checked without a key press having to wait. */
export interface CompileRequest {
  readonly id: number;
  readonly files: readonly ScriptFile[];
  readonly locale: Locale;
}

export interface CompileAnswer {
  readonly id: number;
  readonly diagnostics: readonly Diagnostic[];
}

self.onmessage = (event: MessageEvent<CompileRequest>) => {
  const { id, files, locale } = event.data;
  const { diagnostics } = compile(files, { locale });
  self.postMessage({ id, diagnostics } satisfies CompileAnswer);
};
