import { closeCodes } from 'gb-protocol';
import type { Connection } from './connection.ts';

/** Connections of this process that are asked in a second to come back: where they come back has to take them all. */
export const returnsPerSecond = 500;
/** How long a client has, from the moment it was asked to go, to be somewhere else before its socket is closed: of the deadline. */
const graceShare = 0.25;
/** How long what was asked of us may take to be answered after that. */
const answersMsMax = 5_000;
const lookMs = 25;
/** Told in one turn of the loop. */
const sliceMax = 500;

export interface DrainOptions {
  /** All are gone or closed by then. 0: nobody else takes them, so there is no use in waiting for more than the answers. */
  readonly deadlineMs: number;
}

/**
 * Empties a gateway. Each client is told a moment of its own to come back, at an even rate over all of them; one that
 * can opens its next connection then and leaves this one by itself. Who is still here a little later, or at the
 * deadline, is closed with a code that means "come back", after its answers went out.
 */
export async function drain(connections: ReadonlySet<Connection>, { deadlineMs }: DrainOptions): Promise<void> {
  const startedMs = performance.now();
  const leaveByMs = new Map<Connection, number>();
  const all = [...connections];
  const spacingMs = spacing(all.length, deadlineMs);
  for (const [i, connection] of all.entries()) {
    const afterMs = Math.floor(i * spacingMs);
    connection.send({ type: 'drain', reconnectAfterMs: afterMs });
    leaveByMs.set(connection, startedMs + (deadlineMs === 0 ? 0 : Math.min(afterMs + deadlineMs * graceShare, deadlineMs)));
    if (i % sliceMax === sliceMax - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  while (connections.size > 0) {
    const nowMs = performance.now();
    for (const connection of connections) {
      // Who only opens a socket now has nothing to lose.
      const dueMs = leaveByMs.get(connection) ?? 0;
      if (nowMs < dueMs || (connection.inFlight > 0 && nowMs < Math.max(dueMs, startedMs) + answersMsMax)) continue;
      if (connection.isClosing && nowMs > startedMs + deadlineMs + answersMsMax) connection.ws.terminate();
      else connection.close(closeCodes.goingAway, 'restarting');
    }
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

/** Between two that come back: even and at the rate, or closer together when the deadline leaves no time for that. */
export function spacing(count: number, deadlineMs: number): number {
  const spacingMs = 1_000 / returnsPerSecond;
  if (deadlineMs === 0 || count === 0) return spacingMs;
  return Math.min(spacingMs, (deadlineMs * (1 - graceShare)) / count);
}
