import type { ChannelId } from 'gb-protocol';
import { titleOf, useChannel, useMe, useUsers } from '../app/client-context.tsx';
import { withoutReordering } from '../lib/safe-text.ts';

export function useChannelTitle(channelId: ChannelId): string {
  const view = useChannel(channelId);
  const users = useUsers();
  const me = useMe();
  return view ? withoutReordering(titleOf(view.channel, view.memberIds, users, me.id)) : '';
}
