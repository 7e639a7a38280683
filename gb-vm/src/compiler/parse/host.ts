import type { Expression, Statement } from '../ast.ts';
import { didYouMean } from '../messages.ts';
import { expressionDepthMax } from '../parse-expression.ts';
import { join } from '../source.ts';
import type { TokenStream } from '../token-stream.ts';
import { constantOf } from './constants.ts';
import type { ParseContext } from './context.ts';
import { chooseForm, type FormValues, readFormParts } from './forms.ts';
import { type HostMatch, type HostWord, hostWordHere, looseHostWord, nearKeyword } from './host-words.ts';
import type { KnownNames } from './known-names.ts';
import { callNode, makeNode, operationNode } from './nodes.ts';
import { parseTrigger } from './tools.ts';

/** What the host does, where a value may begin: `x = FIND …`; null when this is something else. */
export function hostValue(stream: TokenStream, known: KnownNames): Expression | null {
  const match = hostWordHere(stream, known, false);
  if (!match) return null;
  const words = match.words.filter(({ keyword }) => keyword.kind !== 'declaration' || keyword.mayRun);
  return words.length > 0 ? read(stream, { ...match, words }, false).value : null;
}

/** A statement that is an operation or a declaration; null when this is neither. */
export function hostStatement(context: ParseContext, isByHand: (upper: string) => boolean): readonly Statement[] | null {
  const { stream } = context;
  const start = stream.peek();
  const match = hostWordHere(stream, context.known, true);
  if (match?.length === 1 && isByHand(start.upper)) return null;
  if (!match) {
    const loose = looseHostWord(stream, context.known);
    if (!loose || (isByHand(start.upper) && !isUnfinished(stream, loose))) return null;
    const from = stream.position;
    for (let count = loose.tokens; count > 0; count--) stream.next();
    return wrong(stream, from, loose.words[0]!, loose.words);
  }
  const from = stream.position;
  const { word, values, value } = read(stream, match, true);
  if (!context.atEnd()) wrong(stream, from, word, match.words);
  const span = context.from(start);
  if (word.keyword.kind !== 'declaration') return [{ kind: 'call', span, value }];
  const constants = new Map([...values].map(([key, one]) => [key, constantOf(one)]));
  const loose = [...values].find(([key]) => constants.get(key) === undefined)?.[1];
  if (loose && word.keyword.mayRun) return [{ kind: 'call', span, value }];
  const isTrigger = word.keyword.name.startsWith('ON ') && context.known.hasEndOn;
  if (loose) {
    context.bag.report('declaration_not_plain', loose.span, word.keyword.name);
    if (isTrigger) parseTrigger(context, start, word.keyword.name);
    return [];
  }
  const declared = Object.fromEntries([...constants].map(([key, one]) => [key, one ?? null]));
  const procedure = isTrigger ? { procedure: parseTrigger(context, start, word.keyword.name) } : {};
  context.declarations.push({ keyword: word.keyword.name, span, values: { ...declared, ...procedure } });
  return [];
}

/** `SET SCHEDULE` and `ON INSERT` with nothing after them are no SET and no ON. */
function isUnfinished(stream: TokenStream, { tokens, length }: HostMatch): boolean {
  const { kind } = stream.peek(tokens);
  return length > 1 && (stream.is('SET') || stream.is('ON')) && (kind === 'newline' || kind === 'end');
}

interface Reading {
  readonly word: HostWord;
  readonly values: FormValues;
  readonly value: Expression;
}

function read(stream: TokenStream, match: HostMatch, isStatement: boolean): Reading {
  const start = stream.peek();
  const from = stream.position;
  for (let count = match.tokens; count > 0; count--) stream.next();
  stream.enter();
  const values: FormValues = new Map();
  const open = stream.peek();
  let word: HostWord;
  const fail = (): never => wrong(stream, from, word, match.words);
  if (isCall(stream, isStatement)) {
    stream.next();
    word = chooseForm(stream, match.words);
    if (!stream.is(')') || word.form.rest.some((part) => part.kind === 'value'))
      readFormParts(stream, word.form.rest, values, fail);
    if (!stream.is(')')) fail();
    stream.expectClose(')', open);
  } else {
    word = chooseForm(stream, match.words);
    readFormParts(stream, word.form.rest, values, fail);
  }
  stream.leave();
  const span = join(stream.span(start), stream.span(stream.last()));
  const value = nodeOf(word, span, values);
  if (value.depth > expressionDepthMax) stream.fail('nesting_too_deep', span, expressionDepthMax);
  return { word, values, value };
}

function nodeOf(word: HostWord, span: Expression['span'], values: FormValues): Expression {
  if (word.keyword.kind !== 'function')
    return operationNode(
      span,
      word.keyword.name,
      [...values].map(([key, value]) => ({ key, value })),
    );
  const given = (word.order ?? []).map((name) => values.get(name) ?? null);
  while (given.at(-1) === null) given.pop();
  const args = given.map((value) => value ?? makeNode(span, 1, { kind: 'null' } as const));
  return callNode(span, word.keyword.name, args);
}

/**
 * Whether the bracket here holds all values of the keyword, as in `SAVE("t", x)`, rather than being part of the first,
 * as in `SAVE ("a" + b), x`.
 */
function isCall(stream: TokenStream, isStatement: boolean): boolean {
  if (!stream.is('(')) return false;
  const closer = stream.closerOf(0);
  if (closer === 0) return false;
  const after = stream.peek(closer + 1);
  const isLast = after.kind === 'newline' || after.kind === 'end' || after.upper === ':' || after.upper === ';';
  if (isStatement) return isLast || (after.kind === 'name' && after.upper === 'ELSE');
  if (isLast || stream.peek().glued) return true;
  let ahead = 1;
  while (ahead < closer && !stream.is(',', ahead)) ahead += Math.max(1, stream.closerOf(ahead));
  return ahead < closer;
}

/** How many of its forms a message shows: the one that was read, and others. */
const formsShownMax = 2;

/** The source does not go on as `word` says. When its first words are nearly a longer keyword, that one is meant. */
function wrong(stream: TokenStream, from: number, word: HostWord, words: readonly HostWord[]): never {
  const { keyword } = word;
  const span = stream.span(stream.peek());
  const seen = stream.show(stream.peek());
  if (stream.bag.wants(span)) {
    const near = nearKeyword(stream, from - stream.position);
    if (near && near.written.length > 1) failNear(stream, near);
  }
  const forms = [...new Set([word, ...words].filter((one) => one.keyword === keyword).map(({ shown }) => shown))];
  return stream.fail('wrong_form', span, keyword.name, seen, forms.slice(0, formsShownMax).join(' | '));
}

/** Says which keyword these words nearly are. */
export function failNear(stream: TokenStream, { written, keyword }: NonNullable<ReturnType<typeof nearKeyword>>): never {
  const span = join(stream.span(written[0]!), stream.span(written.at(-1)!));
  const name = stream.file.text.slice(span.start, span.end);
  return stream.fail('unknown_procedure', span, name, didYouMean(stream.bag.locale, keyword));
}
