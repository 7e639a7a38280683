import type { LivingNode, NodeFacts, NodeId, NodeRole, Nodes } from 'gb-core';
import { assert, type Logger } from 'gb-utils';
import type { PoolConfig } from 'pg';
import pg from 'pg';
import { connectionConfig, Sql } from '../connection.ts';
import { translateError } from '../database-errors.ts';

export interface PostgresNodesOptions {
  /** The application's log-in at the control database. */
  readonly app: PoolConfig;
  readonly self: NodeFacts;
  readonly log: Logger;
  /** How often the row is renewed. */
  readonly beatMs?: number;
  /** How old a row may be whose node still counts as living, by the database's clock. */
  readonly livingMs?: number;
}

/** A beat that takes longer is given up: a connection may be dead without saying so. */
const statementMsMax = 5_000;

export interface PostgresNodes extends Nodes {
  /** Since the start: times this node was taken for dead and joined again, and beats that failed. */
  figures(): { readonly rejoined: number; readonly failures: number };
}

/** Heartbeat rows in the control database. Losing the last of them in a crash harms nobody, so they are not waited for. */
export function createPostgresNodes(options: PostgresNodesOptions): PostgresNodes {
  return new HeartbeatRows(options);
}

interface Row {
  readonly node_id: NodeId;
  readonly host_id: string;
  readonly address: string | null;
  readonly roles: readonly NodeRole[];
  readonly version: string;
  readonly is_draining: boolean;
  readonly started_at: number;
  readonly was_living: boolean;
}

class HeartbeatRows implements PostgresNodes {
  readonly self: NodeFacts;
  readonly #pool: pg.Pool;
  readonly #log: Logger;
  readonly #beatMs: number;
  readonly #livingMs: number;
  readonly #listeners = new Set<{ readonly call: () => void }>();
  #living: readonly LivingNode[] = [];
  #shape = '';
  #timer: NodeJS.Timeout | null = null;
  #beating: Promise<void> | null = null;
  #isDraining = false;
  #left: Promise<void> | null = null;
  #isJoined = false;
  #isFailing = false;
  #rejoined = 0;
  #failures = 0;

  constructor({ app, self, log, beatMs = 2_000, livingMs = 10_000 }: PostgresNodesOptions) {
    assert(livingMs >= beatMs * 3, 'a node may miss a beat or two');
    this.self = self;
    this.#log = log;
    this.#beatMs = beatMs;
    this.#livingMs = livingMs;
    const settings = { synchronous_commit: 'off', statement_timeout: String(statementMsMax) };
    this.#pool = new pg.Pool({ ...connectionConfig(app, settings), max: 1, query_timeout: statementMsMax * 2 });
    const onLost = (error: Error) => log.debug({ err: error }, 'The connection for heartbeats was lost');
    this.#pool.on('error', onLost);
    // The pool listens to idle connections only. One that is in use tells the statement as well.
    this.#pool.on('connect', (client) => client.on('error', onLost));
  }

  async key(): Promise<Uint8Array> {
    const [row] = await this.#rows<{ key: Uint8Array }>('select control.installation_key() as key', []);
    assert(row?.key, 'an installation has a key');
    return row.key;
  }

  async join(): Promise<void> {
    await this.#beat();
    this.#isJoined = true;
    this.#next();
  }

  list(): readonly LivingNode[] {
    return this.#living;
  }

  onChange(listener: () => void): () => void {
    const own = { call: listener };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  figures(): { rejoined: number; failures: number } {
    return { rejoined: this.#rejoined, failures: this.#failures };
  }

  async drain(): Promise<void> {
    if (this.#isDraining || !this.#isJoined || this.#left) return;
    this.#isDraining = true;
    await this.#beating;
    await this.#beatAndTell();
  }

  leave(): Promise<void> {
    this.#left ??= (async () => {
      if (this.#timer) clearTimeout(this.#timer);
      await this.#beating;
      try {
        if (this.#isJoined) await this.#rows('select control.leave($1)', [this.self.id]);
      } catch (error) {
        // It grows old by itself.
        this.#log.debug({ err: error }, 'The row of this node stays until it is too old');
      }
      this.#listeners.clear();
      await this.#pool.end();
    })();
    return this.#left;
  }

  #next(): void {
    if (this.#left) return;
    this.#timer = setTimeout(() => {
      this.#beating = this.#beatAndTell().finally(() => {
        this.#beating = null;
        this.#next();
      });
    }, this.#beatMs).unref();
  }

  /** While the database is away, who was there is still believed to be. */
  async #beatAndTell(): Promise<void> {
    try {
      await this.#beat();
      if (this.#isFailing) this.#log.info({}, 'Heartbeats reach the database again');
      this.#isFailing = false;
    } catch (error) {
      this.#failures += 1;
      if (!this.#isFailing) this.#log.warn({ err: error }, 'A heartbeat did not reach the database; trying again');
      this.#isFailing = true;
    }
  }

  async #beat(): Promise<void> {
    const { id, hostId, address, roles, version } = this.self;
    const values = [id, hostId, address, roles, version, this.#isDraining, this.#livingMs];
    const rows = await this.#rows<Row>('select * from control.beat($1, $2, $3, $4, $5, $6, $7)', values);
    if (this.#left) return;
    if (this.#isJoined && !rows[0]?.was_living) {
      this.#rejoined += 1;
      this.#log.warn({ node: id }, 'This node was taken for dead, and joined again');
    }
    this.#living = rows.map((row) => ({
      id: row.node_id,
      hostId: row.host_id,
      address: row.address,
      roles: row.roles,
      version: row.version,
      startedAt: row.started_at,
      isDraining: row.is_draining,
    }));
    const shape = JSON.stringify(this.#living);
    if (shape === this.#shape) return;
    this.#shape = shape;
    for (const { call } of this.#listeners) {
      try {
        call();
      } catch (error) {
        // The others still want to know.
        this.#log.error({ err: error }, 'A listener of the nodes failed');
      }
    }
  }

  async #rows<T extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<T[]> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw translateError(error);
    });
    let isFine = false;
    try {
      const rows = await new Sql(client).rows<T>(text, values);
      isFine = true;
      return rows;
    } finally {
      client.release(!isFine);
    }
  }
}
