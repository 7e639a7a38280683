import type { Condition, OutsideCall, PlainValue, Table } from 'gb-core';
import type { JsonValue } from '../../runtime/functions/json.ts';
import { textOf } from '../../runtime/operations/memory-data.ts';
import { readCondition } from '../../runtime/operations/read-condition.ts';
import { readRowOrder } from '../../runtime/operations/row-arguments.ts';
import { setKept } from '../memory/kept.ts';
import type { Args, InTurnOperation, OperationSet } from '../operation.ts';
import { createConnections, onConnection, type WithSession } from './connected/index.ts';
import { queryMetrics } from './metrics.ts';
import { query } from './query.ts';
import { columnsIn, conditionOf, type DataScope, dataState, fail, ofParts, said, setDataState } from './scope.ts';
import { checkRole, openSource, type RowSource } from './source.ts';
import { type ReadRows, synchronize } from './synchronize.ts';
import { type TriggersOf, triggersOfBot } from './triggers.ts';
import { addRows, addTo, deleteRows, mergeRows, setRow, updateRows } from './write-rows.ts';

export interface DataOptions {
  /** Which scripts run for rows that come, change and go; those of `tx.triggers` unless something else is said. */
  readonly triggersOf?: TriggersOf;
  /** Rows of another system, for SYNCHRONIZE; without it only tables of the bot can be copied. */
  readonly readRows?: ReadRows;
  /** The way to databases that bots name, for TABLE … ON; without it no internet address but theirs is reached. */
  readonly withSession?: WithSession;
}

/**
 * Tables and sheets of a bot. Everything is done in the transaction of the turn, so a row is there exactly when the answer
 * that tells of it is; SYNCHRONIZE and tables of other databases alone reach outside.
 */
export function dataOperations({
  triggersOf = triggersOfBot,
  readRows,
  withSession = createConnections(),
}: DataOptions = {}): OperationSet {
  const inTurn: Record<string, (args: Args, scope: DataScope) => Promise<PlainValue>> = {
    FIND: (args, scope) => find(scope, args),
    SAVE: (args, scope) => addRows(scope, args, triggersOf),
    INSERT: (args, scope) => addRows(scope, args, triggersOf),
    UPDATE: (args, scope) => updateRows(scope, args, triggersOf),
    DELETE: (args, scope) => deleteRows(scope, args, triggersOf),
    MERGE: (args, scope) => mergeRows(scope, args, triggersOf),
    SET: (args, scope) => set(scope, args, triggersOf),
    QUERY: (args, scope) => query(scope, textOf(args['text']), (args['values'] ?? []) as readonly PlainValue[]),
    'QUERY METRICS': (args, scope) => queryMetrics(scope, args),
    MENU: (args, scope) => choices(scope, textOf(args['file'])),
    // Every read is of this moment: there is nothing kept that could be read again.
    REFRESH: async (args, scope) => {
      await openSource(scope, textOf(args['table']), 'read');
      return null;
    },
    'RESET REPORT': async (_, scope) => {
      setDataState(scope, { report: undefined });
      return null;
    },
    'AUTO SAVE': async (args, scope) => {
      setDataState(scope, { autoSave: switchOf(args['state']) });
      return null;
    },
    'SET MAX LINES': async (args, scope) => {
      const count = Number(args['count'] ?? Number.NaN);
      if (!(count >= 0 && Number.isSafeInteger(count)))
        throw fail('SET MAX LINES takes a number', 'SET MAX LINES recebe um número');
      setDataState(scope, { linesMax: count === 0 ? undefined : count });
      return null;
    },
    'SET FILTER': async (args, scope) => {
      const [filter, value] = [args['filter'] ?? null, args['value']];
      const wanted = value === undefined ? filter : { [textOf(filter)]: value };
      if (!readCondition(wanted as JsonValue)) throw fail('the filter cannot be understood', 'o filtro não pode ser entendido');
      if (JSON.stringify(wanted).length > filterBytesMax) throw fail('the filter is too long', 'o filtro é longo demais');
      setDataState(scope, { filter: wanted === null || wanted === '' ? undefined : wanted });
      return null;
    },
    'BEGIN TRANSACTION': async (_, scope) => {
      await scope.tx.tables.begin();
      setDataState(scope, { isInTransaction: true });
      return null;
    },
    'COMMIT TRANSACTION': async (_, scope) => {
      const wasBegun = dataState(scope).isInTransaction ?? false;
      const isHere = await scope.tx.tables.commit();
      setDataState(scope, { isInTransaction: undefined });
      if (!isHere && !wasBegun) throw fail('there is no BEGIN TRANSACTION before', 'não há BEGIN TRANSACTION antes');
      return null;
    },
    // Whatever waits - HEAR, or an operation outside - saves what was done before, also within a transaction.
    'ROLLBACK TRANSACTION': async (_, scope) => {
      const wasBegun = dataState(scope).isInTransaction ?? false;
      const isHere = await scope.tx.tables.rollback();
      setDataState(scope, { isInTransaction: undefined });
      if (isHere) return null;
      throw wasBegun
        ? fail(
            'what was done before the conversation waited is saved already',
            'o que foi feito antes de a conversa esperar já está gravado',
          )
        : fail('there is no BEGIN TRANSACTION before', 'não há BEGIN TRANSACTION antes');
    },
  };
  return {
    inTurn: Object.fromEntries(
      Object.entries(inTurn).map(([name, work]): [string, InTurnOperation] => [
        name,
        (args, scope) => said(() => work(args, scope)),
      ]),
    ),
    isOutside: { SET: isCellOrPage, ...Object.fromEntries(connected.map((name) => [name, isElsewhere])) },
    outside: {
      SYNCHRONIZE: (args, call) => synchronize(call, args, readRows, withSession),
      ...Object.fromEntries(connected.map((name) => [name, onConnection(name, inTurn[name]!, withSession)])),
    },
  };
}

/** What also works on tables of other databases. */
const connected = ['FIND', 'SAVE', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'QUERY', 'REFRESH'] as const;
/** See `addressed`, which says so when the request is made. */
const isElsewhere = ({ connection }: Args): boolean => typeof connection === 'string';

const filterBytesMax = 4_000;
const choicesMax = 1_000;

async function find(scope: DataScope, args: Args): Promise<PlainValue> {
  const order = readRowOrder(args['order'] as JsonValue | undefined);
  const given = args['limit'] ?? null;
  if (!order) throw fail('the order cannot be understood', 'a ordem não pode ser entendida');
  if (given !== null && !(Number(given) >= 0)) throw fail('LIMIT must be a number', 'LIMIT deve ser um número');
  const isWhole = scope.state.talk?.['wholeWord'] !== false;
  const condition = isWhole ? conditionOf(args) : ofParts(conditionOf(args));
  const source = await openSource(scope, textOf(args['table']), 'read');
  const { linesMax } = dataState(scope);
  const limit = given === null ? linesMax : Math.trunc(Number(given));
  const rows = await source.find({
    condition: { kind: 'all', parts: [condition, standingFilter(scope, source)] },
    order,
    ...(limit === undefined ? {} : { limit }),
  });
  // No row is no value, so that IF and IS NULL tell.
  return rows.length === 0 ? null : (rows as PlainValue);
}

/** SET FILTER, for tables that have its columns. */
function standingFilter(scope: DataScope, source: RowSource): Condition {
  const { filter } = dataState(scope);
  const condition = readCondition((filter ?? null) as JsonValue);
  const isMeant = condition !== null && columnsIn(condition).every((column) => source.hasColumn(column));
  return isMeant ? condition : { kind: 'all', parts: [] };
}

/** HEAR ... AS file: what can be chosen is in its first column. */
async function choices(scope: DataScope, file: string): Promise<PlainValue> {
  const source = await openSource(scope, file, 'read');
  const [column] = source.columns;
  if (column === undefined) throw fail(`there is no file ${file.slice(0, 80)}`, `não há um arquivo ${file.slice(0, 80)}`);
  const rows = await source.find({ columns: [column], limit: choicesMax + 1 });
  if (rows.length > choicesMax)
    throw fail(`a menu has at most ${choicesMax} choices`, `um menu tem no máximo ${choicesMax} opções`);
  return rows.map((row) => row[column] ?? null).filter((value) => value !== null && value !== '');
}

function switchOf(value: PlainValue | undefined): boolean {
  const word = textOf(value).trim().toUpperCase();
  if (word === 'ON' || word === 'TRUE' || word === '1') return true;
  if (word === 'OFF' || word === 'FALSE' || word === '0') return false;
  throw fail('it is ON or OFF', 'é ON ou OFF');
}

/** `SET "user.name", "Ana"` is kept, `SET "orders", "id=5", "status=paid"` changes rows. */
async function set(scope: DataScope, args: Args, triggersOf: TriggersOf): Promise<PlainValue> {
  const [value] = (args['values'] ?? []) as readonly PlainValue[];
  if (await setKept(textOf(args['target']), value ?? null, scope)) return null;
  if (isCellOrPage(args)) throw fail('there is no such thing to set here', 'não há isso para definir aqui');
  return setRow(scope, args, triggersOf);
}

/** A cell of a sheet, as `SET "stock.xlsx", "A1", 10`, or a field of a page: for whoever has files and pages. */
function isCellOrPage({ target, values }: Args): boolean {
  const [place] = (values ?? []) as readonly PlainValue[];
  return (
    typeof target !== 'string' ||
    (typeof place === 'string' && /^(?:[^!]{1,60}!)?\$?[a-z]{1,3}\$?\d{1,7}(?::\$?[a-z]{1,3}\$?\d{1,7})?$/i.test(place.trim()))
  );
}

/** What operations outside of turns need of tables: models that fill and ask them. */
export const dataHooks = {
  /** Columns of a declared table or of a sheet that is there; null when there is none of this name. */
  columnsOf: (table: string, call: OutsideCall): Promise<readonly { name: string; type: string }[] | null> =>
    call.read(async (tx) => {
      const declared = await tx.tables.get(call.botId, table);
      if (declared) return declared.columns.map(({ name, type }) => ({ name, type }));
      const sheet = await tx.sheets.get(call.botId, table);
      return sheet ? sheet.columns.map((name) => ({ name, type: 'text' })) : null;
    }),

  /** Writes a row, once for a key of a call, and gives what SAVE gives. */
  saveRow: (table: string, row: Readonly<Record<string, PlainValue>>, call: OutsideCall): Promise<PlainValue> =>
    said(() =>
      call.write(async (tx) => {
        // A call that is made again after a crash finds its mark, which is kept with the row.
        const place = { botId: call.botId, kind: 'cache' as const };
        const mark = `saved ${call.key}`.slice(0, 200);
        const before = await tx.memories.get(place, mark);
        if (before !== null) return before;
        const scope: DataScope = { ...call, tx };
        const count = await addTo(scope, await openSource(scope, table, 'write'), [row], triggersOfBot);
        await tx.memories.set(place, mark, count, call.nowMs + markMsMax);
        return count;
      }),
    ),

  /** The tables the person may read, a line each: name(column type, ...). */
  describeTables: (call: OutsideCall): Promise<string> =>
    call.read(async (tx) => {
      const lines: string[] = [];
      for (const table of await tx.tables.list(call.botId))
        if (await mayRead({ ...call, tx }, table)) lines.push(describe(table));
      for (const { name, columns } of await tx.sheets.list(call.botId)) lines.push(`${name}(${columns.join(', ')})`);
      return lines.slice(0, 100).join('\n');
    }),

  /** One SELECT, within what the person may read. */
  select: (statement: string, call: OutsideCall): Promise<PlainValue> =>
    said(() => call.read((tx) => query({ ...call, tx }, statement, []))),
};

const markMsMax = 86_400_000;

async function mayRead(scope: DataScope, table: Table): Promise<boolean> {
  try {
    await checkRole(scope, table, 'read');
    return true;
  } catch {
    return false; // The only way it fails.
  }
}

const describe = ({ name, columns }: Table): string =>
  `${name}(${columns.map((column) => `${column.name} ${column.type}`).join(', ')})`;
