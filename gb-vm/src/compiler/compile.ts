import type { Procedure, Script, Statement } from './ast.ts';
import { bind } from './bind.ts';
import type { Build } from './codegen/context.ts';
import { generate, hasTooManyVariables } from './codegen/generate.ts';
import { type Diagnostic, DiagnosticBag, type Locale } from './diagnostics.ts';
import { inferTypes } from './infer.ts';
import { didYouMean } from './messages.ts';
import { parse } from './parser.ts';
import type { SourceFile, Span } from './source.ts';
import { nearest } from './suggest.ts';

export interface SourceText {
  readonly name: string;
  readonly text: string;
}

export interface CompileOptions {
  /** The script to start from; `start.bas` when there is one, else the only one. */
  readonly entry?: string;
  readonly locale?: Locale;
  /** How code is made: `step` stops after every statement. For tests and the debugger. */
  readonly build?: Build;
}

export interface CompileResult {
  /** null when there is any error. */
  readonly program: { readonly wasm: Uint8Array; readonly debugMap: string } | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** All scripts of one program together, in characters. */
export const sourceCharactersMax = 2_000_000;

/**
 * Compiles a program: lex and parse each script, put INCLUDEd scripts in their places, give names their meaning, work
 * out types, write WebAssembly. Pure: no clock, no files, the same result anywhere. Never throws for what is in a script.
 */
export function compile(files: readonly SourceText[], options: CompileOptions = {}): CompileResult {
  const locale = options.locale ?? 'en';
  const sources: SourceFile[] = files.map(({ name, text }, index) => ({ index, name, text }));
  const bag = new DiagnosticBag(sources, locale);
  const entry = entryOf(sources, options.entry);
  if (!entry) {
    bag.report('no_entry', { file: 0, start: 0, end: 0 }, options.entry ?? 'start.bas');
    return { program: null, diagnostics: bag.list() };
  }
  const size = files.reduce((sum, { text }) => sum + text.length, 0);
  if (size > sourceCharactersMax) {
    bag.report('program_too_large', { file: entry.index, start: 0, end: 0 }, size, sourceCharactersMax);
    return { program: null, diagnostics: bag.list() };
  }
  try {
    const assembled = new Assembler(sources, bag, locale).assemble(entry);
    const bound = bind(assembled.statements, assembled.procedures, bag, locale);
    if (bag.hasErrors) return { program: null, diagnostics: bag.list() };
    const build = options.build ?? 'normal';
    if (build !== 'normal') for (const procedure of bound.procedures) procedure.suspends = true;
    if (hasTooManyVariables(bound, bag)) return { program: null, diagnostics: bag.list() };
    inferTypes(bound);
    const program = generate(bound, sources, bag, build);
    return { program: bag.hasErrors ? null : program, diagnostics: bag.list() };
  } catch (error) {
    // A program too big for the format, or a fault of ours: either way the author learns of it and the server lives.
    bag.report('internal', { file: entry.index, start: 0, end: 0 }, error instanceof Error ? error.message : String(error));
    return { program: null, diagnostics: bag.list() };
  }
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
  readonly #procedures: Procedure[] = [];
  readonly #done = new Set<SourceFile>();
  readonly #open: SourceFile[] = [];

  constructor(sources: readonly SourceFile[], bag: DiagnosticBag, locale: Locale) {
    this.#sources = sources;
    this.#bag = bag;
    this.#locale = locale;
  }

  assemble(entry: SourceFile): Script {
    return { statements: this.#read(entry), procedures: this.#procedures };
  }

  #read(file: SourceFile): readonly Statement[] {
    this.#done.add(file);
    this.#open.push(file);
    const script = parse(file, this.#bag, this.#locale);
    this.#procedures.push(...script.procedures);
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
