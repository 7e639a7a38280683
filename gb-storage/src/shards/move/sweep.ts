import type { CustomerId } from 'gb-protocol';
import { sleep } from 'gb-utils';
import { soon } from './capture.ts';
import type { Link } from './link.ts';
import { keyCompared, type MovedTable, tablesOf } from './moved-tables.ts';
import { nextStretch, tablesInUse } from './rows.ts';

const batch = { rowsMax: 2_000, bytesMax: 16 * 1024 * 1024 };

export interface Sweeping {
  readonly link: Link;
  readonly bucket: number;
  readonly tables: readonly MovedTable[];
  readonly customers: readonly CustomerId[];
  /** A pause as long as each batch took: the other customers of this database are at work. */
  readonly isGentle: boolean;
  readonly onRows: (rows: number) => Promise<void>;
}

/**
 * Takes away what a database has of customers who are not here. Cut short and begun again it goes on where it was: the
 * directory, by which they are found, goes last.
 */
export async function sweep({ link, bucket, tables, customers, isGentle, onRows }: Sweeping): Promise<void> {
  for (const customerId of customers) {
    await link.actFor(customerId);
    const own = tablesOf(tables, customerId);
    const inUse = await tablesInUse(
      link,
      own.filter(({ bot }) => bot === null),
      customerId,
    );
    // The tables of bots go whole, while the directory of tables still knows them.
    for (const { bot, name } of own) if (bot) await soon(link, () => link.change(`drop table if exists ${name} cascade`));
    for (const table of [...inUse].sort((a, b) => directoryLast(a) - directoryLast(b))) {
      // From where the last batch ended: what lies before is gone, and the index still has to pass over it.
      for (let after: string | null = null; ; ) {
        const startedMs = performance.now();
        const stretch = await nextStretch(link, table, customerId, after, batch);
        if (stretch === null) break;
        const rows = await link.replayLazily(() =>
          link.change(
            `delete from ${table.name} t
             where t.customer_id = $1 and ${keyCompared(table, '<=', 2)} and ${after === null ? 'true' : keyCompared(table, '>', 3)}`,
            table.key.length > 0 ? [customerId, stretch.last, ...(after === null ? [] : [after])] : [customerId],
          ),
        );
        after = stretch.last;
        await onRows(rows);
        if (isGentle) await sleep(performance.now() - startedMs);
      }
    }
  }
  // Those that were made for the bucket before the directory knew of them.
  const made = await link.rows<{ name: string }>(
    `select 'gb.t_' || replace(table_id::text, '-', '') as name from control.arrived_tables where bucket = $1`,
    [bucket],
  );
  for (const { name } of made) await soon(link, () => link.change(`drop table if exists ${name} cascade`));
  await link.change('delete from control.bucket_arrivals where bucket = $1', [bucket]);
  await link.change('delete from control.arrived_tables where bucket = $1', [bucket]);
}

const directoryLast = ({ name }: MovedTable): number => (name === 'control.customers' ? 2 : name.startsWith('control.') ? 1 : 0);
