import type { BotLogRepository } from 'gb-core';
import { type BotId, type BotLogLine, type ConversationId, limits, type UserId } from 'gb-protocol';
import { GbError } from 'gb-utils';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';

interface Row {
  line_number: number;
  at: number;
  level: BotLogLine['level'];
  code: string;
  message: string;
  file: string | null;
  line: number | null;
  file_column: number | null;
  version: number | null;
  conversation_id: ConversationId | null;
  user_id: UserId | null;
}

const dayMs = 86_400_000;
/** Lines that are too old go a few with each write: one comes and up to this many go, so they never pile up. */
const agedAtOnceMax = 50;

function toLine(row: Row): BotLogLine {
  return {
    number: row.line_number,
    at: row.at,
    level: row.level,
    code: row.code,
    message: row.message,
    file: row.file,
    line: row.line,
    column: row.file_column,
    version: row.version,
    conversationId: row.conversation_id,
    userId: row.user_id,
  };
}

export function botLogRepository({ sql, customerId, nowMs }: Scope): BotLogRepository {
  const oldest = time(nowMs - limits.botLogDaysMax * dayMs);

  return {
    async write(botId: BotId, line) {
      // The bot's row is locked in a statement of its own, so that the next number is taken after the other writer's commit.
      const bot = await sql.row('select 1 from bots where customer_id = $1 and bot_id = $2 for no key update', [
        customerId,
        botId,
      ]);
      if (!bot) throw new GbError('not_found', 'There is no such bot');
      // Both parts look at the lines from before, so the new one is neither counted nor deleted, whatever the clock says.
      await sql.change(
        `with last as (
           select coalesce(max(line_number), 0) as number from bot_log where customer_id = $1 and bot_id = $2
         ), aged as (
           select l.line_number from (
             select line_number, at from bot_log where customer_id = $1 and bot_id = $2 order by line_number limit $14
           ) l where l.at < $13
         ), gone as (
           delete from bot_log b using last
           where b.customer_id = $1 and b.bot_id = $2
             and (b.line_number <= last.number + 1 - $15 or b.line_number in (select line_number from aged))
         )
         insert into bot_log (customer_id, bot_id, line_number, at, level, code, message, file, line, file_column, version, conversation_id, user_id)
         select $1, $2, last.number + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 from last`,
        [
          customerId,
          botId,
          time(nowMs),
          line.level,
          line.code,
          line.message,
          line.file,
          line.line,
          line.column,
          line.version,
          line.conversationId,
          line.userId,
          oldest,
          agedAtOnceMax,
          limits.botLogLinesMax,
        ],
      );
    },

    async page(botId, { before, limit }) {
      const rows = await sql.rows<Row>(
        `select line_number, at, level, code, message, file, line, file_column, version, conversation_id, user_id from bot_log
         where customer_id = $1 and bot_id = $2 and at >= $3 and line_number < coalesce($4::bigint, 9223372036854775807)
         order by line_number desc limit $5`,
        [customerId, botId, oldest, before ?? null, limit + 1],
      );
      return { lines: rows.slice(0, limit).reverse().map(toLine), hasOlder: rows.length > limit };
    },
  };
}
