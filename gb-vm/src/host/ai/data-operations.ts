import type { OutsideCall, PlainValue } from 'gb-core';
import { type Args, OperationFailed, type OutsideOperation } from '../operation.ts';
import { boundedText, textOf } from './arguments.ts';
import { fenceOf } from './fence.ts';
import type { ChooseModel } from './models.ts';
import { promptsFor } from './prompts/prompts.ts';
import { about } from './speak.ts';

/** What the model's operations need of tables and charts, which belong to others. */
export interface DataHooks {
  /** The columns of a table, to tell the model of them; null when there is no such table. */
  readonly columnsOf?: (table: string, call: OutsideCall) => Promise<readonly { name: string; type: string }[] | null>;
  /** Writes a row, once for a key, and gives what SAVE gives. */
  readonly saveRow?: (table: string, row: Readonly<Record<string, PlainValue>>, call: OutsideCall) => Promise<PlainValue>;
  /** The tables a bot may be asked about, a line each: name(column type, ...). */
  readonly describeTables?: (call: OutsideCall) => Promise<string>;
  /** Runs one SELECT within what the person may read; anything else is refused there. */
  readonly select?: (statement: string, call: OutsideCall) => Promise<PlainValue>;
  /** CHART. */
  readonly chart?: OutsideOperation;
}

const textCharsMax = 20_000;
const rowsCharsMax = 12_000;
const columnsMax = 100;

export function dataOperations(choose: ChooseModel, hooks: DataHooks): Readonly<Record<string, OutsideOperation>> {
  return {
    async 'SAVE FROM UNSTRUCTURED'(args, call) {
      const table = textOf(args['table']).trim();
      const columns = await hooks.columnsOf?.(table, call);
      if (!columns || !hooks.saveRow)
        throw new OperationFailed({ en: `there is no table ${table}`, pt: `não há uma tabela ${table}` });
      const row = await extractRow(choose, table, columns, boundedText(args, 'text', textCharsMax), call);
      return hooks.saveRow(table, row, call);
    },

    async 'CHART PROMPT'(args, call) {
      if (!hooks.chart) throw notHere('CHART PROMPT');
      return drawAsAsked(choose, hooks.chart, args, call);
    },
  };
}

/** Only what the text says and the table has; a text that says nothing about the columns is an error, no empty row. */
async function extractRow(
  choose: ChooseModel,
  table: string,
  columns: readonly { name: string; type: string }[],
  text: string,
  call: OutsideCall,
): Promise<Readonly<Record<string, PlainValue>>> {
  const prompts = promptsFor(call.locale);
  const fence = fenceOf(call.key);
  const list = columns
    .slice(0, columnsMax)
    .map(({ name, type }) => `- ${name}: ${type}`)
    .join('\n');
  const said = await about(
    choose(call),
    `${prompts.extract(table, list)}\n\n${prompts.fences(fence.word)}`,
    fence.around(text),
    call,
    { temperature: 0, isJson: true },
  );
  const found = objectIn(said);
  const row: Record<string, PlainValue> = {};
  for (const { name } of columns) {
    const key = Object.keys(found).find((one) => one.toLowerCase() === name.toLowerCase());
    const value = key === undefined ? null : found[key]!;
    if (value !== null && value !== '') row[name] = value;
  }
  if (Object.keys(row).length === 0)
    throw new OperationFailed({
      en: `the text says nothing for the table ${table}`,
      pt: `o texto não diz nada para a tabela ${table}`,
    });
  return row;
}

/** The model chooses kind and columns; the figures themselves never pass through it. */
async function drawAsAsked(choose: ChooseModel, chart: OutsideOperation, args: Args, call: OutsideCall): Promise<PlainValue> {
  const kind = textOf(args['kind']);
  const data = args['data'] ?? null;
  const rows = Array.isArray(data) ? data : [data];
  const columns = columnNames(rows);
  if (columns.length === 0) return chart({ kind, data }, call);
  const prompts = promptsFor(call.locale);
  const fence = fenceOf(call.key);
  const shown = JSON.stringify(rows.slice(0, 3)).slice(0, 2_000);
  const said = await about(
    choose(call),
    `${prompts.chart(kind, columns.join(', '))}\n\n${prompts.fences(fence.word)}`,
    `${boundedText(args, 'prompt', 2_000)}\n\n${fence.around(shown)}`,
    call,
    { temperature: 0, isJson: true },
  );
  const wish = objectIn(said);
  const label = columns.find((column) => column === wish['label']);
  const values = columns.filter((column) => [wish['values']].flat().includes(column) && column !== label);
  if (values.length === 0) return chart({ kind, data }, call);
  const chosen = rows.filter(isRow).map((row) => {
    const kept = label === undefined ? values : [label, ...values];
    return Object.fromEntries(kept.map((column) => [column, row[column] ?? null]));
  });
  return chart({ kind: typeof wish['kind'] === 'string' ? wish['kind'] : kind, data: chosen }, call);
}

/** SET ANSWER MODE "sql": the model writes the statement, the tables answer it, the model says it in words. */
export async function answerFromTables(
  choose: ChooseModel,
  hooks: DataHooks,
  question: string,
  call: OutsideCall,
): Promise<{ text: string; rows: PlainValue }> {
  if (!hooks.describeTables || !hooks.select) throw notHere('SET ANSWER MODE "sql"');
  const prompts = promptsFor(call.locale);
  const fence = fenceOf(call.key);
  const instruction = prompts.sql(await hooks.describeTables(call));
  const said = await about(choose(call), instruction, question, call, { temperature: 0 });
  const rows = await hooks.select(statementIn(said), call);
  const shown = JSON.stringify(rows).slice(0, rowsCharsMax);
  const text = await about(
    choose(call),
    `${prompts.sqlAnswer}\n${prompts.manner}\n\n${prompts.fences(fence.word)}`,
    `${question}\n\n${fence.around(shown)}`,
    call,
  );
  return { text, rows };
}

/** The statement in what a model said, which likes to put it into a block of code. */
export function statementIn(said: string): string {
  const block = /```(?:\w*)\s*([\s\S]*?)```/.exec(said);
  return (block?.[1] ?? said).trim().replace(/;\s*$/, '');
}

/** The first JSON object in what a model said. */
export function objectIn(said: string): Readonly<Record<string, PlainValue>> {
  const [from, to] = [said.indexOf('{'), said.lastIndexOf('}')];
  if (from >= 0 && to > from) {
    try {
      const value = JSON.parse(said.slice(from, to + 1)) as PlainValue;
      if (isRow(value)) return value;
    } catch {
      // Told below.
    }
  }
  throw new OperationFailed({
    en: 'the language model gave no data that can be read',
    pt: 'o modelo de linguagem não deu dados que se possam ler',
  });
}

function columnNames(rows: readonly PlainValue[]): readonly string[] {
  const [first] = rows.filter(isRow);
  return first ? Object.keys(first).slice(0, columnsMax) : [];
}

const isRow = (value: PlainValue): value is Readonly<Record<string, PlainValue>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const notHere = (what: string): OperationFailed =>
  new OperationFailed({ en: `${what} cannot be used here`, pt: `${what} não pode ser usado aqui` }, 'not_allowed');
