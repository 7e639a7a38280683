import {
  type ChangedRows,
  type ChangeOptions,
  type Condition,
  type MergedRows,
  type RowQuery,
  type Table,
  type TableRow,
  type Tx,
  tablesElsewhere,
} from 'gb-core';
import { OperationFailed } from '../operation.ts';
import { type DataScope, fail, renamed } from './scope.ts';
import { sheetSource } from './sheet-source.ts';

/** Rows by a name, whether a script declared them or not. */
export interface RowSource {
  readonly name: string;
  readonly columns: readonly string[];
  /** The column that names one row; `id` where several do together. */
  readonly key: string;
  /** The columns that together name one row. */
  readonly keys: readonly string[];
  hasColumn(name: string): boolean;
  find(query: RowQuery): Promise<readonly TableRow[]>;
  insert(rows: readonly TableRow[]): Promise<readonly TableRow[]>;
  update(condition: Condition, changes: TableRow, options?: ChangeOptions): Promise<ChangedRows>;
  delete(condition: Condition, options?: ChangeOptions): Promise<ChangedRows>;
  merge(rows: readonly TableRow[], keys: readonly string[], options?: ChangeOptions): Promise<MergedRows>;
}

const nameMax = 200;

/** A declared table of the bot, else a sheet; the sheet of a file also by its name without the ending. */
export async function openSource(scope: DataScope, given: string, wanted: 'read' | 'write'): Promise<RowSource> {
  const { tx, botId } = scope;
  const name = given.trim().replace(/^\./, '');
  if (name === '' || name.length > nameMax) throw fail('a table needs a name', 'uma tabela precisa de um nome');
  if (scope.sources) {
    const source = scope.sources.get(name.toLowerCase());
    if (source) return source;
    throw fail(
      `${name.slice(0, 80)} is in another database than what it is asked with`,
      `${name.slice(0, 80)} está em outro banco de dados que aquilo com que é consultada`,
    );
  }
  const table = await tx.tables.get(botId, name);
  if (table) {
    await checkRole(scope, table, wanted);
    return tableSource(tx, table);
  }
  const endings = /\.\w+$/.test(name) ? [''] : ['', '.csv', '.xlsx'];
  for (const ending of endings) {
    const sheet = await tx.sheets.get(botId, name + ending);
    if (sheet) return sheetSource(tx, sheet, botId, sheet.name);
  }
  if (tablesElsewhere(await tx.bots.published(botId)).has(name.toLowerCase()))
    throw fail(
      `${name.slice(0, 80)} is in another database, where only FIND, SAVE, INSERT, UPDATE, DELETE, MERGE, QUERY and SYNCHRONIZE reach it`,
      `${name.slice(0, 80)} está em outro banco de dados, aonde só chegam FIND, SAVE, INSERT, UPDATE, DELETE, MERGE, QUERY e SYNCHRONIZE`,
    );
  return sheetSource(tx, null, botId, name);
}

function tableSource(tx: Tx, table: Table): RowSource {
  const names = new Set(table.columns.map(({ name }) => name.toLowerCase()));
  const isNumbered = table.key.length === 0 && !names.has('id');
  const key = table.key.length === 1 ? table.key[0]! : 'id';
  // `FIND "orders", 5` means the row whose key is 5, whatever the key is called.
  const keyed = (condition: Condition): Condition =>
    names.has('id') || isNumbered ? condition : renamed(condition, (name) => (name.toLowerCase() === 'id' ? key : name));
  return {
    name: table.name,
    columns: table.columns.map(({ name }) => name),
    key,
    keys: table.key.length > 0 ? table.key : [key],
    hasColumn: (name) => names.has(name.toLowerCase()) || (isNumbered && name.toLowerCase() === 'id'),
    find: (query) => tx.tables.find(table, query.condition ? { ...query, condition: keyed(query.condition) } : query),
    insert: (rows) => tx.tables.insert(table, rows),
    update: (condition, changes, options) => tx.tables.update(table, keyed(condition), changes, options),
    delete: (condition, options) => tx.tables.delete(table, keyed(condition), options),
    merge: (rows, by, options) => tx.tables.merge(table, rows, by, options),
  };
}

const ranks: Readonly<Record<string, number>> = { guest: 1, member: 2, admin: 3, owner: 4 };
const everybody = ['*', 'all', 'everyone', 'everybody', 'todos'];

/**
 * READ BY and WRITE BY: a role lets in its people and those above. A run that nobody talks to may what an admin may. A
 * role that is none of ours lets nobody in but admins: a mistyped one must not open a table.
 */
export async function checkRole(
  scope: DataScope,
  table: Pick<Table, 'name' | 'readBy' | 'writeBy'>,
  wanted: 'read' | 'write',
): Promise<void> {
  const listed = (wanted === 'read' ? table.readBy : table.writeBy).map((role) => role.trim().toLowerCase()).filter(Boolean);
  if (listed.length === 0 || listed.some((role) => everybody.includes(role))) return;
  if (scope.userId === scope.botUserId) return;
  const person = await scope.tx.users.get(scope.userId);
  const rank = person?.isActive ? (ranks[person.role] ?? 0) : 0;
  const needed = Math.min(...listed.map((role) => ranks[role] ?? ranks['admin']!));
  if (rank >= needed) return;
  throw new OperationFailed(
    wanted === 'read'
      ? { en: `this person may not read ${table.name}`, pt: `esta pessoa não pode ler ${table.name}` }
      : { en: `this person may not change ${table.name}`, pt: `esta pessoa não pode alterar ${table.name}` },
    'not_allowed',
  );
}
