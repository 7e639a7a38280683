import type { ChannelId, Posted, PostMessage } from 'gb-protocol';
import { limits } from 'gb-protocol';
import { isUuid, LruMap } from 'gb-utils';
import type { Actor, Context } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import { sentParts } from '../files/sent-parts.ts';
import { findMentions } from '../mentions.ts';
import { requireWrite } from '../policies/channel.ts';
import type { AppendedMessage, NewMessage } from '../ports/index.ts';
import { postedEvent } from '../posted-event.ts';
import { isRepeated, isSecret, postSecret } from './post-secret.ts';

/**
 * Stores a message and makes it visible. Returning means it is durable: nothing is acknowledged before the commit.
 * Sending the same `clientId` again returns the first result, so a client may retry after any doubt.
 * The one way in: people, bots, webhooks and connectors all post through here.
 */
export async function postMessage(ctx: Context, actor: Actor, channelId: ChannelId, input: PostMessage): Promise<Posted> {
  // A plain message asks the database nothing; one with files or answers is looked at first.
  const hasParts = (input.attachmentIds?.length ?? 0) > 0 || input.formAnswer !== undefined;
  const given = hasParts ? checkSigns(input.text) : checkText(input.text);
  if (!isUuid(input.clientId)) throw fail('malformed', 'clientId must be a UUID in lower case.');
  requireWrite(actor, await ctx.access.channel(actor.customerId, channelId, actor.userId));
  const threadSeq = input.threadSeq ?? null;
  if (threadSeq !== null) await requireThread(ctx, actor, channelId, threadSeq);
  const { text, parts } = hasParts
    ? await ctx.store.read(actor.customerId, (tx) => sentParts(tx, actor, channelId, input))
    : { text: given, parts: undefined };
  const { byHandle } = await ctx.directory.get(actor.customerId);
  const mentions = findMentions(text, byHandle);
  const message: NewMessage = {
    channelId,
    authorId: actor.userId,
    clientId: input.clientId,
    text,
    threadSeq,
    mentions: mentions.users,
    mentionsChannel: mentions.channel,
    suggestions: [],
    ...(parts ? { parts } : {}),
  };
  const takeBack = await ctx.quotas.messages.admit(actor.customerId, actor.role === 'bot');
  try {
    return await store(ctx, actor, message, input, takeBack);
  } catch (error) {
    takeBack();
    throw error;
  }
}

async function store(
  ctx: Context,
  actor: Actor,
  message: NewMessage,
  input: PostMessage,
  onRepeated: () => void,
): Promise<Posted> {
  const { channelId, clientId } = message;
  if (await isSecret(ctx, actor, channelId, input)) return postSecret(ctx, actor, message, input);
  const appended = await append(ctx, actor, message, input);
  if ('channelId' in appended) return appended;
  // A duplicate was counted and published when it was first stored.
  if (appended.isDuplicate) onRepeated();
  else ctx.bus.publish({ customerId: actor.customerId, event: postedEvent(message, appended) });
  return { channelId, clientId, epoch: appended.epoch, seq: appended.seq, at: appended.at };
}

/** A password that comes again, without saying that it is one, after the program that waited for it has heard it: its first result. */
async function append(ctx: Context, actor: Actor, message: NewMessage, input: PostMessage): Promise<AppendedMessage | Posted> {
  try {
    return await ctx.store.appendMessage(actor.customerId, message);
  } catch (error) {
    if (!isRepeated(error) || message.parts?.formAnswer) throw error;
    return postSecret(ctx, actor, message, input);
  }
}

export function checkText(text: string): string {
  if (text.trim() === '') throw fail('malformed', 'The message is empty.');
  return checkSigns(text);
}

/** Whether a text can be stored; an empty one can. */
export function checkSigns(text: string): string {
  if (text.length > limits.messageTextMax)
    throw fail('too_large', `A message holds at most ${limits.messageTextMax} characters.`);
  if (text.includes('\0')) throw fail('malformed', 'The message contains a NUL character.');
  // A lone surrogate is no Unicode text and cannot be stored as UTF-8 (RFC 3629).
  if (!text.isWellFormed()) throw fail('malformed', 'The message is not valid Unicode text.');
  return text;
}

/** First messages of threads that were found to be there; a message never stops being one. */
const knownThreads = new LruMap<string, true>(20_000);

async function requireThread(ctx: Context, actor: Actor, channelId: ChannelId, threadSeq: number): Promise<void> {
  const key = `${actor.customerId}:${channelId}:${threadSeq}`;
  if (knownThreads.get(key)) return;
  const root = await ctx.store.read(actor.customerId, (tx) => tx.messages.get(channelId, threadSeq));
  if (!root) throw notFound('thread');
  if (root.threadSeq !== null) throw fail('malformed', 'A reply cannot start a thread of its own.');
  knownThreads.set(key, true);
}
