import type { Expression, Statement } from '../ast.ts';
import { functionKeywords, reservedWords } from '../keywords/index.ts';
import type { Token } from '../lexer.ts';
import { parseExpression, parseParts, parsePostfix } from '../parse-expression.ts';
import { runScript } from '../script-call.ts';
import { join, type Span } from '../source.ts';
import type { TokenStream } from '../token-stream.ts';
import type { ParseContext } from './context.ts';
import type { KnownNames } from './known-names.ts';
import { parseName } from './names.ts';
import { applyNode, copyOf, makeNode, textNode } from './nodes.ts';

interface Parameter {
  readonly name: string;
  readonly display: string;
  readonly span: Span;
  readonly typeName: string | null;
}

/** SUB and FUNCTION with their bodies. */
export function parseProcedure(context: ParseContext, statements: Statement[]): void {
  const { stream } = context;
  const word = stream.next();
  const nameToken = stream.next();
  let parameters: Parameter[] = [];
  context.guarded(() => {
    parameters = parseParameters(context);
    if (stream.accept('AS')) stream.next();
    return makeNode(stream.span(word), 1, { kind: 'null' });
  });
  const kind = word.upper as 'SUB' | 'FUNCTION';
  const body = context.inside(kind, word, (block) => context.block(block));
  if (reservedWords.has(nameToken.upper)) {
    context.report('expected_name', nameToken, nameToken.text);
    statements.push({ kind: 'error', span: stream.span(word) });
    return;
  }
  context.procedures.push({
    kind,
    name: nameToken.upper,
    display: nameToken.text,
    nameSpan: stream.span(nameToken),
    parameters,
    body,
    span: context.from(word),
  });
}

function parseParameters(context: ParseContext): Parameter[] {
  const { stream } = context;
  const parameters: Parameter[] = [];
  const names = new Set<string>();
  if (!stream.accept('(')) return parameters;
  while (!stream.is(')')) {
    const isMarked = (stream.is('BYVAL') || stream.is('BYREF')) && stream.peek(1).kind === 'name' && !stream.is('AS', 1);
    if (isMarked) stream.next();
    const parameter = parseName(stream);
    if (stream.accept('(')) stream.expect(')');
    const typeName = stream.accept('AS') ? stream.next().upper : null;
    if (names.has(parameter.name)) context.bag.report('duplicate_parameter', parameter.span, parameter.display);
    else parameters.push({ name: parameter.name, display: parameter.display, span: parameter.span, typeName });
    names.add(parameter.name);
    if (!stream.accept(',')) break;
  }
  stream.expect(')');
  return parameters;
}

/** `DEF FNname(a, b) = value`. */
export function parseDef(context: ParseContext, word: Token): readonly Statement[] {
  const { stream } = context;
  let nameToken = stream.next();
  let name = nameToken.upper;
  let display = nameToken.text;
  if (name === 'FN' && stream.peek().kind === 'name') {
    nameToken = stream.next();
    name = `FN${nameToken.upper}`;
    display = `${display}${nameToken.text}`;
  }
  if (!name.startsWith('FN') || name.length < 3)
    stream.fail('expected_token', stream.span(nameToken), 'FN', stream.show(nameToken));
  const parameters = parseParameters(context);
  stream.expect('=');
  const value = parseExpression(stream);
  const span = context.from(word);
  const body: Statement[] = [{ kind: 'return', span: value.span, value }];
  context.procedures.push({
    kind: 'FUNCTION',
    name,
    display,
    nameSpan: stream.span(nameToken),
    parameters,
    body,
    span,
    isInline: true,
  });
  return [];
}

/**
 * `CALL name(a, b)` or `CALL name a, b`: a SUB or FUNCTION of this script, or else another script of the bot. A script
 * with INCLUDE may get its procedures from there, and then the name is taken for one.
 */
export function parseCall(context: ParseContext, word: Token): Statement {
  const { stream, known } = context;
  const start = stream.peek();
  const script = scriptHere(stream, known);
  if (script) {
    const args = callArguments(context);
    return { kind: 'call', span: context.from(word), value: runScript(context.from(start), script, args) };
  }
  const target = parsePostfix(stream, parseName(stream));
  if (target.kind === 'apply' || target.kind === 'binary') return { kind: 'call', span: context.from(word), value: target };
  const args = callArguments(context);
  return { kind: 'call', span: context.from(word), value: applyNode(context.from(start), target, args, ' ') };
}

/** `x = CALL name(a, b)`. */
export function callValue(stream: TokenStream, known: KnownNames): Expression | null {
  const isCall = stream.peek(1).kind === 'string' || (stream.peek(1).kind === 'name' && !reservedWords.has(stream.peek(1).upper));
  if (!isCall) return null;
  const word = stream.next();
  const script = scriptHere(stream, known);
  if (!script) return parsePostfix(stream, parseName(stream));
  const args: Expression[] = [];
  if (stream.is('(') || stream.is(',')) {
    const open = stream.next();
    const isBracketed = open.upper === '(';
    if (!isBracketed || !stream.is(')')) {
      do args.push(parseExpression(stream));
      while (stream.accept(','));
    }
    if (isBracketed) stream.expectClose(')', open);
  }
  return runScript(join(stream.span(word), stream.span(stream.last())), script, args);
}

/** The name of another script, taken, as a text; null when the name is a procedure of this one. */
function scriptHere(stream: TokenStream, known: KnownNames): Expression | null {
  const start = stream.peek();
  if (start.kind === 'string') {
    stream.next();
    return parseParts(stream, start);
  }
  const name = start.upper;
  if (known.isProcedure(name) || known.hasIncludes || functionKeywords.has(name.replace(/\$$/, ''))) return null;
  parseName(stream);
  while (isScriptNamePart(stream)) stream.next();
  const span = join(stream.span(start), stream.span(stream.last()));
  return textNode(span, stream.file.text.slice(span.start, span.end));
}

/** The name of a script may have dots, dashes and slashes in it. */
function isScriptNamePart(stream: TokenStream): boolean {
  const token = stream.peek();
  if (!token.glued) return false;
  return token.kind === 'name' || token.kind === 'number' || stream.is('.') || stream.is('-') || stream.is('/');
}

function callArguments(context: ParseContext): Expression[] {
  const { stream } = context;
  const args: Expression[] = [];
  if (context.atEnd()) return args;
  const open = stream.peek();
  const isBracketed = stream.is('(') && isEndAfter(context, stream.closerOf(0) + 1);
  if (isBracketed) stream.next();
  else stream.accept(',');
  if (isBracketed && stream.is(')')) {
    stream.next();
    return args;
  }
  do args.push(parseExpression(stream));
  while (stream.accept(','));
  if (isBracketed) stream.expectClose(')', open);
  return args;
}

function isEndAfter({ stream }: ParseContext, ahead: number): boolean {
  const { kind, upper } = stream.peek(ahead);
  return kind === 'newline' || kind === 'end' || upper === ':' || upper === ';' || upper === 'ELSE';
}

/** `WITH object … END WITH`: inside, `name = value` and `.name = value` fill it. */
export function parseWith(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  const target = parsePostfix(stream, stream.is('.') && stream.withTarget ? stream.withTarget() : parseName(stream));
  if (target.kind !== 'name' && target.kind !== 'member' && !(target.kind === 'apply' && target.args.length > 0))
    return stream.fail('not_assignable', target.span);
  const outer = stream.withTarget;
  stream.withTarget = () => copyOf(target);
  const body = context.inside('WITH', word, (block) => context.block(block));
  stream.withTarget = outer;
  return { kind: 'with', span: stream.span(word), target, body };
}

export function parseInclude(context: ParseContext, word: Token): Statement {
  const { stream } = context;
  if (context.open.length > 0) context.report('include_in_block', word);
  const first = stream.peek();
  const only = first.parts[0];
  if (first.kind === 'string' && only && 'text' in only) {
    stream.next();
    return { kind: 'include', span: context.from(word), name: only.text, body: [] };
  }
  if (first.kind !== 'name') stream.fail('expected_name', stream.span(first), stream.show(first));
  stream.skipLine();
  const name = stream.file.text.slice(first.start, stream.last().end);
  return { kind: 'include', span: context.from(word), name, body: [] };
}
