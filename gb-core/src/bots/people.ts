import type { ChannelId, ChannelKind, Me, UserId } from 'gb-protocol';
import { GbError, uuidFromText, uuidv7 } from 'gb-utils';
import { joinAll } from '../commands/create-channel.ts';
import type { Actor } from '../context.ts';
import { OperationFailed } from '../operation-failed.ts';
import type { NewEntry, TurnScope, Tx } from '../ports/index.ts';
import { QuotaExceeded } from '../quotas/quota-exceeded.ts';

/** A bot as whoever acts, with the rights of a member: it has no more than the channels it is in. */
export function botActor({ customerId, botUserId }: Pick<TurnScope, 'customerId' | 'botUserId'>): Actor {
  return { customerId, userId: botUserId, role: 'bot', sessionId: null };
}

/**
 * The direct channel of a bot with somebody, made within the transaction when it is not there yet; the entries that say
 * so are for `log.append` of the same transaction.
 */
export async function openDirectIn(
  tx: Tx,
  bot: Pick<TurnScope, 'customerId' | 'botUserId' | 'nowMs'>,
  userId: UserId,
): Promise<{ readonly channelId: ChannelId; readonly entries: readonly NewEntry[] }> {
  const members = [bot.botUserId, userId].sort();
  const directKey = members.join(',');
  const existing = await tx.channels.byDirectKey(directKey);
  if (existing) return { channelId: existing, entries: [] };
  return makeChannelIn(tx, bot, { kind: 'direct', name: '', directKey, members });
}

/** A new channel of a bot and others. Whoever asks has looked that there is none of the name. */
export async function makeChannelIn(
  tx: Tx,
  bot: Pick<TurnScope, 'customerId' | 'botUserId' | 'nowMs'>,
  channel: { kind: ChannelKind; name: string; topic?: string; directKey?: string; members: readonly UserId[] },
): Promise<{ readonly channelId: ChannelId; readonly entries: readonly NewEntry[] }> {
  const { kind, name, topic = '', directKey = null, members } = channel;
  const id = uuidv7(bot.nowMs) as ChannelId;
  if (kind !== 'direct') await requireRoom(tx);
  try {
    const made = await tx.channels.insert({ id, kind, name, topic, directKey, createdBy: bot.botUserId });
    const entries = await joinAll(tx, botActor(bot), id, members);
    if (kind === 'public') {
      const { logChannelId } = await tx.instance.get();
      entries.push({ channelId: logChannelId, actorId: bot.botUserId, body: { kind: 'channel.updated', channel: made } });
    }
    return { channelId: id, entries };
  } catch (error) {
    // Somebody made it in the same moment. The transaction is lost; made again it finds the channel.
    if (error instanceof GbError && error.code === 'name_taken')
      throw new GbError('overloaded', 'The channel was just being made', { retryable: true, cause: error });
    throw error;
  }
}

/** Asked before: a program hears of it and goes on, where an insert that fails would end its whole turn. */
async function requireRoom(tx: Tx): Promise<void> {
  try {
    await tx.quotas.requireRoom('channels');
  } catch (error) {
    if (!(error instanceof QuotaExceeded)) throw error;
    const { most } = error.facts;
    throw new OperationFailed(
      {
        en: `the organization has ${most} channels, which is as many as it may have`,
        pt: `a organização tem ${most} canais, que é o máximo que pode ter`,
      },
      'limit_reached',
    );
  }
}

/** The one person a program names: by @handle, e-mail, full name or id. Of other customers nobody is found. */
export async function findPerson(tx: Tx, text: string): Promise<Me> {
  const found = text.trim() === '' || text.length > 300 ? [] : await tx.people.find(text);
  const [person, another] = found;
  const shown = text.slice(0, 60);
  if (!person)
    throw new OperationFailed({ en: `there is nobody here called "${shown}"`, pt: `não há ninguém aqui chamado "${shown}"` });
  if (another)
    throw new OperationFailed({
      en: `more than one person here is called "${shown}": use the @handle or the e-mail`,
      pt: `há mais de uma pessoa aqui chamada "${shown}": use o @apelido ou o e-mail`,
    });
  return person;
}

const codeSigns = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** What people type to say which one they mean. Made of the id, so a turn that is run again makes the same. */
export async function codeOf(id: string): Promise<string> {
  const hex = (await uuidFromText(`code:${id}`)).replaceAll('-', '');
  return Array.from({ length: 6 }, (_, i) => codeSigns[Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16) % codeSigns.length]).join(
    '',
  );
}
