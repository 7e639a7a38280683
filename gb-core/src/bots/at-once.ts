import type { ConversationRow } from '../ports/index.ts';

/**
 * What is to be done at once is written under a time that is long over: a clock that is set back, by an hour or by years,
 * lets nothing wait that was due. Such times keep the order in which they were asked for.
 */
const longAgoMs = 40 * 365 * 86_400_000;

/** The time of what is to be done now, other than the one the row has: so the alarm clock sees that it changed. */
export function atOnce(nowMs: number, previous: Pick<ConversationRow, 'wakeAt'> | null): number {
  return another(nowMs - longAgoMs, previous);
}

/** A time that is not the one it had: the clock takes it for a new alarm, which nobody holds. */
export function another(atMs: number, previous: Pick<ConversationRow, 'wakeAt'> | null): number {
  return previous?.wakeAt === atMs ? atMs + 1 : atMs;
}

/** For people: since when it is due, where it is due at once. */
export function shownWakeAt(wakeAt: number | null, nowMs: number): number | null {
  return wakeAt !== null && wakeAt < nowMs - longAgoMs / 2 ? wakeAt + longAgoMs : wakeAt;
}
