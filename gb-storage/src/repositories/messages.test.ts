import { world } from 'gb-core/contract';
import { silentLogger } from 'gb-utils';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestDatabase, type TestDatabase } from '../testing.ts';

const count = 20_000;

let database: TestDatabase;
let owner: pg.Client;
beforeAll(async () => {
  // Nobody sweeps or counts in between: what is read is read by us.
  database = await startTestDatabase({ log: silentLogger, settings: { autovacuum: 'off' } });
  owner = new pg.Client(database.postgres.owner);
  await owner.connect();
});
afterAll(async () => {
  await owner?.end();
  await database?.close();
});

async function scans(): Promise<{ byIndex: number; rowsInOrder: number }> {
  const { rows } = await owner.query<{ idx_scan: string; seq_tup_read: string }>(
    `select sum(idx_scan) as idx_scan, sum(seq_tup_read) as seq_tup_read
     from pg_stat_user_tables where schemaname = 'gb' and relname ~ '^messages_[0-9]'`,
  );
  return { byIndex: Number(rows[0]!.idx_scan), rowsInOrder: Number(rows[0]!.seq_tup_read) };
}

test('a page in the middle of a long channel reads the page, where nearly all messages there are belong to that channel', async () => {
  const writer = await database.openStore();
  const w = await world(writer);
  const channelId = await w.channel('general');
  for (let from = 0; from < count; from += 1_000)
    await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => writer.appendMessage(w.customerId, w.message(channelId, { text: `${from + n}` }))),
    );
  await database.asSuperuser('analyze gb.messages');
  // Connections tell what they read when they end.
  await writer.close();
  const before = await scans();
  const store = await database.openStore();
  const pages = 20;
  const page = (query: { before: number } | { after: number } | { around: number }) =>
    store.read(w.customerId, (tx) => tx.messages.page(channelId, { ...query, limit: 50 }));
  for (let n = 0; n < pages; n++) {
    const seq = 5_000 + n * 500;
    expect(await page({ before: seq })).toMatchObject({ hasOlder: true, hasNewer: true });
    expect(await page({ after: seq })).toMatchObject({ hasOlder: true, hasNewer: true });
    expect(await page({ around: seq })).toMatchObject({ hasOlder: true, hasNewer: true });
  }
  await store.close();
  await expect.poll(async () => (await scans()).byIndex - before.byIndex, { timeout: 60_000 }).toBeGreaterThanOrEqual(pages * 4);
  expect((await scans()).rowsInOrder - before.rowsInOrder).toBe(0);
});
