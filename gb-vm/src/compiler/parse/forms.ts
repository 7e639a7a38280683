import type { Expression } from '../ast.ts';
import type { Form, FormPart, Takes } from '../keywords/index.ts';
import { comparisonBinding, operandBinding, parseExpression, startsValue } from '../parse-expression.ts';
import { join } from '../source.ts';
import type { TokenStream } from '../token-stream.ts';
import { parseColumns } from './columns.ts';
import { parseCondition, parseFields, parseOrder } from './conditions.ts';
import { arrayNode, makeNode, textNode } from './nodes.ts';

/** Values by the names the form gives them. */
export type FormValues = Map<string, Expression>;

/** Called where the source does not go on as the form says; must not return. */
type OnWrong = () => never;

function beginsValue(stream: TokenStream): boolean {
  if (startsValue(stream)) return true;
  const { kind, upper } = stream.peek();
  if (kind !== 'operator') return false;
  return upper === '(' || upper === '[' || upper === '-' || upper === '!' || (upper === '.' && stream.withTarget !== null);
}

/** Whether the source can go on with these parts; parts that may be left out do not count as going on. */
export function beginsForm(stream: TokenStream, parts: readonly FormPart[], isWordNext = false): boolean {
  for (const part of parts) {
    if (part.kind !== 'optional') return beginsPart(stream, part, isWordNext);
    if (beginsForm(stream, part.parts, isWordNext)) return true;
  }
  return false;
}

/** `isWordNext`: what comes next is a word of a form around this one, and no value. */
function beginsPart(stream: TokenStream, part: FormPart, isWordNext: boolean): boolean {
  switch (part.kind) {
    case 'word':
      return stream.is(part.word);
    case 'sign':
      return part.sign === ',' ? stream.isComma() : stream.is(part.sign);
    case 'optional':
      return beginsForm(stream, part.parts, isWordNext);
    case 'choice':
      return part.options.some((option) => beginsForm(stream, option, isWordNext));
    default:
      if (isWordNext) return false;
      return beginsValue(stream) || (part.takes === 'word' && stream.peek().kind === 'name');
  }
}

/**
 * The form that is meant: of those that can begin here, the one with most of its words before the end of the statement
 * and fewest missing, and then the one with the nearest number of commas. Looks ahead over signs only and reads no values.
 */
export function chooseForm<T extends { readonly form: Form }>(stream: TokenStream, candidates: readonly T[]): T {
  if (candidates.length === 1) return candidates[0]!;
  const { commas, words } = outline(stream);
  const away = ({ commasMin, commasMax }: Form): number => Math.max(commasMin - commas, commas - commasMax, 0);
  const present = ({ needs }: Form): number => needs.filter((word) => words.has(word)).length;
  const fit = (form: Form): number => 2 * present(form) - form.needs.length;
  const begun = candidates.filter(({ form }) => form.rest.length === 0 || beginsForm(stream, form.rest));
  return begun.toSorted((a, b) => fit(b.form) - fit(a.form) || away(a.form) - away(b.form))[0] ?? candidates[0]!;
}

/** Whether all words of the form come before the end of the statement. */
export function isOutlined(stream: TokenStream, form: Form): boolean {
  const { words } = outline(stream);
  return form.needs.every((word) => words.has(word));
}

/** Forms that begin alike differ in their first few values; looking further would make long lines slow. */
const outlineTokensMax = 300;

/** The commas and words outside brackets up to the end of the statement, or to where the bracket around it closes. */
function outline(stream: TokenStream): { commas: number; words: ReadonlySet<string> } {
  const words = new Set<string>();
  let commas = 0;
  let seen = 0;
  for (let ahead = 0; seen < outlineTokensMax; ahead++, seen++) {
    const { kind, upper } = stream.peek(ahead);
    if (kind === 'newline' || kind === 'end' || kind === 'text') break;
    if (kind === 'name') {
      if (isWordOfForm(stream, ahead)) words.add(upper);
    } else if (kind !== 'operator') continue;
    else if (upper === ',') {
      if (!stream.isComma(ahead)) break;
      commas++;
    } else if (upper === '=' || upper === '#' || upper === ':') words.add(upper);
    else if (upper === ')' || upper === ']' || upper === '}') break;
    else if (upper === '(' || upper === '[' || upper === '{' || upper === '#{') {
      const closer = stream.closerOf(ahead);
      if (closer === 0) break;
      ahead = closer;
    }
  }
  return { commas, words };
}

/**
 * `BODY` of `POST url BODY data`, which a value follows; `body` of `POST url, body` and of `body.total` is a variable.
 * At the end of the statement a word ends a form, as FIRST does, unless nothing of the form is before it.
 */
export function isWordOfForm(stream: TokenStream, ahead: number, valuesBefore = ahead): boolean {
  const after = stream.peek(ahead + 1);
  const isAfterComma = ahead > 0 && stream.peek(ahead - 1).upper === ',';
  if (after.kind === 'newline' || after.kind === 'end') return valuesBefore > 0 && !isAfterComma;
  if (after.kind !== 'operator') return true;
  return signsAfterWords.has(after.upper) && !(isAfterComma && after.glued);
}

/** What may stand between a word of a form and its value. */
const signsAfterWords = new Set(['(', '[', '{', '#{', '-', '!', ':', '#', ';']);

export function readFormParts(stream: TokenStream, parts: readonly FormPart[], values: FormValues, wrong: OnWrong): void {
  for (const part of parts) {
    switch (part.kind) {
      case 'word':
        if (!stream.accept(part.word)) wrong();
        break;
      case 'sign':
        // Many scripts leave the comma out between values: "name" value.
        if (!stream.accept(part.sign) && !(part.sign === ',' && startsValue(stream))) wrong();
        break;
      case 'optional':
        if (beginsForm(stream, part.parts)) readFormParts(stream, part.parts, values, wrong);
        break;
      case 'choice': {
        const option = part.options.find((one) => beginsForm(stream, one));
        if (!option) wrong();
        else readFormParts(stream, option, values, wrong);
        break;
      }
      default:
        readValue(stream, part.name, part.takes, values, wrong);
    }
  }
}

function readValue(stream: TokenStream, name: string, takes: Takes, values: FormValues, wrong: OnWrong): void {
  if (takes === 'columns') {
    const columns = parseColumns(stream, wrong);
    values.set(columns.kind === 'array' ? 'values' : name, columns);
    return;
  }
  if (takes === 'one' || takes === 'yes') {
    const span = stream.span(stream.last());
    const given = takes === 'one' ? ({ kind: 'number', value: 1 } as const) : ({ kind: 'boolean', value: true } as const);
    values.set(name, makeNode(span, 1, given));
    return;
  }
  if (stream.peek().kind === 'name' && (takes === 'word' || takes === 'words')) {
    const word = takes === 'word' ? bareWord(stream) : bareWords(stream);
    if (word) {
      values.set(name, word);
      return;
    }
  }
  // A key like `X-Shop` of SET HEADER is no subtraction.
  const key =
    takes === 'key' && stream.peek().kind === 'name' && isJoint(stream, 1) && stream.is('-', 1) ? bareWord(stream) : null;
  if (key) {
    values.set(name, key);
    return;
  }
  if (!beginsValue(stream)) wrong();
  values.set(name, readers[takes]?.(stream) ?? parseExpression(stream));
}

const readers: Readonly<Partial<Record<Takes, (stream: TokenStream) => Expression>>> = {
  list: valueList,
  key: (stream) => parseExpression(stream, comparisonBinding),
  operand: (stream) => parseExpression(stream, operandBinding),
  condition: parseCondition,
  order: parseOrder,
  fields: (stream) => parseFields(stream, '='),
  aliases: (stream) => parseFields(stream, 'AS'),
};

function valueList(stream: TokenStream): Expression {
  const start = stream.peek();
  const items = [parseExpression(stream)];
  while (stream.isComma()) {
    stream.next();
    items.push(parseExpression(stream));
  }
  return arrayNode(join(stream.span(start), stream.span(stream.last())), items);
}

/** `ON`, `INSTAGRAM` or `document-ref` as a text; null when more follows than a bare word can have. */
function bareWord(stream: TokenStream): Expression | null {
  const first = stream.peek();
  let count = 1;
  while (isJoint(stream, count) && stream.peek(count + 1).glued) count += 2;
  const after = stream.peek(count);
  if (
    after.kind === 'operator' &&
    after.upper !== ',' &&
    after.upper !== ':' &&
    after.upper !== ')' &&
    after.upper !== '=' &&
    after.upper !== ';'
  )
    return null;
  for (; count > 0; count--) stream.next();
  const span = join(stream.span(first), stream.span(stream.last()));
  return textNode(span, stream.file.text.slice(span.start, span.end));
}

/** `every 1 hour`: bare words and numbers up to a comma or the end; null when this is a single name or a call. */
function bareWords(stream: TokenStream): Expression | null {
  const first = stream.peek();
  let count = 1;
  while (stream.peek(count).kind === 'name' || stream.peek(count).kind === 'number') count++;
  const after = stream.peek(count);
  if (count === 1 || (after.kind !== 'newline' && after.kind !== 'end' && after.upper !== ',' && after.upper !== ')'))
    return null;
  for (; count > 0; count--) stream.next();
  const span = join(stream.span(first), stream.span(stream.last()));
  return textNode(span, stream.file.text.slice(span.start, span.end));
}

const isJoint = (stream: TokenStream, ahead: number): boolean =>
  stream.peek(ahead).glued && (stream.is('.', ahead) || stream.is('-', ahead)) && stream.peek(ahead + 1).kind === 'name';
