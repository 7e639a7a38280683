import type { JsonValue } from '../functions/json.ts';
import { MemoryTables } from './tables.ts';

/** Arguments and result are plain data; null where an operation is not offered. */
export type MemoryOperations = (
  name: string,
  args: Readonly<Record<string, JsonValue>>,
) => { readonly value: JsonValue } | { readonly error: string } | null;

export interface MemoryOptions {
  readonly data?: MemoryData;
  readonly locale?: 'en' | 'pt-BR';
  /** The settings GET CONFIG knows, as in the `config.csv` of a package. */
  readonly config?: Readonly<Record<string, string>>;
  /** Told each line of LOG and DEBUG. */
  readonly log?: (line: string) => void;
  /** The clock by which REMEMBER forgets; WAIT moves it on. */
  readonly nowMs?: () => number;
}

export interface Suggestion {
  readonly label: string;
  /** What is sent when it is chosen, where that is not the label. */
  readonly value: string;
}

/** What the operations keep: one for a console or a test, to be looked into and filled beforehand. */
export class MemoryData {
  /** Texts of files by name; FIND "x.csv" reads them and SAVE changes them. */
  readonly files: Map<string, string>;
  readonly tables: MemoryTables;
  readonly bot: Map<string, JsonValue>;
  readonly user = new Map<string, { readonly value: JsonValue; readonly untilMs: number }>();
  readonly session = new Map<string, JsonValue>();
  /** What SET CONTEXT, USE KB and other statements said that only matters to a model or a screen. */
  readonly settings = new Map<string, JsonValue>();
  suggestions: Suggestion[] = [];
  readonly log: string[] = [];
  waitedMs = 0;

  /** `shared` is what another person already talks to: the same bot, with its tables and its memory. */
  constructor(files: Map<string, string> = new Map(), shared: MemoryData | null = null) {
    this.files = shared?.files ?? files;
    this.tables = shared?.tables ?? new MemoryTables(files);
    this.bot = shared?.bot ?? new Map();
  }
}

export type Args = Readonly<Record<string, JsonValue>>;
export type Answer = { readonly value: JsonValue } | { readonly error: string };
export type Operation = (args: Args) => Answer;

export const keysMax = 10_000;

export const done: Answer = { value: null };

export function wrong(options: MemoryOptions, en: string, pt: string): Answer {
  return { error: options.locale === 'pt-BR' ? pt : en };
}

export function textOf(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export const isRow = (value: JsonValue | undefined): value is { readonly [name: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
