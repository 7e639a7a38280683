/**
 * A conversation as a test file tells it. Each step is what the person says (null at the start) and the lines the bot
 * is to answer with. Empty lines do not count, on either side, nor do blanks at the end of a line.
 */
export interface Transcript {
  readonly steps: readonly Step[];
  readonly settings: ReadonlyMap<SettingName, string>;
}

export interface Step {
  readonly said: string | null;
  /** Of the file, from 1; of the first line when nothing was said yet. */
  readonly line: number;
  readonly expected: readonly Expected[];
  /** The code of the error this step is to end with. */
  readonly error: string | null;
  /** How much time passes before the person speaks. */
  readonly waitMs: number;
}

export interface Expected {
  readonly line: number;
  /** `any lines` is a line of three dots. */
  readonly kind: 'text' | 'any lines';
  /** With `*` for any text, unless it was written with a backslash before it. */
  readonly text: string;
  readonly isPlain: boolean;
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

const unitsMs: Readonly<Record<string, number>> = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

export function parseTranscript(text: string): Transcript {
  const settings = new Map<SettingName, string>();
  const steps: { said: string | null; line: number; expected: Expected[]; error: string | null; waitMs: number }[] = [
    { said: null, line: 1, expected: [], error: null, waitMs: 0 },
  ];
  let waitMs = 0;
  for (const [index, row] of text.replace(/\r\n?/g, '\n').split('\n').entries()) {
    const line = index + 1;
    const trimmed = row.trim();
    const step = steps.at(-1)!;
    if (trimmed === '' || trimmed.startsWith("'")) continue;
    if (trimmed.startsWith('>')) {
      steps.push({ said: trimmed.slice(1).trim(), line, expected: [], error: null, waitMs });
      waitMs = 0;
    } else if (trimmed.startsWith('@')) {
      const [, name = '', value = ''] = /^@\s*(\S+)\s*(.*)$/.exec(trimmed) ?? [];
      if (name === 'wait') waitMs += durationMs(line, value);
      else settings.set(settingName(line, name), value);
    } else if (trimmed.startsWith('!')) step.error = trimmed.slice(1).trim();
    else if (trimmed === '...') step.expected.push({ line, kind: 'any lines', text: '', isPlain: false });
    else if (trimmed.startsWith('\\')) step.expected.push({ line, kind: 'text', text: trimmed.slice(1), isPlain: true });
    else step.expected.push({ line, kind: 'text', text: row.trimEnd(), isPlain: false });
  }
  return { steps, settings };
}

function durationMs(line: number, text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})\s*(second|minute|hour|day)s?$/.exec(text) ?? [];
  const unitMs = unitsMs[unit];
  if (unitMs === undefined) throw new TranscriptError(line, `@ wait needs a time like 2 days or 30 minutes, not "${text}".`);
  return Number(count) * unitMs;
}

function settingName(line: number, name: string): SettingName {
  const found = settingNames.find((one) => one === name);
  if (found === undefined)
    throw new TranscriptError(line, `There is no @ ${name}; there are @ ${settingNames.join(', @ ')} and @ wait.`);
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
