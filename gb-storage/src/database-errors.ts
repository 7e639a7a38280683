import { QuotaExceeded } from 'gb-core';
import { GbError } from 'gb-utils';
import { BucketMoved } from './shards/bucket.ts';
import { ChannelElsewhere } from './shards/split/part.ts';

/** A conflict that goes away when the whole transaction runs again: it will then see what the other one committed. */
export class ConflictError extends Error {
  constructor(cause: unknown) {
    super('The transaction met another one and has to run again', { cause });
    this.name = 'ConflictError';
  }
}

const conflicts = new Set(['40001', '40P01']);
/** Unique rules somebody is expected to meet. */
const taken: Readonly<Record<string, readonly [code: string, message: string]>> = {
  users_email: ['email_taken', 'An account with this e-mail exists'],
  users_handle: ['name_taken', 'The handle is in use'],
  channels_name: ['name_taken', 'A channel with this name exists'],
};
const systemErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAGAIN',
]);
/** Said by the driver, without a code. */
const driverWords =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout expired|Query read timeout|Cannot use a pool after calling end)/;

export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

export function constraintOf(error: unknown): string | undefined {
  return (error as { constraint?: string } | null)?.constraint;
}

/** The engine is away or went away: whether a statement on its way took effect is not known. */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof GbError) return error.code === 'unavailable';
  const state = sqlState(error);
  if (state !== undefined)
    return systemErrors.has(state) || state.startsWith('08') || state.startsWith('57P') || state === '53300';
  return error instanceof Error && driverWords.test(error.message);
}

/**
 * What work in a transaction gave that was begun while the transaction was still being opened. When opening failed, the
 * work failed after it, for no better reason than that: who is told hears of the first.
 */
export async function rightFrom<T>(opened: Promise<unknown>, work: Promise<T>): Promise<T> {
  try {
    const result = await work;
    await opened;
    return result;
  } catch (error) {
    await opened;
    throw error;
  }
}

/**
 * What a caller can do something about becomes a GbError with a code of the protocol, the original as its cause. The
 * rest is somebody's mistake and stays as it is.
 */
export function translateError(error: unknown): unknown {
  if (
    error instanceof GbError ||
    error instanceof ConflictError ||
    error instanceof BucketMoved ||
    error instanceof ChannelElsewhere
  )
    return error;
  const cause = error;
  if (isConnectionError(error)) return new GbError('unavailable', 'The database is away', { retryable: true, cause });
  const state = sqlState(error);
  const constraint = constraintOf(error) ?? '';
  switch (state) {
    case '40001': // serialization failure
    case '40P01': // deadlock
      return new ConflictError(cause);
    case '23505': {
      // The same people opened the same direct channel at once, or the same contact came twice: run again, and find it.
      if (constraint === 'channels_direct_key' || constraint === 'users_contact_key') return new ConflictError(cause);
      const known = taken[constraint];
      return known ? new GbError(known[0], known[1], { cause }) : error;
    }
    case 'GB001': // control.enter
      return new BucketMoved(cause);
    case 'GB005': // control.lease_left
      return new GbError('unavailable', 'The database of this customer may not be written now', { retryable: true, cause });
    case 'GB002': // gb.count_use
      return new QuotaExceeded(JSON.parse((error as { detail: string }).detail), { cause });
    case '23503':
      return new GbError('not_found', 'Something this refers to does not exist', { cause });
    case '23514':
      if (constraint === 'channel_heads_elsewhere') return new ChannelElsewhere(cause);
      return constraint.endsWith('_length')
        ? new GbError('too_large', 'A text is too long, or empty', { cause })
        : new GbError('malformed', 'A value is not one of those allowed', { cause });
    case '54000': // an index row too long
    case '22001':
      return new GbError('too_large', 'A text is too long', { cause });
    case '22021': // a zero character
    case '22P05': // the same, escaped, in JSON
    case '22P02': // no UUID, half a surrogate pair in JSON
    case '22003':
    case '22007':
    case '22008':
      return new GbError('malformed', 'A value cannot be stored as it is', { cause });
    case '42501':
      return new GbError('forbidden', 'The database refused: it belongs to another customer', { cause });
    case '55P03':
    case '57014':
      return new GbError('overloaded', 'The database took too long', { retryable: true, cause });
    case '53100':
    case '53200':
      return new GbError('unavailable', 'The database has no room left', { retryable: true, cause });
    default:
      return error;
  }
}

export function isConflict(error: unknown): boolean {
  return error instanceof ConflictError || conflicts.has(sqlState(error) ?? '');
}
