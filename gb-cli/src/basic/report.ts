import type { ProgramDiagnostic } from 'gb-core';

/** A diagnostic of the compiler or of a package; the first ones say also which number the line has. */
export interface ShownDiagnostic extends ProgramDiagnostic {
  readonly lineNumber?: number;
  readonly offset?: number;
}

/** Longer source lines are shown around the place in question. */
const shownColumns = 160;

/**
 * One diagnostic as people and editors read it: place, code and sentence, what to do, and the line it is about with
 * marks under the exact stretch.
 *
 *     shop.bas:3:1: error missing_next: FOR is never closed.
 *         Add NEXT.
 *       FOR i = 1 TO 10
 *       ^^^
 */
export function diagnosticText(diagnostic: ShownDiagnostic, path: string, source: string | undefined): string {
  const { line, column, endLine, endColumn, severity, code, message, hint, lineNumber } = diagnostic;
  // Where lines have numbers, those are what people call them.
  const numbered = lineNumber === undefined ? '' : `line ${lineNumber}: `;
  const text = `${path}:${line}:${column}: ${severity} ${code}: ${numbered}${harmless(message)}\n${hint ? `    ${harmless(hint)}\n` : ''}`;
  const marked = endLine > line ? Number.POSITIVE_INFINITY : endColumn - column;
  return text + (source === undefined ? '' : markedLine(source, line, column, marked));
}

/** The line in question with marks under so many characters of it; nothing when there is no such line. */
export function markedLine(source: string, line: number, column: number, marked: number): string {
  const found = lineOf(source, line);
  const row = found === undefined ? undefined : harmless(found);
  if (row === undefined || row.trim() === '') return '';
  const from = Math.max(0, column - 1 - shownColumns / 2);
  const shown = row.slice(from, from + shownColumns);
  const start = column - 1 - from;
  const count = Math.max(1, Math.min(shown.length - start, marked));
  // Tabs stay tabs, so that the marks stand where the terminal puts the text.
  const before = shown.slice(0, start).replace(/[^\t]/g, ' ');
  return `  ${shown}\n  ${before}${'^'.repeat(count)}\n`;
}

/** Control characters in a source or a program's words must not reach the terminal, which obeys them. */
export function harmless(text: string): string {
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

function lineOf(source: string, line: number): string | undefined {
  let at = 0;
  for (let count = 1; count < line; count++) {
    at = source.indexOf('\n', at) + 1;
    if (at === 0) return undefined;
  }
  const end = source.indexOf('\n', at);
  return source.slice(at, end < 0 ? source.length : end);
}

/** `1 file`, `3 files`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
