import { createHash } from 'node:crypto';
import { GbError, sleep } from 'gb-utils';
import type { Link } from './link.ts';
import { isInBucket, keyAsJson, type MovedTable } from './moved-tables.ts';

/** Writers of all customers wait behind a lock on a table: give up soon, and try again. */
const lockMsMax = 150;
const attemptsMax = 400;
const pauseMs = 50;

/**
 * Triggers that note the keys of changed rows of one bucket, on every table that is copied. From the moment a table has its
 * trigger, what is copied of it may be out of date: whatever changed after it was read is noted. Rows of other buckets cost
 * one comparison.
 */
export async function capture(source: Link, bucket: number, tables: readonly MovedTable[]): Promise<void> {
  const rows = await source.rows<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_trigger g
     join pg_class c on c.oid = g.tgrelid join pg_namespace n on n.oid = c.relnamespace
     where g.tgname = $1 and not c.relispartition`,
    [triggerName(bucket, 'changed')],
  );
  const there = new Set(rows.map(({ name }) => name));
  for (const table of tables) {
    if (table.kind === 'relayed' || there.has(table.name)) continue;
    await soon(source, () => addTriggers(source, bucket, table));
  }
}

/** Takes the triggers and what they noted away. */
export async function releaseCapture(source: Link, bucket: number): Promise<void> {
  const functions = await source.rows<{ name: string; relation: string | null }>(
    `select format('control.%I()', p.proname) as name, min(format('%I.%I', n.nspname, c.relname)) as relation
     from pg_proc p
     left join pg_trigger g on g.tgfoid = p.oid and g.tgparentid = 0
     left join pg_class c on c.oid = g.tgrelid left join pg_namespace n on n.oid = c.relnamespace
     where p.pronamespace = 'control'::regnamespace and p.proname like $1 group by 1`,
    [`${functionPrefix(bucket).replaceAll('_', '\\_')}%`],
  );
  for (const { name } of functions) await soon(source, () => source.change(`drop function ${name} cascade`));
  await source.change('delete from control.bucket_changes where bucket = $1', [bucket]);
}

async function addTriggers(source: Link, bucket: number, table: MovedTable): Promise<void> {
  const named = `control.${functionPrefix(bucket)}${createHash('sha256').update(table.name).digest('hex').slice(0, 16)}`;
  const relation = `'${table.name.replaceAll("'", "''")}'`;
  const note = (row: 'old' | 'new') =>
    `insert into control.bucket_changes (bucket, relation, owner, key)
     values (${bucket}, ${relation}, ${row}.customer_id, ${keyAsJson(table, row)});`;
  await source.change(
    `create or replace function ${named}() returns trigger
     language plpgsql security definer set search_path = pg_catalog, pg_temp as $body$
     begin
       if tg_op <> 'INSERT' then ${note('old')} end if;
       if tg_op = 'INSERT' or tg_op = 'UPDATE' and ${keyAsJson(table, 'old')} <> ${keyAsJson(table, 'new')} then ${note('new')} end if;
       return null;
     end $body$`,
  );
  await source.change(`revoke all on function ${named}() from public`);
  for (const [kind, events, row] of [
    ['changed', 'update or delete', 'old'],
    ['added', 'insert', 'new'],
  ] as const)
    await source.change(
      `create trigger ${triggerName(bucket, kind)} after ${events} on ${table.name} for each row
       when (${isInBucket(`${row}.customer_id`, String(bucket))}) execute function ${named}()`,
    );
}

const functionPrefix = (bucket: number) => `moving_${bucket}_`;
const triggerName = (bucket: number, kind: 'changed' | 'added') => `moving_${bucket}_${kind}`;

/** In a transaction that waits for its locks for a moment only, again and again. */
export async function soon(link: Link, work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await link.transaction(async () => {
        await link.change(`set local lock_timeout = ${lockMsMax}`);
        await work();
      });
      return;
    } catch (error) {
      if (!isLocked(error) || attempt === attemptsMax) throw error;
      await sleep(pauseMs + Math.random() * pauseMs);
    }
  }
}

/** Somebody holds a lock: 55P03, or a deadlock that was ended by ending us. */
export function isLocked(error: unknown): boolean {
  return (error instanceof GbError && error.code === 'overloaded') || (error instanceof Error && error.name === 'ConflictError');
}
