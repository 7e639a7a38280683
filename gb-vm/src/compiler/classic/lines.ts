import type { DiagnosticBag } from '../diagnostics.ts';
import { short } from '../lexer.ts';
import type { SourceFile, Span } from '../source.ts';

/** One line of the program, before its statements are read. */
export interface Line {
  /** null for a line without a number, which goes on where the line before it ended. */
  readonly number: number | null;
  /** The digits of the number; without a number, nothing. */
  readonly span: Span;
  /** The statements, without the number and the end of the line. */
  readonly start: number;
  readonly end: number;
}

/** ECMA-55, section 5.2: a line number has at most four digits. */
export const minimalLineNumberMax = 9999;
/** The most that two bytes left to the interpreters, who kept some values for themselves. */
const classicLineNumberMax = 65529;
/** ECMA-55, section 5.4. */
const minimalLineCharactersMax = 72;

/** What a line is called in messages: its number, or where it is in the file. */
export function lineName(line: Line, bag: DiagnosticBag): number {
  return line.number ?? bag.place(line.span.file, line.start).line;
}

/**
 * The number at the beginning of the line an offset is in, or of the nearest line above that has one; 0 when none has.
 * What ERL gives and what messages of these profiles call a line.
 */
export function lineNumberAt(text: string, offset: number): number {
  for (let end = Math.min(offset, text.length); end >= 0; ) {
    const start = end === 0 ? 0 : text.lastIndexOf('\n', end - 1) + 1;
    const digits = /^[ \t]*(\d{1,5})(?!\d)/.exec(text.slice(start, start + 80));
    if (digits) return Number(digits[1]);
    end = start - 1;
  }
  return 0;
}

/** The lines of a file as stretches, without line ends, a byte order mark and the end-of-file mark of old systems. */
function* rawLines(text: string): Generator<{ start: number; end: number }> {
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const last = text.charCodeAt(text.length - 1) === 0x1a ? text.length - 1 : text.length;
  while (start < last) {
    const next = text.indexOf('\n', start);
    const stop = next < 0 || next > last ? last : next;
    let end = stop;
    while (end > start && ' \t\r'.includes(text[end - 1]!)) end--;
    if (end > start) yield { start, end };
    start = stop + 1;
  }
}

/**
 * The lines of a Minimal BASIC program (ECMA-55, section 5). Every rule about lines is checked here, except what END
 * asks for. A line without a usable number is left out: nothing could refer to it.
 */
export function minimalLines(file: SourceFile, bag: DiagnosticBag): Line[] {
  const { text } = file;
  const lines: Line[] = [];
  const seen = new Set<number>();
  let highest = 0;
  for (const { start, end } of rawLines(text)) {
    const span = (from: number, to: number): Span => ({ file: file.index, start: from, end: to });
    let first = start;
    while (first < end && isBlank(text, first)) first++;
    let at = first;
    while (at < end && isDigit(text, at)) at++;
    if (at === first) {
      bag.report('line_number_missing', span(first, end), minimalLineNumberMax);
      continue;
    }
    const number = Number(text.slice(first, at));
    const line: Line = { number, span: span(first, at), start: at, end };
    if (first > start) bag.report('line_number_indented', span(start, first));
    else if (number < 1 || at - first > 4)
      bag.report('line_number_bad', line.span, short(text.slice(first, at)), minimalLineNumberMax);
    else if (at === end) bag.report('line_empty', line.span, number);
    else if (!isBlank(text, at)) bag.report('line_number_glued', line.span, number);
    else if (end - start > minimalLineCharactersMax)
      bag.report('line_too_long', span(start + minimalLineCharactersMax, end), number, end - start, minimalLineCharactersMax);
    if (seen.has(number)) bag.report('line_duplicate', line.span, number);
    else if (number < highest) bag.report('line_order', line.span, number, highest);
    if (number < 1 || at - first > 4 || seen.has(number)) continue;
    seen.add(number);
    highest = Math.max(highest, number);
    lines.push(line);
  }
  return lines;
}

/**
 * The lines of a classic program, as the interpreters kept them: in the order of their numbers, the last one of a
 * number replacing the earlier ones. Lines without a number stay behind the numbered line they follow.
 */
export function classicLines(file: SourceFile, bag: DiagnosticBag): Line[] {
  const { text } = file;
  const groups: { number: number; lines: Line[] }[] = [{ number: -1, lines: [] }];
  let isSorted = true;
  for (const { start, end } of rawLines(text)) {
    let first = start;
    while (first < end && isBlank(text, first)) first++;
    let at = first;
    while (at < end && isDigit(text, at)) at++;
    const span: Span = { file: file.index, start: first, end: at };
    const number = at === first ? null : Number(text.slice(first, at));
    if (number === null || number > classicLineNumberMax) {
      if (number !== null) bag.report('line_number_bad', span, short(text.slice(first, at)), classicLineNumberMax);
      groups.at(-1)!.lines.push({ number: null, span, start: at, end });
      continue;
    }
    if (number <= groups.at(-1)!.number) isSorted = false;
    groups.push({ number, lines: [{ number, span, start: at, end }] });
  }
  if (isSorted) return groups.flatMap((group) => group.lines);
  const kept = new Map(groups.map((group) => [group.number, group]));
  return [...kept.values()].toSorted((a, b) => a.number - b.number).flatMap((group) => group.lines);
}

function isBlank(text: string, at: number): boolean {
  const c = text.charCodeAt(at);
  return c === 32 || c === 9;
}

function isDigit(text: string, at: number): boolean {
  const c = text.charCodeAt(at);
  return c >= 48 && c <= 57;
}
