import type { ChannelView, MessageWindow } from 'gb-client';
import type { Seq } from 'gb-protocol';
import { useEffect, useRef, useState } from 'react';
import { useClient } from '../app/client-context.tsx';

/**
 * Where the "new" line stands and when the channel counts as read. Read means: the newest message was in sight of
 * somebody who was there. The line stays while one is in the channel, so that it can be found again. Marking a message
 * unread by hand stops the marking until one leaves.
 */
export function useReading({
  view,
  messages,
  threadSeq,
  isAtEnd,
  isAttentive,
}: {
  view: ChannelView | undefined;
  messages: MessageWindow;
  threadSeq: Seq | null;
  isAtEnd: boolean;
  isAttentive: boolean;
}): { newAfter: Seq | null } {
  const client = useClient();
  const readSeq = view?.membership.readSeq ?? 0;
  const unread = view?.unread ?? 0;
  const hasNews = unread > 0 || (view?.mentions ?? 0) > 0;
  const [newAfter, setNewAfter] = useState<Seq | null>(threadSeq === null && unread > 0 ? readSeq : null);
  const lastReadSeq = useRef(readSeq);
  const isHeld = useRef(false);

  useEffect(() => {
    if (threadSeq !== null) return;
    if (readSeq < lastReadSeq.current) {
      isHeld.current = true;
      setNewAfter(readSeq);
    }
    lastReadSeq.current = readSeq;
  }, [readSeq, threadSeq]);

  // News that came while one looked elsewhere get a line of their own.
  useEffect(() => {
    if (threadSeq === null && !isAttentive && unread > 0)
      setNewAfter((line) => (line === null || line < readSeq ? readSeq : line));
  }, [threadSeq, isAttentive, unread, readSeq]);

  useEffect(() => {
    if (threadSeq !== null || !view || !isAttentive || isHeld.current) return;
    if (messages.state !== 'ready' || messages.hasNewer || !isAtEnd || !hasNews) return;
    client.markRead(view.channel.id, view.head);
  }, [client, view, threadSeq, isAttentive, messages, isAtEnd, hasNews]);

  return { newAfter };
}
