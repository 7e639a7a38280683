import { type DriveFolder, type FilePlace, type FileRepository, type FileRow, QuotaExceeded } from 'gb-core';
import type { BotId, ChannelId, FileId, UserId } from 'gb-protocol';
import { assert, GbError } from 'gb-utils';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';

interface Row {
  file_id: FileId;
  owner_id: UserId;
  bot_id: BotId | null;
  name: string;
  type: string;
  size: number;
  sha256: Uint8Array;
  width: number | null;
  height: number | null;
  created_at: number;
  folder: DriveFolder | null;
  path: string | null;
}

const columns =
  'f.file_id, f.owner_id, f.bot_id, f.name, f.type, f.size, f.sha256, f.width, f.height, f.created_at, f.folder, f.path';

function toFile(row: Row): FileRow {
  return {
    id: row.file_id,
    ownerId: row.owner_id,
    botId: row.bot_id,
    name: row.name,
    type: row.type,
    size: row.size,
    sha256: row.sha256,
    width: row.width,
    height: row.height,
    createdAt: row.created_at,
    folder: row.folder,
    path: row.path,
  };
}

export function fileRepository({ sql, customerId, nowMs }: Scope): FileRepository {
  const now = time(nowMs);
  /** With the parameters $1 (the customer) and $2 (now): bytes that are there and time that is not over. */
  const isHere = 'f.customer_id = $1 and f.sha256 is not null and (f.leaving_at is null or f.leaving_at > $2)';

  /** Whoever is at a place loses it; what no message shows leaves now. */
  async function clear({ botId, folder, path }: FilePlace): Promise<void> {
    await sql.change(
      `update files f set folder = null, path = null,
         leaving_at = case when exists (select from file_uses u where u.customer_id = $1 and u.file_id = f.file_id) then null else $5::timestamptz end
       where f.customer_id = $1 and f.bot_id = $2 and f.folder = $3 and lower(f.path) = lower($4)`,
      [customerId, botId, folder, path, now],
    );
  }

  return {
    async reserve({ id, ownerId, botId, size, leavingAt }, bytesMax) {
      await sql.change(
        `insert into files (customer_id, file_id, owner_id, bot_id, name, type, size, created_at, leaving_at)
         values ($1, $2, $3, $4, '-', 'application/octet-stream', $5, $6, $7)`,
        [customerId, id, ownerId, botId, size, now, time(leavingAt)],
      );
      // Asked after the insert, whose trigger holds the customer's row: two at a time cannot both take the last room.
      const used = await this.usage();
      if (used > bytesMax) throw new QuotaExceeded({ name: 'storage', used: used - size, most: bytesMax });
    },

    async complete(id, facts, stay) {
      const place = 'place' in stay ? stay.place : null;
      if (place) await clear(place);
      const row = await sql.row<Row>(
        `update files f set name = $3, type = $4, size = $5, sha256 = $6, width = $7, height = $8,
           bot_id = coalesce($9, f.bot_id), folder = $10, path = $11, leaving_at = $12
         where f.customer_id = $1 and f.file_id = $2 and f.sha256 is null and f.leaving_at > $13
         returning ${columns}`,
        [
          customerId,
          id,
          facts.name,
          facts.type,
          facts.size,
          facts.sha256,
          facts.width,
          facts.height,
          place?.botId ?? null,
          place?.folder ?? null,
          place?.path ?? null,
          'until' in stay ? time(stay.until) : null,
          now,
        ],
      );
      if (!row) throw new GbError('not_found', 'The upload took too long');
      return toFile(row);
    },

    async get(id) {
      const row = await sql.row<Row>(`select ${columns} from files f where ${isHere} and f.file_id = $3`, [customerId, now, id]);
      return row && toFile(row);
    },

    async many(ids) {
      const rows = await sql.rows<Row>(`select ${columns} from files f where ${isHere} and f.file_id = any ($3::uuid[])`, [
        customerId,
        now,
        ids,
      ]);
      const byId = new Map(rows.map((row) => [row.file_id, toFile(row)]));
      return ids.flatMap((id) => byId.get(id) ?? []);
    },

    async byPath({ botId, folder, path }) {
      const row = await sql.row<Row>(
        `select ${columns} from files f where ${isHere} and f.bot_id = $3 and f.folder = $4 and lower(f.path) = lower($5)`,
        [customerId, now, botId, folder, path],
      );
      return row && toFile(row);
    },

    async list(botId, folder, { prefix = '', limit }) {
      const rows = await sql.rows<Row>(
        `select ${columns} from files f
         where ${isHere} and f.bot_id = $3 and f.folder = $4 and starts_with(lower(f.path), lower($5))
         order by lower(f.path) limit $6`,
        [customerId, now, botId, folder, prefix, limit],
      );
      return rows.map(toFile);
    },

    async countPlaced(botId) {
      const row = await sql.row<{ files: number }>(
        'select count(*) as files from files where customer_id = $1 and bot_id = $2 and path is not null',
        [customerId, botId],
      );
      return row?.files ?? 0;
    },

    async move(id, to) {
      const there = await this.byPath(to);
      if (there?.id !== id) await clear(to);
      const row = await sql.row<Row>(
        `update files f set folder = $4, path = $5, name = $6, leaving_at = null
         where ${isHere} and f.file_id = $3 and f.bot_id = $7 returning ${columns}`,
        [customerId, now, id, to.folder, to.path, to.path.slice(to.path.lastIndexOf('/') + 1), to.botId],
      );
      return row && toFile(row);
    },

    async unplace(id) {
      const changed = await sql.change(
        `update files f set folder = null, path = null,
           leaving_at = case when exists (select from file_uses u where u.customer_id = $1 and u.file_id = f.file_id) then null else $2::timestamptz end
         where ${isHere} and f.file_id = $3 and f.path is not null`,
        [customerId, now, id],
      );
      return changed > 0;
    },

    async release(id) {
      await sql.change(
        'update files set leaving_at = $3 where customer_id = $1 and file_id = $2 and leaving_at is not null and leaving_at > $3',
        [customerId, id, now],
      );
    },

    async channelsWith(id, userId, limit) {
      const rows = await sql.rows<{ channel_id: ChannelId }>(
        `select distinct u.channel_id from file_uses u
         join channels c on c.customer_id = u.customer_id and c.channel_id = u.channel_id
         where u.customer_id = $1 and u.file_id = $2 and (c.kind = 'public' or exists (
           select from members m where m.customer_id = $1 and m.channel_id = u.channel_id and m.user_id = $3))
         limit $4`,
        [customerId, id, userId, limit],
      );
      return rows.map((row) => row.channel_id);
    },

    async leaving(beforeMs, limit) {
      const rows = await sql.rows<{ file_id: FileId }>(
        'select file_id from files where customer_id = $1 and leaving_at < $2 order by leaving_at limit $3',
        [customerId, time(beforeMs), limit],
      );
      return rows.map((row) => row.file_id);
    },

    async remove(ids) {
      await sql.change('delete from files where customer_id = $1 and file_id = any ($2::uuid[]) and leaving_at <= $3', [
        customerId,
        ids,
        now,
      ]);
    },

    async usage() {
      const row = await sql.row<{ bytes: number }>('select bytes from file_usage where customer_id = $1', [customerId]);
      const bytes = row?.bytes ?? 0;
      assert(bytes >= 0, 'files take no less than nothing');
      return bytes;
    },
  };
}
