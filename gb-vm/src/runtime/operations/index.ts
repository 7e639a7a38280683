export type { Condition, Operator, Scalar } from './condition.ts';
export { parseCondition } from './condition-text.ts';
export { type CsvTable, readCsv, writeCsv } from './csv.ts';
export { MemoryData, type MemoryOperations, type MemoryOptions, type Suggestion } from './memory-data.ts';
export { createMemoryOperations } from './memory-operations.ts';
export { readCondition } from './read-condition.ts';
