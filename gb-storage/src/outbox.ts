import type { Outbox, OutboxEntry } from 'gb-core';
import type { ChannelId, CustomerId, EventKind, Seq } from 'gb-protocol';
import type { Clock, Logger } from 'gb-utils';
import type { ClientConfig } from 'pg';
import pg from 'pg';
import { Sql, time } from './connection.ts';
import { isConnectionError, translateError } from './database-errors.ts';

/** Who holds this lock is the relay. It is the session's: it goes with the connection, however that ends. */
const relayLockKey = 4_762_002;

/** The outbox as the relay sees it: rows of all customers, through a role that sees nothing else. */
export class PostgresOutbox implements Outbox {
  readonly #config: ClientConfig;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #isNear: () => boolean;
  readonly #listeners = new Set<() => void>();
  #connecting: Promise<{ client: pg.Client; sql: Sql }> | null = null;
  #isRelay = false;
  #isClosed = false;

  constructor(options: { config: ClientConfig; clock: Clock; log: Logger; isNear?: (() => boolean) | undefined }) {
    this.#isNear = options.isNear ?? (() => true);
    this.#config = options.config;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  async take(limit: number): Promise<readonly OutboxEntry[]> {
    if (!this.#isNear()) {
      await this.#disconnect(); // Who is near gets the lock.
      return [];
    }
    return this.#use(async (sql) => {
      if (!this.#isRelay) {
        const row = await sql.row<{ is_relay: boolean }>('select pg_try_advisory_lock($1::bigint) as is_relay', [relayLockKey]);
        if (!row?.is_relay) return [];
        this.#isRelay = true;
      }
      const rows = await sql.rows<{
        outbox_id: number;
        customer_id: CustomerId;
        channel_id: ChannelId;
        seq: Seq;
        kind: EventKind;
      }>('select outbox_id, customer_id, channel_id, seq, kind from outbox order by outbox_id limit $1', [limit]);
      return rows.map((row) => ({
        id: String(row.outbox_id),
        customerId: row.customer_id,
        channelId: row.channel_id,
        seq: row.seq,
        kind: row.kind,
      }));
    });
  }

  async done(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#use((sql) => sql.change('delete from outbox where outbox_id = any ($1::bigint[])', [ids]));
  }

  async park(entry: OutboxEntry, group: string, reason: string): Promise<void> {
    await this.#use((sql) =>
      sql.change(
        `insert into dead_letters (customer_id, outbox_id, consumer, channel_id, seq, kind, reason, parked_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
        [
          entry.customerId,
          entry.id,
          group,
          entry.channelId,
          entry.seq,
          entry.kind,
          reason.replaceAll('\0', '').slice(0, 2_000),
          time(this.#clock.nowMs()),
        ],
      ),
    );
  }

  onCommitted(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Told by the writer and the transactions of this process. */
  announceCommit(): void {
    for (const listener of this.#listeners) listener();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.clear();
    await this.#disconnect();
  }

  async #use<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    this.#connecting ??= this.#connect();
    const connecting = this.#connecting;
    try {
      return await work((await connecting).sql);
    } catch (error) {
      if (isConnectionError(error) && this.#connecting === connecting) await this.#disconnect();
      throw translateError(error);
    }
  }

  async #connect(): Promise<{ client: pg.Client; sql: Sql }> {
    const client = new pg.Client(this.#config);
    client.on('error', (error) => {
      if (!this.#isClosed) this.#log.warn({ err: error }, 'The relay lost its connection');
      this.#connecting = null;
      this.#isRelay = false;
    });
    try {
      await client.connect();
    } catch (error) {
      this.#connecting = null;
      await client.end().catch(() => {}); // It never was connected.
      throw error;
    }
    return { client, sql: new Sql(client) };
  }

  async #disconnect(): Promise<void> {
    const connecting = this.#connecting;
    this.#connecting = null;
    this.#isRelay = false;
    const connection = await connecting?.catch(() => null); // Whoever asked for it was told why it failed.
    await connection?.client.end().catch(() => {}); // It is of no use any more, whatever it says.
  }
}
