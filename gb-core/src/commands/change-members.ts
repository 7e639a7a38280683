import type { ChannelId, ChannelState, UserId } from 'gb-protocol';
import { type Actor, type Context, commit } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { requireManage, requireMember, requireSee } from '../policies/channel.ts';
import { isAdmin } from '../policies/role.ts';
import type { NewEntry } from '../ports/index.ts';
import { joinAll } from './create-channel.ts';

/** Joins a public channel. Joining twice is joining once. */
export async function joinChannel(ctx: Context, actor: Actor, channelId: ChannelId): Promise<ChannelState> {
  const { channel, isMember } = requireSee(actor, await ctx.access.channel(actor.customerId, channelId, actor.userId));
  if (channel.kind === 'instance' || channel.kind === 'self') throw notFound('channel');
  if (!isMember && channel.kind !== 'public') throw fail('forbidden', 'Somebody in it has to add you.');
  return commit(ctx, actor.customerId, async (tx) => {
    const entries = await joinAll(tx, actor, channelId, [actor.userId]);
    const state = await tx.channels.stateOf(channelId, actor.userId);
    if (!state) throw notFound('channel');
    return { result: state, entries };
  });
}

export async function addMembers(ctx: Context, actor: Actor, channelId: ChannelId, userIds: readonly UserId[]): Promise<void> {
  const { channel } = requireManage(actor, await ctx.access.channel(actor.customerId, channelId, actor.userId));
  if (channel.isArchived) throw fail('channel_archived', 'This channel is archived.');
  await commit(ctx, actor.customerId, async (tx) => ({
    result: undefined,
    entries: await joinAll(tx, actor, channelId, userIds),
  }));
}

/** Leaves a channel, or takes somebody else out of one. */
export async function removeMember(ctx: Context, actor: Actor, channelId: ChannelId, userId: UserId): Promise<void> {
  const access = await ctx.access.channel(actor.customerId, channelId, actor.userId);
  const { channel } = userId === actor.userId ? requireMember(actor, access) : requireManage(actor, access);
  if (channel.kind === 'direct') throw fail('forbidden', 'A direct conversation cannot be left.');
  await commit(ctx, actor.customerId, async (tx) => {
    const user = await tx.users.get(userId);
    if (!user) throw notFound('person');
    if (userId !== actor.userId && isAdmin(user) && !isAdmin(actor))
      throw fail('forbidden', 'Only administrators take administrators out.');
    if (!(await tx.channels.removeMember(channelId, userId))) return { result: undefined };
    const entries: NewEntry[] = [{ channelId, actorId: actor.userId, body: { kind: 'member.left', userId } }];
    const own = await tx.users.selfChannel(userId);
    if (own) entries.push({ channelId: own, actorId: actor.userId, body: { kind: 'channel.removed', subjectId: channelId } });
    return { result: undefined, entries };
  });
}
