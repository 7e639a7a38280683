import { GbError, type Logger, sleep } from 'gb-utils';
import type { PoolConfig } from 'pg';
import pg from 'pg';
import { connectionConfig } from '../connection.ts';
import { isConflict, isConnectionError } from '../database-errors.ts';
import { Breaker } from './breaker.ts';
import { type Identity, identityText, inTime, Question } from './question.ts';

/** What became of the readings that a replica could have answered, since the start. */
export interface ReplicaFigures {
  readonly answered: number;
  /** It had not replayed far enough. */
  readonly behind: number;
  /** It did not answer, or not in time, or broke off. */
  readonly failed: number;
  /** It follows another server, or none. */
  readonly unfit: number;
  /** It failed too often to be asked at present. */
  readonly isResting: boolean;
  /** How far it was behind when it was last asked. */
  readonly lagBytes: number;
}

const poolConnectionsMax = 16;
/** A page of messages takes milliseconds; what takes this long is sooner had from the primary. */
const readMsMax = 3_000;
/** How long a reading waits for a replica that is nearly there. */
const replayMsMax = 20;
/** How long nobody asks one that was further behind than that. */
const behindRestMs = 250;

/**
 * The streaming standbys of one database, which take readings off it and never show less than it would: a reading asks the
 * primary how far its log is on the disk, which is at or after everything that anybody was told, and goes to a standby that
 * has replayed that far. The question is small, and readings of the same moment share it. Where no standby is there yet, or
 * there at all, the primary answers.
 */
export class Replicas {
  readonly #primary: Question<{ position: string }>;
  readonly #all: readonly Replica[];
  #turn = 0;

  constructor({ primary, replicas, log }: { primary: PoolConfig; replicas: readonly PoolConfig[]; log: Logger }) {
    // A commit is on the disk before anybody sees it, and a standby gets nothing that is not.
    const text = "select pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::text as position";
    this.#primary = new Question({ config: primary, text, log });
    this.#all = replicas.map((config) => new Replica(config, log));
  }

  /**
   * Runs a reading on a connection to a replica that has everything committed before the call; the reading releases it.
   * `null`: the primary has to answer. What the reading throws is thrown, except where the replica is to blame: then the
   * primary answers too, so a reading may run twice.
   */
  async read<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<{ readonly result: T } | null> {
    const replica = this.#choose();
    if (!replica) return null;
    let wanted: Wanted;
    try {
      const { position, ...identity } = await this.#primary.ask();
      wanted = { position: BigInt(position), ...identity };
    } catch {
      replica.leave();
      return null; // What is wrong with the primary it tells the caller itself.
    }
    return replica.read(wanted, work);
  }

  figures(): readonly ReplicaFigures[] {
    return this.#all.map((replica) => replica.figures());
  }

  async close(): Promise<void> {
    await Promise.all([this.#primary.close(), ...this.#all.map((replica) => replica.close())]);
  }

  #choose(): Replica | null {
    for (let tried = 0; tried < this.#all.length; tried++) {
      const replica = this.#all[this.#turn++ % this.#all.length]!;
      if (replica.mayTry()) return replica;
    }
    return null;
  }
}

interface Wanted extends Identity {
  readonly position: bigint;
}

class Replica {
  readonly #pool: pg.Pool;
  readonly #identities = new WeakMap<pg.PoolClient, Identity>();
  readonly #breaker = new Breaker();
  readonly #log: Logger;
  readonly #figures = { answered: 0, behind: 0, failed: 0, unfit: 0, lagBytes: 0 };
  #restsUntilMs = 0;
  #wasUnfit = false;

  constructor(config: PoolConfig, log: Logger) {
    this.#log = log;
    this.#pool = new pg.Pool({
      max: poolConnectionsMax,
      ...connectionConfig(config, { statement_timeout: String(readMsMax) }),
      // Also of one that hangs and will never say so.
      query_timeout: readMsMax,
      connectionTimeoutMillis: 1_000,
      pipeline: true,
    });
    this.#pool.on('error', (error) => log.debug({ err: error }, 'An idle connection to a replica was lost'));
    this.#pool.on('connect', (client) =>
      client.on('error', (error) => log.debug({ err: error }, 'A connection to a replica was lost')),
    );
  }

  mayTry(): boolean {
    return performance.now() >= this.#restsUntilMs && this.#breaker.mayTry();
  }

  /** Chosen, and then not asked. */
  leave(): void {
    this.#breaker.left();
  }

  figures(): ReplicaFigures {
    return { ...this.#figures, isResting: this.#breaker.isOpen };
  }

  async read<T>(wanted: Wanted, work: (client: pg.PoolClient) => Promise<T>): Promise<{ readonly result: T } | null> {
    let client: pg.PoolClient | null;
    try {
      client = await this.#connectAt(wanted);
    } catch (error) {
      return this.#failed(error);
    }
    if (!client) return null;
    try {
      const result = await work(client);
      this.#figures.answered += 1;
      this.#breaker.succeeded();
      return { result };
    } catch (error) {
      if (isFaultOfReplica(error)) return this.#failed(error);
      this.#breaker.succeeded();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  #failed(error: unknown): null {
    this.#figures.failed += 1;
    const wasOpen = this.#breaker.isOpen;
    this.#breaker.failed();
    if (this.#breaker.isOpen && !wasOpen) this.#log.warn({ err: error }, 'A replica fails; the primary answers in its place');
    return null;
  }

  /**
   * A connection whose server has replayed what is wanted. It is asked on the connection that reads: a standby that was
   * started again may be behind where it had been.
   */
  async #connectAt(wanted: Wanted): Promise<pg.PoolClient | null> {
    const client = await this.#pool.connect();
    try {
      const isThere = await this.#reaches(client, wanted);
      if (isThere) return client;
    } catch (error) {
      client.release(true);
      throw error;
    }
    client.release();
    return null;
  }

  async #reaches(client: pg.PoolClient, wanted: Wanted): Promise<boolean> {
    const deadlineMs = performance.now() + replayMsMax;
    for (;;) {
      const { rows } = await inTime(client.query<{ position: string | null }>({ name: 'position', text: positionText }));
      const position = rows[0]!.position;
      if (position === null || !(await this.#isHistoryOf(client, wanted))) {
        this.#unfit(position !== null);
        return false;
      }
      this.#wasUnfit = false;
      this.#figures.lagBytes = Math.max(0, Number(wanted.position - BigInt(position)));
      if (this.#figures.lagBytes === 0) return true;
      if (performance.now() >= deadlineMs) break;
      await sleep(2);
    }
    this.#figures.behind += 1;
    this.#restsUntilMs = performance.now() + behindRestMs;
    this.#breaker.succeeded(); // It answers; it is only late.
    return false;
  }

  /** Positions of different histories say nothing about each other. Once it has followed to a timeline, it stays on it. */
  async #isHistoryOf(client: pg.PoolClient, wanted: Wanted): Promise<boolean> {
    const isSame = (own: Identity | undefined) => own?.server === wanted.server && own.timeline === wanted.timeline;
    if (isSame(this.#identities.get(client))) return true;
    const { rows } = await inTime(client.query<Identity>(identityText));
    this.#identities.set(client, rows[0]!);
    return isSame(rows[0]);
  }

  #unfit(isStandby: boolean): void {
    this.#figures.unfit += 1;
    if (!this.#wasUnfit) this.#log.warn({ isStandby }, 'A replica does not follow the primary; it is not asked until it does');
    this.#wasUnfit = true;
    this.#breaker.failed();
  }
}

const positionText = `select case when pg_is_in_recovery() then pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::text end as position`;

/** A replica that was promoted between the question and the reading. */
export class ReplicaUnfit extends Error {
  constructor() {
    super('This database is no replica any more');
    this.name = 'ReplicaUnfit';
  }
}

/** It is away or too slow, or had to break off to go on replaying. */
function isFaultOfReplica(error: unknown): boolean {
  if (error instanceof ReplicaUnfit) return true;
  return isConnectionError(error) || isConflict(error) || (error instanceof GbError && error.code === 'overloaded');
}
