import type { SessionRepository, SessionRow } from 'gb-core';
import type { Role, SessionId, UserId } from 'gb-protocol';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';
import { type MeRow, meColumns, toMe } from './users.ts';

interface Row {
  session_id: SessionId;
  user_id: UserId;
  created_at: number;
  last_seen_at: number;
  expires_at: number;
  user_agent: string;
}

const columns = 's.session_id, s.user_id, s.created_at, s.last_seen_at, s.expires_at, s.user_agent';

function toSession(row: Row): SessionRow {
  return {
    id: row.session_id,
    userId: row.user_id,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    expiresAt: row.expires_at,
    userAgent: row.user_agent,
  };
}

export function sessionRepository({ sql, customerId, nowMs }: Scope): SessionRepository {
  return {
    async insert(session) {
      // The one place where sessions come: sweeping the person's ended ones here keeps the table as small as its use.
      await sql.change(
        `with swept as (delete from sessions where customer_id = $1 and user_id = $3 and expires_at < $9)
         insert into sessions (customer_id, session_id, user_id, token_hash, created_at, last_seen_at, expires_at, user_agent)
         values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          customerId,
          session.id,
          session.userId,
          session.tokenHash,
          time(session.createdAt),
          time(session.lastSeenAt),
          time(session.expiresAt),
          session.userAgent,
          time(nowMs),
        ],
      );
    },

    async byTokenHash(hash) {
      const row = await sql.row<Row & MeRow>(
        `select ${columns}, ${meColumns} from sessions s join users u on u.customer_id = s.customer_id and u.user_id = s.user_id
         where s.customer_id = $1 and s.token_hash = $2`,
        [customerId, hash],
      );
      return row && { ...toSession(row), user: toMe(row) };
    },

    async touch(id, lastSeenAt, expiresAt) {
      await sql.change('update sessions set last_seen_at = $3, expires_at = $4 where customer_id = $1 and session_id = $2', [
        customerId,
        id,
        time(lastSeenAt),
        time(expiresAt),
      ]);
    },

    async listByUser(userId) {
      const rows = await sql.rows<Row>(
        `select ${columns} from sessions s where s.customer_id = $1 and s.user_id = $2 order by s.last_seen_at desc, s.session_id`,
        [customerId, userId],
      );
      return rows.map(toSession);
    },

    async living(ids) {
      const rows = await sql.rows<{ session_id: SessionId; role: Role }>(
        `select s.session_id, u.role from sessions s join users u on u.customer_id = s.customer_id and u.user_id = s.user_id
         where s.customer_id = $1 and s.session_id = any($2::uuid[]) and s.expires_at > $3 and u.is_active`,
        [customerId, ids, time(nowMs)],
      );
      return new Map(rows.map((row) => [row.session_id, row.role]));
    },

    async delete(id) {
      return (await sql.change('delete from sessions where customer_id = $1 and session_id = $2', [customerId, id])) > 0;
    },

    async deleteByUser(userId, except) {
      const rows = await sql.rows<{ session_id: SessionId }>(
        'delete from sessions where customer_id = $1 and user_id = $2 and session_id is distinct from $3 returning session_id',
        [customerId, userId, except ?? null],
      );
      return rows.map((row) => row.session_id);
    },
  };
}
