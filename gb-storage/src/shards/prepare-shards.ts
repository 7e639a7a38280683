import type { PoolConfig } from 'pg';
import pg from 'pg';
import { connectionConfig } from '../connection.ts';
import { bucketCount } from './bucket.ts';

/**
 * Makes the map, once, and tells each database what it has. The first of `owners` is the control database. What was one
 * database until now stays where it is: without `deal` every bucket is in the first, and moves from there. Databases are
 * migrated before. May be called again at any time, by several at once; shards that are new are added, empty.
 */
export async function prepareShards(
  owners: ReadonlyMap<string, PoolConfig>,
  deal: (bucket: number) => string = () => owners.keys().next().value!,
): Promise<void> {
  const [control] = owners.values();
  const map = await once(control!, async (client) => {
    await client.query('lock table control.shards in share row exclusive mode');
    await client.query('insert into control.shards (shard) select unnest($1::text[]) on conflict do nothing', [
      [...owners.keys()],
    ]);
    const buckets = Array.from({ length: bucketCount }, (_, bucket) => bucket);
    await client.query(
      `insert into control.bucket_map (bucket, shard, epoch) select b, s, 1 from unnest($1::int[], $2::text[]) as d (b, s)
       where not exists (select from control.bucket_map)`,
      [buckets, buckets.map(deal)],
    );
    const { rows } = await client.query<{ bucket: number; shard: string; epoch: number }>(
      'select bucket, shard, epoch from control.bucket_map',
    );
    return rows;
  });
  for (const [name, owner] of owners) {
    const own = map.filter(({ shard }) => shard === name);
    // What a database knows already is newer, or on its way: only a first start fills it.
    await once(owner, (client) =>
      client.query(
        `insert into control.buckets (bucket, epoch, state) select b, e, 'open' from unnest($1::int[], $2::bigint[]) as d (b, e)
         where not exists (select from control.buckets)`,
        [own.map(({ bucket }) => bucket), own.map(({ epoch }) => epoch)],
      ),
    );
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
