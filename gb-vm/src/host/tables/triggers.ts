import type { ChangedRows, PlainValue } from 'gb-core';
import { OperationFailed } from '../operation.ts';
import type { DataScope } from './scope.ts';

export type TriggerKind = 'insert' | 'update' | 'delete';

/** The scripts with ON INSERT OF, ON UPDATE OF or ON DELETE OF this table, whose name is in lower case. */
export type TriggersOf = (
  scope: DataScope,
  kind: TriggerKind,
  table: string,
) => Promise<readonly { readonly script: string; readonly procedure?: string }[]>;

/** A row that comes because of a row that came because of a row: no further than this. */
const depthMax = 8;

export const triggersOfBot: TriggersOf = async ({ tx, botId }, kind, table) => {
  const rows = await tx.triggers.find(kind, table);
  return rows
    .filter((row) => row.botId === botId)
    .map(({ script, details }) => {
      const procedure = details['procedure'];
      return typeof procedure === 'string' ? { script, procedure } : { script };
    });
};

/**
 * Starts a run for each changed row and each script that asked for it; they are stored with the
 * change. Params: `row`
 * as it is now (as it was, of one that is gone), `old` as it was, `table` and `triggerDepth`.
 */
export async function startTriggers(
  scope: DataScope,
  triggersOf: TriggersOf,
  table: string,
  changes: readonly { readonly kind: TriggerKind; readonly rows: ChangedRows['rows'] }[],
): Promise<void> {
  if (!scope.start) return;
  const depth = depthOf(scope) + 1;
  let number = 0;
  for (const { kind, rows } of changes) {
    if (rows.length === 0) continue;
    const scripts = await triggersOf(scope, kind, table.toLowerCase());
    for (const { row, old } of rows)
      for (const { script, procedure } of scripts) {
        const params: Record<string, PlainValue> = {
          row: (row ?? old ?? null) as PlainValue,
          old: (old ?? null) as PlainValue,
          table,
          triggerDepth: depth,
          ...(procedure === undefined ? {} : { procedure }),
        };
        await scope.start({ script, params, cause: 'table', key: `${scope.key}/${kind}/${number++}` });
      }
  }
}

/** Whether a change has to say which rows it changed. Refuses what has gone round too often, before anything is changed. */
export async function hasTriggers(
  scope: DataScope,
  triggersOf: TriggersOf,
  table: string,
  kinds: readonly TriggerKind[],
): Promise<boolean> {
  if (!scope.start) return false;
  let isAsked = false;
  for (const kind of kinds) isAsked ||= (await triggersOf(scope, kind, table.toLowerCase())).length > 0;
  if (isAsked && depthOf(scope) >= depthMax)
    throw new OperationFailed(
      {
        en: `ON INSERT, ON UPDATE and ON DELETE have started each other ${depthMax} times`,
        pt: `ON INSERT, ON UPDATE e ON DELETE se iniciaram ${depthMax} vezes`,
      },
      'limit_reached',
    );
  return isAsked;
}

/** How many rows that came because of rows are behind this run. */
function depthOf({ state }: DataScope): number {
  const depth = state.run?.cause === 'table' ? Number(state.run.params['triggerDepth']) : 0;
  return Number.isSafeInteger(depth) && depth > 0 ? depth : 0;
}

/** A change and what it starts are one: when the second fails, the first has not been. */
export async function asOne<T>({ tx, sources }: DataScope, work: () => Promise<T>): Promise<T> {
  // Another database has transactions of its own, and nothing starts because of its rows.
  if (sources) return work();
  await tx.tables.begin();
  try {
    const result = await work();
    await tx.tables.commit();
    return result;
  } catch (error) {
    try {
      await tx.tables.rollback();
    } catch {
      // The transaction as a whole is lost; the first error says why.
    }
    throw error;
  }
}
