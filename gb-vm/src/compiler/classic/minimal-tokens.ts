import type { DiagnosticBag } from '../diagnostics.ts';
import { short } from '../lexer.ts';
import type { SourceFile, Span } from '../source.ts';
import type { Line } from './lines.ts';
import type { Token } from './token.ts';

const keywords = new Set(
  'BASE DATA DEF DIM END FOR GO GOSUB GOTO IF INPUT LET NEXT ON OPTION PRINT RANDOMIZE READ REM RESTORE RETURN STEP STOP SUB THEN TO'.split(
    ' ',
  ),
);
/** ECMA-55, section 9.4. */
export const suppliedFunctions = new Set('ABS ATN COS EXP INT LOG RND SGN SIN SQR TAN'.split(' '));

const lexeme = /[ \t]+|[A-Z][A-Z0-9]*\$?|(?:\d+\.?\d*|\.\d+)(?:E[+-]?\d+)?|"[^"\r\n]*"|<>|<=|>=|[-+*/^=<>(),;:]/y;
/** What may stand in a quoted text: the character set of ECMA-55, table 1, without lower case. */
const foreign = /[^ !#$%&'()*,/:;<=>?^_+\-.0-9A-Z"]/u;

/**
 * The tokens of one line by ECMA-55, section 5.4: blanks may stand anywhere but inside words, numbers and two-character
 * relations, and must stand around keywords. REM and DATA take the rest of their line. What cannot be read is reported
 * and ends the line as an `error` token.
 */
export function minimalTokens(file: SourceFile, bag: DiagnosticBag, line: Line): Token[] {
  const { text } = file;
  const tokens: Token[] = [];
  const spanOf = (start: number, end: number): Span => ({ file: file.index, start, end });
  const push = (kind: Token['kind'], start: number, end: number, word: string, value = 0): void => {
    tokens.push({ kind, start, end, text: word, value });
  };
  const fail = (code: Parameters<DiagnosticBag['report']>[0], start: number, end: number, ...args: (string | number)[]): void => {
    bag.report(code, spanOf(start, end), ...args);
    push('error', start, end, '');
  };
  let at = line.start;
  while (at < line.end) {
    lexeme.lastIndex = at;
    const found = lexeme.exec(text);
    const end = lexeme.lastIndex;
    if (!found || end > line.end) {
      if (text[at] === '"') fail('text_unclosed', at, line.end);
      else fail('unexpected_character', at, at + 1, shown(text, at));
      break;
    }
    const word = found[0];
    const c = word[0]!;
    if (c === '"') {
      const bad = foreign.exec(word);
      if (bad) {
        fail('unexpected_character', at + bad.index, at + bad.index + bad[0].length, shown(text, at + bad.index));
        break;
      }
      push('text', at, end, word.slice(1, -1));
    } else if ((c >= '0' && c <= '9') || (c === '.' && word.length > 1)) {
      const value = Number(word);
      // ECMA-55, section 6.5: overflow is reported and stands for machine infinity, underflow is zero.
      if (value === Infinity) bag.report('number_overflow', spanOf(at, end), short(word));
      push('number', at, end, word, Math.min(value, Number.MAX_VALUE));
    } else if (c >= 'A' && c <= 'Z') {
      if (keywords.has(word)) {
        const isApart = ' \t'.includes(text[at - 1] ?? '') && (end === line.end || ' \t'.includes(text[end]!));
        if (!isApart) {
          fail('keyword_glued', at, end, word);
          break;
        }
        push('word', at, end, word);
        if (word === 'REM' && tokens.length === 1) break;
        if (word === 'DATA' && tokens.length === 1) {
          push('data', end, line.end, '');
          break;
        }
      } else if (/^[A-Z][0-9$]?$/.test(word)) push('name', at, end, word);
      else if (suppliedFunctions.has(word) || word === 'TAB' || /^FN[A-Z]$/.test(word)) push('word', at, end, word);
      else {
        // What follows REM may be anything, so no rest tells whether it was meant.
        const glued = tokens.length === 0 && word.startsWith('REM') ? 'REM' : gluedKeyword(word);
        if (glued) fail('keyword_glued', at, end, glued);
        else fail('unknown_word', at, end, short(word));
        break;
      }
    } else if (c === ':') {
      fail('one_statement_per_line', at, end);
      break;
    } else if (c !== ' ' && c !== '\t') push('sign', at, end, word);
    at = end;
  }
  push('end', line.end, line.end, '');
  return tokens;
}

/**
 * The longest keyword a word begins or ends with, as in `THEN100` and `A1TO`, if what is left could stand beside it: in
 * `TOTAL` nobody meant TO.
 */
function gluedKeyword(word: string): string | null {
  let longest: string | null = null;
  for (const keyword of keywords) {
    if (keyword.length <= (longest?.length ?? 0)) continue;
    const isGlued =
      (word.startsWith(keyword) && canStandAlone(word.slice(keyword.length))) ||
      (word.endsWith(keyword) && canStandAlone(word.slice(0, -keyword.length)));
    if (isGlued) longest = keyword;
  }
  return longest;
}

function canStandAlone(rest: string): boolean {
  return /^(?:[A-Z][0-9$]?|[0-9]+|FN[A-Z])$/.test(rest) || keywords.has(rest) || suppliedFunctions.has(rest);
}

function shown(text: string, at: number): string {
  const code = text.codePointAt(at)!;
  return code < 32 || (code >= 127 && code < 160)
    ? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
    : String.fromCodePoint(code);
}
