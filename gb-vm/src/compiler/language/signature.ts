import { functionKeywords, type Keyword } from '../keywords/index.ts';
import type { Token } from '../lexer.ts';
import type { Analysis } from './analysis.ts';
import { cursorAt } from './cursor.ts';
import { waysOf } from './documentation.ts';
import { phraseFrom } from './phrases.ts';
import { formOf, scriptMeant, shownForm } from './scripts.ts';

/** How what is being called is written, and which of its values the caret is in. */
export interface Signature {
  readonly label: string;
  /** Stretches of the label, one for each value. */
  readonly parameters: readonly (readonly [from: number, to: number])[];
  /** Index in `parameters`; null when the caret is behind the last. */
  readonly active: number | null;
  readonly keyword: Keyword | null;
}

/** For the innermost call or keyword around an offset; null when there is none. */
export function signature(analysis: Analysis, fileName: string, offset: number): Signature | null {
  const script = analysis.script(fileName);
  if (!script) return null;
  const cursor = cursorAt(script, offset);
  if (cursor.kind === 'prose') return null;
  const { tokens } = cursor;
  const call = innermostCall(tokens);
  const name = call ? tokens[call.open - 1] : undefined;
  if (call && name?.kind === 'name' && tokens[call.open - 2]?.upper !== '.') {
    for (const { names } of analysis.programsWith(script)) {
      const procedure = names.procedure(name.upper)?.procedure;
      if (procedure)
        return labelled(`${procedure.display}(${procedure.parameters.map((one) => one.display).join(', ')})`, call.commas, null);
    }
    const keyword = functionKeywords.get(name.upper.replace(/\$$/, ''));
    if (keyword) return labelled(wayWith(keyword, call.commas + 1), call.commas, keyword);
    const called = scriptMeant(analysis, name.text);
    if (called) return labelled(shownForm(formOf(called)), call.commas, null);
  }
  return ofStatement(tokens);
}

/** The first way to write a function that takes so many values. */
function wayWith(keyword: Keyword, count: number): string {
  const ways = waysOf(keyword);
  return ways.find((way) => labelled(way, count - 1, keyword).active !== null) ?? ways[0]!;
}

/** The bracket that is open last, and the commas after it. */
function innermostCall(tokens: readonly Token[]): { readonly open: number; readonly commas: number } | null {
  let depth = 0;
  let commas = 0;
  for (let at = tokens.length - 1; at >= 0; at--) {
    const { kind, upper } = tokens[at]!;
    if (kind !== 'operator') continue;
    if (upper === ')' || upper === ']' || upper === '}') depth++;
    else if (upper === '(' && depth === 0) return { open: at, commas };
    else if ((upper === '[' || upper === '{' || upper === '#{') && depth === 0) commas = 0;
    else if (upper === '(' || upper === '[' || upper === '{' || upper === '#{') depth--;
    else if (upper === ',' && depth === 0) commas++;
  }
  return null;
}

/** A keyword of the host with values behind it: they are counted by commas, and found by the words between them. */
function ofStatement(tokens: readonly Token[]): Signature | null {
  for (let index = tokens.length - 1; index >= 0; index--) {
    const found = phraseFrom(tokens, index, ({ kind }) => kind === 'operation' || kind === 'declaration');
    const isStart = index === 0 || tokens[index - 1]!.kind === 'operator' || ['THEN', 'ELSE'].includes(tokens[index - 1]!.upper);
    if (!found || !isStart || found.phrase.forms.length === 0) continue;
    const { keyword } = found.phrase;
    const rest = tokens.slice(index + found.count);
    // Of several ways to write it, the one with the words that are there.
    const words = new Set(rest.filter(({ kind }) => kind === 'name').map(({ upper }) => upper));
    const ways = waysOf(keyword).filter((way) => way.startsWith(found.phrase.words.join(' ')));
    const fit = (way: string): number => [...words].filter((word) => new RegExp(`\\b${escaped(word)}\\b`).test(way)).length;
    const way = ways.toSorted((a, b) => fit(b) - fit(a))[0] ?? keyword.syntax;
    return inForm(way, rest, keyword);
  }
  return null;
}

const escaped = (word: string): string => word.replace(/[$\\^*+?.()|[\]{}]/g, '\\$&');

function inForm(way: string, rest: readonly Token[], keyword: Keyword): Signature {
  const parameters = valuesOf(way);
  let from = 0;
  let commas = 0;
  let depth = 0;
  for (const { kind, upper } of rest) {
    if (kind === 'operator' && '([{#{'.includes(upper)) depth++;
    else if (kind === 'operator' && ')]}'.includes(upper)) depth--;
    else if (kind === 'operator' && upper === ',' && depth === 0) commas++;
    else if (kind === 'name' && depth === 0) {
      const at = new RegExp(`\\b${escaped(upper)}\\b`).exec(way.slice(from))?.index;
      if (at === undefined || upper === upper.toLowerCase()) continue;
      from += at;
      commas = 0;
    }
  }
  const candidates = parameters.flatMap(([start], index) => (start >= from ? [index] : []));
  return { label: way, parameters, active: candidates[commas] ?? null, keyword };
}

/** Small words of a form are values, capitals are not. */
const valuesOf = (text: string): (readonly [number, number])[] =>
  [...text.matchAll(/(?<![\w])[a-z][A-Za-z0-9]*(?:\.\.\.)?/g)].map(
    (match) => [match.index, match.index + match[0].length] as const,
  );

function labelled(label: string, commas: number, keyword: Keyword | null): Signature {
  const open = label.indexOf('(');
  const inside = open < 0 ? '' : label.slice(open + 1);
  const parameters = [...inside.matchAll(/[\p{L}_][\p{L}\p{N}_]*(?:[$%])?(?:\.\.\.)?/gu)].map(
    (match) => [open + 1 + match.index, open + 1 + match.index + match[0].length] as const,
  );
  const isOpenEnded = /\.\.\.|…/.test(label);
  const last = isOpenEnded ? parameters.length - 1 : null;
  return { label, parameters, active: commas < parameters.length ? commas : last, keyword };
}
