import type { CustomerId } from 'gb-protocol';
import { backoffMs, GbError, type Logger, sleep, uuidv7 } from 'gb-utils';
import { ConflictError, isConnectionError } from '../../database-errors.ts';
import type { PartId } from './part.ts';
import { type Participant, type ParticipantOptions, preparedName } from './participant.ts';

/** What two-phase commit asks of the databases, wherever customers and parts are at the moment. */
export interface Databases {
  begin(customerId: CustomerId, options: ParticipantOptions): Promise<Participant>;
  /** Ends a prepared transaction of a part. One that is not there any more was resolved by somebody else: that is no error. */
  resolve(part: PartId, name: string, isCommit: boolean): Promise<void>;
}

/** Where a commit over several databases is; tests die there. */
export type CommitStep = 'prepared' | 'deciding' | 'decided' | 'resolved-one' | 'resolved';

export interface TwoPhaseOptions {
  readonly databases: Databases;
  readonly log: Logger;
  readonly onStep?: ((step: CommitStep) => void | Promise<void>) | undefined;
}

/** How long a committed transaction is pressed for its last step; then recovery does it. */
const resolveMsMax = 5_000;
/** How long it is asked what became of a commit whose connection broke. */
const decideMsMax = 10_000;

/**
 * Commits what several transactions of one customer have written, all or none. Each part prepares its transaction: from then
 * on it can be committed whatever dies. The decision is a row at home, in the commit of the home's own transaction: that
 * commit is the moment of truth. Then the parts are told. Whoever finds a prepared transaction without a decision writes a
 * "no" into its place, so a process that was asleep can decide nothing any more.
 */
export async function commitTogether(
  home: Participant,
  parts: readonly Participant[],
  { databases, log, onStep }: TwoPhaseOptions,
): Promise<void> {
  const id = uuidv7();
  const { customerId } = home;
  const nameOf = (part: PartId) => preparedName(customerId, id, part);
  const undo = async () => {
    await home.rollback();
    for (const part of parts) await part.rollback();
    // Those that cannot be told are found by recovery, which has no other answer for them either.
    await Promise.allSettled(parts.map((part) => databases.resolve(part.customerId, nameOf(part.customerId), false)));
  };
  try {
    // One after another, so that none is prepared when the first is refused.
    for (const part of parts) await part.prepare(nameOf(part.customerId));
    await onStep?.('prepared');
    const isOurs = await home.sql.change(
      'insert into split_decisions (customer_id, transaction_id, is_commit, parts) values ($1, $2, true, $3) on conflict do nothing',
      [customerId, id, parts.map((part) => part.customerId)],
    );
    // We were asleep, and taken for dead.
    if (isOurs === 0) throw new ConflictError(new Error('The transaction was given up by somebody else'));
    await onStep?.('deciding');
  } catch (error) {
    await undo();
    throw error;
  }
  try {
    await home.commit();
  } catch (error) {
    if (!isConnectionError(error)) {
      await undo();
      throw error;
    }
    // Decided or not? Whatever stands there now will stand there.
    const isCommit = await decideInTime(databases, customerId, id, error);
    if (!isCommit) {
      await undo();
      throw error;
    }
  }
  await onStep?.('decided');
  const deadlineMs = performance.now() + resolveMsMax;
  const told = await Promise.allSettled(
    parts.map(async (part) => {
      await resolveUntil(databases, part.customerId, nameOf(part.customerId), deadlineMs);
      part.announce();
      await onStep?.('resolved-one');
    }),
  );
  home.announce();
  const failure = told.find((one) => one.status === 'rejected');
  if (failure) log.warn({ err: failure.reason, customerId }, 'A part does not answer; what is committed shows there later');
  await onStep?.('resolved');
}

async function resolveUntil(databases: Databases, part: PartId, name: string, deadlineMs: number): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await databases.resolve(part, name, true);
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
      await sleep(backoffMs(attempt, { baseMs: 20, maxMs: 500 }));
    }
  }
}

async function decideInTime(databases: Databases, customerId: CustomerId, id: string, cause: unknown): Promise<boolean> {
  const deadlineMs = performance.now() + decideMsMax;
  for (let attempt = 0; ; attempt++) {
    try {
      return await decide(databases, customerId, id);
    } catch (error) {
      if (performance.now() <= deadlineMs) {
        await sleep(backoffMs(attempt, { baseMs: 50, maxMs: 1_000 }));
        continue;
      }
      throw outcomeUnknown(error ?? cause);
    }
  }
}

export function outcomeUnknown(cause: unknown): GbError {
  return new GbError('internal', 'The connection broke during the commit: it is not known whether it took effect', {
    retryable: true,
    cause,
  });
}

/**
 * What became of a transaction, for good: the answer that stands there, or a "no" from now on. Waits for a commit that is
 * just on its way.
 */
export async function decide(databases: Databases, customerId: CustomerId, id: string): Promise<boolean> {
  const home = await databases.begin(customerId, { isReadOnly: false, isRepeated: false, nowMs: Date.now() });
  try {
    await home.sql.change(
      `insert into split_decisions (customer_id, transaction_id, is_commit, parts) values ($1, $2, false, '{}') on conflict do nothing`,
      [customerId, id],
    );
    // A statement of its own sees what the insert waited for.
    const row = await home.sql.row<{ is_commit: boolean }>(
      'select is_commit from split_decisions where customer_id = $1 and transaction_id = $2',
      [customerId, id],
    );
    await home.commit();
    return row!.is_commit;
  } catch (error) {
    await home.rollback();
    throw error;
  }
}
