import type { ConversationId } from 'gb-protocol';
import type { ConversationRow, ConversationState, PlainValue, Tx } from '../ports/index.ts';
import { atOnce } from './at-once.ts';

/**
 * Runs that one conversation started side by side and waits for together. What waits keeps the list in its own row, and
 * each run that ends marks itself there: two that end at once meet at that row, so one of them is the last.
 */
export interface Branch {
  readonly name: string;
  readonly run: ConversationId;
  readonly isDone: boolean;
}

export function branchesOf(state: ConversationState): readonly Branch[] {
  const list = state.people?.['branches'];
  return Array.isArray(list) ? (list as unknown as readonly Branch[]) : [];
}

export function setBranches(state: ConversationState, branches: readonly Branch[]): void {
  const { branches: _, ...rest } = state.people ?? {};
  state.people = branches.length === 0 ? rest : { ...rest, branches: branches as unknown as PlainValue };
}

/** A state as an operation outside left it, with the branches as they are now: some may have ended while it was done. */
export function withBranchesOf(now: ConversationState, left: ConversationState): ConversationState {
  const state = { ...left };
  setBranches(state, branchesOf(now));
  return state;
}

export const joinEvent = (id: ConversationId): string => `join:${id}`;

/** What the branches gave back, by their names; of one that failed, an object with its `error`. */
export async function valuesOf(tx: Tx, branches: readonly Branch[]): Promise<PlainValue> {
  const values: Record<string, PlainValue> = {};
  for (const { name, run } of branches) {
    const result = (await tx.conversations.get(run))?.result;
    values[name] = !result
      ? null
      : 'value' in result
        ? result.value
        : { error: 'error' in result ? result.error : 'unavailable' };
  }
  return values;
}

/** A run ended: marks it where it is waited for. False when that changed meanwhile, and all has to be done again. */
export async function endBranch(tx: Tx, run: ConversationRow, nowMs: number): Promise<boolean> {
  const joins = run.state.run?.joins;
  const parent = joins === undefined ? null : await tx.conversations.get(joins);
  if (!parent) return true;
  const branches = branchesOf(parent.state).map((one) => (one.run === run.id ? { ...one, isDone: true } : one));
  const state = structuredClone(parent.state);
  setBranches(state, branches);
  const isLast = parent.waitsFor === joinEvent(parent.id) && branches.every(({ isDone }) => isDone);
  if (!isLast) return tx.conversations.save({ ...parent, state }, parent);
  const value = await valuesOf(tx, branches);
  setBranches(state, []);
  // Now, also when a time limit was to wake it later.
  return tx.conversations.save({ ...parent, state, result: { value }, waitsFor: null, wakeAt: atOnce(nowMs, parent) }, parent);
}
