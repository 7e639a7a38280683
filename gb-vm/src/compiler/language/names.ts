import type { Expression, LabelReference, Name, Procedure, Statement } from '../ast.ts';
import { tokenizeLine } from '../highlight.ts';
import { reservedWords } from '../keywords/index.ts';
import type { Token } from '../lexer.ts';
import { namesToo } from '../parse-expression.ts';
import type { ProcedureInfo, Variable } from '../scope.ts';
import type { Span } from '../source.ts';
import { blocksOf, childrenOf, expressionsOf, labelsOf, targetsOf } from '../walk.ts';
import type { ScriptAnalysis } from './analysis.ts';
import { PathTable } from './paths.ts';
import type { Assembled } from './program.ts';
import { Tables } from './tables.ts';

export type NamedKind = 'variable' | 'constant' | 'list' | 'parameter' | 'sub' | 'function' | 'label';

/** Something that has a name in a program, and every place the name stands. */
export interface Named {
  kind: NamedKind;
  /** Upper case. */
  readonly name: string;
  /** As it is spelled where it first gets a value. */
  display: string;
  /** The procedure outside which the name means something else; null for what the whole program shares. */
  readonly owner: Procedure | null;
  /** The procedure itself, when it is one. */
  readonly procedure: Procedure | null;
  readonly places: Place[];
}

export interface Place {
  readonly span: Span;
  /** `write` gives the variable a value; `declaration` is DIM, PARAM, SUB, a parameter, or the label itself. */
  readonly role: 'declaration' | 'write' | 'read';
  /** Makes a column of a table, which is called like the variable. */
  readonly isColumn: boolean;
}

/** The names of one program: taken from the bound tree, and on lines the parser could not read, from their words. */
export class Names {
  readonly all: Named[] = [];
  readonly paths = new PathTable();
  readonly tables = new Tables();
  /** Those with a body, by script, in the order of the text: they never overlap. */
  readonly #bodies = new Map<number, Procedure[]>();
  readonly #bySpan: ReadonlyMap<Span, Procedure>;
  readonly #byName = new Map<string, Named[]>();
  readonly #sources = new Map<number, ScriptAnalysis>();
  readonly #byVariable = new Map<Variable, Named>();
  readonly #byProcedure = new Map<string, Named>();
  readonly #byLabel = new Map<string, Named>();
  /** By script and offset, so that a value standing twice in the tree is one place. */
  readonly #placed = new Map<string, { readonly named: Named; readonly place: Place }>();
  readonly #bound: Assembled['bound'];

  constructor(members: readonly ScriptAnalysis[], { bound, procedures, declarations }: Assembled) {
    for (const member of members) this.#sources.set(member.index, member);
    this.#bySpan = new Map(procedures.map((procedure) => [procedure.nameSpan, procedure]));
    this.#bound = bound;
    for (const procedure of procedures) {
      if (procedure.isInline) continue;
      const bodies = this.#bodies.get(procedure.span.file) ?? [];
      bodies.push(procedure);
      this.#bodies.set(procedure.span.file, bodies);
    }
    for (const bodies of this.#bodies.values()) bodies.sort((a, b) => a.span.start - b.span.start);
    for (const procedure of procedures) this.#addProcedure(procedure);
    for (const info of bound.procedures) this.#addBody(info);
    for (const declaration of declarations) {
      if (declaration.keyword === 'TABLE') this.tables.declare(declaration);
      if (declaration.keyword === 'PARAM') this.#addParam(declaration.span, String(declaration.values['name'] ?? ''));
    }
    for (const member of members) this.#addBrokenLines(member);
    for (const named of this.all) named.places.sort((a, b) => a.span.file - b.span.file || a.span.start - b.span.start);
  }

  /** What is named at an offset, or just before it. */
  at(file: number, offset: number): { readonly named: Named; readonly place: Place } | null {
    const text = this.#sources.get(file)?.text ?? '';
    let start = /[$%]/.test(text[offset - 1] ?? '') ? offset - 1 : offset;
    while (start > 0 && offset - start < nameLengthMax && isNamePart(text, start - 1)) start--;
    const found = this.#placed.get(`${file}:${start}`);
    return found && found.place.span.end >= offset ? found : null;
  }

  /** The procedure an offset is in. */
  procedureAt(file: number, offset: number): Procedure | null {
    const bodies = this.#bodies.get(file) ?? [];
    let low = 0;
    let high = bodies.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (bodies[middle]!.span.start <= offset) low = middle + 1;
      else high = middle;
    }
    const last = bodies[low - 1];
    return last && offset <= last.span.end ? last : null;
  }

  /** What can be named at a place: what the program shares, and what its procedure has for itself. */
  visibleAt(file: number, offset: number): Named[] {
    const procedure = this.procedureAt(file, offset);
    return this.all.filter(({ kind, owner }) => kind === 'label' || owner === null || owner === procedure);
  }

  /** All that have this name, in upper case. */
  named(name: string): readonly Named[] {
    return this.#byName.get(name) ?? [];
  }

  procedure(name: string): Named | null {
    return this.#byProcedure.get(name.toUpperCase()) ?? null;
  }

  #addProcedure(procedure: Procedure): void {
    if (this.#byProcedure.has(procedure.name) || procedure.nameSpan.start === procedure.span.start) return;
    const kind = procedure.kind === 'SUB' ? 'sub' : 'function';
    const named: Named = {
      kind,
      name: procedure.name,
      display: procedure.display,
      owner: null,
      procedure,
      places: [],
    };
    this.#add(named);
    this.#byProcedure.set(procedure.name, named);
    this.#place(named, procedure.nameSpan, 'declaration');
  }

  #addBody(info: ProcedureInfo): void {
    const procedure = this.#bySpan.get(info.span) ?? null;
    for (const [index, parameter] of (procedure?.parameters ?? []).entries()) {
      const variable = info.parameters[index];
      if (variable) this.#place(this.#variable(variable, procedure), parameter.span, 'declaration');
    }
    const walker: Walker = { info, procedure };
    this.#statements(info.body, walker);
  }

  #statements(body: readonly Statement[], walker: Walker): void {
    for (const statement of body) {
      const targets = new Set<Name>(targetsOf(statement));
      for (const node of expressionsOf(statement)) this.#expression(node, walker, statement, targets);
      this.paths.learn(statement);
      if (statement.kind === 'label') this.#label({ name: statement.name, span: statement.span }, walker, 'declaration');
      else for (const reference of labelsOf(statement)) this.#label(reference, walker, 'read');
      for (const block of blocksOf(statement)) this.#statements(block, walker);
    }
  }

  #expression(node: Expression, walker: Walker, statement: Statement, targets: ReadonlySet<Name>, isColumn = false): void {
    if (node.kind === 'name') {
      this.#name(node, node.call, walker, statement, targets.has(node), isColumn);
      return;
    }
    if (node.kind === 'apply' && node.call && node.target.kind === 'name') {
      this.#name(node.target, node.call, walker, statement, false, false);
      for (const argument of node.args) this.#expression(argument, walker, statement, targets);
      return;
    }
    if (node.kind === 'member') this.paths.see(node);
    if (node.kind === 'operation') this.tables.see(node);
    const columns = node.kind === 'operation' ? node.args.find(({ key }) => key === 'columns')?.value : undefined;
    for (const child of childrenOf(node)) {
      if (child === columns && child.kind === 'object')
        for (const { value } of child.entries) this.#expression(value, walker, statement, targets, value.kind === 'name');
      else this.#expression(child, walker, statement, targets);
    }
  }

  #name(node: Name, call: Name['call'], walker: Walker, statement: Statement, isTarget: boolean, isColumn: boolean): void {
    // A FOR without its variable has its own word in that place.
    const isWord = reservedWords.has(node.name) && !namesToo.has(node.name);
    if (call?.kind === 'function' || isWord) return;
    const role = !isTarget ? 'read' : statement.kind === 'dim' ? 'declaration' : 'write';
    if (call?.kind === 'procedure') {
      const named = this.#byProcedure.get(call.procedure.name);
      if (named) this.#place(named, node.span, 'read');
      return;
    }
    // `name = value` inside a FUNCTION of this name is what it gives back.
    const own = walker.info.result && node.variable === walker.info.result ? this.#byProcedure.get(node.name) : undefined;
    const variable = node.variable ?? walker.info.variables.get(node.name) ?? this.#bound.main.variables.get(node.name) ?? null;
    const named = own ?? (variable ? this.#variable(variable, walker.procedure) : this.#byProcedure.get(node.name));
    if (!named || !this.#place(named, node.span, role, isColumn)) return;
    if (own || !isTarget) return;
    if (statement.kind === 'dim' && statement.sizes.length > 0) named.kind = 'list';
    else if (/^const\b/i.test(this.#textOf(statement.span).slice(0, 6))) named.kind = 'constant';
  }

  #variable(variable: Variable, procedure: Procedure | null): Named {
    const known = this.#byVariable.get(variable);
    if (known) return known;
    const named: Named = {
      kind: variable.isParameter ? 'parameter' : 'variable',
      name: variable.name,
      display: variable.display,
      owner: variable.owner.kind === 'MAIN' ? null : procedure,
      procedure: null,
      places: [],
    };
    this.#byVariable.set(variable, named);
    this.#add(named);
    return named;
  }

  #label({ name, span }: LabelReference, { info, procedure }: Walker, role: Place['role']): void {
    const isHere = info.labels.has(name) || info.kind === 'MAIN';
    const key = `${isHere ? info.index : 0} ${name}`;
    let named = this.#byLabel.get(key);
    if (!named) {
      named = { kind: 'label', name, display: this.#textOf(span), owner: isHere ? procedure : null, procedure: null, places: [] };
      this.#byLabel.set(key, named);
      this.#add(named);
    }
    if (role === 'declaration') named.display = this.#textOf(span);
    this.#place(named, span, role);
  }

  #addParam(span: Span, name: string): void {
    const at = /^\s*param\s+/i.exec(this.#textOf(span))?.[0].length;
    if (at === undefined || name === '') return;
    const place = { file: span.file, start: span.start + at, end: span.start + at + name.length };
    const variable = this.#bound.main.variables.get(name.toUpperCase());
    const named = variable ? this.#variable(variable, null) : this.#free(name, null);
    this.#placed.delete(`${place.file}:${place.start}`);
    named.places.splice(0, named.places.length, ...named.places.filter((one) => one.span.start !== place.start));
    this.#place(named, place, 'declaration');
    if (named.kind === 'variable') named.kind = 'parameter';
  }

  /** A name no variable of the bound tree has. */
  #free(display: string, owner: Procedure | null): Named {
    const name = display.toUpperCase();
    const known = this.named(name).filter(({ kind }) => kind !== 'label');
    const meant = known.find((one) => one.owner === owner) ?? known.find((one) => one.owner === null);
    if (meant) return meant;
    const named: Named = { kind: 'variable', name, display, owner, procedure: null, places: [] };
    this.#add(named);
    return named;
  }

  #add(named: Named): void {
    this.all.push(named);
    const known = this.#byName.get(named.name);
    if (known) known.push(named);
    else this.#byName.set(named.name, [named]);
  }

  /** The words of a line that could not be read are names unless they are coloured otherwise. */
  #addBrokenLines(member: ScriptAnalysis): void {
    const { text, index: file, record } = member;
    for (const { from, to } of brokenStretches(member)) {
      const line = text.slice(from, to);
      for (const { start, end, class: kind } of tokenizeLine(line.replace(/[\r\n]/g, ' ')).tokens) {
        if (kind !== 'identifier' || line[start - 1] === '.' || !isNamePart(line, start)) continue;
        const span = { file, start: from + start, end: from + end };
        if (this.#placed.has(`${file}:${span.start}`) || record.words.has(span.start)) continue;
        const display = line.slice(start, end);
        if (reservedWords.has(display.toUpperCase())) continue;
        const procedure = this.procedureAt(file, span.start);
        const role = start === 0 && /^\s*=/.test(line.slice(end)) ? 'write' : 'read';
        this.#place(this.#free(display, procedure), span, role);
      }
    }
  }

  /** False for names the parser made up: they stand nowhere in the text. */
  #place(named: Named, span: Span, role: Place['role'], isColumn = false): boolean {
    if (this.#textOf(span).toUpperCase() !== named.name) return false;
    const key = `${span.file}:${span.start}`;
    const known = this.#placed.get(key);
    if (known) return known.named === named;
    const place: Place = { span, role, isColumn };
    this.#placed.set(key, { named, place });
    named.places.push(place);
    return true;
  }

  #textOf(span: Span): string {
    return this.#sources.get(span.file)?.text.slice(span.start, span.end) ?? '';
  }
}

interface Walker {
  readonly info: ProcedureInfo;
  readonly procedure: Procedure | null;
}

const nameLengthMax = 1000;
const isNamePart = (text: string, at: number): boolean => /[\w\u00c0-\u1fff\u2070-\uffff]/.test(text[at] ?? '');

/** The stretches behind error nodes: from where each begins to the end of its line. */
export function brokenStretches({ script, record, index }: ScriptAnalysis): { readonly from: number; readonly to: number }[] {
  const starts = new Set<number>();
  const visit = (body: readonly Statement[]): void => {
    for (const statement of body) {
      if (statement.kind === 'error' && statement.span.file === index) starts.add(statement.span.start);
      for (const node of expressionsOf(statement)) visitNode(node);
      if (statement.kind !== 'include') for (const block of blocksOf(statement)) visit(block);
    }
  };
  const visitNode = (node: Expression): void => {
    if (node.kind === 'error') starts.add(node.span.start);
    for (const child of childrenOf(node)) visitNode(child);
  };
  visit(script.statements);
  for (const { body } of script.procedures) visit(body);
  const sorted = [...starts].sort((a, b) => a - b);
  const stretches: { from: number; to: number }[] = [];
  let at = 0;
  for (const from of sorted) {
    if (from < (stretches.at(-1)?.to ?? 0)) continue;
    while (at < record.tokens.length && !endsLine(record.tokens[at]!, from)) at++;
    const to = record.tokens[at]?.start ?? from;
    if (to > from) stretches.push({ from, to });
  }
  return stretches;
}

const endsLine = ({ kind, start }: Token, from: number): boolean =>
  start >= from && (kind === 'newline' || kind === 'end' || kind === 'text');
