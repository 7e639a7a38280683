import type { Tx } from 'gb-core';
import type { CustomerId } from 'gb-protocol';
import { isUuid } from 'gb-utils';
import type { Sql } from '../../connection.ts';
import type { PartId } from './part.ts';

export interface ParticipantOptions {
  readonly isReadOnly: boolean;
  readonly isRepeated: boolean;
  /** One time for all that belong together. */
  readonly nowMs: number;
}

/** A transaction of one customer, or of one part, in one database, which ends when somebody says so. */
export interface Participant {
  readonly customerId: CustomerId;
  readonly nowMs: number;
  readonly sql: Sql;
  readonly tx: Tx;
  /** Whether it has changed or locked a row. */
  hasWritten(): Promise<boolean>;
  /** It survives its connection and its server from then on, with its locks, until somebody resolves it under this name. */
  prepare(name: string): Promise<void>;
  commit(): Promise<void>;
  /** Never fails: what is not committed is nothing. After the end of the transaction it does nothing. */
  rollback(): Promise<void>;
  /** Tells the relay of this process of the outbox rows it wrote, once they are committed. */
  announce(): void;
}

/** A transaction that was prepared in a database and not resolved. */
export interface Prepared {
  readonly name: string;
  readonly ageMs: number;
}

/** Unique also where two parts are in one database. */
export function preparedName(customerId: CustomerId, transactionId: string, part: PartId): string {
  return `gb:${customerId}:${transactionId}:${part}`;
}

export function readPreparedName(name: string): { customerId: CustomerId; transactionId: string; part: PartId } | null {
  const [prefix, customerId, transactionId, part] = name.split(':');
  if (prefix !== 'gb' || !isUuid(customerId) || !isUuid(transactionId) || !isUuid(part)) return null;
  return { customerId: customerId as CustomerId, transactionId, part: part as PartId };
}
