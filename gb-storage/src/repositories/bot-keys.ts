import type { BotKeyRepository, BotKeyRow } from 'gb-core';
import type { BotId, UserId } from 'gb-protocol';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';

interface Row {
  key_id: string;
  bot_id: BotId;
  name: string;
  created_by: UserId;
  created_at: number;
  last_used_at: number | null;
}

const columns = 'k.key_id, k.bot_id, k.name, k.created_by, k.created_at, k.last_used_at';

function toKey(row: Row): BotKeyRow {
  return {
    id: row.key_id,
    botId: row.bot_id,
    name: row.name,
    createdBy: row.created_by,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}

export function botKeyRepository({ sql, customerId }: Scope): BotKeyRepository {
  return {
    async insert(key) {
      await sql.change(
        `insert into bot_keys (customer_id, key_id, bot_id, name, token_hash, created_by, created_at)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [customerId, key.id, key.botId, key.name, key.tokenHash, key.createdBy, time(key.createdAt)],
      );
    },

    async list(botId) {
      const rows = await sql.rows<Row>(
        `select ${columns} from bot_keys k where k.customer_id = $1 and k.bot_id = $2 order by k.created_at, k.key_id`,
        [customerId, botId],
      );
      return rows.map(toKey);
    },

    async byTokenHash(hash) {
      const row = await sql.row<Row & { is_active: boolean }>(
        `select ${columns}, u.is_active from bot_keys k
         join bots b on b.customer_id = k.customer_id and b.bot_id = k.bot_id
         join users u on u.customer_id = b.customer_id and u.user_id = b.user_id
         where k.customer_id = $1 and k.token_hash = $2`,
        [customerId, hash],
      );
      return row && { ...toKey(row), isBotActive: row.is_active };
    },

    async touch(id, lastUsedAt) {
      await sql.change('update bot_keys set last_used_at = $3 where customer_id = $1 and key_id = $2', [
        customerId,
        id,
        time(lastUsedAt),
      ]);
    },

    async delete(botId, id) {
      const statement = 'delete from bot_keys where customer_id = $1 and bot_id = $2 and key_id = $3';
      return (await sql.change(statement, [customerId, botId, id])) > 0;
    },
  };
}
