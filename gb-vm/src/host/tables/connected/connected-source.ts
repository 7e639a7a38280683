import {
  type Condition,
  type ManifestTable,
  type PlainValue,
  type RowQuery,
  type TableColumn,
  TableRefused,
  type TableRow,
  tableLimits,
  toColumn,
} from 'gb-core';
import { uuidFromText } from 'gb-utils';
import type { RowSource } from '../source.ts';
import type { Session, SqlValue } from './session.ts';
import { cellValue, columnNamed, quoted, type RemoteTable, StatementWriter, selected } from './statements.ts';

/** Rows of one operation at another database: each is a statement of its own there. */
const writtenRowsMax = 1_000;

type Open = <T>(work: (session: Session) => Promise<T>) => Promise<T>;

/**
 * A table of another database, which is what its TABLE says it is: nothing is made or changed there but rows. What an
 * operation writes is one transaction there. It is not one with the turn: after a crash between the two it is done again,
 * and `key`, the same then, makes the same ids for rows whose key is a uuid.
 */
export function connectedSource(open: Open, declared: ManifestTable, key: string): RowSource {
  const keys = declared.columns.filter(({ isKey }) => isKey).map(({ name }) => name);
  const names = new Set(declared.columns.map(({ name }) => name.toLowerCase()));
  const withTable = <T>(work: (session: Session, table: RemoteTable) => Promise<T>): Promise<T> =>
    open(async (session) => work(session, await lookUp(session, declared)));

  async function find(session: Session, table: RemoteTable, query: RowQuery): Promise<TableRow[]> {
    const [rowsMax, bytesMax] =
      query.limit === undefined
        ? [tableLimits.foundRowsMax, tableLimits.foundBytesMax]
        : [tableLimits.limitedRowsMax, tableLimits.limitedBytesMax];
    const limit = Math.max(0, Math.trunc(query.limit ?? rowsMax));
    const columns = query.columns?.map((name) => columnNamed(table, name)) ?? table.columns;
    const writer = new StatementWriter(table);
    const where = writer.where(query.condition ?? everything);
    const found: TableRow[] = [];
    let bytes = 0;
    await session.read(
      `select ${columns.map((column) => selected(column, table.engine)).join(', ')} from ${table.place} where ${where}${writer.order(query.order ?? [])} limit ${Math.min(limit, rowsMax) + (limit >= rowsMax ? 1 : 0)}`,
      writer.values,
      (cells) => {
        const row: Record<string, PlainValue> = Object.create(null);
        for (const [index, column] of columns.entries()) row[column.name] = cellValue(column, cells[index] ?? null) as PlainValue;
        bytes += JSON.stringify(row).length;
        found.push(row);
        if (found.length > rowsMax || bytes > bytesMax) throw tooMany(declared.name, rowsMax, bytesMax);
      },
    );
    return found;
  }

  async function insert(session: Session, table: RemoteTable, rows: readonly TableRow[], from = 0): Promise<TableRow[]> {
    const made: TableRow[] = [];
    for (const [index, row] of rows.entries()) {
      const written = toCells(table, row);
      const own = await ownKey(table, written, `${key}:${from + index}`);
      if (own && (await exists(session, table, own, written.get(own)!))) {
        made.push(row);
        continue;
      }
      const values: SqlValue[] = [];
      const columns = [...written].map(([column]) => quoted(column.physicalName));
      const cells = [...written.values()].map((value) => `$${values.push(forEngine(table, value))}`);
      const nothing = table.engine === 'postgres' ? 'default values' : '() values ()';
      await session.change(
        `insert into ${table.place} ${columns.length === 0 ? nothing : `(${columns.join(', ')}) values (${cells.join(', ')})`}`,
        values,
      );
      made.push(row);
    }
    return made;
  }

  async function update(session: Session, table: RemoteTable, condition: Condition, changes: TableRow): Promise<number> {
    const written = toCells(table, changes);
    if (written.size === 0) return 0;
    const writer = new StatementWriter(table);
    const sets = [...written].map(([column, value]) => `${quoted(column.physicalName)} = ${writer.add(forEngine(table, value))}`);
    return session.change(`update ${table.place} set ${sets.join(', ')} where ${writer.where(condition)}`, writer.values);
  }

  return {
    name: declared.name,
    columns: declared.columns.map(({ name }) => name),
    key: keys.length === 1 ? keys[0]! : 'id',
    keys: keys.length > 0 ? keys : ['id'],
    hasColumn: (name) => names.has(name.toLowerCase()),
    find: (query) => withTable((session, table) => find(session, table, query)),
    insert: (rows) => {
      checkCount(rows.length);
      return withTable((session, table) => whole(session, () => insert(session, table, rows)));
    },
    update: (condition, changes) =>
      withTable(async (session, table) => ({ count: await update(session, table, condition, changes), rows: [] })),
    delete: (condition) =>
      withTable(async (session, table) => {
        const writer = new StatementWriter(table);
        const where = writer.where(condition);
        return { count: await session.change(`delete from ${table.place} where ${where}`, writer.values), rows: [] };
      }),
    merge: (rows, by) => {
      checkCount(rows.length);
      return withTable((session, table) =>
        whole(session, async () => {
          const counts = { added: 0, updated: 0, unchanged: 0 };
          const columns = by.map((name) => columnNamed(table, name));
          for (const [index, row] of rows.entries()) {
            const written = toCells(table, row);
            const named = columns.map((column) => [column, written.get(column) ?? null] as const);
            const condition: Condition = {
              kind: 'all',
              parts: named.map(([column, value]) => ({
                kind: 'compare',
                column: { name: column.name, isDay: false },
                operator: '=',
                value,
                isWord: false,
              })),
            };
            const isNamed = named.every(([, value]) => value !== null);
            const changed = isNamed ? await change(session, table, condition, written) : 'unknown';
            if (changed === 'unknown') {
              await insert(session, table, [row], index);
              counts.added += 1;
            } else counts[changed] += 1;
          }
          return { ...counts, count: counts.added + counts.updated, rows: [] };
        }),
      );
    },
  };
}

const everything: Condition = { kind: 'all', parts: [] };

/** Changes the rows of a condition that are not yet as written. */
async function change(
  session: Session,
  table: RemoteTable,
  condition: Condition,
  written: ReadonlyMap<TableColumn, SqlValue>,
): Promise<'unknown' | 'updated' | 'unchanged'> {
  const looking = new StatementWriter(table);
  const text = `select 1 from ${table.place} where ${looking.where(condition)} limit 1`;
  if ((await session.change(text, looking.values)) === 0) return 'unknown';
  const writer = new StatementWriter(table);
  const cells = [...written].map(([column, value]) => ({ column, value, cell: quoted(column.physicalName) }));
  const sets = cells.map(({ cell, value }) => `${cell} = ${writer.add(forEngine(table, value))}`);
  const isOther = cells.map(({ cell, column, value }) => {
    if (value === null) return `${cell} is not null`;
    const given = writer.add(forEngine(table, value));
    if (column.type !== 'json') return `${cell} is null or ${cell} <> ${given}`;
    return table.engine === 'postgres'
      ? `${cell} is null or ${cell}::jsonb <> ${given}::jsonb`
      : `${cell} is null or cast(${cell} as char) <> ${given}`;
  });
  const changing = `update ${table.place} set ${sets.join(', ')} where ${writer.where(condition)} and (${isOther.join(' or ')})`;
  return (await session.change(changing, writer.values)) > 0 ? 'updated' : 'unchanged';
}

async function whole<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.change('start transaction', []);
  // Whatever fails, the connection is closed next, and nothing of it stays.
  const result = await work();
  await session.change('commit', []);
  return result;
}

/** The table under its name there, and of its columns those that are declared. */
async function lookUp(session: Session, declared: ManifestTable): Promise<RemoteTable> {
  const isPostgres = session.engine === 'postgres';
  const found: { schema: string; table: string; column: string }[] = [];
  await session.read(
    `select table_schema, table_name, column_name from information_schema.columns
     where lower(table_name) = lower(${isPostgres ? '$1::text' : '$1'})
       and table_schema ${isPostgres ? '= any (current_schemas(false))' : '= database()'} limit 2000`,
    [declared.name],
    ([schema, table, column]) => found.push({ schema: schema ?? '', table: table ?? '', column: column ?? '' }),
  );
  const first = found.find(({ table }) => table === declared.name) ?? found[0];
  const connection = declared.connection ?? '';
  if (!first)
    throw new TableRefused({
      en: `the database ${connection} has no table ${declared.name}, or its user may not see it`,
      pt: `o banco de dados ${connection} não tem a tabela ${declared.name}, ou seu usuário não pode vê-la`,
    });
  const there = found.filter(({ schema, table }) => schema === first.schema && table === first.table);
  const columns = declared.columns.map((column): TableColumn => {
    const own =
      there.find(({ column: name }) => name === column.name) ??
      there.find(({ column: name }) => name.toLowerCase() === column.name.toLowerCase());
    if (!own)
      throw new TableRefused({
        en: `the table ${declared.name} of ${connection} has no column ${column.name}`,
        pt: `a tabela ${declared.name} de ${connection} não tem a coluna ${column.name}`,
      });
    return { ...column, physicalName: own.column, isIndexed: false };
  });
  return {
    engine: session.engine,
    name: declared.name,
    place: `${quoted(first.schema)}.${quoted(first.table)}`,
    columns,
    keys: declared.columns.filter(({ isKey }) => isKey).map(({ name }) => name),
  };
}

/** What a row gives, as the columns take it; a number there counts on by itself. */
function toCells(table: RemoteTable, row: TableRow): Map<TableColumn, SqlValue> {
  const written = new Map<TableColumn, SqlValue>();
  let computed: TableColumn | null = null;
  for (const [name, value] of Object.entries(row)) {
    const column = columnNamed(table, name);
    if (column.computed) computed = column;
    else written.set(column, toColumn(column, value));
  }
  if (computed && written.size === 0)
    throw new TableRefused({
      en: `${computed.name} of ${table.name} is computed, it cannot be written`,
      pt: `${computed.name} de ${table.name} é calculada, não pode ser escrita`,
    });
  return written;
}

/** The key of a row that has none, when it is a uuid: the same whenever the operation is done again. */
async function ownKey(table: RemoteTable, written: Map<TableColumn, SqlValue>, key: string): Promise<TableColumn | null> {
  const [name, ...more] = table.keys;
  const column = name === undefined || more.length > 0 ? undefined : columnNamed(table, name);
  if (!column || (written.get(column) ?? null) !== null) return null;
  if (column.type !== 'uuid') {
    written.delete(column);
    return null;
  }
  written.set(column, await uuidFromText(key));
  return column;
}

async function exists(session: Session, table: RemoteTable, column: TableColumn, value: SqlValue): Promise<boolean> {
  const text = `select 1 from ${table.place} where ${quoted(column.physicalName)} = $1 limit 1`;
  return (await session.change(text, [value])) > 0;
}

const forEngine = ({ engine }: RemoteTable, value: SqlValue): SqlValue =>
  engine === 'mysql' && typeof value === 'boolean' ? Number(value) : value;

function checkCount(count: number): void {
  if (count > writtenRowsMax)
    throw new TableRefused(
      {
        en: `at most ${writtenRowsMax} rows are written to another database at once`,
        pt: `no máximo ${writtenRowsMax} linhas são gravadas em outro banco de dados de uma vez`,
      },
      { isLimit: true },
    );
}

function tooMany(name: string, rows: number, bytes: number): TableRefused {
  const kilobytes = Math.round(bytes / 1024);
  return new TableRefused(
    {
      en: `${name} gives more than ${rows} rows or ${kilobytes} KB here; LIMIT or a narrower filter helps`,
      pt: `${name} dá mais de ${rows} linhas ou ${kilobytes} KB aqui; LIMIT ou um filtro mais estreito ajuda`,
    },
    { isLimit: true },
  );
}
