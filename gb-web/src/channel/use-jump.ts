import type { Virtualizer } from '@tanstack/react-virtual';
import type { ChannelId, Seq } from 'gb-protocol';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useClient } from '../app/client-context.tsx';
import { navigate, toChannel, useRoute } from '../app/router.ts';
import { showToast } from '../app/toasts.tsx';
import { useT } from '../i18n/index.ts';
import type { Item } from './message-list.tsx';

const highlightMs = 2_500;

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
    setHighlighted(wanted);
    setWanted(null);
  }, [wanted, isReady, virtualizer, onJump]);

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
