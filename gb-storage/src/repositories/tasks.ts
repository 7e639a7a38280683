import type {
  Appointment,
  AppointmentRepository,
  ContactEntry,
  ContactRepository,
  CounterRepository,
  PlainValue,
  TaskRepository,
  TaskRow,
} from 'gb-core';
import type { BotId, UserId } from 'gb-protocol';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';

const slotMs = 5 * 60_000;
const entriesPerContactMax = 1_000;
const countersPerDayMax = 1_000;

interface Row {
  task_id: string;
  bot_id: BotId;
  title: string;
  assignee_id: UserId | null;
  created_by: UserId;
  due_at: number | null;
  details: PlainValue;
  created_at: number;
  done_at: number | null;
}

function toTask(row: Row): TaskRow {
  return {
    id: row.task_id,
    botId: row.bot_id,
    title: row.title,
    assigneeId: row.assignee_id,
    createdBy: row.created_by,
    dueAt: row.due_at,
    isDone: row.done_at !== null,
    details: row.details,
    createdAt: row.created_at,
  };
}

export function taskRepository({ sql, customerId, nowMs }: Scope): TaskRepository {
  return {
    async insert(task) {
      const inserted = await sql.change(
        `insert into tasks (customer_id, task_id, bot_id, title, assignee_id, created_by, due_at, details, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
        [
          customerId,
          task.id,
          task.botId,
          task.title,
          task.assigneeId,
          task.createdBy,
          task.dueAt === null ? null : time(task.dueAt),
          JSON.stringify(task.details),
          time(nowMs),
        ],
      );
      return inserted > 0;
    },

    async open({ assigneeId, limit }) {
      const rows = await sql.rows<Row>(
        `select task_id, bot_id, title, assignee_id, created_by, due_at, details, created_at, done_at from tasks
         where customer_id = $1 and done_at is null and ($2::uuid is null or assignee_id = $2)
         order by due_at nulls last, created_at, task_id limit $3`,
        [customerId, assigneeId, limit],
      );
      return rows.map(toTask);
    },

    async finish(id) {
      const statement = 'update tasks set done_at = $3 where customer_id = $1 and task_id = $2 and done_at is null';
      return (await sql.change(statement, [customerId, id, time(nowMs)])) > 0;
    },

    async countOpen() {
      const row = await sql.row<{ n: number }>('select count(*) as n from tasks where customer_id = $1 and done_at is null', [
        customerId,
      ]);
      return row?.n ?? 0;
    },
  };
}

export function appointmentRepository({ sql, customerId }: Scope): AppointmentRepository {
  async function cancel(id: string): Promise<boolean> {
    const statement = 'delete from appointments where customer_id = $1 and appointment_id = $2';
    return (await sql.change(statement, [customerId, id])) > 0;
  }

  async function insert(appointment: Appointment): Promise<boolean> {
    const { id, botId, title, personId, startsAt, endsAt, details } = appointment;
    const inserted = await sql.change(
      `insert into appointments (customer_id, appointment_id, bot_id, title, person_id, starts_at, ends_at, details)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
      [customerId, id, botId, title, personId, time(startsAt), time(endsAt), JSON.stringify(details)],
    );
    return inserted > 0;
  }

  return {
    cancel,

    async book(appointment) {
      if (!(await insert(appointment))) return true;
      const { first, last } = slotsOf(appointment.startsAt, appointment.endsAt);
      const calendars = [...new Set(appointment.calendars)].sort();
      // A time that another transaction is just taking is waited for here, in one order for everybody.
      const taken = await sql.change(
        `insert into appointment_slots (customer_id, calendar, slot, appointment_id)
         select $1, c.calendar, s.slot, $2 from unnest($3::text[]) c (calendar), generate_series($4::int, $5::int) s (slot)
         order by c.calendar, s.slot on conflict do nothing`,
        [customerId, appointment.id, calendars, first, last],
      );
      if (taken === calendars.length * (last - first + 1)) return true;
      await cancel(appointment.id);
      return false;
    },

    async taken(calendar, fromMs, toMs) {
      const { first, last } = slotsOf(fromMs, toMs);
      const rows = await sql.rows<{ first: number; last: number }>(
        `select min(s.slot) as first, max(s.slot) as last from appointment_slots s
         where s.customer_id = $1 and s.calendar = $2 and s.slot between $3 and $4 group by s.appointment_id order by 1`,
        [customerId, calendar, first, last],
      );
      return rows.map((row) => ({ startsAt: row.first * slotMs, endsAt: (row.last + 1) * slotMs }));
    },
  };
}

function slotsOf(startsAt: number, endsAt: number): { first: number; last: number } {
  const first = Math.floor(startsAt / slotMs);
  return { first, last: Math.max(first, Math.ceil(endsAt / slotMs) - 1) };
}

const contactColumns = 'key, name, email, phone, score, details';

export function contactRepository({ sql, customerId, nowMs }: Scope): ContactRepository {
  interface ContactRow {
    key: string;
    name: string;
    email: string;
    phone: string;
    score: number;
    details: Record<string, PlainValue>;
  }
  return {
    find(text, limit) {
      return sql.rows<ContactRow>(
        `select ${contactColumns} from contacts where customer_id = $1
           and (key = lower($2) or strpos(lower(name), lower($2)) > 0 or lower(email) = lower($2) or phone = $2)
         order by key <> lower($2), name, key limit $3`,
        [customerId, text, limit],
      );
    },

    get(key) {
      return sql.row<ContactRow>(`select ${contactColumns} from contacts where customer_id = $1 and key = $2`, [
        customerId,
        key.toLowerCase(),
      ]);
    },

    async put({ key, name, email, phone, score, details }) {
      await sql.change(
        `insert into contacts (customer_id, key, name, email, phone, score, details, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (customer_id, key) do update set name = excluded.name, email = excluded.email, phone = excluded.phone,
           score = excluded.score, details = excluded.details, changed_at = excluded.changed_at`,
        [customerId, key.toLowerCase(), name, email, phone, score, JSON.stringify(details), time(nowMs)],
      );
    },

    async count() {
      const row = await sql.row<{ n: number }>('select count(*) as n from contacts where customer_id = $1', [customerId]);
      return row?.n ?? 0;
    },

    async note({ id, key, botId, kind, text, amount, details, at }) {
      await sql.change(
        `insert into contact_entries (customer_id, entry_id, key, bot_id, kind, text, amount, details, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
        [customerId, id, key.toLowerCase(), botId, kind, text, amount, JSON.stringify(details), time(at)],
      );
      await sql.change(
        `delete from contact_entries where customer_id = $1 and key = $2 and entry_id in (
           select entry_id from contact_entries where customer_id = $1 and key = $2 order by at desc, entry_id desc offset $3)`,
        [customerId, key.toLowerCase(), entriesPerContactMax],
      );
    },

    entries(key, limit) {
      return sql.rows<ContactEntry & Record<string, unknown>>(
        `select kind, text, amount, at from contact_entries where customer_id = $1 and key = $2 order by at desc, entry_id desc limit $3`,
        [customerId, key.toLowerCase(), limit],
      );
    },
  };
}

export function counterRepository({ sql, customerId }: Scope): CounterRepository {
  return {
    async count({ botId, day, name, labels, amount }) {
      const values = [customerId, botId, day, name, labels, amount];
      const counted = await sql.change(
        `update bot_counters set count = count + $6 where customer_id = $1 and bot_id = $2 and day = $3 and name = $4 and labels = $5`,
        values,
      );
      if (counted > 0) return true;
      const inserted = await sql.change(
        `insert into bot_counters as m (customer_id, bot_id, day, name, labels, count)
         select $1, $2, $3, $4, $5, $6
         where (select count(*) from bot_counters where customer_id = $1 and bot_id = $2 and day = $3) < ${countersPerDayMax}
         on conflict (customer_id, bot_id, day, name, labels) do update set count = m.count + excluded.count`,
        values,
      );
      return inserted > 0;
    },
  };
}
