import type { ExitKind, LabelReference, Statement } from '../ast.ts';
import type { Token } from '../lexer.ts';
import { parseExpression } from '../parse-expression.ts';
import type { TokenStream } from '../token-stream.ts';
import type { ParseContext } from './context.ts';

const exitKinds = new Set<string>(['FOR', 'WHILE', 'DO', 'SUB', 'FUNCTION', 'SELECT', 'TRY'] satisfies ExitKind[]);
const loopKinds = new Set<string>(['FOR', 'WHILE', 'DO']);

/** A line number or a label here, taken; null when there is none. */
export function labelHere(stream: TokenStream): LabelReference | null {
  const token = stream.peek();
  if (token.kind !== 'name' && !(token.kind === 'number' && Number.isInteger(token.value))) return null;
  stream.next();
  return { name: token.kind === 'number' ? String(token.value) : token.upper, span: stream.span(token) };
}

function label(stream: TokenStream): LabelReference {
  const found = labelHere(stream);
  return found ?? stream.fail('expected_label', stream.span(stream.peek()), stream.show(stream.peek()));
}

function labels(stream: TokenStream): LabelReference[] {
  const found = [label(stream)];
  while (stream.accept(',')) found.push(label(stream));
  return found;
}

/** `name:` alone on its line, or before a statement when something jumps to it. */
export function labelStatement({ stream, known }: ParseContext): Statement | null {
  const token = stream.peek();
  if (token.kind !== 'name' || !stream.is(':', 1)) return null;
  const before = stream.last();
  if (stream.position > 0 && before.kind !== 'newline' && before.kind !== 'number') return null;
  const after = stream.peek(2);
  const isAlone = after.kind === 'newline' || after.kind === 'end';
  if (!known.isLabel(token.upper) && (!isAlone || standsAlone.has(token.upper) || known.isProcedure(token.upper))) return null;
  stream.next();
  stream.next();
  return { kind: 'label', span: stream.span(token), name: token.upper };
}

/** Statements of one word, which a colon may follow. */
const standsAlone = new Set(
  'ELSE END STOP RETURN NEXT LOOP WEND DO TRY FINALLY CATCH PRINT RESTORE RANDOMIZE EXIT RESUME'.split(' '),
);

export function parseGoto(context: ParseContext, word: Token): Statement {
  const target = label(context.stream);
  return { kind: 'goto', span: context.from(word), label: target };
}

export function parseGosub(context: ParseContext, word: Token): Statement {
  const target = label(context.stream);
  return { kind: 'gosub', span: context.from(word), label: target };
}

/** ON ERROR …, and ON value GOTO or GOSUB; the triggers that begin with ON are declarations. */
export function parseOn(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  if (stream.is('ERROR') && !stream.is('=', 1)) {
    stream.next();
    return parseOnError(context, word);
  }
  const value = parseExpression(stream);
  const isGosub = acceptJump(stream, 'GOSUB');
  if (!isGosub && !acceptJump(stream, 'GOTO'))
    stream.fail('expected_token', stream.span(stream.peek()), 'GOTO', stream.show(stream.peek()));
  const targets = labels(stream);
  return { kind: 'onGoto', span: context.from(word), word: isGosub ? 'GOSUB' : 'GOTO', value, labels: targets };
}

/** GOTO or GO TO, GOSUB or GO SUB. */
function acceptJump(stream: TokenStream, word: 'GOTO' | 'GOSUB'): boolean {
  if (stream.accept(word)) return true;
  if (!stream.is('GO') || !stream.is(word.slice(2), 1)) return false;
  stream.next();
  stream.next();
  return true;
}

function parseOnError(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  if (stream.accept('RESUME')) {
    stream.expect('NEXT');
    return { kind: 'onError', span: context.from(word), action: 'next', label: null };
  }
  if (!acceptJump(stream, 'GOTO')) stream.fail('expected_token', stream.span(stream.peek()), 'GOTO', stream.show(stream.peek()));
  if (stream.peek().kind === 'number' && stream.peek().value === 0) {
    stream.next();
    return { kind: 'onError', span: context.from(word), action: 'off', label: null };
  }
  const target = label(stream);
  return { kind: 'onError', span: context.from(word), action: 'goto', label: target };
}

export function parseResume(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  if (context.atEnd() || (stream.peek().kind === 'number' && stream.peek().value === 0)) {
    if (!context.atEnd()) stream.next();
    return { kind: 'resume', span: context.from(word), to: 'same', label: null };
  }
  if (stream.accept('NEXT')) return { kind: 'resume', span: context.from(word), to: 'next', label: null };
  const target = label(stream);
  return { kind: 'resume', span: context.from(word), to: 'label', label: target };
}

export function parseRestore(context: ParseContext, word: Token): Statement {
  const target = context.atEnd() ? null : label(context.stream);
  return { kind: 'restore', span: context.from(word), label: target };
}

/** EXIT alone leaves the procedure, or ends the script. */
export function parseExit(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  if (context.atEnd()) {
    const isInProcedure = context.open.some((open) => open.word === 'SUB' || open.word === 'FUNCTION');
    const span = stream.span(word);
    return isInProcedure ? { kind: 'return', span, value: null } : { kind: 'end', span };
  }
  const what = stream.peek();
  const kind = what.upper === 'SWITCH' ? 'SELECT' : what.upper;
  if (!exitKinds.has(kind)) stream.fail('expected_token', stream.span(what), 'FOR', stream.show(what));
  stream.next();
  return { kind: 'exit', span: context.from(word), what: kind as ExitKind };
}

/** BREAK leaves the innermost loop or choice. */
export function parseBreak(context: ParseContext, word: Token): Statement {
  const innermost = context.open.findLast((open) => loopKinds.has(open.word) || open.word === 'SELECT' || open.word === 'SWITCH');
  const what = innermost?.word === 'SWITCH' ? 'SELECT' : (innermost?.word ?? 'FOR');
  return { kind: 'exit', span: context.from(word), what: what as ExitKind };
}

export function parseContinue(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  if (context.atEnd()) {
    const innermost = context.open.findLast((open) => loopKinds.has(open.word))?.word ?? 'FOR';
    return { kind: 'continue', span: stream.span(word), what: innermost as 'FOR' | 'WHILE' | 'DO' };
  }
  const what = stream.peek();
  if (!loopKinds.has(what.upper)) stream.fail('expected_token', stream.span(what), 'FOR', stream.show(what));
  stream.next();
  return { kind: 'continue', span: context.from(word), what: what.upper as 'FOR' | 'WHILE' | 'DO' };
}
