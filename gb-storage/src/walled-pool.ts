import type { CustomerId } from 'gb-protocol';
import { assert, GbError, isUuid, type Logger } from 'gb-utils';
import type { PoolConfig } from 'pg';
import pg from 'pg';
import { connectionConfig, Sql } from './connection.ts';
import { isConnectionError, rightFrom, translateError } from './database-errors.ts';
import { confirmLease, type Fence } from './shards/bucket.ts';

export interface WalledPoolOptions {
  readonly connectionsMax: number;
  readonly log: Logger;
  /** Of a database that is one of several: work for a customer who is elsewhere fails with `BucketMoved`. */
  readonly fence?: Fence | undefined;
  /** Operations that may wait for a connection; the next one is refused with `overloaded`. */
  readonly waitingMax?: number;
}

/** A few connections of their own for work that must not take those of the store, each transaction behind the wall of a customer. */
export class WalledPool {
  readonly #pool: pg.Pool;
  readonly #fence: Fence | undefined;
  readonly #waitingMax: number;
  #closed: Promise<void> | null = null;

  constructor(app: PoolConfig, { connectionsMax, log, fence, waitingMax = 1_000 }: WalledPoolOptions) {
    this.#fence = fence;
    this.#waitingMax = waitingMax;
    this.#pool = new pg.Pool({ max: connectionsMax, ...connectionConfig(app), pipeline: true });
    this.#pool.on('error', (error) => log.warn({ err: error }, 'An idle database connection was lost'));
    // One that is in use tells the statement after.
    this.#pool.on('connect', (client) =>
      client.on('error', (error) => log.debug({ err: error }, 'A database connection in use was lost')),
    );
  }

  get isClosed(): boolean {
    return this.#closed !== null;
  }

  /** A transaction; made once. After a lost connection it is not known whether it took effect. */
  run<T>(customerId: CustomerId, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#transact(customerId, false, work);
  }

  /** What is read is of one instant, and nobody who moves customers is kept waiting. */
  read<T>(customerId: CustomerId, work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#transact(customerId, true, work);
  }

  /** A statement outside of any customer: the wall shows no rows, only functions of the directory answer. */
  async outside<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const client = await this.#connect();
    let isBroken = false;
    try {
      return await new Sql(client).rows<Row>(text, values);
    } catch (error) {
      isBroken = isConnectionError(error);
      throw error;
    } finally {
      client.release(isBroken);
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#pool.end();
    return this.#closed;
  }

  async #transact<T>(customerId: CustomerId, isReadOnly: boolean, work: (sql: Sql) => Promise<T>): Promise<T> {
    if (!isUuid(customerId)) throw new GbError('not_found', 'There is no such customer');
    const client = await this.#connect();
    let isBroken = false;
    try {
      const sql = new Sql(client);
      // Not waited for: if one of them fails, so does what follows, since without the setting the wall shows nothing.
      const opened = Promise.all([
        client.query(isReadOnly ? 'begin isolation level repeatable read, read only' : 'begin'),
        this.#enter(sql, customerId, isReadOnly),
      ]);
      opened.catch(() => {}); // Told below.
      const result = await rightFrom(opened, work(sql));
      const isLeased = this.#fence?.hasLease === true && !isReadOnly;
      const [{ command }] = await Promise.all([client.query('commit'), isLeased && sql.rows(confirmLease)]);
      assert(command === 'COMMIT', 'a failed statement ends the transaction it is in');
      return result;
    } catch (error) {
      isBroken = isConnectionError(error);
      if (!isBroken) {
        await client.query('rollback').catch(() => {
          isBroken = true;
        });
      }
      throw translateError(error);
    } finally {
      client.release(isBroken);
    }
  }

  #enter(sql: Sql, customerId: CustomerId, isReadOnly: boolean): Promise<unknown> {
    if (!this.#fence) return sql.rows("select set_config('gb.customer', $1, true)", [customerId]);
    return sql.rows('select control.enter($1, $2, $3)', [customerId, this.#fence.epochOf(customerId), isReadOnly]);
  }

  async #connect(): Promise<pg.PoolClient> {
    if (this.#closed) throw new GbError('unavailable', 'It is closed', { retryable: true });
    if (this.#pool.waitingCount >= this.#waitingMax)
      throw new GbError('overloaded', 'Too many operations wait for the database', { retryable: true });
    try {
      return await this.#pool.connect();
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('timeout exceeded'))
        throw new GbError('overloaded', 'No database connection became free in time', { retryable: true, cause: error });
      throw translateError(error);
    }
  }
}
