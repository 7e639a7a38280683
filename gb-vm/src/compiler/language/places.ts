import type { Span } from '../source.ts';
import type { Analysis, ScriptAnalysis } from './analysis.ts';
import { isCall, tokensAt } from './hover.ts';
import { scriptCalled } from './includes.ts';
import type { Named, Place } from './names.ts';
import { scriptMeant } from './scripts.ts';

/** A stretch of a script of the program. */
export interface Stretch {
  readonly file: string;
  readonly from: number;
  readonly to: number;
}

/** Where the thing at an offset comes from: a SUB, a label, the first line that gives a variable a value, a script, a TABLE. */
export function definition(analysis: Analysis, fileName: string, offset: number): readonly Stretch[] {
  const script = analysis.script(fileName);
  if (!script) return [];
  const declared = namedAt(analysis, script, offset).flatMap(({ places }) => {
    const place = places.find(({ role }) => role === 'declaration') ?? places.find(({ role }) => role === 'write');
    return place ? [stretch(analysis, place.span)] : [];
  });
  return declared.length > 0 ? distinct(declared) : textDefinition(analysis, script, offset);
}

/** Every place the thing at an offset stands, in all programs its script is part of. */
export function references(analysis: Analysis, fileName: string, offset: number, withDeclaration = true): readonly Stretch[] {
  const script = analysis.script(fileName);
  if (!script) return [];
  const places = namedAt(analysis, script, offset).flatMap((named) => named.places);
  return distinct(
    places.filter(({ role }) => withDeclaration || role !== 'declaration').map(({ span }) => stretch(analysis, span)),
  );
}

/** The places in this script, and whether each gives a value. */
export function highlights(
  analysis: Analysis,
  fileName: string,
  offset: number,
): readonly (Stretch & { readonly isWrite: boolean })[] {
  const script = analysis.script(fileName);
  if (!script) return [];
  const places: Place[] = namedAt(analysis, script, offset).flatMap((named) => named.places);
  const here = places.filter(({ span }) => span.file === script.index);
  const marks = here.map(({ span, role }) => ({ ...stretch(analysis, span), isWrite: role !== 'read' }));
  return distinct(marks);
}

/** One for each program the script is part of. */
export function namedAt(analysis: Analysis, script: ScriptAnalysis, offset: number): readonly Named[] {
  return analysis.programsWith(script).flatMap(({ names }) => {
    const found = names.at(script.index, offset);
    return found ? [found.named] : [];
  });
}

/** The script or the table that a text names. */
function textDefinition(analysis: Analysis, script: ScriptAnalysis, offset: number): readonly Stretch[] {
  const { tokens, index } = tokensAt(script, offset);
  const token = tokens[index];
  const only = token?.parts[0];
  const text = token?.kind === 'string' ? (only && 'text' in only ? only.text : '') : (token?.text ?? '');
  if (text === '') return [];
  for (const { names } of analysis.programsWith(script)) {
    const declared = names.tables.get(text)?.declared;
    if (declared && token?.kind === 'string') return [stretch(analysis, declared)];
  }
  const isNamedHere = token?.kind === 'string' || ['CALL', 'INCLUDE'].includes(tokens[index - 1]?.upper ?? '');
  const other = isNamedHere ? scriptCalled(text, analysis.scripts) : isCall(tokens, index) ? scriptMeant(analysis, text) : null;
  return other ? [{ file: other.name, from: 0, to: 0 }] : [];
}

export function stretch(analysis: Analysis, { file, start, end }: Span): Stretch {
  return { file: analysis.scripts[file]!.name, from: start, to: end };
}

function distinct<T extends Stretch>(stretches: readonly T[]): T[] {
  return [...new Map(stretches.map((one) => [`${one.file}:${one.from}`, one])).values()];
}
