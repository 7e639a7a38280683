import type { ChannelId, Membership, NotificationLevel, Seq } from 'gb-protocol';
import { limits } from 'gb-protocol';
import { type Actor, type Context, commit } from '../context.ts';
import { fail } from '../fail.ts';
import { requireMember } from '../policies/channel.ts';
import type { NewEntry, Tx } from '../ports/index.ts';

/**
 * What is private to one person goes into that person's own log, not the channel's: ten thousand readers of a channel
 * write nothing that the others would have to receive.
 */
async function ownEntry(tx: Tx, actor: Actor, body: NewEntry['body']): Promise<NewEntry[]> {
  const own = await tx.users.selfChannel(actor.userId);
  return own ? [{ channelId: own, actorId: actor.userId, body }] : [];
}

/** Everything up to `seq` is read. Never moves back; null when nothing changed. */
export async function markRead(ctx: Context, actor: Actor, channelId: ChannelId, seq: Seq): Promise<Membership | null> {
  requireMember(actor, await ctx.access.channel(actor.customerId, channelId, actor.userId));
  return commit(ctx, actor.customerId, async (tx) => {
    const marked = await tx.channels.markRead(channelId, actor.userId, seq);
    if (!marked) return { result: null };
    return { result: marked.membership, entries: await ownEntry(tx, actor, { kind: 'read.marked', ...marked }) };
  });
}

/** `seq` and what follows it becomes unread again. */
export async function markUnread(ctx: Context, actor: Actor, channelId: ChannelId, seq: Seq): Promise<Membership | null> {
  requireMember(actor, await ctx.access.channel(actor.customerId, channelId, actor.userId));
  return commit(ctx, actor.customerId, async (tx) => {
    const marked = await tx.channels.markUnread(channelId, actor.userId, seq);
    if (!marked) return { result: null };
    return { result: marked.membership, entries: await ownEntry(tx, actor, { kind: 'read.marked', ...marked }) };
  });
}

export async function setNotifications(
  ctx: Context,
  actor: Actor,
  channelId: ChannelId,
  level: NotificationLevel,
): Promise<void> {
  requireMember(actor, await ctx.access.channel(actor.customerId, channelId, actor.userId));
  await commit(ctx, actor.customerId, async (tx) => {
    if (!(await tx.channels.setNotifications(channelId, actor.userId, level))) return { result: undefined };
    return { result: undefined, entries: await ownEntry(tx, actor, { kind: 'notifications.set', subjectId: channelId, level }) };
  });
}

/** Keeps an unsent text, so that it is there on the person's other devices too. An empty text forgets it. */
export async function saveDraft(
  ctx: Context,
  actor: Actor,
  channelId: ChannelId,
  threadSeq: Seq | null,
  text: string,
): Promise<void> {
  if (text.length > limits.draftTextMax) throw fail('too_large', `A draft holds at most ${limits.draftTextMax} characters.`);
  if (text.includes('\0') || !text.isWellFormed()) throw fail('malformed', 'The draft is not valid Unicode text.');
  requireMember(actor, await ctx.access.channel(actor.customerId, channelId, actor.userId));
  await commit(ctx, actor.customerId, async (tx) => {
    await tx.channels.saveDraft(channelId, actor.userId, threadSeq, text);
    return {
      result: undefined,
      entries: await ownEntry(tx, actor, { kind: 'draft.saved', subjectId: channelId, threadSeq, text }),
    };
  });
}
