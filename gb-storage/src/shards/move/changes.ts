import type { CustomerId } from 'gb-protocol';
import { assert } from 'gb-utils';
import { sqlState } from '../../database-errors.ts';
import type { Link } from './link.ts';
import type { MovedTable } from './moved-tables.ts';
import { deleteKeys, isReplaceable, readKeys, replaceRows, writeRows } from './rows.ts';

export interface Round {
  /** Noted changes that were brought over; several of one row count as several. */
  readonly changes: number;
  /** A bot made or changed a table: what is there has to be looked at again. */
  readonly hasNewTables: boolean;
}

/** Rows written at a time, so that an answer of the database stays small. */
const groupsAtOnce = 64;

/**
 * Brings the rows over whose keys were noted since the last round: what is still there replaces what the target has, what
 * is not is deleted. Within a transaction of the source, so that the rows are of the instant at which the notes were read;
 * the target has committed when this resolves, and the notes go with the source's commit. Done twice it changes nothing.
 */
export async function bringChanges(
  source: Link,
  target: Link,
  bucket: number,
  tables: readonly MovedTable[],
  changesMax: number,
): Promise<Round> {
  const groups = await source.rows<{ relation: string; owner: CustomerId; keys: string; ids: string; n: number }>(
    `select c.relation, c.owner, json_agg(distinct c.key)::text as keys, array_agg(c.change_id)::text as ids, count(*)::int as n
     from (select * from control.bucket_changes where bucket = $1 order by change_id limit $2) c
     group by c.relation, c.owner order by c.relation, c.owner`,
    [bucket, changesMax],
  );
  if (groups.length === 0) return { changes: 0, hasNewTables: false };
  const byName = new Map(tables.map((table) => [table.name, table]));
  const bring = (isCareful: boolean) =>
    target.replay(async () => {
      for (let from = 0; from < groups.length; from += groupsAtOnce) {
        // Sent without waiting: a bucket of a thousand customers would take a thousand ways there and back.
        await Promise.all(
          groups.slice(from, from + groupsAtOnce).map(async ({ relation, owner, keys }) => {
            const table = byName.get(relation);
            assert(table, `what is noted is a table: ${relation}`);
            const [, { rows, gone }] = await Promise.all([source.actFor(owner), readKeys(source, table, owner, keys)]);
            const isWhole = isCareful || !isReplaceable(table);
            const leaving = isWhole ? (JSON.parse(keys) as unknown[]).map((key) => JSON.stringify(key)) : gone;
            // Together, so that nobody's statements come in between.
            const [, , written] = await Promise.all([
              target.actFor(owner),
              deleteKeys(target, table, owner, leaving),
              (isWhole ? writeRows : replaceRows)(target, table, owner, rows),
            ]);
            assert(written === rows.count, `every changed row of ${relation} was written`);
          }),
        );
      }
    });
  try {
    await bring(false);
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    // Two rows changed places, as two people their handles: all that changed goes before any of it comes.
    await bring(true);
  }
  await source.change('delete from control.bucket_changes where bucket = $1 and change_id = any ($2::bigint[])', [
    bucket,
    `{${groups.map(({ ids }) => ids.slice(1, -1)).join(',')}}`,
  ]);
  return {
    changes: groups.reduce((sum, { n }) => sum + n, 0),
    hasNewTables: groups.some(({ relation }) => relation === 'control.tables' || relation === 'gb.bot_tables'),
  };
}

/** How much waits to be brought over. */
export async function changesWaiting(source: Link, bucket: number): Promise<number> {
  const row = await source.row<{ n: number }>('select count(*)::int as n from control.bucket_changes where bucket = $1', [
    bucket,
  ]);
  return row?.n ?? 0;
}

function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === '23505' || sqlState((error as { cause?: unknown } | null)?.cause) === '23505';
}
