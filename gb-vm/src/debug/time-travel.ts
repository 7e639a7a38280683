import type { CompiledProgram, JournalEntry, TurnInput } from 'gb-core';
import { type MigrationRefused, migrateSnapshot } from '../runtime/migrate.ts';
import { Debugger } from './debugger.ts';

/** What is kept of a turn: everything that went into it, so that it can happen again. */
export type JournalTurn = Pick<JournalEntry, 'turn' | 'cause' | 'snapshot' | 'input'>;

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
  const { cause, input } = entry;
  const { results, answer, result, files, ...given } = input;
  if (!results)
    return {
      reason: {
        en: `what the host gave in turn ${turn} was too much to keep`,
        pt: `o que o anfitrião devolveu no turno ${turn} era grande demais para guardar`,
      },
    };
  const snapshot = entry.snapshot && migrateSnapshot(entry.snapshot, ran, stepping);
  if (snapshot && 'reason' in snapshot) return snapshot;
  let next = 0;
  const debug = new Debugger(stepping, {
    ...(options.locale ? { locale: options.locale } : {}),
    host: ({ name }) => (results[next]?.name === name ? results[next++]!.result : null),
  });
  debug.begin({
    ...given,
    customerId: 'debugger',
    snapshot,
    answer: cause === 'answer' ? answer : null,
    ...(cause === 'answer' && files ? { files } : {}),
    ...(cause === 'result' ? { result } : {}),
    ...(cause === 'timeout' ? { isTimedOut: true } : {}),
    takesRequests: true,
    limits: options.limits ?? defaultLimits,
  });
  return debug;
}
