import type { DataItem, Expression, PrintItem, Statement, Target } from '../ast.ts';
import type { Token } from '../lexer.ts';
import { parseExpression, parseParts } from '../parse-expression.ts';
import type { ParseContext } from './context.ts';
import { parseTargets } from './names.ts';
import { copyOf, operationNode } from './nodes.ts';

/** `PRINT [USING mask;] a; b, TAB(10); c`; a separator at the end keeps the line open. */
export function parsePrint(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  let using: Expression | null = null;
  if (stream.is('USING') && !stream.is('=', 1)) {
    stream.next();
    using = parseExpression(stream);
    if (!stream.accept(';')) stream.accept(',');
  }
  const items: PrintItem[] = [];
  while (!isPrintEnd(context)) {
    const token = stream.peek();
    if (stream.accept(';')) items.push({ kind: 'semicolon', span: stream.span(token) });
    else if (stream.accept(',')) items.push({ kind: 'comma', span: stream.span(token) });
    else items.push(printValue(context));
  }
  return { kind: 'print', span: context.from(word), items, using };
}

/** A semicolon belongs to PRINT, where other statements end with it. */
function isPrintEnd({ stream, isInSingleLineIf }: ParseContext): boolean {
  const { kind } = stream.peek();
  return kind === 'newline' || kind === 'end' || kind === 'text' || stream.is(':') || (stream.is('ELSE') && isInSingleLineIf);
}

function printValue({ stream }: ParseContext): PrintItem {
  const kind = stream.is('TAB') ? 'tab' : stream.is('SPC') ? 'spaces' : 'value';
  if (kind === 'value' || !stream.is('(', 1)) return { kind: 'value', value: parseExpression(stream) };
  stream.next();
  const open = stream.next();
  const value = parseExpression(stream);
  stream.expectClose(')', open);
  return { kind, value };
}

/** INPUT and LINE INPUT; from an open file they are operations. */
export function parseInput(context: ParseContext, word: Token, isLine: boolean): readonly Statement[] {
  const { stream } = context;
  if (stream.accept('#')) return inputFile(context, word, isLine);
  stream.accept(';');
  let prompt: Expression | null = null;
  let hasQuestionMark = !isLine;
  const first = stream.peek();
  if (first.kind === 'string') {
    stream.next();
    prompt = parseParts(stream, first);
    if (stream.accept(',')) hasQuestionMark = false;
    else if (!stream.accept(';')) stream.fail('expected_token', stream.span(stream.peek()), '";"', stream.show(stream.peek()));
  }
  const targets = parseTargets(stream);
  return [{ kind: 'input', span: context.from(word), prompt, hasQuestionMark, targets, isLine }];
}

function inputFile(context: ParseContext, word: Token, isLine: boolean): readonly Statement[] {
  const { stream } = context;
  const channel = parseExpression(stream);
  stream.expect(',');
  return parseTargets(stream).map((target: Target): Statement => {
    const span = context.from(word);
    const name = isLine ? 'READ LINE' : 'READ VALUE';
    return { kind: 'assign', span, target, value: operationNode(span, name, [{ key: 'channel', value: copyOf(channel) }]) };
  });
}

/** What follows DATA, which the lexer left as it is: values between commas, those in quotes as they are. */
export function parseData(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  const token = stream.peek();
  if (token.kind !== 'text') stream.fail('expected_expression', stream.span(token), stream.show(token));
  stream.next();
  return { kind: 'data', span: context.from(word), items: dataItems(token, stream.span(token).file) };
}

function dataItems(token: Token, file: number): DataItem[] {
  const items: DataItem[] = [];
  const item = /[ \t]*(?:"((?:[^"]|"")*)"?[ \t]*|([^,]*))(,|$)/y;
  for (let at = 0; at <= token.text.length; at = item.lastIndex) {
    item.lastIndex = at;
    const match = item.exec(token.text);
    if (!match) break;
    const quoted = match[1];
    const text = quoted === undefined ? (match[2] ?? '').trim() : quoted.replaceAll('""', '"');
    const start = token.start + at + (match[0].length - match[0].trimStart().length);
    const end = token.start + at + match[0].length - match[3]!.length;
    items.push({ text, isQuoted: quoted !== undefined, span: { file, start: Math.min(start, end), end } });
    if (match[3] === '') break;
  }
  return items;
}
