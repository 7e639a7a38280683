import type { ChangedRows, NewRun, PlainValue, Tx } from 'gb-core';
import { OperationFailed } from '../operation.ts';
import { type DataScope, dataState, setDataState } from './scope.ts';

export type TriggerKind = 'insert' | 'update' | 'delete';

/** The scripts with ON INSERT OF, ON UPDATE OF or ON DELETE OF this table, whose name is in lower case. */
export type TriggersOf = (
  scope: DataScope,
  kind: TriggerKind,
  table: string,
) => Promise<readonly { readonly script: string; readonly procedure?: string }[]>;

/** A row that comes because of a row that came because of a row: no further than this. */
const depthMax = 8;

/** Runs that wait for the end of the transactions that are open, innermost last. */
const waiting = new WeakMap<Tx, NewRun[][]>();

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
 * Starts a run for each changed row and each script that asked for it; they begin when the turn is stored. Params: `row`
 * as it is now (as it was, of one that is gone), `old` as it was, `table` and `triggerDepth`.
 */
export async function startTriggers(
  scope: DataScope,
  triggersOf: TriggersOf,
  table: string,
  changes: readonly { readonly kind: TriggerKind; readonly rows: ChangedRows['rows'] }[],
): Promise<void> {
  if (!scope.start) return;
  const depth = (dataState(scope).triggerDepth ?? 0) + 1;
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
        started(scope, { script, params, cause: 'table', key: `${scope.key}/${kind}/${number++}` });
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
  if (isAsked && (dataState(scope).triggerDepth ?? 0) >= depthMax)
    throw new OperationFailed(
      {
        en: `ON INSERT, ON UPDATE and ON DELETE have started each other ${depthMax} times`,
        pt: `ON INSERT, ON UPDATE e ON DELETE se iniciaram ${depthMax} vezes`,
      },
      'limit_reached',
    );
  return isAsked;
}

function started(scope: DataScope, run: NewRun): void {
  const innermost = waiting.get(scope.tx)?.at(-1);
  if (innermost) innermost.push(run);
  else scope.start!(run);
}

export async function beginTransaction(scope: DataScope): Promise<void> {
  await scope.tx.tables.begin();
  const open = waiting.get(scope.tx) ?? [];
  open.push([]);
  waiting.set(scope.tx, open);
  setDataState(scope, { isInTransaction: true });
}

/** False when none is open here; one that was begun before the conversation waited has been saved when it did. */
export async function commitTransaction(scope: DataScope): Promise<boolean> {
  const wasOpen = dataState(scope).isInTransaction ?? false;
  const isHere = await scope.tx.tables.commit();
  const runs = waiting.get(scope.tx)?.pop() ?? [];
  const outer = waiting.get(scope.tx)?.at(-1);
  for (const run of runs) {
    if (outer) outer.push(run);
    else scope.start?.(run);
  }
  if (!outer) setDataState(scope, { isInTransaction: undefined });
  return isHere || wasOpen;
}

export async function rollbackTransaction(scope: DataScope): Promise<'done' | 'saved' | 'none'> {
  const wasOpen = dataState(scope).isInTransaction ?? false;
  const isHere = await scope.tx.tables.rollback();
  waiting.get(scope.tx)?.pop();
  if (!waiting.get(scope.tx)?.length) setDataState(scope, { isInTransaction: undefined });
  return isHere ? 'done' : wasOpen ? 'saved' : 'none';
}

/**
 * To be called when a turn is about to be stored: what was begun and not ended is saved with it, as HEAR saves everything
 * before it, and what it started begins.
 */
export async function settleTransactions(scope: DataScope): Promise<void> {
  while (waiting.get(scope.tx)?.length) {
    const runs = waiting.get(scope.tx)!.pop()!;
    await scope.tx.tables.commit();
    const outer = waiting.get(scope.tx)!.at(-1);
    for (const run of runs) {
      if (outer) outer.push(run);
      else scope.start?.(run);
    }
  }
}
