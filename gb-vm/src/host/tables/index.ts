export { type ConnectionsOptions, createConnections, type WithSession } from './connected/index.ts';
export { type DataOptions, dataHooks, dataOperations } from './data-operations.ts';
export { type DataScope, type DataState, dataState } from './scope.ts';
export type { ReadRows } from './synchronize.ts';
export { type TriggersOf, triggersOfBot } from './triggers.ts';
