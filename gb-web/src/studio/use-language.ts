import type { ScriptFile } from 'gb-protocol';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useLocale } from '../i18n/index.ts';
import type { Answers, CompileAnswer, CompileRequest, Findings, Question } from './compile-worker.ts';

const restMs = 150;

/** Asks the compiler about texts; null when the page is being left before it answers. */
export type Ask = <Kind extends Question['kind']>(
  files: readonly ScriptFile[],
  question: Extract<Question, { kind: Kind }>,
) => Promise<Answers[Kind] | null>;

const none: Findings = { diagnostics: [], canRun: true };

/** What the compiler has to say about the files, a breath after the last change; answers to older texts are dropped. */
export function useLanguage(files: readonly ScriptFile[]): Findings & { readonly ask: Ask } {
  const locale = useLocale();
  const [findings, setFindings] = useState(none);
  const worker = useRef<Worker | null>(null);
  const waiting = useRef(new Map<number, (answer: CompileAnswer['answer'] | null) => void>());
  const latestId = useRef(0);

  useEffect(() => {
    const started = new Worker(new URL('./compile-worker.ts', import.meta.url), { type: 'module', name: 'compiler' });
    const asked = waiting.current;
    started.onmessage = ({ data: { id, answer } }: MessageEvent<CompileAnswer>) => {
      asked.get(id)?.(answer);
      asked.delete(id);
    };
    worker.current = started;
    return () => {
      started.terminate();
      worker.current = null;
      for (const resolve of asked.values()) resolve(null);
      asked.clear();
    };
  }, []);

  const ask = useCallback(
    (texts: readonly ScriptFile[], question: Question) =>
      new Promise<CompileAnswer['answer'] | null>((resolve) => {
        if (!worker.current) return resolve(null);
        latestId.current += 1;
        waiting.current.set(latestId.current, resolve);
        worker.current.postMessage({ id: latestId.current, files: texts, locale, question } satisfies CompileRequest);
      }),
    [locale],
  ) as Ask;

  useEffect(() => {
    let isCurrent = true;
    const timer = setTimeout(async () => {
      const found = await ask(files, { kind: 'diagnostics' });
      if (isCurrent && found) setFindings(found);
    }, restMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [files, ask]);

  return { ...findings, ask };
}
