import { planOf } from 'gb-core';
import { compile } from '../compiler/index.ts';
import { createTurnEngine, programHash } from '../runtime/in-process.ts';
import { createMemoryOperations } from '../runtime/operations/index.ts';

/** A page that teaches: Markdown paragraphs, and programs among them. */
export interface Lesson {
  readonly locale: 'en' | 'pt-BR';
  readonly parts: readonly (string | Example)[];
}

export interface Example {
  readonly program: readonly string[];
  /** What is said when it runs, as a terminal shows it. A line that begins with `> ` is the person's answer. */
  readonly told: readonly string[];
}

export const example = (program: readonly string[], told: readonly string[]): Example => ({ program, told });

/** Blank lines stand before sections and between paragraphs only: Markdown needs none beside headings and programs. */
export function renderLesson({ parts }: Lesson, source: string): string {
  const lines = parts.flatMap((part, index) => {
    if (typeof part !== 'string') return ['```basic', ...part.program, '```', '```text', ...part.told, '```'];
    const before = parts[index - 1];
    const isAfterText = typeof before === 'string' && !before.startsWith('#');
    return part.startsWith('## ') || isAfterText ? ['', part] : [part];
  });
  return [
    `<!-- Made by tools/basic-docs.ts from gb-vm/src/manual/${source}. Change that file, not this page. -->`,
    ...lines,
    '',
  ].join('\n');
}

/** Any day would do; with another one the examples must say the same. */
const nowMs = Date.UTC(2026, 10, 23, 9);

/**
 * Runs an example with the answers it tells of and gives back what really happens, in the form of `told`. A program that does
 * not compile without a word, or fails, is one more line.
 */
export async function runLesson({ program: lines, told }: Example, locale: Lesson['locale']): Promise<readonly string[]> {
  const { program, diagnostics } = compile([{ name: 'start.bas', text: lines.join('\n') }], { locale });
  const shown = diagnostics.map(({ code, line }) => `${code} in line ${line}`);
  if (!program) return shown;
  const engine = createTurnEngine();
  const loaded = engine.load({ ...program, hash: await programHash(program.wasm, program.debugMap) });
  const operations = createMemoryOperations({ locale, nowMs: () => nowMs });
  const answers = told.filter((line) => line.startsWith('> ')).map((line) => line.slice(2));
  let snapshot: Uint8Array | null = null;
  let answer: string | null = null;
  do {
    const turn = engine.runTurn(loaded, {
      customerId: 'manual',
      snapshot,
      answer,
      nowMs,
      seed: 1,
      locale,
      variables: {},
      limits: { ...planOf('free').turn, wallMsMax: 600_000 },
      operations,
    });
    for (const { text, suggestions } of turn.replies) {
      if (text !== '') shown.push(...text.split('\n'));
      if (suggestions) shown.push(`[${suggestions.join(' | ')}]`);
    }
    if (turn.error) shown.push(turn.error.message);
    snapshot = turn.snapshot;
    answer = answers.shift() ?? null;
    if (snapshot) shown.push(answer === null ? 'waits for an answer' : `> ${answer}`);
    else if (answer !== null) shown.push(`does not wait for ${answer}`);
  } while (snapshot && answer !== null);
  return shown;
}
