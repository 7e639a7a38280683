import type { JsonValue } from 'gb-vm/in-process';

/**
 * A conversation as a test file tells it: what people say, when, what the bot asks of its host, and what it answers.
 * Empty lines do not count, on either side, nor do blanks at the end of a line.
 */
export interface Transcript {
  readonly steps: readonly Step[];
  readonly settings: ReadonlyMap<SettingName, string>;
  /** Who takes part, by name, where several do. */
  readonly people: readonly string[];
  /** What the script is given besides: the values of its PARAMs. */
  readonly params: ReadonlyMap<string, string>;
}

/** Something happens - the start, an answer, or only time - and then the bot says what is expected. */
export interface Step {
  /** What is said; null at the start, and where only time passes. */
  readonly said: string | null;
  readonly isTime: boolean;
  /** A script of the bot that runs without anybody talking to it; null where somebody does. */
  readonly run: RunByItself | null;
  /** What is said is the label of a button, `> [Yes]`, which must have been offered. */
  readonly isButton: boolean;
  /** Who speaks; null for the one who spoke last. */
  readonly person: string | null;
  /** Names of files that go with what is said. */
  readonly files: readonly string[];
  /** Of the file, from 1; of the first line when nothing was said yet. */
  readonly line: number;
  readonly expected: readonly Expected[];
  /** What the bot is to ask of its host meanwhile, and what it gets. */
  readonly operations: readonly FakedOperation[];
  /** The code of the error this step is to end with. */
  readonly error: string | null;
  /** How much time passes before. */
  readonly waitMs: number;
  /** What the clock is set to. */
  readonly clockMs: number | null;
}

/** `@ run remind.bas {"day": "2026-01-05"}` */
export interface RunByItself {
  readonly script: string;
  readonly params: Readonly<Record<string, JsonValue>>;
}

export interface Expected {
  readonly line: number;
  /** `any lines` is a line of three dots. */
  readonly kind: 'text' | 'any lines';
  /** With `*` for any text, unless it was written with a backslash before it. */
  readonly text: string;
  readonly isPlain: boolean;
}

/** `= GET "https://example.com/*" -> {"rate": 5}` */
export interface FakedOperation {
  readonly line: number;
  /** As a script would write it. */
  readonly asked: string;
  /** JSON or an expression; with `!` before it, what is said to have gone wrong. */
  readonly given: string;
}

const settingNames = ['locale', 'now', 'username', 'script'] as const;
export type SettingName = (typeof settingNames)[number];

export class TranscriptError extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const unitsMs: Readonly<Record<string, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};
const duration = /^(\d{1,6})\s*(second|minute|hour|day|week)s?$/;
const clockTime = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?))?$/;
const operationLine = /^=\s+(?=\p{Lu}{2})/u;

type Draft = { -readonly [Key in keyof Step]: Step[Key] } & { expected: Expected[]; operations: FakedOperation[] };

export function parseTranscript(text: string): Transcript {
  return new Reader().read(text);
}

class Reader {
  readonly #settings = new Map<SettingName, string>();
  readonly #params = new Map<string, string>();
  readonly #steps: Draft[] = [draft(1, {})];
  #people: readonly string[] = [];
  #files: string[] = [];
  #waitMs = 0;

  read(text: string): Transcript {
    for (const [index, row] of text.replace(/\r\n?/g, '\n').split('\n').entries()) this.#line(row, index + 1);
    return { steps: this.#steps, settings: this.#settings, people: this.#people, params: this.#params };
  }

  #line(row: string, line: number): void {
    const trimmed = row.trim();
    const step = this.#steps.at(-1)!;
    const speaker = this.#speaker(trimmed);
    if (trimmed === '' || trimmed.startsWith("'")) return;
    if (trimmed.startsWith('>')) this.#say(null, trimmed.slice(1).trim(), line);
    else if (speaker) this.#say(speaker, trimmed.slice(speaker.length + 1).trim(), line);
    else if (trimmed.startsWith('@')) this.#stage(trimmed.slice(1).trim(), line);
    else if (trimmed.startsWith('+') && duration.test(trimmed.slice(1).trim()))
      this.#time({ waitMs: durationMs(line, trimmed.slice(1).trim()) }, line);
    else if (operationLine.test(trimmed)) step.operations.push(operationOf(trimmed.replace(operationLine, ''), line));
    else if (trimmed.startsWith('!')) step.error = trimmed.slice(1).trim();
    else if (trimmed === '...') step.expected.push({ line, kind: 'any lines', text: '', isPlain: false });
    else if (trimmed.startsWith('\\')) step.expected.push({ line, kind: 'text', text: trimmed.slice(1), isPlain: true });
    else step.expected.push({ line, kind: 'text', text: row.trimEnd(), isPlain: false });
  }

  /** Only who was named with @ people: a bot may well say `Name: Ana`. */
  #speaker(trimmed: string): string | null {
    const [, name] = /^([^:]{1,40}):(?:\s|$)/.exec(trimmed) ?? [];
    return this.#people.find((one) => one.toLowerCase() === name?.toLowerCase()) ?? null;
  }

  #say(person: string | null, text: string, line: number): void {
    const [, button] = /^\[(.+)\]$/s.exec(text) ?? [];
    const said = button ?? (/^\\/.test(text) ? text.slice(1) : text);
    this.#steps.push(
      draft(line, { person, said: said.trim(), isButton: button !== undefined, files: this.#files, waitMs: this.#waitMs }),
    );
    this.#files = [];
    this.#waitMs = 0;
  }

  #time(passed: Pick<Partial<Step>, 'waitMs' | 'clockMs'>, line: number): void {
    this.#steps.push(draft(line, { isTime: true, ...passed, waitMs: this.#waitMs + (passed.waitMs ?? 0) }));
    this.#waitMs = 0;
  }

  #stage(text: string, line: number): void {
    const [, name = '', value = ''] = /^(\S+)\s*(.*)$/.exec(text) ?? [];
    const clockMs = instantOf(text);
    const isBefore = this.#steps.length === 1 && this.#steps[0]!.expected.length === 0;
    if (clockMs !== null && isBefore) this.#settings.set('now', text);
    else if (clockMs !== null) this.#time({ clockMs }, line);
    else if (name === 'wait') this.#waitMs += durationMs(line, value);
    else if (name === 'run') {
      this.#steps.push(draft(line, { run: runOf(value, line), waitMs: this.#waitMs }));
      this.#waitMs = 0;
    } else if (name === 'people') this.#people = names(value, line);
    else if (name === 'attach') this.#files.push(value);
    else if (name === 'param') {
      const [, key, given] = /^(\S+)\s+(.*)$/.exec(value) ?? [];
      if (key === undefined || given === undefined) throw new TranscriptError(line, '@ param needs a name and a value.');
      this.#params.set(key.toLowerCase(), given);
    } else this.#settings.set(settingName(line, name), value);
  }
}

function draft(line: number, changes: Partial<Step>): Draft {
  return {
    said: null,
    isTime: false,
    run: null,
    isButton: false,
    person: null,
    files: [],
    line,
    error: null,
    waitMs: 0,
    clockMs: null,
    ...changes,
    expected: [],
    operations: [],
  };
}

function runOf(text: string, line: number): RunByItself {
  const [, script, given = ''] = /^(\S+?)(?:\s+(\{.*\}))?$/s.exec(text) ?? [];
  if (script === undefined)
    throw new TranscriptError(line, '@ run needs a script, and may have what it is given as JSON: @ run paid.bas {"order": 12}.');
  try {
    const params = given === '' ? {} : (JSON.parse(given) as RunByItself['params']);
    return { script, params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name.toLowerCase(), value])) };
  } catch {
    throw new TranscriptError(line, 'What @ run gives is no JSON.');
  }
}

function names(text: string, line: number): readonly string[] {
  const found = text.split(',').map((name) => name.trim());
  if (found.some((name) => name === '' || name.length > 40 || name.includes(':')))
    throw new TranscriptError(line, '@ people needs names with commas between them.');
  return found;
}

/** What is asked stands before the first arrow that is not in a text. */
function operationOf(text: string, line: number): FakedOperation {
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') isQuoted = !isQuoted;
    if (!isQuoted && text.startsWith('->', at))
      return { line, asked: text.slice(0, at).trim(), given: text.slice(at + 2).trim() };
  }
  return { line, asked: text.trim(), given: '' };
}

/** Dates and times of tests are those of UTC, as the program sees them; null when it is none. */
export function instantOf(text: string): number | null {
  const [, date, time = '00:00:00'] = clockTime.exec(text.trim()) ?? [];
  const ms = date === undefined ? Number.NaN : Date.parse(`${date}T${time}Z`);
  return Number.isNaN(ms) ? null : ms;
}

function durationMs(line: number, text: string): number {
  const [, count = '', unit = ''] = duration.exec(text) ?? [];
  const unitMs = unitsMs[unit];
  if (unitMs === undefined) throw new TranscriptError(line, `@ wait needs a time like 2 days or 30 minutes, not "${text}".`);
  return Number(count) * unitMs;
}

function settingName(line: number, name: string): SettingName {
  const found = settingNames.find((one) => one === name);
  if (found === undefined)
    throw new TranscriptError(
      line,
      `There is no @ ${name}; there are @ ${settingNames.join(', @ ')}, @ wait, @ run, @ people, @ attach, @ param, and a time like @ 2026-12-31 09:00.`,
    );
  return found;
}

/** The lines of what the bot said, as they are compared. */
export function spokenLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '');
}

/** Whether one line is what was expected. Takes time by the length of the line, whatever stars there are. */
export function fits(expected: Expected, actual: string): boolean {
  const pattern = expected.text.trim();
  const line = actual.trim();
  if (expected.isPlain || !pattern.includes('*')) return pattern === line;
  // Markdown is full of stars: a line that is exactly the same always fits.
  if (pattern === line) return true;
  const pieces = pattern.split('*');
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  if (line.length < first.length + last.length || !line.startsWith(first) || !line.endsWith(last)) return false;
  let at = first.length;
  const end = line.length - last.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = line.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}

/** Whether all lines are as expected: each `...` takes as few as it can, then more. */
export function allFit(expected: readonly Expected[], actual: readonly string[]): boolean {
  let [at, from] = [0, 0];
  let anyAt = -1;
  let anyFrom = 0;
  while (from < actual.length) {
    const next = expected[at];
    if (next?.kind === 'any lines') {
      anyAt = at++;
      anyFrom = from;
    } else if (next && fits(next, actual[from]!)) {
      at++;
      from++;
    } else if (anyAt >= 0) {
      at = anyAt + 1;
      from = ++anyFrom;
    } else return false;
  }
  while (expected[at]?.kind === 'any lines') at++;
  return at === expected.length;
}

const diffLinesMax = 400;

/** Expected and spoken lines side by side: `-` was expected and did not come, `+` came and was not expected. */
export function difference(expected: readonly Expected[], actual: readonly string[]): string {
  const left = expected.slice(0, diffLinesMax);
  const right = actual.slice(0, diffLinesMax);
  // The fewest marks from every pair of places to the ends; three dots take any lines without one.
  const width = right.length + 1;
  const marks = new Uint16Array((left.length + 1) * width);
  const at = (i: number, j: number): number => marks[i * width + j]!;
  for (let i = left.length; i >= 0; i--)
    for (let j = right.length; j >= 0; j--) {
      const [hasLeft, hasRight] = [i < left.length, j < right.length];
      const isAny = hasLeft && left[i]!.kind === 'any lines';
      if (!hasLeft && !hasRight) continue;
      const choices = [
        hasLeft && hasRight && matches(left[i]!, right[j]!) ? at(i + 1, j + 1) : Number.POSITIVE_INFINITY,
        hasLeft ? at(i + 1, j) + (isAny ? 0 : 1) : Number.POSITIVE_INFINITY,
        hasRight ? at(i, j + 1) + (isAny ? 0 : 1) : Number.POSITIVE_INFINITY,
      ];
      marks[i * width + j] = Math.min(...choices);
    }
  const rows: string[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const next = left[i];
    const line = right[j];
    if (next?.kind === 'any lines') {
      if (line === undefined || at(i + 1, j) === at(i, j)) i++;
      else {
        rows.push(`    ${line}`);
        j++;
      }
    } else if (next && line !== undefined && matches(next, line) && at(i, j) === at(i + 1, j + 1)) {
      rows.push(`    ${line}`);
      i++;
      j++;
    } else if (next && at(i, j) === at(i + 1, j) + 1) {
      rows.push(`  - ${next.text.trim()}`);
      i++;
    } else {
      rows.push(`  + ${line}`);
      j++;
    }
  }
  if (expected.length > diffLinesMax || actual.length > diffLinesMax) rows.push('    (and more)');
  return rows.map((row) => `${row}\n`).join('');
}

function matches(expected: Expected, actual: string): boolean {
  return expected.kind === 'text' && fits(expected, actual);
}
