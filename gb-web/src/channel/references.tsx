import type { ChannelId, User } from 'gb-protocol';
import { type ReactNode, useMemo } from 'react';
import { useChannelIds, useClient, useMe, useUsers } from '../app/client-context.tsx';
import { formatRoute, navigate, toChannel } from '../app/router.ts';
import { useT } from '../i18n/index.ts';
import { type References, ReferencesContext } from './markdown-view.tsx';

/** Turns @names and #names of this workspace into chips that lead to the person or the channel. */
export function ReferencesProvider({ channelId, children }: { channelId: ChannelId; children: ReactNode }) {
  const client = useClient();
  const users = useUsers();
  const me = useMe();
  const ids = useChannelIds();
  const t = useT();

  const references = useMemo((): References => {
    const byHandle = new Map<string, User>();
    for (const user of users.values()) if (user.handle !== '') byHandle.set(user.handle.toLowerCase(), user);
    const byName = new Map<string, ChannelId>();
    for (const id of ids) {
      const channel = client.channel(id)?.channel;
      if (channel?.name) byName.set(channel.name.toLowerCase(), id);
    }
    return {
      hasHandle: (handle) => handle === 'channel' || byHandle.has(handle),
      hasChannel: (name) => byName.has(name),
      person: (handle, text) => {
        const user = byHandle.get(handle);
        if (!user) return <span className="chip chip-me">{text}</span>;
        return (
          <button
            type="button"
            className={`chip${user.id === me.id ? ' chip-me' : ''}`}
            title={user.name}
            aria-label={t('message.person', { name: user.name })}
            onClick={() => navigate(toChannel(channelId, { pane: { kind: 'person', userId: user.id } }))}
          >
            @{user.name}
          </button>
        );
      },
      channel: (name, text) => {
        const to = toChannel(byName.get(name)!);
        return (
          <a
            className="chip"
            href={formatRoute(to)}
            onClick={(event) => {
              if (event.metaKey || event.ctrlKey || event.shiftKey) return;
              event.preventDefault();
              navigate(to);
            }}
          >
            {text}
          </a>
        );
      },
    };
  }, [client, users, ids, me.id, channelId, t]);

  return <ReferencesContext value={references}>{children}</ReferencesContext>;
}
