import { createHash } from 'node:crypto';
import { GbError } from 'gb-utils';
import type { ClientConfig, QueryResultRow } from 'pg';
import pg from 'pg';
import { connectionConfig } from '../../connection.ts';
import { sqlState, translateError } from '../../database-errors.ts';
import { MoveRefused } from './refused.ts';

/** Advisory locks of a session, with the bucket as the second number. One in each part a database plays. */
export const moveLocks = { control: 4_762_004, source: 4_762_005, target: 4_762_006 } as const;

/** Who is stopped, or cut off, for so long loses its connections, and with them its part in the move. */
export const silenceMsMax = 30_000;

/**
 * One connection of whoever moves a bucket, as the owner. It holds the lock of its part from its first moment to its last,
 * and everything the move does goes over such a connection: so of two who move the same bucket only one gets anywhere, and
 * one who was stopped and wakes up finds its connections dead.
 */
export class Link {
  readonly #client: pg.Client;
  /** In which nobody may wait for us: then we rather lose the connection than keep it. */
  isUrgent = false;
  #underWay = 0;
  #ping: NodeJS.Timeout | null = null;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(
    owner: ClientConfig,
    lock: { key: number; bucket: number } | null = null,
    limits: { silenceMs?: number; answerMs?: number } = {},
  ): Promise<Link> {
    const { silenceMs = silenceMsMax, answerMs } = limits;
    const config = connectionConfig(owner, {
      // Names come with their schema, in what we ask and in what the catalogue answers.
      search_path: 'pg_catalog',
      statement_timeout: '0',
      tcp_keepalives_idle: '10',
      tcp_keepalives_interval: '5',
      tcp_keepalives_count: '4',
      // Rows are looked up by their keys, however few the planner believes there are.
      enable_hashjoin: 'off',
      enable_mergejoin: 'off',
    });
    const client = new pg.Client({
      ...config,
      pipeline: true,
      keepAliveInitialDelayMillis: 10_000,
      ...(answerMs === undefined ? {} : { query_timeout: answerMs }),
    });
    client.on('error', () => {}); // What is under way fails with it, and so does whatever comes next.
    const link = new Link(client);
    try {
      await client.connect();
      await link.#limitSilence(silenceMs);
      if (lock) {
        const [row] = await link.rows<{ is_ours: boolean }>('select pg_try_advisory_lock($1, $2) as is_ours', [
          lock.key,
          lock.bucket,
        ]);
        if (!row?.is_ours) throw MoveRefused.busy(lock.bucket);
      }
    } catch (error) {
      await link.close();
      throw translateError(error);
    }
    link.#ping = setInterval(() => link.#stay(), silenceMs / 6).unref();
    return link;
  }

  async rows<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return (await this.#run<Row>(text, values)).rows;
  }

  async row<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row | null> {
    return (await this.rows<Row>(text, values))[0] ?? null;
  }

  /** The number of rows the statement changed. */
  async change(text: string, values: readonly unknown[] = []): Promise<number> {
    return (await this.#run(text, values)).rowCount ?? 0;
  }

  /** A statement that is made many times, which the server plans once. */
  async again(text: string, values: readonly unknown[]): Promise<void> {
    await this.#run(text, values, `again ${createHash('sha256').update(text).digest('hex').slice(0, 32)}`);
  }

  /** Statements of `work` may be sent without waiting for each other; they run in the order they were sent in. */
  async transaction<T>(work: () => Promise<T>, begin: 'begin' | 'begin isolation level repeatable read' = 'begin'): Promise<T> {
    await this.change(begin);
    try {
      const result = await work();
      const { command } = await this.#run('commit', []);
      if (command !== 'COMMIT') throw new Error('A statement of the transaction failed, and nobody looked');
      return result;
    } catch (error) {
      // If it does not come through, the connection is gone, and the transaction with it.
      await this.change('rollback').catch(() => {});
      throw error;
    }
  }

  /**
   * A transaction in which rows are put and taken away as they are: no trigger adds to them, and nothing is asked of a
   * foreign key whose other end comes a moment later. The rows fitted together where they come from, and they are compared
   * before anybody sees them. Constraints that are deferred would not do: a copy takes many transactions.
   */
  replay<T>(work: () => Promise<T>): Promise<T> {
    return this.transaction(async () => {
      await this.change('set local session_replication_role = replica');
      return work();
    });
  }

  /**
   * The same for what may be lost in a crash, since it tells in the same commit how far it came: it does not wait for the
   * disk, which those who write need more. The next commit that waits takes it along.
   */
  replayLazily<T>(work: () => Promise<T>): Promise<T> {
    return this.replay(async () => {
      await this.change('set local synchronous_commit = off');
      return work();
    });
  }

  /** As whom rows are read and written from now on: the owner stands behind the wall, too. */
  async actFor(customerId: string): Promise<void> {
    await this.rows("select set_config('gb.customer', $1, false)", [customerId]);
  }

  async close(): Promise<void> {
    if (this.#ping) clearInterval(this.#ping);
    await this.#client.end().catch(() => {}); // It is of no use any more, whatever it says.
  }

  async #run<Row extends QueryResultRow>(text: string, values: readonly unknown[], name?: string) {
    this.#underWay += 1;
    try {
      return await this.#client.query<Row>({ text, values: [...values], ...(name ? { name } : {}) });
    } catch (error) {
      throw translateError(error);
    } finally {
      this.#underWay -= 1;
    }
  }

  async #limitSilence(silenceMs: number): Promise<void> {
    try {
      await this.#client.query(`set idle_session_timeout = ${silenceMs}`);
    } catch (error) {
      if (sqlState(error) !== '42704') throw error; // Before PostgreSQL 14 only TCP finds out who is gone.
    }
  }

  #stay(): void {
    if (this.#underWay > 0 || this.isUrgent) return;
    // In a transaction that failed it is refused, and has done its work all the same.
    this.rows('select 1').catch(() => {});
  }
}

export function isAway(error: unknown): boolean {
  return error instanceof GbError && error.code === 'unavailable';
}
