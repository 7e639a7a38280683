import type { ChannelId, Seq } from 'gb-protocol';
import { type Actor, type Context, commit } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { findMentions } from '../mentions.ts';
import { requireWrite } from '../policies/channel.ts';
import { checkSigns, checkText } from './post-message.ts';

/** Replaces the text of one's own message; the earlier text stays in its history. The same text again changes nothing. */
export async function editMessage(ctx: Context, actor: Actor, channelId: ChannelId, seq: Seq, rawText: string): Promise<void> {
  const text = checkSigns(rawText);
  requireWrite(actor, await ctx.access.channel(actor.customerId, channelId, actor.userId));
  const { byHandle } = await ctx.directory.get(actor.customerId);
  const mentions = findMentions(text, byHandle);
  await commit(ctx, actor.customerId, async (tx) => {
    const message = await tx.messages.get(channelId, seq);
    if (!message) throw notFound('message');
    if (message.authorId !== actor.userId) throw fail('forbidden', 'Only its author can edit a message.');
    if (message.isSecret) throw fail('forbidden', 'A password cannot be edited: what it was is not kept.');
    if (message.deletedAt !== null) throw fail('message_deleted', 'The message was deleted.');
    // A picture may do without words.
    if (!message.attachments) checkText(text);
    if (message.text === text) return { result: undefined };
    const change = { text, mentions: mentions.users, mentionsChannel: mentions.channel };
    await tx.messages.edit(channelId, seq, change);
    return {
      result: undefined,
      entries: [{ channelId, actorId: actor.userId, body: { kind: 'message.edited', target: seq, ...change } }],
    };
  });
}
