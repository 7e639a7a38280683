import type { Declaration } from '../ast.ts';
import { eachStatement } from '../walk.ts';
import { type Analysis, type ScriptAnalysis, tokenIndexAfter } from './analysis.ts';

export type OutlineKind = 'sub' | 'function' | 'label' | 'table' | 'declaration';

export interface OutlineEntry {
  readonly name: string;
  readonly kind: OutlineKind;
  /** A few words more: parameters, or what a declaration says. */
  readonly detail: string;
  readonly from: number;
  readonly to: number;
  /** The stretch of the name, inside the other one. */
  readonly nameFrom: number;
  readonly nameTo: number;
  readonly children: readonly OutlineEntry[];
}

/** What a script is made of, in the order of its text: procedures with their labels, labels, and what it declares. */
export function outline(analysis: Analysis, fileName: string): readonly OutlineEntry[] {
  const script = analysis.script(fileName);
  if (!script) return [];
  const entries = [
    ...procedures(script),
    ...labels(script, script.script.statements),
    ...script.script.declarations.map((declaration) => declared(script, declaration)),
  ];
  return entries.sort((a, b) => a.from - b.from);
}

function procedures(script: ScriptAnalysis): OutlineEntry[] {
  return script.script.procedures.map(({ kind, display, parameters, span, nameSpan, body }) => ({
    name: display,
    kind: kind === 'SUB' ? ('sub' as const) : ('function' as const),
    detail: `(${parameters.map((one) => one.display).join(', ')})`,
    from: span.start,
    to: span.end,
    nameFrom: nameSpan.start,
    nameTo: nameSpan.end,
    children: labels(script, body),
  }));
}

function labels(script: ScriptAnalysis, body: Parameters<typeof eachStatement>[0]): OutlineEntry[] {
  const entries: OutlineEntry[] = [];
  eachStatement(body, (statement) => {
    if (statement.kind !== 'label' || statement.span.file !== script.index) return;
    const { start, end } = statement.span;
    const name = script.text.slice(start, end);
    entries.push({ name, kind: 'label', detail: '', from: start, to: end, nameFrom: start, nameTo: end, children: [] });
  });
  return entries;
}

function declared(script: ScriptAnalysis, { keyword, span, values }: Declaration): OutlineEntry {
  const kind = keyword === 'TABLE' ? 'table' : 'declaration';
  const own = values['name'] ?? values['event'] ?? values['table'];
  const name = typeof own === 'string' && own !== '' ? own : keyword;
  const said = values['description'] ?? values['text'] ?? values['when'];
  const detail = [name === keyword ? '' : keyword, typeof said === 'string' ? short(said) : ''].filter(Boolean).join(' · ');
  const firstLineEnd = /[\r\n]/.exec(script.text.slice(span.start, span.end))?.index ?? span.end - span.start;
  const end = tableEnd(script, span.start) ?? span.end;
  return { name, kind, detail, from: span.start, to: end, nameFrom: span.start, nameTo: span.start + firstLineEnd, children: [] };
}

/** The span of a TABLE is its first line; its columns follow, as a text, up to END TABLE. */
function tableEnd({ record: { tokens } }: ScriptAnalysis, start: number): number | null {
  let at = tokenIndexAfter(tokens, start);
  if (tokens[at]?.upper !== 'TABLE') return null;
  while (tokens[at] && tokens[at]!.kind !== 'newline') at++;
  const text = tokens[at + 1];
  if (text?.kind !== 'text') return null;
  return tokens[at + 3]?.upper === 'TABLE' ? tokens[at + 3]!.end : text.end;
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);
