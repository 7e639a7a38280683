import { GbError, sleep } from 'gb-utils';
import type { ClientBase, PoolConfig } from 'pg';
import type { RegionalDatabase } from './promote.ts';
import { type Standing, standingOf, withClient } from './standing.ts';

export const leaseMsDefault = 15_000;

/**
 * From now on the database may be written only while its copy acknowledges. `standby` is the region of the copy, and its
 * `application_name`.
 */
export async function guardDatabase(
  database: RegionalDatabase,
  standby: string,
  leaseMs: number = leaseMsDefault,
): Promise<void> {
  const { name } = database;
  const { region, config } = await primaryOf(database);
  if (region === standby) throw new GbError('malformed', `${name} is at home in ${region}: its copy is in another region.`);
  await withClient(config, async (client) => {
    const { rows } = await client.query<{ n: number }>(
      "select count(*)::int as n from pg_stat_replication where application_name = $1 and state = 'streaming'",
      [standby],
    );
    if (rows[0]?.n !== 1) {
      const { rows: rights } = await client.query<{ sees: boolean }>("select pg_has_role('pg_read_all_stats', 'usage') as sees");
      throw new GbError(
        'conflict',
        rights[0]?.sees === true
          ? `${rows[0]?.n ?? 0} copies follow ${name} as "${standby}"; it must be one. A copy says who it is by application_name=${standby} in its primary_conninfo.`
          : `Who follows ${name} is hidden from its owner. As superuser: grant pg_monitor to its log-in.`,
      );
    }
    // A copy that does not know yet of this row asks for a fence when it is promoted, so the lease may begin at once. One
    // that knows of a shorter lease would wait for that only: a lease of another length begins with its next word.
    await client.query(
      `insert into control.region as r (region, timeline, standby, lease_ms, held_from, held_until)
       values ($1, control.timeline(), $2, $3::int, clock_timestamp(), clock_timestamp() + $3::int * interval '1 millisecond')
       on conflict (one) do update set standby = $2, lease_ms = $3::int, is_parting = false, asked_at = null,
         held_from = case when r.standby is null then clock_timestamp() else r.held_from end,
         held_until = case when r.standby is null then clock_timestamp() + $3::int * interval '1 millisecond' else r.held_until end`,
      [region, standby, leaseMs],
    );
  });
}

const partMsMax = 30_000;

/**
 * From now on the database may be written without its copy. The copy is told first, because one that believes in a lease
 * would be opened when that is over. One that cannot be told has to be switched off, and made anew before it is used again.
 */
export async function leaveAlone(database: RegionalDatabase, isStandbyOff: boolean): Promise<void> {
  const { name, sites } = database;
  const { config, standing } = await primaryOf(database);
  const { standby } = standing;
  if (standby === null) return;
  await withClient(config, async (client) => {
    if (!isStandbyOff) {
      await client.query('update control.region set is_parting = true');
      await untilTold(name, standby, sites.get(standby), client);
    }
    await client.query(
      "update control.region set standby = null, is_parting = false, held_from = '-infinity', held_until = '-infinity'",
    );
  });
}

async function untilTold(name: string, standby: string, config: PoolConfig | undefined, client: ClientBase): Promise<void> {
  try {
    if (!config) throw new GbError('unavailable', `The settings name no address of ${name} in ${standby}.`);
    const untilMs = performance.now() + partMsMax;
    while (!(await withClient({ ...config, connectionTimeoutMillis: 5_000 }, standingOf)).isParting) {
      if (performance.now() > untilMs) throw new GbError('unavailable', `The copy of ${name} in ${standby} does not follow.`);
      await sleep(100);
    }
  } catch (error) {
    await client.query('update control.region set is_parting = false');
    throw new GbError(
      'conflict',
      `The copy of ${name} in ${standby} cannot be told. Switch it off for certain, make it anew before you use it again, and say so: --standby-off`,
      { cause: error },
    );
  }
}

/** Where a database may be written; fails when no site says so. */
export async function primaryOf({
  name,
  sites,
}: RegionalDatabase): Promise<{ region: string; config: PoolConfig; standing: Standing }> {
  let best: { region: string; config: PoolConfig; standing: Standing } | null = null;
  for (const [region, config] of sites) {
    try {
      const standing = await withClient({ ...config, connectionTimeoutMillis: 5_000 }, standingOf);
      if (!standing.isStandby && standing.isOpened && (!best || standing.term > best.standing.term))
        best = { region, config, standing };
    } catch (error) {
      if (!(error instanceof GbError) || error.code !== 'unavailable') throw error;
    }
  }
  if (!best) throw new GbError('unavailable', `No site of ${name} that may be written answers.`);
  return best;
}
