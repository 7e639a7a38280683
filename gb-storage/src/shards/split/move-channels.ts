import type { ChannelId, CustomerId, Seq } from 'gb-protocol';
import { assert, GbError, type Logger, sleep } from 'gb-utils';
import type { PoolConfig } from 'pg';
import pg from 'pg';
import { connectionConfig } from '../../connection.ts';
import { sqlState } from '../../database-errors.ts';
import { Link } from '../move/link.ts';
import type { ShardedStore } from '../sharded-store.ts';
import { copyEntries } from './copied-tables.ts';
import { elsewhere, partOf } from './part.ts';
import { insertThinChannel } from './split-channels.ts';
import type { SplitTransaction } from './split-transaction.ts';

export interface MoveChannelsOptions {
  readonly store: ShardedStore;
  /** As who may delete, by name. */
  readonly owners: ReadonlyMap<string, PoolConfig>;
  /** As who sees the outbox, by name. */
  readonly relays: ReadonlyMap<string, PoolConfig>;
  readonly log: Logger;
  readonly onProgress?: (progress: ChannelsProgress) => void;
  /** All logs have left, and the rest begins. */
  readonly onRest?: () => void;
  /** Between the last log that left and the deletion of what it leaves behind: longer than any transaction that began before. */
  readonly restMs?: number;
  /** How long the relay is waited for, log by log. */
  readonly relayMsMax?: number;
}

export interface ChannelsProgress {
  readonly moved: number;
  readonly of: number;
  readonly entries: number;
}

export interface ChannelsMoved {
  readonly moved: number;
  readonly entries: number;
  /** Logs with texts in cold history: these stay at home. */
  readonly cold: number;
  /** How long the writers of a log waited at most. */
  readonly pauseMsMax: number;
}

/** Entries of one step. */
const stepMax = 2_000;
/** Entries that may be left for the last step, which keeps writers of the log waiting. */
const tailMax = 200;
const relayMsDefault = 30_000;
const restMsDefault = 90_000;
const deletedAtOnce = 2_000;

/**
 * Takes the logs that are at home to their parts, one after another, while they are written to: step by step, and the last
 * entries under the lock of the head, in the commit that says at home that the log is elsewhere. May be cut off anywhere and
 * called again. Self logs and the logs of workspaces stay: they are written together with rows at home.
 */
export async function moveChannels(customerId: CustomerId, options: MoveChannelsOptions): Promise<ChannelsMoved> {
  const { store, onProgress } = options;
  const channelIds = await atHome(store, customerId);
  let [moved, entries, cold, pauseMsMax] = [0, 0, 0, 0];
  for (const channelId of channelIds) {
    const result = await moveChannel(customerId, channelId, options);
    if (result === 'cold') cold += 1;
    else {
      moved += 1;
      entries += result.entries;
      pauseMsMax = Math.max(pauseMsMax, result.pauseMs);
    }
    onProgress?.({ moved, of: channelIds.length, entries });
  }
  await sweep(customerId, options);
  return { moved, entries, cold, pauseMsMax };
}

async function atHome(store: ShardedStore, customerId: CustomerId): Promise<readonly ChannelId[]> {
  return store.split.withParts(customerId, async (transaction) => {
    const { sql } = await transaction.home();
    const rows = await sql.rows<{ channel_id: ChannelId }>(
      `select c.channel_id from channels c join channel_heads h on h.customer_id = c.customer_id and h.channel_id = c.channel_id
       where c.customer_id = $1 and c.kind not in ('self', 'instance') and h.head <> ${elsewhere} order by c.channel_id`,
      [customerId],
    );
    return rows.map((row) => row.channel_id);
  });
}

async function moveChannel(
  customerId: CustomerId,
  channelId: ChannelId,
  { store, relays, relayMsMax = relayMsDefault }: MoveChannelsOptions,
): Promise<'cold' | { entries: number; pauseMs: number }> {
  const homeName = await store.at(customerId, async (name) => name);
  const relay = new pg.Client(connectionConfig(relays.get(homeName)!));
  relay.on('error', () => {}); // The next question fails with it.
  await relay.connect();
  try {
    const waitingMs = performance.now() + relayMsMax;
    for (;;) {
      const step = await store.split.withParts(customerId, (transaction) => oneStep(transaction, channelId, null));
      if (step === 'cold') return 'cold';
      if (step === 'more') continue;
      const startedMs = performance.now();
      const last = await store.split.withParts(customerId, (transaction) => oneStep(transaction, channelId, relay));
      if (last === 'cold') return 'cold';
      if (typeof last === 'object') return { entries: last.entries, pauseMs: performance.now() - startedMs };
      if (performance.now() > waitingMs)
        throw new GbError('unavailable', 'Entries of a log wait in the outbox: is a process with the role relay running?', {
          retryable: true,
        });
      await sleep(20);
    }
  } finally {
    await relay.end();
  }
}

/**
 * Copies some more; `more` while there is too much for a last step. With a relay's connection, and when little is left, the
 * last one: `waiting` when the relay has to hand out first what happened here, so that nobody hears of it after what happens
 * there.
 */
async function oneStep(
  transaction: SplitTransaction,
  channelId: ChannelId,
  relay: pg.Client | null,
): Promise<'cold' | 'more' | 'ready' | 'waiting' | { entries: number }> {
  const { customerId } = transaction;
  const home = await transaction.home();
  const key = [customerId, channelId];
  const head = await home.sql.row<{ epoch: number; head: Seq; count: number; last_message_at: number | null }>(
    `select epoch, head, count, last_message_at from channel_heads where customer_id = $1 and channel_id = $2 ${relay ? 'for update' : ''}`,
    key,
  );
  assert(head, 'a channel has a head');
  if (head.head === elsewhere) return { entries: 0 };
  const cold = await home.sql.row('select 1 from cold_segments where customer_id = $1 and channel_id = $2 limit 1', key);
  if (cold) return 'cold';
  const part = await transaction.at(partOf(transaction.parts, channelId));
  await insertThinChannel(part, channelId);
  const copied = await part.sql.row<{ seq: Seq }>(
    `select greatest(
       (select coalesce(max(x.seq), 0) from messages x where x.customer_id = $1 and x.channel_id = $2),
       (select coalesce(max(e.seq), 0) from log_entries e where e.customer_id = $1 and e.channel_id = $2)) as seq`,
    [part.customerId, channelId],
  );
  const after = copied!.seq;
  if (!relay) {
    const to = Math.min(head.head, after + stepMax);
    if (to > after) await copyEntries(home, part, channelId, after, to);
    return head.head - to > tailMax ? 'more' : 'ready';
  }
  if (head.head - after > stepMax) return 'waiting';
  // Under the lock of the head: whatever is committed of this log is there, and nothing more comes.
  const { rows } = await relay.query('select 1 from outbox where customer_id = $1 and channel_id = $2 limit 1', key);
  if (rows.length > 0) return 'waiting';
  if (head.head > after) await copyEntries(home, part, channelId, after, head.head);
  await part.sql.change(
    `insert into channel_heads (customer_id, channel_id, epoch, head, count, last_message_at)
     select $1, $2, $3, $4, $5, $6::timestamptz`,
    [
      part.customerId,
      channelId,
      head.epoch,
      head.head,
      head.count,
      head.last_message_at && new Date(head.last_message_at).toISOString(),
    ],
  );
  await home.sql.change(`update channel_heads set head = ${elsewhere} where customer_id = $1 and channel_id = $2`, key);
  transaction.made(channelId);
  return { entries: head.head };
}

/** Deletes at home what logs have left behind, when nobody can be reading it any more. */
async function sweep(
  customerId: CustomerId,
  { store, owners, onRest, restMs = restMsDefault }: MoveChannelsOptions,
): Promise<void> {
  const homeName = await store.at(customerId, async (name) => name);
  const link = await Link.open(owners.get(homeName)!);
  try {
    await link.actFor(customerId);
    const channels = await link.rows<{ channel_id: ChannelId }>(
      `select h.channel_id from gb.channel_heads h where h.customer_id = $1 and h.head = ${elsewhere} and (
         exists (select from gb.messages x where x.customer_id = $1 and x.channel_id = h.channel_id)
         or exists (select from gb.log_entries e where e.customer_id = $1 and e.channel_id = h.channel_id))`,
      [customerId],
    );
    if (channels.length === 0) return;
    onRest?.();
    await sleep(restMs);
    for (const { channel_id: channelId } of channels) while (await deleteSome(link, customerId, channelId));
  } finally {
    await link.close();
  }
}

/** From the newest on, so that a thread's answers go before its first message. False when nothing is left. */
async function deleteSome(link: Link, customerId: CustomerId, channelId: ChannelId): Promise<boolean> {
  const key = [customerId, channelId];
  const from = await link.row<{ seq: string }>(
    `select min(seq) as seq from (
       select seq from gb.messages where customer_id = $1 and channel_id = $2
       union all select seq from gb.log_entries where customer_id = $1 and channel_id = $2
       order by seq desc limit ${deletedAtOnce}) s`,
    key,
  );
  if (from?.seq === null || from?.seq === undefined) return false;
  const where = (alias: string) => `${alias}.customer_id = $1 and ${alias}.channel_id = $2 and ${alias}.seq >= $3`;
  try {
    await link.transaction(async () => {
      await link.change(
        `delete from gb.mentions m using (
           select x.customer_id, u.user_id, x.channel_id, x.seq from gb.messages x cross join unnest(x.mentions) u (user_id) where ${where('x')}
         ) old where m.customer_id = old.customer_id and m.user_id = old.user_id and m.channel_id = old.channel_id and m.seq = old.seq`,
        [...key, from.seq],
      );
      for (const table of ['reactions', 'message_versions', 'messages', 'log_entries'])
        await link.change(`delete from gb.${table} t where ${where('t')}`, [...key, from.seq]);
    });
  } catch (error) {
    // Somebody reacted to it in a transaction that began before: with the next call.
    if (sqlState(error) !== '23503') throw error;
    return false;
  }
  return true;
}
