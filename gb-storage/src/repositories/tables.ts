import { type Table, TableRefused, type TableRepository } from 'gb-core';
import type { BotId } from 'gb-protocol';
import type { Scope } from '../scope.ts';
import { physicalTable } from '../tables/columns.ts';
import type { StoredColumn, StoredParts, StoredTable } from '../tables/declare.ts';
import { declareTables } from '../tables/declaring.ts';
import { guarded } from '../tables/guarded.ts';
import { mergeRows } from '../tables/merge.ts';
import { countRows, findRows, sumRows } from '../tables/read.ts';
import { refusal } from '../tables/refusals.ts';
import { everything } from '../tables/rows.ts';
import { deleteRows, insertRows, updateRows } from '../tables/write.ts';

interface RegisterRow {
  table_id: string;
  bot_id: BotId;
  name: string;
  columns: StoredColumn[];
  parts: StoredParts;
  read_by: string[];
  write_by: string[];
}

/** BEGIN TRANSACTIONs within each other. */
const depthMax = 10;

export function tableRepository(scope: Scope): TableRepository {
  const { sql, customerId } = scope;
  /** BEGIN TRANSACTIONs that are open here. */
  let depth = 0;

  async function stored(botId: BotId, lock = false): Promise<readonly RegisterRow[]> {
    return sql.rows<RegisterRow>(
      `select table_id, bot_id, name, columns, parts, read_by, write_by from bot_tables where customer_id = $1 and bot_id = $2 order by name${lock ? ' for update' : ''}`,
      [customerId, botId],
    );
  }

  /** Runs what may be refused, with the reason in words. */
  async function on<T>(table: Table, work: () => Promise<T>, kind?: 'delete'): Promise<T> {
    try {
      return await guarded(sql, work);
    } catch (error) {
      throw refusal(table, error, kind);
    }
  }

  return {
    async declare(botId, definitions) {
      return guarded(sql, async () => {
        // Two who publish the same bot at once would make its tables twice.
        await sql.once("select pg_advisory_xact_lock(hashtextextended('tables ' || $1, 0))", [`${customerId} ${botId}`]);
        // Changing what is big takes longer than asking it.
        await sql.once('set local statement_timeout = 30000');
        const present = (await stored(botId, true)).map(
          (row): StoredTable => ({
            id: row.table_id,
            name: row.name,
            columns: row.columns,
            parts: row.parts,
            readBy: row.read_by,
            writeBy: row.write_by,
          }),
        );
        const own = definitions.filter(({ connection }) => connection === null);
        return declareTables(scope, botId, own, present);
      });
    },

    async list(botId) {
      return (await stored(botId)).map(toTable);
    },

    async get(botId, name) {
      const row = await sql.row<RegisterRow>(
        'select table_id, bot_id, name, columns, parts, read_by, write_by from bot_tables where customer_id = $1 and bot_id = $2 and lower(name) = lower($3)',
        [customerId, botId, name.trim().replace(/^\./, '').slice(0, 100)],
      );
      return row && toTable(row);
    },

    find: (table, query = {}) => on(table, () => findRows(scope, table, query)),
    count: (table, condition = everything) => on(table, () => countRows(scope, table, condition)),
    aggregate: (table, sum) => on(table, () => sumRows(scope, table, sum)),
    insert: (table, rows) => on(table, () => insertRows(scope, table, rows)),
    update: (table, condition, changes, { withRows = false } = {}) =>
      on(table, () => updateRows(scope, table, condition, changes, withRows)),
    delete: (table, condition, { withRows = false } = {}) =>
      on(table, () => deleteRows(scope, table, condition, withRows), 'delete'),
    merge: (table, rows, keys, { withRows = false } = {}) => on(table, () => mergeRows(scope, table, rows, keys, withRows)),

    async begin() {
      if (depth >= depthMax)
        throw new TableRefused(
          { en: 'BEGIN TRANSACTION is nested too deep', pt: 'BEGIN TRANSACTION está aninhado demais' },
          { isLimit: true },
        );
      depth += 1;
      await sql.once(`savepoint gb_transaction_${depth}`);
    },

    async commit() {
      if (depth === 0) return false;
      await sql.once(`release savepoint gb_transaction_${depth--}`);
      return true;
    },

    async rollback() {
      if (depth === 0) return false;
      await sql.once(`rollback to savepoint gb_transaction_${depth}`);
      await sql.once(`release savepoint gb_transaction_${depth--}`);
      return true;
    },
  };
}

function toTable(row: RegisterRow): Table {
  const columns = row.columns.filter(({ isHidden }) => !isHidden);
  const indexed = new Set(row.parts.indexes.filter(({ isUnique }) => !isUnique).map(({ columns: [first] }) => first));
  return {
    id: row.table_id,
    botId: row.bot_id,
    name: row.name,
    columns: columns.map(({ isHidden: _, ...column }) => ({ ...column, isIndexed: indexed.has(column.physicalName) })),
    key: columns.filter(({ isKey }) => isKey).map(({ name }) => name),
    readBy: row.read_by,
    writeBy: row.write_by,
    constraints: constraintsOf(row),
  };
}

function constraintsOf({ table_id, columns, parts }: RegisterRow): Table['constraints'] {
  const names = (physical: readonly string[]): string[] =>
    physical.map((one) => columns.find(({ physicalName }) => physicalName === one)?.name ?? one);
  const name = physicalTable(table_id);
  const key = columns.filter(({ isKey }) => isKey).map((column) => column.name);
  return Object.fromEntries([
    [`${name}_pkey`, key.length > 0 ? key : ['id']],
    ...parts.indexes.map((index) => [`${name}_${index.number}`, names(index.columns)] as const),
    ...parts.references.map((reference) => [`${name}_${reference.number}`, names([reference.column].flat())] as const),
  ]);
}
