import type { Approval, ApprovalRepository, Handover, HandoverRepository, PeopleRepository, Priority } from 'gb-core';
import type { BotId, ChannelId, ClientId, ConversationId, Seq, UserId } from 'gb-protocol';
import { isUuid } from 'gb-utils';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';
import { type MeRow, meColumns, toMe } from './users.ts';

const queueMax = 200;

export function peopleRepository({ sql, customerId, nowMs }: Scope): PeopleRepository {
  return {
    async find(text) {
      const wanted = text.trim();
      const rows = await sql.rows<MeRow & { rank: number }>(
        `select * from (
           select ${meColumns}, case when u.user_id = $3::uuid or u.handle = lower($2) or lower(u.email) = lower($2) then 0 else 1 end as rank
           from users u where u.customer_id = $1 and u.is_active
             -- A contact of a bot calls themself what they like: nobody finds them by that.
             and (u.contact_bot_id is null or u.user_id = $3::uuid)
             and (u.user_id = $3::uuid or u.handle = lower($2) or lower(u.email) = lower($2) or lower(u.name) = lower($4))
         ) found order by rank, user_id limit 2`,
        [customerId, wanted.replace(/^@/, ''), isUuid(wanted) ? wanted : null, wanted],
      );
      return rows.filter(({ rank }) => rank === rows[0]?.rank).map(toMe);
    },

    async managers() {
      const rows = await sql.rows<{ user_id: UserId }>(
        `select user_id from users where customer_id = $1 and is_active and kind = 'person' and role in ('owner', 'admin')
         order by created_at, user_id limit 50`,
        [customerId],
      );
      return rows.map((row) => row.user_id);
    },

    async attendance(userIds) {
      const rows = await sql.rows<{ user_id: UserId; state: string }>(
        'select user_id, state from attendants where customer_id = $1 and user_id = any ($2::uuid[])',
        [customerId, userIds],
      );
      return new Map(rows.map((row) => [row.user_id, row.state]));
    },

    async setAttendance(userId, state) {
      await sql.change(
        `insert into attendants (customer_id, user_id, state, changed_at) values ($1, $2, $3, $4)
         on conflict (customer_id, user_id) do update set state = excluded.state, changed_at = excluded.changed_at`,
        [customerId, userId, state, time(nowMs)],
      );
    },
  };
}

interface Row {
  handover_id: string;
  code: string;
  bot_id: BotId;
  conversation_id: ConversationId;
  person_id: UserId;
  desk_id: ChannelId;
  root_client_id: ClientId;
  queue: string;
  reason: string;
  priority: Priority;
  tags: string[];
  opened_at: number;
  taken_by: UserId | null;
  taken_at: number | null;
  closed_by: UserId | null;
  closed_at: number | null;
}

function toHandover(row: Row): Handover {
  return {
    id: row.handover_id,
    code: row.code,
    botId: row.bot_id,
    conversationId: row.conversation_id,
    personId: row.person_id,
    deskId: row.desk_id,
    rootClientId: row.root_client_id,
    queue: row.queue,
    reason: row.reason,
    priority: row.priority,
    tags: row.tags,
    openedAt: row.opened_at,
    takenBy: row.taken_by,
    takenAt: row.taken_at,
    closedBy: row.closed_by,
    closedAt: row.closed_at,
  };
}

const columns = `h.handover_id, h.code, h.bot_id, h.conversation_id, h.person_id, h.desk_id, h.root_client_id, h.queue, h.reason,
  h.priority, h.tags, h.opened_at, h.taken_by, h.taken_at, h.closed_by, h.closed_at`;
const isAtDesk = (user: string) =>
  `exists (select from members m where m.customer_id = h.customer_id and m.channel_id = h.desk_id and m.user_id = ${user})`;

export function handoverRepository({ sql, customerId }: Scope): HandoverRepository {
  const one = async (text: string, values: readonly unknown[]): Promise<Handover | null> => {
    const row = await sql.row<Row>(text, [customerId, ...values]);
    return row && toHandover(row);
  };
  return {
    async insert(handover) {
      await sql.change(
        `insert into handovers (customer_id, handover_id, code, bot_id, conversation_id, person_id, desk_id, root_client_id, queue,
           reason, priority, tags, opened_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
        [
          customerId,
          handover.id,
          handover.code,
          handover.botId,
          handover.conversationId,
          handover.personId,
          handover.deskId,
          handover.rootClientId,
          handover.queue,
          handover.reason,
          handover.priority,
          handover.tags,
          time(handover.openedAt),
        ],
      );
    },

    get: (id) => one(`select ${columns} from handovers h where h.customer_id = $1 and h.handover_id = $2`, [id]),

    byCode: (code, memberId) =>
      one(
        `select ${columns} from handovers h where h.customer_id = $1 and h.code = $2 and ${isAtDesk('$3')}
         order by h.closed_at is not null, h.opened_at desc limit 1`,
        [code.trim().toUpperCase(), memberId],
      ),

    ofThread: (botId, deskId, threadSeq) =>
      one(
        `select ${columns} from messages x
         join handovers h on h.customer_id = x.customer_id and h.desk_id = x.channel_id and h.root_client_id = x.client_id
         where x.customer_id = $1 and x.channel_id = $2 and x.seq = $3 and h.bot_id = $4`,
        [deskId, threadSeq, botId],
      ),

    async atDesk(botId, deskId) {
      const rows = await sql.rows<Row>(
        `select ${columns} from handovers h where h.customer_id = $1 and h.desk_id = $2 and h.bot_id = $3 and h.closed_at is null
         order by h.opened_at limit ${queueMax}`,
        [customerId, deskId, botId],
      );
      return rows.map(toHandover);
    },

    ofConversation: (id) =>
      one(
        `select ${columns} from handovers h where h.customer_id = $1 and h.conversation_id = $2 order by h.opened_at desc limit 1`,
        [id],
      ),

    async threadOf({ deskId, rootClientId, botId }) {
      const row = await sql.row<{ seq: Seq }>(
        `select x.seq from messages x
         join bots b on b.customer_id = x.customer_id and b.user_id = x.author_id
         where x.customer_id = $1 and x.channel_id = $2 and x.client_id = $3 and b.bot_id = $4`,
        [customerId, deskId, rootClientId, botId],
      );
      return row?.seq ?? null;
    },

    async queue(memberId, queue) {
      const rows = await sql.rows<Row>(
        `select ${columns} from handovers h where h.customer_id = $1 and h.closed_at is null and ${isAtDesk('$2')}
           and ($3::text is null or h.queue = lower($3))
         order by array_position(array['urgent', 'high', 'normal', 'low'], h.priority), h.opened_at, h.handover_id limit ${queueMax}`,
        [customerId, memberId, queue],
      );
      return rows.map(toHandover);
    },

    async change(id, { priority, tags, takenBy, takenAt, closedBy, closedAt }) {
      const at = (ms: number | null | undefined) => (ms === null || ms === undefined ? null : time(ms));
      await sql.change(
        `update handovers set priority = coalesce($3, priority), tags = coalesce($4, tags), taken_by = coalesce($5, taken_by),
           taken_at = coalesce($6, taken_at), closed_by = coalesce($7, closed_by), closed_at = coalesce($8, closed_at)
         where customer_id = $1 and handover_id = $2`,
        [customerId, id, priority ?? null, tags ?? null, takenBy ?? null, at(takenAt), closedBy ?? null, at(closedAt)],
      );
    },

    async mark(id, deskSeq) {
      const statement = 'update handovers set desk_seq = $3 where customer_id = $1 and handover_id = $2 and desk_seq < $3';
      return (await sql.change(statement, [customerId, id, deskSeq])) > 0;
    },

    async stats(userId, botUserId) {
      const row = await sql.row<{ taken: number; closed: number; to_take: number | null; to_close: number | null }>(
        `select count(*) as taken, count(h.closed_at) as closed,
           (avg(extract(epoch from h.taken_at - h.opened_at)) / 60)::float8 as to_take,
           (avg(extract(epoch from h.closed_at - h.taken_at)) / 60)::float8 as to_close
         from handovers h where h.customer_id = $1 and h.taken_by = $2 and ${isAtDesk('$3')}`,
        [customerId, userId, botUserId],
      );
      return {
        taken: row?.taken ?? 0,
        closed: row?.closed ?? 0,
        minutesToTake: row?.to_take ?? null,
        minutesToClose: row?.to_close ?? null,
      };
    },
  };
}

interface ApprovalRow {
  approval_id: string;
  code: string;
  bot_id: BotId;
  conversation_id: ConversationId;
  approver_id: UserId;
  text: string;
  asked_at: number;
  expires_at: number | null;
  is_approved: boolean | null;
  decided_at: number | null;
  decided_seq: Seq | null;
}

const approvalColumns =
  'approval_id, code, bot_id, conversation_id, approver_id, text, asked_at, expires_at, is_approved, decided_at, decided_seq';

function toApproval(row: ApprovalRow): Approval {
  return {
    id: row.approval_id,
    code: row.code,
    botId: row.bot_id,
    conversationId: row.conversation_id,
    approverId: row.approver_id,
    text: row.text,
    askedAt: row.asked_at,
    expiresAt: row.expires_at,
    isApproved: row.is_approved,
    decidedAt: row.decided_at,
    decidedSeq: row.decided_seq,
  };
}

export function approvalRepository({ sql, customerId }: Scope): ApprovalRepository {
  return {
    async insert(approval) {
      await sql.change(
        `insert into approvals (customer_id, approval_id, code, bot_id, conversation_id, approver_id, text, asked_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          customerId,
          approval.id,
          approval.code,
          approval.botId,
          approval.conversationId,
          approval.approverId,
          approval.text,
          time(approval.askedAt),
          approval.expiresAt === null ? null : time(approval.expiresAt),
        ],
      );
    },

    async get(id) {
      const row = await sql.row<ApprovalRow>(
        `select ${approvalColumns} from approvals where customer_id = $1 and approval_id = $2`,
        [customerId, id],
      );
      return row && toApproval(row);
    },

    async byCode(botId, approverId, code) {
      const row = await sql.row<ApprovalRow>(
        `select ${approvalColumns} from approvals where customer_id = $1 and bot_id = $2 and approver_id = $3 and code = $4
         order by decided_at is not null, asked_at desc limit 1`,
        [customerId, botId, approverId, code.toUpperCase()],
      );
      return row && toApproval(row);
    },

    async decide(id, { isApproved, at, seq }) {
      const statement = `update approvals set is_approved = $3, decided_at = $4, decided_seq = $5
        where customer_id = $1 and approval_id = $2 and decided_at is null`;
      return (await sql.change(statement, [customerId, id, isApproved, time(at), seq])) > 0;
    },
  };
}
