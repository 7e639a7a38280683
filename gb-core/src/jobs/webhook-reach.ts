import { type Channel, type EventKind, type WebhookKind, webhookKinds } from 'gb-protocol';
import type { Tx, WebhookRow } from '../ports/index.ts';

/** Told in the workspace's own log, and so to whoever asked for them, whatever channels they chose. */
const workspaceKinds: ReadonlySet<EventKind> = new Set(['user.updated', 'bot.updated', 'bot.removed']);

export const isWebhookKind = (kind: string): kind is WebhookKind => (webhookKinds as readonly string[]).includes(kind);

/**
 * Whether a webhook may hear of an entry of this channel. Public channels: when it asked for all, or for this one. A
 * private channel: when somebody chose it who was in it then and is in it now. Conversations of a few people and
 * everybody's own log: never.
 */
export async function mayHear(tx: Tx, webhook: WebhookRow, channel: Channel, kind: EventKind): Promise<boolean> {
  if (channel.kind === 'instance') return workspaceKinds.has(kind);
  const chosen = webhook.channels.find(({ channelId }) => channelId === channel.id);
  if (channel.kind === 'public') return webhook.isEverywhere || chosen !== undefined;
  if (channel.kind !== 'private' || webhook.isEverywhere || !chosen) return false;
  const [access, person] = [await tx.channels.access(channel.id, chosen.chosenBy), await tx.users.get(chosen.chosenBy)];
  return access?.isMember === true && person?.isActive === true;
}
