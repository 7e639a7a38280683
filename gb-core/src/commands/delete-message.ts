import type { ChannelId, Seq } from 'gb-protocol';
import { type Actor, type Context, commit } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { requireWrite } from '../policies/channel.ts';
import { isAdmin } from '../policies/role.ts';

/** Removes a message's text for everybody; its place in the log stays. Authors and administrators may. Twice is once. */
export async function deleteMessage(ctx: Context, actor: Actor, channelId: ChannelId, seq: Seq): Promise<void> {
  requireWrite(actor, await ctx.access.channel(actor.customerId, channelId, actor.userId));
  await commit(ctx, actor.customerId, async (tx) => {
    const message = await tx.messages.get(channelId, seq);
    if (!message) throw notFound('message');
    if (message.authorId !== actor.userId && !isAdmin(actor)) throw fail('forbidden', 'Only its author can delete a message.');
    if (message.deletedAt !== null) return { result: undefined };
    await tx.messages.delete(channelId, seq);
    if (message.authorId !== actor.userId) {
      await tx.audit.write({
        actorId: actor.userId,
        action: 'message.deleted',
        target: `${channelId}/${seq}`,
        facts: { author: message.authorId },
      });
    }
    return { result: undefined, entries: [{ channelId, actorId: actor.userId, body: { kind: 'message.deleted', target: seq } }] };
  });
}
