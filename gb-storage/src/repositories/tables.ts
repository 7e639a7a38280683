import {
  type Condition,
  type MergedRows,
  type PlainValue,
  type RowQuery,
  type Table,
  type TableColumn,
  TableRefused,
  type TableRepository,
  type TableRow,
  tableLimits,
} from 'gb-core';
import type { BotId } from 'gb-protocol';
import { assert, uuidv7 } from 'gb-utils';
import type { Scope } from '../scope.ts';
import {
  type Cell,
  cellOf,
  cellOfColumn,
  columnNamed,
  databaseType,
  hasRowId,
  noColumn,
  physicalTable,
  quoted,
  readExpression,
  rowId,
  toColumn,
} from '../tables/columns.ts';
import { ConditionWriter } from '../tables/condition-sql.ts';
import type { StoredColumn, StoredParts, StoredTable } from '../tables/declare.ts';
import { declareTables } from '../tables/declaring.ts';
import { guarded } from '../tables/guarded.ts';
import { refusal } from '../tables/refusals.ts';

interface RegisterRow {
  table_id: string;
  bot_id: BotId;
  name: string;
  columns: StoredColumn[];
  parts: StoredParts;
  read_by: string[];
  write_by: string[];
}

/** A row as it came from the database. */
type RawRow = Record<string, PlainValue>;
type Written = Map<TableColumn, string | number | boolean | null>;

const everything: Condition = { kind: 'all', parts: [] };
/** Up to here rows come at once, above it a piece at a time, so that wide rows do not fill the memory before they are counted. */
const rowsAtOnceMax = 20;
const rowsPerPiece = 100;
const parametersMax = 30_000;
const rowsPerStatementMax = 500;
/** Sent without waiting for each other. */
const statementsAtOnce = 200;
/** How often the room of a customer is looked at. */
const rowsBetweenChecks = 1_000;

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
        return declareTables(scope, botId, definitions, present);
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

    find: (table, query = {}) => on(table, () => find(table, query)),

    count: (table, condition = everything) =>
      on(table, async () => {
        const writer = new ConditionWriter(table, [customerId]);
        const { rows } = await sql.once<{ n: number }>(
          `select count(*) as n from ${physicalTable(table.id)} where customer_id = $1 and ${writer.write(condition)}`,
          writer.values,
        );
        return rows[0]!.n;
      }),

    aggregate: (table, { function: word, column, groupBy = [], condition = everything }) =>
      on(table, async () => {
        const writer = new ConditionWriter(table, [customerId]);
        const cell = column === undefined ? null : cellOf(table, column, writer.add);
        if (!cell && word !== 'count')
          throw new TableRefused({ en: `${word} needs a column`, pt: `${word} precisa de uma coluna` });
        const number = cell && (cell.kind === 'text' ? `gb.number_of(${cell.sql})` : `${cell.sql}::float8`);
        const isNumber = cell?.kind === 'number' || cell?.kind === 'text';
        if (cell && !isNumber && (word === 'sum' || word === 'avg'))
          throw new TableRefused({ en: `${column} does not hold numbers`, pt: `${column} não contém números` });
        const value =
          word === 'count'
            ? `count(${cell?.sql ?? '*'})::float8`
            : cell?.kind === 'number' || word === 'sum' || word === 'avg'
              ? `${word}(${number})`
              : `${word}(${readExpression(cell!)}${cell?.kind === 'text' ? ' collate "C"' : ''})`;
        const groups = groupBy.map((name) => ({ name, sql: groupExpression(cellOf(table, name, writer.add)) }));
        const places = groups.map((_, index) => String(index + 1)).join(', ');
        const { rows } = await sql.once<RawRow>(
          `select ${[...groups.map((group, index) => `${group.sql} as g${index}`), `${value} as value`].join(', ')}
           from ${physicalTable(table.id)} where customer_id = $1 and ${writer.write(condition)}
           ${places === '' ? '' : `group by ${places} order by ${places}`} limit ${tableLimits.foundRowsMax + 1}`,
          writer.values,
        );
        if (rows.length > tableLimits.foundRowsMax) throw tooMany(table, tableLimits.foundRowsMax, tableLimits.foundBytesMax);
        return rows.map((row) => ({
          ...Object.fromEntries(groups.map(({ name }, index) => [name, row[`g${index}`] ?? null])),
          value: row['value'] ?? null,
        }));
      }),

    insert: (table, rows) => on(table, () => insert(table, rows)),

    update: (table, condition, changes, options = {}) =>
      on(table, async () => {
        const written = toColumns(table, changes);
        if (written.size === 0) return { count: 0, rows: [] };
        const writer = new ConditionWriter(table, [customerId]);
        const name = physicalTable(table.id);
        const sets = [...written].map(
          ([column, value]) => `${quoted(column.physicalName)} = ${writer.add(value)}::${databaseType(column)}`,
        );
        const where = writer.write(condition);
        if (!options.withRows) {
          const { count } = await sql.once(
            `update ${name} set ${sets.join(', ')} where customer_id = $1 and ${where}`,
            writer.values,
          );
          return { count, rows: [] };
        }
        const columns = readable(table);
        const { rows } = await sql.once<RawRow>(
          `with was as (
             select ${[`${rowId} as o_row`, ...columns.map((column, index) => `${readExpression(cellOfColumn(column))} as o${index}`)].join(', ')}
             from ${name} where customer_id = $1 and ${where} for update
           )
           update ${name} set ${sets.join(', ')} from was where customer_id = $1 and ${rowId} = was.o_row
           returning was.*, ${[`${rowId} as n_row`, ...columns.map((column, index) => `${readExpression(cellOfColumn(column))} as n${index}`)].join(', ')}`,
          writer.values,
        );
        checkTold(rows.length);
        return { count: rows.length, rows: rows.map((row) => ({ old: toRow(table, row, 'o'), row: toRow(table, row, 'n') })) };
      }),

    delete: (table, condition, options = {}) =>
      on(
        table,
        async () => {
          const writer = new ConditionWriter(table, [customerId]);
          const text = `delete from ${physicalTable(table.id)} where customer_id = $1 and ${writer.write(condition)}`;
          if (!options.withRows) return { count: (await sql.once(text, writer.values)).count, rows: [] };
          const { rows } = await sql.once<RawRow>(`${text} returning ${selected(table)}`, writer.values);
          checkTold(rows.length);
          return { count: rows.length, rows: rows.map((row) => ({ old: toRow(table, row) })) };
        },
        'delete',
      ),

    merge: (table, rows, key, options = {}) => on(table, () => merge(table, rows, key, options.withRows ?? false)),

    async begin() {
      if (depth >= 10)
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

  async function find(table: Table, query: RowQuery): Promise<readonly TableRow[]> {
    const writer = new ConditionWriter(table, [customerId]);
    const isLimited = query.limit !== undefined;
    const [rowsMax, bytesMax] = isLimited
      ? [tableLimits.limitedRowsMax, tableLimits.limitedBytesMax]
      : [tableLimits.foundRowsMax, tableLimits.foundBytesMax];
    const limit = Math.max(0, Math.trunc(query.limit ?? rowsMax));
    const chosen = query.columns?.map((name) => columnNamed(table, name) ?? refuse(noColumn(table, name)));
    const text = `select ${selected(table, chosen)} from ${physicalTable(table.id)}
      where customer_id = $1 and ${writer.write(query.condition ?? everything)}
      order by ${writer.order(query.order ?? [])}
      limit ${Math.min(limit, rowsMax) + (limit >= rowsMax ? 1 : 0)} offset ${writer.add(Math.max(0, Math.trunc(query.offset ?? 0)))}::bigint`;
    const found: TableRow[] = [];
    let bytes = 0;
    const take = (rows: readonly RawRow[]): void => {
      for (const raw of rows) {
        const row = toRow(table, raw, 'n', chosen);
        bytes += JSON.stringify(row).length;
        found.push(row);
      }
      if (found.length > rowsMax || bytes > bytesMax) throw tooMany(table, rowsMax, bytesMax);
    };
    if (limit <= rowsAtOnceMax) {
      take((await sql.once<RawRow>(text, writer.values)).rows);
      return found;
    }
    await sql.once(`declare gb_rows no scroll cursor for ${text}`, writer.values);
    for (;;) {
      const { rows } = await sql.once<RawRow>(`fetch ${found.length === 0 ? rowsAtOnceMax : rowsPerPiece} from gb_rows`);
      take(rows);
      if (rows.length === 0) break;
    }
    await sql.once('close gb_rows');
    return found;
  }

  async function insert(table: Table, given: readonly TableRow[]): Promise<readonly TableRow[]> {
    if (given.length === 0) return [];
    if (given.length > tableLimits.insertedRowsMax)
      throw new TableRefused(
        {
          en: `at most ${tableLimits.insertedRowsMax} rows are added at once`,
          pt: `no máximo ${tableLimits.insertedRowsMax} linhas são acrescentadas de uma vez`,
        },
        { isLimit: true },
      );
    const rows = given.map((row) => toColumns(table, row));
    await fillKeys(table, rows);
    const made: TableRow[] = [];
    let lastId = 0;
    for (const [index, row] of rows.entries()) {
      checkSize(table, given[index]!);
      checkRequired(table, row);
    }
    const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))];
    const perStatement = Math.max(1, Math.min(rowsPerStatementMax, Math.floor(parametersMax / (columns.length + 1))));
    for (let at = 0; at < rows.length; at += perStatement) {
      const values: unknown[] = [customerId];
      const lines = rows.slice(at, at + perStatement).map((row) => {
        const cells = columns.map((column) => {
          const value = row.get(column);
          return value === undefined ? 'default' : `$${values.push(value)}::${databaseType(column)}`;
        });
        return `(${['$1', ...cells].join(', ')})`;
      });
      const names = ['customer_id', ...columns.map(({ physicalName }) => quoted(physicalName))];
      const { rows: raw } = await sql.once<RawRow>(
        `insert into ${physicalTable(table.id)} (${names.join(', ')}) values ${lines.join(', ')} returning ${selected(table)}`,
        values,
      );
      for (const one of raw) made.push(toRow(table, one));
      lastId = Number(raw.at(-1)?.['n_row'] ?? 0);
    }
    const isDue = Math.floor(lastId / rowsBetweenChecks) !== Math.floor((lastId - rows.length) / rowsBetweenChecks);
    if (isDue || rows.length >= 200) await checkRoom();
    return made;
  }

  /** A row without its key gets the next number, or a new id; others keep theirs. Columns that count on do the same. */
  async function fillKeys(table: Table, rows: readonly Written[]): Promise<void> {
    for (const column of table.columns) {
      const isCounted = column.default !== undefined && 'made' in column.default && column.default.made === 'next';
      const isOnlyKey = table.key.length === 1 && table.key[0] === column.name && column.default === undefined;
      const missing = isCounted || isOnlyKey ? rows.filter((row) => (row.get(column) ?? null) === null) : [];
      if (missing.length === 0) continue;
      if (column.type === 'uuid') {
        for (const row of missing) row.set(column, uuidv7());
        continue;
      }
      if (column.type !== 'integer' && column.type !== 'bigint') continue;
      // Two who ask for the next number wait for each other.
      await lock(table);
      const { rows: found } = await sql.once<{ most: number }>(
        `select coalesce(max(${quoted(column.physicalName)}), 0) as most from ${physicalTable(table.id)} where customer_id = $1`,
        [customerId],
      );
      let next = found[0]!.most;
      for (const row of rows) next = Math.max(next, Number(row.get(column) ?? 0));
      for (const row of missing) row.set(column, ++next);
    }
  }

  async function lock(table: Table): Promise<void> {
    await sql.once("select pg_advisory_xact_lock(hashtextextended('rows ' || $1, 0))", [table.id]);
  }

  async function checkRoom(): Promise<void> {
    const { rows } = await sql.once<{ name: string }>(
      "select 't_' || replace(table_id::text, '-', '') as name from bot_tables where customer_id = $1",
      [customerId],
    );
    const names = rows.map(({ name }) => name);
    for (const name of names) assert(/^t_[0-9a-f]{32}$/.test(name), 'a table of a bot is named after its id');
    const { rows: sums } = await sql.once<{ bytes: number; n: number }>(
      `select (select sum(pg_total_relation_size(('gb.' || u.name)::regclass))::bigint from unnest($1::text[]) u (name)) as bytes,
        ${names.map((name) => `(select count(*) from ${name} where customer_id = $2)`).join(' + ')} as n`,
      [names, customerId],
    );
    const { bytes, n } = sums[0]!;
    if (n > tableLimits.rowsPerCustomerMax || bytes > tableLimits.bytesPerCustomerMax)
      throw new TableRefused(
        { en: 'the tables of this organization are full', pt: 'as tabelas desta organização estão cheias' },
        { isLimit: true },
      );
  }

  async function changeRow(table: Table, id: number, row: TableRow): Promise<void> {
    const values: unknown[] = [customerId, id];
    const sets = [...toColumns(table, row)].map(
      ([column, value]) => `${quoted(column.physicalName)} = $${values.push(value)}::${databaseType(column)}`,
    );
    await sql.once(`update ${physicalTable(table.id)} set ${sets.join(', ')} where customer_id = $1 and ${rowId} = $2`, values);
  }

  async function merge(table: Table, given: readonly TableRow[], keyName: string, withRows: boolean): Promise<MergedRows> {
    const key = columnNamed(table, keyName) ?? refuse(noColumn(table, keyName));
    if (given.length > tableLimits.insertedRowsMax)
      throw new TableRefused(
        {
          en: `at most ${tableLimits.insertedRowsMax} rows are merged at once`,
          pt: `no máximo ${tableLimits.insertedRowsMax} linhas são juntadas de uma vez`,
        },
        { isLimit: true },
      );
    const rows = given.map((row) => ({ row, written: toColumns(table, row) }));
    for (const { row } of rows) checkSize(table, row);
    // Two who merge at once would both add what both did not find.
    await lock(table);
    const keys = [...new Set(rows.map(({ written }) => written.get(key) ?? null).filter((value) => value !== null))];
    const known = new Map<string, RawRow>();
    for (let at = 0; at < keys.length; at += 1_000) {
      const { rows: found } = await sql.once<RawRow>(
        `select ${selected(table)} from ${physicalTable(table.id)}
         where customer_id = $1 and ${quoted(key.physicalName)} = any ($2::text[]::${databaseType(key)}[]) order by ${rowId} for update`,
        [customerId, keys.slice(at, at + 1_000).map(String)],
      );
      for (const row of found) {
        const name = keyText(valueIn(table, row, key));
        if (!known.has(name)) known.set(name, row);
      }
    }
    const added = new Map<string, TableRow>();
    const loose: TableRow[] = [];
    const changed = new Map<number, { before: TableRow; row: TableRow }>();
    let unchanged = 0;
    for (const { row, written } of rows) {
      const value = written.get(key) ?? null;
      const name = value === null ? null : keyText(value);
      const old = name === null ? undefined : known.get(name);
      if (old) {
        const id = Number(old['n_row']);
        const before = changed.get(id)?.before ?? toRow(table, old);
        const now = { ...before, ...changed.get(id)?.row };
        const isSame = [...written].every(([column, cell]) => sameCell(column, now[column.name] ?? null, cell));
        if (isSame) unchanged += 1;
        else changed.set(id, { before, row: { ...changed.get(id)?.row, ...spelled(table, row) } });
      } else if (name === null) loose.push(row);
      else added.set(name, { ...added.get(name), ...spelled(table, row) });
    }
    const news = [...added.values(), ...loose];
    const made = await insert(table, news);
    const changes = [...changed];
    for (let at = 0; at < changes.length; at += statementsAtOnce)
      await Promise.all(changes.slice(at, at + statementsAtOnce).map(([id, { row }]) => changeRow(table, id, row)));
    const told = withRows
      ? [
          ...made.map((row) => ({ row })),
          ...[...changed.values()].map(({ before, row }) => ({ old: before, row: { ...before, ...row } })),
        ]
      : [];
    checkTold(told.length);
    return { count: made.length + changed.size, added: made.length, updated: changed.size, unchanged, rows: told };
  }
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
    ...parts.references.map((reference) => [`${name}_${reference.number}`, names([reference.column])] as const),
  ]);
}

/** What is grouped must be comparable. */
const groupExpression = (cell: Cell): string => (cell.kind === 'json' ? cell.sql : readExpression(cell));

const readable = (table: Table, chosen?: readonly TableColumn[]): readonly TableColumn[] => chosen ?? table.columns;

function selected(table: Table, chosen?: readonly TableColumn[]): string {
  const cells = readable(table, chosen).map((column, index) => `${readExpression(cellOfColumn(column))} as n${index}`);
  return [`${rowId} as n_row`, ...cells].join(', ');
}

function toRow(table: Table, raw: RawRow, prefix: 'n' | 'o' = 'n', chosen?: readonly TableColumn[]): TableRow {
  const row: Record<string, PlainValue> = Object.create(null);
  if (hasRowId(table) && !chosen) row['id'] = raw[`${prefix}_row`] ?? null;
  for (const [index, column] of readable(table, chosen).entries()) row[column.name] = raw[`${prefix}${index}`] ?? null;
  return row;
}

function valueIn(table: Table, raw: RawRow, column: TableColumn): PlainValue {
  return raw[`n${table.columns.indexOf(column)}`] ?? null;
}

/** What a row gives, by the columns of the table; refused when one is not there or a value does not fit. */
function toColumns(table: Table, row: TableRow): Written {
  const written: Written = new Map();
  for (const [name, value] of Object.entries(row)) {
    const column = columnNamed(table, name);
    if (column) written.set(column, toColumn(column, value));
    // Rows that were found carry the number they have; it is not for writing.
    else if (!(hasRowId(table) && name.toLowerCase() === 'id')) throw noColumn(table, name);
  }
  return written;
}

/** The row under the names of the table's columns. */
function spelled(table: Table, row: TableRow): TableRow {
  const entries = Object.entries(row).flatMap(([name, value]) => {
    const column = columnNamed(table, name);
    return column ? [[column.name, value] as const] : [];
  });
  return Object.fromEntries(entries);
}

function checkRequired(table: Table, written: Written): void {
  for (const column of table.columns) {
    const isMissing = column.isRequired && (written.has(column) ? written.get(column) === null : column.default === undefined);
    const isMade = table.key.length === 1 && column.isKey;
    if (isMissing && !isMade)
      throw new TableRefused({
        en: `${column.name} of ${table.name} needs a value`,
        pt: `${column.name} de ${table.name} precisa de um valor`,
      });
  }
}

function checkSize(table: Table, row: TableRow): void {
  if (JSON.stringify(row).length > tableLimits.rowBytesMax)
    throw new TableRefused(
      { en: `a row of ${table.name} is too big`, pt: `uma linha de ${table.name} é grande demais` },
      { isLimit: true },
    );
}

function checkTold(count: number): void {
  if (count > tableLimits.changedRowsMax)
    throw new TableRefused(
      {
        en: `at most ${tableLimits.changedRowsMax} rows of a table with ON INSERT, ON UPDATE or ON DELETE change at once`,
        pt: `no máximo ${tableLimits.changedRowsMax} linhas de uma tabela com ON INSERT, ON UPDATE ou ON DELETE mudam de uma vez`,
      },
      { isLimit: true },
    );
}

function tooMany(table: Table, rows: number, bytes: number): TableRefused {
  const kilobytes = Math.round(bytes / 1024);
  return new TableRefused(
    {
      en: `${table.name} gives more than ${rows} rows or ${kilobytes} KB here; LIMIT or a narrower filter helps`,
      pt: `${table.name} dá mais de ${rows} linhas ou ${kilobytes} KB aqui; LIMIT ou um filtro mais estreito ajuda`,
    },
    { isLimit: true },
  );
}

function refuse(error: TableRefused): never {
  throw error;
}

const keyText = (value: PlainValue): string => JSON.stringify(typeof value === 'number' ? String(value) : value);

/** Whether writing it would change nothing; a decimal is read with the digits its column has. */
function sameCell(column: TableColumn, present: PlainValue, written: string | number | boolean | null): boolean {
  if (present === null || written === null) return present === written;
  if (column.type === 'json') return JSON.stringify(present) === written;
  if (column.type === 'decimal') return Number(Number(written).toFixed(column.scale ?? 0)) === present;
  return present === written;
}
