import { type ChannelId, type ChannelState, limits, type UserId } from 'gb-protocol';
import { GbError, uuidv7 } from 'gb-utils';
import { type Actor, type Context, commit } from '../context.ts';
import { fail } from '../fail.ts';
import { joinAll } from './create-channel.ts';

/** The channel of exactly these people and oneself; made when it is not there yet. */
export async function openDirect(ctx: Context, actor: Actor, userIds: readonly UserId[]): Promise<ChannelState> {
  const members = [...new Set([actor.userId, ...userIds])].sort();
  if (members.length < 2) throw fail('malformed', 'Name at least one other person.');
  if (members.length > limits.groupMembersMax)
    throw fail('quota_exceeded', `A group has at most ${limits.groupMembersMax} people; make a channel.`);
  if (actor.role === 'guest') await requireShared(ctx, actor, userIds);
  const directKey = members.join(',');
  const open = () =>
    commit(ctx, actor.customerId, async (tx) => {
      const existing = await tx.channels.byDirectKey(directKey);
      if (existing) {
        const state = await tx.channels.stateOf(existing, actor.userId);
        if (!state) throw fail('forbidden', 'You left this group. Somebody in it has to open it again.');
        // Whoever left is asked back in; a direct conversation cannot be left.
        const missing = members.filter((id) => state.memberIds?.includes(id) === false);
        const entries = await joinAll(tx, actor, existing, missing);
        return { result: entries.length > 0 ? (await tx.channels.stateOf(existing, actor.userId))! : state, entries };
      }
      const id = uuidv7(ctx.clock.nowMs()) as ChannelId;
      const kind = members.length === 2 ? 'direct' : 'group';
      await tx.channels.insert({ id, kind, name: '', topic: '', directKey, createdBy: actor.userId });
      const entries = await joinAll(tx, actor, id, members);
      return { result: (await tx.channels.stateOf(id, actor.userId))!, entries };
    });
  try {
    return await open();
  } catch (error) {
    // Both people opened it in the same moment: the other one's channel is there now.
    if (error instanceof GbError && error.code === 'name_taken') return open();
    throw error;
  }
}

/** A guest writes only to people they already share a channel with, and to bots there. */
async function requireShared(ctx: Context, actor: Actor, userIds: readonly UserId[]): Promise<void> {
  const shared = await ctx.store.read(actor.customerId, async (tx) => {
    const seen = new Set<UserId>();
    for (const state of await tx.channels.statesOf(actor.userId))
      for (const id of await tx.channels.memberIds(state.channel.id)) seen.add(id);
    return seen;
  });
  if (userIds.some((id) => !shared.has(id))) throw fail('forbidden', 'Guests write to people in their channels.');
}
