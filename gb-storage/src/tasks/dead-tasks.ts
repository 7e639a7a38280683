import type { BuriedTask, DeadTask, DeadTasks } from 'gb-core';
import type { CustomerId } from 'gb-protocol';
import { isUuid } from 'gb-utils';
import { time } from '../connection.ts';
import type { WalledPool } from '../walled-pool.ts';
import { priorityNumber, priorityOf } from './priorities.ts';

const listMax = 1_000;

interface DeadRow {
  task_id: string;
  kind: string;
  key: string;
  attempts: number;
  reason: string;
  died_at: number;
}

/** Dead tasks as rows behind the wall: those of the database's own queue, and those that another engine brings. */
export function createDeadTasks(database: WalledPool): DeadTasks {
  return {
    async bury(task) {
      await database.run(task.customerId, (sql) =>
        sql.change(
          `insert into queued_tasks (customer_id, task_id, kind, key, payload, priority, not_before, attempts, reason, died_at)
           values ($1, $2, $3, $4, $5, $6, $8, $7, $9, $8) on conflict (customer_id, task_id) do nothing`,
          [
            task.customerId,
            task.id,
            task.kind,
            task.key,
            JSON.stringify(task.payload),
            priorityNumber(task.priority),
            task.attempts,
            time(task.diedAt),
            task.reason,
          ],
        ),
      );
    },

    async list({ customerId, kind, limit }) {
      const rows = await database.run(customerId, (sql) =>
        sql.rows<DeadRow>(
          `select task_id, kind, key, attempts, reason, died_at from queued_tasks
           where customer_id = $1 and died_at is not null and ($2::text is null or kind = $2)
           order by died_at desc, task_id desc limit $3`,
          [customerId, kind ?? null, Math.min(limit, listMax)],
        ),
      );
      return rows.map((row) => toDead(customerId, row));
    },

    async get(customerId, id): Promise<BuriedTask | null> {
      if (!isUuid(id)) return null;
      const [row] = await database.run(customerId, (sql) =>
        sql.rows<DeadRow & { payload: BuriedTask['payload']; priority: number }>(
          `select task_id, kind, key, attempts, reason, died_at, payload, priority from queued_tasks
           where customer_id = $1 and task_id = $2 and died_at is not null`,
          [customerId, id],
        ),
      );
      return row ? { ...toDead(customerId, row), payload: row.payload, priority: priorityOf(row.priority) } : null;
    },

    async remove(customerId, id) {
      await database.run(customerId, (sql) =>
        sql.change('delete from queued_tasks where customer_id = $1 and task_id = $2 and died_at is not null', [customerId, id]),
      );
    },

    async count(customerId) {
      const rows = await database.outside<{ kind: string; dead: number }>('select kind, dead from control.task_figures($1)', [
        customerId ?? null,
      ]);
      return new Map(rows.filter(({ dead }) => dead > 0).map(({ kind, dead }) => [kind, dead]));
    },
  };
}

function toDead(customerId: CustomerId, row: DeadRow): DeadTask {
  const { task_id: id, kind, key, attempts, reason, died_at: diedAt } = row;
  return { id, kind, customerId, key, attempts, reason, diedAt };
}
