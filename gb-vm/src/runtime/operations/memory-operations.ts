import { fileOperations } from './files.ts';
import { keepingOperations } from './keeping-operations.ts';
import { MemoryData, type MemoryOperations, type MemoryOptions, type Operation } from './memory-data.ts';
import { tableOperations } from './table-operations.ts';
import { talkOperations } from './talk-operations.ts';

/**
 * The host of a program that has no server: tables, memories and suggestions, all of it in this process. What needs the
 * world - mail, models, other people, the web - is not offered, and a program that asks for it is told so.
 *
 * TAKE SUGGESTIONS is for the engine: it gives the labels that ADD SUGGESTION collected since the last time.
 */
export function createMemoryOperations(options: MemoryOptions = {}): MemoryOperations {
  const data = options.data ?? new MemoryData();
  const operations: Readonly<Record<string, Operation>> = {
    ...tableOperations(data, options),
    ...keepingOperations(data, options),
    ...talkOperations(data, options),
    ...fileOperations(data.files, options.locale ?? 'en'),
  };
  return (name, args) => (Object.hasOwn(operations, name) ? operations[name]!(args) : null);
}
