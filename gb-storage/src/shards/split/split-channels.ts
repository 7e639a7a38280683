import type { ChannelRepository } from 'gb-core';
import type { ChannelId, ChannelState, Seq, UserId } from 'gb-protocol';
import { time } from '../../connection.ts';
import { mentionsAfter } from '../../repositories/channels.ts';
import { ChannelElsewhere, elsewhere } from './part.ts';
import type { Participant } from './participant.ts';
import type { SplitTransaction } from './split-transaction.ts';

interface PartState {
  channel_id: ChannelId;
  epoch: number;
  head: Seq;
  count: number;
  last_message_at: number | null;
  mentions: number;
}

/** Channels and their members are at home; where a log stands is in its part. */
export function splitChannels(
  transaction: SplitTransaction,
  home: ChannelRepository,
): Pick<ChannelRepository, 'insert' | 'addMember' | 'statesOf' | 'stateOf' | 'markRead' | 'markUnread'> {
  const { customerId } = transaction;

  /** The part that has the log of a channel; null when it is at home, or there is no such channel. */
  async function partWith(channelId: ChannelId): Promise<Participant | null> {
    const place = await transaction.place(channelId);
    return place === null || place === customerId ? null : transaction.with(channelId);
  }

  /** With `skipsAway`, a channel whose part is away is as it was at the person's read mark: its log goes on from there. */
  async function completed(states: readonly ChannelState[], userId: UserId, skipsAway: boolean): Promise<ChannelState[]> {
    const places = await transaction.placesOf(states.map(({ channel }) => channel.id));
    const away = Map.groupBy(
      states.filter(({ channel }) => places.get(channel.id) !== customerId),
      ({ channel }) => places.get(channel.id)!,
    );
    const found = await Promise.all(
      [...away].map(async ([part, own]) => {
        const ask = ({ sql }: Participant) =>
          sql.rows<PartState>(
            `select h.channel_id, h.epoch, h.head, h.count, h.last_message_at,
               ${mentionsAfter('$2', 'h.channel_id', 'w.read_seq')} as mentions
             from unnest($3::uuid[], $4::bigint[]) w (channel_id, read_seq)
             join channel_heads h on h.customer_id = $1 and h.channel_id = w.channel_id`,
            [part, userId, own.map(({ channel }) => channel.id), own.map(({ membership }) => membership.readSeq)],
          );
        if (!skipsAway) return ask(await transaction.at(part));
        return (await transaction.ifThere(part, ask)) ?? own.map(atReadMark);
      }),
    );
    const byId = new Map(found.flat().map((row) => [row.channel_id, row]));
    return states.map((state) => {
      if (places.get(state.channel.id) === customerId) return state;
      const row = byId.get(state.channel.id);
      // Home says that it is there, so the part shows it in a moment.
      if (!row) throw new ChannelElsewhere();
      const { epoch, head, count, last_message_at: lastMessageAt, mentions } = row;
      return { ...state, epoch, head, count, lastMessageAt, mentions };
    });
  }

  /** As in one database: the place and its count are of one instant of the log, and decide whether the mark moves. */
  async function mark(channelId: ChannelId, userId: UserId, isForward: boolean, seq: Seq) {
    const part = await partWith(channelId);
    if (!part) return isForward ? home.markRead(channelId, userId, seq) : home.markUnread(channelId, userId, seq);
    const place = await part.sql.row<{ seq: Seq; count: number }>(
      `select p.seq, coalesce((
           select x.count from messages x where x.customer_id = $1 and x.channel_id = $2 and x.seq <= p.seq order by x.seq desc limit 1
         ), 0) as count
       from (
         select ${isForward ? 'least($3::bigint, h.head)' : 'greatest(0, least($3::bigint - 1, h.head))'} as seq
         from channel_heads h where h.customer_id = $1 and h.channel_id = $2
       ) p`,
      [part.customerId, channelId, seq],
    );
    if (!place) return null;
    const { sql } = await transaction.home();
    const moved = await sql.row<{ notifications: ChannelState['membership']['notifications'] }>(
      `update members set read_seq = $4, read_count = $5
       where customer_id = $1 and channel_id = $2 and user_id = $3 and read_seq ${isForward ? '<' : '<>'} $4 returning notifications`,
      [customerId, channelId, userId, place.seq, place.count],
    );
    if (!moved) return null;
    const counted = await part.sql.row<{ mentions: number }>(`select ${mentionsAfter('$2', '$3', '$4')} as mentions`, [
      part.customerId,
      userId,
      channelId,
      place.seq,
    ]);
    return {
      membership: { channelId, readSeq: place.seq, readCount: place.count, notifications: moved.notifications },
      mentions: counted!.mentions,
    };
  }

  return {
    async insert(channel) {
      const inserted = await home.insert(channel);
      const { sql } = await transaction.home();
      await sql.change(`update channel_heads set head = ${elsewhere} where customer_id = $1 and channel_id = $2`, [
        customerId,
        channel.id,
      ]);
      const part = await transaction.at(transaction.made(channel.id));
      await insertThinChannel(part, channel.id);
      await part.sql.change('insert into channel_heads (customer_id, channel_id) values ($1, $2)', [part.customerId, channel.id]);
      return inserted;
    },

    async addMember(id, userId) {
      const isAdded = await home.addMember(id, userId);
      const part = isAdded ? await partWith(id) : null;
      if (!part) return isAdded;
      const head = await part.sql.row<{ head: Seq; count: number }>(
        'select head, count from channel_heads where customer_id = $1 and channel_id = $2',
        [part.customerId, id],
      );
      const { sql } = await transaction.home();
      await sql.change(
        'update members set read_seq = $4, read_count = $5 where customer_id = $1 and channel_id = $2 and user_id = $3',
        [customerId, id, userId, head?.head ?? 0, head?.count ?? 0],
      );
      return true;
    },

    statesOf: async (userId) => completed(await home.statesOf(userId), userId, true),

    async stateOf(id, userId) {
      const state = await home.stateOf(id, userId);
      return state && (await completed([state], userId, false))[0]!;
    },

    markRead: (id, userId, seq) => mark(id, userId, true, seq),

    markUnread: (id, userId, seq) => mark(id, userId, false, seq),
  };
}

function atReadMark({ channel, epoch, membership }: ChannelState): PartState {
  const { readSeq: head, readCount: count } = membership;
  return { channel_id: channel.id, epoch, head, count, last_message_at: null, mentions: 0 };
}

/** What heads refer to: that there is such a channel. Its name and its members are at home. */
export async function insertThinChannel(part: Participant, channelId: ChannelId): Promise<void> {
  await part.sql.change(
    `insert into channels (customer_id, channel_id, instance_id, kind, name, topic, created_at)
     select $1, $2, i.instance_id, 'group', '', '', $3 from instances i where i.customer_id = $1 on conflict do nothing`,
    [part.customerId, channelId, time(part.nowMs)],
  );
}
