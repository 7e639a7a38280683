import type { MessageRepository, PageQuery } from 'gb-core';
import type { ChannelId, ClientId, Message, MessageParts, MessageVersion, Reaction, Seq, UserId } from 'gb-protocol';
import { GbError } from 'gb-utils';
import { withTexts } from '../cold/cold-reader.ts';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';

export interface MessageRow {
  channel_id: ChannelId;
  seq: Seq;
  count: number;
  author_id: UserId;
  client_id: ClientId;
  text: string;
  at: number;
  edited_at: number | null;
  deleted_at: number | null;
  thread_seq: Seq | null;
  mentions: UserId[] | null;
  mentions_channel: boolean;
  suggestions: string[] | null;
  parts: MessageParts | null;
  /** The segment that text, suggestions and parts are in; null when they are here. */
  cold: Seq | null;
  reactions: Reaction[] | null;
  reply_count: number;
  last_reply_at: number | null;
  reply_user_ids: UserId[] | null;
}

/** Faces shown beside a thread's summary. */
const threadUsersMax = 5;

/** Reactions and thread summary are worked out for the messages of a page when it is read; nothing to keep in step. */
export const messageColumns = `
  x.channel_id, x.seq, x.count, x.author_id, x.client_id, x.text, x.at, x.edited_at, x.deleted_at, x.thread_seq,
  x.mentions, x.mentions_channel, x.suggestions, x.parts, x.cold,
  (select json_agg(json_build_object('emoji', g.emoji, 'userIds', g.user_ids) order by g.first_at, g.emoji) from (
     select r.emoji, min(r.at) as first_at, array_agg(r.user_id order by r.at, r.user_id) as user_ids from reactions r
     where r.customer_id = $1 and r.channel_id = x.channel_id and r.seq = x.seq group by r.emoji) g) as reactions,
  t.reply_count, t.last_reply_at, t.reply_user_ids`;

export const messageJoins = `
  left join lateral (
    select count(*) as reply_count, max(p.at) as last_reply_at,
      (select array_agg(w.author_id order by w.latest desc) from (
         select q.author_id, max(q.seq) as latest from messages q
         where q.customer_id = $1 and q.channel_id = x.channel_id and q.thread_seq = x.seq and q.deleted_at is null
         group by q.author_id order by max(q.seq) desc limit ${threadUsersMax}) w) as reply_user_ids
    from messages p
    where p.customer_id = $1 and p.channel_id = x.channel_id and p.thread_seq = x.seq and p.deleted_at is null
  ) t on x.thread_seq is null`;

export function toMessage(row: MessageRow): Message {
  return {
    channelId: row.channel_id,
    seq: row.seq,
    clientId: row.client_id,
    authorId: row.author_id,
    text: row.text,
    at: row.at,
    editedAt: row.edited_at,
    deletedAt: row.deleted_at,
    threadSeq: row.thread_seq,
    mentions: row.mentions ?? [],
    mentionsChannel: row.mentions_channel,
    reactions: row.reactions ?? [],
    thread:
      row.reply_count > 0 && row.last_reply_at !== null
        ? { replyCount: row.reply_count, lastReplyAt: row.last_reply_at, userIds: row.reply_user_ids ?? [] }
        : null,
    suggestions: row.suggestions ?? [],
    ...row.parts,
  };
}

/** Files that no other message shows and no path leads to leave in a while. */
export async function letGoOfFiles(
  { sql, customerId, nowMs }: Pick<Scope, 'sql' | 'customerId' | 'nowMs'>,
  channelId: ChannelId,
  seq: Seq,
): Promise<void> {
  await sql.change(
    `with gone as (
       delete from file_uses where customer_id = $1 and channel_id = $2 and seq = $3 returning file_id
     )
     update files f set leaving_at = $4 from gone
     where f.customer_id = $1 and f.file_id = gone.file_id and f.path is null and not exists (
       select from file_uses u
       where u.customer_id = $1 and u.file_id = f.file_id and not (u.channel_id = $2 and u.seq = $3))`,
    [customerId, channelId, seq, time(nowMs)],
  );
}

export function messageRepository(scope: Scope): MessageRepository {
  const { sql, customerId, nowMs } = scope;
  const inPlace = (threadSeq: Seq | undefined) =>
    threadSeq === undefined ? 'x.thread_seq is null' : '(x.thread_seq = $3 or x.seq = $3)';

  /** Up to `limit` messages on one side of a place, nearest first, and whether there are more. */
  async function side(channelId: ChannelId, query: PageQuery, bound: string, seq: Seq, order: 'asc' | 'desc', limit: number) {
    const rows = await sql.rows<MessageRow>(
      `select ${messageColumns} from (
         select x.* from messages x
         where x.customer_id = $1 and x.channel_id = $2 and $3::bigint is not distinct from $3 and ${inPlace(query.threadSeq)} and x.seq ${bound} $4
         order by x.seq ${order} limit $5
       ) x ${messageJoins} order by x.seq ${order}`,
      [customerId, channelId, query.threadSeq ?? null, seq, limit + 1],
    );
    const messages = await withTexts(scope, rows.slice(0, limit));
    return { messages: messages.map(toMessage), hasMore: rows.length > limit };
  }

  async function isAny(channelId: ChannelId, query: PageQuery, bound: string, seq: Seq): Promise<boolean> {
    // In order, though any would do: where most of the table is one channel, the planner takes "any" for an invitation to
    // read it from its beginning, which is far from the place.
    const order = bound.startsWith('>') ? 'asc' : 'desc';
    const row = await sql.row(
      `select 1 from messages x
       where x.customer_id = $1 and x.channel_id = $2 and $3::bigint is not distinct from $3 and ${inPlace(query.threadSeq)} and x.seq ${bound} $4
       order by x.seq ${order} limit 1`,
      [customerId, channelId, query.threadSeq ?? null, seq],
    );
    return row !== null;
  }

  async function addMentions(channelId: ChannelId, seq: Seq, mentions: readonly UserId[], authorId: UserId): Promise<void> {
    await sql.change(
      `insert into mentions (customer_id, user_id, channel_id, seq)
       select $1, u.user_id, $2, $3 from unnest($4::uuid[]) u (user_id) where u.user_id <> $5 on conflict do nothing`,
      [customerId, channelId, seq, mentions, authorId],
    );
  }

  async function removeMentions(channelId: ChannelId, seq: Seq, mentions: readonly UserId[]): Promise<void> {
    await sql.change(
      'delete from mentions where customer_id = $1 and user_id = any ($4::uuid[]) and channel_id = $2 and seq = $3',
      [customerId, channelId, seq, mentions],
    );
  }

  interface LockedRow {
    channel_id: ChannelId;
    seq: Seq;
    cold: Seq | null;
    author_id: UserId;
    text: string;
    suggestions: string[] | null;
    parts: MessageParts | null;
    at: number;
    edited_at: number | null;
    deleted_at: number | null;
    mentions: UserId[] | null;
  }

  async function lock(channelId: ChannelId, seq: Seq): Promise<LockedRow> {
    const row = await sql.row<LockedRow>(
      `select channel_id, seq, cold, author_id, text, suggestions, parts, at, edited_at, deleted_at, mentions from messages
       where customer_id = $1 and channel_id = $2 and seq = $3 for no key update`,
      [customerId, channelId, seq],
    );
    if (!row) throw new GbError('not_found', 'There is no such message');
    return row;
  }

  /** The text of a message that changes is in its row from now on, and what its segment has of it leaves with the next round. */
  async function bringBack(row: LockedRow): Promise<void> {
    if (row.cold === null) return;
    await withTexts(scope, [row]);
    await sql.change(
      `update messages set text = $4, suggestions = $5, parts = $6, cold = null, cold_text_hash = null, cold_parts_hash = null
       where customer_id = $1 and channel_id = $2 and seq = $3`,
      [
        customerId,
        row.channel_id,
        row.seq,
        row.text,
        row.suggestions && JSON.stringify(row.suggestions),
        row.parts && JSON.stringify(row.parts),
      ],
    );
    await markStale(row);
  }

  async function markStale({ channel_id, cold }: LockedRow): Promise<void> {
    await sql.change('update cold_segments set is_stale = true where customer_id = $1 and channel_id = $2 and first_seq = $3', [
      customerId,
      channel_id,
      cold,
    ]);
  }

  return {
    async get(channelId, seq) {
      const row = await sql.row<MessageRow>(
        `select ${messageColumns} from messages x ${messageJoins} where x.customer_id = $1 and x.channel_id = $2 and x.seq = $3`,
        [customerId, channelId, seq],
      );
      return row && toMessage((await withTexts(scope, [row]))[0]!);
    },

    async page(channelId, query) {
      const { limit } = query;
      if (query.around !== undefined) {
        const older = await side(channelId, query, '<=', query.around, 'desc', Math.ceil(limit / 2));
        const newer = await side(channelId, query, '>', query.around, 'asc', limit - older.messages.length);
        return { messages: [...older.messages.reverse(), ...newer.messages], hasOlder: older.hasMore, hasNewer: newer.hasMore };
      }
      if (query.after !== undefined) {
        const { messages, hasMore } = await side(channelId, query, '>', query.after, 'asc', limit);
        return { messages, hasOlder: await isAny(channelId, query, '<=', query.after), hasNewer: hasMore };
      }
      const before = query.before ?? Number.MAX_SAFE_INTEGER;
      const { messages, hasMore } = await side(channelId, query, '<', before, 'desc', limit);
      const hasNewer = query.before !== undefined && (await isAny(channelId, query, '>=', before));
      return { messages: messages.reverse(), hasOlder: hasMore, hasNewer };
    },

    async edit(channelId, seq, change) {
      const old = await lock(channelId, seq);
      if (old.deleted_at !== null) throw new GbError('message_deleted', 'The message was deleted');
      await bringBack(old);
      await sql.change(
        `insert into message_versions (customer_id, channel_id, seq, version, text, at)
         select $1, $2, $3, count(*) + 1, $4, $5 from message_versions where customer_id = $1 and channel_id = $2 and seq = $3`,
        [customerId, channelId, seq, old.text, time(old.edited_at ?? old.at)],
      );
      await sql.change(
        `update messages set text = $4, edited_at = $5, mentions = $6, mentions_channel = $7
         where customer_id = $1 and channel_id = $2 and seq = $3`,
        [
          customerId,
          channelId,
          seq,
          change.text,
          time(nowMs),
          change.mentions.length > 0 ? change.mentions : null,
          change.mentionsChannel,
        ],
      );
      const gone = (old.mentions ?? []).filter((userId) => !change.mentions.includes(userId));
      if (gone.length > 0) await removeMentions(channelId, seq, gone);
      if (change.mentions.length > 0) await addMentions(channelId, seq, change.mentions, old.author_id);
    },

    async delete(channelId, seq) {
      const old = await lock(channelId, seq);
      if (old.deleted_at !== null) return;
      const key = [customerId, channelId, seq];
      await sql.change(
        `update messages set text = '', mentions = null, mentions_channel = false, suggestions = null, parts = null, deleted_at = $4,
           cold = null, cold_text_hash = null, cold_parts_hash = null
         where customer_id = $1 and channel_id = $2 and seq = $3`,
        [...key, time(nowMs)],
      );
      await sql.change('delete from message_versions where customer_id = $1 and channel_id = $2 and seq = $3', key);
      await sql.change('delete from reactions where customer_id = $1 and channel_id = $2 and seq = $3', key);
      if (old.mentions) await removeMentions(channelId, seq, old.mentions);
      // What it shows of files is known without fetching what lies in cold history.
      if (old.cold !== null) await markStale(old);
      if (old.cold !== null || old.parts !== null) await letGoOfFiles(scope, channelId, seq);
    },

    async versions(channelId, seq) {
      const earlier = await sql.rows<MessageVersion>(
        'select text, at from message_versions where customer_id = $1 and channel_id = $2 and seq = $3 order by version',
        [customerId, channelId, seq],
      );
      const [present] = await withTexts(
        scope,
        await sql.rows<LockedRow>(
          `select channel_id, seq, cold, text, suggestions, parts, at, edited_at from messages
           where customer_id = $1 and channel_id = $2 and seq = $3 and deleted_at is null`,
          [customerId, channelId, seq],
        ),
      );
      return present ? [...earlier, { text: present.text, at: present.edited_at ?? present.at }] : earlier;
    },

    async addReaction(channelId, seq, userId, emoji) {
      const added = await sql.change(
        `insert into reactions (customer_id, channel_id, seq, emoji, user_id, at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
        [customerId, channelId, seq, emoji, userId, time(nowMs)],
      );
      return added > 0;
    },

    async removeReaction(channelId, seq, userId, emoji) {
      const removed = await sql.change(
        'delete from reactions where customer_id = $1 and channel_id = $2 and seq = $3 and emoji = $4 and user_id = $5',
        [customerId, channelId, seq, emoji, userId],
      );
      return removed > 0;
    },

    async reactionKinds(channelId, seq) {
      const row = await sql.row<{ kinds: number }>(
        'select count(distinct emoji) as kinds from reactions where customer_id = $1 and channel_id = $2 and seq = $3',
        [customerId, channelId, seq],
      );
      return row?.kinds ?? 0;
    },
  };
}
