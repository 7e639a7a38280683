import type { TriggerRepository, TriggerRow } from 'gb-core';
import type { BotId } from 'gb-protocol';
import { storableJson } from '../json.ts';
import type { Scope } from '../scope.ts';

interface Row {
  bot_id: BotId;
  kind: string;
  name: string;
  script: string;
  details: TriggerRow['details'];
}

function toTrigger({ bot_id, ...row }: Row): TriggerRow {
  return { botId: bot_id, ...row };
}

export function triggerRepository({ sql, customerId }: Scope): TriggerRepository {
  return {
    async find(kind, name) {
      const rows = await sql.rows<Row>(
        `select t.bot_id, t.kind, t.name, t.script, t.details from bot_triggers t
         join bots b on b.customer_id = t.customer_id and b.bot_id = t.bot_id
         join users u on u.customer_id = b.customer_id and u.user_id = b.user_id
         where t.customer_id = $1 and t.kind = $2 and t.name = $3 and u.is_active and b.published_version is not null
         order by t.bot_id, t.script, t.number`,
        [customerId, kind, name.toLowerCase()],
      );
      return rows.map(toTrigger);
    },

    async list(botId) {
      const rows = await sql.rows<Row>(
        'select bot_id, kind, name, script, details from bot_triggers where customer_id = $1 and bot_id = $2 order by kind, name, script, number',
        [customerId, botId],
      );
      return rows.map(toTrigger);
    },

    async replace(botId, triggers) {
      await sql.change('delete from bot_triggers where customer_id = $1 and bot_id = $2', [customerId, botId]);
      const known = new Map<string, Set<string>>();
      for (const { kind, name, script, details } of triggers) {
        const key = JSON.stringify([kind, name.toLowerCase(), script]);
        const same = known.get(key) ?? new Set();
        known.set(key, same);
        const text = storableJson(details);
        if (same.has(text)) continue;
        await sql.change(
          'insert into bot_triggers (customer_id, bot_id, kind, name, script, details, number) values ($1, $2, $3, $4, $5, $6, $7)',
          [customerId, botId, kind, name.toLowerCase(), script, text, same.size],
        );
        same.add(text);
      }
    },
  };
}
