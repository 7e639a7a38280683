import { Analysis } from '../analysis.ts';

/** A script with the place of the caret marked by `|`, as the start of a program with other scripts. */
export interface Marked {
  readonly analysis: Analysis;
  readonly file: 'start.bas';
  readonly offset: number;
  readonly text: string;
}

export function marked(source: string, others: Readonly<Record<string, string>> = {}, locale: 'en' | 'pt-BR' = 'en'): Marked {
  const offset = source.indexOf('|');
  const text = source.slice(0, offset) + source.slice(offset + 1);
  const files = [{ name: 'start.bas', text }, ...Object.entries(others).map(([name, other]) => ({ name, text: other }))];
  return { analysis: new Analysis(files, locale), file: 'start.bas', offset, text };
}

export function analysisOf(files: Readonly<Record<string, string>>, locale: 'en' | 'pt-BR' = 'en'): Analysis {
  return new Analysis(
    Object.entries(files).map(([name, text]) => ({ name, text })),
    locale,
  );
}
