import type { Script } from '../ast.ts';
import { proceduresOf, type SourceText } from '../compile.ts';
import { DiagnosticBag, type Locale } from '../diagnostics.ts';
import type { Token } from '../lexer.ts';
import { newRecord, type ParseRecord } from '../parse/record.ts';
import { parse } from '../parser.ts';
import { scriptNames } from '../script-call.ts';
import { LineIndex, lineStarts, type SourceFile } from '../source.ts';
import { includedBy } from './includes.ts';
import { Program } from './program.ts';

/** One script as its parser left it. Its tree is bound once for each program the script is part of, one after the other. */
export interface ScriptAnalysis extends SourceFile {
  readonly script: Script;
  readonly record: ParseRecord;
  readonly lines: LineIndex;
  /** Where each line begins. */
  readonly lineStarts: readonly number[];
}

/**
 * What all features for authors look at: the scripts of one folder, each parsed once. It never changes; after an edit
 * make another one of the new texts, and hand over the old one so that only what changed is read again. Works on
 * half-written scripts, and never throws for what is in one. For the bot dialect.
 *
 * Every script that no other one includes begins a program of its own, as it does when it runs; names mean the same
 * throughout a program.
 */
export class Analysis {
  readonly locale: Locale;
  readonly scripts: readonly ScriptAnalysis[];
  readonly programs: readonly Program[];
  /** Procedures and scripts of the folder: what a script means depends on them. */
  readonly #names: string;

  constructor(files: readonly SourceText[], locale: Locale, before: Analysis | null = null) {
    this.locale = locale;
    const elsewhere = files.length > 1 ? proceduresOf(files) : new Set<string>();
    const scripts = scriptNames(files);
    this.#names = `${[...elsewhere].sort().join(' ')}\n${[...scripts].sort().join(' ')}`;
    const isSame = before?.locale === locale && before.#names === this.#names;
    this.scripts = files.map(({ name, text }, index) => {
      const known = isSame ? before.scripts[index] : undefined;
      return known?.name === name && known.text === text ? known : read({ index, name, text }, locale, elsewhere);
    });
    this.programs = programsOf(this.scripts).map((members) => {
      const known = before?.programs.find((program) => program.isOf(members) && isSame);
      return known ?? new Program(members, locale, scripts);
    });
  }

  script(name: string): ScriptAnalysis | null {
    const wanted = name.toLowerCase();
    const isExact = (script: ScriptAnalysis): boolean => script.name === name;
    return this.scripts.find(isExact) ?? this.scripts.find((script) => script.name.toLowerCase() === wanted) ?? null;
  }

  /** The programs a script is part of: more than one when several scripts include it. */
  programsWith(script: ScriptAnalysis): readonly Program[] {
    return this.programs.filter(({ members }) => members.includes(script));
  }
}

function read(file: SourceFile, locale: Locale, elsewhere: ReadonlySet<string>): ScriptAnalysis {
  const record = newRecord();
  const script = parse(file, new DiagnosticBag([file], locale), locale, elsewhere, record);
  return { ...file, script, record, lines: new LineIndex(file.text), lineStarts: lineStarts(file.text) };
}

/** Each script that nobody includes, with what it includes; scripts that include each other have the first as their beginning. */
function programsOf(scripts: readonly ScriptAnalysis[]): ScriptAnalysis[][] {
  const included = new Set<ScriptAnalysis>();
  for (const script of scripts) for (const other of includesOf(script, scripts)) if (other !== script) included.add(other);
  const programs: ScriptAnalysis[][] = [];
  const reached = new Set<ScriptAnalysis>();
  const begin = (root: ScriptAnalysis): void => {
    const members = [root];
    for (const member of members)
      for (const other of includesOf(member, scripts)) if (!members.includes(other)) members.push(other);
    for (const member of members) reached.add(member);
    programs.push(members);
  };
  for (const script of scripts) if (!included.has(script)) begin(script);
  for (const script of scripts) if (!reached.has(script)) begin(script);
  return programs;
}

function includesOf(script: ScriptAnalysis, scripts: readonly ScriptAnalysis[]): ScriptAnalysis[] {
  return script.script.statements.flatMap((statement) => {
    const found = statement.kind === 'include' ? includedBy(statement, scripts) : null;
    return found ? [found] : [];
  });
}

/** How many tokens begin before an offset. */
export function tokenIndexAfter(tokens: readonly Token[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tokens[middle]!.start < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
