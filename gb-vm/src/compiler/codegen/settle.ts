import type { Apply, Expression, Hear, Name, Operation } from '../ast.ts';
import { frame, header, status } from '../layout.ts';
import type { ProcedureInfo } from '../scope.ts';
import { i32, op } from '../wasm/encoder.ts';
import type { BlockWriter } from './blocks.ts';
import { wasmType } from './context.ts';
import { loads, stores, temporaryNode } from './emitter.ts';
import { emit } from './expression.ts';

// Calls of suspending procedures inside expressions: each is made on its own, before the rest, in reading order.

/** The same expression with every suspending call done and its value in a variable. */
export function settle(m: BlockWriter, node: Expression): Expression {
  if (!node.suspends) return node;
  switch (node.kind) {
    case 'name':
      return callProcedure(m, node, node.call!, []);
    case 'apply': {
      if (node.call?.kind === 'procedure' && node.call.procedure.suspends)
        return callProcedure(m, node, node.call, settleAll(m, node.args));
      if (node.call?.kind === 'function' && node.call.name === 'IIF') return choice(m, node);
      if (node.call) return { ...node, args: settleAll(m, node.args), suspends: false };
      const [target, ...args] = settleAll(m, [node.target, ...node.args]);
      return { ...node, target: target!, args, suspends: false };
    }
    case 'binary': {
      if ((node.operator === 'AND' || node.operator === 'OR') && node.right.suspends) return shortCircuit(m, node);
      const [left, right] = settleAll(m, [node.left, node.right]);
      return { ...node, left: left!, right: right!, suspends: false };
    }
    case 'unary':
      return { ...node, operand: settle(m, node.operand), suspends: false };
    case 'member':
      return { ...node, target: settle(m, node.target), suspends: false };
    case 'interpolation':
      return { ...node, parts: settleAll(m, node.parts), suspends: false };
    case 'array':
      return { ...node, items: settleAll(m, node.items), suspends: false };
    case 'operation':
      return operation(m, node);
    case 'object': {
      const values = settleAll(
        m,
        node.entries.map((entry) => entry.value),
      );
      return { ...node, entries: node.entries.map(({ key }, index) => ({ key, value: values[index]! })), suspends: false };
    }
    default:
      return node;
  }
}

/** What stands before a suspending call is computed and kept before it, as in any other build. */
export function settleAll(m: BlockWriter, nodes: readonly Expression[]): Expression[] {
  const last = nodes.findLastIndex((node) => node.suspends);
  return nodes.map((node, index) => {
    const settled = settle(m, node);
    return index < last ? hold(m, settled) : settled;
  });
}

export function settleTarget<T extends Hear['target']>(m: BlockWriter, target: T): T {
  return target.suspends ? (settle(m, target) as T) : target;
}

export function hold(m: BlockWriter, node: Expression): Expression {
  if (
    node.kind === 'number' ||
    node.kind === 'text' ||
    node.kind === 'boolean' ||
    node.kind === 'null' ||
    node.kind === 'temporary'
  )
    return node;
  const variable = m.e.temporary(node.type, m.e.identity.roleOf('v', node));
  m.emit(() => {
    emit(m.e, node);
    m.e.set(variable);
  });
  return temporaryNode(variable, node.span);
}

function callProcedure(
  m: BlockWriter,
  node: Name | Apply,
  call: NonNullable<Apply['call']>,
  args: readonly Expression[],
): Expression {
  const e = m.e;
  const { f, context } = e;
  const procedure = (call as { procedure: ProcedureInfo }).procedure;
  const next = m.block();
  e.identity.block(next, e.identity.roleOf('c', node));
  const result = e.temporary(procedure.returnType, e.identity.roleOf('v', node));
  m.emit(() => {
    const held = procedure.parameters.map((parameter, index) => {
      const type = wasmType(parameter.type);
      const local = f.borrow(type);
      const argument = args[index];
      if (argument) e.emitAs(argument, parameter.type);
      else e.initial(parameter.type);
      f.set(local);
      return { type, local };
    });
    const callee = f.borrow(i32);
    f.i32(context.tableSlot(procedure)).i32(e.position(node.span)).call(context.helper('pushFrame')).set(callee);
    held.forEach(({ type, local }, index) => {
      f.get(callee)
        .get(local)
        .memory(stores[type], frame.slots + 8 * index);
      f.release(type, local);
    });
    f.release(i32, callee);
    e.tick(e.position(node.span), null);
    context.noteCall(e.procedure, next.index, e.position(node.span));
    m.suspend(status.called, next);
  });
  m.start(next);
  m.emit(() => {
    f.i32(0).memory(loads[wasmType(procedure.returnType)], header.result);
    e.set(result);
  });
  return temporaryNode(result, node.span);
}

function shortCircuit(m: BlockWriter, node: Expression & { kind: 'binary' }): Expression {
  const isAnd = node.operator === 'AND';
  if (node.type === 'bool')
    return conditional(m, 'bool', node, node.left, isAnd ? node.right : null, isAnd ? null : node.right, !isAnd);
  const left = hold(m, settle(m, node.left));
  return conditional(m, node.type, node, left, isAnd ? node.right : left, isAnd ? left : node.right, false);
}

export function choice(m: BlockWriter, node: Apply): Expression {
  return conditional(m, node.type, node, node.args[0]!, node.args[1]!, node.args[2]!, false);
}

/** `condition ? yes : no` over blocks; a missing side is the constant `otherwise`. */
function conditional(
  m: BlockWriter,
  type: Expression['type'],
  node: Expression,
  condition: Expression,
  yes: Expression | null,
  no: Expression | null,
  otherwise: boolean,
): Expression {
  const e = m.e;
  const result = e.temporary(type, e.identity.roleOf('v', node));
  const other = m.block();
  const end = m.block();
  const test = settle(m, condition);
  m.emit(() => {
    e.emitAs(test, 'bool');
    e.f.op(op.i32Eqz).if();
    m.jump(other);
    e.f.end();
  });
  const side = (value: Expression | null): void => {
    const settled = value && settle(m, value);
    m.emit(() => {
      if (settled) e.emitAs(settled, type);
      else e.f.i32(otherwise ? 1 : 0);
      e.set(result);
      m.jump(end);
    });
  };
  side(yes);
  m.start(other);
  side(no);
  m.start(end);
  return temporaryNode(result, node.span);
}

/** Asks the host and waits: arguments go out as an object, and what comes back lies where results lie. */
function operation(m: BlockWriter, node: Operation): Expression {
  const { e } = m;
  const { f, context } = e;
  const values = settleAll(
    m,
    node.args.map(({ value }) => value),
  );
  const next = m.block();
  const place = e.identity.block(next, e.identity.roleOf('o', node));
  const result = e.temporary('any', e.identity.roleOf('v', node));
  m.emit(() => {
    const entries = node.args.map(({ key }, index) => ({ key, value: values[index]! }));
    f.i32(0);
    emit(e, { kind: 'object', entries, span: node.span, depth: node.depth, type: 'any', suspends: false });
    f.memory(op.i64Store, header.choices);
    const wait = context.hears.push({
      type: 'OPERATION',
      name: node.name,
      isOpen: false,
      hasFallback: false,
      position: context.position(node.span, node.name),
    });
    place.wait = wait;
    f.i32(0).i32(wait).memory(op.i32Store, header.hearing);
    e.tick(e.position(node.span), null);
    m.suspend(status.waiting, next);
  });
  m.start(next);
  m.emit(() => {
    e.result();
    e.set(result);
  });
  return temporaryNode(result, node.span);
}
