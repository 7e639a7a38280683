import { TableRefused, tableLimits } from 'gb-core';
import { assert } from 'gb-utils';
import type { Scope } from '../scope.ts';

/** Whether the tables of a customer, all of them, still have room. */
export async function checkRoom({ sql, customerId }: Scope): Promise<void> {
  const { rows } = await sql.once<{ name: string }>(
    "select 't_' || replace(table_id::text, '-', '') as name from bot_tables where customer_id = $1",
    [customerId],
  );
  const names = rows.map(({ name }) => name);
  for (const name of names) assert(/^t_[0-9a-f]{32}$/.test(name), 'a table of a bot is named after its id');
  const { rows: sums } = await sql.once<{ bytes: number; n: number }>(
    `select (select sum(pg_total_relation_size(('gb.' || u.name)::regclass))::bigint from unnest($1::text[]) u (name)) as bytes,
      ${names.map((name) => `(select count(*) from ${name} where customer_id = $2)`).join(' + ')} as n`,
    [names, customerId],
  );
  const { bytes, n } = sums[0]!;
  if (n > tableLimits.rowsPerCustomerMax || bytes > tableLimits.bytesPerCustomerMax)
    throw new TableRefused(
      { en: 'the tables of this organization are full', pt: 'as tabelas desta organização estão cheias' },
      { isLimit: true },
    );
}
