import type { Expression, Statement } from '../ast.ts';
import type { StringPart, Token } from '../lexer.ts';
import { didYouMean, type MessageCode } from '../messages.ts';
import { parseExpression, parseParts } from '../parse-expression.ts';
import { nearest } from '../suggest.ts';
import type { TokenStream } from '../token-stream.ts';
import type { ParseContext } from './context.ts';
import { operationNode, textNode } from './nodes.ts';
import { translated } from './translating.ts';

/** BEGIN TALK, BEGIN MAIL and BEGIN SYSTEM PROMPT: lines that the lexer has made into one text. */
export function parseBegin(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  if (stream.accept('MAIL')) return beginMail(context, word);
  if (stream.accept('SYSTEM') || stream.accept('SYTEM')) {
    if (!stream.is('PROMPT') && isBeforeText(stream)) return misspelled(context, word);
    stream.expect('PROMPT');
    const span = context.from(word);
    const text = parseParts(stream, textBlock(context, word, 'missing_end_prompt', 'SYSTEM', 'SYTEM'));
    return { kind: 'call', span, value: operationNode(span, 'SET SYSTEM PROMPT', [{ key: 'text', value: text }]) };
  }
  if (!stream.is('TALK') && isBeforeText(stream)) return misspelled(context, word);
  stream.expect('TALK');
  const span = context.from(word);
  const value = parseParts(stream, textBlock(context, word, 'missing_end_talk', 'TALK'));
  return { kind: 'talk', span, value: translated(context, value) };
}

const isBeforeText = (stream: TokenStream): boolean => stream.peek(1).kind === 'newline' && stream.peek(2).kind === 'text';

/** `BEGIN TLAK`, whose text the lexer has found by its END. */
function misspelled(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  stream.next();
  const span = context.from(word);
  const name = stream.file.text.slice(span.start, span.end);
  const hint = didYouMean(context.bag.locale, nearest(name.toUpperCase(), ['BEGIN TALK', 'BEGIN MAIL', 'BEGIN SYSTEM PROMPT']));
  context.bag.report('unknown_procedure', span, name, hint);
  textBlock(context, word, 'missing_end_talk', 'TALK', 'MAIL', 'SYSTEM', 'SYTEM');
  return { kind: 'error', span };
}

/** The text, and the END after it. */
function textBlock(context: ParseContext, word: Token, missing: MessageCode, ...ends: readonly string[]): Token {
  const { stream } = context;
  const span = context.from(word);
  if (stream.peek().kind !== 'newline' || stream.peek(1).kind !== 'text')
    stream.fail('expected_end_of_statement', stream.span(stream.peek()), stream.show(stream.peek()));
  stream.next();
  const token = stream.next();
  if (!stream.is('END') || !ends.includes(stream.peek(1).upper)) {
    context.bag.report(missing, span);
    return token;
  }
  stream.next();
  stream.next();
  stream.accept('PROMPT');
  return token;
}

/** `BEGIN MAIL to`: of the lines that follow, the first may be `Subject: …`. */
function beginMail(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  const to = parseExpression(stream);
  const using = stream.accept('USING') ? parseExpression(stream) : null;
  const span = context.from(word);
  const token = textBlock(context, word, 'missing_end_mail', 'MAIL');
  const { subject, body } = splitSubject(token.parts);
  const read = (parts: readonly StringPart[]): Expression =>
    parts.length === 0 ? textNode(stream.span(token), '') : parseParts(stream, { ...token, parts });
  const value = operationNode(span, 'SEND MAIL', [
    { key: 'to', value: to },
    ...(subject ? [{ key: 'subject', value: read(subject) }] : []),
    { key: 'body', value: read(body) },
    ...(using ? [{ key: 'account', value: using }] : []),
  ]);
  return { kind: 'call', span, value };
}

function splitSubject(parts: readonly StringPart[]): { subject: readonly StringPart[] | null; body: readonly StringPart[] } {
  const first = parts[0];
  const opening = first && 'text' in first ? /^\s*(?:subject|assunto)\s*:[ \t]*/i.exec(first.text) : null;
  if (!opening || !first || !('text' in first)) return { subject: null, body: parts };
  const subject: StringPart[] = [];
  const rest: StringPart[] = [{ text: first.text.slice(opening[0].length) }, ...parts.slice(1)];
  for (const [index, part] of rest.entries()) {
    const end = 'text' in part ? part.text.indexOf('\n') : -1;
    if (end < 0 || !('text' in part)) {
      subject.push(part);
      continue;
    }
    if (end > 0) subject.push({ text: part.text.slice(0, end) });
    const left = part.text
      .slice(end)
      .replace(/^\s*\n/, '')
      .trimStart();
    return { subject, body: [...(left === '' ? [] : [{ text: left }]), ...rest.slice(index + 1)] };
  }
  return { subject, body: [] };
}
