import type { ChannelRepository } from 'gb-core';
import type {
  BotId,
  Channel,
  ChannelId,
  ChannelKind,
  ChannelState,
  Membership,
  NotificationLevel,
  Seq,
  UserId,
} from 'gb-protocol';
import { assert } from 'gb-utils';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';

interface ChannelRow {
  channel_id: ChannelId;
  kind: ChannelKind;
  name: string;
  topic: string;
  is_archived: boolean;
  created_at: number;
}

interface StateRow extends ChannelRow {
  epoch: number;
  head: Seq;
  count: number;
  last_message_at: number | null;
  read_seq: Seq;
  read_count: number;
  notifications: NotificationLevel;
  mentions: number;
  member_count: number;
  member_ids: UserId[] | null;
  draft: string | null;
}

interface MarkRow {
  read_seq: Seq;
  read_count: number;
  notifications: NotificationLevel;
  mentions: number;
}

const columns = 'c.channel_id, c.kind, c.name, c.topic, c.is_archived, c.created_at';

function toChannel(row: ChannelRow): Channel {
  return {
    id: row.channel_id,
    kind: row.kind,
    name: row.name,
    topic: row.topic,
    isArchived: row.is_archived,
    createdAt: row.created_at,
  };
}

function toState(row: StateRow): ChannelState {
  return {
    channel: toChannel(row),
    epoch: row.epoch,
    head: row.head,
    count: row.count,
    lastMessageAt: row.last_message_at,
    membership: { channelId: row.channel_id, readSeq: row.read_seq, readCount: row.read_count, notifications: row.notifications },
    mentions: row.mentions,
    ...(row.member_ids ? { memberIds: row.member_ids } : {}),
    memberCount: row.member_count,
    ...(row.draft === null ? {} : { draft: row.draft }),
  };
}

/** Mentions of a person after a place: by name, and by @channel of somebody else. Both are range counts of an index. */
export const mentionsAfter = (user: string, channel: string, seq: string): string =>
  `((select count(*) from mentions n where n.customer_id = $1 and n.user_id = ${user} and n.channel_id = ${channel} and n.seq > ${seq})
    + (select count(*) from messages x where x.customer_id = $1 and x.channel_id = ${channel} and x.mentions_channel
        and x.seq > ${seq} and x.author_id <> ${user} and not (x.mentions @> array[${user}::uuid] is true)))`;

const states = `
  select ${columns}, h.epoch, h.head, h.count, h.last_message_at, m.read_seq, m.read_count, m.notifications, c.member_count,
    ${mentionsAfter('$2', 'c.channel_id', 'm.read_seq')} as mentions,
    case when c.kind in ('direct', 'group') then
      (select array_agg(o.user_id order by o.user_id) from members o where o.customer_id = $1 and o.channel_id = c.channel_id)
    end as member_ids,
    (select d.text from drafts d where d.customer_id = $1 and d.user_id = $2 and d.channel_id = c.channel_id and d.thread_seq = 0) as draft
  from members m
  join channels c on c.customer_id = m.customer_id and c.channel_id = m.channel_id
  join channel_heads h on h.customer_id = m.customer_id and h.channel_id = m.channel_id
  where m.customer_id = $1 and m.user_id = $2`;

/** The membership row moved to `place`, with the channel's count there. `condition` decides whether it moves. */
const mark = (place: string, condition: string): string => `
  with place as (
    select ${place} as seq from channel_heads h where h.customer_id = $1 and h.channel_id = $2
  ), moved as (
    update members m set read_seq = place.seq, read_count = coalesce((
        select x.count from messages x where x.customer_id = $1 and x.channel_id = $2 and x.seq <= place.seq order by x.seq desc limit 1
      ), 0)
    from place where m.customer_id = $1 and m.channel_id = $2 and m.user_id = $3 and ${condition}
    returning m.read_seq, m.read_count, m.notifications
  )
  select moved.*, ${mentionsAfter('$3', '$2', 'moved.read_seq')} as mentions from moved`;

const markForward = mark('least($4::bigint, h.head)', 'm.read_seq < place.seq');
const markAnywhere = mark('greatest(0, least($4::bigint - 1, h.head))', 'm.read_seq <> place.seq');

export function channelRepository({ sql, customerId, nowMs }: Scope): ChannelRepository {
  async function move(
    statement: string,
    id: ChannelId,
    userId: UserId,
    seq: Seq,
  ): Promise<{ membership: Membership; mentions: number } | null> {
    const row = await sql.row<MarkRow>(statement, [customerId, id, userId, seq]);
    return (
      row && {
        membership: { channelId: id, readSeq: row.read_seq, readCount: row.read_count, notifications: row.notifications },
        mentions: row.mentions,
      }
    );
  }

  return {
    async get(id) {
      const row = await sql.row<ChannelRow>(`select ${columns} from channels c where c.customer_id = $1 and c.channel_id = $2`, [
        customerId,
        id,
      ]);
      return row && toChannel(row);
    },

    async access(id, userId) {
      return (await this.accessMany([id], userId)).get(id) ?? null;
    },

    async accessMany(ids, userId) {
      const rows = await sql.rows<ChannelRow & { is_member: boolean }>(
        `select ${columns}, case c.kind
           when 'instance' then exists (select from users u where u.customer_id = $1 and u.user_id = $3 and u.is_active and u.kind = 'person')
           else exists (select from members m where m.customer_id = $1 and m.channel_id = c.channel_id and m.user_id = $3)
         end as is_member
         from channels c where c.customer_id = $1 and c.channel_id = any($2::uuid[])`,
        [customerId, ids, userId],
      );
      return new Map(rows.map((row) => [row.channel_id, { channel: toChannel(row), isMember: row.is_member }]));
    },

    async insert(channel) {
      const row = await sql.row<ChannelRow>(
        `with c as (
           insert into channels (customer_id, channel_id, instance_id, kind, name, topic, direct_key, created_by, created_at)
           select $1, $2, i.instance_id, $3, $4, $5, $6, $7, $8
           from instances i where i.customer_id = $1 order by i.created_at, i.instance_id limit 1
           returning *
         ), head as (
           insert into channel_heads (customer_id, channel_id) select c.customer_id, c.channel_id from c
         )
         select ${columns} from c`,
        [customerId, channel.id, channel.kind, channel.name, channel.topic, channel.directKey, channel.createdBy, time(nowMs)],
      );
      assert(row, 'a customer has an instance');
      return toChannel(row);
    },

    async update(id, patch) {
      const row = await sql.row<ChannelRow>(
        `update channels c set name = coalesce($3, c.name), topic = coalesce($4, c.topic), is_archived = coalesce($5, c.is_archived)
         where c.customer_id = $1 and c.channel_id = $2 returning ${columns}`,
        [customerId, id, patch.name, patch.topic, patch.isArchived],
      );
      return row && toChannel(row);
    },

    async byDirectKey(key) {
      const row = await sql.row<{ channel_id: ChannelId }>(
        'select channel_id from channels where customer_id = $1 and direct_key = $2',
        [customerId, key],
      );
      return row?.channel_id ?? null;
    },

    async byName(name) {
      const row = await sql.row<ChannelRow>(
        `select ${columns} from channels c where c.customer_id = $1 and lower(c.name) = lower($2) and c.kind in ('public', 'private')
         order by c.created_at limit 1`,
        [customerId, name],
      );
      return row && toChannel(row);
    },

    async memberIds(id) {
      const rows = await sql.rows<{ user_id: UserId }>(
        'select user_id from members where customer_id = $1 and channel_id = $2 order by user_id',
        [customerId, id],
      );
      return rows.map((row) => row.user_id);
    },

    async memberCount(id) {
      const row = await sql.row<{ member_count: number }>(
        'select member_count from channels where customer_id = $1 and channel_id = $2',
        [customerId, id],
      );
      return row?.member_count ?? 0;
    },

    async addMember(id, userId) {
      const added = await sql.change(
        `with added as (
           insert into members (customer_id, channel_id, user_id, read_seq, read_count, joined_at)
           select $1, $2, $3, coalesce(h.head, 0), coalesce(h.count, 0), $4
           from (values (1)) one left join channel_heads h on h.customer_id = $1 and h.channel_id = $2
           on conflict do nothing returning channel_id
         )
         update channels c set member_count = c.member_count + 1 from added where c.customer_id = $1 and c.channel_id = added.channel_id`,
        [customerId, id, userId, time(nowMs)],
      );
      return added > 0;
    },

    async removeMember(id, userId) {
      const removed = await sql.change(
        `with removed as (
           delete from members where customer_id = $1 and channel_id = $2 and user_id = $3 returning channel_id
         )
         update channels c set member_count = c.member_count - 1 from removed where c.customer_id = $1 and c.channel_id = removed.channel_id`,
        [customerId, id, userId],
      );
      return removed > 0;
    },

    async statesOf(userId) {
      const rows = await sql.rows<StateRow>(`${states} and c.kind not in ('self', 'instance') order by c.channel_id`, [
        customerId,
        userId,
      ]);
      return rows.map(toState);
    },

    async stateOf(id, userId) {
      const row = await sql.row<StateRow>(`${states} and m.channel_id = $3`, [customerId, userId, id]);
      return row && toState(row);
    },

    async browse(userId) {
      const rows = await sql.rows<ChannelRow & { member_count: number; is_member: boolean }>(
        `select ${columns}, c.member_count, m.user_id is not null as is_member
         from channels c left join members m on m.customer_id = c.customer_id and m.channel_id = c.channel_id and m.user_id = $2
         where c.customer_id = $1 and (c.kind = 'public' or c.kind = 'private' and m.user_id is not null)
         order by lower(c.name), c.channel_id`,
        [customerId, userId],
      );
      return rows.map((row) => ({ channel: toChannel(row), memberCount: row.member_count, isMember: row.is_member }));
    },

    markRead: (id, userId, seq) => move(markForward, id, userId, seq),

    markUnread: (id, userId, seq) => move(markAnywhere, id, userId, seq),

    async setNotifications(id, userId, level) {
      const set = await sql.change(
        'update members set notifications = $4 where customer_id = $1 and channel_id = $2 and user_id = $3',
        [customerId, id, userId, level],
      );
      return set > 0;
    },

    async saveDraft(id, userId, threadSeq, text) {
      const key = [customerId, userId, id, threadSeq ?? 0];
      if (text === '') {
        await sql.change(
          'delete from drafts where customer_id = $1 and user_id = $2 and channel_id = $3 and thread_seq = $4',
          key,
        );
        return;
      }
      await sql.change(
        `insert into drafts (customer_id, user_id, channel_id, thread_seq, text, saved_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (customer_id, user_id, channel_id, thread_seq) do update set text = excluded.text, saved_at = excluded.saved_at`,
        [...key, text, time(nowMs)],
      );
    },

    async botsIn(id) {
      const rows = await sql.rows<{ bot_id: BotId; user_id: UserId }>(
        `select b.bot_id, b.user_id from members m
         join bots b on b.customer_id = m.customer_id and b.user_id = m.user_id
         join users u on u.customer_id = m.customer_id and u.user_id = m.user_id
         where m.customer_id = $1 and m.channel_id = $2 and u.is_active order by b.bot_id`,
        [customerId, id],
      );
      return rows.map((row) => ({ botId: row.bot_id, userId: row.user_id }));
    },
  };
}
