import { compile, type SourceText } from '../compile.ts';
import type { Diagnostic, Locale } from '../diagnostics.ts';
import type { Profile } from '../profile.ts';
import type { Analysis } from './analysis.ts';

/**
 * What is wrong with the scripts of a folder. Each script that no other includes is compiled as a program of its own,
 * with the others at hand; what a shared script has wrong is told once.
 */
export function diagnostics(analysis: Analysis): readonly Diagnostic[] {
  return distinct(analysis.programs.flatMap((program) => program.diagnostics(analysis.scripts)));
}

/** The same for the profiles of numbered lines, whose scripts stand alone. */
export function diagnosticsOf(file: SourceText, locale: Locale, profile: Profile): readonly Diagnostic[] {
  return compile([file], { locale, profile, entry: file.name }).diagnostics;
}

function distinct(found: readonly Diagnostic[]): Diagnostic[] {
  return [...new Map(found.map((one) => [`${one.file}\n${one.offset}\n${one.code}\n${one.message}`, one])).values()];
}
