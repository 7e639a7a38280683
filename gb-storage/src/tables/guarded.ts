import type { Sql } from '../connection.ts';
import { isForCaller } from './refusals.ts';

/** How long one statement on a table of a bot may take: less than a turn waits, and far less than a statement of ours. */
export const tableStatementMsMax = 5_000;
const statementMsMax = 30_000;

/**
 * Runs statements that may be refused: then only they are undone, and the transaction goes on. PostgreSQL would give up
 * all of a transaction for one duplicate key, and with it the turn of a bot whose script expected it.
 */
export async function guarded<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  // Statements run in the order they were sent, so these need not be waited for: what follows fails if they do.
  const opened = Promise.all([sql.once('savepoint gb_call'), sql.once(`set local statement_timeout = ${tableStatementMsMax}`)]);
  opened.catch(() => {}); // Told below.
  try {
    const result = await work();
    await opened;
    await Promise.all([sql.once(`set local statement_timeout = ${statementMsMax}`), sql.once('release savepoint gb_call')]);
    return result;
  } catch (error) {
    if (isForCaller(error)) throw error;
    // Also takes back the time limit.
    await sql.once('rollback to savepoint gb_call');
    await sql.once('release savepoint gb_call');
    throw error;
  }
}
