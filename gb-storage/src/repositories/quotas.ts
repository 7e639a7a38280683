import { type CountedQuota, QuotaExceeded, type QuotaRepository } from 'gb-core';
import { type QuotaName, quotaNames } from 'gb-protocol';
import type { Scope } from '../scope.ts';

/** The day of the database, and its messages so far. */
const today = "(now() at time zone 'UTC')::date";

/** Sums of days are kept for as long as somebody may ask what a quarter was like. */
const keptDays = 100;

export function quotaRepository({ sql, customerId }: Pick<Scope, 'sql' | 'customerId'>): QuotaRepository {
  return {
    async most(name) {
      const row = await sql.row<{ most: number | null }>('select quota_of($1, $2) as most', [customerId, name]);
      return row?.most ?? null;
    },

    async list() {
      const rows = await sql.rows<{ name: QuotaName; used: number | null; most: number | null }>(
        `select n.name, quota_of($1, n.name) as most,
           case n.name
             when 'messages' then coalesce((select d.messages from daily_messages d where d.customer_id = $1 and d.day = ${today}), 0)
             when 'storage' then coalesce((select f.bytes from file_usage f where f.customer_id = $1), 0)
             when 'calls' then null
             when 'connections' then null
             else coalesce((select u.used from quota_usage u where u.customer_id = $1 and u.quota = n.name), 0)
           end as used
         from unnest($2::text[]) with ordinality n (name, place) order by n.place`,
        [customerId, [...quotaNames]],
      );
      return rows.map(({ name, used, most }) => ({ name, used, most }));
    },

    async requireRoom(name: CountedQuota) {
      // Held from here on, as by the trigger that counts.
      const row = await sql.row<{ used: number; most: number | null }>(
        `insert into quota_usage as u (customer_id, quota, used) values ($1, $2, 0)
         on conflict (customer_id, quota) do update set used = u.used
         returning u.used, quota_of($1, $2) as most`,
        [customerId, name],
      );
      if (row && row.most !== null && row.used >= row.most) throw new QuotaExceeded({ name, used: row.used, most: row.most });
    },

    async countMessages(count) {
      const end = `extract(epoch from (${today} + 1)::timestamp at time zone 'UTC' - now()) * 1000`;
      const row =
        count === 0
          ? await sql.row<{ used: number; most: number | null; ends: number }>(
              `select coalesce((select d.messages from daily_messages d where d.customer_id = $1 and d.day = ${today}), 0) as used,
                 quota_of($1, 'messages') as most, (${end})::float8 as ends`,
              [customerId],
            )
          : await sql.row<{ used: number; most: number | null; ends: number }>(
              `insert into daily_messages as d (customer_id, day, messages) values ($1, ${today}, $2)
               on conflict (customer_id, day) do update set messages = d.messages + excluded.messages
               returning d.messages as used, quota_of($1, 'messages') as most, (${end})::float8 as ends`,
              [customerId, count],
            );
      // The first of a day: those of long ago go.
      if (count > 0 && row?.used === count)
        await sql.change(`delete from daily_messages where customer_id = $1 and day < ${today} - $2::int`, [
          customerId,
          keptDays,
        ]);
      return { used: row?.used ?? 0, most: row?.most ?? null, endsInMs: row?.ends ?? 0 };
    },
  };
}
