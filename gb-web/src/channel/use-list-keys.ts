import type { Virtualizer } from '@tanstack/react-virtual';
import { type FocusEvent, type KeyboardEvent, type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { isTyping } from '../app/use-global-shortcuts.ts';
import type { MessageActions } from './message-actions.ts';
import type { Item } from './message-list.tsx';

/** Opens the emoji picker of the message that has the focus; its toolbar listens. */
export const reactEvent = 'gb:react';

/**
 * Walking through the list with j, k or the arrows, and one key for each thing to do. The focus moves to the message
 * itself, so a screen reader reads it.
 */
export function useListKeys({
  items,
  virtualizer,
  scroller,
  first,
  last,
  actions,
  toLatest,
}: {
  items: readonly Item[];
  virtualizer: Virtualizer<HTMLDivElement, Element>;
  scroller: RefObject<HTMLDivElement | null>;
  first: number;
  last: number;
  actions: MessageActions;
  toLatest: () => Promise<void>;
}) {
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const wantsFocus = useRef(false);

  // The row may be drawn only after the list scrolled to it, so the focus follows when it is there.
  useEffect(() => {
    if (activeKey === null || !wantsFocus.current) return;
    const row = scroller.current?.querySelector<HTMLElement>('[data-active="true"]');
    if (!row) return;
    wantsFocus.current = false;
    row.focus({ preventScroll: true });
  });

  const activate = useCallback(
    (index: number) => {
      const item = items[index];
      if (!item) return;
      wantsFocus.current = true;
      setActiveKey(item.key);
      virtualizer.scrollToIndex(index, { align: 'auto' });
    },
    [items, virtualizer],
  );

  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      const at = items.findIndex((item) => item.key === activeKey);
      const item = items[at];
      const message = item?.kind === 'message' && item.message.deletedAt === null ? item.message : null;
      const isOnRow =
        event.target instanceof HTMLElement && (event.target === scroller.current || event.target.dataset['active'] === 'true');
      const move = (by: 1 | -1): void => {
        let next = at < 0 ? (by < 0 ? last + 1 : first - 1) : at;
        do next += by;
        while (items[next] && items[next]!.kind !== 'message' && items[next]!.kind !== 'pending');
        if (items[next]) activate(next);
      };
      const does = (): boolean => {
        switch (event.key) {
          case 'j':
            move(1);
            return true;
          case 'k':
            move(-1);
            return true;
          case 'ArrowDown':
            if (isOnRow) move(1);
            return isOnRow;
          case 'ArrowUp':
            if (isOnRow) move(-1);
            return isOnRow;
          case 'End':
            setActiveKey(null);
            void toLatest();
            return true;
          case 'Escape':
            setActiveKey(null);
            scroller.current?.focus();
            return activeKey !== null;
        }
        if (!message) return false;
        switch (event.key) {
          case 'r':
            if (actions.canPost) actions.quote(message);
            return true;
          case 't':
            if (!actions.isThread) actions.openThread(message.seq);
            return true;
          case 'e':
            if (actions.canEdit(message)) actions.startEdit(message.seq);
            return true;
          case 'c':
            actions.copyLink(message);
            return true;
          case 'u':
            actions.markUnread(message);
            return true;
          case '+':
            scroller.current?.querySelector('[data-active="true"]')?.dispatchEvent(new CustomEvent(reactEvent));
            return true;
          case 'Delete':
            if (actions.canDelete(message)) actions.remove(message);
            return true;
          default:
            return false;
        }
      };
      if (does()) event.preventDefault();
    },
    [items, activeKey, first, last, actions, activate, scroller, toLatest],
  );

  // A menu or picker of the message keeps it active while the focus is in there, and gets the focus back.
  const onBlur = useCallback((event: FocusEvent) => {
    const to = event.relatedTarget;
    if (to instanceof HTMLElement && !event.currentTarget.contains(to) && !to.closest('.popover')) setActiveKey(null);
  }, []);

  return { activeKey, setActiveKey, onKeyDown, onBlur };
}
