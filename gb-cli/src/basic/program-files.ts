import { dirname } from 'node:path';
import { type CompileResult, compile, type Diagnostic, type Locale, type Profile, sourceCharactersMax } from 'gb-vm/compiler';
import { UsageError } from './command-line.ts';
import { diagnosticText } from './report.ts';
import { findFiles, isFolder, readScript, type ScriptOnDisk, scriptEnding, siblingsOf } from './source-files.ts';

/** The scripts a program is made of, and the one it starts with. */
export interface ProgramFiles {
  readonly entry: ScriptOnDisk;
  readonly scripts: readonly ScriptOnDisk[];
  /** Where the program's data lies. */
  readonly folder: string;
  /** The whole folder is the program's, with all that is below it. */
  readonly isPackage: boolean;
}

/** A file with its neighbours, or a folder (a bot's package, for one) that has a start.bas somewhere inside. */
export function readProgram(path: string): ProgramFiles {
  if (!isFolder(path)) {
    const entry = readScript(path);
    const scripts = includesOthers(entry) ? withNeighbours(entry, siblingsOf(path)) : [entry];
    return { entry, scripts, folder: dirname(path), isPackage: false };
  }
  const scripts = findFiles(path, scriptEnding).map(readScript);
  const entry =
    scripts.find((script) => script.name.toLowerCase() === 'start.bas') ?? (scripts.length === 1 ? scripts[0] : undefined);
  if (!entry) throw new UsageError(`${path} has no start.bas to start from.`);
  return { entry, scripts: withNeighbours(entry, scripts), folder: path, isPackage: true };
}

/** A script that includes nothing is compiled alone, whatever else lies in its folder. */
export function includesOthers(script: ScriptOnDisk): boolean {
  return /\bINCLUDE\b/i.test(script.text);
}

/** Names are found without their folders, so of two scripts with one name the first counts, and the entry before all. */
export function withNeighbours(entry: ScriptOnDisk, others: readonly ScriptOnDisk[]): readonly ScriptOnDisk[] {
  const named = new Map([[entry.name.toLowerCase(), entry]]);
  for (const other of others) if (!named.has(other.name.toLowerCase())) named.set(other.name.toLowerCase(), other);
  const scripts = [...named.values()];
  // A folder of hundreds of listings is no program: whoever has no neighbour to include stands alone.
  const size = scripts.reduce((sum, { text }) => sum + text.length, 0);
  return size > sourceCharactersMax ? [entry] : scripts;
}

export interface CompileChoices {
  readonly profile: Profile;
  readonly locale: Locale;
}

export function compileFiles(
  { entry, scripts }: Pick<ProgramFiles, 'entry' | 'scripts'>,
  choices: CompileChoices,
): CompileResult {
  return compile(
    scripts.map(({ name, text }) => ({ name, text })),
    { entry: entry.name, ...choices },
  );
}

/** The script a diagnostic or an error is about. */
export function scriptNamed(scripts: readonly ScriptOnDisk[], name: string): ScriptOnDisk | undefined {
  return scripts.find((script) => script.name === name);
}

export function textOf(diagnostic: Diagnostic, scripts: readonly ScriptOnDisk[]): string {
  const script = scriptNamed(scripts, diagnostic.file);
  return diagnosticText(diagnostic, script?.path ?? diagnostic.file, script?.text);
}
