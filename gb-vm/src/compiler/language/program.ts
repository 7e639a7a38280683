import type { Declaration, Expression, Procedure, Statement } from '../ast.ts';
import { type BoundProgram, bind } from '../bind.ts';
import { compile } from '../compile.ts';
import { type Diagnostic, DiagnosticBag, type Locale } from '../diagnostics.ts';
import { asWritten } from '../script-call.ts';
import { blocksOf, childrenOf, expressionsOf } from '../walk.ts';
import type { ScriptAnalysis } from './analysis.ts';
import { includedBy } from './includes.ts';
import { Names } from './names.ts';

/** A script and what it includes. What is found out about them is found out when it is first asked for. */
export class Program {
  /** The one it begins with first. */
  readonly members: readonly ScriptAnalysis[];
  readonly #locale: Locale;
  /** Of the whole folder, for calls by name. */
  readonly #scripts: ReadonlySet<string>;
  #diagnostics: readonly Diagnostic[] | null = null;
  #names: Names | null = null;

  constructor(members: readonly ScriptAnalysis[], locale: Locale, scripts: ReadonlySet<string>) {
    this.members = members;
    this.#locale = locale;
    this.#scripts = scripts;
  }

  get root(): ScriptAnalysis {
    return this.members[0]!;
  }

  isOf(members: readonly ScriptAnalysis[]): boolean {
    return members.length === this.members.length && members.every((member, index) => member === this.members[index]);
  }

  /** What the compiler says; `all` are the scripts of the folder, among which a misspelled INCLUDE finds its suggestion. */
  diagnostics(all: readonly ScriptAnalysis[]): readonly Diagnostic[] {
    const { name: entry } = this.root;
    return (this.#diagnostics ??= compile(all, { entry, locale: this.#locale }).diagnostics);
  }

  get names(): Names {
    this.#names ??= new Names(this.members, this.#assemble());
    return this.#names;
  }

  /** The members put together as INCLUDE says, and bound. Trees are shared with other programs: former bindings go first. */
  #assemble(): Assembled {
    const procedures: Procedure[] = [];
    const declarations: Declaration[] = [];
    const done = new Set<ScriptAnalysis>();
    const add = (member: ScriptAnalysis): readonly Statement[] => {
      done.add(member);
      const { script } = member;
      for (const procedure of script.procedures) procedures.push(procedure);
      for (const declaration of script.declarations) declarations.push(declaration);
      for (const statement of script.statements) {
        if (statement.kind !== 'include') continue;
        const other = includedBy(statement, this.members);
        statement.body = other && !done.has(other) ? add(other) : [];
      }
      return script.statements;
    };
    const statements = add(this.root);
    unbind(statements);
    for (const { body } of procedures) unbind(body);
    const files = filesByIndex(this.members);
    const bag = new DiagnosticBag(files, this.#locale);
    const bound = bind(statements, procedures, bag, this.#locale, 'bot', 0, undefined, this.#scripts);
    return { bound, procedures, declarations };
  }
}

export interface Assembled {
  readonly bound: BoundProgram;
  readonly procedures: readonly Procedure[];
  readonly declarations: readonly Declaration[];
}

/** Where a span's file is found by its index. */
function filesByIndex(members: readonly ScriptAnalysis[]): ScriptAnalysis[] {
  const files: ScriptAnalysis[] = [];
  for (const member of members) files[member.index] = member;
  return files;
}

function unbind(body: readonly Statement[]): void {
  for (const statement of body) {
    for (const node of expressionsOf(statement)) unbindNode(node);
    for (const block of blocksOf(statement)) unbind(block);
  }
}

function unbindNode(node: Expression): void {
  if (node.kind === 'operation') asWritten(node);
  if (node.kind === 'name') {
    node.variable = null;
    node.call = null;
    delete node.otherwise;
  } else if (node.kind === 'apply') node.call = null;
  for (const child of childrenOf(node)) unbindNode(child);
}
