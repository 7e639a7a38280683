import type { CustomerId } from 'gb-protocol';
import { assert, sleep } from 'gb-utils';
import { noteArrival } from './copy.ts';
import type { Link } from './link.ts';
import type { MovedTable } from './moved-tables.ts';
import { nextStretch, readRange, writeRows } from './rows.ts';

/**
 * The outbox of a bucket that has moved. What was written before stays at the source, whose relay hands it out to the end;
 * what is written at the target is held until that is done. So every entry of a channel is handed out once and in order,
 * and nobody who writes has to wait for those who read.
 *
 * When the relay of the source does not come to an end - there is none, or a consumer hangs - the entries move after all,
 * under numbers that were put aside before the target opened. Those that are being handed out at that moment come twice.
 */

/** Entries for which numbers are put aside beyond those that wait: what comes until the bucket is closed. */
const spare = 10_000;
export const waitingMax = 50_000;
const pollMs = 50;

/** Entries of each of the customers; through the wall, one after the other. */
async function outboxesOf(link: Link, customers: readonly CustomerId[]): Promise<readonly number[]> {
  return Promise.all(
    customers.map(async (customerId) => {
      const [, row] = await Promise.all([
        link.actFor(customerId),
        link.row<{ n: number }>('select count(*)::int as n from gb.outbox where customer_id = $1', [customerId]),
      ]);
      return row?.n ?? 0;
    }),
  );
}

export async function outboxOf(link: Link, customers: readonly CustomerId[]): Promise<number> {
  return (await outboxesOf(link, customers)).reduce((sum, n) => sum + n, 0);
}

/** Puts numbers aside that are below all that the bucket's customers will get at the target. */
export async function reserveNumbers(target: Link, bucket: number, waiting: number): Promise<void> {
  const rows = await target.rows<{ number: number }>(
    `select nextval(pg_get_serial_sequence('gb.outbox', 'outbox_id')) as number from generate_series(1, $1)`,
    [waiting + spare],
  );
  await target.change(
    `insert into control.bucket_arrivals (bucket, relation, owner, last_key) values ($1, 'gb.outbox', $2, $3)
     on conflict (bucket, relation, owner) do update set last_key = excluded.last_key, is_complete = false`,
    [bucket, nobody, JSON.stringify(rows.map(({ number }) => number))],
  );
}

/** For what is noted of a bucket as a whole. */
const nobody = '00000000-0000-0000-0000-000000000000';

export interface HandingOver {
  readonly source: Link;
  readonly target: Link;
  readonly bucket: number;
  readonly tables: readonly MovedTable[];
  readonly customers: readonly CustomerId[];
  readonly waitMsMax: number;
  readonly onWaiting: (entries: number) => Promise<void>;
}

/** Resolves when the target hands out what it has. */
export async function handOver(handing: HandingOver): Promise<void> {
  const { source, target, bucket, tables, customers, waitMsMax, onWaiting } = handing;
  const startedMs = performance.now();
  const [held] = await target.rows('select from control.buckets where bucket = $1 and holds_outbox', [bucket]);
  if (!held) return;
  const isTaken = await target.row<{ is_complete: boolean }>(
    `select is_complete from control.bucket_arrivals where bucket = $1 and relation = 'gb.outbox'`,
    [bucket],
  );
  let withEntries = customers;
  for (;;) {
    const counts = await outboxesOf(source, withEntries);
    withEntries = withEntries.filter((_, i) => counts[i]! > 0);
    if (withEntries.length === 0) break;
    await onWaiting(counts.reduce((sum, n) => sum + n, 0));
    if (isTaken?.is_complete || performance.now() - startedMs > waitMsMax) {
      await takeOver(handing, withEntries);
      break;
    }
    await sleep(pollMs);
  }
  const parked = tables.find(({ name }) => name === 'gb.dead_letters');
  assert(parked, 'there is a table of entries that were parked');
  for (const customerId of customers) await moveParked(handing, parked, customerId);
  await target.change('update control.buckets set holds_outbox = false where bucket = $1', [bucket]);
}

/** Entries that consumers failed on. They get numbers of this database: their own may be those of others here. */
async function moveParked({ source, target, bucket }: HandingOver, table: MovedTable, customerId: CustomerId): Promise<void> {
  await source.actFor(customerId);
  let after: string | null = null;
  const arrived = await target.row<{ last_key: string | null; is_complete: boolean }>(
    'select last_key::text as last_key, is_complete from control.bucket_arrivals where bucket = $1 and relation = $2 and owner = $3',
    [bucket, table.name, customerId],
  );
  if (arrived?.is_complete) return;
  after = arrived?.last_key ?? null;
  for (;;) {
    const stretch = await nextStretch(source, table, customerId, after, { rowsMax: 1_000, bytesMax: 4 * 1024 * 1024 });
    if (stretch === null) return;
    const rows = await readRange(source, table, customerId, after, stretch.last);
    await target.replay(async () => {
      await target.actFor(customerId);
      await writeRows(target, table, customerId, rows, {
        outbox_id: `nextval(pg_get_serial_sequence('gb.outbox', 'outbox_id'))`,
      });
      await noteArrival(target, { bucket, relation: table.name, customerId, last: stretch.last, isComplete: stretch.isLast });
    });
    if (stretch.isLast) return;
    after = stretch.last;
  }
}

async function takeOver({ source, target, bucket, onWaiting }: HandingOver, customers: readonly CustomerId[]): Promise<void> {
  // From here on the source's relay takes none of them.
  await source.change('update control.buckets set holds_outbox = true where bucket = $1', [bucket]);
  const reserved = await target.row<{ numbers: readonly number[]; is_complete: boolean }>(
    `select last_key as numbers, is_complete from control.bucket_arrivals where bucket = $1 and relation = 'gb.outbox'`,
    [bucket],
  );
  assert(reserved, 'numbers were put aside before the target opened');
  if (!reserved.is_complete) {
    const entries: { customerId: CustomerId; id: number; channelId: string; seq: number; kind: string }[] = [];
    for (const customerId of customers) {
      await source.actFor(customerId);
      const rows = await source.rows<{ outbox_id: number; channel_id: string; seq: number; kind: string }>(
        'select outbox_id, channel_id, seq, kind from gb.outbox where customer_id = $1 order by outbox_id',
        [customerId],
      );
      for (const row of rows)
        entries.push({ customerId, id: row.outbox_id, channelId: row.channel_id, seq: row.seq, kind: row.kind });
    }
    assert(entries.length <= reserved.numbers.length, 'numbers were put aside for all entries');
    await onWaiting(entries.length);
    const numbers = reserved.numbers;
    await target.replay(async () => {
      for (const [customerId, own] of Map.groupBy(
        entries.map((entry, i) => ({ ...entry, number: numbers[i]! })),
        (entry) => entry.customerId,
      )) {
        await target.actFor(customerId);
        await target.change(
          `insert into gb.outbox (customer_id, outbox_id, channel_id, seq, kind) overriding system value
           select $1::uuid, u.* from unnest($2::bigint[], $3::uuid[], $4::bigint[], $5::text[]) as u`,
          [
            customerId,
            own.map(({ number }) => number),
            own.map(({ channelId }) => channelId),
            own.map(({ seq }) => seq),
            own.map(({ kind }) => kind),
          ],
        );
      }
      await target.change(`update control.bucket_arrivals set is_complete = true where bucket = $1 and relation = 'gb.outbox'`, [
        bucket,
      ]);
    });
  }
  for (const customerId of customers) {
    await source.actFor(customerId);
    await source.change('delete from gb.outbox where customer_id = $1', [customerId]);
  }
}
