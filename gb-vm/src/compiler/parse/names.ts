import type { Expression, Name, Target } from '../ast.ts';
import { reservedWords } from '../keywords/index.ts';
import type { Token } from '../lexer.ts';
import { namesToo, parsePostfix } from '../parse-expression.ts';
import type { Span } from '../source.ts';
import type { TokenStream } from '../token-stream.ts';
import { makeNode } from './nodes.ts';

export const assignments: ReadonlySet<string> = new Set(['=', '+=', '-=', '*=', '/=']);

export function nameNode(stream: TokenStream, token: Token): Name {
  return makeNode(stream.span(token), 1, {
    kind: 'name' as const,
    name: token.upper,
    display: token.text,
    variable: null,
    call: null,
  });
}

export function parseName(stream: TokenStream): Name {
  const token = stream.peek();
  const isReserved = token.kind === 'name' && reservedWords.has(token.upper) && !namesToo.has(token.upper);
  if (isReserved && stream.is('=', 1)) stream.fail('name_is_keyword', stream.span(token), token.text);
  if (token.kind !== 'name' || isReserved) stream.fail('expected_name', stream.span(token), stream.show(token));
  stream.next();
  return nameNode(stream, token);
}

/** Whether the word here is a variable that is given a value, whatever keyword is spelled like it. */
export function isGivenValue(stream: TokenStream): boolean {
  const word = stream.peek();
  const sign = stream.peek(1);
  if (sign.kind !== 'operator' || (reservedWords.has(word.upper) && !namesToo.has(word.upper))) return false;
  if (assignments.has(sign.upper)) return true;
  if (sign.upper === '.' || sign.upper === '[') return sign.glued;
  return sign.upper === '(' && assignments.has(stream.peek(afterParts(stream, 1)).upper);
}

/** Where the elements and properties end that begin `ahead` of here: `(1).name[2]`. */
function afterParts(stream: TokenStream, ahead: number): number {
  let at = ahead;
  for (;;) {
    const closer = stream.is('(', at) || stream.is('[', at) ? stream.closerOf(at) : 0;
    if (closer > 0) at = closer + 1;
    else if (stream.is('.', at) && stream.peek(at + 1).kind === 'name') at += 2;
    else return at;
  }
}

/** A name with its elements and properties, or a leading dot inside WITH. */
export function startsTarget(stream: TokenStream): Expression {
  if (stream.is('.') && stream.withTarget) return parsePostfix(stream, stream.withTarget());
  return parsePostfix(stream, parseName(stream));
}

export function parseTarget(stream: TokenStream): Target {
  return asTarget(stream, startsTarget(stream));
}

export function parseTargets(stream: TokenStream): Target[] {
  const targets = [parseTarget(stream)];
  while (stream.accept(',')) targets.push(parseTarget(stream));
  return targets;
}

export function asTarget(stream: TokenStream, value: Expression): Target {
  if (value.kind === 'name' || value.kind === 'member' || (value.kind === 'apply' && value.args.length > 0)) return value;
  return stream.fail('not_assignable', value.span);
}

export function propertyOf(target: Expression, name: string, span: Span): Target {
  return makeNode(span, target.depth + 1, { kind: 'member', target, name });
}
