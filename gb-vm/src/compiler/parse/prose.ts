import type { Expression } from '../ast.ts';
import { functionKeywords, keywords, reservedWords } from '../keywords/index.ts';
import type { ParseContext } from './context.ts';
import { textNode } from './nodes.ts';

/** Letters to begin with, and nothing that quotes, brackets, computes or interpolates. */
const prose = /^\p{L}[^"'`\u201c\u201d()[\]{}=+*<>&|$#^\\;]*$/u;
const hostWords: ReadonlySet<string> = new Set(
  keywords.filter(({ kind }) => kind === 'operation').map(({ name }) => name.split(' ')[0]!),
);
const joining = new Set('AND OR NOT IN IS MOD LIKE CONTAINS TO AS STARTS ENDS XOR'.split(' '));

/**
 * `TALK Good morning.`: the first generation said what stood there. Taken as a text, with a warning, when it cannot be a
 * value: it ends like a sentence, or begins with two words in a row that mean nothing else.
 */
export function unquotedText(context: ParseContext): Expression | null {
  const { stream, known } = context;
  const first = stream.peek();
  if (first.kind !== 'name') return null;
  const end = stream.file.text.indexOf('\n', first.start);
  const text = stream.file.text.slice(first.start, end < 0 ? undefined : end).trim();
  if (!prose.test(text) || !/\s/.test(text)) return null;
  const second = stream.peek(1);
  const means = (upper: string): boolean =>
    reservedWords.has(upper) || functionKeywords.has(upper) || known.isVariable(upper) || known.isProcedure(upper);
  const isSentence = /\p{L}{2,}[.!?\u2026]$/u.test(text);
  const isTwoWords =
    second.kind === 'name' && !second.glued && !joining.has(second.upper) && !means(first.upper) && !hostWords.has(first.upper);
  if (!isSentence && !isTwoWords) return null;
  stream.skipLine();
  const span = { file: stream.file.index, start: first.start, end: first.start + text.length };
  context.bag.report('talk_unquoted', span);
  return textNode(span, text);
}
