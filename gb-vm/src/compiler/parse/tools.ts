import type { DeclaredValue, Expression, Name, Statement } from '../ast.ts';
import { typeNames } from '../keywords/index.ts';
import type { Token } from '../lexer.ts';
import { didYouMean } from '../messages.ts';
import { comparisonBinding, parseExpression } from '../parse-expression.ts';
import type { Span } from '../source.ts';
import { nearest } from '../suggest.ts';
import type { TokenStream } from '../token-stream.ts';
import { constantNode, constantOf } from './constants.ts';
import type { ParseContext } from './context.ts';
import { nameNode } from './names.ts';
import { copyOf, makeNode } from './nodes.ts';
import { readColumns } from './table-columns.ts';

/**
 * `PARAM name AS type [ENUM [...]] [LIKE example] [DESCRIPTION text] [OPTIONAL | REQUIRED] [DEFAULT value]`, the clauses in
 * any order; instead of the type, `AS "a", "b"` lists what is allowed.
 */
export function parseParam(context: ParseContext, word: Token): readonly Statement[] {
  const { stream } = context;
  const name = stream.next();
  if (name.kind !== 'name') stream.fail('expected_name', stream.span(name), stream.show(name));
  const values: Record<string, DeclaredValue> = { name: name.text, type: 'STRING', isOptional: false };
  let fallback: Expression | null = null;
  if (stream.accept('AS')) {
    if (stream.peek().kind === 'string') values['enum'] = plainList(stream);
    else {
      const token = stream.peek();
      const type = typeName(stream);
      values['type'] = type;
      if (!paramTypes.has(type) && context.bag.wants(stream.span(token)))
        context.report('unknown_param_type', token, token.text, didYouMean(context.bag.locale, nearest(type, paramTypes)));
    }
  }
  while (!context.atEnd()) {
    const token = stream.next();
    switch (token.upper) {
      case 'ENUM': {
        const given = plain(stream, 'PARAM');
        values['enum'] = Array.isArray(given) ? given : [given, ...(stream.accept(',') ? plainList(stream) : [])];
        break;
      }
      case 'LIKE':
        values['example'] = plain(stream, 'PARAM');
        break;
      case 'DESCRIPTION':
        values['description'] = plain(stream, 'PARAM');
        break;
      case 'DEFAULT':
        values['default'] = plain(stream, 'PARAM');
        values['isOptional'] = true;
        fallback = constantNode(stream.span(token), values['default']);
        break;
      case 'OPTIONAL':
        values['isOptional'] = true;
        break;
      case 'REQUIRED':
        values['isOptional'] = false;
        break;
      case ',':
        break;
      default:
        stream.fail('wrong_form', stream.span(token), 'PARAM', stream.show(token), paramForm);
    }
  }
  const span = context.from(word);
  context.declarations.push({ keyword: 'PARAM', span, values });
  return fallback ? [filledIn(nameNode(stream, name), fallback, span)] : [];
}

/** What DEFAULT says, for a run that gives the parameter no value. */
function filledIn(target: Name, value: Expression, span: Span): Statement {
  const none = makeNode(span, 1, { kind: 'null' } as const);
  const condition = makeNode(span, 2, { kind: 'binary', operator: '=', left: copyOf(target), right: none } as const);
  return { kind: 'if', span, branches: [{ condition, body: [{ kind: 'assign', span, target, value }] }], otherwise: [] };
}

/** What HEAR asks for, and what only a program or a model gives. */
const paramTypes: ReadonlySet<string> = new Set([
  ...typeNames,
  ...'OBJECT ARRAY LIST JSON ANY INT LONG DOUBLE SINGLE DECIMAL CURRENCY BOOL CHAR VARCHAR TIMESTAMP'.split(' '),
]);

const paramForm = 'PARAM name AS type [ENUM list] [LIKE example] [DESCRIPTION text] [OPTIONAL] [DEFAULT value]';

function typeName(stream: TokenStream): string {
  const token = stream.next();
  if (token.kind !== 'name') stream.fail('expected_name', stream.span(token), stream.show(token));
  if (stream.is('(')) for (let count = stream.closerOf(0); count >= 0; count--) stream.next();
  return token.upper;
}

/** A value that is known now; a text keeps its `${}` as it is written. */
function plain(stream: TokenStream, keyword: string): DeclaredValue {
  const token = stream.peek();
  if (token.kind === 'string' && token.parts.some((part) => !('text' in part))) {
    stream.next();
    return rawText(stream, token);
  }
  const words = bareWords(stream);
  if (words !== null) return words;
  const value = parseExpression(stream, comparisonBinding);
  const constant = constantOf(value);
  return constant === undefined ? stream.fail('declaration_not_plain', value.span, keyword) : constant;
}

const clauseWords = new Set(['ENUM', 'LIKE', 'DESCRIPTION', 'OPTIONAL', 'REQUIRED', 'DEFAULT']);

/** `LIKE Ana Silva`: names up to the next clause are meant as a text. */
function bareWords(stream: TokenStream): string | null {
  const first = stream.peek();
  let count = 0;
  while (stream.peek(count).kind === 'name' && !clauseWords.has(stream.peek(count).upper)) count++;
  const after = stream.peek(count);
  const isEnd = after.kind === 'newline' || after.kind === 'end' || after.kind === 'name' || after.upper === ',';
  if (count === 0 || !isEnd || (count === 1 && ['TRUE', 'FALSE', 'NULL'].includes(first.upper))) return null;
  for (; count > 0; count--) stream.next();
  return stream.file.text.slice(first.start, stream.last().end);
}

function plainList(stream: TokenStream): DeclaredValue[] {
  const items = [plain(stream, 'PARAM')];
  while (stream.accept(',')) items.push(plain(stream, 'PARAM'));
  return items;
}

const rawText = (stream: TokenStream, token: Token): string =>
  token.parts.map((part) => ('text' in part ? part.text : `\${${stream.file.text.slice(part.start, part.end)}}`)).join('');

/** `DESCRIPTION "text"`; without quotes, the rest of the line. */
export function parseDescription(context: ParseContext, word: Token): readonly Statement[] {
  const { stream } = context;
  const token = stream.peek();
  let text: DeclaredValue;
  if (token.kind === 'text') {
    stream.next();
    text = token.text.replace(/"$/, '');
  } else text = plain(stream, 'DESCRIPTION');
  context.declarations.push({ keyword: 'DESCRIPTION', span: context.from(word), values: { text } });
  return [];
}

/** `TABLE name [ON connection] [READ BY roles] [WRITE BY roles]`, the columns, `END TABLE`. */
export function parseTable(context: ParseContext, word: Token): readonly Statement[] {
  const { stream } = context;
  const values: Record<string, DeclaredValue> = { name: nameOrText(stream) };
  while (!context.atEnd()) {
    const token = stream.next();
    if (token.upper === 'ON') values['connection'] = nameOrText(stream);
    else if ((token.upper === 'READ' || token.upper === 'WRITE') && stream.accept('BY'))
      values[token.upper === 'READ' ? 'readBy' : 'writeBy'] = roles(stream);
    else stream.fail('wrong_form', stream.span(token), 'TABLE', stream.show(token), tableForm);
  }
  const span = context.from(word);
  const body = stream.peek(1);
  if (stream.peek().kind !== 'newline' || body.kind !== 'text') stream.fail('missing_end_table', span);
  stream.next();
  stream.next();
  if (stream.is('END') && stream.is('TABLE', 1)) {
    stream.next();
    stream.next();
  } else context.bag.report('missing_end_table', span);
  values['columns'] = readColumns(body.text);
  context.declarations.push({ keyword: 'TABLE', span, values });
  return [];
}

const tableForm = 'TABLE name [ON connection] [READ BY roles] [WRITE BY roles]';

function roles(stream: TokenStream): DeclaredValue {
  return String(nameOrText(stream))
    .split(/[;,]/)
    .map((role) => role.trim())
    .filter(Boolean);
}

function nameOrText(stream: TokenStream): string {
  const token = stream.peek();
  if (token.kind === 'string') {
    stream.next();
    return rawText(stream, token);
  }
  if (token.kind !== 'name') stream.fail('expected_name', stream.span(token), stream.show(token));
  stream.next();
  while (stream.peek().glued && (stream.is('.') || stream.is('-')) && stream.peek(1).kind === 'name') {
    stream.next();
    stream.next();
  }
  return stream.file.text.slice(token.start, stream.last().end);
}

/**
 * `ON EVENT name DO … END ON`: the body becomes a SUB that the event runs; in a script without END ON, all of it is what
 * the event runs.
 */
export function parseOnEvent(context: ParseContext, word: Token): readonly Statement[] {
  const { stream } = context;
  stream.next();
  const event = nameOrText(stream);
  const isBlock = stream.accept('DO') || context.known.hasEndOn;
  if (!isBlock) {
    context.declarations.push({ keyword: 'ON EVENT', span: context.from(word), values: { event } });
    return [];
  }
  context.declarations.push({
    keyword: 'ON EVENT',
    span: context.from(word),
    values: { event, procedure: parseTrigger(context, word, `ON EVENT ${event}`) },
  });
  return [];
}

/** `CREATE INDEX name ON table (column, column)`. */
export function parseIndex(context: ParseContext, word: Token): readonly Statement[] {
  const { stream } = context;
  stream.next();
  const name = nameOrText(stream);
  stream.expect('ON');
  const table = nameOrText(stream);
  const open = stream.expect('(');
  const columns = [nameOrText(stream)];
  while (stream.accept(',')) columns.push(nameOrText(stream));
  stream.expectClose(')', open);
  context.declarations.push({ keyword: 'CREATE INDEX', span: context.from(word), values: { name, table, columns } });
  return [];
}

/** The body of a trigger up to END ON, as a SUB; gives back its name. */
export function parseTrigger(context: ParseContext, word: Token, display: string): string {
  const { stream } = context;
  const body = context.inside('ON EVENT', word, (block) => context.block(block));
  const span = context.from(word);
  const name = `${display.toUpperCase()} ${context.procedures.length}`;
  context.procedures.push({ kind: 'SUB', name, display, nameSpan: stream.span(word), parameters: [], body, span });
  return name;
}
