import type { Seq } from 'gb-protocol';
import type { PoolConfig } from 'pg';
import { withClient } from '../standing.ts';
import type { Place } from './writer.ts';

// When something was committed, as the databases noted it (`track_commit_timestamp`): by the one clock of the machine, and
// however late a busy process of ours heard of it.

export function committedAt(owner: PoolConfig, { customerId, channelId }: Place): Promise<ReadonlyMap<Seq, number>> {
  return withClient(owner, async (client) => {
    await client.query("select set_config('gb.customer', $1, false)", [customerId]);
    const { rows } = await client.query<{ seq: number; at: number }>(
      'select seq, pg_xact_commit_timestamp(xmin) as at from gb.messages where customer_id = $1 and channel_id = $2',
      [customerId, channelId],
    );
    return new Map(rows.map(({ seq, at }) => [seq, at]));
  });
}

/** Of a database that was promoted: since when it may be written. */
export function openedAt(owner: PoolConfig): Promise<number> {
  return withClient(owner, async (client) => {
    const { rows } = await client.query<{ at: number }>('select pg_xact_commit_timestamp(xmin) as at from control.region');
    return rows[0]!.at;
  });
}
