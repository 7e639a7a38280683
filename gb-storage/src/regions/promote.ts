import { GbError, sleep } from 'gb-utils';
import type { ClientBase, PoolConfig } from 'pg';
import { type Standing, standingOf, withClient } from './standing.ts';

/** A database with its places, as their owner. */
export interface RegionalDatabase {
  readonly name: string;
  readonly sites: ReadonlyMap<string, PoolConfig>;
}

export interface PromoteOptions {
  /** All databases of the installation, the control database first. */
  readonly databases: readonly RegionalDatabase[];
  /** Where they are to be at home from now on. */
  readonly region: string;
  /** Only these; all when not given. */
  readonly only?: readonly string[];
  /** The old primary was switched off for certain: nobody has to wait for its lease, and one that had none is opened as well. */
  readonly isFenceConfirmed?: boolean;
  /** What goes on, a line at a time. */
  readonly say?: (line: string) => void;
  /** For tests: called before each step, which then does not happen if this throws. */
  readonly onStep?: (step: PromoteStep) => void | Promise<void>;
}

export type PromoteStep = 'close' | 'promote' | 'wait' | 'open' | 'map';

export interface Promoted {
  readonly name: string;
  /** `there`: it was at home in that region already. */
  readonly how: 'there' | 'in order' | 'forced';
  readonly term: number;
  readonly buckets: number;
  /** Whose numbers may have been given to other entries before. */
  readonly channels: number;
  /** When the last transaction was committed that this database has; null when it cannot tell. */
  readonly lastCommitAtMs: number | null;
  /** In the middle of a move, or said to be here and not arrived: nobody enters them until that is settled. */
  readonly unsettled: readonly number[];
}

/** A quarter of a lease for clocks that run or jump a little, and a second for what is on its way. */
const waitMsOf = (leaseMs: number) => leaseMs * 1.25 + 1_000;
const behindBytesMax = 1024 * 1024;
const catchUpMsMax = 10 * 60_000;
const handOverMsMax = 30_000;

/**
 * Makes a region the home of databases. Where the old primary answers, it is closed, the copy receives the rest, and nothing
 * is lost. Where it does not, the copy waits until the old one's lease is over, and what was not replicated is lost. Cut
 * short at any moment, the same call again goes on from there: a database is closed or not opened meanwhile, so nobody
 * writes; never do two accept.
 */
export async function promoteRegion(options: PromoteOptions): Promise<readonly Promoted[]> {
  const promoted: Promoted[] = [];
  for (const database of options.databases) {
    if (options.only && !options.only.includes(database.name)) continue;
    promoted.push(await promote(database, options));
  }
  return promoted;
}

async function promote(database: RegionalDatabase, options: PromoteOptions): Promise<Promoted> {
  const { region, say = () => {}, onStep = () => {} } = options;
  const { name, sites } = database;
  const site = sites.get(region);
  if (!site) throw new GbError('not_found', `The settings name no address of ${name} in the region ${region}.`);
  return withClient(site, async (target) => {
    const standing = await standingOf(target);
    let isForced = false;
    if (standing.isStandby) {
      const old = await primaryOf(database, region, standing);
      if (old) await handOver(name, old, target, say, onStep);
      else {
        isForced = true;
        checkFence(name, region, standing, options);
        say(`${name}: the other region does not answer. ${await behind(target)}`);
      }
      await onStep('promote');
      const { rows } = await target.query<{ done: boolean }>('select pg_promote(true, 300) as done');
      if (rows[0]?.done !== true)
        throw new GbError('unavailable', `${name} was not promoted within five minutes.`, { retryable: true });
      say(`${name}: promoted, and not opened yet`);
    } else if (!standing.isOpened || standing.region === null) {
      // By hand, by another tool, or by a call of ours that was cut short: what the old one did since then is not known.
      isForced = true;
      checkFence(name, region, standing, options);
    } else if (standing.region !== region) {
      throw new GbError(
        'malformed',
        `The address of ${name} in ${region} leads to the database that is at home in ${standing.region}.`,
      );
    }
    if (isForced && !options.isFenceConfirmed) {
      await onStep('wait');
      const waitMs = waitMsOf(standing.leaseMs!);
      say(`${name}: waiting ${Math.ceil(waitMs / 1_000)} s until the lease of the other region must be over`);
      await sleep(waitMs);
    }
    const isThere = !standing.isStandby && standing.isOpened && standing.region !== null && !standing.isClosed;
    const lastCommitAtMs = isThere ? null : await lastCommit(target);
    await onStep('open');
    const map = await readMap(database, options.databases, target);
    const opened = await open(target, { name, region, map, isForced, isThere });
    await onStep('map');
    await writeMap(database, map, options.databases, target);
    say(`${name}: ${isThere ? 'is at home' : 'opened'} in ${region}, term ${opened.term}`);
    return { name, how: isThere ? 'there' : isForced ? 'forced' : 'in order', lastCommitAtMs, ...opened };
  });
}

/** Whether anybody can know that the old primary accepts nothing any more. */
function checkFence(name: string, region: string, { standby, isParting }: Standing, { isFenceConfirmed }: PromoteOptions): void {
  if (isFenceConfirmed || (standby === region && !isParting)) return;
  throw new GbError(
    'conflict',
    `${name} had no lease that its copy in ${region} renews, so the old primary may still accept messages. ` +
      'Switch it off for certain, and say so: --fence-confirmed',
  );
}

/** Of the other sites, the one that may be written now. */
async function primaryOf({ sites }: RegionalDatabase, region: string, standing: Standing): Promise<PoolConfig | null> {
  for (const [other, config] of sites) {
    if (other === region) continue;
    try {
      const its = await withClient({ ...config, connectionTimeoutMillis: 5_000 }, standingOf);
      if (its.system === standing.system && !its.isStandby && its.isOpened && its.term >= standing.term) return config;
    } catch (error) {
      if (!(error instanceof GbError) || error.code !== 'unavailable') throw error;
    }
  }
  return null;
}

/** In order: the old primary takes no more writers, and the copy gets everything it has. */
async function handOver(
  name: string,
  old: PoolConfig,
  target: ClientBase,
  say: (line: string) => void,
  onStep: NonNullable<PromoteOptions['onStep']>,
): Promise<void> {
  await withClient(old, async (primary) => {
    await untilBehind(name, primary, target, behindBytesMax, catchUpMsMax, say);
    await onStep('close');
    const { rowCount } = await primary.query('update control.region set is_closed = true');
    try {
      if (rowCount === 0) throw new GbError('conflict', `${name} does not know of regions yet: gb region guard ${name}`);
      // Whoever entered before has a lock; nobody enters now.
      await primary.query(`set lock_timeout = ${handOverMsMax}`);
      await primary.query(
        'select pg_advisory_lock(control.bucket_lock(), b.bucket) from (select bucket from control.buckets order by bucket) b',
      );
      await primary.query('select pg_advisory_unlock_all()');
      await untilBehind(name, primary, target, 0, handOverMsMax, say);
    } catch (error) {
      const isOpen = await primary.query('update control.region set is_closed = false').then(
        () => true,
        () => false,
      );
      say(`${name}: ${isOpen ? 'goes on where it is' : 'stays closed until this is done again'}`);
      throw error;
    }
    say(`${name}: closed where it was, and its copy has everything`);
  });
}

/** Waits until the copy has replayed what the primary has now, but for so many bytes. */
async function untilBehind(
  name: string,
  primary: ClientBase,
  target: ClientBase,
  bytesMax: number,
  msMax: number,
  say: (line: string) => void,
): Promise<void> {
  const { rows } = await primary.query<{ lsn: string }>('select pg_current_wal_flush_lsn()::text as lsn');
  const untilMs = performance.now() + msMax;
  let saidMs = performance.now();
  for (;;) {
    const { rows: replayed } = await target.query<{ bytes: string | null }>(
      'select pg_wal_lsn_diff($1::pg_lsn, pg_last_wal_replay_lsn())::text as bytes',
      [rows[0]!.lsn],
    );
    const bytes = Number(replayed[0]?.bytes ?? Number.NaN);
    if (bytes <= bytesMax) return;
    if (performance.now() > untilMs)
      throw new GbError('unavailable', `The copy of ${name} is ${bytes} bytes behind and does not come nearer.`, {
        retryable: true,
      });
    if (performance.now() - saidMs > 5_000) {
      saidMs = performance.now();
      say(`${name}: its copy is ${bytes} bytes behind`);
    }
    await sleep(50);
  }
}

async function lastCommit(target: ClientBase): Promise<number | null> {
  const { rows } = await target.query<{ at: number | null }>('select pg_last_xact_replay_timestamp() as at');
  return rows[0]?.at ?? null;
}

async function behind(target: ClientBase): Promise<string> {
  const { rows } = await target.query<{ at: number | null; lsn: string | null }>(
    'select pg_last_xact_replay_timestamp() as at, pg_last_wal_receive_lsn()::text as lsn',
  );
  const { at = null, lsn = null } = rows[0] ?? {};
  if (at === null) return `Its copy has the log up to ${lsn ?? 'an unknown place'}; when it last heard of a change is not known.`;
  return `Its copy has the log up to ${lsn}, the last change is of ${new Date(at).toISOString()}: what was acknowledged later is lost.`;
}

type BucketMap = ReadonlyMap<number, { readonly shard: string; readonly epoch: number }>;

const mapQuery = 'select bucket, shard, epoch from control.bucket_map';

/**
 * The map as the control database has it, which was promoted before the others, or did not have to be. Its copy may have
 * missed that buckets moved: where one is open in a later epoch, it had arrived, and there it is.
 */
async function readMap(
  database: RegionalDatabase,
  databases: readonly RegionalDatabase[],
  target: ClientBase,
): Promise<BucketMap> {
  const rows = await atControl(database, databases, target, async (control) => (await control.query(mapQuery)).rows);
  const map = new Map<number, { shard: string; epoch: number }>(rows.map(({ bucket, ...where }) => [bucket, where]));
  if (databases[0]?.name !== database.name) return map;
  for (const { name, sites } of databases.slice(1))
    for (const config of sites.values())
      for (const { bucket, epoch } of await openBucketsAt(config)) {
        const known = map.get(bucket);
        if (known && known.shard !== name && epoch > known.epoch) map.set(bucket, { shard: name, epoch });
      }
  return map;
}

async function atControl<T>(
  database: RegionalDatabase,
  databases: readonly RegionalDatabase[],
  target: ClientBase,
  work: (control: ClientBase) => Promise<T>,
): Promise<T> {
  const [first] = databases;
  if (!first || first.name === database.name) return work(target);
  let best: { config: PoolConfig; term: number } | null = null;
  for (const config of first.sites.values()) {
    try {
      const its = await withClient({ ...config, connectionTimeoutMillis: 5_000 }, standingOf);
      if (!its.isStandby && its.isOpened && (!best || its.term > best.term)) best = { config, term: its.term };
    } catch (error) {
      if (!(error instanceof GbError) || error.code !== 'unavailable') throw error;
    }
  }
  if (!best) throw new GbError('unavailable', `The control database ${first.name} does not answer; it has to be promoted first.`);
  return withClient(best.config, work);
}

interface Opening {
  readonly name: string;
  readonly region: string;
  readonly map: BucketMap;
  readonly isForced: boolean;
  readonly isThere: boolean;
}

/** One transaction, after which this database accepts, and refuses whoever has the epochs of before. */
async function open(
  target: ClientBase,
  { name, region, map, isForced, isThere }: Opening,
): Promise<Pick<Promoted, 'term' | 'buckets' | 'channels' | 'unsettled'>> {
  const { rows: own } = await target.query<{ bucket: number; epoch: number; state: string }>(
    'select bucket, epoch, state from control.buckets',
  );
  const here = new Map(own.map((one) => [one.bucket, one]));
  const mapped = [...map].filter(([, { shard }]) => shard === name).map(([bucket, { epoch }]) => ({ bucket, epoch }));
  const unsettled = mapped.filter(({ bucket }) => here.get(bucket)?.state !== 'open').map(({ bucket }) => bucket);
  const { rows } = await target.query<{ term: number }>('select coalesce((select term from control.region), 0) as term');
  if (isThere) return { term: Number(rows[0]!.term), buckets: mapped.length - unsettled.length, channels: 0, unsettled };
  await target.query('begin');
  try {
    const { rows: terms } = await target.query<{ term: number }>(
      `insert into control.region (region, timeline, term) values ($1, control.timeline(), 2)
       on conflict (one) do update set region = $1, timeline = control.timeline(), term = control.region.term + 1, standby = null,
         is_closed = false, is_parting = false, asked_at = null, held_from = '-infinity', held_until = '-infinity'
       returning term`,
      [region],
    );
    const raised = mapped.filter(({ bucket }) => !unsettled.includes(bucket));
    await target.query(
      `update control.buckets b set epoch = greatest(b.epoch, m.epoch) + 1 from unnest($1::int[], $2::bigint[]) m (bucket, epoch)
       where b.bucket = m.bucket`,
      [raised.map(({ bucket }) => bucket), raised.map(({ epoch }) => epoch)],
    );
    // They moved away, and this database has not heard of it.
    const gone = own.filter(({ bucket, state }) => state === 'open' && map.size > 0 && map.get(bucket)?.shard !== name);
    await target.query(
      `update control.buckets b set state = 'closed', epoch = greatest(b.epoch, m.epoch) from unnest($1::int[], $2::bigint[]) m (bucket, epoch)
       where b.bucket = m.bucket`,
      [gone.map(({ bucket }) => bucket), gone.map(({ bucket, epoch }) => map.get(bucket)?.epoch ?? epoch)],
    );
    let channels = 0;
    if (isForced) {
      const { rows: counts } = await target.query<{ n: string }>('select control.raise_channel_epochs() as n');
      channels = Number(counts[0]!.n);
    }
    await target.query('commit');
    return { term: Number(terms[0]!.term), buckets: raised.length, channels, unsettled };
  } catch (error) {
    await target.query('rollback').catch(() => {}); // The connection is gone: then so is the transaction.
    throw error;
  }
}

/** The map after the databases: the epochs that buckets are open in now. May be said twice. */
async function writeMap(
  database: RegionalDatabase,
  map: BucketMap,
  databases: readonly RegionalDatabase[],
  target: ClientBase,
): Promise<void> {
  const opened = (await openBuckets(target)).map((one) => ({ ...one, shard: database.name }));
  const elsewhere = [...map].flatMap(([bucket, where]) => (where.shard === database.name ? [] : [{ bucket, ...where }]));
  const all = [...opened, ...elsewhere];
  await atControl(database, databases, target, (control) =>
    control.query(
      `update control.bucket_map m set shard = d.shard, epoch = d.epoch
       from unnest($1::int[], $2::text[], $3::bigint[]) d (bucket, shard, epoch)
       where m.bucket = d.bucket and d.epoch > m.epoch`,
      [all.map(({ bucket }) => bucket), all.map(({ shard }) => shard), all.map(({ epoch }) => epoch)],
    ),
  );
}

async function openBuckets(client: ClientBase): Promise<readonly { bucket: number; epoch: number }[]> {
  const { rows } = await client.query<{ bucket: number; epoch: number }>(
    "select bucket, epoch from control.buckets where state = 'open'",
  );
  return rows;
}

/** Of a site that may be a copy, or away: then it knows nothing. */
async function openBucketsAt(config: PoolConfig): Promise<readonly { bucket: number; epoch: number }[]> {
  try {
    return await withClient({ ...config, connectionTimeoutMillis: 5_000 }, openBuckets);
  } catch (error) {
    if (!(error instanceof GbError) || error.code !== 'unavailable') throw error;
    return [];
  }
}
