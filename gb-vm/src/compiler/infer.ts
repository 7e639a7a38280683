import type { Expression, Hear, Statement, Target } from './ast.ts';
import type { BoundProgram } from './bind.ts';
import type { Variable } from './scope.ts';
import { joinTypes, type Type, typeOf } from './types.ts';
import { markUnset } from './unset.ts';
import { childrenOf, eachExpression, eachStatement } from './walk.ts';

/**
 * Works out the type of every variable, parameter and result by iterating to a fixed point: all start as `none`, each
 * assignment joins its value's type in, and types only ever grow, so this ends after at most three rounds per variable.
 * A variable that can be read before it is assigned must be able to hold null and is therefore `any` (see `markUnset`).
 */
export function inferTypes(program: BoundProgram): void {
  for (const procedure of program.procedures) markUnset(procedure, program.main);
  for (const procedure of program.procedures) {
    for (const variable of procedure.variables.values()) {
      if (variable.isHidden) continue;
      if (variable.forced) variable.type = variable.forced === 'str' ? 'str' : 'num';
      else if (!variable.isAssigned || variable.mayBeUnset) variable.type = 'any';
    }
  }
  let order = [...program.procedures];
  let rounds = 0;
  for (let isChanged = true; isChanged; ) {
    isChanged = false;
    if (++rounds > roundsMax) return forget(program);
    // Going through the procedures in turn from both ends carries a type along a chain of calls in two rounds.
    order = order.reverse();
    const grow = (variable: Variable | null, type: Type): void => {
      if (!variable || variable.forced || variable.isHidden) return;
      const joined = joinTypes(variable.type, type);
      if (joined !== variable.type) {
        variable.type = joined;
        isChanged = true;
      }
    };
    for (const procedure of order) {
      eachExpression(procedure.body, (node) => {
        node.type = typeOf(node);
        if (node.kind === 'apply' && node.call?.kind === 'procedure') {
          for (const [index, parameter] of node.call.procedure.parameters.entries())
            grow(parameter, node.args[index]?.type ?? 'any');
        } else if (node.kind === 'name' && node.call?.kind === 'procedure') {
          for (const parameter of node.call.procedure.parameters) grow(parameter, 'any');
        }
      });
      let returns: Type = alwaysLeaves(procedure.body) ? 'none' : (procedure.result?.type ?? 'any');
      eachStatement(procedure.body, (statement) => {
        growTargets(statement, grow);
        if (statement.kind === 'return') returns = joinTypes(returns, statement.value?.type ?? 'any');
        else if (statement.kind === 'exit' && statement.what === 'FUNCTION')
          returns = joinTypes(returns, procedure.result?.type ?? 'any');
      });
      const joined = joinTypes(procedure.returnType, returns);
      if (joined !== procedure.returnType) {
        procedure.returnType = joined;
        isChanged = true;
      }
    }
  }
  settle(program);
}

/** Nobody writes a program that takes so many rounds; one made to do so simply gets no types. */
const roundsMax = 60;

function forget(program: BoundProgram): void {
  for (const procedure of program.procedures) {
    procedure.returnType = 'any';
    for (const variable of procedure.variables.values()) if (!variable.forced && !variable.isHidden) variable.type = 'any';
  }
  settle(program);
}

/** What nothing was ever seen in can still be reached in a program nobody calls: treat it as `any`. */
function settle(program: BoundProgram): void {
  const solid = (type: Type): Type => (type === 'none' ? 'any' : type);
  for (const procedure of program.procedures) {
    procedure.returnType = procedure.returnType === 'nums' ? 'any' : solid(procedure.returnType);
    for (const variable of procedure.variables.values()) variable.type = solid(variable.type);
  }
  for (const procedure of program.procedures) {
    eachExpression(procedure.body, (node) => {
      node.type = solid(typeOf(node));
      node.suspends =
        childrenOf(node).some((child) => child.suspends) ||
        node.kind === 'operation' ||
        ((node.kind === 'apply' || node.kind === 'name') && node.call?.kind === 'procedure' && node.call.procedure.suspends);
    });
  }
}

const hearTypes: Readonly<Record<string, Type>> = {
  INTEGER: 'num',
  NUMBER: 'num',
  FLOAT: 'num',
  MONEY: 'num',
  BOOLEAN: 'bool',
  // A file, which is an object; or its name or address, where people can only write.
  FILE: 'any',
  DOCUMENT: 'any',
  IMAGE: 'any',
  AUDIO: 'any',
  VIDEO: 'any',
  QRCODE: 'any',
};

export function hearType(statement: Hear): Type {
  return hearTypes[statement.type] ?? 'str';
}

function growTargets(statement: Statement, grow: (variable: Variable | null, type: Type) => void): void {
  switch (statement.kind) {
    case 'assign':
    case 'hear': {
      const target = statement.target;
      if (target.kind === 'name')
        return grow(
          target.variable,
          statement.kind === 'hear' ? hearType(statement) : statement.value.type === 'nums' ? 'any' : statement.value.type,
        );
      return growBase(target, statement.kind === 'hear' ? hearType(statement) : statement.value.type, grow);
    }
    case 'with':
      return growBase(statement.target, 'any', grow);
    case 'for':
    case 'looseFor':
      return grow(statement.variable.variable, 'num');
    case 'looseNext':
      return grow(statement.variable.variable, 'num');
    case 'input':
    case 'read':
      for (const target of statement.targets) growTarget(target, givenType(target), grow);
      return;
    case 'swap':
      growTarget(statement.left, statement.right.type === 'nums' ? 'any' : statement.right.type, grow);
      return growTarget(statement.right, statement.left.type === 'nums' ? 'any' : statement.left.type, grow);
    case 'try':
      return grow(statement.variable?.variable ?? null, 'any');
    case 'forEach':
      return grow(statement.variable.variable, statement.list.type === 'nums' ? 'num' : 'any');
    case 'dim': {
      const variable = statement.target.variable;
      if (statement.value) return grow(variable, statement.value.type);
      if (statement.sizes.length > 0)
        return grow(variable, variable?.isPlainArray && !variable.escapes && !variable.name.endsWith('$') ? 'nums' : 'any');
      return grow(variable, dimType(statement.typeName));
    }
    default:
  }
}

function growTarget(target: Target, type: Type, grow: (variable: Variable | null, type: Type) => void): void {
  if (target.kind === 'name') grow(target.variable, type);
  else growBase(target, type, grow);
}

/**
 * What INPUT and READ put into a target: a text for a `$` name, a number for a name or array that holds numbers, and
 * for others whatever the answer reads as.
 */
export function givenType(target: Target): Type {
  let base: Expression = target;
  while (base.kind === 'apply' || base.kind === 'member') base = base.target;
  if (base.kind !== 'name') return 'any';
  if (/\$(\(\))?$/.test(base.name)) return 'str';
  return base.variable?.forced || base.name.endsWith('()') ? 'num' : 'any';
}

/** An element given a number leaves an array of numbers what it is; anything else makes its holder `any`. */
function growBase(target: Expression, value: Type, grow: (variable: Variable | null, type: Type) => void): void {
  let base = target;
  while (base.kind === 'apply' || base.kind === 'member') base = base.target;
  if (base.kind !== 'name' || !base.variable) return;
  if (target.kind === 'apply' && target.target === base && target.args.length === 1) {
    const holder = base.variable.type;
    if (holder === 'none' || value === 'none') return;
    if (holder === 'nums' && value === 'num' && target.args[0]!.type !== 'str') return;
  }
  grow(base.variable, 'any');
}

export function dimType(typeName: string | null): Type {
  if (typeName === null) return 'any';
  if (['INTEGER', 'NUMBER', 'FLOAT', 'DOUBLE', 'SINGLE', 'LONG', 'MONEY'].includes(typeName)) return 'num';
  if (['STRING', 'TEXT', 'EMAIL', 'DATE', 'NAME', 'PHONE', 'URL'].includes(typeName)) return 'str';
  return typeName === 'BOOLEAN' ? 'bool' : 'any';
}

/** Whether control can never run off the end of these statements. */
export function alwaysLeaves(body: readonly Statement[]): boolean {
  return body.some((statement) => {
    if (['return', 'end', 'stop', 'goto', 'throw', 'resume'].includes(statement.kind)) return true;
    if (statement.kind === 'if')
      return (
        statement.otherwise.length > 0 &&
        alwaysLeaves(statement.otherwise) &&
        statement.branches.every((branch) => alwaysLeaves(branch.body))
      );
    if (statement.kind === 'include' || statement.kind === 'with') return alwaysLeaves(statement.body);
    return false;
  });
}
