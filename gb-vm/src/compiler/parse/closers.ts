import type { MessageCode } from '../messages.ts';
import type { Span } from '../source.ts';
import type { TokenStream } from '../token-stream.ts';
import type { KnownNames } from './known-names.ts';
import { isGivenValue } from './names.ts';

/** The blocks of the language: what closes each, and what is said when nothing does. */
export type BlockWord =
  | 'IF'
  | 'FOR'
  | 'WHILE'
  | 'DO'
  | 'SELECT'
  | 'SWITCH'
  | 'SUB'
  | 'FUNCTION'
  | 'WITH'
  | 'TRY'
  | 'TYPE'
  | 'ON EVENT';

export interface OpenBlock {
  readonly word: BlockWord;
  readonly span: Span;
  readonly line: number;
}

export interface Closer {
  readonly word: BlockWord | 'TEXT';
  readonly shown: string;
  /** ELSE and CASE continue their block rather than end it. */
  readonly isMiddle: boolean;
  /** How many words it has, when not one. */
  readonly words?: number;
  /** What it would have closed, when that is not `word`. */
  readonly opener?: string;
}

export const closing: Readonly<Record<BlockWord, string>> = {
  IF: 'END IF',
  FOR: 'NEXT',
  WHILE: 'WEND',
  DO: 'LOOP',
  SELECT: 'END SELECT',
  SWITCH: 'END SWITCH',
  SUB: 'END SUB',
  FUNCTION: 'END FUNCTION',
  WITH: 'END WITH',
  TRY: 'END TRY',
  TYPE: 'END TYPE',
  'ON EVENT': 'END ON',
};
export const missing: Readonly<Record<BlockWord, MessageCode>> = {
  IF: 'missing_end_if',
  FOR: 'missing_next',
  WHILE: 'missing_wend',
  DO: 'missing_loop',
  SELECT: 'missing_end_select',
  SWITCH: 'missing_end_switch',
  SUB: 'missing_end_sub',
  FUNCTION: 'missing_end_function',
  WITH: 'missing_end_with',
  TRY: 'missing_end_try',
  TYPE: 'missing_end_type',
  'ON EVENT': 'missing_end_on',
};

/** Whether the statement here closes or continues a block, and of what kind. */
export function closerHere(stream: TokenStream, open: readonly OpenBlock[], known: KnownNames): Closer | null {
  const token = stream.peek();
  if (token.kind !== 'name' || isGivenValue(stream)) return null;
  const one = (word: BlockWord, isMiddle = false): Closer => ({ word, shown: token.upper, isMiddle });
  switch (token.upper) {
    case 'NEXT':
      return stream.is('IN', 1) ? null : one('FOR');
    case 'WEND':
      return one('WHILE');
    case 'LOOP':
      return one('DO');
    case 'ENDIF':
      return one('IF');
    case 'ELSE':
    case 'ELSEIF':
      return one('IF', true);
    case 'CASE':
      return one(choice(open), true);
    case 'DEFAULT':
      return isChoosing(open) ? one(choice(open), true) : null;
    case 'CATCH':
    case 'FINALLY':
      return open.some(({ word }) => word === 'TRY') || !isSomebodys(token.upper, known) ? one('TRY', true) : null;
    case 'END':
      return endHere(stream, open);
    default:
      return null;
  }
}

const isSomebodys = (upper: string, known: KnownNames): boolean =>
  known.isProcedure(upper) || known.isVariable(upper) || known.isLabel(upper) || known.hasIncludes;

/** SWITCH is a SELECT: what is innermost decides whose CASE it is. */
function choice(open: readonly OpenBlock[]): 'SELECT' | 'SWITCH' {
  const innermost = open.findLast(({ word }) => word === 'SELECT' || word === 'SWITCH');
  return innermost?.word === 'SWITCH' ? 'SWITCH' : 'SELECT';
}

/** Whether a CASE may stand here. */
export const isChoosing = (open: readonly OpenBlock[]): boolean =>
  open.some(({ word }) => word === 'SELECT' || word === 'SWITCH');

function endHere(stream: TokenStream, open: readonly OpenBlock[]): Closer | null {
  const second = stream.peek(1);
  if (second.kind !== 'name') return null;
  const what = second.upper;
  if (what === 'CASE') return { word: choice(open), shown: 'END CASE', isMiddle: false, words: 2 };
  if (what === 'ON') return { word: 'ON EVENT', shown: 'END ON', isMiddle: false, words: 2 };
  if (what in closing) return { word: what as BlockWord, shown: `END ${what}`, isMiddle: false, words: 2 };
  if (what === 'TALK' || what === 'MAIL') return { word: 'TEXT', shown: `END ${what}`, isMiddle: false, opener: `BEGIN ${what}` };
  if (what === 'SYSTEM' || what === 'SYTEM')
    return { word: 'TEXT', shown: 'END SYSTEM PROMPT', isMiddle: false, opener: 'BEGIN SYSTEM PROMPT' };
  return what === 'TABLE' ? { word: 'TEXT', shown: 'END TABLE', isMiddle: false, opener: 'TABLE' } : null;
}

/** Words of one line that close a block, besides END and its own word. */
const closingWords: Readonly<Partial<Record<BlockWord, readonly string[]>>> = {
  FOR: ['NEXT'],
  WHILE: ['WEND'],
  DO: ['LOOP'],
  IF: ['ENDIF'],
};

/** Whether what follows, up to the next procedure, closes a block of this kind that is open here. */
export function isClosedLater(stream: TokenStream, word: BlockWord): boolean {
  let depth = 0;
  let isFirst = false;
  for (let ahead = 0; ; ahead++) {
    const { kind, upper } = stream.peek(ahead);
    if (kind === 'end') return false;
    if (isFirst && kind === 'name') {
      const next = stream.peek(ahead + 1);
      if ((upper === 'SUB' || upper === 'FUNCTION') && next.kind === 'name') return false;
      if (upper === word && (word !== 'IF' || endsInThen(stream, ahead))) depth++;
      else if ((upper === 'END' && next.upper === word) || closingWords[word]?.includes(upper)) depth--;
      if (depth < 0) return true;
    }
    isFirst = kind === 'newline';
  }
}

/** An IF with lines of its own. */
function endsInThen(stream: TokenStream, from: number): boolean {
  let ahead = from;
  while (stream.peek(ahead).kind !== 'newline' && stream.peek(ahead).kind !== 'end') ahead++;
  return stream.peek(ahead - 1).upper === 'THEN';
}
