import { useVirtualizer } from '@tanstack/react-virtual';
import type { OutgoingMessage } from 'gb-client';
import type { ChannelId, Message, Seq } from 'gb-protocol';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useChannel, useClient, useMe, useMessages, useStreaming } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { useIsAttentive } from '../app/use-attention.ts';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { useT } from '../i18n/index.ts';
import { arrange, keyOfMessage, type ListItem } from '../lib/message-items.ts';
import { attachmentsHeight } from '../lib/picture-box.ts';
import { ListItemView } from './list-item.tsx';
import { type MessageActions, MessageActionsContext } from './message-actions.ts';
import { MessagesSkeleton } from './messages-skeleton.tsx';
import { useAnnounceNews } from './use-announce-news.ts';
import { useJump } from './use-jump.ts';
import { useListKeys } from './use-list-keys.ts';
import { useReading } from './use-reading.ts';
import { useStickyEnd } from './use-sticky-end.ts';

export type Item = ListItem<OutgoingMessage>;

export interface MessageListProps {
  readonly channelId: ChannelId;
  readonly threadSeq: Seq | null;
  readonly jumpTo: Seq | null;
  readonly actions: MessageActions;
  readonly editing: Seq | null;
  readonly label: string;
  /** Drawn above the first message of all. */
  readonly beginning: ReactNode;
}

const loadAhead = 12;

/**
 * The log of a channel or a thread. Only what is near the screen is in the page; the list holds its place when older or
 * newer messages load, follows the newest while one is at the end, and otherwise stays put and counts what came.
 */
export function MessageList({ channelId, threadSeq, jumpTo, actions, editing, label, beginning }: MessageListProps) {
  const client = useClient();
  const me = useMe();
  const t = useT();
  const view = useChannel(channelId);
  const messages = useMessages(channelId, threadSeq);
  const growing = useStreaming(channelId, threadSeq);
  const scroller = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const isAttentive = useIsAttentive();
  const isReady = messages.state === 'ready' || messages.messages.length > 0;
  const { newAfter } = useReading({ view, messages, threadSeq, isAtEnd, isAttentive });

  useEffect(() => {
    if (jumpTo === null && messages.state === 'absent') void client.open(channelId, threadSeq);
  }, [client, channelId, threadSeq, jumpTo, messages.state]);

  const [heads] = useState(() => new Set<string>());
  const items = useMemo((): Item[] => {
    const head = messages.messages[0];
    if (head && messages.hasOlder) heads.add(keyOfMessage(head.authorId, head.clientId));
    return arrange({
      messages: messages.messages,
      pending: messages.hasNewer ? [] : messages.outgoing,
      growing: messages.hasNewer ? [] : growing,
      myId: me.id,
      newAfter,
      isBeginning: isReady && !messages.hasOlder,
      heads,
    });
  }, [messages, growing, me.id, newAfter, isReady, heads]);

  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    // New functions for new items: the list compares old and new keys to hold its place.
    getItemKey: useCallback((index: number) => items[index]?.key ?? index, [items]),
    estimateSize: useCallback((index: number) => estimateHeight(items[index]), [items]),
    overscan: 8,
    paddingEnd: 12,
    anchorTo: 'end',
    useFlushSync: false,
  });
  const rows = virtualizer.getVirtualItems();
  const first = rows[0]?.index ?? 0;
  const last = rows.at(-1)?.index ?? 0;

  const leaveEnd = useCallback(() => setAtEnd(false), []);
  const { highlighted, jump } = useJump({ channelId, threadSeq, jumpTo, items, virtualizer, isReady, onJump: leaveEnd });

  // The first look: at the new line when there is one, else at the newest message.
  const hasStarted = useRef(false);
  useLayoutEffect(() => {
    if (hasStarted.current || items.length === 0 || !isReady) return;
    hasStarted.current = true;
    if (jumpTo !== null) {
      setAtEnd(false);
      return;
    }
    const line = items.findIndex((item) => item.kind === 'new');
    if (line > 0 && items.length - line > 12) {
      setAtEnd(false);
      virtualizer.scrollToIndex(line - 1, { align: 'start' });
    } else virtualizer.scrollToEnd();
  }, [items, isReady, jumpTo, virtualizer]);

  useEffect(() => {
    if (!isReady || messages.error) return;
    if (messages.hasOlder && !messages.isLoadingOlder && first < loadAhead) void client.loadOlder(channelId, threadSeq);
    if (messages.hasNewer && !messages.isLoadingNewer && last > items.length - loadAhead)
      void client.loadNewer(channelId, threadSeq);
  }, [client, channelId, threadSeq, messages, isReady, first, last, items.length]);

  // A full window is trimmed at the end farther from what is looked at, so the client is told what that is.
  const middle = items[Math.floor((first + last) / 2)];
  const anchor = isAtEnd ? null : middle?.kind === 'message' ? middle.message.seq : undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: loading a page moves the client's idea of it
  useEffect(() => {
    if (anchor !== undefined) client.setAnchor(channelId, anchor, threadSeq);
  }, [client, channelId, threadSeq, anchor, messages]);

  const { onScroll, holdEnd } = useStickyEnd(scroller, setAtEnd);
  const totalSize = virtualizer.getTotalSize();
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever changed the height, the end stays in sight
  useLayoutEffect(() => {
    if (hasStarted.current && isAtEnd && !messages.hasNewer) holdEnd();
  }, [items, totalSize, isAtEnd, messages.hasNewer, holdEnd]);

  // A growing composer or a phone's keyboard takes room from below: the newest message moves up with it.
  const holds = isAtEnd && !messages.hasNewer;
  useEffect(() => {
    const element = scroller.current;
    if (!element || !holds) return;
    const observer = new ResizeObserver(() => hasStarted.current && holdEnd());
    observer.observe(element);
    return () => observer.disconnect();
  }, [holds, holdEnd]);

  const toLatest = useCallback(async () => {
    if (client.messages(channelId, threadSeq).hasNewer) await client.jumpToLatest(channelId, threadSeq);
    setAtEnd(true);
    requestAnimationFrame(() => virtualizer.scrollToEnd());
  }, [client, channelId, threadSeq, virtualizer]);

  // Sending is a wish to see it: wherever one was reading, the list goes to the end.
  const ownLast = messages.outgoing.at(-1)?.clientId;
  const [seenOwn] = useState(() => new Set<string>(ownLast ? [ownLast] : []));
  useEffect(() => {
    if (!ownLast || seenOwn.has(ownLast)) return;
    seenOwn.add(ownLast);
    void toLatest();
  }, [ownLast, seenOwn, toLatest]);

  useAnnounceNews({ messages, isAttentive });
  const { activeKey, onKeyDown, onBlur, setActiveKey } = useListKeys({
    items,
    virtualizer,
    scroller,
    first,
    last,
    actions,
    toLatest,
  });

  const lastSeen = useRef<Seq>(0);
  const newest = messages.messages.at(-1)?.seq ?? 0;
  if (isAtEnd && !messages.hasNewer) lastSeen.current = newest;
  const newsBelow = messages.hasNewer ? (view?.unread ?? 0) : countAfter(messages.messages, lastSeen.current, me.id);
  const answerable = useMemo(() => answerableKey(items, me.id), [items, me.id]);

  return (
    <div className="messages-frame">
      <div
        ref={scroller}
        className="messages"
        role="log"
        aria-live="off"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the list is walked through with arrow keys
        tabIndex={0}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
        onBlur={onBlur}
      >
        {messages.state === 'failed' && messages.messages.length === 0 ? (
          <div className="messages-failed">
            <Notice
              tone="danger"
              action={
                <Button size="small" onPress={() => void client.open(channelId, threadSeq)}>
                  {t('common.tryAgain')}
                </Button>
              }
            >
              {t('list.failed')} {explain(messages.error, t)}
            </Notice>
          </div>
        ) : null}
        {isReady ? null : <MessagesSkeleton />}
        <MessageActionsContext value={actions}>
          <div className="messages-size" style={{ height: totalSize }}>
            {rows.map((row) => {
              const item = items[row.index];
              if (!item) return null;
              return (
                <div
                  key={row.key}
                  ref={virtualizer.measureElement}
                  data-index={row.index}
                  className="messages-item"
                  style={{ transform: `translateY(${row.start}px)` }}
                >
                  <ListItemView
                    item={item}
                    isActive={item.key === activeKey}
                    isHighlighted={item.kind === 'message' && item.message.seq === highlighted}
                    isEditing={item.kind === 'message' && item.message.seq === editing}
                    isAnswerable={item.key === answerable}
                    beginning={beginning}
                    onActivate={setActiveKey}
                  />
                </div>
              );
            })}
          </div>
        </MessageActionsContext>
      </div>
      {isReady && newAfter !== null && messages.hasOlder && (messages.messages[0]?.seq ?? 0) > newAfter ? (
        <button type="button" className="to-first" onClick={() => jump(newAfter)}>
          <ArrowUp size={16} aria-hidden />
          {t('list.toFirstUnread')}
        </button>
      ) : null}
      {isReady && (!isAtEnd || messages.hasNewer) ? (
        <button type="button" className="to-latest" onClick={() => void toLatest()}>
          <ArrowDown size={16} aria-hidden />
          {newsBelow > 0 ? t('list.newBelow', { count: newsBelow }) : t('list.toLatest')}
        </button>
      ) : null}
    </div>
  );
}

function countAfter(messages: readonly Message[], seq: Seq, myId: string): number {
  let count = 0;
  for (let i = messages.length - 1; i >= 0 && messages[i]!.seq > seq; i--) if (messages[i]!.authorId !== myId) count += 1;
  return count;
}

/** Only the latest offer of quick answers is open, and only until it was answered. */
function answerableKey(items: readonly Item[], myId: string): string | null {
  for (let i = items.length - 1; i >= 0; i--) {
    const item = items[i]!;
    if (item.kind === 'pending') return null;
    if (item.kind !== 'message') continue;
    if (item.message.authorId === myId) return null;
    if (item.message.suggestions.length > 0) return item.key;
  }
  return null;
}

const charactersPerLine = 90;

/** A guess that is close keeps the scroll bar calm; the true height is measured when the row is drawn. */
function estimateHeight(item: Item | undefined): number {
  if (!item) return 40;
  if (item.kind === 'day') return 40;
  if (item.kind === 'new') return 24;
  if (item.kind === 'beginning') return 176;
  const said = item.kind === 'message' ? item.message : item.kind === 'pending' ? item.pending : item.growing;
  const { text } = said;
  let lines = 0;
  for (const line of text.slice(0, 4_000).split('\n')) lines += Math.max(1, Math.ceil(line.length / charactersPerLine));
  const extras =
    item.kind === 'message'
      ? (item.message.reactions.length > 0 ? 32 : 0) + (item.message.thread ? 32 : 0) + partsHeight(item.message)
      : 0;
  return (
    Math.min(lines, 22) * 22 +
    (item.isFirst ? 32 : 6) +
    attachmentsHeight('attachments' in said ? said.attachments : undefined) +
    extras
  );
}

function partsHeight({ card, form }: Message): number {
  const ofCard = card ? 56 + (card.text ? 44 : 0) + (card.facts?.length ?? 0) * 26 + (card.buttons ? 48 : 0) : 0;
  return ofCard + (form ? 110 + form.fields.length * 76 : 0);
}
