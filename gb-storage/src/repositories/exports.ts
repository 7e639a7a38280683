import type { ExportEntryRow, ExportRepository, ExportRow, ExportState } from 'gb-core';
import type { ChannelId, ExportStatus, FileId, UserId } from 'gb-protocol';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';

interface Row {
  export_id: string;
  channel_id: ChannelId | null;
  requested_by: UserId;
  status: ExportStatus;
  state: ExportState;
  written: number;
  total: number;
  revision: number;
  file_id: FileId | null;
  bytes: number | null;
  reason: string | null;
  created_at: number;
  changed_at: number;
  ends_at: number | null;
}

const columns = `e.export_id, e.channel_id, e.requested_by, e.status, e.state, e.written, e.total, e.revision, e.file_id, e.bytes,
  e.reason, e.created_at, e.changed_at, e.ends_at`;
const entryColumns = 'number, name, crc, size, packed, parts';

export function exportRepository({ sql, customerId, nowMs }: Scope): ExportRepository {
  return {
    async insert(row) {
      await sql.change(
        `insert into exports (customer_id, export_id, channel_id, requested_by, status, state, total, created_at, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          customerId,
          row.id,
          row.channelId,
          row.requestedBy,
          row.status,
          JSON.stringify(row.state),
          row.total,
          time(row.createdAt),
          time(nowMs),
        ],
      );
    },

    async get(id) {
      const row = await sql.row<Row>(`select ${columns} from exports e where e.customer_id = $1 and e.export_id = $2`, [
        customerId,
        id,
      ]);
      return row && toExport(row);
    },

    async list(userId, limit) {
      const rows = await sql.rows<Row>(
        `select ${columns} from exports e where e.customer_id = $1 and e.requested_by = $2
         order by e.created_at desc, e.export_id desc limit $3`,
        [customerId, userId, limit],
      );
      return rows.map(toExport);
    },

    async openCounts(userId) {
      const row = await sql.row<{ all: number; own: number }>(
        `select count(*) as all, count(*) filter (where requested_by = $2) as own from exports
         where customer_id = $1 and status in ('waiting', 'running')`,
        [customerId, userId],
      );
      return { all: row?.all ?? 0, own: row?.own ?? 0 };
    },

    async save(row) {
      const changed = await sql.change(
        `update exports set status = $4, state = $5, written = $6, total = $7, file_id = $8, bytes = $9, reason = $10,
           ends_at = $11, changed_at = $12, revision = revision + 1
         where customer_id = $1 and export_id = $2 and revision = $3`,
        [
          customerId,
          row.id,
          row.revision,
          row.status,
          JSON.stringify(row.state),
          row.written,
          row.total,
          row.fileId,
          row.bytes,
          row.reason,
          row.endsAt === null ? null : time(row.endsAt),
          time(nowMs),
        ],
      );
      return changed > 0;
    },

    async delete(id) {
      await sql.change('delete from exports where customer_id = $1 and export_id = $2', [customerId, id]);
    },

    async putEntries(id, entries) {
      for (const { number, name, crc, size, packed, parts } of entries) {
        await sql.change(
          `insert into export_entries (customer_id, export_id, number, name, crc, size, packed, parts)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (customer_id, export_id, number)
           do update set crc = excluded.crc, size = excluded.size, packed = excluded.packed, parts = excluded.parts`,
          [customerId, id, number, name, crc, size, packed, parts],
        );
      }
    },

    async entry(id, number) {
      const row = await sql.row<ExportEntryRow & Record<string, unknown>>(
        `select ${entryColumns} from export_entries where customer_id = $1 and export_id = $2 and number = $3`,
        [customerId, id, number],
      );
      return row;
    },

    async entries(id, after, limit) {
      return sql.rows<ExportEntryRow & Record<string, unknown>>(
        `select ${entryColumns} from export_entries where customer_id = $1 and export_id = $2 and number > $3 order by number limit $4`,
        [customerId, id, after, limit],
      );
    },

    async over({ endedBeforeMs, stillSinceMs, limit }) {
      const rows = await sql.rows<Row>(
        `select ${columns} from exports e
         where e.customer_id = $1 and (e.ends_at < $2 or (e.ends_at is null and e.changed_at < $3))
         order by e.created_at limit $4`,
        [customerId, time(endedBeforeMs), time(stillSinceMs), limit],
      );
      return rows.map(toExport);
    },
  };
}

function toExport(row: Row): ExportRow {
  return {
    id: row.export_id,
    channelId: row.channel_id,
    requestedBy: row.requested_by,
    status: row.status,
    state: row.state,
    written: row.written,
    total: row.total,
    revision: row.revision,
    fileId: row.file_id,
    bytes: row.bytes,
    reason: row.reason,
    createdAt: row.created_at,
    changedAt: row.changed_at,
    endsAt: row.ends_at,
  };
}
