export { getKept, setKept } from './kept.ts';
export { memoryOperations } from './memory-operations.ts';
