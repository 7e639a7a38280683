export { getKept, memoryOperations, setKept } from './memory-operations.ts';
