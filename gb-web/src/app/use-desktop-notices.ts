import type { LogEvent } from 'gb-protocol';
import { useEffect, useRef } from 'react';
import { useT } from '../i18n/index.ts';
import { spokenText } from '../lib/message-text.ts';
import { deservesNotice } from '../lib/notice.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { useClient } from './client-context.tsx';
import { usePreferences } from './preferences.ts';
import { navigate } from './router.ts';
import { useIsAttentive } from './use-attention.ts';

/** Tells of new messages on the desktop while nobody looks at this page. Several tabs give one notice: they share its tag. */
export function useDesktopNotices(): void {
  const client = useClient();
  const t = useT();
  const { desktopNotices } = usePreferences();
  const isAttentive = useIsAttentive();
  const latest = useRef({ isAttentive, t });
  latest.current = { isAttentive, t };

  useEffect(() => {
    if (!desktopNotices || !('Notification' in window)) return;
    const tell = (event: LogEvent) => {
      if (latest.current.isAttentive || Notification.permission !== 'granted') return;
      const view = client.channel(event.channelId);
      if (!deservesNotice(event, view, client.me().id, client.serverNowMs()) || event.kind !== 'message.posted') return;
      const name = withoutReordering(client.users().get(event.actorId)?.name ?? '');
      const channel = withoutReordering(view?.channel.name ?? '');
      const title = channel === '' ? name : latest.current.t('notice.title', { name, channel });
      const notice = new Notification(title, {
        body: spokenText(event.message, latest.current.t),
        tag: `${event.channelId}/${event.seq}`,
        icon: '/icon.svg',
      });
      notice.onclick = () => {
        window.focus();
        const { threadSeq } = event.message;
        navigate({
          screen: 'channel',
          channelId: event.channelId,
          seq: threadSeq === null ? event.seq : null,
          pane: threadSeq === null ? null : { kind: 'thread', seq: threadSeq },
        });
        notice.close();
      };
    };
    const stops = [client.on('event', tell), client.on('aside', tell)];
    return () => {
      for (const stop of stops) stop();
    };
  }, [client, desktopNotices]);
}
