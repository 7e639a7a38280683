import type { ScriptFile } from 'gb-protocol';
import type { Diagnostic } from 'gb-vm/compiler';
import { useEffect, useRef, useState } from 'react';
import { useLocale } from '../i18n/index.ts';
import type { CompileAnswer, CompileRequest } from './compile-worker.ts';

const restMs = 150;

/** What the compiler has to say about the files, a breath after the last change. Answers to older texts are dropped. */
export function useDiagnostics(files: readonly ScriptFile[]): readonly Diagnostic[] {
  const locale = useLocale();
  const [diagnostics, setDiagnostics] = useState<readonly Diagnostic[]>([]);
  const worker = useRef<Worker | null>(null);
  const latestId = useRef(0);

  useEffect(() => {
    const started = new Worker(new URL('./compile-worker.ts', import.meta.url), { type: 'module', name: 'compiler' });
    started.onmessage = (event: MessageEvent<CompileAnswer>) => {
      if (event.data.id === latestId.current) setDiagnostics(event.data.diagnostics);
    };
    worker.current = started;
    return () => {
      started.terminate();
      worker.current = null;
    };
  }, []);

  useEffect(() => {
    const timer = setTimeout(() => {
      latestId.current += 1;
      worker.current?.postMessage({ id: latestId.current, files, locale } satisfies CompileRequest);
    }, restMs);
    return () => clearTimeout(timer);
  }, [files, locale]);

  return diagnostics;
}
