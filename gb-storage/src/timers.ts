import type { DueTimer, Timers } from 'gb-core';
import type { CustomerId } from 'gb-protocol';
import type { QueryResultRow } from 'pg';
import { time } from './connection.ts';

type Query = <Row extends QueryResultRow>(text: string, values: readonly unknown[]) => Promise<Row[]>;

/** What is due, through functions that tell whose and which, and nothing else of any customer. */
export function createTimers(query: Query, isNear: () => boolean = () => true): Timers {
  return {
    async take({ nowMs, untilMs, limit, busy }) {
      if (!isNear()) return [];
      const rows = await query<{ customer_id: CustomerId; kind: DueTimer['kind']; id: string }>(
        'select customer_id, kind, id from control.take_timers($1, $2, $3, $4)',
        [time(nowMs), time(untilMs), limit, busy],
      );
      return rows.map((row) => ({ customerId: row.customer_id, kind: row.kind, id: row.id, heldUntilMs: untilMs }));
    },

    async keep(timers, untilMs) {
      if (timers.length === 0) return;
      await query('select control.keep_timers($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[], $5)', [
        timers.map(({ customerId }) => customerId),
        timers.map(({ kind }) => kind),
        timers.map(({ id }) => id),
        timers.map(({ heldUntilMs }) => time(heldUntilMs)),
        time(untilMs),
      ]);
    },
  };
}
