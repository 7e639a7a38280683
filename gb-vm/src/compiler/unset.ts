import type { Expression, Statement } from './ast.ts';
import type { ProcedureInfo, Variable } from './scope.ts';
import { childrenOf, expressionsOf } from './walk.ts';

/**
 * Finds variables that can be read before they are assigned, by following every path once. Loops are walked with what
 * was assigned before them, which errs on the safe side. A call of a procedure may read any of main's shared variables.
 *
 * What is surely assigned at the present point is kept as one list in the order of assignment (`Assigned`): a path takes
 * back what it added when the next one starts, and where paths meet, what all of them added is added again. Copying a
 * set at each assignment instead would take the square of the number of variables.
 */
export function markUnset(procedure: ProcedureInfo, main: ProcedureInfo): void {
  new PathWalk(procedure, main).run();
}

/** A point in the list to come back to. */
interface Mark {
  readonly length: number;
  readonly floor: number;
}

/**
 * The variables surely assigned: the first `certain` of the list and those from `floor` on. Between them lie the ones that a
 * label hid, until the path it stands on is taken back.
 */
class Assigned {
  readonly #list: Variable[] = [];
  /** By place in the list: the variable's place before, when that one was hidden. */
  readonly #before: number[] = [];
  readonly #places = new Map<Variable, number>();
  #certain = 0;
  #floor = 0;

  has(variable: Variable): boolean {
    const place = this.#places.get(variable) ?? -1;
    return place >= this.#floor || (place >= 0 && place < this.#certain);
  }

  add(variable: Variable | null): void {
    if (!variable || this.has(variable)) return;
    this.#before.push(this.#places.get(variable) ?? -1);
    this.#places.set(variable, this.#list.length);
    this.#list.push(variable);
  }

  mark(): Mark {
    return { length: this.#list.length, floor: this.#floor };
  }

  /** Takes back what came after the mark. */
  goBack(mark: Mark): void {
    while (this.#list.length > mark.length) this.#places.set(this.#list.pop()!, this.#before.pop()!);
    this.#floor = mark.floor;
  }

  /** From now on, what was assigned at the mark is what is certain at any label. */
  keepCertain(mark: Mark): void {
    this.#certain = mark.length;
  }

  /** Only what is certain remains. */
  hide(): void {
    this.#floor = this.#list.length;
  }

  /** What came after the mark and is not hidden. */
  since(mark: Mark): Added {
    return {
      variables: new Set(this.#list.slice(Math.max(mark.length, this.#floor))),
      hasHidden: this.#floor > mark.floor,
    };
  }

  /** Adds what is assigned on each of these paths, which all began here. */
  meet(paths: readonly Added[]): void {
    // A path that hid something has no more than what it added since, so it must say what can be common.
    const first = paths.find((path) => path.hasHidden) ?? paths[0];
    if (!first) return;
    const common = [...first.variables].filter((variable) =>
      paths.every((path) => path.variables.has(variable) || (!path.hasHidden && this.has(variable))),
    );
    if (first.hasHidden) this.hide();
    for (const variable of common) this.add(variable);
  }
}

/** What a path added to the point where it began; `hasHidden` when it also lost what was not certain. */
interface Added {
  readonly variables: ReadonlySet<Variable>;
  readonly hasHidden: boolean;
}

const jumpsAbout: ReadonlySet<Statement['kind']> = new Set(['label', 'goto', 'gosub', 'onGoto', 'onError', 'resume']);

class PathWalk {
  readonly #procedure: ProcedureInfo;
  readonly #assigned = new Assigned();
  /** Main's variables that a procedure uses and that were assigned at every call so far; empty in procedures themselves. */
  #shared: readonly Variable[];
  #depth = 0;
  /** Before the statement at the outside of the procedure that is being followed. */
  #entry: Mark = this.#assigned.mark();
  /** There was a jump or a label; what was assigned on every path before it is certain. */
  #hasJumps = false;

  constructor(procedure: ProcedureInfo, main: ProcedureInfo) {
    this.#procedure = procedure;
    this.#shared = procedure === main ? [...main.variables.values()].filter((variable) => variable.isShared) : [];
  }

  run(): void {
    const { body, result } = this.#procedure;
    const isReached = this.#follow(body);
    if (result && isReached && !this.#assigned.has(result)) result.mayBeUnset = true;
  }

  /** False when the end of the statements is never reached. */
  #follow(body: readonly Statement[]): boolean {
    let isReached = true;
    this.#depth++;
    for (const statement of body) {
      if (this.#depth === 1 && isReached) this.#entry = this.#assigned.mark();
      // A label is reached from anywhere: only what was assigned before the first jump or label is sure.
      if (jumpsAbout.has(statement.kind)) {
        if (!this.#hasJumps) this.#assigned.keepCertain(this.#entry);
        this.#hasJumps = true;
        if (statement.kind === 'label') {
          this.#assigned.hide();
          isReached = true;
        }
      }
      if (isReached) isReached = this.#step(statement);
      else if (this.#hasJumps) this.#stepUnreached(statement);
      // Behind a jump nothing is reached but a label inside a later statement.
      else break;
    }
    this.#depth--;
    return isReached;
  }

  #stepUnreached(statement: Statement): void {
    const mark = this.#assigned.mark();
    this.#assigned.hide();
    this.#step(statement);
    this.#assigned.goBack(mark);
  }

  /** A path that may not be taken, so that what it assigns is not sure behind it; null when its end is never reached. */
  #branch(body: readonly Statement[], variable: Variable | null = null): Added | null {
    const mark = this.#assigned.mark();
    this.#assigned.add(variable);
    const added = this.#follow(body) ? this.#assigned.since(mark) : null;
    this.#assigned.goBack(mark);
    return added;
  }

  /** Goes on with what all paths that come here assigned; false when none does. */
  #meet(paths: readonly (Added | null)[]): boolean {
    const reached = paths.filter((path) => path !== null);
    this.#assigned.meet(reached);
    return reached.length > 0;
  }

  /** False when what follows is not reached from here. */
  #step(statement: Statement): boolean {
    for (const node of expressionsOf(statement)) {
      const isTarget = 'target' in statement && node === statement.target && node.kind === 'name' && statement.kind !== 'with';
      const isCounter = 'variable' in statement && node === statement.variable && statement.kind !== 'looseNext';
      const isGiven = (statement.kind === 'input' || statement.kind === 'read') && node.kind === 'name';
      if (!isGiven && !isTarget && !isCounter) this.#read(node);
    }
    switch (statement.kind) {
      case 'assign':
      case 'hear':
      case 'dim':
        if (statement.target.kind === 'name') this.#assigned.add(statement.target.variable);
        return true;
      case 'input':
      case 'read':
        for (const target of statement.targets) if (target.kind === 'name') this.#assigned.add(target.variable);
        return true;
      case 'if':
        return this.#meet([...statement.branches.map(({ body }) => this.#branch(body)), this.#branch(statement.otherwise)]);
      case 'select':
        return this.#meet([...statement.cases.map(({ body }) => this.#branch(body)), this.#branch(statement.otherwise)]);
      case 'for':
        this.#assigned.add(statement.variable.variable);
        this.#branch(statement.body);
        return true;
      case 'forEach':
        this.#branch(statement.body, statement.variable.variable);
        return true;
      case 'while':
        this.#branch(statement.body);
        return true;
      case 'with':
      case 'include':
        return this.#follow(statement.body);
      case 'try': {
        const handler = statement.variable?.variable ?? null;
        this.#meet([this.#branch(statement.body), this.#branch(statement.handler, handler)]);
        return this.#follow(statement.last);
      }
      case 'looseFor':
        this.#assigned.add(statement.variable.variable);
        return true;
      case 'return':
        return this.#procedure.hasGosub;
      case 'end':
      case 'stop':
      case 'exit':
      case 'continue':
      case 'goto':
      case 'throw':
      case 'resume':
        return false;
      default:
        return true;
    }
  }

  #read(node: Expression): void {
    for (const child of childrenOf(node)) this.#read(child);
    if (node.kind !== 'name' && node.kind !== 'apply') return;
    if (node.kind === 'name') {
      this.#readVariable(node.variable);
      // `week = FIND ...` that found nothing is nothing, and not the week of the year.
      if (node.otherwise && this.#isSurelyGiven(node.variable)) delete node.otherwise;
    }
    if (node.call?.kind !== 'procedure') return;
    this.#shared = this.#shared.filter((variable) => {
      const isAssigned = this.#assigned.has(variable);
      if (!isAssigned) variable.mayBeUnset = true;
      return isAssigned;
    });
    const given = node.kind === 'apply' ? node.args.length : 0;
    for (const parameter of node.call.procedure.parameters.slice(given)) parameter.mayBeUnset = true;
  }

  #isSurelyGiven(variable: Variable | null): boolean {
    if (variable?.owner !== this.#procedure) return false;
    return variable.isParameter || this.#assigned.has(variable);
  }

  #readVariable(variable: Variable | null): void {
    if (!variable || variable.owner !== this.#procedure || variable.isParameter) return;
    if (!this.#assigned.has(variable)) variable.mayBeUnset = true;
  }
}
