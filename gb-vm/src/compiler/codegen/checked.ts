import type { Expression } from '../ast.ts';
import type { Emitter } from './emitter.ts';

/** Outside `bot`, a result too large is reported, replaced by the largest number, and the program goes on (ECMA-55, 8.4). */
export function emitChecked(e: Emitter, node: Expression): void {
  if (e.context.profile === 'bot') return;
  e.f.i32(e.position(node.span)).call(e.context.helper('checked'));
}
