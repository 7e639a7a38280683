import {
  type Answer,
  type Args,
  done,
  isRow,
  type MemoryData,
  type MemoryOptions,
  type Operation,
  textOf,
  wrong,
} from './memory-data.ts';
import { readCondition } from './read-condition.ts';
import { byId, firstRow, readRowOrder, rowsOf, savedRows } from './row-arguments.ts';
import { inOrder, type Row } from './tables.ts';

/** FIND, SAVE and the others that work on tables. */
export function tableOperations(data: MemoryData, options: MemoryOptions): Readonly<Record<string, Operation>> {
  const fail = (en: string, pt: string): Answer => wrong(options, en, pt);
  const badFilter = fail('the filter cannot be understood', 'o filtro não pode ser entendido');
  const full = fail('the table is full', 'a tabela está cheia');
  const condition = (args: Args) => {
    const [filter, where] = [readCondition(args['filters'] ?? args['filter']), readCondition(args['where'])];
    return filter && where ? ({ kind: 'all', parts: [filter, where] } as const) : null;
  };
  const saved = (name: string, rows: readonly Row[] | null): Answer => {
    if (!rows) return fail('a row must be an object', 'uma linha deve ser um objeto');
    const table = data.tables.made(name);
    return table?.add(rows) ? { value: rows.length } : full;
  };
  return {
    FIND: (args) => {
      const wanted = condition(args);
      const order = readRowOrder(args['order']);
      const limit = args['limit'] ?? null;
      if (!wanted || !order) return badFilter;
      if (limit !== null && !(Number(limit) >= 0)) return fail('LIMIT must be a number', 'LIMIT deve ser um número');
      const found = data.tables.table(textOf(args['table']))?.find(wanted) ?? [];
      const rows = order.length > 0 ? inOrder(found, order) : found;
      const cut = limit === null ? rows : rows.slice(0, Math.trunc(Number(limit)));
      // No row is no value, so that IF and IS NULL tell; rows are copies.
      return { value: cut.length === 0 ? null : cut.map((row) => ({ ...row })) };
    },
    SAVE: (args) => {
      const name = textOf(args['table']);
      return saved(name, savedRows(args, data.tables.table(name)?.columns));
    },
    INSERT: (args) => {
      const name = textOf(args['table']);
      const row = args['row'];
      return saved(
        name,
        savedRows(isRow(row) || Array.isArray(row) ? { values: [row] } : args, data.tables.table(name)?.columns),
      );
    },
    UPDATE: (args) => {
      const wanted = condition(byId(args));
      if (!wanted) return badFilter;
      const changes = firstRow(args['row']);
      if (!changes) return fail('what to change must be an object', 'o que mudar deve ser um objeto');
      return { value: data.tables.table(textOf(args['table']))?.update(wanted, { ...changes }) ?? 0 };
    },
    DELETE: (args) => {
      const wanted = condition(args);
      return wanted ? { value: data.tables.table(textOf(args['table']))?.delete(wanted) ?? 0 } : badFilter;
    },
    MERGE: (args) => {
      const rows = rowsOf(args['rows'] ?? null);
      const key = textOf(args['key']);
      if (!rows || key === '') return fail('MERGE needs rows and a key', 'MERGE precisa de linhas e de uma chave');
      const counts = data.tables.made(textOf(args['table']))?.merge(rows, key);
      return counts ? { value: counts } : full;
    },
    // HEAR … AS file: what can be chosen is in its first column.
    MENU: (args) => {
      const file = textOf(args['file']).slice(0, 80);
      const table = data.tables.table(textOf(args['file']));
      const [column] = table?.columns ?? [];
      if (!table || column === undefined) return fail(`there is no file ${file}`, `não há um arquivo ${file}`);
      return { value: table.rows.map((row) => row[column] ?? null).filter((value) => value !== null && value !== '') };
    },
    REFRESH: () => done,
    'RESET REPORT': () => done,
  };
}
