import type { ConversationRepository, ConversationRow } from 'gb-core';
import type { BotId, ChannelId, ConversationId, Seq, UserId } from 'gb-protocol';
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
