import type { Figure, FigureRepository } from 'gb-core';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';

const sources: Readonly<Record<Figure, { readonly from: string; readonly at: string; readonly value: string }>> = {
  messages: { from: 'messages', at: 'at', value: 'count(*)' },
  people: { from: 'messages', at: 'at', value: 'count(distinct author_id)' },
  conversations: { from: 'bot_turns', at: 'at', value: 'count(distinct conversation_id)' },
  turns: { from: 'bot_turns', at: 'at', value: 'count(*)' },
};

export function figureRepository({ sql, customerId }: Scope): FigureRepository {
  return {
    async count(figure, fromMs, toMs, intervalMs) {
      const { from, at, value } = sources[figure];
      const rows = await sql.rows<{ bucket: number; value: number }>(
        `select floor(extract(epoch from ${at} - $2::timestamptz) * 1000 / $4::float8)::bigint as bucket, ${value} as value
         from ${from} where customer_id = $1 and ${at} >= $2 and ${at} < $3 group by 1 order by 1`,
        [customerId, time(fromMs), time(toMs), intervalMs],
      );
      return rows.map(({ bucket, value: n }) => ({ atMs: fromMs + bucket * intervalMs, value: n }));
    },
  };
}
