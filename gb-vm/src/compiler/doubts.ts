import type { Binary, BinaryOperator, CaseTest, Expression, Select, Statement } from './ast.ts';
import type { DiagnosticBag } from './diagnostics.ts';
import { hostNames } from './host-names.ts';
import { forgotQuotes } from './messages.ts';
import type { ProcedureInfo } from './scope.ts';
import { childrenOf, eachExpression, eachStatement, expressionsOf } from './walk.ts';

/**
 * Warns of what is right by the grammar and surely not meant: `x = 1 OR 2`, `5 < x < 20`, `CASE 1-5`, `TALK Hello`, a
 * SUB where a value is wanted, a call with values missing. Where a program might mean what it says, nothing is said:
 * a warning that is wrong once is read no more. For the same reason it is only for programs without errors: what a line
 * that could not be read would have given a value looks forgotten elsewhere.
 */
export function warnOfDoubts(procedures: readonly ProcedureInfo[], bag: DiagnosticBag, given: ReadonlySet<string>): void {
  const doubts = new Doubts(bag, given, namesSet(procedures));
  for (const { body } of procedures) eachStatement(body, (statement) => doubts.statement(statement));
}

/** More of them nobody reads, and errors that are found later need their room. */
const doubtsMax = 30;

const comparisons: ReadonlySet<BinaryOperator> = new Set(['=', '<>', '<', '>', '<=', '>=']);
const orders: ReadonlySet<BinaryOperator> = new Set(['<', '>', '<=', '>=']);

class Doubts {
  readonly #bag: DiagnosticBag;
  readonly #given: ReadonlySet<string>;
  readonly #set: ReadonlySet<string>;
  readonly #needed = new Map<ProcedureInfo, number>();
  #count = 0;

  constructor(bag: DiagnosticBag, given: ReadonlySet<string>, set: ReadonlySet<string>) {
    this.#bag = bag;
    this.#given = given;
    this.#set = set;
  }

  statement(statement: Statement): void {
    if (this.#count >= doubtsMax) return;
    if (statement.kind === 'talk') this.#word(statement.value);
    if (statement.kind === 'hear' && (statement.menu?.length ?? 0) > 1)
      for (const choice of statement.menu ?? []) this.#word(choice);
    const tests = statement.kind === 'select' ? testsOf(statement) : [];
    for (const test of tests) this.#test(test);
    const doubted = new Set(tests.flatMap((test) => ('value' in test ? [test.value] : [])));
    for (const node of expressionsOf(statement)) {
      const isStatement = statement.kind === 'call' && node === statement.value;
      this.#expression(node, isStatement, doubted.has(node));
    }
  }

  /** `isCalled`: the value is what a statement calls. `isTest`: it stands after CASE, where there are other words for it. */
  #expression(node: Expression, isCalled: boolean, isTest = false): void {
    if (node.kind === 'binary') {
      if (!isTest) this.#joined(node);
      this.#chained(node);
    } else if (node.kind === 'operation') this.#handed(node);
    else if ((node.kind === 'name' || node.kind === 'apply') && node.call?.kind === 'procedure') {
      const { procedure } = node.call;
      if (procedure.kind === 'SUB' && !isCalled) this.#warn('sub_has_no_value', node, procedure.display);
      this.#missing(node, procedure, node.kind === 'apply' ? node.args.length : 0);
    }
    for (const child of childrenOf(node)) {
      const isCallee = node.kind === 'apply' && child === node.target && node.call !== null;
      if (!isCallee) this.#expression(child, false);
    }
  }

  /** `TALK Hello`: a lone word that nobody gives a value. */
  #word(value: Expression): void {
    if (value.kind !== 'name' || value.call || value.otherwise || !value.variable) return;
    const { variable } = value;
    if (variable.isAssigned || variable.isHidden) return;
    if (hostNames.has(value.name) || this.#given.has(value.name) || this.#set.has(value.name)) return;
    if (/[$%_\d]/.test(value.name)) return;
    this.#warn('maybe_misspelled', value, value.display, forgotQuotes(this.#bag.locale));
  }

  /** A number or text alone beside AND and OR, when a comparison stands on the other side. */
  #joined(node: Binary): void {
    if (node.operator !== 'OR' && node.operator !== 'AND') return;
    for (const [side, other] of [
      [node.right, node.left],
      [node.left, node.right],
    ] as const) {
      const comparison = nearestComparison(other, side === node.right);
      if (!isLiteral(side) || !comparison) continue;
      const name = shownAs(comparison.left) ?? 'x';
      const sign = comparison.operator;
      const right = shownAs(comparison.right) ?? '1';
      const [first, second] = side === node.right ? [right, shownAs(side)] : [shownAs(side), right];
      this.#warn(
        'value_beside_condition',
        side,
        shownAs(side)!,
        node.operator,
        `${name} ${sign} ${first} ${node.operator} ${name} ${sign} ${second}`,
      );
      return;
    }
  }

  /** `5 < x < 20`: the second comparison gets the yes or no of the first. */
  #chained(node: Binary): void {
    if (!comparisons.has(node.operator)) return;
    const left = isComparison(node.left) ? node.left : null;
    const right = isComparison(node.right) ? node.right : null;
    const inner = left ?? right;
    if (!inner) return;
    const other = left ? node.right : node.left;
    // Whether two comparisons come out alike is a fair question, and 1 and 0 are how some write yes and no.
    const isMeant = other.kind === 'number' ? Math.abs(other.value) <= 1 : other.kind !== 'text';
    if (!orders.has(node.operator) && isMeant) return;
    const parts = left
      ? [shownAs(left.left), left.operator, shownAs(left.right), node.operator, shownAs(node.right)]
      : [shownAs(node.left), node.operator, shownAs(inner.left), inner.operator, shownAs(inner.right)];
    const [a, one, b, two, c] = parts.every((part) => part !== null) ? parts : ['5', '<', 'x', '<', '20'];
    this.#warn('comparison_of_comparison', node, `${a} ${one} ${b} AND ${b} ${two} ${c}`);
  }

  #test(test: CaseTest): void {
    if (test.kind !== 'compare' || test.operator !== '=') return;
    const { value } = test;
    if (value.kind !== 'binary') return;
    const { left, right, operator } = value;
    if (operator === 'OR' || operator === 'AND') {
      const values = alternatives(value);
      if (values.every((one) => shownAs(one) !== null) && values.some(isLiteral))
        this.#warn('case_joined', value, operator, values.map(shownAs).join(', '));
    } else if (operator === '-' && left.kind === 'number' && right.kind === 'number' && left.value < right.value)
      this.#warn('case_minus', value, shownAs(left)!, shownAs(right)!, left.value - right.value);
  }

  /** `FIND "orders", total = 5`: what is given is the yes or no of a comparison. */
  #handed(node: Extract<Expression, { kind: 'operation' }>): void {
    if (!['FIND', 'UPDATE', 'DELETE'].includes(node.name)) return;
    for (const { key, value } of node.args) {
      const values = key === 'filters' && value.kind === 'array' ? value.items : [value];
      if (key !== 'filter' && key !== 'filters' && key !== 'row') continue;
      for (const one of values)
        if (isComparison(one) && one.left.kind === 'name')
          this.#warn('comparison_given', one, node.name, key === 'row' ? 'SET' : 'WHERE');
    }
  }

  #missing(node: Expression, procedure: ProcedureInfo, count: number): void {
    const { parameters, display } = procedure;
    if (count >= parameters.length || procedure.isInline || count >= this.#neededBy(procedure)) return;
    const form = `${display}(${parameters.map((one) => one.display).join(', ')})`;
    this.#warn('values_missing', node, display, parameters.length, count, form);
  }

  /** How many values it cannot do without: parameters it asks about, or gives a value itself, may be left out. */
  #neededBy(procedure: ProcedureInfo): number {
    const known = this.#needed.get(procedure);
    if (known !== undefined) return known;
    const found = new Set<string>();
    const add = (node: Expression | undefined): void => {
      if (node?.kind === 'name') found.add(node.name);
    };
    eachStatement(procedure.body, (statement) => {
      if ('target' in statement) add(statement.target);
      if (statement.kind === 'if') for (const { condition } of statement.branches) add(condition);
    });
    eachExpression(procedure.body, (node) => {
      if (node.kind === 'unary' && node.operator === 'NOT') add(node.operand);
      else if (node.kind === 'binary' && isNothing(node.right)) add(node.left);
      else if (node.kind === 'binary' && isNothing(node.left)) add(node.right);
      else if (node.kind === 'apply' && node.call?.kind === 'function' && asking.has(node.call.name)) add(node.args[0]);
    });
    const needed = procedure.parameters.findLastIndex(({ name }) => !found.has(name)) + 1;
    this.#needed.set(procedure, needed);
    return needed;
  }

  #warn(code: DoubtCode, node: Expression, ...args: readonly (string | number)[]): void {
    if (this.#count++ < doubtsMax) this.#bag.report(code, node.span, ...args);
  }
}

type DoubtCode =
  | 'maybe_misspelled'
  | 'value_beside_condition'
  | 'comparison_of_comparison'
  | 'case_joined'
  | 'case_minus'
  | 'comparison_given'
  | 'sub_has_no_value'
  | 'values_missing';

const asking: ReadonlySet<string> = new Set(['ISNULL', 'ISEMPTY', 'TYPEOF', 'IIF', 'COALESCE', 'NVL']);

const isNothing = (node: Expression): boolean => node.kind === 'null' || (node.kind === 'text' && node.value === '');
const isLiteral = (node: Expression): boolean => node.kind === 'number' || node.kind === 'text';
const isComparison = (node: Expression): node is Binary => node.kind === 'binary' && comparisons.has(node.operator);

/** `SELECT CASE TRUE` chooses the first condition that holds. */
function testsOf({ value, cases }: Select): readonly CaseTest[] {
  return value.kind === 'boolean' ? [] : cases.flatMap(({ tests }) => tests);
}

/** The comparison a lone value beside it was meant to go on with: the last one before it, the first one behind it. */
function nearestComparison(node: Expression, isBefore: boolean): Binary | null {
  let at = node;
  while (at.kind === 'binary' && (at.operator === 'OR' || at.operator === 'AND')) {
    const near: Expression = isBefore ? at.right : at.left;
    // `x = 1 OR 2 OR 3`: the 2 has its own warning.
    at = isLiteral(near) ? (isBefore ? at.left : at.right) : near;
  }
  return isComparison(at) ? at : null;
}

/** The values that OR and AND join, from left to right. */
function alternatives(node: Expression): Expression[] {
  if (node.kind !== 'binary' || (node.operator !== 'OR' && node.operator !== 'AND')) return [node];
  return [...alternatives(node.left), ...alternatives(node.right)];
}

const shownMax = 20;

/** A short value as the source writes it; null for what is not short. */
function shownAs(node: Expression): string | null {
  if (node.kind === 'number') return String(node.value);
  if (node.kind === 'name') return node.display.length > shownMax ? null : node.display;
  return node.kind === 'text' ? `"${node.value.slice(0, shownMax)}"` : null;
}

/** Names that SET and its like may give a value under: every word and text in such an operation. */
function namesSet(procedures: readonly ProcedureInfo[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { body } of procedures)
    eachExpression(body, (node) => {
      if (node.kind !== 'operation' || !node.name.startsWith('SET')) return;
      for (const { value } of node.args) {
        if (value.kind === 'name') names.add(value.name);
        else if (value.kind === 'text') names.add(value.value.toUpperCase());
      }
    });
  return names;
}
