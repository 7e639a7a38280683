import { GbError, type Logger } from 'gb-utils';
import type { ClientConfig, QueryResultRow } from 'pg';
import pg from 'pg';
import { connectionConfig } from '../connection.ts';

/** What one server says of itself, once a connection. */
export interface Identity {
  /** The same in a standby and in what it was copied from, and in no other server. */
  readonly server: string;
  /** Goes up when a standby is promoted: from there on it writes another history. */
  readonly timeline: number;
}

/** A server that does not answer in this time is treated as away. */
const answerMsMax = 500;

/**
 * One small question that many callers have at the same time, on a connection of its own. An answer counts for those who
 * asked before it was sent: at most one question is on its way, and who comes meanwhile shares the next one.
 */
export class Question<Row extends QueryResultRow> {
  readonly #config: ClientConfig;
  readonly #text: string;
  readonly #log: Logger;
  #connection: Promise<{ client: pg.Client; identity: Identity }> | null = null;
  #asking: Promise<unknown> | null = null;
  #next: Promise<Row & Identity> | null = null;
  #isClosed = false;

  constructor({ config, text, log }: { config: ClientConfig; text: string; log: Logger }) {
    // Nothing waits here for longer: who asks has another server to turn to.
    this.#config = { ...connectionConfig(config), connectionTimeoutMillis: answerMsMax };
    this.#text = text;
    this.#log = log;
  }

  ask(): Promise<Row & Identity> {
    this.#next ??= (async () => {
      await this.#asking?.catch(() => {}); // Told to those who asked it.
      const answer = this.#askNow();
      this.#asking = answer;
      this.#next = null;
      return answer;
    })();
    return this.#next;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const connected = await this.#connection?.catch(() => null); // Told to those who waited for it.
    await connected?.client.end();
  }

  async #askNow(): Promise<Row & Identity> {
    if (this.#isClosed) throw new GbError('unavailable', 'The store is closed');
    this.#connection ??= this.#connect();
    const connection = this.#connection;
    try {
      const { client, identity } = await connection;
      const { rows } = await inTime(client.query<Row>({ name: 'question', text: this.#text }));
      return { ...rows[0]!, ...identity };
    } catch (error) {
      if (this.#connection === connection) this.#connection = null;
      void connection.then(({ client }) => end(client)).catch(() => {}); // It is the error that is thrown.
      throw error;
    }
  }

  async #connect(): Promise<{ client: pg.Client; identity: Identity }> {
    const client = new pg.Client(this.#config);
    client.on('error', (error) => {
      this.#log.debug({ err: error }, 'The connection for positions of the log was lost');
      this.#connection = null;
    });
    try {
      await client.connect();
      const { rows } = await inTime(client.query<Identity>(identityText));
      return { client, identity: rows[0]! };
    } catch (error) {
      end(client);
      throw error;
    }
  }
}

/** A standby has followed to the timeline of its last checkpoint, and to that of the last page it wrote. */
export const identityText = `
  select s.system_identifier::text as server,
    case when pg_is_in_recovery() then greatest(c.timeline_id, r.min_recovery_end_timeline)
      else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end as timeline
  from pg_control_system() s, pg_control_checkpoint() c, pg_control_recovery() r`;

/** Whether it can still say goodbye or not: nobody waits for it. */
function end(client: pg.Client): void {
  client.end().catch(() => {});
}

/** `unavailable` where nothing comes: what hangs does not say so. */
export async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new GbError('unavailable', 'A database did not answer in time')), answerMsMax);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
    answer.catch(() => {}); // Who asked was told that it is late.
  }
}
