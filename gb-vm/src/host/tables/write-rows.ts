import { type PlainValue, type TableRow, tableLimits } from 'gb-core';
import type { JsonValue } from '../../runtime/functions/json.ts';
import { isRow, textOf } from '../../runtime/operations/memory-data.ts';
import { byId, firstRow, rowsOf, savedRows } from '../../runtime/operations/row-arguments.ts';
import { type Args, OperationFailed } from '../operation.ts';
import { conditionOf, type DataScope, dataState, fail, hasFilter, setDataState } from './scope.ts';
import { openSource, type RowSource } from './source.ts';
import { asOne, hasTriggers, startTriggers, type TriggersOf } from './triggers.ts';

type JsonArgs = Readonly<Record<string, JsonValue>>;

/** SAVE and INSERT: how many rows were added. */
export async function addRows(scope: DataScope, args: Args, triggersOf: TriggersOf): Promise<PlainValue> {
  const source = await openSource(scope, textOf(args['table']), 'write');
  const row = args['row'];
  const given = (isRow(row) || Array.isArray(row) ? { values: [row] } : args) as JsonArgs;
  const rows = savedRows(given, source.columns);
  if (!rows) throw fail('a row must be an object', 'uma linha deve ser um objeto');
  return addTo(scope, source, rows, triggersOf);
}

export async function addTo(
  scope: DataScope,
  source: RowSource,
  rows: readonly TableRow[],
  triggersOf: TriggersOf,
): Promise<number> {
  const isTold = await hasTriggers(scope, triggersOf, source.name, ['insert']);
  if (isTold && rows.length > tableLimits.changedRowsMax) throw tooManyTriggered();
  if (!isTold) return (await source.insert(rows)).length;
  return asOne(scope, async () => {
    const added = await source.insert(rows);
    await startTriggers(scope, triggersOf, source.name, [{ kind: 'insert', rows: added.map((row) => ({ row })) }]);
    return added.length;
  });
}

/** UPDATE: how many rows were changed. */
export async function updateRows(scope: DataScope, args: Args, triggersOf: TriggersOf): Promise<PlainValue> {
  const source = await openSource(scope, textOf(args['table']), 'write');
  const given = (args['row'] ?? args['columns']) as JsonValue | undefined;
  const changes = firstRow(given);
  if (!changes) throw fail('what to change must be an object', 'o que mudar deve ser um objeto');
  // A row that was found and is given back is that row: UPDATE "orders", order
  const named = source.keys.map((key) => {
    const given = Object.keys(changes).find((name) => name.toLowerCase() === key.toLowerCase());
    return [key, given === undefined ? null : changes[given]!] as const;
  });
  const isItself = !hasFilter(args) && named.every(([, value]) => value !== null);
  const condition = conditionOf(isItself ? { filter: Object.fromEntries(named) } : byId(args as JsonArgs, source.key));
  const withRows = await hasTriggers(scope, triggersOf, source.name, ['update']);
  return asOne(scope, async () => {
    const changed = await source.update(condition, changes, { withRows });
    await startTriggers(scope, triggersOf, source.name, [{ kind: 'update', rows: changed.rows }]);
    return changed.count;
  });
}

/** DELETE: how many rows went. */
export async function deleteRows(scope: DataScope, args: Args, triggersOf: TriggersOf): Promise<PlainValue> {
  const source = await openSource(scope, textOf(args['table']), 'write');
  const withRows = await hasTriggers(scope, triggersOf, source.name, ['delete']);
  const condition = conditionOf(args);
  return asOne(scope, async () => {
    const gone = await source.delete(condition, { withRows });
    await startTriggers(scope, triggersOf, source.name, [{ kind: 'delete', rows: gone.rows }]);
    return gone.count;
  });
}

/** MERGE: how many rows of each kind; added up until RESET REPORT. */
export async function mergeRows(scope: DataScope, args: Args, triggersOf: TriggersOf): Promise<PlainValue> {
  const rows = rowsOf((args['rows'] ?? null) as JsonValue);
  const key = textOf(args['key']).trim();
  const keys = key.split(',').map((name) => name.trim());
  if (!rows || keys.includes('')) throw fail('MERGE needs rows and a key', 'MERGE precisa de linhas e de uma chave');
  const source = await openSource(scope, textOf(args['table']), 'write');
  const counts = await mergeInto(scope, source, rows, keys, triggersOf);
  const { added, updated, unchanged } = dataState(scope).report ?? { added: 0, updated: 0, unchanged: 0 };
  setDataState(scope, {
    report: { added: added + counts.added, updated: updated + counts.updated, unchanged: unchanged + counts.unchanged },
  });
  return counts;
}

export async function mergeInto(
  scope: DataScope,
  source: RowSource,
  rows: readonly TableRow[],
  keys: readonly string[],
  triggersOf: TriggersOf,
): Promise<{ added: number; updated: number; unchanged: number }> {
  const withRows = await hasTriggers(scope, triggersOf, source.name, ['insert', 'update']);
  return asOne(scope, async () => {
    const { added, updated, unchanged, rows: told } = await source.merge(rows, keys, { withRows });
    await startTriggers(scope, triggersOf, source.name, [
      { kind: 'insert', rows: told.filter(({ old }) => old === undefined) },
      { kind: 'update', rows: told.filter(({ old }) => old !== undefined) },
    ]);
    return { added, updated, unchanged };
  });
}

/** `SET "orders", "id=5", "status=paid"`: one field, or an object of them, of the rows that fit. */
export async function setRow(scope: DataScope, args: Args, triggersOf: TriggersOf): Promise<PlainValue> {
  const [filter, change] = (args['values'] ?? []) as readonly PlainValue[];
  const pair = typeof change === 'string' ? /^\s*([^=<>]{1,100}?)\s*=\s*([\s\S]*)$/.exec(change) : null;
  const row = pair ? { [pair[1]!]: unquoted(pair[2]!) } : change;
  if (filter === undefined || row === undefined || !isRow(row as JsonValue))
    throw fail('SET of a row is SET table, filter, "column=value"', 'SET de uma linha é SET tabela, filtro, "coluna=valor"');
  return updateRows(scope, { table: args['target'] ?? null, filter, row: row as PlainValue }, triggersOf);
}

const unquoted = (text: string): string => /^\s*(['"])([\s\S]*)\1\s*$/.exec(text)?.[2] ?? text.trim();

function tooManyTriggered(): OperationFailed {
  return new OperationFailed(
    {
      en: `at most ${tableLimits.changedRowsMax} rows are added at once to a table with ON INSERT`,
      pt: `no máximo ${tableLimits.changedRowsMax} linhas são acrescentadas de uma vez a uma tabela com ON INSERT`,
    },
    'limit_reached',
  );
}
