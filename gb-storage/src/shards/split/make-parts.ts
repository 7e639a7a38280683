import { randomInt } from 'node:crypto';
import type { CustomerId } from 'gb-protocol';
import { assert, uuidFromText } from 'gb-utils';
import type { PoolConfig } from 'pg';
import { time } from '../../connection.ts';
import { bucketOf } from '../bucket.ts';
import { Link, moveLocks } from '../move/link.ts';
import type { Shard } from '../sharded-store.ts';
import { isPart, type PartId, partId } from './part.ts';
import { SplitRefused } from './split-refused.ts';

export const partsMax = 64;
/** Prepared transactions a database must have room for: of each process some, for a moment. */
const preparedMin = 16;

export interface MakePartsOptions {
  /** As who may change them, by name; the first is the control database. */
  readonly owners: ReadonlyMap<string, PoolConfig>;
  readonly begin: Shard['begin'];
  /** Reads the map again. */
  readonly refresh: () => Promise<void>;
}

/**
 * Gives a customer its parts. From then on every new channel has its log in one of them, and logs that are at home may be
 * taken there. May be cut off anywhere and called again; a customer that has its parts keeps them.
 */
export async function makeParts(customerId: CustomerId, count: number, options: MakePartsOptions): Promise<readonly PartId[]> {
  const { owners, begin, refresh } = options;
  await requireCustomer(customerId, begin);
  const bucket = bucketOf(customerId);
  const control = await Link.open(owners.values().next().value!, { key: moveLocks.control, bucket });
  try {
    const [place] = await control.rows<{ shard: string; is_moving: boolean }>(
      `select m.shard, exists (select from control.bucket_moves v where v.bucket = m.bucket) as is_moving
       from control.bucket_map m where m.bucket = $1`,
      [bucket],
    );
    assert(place, 'every bucket is on the map');
    if (place.is_moving) throw isBeingMoved(bucket);
    const known = await control.rows<{ part_id: PartId; is_open: boolean }>(
      'select part_id, is_open from control.parts where customer_id = $1 order by number',
      [customerId],
    );
    if (known.length > 0 && known.length !== count) throw hasOthers(known.length);
    if (known.length > 0 && known.every((row) => row.is_open)) return known.map((row) => row.part_id);
    const parts = known.length > 0 ? known.map((row) => row.part_id) : await choose(control, customerId, count, place.shard);
    for (const part of parts) await prepare(part, customerId, await shardOf(control, part), options, begin);
    await control.change(
      `insert into control.parts (customer_id, number, part_id)
       select $1, u.number - 1, u.part_id from unnest($2::uuid[]) with ordinality u (part_id, number) on conflict do nothing`,
      [customerId, parts],
    );
    await raiseEpoch(control, bucket, place.shard, owners);
    await control.change('update control.parts set is_open = true where customer_id = $1', [customerId]);
    await refresh();
    return parts;
  } finally {
    await control.close();
  }
}

async function requireCustomer(customerId: CustomerId, begin: Shard['begin']): Promise<void> {
  if (isPart(customerId)) throw noCustomer(customerId);
  const home = await begin(customerId, { isReadOnly: true, isRepeated: false, nowMs: Date.now() });
  const row = await home.sql.row('select 1 from customers where customer_id = $1', [customerId]).finally(() => home.rollback());
  if (!row) throw noCustomer(customerId);
}

/** By turns over the databases that take new buckets, the home's last; in each a bucket that is there now. */
async function choose(control: Link, customerId: CustomerId, count: number, home: string): Promise<readonly PartId[]> {
  const rows = await control.rows<{ shard: string; bucket: number }>(
    `select m.shard, m.bucket from control.bucket_map m join control.shards s on s.shard = m.shard
     where s.state = 'open' and not exists (select from control.bucket_moves v where v.bucket = m.bucket) order by m.shard, m.bucket`,
  );
  const byShard = [...Map.groupBy(rows, (row) => row.shard)].sort(([a], [b]) => Number(a === home) - Number(b === home));
  assert(byShard.length > 0, 'some database is open');
  return Array.from({ length: count }, (_, number) => {
    const own = byShard[number % byShard.length]![1];
    return partId(customerId, number, own[randomInt(own.length)]!.bucket);
  });
}

async function shardOf(control: Link, part: PartId): Promise<string> {
  const row = await control.row<{ shard: string }>('select shard from control.bucket_map where bucket = $1', [bucketOf(part)]);
  return row!.shard;
}

/** The part as a customer of its own, without anybody who could log in; and that its database can do what it will have to. */
async function prepare(
  part: PartId,
  customerId: CustomerId,
  shard: string,
  { owners }: MakePartsOptions,
  begin: Shard['begin'],
): Promise<void> {
  const owner = owners.get(shard);
  if (!owner) throw unknownDatabase(shard);
  const link = await Link.open(owner);
  try {
    const row = await link.row<{ n: number }>("select current_setting('max_prepared_transactions')::int as n");
    if (row!.n < preparedMin) throw cannotPrepare(shard, row!.n);
  } finally {
    await link.close();
  }
  const nowMs = Date.now();
  const participant = await begin(part, { isReadOnly: false, isRepeated: false, nowMs });
  try {
    const { sql } = participant;
    const own = await uuidFromText(part);
    const values = [part, own, `part of ${customerId}`, time(nowMs)];
    await sql.change('insert into customers (customer_id, name, created_at) values ($1, $2, $3) on conflict do nothing', [
      part,
      values[2],
      values[3],
    ]);
    // By the directory that this fills, whoever moves buckets finds everybody who is in one.
    await sql.change(
      `insert into organizations (customer_id, organization_id, name, created_at) values ($1, $2, $3, $4) on conflict do nothing`,
      values,
    );
    await sql.change(
      `insert into instances (customer_id, instance_id, organization_id, name, created_at) values ($1, $2, $2, $3, $4)
       on conflict do nothing`,
      values,
    );
    await participant.commit();
  } catch (error) {
    await participant.rollback();
    throw error;
  }
}

/**
 * Whoever does not know of the parts yet is refused at home from here on, and reads the map again. First the database, then
 * the map: in between everybody of the bucket waits. Cut off there, it is done again by calling again.
 */
async function raiseEpoch(control: Link, bucket: number, shard: string, owners: ReadonlyMap<string, PoolConfig>): Promise<void> {
  const owner = owners.get(shard);
  if (!owner) throw unknownDatabase(shard);
  const home = await Link.open(owner);
  try {
    const epoch = await home.transaction(async () => {
      // For transactions under way, of which none is long.
      await home.change('set local lock_timeout = 10000');
      await home.rows('select pg_advisory_xact_lock(control.bucket_lock(), $1)', [bucket]);
      const row = await home.row<{ epoch: string }>(
        "update control.buckets set epoch = epoch + 1 where bucket = $1 and state = 'open' returning epoch",
        [bucket],
      );
      if (!row) throw isBeingMoved(bucket);
      return row.epoch;
    });
    await control.change('update control.bucket_map set epoch = $2 where bucket = $1', [bucket, epoch]);
  } finally {
    await home.close();
  }
}

function noCustomer(customerId: CustomerId): SplitRefused {
  return new SplitRefused({
    en: `There is no organization ${customerId}.`,
    pt: `Não há organização ${customerId}.`,
  });
}

function isBeingMoved(bucket: number): SplitRefused {
  return new SplitRefused({
    en: `Bucket ${bucket} is being moved. Ask again when it has arrived.`,
    pt: `O bucket ${bucket} está sendo movido. Tente de novo quando ele tiver chegado.`,
  });
}

function hasOthers(count: number): SplitRefused {
  return new SplitRefused({
    en: `This customer has ${count} parts already. Their number cannot be changed.`,
    pt: `Este cliente já tem ${count} partes. O número delas não pode ser mudado.`,
  });
}

function unknownDatabase(shard: string): SplitRefused {
  return new SplitRefused({
    en: `DATABASE_SHARDS does not name the database ${shard}, which is on the map.`,
    pt: `DATABASE_SHARDS não traz o banco ${shard}, que está no mapa.`,
  });
}

function cannotPrepare(shard: string, has: number): SplitRefused {
  return new SplitRefused({
    en: `The database ${shard} has max_prepared_transactions = ${has}. Parts need at least ${preparedMin}, better 64: set it and restart PostgreSQL (its standbys first).`,
    pt: `O banco ${shard} está com max_prepared_transactions = ${has}. Partes precisam de pelo menos ${preparedMin}, melhor 64: ajuste e reinicie o PostgreSQL (primeiro as réplicas).`,
  });
}
