import type { Apply, Expression, LabelReference, Name, Procedure, Statement } from './ast.ts';
import { markRecursive, markSuspending } from './call-graph.ts';
import type { DiagnosticBag, Locale } from './diagnostics.ts';
import { warnOfDoubts } from './doubts.ts';
import { keywordMeant, methodMeant, typeMeant } from './foreign-words.ts';
import { hostNames } from './host-names.ts';
import { functionKeywords, keywords, typeNames } from './keywords/index.ts';
import { didYouMean } from './messages.ts';
import { methodNames } from './parse/methods.ts';
import type { Profile } from './profile.ts';
import { readRowsByName } from './rows-by-name.ts';
import { makeHidden, makeVariable, type ProcedureInfo, type Variable } from './scope.ts';
import { becomeScriptCall } from './script-call.ts';
import type { Span } from './source.ts';
import { nearest } from './suggest.ts';
import { blocksOf, eachExpression, eachStatement, expressionsOf, labelsOf, targetsOf } from './walk.ts';

/**
 * Decides what each name means.
 *
 * A name of the main program is one variable for the whole program: procedures see it and may change it. Local to a
 * procedure are its parameters, what it declares with DIM, its FOR and FOR EACH variables (two loops over `i` in
 * different procedures must not disturb each other), and every name it assigns that main does not use.
 * A name that nobody assigns is one the host provides, like `username`.
 */
export interface BoundProgram {
  readonly profile: Profile;
  /** The first index of arrays. */
  readonly base: 0 | 1;
  readonly main: ProcedureInfo;
  /** Main first. */
  readonly procedures: readonly ProcedureInfo[];
}

/**
 * `given` are the names whose values come from outside: those of PARAM, in capitals. `scripts` are those of the bot, which
 * can be called like FUNCTIONs by names that mean nothing else.
 */
export function bind(
  body: readonly Statement[],
  declared: readonly Procedure[],
  bag: DiagnosticBag,
  locale: Locale,
  profile: Profile,
  base: 0 | 1,
  given: ReadonlySet<string> = new Set(),
  scripts: ReadonlySet<string> = new Set(),
): BoundProgram {
  return { ...new Binder(body, declared, bag, locale, profile, given, scripts).run(), base };
}

/** Functions that do something besides giving a value. */
const changingFunctions = new Set([
  'PUSH',
  'POP',
  'SHIFT',
  'UNSHIFT',
  'INSERT AT',
  'REMOVE',
  'SPLICE',
  'APPEND',
  'RND',
  'RANDOM',
  'INKEY',
  'USR',
]);

/** Functions that only look at an array, so that handing it to them does not let go of it. */
const lookingFunctions = new Set([
  'LEN',
  'UBOUND',
  'LBOUND',
  'JOIN',
  'SORT',
  'REVERSE',
  'FIRST',
  'LAST',
  'MIN',
  'MAX',
  'JSON',
  'ISNULL',
  'ISEMPTY',
  'TYPEOF',
  'SUM',
  'AVG',
  'COUNT',
  'INCLUDES',
]);

/** Functions that tell of the last error, and the property of it that each gives. */
export const errorProperties: Readonly<Record<string, string>> = {
  ERR: 'number',
  ERL: 'line',
  ERROR: 'message',
  'ERROR MESSAGE': 'message',
  'ERROR CODE': 'code',
};

/** A program with more names than this is made by a machine, which does not misspell. */
const misspellingNamesMax = 1_000;

class Binder {
  readonly #main: ProcedureInfo;
  readonly #byName = new Map<string, ProcedureInfo>();
  readonly #declared: readonly Procedure[];
  readonly #given: ReadonlySet<string>;
  readonly #scripts: ReadonlySet<string>;
  readonly #bag: DiagnosticBag;
  readonly #locale: Locale;
  readonly #profile: Profile;
  readonly #mainNames = new Set<string>();
  #current: ProcedureInfo;
  #assignedHere = new Set<string>();
  #locals = new Set<string>();

  constructor(
    body: readonly Statement[],
    declared: readonly Procedure[],
    bag: DiagnosticBag,
    locale: Locale,
    profile: Profile,
    given: ReadonlySet<string>,
    scripts: ReadonlySet<string>,
  ) {
    this.#profile = profile;
    this.#main = makeProcedure('MAIN', '', '', { file: 0, start: 0, end: 0 }, body, 0);
    this.#declared = declared;
    this.#given = given;
    this.#scripts = scripts;
    this.#bag = bag;
    this.#locale = locale;
    this.#current = this.#main;
  }

  run(): Omit<BoundProgram, 'base'> {
    for (const one of this.#declared) {
      const earlier = this.#byName.get(one.name);
      if (earlier) {
        this.#bag.report(
          'duplicate_procedure',
          one.nameSpan,
          one.display,
          this.#bag.place(earlier.span.file, earlier.span.start).line,
        );
        continue;
      }
      const info = makeProcedure(one.kind, one.name, one.display, one.nameSpan, one.body, this.#byName.size + 1);
      info.isInline = one.isInline === true;
      for (const parameter of one.parameters)
        info.parameters.push(makeVariable(info, parameter.name, parameter.display, this.#profile, true));
      this.#byName.set(one.name, info);
    }
    eachExpression(this.#main.body, (node) => {
      if (node.kind === 'name') this.#mainNames.add(node.name);
    });
    eachStatement(this.#main.body, (statement) => {
      if (statement.kind === 'label') this.#dataLabels.add(statement.name);
    });
    this.#bind(this.#main);
    for (const procedure of this.#byName.values()) this.#bind(procedure);
    const misspelled = this.#warnOfMisspellings();
    const procedures = [this.#main, ...this.#byName.values()];
    if (this.#profile === 'bot' && !this.#bag.hasErrors)
      warnOfDoubts(procedures, this.#bag, new Set([...this.#given, ...misspelled]));
    for (const procedure of procedures) this.#control(procedure);
    markSuspending(procedures);
    markRecursive(procedures);
    return { profile: this.#profile, main: this.#main, procedures };
  }

  /** Labels, GOSUB and error handlers: what makes a procedure need blocks, and the hidden variables they live in. */
  #control(procedure: ProcedureInfo): void {
    const { hidden, labels } = procedure;
    const main = this.#main.hidden;
    const wanted: LabelReference[] = [];
    eachStatement(procedure.body, (statement) => {
      for (const reference of labelsOf(statement)) wanted.push(reference);
      if (statement.kind === 'label') {
        if (labels.has(statement.name)) this.#bag.report('duplicate_label', statement.span, statement.name);
        labels.add(statement.name);
      } else if (statement.kind === 'gosub' || (statement.kind === 'onGoto' && statement.word === 'GOSUB')) {
        procedure.hasGosub = true;
      } else if (statement.kind === 'return' && this.#profile !== 'bot' && procedure.kind === 'MAIN') {
        // Without a GOSUB before it this is an error there, not the end.
        procedure.hasGosub = true;
      } else if (statement.kind === 'onError' || statement.kind === 'resume') procedure.handles = 'onError';
      else if (statement.kind === 'try' && procedure.handles === 'none') procedure.handles = 'try';
      else if (statement.kind === 'read' || statement.kind === 'restore')
        main.data ??= makeHidden(this.#main, 'data', 'num', true);
      else if (statement.kind === 'clearError') this.#useError();
    });
    for (const { name, span } of wanted) {
      if (labels.has(name) || this.#dataLabels.has(name) || !this.#bag.wants(span)) continue;
      this.#bag.report('unknown_label', span, name, didYouMean(this.#locale, nearest(name, [...labels])));
    }
    if (procedure.handles !== 'none') this.#checkJumpsIntoTry(procedure.body);
    if (procedure.hasGosub) hidden.gosub = makeHidden(procedure, 'gosub', 'any');
    if (procedure.handles === 'none') return;
    this.#useError();
    hidden.handler = makeHidden(procedure, 'handler', 'num');
    hidden.handling = makeHidden(procedure, 'handling', 'num');
    if (procedure.handles === 'try') return;
    hidden.at = makeHidden(procedure, 'at', 'num');
    hidden.next = makeHidden(procedure, 'next', 'num');
    hidden.failedAt = makeHidden(procedure, 'failedAt', 'num');
    hidden.failedNext = makeHidden(procedure, 'failedNext', 'num');
  }

  /** The body of a TRY is only protected when it is entered by TRY itself. */
  #checkJumpsIntoTry(body: readonly Statement[]): void {
    const around = new Map<string, Statement>();
    const tries: Statement[] = [];
    eachStatement(body, (statement) => {
      if (statement.kind === 'try') tries.push(statement);
    });
    const inside = new Map<Statement, Set<Statement>>();
    for (const one of tries) {
      const members = new Set<Statement>();
      if (one.kind !== 'try') continue;
      eachStatement([...one.body, ...one.handler], (statement) => {
        members.add(statement);
        if (statement.kind === 'label') around.set(statement.name, one);
      });
      inside.set(one, members);
    }
    if (around.size === 0) return;
    eachStatement(body, (statement) => {
      if (statement.kind === 'restore') return;
      for (const { name, span } of labelsOf(statement)) {
        const holder = around.get(name);
        if (holder && !inside.get(holder)!.has(statement)) this.#bag.report('jump_into_try', span, name);
      }
    });
  }

  #useError(): void {
    this.#main.hidden.error ??= makeHidden(this.#main, 'error', 'any', true);
  }

  /** RESTORE names labels of the main program, from wherever it stands. */
  readonly #dataLabels = new Set<string>();

  #bind(procedure: ProcedureInfo): void {
    this.#current = procedure;
    this.#assignedHere = new Set();
    this.#locals = new Set(procedure.parameters.map(({ name }) => name));
    eachStatement(procedure.body, (statement) => {
      for (const target of targetsOf(statement)) {
        this.#assignedHere.add(target.name);
        if (procedure.kind !== 'MAIN' && (statement.kind === 'dim' || statement.kind === 'for' || statement.kind === 'forEach'))
          this.#locals.add(target.name);
      }
    });
    if (procedure.kind === 'FUNCTION' && this.#assignedHere.has(procedure.name)) {
      procedure.result = makeVariable(procedure, procedure.name, procedure.display, this.#profile);
      procedure.result.isAssigned = true;
      procedure.result.mayBeUnset = true;
    }
    this.#statements(procedure.body, []);
  }

  #statements(body: readonly Statement[], loops: readonly string[]): void {
    for (const statement of body) {
      if (statement.kind === 'call' && statement.value.kind === 'name' && this.#isScript(statement.value.name))
        becomeScriptCall(statement.value);
      for (const node of expressionsOf(statement)) {
        this.#expression(
          node,
          (statement.kind === 'forEach' && node === statement.list) || (statement.kind === 'dim' && node === statement.target),
        );
      }
      this.#check(statement, loops);
      const word =
        statement.kind === 'for' || statement.kind === 'forEach'
          ? 'FOR'
          : statement.kind === 'while'
            ? statement.word
            : statement.kind === 'select'
              ? 'SELECT'
              : statement.kind === 'try'
                ? 'TRY'
                : null;
      for (const block of blocksOf(statement)) this.#statements(block, word ? [...loops, word] : loops);
    }
  }

  #check(statement: Statement, loops: readonly string[]): void {
    if ('target' in statement && statement.target.kind === 'apply' && statement.target.call)
      this.#bag.report('not_assignable', statement.target.span);
    if (statement.kind === 'hear') this.#checkType(statement.menu);
    for (const target of targetsOf(statement)) {
      const variable = target.variable;
      if (!variable) continue;
      variable.isAssigned = true;
      if (statement.kind === 'dim' && statement.sizes.length > 0) variable.forced = null;
      if (statement.kind === 'dim' && statement.sizes.length === 1 && !statement.value) variable.isPlainArray = true;
      else if (statement.kind !== 'assign' || statement.target.kind === 'name') variable.escapes = true;
    }
    for (const reference of statement.kind === 'input' || statement.kind === 'read' ? statement.targets : [])
      if (reference.kind === 'apply' && reference.call) this.#bag.report('not_assignable', reference.span);
    if (statement.kind === 'continue' && !loops.includes(statement.what))
      this.#bag.report('continue_outside', statement.span, statement.what);
    if (statement.kind === 'exit') {
      const isProcedure = statement.what === 'SUB' || statement.what === 'FUNCTION';
      if (isProcedure ? this.#current.kind !== statement.what : !loops.includes(statement.what))
        this.#bag.report('exit_outside', statement.span, statement.what);
    } else if (statement.kind === 'return' && statement.value && this.#current.kind === 'SUB') {
      this.#bag.report('return_value_in_sub', statement.span);
    } else if (statement.kind === 'call') this.#checkCall(statement.value);
  }

  /** `HEAR x AS options` takes a list; a lone name that nobody assigns is a type misspelled. */
  #checkType(menu: readonly Expression[] | null): void {
    const only = menu?.length === 1 ? menu[0] : undefined;
    if (only?.kind !== 'name' || only.call || this.#isKnown(only.name)) return;
    const meant = typeMeant(only.name) ?? nearest(only.name, typeNames);
    this.#bag.report('unknown_type', only.span, only.display, didYouMean(this.#locale, meant));
  }

  #checkCall(value: Expression): void {
    if (value.kind === 'operation') return;
    if ((value.kind === 'name' || value.kind === 'apply') && value.call) {
      const isPure = value.call.kind === 'function' && !changingFunctions.has(value.call.name);
      if (isPure && this.#profile === 'bot') this.#bag.report('statement_has_no_effect', value.span, '');
      return;
    }
    if (value.kind === 'name' && !value.variable?.isAssigned) return this.#unknown(value);
    if (value.kind === 'apply' && value.target.kind === 'name' && !this.#isKnown(value.target.name))
      return this.#unknown(value.target, value.args);
    if (value.kind === 'apply' && value.bracket === '(' && value.target.kind === 'member')
      return this.#unknownMethod(value.target.name, value.target.span);
    this.#bag.report('statement_has_no_effect', value.span);
  }

  /** After a dot nearly anything may be a property; as a statement of its own it can only be a method we do not have. */
  #unknownMethod(name: string, span: Span): void {
    if (this.#bag.wants(span))
      this.#bag.report(
        'unknown_procedure',
        span,
        name,
        didYouMean(this.#locale, methodMeant(name) ?? nearest(name, methodNames)),
      );
  }

  #isKnown(name: string): boolean {
    return (
      this.#assignedHere.has(name) ||
      this.#locals.has(name) ||
      this.#given.has(name) ||
      this.#main.variables.get(name)?.isAssigned === true ||
      this.#mainAssigns(name)
    );
  }

  /** Whether a name can only be that of a script: whatever the program or the language calls so is meant before it. */
  #isScript(name: string): boolean {
    return this.#scripts.has(name) && !this.#isKnown(name) && this.#callee(name) === null;
  }

  #mainAssignedNames: Set<string> | null = null;

  #mainAssigns(name: string): boolean {
    if (!this.#mainAssignedNames) {
      const names = new Set<string>();
      eachStatement(this.#main.body, (statement) => {
        for (const target of targetsOf(statement)) names.add(target.name);
      });
      this.#mainAssignedNames = names;
    }
    return this.#mainAssignedNames.has(name);
  }

  #expression(node: Expression, isLookedAt = false): void {
    switch (node.kind) {
      case 'name':
        return this.#name(node, isLookedAt);
      case 'apply':
        return this.#apply(node);
      case 'member':
        return this.#expression(node.target);
      case 'unary':
        return this.#expression(node.operand);
      case 'binary':
        this.#expression(node.left);
        return this.#expression(node.right);
      case 'interpolation':
        for (const part of node.parts) this.#expression(part);
        return;
      case 'array':
        for (const item of node.items) this.#expression(item);
        return;
      case 'object':
        for (const entry of node.entries) this.#expression(entry.value);
        return;
      case 'operation':
        for (const argument of node.args) this.#expression(argument.value);
        return;
      default:
    }
  }

  #name(node: Name, isLookedAt: boolean): void {
    const builtIn = functionKeywords.get(withoutSuffix(node.name));
    const isBare = builtIn !== undefined && required(builtIn.params ?? '') === 0;
    if (!this.#isKnown(node.name)) {
      const procedure = this.#byName.get(node.name);
      if (procedure && procedure !== this.#current) {
        node.call = { kind: 'procedure', procedure };
        this.#current.calls.add(procedure);
        this.#countArguments(node, procedure.display, 0, 0, procedure.parameters.length, () => formOf(procedure));
        return;
      }
      if (isBare) {
        node.call = { kind: 'function', name: builtIn.name };
        if (errorProperties[builtIn.name]) this.#useError();
        return;
      }
    } else if (isBare && this.#profile === 'bot' && !errorProperties[builtIn.name] && !this.#given.has(node.name))
      node.otherwise = { kind: 'function', name: builtIn.name };
    node.variable = this.#variable(node);
    node.variable.firstRead ??= node.span;
    if (!isLookedAt) node.variable.escapes = true;
  }

  #variable(node: Name): Variable {
    const local = this.#current.variables.get(node.name);
    if (local) return local;
    const isGlobal =
      this.#current.kind === 'MAIN' ||
      (!this.#locals.has(node.name) && (this.#mainNames.has(node.name) || !this.#assignedHere.has(node.name)));
    if (!isGlobal) return makeVariable(this.#current, node.name, node.display, this.#profile);
    const variable = this.#main.variables.get(node.name) ?? makeVariable(this.#main, node.name, node.display, this.#profile);
    if (this.#current.kind !== 'MAIN') variable.isShared = true;
    return variable;
  }

  #apply(node: Apply): void {
    const target = node.target;
    const callee = target.kind === 'name' && node.bracket !== '[' ? this.#callee(target.name) : null;
    node.call = callee;
    if (callee?.kind === 'function' && errorProperties[callee.name]) this.#useError();
    if (!callee) {
      if (target.kind === 'name' && node.bracket !== '[' && !this.#isKnown(target.name)) {
        if (!this.#isScript(target.name)) return this.#unknown(target, node.args);
        becomeScriptCall(node);
        return this.#expression(node);
      }
      if (target.kind === 'name') this.#name(target, true);
      else this.#expression(target);
      if (node.args.length === 0) {
        if (target.kind === 'member') this.#unknownMethod(target.name, target.span);
        else this.#bag.report('expected_expression', node.span, ')');
      }
      for (const argument of node.args) this.#expression(argument);
      return;
    }
    if (callee.kind === 'function' && this.#profile === 'bot') readRowsByName(node, callee.name);
    const looks = callee.kind === 'function' && lookingFunctions.has(callee.name);
    for (const argument of node.args) this.#expression(argument, looks);
    if (callee.kind === 'procedure') {
      this.#current.calls.add(callee.procedure);
      const { procedure } = callee;
      this.#countArguments(node, procedure.display, node.args.length, 0, procedure.parameters.length, () => formOf(procedure));
      return;
    }
    const keyword = functionKeywords.get(callee.name)!;
    const params = keyword.params ?? '';
    const most = params.endsWith('...') ? 1000 : params === '' ? 0 : params.split(' ').length;
    const least = params.endsWith('...') ? 1 : required(params);
    this.#countArguments(node, keyword.name, node.args.length, least, most, () => keyword.syntax);
  }

  #callee(name: string): Apply['call'] {
    const procedure = this.#byName.get(name);
    if (procedure) return { kind: 'procedure', procedure };
    const builtIn = functionKeywords.get(withoutSuffix(name));
    if (!builtIn) return null;
    const isArray = this.#current.variables.get(name)?.isPlainArray || this.#main.variables.get(name)?.isPlainArray;
    return isArray ? null : { kind: 'function', name: builtIn.name };
  }

  #countArguments(node: Expression, name: string, given: number, least: number, most: number, syntax: () => string): void {
    if (given > most) this.#bag.report('too_many_arguments', node.span, name, most, given, syntax());
    else if (given < least) this.#bag.report('too_few_arguments', node.span, name, least, given, syntax());
  }

  #unknown(name: Name, [next]: readonly Expression[] = []): void {
    if (!this.#bag.wants(name.span)) return;
    // Looking for the nearest of hundreds of names is not for a file of noise.
    if (this.#bag.isFull) return;
    const candidates = [
      ...keywords.filter((keyword) => keyword.kind !== 'type').map((keyword) => keyword.name),
      ...[...this.#byName.values()].map((one) => one.display),
      ...[...this.#scripts].map((one) => one.toLowerCase()),
    ];
    const meant = this.#profile === 'bot' ? keywordMeant(name.name, next?.kind === 'name' ? next.name : null) : null;
    const suggestion = meant ?? nearest(name.name, candidates);
    this.#bag.report('unknown_procedure', name.span, name.display, didYouMean(this.#locale, suggestion));
  }

  /** `nmae` read once and `name` assigned: the host cannot be meant. Gives back the names that were warned of. */
  #warnOfMisspellings(): string[] {
    const misspelled: string[] = [];
    // Every unknown name is compared with every known one.
    if (this.#main.variables.size > misspellingNamesMax) return misspelled;
    for (const variable of this.#main.variables.values()) {
      if (variable.isAssigned || !variable.firstRead) continue;
      if (this.#given.has(variable.name) || hostNames.has(variable.name)) continue;
      const known = [...this.#main.variables.values()].filter((other) => other.isAssigned).map((other) => other.display);
      const suggestion = variable.name.length > 3 ? nearest(variable.name, known) : null;
      if (!suggestion) continue;
      misspelled.push(variable.name);
      this.#bag.report('maybe_misspelled', variable.firstRead, variable.display, didYouMean(this.#locale, suggestion));
    }
    return misspelled;
  }
}

/** How a procedure is called, for messages. */
function formOf({ display, parameters }: ProcedureInfo): string {
  return `${display}(${parameters.map((one) => one.display).join(', ')})`;
}

function makeProcedure(
  kind: ProcedureInfo['kind'],
  name: string,
  display: string,
  span: Span,
  body: readonly Statement[],
  index: number,
): ProcedureInfo {
  return {
    kind,
    name,
    display,
    span,
    body,
    isInline: false,
    index,
    parameters: [],
    variables: new Map(),
    calls: new Set(),
    suspends: kind === 'MAIN',
    isRecursive: false,
    labels: new Set(),
    hasGosub: false,
    handles: 'none',
    hidden: {
      gosub: null,
      handler: null,
      handling: null,
      at: null,
      next: null,
      failedAt: null,
      failedNext: null,
      error: null,
      data: null,
    },
    returnType: 'none',
    result: null,
  };
}

function required(params: string): number {
  return params === '' ? 0 : params.split(' ').filter((param) => !param.includes('=')).length;
}

const withoutSuffix = (name: string): string => (name.endsWith('$') ? name.slice(0, -1) : name);
