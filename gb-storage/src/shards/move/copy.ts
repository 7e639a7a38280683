import type { CustomerId } from 'gb-protocol';
import { assert } from 'gb-utils';
import type { Link } from './link.ts';
import { customersOf, type MovedTable, tablesOf } from './moved-tables.ts';
import { nextStretch, readRange, tablesInUse, writeRows } from './rows.ts';

/** What travels in one piece. */
const batch = { rowsMax: 4_000, bytesMax: 4 * 1024 * 1024 };

export interface Copying {
  readonly source: Link;
  readonly target: Link;
  readonly bucket: number;
  readonly tables: readonly MovedTable[];
  /** After each batch. */
  readonly onRows: (rows: number, table: string) => Promise<void>;
}

/** In place of a relation, when all of a customer is there. */
const everything = '*';

/**
 * Copies what the customers of the bucket have, one after the other, by key, in batches: how far it came is written with
 * each batch, so that it goes on from there after a crash. While it runs the source changes; a row that cannot be there
 * together with an older one was changed since that one was copied, was noted, and comes later.
 */
export async function copyBucket(copying: Copying): Promise<void> {
  const { source, target, bucket, tables } = copying;
  const rows = await target.rows<{ relation: string; owner: CustomerId; last_key: string | null; is_complete: boolean }>(
    'select relation, owner, last_key::text as last_key, is_complete from control.bucket_arrivals where bucket = $1',
    [bucket],
  );
  const arrived = new Map(rows.map((row) => [`${row.owner} ${row.relation}`, row]));
  for (const customerId of await customersOf(source, bucket)) {
    const isThere = arrived.get(`${customerId} ${everything}`)?.is_complete ?? false;
    // Tables that bots made are looked at each time: one may have been made, or made anew, since.
    const wanted = tablesOf(tables, customerId).filter(
      ({ name, kind, bot }) =>
        kind !== 'relayed' && (bot !== null || !isThere) && !arrived.get(`${customerId} ${name}`)?.is_complete,
    );
    if (wanted.length === 0) continue;
    await source.actFor(customerId);
    await target.actFor(customerId);
    for (const table of await tablesInUse(source, wanted, customerId)) {
      const after = arrived.get(`${customerId} ${table.name}`)?.last_key ?? null;
      await copyTable(copying, table, customerId, after);
    }
    if (!isThere) await noteArrival(target, { bucket, relation: everything, customerId, last: null, isComplete: true });
  }
}

async function copyTable(
  { source, target, bucket, onRows }: Copying,
  table: MovedTable,
  customerId: CustomerId,
  from: string | null,
): Promise<void> {
  const fetch = async (after: string | null) => {
    const stretch = await nextStretch(source, table, customerId, after, batch);
    return stretch && { stretch, rows: await readRange(source, table, customerId, after, stretch.last) };
  };
  // While one batch is written, the next is read.
  let next = fetch(from);
  for (;;) {
    const piece = await next;
    if (piece === null) return;
    const { stretch, rows } = piece;
    next = stretch.isLast ? Promise.resolve(null) : fetch(stretch.last);
    next.catch(() => {}); // Told when it is waited for.
    await target.replayLazily(async () => {
      await Promise.all([
        writeRows(target, table, customerId, rows),
        noteArrival(target, { bucket, relation: table.name, customerId, last: stretch.last, isComplete: stretch.isLast }),
      ]);
    });
    await onRows(rows.count, table.name);
  }
}

/** With the rows, in one transaction: how far the copying has come. */
export function noteArrival(
  target: Link,
  arrival: { bucket: number; relation: string; customerId: CustomerId; last: string | null; isComplete: boolean },
): Promise<number> {
  assert(arrival.relation !== everything || arrival.isComplete, 'all of a customer is there or not');
  return target.change(
    `insert into control.bucket_arrivals (bucket, relation, owner, last_key, is_complete) values ($1, $2, $3, $4, $5)
     on conflict (bucket, relation, owner) do update set last_key = excluded.last_key, is_complete = excluded.is_complete`,
    [arrival.bucket, arrival.relation, arrival.customerId, arrival.last, arrival.isComplete],
  );
}
