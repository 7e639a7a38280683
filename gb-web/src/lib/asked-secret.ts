import type { MessageWindow } from 'gb-client';
import type { UserId } from 'gb-protocol';

/**
 * Whether what I write next here answers a bot that waits for a password of mine: its last word asked for one, and I
 * said nothing since, not even what is still on its way.
 */
export function isSecretAsked(
  { messages, outgoing, hasNewer }: Pick<MessageWindow, 'messages' | 'outgoing' | 'hasNewer'>,
  me: UserId,
): boolean {
  if (hasNewer || outgoing.some(({ state }) => state !== 'failed')) return false;
  const later = new Set<UserId>();
  for (const { authorId, asksSecret, deletedAt } of messages.toReversed()) {
    if (deletedAt !== null) continue;
    if (authorId === me) return false;
    if (asksSecret === me && !later.has(authorId)) return true;
    later.add(authorId);
  }
  return false;
}
