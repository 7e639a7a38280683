import type { Token } from '../lexer.ts';

const binary = new Set([
  '=',
  '==',
  '<>',
  '!=',
  '<',
  '>',
  '<=',
  '>=',
  '+',
  '-',
  '*',
  '/',
  '\\',
  '^',
  '&',
  '&&',
  '||',
  '+=',
  '-=',
  '*=',
  '/=',
]);
/** The star stands alone among the choices of HEAR. */
const maybeUnary = new Set(['+', '-', '*']);
const closers = new Set([')', ']', '}']);
const constants = new Set(['TRUE', 'FALSE', 'NULL']);

/**
 * What should stand before a token, given what stands there. Where a blank makes a difference - before `(`, `[`, `.`,
 * `{` and `#` - there is one afterwards exactly when there was one before.
 */
export function spacing(tokens: readonly Token[], index: number, gap: string, keywords: ReadonlySet<number>): string {
  const a = tokens[index - 1]!;
  const b = tokens[index]!;
  const same = gap === '' ? '' : ' ';
  if (a.kind === 'text' || b.kind === 'text' || a.kind === 'error' || b.kind === 'error' || a.kind === 'newline') return gap;
  const before = sign(a);
  const after = sign(b);
  if (before === '.' || after === '.' || before === '#') return gap;
  if (after === ',') return before === ',' || keywords.has(a.start) ? same : '';
  if (after === ';') return keywords.has(a.start) ? same : '';
  if (before === ',' || before === ';') return ' ';
  if (before === '(' || before === '[' || after === ')' || after === ']') return '';
  if (isStep(tokens, index) || isStep(tokens, index - 1) || isStep(tokens, index - 2)) return gap;
  if (binary.has(after) && isBinary(tokens, index, keywords)) return ' ';
  if (binary.has(before)) return isBinary(tokens, index - 1, keywords) ? ' ' : before === '*' ? same : '';
  if (before === ':' && after !== ':') return ' ';
  const isWordAfterValue = b.kind === 'name' && keywords.has(b.start) && (a.kind === 'string' || closers.has(before));
  return isWordAfterValue ? ' ' : same;
}

const sign = ({ kind, upper }: Token): string => (kind === 'operator' ? upper : '');

/** A sign stands between two values, unless nothing, another sign or a word of the language comes before it. */
function isBinary(tokens: readonly Token[], index: number, keywords: ReadonlySet<number>): boolean {
  if (!maybeUnary.has(tokens[index]!.upper)) return true;
  const before = tokens[index - 1];
  if (!before || before.kind === 'newline') return false;
  if (before.kind === 'operator') return closers.has(before.upper);
  return !(before.kind === 'name' && keywords.has(before.start) && !constants.has(before.upper));
}

/** The first sign of `i++` or `i--`. */
function isStep(tokens: readonly Token[], index: number): boolean {
  const [first, second, third] = [tokens[index], tokens[index + 1], tokens[index + 2]];
  if (!first || !second || !(sign(first) === '+' || sign(first) === '-') || sign(second) !== sign(first) || !second.glued)
    return false;
  return third?.kind === 'newline' || third?.kind === 'end' || (third !== undefined && [':', ';'].includes(sign(third)));
}
