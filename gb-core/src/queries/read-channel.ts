import {
  type BrowseChannels,
  type ChannelId,
  type ChannelState,
  type LogEvent,
  type LogPage,
  limits,
  type Message,
  type MessageHistory,
  type MessagePage,
  type Seq,
  type User,
} from 'gb-protocol';
import type { Actor, Context } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { requireSee } from '../policies/channel.ts';
import { forGuest } from '../policies/directory.ts';
import type { ChannelAccess } from '../ports/index.ts';

/** Worth the question whether a replica is far enough. */
const ofSomeSize = { mayUseReplica: true };

async function see(ctx: Context, actor: Actor, channelId: ChannelId): Promise<ChannelAccess> {
  return requireSee(actor, await ctx.access.channel(actor.customerId, channelId, actor.userId));
}

export interface PageInput {
  readonly before?: Seq;
  readonly after?: Seq;
  readonly around?: Seq;
  readonly threadSeq?: Seq;
  readonly limit?: number;
}

/** A page of messages, and the position of the log it was read at, in one instant. */
export async function readMessages(ctx: Context, actor: Actor, channelId: ChannelId, input: PageInput): Promise<MessagePage> {
  await see(ctx, actor, channelId);
  const given = [input.before, input.after, input.around].filter((seq) => seq !== undefined).length;
  if (given > 1) throw fail('malformed', 'Give only one of before, after and around.');
  const limit = Math.min(input.limit ?? limits.pageSizeDefault, limits.pageSizeMax);
  return ctx.store.read(
    actor.customerId,
    async (tx) => {
      const position = await tx.log.position(channelId);
      if (!position) throw notFound('channel');
      if (input.threadSeq !== undefined) {
        const root = await tx.messages.get(channelId, input.threadSeq);
        if (!root || root.threadSeq !== null) throw notFound('thread');
      }
      const page = await tx.messages.page(channelId, { ...input, limit });
      return { ...page, epoch: position.epoch, head: position.seq };
    },
    ofSomeSize,
  );
}

export async function readMessage(ctx: Context, actor: Actor, channelId: ChannelId, seq: Seq): Promise<Message> {
  await see(ctx, actor, channelId);
  const message = await ctx.store.read(actor.customerId, (tx) => tx.messages.get(channelId, seq));
  if (!message) throw notFound('message');
  return message;
}

export async function readHistory(ctx: Context, actor: Actor, channelId: ChannelId, seq: Seq): Promise<MessageHistory> {
  const message = await readMessage(ctx, actor, channelId, seq);
  if (message.deletedAt !== null) throw fail('message_deleted', 'The message was deleted.');
  return { versions: await ctx.store.read(actor.customerId, (tx) => tx.messages.versions(channelId, seq)) };
}

/** Entries after a cursor, without any time window: however long a client was away, it can catch up from here. */
export async function readLog(
  ctx: Context,
  actor: Actor,
  channelId: ChannelId,
  cursor: { epoch: number; after: Seq; limit?: number },
): Promise<LogPage<LogEvent>> {
  const { channel } = await see(ctx, actor, channelId);
  const isGuestsDirectory = channel.kind === 'instance' && actor.role === 'guest';
  const limit = Math.min(cursor.limit ?? limits.pageSizeMax, limits.pageSizeMax);
  return ctx.store.read(
    actor.customerId,
    async (tx) => {
      const position = await tx.log.position(channelId);
      if (!position) throw notFound('channel');
      // The epoch changes when a log is rebuilt: seq 4 of the new log is another entry than seq 4 of the old one.
      if (cursor.epoch !== position.epoch) return { kind: 'restart', epoch: position.epoch, head: position.seq };
      if (cursor.after > position.seq) throw fail('invalid_cursor', 'This channel has not given out that sequence number.');
      const read = await tx.log.read(channelId, cursor.after, limit);
      const events = isGuestsDirectory ? read.map(forGuest) : read;
      const last = events.at(-1)?.seq ?? cursor.after;
      return { kind: 'events', epoch: position.epoch, head: position.seq, events, hasMore: last < position.seq };
    },
    ofSomeSize,
  );
}

export async function readMembers(ctx: Context, actor: Actor, channelId: ChannelId): Promise<readonly User[]> {
  const { channel } = await see(ctx, actor, channelId);
  if (channel.kind === 'self' || channel.kind === 'instance') throw notFound('channel');
  const { byId } = await ctx.directory.get(actor.customerId);
  const ids = await ctx.store.read(actor.customerId, (tx) => tx.channels.memberIds(channelId));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** The channel as the side bar shows it; only members have a state. */
export async function readChannel(ctx: Context, actor: Actor, channelId: ChannelId): Promise<ChannelState> {
  await see(ctx, actor, channelId);
  const state = await ctx.store.read(actor.customerId, (tx) => tx.channels.stateOf(channelId, actor.userId));
  if (!state) throw notFound('channel');
  return state;
}

export async function browseChannels(ctx: Context, actor: Actor): Promise<BrowseChannels> {
  const channels = await ctx.store.read(actor.customerId, (tx) => tx.channels.browse(actor.userId));
  return { channels: actor.role === 'guest' ? channels.filter((entry) => entry.isMember) : channels };
}
