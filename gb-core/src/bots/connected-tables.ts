import type { ManifestTable, OperationRequest, PlainValue, PublishedBot, TurnOutput } from '../ports/index.ts';

/**
 * A request that names a table of another database, with the `connection` it is reached by among its values: by that
 * operations know that it is done outside of the turn. No form of the language has a value of this name.
 */
export function addressed(output: TurnOutput, published: PublishedBot | null): TurnOutput {
  const { request } = output;
  const tables = request && tablesElsewhere(published);
  const connection = tables && tables.size > 0 ? connectionOf(request, tables) : null;
  return request && connection !== null ? { ...output, request: { ...request, args: { ...request.args, connection } } } : output;
}

/** The tables a bot says are somewhere else, by their names in small letters. */
export function tablesElsewhere(published: Pick<PublishedBot, 'about'> | null): ReadonlyMap<string, ManifestTable> {
  const tables = published?.about?.manifest.tables ?? [];
  return new Map(tables.filter(({ connection }) => connection !== null).map((table) => [table.name.toLowerCase(), table]));
}

/** Names of the tables a QUERY is about. */
export function tablesInQuery(text: string): readonly string[] {
  return [
    ...text.slice(0, 4_000).matchAll(/\b(?:from|join)\s+("[^"]{1,100}"|\[[^\]]{1,100}\]|[\p{L}_][\p{L}\p{N}_]{0,99})/giu),
  ].map(([, name]) => name!.replace(/^["[]|["\]]$/g, '').toLowerCase());
}

function connectionOf({ name, args }: OperationRequest, tables: ReadonlyMap<string, ManifestTable>): string | null {
  const named = (value: PlainValue | undefined): string =>
    typeof value === 'string' ? value.trim().replace(/^\./, '').toLowerCase() : '';
  const names =
    name === 'QUERY'
      ? tablesInQuery(typeof args['text'] === 'string' ? args['text'] : '')
      : [named(args['table'] ?? args['file'])];
  for (const one of names) {
    const table = tables.get(one);
    if (table) return table.connection;
  }
  return null;
}
