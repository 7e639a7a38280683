import { functionKeywords, keywords, reservedWords } from '../keywords/index.ts';
import { type Analysis, type ScriptAnalysis, tokenIndexAfter } from './analysis.ts';
import { brokenStretches, type Named } from './names.ts';
import { namedAt, references, type Stretch } from './places.ts';
import { say } from './words.ts';

export interface Edit extends Stretch {
  readonly text: string;
}

/** `note` is something the author should know about a rename that can be done; `problem` says why it cannot. */
export type Renaming = { readonly edits: readonly Edit[]; readonly note: string | null } | { readonly problem: string };

/** What would be renamed at an offset, as it is spelled there; null when nothing can be. */
export function renamable(
  analysis: Analysis,
  fileName: string,
  offset: number,
): { readonly from: number; readonly to: number; readonly name: string } | null {
  const script = analysis.script(fileName);
  if (!script) return null;
  for (const { names } of analysis.programsWith(script)) {
    const found = names.at(script.index, offset);
    if (!found || !isOwn(found.named)) continue;
    const { start, end } = found.place.span;
    return { from: start, to: end, name: script.text.slice(start, end) };
  }
  return null;
}

/**
 * Gives the thing at an offset another name, everywhere in the programs its script is part of, written as `newName` is.
 * Refuses what would change the meaning of the program: words of the language, names that are taken, and programs with
 * lines that are not understood, in which a place could be missed.
 */
export function rename(analysis: Analysis, fileName: string, offset: number, newName: string): Renaming {
  const { locale } = analysis;
  const script = analysis.script(fileName);
  const named = script ? namedAt(analysis, script, offset) : [];
  const first = named[0];
  if (!script || !first || !named.every(isOwn)) return { problem: say(locale, 'cannotRename') };
  const problem = nameProblem(first, newName);
  if (problem) return { problem: say(locale, problem, newName) };
  for (const [index, { names, members }] of analysis.programsWith(script).entries()) {
    const broken = members.find((member) => hasNameInBrokenLine(member, first.name));
    if (broken) return { problem: say(locale, 'notUnderstood', broken.name) };
    const mine = named[index] ?? first;
    const taken = names.named(newName.toUpperCase()).find((other) => other !== mine && clashes(mine, other));
    const place = taken?.places[0];
    if (place) {
      const where = analysis.scripts[place.span.file]!;
      return { problem: say(locale, 'isTaken', newName, where.name, where.lines.place(place.span.start).line) };
    }
  }
  const edits = references(analysis, fileName, offset).map((one) => ({ ...one, text: newName }));
  const isColumn = named.some(({ places }) => places.some((place) => place.isColumn));
  return { edits, note: isColumn ? say(locale, 'columnsToo') : null };
}

/** Named by the script itself: some line declares it or gives it a value. */
function isOwn({ places }: Named): boolean {
  return places.some(({ role }) => role !== 'read');
}

const operationNames = new Set(
  keywords.filter(({ kind }) => kind === 'operation' || kind === 'declaration').map(({ name }) => name),
);

function nameProblem({ name, kind }: Named, newName: string): 'notAName' | 'isKeyword' | 'suffix' | null {
  if (!/^[\p{L}_][\p{L}\p{N}_]*[$%]?$/u.test(newName) || newName === '_')
    return kind === 'label' && /^\d+$/.test(newName) ? null : 'notAName';
  const upper = newName.toUpperCase();
  const plain = upper.replace(/[$%]$/, '');
  if (reservedWords.has(plain) || functionKeywords.has(plain) || operationNames.has(plain) || statementNames.has(plain))
    return 'isKeyword';
  const suffix = (text: string): string => /[$%]$/.exec(text)?.[0] ?? '';
  if (suffix(upper) !== suffix(name)) return 'suffix';
  // DEF FN makes its functions known by how their names begin.
  return name.startsWith('FN') !== upper.startsWith('FN') && kind === 'function' && name.startsWith('FN') ? 'suffix' : null;
}

const statementNames = new Set(keywords.filter(({ kind }) => kind === 'statement').map(({ name }) => name));

/** Whether two things cannot have the same name: labels among themselves, and what is seen from the same place. */
function clashes(mine: Named, other: Named): boolean {
  if ((mine.kind === 'label') !== (other.kind === 'label')) return false;
  return mine.owner === other.owner || mine.owner === null || other.owner === null;
}

/** The word stands in a line without a tree, where it is not known what it means. */
function hasNameInBrokenLine(script: ScriptAnalysis, name: string): boolean {
  const { tokens } = script.record;
  return brokenStretches(script).some(({ from, to }) => {
    for (let at = tokenIndexAfter(tokens, from); at < tokens.length && tokens[at]!.start < to; at++) {
      if (tokens[at]!.kind === 'name' && tokens[at]!.upper === name) return true;
      if (tokens[at]!.kind === 'string' && script.text.slice(tokens[at]!.start, tokens[at]!.end).toUpperCase().includes(name))
        return true;
    }
    return false;
  });
}
