import { type ChannelId, hiddenText, type Posted, type PostMessage, type Seq } from 'gb-protocol';
import { GbError } from 'gb-utils';
import type { Actor, Context } from '../context.ts';
import type { NewMessage, Tx } from '../ports/index.ts';
import { postedEvent } from '../posted-event.ts';

/**
 * Whether what somebody writes here is a password: they say so, or a program waits for one of theirs in this place. Only
 * where a bot would hear it at all is the database asked.
 */
export async function isSecret(ctx: Context, actor: Actor, channelId: ChannelId, input: PostMessage): Promise<boolean> {
  if (input.formAnswer || actor.role === 'bot') return false;
  if (input.isSecret) return true;
  if ((await ctx.access.botsIn(actor.customerId, channelId)).length === 0) return false;
  const access = await ctx.access.channel(actor.customerId, channelId, actor.userId);
  // Outside of threads only the bot of a direct channel goes on listening.
  if (access?.channel.kind !== 'direct' && input.threadSeq === undefined) return false;
  return ctx.store.read(actor.customerId, async (tx) => {
    if (await tx.secretAnswers.isAwaited(placeOf(actor, channelId, input))) return true;
    return input.threadSeq !== undefined && isUnderQuestion(tx, actor, channelId, input.threadSeq);
  });
}

/** In a thread that begins with the question, while it is not answered: not where the program listens, but a password all the same. */
async function isUnderQuestion(tx: Tx, { userId }: Actor, channelId: ChannelId, threadSeq: Seq): Promise<boolean> {
  const root = await tx.messages.get(channelId, threadSeq);
  return root?.asksSecret === userId && (await tx.secretAnswers.isAwaited({ channelId, userId, threadSeq: 0 }));
}

/**
 * Stores that something was said, and not what. The words are put where only the turn that waits for them looks, in the
 * same transaction; where nobody waits any more they are kept nowhere.
 */
export async function postSecret(ctx: Context, actor: Actor, shown: NewMessage, input: PostMessage): Promise<Posted> {
  const { customerId } = actor;
  const { channelId, clientId } = shown;
  const message: NewMessage = {
    ...shown,
    text: hiddenText,
    mentions: [],
    mentionsChannel: false,
    parts: { ...shown.parts, isSecret: true },
  };
  try {
    const appended = await ctx.store.transaction(customerId, async (tx) => {
      const { messages } = await tx.log.append([], [message]);
      const one = messages[0]!;
      if (!one.isDuplicate && (await tx.secretAnswers.isAwaited(placeOf(actor, channelId, input))))
        await tx.secretAnswers.put(channelId, one.seq, input.text);
      return one;
    });
    if (!appended.isDuplicate) ctx.bus.publish({ customerId, event: postedEvent(message, appended) });
    return { channelId, clientId, epoch: appended.epoch, seq: appended.seq, at: appended.at };
  } catch (error) {
    if (!isRepeated(error)) throw error;
    // It was sent before the question was asked, and comes again after it: what it was then, it is still.
    const { epoch, seq, at } = await ctx.store.appendMessage(customerId, shown);
    return { channelId, clientId, epoch, seq, at };
  }
}

/** A client id that the channel knows. */
export function isRepeated(error: unknown): boolean {
  return error instanceof GbError && error.code === 'duplicate_client_id';
}

function placeOf({ userId }: Actor, channelId: ChannelId, { threadSeq }: PostMessage) {
  return { channelId, userId, threadSeq: threadSeq ?? 0 };
}
