import type { MessageWindow } from 'gb-client';
import { useEffect, useRef } from 'react';
import { announce } from '../app/announcer.tsx';
import { strangerOf, useClient, useMe } from '../app/client-context.tsx';
import { useT } from '../i18n/index.ts';
import { spokenText } from '../lib/message-text.ts';

/** Reads new messages of others out: one as it is, several that came together as a number. */
export function useAnnounceNews({ messages, isAttentive }: { messages: MessageWindow; isAttentive: boolean }): void {
  const client = useClient();
  const me = useMe();
  const t = useT();
  const last = messages.messages.at(-1);
  const known = useRef<number | null>(null);
  const burst = useRef({ count: 0, at: 0 });

  useEffect(() => {
    if (messages.state !== 'ready' || !last) return;
    const before = known.current;
    known.current = Math.max(last.seq, before ?? 0);
    if (before === null || last.seq <= before || messages.hasNewer || last.authorId === me.id || !isAttentive) return;
    const now = Date.now();
    burst.current = now - burst.current.at < 2_000 ? { count: burst.current.count + 1, at: now } : { count: 1, at: now };
    const author = client.users().get(last.authorId) ?? strangerOf(last.authorId);
    announce(
      burst.current.count > 1
        ? t('list.announceMany', { count: burst.current.count })
        : t('list.announce', { name: author.name, text: spokenText(last, t) }),
    );
  }, [client, me.id, messages, last, isAttentive, t]);
}
