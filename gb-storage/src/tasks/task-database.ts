import type { CustomerId } from 'gb-protocol';
import { GbError, isUuid, type Logger } from 'gb-utils';
import type { PoolConfig, QueryResultRow } from 'pg';
import pg from 'pg';
import { connectionConfig, Sql } from '../connection.ts';
import { isConnectionError, translateError } from '../database-errors.ts';

const connectionsMax = 4;
/** Tasks that may wait to be stored; the next one is refused. */
const waitingMax = 2_000;

/** Connections of their own for tasks: work that waits takes none from people who do. */
export class TaskDatabase {
  readonly #pool: pg.Pool;
  #closed: Promise<void> | null = null;

  constructor({ app, log }: { app: PoolConfig; log: Logger }) {
    this.#pool = new pg.Pool({ ...connectionConfig(app), max: connectionsMax, pipeline: true });
    this.#pool.on('error', (error) => log.warn({ err: error }, 'An idle database connection of the task queue was lost'));
    this.#pool.on('connect', (client) =>
      client.on('error', (error) => log.debug({ err: error }, 'A database connection of the task queue was lost')),
    );
  }

  /** Outside of any customer: only functions of the directory answer. */
  directory<Row extends QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]> {
    return this.#use((_, sql) => sql.rows<Row>(text, values));
  }

  /** In one transaction, behind the customer's wall. */
  async of<T>(customerId: CustomerId, work: (sql: Sql) => Promise<T>): Promise<T> {
    if (!isUuid(customerId)) throw new GbError('not_found', 'There is no such customer');
    return this.#use(async (client, sql) => {
      // Not waited for: if one of them fails, so does what follows, since without the setting the wall shows nothing.
      const opened = Promise.all([client.query('begin'), sql.rows("select set_config('gb.customer', $1, true)", [customerId])]);
      opened.catch(() => {}); // Told below.
      try {
        const result = await work(sql);
        await opened;
        await client.query('commit');
        return result;
      } catch (error) {
        if (!isConnectionError(error)) await client.query('rollback');
        throw error;
      }
    });
  }

  close(): Promise<void> {
    this.#closed ??= this.#pool.end();
    return this.#closed;
  }

  async #use<T>(work: (client: pg.PoolClient, sql: Sql) => Promise<T>): Promise<T> {
    if (this.#closed) throw new GbError('unavailable', 'The task queue is closed', { retryable: true });
    if (this.#pool.waitingCount >= waitingMax)
      throw new GbError('overloaded', 'Too many tasks wait to be stored', { retryable: true });
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw translateError(error);
    });
    try {
      const result = await work(client, new Sql(client));
      client.release();
      return result;
    } catch (error) {
      client.release(isConnectionError(error));
      throw translateError(error);
    }
  }
}
