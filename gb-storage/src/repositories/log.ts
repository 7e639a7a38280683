import type { AppendedMessage, LogRepository, NewEntry } from 'gb-core';
import type { ChannelId, LogEvent, LogPosition, Seq, UserId } from 'gb-protocol';
import { assert, GbError } from 'gb-utils';
import { appendAfterLooking, batchOf } from '../append-batch.ts';
import { withTexts } from '../cold/cold-reader.ts';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';
import { type MessageRow, messageColumns, messageJoins, toMessage } from './messages.ts';

interface EntryRow {
  channel_id: ChannelId;
  epoch: number;
  seq: Seq;
  actor_id: UserId;
  kind: string;
  body: object;
  at: number;
}

const entries = `
  select e.channel_id, h.epoch, e.seq, e.actor_id, e.kind, e.body, e.at
  from log_entries e join channel_heads h on h.customer_id = e.customer_id and h.channel_id = e.channel_id`;
const messages = `
  select h.epoch, ${messageColumns}
  from messages x join channel_heads h on h.customer_id = x.customer_id and h.channel_id = x.channel_id ${messageJoins}`;

function entryToEvent(row: EntryRow): LogEvent {
  // The body was written by `append` from an EventBody of this kind.
  return {
    ...row.body,
    kind: row.kind,
    channelId: row.channel_id,
    epoch: row.epoch,
    seq: row.seq,
    actorId: row.actor_id,
    at: row.at,
  } as LogEvent;
}

function messageToEvent(row: MessageRow & { epoch: number }): LogEvent {
  return {
    kind: 'message.posted',
    message: toMessage(row),
    count: row.count,
    channelId: row.channel_id,
    epoch: row.epoch,
    seq: row.seq,
    actorId: row.author_id,
    at: row.at,
  };
}

export function logRepository(scope: Scope): LogRepository {
  const { sql, customerId, nowMs } = scope;

  async function positions(channelIds: readonly ChannelId[]): Promise<LogPosition[]> {
    const rows = await sql.rows<{ channel_id: ChannelId; epoch: number; head: Seq }>(
      'select channel_id, epoch, head from channel_heads where customer_id = $1 and channel_id = any ($2::uuid[])',
      [customerId, channelIds],
    );
    const byId = new Map(rows.map((row) => [row.channel_id, { channelId: row.channel_id, epoch: row.epoch, seq: row.head }]));
    return channelIds.map((id) => byId.get(id)).filter((position) => position !== undefined);
  }

  /** Entries of the seqs above `after`, up to `last`: a seq is in one of the two tables, so the range is the page. */
  async function range(channelId: ChannelId, after: Seq, last: Seq): Promise<LogEvent[]> {
    const values = [customerId, channelId, after, last];
    const [posted, others] = await Promise.all([
      sql.rows<MessageRow & { epoch: number }>(
        `${messages} where x.customer_id = $1 and x.channel_id = $2 and x.seq > $3 and x.seq <= $4`,
        values,
      ),
      sql.rows<EntryRow>(`${entries} where e.customer_id = $1 and e.channel_id = $2 and e.seq > $3 and e.seq <= $4`, values),
    ]);
    return [...(await withTexts(scope, posted)).map(messageToEvent), ...others.map(entryToEvent)].sort((a, b) => a.seq - b.seq);
  }

  /** In the order of the input; all heads are locked in the order of their ids. */
  async function appendEntries(input: readonly NewEntry[]): Promise<LogEvent[]> {
    const channelIds = [...new Set(input.map((entry) => entry.channelId))].sort();
    const sizes = channelIds.map(() => 0);
    const placed = input.map((entry) => {
      const group = channelIds.indexOf(entry.channelId);
      sizes[group]! += 1;
      return { entry, group, place: sizes[group]! };
    });
    const heads = await sql.rows<{ group_number: number; epoch: number; head: Seq }>(
      `with part as materialized (
         select u.ord::int as number, u.channel_id, u.size from unnest($2::uuid[], $3::int[]) with ordinality u (channel_id, size, ord)
       ), heads as (
         insert into channel_heads as h (customer_id, channel_id, head)
         select $1, part.channel_id, part.size from part order by part.channel_id
         on conflict (customer_id, channel_id) do update set head = h.head + excluded.head
         returning h.channel_id, h.epoch, h.head
       ), placed as materialized (
         select part.number, heads.channel_id, heads.epoch, heads.head, heads.head - part.size as head_before
         from part join heads on heads.channel_id = part.channel_id
       ), stored as (
         insert into log_entries (customer_id, channel_id, seq, actor_id, kind, body, at)
         select $1, placed.channel_id, placed.head_before + e.place, e.actor_id, e.kind, e.body, $9
         from unnest($4::int[], $5::int[], $6::uuid[], $7::text[], $8::jsonb[]) e (number, place, actor_id, kind, body)
         join placed on placed.number = e.number
       ), queued as (
         insert into outbox (customer_id, channel_id, seq, kind)
         select $1, placed.channel_id, placed.head_before + e.place, e.kind
         from unnest($4::int[], $5::int[], $7::text[]) e (number, place, kind)
         join placed on placed.number = e.number
         order by e.number, e.place
       )
       select placed.number as group_number, placed.epoch, placed.head from placed`,
      [
        customerId,
        channelIds,
        sizes,
        placed.map((one) => one.group + 1),
        placed.map((one) => one.place),
        input.map((entry) => entry.actorId),
        input.map((entry) => entry.body.kind),
        input.map(({ body: { kind: _, ...rest } }) => JSON.stringify(rest)),
        time(nowMs),
      ],
    );
    const byGroup = new Map(heads.map((head) => [head.group_number - 1, head]));
    return placed.map(({ entry, group, place }) => {
      const head = byGroup.get(group);
      if (!head) throw new GbError('not_found', 'There is no such channel');
      return {
        ...entry.body,
        channelId: entry.channelId,
        epoch: head.epoch,
        seq: head.head - sizes[group]! + place,
        actorId: entry.actorId,
        at: nowMs,
      };
    });
  }

  return {
    async position(channelId) {
      return (await positions([channelId]))[0] ?? null;
    },

    positions,

    read: (channelId, afterSeq, limit) => range(channelId, afterSeq, afterSeq + limit),

    async get(channelId, seq) {
      return (await range(channelId, seq - 1, seq))[0] ?? null;
    },

    async append(newEntries, newMessages = []) {
      if (newEntries.length > 0 && newMessages.length > 0) {
        const ids = [...new Set([...newEntries, ...newMessages].map((one) => one.channelId))];
        await sql.rows(
          'select 1 from channel_heads where customer_id = $1 and channel_id = any ($2::uuid[]) order by channel_id for no key update',
          [customerId, ids],
        );
      }
      const events = newEntries.length > 0 ? await appendEntries(newEntries) : [];
      let appended: readonly AppendedMessage[] = [];
      if (newMessages.length > 0) {
        const batch = batchOf(newMessages.map((message) => ({ customerId, message })));
        const answers = await appendAfterLooking(sql, batch, nowMs);
        appended = answers.map((answer) => {
          if (answer instanceof GbError) throw answer;
          // All or none: where one client id comes with two texts there is a refusal among the answers, thrown above.
          assert(answer !== 'ask-again', 'a refused message is answered before the ones that repeat its client id');
          return answer;
        });
      }
      if (newEntries.length + newMessages.length > 0) scope.onOutboxWritten();
      return { events, messages: appended };
    },
  };
}
