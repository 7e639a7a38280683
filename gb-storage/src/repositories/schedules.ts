import type { ScheduleRepository, ScheduleRow } from 'gb-core';
import type { BotId } from 'gb-protocol';
import { time } from '../connection.ts';
import { storableJson } from '../json.ts';
import type { Scope } from '../scope.ts';

interface Row {
  schedule_id: string;
  bot_id: BotId;
  script: string;
  text: string;
  rule: ScheduleRow['rule'];
  label: string;
  origin: ScheduleRow['origin'];
  params: ScheduleRow['params'];
  time_zone: string;
  wake_at: number | null;
  last_at: number | null;
}

const select =
  'select schedule_id, bot_id, script, text, rule, label, origin, params, time_zone, wake_at, last_at from bot_schedules where customer_id = $1';

function toSchedule(row: Row): ScheduleRow {
  return {
    id: row.schedule_id,
    botId: row.bot_id,
    script: row.script,
    text: row.text,
    rule: row.rule,
    label: row.label,
    origin: row.origin,
    params: row.params,
    timeZone: row.time_zone,
    wakeAt: row.wake_at,
    lastAt: row.last_at,
  };
}

export function scheduleRepository({ sql, customerId }: Scope): ScheduleRepository {
  return {
    async get(id) {
      const row = await sql.row<Row>(`${select} and schedule_id = $2 for update`, [customerId, id]);
      return row && toSchedule(row);
    },

    async list(botId) {
      const rows = await sql.rows<Row>(`${select} and bot_id = $2 order by origin, script, text, schedule_id`, [
        customerId,
        botId,
      ]);
      return rows.map(toSchedule);
    },

    async put(row) {
      await sql.change(
        `insert into bot_schedules (customer_id, schedule_id, bot_id, script, text, rule, label, origin, params, time_zone, wake_at, last_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (customer_id, schedule_id) do update set script = excluded.script, text = excluded.text, rule = excluded.rule,
           label = excluded.label, origin = excluded.origin, params = excluded.params, time_zone = excluded.time_zone,
           wake_at = excluded.wake_at, last_at = excluded.last_at`,
        [
          customerId,
          row.id,
          row.botId,
          row.script,
          row.text,
          storableJson(row.rule),
          row.label,
          row.origin,
          storableJson(row.params),
          row.timeZone,
          row.wakeAt === null ? null : time(row.wakeAt),
          row.lastAt === null ? null : time(row.lastAt),
        ],
      );
    },

    async delete(id) {
      return (await sql.change('delete from bot_schedules where customer_id = $1 and schedule_id = $2', [customerId, id])) > 0;
    },
  };
}
