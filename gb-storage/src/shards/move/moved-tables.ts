import type { CustomerId } from 'gb-protocol';
import { assert } from 'gb-utils';
import type { Link } from './link.ts';

/** As the catalogue has it; names are quoted where they have to be. */
export interface MovedColumn {
  readonly name: string;
  readonly type: string;
  /** Of values that may be long: -1 in the catalogue. */
  readonly isWide: boolean;
  readonly isIdentity: boolean;
}

/** A table with rows of customers. */
export interface MovedTable {
  readonly name: string;
  /** Those that are stored, without the customer and without what the database works out itself. */
  readonly columns: readonly MovedColumn[];
  /** The primary key, without the customer. Empty where a customer has one row. */
  readonly key: readonly MovedColumn[];
  /** Of the constraint. */
  readonly keyName: string;
  /**
   * `copied`: with everything else. `clock`: copied too, and other processes take rows of it without the bucket's lock.
   * `relayed`: what the relay hands out, which the source does to the end before the target begins.
   */
  readonly kind: 'copied' | 'clock' | 'relayed';
  /** Of a table that a bot made: it has rows of one customer only. */
  readonly bot: { readonly tableId: string; readonly customerId: CustomerId } | null;
}

interface CatalogRow {
  readonly name: string;
  readonly columns: readonly (MovedColumn & { readonly isKey: boolean })[] | null;
  readonly keys: readonly string[] | null;
  readonly key_name: string;
  readonly is_relayed: boolean;
  readonly table_id: string | null;
  readonly customer_id: CustomerId | null;
}

/**
 * Every table with rows of customers, from the catalogue, so that none is forgotten: whatever has a column customer_id in a
 * schema of ours. A table of the control database whose rows do not go with their customer says so by a comment that begins
 * with "stays". Of tables that bots made those of `customers` only; all tables of schema gb that are not of bots are there
 * in any case.
 */
export async function movedTables(link: Link, bucket: number): Promise<readonly MovedTable[]> {
  const rows = await link.rows<CatalogRow>(
    `select format('%I.%I', n.nspname, c.relname) as name,
       (select json_agg(json_build_object('name', format('%I', a.attname), 'type', format_type(a.atttypid, a.atttypmod),
          'isWide', a.attlen < 0, 'isIdentity', a.attidentity <> '') order by a.attnum)
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          and a.attname <> 'customer_id' and a.attgenerated = '') as columns,
       (select json_agg(format('%I', a.attname) order by p.place)
        from pg_index i cross join lateral unnest(i.indkey::int2[]) with ordinality as p (attnum, place)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = p.attnum
        where i.indrelid = c.oid and i.indisprimary and a.attname <> 'customer_id') as keys,
       (select format('%I', k.conname) from pg_constraint k where k.conrelid = c.oid and k.contype = 'p') as key_name,
       exists (select from pg_policy p join pg_roles r on r.oid = any (p.polroles)
         where p.polrelid = c.oid and r.rolname = 'gb_relay') as is_relayed,
       t.table_id, t.customer_id
     from pg_class c
     join pg_namespace n on n.oid = c.relnamespace
     left join control.tables t on n.nspname = 'gb' and c.relname = 't_' || replace(t.table_id::text, '-', '')
     where n.nspname in ('gb', 'control') and c.relkind in ('r', 'p') and not c.relispartition
       and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'customer_id' and not a.attisdropped)
       and (t.table_id is null or control.bucket_of(t.customer_id) = $1)
       and not (n.nspname = 'gb' and c.relname ~ '^t_[0-9a-f]{32}$' and t.table_id is null)
       and coalesce(obj_description(c.oid, 'pg_class'), '') not like 'stays%'
     order by 1`,
    [bucket],
  );
  return rows.map((row) => {
    const columns = row.columns ?? [];
    const key = (row.keys ?? []).map((name) => {
      const column = columns.find((one) => one.name === name);
      assert(column, `the key of ${row.name} is stored`);
      return column;
    });
    const isClock = row.name.startsWith('control.') && columns.some(({ name }) => name === 'wake_at');
    return {
      name: row.name,
      columns,
      key,
      keyName: row.key_name,
      kind: row.is_relayed ? 'relayed' : isClock ? 'clock' : 'copied',
      bot: row.table_id !== null && row.customer_id !== null ? { tableId: row.table_id, customerId: row.customer_id } : null,
    };
  });
}

/** Whose rows may be in it, of these customers. */
export function tablesOf(tables: readonly MovedTable[], customerId: CustomerId): readonly MovedTable[] {
  return tables.filter(({ bot }) => bot === null || bot.customerId === customerId);
}

/** What control.bucket_of says, without a call: where it is asked for very many rows. */
export function isInBucket(customerId: string, bucket: string): string {
  return `(('x' || right(${customerId}::text, 3))::bit(12)::int & 1023) = ${bucket}`;
}

/** Those whose bucket it is and who are in this database, by the directory of log-ins. */
export async function customersOf(link: Link, bucket: number): Promise<readonly CustomerId[]> {
  const rows = await link.rows<{ customer_id: CustomerId }>(
    `select customer_id from control.customers where ${isInBucket('customer_id', '$1')} order by customer_id`,
    [bucket],
  );
  return rows.map((row) => row.customer_id);
}

/** `(t.a, t.b)` compared with the parts of a JSON array that is parameter `$n`. Rows without a key are compared with nothing. */
export function keyCompared({ key }: Pick<MovedTable, 'key'>, operator: '>' | '<=', parameter: number): string {
  if (key.length === 0) return operator === '>' ? 'false' : 'true';
  const own = key.map(({ name }) => `t.${name}`).join(', ');
  const given = key.map(({ type }, i) => `($${parameter}::jsonb ->> ${i})::${type}`).join(', ');
  return key.length === 1 ? `${own} ${operator} ${given}` : `(${own}) ${operator} (${given})`;
}

export function keyAsJson({ key }: Pick<MovedTable, 'key'>, alias: string): string {
  return `jsonb_build_array(${key.map(({ name }) => `${alias}.${name}`).join(', ')})`;
}
