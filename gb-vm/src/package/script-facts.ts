import { type ScriptFile, scriptKey } from 'gb-protocol';
import type { Declaration, Expression, Statement } from '../compiler/ast.ts';
import { declaredIn, proceduresOf } from '../compiler/compile.ts';
import { DiagnosticBag } from '../compiler/diagnostics.ts';
import type { Locale } from '../compiler/index.ts';
import { parse } from '../compiler/parser.ts';
import { scriptNames } from '../compiler/script-call.ts';
import type { SourceFile, Span } from '../compiler/source.ts';
import { eachExpression, eachStatement, targetsOf } from '../compiler/walk.ts';
import type { PlaceInFile } from './problem.ts';

/** A statement about the script itself, with its place. */
export interface Declared extends Declaration {
  readonly script: string;
  readonly place: PlaceInFile;
  readonly source: SourceFile;
}

export interface ScriptFacts {
  readonly key: string;
  readonly name: string;
  readonly declarations: readonly Declared[];
  /** Keys of scripts it INCLUDEs. */
  readonly includes: ReadonlySet<string>;
  /** Keys of scripts it names where a script is run: CALL, RUN SCRIPT, ADD TOOL, or called by their names. */
  readonly runs: ReadonlySet<string>;
}

/** Operations with the name of a script among their values, and under which name. */
const runners: Readonly<Record<string, string>> = {
  'RUN SCRIPT': 'script',
  'SET SCHEDULE': 'script',
  'ADD TOOL': 'tool',
  'USE TOOL': 'tool',
  'ADD SUGGESTION TOOL': 'tool',
};

/**
 * What each script says, read by itself: who includes whom, who runs whom, and its declarations. What is wrong in it is
 * not told here; its compilation does.
 */
export function readFacts(scripts: readonly ScriptFile[], locale: Locale): readonly ScriptFacts[] {
  const sources: SourceFile[] = scripts.map(({ name, text }, index) => ({ index, name, text }));
  const bag = new DiagnosticBag(sources, locale);
  const procedures = sources.length > 1 ? proceduresOf(sources) : new Set<string>();
  // A FUNCTION of a script that is included may be called like the script.
  const callable = scriptNames(sources).difference(declaredIn(sources));
  return sources.map((source) => {
    const key = scriptKey(source.name);
    const includes = new Set<string>();
    const runs = new Set<string>();
    let declarations: readonly Declared[] = [];
    try {
      const script = parse(source, bag, locale, procedures);
      const own = new Set<string>();
      const called = new Set<string>();
      for (const body of [script.statements, ...script.procedures.map((procedure) => procedure.body)]) {
        eachStatement(body, (statement: Statement) => {
          if (statement.kind === 'include') includes.add(scriptKey(statement.name));
          for (const target of targetsOf(statement)) own.add(target.name);
          if (statement.kind === 'call' && statement.value.kind === 'name') called.add(statement.value.name);
        });
        eachExpression(body, (node) => {
          const named = scriptRunBy(node);
          if (named !== null) runs.add(scriptKey(named));
          if (node.kind === 'apply' && node.target.kind === 'name') called.add(node.target.name);
        });
      }
      for (const name of called) if (callable.has(name) && !own.has(name)) runs.add(scriptKey(name));
      declarations = script.declarations.map((declaration) => ({
        ...declaration,
        script: key,
        place: placeOf(bag, source, declaration.span),
        source,
      }));
    } catch {
      // A fault of ours: compiling this script meets it again, and tells it as an internal error.
    }
    return { key, name: source.name, declarations, includes, runs };
  });
}

function placeOf(bag: DiagnosticBag, source: SourceFile, span: Span): PlaceInFile {
  const from = bag.place(source.index, span.start);
  const to = bag.place(source.index, span.end);
  return { file: source.name, line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
}

function scriptRunBy(node: Expression): string | null {
  if (node.kind !== 'operation') return null;
  const key = runners[node.name];
  const value = node.args.find((argument) => argument.key === key)?.value;
  return value?.kind === 'text' ? value.value : null;
}

/** Declarations that make something begin with the script they are in. */
const beginnings = new Set(['PARAM', 'DESCRIPTION', 'SET SCHEDULE', 'WEBHOOK']);

/**
 * Where programs begin: at `start`, at every script that no other includes, at those that are run by name, and at those
 * that say so themselves. Scripts that only include each other are told too, so that what is wrong in them is not hidden.
 */
export function entriesOf(facts: readonly ScriptFacts[], start: string): readonly ScriptFacts[] {
  const known = new Map(facts.map((one) => [one.key, one]));
  const included = new Set(facts.flatMap(({ includes }) => [...includes]));
  const run = new Set(facts.flatMap(({ runs }) => [...runs]));
  const begins = ({ key, declarations }: ScriptFacts): boolean =>
    key === start ||
    !included.has(key) ||
    run.has(key) ||
    declarations.some(({ keyword }) => beginnings.has(keyword) || keyword.startsWith('ON '));
  const entries = new Set(facts.filter(begins));
  const reached = new Set<string>();
  const reach = (one: ScriptFacts | undefined): void => {
    if (!one || reached.has(one.key)) return;
    reached.add(one.key);
    for (const name of one.includes) reach(known.get(name));
  };
  for (const one of entries) reach(one);
  for (const one of facts) {
    if (reached.has(one.key)) continue;
    entries.add(one);
    reach(one);
  }
  return facts.filter((one) => entries.has(one));
}
