import type { Locale, ScriptFile } from 'gb-protocol';
import { compile, type Diagnostic, language } from 'gb-vm/compiler';

/** The compiler beside the page: a long program is read without a key press having to wait. */
export interface CompileRequest {
  readonly id: number;
  readonly files: readonly ScriptFile[];
  readonly locale: Locale;
  readonly question: Question;
}

export type Question =
  | { readonly kind: 'diagnostics' }
  | { readonly kind: 'completions'; readonly file: string; readonly offset: number }
  | { readonly kind: 'hover'; readonly file: string; readonly offset: number }
  | { readonly kind: 'format'; readonly file: string };

export interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  /** What runs when the bot starts can be compiled, whatever is wrong with scripts beside it. */
  readonly canRun: boolean;
}

/** What is answered to each kind of question. */
export interface Answers {
  readonly diagnostics: Findings;
  readonly completions: language.CompletionList;
  readonly hover: language.Hover | null;
  readonly format: readonly language.LineEdit[];
}

export interface CompileAnswer {
  readonly id: number;
  readonly answer: Answers[keyof Answers];
}

/** Scripts that did not change since the last question are not read again. */
let last: language.Analysis | null = null;

self.onmessage = (event: MessageEvent<CompileRequest>) => {
  const { id, files, locale, question } = event.data;
  last = new language.Analysis(files, locale, last);
  const answer = answerTo(question, last, files, locale);
  self.postMessage({ id, answer } satisfies CompileAnswer);
};

function answerTo(
  question: Question,
  analysis: language.Analysis,
  files: readonly ScriptFile[],
  locale: Locale,
): CompileAnswer['answer'] {
  switch (question.kind) {
    case 'completions':
      return language.completions(analysis, question.file, question.offset);
    case 'hover':
      return language.hover(analysis, question.file, question.offset);
    case 'format':
      return language.formatEdits(analysis, question.file);
    default: {
      const { program, diagnostics } = compile(files, { locale });
      return { diagnostics: distinct([...diagnostics, ...language.diagnostics(analysis)]), canRun: program !== null };
    }
  }
}

function distinct(found: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(found.map((one) => [`${one.file}\n${one.offset}\n${one.code}`, one])).values()];
}
