import type { CustomerId } from 'gb-protocol';
import { assert, GbError, type Logger } from 'gb-utils';
import type { PoolConfig } from 'pg';
import pg from 'pg';
import { connectionConfig, Sql } from '../connection.ts';
import { isConnectionError, translateError } from '../database-errors.ts';

/** Operations that may wait for a connection; the next one is refused with `overloaded`. */
const waitingMax = 1_000;

/** A few connections of their own for work that must not take those of the store, each transaction behind the wall of a customer. */
export class WalledPool {
  readonly #pool: pg.Pool;
  #closed: Promise<void> | null = null;

  constructor(app: PoolConfig, options: { connectionsMax: number; log: Logger }) {
    const { connectionsMax, log } = options;
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
  async run<T>(customerId: CustomerId, work: (sql: Sql) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    let isBroken = false;
    try {
      const sql = new Sql(client);
      // Not waited for: without the setting the wall takes nothing and shows nothing.
      const opened = Promise.all([client.query('begin'), sql.rows("select set_config('gb.customer', $1, true)", [customerId])]);
      opened.catch(() => {}); // Told below.
      const result = await work(sql);
      await opened;
      const { command } = await client.query('commit');
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

  /** A statement outside of any customer: the wall shows no rows. */
  async outside<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
    const client = await this.#connect();
    let isBroken = false;
    try {
      return await new Sql(client).rows<Row>(text);
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

  async #connect(): Promise<pg.PoolClient> {
    if (this.#closed) throw new GbError('unavailable', 'It is closed');
    if (this.#pool.waitingCount >= waitingMax)
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
