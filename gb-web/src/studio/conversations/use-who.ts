import type { BotConversation } from 'gb-protocol';
import { useClient, useUsers } from '../../app/client-context.tsx';
import { withoutReordering } from '../../lib/safe-text.ts';
import { useT } from '../words/index.ts';

/** Who talks, or what runs, and where. */
export function useWho(one: BotConversation): string {
  const t = useT();
  const client = useClient();
  const users = useUsers();
  if (one.kind === 'run') return t('conversations.run', { script: withoutReordering(one.script) });
  const name = withoutReordering(one.contact?.name || one.contact?.id || users.get(one.userId)?.name || '…');
  const channel = one.channelId === null ? undefined : client.channel(one.channelId)?.channel;
  return channel && channel.kind !== 'direct' && channel.kind !== 'group' && channel.name
    ? t('conversations.in', { name, channel: withoutReordering(channel.name) })
    : name;
}
