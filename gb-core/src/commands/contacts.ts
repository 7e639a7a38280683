import {
  type ChannelId,
  type ClientId,
  type ContactConversation,
  type ContactMessage,
  type ContactMessagePage,
  type ContactPosted,
  limits,
  type Message,
  type NewContact,
  type PostContactMessage,
  type UserId,
} from 'gb-protocol';
import { isUuid, uuidFromText, uuidv7 } from 'gb-utils';
import { type Actor, type Context, commit } from '../context.ts';
import { fail, notFound } from '../fail.ts';
import type { BotContact, NewEntry, Tx } from '../ports/index.ts';
import { checkName } from './accounts.ts';
import type { KeyHolder } from './bot-keys.ts';
import { postMessage } from './post-message.ts';

/**
 * The conversation of a contact with the bot of a key, made when there is none yet: then the bot's program starts, as
 * when a person opens its channel. A contact is a person of the customer, so what they write takes the same way as
 * everybody's; they have no account, stand in no list, and have this one channel.
 */
export async function openContact(ctx: Context, holder: KeyHolder, input: NewContact): Promise<ContactConversation> {
  const { customerId, botId } = holder;
  const key = checkKey(input.id);
  const name = input.name === undefined ? undefined : checkName(input.name);
  return commit(ctx, customerId, async (tx) => {
    const bot = await tx.bots.get(botId);
    if (!bot) throw notFound('bot');
    if (bot.publishedVersion === null) throw fail('forbidden', 'Publish the bot first.');
    const known = await tx.botContacts.get(botId, key);
    const contact = known
      ? await changed(tx, known, { name, locale: input.locale })
      : await added(ctx, tx, { botId, key, name: name ?? nameFrom(key), locale: input.locale ?? 'en' });
    const directKey = [contact.userId, bot.userId].sort().join(',');
    const existing = await tx.channels.byDirectKey(directKey);
    if (existing) {
      const position = await tx.log.position(existing);
      return { result: present(contact, existing, known ? (position?.seq ?? 0) : 0) };
    }
    const id = uuidv7(ctx.clock.nowMs()) as ChannelId;
    await tx.channels.insert({ id, kind: 'direct', name: '', topic: '', directKey, createdBy: contact.userId });
    const entries: NewEntry[] = [];
    for (const userId of [contact.userId, bot.userId]) {
      await tx.channels.addMember(id, userId);
      entries.push({ channelId: id, actorId: contact.userId, body: { kind: 'member.joined', userId } });
    }
    return { result: present(contact, id, 0), entries };
  });
}

/** Who a conversation is with. To the holder of another bot's key it does not exist. */
export async function requireContact(ctx: Context, holder: KeyHolder, channelId: ChannelId): Promise<BotContact> {
  const contact = isUuid(channelId) ? await ctx.store.read(holder.customerId, (tx) => tx.botContacts.byChannel(channelId)) : null;
  if (contact?.botId !== holder.botId) throw notFound('conversation');
  return contact;
}

/** A contact as whoever acts: a guest, who is in one channel. */
export function contactActor({ customerId }: Pick<KeyHolder, 'customerId'>, { userId }: Pick<BotContact, 'userId'>): Actor {
  return { customerId, userId, role: 'guest', sessionId: null };
}

/** What a contact wrote. The same `clientId` again gives the first result. */
export async function postAsContact(
  ctx: Context,
  holder: KeyHolder,
  channelId: ChannelId,
  input: PostContactMessage,
): Promise<ContactPosted> {
  const contact = await requireContact(ctx, holder, channelId);
  const { clientId: given, text = '', attachmentIds, formAnswer, isSecret } = input;
  const posted = await postMessage(ctx, contactActor(holder, contact), channelId, {
    // A connector has names of its own for messages, which need not be UUIDs.
    clientId: (isUuid(given) ? given : await uuidFromText(`contact:${contact.userId}:${given}`)) as ClientId,
    text,
    ...(attachmentIds ? { attachmentIds } : {}),
    ...(formAnswer ? { formAnswer } : {}),
    ...(isSecret ? { isSecret } : {}),
  });
  return { conversationId: channelId, clientId: given, seq: posted.seq, at: posted.at };
}

/** Messages after a cursor, oldest first, as they are now. */
export async function readContactMessages(
  ctx: Context,
  holder: KeyHolder,
  channelId: ChannelId,
  { after = 0, limit = limits.pageSizeDefault }: { readonly after?: number; readonly limit?: number },
): Promise<ContactMessagePage> {
  const contact = await requireContact(ctx, holder, channelId);
  return ctx.store.read(holder.customerId, async (tx) => {
    const position = await tx.log.position(channelId);
    if (!position) throw notFound('conversation');
    if (after > position.seq) throw fail('invalid_cursor', 'This conversation has not given out that cursor.');
    const { messages, hasNewer } = await tx.messages.page(channelId, { after, limit });
    // The end of the log where there is nothing more: entries that are no messages need not be asked for again.
    const cursor = hasNewer ? messages.at(-1)!.seq : position.seq;
    return { messages: messages.map((message) => toContactMessage(message, contact.userId)), cursor, hasMore: hasNewer };
  });
}

export function toContactMessage(message: Message, contactId: UserId): ContactMessage {
  const { channelId, seq, text, at, suggestions, attachments, card, form, formAnswer, asksSecret, isSecret } = message;
  return {
    conversationId: channelId,
    seq,
    from: message.authorId === contactId ? 'contact' : 'bot',
    text,
    at,
    suggestions,
    attachments: attachments ?? [],
    ...(card ? { card } : {}),
    ...(form ? { form } : {}),
    ...(formAnswer ? { formAnswer } : {}),
    ...(asksSecret ? { asksSecret: true } : {}),
    ...(isSecret ? { isSecret } : {}),
  };
}

async function added(ctx: Context, tx: Tx, contact: Omit<BotContact, 'userId'>): Promise<BotContact> {
  const userId = uuidv7(ctx.clock.nowMs()) as UserId;
  // Nobody is to type it, so it need not be read: it is there because every account has one.
  const handle = `contact-${userId.replaceAll('-', '')}`;
  await tx.botContacts.insert({ ...contact, userId, handle });
  return { ...contact, userId };
}

async function changed(
  tx: Tx,
  contact: BotContact,
  { name, locale }: { name: string | undefined; locale: BotContact['locale'] | undefined },
): Promise<BotContact> {
  const patch = {
    ...(name !== undefined && name !== contact.name ? { name } : {}),
    ...(locale !== undefined && locale !== contact.locale ? { locale } : {}),
  };
  if (Object.keys(patch).length > 0) await tx.users.update(contact.userId, patch);
  return { ...contact, ...patch };
}

function present({ key, name, locale }: BotContact, id: ChannelId, cursor: number): ContactConversation {
  return { id, contact: { id: key, name, locale }, cursor };
}

function checkKey(raw: string): string {
  const key = raw.trim();
  if (key === '' || key.length > limits.contactIdMax || !key.isWellFormed() || /\p{Cc}/u.test(key))
    throw fail('malformed', `A contact's id has 1 to ${limits.contactIdMax} characters.`);
  return key;
}

/** A name for who gave none; the id may hold what a name may not. */
function nameFrom(key: string): string {
  const name = key
    .replace(/[\p{Cf}\p{Cc}]/gu, '')
    .slice(0, limits.userNameMax)
    .toWellFormed()
    .trim();
  return /[\p{L}\p{N}]/u.test(name) ? name : 'Contact';
}
