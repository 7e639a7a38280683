import type { World } from 'gb-core/contract';
import type { CustomerId } from 'gb-protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Link } from './link.ts';
import { moveBucket } from './move-bucket.ts';
import { movedTables } from './moved-tables.ts';
import { furnish } from './testing/customer.ts';
import { startTraffic } from './testing/traffic.ts';
import { type MoveWorld, startMoveWorld } from './testing/world.ts';

let w: MoveWorld;
beforeAll(async () => {
  w = await startMoveWorld();
});
afterAll(async () => {
  await w?.close();
});

/** A bucket nobody has used yet; of the first database, since buckets are dealt by turns. */
let last = 8;
const freshBucket = () => (last += 2);
const t0 = performance.now();
const quick = {
  readingMsMax: 0,
  handOverMsMax: 300,
  onProgress: (p: unknown) => process.stderr.write(`${Math.round(performance.now() - t0)} ${JSON.stringify(p)}\n`),
};

/** All rows of a customer, as text, by table. */
async function contents(shard: string, { customerId }: World, bucket: number): Promise<Record<string, readonly string[]>> {
  const link = await Link.open(w.owners.get(shard)!);
  try {
    await link.actFor(customerId);
    const found: Record<string, readonly string[]> = {};
    for (const { name, columns, kind } of await movedTables(link, bucket)) {
      if (kind === 'relayed') continue;
      const row = `row(${columns.map((column) => column.name).join(', ')})::text`;
      const rows = await link.rows<{ row: string }>(`select ${row} as row from ${name} where customer_id = $1 order by 1`, [
        customerId,
      ]);
      if (rows.length > 0) found[name] = rows.map((one) => one.row);
    }
    return found;
  } finally {
    await link.close();
  }
}

async function rowsLeft(shard: string, { customerId }: { customerId: CustomerId }): Promise<string[]> {
  const tables = await w.ask<{ name: string }>(
    shard,
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attname = 'customer_id'
     where n.nspname in ('gb', 'control') and c.relkind in ('r', 'p') and not c.relispartition`,
  );
  const left: string[] = [];
  for (const { name } of tables)
    if ((await w.ask(shard, `select from ${name} where customer_id = $1 limit 1`, [customerId], customerId)).length > 0)
      left.push(name);
  return left;
}

test('everything of a customer moves, exactly as it was, and nothing stays behind', async () => {
  const bucket = freshBucket();
  const ana = await w.customerIn(bucket);
  const { channelId, guests } = await furnish(ana);
  const before = await contents('one', ana, bucket);
  expect(Object.keys(before).length).toBeGreaterThan(30);
  const report = await moveBucket({ shards: w.owners, bucket, to: 'two', ...quick, comparesInPause: true });
  expect(report).toMatchObject({ source: 'one', target: 'two' });
  expect(await contents('two', ana, bucket)).toEqual(before);
  expect(await rowsLeft('one', ana)).toEqual([]);
  // The customer goes on there: numbers, sequences, keys and the wall are as they were.
  const seq = await ana.say(channelId, 'after');
  expect(seq).toBe(23);
  const table = await guests();
  const [row] = await w.store.transaction(ana.customerId, (tx) => tx.tables.insert(table, [{ name: 'Bia' }]));
  expect(row).toMatchObject({ id: 3 });
  await w.store.transaction(ana.customerId, (tx) => tx.audit.write({ actorId: null, action: 'b', target: 't', facts: {} }));
});

test('nothing is lost, doubled or put in another order while people write', async () => {
  const bucket = freshBucket();
  const ana = await w.customerIn(bucket);
  const { botId, guests } = await furnish(ana);
  const traffic = await startTraffic(ana, { bot: { botId, table: guests } });
  await expect.poll(traffic.acknowledged, { timeout: 30_000 }).toBeGreaterThan(200);
  const report = await moveBucket({ shards: w.owners, bucket, to: 'two', ...quick });
  const acknowledged = traffic.acknowledged();
  await expect.poll(traffic.acknowledged, { timeout: 30_000 }).toBeGreaterThan(acknowledged + 200);
  await traffic.stop();
  await traffic.check();
  expect(report.pauseMs).not.toBeNull();
  console.error(report, traffic.longestPauseMs(), traffic.acknowledged(), traffic.rows());
});
