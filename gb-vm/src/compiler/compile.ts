import type { Declaration, Procedure, Script, Statement } from './ast.ts';
import { bind } from './bind.ts';
import { parseClassic } from './classic/parser.ts';
import type { Build } from './codegen/context.ts';
import { generate, hasTooManyVariables } from './codegen/generate.ts';
import { checkDeclarations } from './declarations/index.ts';
import { type Diagnostic, DiagnosticBag, type Locale } from './diagnostics.ts';
import { inferTypes } from './infer.ts';
import { didYouMean } from './messages.ts';
import { callNode } from './parse/nodes.ts';
import { parse } from './parser.ts';
import type { Profile } from './profile.ts';
import { scriptNames } from './script-call.ts';
import type { SourceFile, Span } from './source.ts';
import { nearest } from './suggest.ts';

export interface SourceText {
  readonly name: string;
  readonly text: string;
}

export interface CompileOptions {
  /** The script to start from; `start.bas` when there is one, else the only one. */
  readonly entry?: string;
  /** Runs this procedure of the entry instead of its statements: what stands between ON EVENT and END ON. */
  readonly procedure?: string;
  readonly locale?: Locale;
  /** Which BASIC the scripts are written in; `bot` when nothing is said. */
  readonly profile?: Profile;
  /** How code is made: `step` stops after every statement. For tests and the debugger. */
  readonly build?: Build;
}

export interface CompileResult {
  /** null when there is any error. */
  readonly program: { readonly wasm: Uint8Array; readonly debugMap: string } | null;
  readonly diagnostics: readonly Diagnostic[];
  /** What the scripts say about themselves, for whoever publishes them; of those that could be read, also beside errors. */
  readonly declarations: readonly PlacedDeclaration[];
}

export interface PlacedDeclaration {
  readonly keyword: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly values: Declaration['values'];
}

/** All scripts of one program together, in characters. */
export const sourceCharactersMax = 2_000_000;

/**
 * Compiles a program: lex and parse each script, put INCLUDEd scripts in their places, give names their meaning, work
 * out types, write WebAssembly. Pure: no clock, no files, the same result anywhere. Never throws for what is in a script.
 */
export function compile(files: readonly SourceText[], options: CompileOptions = {}): CompileResult {
  const locale = options.locale ?? 'en';
  const profile = options.profile ?? 'bot';
  const sources: SourceFile[] = files.map(({ name, text }, index) => ({ index, name, text }));
  const bag = new DiagnosticBag(sources, locale, profile);
  const entry = entryOf(sources, options.entry);
  if (!entry) {
    bag.report('no_entry', { file: 0, start: 0, end: 0 }, options.entry ?? 'start.bas');
    return { program: null, diagnostics: bag.list(), declarations: [] };
  }
  const size = files.reduce((sum, { text }) => sum + text.length, 0);
  if (size > sourceCharactersMax) {
    bag.report('program_too_large', { file: entry.index, start: 0, end: 0 }, size, sourceCharactersMax);
    return { program: null, diagnostics: bag.list(), declarations: [] };
  }
  let declarations: readonly PlacedDeclaration[] = [];
  const refused = (): CompileResult => ({ program: null, diagnostics: bag.list(), declarations });
  try {
    const assembled = new Assembler(sources, bag, locale, profile).assemble(entry);
    declarations = assembled.declarations.map(({ keyword, span, values }) => ({
      keyword,
      file: sources[span.file]?.name ?? '',
      line: bag.place(span.file, span.start).line,
      values,
    }));
    checkDeclarations(assembled.declarations, sources, bag);
    const given = new Set(
      declarations.filter(({ keyword }) => keyword === 'PARAM').map(({ values }) => String(values['name']).toUpperCase()),
    );
    const bound = bind(
      beginning(assembled.statements, options.procedure, entry),
      assembled.procedures,
      bag,
      locale,
      profile,
      assembled.base ?? 0,
      given,
      profile === 'bot' ? scriptNames(files) : undefined,
    );
    if (bag.hasErrors) return refused();
    const build = options.build ?? 'normal';
    if (build !== 'normal') for (const procedure of bound.procedures) procedure.suspends = true;
    if (hasTooManyVariables(bound, bag)) return refused();
    inferTypes(bound);
    const program = generate(bound, sources, bag, build);
    return { program: bag.hasErrors ? null : program, diagnostics: bag.list(), declarations };
  } catch (error) {
    // A program too big for the format, or a fault of ours: either way the author learns of it and the server lives.
    bag.report('internal', { file: entry.index, start: 0, end: 0 }, error instanceof Error ? error.message : String(error));
    return refused();
  }
}

function beginning(statements: readonly Statement[], procedure: string | undefined, entry: SourceFile): readonly Statement[] {
  if (procedure === undefined) return statements;
  const span = { file: entry.index, start: 0, end: 0 };
  return [{ kind: 'call', span, value: callNode(span, procedure, []) }];
}

function entryOf(sources: readonly SourceFile[], wanted: string | undefined): SourceFile | null {
  const name = (wanted ?? 'start.bas').toLowerCase();
  const found = sources.find((source) => source.name.toLowerCase() === name);
  if (found) return found;
  return wanted === undefined && sources.length === 1 ? sources[0]! : null;
}

/** Follows INCLUDE from script to script. Each script is put in once, where it is first asked for. */
class Assembler {
  readonly #sources: readonly SourceFile[];
  readonly #bag: DiagnosticBag;
  readonly #locale: Locale;
  readonly #profile: Profile;
  /** Procedures of all scripts: CALL names one of them, or another script. */
  readonly #elsewhere: ReadonlySet<string>;
  #base: Script['base'];
  readonly #procedures: Procedure[] = [];
  readonly #declarations: Declaration[] = [];
  readonly #done = new Set<SourceFile>();
  readonly #open: SourceFile[] = [];

  constructor(sources: readonly SourceFile[], bag: DiagnosticBag, locale: Locale, profile: Profile) {
    this.#profile = profile;
    this.#elsewhere = sources.length > 1 ? proceduresOf(sources) : new Set();
    this.#sources = sources;
    this.#bag = bag;
    this.#locale = locale;
  }

  assemble(entry: SourceFile): Script {
    const statements = this.#read(entry);
    return { statements, procedures: this.#procedures, declarations: this.#declarations, base: this.#base };
  }

  #read(file: SourceFile): readonly Statement[] {
    this.#done.add(file);
    this.#open.push(file);
    const script =
      this.#profile === 'bot'
        ? parse(file, this.#bag, this.#locale, this.#elsewhere)
        : parseClassic(file, this.#bag, this.#locale, this.#profile);
    this.#base ??= script.base;
    // Not push(...): the arguments of a call have a limit.
    for (const procedure of script.procedures) this.#procedures.push(procedure);
    for (const declaration of script.declarations) this.#declarations.push(declaration);
    for (const statement of script.statements) {
      if (statement.kind === 'include') statement.body = this.#include(statement.name, statement.span);
    }
    this.#open.pop();
    return script.statements;
  }

  #include(name: string, span: Span): readonly Statement[] {
    const wanted = name.toLowerCase();
    const file = this.#sources.find((source) => [wanted, `${wanted}.bas`].includes(source.name.toLowerCase()));
    if (!file) {
      const suggestion = nearest(
        wanted,
        this.#sources.map((source) => source.name),
      );
      this.#bag.report('unknown_include', span, name, didYouMean(this.#locale, suggestion));
      return [];
    }
    if (this.#open.includes(file)) {
      this.#bag.report('include_cycle', span, file.name);
      return [];
    }
    return this.#done.has(file) ? [] : this.#read(file);
  }
}

/** Names of SUBs and FUNCTIONs, by a look at the text. */
export function declaredIn(sources: readonly SourceText[]): Set<string> {
  const names = new Set<string>();
  for (const { text } of sources)
    for (const [, name] of text.matchAll(/^[ \t]*(?:SUB|FUNCTION)[ \t]+([\p{L}_][\p{L}\p{N}_]*)/gimu))
      names.add(name!.toUpperCase());
  return names;
}

/** By a look at the text, before anything is parsed. A script that is called like one of them stays a script. */
export function proceduresOf(sources: readonly SourceText[]): Set<string> {
  const names = declaredIn(sources);
  for (const { name } of sources) names.delete(name.replace(/\.bas$/i, '').toUpperCase());
  return names;
}
