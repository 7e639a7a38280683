import type { ConversationRow, ParkedState } from '../ports/index.ts';
import { atOnce } from './at-once.ts';

/** What cannot be run is put aside, with all it has; its state says where it stood. */
export function parked(row: ConversationRow): ConversationRow {
  const { status, wakeAt } = row;
  if (status === 'parked') return row;
  return { ...row, status: 'parked', wakeAt: null, state: { ...row.state, parked: { status, wakeAt } } };
}

/**
 * Where it stood before it was parked. One that waited for an event or a person goes on waiting, with the time limit it
 * had, unless what it waited for came meanwhile.
 */
export function unparked(row: ConversationRow, nowMs: number): ConversationRow {
  const { parked: before, ...state } = row.state;
  const status = before?.status ?? statusOf(row);
  const limitAt = before ? before.wakeAt : nowMs;
  const isDue = (limitAt !== null && limitAt <= nowMs) || hasToGoOn(row, status);
  return { ...row, state, status, failures: 0, wakeAt: isDue ? atOnce(nowMs, row) : limitAt };
}

function hasToGoOn({ result, inbox }: ConversationRow, status: ParkedState['status']): boolean {
  if (status === 'asking' || status === 'handed') return result !== null;
  return status === 'starting' || inbox.length > 0;
}

/** Of one that was parked before its state said so: the rest of the row tells it. */
function statusOf({ request, snapshot, kind, waitsFor }: ConversationRow): ParkedState['status'] {
  if (waitsFor?.startsWith('handed:')) return 'handed';
  if (request !== null) return 'asking';
  if (snapshot !== null) return 'waiting';
  return kind === 'dialog' ? 'finished' : 'starting';
}
