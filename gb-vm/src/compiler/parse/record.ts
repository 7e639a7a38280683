import type { Token } from '../lexer.ts';
import type { BlockWord } from './closers.ts';

/** What the tree leaves out and tools for authors want; the parser fills it only for who hands one over. */
export interface ParseRecord {
  /** All tokens but those inside `${}`. */
  tokens: readonly Token[];
  /** Offsets of the names that were read as words of the language; not of those a statement begins with. */
  readonly words: Set<number>;
  /** In the order in which they end, so that an inner block comes before the one around it. */
  readonly blocks: BlockRecord[];
}

export interface BlockRecord {
  readonly word: BlockWord;
  /** Offset of the word that opens it. */
  readonly start: number;
  /** Offsets of ELSE, CASE and the like. */
  readonly middles: readonly number[];
  /** Offset of what closes it, or of where it was given up. */
  readonly end: number;
  readonly isClosed: boolean;
}

export const newRecord = (): ParseRecord => ({ tokens: [], words: new Set(), blocks: [] });
