import type { Statement } from './ast.ts';
import type { ProcedureInfo } from './scope.ts';
import { eachExpression, someStatement } from './walk.ts';

/** Statements that wait, or that jump between blocks: either way their procedure becomes a state machine. */
const blockStatements: ReadonlySet<Statement['kind']> = new Set([
  'hear',
  'input',
  'label',
  'goto',
  'gosub',
  'onGoto',
  'looseFor',
  'looseNext',
  'onError',
  'resume',
  'try',
]);

export function needsBlocks(statement: Statement): boolean {
  return blockStatements.has(statement.kind);
}

/** A procedure suspends when it waits, jumps or asks the host for something, or calls one that does: spread from callee to caller. */
export function markSuspending(procedures: readonly ProcedureInfo[]): void {
  const callers = new Map<ProcedureInfo, ProcedureInfo[]>();
  const waiting: ProcedureInfo[] = [];
  for (const procedure of procedures) {
    if (someStatement(procedure.body, needsBlocks) || hasOperation(procedure)) waiting.push(procedure);
    for (const callee of procedure.calls) {
      const known = callers.get(callee);
      if (known) known.push(procedure);
      else callers.set(callee, [procedure]);
    }
  }
  for (const procedure of waiting) procedure.suspends = true;
  for (let one = waiting.pop(); one; one = waiting.pop()) {
    for (const caller of callers.get(one) ?? []) {
      if (caller.suspends) continue;
      caller.suspends = true;
      waiting.push(caller);
    }
  }
}

function hasOperation(procedure: ProcedureInfo): boolean {
  let found = false;
  eachExpression(procedure.body, (node) => {
    found ||= node.kind === 'operation';
  });
  return found;
}

/**
 * A procedure is recursive when it lies on a cycle of calls: Tarjan's strongly connected components, with an own stack
 * because call chains may be long.
 */
export function markRecursive(procedures: readonly ProcedureInfo[]): void {
  const order = new Map<ProcedureInfo, number>();
  const lowest = new Map<ProcedureInfo, number>();
  const open: ProcedureInfo[] = [];
  const isOpen = new Set<ProcedureInfo>();
  for (const root of procedures) {
    if (order.has(root)) continue;
    const path: { procedure: ProcedureInfo; rest: Iterator<ProcedureInfo> }[] = [];
    const enter = (procedure: ProcedureInfo): void => {
      order.set(procedure, order.size);
      lowest.set(procedure, order.get(procedure)!);
      open.push(procedure);
      isOpen.add(procedure);
      path.push({ procedure, rest: procedure.calls.values() });
    };
    enter(root);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const { procedure } = top;
      const next = top.rest.next();
      if (!next.done) {
        const callee = next.value;
        if (callee === procedure) procedure.isRecursive = true;
        if (!order.has(callee)) enter(callee);
        else if (isOpen.has(callee)) lowest.set(procedure, Math.min(lowest.get(procedure)!, order.get(callee)!));
        continue;
      }
      path.pop();
      const caller = path.at(-1)?.procedure;
      if (caller) lowest.set(caller, Math.min(lowest.get(caller)!, lowest.get(procedure)!));
      if (lowest.get(procedure) !== order.get(procedure)) continue;
      const cycle = open.splice(open.lastIndexOf(procedure));
      for (const member of cycle) {
        isOpen.delete(member);
        if (cycle.length > 1) member.isRecursive = true;
      }
    }
  }
}
