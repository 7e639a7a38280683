import type { Expression } from '../ast.ts';
import { parseExpression } from '../parse-expression.ts';
import { join } from '../source.ts';
import type { TokenStream } from '../token-stream.ts';
import { arrayNode, objectNode } from './nodes.ts';

/**
 * The values of SAVE. When each is a variable or a property, its name (or the last part of it) is the name of its
 * column, and they arrive as one object; otherwise they are a list, in the order of the columns. `name = value` names
 * a column too: nobody saves the yes or no of a comparison, and taking it for one would lose what was to be saved.
 */
export function parseColumns(stream: TokenStream, wrong: () => never): Expression {
  const first = stream.peek();
  if (first.kind === 'newline' || first.kind === 'end') wrong();
  let hasSigns = false;
  const columns: { readonly key: string | null; readonly value: Expression }[] = [];
  do {
    const given = columnGiven(stream);
    hasSigns ||= given !== null;
    const value = parseExpression(stream);
    columns.push({ key: given ?? nameOf(value), value });
  } while (stream.accept(','));
  const span = join(stream.span(first), stream.span(stream.last()));
  const entries = columns.flatMap(({ key, value }) => (key === null ? [] : [{ key, value }]));
  const isNamed =
    entries.length === columns.length && new Set(entries.map(({ key }) => key.toUpperCase())).size === entries.length;
  // A list has no place for the names that were given.
  if (hasSigns && !isNamed) wrong();
  return isNamed
    ? objectNode(span, entries)
    : arrayNode(
        span,
        columns.map(({ value }) => value),
      );
}

const nameOf = (value: Expression): string | null =>
  value.kind === 'name' ? value.display : value.kind === 'member' ? value.name : null;

/** Takes `name =`, when that is what comes. */
function columnGiven(stream: TokenStream): string | null {
  if (stream.peek().kind !== 'name' || !stream.is('=', 1)) return null;
  const { text } = stream.next();
  stream.next();
  return text;
}
