import { assert, type Logger } from 'gb-utils';
import type { ClientConfig } from 'pg';
import { migrate } from '../../migrate.ts';
import { isAway, Link } from './link.ts';
import type { BucketSize } from './plan.ts';
import { MoveRefused } from './refused.ts';

export interface ShardFacts {
  readonly name: string;
  readonly state: 'open' | 'draining';
  readonly region: string | null;
  readonly buckets: number;
  /** null where the database was not asked, or did not answer. */
  readonly inside: {
    readonly customers: number;
    /** Entries of logs, and rows of bots' tables. */
    readonly entries: number;
    readonly bytes: number;
  } | null;
  readonly problem: 'no address' | 'away' | null;
}

export interface MoveFacts {
  readonly bucket: number;
  readonly source: string;
  readonly target: string;
  readonly phase: 'copying' | 'committed' | 'aborting';
  readonly startedAtMs: number;
  /** Somebody works at it now. Otherwise it was cut, and waits to be run again. */
  readonly isRunning: boolean;
}

export interface ShardOverview {
  readonly shards: readonly ShardFacts[];
  readonly moves: readonly MoveFacts[];
  /** Of databases that answered. */
  readonly sizes: readonly BucketSize[];
}

/** What is where. `owners` are the log-ins by name, the control database first. */
export async function overlook(owners: ReadonlyMap<string, ClientConfig>): Promise<ShardOverview> {
  return withControl(owners, async (control) => {
    const shards = await control.rows<{ name: string; state: 'open' | 'draining'; region: string | null }>(
      // Not every installation has regions, and the column came later than this.
      `select s.shard as name, s.state, to_jsonb(s) ->> 'region' as region from control.shards s order by s.added_at, s.shard`,
    );
    const places = await control.rows<{ bucket: number; shard: string }>('select bucket, shard from control.bucket_map');
    const moves = await control.rows<{
      bucket: number;
      source: string;
      target: string;
      phase: MoveFacts['phase'];
      started_at: number;
      is_running: boolean;
    }>(
      `select m.bucket, m.source, m.target, m.phase, m.started_at,
         exists (select from pg_locks l where l.locktype = 'advisory' and l.database = (select oid from pg_database where datname = current_database())
           and l.classid = 4762004 and l.objid = m.bucket and l.objsubid = 2) as is_running
       from control.bucket_moves m order by m.started_at`,
    );
    const asked = await Promise.all(shards.map(({ name }) => lookInside(owners.get(name))));
    const placeOf = new Map(places.map(({ bucket, shard }) => [bucket, shard]));
    const sizes = new Map<number, number>();
    for (const [i, answer] of asked.entries())
      for (const { bucket, entries } of answer.customers ?? [])
        if (placeOf.get(bucket) === shards[i]!.name) sizes.set(bucket, (sizes.get(bucket) ?? 0) + entries);
    return {
      shards: shards.map(({ name, state, region }, i) => {
        const { customers, bytes, problem } = asked[i]!;
        const own = customers?.filter(({ bucket }) => placeOf.get(bucket) === name);
        return {
          name,
          state,
          region,
          buckets: places.filter(({ shard }) => shard === name).length,
          inside: own ? { customers: own.length, entries: own.reduce((sum, { entries }) => sum + entries, 0), bytes } : null,
          problem,
        };
      }),
      moves: moves.map(({ started_at, is_running, ...move }) => ({ ...move, startedAtMs: started_at, isRunning: is_running })),
      sizes: places
        .filter(({ shard }) => asked[shards.findIndex(({ name }) => name === shard)]?.problem === null)
        .map(({ bucket, shard }) => ({ bucket, shard, entries: sizes.get(bucket) ?? 0 })),
    };
  });
}

interface Inside {
  readonly customers: readonly { bucket: number; entries: number }[] | null;
  readonly bytes: number;
  readonly problem: ShardFacts['problem'];
}

async function lookInside(owner: ClientConfig | undefined): Promise<Inside> {
  if (!owner) return { customers: null, bytes: 0, problem: 'no address' };
  let link: Link | undefined;
  try {
    link = await Link.open(owner);
    const customers = await link.rows<{ bucket: number; entries: number }>(
      'select bucket, entries from control.customer_sizes()',
    );
    const row = await link.row<{ bytes: number }>('select pg_database_size(current_database()) as bytes');
    return { customers, bytes: row?.bytes ?? 0, problem: null };
  } catch (error) {
    if (!isAway(error)) throw error;
    return { customers: null, bytes: 0, problem: 'away' };
  } finally {
    await link?.close();
  }
}

/**
 * Brings a database up to date and writes it into the map, without buckets. Refuses one that has customers already, or
 * that is another of the shards: their buckets would be said to be in two places.
 */
export async function registerShard(
  owners: ReadonlyMap<string, ClientConfig>,
  { name, owner, log }: { name: string; owner: ClientConfig; log: Logger },
): Promise<'added' | 'known'> {
  await migrate(owner, { log });
  const link = await Link.open(owner);
  try {
    const row = await link.row<{ is_used: boolean; is_ours: boolean }>(
      `select exists (select from control.customers) or exists (select from control.bucket_map) as is_used,
         exists (select from control.buckets) as is_ours`,
    );
    return await withControl(owners, async (control) => {
      const known = await control.row('select from control.shards where shard = $1', [name]);
      if (known) return 'known';
      if (row?.is_used || row?.is_ours)
        throw new MoveRefused({
          en: `The database given for ${name} is in use already: a shard that is added has to be empty.`,
          pt: `O banco dado para ${name} já está em uso: um shard novo precisa estar vazio.`,
        });
      await control.change('insert into control.shards (shard) values ($1)', [name]);
      return 'added';
    });
  } finally {
    await link.close();
  }
}

/** A shard that is drained gets no more buckets. */
export async function markShard(
  owners: ReadonlyMap<string, ClientConfig>,
  name: string,
  state: 'open' | 'draining',
): Promise<void> {
  await withControl(owners, async (control) => {
    const changed = await control.change('update control.shards set state = $2 where shard = $1', [name, state]);
    if (changed === 0) throw new MoveRefused({ en: `There is no shard ${name}.`, pt: `Não há shard ${name}.` });
  });
}

async function withControl<T>(owners: ReadonlyMap<string, ClientConfig>, work: (control: Link) => Promise<T>): Promise<T> {
  const owner = owners.values().next().value;
  assert(owner, 'the first of the databases is the control database');
  const control = await Link.open(owner);
  try {
    return await work(control);
  } finally {
    await control.close();
  }
}
