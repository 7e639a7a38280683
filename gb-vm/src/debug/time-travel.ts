import type { CompiledProgram, OperationResult, TurnInput } from 'gb-core';
import { type MigrationRefused, migrateSnapshot } from '../runtime/migrate.ts';
import { Debugger } from './debugger.ts';

/** What is kept of a turn: everything that went into it, so that it can happen again. */
export interface JournalTurn
  extends Pick<TurnInput, 'answer' | 'result' | 'files' | 'isTimedOut' | 'nowMs' | 'seed' | 'variables' | 'locale'> {
  /** Its number in the conversation. */
  readonly turn: number;
  /** null for the start. */
  readonly snapshotBefore: Uint8Array | null;
  /** What the host gave, in the order in which the program asked. */
  readonly results?: readonly OperationResult[];
  readonly utcOffsetMinutes?: number;
}

export interface TimeTravelOptions {
  readonly locale?: 'en' | 'pt-BR';
  readonly limits?: TurnInput['limits'];
}

/** A person steps through it, and nobody else waits. */
const defaultLimits: TurnInput['limits'] = {
  fuelMax: 1_000_000_000,
  wallMsMax: 3_600_000,
  memoryBytesMax: 256 * 1024 * 1024,
  snapshotBytesMax: 256 * 1024 * 1024,
  messagesMax: 100_000,
};

/**
 * A past turn, ready to be run again in the debugger: same snapshot, answer, clock and random numbers, and from the host
 * what it gave then, so nothing happens in the world and the program takes the same way. Where the results end, the turn
 * ends, as it did. `ran` is the program the turn ran in, `stepping` the same scripts by `prepareStepping`.
 */
export function replayTurn(
  journal: readonly JournalTurn[],
  turn: number,
  ran: CompiledProgram,
  stepping: CompiledProgram,
  options: TimeTravelOptions = {},
): Debugger | MigrationRefused {
  const entry = journal.find((one) => one.turn === turn);
  if (!entry) return { reason: { en: `turn ${turn} is not in the journal`, pt: `o turno ${turn} não está no diário` } };
  const { snapshotBefore, results = [], turn: _, ...given } = entry;
  const snapshot = snapshotBefore && migrateSnapshot(snapshotBefore, ran, stepping);
  if (snapshot && 'reason' in snapshot) return snapshot;
  let next = 0;
  const debug = new Debugger(stepping, {
    ...(options.locale ? { locale: options.locale } : {}),
    host: () => results[next++] ?? null,
  });
  debug.begin({ ...given, customerId: 'debugger', snapshot, takesRequests: true, limits: options.limits ?? defaultLimits });
  return debug;
}
