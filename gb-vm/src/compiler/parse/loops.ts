import type { Expression, Statement } from '../ast.ts';
import { reservedWords } from '../keywords/index.ts';
import type { Token } from '../lexer.ts';
import { didYouMean } from '../messages.ts';
import { parseExpression } from '../parse-expression.ts';
import { join } from '../source.ts';
import type { TokenStream } from '../token-stream.ts';
import type { ParseContext } from './context.ts';
import { nameNode, parseName } from './names.ts';
import { callNode, makeNode } from './nodes.ts';

export function parseFor(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  if (stream.accept('EACH') || (stream.peek().kind === 'name' && stream.is('IN', 1))) return parseForEach(context, word);
  const broken = (): Expression => makeNode(stream.span(word), 1, { kind: 'error' });
  let variable = nameNode(stream, word);
  let from = broken();
  let to = broken();
  let step: Expression | null = null;
  context.guarded(() => {
    if (stream.peek().kind === 'name' && stream.peek(1).kind === 'name' && stream.is('IN', 2)) failEach(stream);
    variable = parseName(stream);
    stream.expect('=');
    from = parseExpression(stream);
    stream.expect('TO');
    to = parseExpression(stream);
    if (stream.accept('STEP')) step = parseExpression(stream);
    stream.accept('DO');
    return to;
  });
  const body = loopBody(context, word, variable.display);
  return { kind: 'for', span: stream.span(word), variable, from, to, step, body };
}

/** `FOR EAHC x IN list`. */
function failEach(stream: TokenStream): never {
  const token = stream.peek();
  return stream.fail('unknown_procedure', stream.span(token), token.text, didYouMean(stream.bag.locale, 'EACH'));
}

function parseForEach(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  let variable = nameNode(stream, word);
  const list = context.guarded(() => {
    variable = parseName(stream);
    stream.expect('IN');
    const values = endOf(stream, parseExpression(stream));
    stream.accept('DO');
    return values;
  });
  const body = loopBody(context, word, variable.display);
  return { kind: 'forEach', span: stream.span(word), variable, list, body };
}

/** `FOR EACH m IN list LAST 10`: only that many of them. */
function endOf(stream: TokenStream, values: Expression): Expression {
  if ((!stream.is('FIRST') && !stream.is('LAST')) || stream.peek(1).kind === 'newline') return values;
  const word = stream.next();
  const count = parseExpression(stream);
  return callNode(join(values.span, count.span), word.upper, [values, count]);
}

/** The body of FOR and its closer with an optional name that must be the same; `NEXT j, i` closes two. */
function loopBody(context: ParseContext, word: Token, name: string): Statement[] {
  const { stream } = context;
  const wasPending = context.isNextPending;
  const body = context.inside('FOR', word, (block) => context.block(block));
  const last = stream.last();
  const isNext = last.upper === 'NEXT' || (last.upper === ',' && !wasPending);
  const named = stream.peek();
  if (!isNext || named.kind !== 'name' || reservedWords.has(named.upper)) return body;
  stream.next();
  if (named.upper !== name.toUpperCase())
    context.report('next_name_mismatch', named, named.text, name, context.lineOf(stream.span(word)));
  if (stream.is(',') && context.open.some((open) => open.word === 'FOR')) {
    stream.next();
    context.isNextPending = true;
  }
  return body;
}

export function parseWhile(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  const condition = context.guarded(() => parseExpression(stream));
  stream.accept('DO');
  const body = context.inside('WHILE', word, (block) => context.block(block));
  return { kind: 'while', span: stream.span(word), word: 'WHILE', condition, isUntil: false, isTestedLast: false, body };
}

export function parseDo(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  const test = (): { condition: Expression; isUntil: boolean } | null => {
    if (!stream.is('WHILE') && !stream.is('UNTIL')) return null;
    const isUntil = stream.next().upper === 'UNTIL';
    return { condition: context.guarded(() => parseExpression(stream)), isUntil };
  };
  const first = test();
  const body = context.inside('DO', word, (block) => context.block(block));
  const last = stream.last().upper === 'LOOP' ? test() : null;
  const chosen = first ?? last;
  return {
    kind: 'while',
    span: stream.span(word),
    word: 'DO',
    condition: chosen?.condition ?? null,
    isUntil: chosen?.isUntil ?? false,
    isTestedLast: first === null && last !== null,
    body,
  };
}
