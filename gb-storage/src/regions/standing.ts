import type { ClientBase, PoolConfig } from 'pg';
import pg from 'pg';
import { connectionConfig } from '../connection.ts';
import { sqlState, translateError } from '../database-errors.ts';

/** What a database says of itself, as one of several copies in several regions. */
export interface Standing {
  /** The same for all copies of a database, and for nobody else. */
  readonly system: string;
  /** Where it is the primary, or was when this copy heard of it last; null where nobody spoke of regions yet. */
  readonly region: string | null;
  /** Grows with each promotion; 0 without a region. */
  readonly term: number;
  readonly isStandby: boolean;
  /** Whether it may be written, as far as promotions go: one that was promoted has to be opened first. */
  readonly isOpened: boolean;
  /** On its way to another region, in order: refuses those who write. */
  readonly isClosed: boolean;
  /** Whose acknowledgements it needs in order to be written. */
  readonly standby: string | null;
  readonly isParting: boolean;
  readonly leaseMs: number | null;
}

export async function standingOf(client: ClientBase): Promise<Standing> {
  try {
    const { rows } = await client.query('select * from control.standing()');
    const row = rows[0];
    return {
      system: row.system,
      region: row.region,
      term: row.region === null ? 0 : Number(row.term),
      isStandby: row.is_standby,
      isOpened: row.region === null ? !row.is_standby : row.is_opened,
      isClosed: row.is_closed,
      standby: row.standby,
      isParting: row.is_parting,
      leaseMs: row.lease_ms,
    };
  } catch (error) {
    // A database that is still empty, or of a version that knew nothing of regions: it is what PostgreSQL says it is.
    if (!['42883', '3F000', '42501'].includes(sqlState(error) ?? '')) throw error;
    const { rows } = await client.query(
      'select system_identifier::text as system, pg_is_in_recovery() as is_standby from pg_control_system()',
    );
    const none = { region: null, term: 0, isClosed: false, standby: null, isParting: false, leaseMs: null };
    return { ...none, system: rows[0].system, isStandby: rows[0].is_standby, isOpened: !rows[0].is_standby };
  }
}

/** One connection for some work of an operator, which may take its time. */
export async function withClient<T>(config: PoolConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const settings = { search_path: 'pg_catalog', statement_timeout: '0', idle_in_transaction_session_timeout: '0' };
  const client = new pg.Client(connectionConfig(config, settings));
  client.on('error', () => {}); // Whatever statement is running fails with it.
  try {
    await client.connect();
    return await work(client);
  } catch (error) {
    throw translateError(error);
  } finally {
    await client.end().catch(() => {}); // It never was connected, or is of no use any more.
  }
}
