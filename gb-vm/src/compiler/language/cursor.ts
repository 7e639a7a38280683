import { DiagnosticBag } from '../diagnostics.ts';
import { tokenizeLine } from '../highlight.ts';
import { lex, type Token } from '../lexer.ts';
import { type ScriptAnalysis, tokenIndexAfter } from './analysis.ts';

/**
 * What stands before the caret, found from the words of its line and not from the tree: the line is being written, and
 * there may be no tree of it yet.
 */
export type Cursor =
  | {
      readonly kind: 'code';
      readonly tokens: readonly Token[];
      readonly from: number;
      readonly to: number;
      readonly typed: string;
    }
  /** Between quotes; `tokens` are those before the opening quote. */
  | {
      readonly kind: 'text';
      readonly tokens: readonly Token[];
      readonly from: number;
      readonly to: number;
      readonly typed: string;
    }
  /** In a remark, or in a block of text outside `${}`. */
  | { readonly kind: 'prose' };

const word = /[\p{L}_][\p{L}\p{N}_]*\$?$/u;
const rest = /^[\p{L}\p{N}_]*\$?/u;
/** No line that a person writes is longer; what a machine wrote is looked at from here. */
const lookBackMax = 10_000;

/** `from` and `to` are the word at the caret, which what is chosen replaces; `typed` is its part before the caret. */
export function cursorAt(script: ScriptAnalysis, offset: number): Cursor {
  const { text, record } = script;
  const { tokens } = record;
  const index = tokenIndexAfter(tokens, offset);
  const before = tokens[index - 1];
  const inside = before && (before.kind === 'string' || before.kind === 'text') && before.start < offset ? before : null;
  const isOpen = inside !== null && (offset < inside.end || (offset === inside.end && !isClosed(text, inside)));
  if (inside && isOpen) {
    const code = interpolationFrom(text, inside, offset);
    if (code !== null) return codeCursor(script, code, offset);
    if (inside.kind === 'text') return { kind: 'prose' };
    // Editors replace what is on one line.
    const from = Math.max(inside.start + 1, script.lineStarts[script.lines.place(offset).line - 1] ?? 0);
    const written = /^[^\r\n]*/.exec(text.slice(offset, isClosed(text, inside) ? inside.end - 1 : offset))?.[0] ?? '';
    const to = offset + written.length;
    return { kind: 'text', tokens: lineBefore(script, index - 1), from, to, typed: text.slice(from, offset) };
  }
  const lineStart = script.lineStarts[script.lines.place(offset).line - 1] ?? 0;
  if (isInRemark(text.slice(lineStart, offset))) return { kind: 'prose' };
  const typed = word.exec(text.slice(Math.max(lineStart, offset - 200), offset))?.[0] ?? '';
  const from = offset - typed.length;
  const to = offset + (rest.exec(text.slice(offset, offset + 200))?.[0].length ?? 0);
  return { kind: 'code', tokens: lineBefore(script, tokenIndexAfter(tokens, from)), from, to, typed };
}

function codeCursor(script: ScriptAnalysis, start: number, offset: number): Cursor {
  const { text } = script;
  const typed = word.exec(text.slice(start, offset))?.[0] ?? '';
  const from = offset - typed.length;
  const to = offset + (rest.exec(text.slice(offset, offset + 200))?.[0].length ?? 0);
  const inner = lex(script, new DiagnosticBag([], 'en'), start, from);
  // A value is wanted, as after a bracket: what stands before the text does not matter.
  const open: Token = { ...opener, start: start - 1, end: start };
  return { kind: 'code', tokens: [open, ...inner.filter(({ kind }) => kind !== 'newline' && kind !== 'end')], from, to, typed };
}

const opener: Token = { kind: 'operator', start: 0, end: 0, upper: '(', text: '(', value: 0, parts: [], glued: true };

/** The tokens of the statement's line before one of them. */
function lineBefore({ record: { tokens } }: ScriptAnalysis, index: number): readonly Token[] {
  const end = tokens[index]?.start ?? 0;
  let first = index;
  while (first > 0 && tokens[first - 1]!.kind !== 'newline' && tokens[first - 1]!.kind !== 'text') {
    if (end - tokens[first - 1]!.start > lookBackMax) break;
    first--;
  }
  return tokens.slice(first, index);
}

/** Where the `${` begins its expression that the caret is in; null when it is in none. */
function interpolationFrom(text: string, token: Token, offset: number): number | null {
  for (const part of token.parts) if ('start' in part && part.start <= offset && offset <= part.end) return part.start;
  if (text[token.start] === "'") return null;
  const from = Math.max(token.start, offset - lookBackMax);
  const written = text.slice(from, offset);
  const open = written.lastIndexOf('${');
  return open >= 0 && !/[}\n]/.test(written.slice(open)) ? from + open + 2 : null;
}

function isClosed(text: string, { start, end }: Token): boolean {
  const quote = text[start]!;
  const last = text[end - 1]!;
  return end - start > 1 && (quote === '\u201c' || quote === '\u201d' ? '\u201c\u201d'.includes(last) : last === quote);
}

function isInRemark(line: string): boolean {
  const last = tokenizeLine(line).tokens.at(-1);
  return last?.class === 'comment';
}
