import type { SecretAnswerRepository } from 'gb-core';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';

export function secretAnswerRepository({ sql, customerId, nowMs }: Scope): SecretAnswerRepository {
  return {
    async isAwaited({ channelId, userId, threadSeq }) {
      // A parked one goes on waiting for what it asked.
      const row = await sql.row<{ is_awaited: boolean }>(
        `select exists (
           select from conversations
           where customer_id = $1 and channel_id = $2 and user_id = $3 and thread_seq = $4
             and state #>> '{secret,asks}' = 'true' and status in ('waiting', 'parked')
         ) as is_awaited`,
        [customerId, channelId, userId, threadSeq],
      );
      return row?.is_awaited === true;
    },

    async put(channelId, seq, text) {
      await sql.change('insert into secret_answers (customer_id, channel_id, seq, text, at) values ($1, $2, $3, $4, $5)', [
        customerId,
        channelId,
        seq,
        text,
        time(nowMs),
      ]);
    },

    async get(channelId, seq) {
      const row = await sql.row<{ text: string }>(
        'select text from secret_answers where customer_id = $1 and channel_id = $2 and seq = $3',
        [customerId, channelId, seq],
      );
      return row?.text ?? null;
    },

    async delete(channelId, seq) {
      await sql.change('delete from secret_answers where customer_id = $1 and channel_id = $2 and seq = $3', [
        customerId,
        channelId,
        seq,
      ]);
    },

    async deleteBefore(beforeMs) {
      await sql.change('delete from secret_answers where customer_id = $1 and at < $2', [customerId, time(beforeMs)]);
    },
  };
}
