import type { UserRepository } from 'gb-core';
import type { ChannelId, Locale, Me, Role, User, UserId } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';

export interface UserRow {
  user_id: UserId;
  kind: User['kind'];
  name: string;
  handle: string;
  role: Role;
  is_active: boolean;
}

export interface MeRow extends UserRow {
  email: string | null;
  locale: Locale;
}

export const userColumns = 'u.user_id, u.kind, u.name, u.handle, u.role, u.is_active';
export const meColumns = `${userColumns}, u.email, u.locale`;

export function toUser(row: UserRow): User {
  return { id: row.user_id, kind: row.kind, name: row.name, handle: row.handle, role: row.role, isActive: row.is_active };
}

export function toMe(row: MeRow): Me {
  return { ...toUser(row), email: row.email ?? '', locale: row.locale };
}

export function userRepository({ sql, customerId, nowMs }: Scope): UserRepository {
  return {
    async get(id) {
      const row = await sql.row<MeRow>(`select ${meColumns} from users u where u.customer_id = $1 and u.user_id = $2`, [
        customerId,
        id,
      ]);
      return row && toMe(row);
    },

    async list() {
      const rows = await sql.rows<UserRow>(
        `select ${userColumns} from users u where u.customer_id = $1 and u.contact_bot_id is null order by u.user_id`,
        [customerId],
      );
      return rows.map(toUser);
    },

    async insert(user) {
      await sql.change(
        `insert into users (customer_id, user_id, kind, name, handle, role, email, password_hash, locale, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [
          customerId,
          user.id,
          user.kind,
          user.name,
          user.handle,
          user.role,
          user.email,
          user.passwordHash,
          user.locale,
          time(nowMs),
        ],
      );
      if (user.kind === 'person') await insertSelfLog({ sql, customerId, nowMs }, user.id);
      return { id: user.id, kind: user.kind, name: user.name, handle: user.handle, role: user.role, isActive: true };
    },

    async update(id, patch) {
      const row = await sql.row<MeRow>(
        `update users u set
           name = coalesce($3, u.name), locale = coalesce($4, u.locale), role = coalesce($5, u.role),
           is_active = coalesce($6, u.is_active), password_hash = coalesce($7, u.password_hash)
         where u.customer_id = $1 and u.user_id = $2 returning ${meColumns}`,
        [customerId, id, patch.name, patch.locale, patch.role, patch.isActive, patch.passwordHash],
      );
      return row && toMe(row);
    },

    async passwordHash(id) {
      const row = await sql.row<{ password_hash: string | null }>(
        'select password_hash from users where customer_id = $1 and user_id = $2',
        [customerId, id],
      );
      return row?.password_hash ?? null;
    },

    async handlesLike(prefix) {
      const rows = await sql.rows<{ handle: string }>(
        'select handle from users where customer_id = $1 and starts_with(lower(handle), lower($2)) order by handle',
        [customerId, prefix],
      );
      return rows.map((row) => row.handle);
    },

    async countOwners() {
      // Locked, so that two owners who step down at once do not each see the other one stay.
      const rows = await sql.rows(
        "select user_id from users where customer_id = $1 and role = 'owner' and is_active and kind = 'person' order by user_id for no key update",
        [customerId],
      );
      return rows.length;
    },

    async selfChannel(id) {
      const row = await sql.row<{ channel_id: ChannelId }>(
        "select channel_id from channels where customer_id = $1 and owner_id = $2 and kind = 'self'",
        [customerId, id],
      );
      return row?.channel_id ?? null;
    },
  };
}

/** The log of what is private to a person. */
export async function insertSelfLog({ sql, customerId, nowMs }: Pick<Scope, 'sql' | 'customerId' | 'nowMs'>, id: UserId) {
  await sql.change(
    `with log as (
       insert into channels (customer_id, channel_id, instance_id, kind, name, topic, owner_id, created_by, created_at, member_count)
       select $1, $2, i.instance_id, 'self', '', '', $3, $3, $4, 1
       from instances i where i.customer_id = $1 order by i.created_at, i.instance_id limit 1
       returning channel_id
     ), head as (
       insert into channel_heads (customer_id, channel_id) select $1, log.channel_id from log
     )
     insert into members (customer_id, channel_id, user_id, read_seq, read_count, joined_at)
     select $1, log.channel_id, $3, 0, 0, $4 from log`,
    [customerId, uuidv7(nowMs), id, time(nowMs)],
  );
}
