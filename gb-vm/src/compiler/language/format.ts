import type { Expression, Script, Statement } from '../ast.ts';
import { initialLineState, type LineState, tokenizeLine } from '../highlight.ts';
import { functionKeywords } from '../keywords/index.ts';
import { closing } from '../parse/closers.ts';
import { assignments } from '../parse/names.ts';
import { blocksOf, childrenOf, expressionsOf } from '../walk.ts';
import { Analysis, type ScriptAnalysis, tokenIndexAfter } from './analysis.ts';
import { brokenStretches } from './names.ts';
import { spacing } from './spacing.ts';

/**
 * Lays a script out: two blanks for each block, one blank around operators and after commas, words of the language in
 * capitals, no blanks at the ends of lines. Lines stay lines; texts, blocks of text, remarks, and what could not be
 * understood stay as they are.
 *
 * What comes out means the same: it is parsed again, and its tree is compared. Where a word in capitals or a blank
 * would change the meaning - the name of a column, a text without quotes that the tables of highlighting and spacing
 * do not know - less is changed: first no capitals, then only the indentation, then nothing.
 */
export function format(analysis: Analysis, fileName: string): string {
  const script = analysis.script(fileName);
  if (!script) return '';
  const indents = indentation(script);
  const keywords = keywordOffsets(analysis, script);
  const gaps = spacesBetween(script, keywords);
  const capitals = capitalWords(script, keywords);
  const before = shapeOf(script.script);
  for (const changes of [[...indents, ...gaps, ...capitals], [...indents, ...gaps], indents]) {
    const text = apply(script.text, changes);
    if (text === script.text || shapeOf(reread(analysis, script, text)) === before) return text;
  }
  return script.text;
}

/** The lines that `format` changes; line from 0, without its end. */
export interface LineEdit {
  readonly line: number;
  readonly text: string;
}

export function formatEdits(analysis: Analysis, fileName: string): readonly LineEdit[] {
  const before = linesOf(analysis.script(fileName)?.text ?? '');
  const after = linesOf(format(analysis, fileName));
  return after.flatMap((text, line) => (text === before[line] ? [] : [{ line, text }]));
}

const linesOf = (text: string): string[] => text.split(/\r\n?|\n/);

interface Change {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

function apply(text: string, changes: readonly Change[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { from, to, text: given } of changes.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    if (from < at) continue;
    parts.push(text.slice(at, from), given);
    at = to;
  }
  return parts.join('') + text.slice(at);
}

const indentWidth = 2;
const isBlankLine = /^[ \t]*$/;

/** Of every line that does not lie in a text; and the blanks at the ends of lines. */
function indentation(script: ScriptAnalysis): Change[] {
  const { text, lineStarts, record } = script;
  const { tokens, blocks } = record;
  const starts = blocks.map(({ start }) => start).sort((a, b) => a - b);
  const ends = blocks.map(({ end }) => end).sort((a, b) => a - b);
  const middles = new Set(blocks.flatMap((block) => block.middles));
  const changes: Change[] = [];
  let [opened, closed, index] = [0, 0, 0];
  /** The line of each bracket that is open. */
  let brackets: number[] = [];
  for (const [line, from] of lineStarts.entries()) {
    const lineEnd = lineStarts[line + 1] ?? text.length;
    const to = from + text.slice(from, lineEnd).replace(/[\r\n]+$/, '').length;
    for (; index < tokens.length && tokens[index]!.start < from; index++)
      brackets = afterToken(brackets, tokens[index]!, line - 1);
    const before = tokens[index - 1];
    const isText = tokens[index]?.kind === 'text' && tokens[index]!.start === from;
    if (isText || (before && before.end > from && (before.kind === 'string' || before.kind === 'text'))) continue;
    const written = text.slice(from, to);
    const first = from + (written.length - written.trimStart().length);
    if (isBlankLine.test(written)) {
      if (written !== '') changes.push({ from, to, text: '' });
      continue;
    }
    const margin = text.slice(from, first);
    while (opened < starts.length && starts[opened]! < first) opened++;
    while (closed < ends.length && ends[closed]! <= first) closed++;
    const isContinued = before !== undefined && before.kind !== 'newline' && before.kind !== 'text';
    const isCloser = tokens[index]?.start === first && /^[)\]}]$/.test(tokens[index]!.upper);
    const inner = isContinued ? Math.max(1, new Set(brackets).size) - (isCloser ? 1 : 0) : 0;
    const depth = Math.max(0, opened - closed - (middles.has(first) ? 1 : 0)) + inner;
    const wanted = ' '.repeat(indentWidth * depth);
    if (margin !== wanted && /^[ \t]*$/.test(margin)) changes.push({ from, to: first, text: wanted });
    const trailing = trailingBlanks(script, index, to);
    if (trailing > 0) changes.push({ from: to - trailing, to, text: '' });
  }
  return changes;
}

function afterToken(open: number[], { kind, upper }: ScriptAnalysis['record']['tokens'][number], line: number): number[] {
  if (kind === 'newline') return open.length === 0 ? open : [];
  if (kind !== 'operator') return open;
  if (upper === '(' || upper === '[' || upper === '{' || upper === '#{') return [...open.slice(-bracketsMax), line];
  return upper === ')' || upper === ']' || upper === '}' ? open.slice(0, -1) : open;
}

/** Deeper brackets do not indent any further. */
const bracketsMax = 30;

/** How many blanks end a line, when they follow a token and are no part of a remark. */
function trailingBlanks({ text, record: { tokens } }: ScriptAnalysis, from: number, to: number): number {
  let last = from;
  while (last < tokens.length && tokens[last]!.start < to) last++;
  const end = tokens[last - 1];
  if (!end || last === from || end.end > to) return 0;
  const tail = text.slice(end.end, to);
  return end.kind !== 'newline' && isBlankLine.test(tail) ? tail.length : 0;
}

/** What stands between the words of a line, where the layout wants something else there. */
function spacesBetween(script: ScriptAnalysis, keywords: ReadonlySet<number>): Change[] {
  const { text, record } = script;
  const { tokens } = record;
  const frozen = new Stretches([...brokenStretches(script), ...frozenStretches(script)]);
  const changes: Change[] = [];
  for (let index = 1; index < tokens.length; index++) {
    const [a, b] = [tokens[index - 1]!, tokens[index]!];
    const gap = text.slice(a.end, b.start);
    if (b.kind === 'newline' || b.kind === 'end' || !isBlankLine.test(gap) || frozen.has(a.start, b.end)) continue;
    const wanted = spacing(tokens, index, gap, keywords);
    if (wanted !== gap) changes.push({ from: a.end, to: b.start, text: wanted });
  }
  return changes;
}

/** Words of the language in small letters, and functions with their brackets. */
function capitalWords(script: ScriptAnalysis, keywords: ReadonlySet<number>): Change[] {
  const { record, text } = script;
  const { tokens, blocks } = record;
  const frozen = new Stretches([...brokenStretches(script), ...frozenStretches(script, false)]);
  const records = new Stretches(
    blocks.filter(({ word }) => word === 'TYPE').map(({ start, end }) => ({ from: start + 4, to: end })),
  );
  return tokens.flatMap((token, index) => {
    const { kind, start, end, upper, text: written } = token;
    if (kind !== 'name' || written === upper || frozen.has(start, end)) return [];
    const next = tokens[index + 1];
    const before = tokens[index - 1];
    // A function with its bracket, unless the script has a list or a procedure of this name.
    const isFunction = functionKeywords.has(upper.replace(/\$$/, '')) && next?.upper === '(' && next.kind === 'operator';
    if (!keywords.has(start) && !isFunction) return [];
    if (before?.upper === '.') return [];
    const isKey =
      (before?.upper === '{' || before?.upper === '#{' || before?.upper === ',') && (next?.upper === ':' || next?.upper === '=');
    const isFirst = !before || before.kind === 'newline' || before.upper === ':';
    const isField = records.has(start, end) && isFirst;
    // Inside WITH these are properties.
    const isGiven = isFirst && next?.kind === 'operator' && assignments.has(next.upper);
    // Letters like ß have more than one capital.
    return isKey || isField || isGiven || upper.length !== end - start || text.slice(start, end) === upper
      ? []
      : [{ from: start, to: end, text: upper }];
  });
}

/** Offsets of what is coloured as a keyword, and of what the parser read as one; not those of names of the script. */
function keywordOffsets(analysis: Analysis, script: ScriptAnalysis): ReadonlySet<number> {
  const { text, lineStarts, record } = script;
  const offsets = new Set(record.words);
  let state: LineState = initialLineState;
  for (const [line, start] of lineStarts.entries()) {
    const { tokens, state: next } = tokenizeLine(
      text.slice(start, lineStarts[line + 1] ?? text.length).replace(/[\r\n]+$/, ''),
      state,
    );
    state = next;
    for (const token of tokens) if (token.class === 'keyword') offsets.add(start + token.start);
  }
  for (const [index, { kind, upper, start }] of record.tokens.entries()) {
    const before = record.tokens[index - 1];
    if (kind === 'name' && before?.upper === 'END' && offsets.has(before.start) && closed.has(upper)) offsets.add(start);
  }
  for (const { names } of analysis.programsWith(script))
    for (const { places } of names.all) for (const { span } of places) if (span.file === script.index) offsets.delete(span.start);
  return offsets;
}

/** What stands after END. */
const closed = new Set([...Object.keys(closing), 'TALK', 'MAIL', 'SYSTEM', 'TABLE', 'ON']);

/**
 * Where the text of the script itself is a value: names of scripts and words without quotes, the condition of an ASSERT,
 * the calculations of a query; and with `declarations`, lines that declare something.
 */
function frozenStretches(script: ScriptAnalysis, declarations = true): { from: number; to: number }[] {
  const { text, record } = script;
  const found: { from: number; to: number }[] = [];
  const node = (one: Expression): void => {
    const { start, end, file } = one.span;
    if (one.kind === 'text' && file === script.index && one.value !== '' && text.slice(start, end) === one.value) {
      const first = record.tokens[tokenIndexAfter(record.tokens, start)];
      if (first?.start !== start || first.kind !== 'string') found.push({ from: start, to: end });
    }
    for (const child of childrenOf(one)) node(child);
  };
  const visit = (body: readonly Statement[]): void => {
    for (const statement of body) {
      if (statement.kind === 'include') {
        found.push({ from: statement.span.start + 'INCLUDE'.length, to: statement.span.end });
        continue;
      }
      for (const one of expressionsOf(statement)) node(one);
      for (const block of blocksOf(statement)) visit(block);
    }
  };
  visit(script.script.statements);
  for (const { body } of script.script.procedures) visit(body);
  if (declarations) for (const { span } of script.script.declarations) found.push({ from: span.start, to: span.end });
  return found;
}

/** Stretches that may overlap, asked whether one of them holds a place. */
class Stretches {
  readonly #sorted: { from: number; to: number }[];

  constructor(stretches: readonly { readonly from: number; readonly to: number }[]) {
    const merged: { from: number; to: number }[] = [];
    for (const { from, to } of stretches.toSorted((a, b) => a.from - b.from)) {
      const last = merged.at(-1);
      if (last && from < last.to) last.to = Math.max(last.to, to);
      else merged.push({ from, to });
    }
    this.#sorted = merged;
  }

  has(from: number, to: number): boolean {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sorted[middle]!.from <= from) low = middle + 1;
      else high = middle;
    }
    const last = this.#sorted[low - 1];
    return last !== undefined && to <= last.to;
  }
}

function reread(analysis: Analysis, script: ScriptAnalysis, text: string): Script {
  const files = analysis.scripts.map((one) => ({ name: one.name, text: one === script ? text : one.text }));
  return new Analysis(files, analysis.locale, analysis).scripts[script.index]!.script;
}

const placesOnly = new Set(['span', 'nameSpan', 'depth', 'type', 'suspends', 'variable', 'call', 'otherwise']);

/** A tree without places and without what binding wrote into it; names of functions are the same in any case. */
function shapeOf({ statements, procedures, declarations }: Script): string {
  return JSON.stringify([statements, procedures, declarations], (key, value: unknown) => {
    if (placesOnly.has(key)) return undefined;
    if (isNode(value, 'include')) return { ...value, body: [] };
    if (isNode(value, 'name') && functionKeywords.has(value.name)) return { ...value, display: value.name };
    return value;
  });
}

function isNode<Kind extends (Statement | Expression)['kind']>(
  value: unknown,
  kind: Kind,
): value is Extract<Statement | Expression, { kind: Kind }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}
