import type { ConversationRepository, ConversationRow, ConversationSummary } from 'gb-core';
import type { BotId, ChannelId, ChannelKind, ConversationId, Seq, UserId } from 'gb-protocol';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';

type Key = Parameters<ConversationRepository['lock']>[0];

interface Row {
  conversation_id: ConversationId;
  bot_id: BotId;
  channel_id: ChannelId;
  user_id: UserId;
  thread_seq: Seq;
  program_hash: string;
  status: ConversationRow['status'];
  snapshot: Uint8Array | null;
  turn: number;
  last_event_seq: Seq;
}

interface SummaryRow {
  conversation_id: ConversationId;
  channel_id: ChannelId;
  channel_kind: ChannelKind;
  user_id: UserId;
  thread_seq: Seq;
  program_hash: string;
  version: number | null;
  status: ConversationRow['status'];
  turn: number;
  updated_at: number;
  snapshot_bytes: number;
  snapshot_head: Uint8Array | null;
}

const select = `
  select conversation_id, bot_id, channel_id, user_id, thread_seq, program_hash, status, snapshot, turn, last_event_seq from conversations
  where customer_id = $1 and bot_id = $2 and channel_id = $3 and user_id = $4 and thread_seq = $5`;

function toConversation(row: Row): ConversationRow {
  return {
    id: row.conversation_id,
    botId: row.bot_id,
    channelId: row.channel_id,
    userId: row.user_id,
    threadSeq: row.thread_seq,
    programHash: row.program_hash,
    status: row.status,
    snapshot: row.snapshot,
    turn: row.turn,
    lastEventSeq: row.last_event_seq,
  };
}

function toSummary(row: SummaryRow): ConversationSummary {
  return {
    id: row.conversation_id,
    channelId: row.channel_id,
    channelKind: row.channel_kind,
    userId: row.user_id,
    threadSeq: row.thread_seq,
    programHash: row.program_hash,
    version: row.version,
    status: row.status,
    turn: row.turn,
    updatedAt: row.updated_at,
    snapshotBytes: row.snapshot_bytes,
    snapshotHead: row.snapshot_head,
  };
}

export function conversationRepository({ sql, customerId, nowMs }: Scope): ConversationRepository {
  const values = (key: Key) => [customerId, key.botId, key.channelId, key.userId, key.threadSeq];

  return {
    async lock(key) {
      // A conversation that does not exist yet has no row to lock; its first turns must not overlap either.
      await sql.rows("select pg_advisory_xact_lock(hashtextextended('conversation ' || $1, 0))", [values(key).join(' ')]);
      const row = await sql.row<Row>(`${select} for update`, values(key));
      return row && toConversation(row);
    },

    async find(key) {
      const row = await sql.row<Row>(select, values(key));
      return row && toConversation(row);
    },

    async page(botId, { before, limit, snapshotHeadBytes }) {
      const rows = await sql.rows<SummaryRow>(
        `with page as (
           select conversation_id, channel_id, user_id, thread_seq, program_hash, status, turn, updated_at,
             coalesce(octet_length(snapshot), 0) as snapshot_bytes, substring(snapshot from 1 for $6) as snapshot_head
           from conversations
           where customer_id = $1 and bot_id = $2
             -- One comparison of the whole row, so that a page begins where the index says and not at the front.
             and (updated_at, conversation_id)
               < (coalesce($3::timestamptz, 'infinity'), coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
           order by updated_at desc, conversation_id desc limit $5
         ), versions as (
           select v.program_hash, max(v.version) as version from bot_versions v
           where v.customer_id = $1 and v.bot_id = $2 and v.program_hash in (select program_hash from page)
           group by v.program_hash
         )
         select p.*, c.kind as channel_kind, v.version
         from page p
         join channels c on c.customer_id = $1 and c.channel_id = p.channel_id
         left join versions v on v.program_hash = p.program_hash
         order by p.updated_at desc, p.conversation_id desc`,
        [customerId, botId, before ? time(before.updatedAt) : null, before?.id ?? null, limit + 1, snapshotHeadBytes],
      );
      return { conversations: rows.slice(0, limit).map(toSummary), hasMore: rows.length > limit };
    },

    async save(row, previous) {
      const columns = [
        ...values(row),
        row.id,
        row.programHash,
        row.status,
        row.snapshot,
        row.turn,
        row.lastEventSeq,
        time(nowMs),
      ];
      if (previous === null) {
        const inserted = await sql.change(
          `insert into conversations (customer_id, bot_id, channel_id, user_id, thread_seq, conversation_id, program_hash, status, snapshot,
             turn, last_event_seq, updated_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing`,
          columns,
        );
        return inserted > 0;
      }
      const updated = await sql.change(
        `update conversations set conversation_id = $6, program_hash = $7, status = $8, snapshot = $9, turn = $10, last_event_seq = $11, updated_at = $12
         where customer_id = $1 and bot_id = $2 and channel_id = $3 and user_id = $4 and thread_seq = $5 and conversation_id = $13 and turn = $14`,
        [...columns, previous.id, previous.turn],
      );
      return updated > 0;
    },
  };
}
