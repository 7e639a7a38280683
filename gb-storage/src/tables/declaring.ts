import { type ManifestTable, type TableChange, TableRefused, tableLimits } from 'gb-core';
import type { BotId } from 'gb-protocol';
import { GbError, uuidv7 } from 'gb-utils';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';
import {
  canonical,
  changedColumns,
  checkDefinition,
  forDatabase,
  indexText,
  newColumns,
  type StoredColumn,
  type StoredParts,
  type StoredReference,
  type StoredTable,
  wantedIndexes,
} from './declare.ts';
import { isCounted } from './numbers.ts';
import { databaseError, isForCaller } from './refusals.ts';

interface Work {
  readonly definition: ManifestTable;
  readonly id: string;
  readonly old: StoredTable | null;
  columns: readonly StoredColumn[];
  parts: StoredParts;
  isChanged: boolean;
}

/**
 * Carries out what the scripts of a bot declare: columns first, then indexes, then references, so that tables may name
 * each other in any order. To be called inside `guarded`: whatever is refused leaves everything as it was.
 */
export async function declareTables(
  { sql, customerId, nowMs }: Scope,
  botId: BotId,
  definitions: readonly ManifestTable[],
  present: readonly StoredTable[],
): Promise<readonly TableChange[]> {
  const names = new Set<string>();
  for (const definition of definitions) {
    checkDefinition(definition);
    const name = definition.name.toLowerCase();
    if (names.has(name))
      throw new TableRefused({
        en: `TABLE ${definition.name} is there twice`,
        pt: `TABLE ${definition.name} aparece duas vezes`,
      });
    names.add(name);
  }
  const works = definitions.map((definition): Work => {
    const old = present.find(({ name }) => name.toLowerCase() === definition.name.toLowerCase()) ?? null;
    return {
      definition,
      id: old?.id ?? uuidv7(nowMs),
      old,
      columns: old?.columns ?? newColumns(definition),
      parts: old?.parts ?? { next: 1, indexes: [], references: [] },
      isChanged: old === null,
    };
  });
  for (const work of works) await explained(work, () => columnsOf(work));
  for (const work of works) await explained(work, () => countingOf(work));
  for (const work of works) await explained(work, () => indexesOf(work));
  for (const work of works) await explained(work, () => referencesOf(work));
  for (const work of works) await store(work);
  return works.map(({ definition, old, isChanged }) => ({
    table: definition.name,
    kind: old === null ? 'made' : isChanged ? 'changed' : 'unchanged',
  }));

  async function columnsOf(work: Work): Promise<void> {
    const { definition, id } = work;
    if (!work.old) {
      const key = work.columns.filter(({ isKey }) => isKey).map(({ physicalName }) => physicalName);
      await sql.once('select control.make_table($1, $2::jsonb, $3)', [
        id,
        `[${work.columns.map((column) => forDatabase(column, work.columns)).join(',')}]`,
        key,
      ]);
      return;
    }
    const { columns, dropped, settled, changed, added } = changedColumns(work.old.columns, definition);
    const told = (column: StoredColumn): string => forDatabase(column, columns);
    for (const name of dropped) await sql.once('select control.drop_computed($1, $2)', [id, name]);
    for (const name of settled) await sql.once('select control.settle_computed($1, $2)', [id, name]);
    for (const column of changed) await sql.once('select control.change_column($1, $2::jsonb)', [id, told(column)]);
    for (const column of [...added].sort((a, b) => Number(!!a.computed) - Number(!!b.computed)))
      await sql.once('select control.add_column($1, $2::jsonb)', [id, told(column)]);
    work.columns = columns;
    // What was on a column that went is gone with it.
    const isThere = (names: string | readonly string[]): boolean => ![names].flat().some((name) => dropped.includes(name));
    work.parts = {
      ...work.parts,
      indexes: work.parts.indexes.filter((index) => isThere(index.columns)),
      references: work.parts.references.filter((reference) => isThere(reference.column)),
    };
    if (dropped.length + settled.length + added.length + changed.length > 0 || canonical(columns) !== canonical(work.old.columns))
      work.isChanged = true;
    const { readBy, writeBy } = work.old;
    if (JSON.stringify([readBy, writeBy]) !== JSON.stringify([definition.readBy, definition.writeBy])) work.isChanged = true;
  }

  async function countingOf({ id, columns }: Work): Promise<void> {
    const shown = columns.filter(({ isHidden }) => !isHidden);
    const key = shown.filter(({ isKey }) => isKey).map(({ name }) => name);
    for (const column of shown)
      if (isCounted({ key }, column)) await sql.once('select control.count_column($1, $2)', [id, column.physicalName]);
  }

  async function indexesOf(work: Work): Promise<void> {
    const wanted = new Map(wantedIndexes(work.definition, work.columns).map((index) => [indexText(index), index]));
    const kept: StoredParts['indexes'][number][] = [];
    for (const index of work.parts.indexes) {
      if (wanted.delete(indexText(index))) kept.push(index);
      else await drop(work, index.number);
    }
    let next = work.parts.next;
    for (const index of wanted.values()) {
      await sql.once('select control.add_index($1, $2, $3, $4)', [work.id, next, index.columns, index.isUnique]);
      kept.push({ ...index, number: next++ });
      work.isChanged = true;
    }
    work.parts = { ...work.parts, next, indexes: kept };
  }

  async function referencesOf(work: Work): Promise<void> {
    const wanted = new Map<string, StoredReference>();
    for (const column of work.columns) {
      if (column.isHidden || !column.references) continue;
      const { table, column: named } = column.references;
      const { id, columns } = referred(column.name, table, named === null ? null : [named], 1);
      const reference = { column: column.physicalName, table: id, otherColumn: columns[0]! };
      wanted.set(referenceText(reference), reference);
    }
    for (const { columns: names, table, otherColumns } of work.definition.references ?? []) {
      const { id, columns } = referred(names.join(', '), table, otherColumns, names.length);
      const own = names.map((name) => shown(work.columns, name)?.physicalName ?? '');
      const reference = { column: own, table: id, otherColumn: columns };
      wanted.set(referenceText(reference), reference);
    }
    const kept: StoredParts['references'][number][] = [];
    for (const { number, ...reference } of work.parts.references) {
      if (wanted.delete(referenceText(reference))) kept.push({ number, ...reference });
      else await drop(work, number);
    }
    let next = work.parts.next;
    for (const { column, table, otherColumn } of wanted.values()) {
      const add = typeof column === 'string' ? 'control.add_reference' : 'control.add_references';
      await sql.once(`select ${add}($1, $2, $3, $4, $5)`, [work.id, next, column, table, otherColumn]);
      kept.push({ number: next++, column, table, otherColumn });
      work.isChanged = true;
    }
    work.parts = { ...work.parts, next, references: kept };
  }

  /** Columns of another table that are referred to: those that are named, else its key. */
  function referred(
    column: string,
    table: string,
    named: readonly string[] | null,
    count: number,
  ): { readonly id: string; readonly columns: readonly string[] } {
    const isMeant = ({ name }: { readonly name: string }): boolean => name.toLowerCase() === table.toLowerCase();
    const other = works.find(({ definition }) => isMeant(definition)) ?? present.find(isMeant);
    const targets =
      named === null
        ? (other?.columns ?? []).filter(({ isKey, isHidden }) => isKey && !isHidden)
        : named.map((name) => shown(other?.columns ?? [], name));
    const columns = targets.flatMap((target) => (target ? [target.physicalName] : []));
    if (other && columns.length === count) return { id: other.id, columns };
    throw new TableRefused({
      en: `${column} refers to ${table}, which is no table with such a key`,
      pt: `${column} se refere a ${table}, que não é uma tabela com esta chave`,
    });
  }

  async function drop(work: Work, number: number): Promise<void> {
    await sql.once('select control.drop_part($1, $2)', [work.id, number]);
    work.isChanged = true;
  }

  async function store({ definition, id, columns, parts, isChanged }: Work): Promise<void> {
    if (!isChanged) return;
    await sql.change(
      `insert into bot_tables (customer_id, table_id, bot_id, name, columns, parts, read_by, write_by, changed_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict (customer_id, table_id) do update set name = excluded.name, columns = excluded.columns, parts = excluded.parts,
         read_by = excluded.read_by, write_by = excluded.write_by, changed_at = excluded.changed_at`,
      [
        ...[customerId, id, botId, definition.name, JSON.stringify(columns), JSON.stringify(parts)],
        ...[JSON.stringify(definition.readBy), JSON.stringify(definition.writeBy), time(nowMs)],
      ],
    );
  }
}

const referenceText = ({ column, table, otherColumn }: StoredReference): string => `${column} ${table} ${otherColumn}`;

const shown = (columns: readonly StoredColumn[], name: string): StoredColumn | undefined =>
  columns.find((column) => !column.isHidden && column.name.toLowerCase() === name.toLowerCase());

/** What the database has against a declaration, under the name of the table. */
async function explained({ definition }: Work, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof TableRefused) {
      const isNamed = error.said.en.startsWith('TABLE ');
      throw isNamed ? error : refused(definition.name, error.said.en, error.said.pt, error);
    }
    const code = isForCaller(error) ? undefined : databaseError(error)?.code;
    const found = code === undefined ? undefined : reasons[code];
    if (!found) throw error;
    if (code === '55P03' || code === '57014') {
      // Somebody is using the table: trying again later helps.
      throw new GbError('overloaded', `TABLE ${definition.name}: ${found[0]}`, { retryable: true, cause: error });
    }
    throw refused(definition.name, ...found, error);
  }
}

function refused(table: string, en: string, pt: string, cause: unknown): TableRefused {
  return new TableRefused({ en: `TABLE ${table}: ${en}`, pt: `TABLE ${table}: ${pt}` }, { cause });
}

const reasons: Readonly<Record<string, readonly [en: string, pt: string]>> = {
  '54000': [
    `an organization has at most ${tableLimits.tablesPerCustomerMax} tables`,
    `uma organização tem no máximo ${tableLimits.tablesPerCustomerMax} tabelas`,
  ],
  '54011': ['there are too many columns or indexes', 'há colunas ou índices demais'],
  '42704': ['a column has a type or a size that is not known', 'uma coluna tem um tipo ou um tamanho desconhecido'],
  '42602': ['a column cannot have its name', 'uma coluna não pode ter seu nome'],
  '42601': ['a column cannot have its default value', 'uma coluna não pode ter seu valor padrão'],
  '22P02': ['a default value does not fit its column', 'um valor padrão não cabe em sua coluna'],
  '22001': ['a default value or a value that is there is too long', 'um valor padrão ou um valor existente é longo demais'],
  '22003': ['a default value or a value that is there is too big', 'um valor padrão ou um valor existente é grande demais'],
  '22007': ['a default value is no date', 'um valor padrão não é uma data'],
  '22008': ['a default value is no date', 'um valor padrão não é uma data'],
  '23502': [
    'a column needs a value, and there are rows that have none; a default value helps',
    'uma coluna precisa de um valor, e há linhas sem valor; um valor padrão ajuda',
  ],
  '23505': [
    'there are rows with the same values where each must have its own',
    'há linhas com os mesmos valores onde cada uma deve ter o seu',
  ],
  '23503': ['there are rows that refer to something that is not there', 'há linhas que se referem a algo que não existe'],
  '42804': ['a column and what it refers to have different types', 'uma coluna e aquilo a que se refere têm tipos diferentes'],
  '42830': ['a reference needs a column that is a key or unique', 'uma referência precisa de uma coluna que seja chave ou única'],
  '42883': ['a column cannot be computed like this', 'uma coluna não pode ser calculada assim'],
  '42P17': ['a column cannot be computed like this', 'uma coluna não pode ser calculada assim'],
  '22012': ['a column would be divided by zero', 'uma coluna seria dividida por zero'],
  '42846': ['a column cannot change to this type', 'uma coluna não pode mudar para este tipo'],
  '2BP01': ['something still depends on what would be taken away', 'algo ainda depende do que seria retirado'],
  '55P03': ['the table is in use; publishing again helps', 'a tabela está em uso; publicar de novo ajuda'],
  '57014': ['changing the table took too long', 'alterar a tabela demorou demais'],
};
