import { useEffect } from 'react';
import { titleOf, useClient, useMe, useOrganizationName, useUnread, useUsers } from './client-context.tsx';
import { useRoute } from './router.ts';

/** "(2) #general · Acme": the number is the server's count of mentions, so it is never stuck. */
export function PageTitle() {
  const client = useClient();
  const route = useRoute();
  const users = useUsers();
  const me = useMe();
  const organization = useOrganizationName();
  const { mentions } = useUnread();
  const view = route.screen === 'channel' ? client.channel(route.channelId) : undefined;
  const place = view ? `${view.channel.name ? '#' : ''}${titleOf(view.channel, view.memberIds, users, me.id)}` : '';

  useEffect(() => {
    document.title = `${mentions > 0 ? `(${mentions}) ` : ''}${place ? `${place} · ` : ''}${organization}`;
  }, [mentions, place, organization]);
  return null;
}
