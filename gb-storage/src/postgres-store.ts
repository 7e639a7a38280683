import type {
  AppendedMessage,
  CustomerCreated,
  KeyValueStore,
  NewCustomer,
  NewMessage,
  Outbox,
  ReadOptions,
  Timers,
  Tx,
} from 'gb-core';
import type { CustomerId, InstanceId, OrganizationId, UserId } from 'gb-protocol';
import { assert, backoffMs, type Clock, GbError, isUuid, type Logger, sleep, systemClock, uuidv7 } from 'gb-utils';
import type { PoolConfig } from 'pg';
import pg from 'pg';
import { BatchingWriter } from './batching-writer.ts';
import { ColdReader } from './cold/cold-reader.ts';
import { connectionConfig, Sql, time } from './connection.ts';
import { isConflict, isConnectionError, rightFrom, sqlState, translateError } from './database-errors.ts';
import { PostgresOutbox } from './outbox.ts';
import { type ReplicaFigures, Replicas, ReplicaUnfit } from './replicas/replicas.ts';
import { BucketMoved, confirmLease, type Fence } from './shards/bucket.ts';
import type { Shard } from './shards/sharded-store.ts';
import { isPart } from './shards/split/part.ts';
import { type Participant, type ParticipantOptions, type Prepared, readPreparedName } from './shards/split/participant.ts';
import { createTimers } from './timers.ts';
import { openTx } from './transaction.ts';

export interface PostgresStoreOptions {
  /** Log-in of the application role, which stands behind the wall; `max` bounds the connections. */
  readonly app: PoolConfig;
  /** Log-in of the relay role, for the outbox. */
  readonly relay: PoolConfig;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Where the texts of old messages were moved to, if they were. Whoever opened it closes it, after the store. */
  readonly coldHistory?: KeyValueStore;
  /** Of a database that is one of several. */
  readonly fence?: Fence;
  /** Log-ins of the application role at streaming standbys of this database. */
  readonly replicas?: readonly PoolConfig[];
}

const poolConnectionsMax = 16;
/** For parts of split customers, apart: a transaction that waits for a connection to a part holds one to its home. */
const partConnectionsMax = 16;
/** For the last word to what is prepared: it has the locks that the others wait for, so it must not wait for the others. */
const resolvingConnectionsMax = 2;
/** How long a transaction over several databases waits for a lock in one of them. */
const partLockMsMax = 2_000;
/** How long the writer of parts waits before it looks which channel keeps the others waiting. */
const partWriterLockMsMax = 250;
/** Transactions that may wait for a connection; the next one is refused. */
const waitingMax = 1_000;
/** With the waits between them, about a second: an engine that restarts is back by then. */
const readAttemptsMax = 5;
const attemptsMax = 8;

/** The Store on a PostgreSQL that has been migrated. Resolves once the database answered. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<Shard> {
  const store = createPostgresStore(options);
  try {
    await store.ping();
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

/** The same, whether the database answers or not: one of several may be away when the others are needed. */
export function createPostgresStore(options: PostgresStoreOptions): Shard {
  return new PostgresStore(options);
}

class PostgresStore implements Shard {
  readonly outbox: Outbox;
  readonly timers: Timers;
  readonly #outbox: PostgresOutbox;
  readonly #pool: pg.Pool;
  readonly #writer: BatchingWriter;
  readonly #newWriter: (settings?: Readonly<Record<string, string>>) => BatchingWriter;
  #partWriter: BatchingWriter | null = null;
  readonly #newPool: (connectionsMax: number) => pg.Pool;
  #partPool: pg.Pool | null = null;
  #resolvingPool: pg.Pool | null = null;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #cold: ColdReader | null;
  readonly #fence: Fence | undefined;
  readonly #replicas: Replicas | null;
  #closed: Promise<void> | null = null;

  constructor({ app, relay, log, clock = systemClock, coldHistory, fence, replicas = [] }: PostgresStoreOptions) {
    this.#clock = clock;
    this.#fence = fence;
    this.#replicas = replicas.length > 0 ? new Replicas({ primary: app, replicas, log }) : null;
    this.#log = log;
    this.#cold = coldHistory ? new ColdReader(coldHistory) : null;
    // Pipelined: the statements that open a transaction travel together with its first one.
    this.#newPool = (connectionsMax) => {
      const pool = new pg.Pool({ max: connectionsMax, ...connectionConfig(app), pipeline: true });
      pool.on('error', (error) => log.warn({ err: error }, 'An idle database connection was lost'));
      // The pool listens to idle connections only. One that is in use and dies between two statements tells the next one.
      pool.on('connect', (client) =>
        client.on('error', (error) => log.debug({ err: error }, 'A database connection in use was lost')),
      );
      return pool;
    };
    this.#pool = this.#newPool(app.max ?? poolConnectionsMax);
    this.#outbox = new PostgresOutbox({ config: connectionConfig(relay), clock, log, isNear: fence?.isNear });
    this.outbox = this.#outbox;
    this.timers = createTimers((text, values) => this.#query(text, values), fence?.isNear);
    this.#newWriter = (settings) =>
      new BatchingWriter({
        config: connectionConfig(app, settings),
        clock,
        log,
        fence,
        onCommitted: () => this.#outbox.announceCommit(),
      });
    this.#writer = this.#newWriter();
  }

  appendMessage(customerId: CustomerId, message: NewMessage): Promise<AppendedMessage> {
    if (!isUuid(customerId)) return Promise.reject(noSuchCustomer());
    return this.#writerOf(customerId).append({ customerId, message });
  }

  /**
   * Parts have a writer of their own: a head of theirs may stay locked until another database is back and says what became
   * of a transaction, and nobody else is to wait for that. Those beside it wait for a moment.
   */
  #writerOf(customerId: CustomerId): BatchingWriter {
    if (!isPart(customerId)) return this.#writer;
    this.#partWriter ??= this.#newWriter({ lock_timeout: String(partWriterLockMsMax) });
    return this.#partWriter;
  }

  transaction<T>(customerId: CustomerId, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#transact(customerId, false, work);
  }

  async read<T>(customerId: CustomerId, work: (tx: Tx) => Promise<T>, options?: ReadOptions): Promise<T> {
    if (options?.mayUseReplica && this.#replicas && isUuid(customerId)) {
      const answered = await this.#replicas.read((client) =>
        this.#attempt(customerId, { isReadOnly: true, isRepeated: false, client }, (_, tx) => work(tx)),
      );
      if (answered) return answered.result;
    }
    return this.#transact(customerId, true, work);
  }

  /** Of each replica, in the order they were given. */
  replicaFigures(): readonly ReplicaFigures[] {
    return this.#replicas?.figures() ?? [];
  }

  async createCustomer(input: NewCustomer, given?: CustomerId): Promise<CustomerCreated> {
    const nowMs = this.#clock.nowMs();
    const customerId = given ?? (uuidv7(nowMs) as CustomerId);
    const organizationId = uuidv7(nowMs) as OrganizationId;
    const instanceId = uuidv7(nowMs) as InstanceId;
    const userId = uuidv7(nowMs) as UserId;
    await this.#run(customerId, false, async (sql, tx) => {
      const at = time(nowMs);
      await sql.change('insert into customers (customer_id, name, created_at) values ($1, $2, $3)', [
        customerId,
        input.organizationName,
        at,
      ]);
      await sql.change('insert into organizations (customer_id, organization_id, name, created_at) values ($1, $2, $3, $4)', [
        customerId,
        organizationId,
        input.organizationName,
        at,
      ]);
      await sql.change(
        'insert into instances (customer_id, instance_id, organization_id, name, created_at) values ($1, $2, $3, $4, $5)',
        [customerId, instanceId, organizationId, input.organizationName, at],
      );
      await sql.change(
        `with log as (
           insert into channels (customer_id, channel_id, instance_id, kind, name, topic, created_at)
           values ($1, $2, $3, 'instance', '', '', $4) returning channel_id
         )
         insert into channel_heads (customer_id, channel_id) select $1, log.channel_id from log`,
        [customerId, uuidv7(nowMs), instanceId, at],
      );
      await tx.users.insert({
        id: userId,
        kind: 'person',
        name: input.userName,
        handle: input.handle,
        role: 'owner',
        email: input.email,
        passwordHash: input.passwordHash,
        locale: input.locale,
      });
    });
    return { customerId, organizationId, instanceId, userId };
  }

  async findLogins(email: string): Promise<readonly { customerId: CustomerId; userId: UserId; organizationName: string }[]> {
    const rows = await this.#query<{ customer_id: CustomerId; user_id: UserId; organization_name: string }>(
      'select customer_id, user_id, organization_name from control.find_logins($1)',
      [email],
    );
    return rows.map((row) => ({ customerId: row.customer_id, userId: row.user_id, organizationName: row.organization_name }));
  }

  async listCustomers(): Promise<readonly CustomerId[]> {
    const rows = await this.#query<{ customer_id: CustomerId }>(
      'select customer_id from control.list_customers() l (customer_id)',
      [],
    );
    return rows.map((row) => row.customer_id);
  }

  async ping(): Promise<void> {
    await this.#query('select 1', []);
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      await Promise.all([this.#writer.close(), this.#partWriter?.close()]);
      await this.#outbox.close();
      await this.#replicas?.close();
      await Promise.all([this.#pool, this.#partPool, this.#resolvingPool].map((pool) => pool?.end()));
    })();
    return this.#closed;
  }

  /** Outside of any customer: the wall shows no rows, only functions of the directory answer. */
  async #query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[], pool?: pg.Pool): Promise<Row[]> {
    const client = await this.#connect(pool);
    try {
      const rows = await new Sql(client).rows<Row>(text, values);
      client.release();
      return rows;
    } catch (error) {
      client.release(isConnectionError(error));
      throw error;
    }
  }

  async begin(customerId: CustomerId, { isReadOnly, isRepeated, nowMs }: ParticipantOptions): Promise<Participant> {
    if (isPart(customerId)) this.#partPool ??= this.#newPool(partConnectionsMax);
    const client = await this.#connect(isPart(customerId) ? this.#partPool! : this.#pool);
    let isOver = false;
    let isOutboxWritten = false;
    const sql = new Sql(client);
    const end = async (text: string, done: string): Promise<void> => {
      assert(!isOver, 'a transaction ends once');
      isOver = true;
      try {
        const { command } = await client.query(text);
        if (done === 'COMMIT' && this.#fence?.hasLease && !isReadOnly) await sql.rows(confirmLease);
        client.release();
        assert(command === done, 'a failed statement ends the transaction it is in');
      } catch (error) {
        client.release(isConnectionError(error) || sqlState(error) === undefined);
        throw translateError(error);
      }
    };
    const participant: Participant = {
      customerId,
      nowMs,
      sql,
      tx: openTx({
        sql,
        customerId,
        nowMs,
        isReadOnly,
        isRepeated,
        cold: this.#cold,
        onOutboxWritten: () => {
          isOutboxWritten = true;
        },
      }),
      async hasWritten() {
        const row = await sql.row<{ has_written: boolean }>('select pg_current_xact_id_if_assigned() is not null as has_written');
        return row!.has_written;
      },
      // The name has ids in it and nothing else: readPreparedName.
      prepare: (name) => end(`prepare transaction '${name}'`, 'PREPARE'),
      commit: () => end('commit', 'COMMIT'),
      async rollback() {
        if (!isOver) await end('rollback', 'ROLLBACK').catch(() => {}); // What is not committed is nothing.
      },
      announce: () => {
        if (isOutboxWritten) this.#outbox.announceCommit();
      },
    };
    try {
      // The last one is the one that may be refused, so its refusal is the first thing that fails.
      await Promise.all([
        client.query(isReadOnly ? 'begin isolation level repeatable read, read only' : 'begin'),
        client.query(`set local lock_timeout = ${partLockMsMax}`),
        this.#enter(sql, customerId, isReadOnly),
      ]);
    } catch (error) {
      await participant.rollback();
      throw translateError(error);
    }
    return participant;
  }

  async listPrepared(): Promise<readonly Prepared[]> {
    this.#resolvingPool ??= this.#newPool(resolvingConnectionsMax);
    const rows = await this.#query<{ name: string; age_ms: number }>(
      `select gid as name, (extract(epoch from clock_timestamp() - prepared) * 1000)::bigint as age_ms from pg_prepared_xacts
       where database = current_database() and gid like 'gb:%' order by prepared`,
      [],
      this.#resolvingPool,
    );
    return rows.map((row) => ({ name: row.name, ageMs: row.age_ms }));
  }

  async resolve(name: string, isCommit: boolean): Promise<void> {
    assert(readPreparedName(name), 'a name of ours');
    this.#resolvingPool ??= this.#newPool(resolvingConnectionsMax);
    const client = await this.#connect(this.#resolvingPool);
    try {
      await client.query(`${isCommit ? 'commit' : 'rollback'} prepared '${name}'`);
      client.release();
    } catch (error) {
      client.release(isConnectionError(error));
      // 42704: somebody else has resolved it, or it never came to be.
      if (sqlState(error) !== '42704') throw translateError(error);
    }
    if (isCommit) this.#outbox.announceCommit();
  }

  #transact<T>(customerId: CustomerId, isReadOnly: boolean, work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#run(customerId, isReadOnly, (_, tx) => work(tx));
  }

  async #run<T>(customerId: CustomerId, isReadOnly: boolean, work: (sql: Sql, tx: Tx) => Promise<T>): Promise<T> {
    // The id ends up in a setting that every policy casts: anything else would fail later, and less clearly.
    if (!isUuid(customerId)) throw noSuchCustomer();
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(customerId, { isReadOnly, isRepeated: attempt > 1 }, work);
      } catch (error) {
        // A read changes nothing, so one whose connection turns out to be dead, after a restart of the engine say, is
        // simply made again on another.
        if (isReadOnly && isConnectionError(error) && attempt < readAttemptsMax) {
          await sleep(backoffMs(attempt, { baseMs: 50, maxMs: 400 }));
          continue;
        }
        if (!isConflict(error)) throw error;
        if (attempt === attemptsMax)
          throw new GbError('overloaded', 'Too many changes to the same thing at once', { retryable: true, cause: error });
        await sleep(backoffMs(attempt, { baseMs: 5, maxMs: 200 }));
      }
    }
  }

  async #attempt<T>(
    customerId: CustomerId,
    { isReadOnly, isRepeated, client: replica }: { isReadOnly: boolean; isRepeated: boolean; client?: pg.PoolClient },
    work: (sql: Sql, tx: Tx) => Promise<T>,
  ): Promise<T> {
    const client = replica ?? (await this.#connect());
    let isOutboxWritten = false;
    let isCommitting = false;
    let isBroken = false;
    try {
      const sql = new Sql(client);
      // Not waited for: if one of them fails, so does what follows, since without the setting the wall shows nothing.
      const opened = Promise.all([
        client.query(isReadOnly ? 'begin isolation level repeatable read, read only' : 'begin'),
        this.#enterWhole(sql, customerId, isReadOnly),
      ]);
      opened.catch(() => {}); // Told below.
      if (replica) await rightFrom(opened, refuseUnlessReplica(sql));
      const tx = openTx({
        sql,
        customerId,
        nowMs: this.#clock.nowMs(),
        isReadOnly,
        isRepeated,
        cold: this.#cold,
        onOutboxWritten: () => {
          isOutboxWritten = true;
        },
      });
      const result = await rightFrom(opened, work(sql, tx));
      isCommitting = true;
      const isLeased = this.#fence?.hasLease === true && !isReadOnly;
      const [{ command }] = await Promise.all([client.query('commit'), isLeased && sql.rows(confirmLease)]);
      // A statement failed and `work` went on as if it had not: the server answers COMMIT with ROLLBACK.
      assert(command === 'COMMIT', 'a failed statement ends the transaction it is in');
      if (isOutboxWritten) this.#outbox.announceCommit();
      return result;
    } catch (error) {
      isBroken = isConnectionError(error);
      if (isBroken && isCommitting && !isReadOnly) {
        throw new GbError('internal', 'The connection broke during the commit: it is not known whether it took effect', {
          retryable: true,
          cause: error,
        });
      }
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

  /** As a customer who is in this database and in no other. What the fence says is of the same moment as the epoch it gives. */
  #enterWhole(sql: Sql, customerId: CustomerId, isReadOnly: boolean): Promise<unknown> {
    if (this.#fence?.isSplit?.(customerId)) throw new BucketMoved(new Error('The customer was split meanwhile'));
    return this.#enter(sql, customerId, isReadOnly);
  }

  /** Behind the wall, as this customer; where there are several databases, only when it is in this one. */
  #enter(sql: Sql, customerId: CustomerId, isReadOnly: boolean): Promise<unknown> {
    if (!this.#fence) return sql.rows("select set_config('gb.customer', $1, true)", [customerId]);
    return sql.rows('select control.enter($1, $2, $3)', [customerId, this.#fence.epochOf(customerId), isReadOnly]);
  }

  async #connect(pool: pg.Pool = this.#pool): Promise<pg.PoolClient> {
    if (this.#closed) throw new GbError('unavailable', 'The store is closed');
    if (pool.waitingCount >= waitingMax)
      throw new GbError('overloaded', 'Too many transactions wait for the database', { retryable: true });
    try {
      return await pool.connect();
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('timeout exceeded')) {
        throw new GbError('overloaded', 'No database connection became free in time', { retryable: true, cause: error });
      }
      this.#log.debug({ err: error }, 'No database connection');
      throw translateError(error);
    }
  }
}

function noSuchCustomer(): GbError {
  return new GbError('not_found', 'There is no such customer');
}

/** What a standby shows once it is promoted is a history of its own. */
async function refuseUnlessReplica(sql: Sql): Promise<void> {
  const row = await sql.row<{ is_standby: boolean }>('select pg_is_in_recovery() as is_standby');
  if (!row?.is_standby) throw new ReplicaUnfit();
}
