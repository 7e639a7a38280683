import { lineNumberAt } from './classic/lines.ts';
import { type MessageCode, messages } from './messages.ts';
import type { Profile } from './profile.ts';
import { LineIndex, type SourceFile, type Span } from './source.ts';

export type Locale = 'en' | 'pt-BR';

/** One thing to tell the author, with the exact stretch of source it is about. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** Stable, like `missing_end_if`. */
  readonly code: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly offset: number;
  readonly endOffset: number;
  /** The number at the start of the line, in the profiles whose lines have one. */
  readonly lineNumber?: number;
  readonly message: string;
  readonly hint?: string;
}

/** More than this nobody reads; a file of noise must not cost memory for each of its characters. */
const diagnosticsMax = 100;
const warningsMax = 50;

/**
 * Collects diagnostics and keeps out the echoes: a second error that starts inside the stretch of an earlier one, or
 * on the same line of the same file within one phase, is nearly always the first one seen again.
 */
export class DiagnosticBag {
  readonly #files: SourceFile[];
  readonly locale: Locale;
  readonly profile: Profile;
  readonly #lines = new Map<number, LineIndex>();
  readonly #errorLines = new Set<string>();
  readonly #found: { span: Span; diagnostic: Diagnostic }[] = [];
  #warnings = 0;

  constructor(files: SourceFile[], locale: Locale, profile: Profile = 'bot') {
    this.profile = profile;
    this.#files = files;
    this.locale = locale;
  }

  get hasErrors(): boolean {
    return this.#found.some(({ diagnostic }) => diagnostic.severity === 'error');
  }

  /** No more errors are taken; warnings have a share of their own, so that they never keep an error out. */
  get isFull(): boolean {
    return this.#errorLines.size >= diagnosticsMax;
  }

  /** Whether an error there would be taken; what only goes into its sentence may be costly to find out. */
  wants(span: Span): boolean {
    return !this.isFull && !this.#errorLines.has(`${span.file}:${this.place(span.file, span.start).line}`);
  }

  report(code: MessageCode, span: Span, ...args: readonly (string | number)[]): void {
    const entry = messages[code];
    if (entry.severity === 'error' ? this.isFull : ++this.#warnings > warningsMax) return;
    const from = this.place(span.file, span.start);
    const key = `${span.file}:${from.line}`;
    if (entry.severity === 'error') {
      if (this.#errorLines.has(key)) return;
      this.#errorLines.add(key);
    }
    const to = this.place(span.file, span.end);
    const texts = this.locale === 'pt-BR' ? entry.pt : entry.en;
    const say = (text: string): string => (this.locale === 'pt-BR' ? contracted(fill(text, args)) : fill(text, args));
    const hint = texts[1] === undefined ? undefined : say(texts[1]);
    const diagnostic: Diagnostic = {
      severity: entry.severity,
      code,
      file: this.#files[span.file]?.name ?? '',
      line: from.line,
      column: from.column,
      endLine: to.line,
      endColumn: to.column,
      offset: span.start,
      endOffset: span.end,
      ...this.#numbered(span),
      message: say(texts[0]),
      ...(hint ? { hint } : {}),
    };
    this.#found.push({ span, diagnostic });
  }

  place(file: number, offset: number): { line: number; column: number } {
    let lines = this.#lines.get(file);
    if (!lines) this.#lines.set(file, (lines = new LineIndex(this.#files[file]?.text ?? '')));
    return lines.place(offset);
  }

  /** The number in front of the line of a place, if lines have numbers. */
  lineNumber(file: number, offset: number): number | null {
    return this.profile === 'bot' ? null : lineNumberAt(this.#files[file]?.text ?? '', offset) || null;
  }

  #numbered(span: Span): { readonly lineNumber?: number } {
    const lineNumber = this.lineNumber(span.file, span.start);
    return lineNumber === null ? {} : { lineNumber };
  }

  /** In reading order, whatever phase found them. */
  list(): Diagnostic[] {
    return this.#found
      .toSorted((a, b) => a.span.file - b.span.file || a.span.start - b.span.start)
      .map(({ diagnostic }) => diagnostic);
  }
}

/** `de` before `o fim da linha` is `do`. */
function contracted(text: string): string {
  return text.replaceAll(' de o fim d', ' do fim d');
}

function fill(text: string, args: readonly (string | number)[]): string {
  return text.replace(/\{(\d)\}/g, (_, index) => String(args[Number(index)] ?? ''));
}
