export { type DataOptions, dataHooks, dataOperations, setTableRow } from './data-operations.ts';
export { type DataScope, type DataState, dataState } from './scope.ts';
export type { ReadRows } from './synchronize.ts';
export { settleTransactions, type TriggersOf, triggersOfBot } from './triggers.ts';
