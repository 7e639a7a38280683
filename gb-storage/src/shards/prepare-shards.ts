import type { PoolConfig } from 'pg';
import pg from 'pg';
import { connectionConfig } from '../connection.ts';
import { bucketCount } from './bucket.ts';

/**
 * Makes the map, once, and tells each database what it has. `names` are all databases, the control database first; `owners`
 * those that are there now and migrated, the control database among them. A database with customers in it becomes the first
 * of several with everything where it was; where nobody is yet, the buckets are dealt evenly. May be called again at any
 * time, by several processes at once; a database that is new is added without buckets.
 */
export async function prepareShards(names: readonly string[], owners: ReadonlyMap<string, PoolConfig>): Promise<void> {
  const map = await once(owners.get(names[0]!)!, async (client) => {
    await client.query('lock table control.shards in share row exclusive mode');
    await client.query('insert into control.shards (shard) select unnest($1::text[]) on conflict do nothing', [names]);
    const { rows: known } = await client.query('select from control.customers limit 1');
    const buckets = Array.from({ length: bucketCount }, (_, bucket) => bucket);
    await client.query(
      `insert into control.bucket_map (bucket, shard, epoch) select b, s, 1 from unnest($1::int[], $2::text[]) as d (b, s)
       where not exists (select from control.bucket_map)`,
      [buckets, buckets.map((bucket) => names[known.length > 0 ? 0 : bucket % names.length])],
    );
    const { rows } = await client.query<{ bucket: number; shard: string; epoch: number }>(
      'select bucket, shard, epoch from control.bucket_map',
    );
    return rows;
  });
  for (const [name, owner] of owners) {
    const own = map.filter(({ shard }) => shard === name);
    // What a database knows already is newer than the map, or on its way: only a first start fills it.
    await once(owner, async (client) => {
      await client.query('lock table control.buckets in share row exclusive mode');
      await client.query(
        `insert into control.buckets (bucket, epoch, state) select b, e, 'open' from unnest($1::int[], $2::bigint[]) as d (b, e)
         where not exists (select from control.buckets)`,
        [own.map(({ bucket }) => bucket), own.map(({ epoch }) => epoch)],
      );
    });
  }
}

async function once<T>(config: PoolConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(connectionConfig(config));
  await client.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } finally {
    await client.end();
  }
}
