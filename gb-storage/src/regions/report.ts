import { GbError } from 'gb-utils';
import type { ClientBase, PoolConfig } from 'pg';
import type { RegionalDatabase } from './promote.ts';
import { type Standing, standingOf, withClient } from './standing.ts';

/** One place of a database, as an operator wants to see it. */
export interface SiteReport {
  readonly name: string;
  readonly region: string;
  /**
   * `superseded`: it was the primary, and another one is now. `unopened`: it was promoted, and `gb region promote` has not
   * opened it. `closed`: on its way to the other region. `stranger`: the address leads to another database.
   */
  readonly state: 'away' | 'primary' | 'closed' | 'unopened' | 'superseded' | 'standby' | 'stranger';
  readonly term: number | null;
  /** Of a primary that needs one: what is left of its lease, 0 when it is over. Null without a lease. */
  readonly leaseLeftMs: number | null;
  /** Whose acknowledgements it needs. */
  readonly standby: string | null;
  /** Of a standby: what the primary has and it has not received; null when the primary cannot be asked. */
  readonly behindBytes: number | null;
  /** Of a standby: when the newest change it has was committed. */
  readonly lastChangeAtMs: number | null;
  /** Of a primary. */
  readonly buckets: number | null;
  readonly customers: number | null;
}

/** All places of all databases. */
export async function reportRegions(databases: readonly RegionalDatabase[]): Promise<readonly SiteReport[]> {
  return (await Promise.all(databases.map(reportDatabase))).flat();
}

interface Looked {
  readonly region: string;
  readonly standing: Standing;
  readonly facts: Omit<SiteReport, 'name' | 'region' | 'state' | 'term' | 'standby' | 'behindBytes'>;
  /** Where its log ends: written, or received. */
  readonly lsn: string | null;
}

async function reportDatabase({ name, sites }: RegionalDatabase): Promise<readonly SiteReport[]> {
  const looked = await Promise.all([...sites].map(([region, config]) => look(region, config)));
  const termMax = Math.max(...looked.map((one) => (one?.standing.isOpened ? one.standing.term : -1)));
  const primary = looked.find((one) => one?.standing.isOpened && one.standing.term === termMax);
  const system = (primary ?? looked.find((one) => one !== null))?.standing.system;
  return [...sites.keys()].map((region, i): SiteReport => {
    const one = looked[i];
    const nothing = { leaseLeftMs: null, lastChangeAtMs: null, buckets: null, customers: null, behindBytes: null };
    if (!one) return { name, region, state: 'away', term: null, standby: null, ...nothing };
    const { standing, facts, lsn } = one;
    if (standing.system !== system) return { name, region, state: 'stranger', term: null, standby: null, ...nothing };
    const behindBytes = standing.isStandby && primary?.lsn && lsn ? Math.max(0, bytesOf(primary.lsn) - bytesOf(lsn)) : null;
    return {
      name,
      region,
      state: stateOf(standing, termMax),
      term: standing.term,
      standby: standing.standby,
      behindBytes,
      ...facts,
    };
  });
}

function stateOf(standing: Standing, termMax: number): SiteReport['state'] {
  if (standing.isStandby) return 'standby';
  if (!standing.isOpened) return 'unopened';
  if (standing.term < termMax) return 'superseded';
  return standing.isClosed ? 'closed' : 'primary';
}

async function look(region: string, config: PoolConfig): Promise<Looked | null> {
  try {
    return await withClient({ ...config, connectionTimeoutMillis: 5_000 }, async (client) => {
      const standing = await standingOf(client);
      if (standing.isStandby) {
        const { rows } = await client.query<{ at: number | null; lsn: string | null }>(
          `select pg_last_xact_replay_timestamp() as at, coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::text as lsn`,
        );
        const facts = { leaseLeftMs: null, lastChangeAtMs: rows[0]?.at ?? null, buckets: null, customers: null };
        return { region, standing, facts, lsn: rows[0]?.lsn ?? null };
      }
      const { rows } = await client.query<{ lsn: string; buckets: number; customers: number }>(
        `select pg_current_wal_flush_lsn()::text as lsn,
           (select count(*)::int from control.buckets where state = 'open') as buckets,
           (select count(*)::int from control.customers) as customers`,
      );
      const { lsn, buckets, customers } = rows[0]!;
      const leaseLeftMs = standing.standby === null ? null : await leaseLeft(client);
      return { region, standing, facts: { leaseLeftMs, lastChangeAtMs: null, buckets, customers }, lsn };
    });
  } catch (error) {
    if (error instanceof GbError && error.code === 'unavailable') return null;
    throw error;
  }
}

async function leaseLeft(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ left: number }>(
    `select greatest(0, extract(epoch from held_until - clock_timestamp()) * 1000)::float8 as left
     from control.region where held_until > '-infinity'`,
  );
  return Math.round(rows[0]?.left ?? 0);
}

/** A place in the log, "16/B374D848", as the number of bytes before it. */
function bytesOf(lsn: string): number {
  const [high, low] = lsn.split('/').map((part) => Number.parseInt(part, 16));
  return high! * 2 ** 32 + low!;
}
