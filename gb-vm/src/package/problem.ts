import type { ProgramDiagnostic } from 'gb-core';
import type { Locale } from '../compiler/index.ts';

export type Severity = ProgramDiagnostic['severity'];

/** A stretch of a file; lines and columns from 1. */
export interface PlaceInFile {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** The whole of a file, for what is not wrong at one line. */
export const wholeFile = (file: string): PlaceInFile => ({ file, line: 1, column: 1, endLine: 1, endColumn: 1 });

export const wholeLine = (file: string, line: number, length = 0): PlaceInFile => ({
  file,
  line,
  column: 1,
  endLine: line,
  endColumn: length + 1,
});

/** More of one kind nobody reads. */
const problemsMax = 200;

/** Gathers what is wrong with a package or with what its scripts say about themselves, in the author's language. */
export class Problems {
  readonly list: ProgramDiagnostic[] = [];
  readonly locale: Locale;

  constructor(locale: Locale) {
    this.locale = locale;
  }

  get hasErrors(): boolean {
    return this.list.some(({ severity }) => severity === 'error');
  }

  error(code: string, place: PlaceInFile, en: string, pt: string): void {
    this.#add('error', code, place, en, pt);
  }

  warning(code: string, place: PlaceInFile, en: string, pt: string): void {
    this.#add('warning', code, place, en, pt);
  }

  #add(severity: Severity, code: string, place: PlaceInFile, en: string, pt: string): void {
    if (this.list.length >= problemsMax && (severity === 'warning' || this.hasErrors)) return;
    this.list.push({ severity, code, ...place, message: this.locale === 'pt-BR' ? pt : en });
  }
}
