import type { ConversationEdit, JournalEntry, JournalRepository } from 'gb-core';
import { type BotId, type ConversationId, limits, type UserId } from 'gb-protocol';
import { time } from '../connection.ts';
import { storableJson } from '../json.ts';
import type { Scope } from '../scope.ts';

interface Row {
  conversation_id: ConversationId;
  bot_id: BotId;
  turn: number;
  at: number;
  cause: JournalEntry['cause'];
  program_hash: string;
  snapshot: Uint8Array | null;
  input: JournalEntry['input'];
  output: JournalEntry['output'];
  fuel: number;
}

interface EditRow {
  edit_id: string;
  conversation_id: ConversationId;
  bot_id: BotId;
  turn: number;
  at: number;
  user_id: UserId;
  changes: ConversationEdit['changes'];
}

const columns = 'conversation_id, bot_id, turn, at, cause, program_hash, input, output, fuel';
const prunedAtOnceMax = 1_000;

function toEntry({ snapshot, ...row }: Row): JournalEntry {
  const { conversation_id, bot_id, program_hash, ...rest } = row;
  return { ...rest, conversationId: conversation_id, botId: bot_id, programHash: program_hash, snapshot };
}

export function journalRepository({ sql, customerId }: Scope): JournalRepository {
  return {
    async write(entry) {
      await sql.change(
        `with old as (
           delete from bot_turns where customer_id = $1 and conversation_id = $2 and turn <= $3::int - $11::int
         )
         insert into bot_turns (customer_id, conversation_id, turn, bot_id, at, cause, program_hash, snapshot, input, output, fuel)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12)`,
        [
          customerId,
          entry.conversationId,
          entry.turn,
          entry.botId,
          time(entry.at),
          entry.cause,
          entry.programHash,
          entry.snapshot,
          storableJson(entry.input),
          storableJson(entry.output),
          limits.journalTurnsMax,
          entry.fuel,
        ],
      );
    },

    async page(conversationId, { before, limit }) {
      const rows = await sql.rows<Omit<Row, 'snapshot'>>(
        `select ${columns} from bot_turns where customer_id = $1 and conversation_id = $2 and turn < coalesce($3::int, 2147483647)
         order by turn desc limit $4`,
        [customerId, conversationId, before ?? null, limit + 1],
      );
      const turns = rows.slice(0, limit).reverse();
      return {
        turns: turns.map((row) => {
          const { snapshot: _snapshot, ...entry } = toEntry({ ...row, snapshot: null });
          return entry;
        }),
        hasOlder: rows.length > limit,
      };
    },

    async get(conversationId, turn) {
      const row = await sql.row<Row>(
        `select ${columns}, snapshot from bot_turns where customer_id = $1 and conversation_id = $2 and turn = $3`,
        [customerId, conversationId, turn],
      );
      return row && toEntry(row);
    },

    async writeEdit({ conversationId, id, botId, turn, at, userId, changes }) {
      await sql.change(
        `insert into bot_edits (customer_id, conversation_id, edit_id, bot_id, turn, at, user_id, changes)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [customerId, conversationId, id, botId, turn, time(at), userId, storableJson(changes)],
      );
      await sql.change(
        `delete from bot_edits where customer_id = $1 and conversation_id = $2 and edit_id in (
           select edit_id from bot_edits where customer_id = $1 and conversation_id = $2
           order by turn desc, at desc, edit_id desc offset $3
         )`,
        [customerId, conversationId, limits.journalEditsMax],
      );
    },

    async edits(conversationId, { from, before }) {
      const rows = await sql.rows<EditRow>(
        `select edit_id, conversation_id, bot_id, turn, at, user_id, changes from bot_edits
         where customer_id = $1 and conversation_id = $2 and turn >= $3 and turn < coalesce($4::int, 2147483647)
         order by turn, at, edit_id limit $5`,
        [customerId, conversationId, from, before ?? null, limits.journalEditsMax],
      );
      return rows.map(({ edit_id, conversation_id, bot_id, user_id, ...rest }) => ({
        ...rest,
        id: edit_id,
        conversationId: conversation_id,
        botId: bot_id,
        userId: user_id,
      }));
    },

    async prune(beforeMs) {
      await sql.change('delete from bot_edits where customer_id = $1 and at < $2', [customerId, time(beforeMs)]);
      const gone = await sql.change(
        `delete from bot_turns t using (
           select conversation_id, turn from bot_turns where customer_id = $1 and at < $2 order by at limit $3
         ) old
         where t.customer_id = $1 and t.conversation_id = old.conversation_id and t.turn = old.turn`,
        [customerId, time(beforeMs), prunedAtOnceMax],
      );
      return gone === prunedAtOnceMax;
    },
  };
}
