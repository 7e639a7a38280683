import type { ChannelId } from 'gb-protocol';
import { titleOf, useChannelEntity, useMe, useMemberIds, useUsers } from '../app/client-context.tsx';
import { withoutReordering } from '../lib/safe-text.ts';

export function useChannelTitle(channelId: ChannelId): string {
  const channel = useChannelEntity(channelId);
  const memberIds = useMemberIds(channelId);
  const users = useUsers();
  const me = useMe();
  return channel ? withoutReordering(titleOf(channel, memberIds, users, me.id)) : '';
}
