import type { Expression } from '../ast.ts';
import { op } from '../wasm/encoder.ts';
import type { Emitter } from './emitter.ts';

/** A counter of a loop around, a small whole number, or what is more or less than another by one of these. */
export function isInteger(e: Emitter, node: Expression): boolean {
  if (node.kind === 'number') return Number.isInteger(node.value) && Math.abs(node.value) <= 1 << 20;
  if (node.kind === 'name') return node.variable !== null && !node.call && e.counters.has(node.variable);
  if (node.kind === 'binary' && node.operator === 'MOD')
    return node.right.kind === 'number' && node.right.value !== 0 && isInteger(e, node.right) && isInteger(e, node.left);
  return (
    node.kind === 'binary' &&
    (node.operator === '+' || node.operator === '-') &&
    node.depth < 8 &&
    isInteger(e, node.left) &&
    isInteger(e, node.right)
  );
}

export function emitInteger(e: Emitter, node: Expression): void {
  if (node.kind === 'number') e.f.i64(BigInt(node.value));
  else if (node.kind === 'name') e.f.get(e.counters.get(node.variable!)!);
  else if (node.kind === 'binary') {
    emitInteger(e, node.left);
    emitInteger(e, node.right);
    e.f.op(node.operator === '+' ? op.i64Add : node.operator === '-' ? op.i64Sub : op.i64RemS);
  }
}
