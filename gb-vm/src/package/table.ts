import type { ManifestTable } from 'gb-core';
import { declaredNamePattern, listOf } from '../compiler/declarations/index.ts';
import type { Problems } from './problem.ts';
import type { Declared } from './script-facts.ts';

/** `CREATE INDEX`, put into its table, which may stand in another script. */
export function addIndex(declared: Declared, tables: Map<string, ManifestTable>, problems: Problems): void {
  const { values, place } = declared;
  const key = String(values['table']).toLowerCase();
  const table = tables.get(key);
  if (!table) {
    problems.error(
      'unknown_table',
      place,
      `No TABLE is called ${values['table']}.`,
      `Nenhuma TABLE se chama ${values['table']}.`,
    );
    return;
  }
  const columns = listOf(values['columns']).map((name) =>
    table.columns.find((column) => column.name.toLowerCase() === String(name).toLowerCase()),
  );
  const unknown = listOf(values['columns'])[columns.indexOf(undefined)];
  const name = String(values['name']);
  if (unknown !== undefined)
    problems.error(
      'unknown_column',
      place,
      `${table.name} has no column ${unknown}.`,
      `${table.name} não tem a coluna ${unknown}.`,
    );
  else if (!declaredNamePattern.test(name) || table.indexes.some((index) => index.name.toLowerCase() === name.toLowerCase()))
    problems.error(
      'bad_index_name',
      place,
      `An index cannot be called ${name} here.`,
      `Um índice não pode se chamar ${name} aqui.`,
    );
  else
    tables.set(key, {
      ...table,
      indexes: [...table.indexes, { name, columns: columns.map((column) => column!.name), isUnique: false }],
    });
}
