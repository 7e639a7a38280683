import { DiagnosticBag } from '../diagnostics.ts';
import { lex, type Token } from '../lexer.ts';
import { type Analysis, type ScriptAnalysis, tokenIndexAfter } from './analysis.ts';
import { codePart, type Documentation, type DocumentationPart, documentationOf, textPart } from './documentation.ts';
import type { Named, Place } from './names.ts';
import { phraseAt } from './phrases.ts';
import { scriptMeant, scriptParts } from './scripts.ts';
import { say } from './words.ts';

export interface Hover {
  readonly from: number;
  readonly to: number;
  readonly documentation: Documentation;
}

/** What the word at an offset means: a name of the program, a table, or a word of the language. null elsewhere. */
export function hover(analysis: Analysis, fileName: string, offset: number): Hover | null {
  const script = analysis.script(fileName);
  if (!script) return null;
  for (const { names } of analysis.programsWith(script)) {
    const found = names.at(script.index, offset);
    if (found) return named(analysis, found.named, found.place);
  }
  const { tokens, index } = tokensAt(script, offset);
  const token = tokens[index];
  if (token?.kind === 'string') return table(analysis, script, token);
  if (token?.kind !== 'name' || tokens[index - 1]?.upper === '.') return null;
  const phrase = phraseAt(tokens, index);
  if (!phrase) return calledScript(analysis, tokens, index);
  const last = tokens[phrase.index + phrase.count - 1]!;
  return {
    from: tokens[phrase.index]!.start,
    to: last.end,
    documentation: documentationOf(phrase.phrase.keyword, analysis.locale),
  };
}

function calledScript(analysis: Analysis, tokens: readonly Token[], index: number): Hover | null {
  const { start, end, text } = tokens[index]!;
  const script = isCall(tokens, index) ? scriptMeant(analysis, text) : null;
  return script && { from: start, to: end, documentation: { parts: scriptParts(analysis, script), example: null } };
}

/** A name with values in brackets, or at the beginning of a line: whether it can be the call of a script. */
export function isCall(tokens: readonly Token[], index: number): boolean {
  if (tokens[index]?.kind !== 'name') return false;
  const before = tokens[index - 1];
  return tokens[index + 1]?.upper === '(' || before === undefined || before.kind === 'newline';
}

/** The tokens around an offset, those inside `${}` included, and the index of the one it is in or at the end of. */
export function tokensAt(script: ScriptAnalysis, offset: number): { readonly tokens: readonly Token[]; readonly index: number } {
  const { tokens } = script.record;
  const index = indexAt(tokens, offset);
  const token = tokens[index];
  if (token?.kind !== 'string' && token?.kind !== 'text') return { tokens, index };
  for (const part of token.parts) {
    if (!('start' in part) || offset < part.start || offset > part.end) continue;
    const inner = lex(script, new DiagnosticBag([], 'en'), part.start, part.end);
    return { tokens: inner, index: indexAt(inner, offset) };
  }
  return { tokens, index };
}

function indexAt(tokens: readonly Token[], offset: number): number {
  const after = tokenIndexAfter(tokens, offset);
  // Of two that touch, the name is meant.
  if (tokens[after]?.start === offset && tokens[after].kind === 'name') return after;
  const before = tokens[after - 1];
  if (before && (before.end > offset || (before.end === offset && before.kind === 'name'))) return after - 1;
  return tokens[after]?.start === offset ? after : -1;
}

function named(analysis: Analysis, { kind, display, owner, procedure, places }: Named, { span }: Place): Hover {
  const { locale } = analysis;
  const what = say(locale, kind);
  const given = places.find(({ role }) => role !== 'read');
  const where = given ? placeOf(analysis, given) : null;
  const parts: DocumentationPart[] = [];
  const declared = (): void => {
    if (where) parts.push(textPart(say(locale, 'declaredIn', where.script.name, where.line)));
  };
  if (procedure) {
    const parameters = procedure.parameters.map((one) => (one.typeName ? `${one.display} AS ${one.typeName}` : one.display));
    parts.push(codePart(`${procedure.kind} ${display}(${parameters.join(', ')})`));
    const remarks = where ? remarksAbove(where.script, where.line) : '';
    if (remarks !== '') parts.push(textPart(remarks));
    declared();
  } else {
    parts.push(textPart(`${display}: ${owner && kind !== 'label' ? say(locale, 'of', what, owner.display) : what}`));
    if (kind === 'label') declared();
    else if (!where) parts.push(textPart(say(locale, 'fromHost')));
    else
      parts.push(
        textPart(say(locale, 'firstGiven', where.script.name, where.line)),
        codePart(lineText(where.script, where.line)),
      );
  }
  return { from: span.start, to: span.end, documentation: { parts, example: null } };
}

function table(analysis: Analysis, script: ScriptAnalysis, token: Token): Hover | null {
  const only = token.parts[0];
  if (token.parts.length !== 1 || !only || !('text' in only)) return null;
  for (const { names } of analysis.programsWith(script)) {
    const known = names.tables.get(only.text);
    if (!known) continue;
    const columns = [...known.columns.values()].map(({ display, type }) => (type ? `${display} ${type}` : display));
    const parts = [textPart(`${known.display}: ${say(analysis.locale, 'table')}`), codePart(columns.join('\n'))];
    return {
      from: token.start,
      to: token.end,
      documentation: { parts: columns.length > 0 ? parts : parts.slice(0, 1), example: null },
    };
  }
  return null;
}

function placeOf(analysis: Analysis, { span }: Place): { readonly script: ScriptAnalysis; readonly line: number } {
  const script = analysis.scripts[span.file]!;
  return { script, line: script.lines.place(span.start).line };
}

const shownCharactersMax = 120;

function lineText({ text, lineStarts }: ScriptAnalysis, line: number): string {
  const whole = text.slice(lineStarts[line - 1], lineStarts[line] ?? text.length).trim();
  return whole.length > shownCharactersMax ? `${whole.slice(0, shownCharactersMax - 1)}…` : whole;
}

const remarkLinesMax = 12;

/** What is said about a procedure in the lines right above it. */
function remarksAbove({ text, lineStarts }: ScriptAnalysis, line: number): string {
  const remarks: string[] = [];
  for (let above = line - 1; above >= 1 && remarks.length < remarkLinesMax; above--) {
    const remark = /^\s*(?:'|#|\/\/|rem\b)\s?(.*?)\s*$/i.exec(text.slice(lineStarts[above - 1], lineStarts[above]));
    if (!remark) break;
    remarks.unshift(remark[1]!);
  }
  return remarks.join('\n');
}
