import { type ChannelId, limits, type Seq } from 'gb-protocol';
import { type Actor, type Context, commit } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { requireWrite } from '../policies/channel.ts';

/** Adds or takes back one's reaction. Asking for what already is changes nothing and is no failure. */
export async function setReaction(
  ctx: Context,
  actor: Actor,
  channelId: ChannelId,
  seq: Seq,
  emoji: string,
  isOn: boolean,
): Promise<void> {
  checkEmoji(emoji);
  requireWrite(actor, await ctx.access.channel(actor.customerId, channelId, actor.userId));
  await commit(ctx, actor.customerId, async (tx) => {
    const message = await tx.messages.get(channelId, seq);
    if (!message) throw notFound('message');
    if (message.deletedAt !== null) throw fail('message_deleted', 'The message was deleted.');
    if (
      isOn &&
      !message.reactions.some((r) => r.emoji === emoji) &&
      message.reactions.length >= limits.reactionKindsPerMessageMax
    ) {
      throw fail('quota_exceeded', `A message takes at most ${limits.reactionKindsPerMessageMax} different reactions.`);
    }
    const changed = isOn
      ? await tx.messages.addReaction(channelId, seq, actor.userId, emoji)
      : await tx.messages.removeReaction(channelId, seq, actor.userId, emoji);
    if (!changed) return { result: undefined };
    const kind = isOn ? 'reaction.added' : 'reaction.removed';
    return { result: undefined, entries: [{ channelId, actorId: actor.userId, body: { kind, target: seq, emoji } }] };
  });
}

/** One emoji, as Unicode writes it (with modifiers and joiners), or a :short_code:. */
function checkEmoji(emoji: string): void {
  const isOne = emoji.length <= limits.emojiMax && (/^:[a-z0-9_+-]{1,30}:$/.test(emoji) || /^\p{RGI_Emoji}$/v.test(emoji));
  if (!isOne) throw fail('malformed', 'That is not an emoji.');
}
