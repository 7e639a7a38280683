import type { ConversationKey, ConversationRepository, ConversationRow, ConversationStatus, ConversationSummary } from 'gb-core';
import type { BotId, ChannelId, ChannelKind, ConversationId, Seq, UserId } from 'gb-protocol';
import { time } from '../connection.ts';
import { storableJson } from '../json.ts';
import type { Scope } from '../scope.ts';

interface Row {
  conversation_id: ConversationId;
  bot_id: BotId;
  kind: ConversationRow['kind'];
  channel_id: ChannelId | null;
  user_id: UserId;
  thread_seq: Seq;
  program_hash: string;
  script: string;
  status: ConversationStatus;
  snapshot: Uint8Array | null;
  turn: number;
  last_event_seq: Seq;
  wake_at: number | null;
  waits_for: string | null;
  request: ConversationRow['request'];
  result: ConversationRow['result'];
  state: ConversationRow['state'];
  inbox: ConversationRow['inbox'];
  calls: number;
  failures: number;
  revision: number;
}

interface SummaryRow {
  conversation_id: ConversationId;
  kind: ConversationRow['kind'];
  channel_id: ChannelId | null;
  channel_kind: ChannelKind | null;
  user_id: UserId;
  thread_seq: Seq;
  program_hash: string;
  script: string;
  version: number | null;
  status: ConversationStatus;
  turn: number;
  wake_at: number | null;
  waits_for: string | null;
  asks: string | null;
  updated_at: number;
  snapshot_bytes: number;
  snapshot_head: Uint8Array | null;
}

const columns = `conversation_id, bot_id, kind, channel_id, user_id, thread_seq, program_hash, script, status, snapshot, turn,
  last_event_seq, wake_at, waits_for, request, result, state, inbox, calls, failures, revision`;
const ofPlace = `select ${columns} from conversations
  where customer_id = $1 and bot_id = $2 and channel_id = $3 and user_id = $4 and thread_seq = $5 and kind = 'dialog'`;
const kinds: readonly ConversationRow['kind'][] = ['dialog', 'run'];
const statuses: readonly ConversationStatus[] = ['starting', 'waiting', 'asking', 'handed', 'finished', 'failed', 'parked'];

/**
 * A page of the list. The index leads from a kind and a status to its conversations, the last active first; so each of
 * those asked for gives a page's worth of its own, and the page is the first of them all. A status that is rare among a
 * million others is found as fast as any.
 */
export const conversationPageText = `with places as (
    select c.conversation_id, c.updated_at
    from unnest($7::text[]) k (kind) cross join unnest($8::text[]) s (status) cross join lateral (
      select conversation_id, updated_at from conversations
      where customer_id = $1 and bot_id = $2 and kind = k.kind and status = s.status
        -- One comparison of the whole row, so that a page begins where the index says and not at the front.
        and (updated_at, conversation_id)
          < (coalesce($3::timestamptz, 'infinity'), coalesce($4::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
      order by updated_at desc, conversation_id desc limit $5
    ) c
    order by c.updated_at desc, c.conversation_id desc limit $5
  ), page as (
    select p.conversation_id, p.kind, p.channel_id, p.user_id, p.thread_seq, p.program_hash, p.script, p.status, p.turn, p.wake_at,
      p.waits_for, p.request ->> 'name' as asks, p.updated_at,
      coalesce(octet_length(p.snapshot), 0) as snapshot_bytes, substring(p.snapshot from 1 for $6) as snapshot_head
    from places cross join lateral (
      select * from conversations where customer_id = $1 and conversation_id = places.conversation_id
    ) p
  ), versions as (
    select v.program_hash, max(v.version) as version from bot_versions v
    where v.customer_id = $1 and v.bot_id = $2 and v.program_hash in (select program_hash from page)
    group by v.program_hash
  )
  select p.*, c.kind as channel_kind, v.version
  from page p
  left join channels c on c.customer_id = $1 and c.channel_id = p.channel_id
  left join versions v on v.program_hash = p.program_hash
  order by p.updated_at desc, p.conversation_id desc`;

const waitingMax = 1_000;
const prunedAtOnceMax = 1_000;

function toConversation(row: Row): ConversationRow {
  return {
    id: row.conversation_id,
    botId: row.bot_id,
    kind: row.kind,
    channelId: row.channel_id,
    userId: row.user_id,
    threadSeq: row.thread_seq,
    programHash: row.program_hash,
    script: row.script,
    status: row.status,
    snapshot: row.snapshot,
    turn: row.turn,
    lastEventSeq: row.last_event_seq,
    wakeAt: row.wake_at,
    waitsFor: row.waits_for,
    request: row.request,
    result: row.result,
    state: row.state,
    inbox: row.inbox,
    calls: row.calls,
    failures: row.failures,
    revision: row.revision,
  };
}

function toSummary(row: SummaryRow): ConversationSummary {
  return {
    id: row.conversation_id,
    kind: row.kind,
    channelId: row.channel_id,
    channelKind: row.channel_kind,
    userId: row.user_id,
    threadSeq: row.thread_seq,
    programHash: row.program_hash,
    script: row.script,
    version: row.version,
    status: row.status,
    turn: row.turn,
    wakeAt: row.wake_at,
    waitsFor: row.waits_for,
    asks: row.asks,
    updatedAt: row.updated_at,
    snapshotBytes: row.snapshot_bytes,
    snapshotHead: row.snapshot_head,
  };
}

export function conversationRepository({ sql, customerId, nowMs }: Scope): ConversationRepository {
  const values = (key: ConversationKey) => [customerId, key.botId, key.channelId, key.userId, key.threadSeq];

  return {
    async find(key) {
      const row = await sql.row<Row>(ofPlace, values(key));
      return row && toConversation(row);
    },

    async get(id) {
      const row = await sql.row<Row>(`select ${columns} from conversations where customer_id = $1 and conversation_id = $2`, [
        customerId,
        id,
      ]);
      return row && toConversation(row);
    },

    async waitingFor(what) {
      const rows = await sql.rows<Row>(
        `select ${columns} from conversations where customer_id = $1 and waits_for = $2 order by updated_at, conversation_id limit $3`,
        [customerId, what, waitingMax],
      );
      return rows.map(toConversation);
    },

    async summary(botId, id, snapshotHeadBytes) {
      const row = await sql.row<SummaryRow>(
        `select p.conversation_id, p.kind, p.channel_id, p.user_id, p.thread_seq, p.program_hash, p.script, p.status, p.turn,
           p.wake_at, p.waits_for, p.request ->> 'name' as asks, p.updated_at, coalesce(octet_length(p.snapshot), 0) as snapshot_bytes,
           substring(p.snapshot from 1 for $4) as snapshot_head, c.kind as channel_kind,
           (select max(v.version) from bot_versions v
            where v.customer_id = $1 and v.bot_id = $2 and v.program_hash = p.program_hash) as version
         from conversations p left join channels c on c.customer_id = $1 and c.channel_id = p.channel_id
         where p.customer_id = $1 and p.bot_id = $2 and p.conversation_id = $3`,
        [customerId, botId, id, snapshotHeadBytes],
      );
      return row && toSummary(row);
    },

    async outdated(botId, { current, ids, after, limit }) {
      const rows = await sql.rows<{ conversation_id: ConversationId; script: string; program_hash: string }>(
        `select conversation_id, script, program_hash from conversations
         where customer_id = $1 and bot_id = $2 and status in ('waiting', 'asking', 'handed', 'parked') and snapshot is not null
           and program_hash <> all ($3::text[]) and conversation_id > coalesce($4::uuid, '00000000-0000-0000-0000-000000000000')
           and ($6::uuid[] is null or conversation_id = any ($6::uuid[]))
         order by conversation_id limit $5`,
        [customerId, botId, current, after ?? null, limit, ids ?? null],
      );
      return rows.map((row) => ({ id: row.conversation_id, script: row.script, programHash: row.program_hash }));
    },

    async openRuns(botId) {
      const row = await sql.row<{ all: number; starting: number }>(
        `select count(*) as all, count(*) filter (where status = 'starting') as starting from conversations
         where customer_id = $1 and bot_id = $2 and kind = 'run' and status not in ('finished', 'failed')`,
        [customerId, botId],
      );
      return row ?? { all: 0, starting: 0 };
    },

    async pruneRuns(botId, beforeMs, keptMax) {
      const ended = "customer_id = $1 and bot_id = $2 and kind = 'run' and status in ('finished', 'failed')";
      const gone = await sql.change(
        `with old as (
           select conversation_id from conversations
           where ${ended} and updated_at < greatest($3::timestamptz,
             (select updated_at from conversations where ${ended} order by updated_at desc offset $4 limit 1))
           order by updated_at limit $5
         ), turns as (
           delete from bot_turns t using old where t.customer_id = $1 and t.conversation_id = old.conversation_id
         ), edits as (
           delete from bot_edits e using old where e.customer_id = $1 and e.conversation_id = old.conversation_id
         )
         delete from conversations c using old where c.customer_id = $1 and c.conversation_id = old.conversation_id`,
        [customerId, botId, time(beforeMs), keptMax, prunedAtOnceMax],
      );
      return gone === prunedAtOnceMax;
    },

    async page(botId, { before, kind, status, limit, snapshotHeadBytes }) {
      const rows = await sql.rows<SummaryRow>(conversationPageText, [
        customerId,
        botId,
        before ? time(before.updatedAt) : null,
        before?.id ?? null,
        limit + 1,
        snapshotHeadBytes,
        kind ? [kind] : kinds,
        status ? [status] : statuses,
      ]);
      return { conversations: rows.slice(0, limit).map(toSummary), hasMore: rows.length > limit };
    },

    async save(row, previous) {
      const written = [
        customerId,
        row.id,
        row.programHash,
        row.script,
        row.status,
        row.snapshot,
        row.turn,
        row.lastEventSeq,
        row.wakeAt === null ? null : time(row.wakeAt),
        row.waitsFor,
        row.request && storableJson(row.request),
        row.result && storableJson(row.result),
        storableJson(row.state),
        storableJson(row.inbox),
        row.calls,
        row.failures,
        time(nowMs),
      ];
      if (previous === null) {
        const inserted = await sql.change(
          `insert into conversations (customer_id, conversation_id, program_hash, script, status, snapshot, turn, last_event_seq, wake_at,
             waits_for, request, result, state, inbox, calls, failures, updated_at, revision, bot_id, kind, channel_id, user_id, thread_seq)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 1, $18, $19, $20, $21, $22)
           on conflict do nothing`,
          [...written, row.botId, row.kind, row.channelId, row.userId, row.threadSeq],
        );
        return inserted > 0;
      }
      const updated = await sql.change(
        `update conversations set conversation_id = $2, program_hash = $3, script = $4, status = $5, snapshot = $6, turn = $7,
           last_event_seq = $8, wake_at = $9, waits_for = $10, request = $11, result = $12, state = $13, inbox = $14, calls = $15,
           failures = $16, updated_at = $17, revision = $19 + 1
         where customer_id = $1 and conversation_id = $18 and revision = $19`,
        [...written, previous.id, previous.revision],
      );
      return updated > 0;
    },
  };
}
