import { useEffect } from 'react';
import type { Overlay } from '../switcher/command-context.ts';
import { useClient } from './client-context.tsx';
import { currentRoute, navigate, toChannel } from './router.ts';
import { sideBarOrder } from './side-bar-order.ts';

/** Keys that work everywhere in the workspace. Those of the message list are with the list. */
export function useGlobalShortcuts(open: (overlay: Overlay | null) => void): void {
  const client = useClient();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        open('switcher');
        return;
      }
      if (event.altKey && !event.ctrlKey && !event.metaKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
        event.preventDefault();
        step(event.key === 'ArrowUp' ? -1 : 1, event.shiftKey);
        return;
      }
      if (event.key === '?' && !isTyping(event.target)) {
        event.preventDefault();
        open('shortcuts');
      }
    };
    const step = (by: -1 | 1, onlyUnread: boolean): void => {
      const ids = sideBarOrder(client).filter((view) => !onlyUnread || view.unread > 0 || view.mentions > 0);
      if (ids.length === 0) return;
      const route = currentRoute();
      const all = sideBarOrder(client);
      const here = route.screen === 'channel' ? all.findIndex(({ channel }) => channel.id === route.channelId) : -1;
      for (let i = 1; i <= all.length; i++) {
        const view = all[(here + by * i + all.length * 2) % all.length]!;
        if (ids.includes(view)) {
          navigate(toChannel(view.channel.id));
          return;
        }
      }
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [client, open]);
}

/** Whether keys that go to `target` write something. Of the code editor the page sees only what its shadow root hangs on. */
export function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLElement && target.shadowRoot?.activeElement) return isTyping(target.shadowRoot.activeElement);
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}
