import type { ClientId, CustomerId, Locale } from 'gb-protocol';
import { uuidv7 } from 'gb-utils';
import { openDirectIn } from '../bots/people.ts';
import type { Context } from '../context.ts';
import { isAdmin } from '../policies/role.ts';
import type { NewEntry, NewMessage, Tx } from '../ports/index.ts';

const guideHandle = 'guide';
const toldMax = 50;

/**
 * What tells something to owners and administrators, each in their language, in their direct channel with the guide: for
 * `commit`, in the transaction of what is told. Empty in a workspace without the guide; the page where it matters shows it.
 */
export async function noticesIn(
  ctx: Context,
  tx: Tx,
  customerId: CustomerId,
  text: Readonly<Record<Locale, string>>,
): Promise<{ readonly entries: readonly NewEntry[]; readonly messages: readonly NewMessage[] }> {
  const guide = (await tx.bots.list()).find(({ origin, handle }) => origin === 'package' && handle === guideHandle);
  const entries: NewEntry[] = [];
  const messages: NewMessage[] = [];
  if (!guide) return { entries, messages };
  const bot = { customerId, botUserId: guide.userId, nowMs: ctx.clock.nowMs() };
  const admins = (await tx.users.list()).filter((user) => user.kind === 'person' && user.isActive && isAdmin(user));
  for (const { id } of admins.slice(0, toldMax)) {
    const person = await tx.users.get(id);
    if (!person) continue;
    const direct = await openDirectIn(tx, bot, id);
    entries.push(...direct.entries);
    messages.push({
      channelId: direct.channelId,
      authorId: guide.userId,
      clientId: uuidv7(bot.nowMs) as ClientId,
      text: text[person.locale],
      threadSeq: null,
      mentions: [],
      mentionsChannel: false,
      suggestions: [],
    });
  }
  return { entries, messages };
}
