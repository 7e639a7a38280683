import type { BotContact, BotContactRepository } from 'gb-core';
import type { BotId, Locale, UserId } from 'gb-protocol';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';
import { insertSelfLog } from './users.ts';

interface Row {
  user_id: UserId;
  contact_bot_id: BotId;
  contact_key: string;
  name: string;
  locale: Locale;
}

const columns = 'u.user_id, u.contact_bot_id, u.contact_key, u.name, u.locale';

function toContact(row: Row): BotContact {
  return { userId: row.user_id, botId: row.contact_bot_id, key: row.contact_key, name: row.name, locale: row.locale };
}

export function botContactRepository({ sql, customerId, nowMs }: Scope): BotContactRepository {
  return {
    async get(botId, key) {
      const row = await sql.row<Row>(
        `select ${columns} from users u where u.customer_id = $1 and u.contact_bot_id = $2 and u.contact_key = $3`,
        [customerId, botId, key],
      );
      return row && toContact(row);
    },

    async byUser(userId) {
      const row = await sql.row<Row>(
        `select ${columns} from users u where u.customer_id = $1 and u.user_id = $2 and u.contact_bot_id is not null`,
        [customerId, userId],
      );
      return row && toContact(row);
    },

    async byChannel(channelId) {
      const row = await sql.row<Row>(
        `select ${columns} from channels c
         join members m on m.customer_id = c.customer_id and m.channel_id = c.channel_id
         join users u on u.customer_id = m.customer_id and u.user_id = m.user_id
         join bots b on b.customer_id = u.customer_id and b.bot_id = u.contact_bot_id
         join members o on o.customer_id = c.customer_id and o.channel_id = c.channel_id and o.user_id = b.user_id
         where c.customer_id = $1 and c.channel_id = $2 and c.kind = 'direct'`,
        [customerId, channelId],
      );
      return row && toContact(row);
    },

    async many(userIds) {
      const rows = await sql.rows<Row>(
        `select ${columns} from users u where u.customer_id = $1 and u.user_id = any ($2::uuid[]) and u.contact_bot_id is not null`,
        [customerId, userIds],
      );
      return new Map(rows.map((row) => [row.user_id, toContact(row)]));
    },

    async insert({ userId, botId, key, name, locale, handle }) {
      await sql.change(
        `insert into users (customer_id, user_id, kind, name, handle, role, locale, created_at, contact_bot_id, contact_key)
         values ($1, $2, 'person', $3, $4, 'guest', $5, $6, $7, $8)`,
        [customerId, userId, name, handle, locale, time(nowMs), botId, key],
      );
      await insertSelfLog({ sql, customerId, nowMs }, userId);
    },
  };
}
