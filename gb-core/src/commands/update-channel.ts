import type { Channel, ChannelId, ChannelPatch } from 'gb-protocol';
import { type Actor, type Context, commit } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { requireManage } from '../policies/channel.ts';
import { isAdmin } from '../policies/role.ts';
import { checkChannelName, checkTopic } from './create-channel.ts';

/** Renames, retitles, archives or brings back a channel. */
export async function updateChannel(ctx: Context, actor: Actor, channelId: ChannelId, patch: ChannelPatch): Promise<Channel> {
  const { channel: before } = requireManage(actor, await ctx.access.channel(actor.customerId, channelId, actor.userId));
  if (patch.isArchived !== undefined && !isAdmin(actor))
    throw fail('forbidden', 'Only owners and administrators archive channels.');
  if (before.isArchived && patch.isArchived !== false) throw fail('channel_archived', 'This channel is archived.');
  const clean = {
    ...(patch.name === undefined ? {} : { name: checkChannelName(patch.name) }),
    ...(patch.topic === undefined ? {} : { topic: checkTopic(patch.topic) }),
    ...(patch.isArchived === undefined ? {} : { isArchived: patch.isArchived }),
  };
  return commit(ctx, actor.customerId, async (tx) => {
    const channel = await tx.channels.update(channelId, clean);
    if (!channel) throw notFound('channel');
    const body = { kind: 'channel.updated', channel } as const;
    const entries = [{ channelId, actorId: actor.userId, body }];
    if (channel.kind === 'public') {
      const { logChannelId } = await tx.instance.get();
      entries.push({ channelId: logChannelId, actorId: actor.userId, body });
    }
    return { result: channel, entries };
  });
}
