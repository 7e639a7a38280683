import type { Virtualizer } from '@tanstack/react-virtual';
import type { ChannelId, Seq } from 'gb-protocol';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useClient } from '../app/client-context.tsx';
import { navigate, toChannel, useRoute } from '../app/router.ts';
import { showToast } from '../app/toasts.tsx';
import { useT } from '../i18n/index.ts';
import type { Item } from './message-list.tsx';

const highlightMs = 2_500;
/** How long after a jump older or newer pages are taken for part of it. */
const landingMs = 1_000;

/** Follows an address with a message in it: loads around it, shows it in the middle, lights it up for a moment. */
export function useJump({
  channelId,
  threadSeq,
  jumpTo,
  items,
  virtualizer,
  isReady,
  onJump,
}: {
  channelId: ChannelId;
  threadSeq: Seq | null;
  jumpTo: Seq | null;
  items: readonly Item[];
  virtualizer: Virtualizer<HTMLDivElement, Element>;
  isReady: boolean;
  onJump: () => void;
}): { readonly highlighted: Seq | null; readonly jump: (seq: Seq) => void } {
  const client = useClient();
  const t = useT();
  const route = useRoute();
  const [highlighted, setHighlighted] = useState<Seq | null>(null);
  const [wanted, setWanted] = useState<Seq | null>(null);
  const latest = useRef(items);
  latest.current = items;
  const landing = useRef<{ readonly seq: Seq; readonly index: number; readonly untilMs: number } | null>(null);

  // The route object is new for every step, also when the same address is asked for again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new step to the same address is a new wish
  useEffect(() => {
    if (jumpTo === null) return;
    let isCurrent = true;
    void client.jumpTo(channelId, jumpTo, threadSeq).then(async () => {
      if (!isCurrent) return;
      if (client.messages(channelId, threadSeq).messages.some(({ seq }) => seq === jumpTo)) {
        setWanted(jumpTo);
        return;
      }
      try {
        const { message } = await client.rest.message(channelId, jumpTo);
        if (isCurrent && message.threadSeq !== null && threadSeq === null) {
          navigate(toChannel(channelId, { pane: { kind: 'thread', seq: message.threadSeq } }), { replace: true });
        }
      } catch {
        if (isCurrent) showToast(t('list.noSuchMessage'));
      }
    });
    return () => {
      isCurrent = false;
    };
  }, [client, channelId, threadSeq, jumpTo, route, t]);

  useEffect(() => {
    if (wanted === null || !isReady) return;
    const index = latest.current.findIndex((item) => item.kind === 'message' && item.message.seq === wanted);
    if (index < 0) return;
    onJump();
    virtualizer.scrollToIndex(index, { align: 'center' });
    landing.current = { seq: wanted, index, untilMs: performance.now() + landingMs };
    setHighlighted(wanted);
    setWanted(null);
  }, [wanted, isReady, virtualizer, onJump]);

  // The list is on its way to a place in it, not to a message. Pages that come meanwhile move the message elsewhere.
  useLayoutEffect(() => {
    const to = landing.current;
    if (!to || performance.now() > to.untilMs) return;
    const index = items.findIndex((item) => item.kind === 'message' && item.message.seq === to.seq);
    if (index < 0 || index === to.index) return;
    landing.current = { ...to, index };
    virtualizer.scrollToIndex(index, { align: 'center' });
  }, [items, virtualizer]);

  useEffect(() => {
    if (highlighted === null) return;
    const timer = setTimeout(() => setHighlighted(null), highlightMs);
    return () => clearTimeout(timer);
  }, [highlighted]);

  /** To a message whose number may be that of another entry of the log: the nearest one before it will do. */
  const jump = useCallback(
    (seq: Seq) => {
      void client.jumpTo(channelId, Math.max(1, seq), threadSeq).then(() => {
        const { messages } = client.messages(channelId, threadSeq);
        const target = messages.findLast((message) => message.seq <= seq) ?? messages[0];
        if (target) setWanted(target.seq);
      });
    },
    [client, channelId, threadSeq],
  );

  return { highlighted, jump };
}
