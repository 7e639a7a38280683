import { initialLineState, type LineState, type LineToken, type TokenClass, tokenizeLine } from '../highlight.ts';
import type { Analysis } from './analysis.ts';

export type SemanticClass =
  | Exclude<TokenClass, 'identifier' | 'builtin'>
  | 'variable'
  | 'parameter'
  | 'function'
  | 'property'
  | 'label';

/** Line and column from 0, in UTF-16 units. */
export interface SemanticToken {
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly class: SemanticClass;
}

/** The colours of a whole script: those of the line tokenizer, made finer by what each name is. */
export function semanticTokens(analysis: Analysis, fileName: string): readonly SemanticToken[] {
  const script = analysis.script(fileName);
  if (!script) return [];
  const names = analysis.programsWith(script)[0]?.names;
  const result: SemanticToken[] = [];
  let state: LineState = initialLineState;
  for (const [line, start] of script.lineStarts.entries()) {
    const text = script.text.slice(start, script.lineStarts[line + 1] ?? script.text.length).replace(/[\r\n]+$/, '');
    const { tokens, state: next } = tokenizeLine(text, state);
    state = next;
    for (const token of tokens) {
      const named =
        token.class === 'identifier' || token.class === 'builtin'
          ? names?.at(script.index, start + token.start)?.named
          : undefined;
      const kind = named && namedClass[named.kind];
      result.push({ line, column: token.start, length: token.end - token.start, class: kind ?? plainClass(text, token) });
    }
  }
  return result;
}

const namedClass = {
  variable: 'variable',
  constant: 'variable',
  list: 'variable',
  parameter: 'parameter',
  sub: 'function',
  function: 'function',
  label: 'label',
} as const;

function plainClass(line: string, token: LineToken): SemanticClass {
  if (token.class === 'builtin') return 'function';
  if (token.class !== 'identifier') return token.class;
  return line[token.start - 1] === '.' ? 'property' : 'variable';
}
