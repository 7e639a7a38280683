import { dirname } from 'node:path';
import { type Locale, profiles } from 'gb-vm/compiler';
import { exit, oneOf, readArguments, UsageError } from './command-line.ts';
import { localeOption } from './locale.ts';
import { type CompileChoices, compileFiles, includesOthers, scriptNamed, withNeighbours } from './program-files.ts';
import { counted, diagnosticText, type ShownDiagnostic } from './report.ts';
import { findFiles, isFolder, readScript, type ScriptOnDisk, scriptEnding, siblingsOf } from './source-files.ts';
import { report, tell } from './terminal.ts';

/**
 * `gb basic check`: compiles each script on its own, with the others of its folder at hand for INCLUDE. What is wrong
 * goes to standard error, or as one JSON array to standard output. Exit code 0 without errors, else 2.
 */
export async function check(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, {
    profile: { type: 'string' },
    locale: { type: 'string' },
    json: { type: 'boolean' },
  });
  if (positionals.length === 0) throw new UsageError('gb basic check needs a FILE or folder.');
  const choices: CompileChoices = {
    profile: oneOf('profile', values.profile, profiles, 'bot'),
    locale: localeOption(values.locale),
  };
  const paths = positionals.flatMap((path) => (isFolder(path) ? findFiles(path, scriptEnding) : [path]));
  if (paths.length === 0) throw new UsageError('There is no .bas file to check.');
  const folders = new Map<string, readonly ScriptOnDisk[]>();
  const neighbours = (path: string): readonly ScriptOnDisk[] => {
    const folder = dirname(path);
    const known = folders.get(folder) ?? [readScript(path), ...siblingsOf(path)];
    folders.set(folder, known);
    return known;
  };
  const found = new Findings();
  for (const path of paths) {
    const entry = readScript(path);
    const scripts = includesOthers(entry) ? withNeighbours(entry, neighbours(path)) : [entry];
    found.add(compileFiles({ entry, scripts }, choices).diagnostics, scripts);
  }
  return found.conclude(paths.length, values.json === true, choices.locale);
}

/** Diagnostics with their places on disk. What an included script has wrong is told once, however many include it. */
export class Findings {
  readonly #known = new Set<string>();
  readonly #found: { readonly diagnostic: ShownDiagnostic; readonly script: ScriptOnDisk | undefined }[] = [];

  add(diagnostics: readonly ShownDiagnostic[], scripts: readonly ScriptOnDisk[]): void {
    for (const diagnostic of diagnostics) {
      const script = scriptNamed(scripts, diagnostic.file);
      const key = [
        script?.path ?? diagnostic.file,
        diagnostic.offset ?? `${diagnostic.line}:${diagnostic.column}`,
        diagnostic.code,
        diagnostic.message,
      ].join('\n');
      if (this.#known.has(key)) continue;
      this.#known.add(key);
      this.#found.push({ diagnostic, script });
    }
  }

  get errorCount(): number {
    return this.#found.filter(({ diagnostic }) => diagnostic.severity === 'error').length;
  }

  /** Writes everything and the sum, and gives the exit code. */
  conclude(fileCount: number, isJson: boolean, locale: Locale): number {
    if (isJson) {
      const rows = this.#found.map(({ diagnostic, script }) => ({ ...diagnostic, file: script?.path ?? diagnostic.file }));
      tell(`${JSON.stringify(rows, null, 2)}\n`);
    } else {
      for (const { diagnostic, script } of this.#found)
        report(diagnosticText(diagnostic, script?.path ?? diagnostic.file, script?.text));
    }
    const warnings = this.#found.length - this.errorCount;
    const words = locale === 'pt-BR' ? (['arquivo', 'erro', 'aviso'] as const) : (['file', 'error', 'warning'] as const);
    const also = warnings > 0 ? `, ${counted(warnings, words[2])}` : '';
    report(`${counted(fileCount, words[0])}, ${counted(this.errorCount, words[1])}${also}\n`);
    return this.errorCount > 0 ? exit.refused : exit.finished;
  }
}
