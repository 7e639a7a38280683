import { type ManifestColumn, type ManifestComputed, type ManifestTable, TableRefused, tableLimits } from 'gb-core';

/**
 * What has to be done to a table so that it becomes what its script says, worked out without touching anything. Nothing
 * that holds data is ever taken away: a column that is no longer declared is hidden, and comes back with its values when
 * it is declared again.
 */
export interface StoredColumn extends ManifestColumn {
  readonly physicalName: string;
  readonly isHidden: boolean;
}

export interface StoredParts {
  /** Of the next index or reference; numbers are never given twice. */
  readonly next: number;
  readonly indexes: readonly { readonly number: number; readonly columns: readonly string[]; readonly isUnique: boolean }[];
  readonly references: readonly (StoredReference & { readonly number: number })[];
}

/** Of one column, or of several together. */
export interface StoredReference {
  readonly column: string | readonly string[];
  readonly table: string;
  readonly otherColumn: string | readonly string[];
}

export interface StoredTable {
  readonly id: string;
  readonly name: string;
  readonly columns: readonly StoredColumn[];
  readonly parts: StoredParts;
  readonly readBy: readonly string[];
  readonly writeBy: readonly string[];
}

/** In the order they are to be done in. */
export interface ColumnSteps {
  /** Computed columns that go, by their physical names: for good, or to come back among the added ones. */
  readonly dropped: readonly string[];
  /** Computed ones that keep their values as their own. */
  readonly settled: readonly string[];
  readonly changed: readonly StoredColumn[];
  readonly added: readonly StoredColumn[];
  /** What the table has then. */
  readonly columns: readonly StoredColumn[];
}

const namePattern = /^[\p{L}_][\p{L}\p{N}_]{0,62}$/u;

export function checkDefinition(table: ManifestTable): void {
  const name = String(table.name).slice(0, 80);
  const refuse = (en: string, pt: string): TableRefused =>
    new TableRefused({ en: `TABLE ${name}: ${en}`, pt: `TABLE ${name}: ${pt}` });
  if (!namePattern.test(table.name)) throw refuse('this cannot be the name of a table', 'isto não pode ser o nome de uma tabela');
  if (table.columns.length === 0 || table.columns.length > tableLimits.columnsPerTableMax)
    throw refuse(
      `a table has 1 to ${tableLimits.columnsPerTableMax} columns`,
      `uma tabela tem de 1 a ${tableLimits.columnsPerTableMax} colunas`,
    );
  const names = new Set<string>();
  for (const column of table.columns) {
    const key = column.name.toLowerCase();
    if (!namePattern.test(column.name))
      throw refuse(
        `${column.name.slice(0, 80)} cannot be the name of a column`,
        `${column.name.slice(0, 80)} não pode ser o nome de uma coluna`,
      );
    if (names.has(key)) throw refuse(`the column ${column.name} is there twice`, `a coluna ${column.name} aparece duas vezes`);
    names.add(key);
  }
  const listed = [...table.indexes.map(({ columns }) => columns), ...table.uniques];
  if (listed.length + table.columns.filter(({ isUnique }) => isUnique).length > tableLimits.indexesPerTableMax)
    throw refuse(
      `a table has at most ${tableLimits.indexesPerTableMax} indexes`,
      `uma tabela tem no máximo ${tableLimits.indexesPerTableMax} índices`,
    );
  for (const columns of listed)
    for (const column of columns)
      if (!names.has(column.toLowerCase()))
        throw refuse(
          `an index names the column ${column.slice(0, 80)}, which is not there`,
          `um índice cita a coluna ${column.slice(0, 80)}, que não existe`,
        );
  const keys = table.columns.filter(({ isKey }) => isKey);
  if (keys.length > 10) throw refuse('a key has at most 10 columns', 'uma chave tem no máximo 10 colunas');
  const bad = table.columns.find(
    ({ name: column, type, isKey, isUnique }) =>
      type === 'json' &&
      (isKey || isUnique || listed.some((names) => names.some((one) => one.toLowerCase() === column.toLowerCase()))),
  );
  if (bad) throw refuse(`${bad.name} cannot be a key or in an index`, `${bad.name} não pode ser chave nem estar em um índice`);
}

/** The columns of a new table. */
export function newColumns(table: ManifestTable): StoredColumn[] {
  const columns: StoredColumn[] = [];
  for (const column of table.columns) columns.push(stored(column, physicalName(column.name, columns)));
  return columns;
}

export function changedColumns(present: readonly StoredColumn[], table: ManifestTable): ColumnSteps {
  const refuse = (column: string, en: string, pt: string): TableRefused =>
    new TableRefused({ en: `TABLE ${table.name}: ${column} ${en}`, pt: `TABLE ${table.name}: ${column} ${pt}` });
  const columns: StoredColumn[] = [];
  const [added, changed]: [StoredColumn[], StoredColumn[]] = [[], []];
  const [dropped, settled]: [string[], string[]] = [[], []];
  const computed: { readonly old: StoredColumn; readonly made: StoredColumn }[] = [];
  const declared = new Map(table.columns.map((column) => [column.name.toLowerCase(), column]));
  for (const old of present) {
    const wanted = declared.get(old.name.toLowerCase());
    declared.delete(old.name.toLowerCase());
    if ((wanted?.isKey ?? false) !== old.isKey)
      throw refuse(
        old.name,
        'is part of the key or becomes one, and a key cannot change',
        'faz ou passa a fazer parte da chave, e uma chave não pode mudar',
      );
    if (!wanted && old.computed) {
      dropped.push(old.physicalName);
      continue;
    }
    if (!wanted) {
      const { default: _, references: __, ...rest } = old;
      const hidden: StoredColumn = { ...rest, isHidden: true, isRequired: false, isUnique: false };
      columns.push(hidden);
      if (!old.isHidden && (old.isRequired || old.default !== undefined)) changed.push(hidden);
      continue;
    }
    if (wanted.computed && !old.computed)
      throw refuse(
        old.name,
        'has values of its own; what is computed needs another name',
        'tem valores próprios; o que é calculado precisa de outro nome',
      );
    if (wanted.computed) {
      const made = stored(wanted, old.physicalName);
      columns.push(made);
      computed.push({ old, made });
      continue;
    }
    if (old.computed) settled.push(old.physicalName);
    if (!isWider(old, wanted))
      throw refuse(
        old.name,
        `cannot become ${typeText(wanted)}: values that are there as ${typeText(old)} might be lost`,
        `não pode virar ${typeText(wanted)}: valores que existem como ${typeText(old)} poderiam se perder`,
      );
    const made = stored(wanted, old.physicalName);
    columns.push(made);
    if (shape(made) !== shape(old)) changed.push(made);
  }
  for (const wanted of table.columns) {
    if (!declared.has(wanted.name.toLowerCase())) continue;
    if (wanted.isKey)
      throw refuse(
        wanted.name,
        'would become part of the key, and a key cannot change',
        'passaria a fazer parte da chave, e uma chave não pode mudar',
      );
    const made = stored(wanted, physicalName(wanted.name, columns));
    columns.push(made);
    added.push(made);
  }
  // A column others are computed from changes its type only while they are gone.
  const types = new Map(present.map((old) => [old.physicalName, typeText(old)]));
  const isRetyped = changed.some((column) => typeText(column) !== types.get(column.physicalName));
  for (const { old, made } of computed) {
    if (!isRetyped && canonical([old.computed, shape(old)]) === canonical([made.computed, shape(made)])) continue;
    dropped.push(old.physicalName);
    added.push(made);
  }
  // As they are declared, and what is hidden behind them.
  const place = (column: StoredColumn): number => {
    const at = table.columns.findIndex(({ name }) => name.toLowerCase() === column.name.toLowerCase());
    return at < 0 ? table.columns.length : at;
  };
  return { dropped, settled, changed, added, columns: columns.sort((a, b) => place(a) - place(b)) };
}

/** Indexes a table is to have, by physical names: those of the script, of unique columns, and one to find a key's text in any case. */
export function wantedIndexes(
  table: ManifestTable,
  columns: readonly StoredColumn[],
): { columns: readonly string[]; isUnique: boolean }[] {
  const physical = (name: string): string => columns.find((one) => one.name.toLowerCase() === name.toLowerCase())!.physicalName;
  const key = columns.find(({ isKey, isHidden }) => isKey && !isHidden);
  const all = [
    ...table.columns
      .filter(({ isUnique, isKey }) => isUnique && !isKey)
      .map(({ name }) => ({ columns: [physical(name)], isUnique: true })),
    ...table.uniques.map((names) => ({ columns: names.map(physical), isUnique: true })),
    ...table.indexes.map(({ columns: names, isUnique }) => ({ columns: names.map(physical), isUnique })),
    ...(key?.type === 'text' ? [{ columns: [key.physicalName], isUnique: false }] : []),
  ];
  const seen = new Set<string>();
  return all.filter((index) => {
    const text = indexText(index);
    return seen.has(text) ? false : seen.add(text);
  });
}

export const indexText = ({ columns, isUnique }: { columns: readonly string[]; isUnique: boolean }): string =>
  `${isUnique ? 'unique ' : ''}${columns.join(',')}`;

/** What the functions of the database are told of a column; `columns` are those it may be computed from. */
export function forDatabase(column: StoredColumn, columns: readonly StoredColumn[]): string {
  const given = column.default;
  return JSON.stringify({
    ...(column.computed ? { computed: physically(column.computed, columns) } : {}),
    name: column.physicalName,
    type: column.type,
    size: column.size ?? (column.type === 'decimal' ? 18 : null),
    scale: column.scale ?? null,
    isRequired: column.isRequired || column.isKey,
    // The next number is given by whoever inserts; today is what now is, for a date.
    default:
      given === undefined || ('made' in given && given.made === 'next')
        ? null
        : 'made' in given
          ? { made: given.made === 'today' ? 'now' : given.made }
          : String(given.value),
  });
}

function physically(given: ManifestComputed, columns: readonly StoredColumn[]): ManifestComputed {
  if ('op' in given) return { op: given.op, of: given.of.map((part) => physically(part, columns)) };
  if (!('column' in given)) return given;
  const found = columns.find(({ name, isHidden }) => !isHidden && name.toLowerCase() === given.column.toLowerCase());
  if (found && !found.computed) return { column: found.physicalName };
  throw new TableRefused({
    en: `a column is computed from ${given.column.slice(0, 80)}, which is not there`,
    pt: `uma coluna é calculada de ${given.column.slice(0, 80)}, que não existe`,
  });
}

function stored(column: ManifestColumn, physical: string): StoredColumn {
  return { ...column, physicalName: physical, isHidden: false };
}

/** Letters people can read in the database, and never the name of a column of ours. */
function physicalName(name: string, taken: readonly StoredColumn[]): string {
  const base = `c_${name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, '_')
    .slice(0, 50)}`;
  const isTaken = (one: string): boolean => taken.some(({ physicalName: other }) => other === one);
  let found = base;
  for (let n = 2; isTaken(found); n++) found = `${base}_${n}`;
  return found;
}

const noColumn = { name: '', isKey: false, isRequired: false, isUnique: false };

/** The same text for the same value, in whatever order a database keeps the names in it. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

const shape = (column: StoredColumn): string =>
  JSON.stringify([typeText(column), column.isRequired, column.default ?? null, column.isHidden]);

function typeText({ type, size, scale, items }: ManifestColumn): string {
  if (items !== undefined)
    return `${typeText({ ...noColumn, type: items, ...(size ? { size } : {}), ...(scale ? { scale } : {}) })}[]`;
  if (type === 'text') return size === undefined ? 'text' : `text(${size})`;
  if (type === 'decimal') return `decimal(${size ?? 18},${scale ?? 0})`;
  return type === 'bigint' ? 'integer' : type;
}

/** Whether every value of the one is a value of the other, and says the same. */
function isWider(from: ManifestColumn, to: ManifestColumn): boolean {
  const [a, b] = [typeText(from), typeText(to)];
  if (a === b) return true;
  if (from.items || to.items) return to.type === 'json' && to.items === undefined;
  if (to.type === 'text' && to.size === undefined) return from.type !== 'json';
  if (from.type === 'text' && to.type === 'text') return from.size !== undefined && to.size !== undefined && to.size >= from.size;
  const [isWhole, size, scale] = [a === 'integer', to.size ?? 18, to.scale ?? 0];
  if (isWhole && to.type === 'number') return true; // Whole numbers are kept within 2^53.
  if (isWhole && to.type === 'decimal') return size - scale >= 16;
  if (from.type === 'decimal') {
    const [fromSize, fromScale] = [from.size ?? 18, from.scale ?? 0];
    if (to.type === 'decimal') return scale >= fromScale && size - scale >= fromSize - fromScale;
    return to.type === 'number' && fromSize <= 15;
  }
  return from.type === 'date' && to.type === 'timestamp';
}
