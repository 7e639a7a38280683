import type { Expression, Statement } from '../ast.ts';
import type { Token } from '../lexer.ts';
import { parseExpression } from '../parse-expression.ts';
import type { Span } from '../source.ts';
import type { ParseContext } from './context.ts';
import { isGivenValue } from './names.ts';
import { arrayNode, makeNode, objectNode, textNode } from './nodes.ts';

/** A field of a TYPE. */
export interface RecordField {
  readonly name: string;
  readonly typeName: string;
  readonly isList: boolean;
}

/** Types that hold themselves, or one another, end here. */
const recordDepthMax = 8;
/** Fields of one value with those of the types inside it: types of types of types grow fast. */
const recordFieldsMax = 1000;

/** `TYPE name`, a line `field AS type` for each field, `END TYPE`. It makes no code: DIM makes objects of it. */
export function parseType(context: ParseContext, word: Token): readonly Statement[] {
  const { stream } = context;
  const name = stream.next();
  const fields: RecordField[] = [];
  if (name.kind !== 'name') stream.fail('expected_name', stream.span(name), stream.show(name));
  context.inside('TYPE', word, () => {
    for (;;) {
      while (stream.peek().kind === 'newline' || stream.is(':') || stream.is(';')) stream.next();
      const token = stream.peek();
      if (token.kind === 'end' || (!isGivenValue(stream) && stream.is('END'))) return;
      if (token.kind === 'name' && !stream.is('SUB') && !stream.is('FUNCTION')) fields.push(parseField(context));
      else return;
    }
  });
  context.records.set(name.upper, fields);
  return [];
}

function parseField(context: ParseContext): RecordField {
  const { stream } = context;
  const name = stream.next();
  let isList = false;
  let typeName = 'ANY';
  context.guarded(() => {
    if (stream.is('(')) {
      isList = true;
      for (let count = stream.closerOf(0); count >= 0; count--) stream.next();
    }
    stream.expect('AS');
    typeName = parseTypeName(context);
    context.endOfStatement();
    return textNode(stream.span(name), '');
  });
  return { name: name.text, typeName, isList };
}

/** Names of values after AS in DIM, and which value they begin with. */
const zeros: Readonly<Record<string, '0' | '' | 'no' | 'null' | 'list' | 'object'>> = {
  INTEGER: '0',
  LONG: '0',
  SINGLE: '0',
  DOUBLE: '0',
  BYTE: '0',
  NUMBER: '0',
  FLOAT: '0',
  DECIMAL: '0',
  CURRENCY: '0',
  MONEY: '0',
  STRING: '',
  TEXT: '',
  BOOLEAN: 'no',
  DATE: 'null',
  DATETIME: 'null',
  ANY: 'null',
  VARIANT: 'null',
  ARRAY: 'list',
  LIST: 'list',
  OBJECT: 'object',
};

/** The name of a type after AS, taken: one of the language, or of a TYPE before. `STRING * 20` is a STRING. */
export function parseTypeName({ stream, records }: ParseContext): string {
  const token = stream.peek();
  if (token.kind !== 'name') stream.fail('expected_name', stream.span(token), stream.show(token));
  stream.next();
  if (stream.accept('*')) parseExpression(stream);
  if (!(token.upper in zeros) && !records.has(token.upper)) stream.fail('unknown_dim_type', stream.span(token), token.text);
  return token.upper;
}

/** What a variable of this type holds before anything is put into it; null for the types the compiler knows itself. */
export function initialValue(context: ParseContext, typeName: string, span: Span): Expression | null {
  if (context.records.has(typeName)) return recordValue({ context, span, fieldsLeft: recordFieldsMax }, typeName, 0);
  if (zeros[typeName] === 'list') return arrayNode(span, []);
  return zeros[typeName] === 'object' ? objectNode(span, []) : null;
}

/** What is spent on one value of a TYPE. */
interface Making {
  readonly context: ParseContext;
  readonly span: Span;
  fieldsLeft: number;
}

function recordValue(making: Making, typeName: string, depth: number): Expression {
  const { context, span } = making;
  const fields = context.records.get(typeName) ?? [];
  making.fieldsLeft -= fields.length;
  if (making.fieldsLeft < 0) context.stream.fail('record_too_large', span, recordFieldsMax);
  return objectNode(
    span,
    fields.map((field) => ({ key: field.name, value: fieldValue(making, field, depth) })),
  );
}

function fieldValue(making: Making, field: RecordField, depth: number): Expression {
  const { context, span } = making;
  if (field.isList) return arrayNode(span, []);
  if (context.records.has(field.typeName))
    return depth < recordDepthMax ? recordValue(making, field.typeName, depth + 1) : makeNode(span, 1, { kind: 'null' });
  switch (zeros[field.typeName]) {
    case '0':
      return makeNode(span, 1, { kind: 'number', value: 0 });
    case '':
      return textNode(span, '');
    case 'no':
      return makeNode(span, 1, { kind: 'boolean', value: false });
    case 'list':
      return arrayNode(span, []);
    case 'object':
      return objectNode(span, []);
    default:
      return makeNode(span, 1, { kind: 'null' });
  }
}
