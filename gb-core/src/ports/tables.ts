import type { BotId, UserId } from 'gb-protocol';
import type { ManifestColumn, ManifestTable } from './bot-manifest.ts';
import type { PlainValue } from './bot-runtime.ts';

/**
 * Which rows are meant. Scripts say it as text - `"status=open"`, `"city like 'rec%' and not (age < 18)"` - or as the
 * structure the compiler makes of WHERE, whose values never were part of any text. Both become the same tree, which is
 * evaluated for rows in memory, or turned into a query with parameters.
 *
 * How values compare: numbers by value, also when written as text; dates as dates in either spelling; texts in any case.
 * NULL is equal to NULL and different from everything else, and neither before nor after anything. A comparison holds or
 * does not hold: NOT of one that does not hold, holds.
 */
export type Condition =
  | Compare
  | { readonly kind: 'in'; readonly column: Column; readonly values: readonly Scalar[] }
  | { readonly kind: 'all'; readonly parts: readonly Condition[] }
  | { readonly kind: 'any'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition };

export interface Compare {
  readonly kind: 'compare';
  readonly column: Column;
  readonly operator: Operator;
  readonly value: Scalar;
  /** Written without quotes: beside rows of which one has such a column, it may mean that. */
  readonly isWord: boolean;
}
/** `like` knows % and _; without them, and with `contains`, the text may be anywhere. */
export type Operator = '=' | '<' | '>' | '<=' | '>=' | 'like' | 'contains';
export interface Column {
  readonly name: string;
  /** DATE(column) compares the day only. */
  readonly isDay: boolean;
}
export type Scalar = string | number | boolean | null;

export interface RowOrder {
  readonly column: string;
  readonly isDescending: boolean;
}

/** A row by the names of its columns, in the spelling of the table. */
export type TableRow = Readonly<Record<string, PlainValue>>;

/** A table as it is. */
export interface Table {
  readonly id: string;
  readonly botId: BotId;
  readonly name: string;
  /** Those that are declared, in their order. */
  readonly columns: readonly TableColumn[];
  /** Names of the key's columns; empty: a row's key is a number of its own, read as `id` where no column has this name. */
  readonly key: readonly string[];
  readonly readBy: readonly string[];
  readonly writeBy: readonly string[];
  /** Names of the columns of what the database holds to, by its name there: to say what a row was refused for. */
  readonly constraints: Readonly<Record<string, readonly string[]>>;
}

export interface TableColumn extends ManifestColumn {
  /** Its name in the database. */
  readonly physicalName: string;
  /** An index begins with it. */
  readonly isIndexed: boolean;
}

export interface TableChange {
  readonly table: string;
  readonly kind: 'made' | 'changed' | 'unchanged';
}

export interface RowQuery {
  readonly condition?: Condition;
  readonly order?: readonly RowOrder[];
  readonly limit?: number;
  readonly offset?: number;
  /** Only these. */
  readonly columns?: readonly string[];
}

export type SumFunction = 'count' | 'sum' | 'avg' | 'min' | 'max';

export interface ChangedRows {
  readonly count: number;
  /** Filled when they were asked for. `old` is missing of rows that came, `row` of rows that went. */
  readonly rows: readonly { readonly old?: TableRow; readonly row?: TableRow }[];
}

export interface MergedRows extends ChangedRows {
  readonly added: number;
  readonly updated: number;
  readonly unchanged: number;
}

/** Whether a change tells which rows it changed; at most `tableLimits.changedRowsMax`, else the change is refused. */
export interface ChangeOptions {
  readonly withRows?: boolean;
}

export const tableLimits = {
  tablesPerCustomerMax: 200,
  columnsPerTableMax: 100,
  indexesPerTableMax: 10,
  /** Of all tables of a customer together; looked at now and then, so it may be passed by a few thousand. */
  rowsPerCustomerMax: 1_000_000,
  bytesPerCustomerMax: 2_147_483_648,
  /** One row as JSON. */
  rowBytesMax: 262_144,
  /** What a FIND without LIMIT may give; with LIMIT, the second ones. */
  foundRowsMax: 10_000,
  foundBytesMax: 1_048_576,
  limitedRowsMax: 100_000,
  limitedBytesMax: 4_194_304,
  /** Rows of one INSERT or MERGE. */
  insertedRowsMax: 10_000,
  /** Rows a change tells of one by one. */
  changedRowsMax: 200,
  sheetsPerBotMax: 200,
  rowsPerSheetMax: 20_000,
  columnsPerSheetMax: 500,
  bytesPerSheetMax: 16_777_216,
  /** A key of a memory, in characters. */
  memoryKeyMax: 200,
  memoryValueBytesMax: 65_536,
  memoryKeysPerBotMax: 10_000,
  memoryKeysPerUserMax: 1_000,
  memoryBytesPerBotMax: 16_777_216,
  memoryBytesPerUserMax: 1_048_576,
} as const;

/**
 * What an author or a person did wrong, or a bound that is met: a sentence in both languages. The transaction goes on as
 * if the refused call had not been made.
 */
export class TableRefused extends Error {
  readonly said: { readonly en: string; readonly pt: string };
  readonly isLimit: boolean;

  constructor(said: { readonly en: string; readonly pt: string }, options: { isLimit?: boolean; cause?: unknown } = {}) {
    super(said.en, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TableRefused';
    this.said = said;
    this.isLimit = options.isLimit ?? false;
  }
}

/**
 * Tables that bots declare: real ones, behind the wall between customers, found by name among those of one bot in any
 * case. Every method refuses with `TableRefused`, also values that do not fit a column; then nothing of the call is done.
 */
export interface TableRepository {
  /**
   * Makes the tables of a bot what they are declared to be, all or none. New columns are added, types become wider where
   * nothing is lost, a column that is no longer declared stays, hidden; so does a table. Tables of other databases are not made. Everything else is refused.
   */
  declare(botId: BotId, definitions: readonly ManifestTable[]): Promise<readonly TableChange[]>;
  list(botId: BotId): Promise<readonly Table[]>;
  get(botId: BotId, name: string): Promise<Table | null>;
  /** In the order of the query, else as they came. More than the bounds is refused, never cut silently. */
  find(table: Table, query?: RowQuery): Promise<readonly TableRow[]>;
  count(table: Table, condition?: Condition): Promise<number>;
  /** One value per group. Groups come in their own order; a row has the group's columns and `value`. Empty values do not count. */
  aggregate(
    table: Table,
    query: {
      readonly function: SumFunction;
      readonly column?: string;
      readonly groupBy?: readonly string[];
      readonly condition?: Condition;
    },
  ): Promise<readonly TableRow[]>;
  /** Gives the rows as they are stored, with defaults and keys. A missing whole-number or uuid key is made; numbers rise, with holes. */
  insert(table: Table, rows: readonly TableRow[]): Promise<readonly TableRow[]>;
  update(table: Table, condition: Condition, changes: TableRow, options?: ChangeOptions): Promise<ChangedRows>;
  delete(table: Table, condition: Condition, options?: ChangeOptions): Promise<ChangedRows>;
  /** Rows whose `keys`, taken together, are known change theirs, the others are added. */
  merge(table: Table, rows: readonly TableRow[], keys: readonly string[], options?: ChangeOptions): Promise<MergedRows>;
  /** BEGIN, COMMIT and ROLLBACK TRANSACTION within this transaction; they nest. False: there is none to end. */
  begin(): Promise<void>;
  commit(): Promise<boolean>;
  rollback(): Promise<boolean>;
}

/** Rows of no declared shape: what SAVE makes of a name nobody declared, and the sheets of a package's data. */
export interface Sheet {
  readonly botId: BotId;
  readonly name: string;
  readonly columns: readonly string[];
  readonly rowCount: number;
}

export interface SheetRow {
  readonly number: number;
  readonly row: TableRow;
}

/** Names are found in any case. Writers of one sheet wait for each other until their transactions end. */
export interface SheetRepository {
  list(botId: BotId): Promise<readonly Sheet[]>;
  get(botId: BotId, name: string): Promise<Sheet | null>;
  /** The same, locked until the transaction ends; made when it is not there. */
  open(botId: BotId, name: string): Promise<Sheet>;
  /** Rows after a number, in their order. */
  scan(sheet: Sheet, after: number, limit: number): Promise<readonly SheetRow[]>;
  /** At the end. `columns` is what the sheet's columns are from now on. */
  append(sheet: Sheet, rows: readonly TableRow[], columns: readonly string[]): Promise<Sheet>;
  replace(sheet: Sheet, rows: readonly SheetRow[], columns: readonly string[]): Promise<Sheet>;
  remove(sheet: Sheet, numbers: readonly number[]): Promise<Sheet>;
  /**
   * Rows of a file of the package. The same file again (by its digest) changes nothing; another one takes the place of
   * the rows that came from the file before. Rows a program added stay.
   */
  importSheet(
    botId: BotId,
    sheet: {
      readonly name: string;
      readonly digest: string;
      readonly columns: readonly string[];
      readonly rows: readonly TableRow[];
    },
  ): Promise<{ readonly isChanged: boolean; readonly rowCount: number }>;
}

export type MemoryKind = 'bot' | 'user' | 'cache' | 'session';

/** What a bot keeps under a key: for itself, for one of its people, for a while. What has run out is not there. */
export interface MemoryRepository {
  get(place: MemoryPlace, key: string): Promise<PlainValue>;
  /** Null takes it away. Refuses with `TableRefused` what is too big, and one key too many. */
  set(place: MemoryPlace, key: string, value: PlainValue, expiresAtMs?: number | null): Promise<void>;
  list(
    place: MemoryPlace,
  ): Promise<readonly { readonly key: string; readonly value: PlainValue; readonly expiresAtMs: number | null }[]>;
}

export interface MemoryPlace {
  readonly botId: BotId;
  readonly kind: MemoryKind;
  /** Of `user` only. */
  readonly userId?: UserId;
}

/** Figures of the customer, a row for each interval that has any. */
export interface FigureRepository {
  count(
    figure: Figure,
    fromMs: number,
    toMs: number,
    intervalMs: number,
  ): Promise<readonly { readonly atMs: number; readonly value: number }[]>;
}

export type Figure = 'messages' | 'people' | 'conversations' | 'turns';
