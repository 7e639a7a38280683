import { type MessageCode, messages } from './messages.ts';
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
  readonly message: string;
  readonly hint?: string;
}

/** More than this nobody reads; a file of noise must not cost memory for each of its characters. */
export const diagnosticsMax = 100;

/**
 * Collects diagnostics and keeps out the echoes: a second error that starts inside the stretch of an earlier one, or
 * on the same line of the same file within one phase, is nearly always the first one seen again.
 */
export class DiagnosticBag {
  readonly #files: SourceFile[];
  readonly locale: Locale;
  readonly #lines = new Map<number, LineIndex>();
  readonly #errorLines = new Set<string>();
  readonly #found: { span: Span; diagnostic: Diagnostic }[] = [];

  constructor(files: SourceFile[], locale: Locale) {
    this.#files = files;
    this.locale = locale;
  }

  get hasErrors(): boolean {
    return this.#found.some(({ diagnostic }) => diagnostic.severity === 'error');
  }

  get isFull(): boolean {
    return this.#found.length >= diagnosticsMax;
  }

  report(code: MessageCode, span: Span, ...args: readonly (string | number)[]): void {
    if (this.isFull) return;
    const entry = messages[code];
    const from = this.place(span.file, span.start);
    const key = `${span.file}:${from.line}`;
    if (entry.severity === 'error') {
      if (this.#errorLines.has(key)) return;
      this.#errorLines.add(key);
    }
    const to = this.place(span.file, span.end);
    const texts = this.locale === 'pt-BR' ? entry.pt : entry.en;
    const hint = texts[1] === undefined ? undefined : fill(texts[1], args);
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
      message: fill(texts[0], args),
      ...(hint ? { hint } : {}),
    };
    this.#found.push({ span, diagnostic });
  }

  place(file: number, offset: number): { line: number; column: number } {
    let lines = this.#lines.get(file);
    if (!lines) this.#lines.set(file, (lines = new LineIndex(this.#files[file]?.text ?? '')));
    return lines.place(offset);
  }

  /** In reading order, whatever phase found them. */
  list(): Diagnostic[] {
    return this.#found
      .toSorted((a, b) => a.span.file - b.span.file || a.span.start - b.span.start)
      .map(({ diagnostic }) => diagnostic);
  }
}

function fill(text: string, args: readonly (string | number)[]): string {
  return text.replace(/\{(\d)\}/g, (_, index) => String(args[Number(index)] ?? ''));
}
