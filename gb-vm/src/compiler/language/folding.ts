import type { Analysis } from './analysis.ts';

/** Lines from 1; the first stays visible. */
export interface Fold {
  readonly fromLine: number;
  readonly toLine: number;
  readonly kind: 'block' | 'remarks';
}

/** Blocks, the parts of IF, SELECT and TRY, blocks of text, and runs of remarks. */
export function folding(analysis: Analysis, fileName: string): readonly Fold[] {
  const script = analysis.script(fileName);
  if (!script) return [];
  const { record, text, lines, lineStarts } = script;
  const folds: Fold[] = [];
  const lineOf = (offset: number): number => lines.place(offset).line;
  const add = (fromLine: number, toLine: number, kind: Fold['kind'] = 'block'): void => {
    if (toLine > fromLine) folds.push({ fromLine, toLine, kind });
  };
  for (const { start, middles, end, isClosed } of record.blocks) {
    // The line that closes a block stays visible, as does the one that begins its next part.
    const starts = [start, ...middles];
    for (const [index, from] of starts.entries()) {
      const next = starts[index + 1] ?? end;
      const isLast = index === starts.length - 1;
      add(lineOf(from), isLast && !isClosed ? lineOf(Math.max(from, end - 1)) : lineOf(next) - 1);
    }
  }
  for (const [index, token] of record.tokens.entries()) {
    if (token.kind !== 'text' || record.tokens[index - 1]?.kind !== 'newline') continue;
    add(lineOf(record.tokens[index - 1]!.start), lineOf(Math.max(token.start, token.end - 1)));
  }
  let first = 0;
  for (let line = 1; line <= lineStarts.length + 1; line++) {
    const isRemark = /^[ \t]*(?:'|#(?!\{)|\/\/|rem\b)/i.test(
      text.slice(lineStarts[line - 1] ?? text.length, lineStarts[line]).slice(0, 200),
    );
    if (isRemark && first === 0) first = line;
    else if (!isRemark && first > 0) {
      add(first, line - 1, 'remarks');
      first = 0;
    }
  }
  return folds;
}
