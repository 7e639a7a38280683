import { type Condition, type NewRun, type OperationScope, type PlainValue, TableRefused, type Tx } from 'gb-core';
import type { JsonValue } from '../../runtime/functions/json.ts';
import { readCondition } from '../../runtime/operations/read-condition.ts';
import { type Args, OperationFailed } from '../operation.ts';
import type { RowSource } from './source.ts';

/** What work on data needs: in a turn all of it, outside a transaction of its own, where nothing starts. */
export interface DataScope extends OperationScope {
  readonly tx: Tx;
  start?(run: NewRun): Promise<unknown>;
  /** Tables of another database, by their names in small letters. Where they are given, there are no others. */
  readonly sources?: ReadonlyMap<string, RowSource>;
}

/** What a conversation remembers about its reads; its room in the state. */
export interface DataState {
  readonly linesMax?: number;
  readonly filter?: PlainValue;
  readonly autoSave?: boolean;
  readonly report?: { readonly added: number; readonly updated: number; readonly unchanged: number };
  /** A BEGIN TRANSACTION that has not ended yet. */
  readonly isInTransaction?: boolean;
  /** What SET PARAM said, by names in lower case. */
  readonly params?: Readonly<Record<string, PlainValue>>;
}

export const dataState = ({ state }: OperationScope): DataState => (state.data ?? {}) as DataState;

export function setDataState(
  { state }: OperationScope,
  changes: { readonly [Name in keyof DataState]?: DataState[Name] | undefined },
): void {
  const merged = Object.entries({ ...dataState({ state } as OperationScope), ...changes }).filter(
    ([, value]) => value !== undefined,
  );
  state.data = Object.fromEntries(merged) as Record<string, PlainValue>;
}

export function fail(en: string, pt: string): OperationFailed {
  return new OperationFailed({ en, pt });
}

/** A refusal of the store is an error of the program. */
export async function said<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TableRefused)
      throw new OperationFailed(error.said, error.isLimit ? 'limit_reached' : 'operation_failed');
    throw error;
  }
}

/** Of `filters`, `filter` and `where`: all must hold. */
export function conditionOf(args: Args): Condition {
  const given = [args['filters'] ?? args['filter'], args['where']];
  const parts = given.map((one) => readCondition(one as JsonValue | undefined));
  if (parts.some((part) => part === null)) throw fail('the filter cannot be understood', 'o filtro não pode ser entendido');
  return { kind: 'all', parts: parts as Condition[] };
}

/** SET WHOLE WORD OFF: a word that is asked for may be a part of what stands there. */
export function ofParts(condition: Condition): Condition {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return { ...condition, parts: condition.parts.map(ofParts) };
    case 'not':
      return { ...condition, part: ofParts(condition.part) };
    case 'compare':
      return condition.operator === '=' && typeof condition.value === 'string' && /\p{L}/u.test(condition.value)
        ? { ...condition, operator: 'contains' }
        : condition;
    default:
      return condition;
  }
}

export const hasFilter = (args: Args): boolean =>
  ['filters', 'filter', 'where'].some(
    (name) => (args[name] ?? '') !== '' && !(Array.isArray(args[name]) && args[name].length === 0),
  );

/** Names of the columns a condition looks at. */
export function columnsIn(condition: Condition): string[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.parts.flatMap(columnsIn);
    case 'not':
      return columnsIn(condition.part);
    default:
      return [condition.column.name];
  }
}

/** The same condition with other names for columns. */
export function renamed(condition: Condition, rename: (name: string) => string): Condition {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return { ...condition, parts: condition.parts.map((part) => renamed(part, rename)) };
    case 'not':
      return { ...condition, part: renamed(condition.part, rename) };
    default:
      return { ...condition, column: { ...condition.column, name: rename(condition.column.name) } };
  }
}
